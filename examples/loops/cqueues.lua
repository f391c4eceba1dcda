-- Twenty calls at once inside a cqueues controller, while a coroutine of yours keeps its beat.
-- Needs cqueues (lua-cqueues) and the ONELOGIN_ settings of a tenant, or of `onelogin sandbox`.
local cqueues = require "cqueues"
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"

local ol = onelogin.new {}
local pool = tasks.pool()
local cq = cqueues.new()
local loop = require("onelogin.loops.cqueues")(pool, cq)

local beats, done = 0, false
cq:wrap(function()
  while not done do
    cqueues.sleep(0.01)
    beats = beats + 1
  end
end)

pool:spawn(function()
  local users = assert(ol.users:list { limit = 20 })
  local names = tasks.map(users, function(user) return assert(ol.users:get(user.id)).username end, { limit = 20 })
  print(#names .. " users, first " .. names[1] .. ", beats " .. beats)
  done = true
  loop.close()
end)

assert(cq:loop())

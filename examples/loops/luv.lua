-- Twenty calls at once inside libuv's loop, while a timer of yours keeps its beat.
-- Needs luv (lua-luv) and the ONELOGIN_ settings of a tenant, or of `onelogin sandbox`.
local uv = require "luv"
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"

local ol = onelogin.new {}
local pool = tasks.pool()
local loop = require("onelogin.loops.luv")(pool, uv)

local beats = 0
local clock = uv.new_timer()
clock:start(10, 10, function() beats = beats + 1 end)

pool:spawn(function()
  local users = assert(ol.users:list { limit = 20 })
  local names = tasks.map(users, function(user) return assert(ol.users:get(user.id)).username end, { limit = 20 })
  print(#names .. " users, first " .. names[1] .. ", beats " .. beats)
  clock:close()
  loop.close()
end)

uv.run()

-- Twenty calls at once in a loop of your own, which does its own work every ten milliseconds.
-- Needs LuaSocket and the ONELOGIN_ settings of a tenant, or of `onelogin sandbox`.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"

local ol = onelogin.new {}
local pool = tasks.pool()
local loop = require("onelogin.loops.poll")(pool)

local beats, done = 0, false
pool:spawn(function()
  local users = assert(ol.users:list { limit = 20 })
  local names = tasks.map(users, function(user) return assert(ol.users:get(user.id)).username end, { limit = 20 })
  print(#names .. " users, first " .. names[1] .. ", beats " .. beats)
  done = true
end)

local next_beat = ol.clock.mono()
while not done do
  local now = ol.clock.mono()
  if now >= next_beat then
    beats, next_beat = beats + 1, now + 0.01
  end
  loop.wait(math.max(0, next_beat - now))
end

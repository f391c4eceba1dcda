-- Twenty calls at once inside a Prosody server, while a timer of the server keeps its beat: prosody.cfg.lua loads it.
-- Needs the ONELOGIN_ settings of a tenant, or of `onelogin sandbox`, in the environment.
-- luacheck: globals module
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"

local ol = onelogin.new {}
local pool = tasks.pool { on_error = function(problem, traceback)
  module:log("error", "%s\n%s", tostring(problem), traceback or "")
end }
local loop = require "onelogin.loops.prosody"(pool)

local beats = 0
local counting = true
module:add_timer(0.01, function()
  beats = beats + 1
  return counting and 0.01 or nil
end)

pool:spawn(function()
  local users = assert(ol.users:list { limit = 20 })
  local names = tasks.map(users, function(user) return assert(ol.users:get(user.id)).username end, { limit = 20 })
  module:log("info", "%d users, first %s, beats %d", #names, names[1], beats)
  counting = false
end)

function module.unload()
  loop.close()
  pool:close()
end

-- loops/copas.lua - an engine or a pool of tasks beside copas (Lua 5.1, LuaJIT; every version of copas).
--
--   local handle = require("onelogin.loops.copas")(pool)      then handle.step() instead of copas.step()
--
-- copas waits for sockets of LuaSocket only, so while transfers run it is asked for no longer than a few milliseconds.

local require = require

return function(driven, copas)
  copas = copas or require "copas"
  local handle = { pause = 0.005 }

  -- One step of both; blocks for at most `seconds`.  Answers what copas.step answers.
  function handle.step(seconds)
    driven:tick()
    local due = driven:timeout()
    if driven:running() > 0 then seconds = math.min(seconds or handle.pause, due or handle.pause, handle.pause) end
    local moved = copas.step(seconds)
    driven:tick()
    return moved
  end

  -- Until finished() is true.
  function handle.loop(finished)
    while not finished() do handle.step() end
  end

  return handle
end

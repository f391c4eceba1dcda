-- loops/copas.lua - an engine or a pool of tasks beside copas (Lua 5.1, LuaJIT).
--
--   local handle = require("onelogin.loops.copas")(pool)      then handle.step() instead of copas.step()
--
-- copas waits for what looks like a socket of LuaSocket: each of the engine's is a table that knows its number, and a
-- copas thread that reads (writes) it and never gets anything.
local require = require

local SAFE = 0.1 -- no wait is longer while there are sockets

return function(driven, copas)
  copas = copas or require "copas"
  local handle, watchers, problem = {}, { r = {}, w = {} }, nil

  -- One more that waits for `events` of the socket one.fd; -1 is none: copas has no way to take one out.
  local function watcher(events)
    local begun, one = false, { fd = -1, close = function() end }
    local function moved()
      if begun and one.fd >= 0 then
        local ok, why = pcall(driven.step, driven, one.fd, events)
        if not ok then problem = why end
      end
      begun = true
      return nil, "timeout", 0
    end
    function one.getfd() return one.fd end
    one.receive, one.send = moved, moved
    copas.addthread(function() return copas[events == "r" and "receive" or "send"](one, " ") end)
    return one
  end

  local function watch(fds, events)
    local list, n = watchers[events], 0
    for fd, wanted in pairs(fds) do
      if wanted:find(events, 1, true) then
        n = n + 1
        list[n] = list[n] or watcher(events)
        list[n].fd = fd
      end
    end
    for i = n + 1, #list do list[i].fd = -1 end
  end

  -- One step of both; blocks for at most `seconds`.  Answers what copas.step answers.
  function handle.step(seconds)
    local fds, due = driven:fds(), driven:timeout()
    problem = nil
    for events in pairs(watchers) do watch(fds, events) end
    if next(fds) then seconds = math.min(seconds or SAFE, SAFE) end
    local moved = copas.step(due and math.min(seconds or due, due) or seconds)
    for events in pairs(watchers) do watch({}, events) end -- a number may be another socket after this
    driven:step()
    if problem then error(problem, 0) end
    return moved
  end

  function handle.loop(finished) while not finished() do handle.step() end end -- until finished() is true
  return handle
end

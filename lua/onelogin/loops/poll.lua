-- loops/poll.lua - an engine or a pool of tasks in a loop of your own, which waits with LuaSocket's select.
--
--   local handle = require("onelogin.loops.poll")(pool)      then handle.wait(seconds) once a round
--
-- Your own sockets can be waited for in the same call: readable, writable = handle.wait(seconds, readers, writers).

local require = require

return function(driven)
  local socket = require "socket"
  local handle = {}

  -- What select takes for a socket.
  local function watched(fd)
    return { getfd = function() return fd end, fd = fd }
  end

  local function with(list, more)
    for i = 1, #(more or {}) do list[#list + 1] = more[i] end
    return list
  end

  -- Waits at most `seconds` for whatever comes first and carries it out.  Answers which of your sockets are ready.
  function handle.wait(seconds, readers, writers)
    local reads, writes = {}, {}
    for fd, events in pairs(driven:fds()) do
      local one = watched(fd)
      if events:find("r", 1, true) then reads[#reads + 1] = one end
      if events:find("w", 1, true) then writes[#writes + 1] = one end
    end
    local due = driven:timeout()
    if due and (not seconds or due < seconds) then seconds = due end
    local readable, writable = socket.select(with(reads, readers), with(writes, writers), seconds)
    local moved
    local function sort(list, events)
      local own = {}
      for _, one in ipairs(list) do
        if type(one) == "table" and one.fd then
          moved = true
          driven:step(one.fd, events)
        else
          own[#own + 1] = one
        end
      end
      return own
    end
    readable, writable = sort(readable, "r"), sort(writable, "w")
    if not moved then driven:step() end
    return readable, writable
  end

  return handle
end

-- loops/luv.lua - an engine or a pool of tasks inside libuv's loop.
--
--   local handle = require("onelogin.loops.luv")(pool)      then pool:spawn(...) and uv.run()
--
-- handle:close() takes it out again; handle:update() after engine:start (a pool says by itself when it has news).

local require = require

return function(driven, uv)
  uv = uv or require "luv"
  local polls, timer, handle, closed = {}, uv.new_timer(), {}, false
  local update

  local function step(fd, events)
    driven:step(fd, events)
    if not closed then update() end
  end

  function update()
    local want = driven:fds()
    for fd, poll in pairs(polls) do
      if not want[fd] then
        poll:stop()
        poll:close()
        polls[fd] = nil
      end
    end
    for fd, events in pairs(want) do
      local poll = polls[fd] or uv.new_poll(fd)
      polls[fd] = poll
      poll:stop() -- the number may be another socket by now: it is registered anew
      poll:start(events, function(err, moved) step(fd, err and "e" or moved) end)
    end
    local seconds = driven:timeout()
    if seconds then
      timer:start(math.ceil(seconds * 1000), 0, function() step() end)
    else
      timer:stop()
    end
  end
  handle.update = function() timer:start(0, 0, function() step() end) end

  function handle.close()
    if closed then return end
    closed = true
    if driven.attach then driven:attach(nil) end
    for _, poll in pairs(polls) do
      poll:stop()
      poll:close()
    end
    timer:stop()
    timer:close()
  end

  if driven.attach then driven:attach(handle.update) end
  handle.update()
  return handle
end

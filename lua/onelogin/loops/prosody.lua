-- loops/prosody.lua - an engine or a pool of tasks inside Prosody's loop, for its modules.
--
--   local handle = require("onelogin.loops.prosody")(pool)      then pool:spawn(...)
--
-- handle:close() takes it out again (module.unload); handle:update() after engine:start (a pool says by itself when it
-- has news).

local require = require

return function(driven)
  local watchfd, timer = require("net.server").watchfd, require "util.timer"
  local watchers, handle, closed, due, step = {}, {}, false, nil, nil

  local function wake(seconds)
    if due then timer.stop(due) end
    due = seconds and timer.add_task(seconds, function()
      due = nil
      step()
    end)
  end

  local function watch()
    for fd, events in pairs(driven:fds()) do
      local watcher = watchfd(fd, function() step(fd, "r") end, function() step(fd, "w") end)
      watcher:setflags(events:find("r", 1, true) ~= nil, events:find("w", 1, true) ~= nil)
      watchers[#watchers + 1] = watcher
    end
    wake(driven:timeout())
  end

  -- Nothing stays watched during a step, which may close sockets: one that is closed already cannot be taken out of
  -- Prosody's list any more, which has to be empty before the server quits.
  local function unwatch()
    for _, watcher in ipairs(watchers) do watcher:close() end
    watchers = {}
  end

  function step(fd, events)
    if closed then return end
    unwatch()
    local ok, problem = pcall(driven.step, driven, fd, events)
    if not closed then watch() end
    if not ok then error(problem, 0) end
  end

  function handle.update() if not closed then wake(0) end end

  function handle.close()
    closed = true
    if driven.attach then driven:attach(nil) end
    unwatch()
    wake(nil)
  end

  if driven.attach then driven:attach(handle.update) end
  handle.update()
  return handle
end

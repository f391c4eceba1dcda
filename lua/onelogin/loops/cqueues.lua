-- loops/cqueues.lua - an engine or a pool of tasks inside a cqueues controller.
--
--   local handle = require("onelogin.loops.cqueues")(pool, cq)      then pool:spawn(...) and cq:loop()
--
-- The controller does not run out of work before handle:close(); handle:update() after engine:start.

local require = require

local unpack = table.unpack or unpack -- luacheck: ignore 113

return function(driven, cq)
  local cqueues = require "cqueues"
  local news, handle, closed = require("cqueues.condition").new(), {}, false

  function handle.update() news:signal() end

  function handle.close()
    closed = true
    if driven.attach then driven:attach(nil) end
    news:signal()
  end

  local function turn()
    local waits = { news }
    for fd, events in pairs(driven:fds()) do waits[#waits + 1] = { pollfd = fd, events = events } end
    local n = #waits
    waits[n + 1] = driven:timeout()
    local ready = { cqueues.poll(unpack(waits)) }
    for i = 2, n do cqueues.cancel(waits[i].pollfd) end -- a number may be another socket after the next step
    if closed then return end
    local moved
    for _, what in ipairs(ready) do
      if type(what) == "table" and what.pollfd then
        moved = true
        driven:step(what.pollfd, what.events)
      end
    end
    if not moved then driven:step() end
  end

  if driven.attach then driven:attach(handle.update) end
  cq:wrap(function()
    while not closed do turn() end
  end)
  return handle
end

-- run: luajit plain
-- How often the driver inside nginx looks at an engine, with a clock and an nginx that only pretend.
local child = require "spec.support.child"

local PROGRAM = [[
  package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
  local core = require "onelogin.core"
  local now, running, driver, steps = 100, 0, nil, {}
  core.clock.mono = function() return now end
  package.preload["ngx.semaphore"] = function()
    local bell
    return { new = function()
      local self = { post = function() end, count = function() return 0 end }
      bell = bell or self -- the driver's is made first
      function self:wait(seconds)
        if self ~= bell then return nil, "timeout" end
        io.write(("%.3f "):format(seconds))
        table.remove(steps, 1)()
        return nil, "timeout"
      end
      return self
    end }
  end
  ngx = { get_phase = function() return "content" end, timer = { at = function(_, fn)
    driver = fn
    return true
  end } }
  local drive = require "onelogin.drive"
  require "onelogin.nginx"
  local engine = { tick = function() return running, 0 end }
  local function rest() drive.rest(engine, 1) end -- as a pool of tasks does
  steps = {
    function() now = now + 1 end,
    rest, -- a task's pause is over, nothing has begun
    function()
      running = 2
      rest()
    end,
    function() running = 0 end,
  }
  running = 1
  rest()
  driver()
]]

describe("nginx's driver", function()
  it("looks often once a task has begun a transfer, and less the longer nothing happens", function()
    assert.equal("0.001 0.010 0.010 0.001 ", child.run(PROGRAM))
  end)
end)

-- run: lua5.4 lua5.3 lua5.1 luajit plain
-- examples/game-loop.lua on the sandbox in its process, and on one behind real sockets.
local child = require "spec.support.child"
local sandbox_server = require "spec.support.sandbox_server"

local function play(environment)
  return child.capture(("env %s %s LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/?.so;;' %s "
    .. "examples/game-loop.lua akua 2>&1"):format(child.preload(), environment or "", child.build, child.lua))
end

local function check(text)
  assert.matches("approve the push on your telephone", text)
  local frame = tonumber(text:match("frame +(%d+): welcome, Akua; crew of 8, complete\n%d+ frames$"))
  assert.is_truthy(frame, text)
  return frame
end

describe("the game loop", function()
  it("signs in and fetches while frames go on, in virtual time", function()
    check(play())
  end)

  it("draws more frames than it makes requests when answers take time", function()
    local box = sandbox_server.start("--users 20 --latency 0.1")
    sandbox_server.control(box, "POST", "push", { user = "akua", how = "approve" })
    local text = play(("ONELOGIN_BASE_URL=%s ONELOGIN_CLIENT_ID=%s ONELOGIN_CLIENT_SECRET=%s"):format(box.http_url,
      box.client_id, box.client_secret))
    local _, journal = sandbox_server.control(box, "GET", "journal")
    box.stop()
    -- had each request stopped the loop, there would be one frame for it at most
    assert.is_true(check(text) > 2 * #journal, text)
    assert.is_true(#journal > 10)
  end)
end)

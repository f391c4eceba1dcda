-- run: lua5.4 plain
-- The example module inside a real Prosody server, which is no root and listens nowhere, with the sandbox behind it.
local child = require "spec.support.child"
local sandbox_server = require "spec.support.sandbox_server"
local socket = require "socket"

local box, folder

-- The server with the example as it is; what it may not be able to read where it lies is copied into its folder.
local function start()
  folder = child.folder()
  local as = ""
  os.execute(("cp -r lua examples/loops/prosody %s/onelogin %s && mkdir %s/data"):format(child.build, folder, folder))
  if child.capture("id -u") == "0" then
    as = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    os.execute("chown -R 65534:65534 " .. folder)
  end
  local settings = ("HOME=F/data LUA_PATH='F/lua/?.lua;F/lua/?/init.lua;;' LUA_CPATH='F/?.so;;' "
    .. "ONELOGIN_MODULES=F/prosody ONELOGIN_DATA=F/data"):gsub("F/", folder .. "/")
  return child.start(("env %s ONELOGIN_BASE_URL=%s ONELOGIN_CLIENT_ID=%s ONELOGIN_CLIENT_SECRET=%s %s "
    .. "prosody -F --config %s/prosody/prosody.cfg.lua 2>&1"):format(settings, box.http_url,
    child.quote(box.client_id), child.quote(box.client_secret), as, folder))
end

-- Reads what the server says until a line holds `pattern`: its captures, and all that was said.
local function said(process, pattern)
  local all = {}
  for line in process.line do
    all[#all + 1] = line
    local first, second = line:match(pattern)
    if first then return first, second, table.concat(all, "\n") end
  end
  error("Prosody ended without saying so:\n" .. table.concat(all, "\n"))
end

-- When the calls of an operation came, in seconds of the hour.
local function times(operation)
  local _, journal = sandbox_server.control(box, "GET", "journal")
  local list = {}
  for _, entry in ipairs(journal) do
    if entry.operation == operation then
      assert.equal(200, entry.status)
      local minutes, seconds = entry.at:match(":(%d+):([%d.]+)Z$")
      list[#list + 1] = minutes * 60 + seconds
    end
  end
  return list
end

describe("a Prosody module", function()
  local process

  after_each(function()
    process.stop()
    box.stop()
    child.remove(folder)
  end)

  it("has twenty calls under way at once while the server's timers keep their beat", function()
    local latency = 0.5
    box = sandbox_server.start("--users 20 --latency " .. latency)
    process = start()
    local users, beats, all = said(process, "info%s+(%d+) users, first %a+, beats (%d+)$")
    assert.equal("20", users)
    assert.is_nil(all:find("Activated service", 1, true), all) -- it listens nowhere
    -- Three waits of 0.5 s.  A loop that stood still would beat a handful of times.
    assert.is_true(tonumber(beats) > 50, beats)
    assert.equal(1, #times "users.list")
    local gets = times "users.get"
    assert.equal(20, #gets)
    -- The last call was there before the first was answered.
    assert.is_true((gets[20] - gets[1]) % 3600 < latency, gets[20] - gets[1])
  end)

  -- With the first call, for a token, under way.
  local function begun()
    box = sandbox_server.start "--users 20 --latency 60"
    process = start()
    said(process, "(Prosody is using the epoll backend)")
    while #times "oauth.generate_tokens" == 0 do socket.sleep(0.01) end
  end

  local function quits()
    os.execute("kill " .. process.pid)
    local _, _, all = said(process, "(Shutdown complete)")
    assert.is_nil(process.line())
    return all
  end

  it("lets the server quit while calls are under way", function()
    begun()
    assert.same({}, times "users.list")
    local all = quits()
    assert.is_nil(all:lower():find("traceback", 1, true), all)
  end)

  it("is told of a connection that breaks, and the server goes on", function()
    begun()
    os.execute("kill -9 " .. box.pid)
    said(process, "(error%s+users%.list: network: )")
    quits()
  end)
end)

-- run: lua5.4 luajit plain
-- `onelogin login` on a terminal of its own: what it shows and does not show, and what state it leaves behind.
local canary = require "spec.support.canary"
local child = require "spec.support.child"
local files = require "spec.support.files"
local json = require("onelogin.core").json
local pty = require "spec.support.pty"

local program = child.lua .. " lua/onelogin/cli/onelogin.lua "
local environment = ("LUA_CPATH=%s OL_BUILD= TERM=xterm"):format(child.quote(child.build .. "/?.so;;"))

-- The program in a shell that tells the terminal's state before and after.
local function start(words, before)
  return pty.start(("trap : INT\nstty rows 40 cols 80\necho \"state $(stty -g)\"\n%s%s login %s\necho \"exit $?\"\n"
    .. "echo \"state $(stty -g)\"\n"):format(before or "", program, words), environment)
end

-- Exit status, after looking that the terminal is as it was.
local function ended(terminal)
  local text = terminal.shown() .. terminal.rest()
  local first, last = text:match("state (%S+)\r.*state (%S+)\r")
  assert.are.equal(first, last)
  return tonumber(text:match("\nexit (%d+)\r")), text
end

describe("on a terminal", function()
  it("a typed code is not shown", function()
    local terminal = start "ashley --sandbox --factor sms"
    local code = terminal.expect("give up): "):match("shows (%w+)")
    terminal.type("000000\r")
    terminal.expect "2 tries left"
    terminal.expect "give up): "
    terminal.type(code .. "\r")
    local status, text = ended(terminal)
    assert.are.equal(0, status)
    assert.is_nil(text:find("000000", 1, true))
    -- the sandbox says it each time it is asked for, and the terminal never
    assert.are.equal(2, select(2, text:gsub("shows " .. code, "")))
    assert.are.equal(2, select(2, text:gsub(code, "")))
    assert.matches("granted +true", text)
  end)

  it("a push counts down each second, and what is typed meanwhile is not shown", function()
    local terminal = start "ashley --sandbox --factor protect"
    terminal.expect "1:59"
    terminal.type("987654\r")
    terminal.expect "2 tries left"
    terminal.expect "1:58"
    local status, text = ended(terminal)
    assert.are.equal(0, status)
    assert.is_nil(text:find("987654", 1, true))
    assert.matches("2:00  waiting for OneLogin Protect\27%[K\r1:59", text)
    assert.matches("method +push", text)
  end)

  for name, case in pairs {
    ["the menu"] = { "ashley --sandbox", "Which one? [1] " },
    ["a hidden question"] = { "ashley --sandbox --factor authenticator", "give up): " },
    ["a countdown"] = { "ashley --sandbox --factor protect", "2:00" },
  } do
    it("Ctrl-C ends " .. name .. " and leaves the terminal as it was", function()
      local terminal = start(case[1])
      terminal.expect(case[2])
      terminal.type "\3"
      local status, text = ended(terminal)
      assert.are.equal(130, status)
      assert.matches("onelogin: interrupted", text)
    end)

    it("Ctrl-D ends " .. name .. " and leaves the terminal as it was", function()
      local terminal = start(case[1])
      terminal.expect(case[2])
      terminal.type "\4"
      assert.are.equal(1, (ended(terminal)))
    end)
  end

  it("Ctrl-C waits until the terminal is put right, however long that takes", function()
    local folder = child.folder()
    local real = child.capture("command -v stty")
    files.write(folder .. "/stty", ("#!/bin/sh\n[ \"$1\" = -g ] || sleep 0.5\nexec %s \"$@\"\n"):format(real))
    assert(os.execute("chmod +x " .. folder .. "/stty"))
    local terminal = start("ashley --sandbox --factor authenticator", "PATH=" .. folder .. ":$PATH\n")
    terminal.expect "give up): "
    terminal.type "\3"
    assert.are.equal(130, (ended(terminal)))
    child.remove(folder)
  end)

  it("the terminal is put right also when the program is killed while it counts", function()
    local terminal = start("ashley --sandbox --factor protect & p=$!; sleep 2; kill -9 $p; wait $p; sleep 1.5; true")
    assert.are.equal(0, (ended(terminal)))
  end)

  it("input that is piped is read, whatever the terminal", function()
    local terminal = start("ashley --sandbox", ("echo %s | "):format(canary.otp or "000000"))
    local status, text = ended(terminal)
    assert.are.equal(1, status)
    assert.is_nil(text:find("Which one", 1, true))
  end)

  it("time is real where the sandbox is served, and r sends another push", function()
    local server = child.start(("env LUA_CPATH=%s %s sandbox --json --users 5"):format(
      child.quote(child.build .. "/?.so;;"), program))
    local facts = json.decode(server.line())
    local terminal = start("ashley --factor protect", ("export ONELOGIN_BASE_URL=%s ONELOGIN_CLIENT_ID=%s "
      .. "ONELOGIN_CLIENT_SECRET=%s\n"):format(facts.http_url, facts.client_id, facts.client_secret))
    terminal.expect "1:5"
    terminal.type "r\r"
    terminal.expect "within 2:00"
    local status, text = ended(terminal)
    server.stop()
    assert.are.equal(0, status)
    assert.matches("2:00  waiting for OneLogin Protect\27%[K\r1:5%d", text)
    assert.matches("method +push", text)
  end)

  it("the example hides codes too, and leaves the terminal as it was", function()
    for _, word in ipairs { "\3", "000000\r" } do
      local terminal = pty.start("trap : INT\necho \"state $(stty -g)\"\n" .. child.lua .. " examples/login.lua\n"
        .. "echo \"exit $?\"\necho \"state $(stty -g)\"\n", environment)
      terminal.expect "Which device? [1] "
      terminal.type "2\r"
      terminal.expect "gives up): "
      terminal.type(word)
      if word ~= "\3" then
        terminal.expect "2 tries left"
        terminal.expect "gives up): "
        terminal.type "\r"
      end
      local status, text = ended(terminal)
      assert.are.equal(1, status)
      assert.is_nil((text:find("000000", 1, true)))
    end
  end)
end)

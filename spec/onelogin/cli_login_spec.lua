-- `onelogin login`: menu, hidden input, the countdown, and what is written and what is not.
local onelogin = require "onelogin"
local canary = require "spec.support.canary"
local child = require "spec.support.child"
local cli = require "spec.support.cli"
local json = require("onelogin.core").json

-- A box with Kim, who has the devices named; world.ids by type.
local function world(...)
  local box = onelogin.sandbox { users = 0 }
  local kim = box:add_user { email = "kim@acme.test", username = "kim", phone = "+15550123",
    password = canary.password }
  local devices = {}
  for _, kind in ipairs { ... } do devices[kind] = box:add_device(kim, kind) end
  return box, kim, devices
end

-- As a person at a terminal; options as for cli.run.
local function at_terminal(words, options)
  options.tty, options.env = true, options.env or { TERM = "xterm" }
  options.typed = options.typed or {}
  return cli.run(cli.words("--sandbox login " .. words), options)
end

-- From a script: nothing is a terminal.
local function in_script(words, options)
  return cli.run(cli.words("--sandbox login " .. words), options)
end

local function newest(box) return box.outbox[#box.outbox].code end

local function count(text, what)
  return select(2, text:gsub(what:gsub("%p", "%%%0"), ""))
end

describe("at a terminal", function()
  it("a menu asks which device, and Enter takes the default", function()
    local box, _, devices = world("totp", "sms", "protect")
    local r = at_terminal("kim", { box = box, answer = "", hidden = function() return box:totp(devices.totp) end })
    assert.are.equal(0, r.code)
    assert.are.equal("  1  Authenticator     the code that it shows  (default)\n  2  OneLogin SMS      a code by text "
      .. "message\n  3  OneLogin Protect  press Yes, or type its code\nWhich one? [1] ", r.asked[1])
    assert.matches("^Code of Authenticator %(not shown, o = another device, empty = give up%): $", r.asked[2])
    assert.matches("kim is signed in\n", r.err)
    assert.matches("granted +true\nmethod +code\n", r.out)
  end)

  it("one device is taken without a question", function()
    local box = world("sms")
    local r = at_terminal("kim@acme.test", { box = box, hidden = function() return newest(box) end })
    assert.are.equal(0, r.code)
    assert.are.equal(1, #r.asked)
    assert.matches("r = send a new one", r.asked[1])
    assert.is_nil(r.asked[1]:find("another device", 1, true))
  end)

  it("a wrong number is asked for again", function()
    local box, _, devices = world("totp", "sms")
    local r = at_terminal("kim", { box = box, answer = { "7", "x", "0", " 1 " },
      hidden = function() return box:totp(devices.totp) end })
    assert.are.equal(0, r.code)
    assert.are.equal("Which one, 1 to 2? [1] ", r.asked[4])
  end)

  it("r sends a new code, o takes another device", function()
    local box, _, devices = world("sms", "totp")
    local r = at_terminal("kim", { box = box, answer = { "1", "2" },
      hidden = { "r", "O", function() return box:totp(devices.totp) end } })
    assert.are.equal(0, r.code)
    assert.are.equal(2, #box.outbox)
    assert.matches("type +totp\n", r.out:gsub("authenticator", "totp"))
  end)

  it("wrong codes are counted, and the third is the last", function()
    local box = world("sms")
    local r = at_terminal("kim", { box = box, hidden = { "000000", "", "x" } })
    assert.are.equal(1, r.code)
    r = at_terminal("kim", { box = box, hidden = { "000000", "1$", "000001", "000002" } })
    assert.are.equal(3, r.code)
    assert.are.equal("", r.out)
    assert.matches("that code is wrong, 2 tries left\n.*a code has only letters and digits\n"
      .. ".*that code is wrong, 1 try left\n.*denied: the code was wrong too often\n$", r.err)
  end)

  it("an empty line or Ctrl-D gives up", function()
    for _, given in ipairs { { answer = nil }, { answer = "1", hidden = "" }, { answer = "2" },
      { answer = "3", typed = { "" } }, { answer = "3", typed = { "tick", "end" } } } do
      given.box = world("totp", "sms", "protect")
      local r = at_terminal("kim", given)
      assert.are.equal(1, r.code)
      assert.matches("cancelled\n$", r.err)
      assert.are.equal("", r.out)
      assert.are.equal(r.asked.opened, r.asked.closed)
    end
  end)

  it("a push counts down on one line, which is gone at the end", function()
    local box, kim = world("protect")
    box:on_push(kim, { "approve", after = 3 })
    local r = at_terminal("kim", { box = box })
    assert.are.equal(0, r.code)
    for _, moment in ipairs { "2:00", "1:59", "1:58" } do
      assert.are.equal(1, count(r.err, "\r" .. moment .. "  waiting for OneLogin Protect\27[K"))
    end
    assert.matches("\r\27%[K[^\r]*is signed in\n$", r.err)
    assert.is_nil(r.err:gsub("\27%[K", ""):find("\27", 1, true))
    assert.matches("method +push\n", r.out)
    assert.are.equal(1, r.asked.opened)
    assert.are.equal(1, r.asked.closed)
  end)

  it("where a line cannot be written over, or standard error is no terminal, it only says so", function()
    for _, given in ipairs { { env = { TERM = "dumb" } }, { env = {} }, { err_tty = false } } do
      given.box = world("protect")
      local r = at_terminal("kim", given)
      assert.are.equal(0, r.code)
      assert.is_nil(r.err:find("[\r\27]"))
      assert.are.equal(1, count(r.err, "answer on OneLogin Protect within 2:00\n"))
      assert.is_nil(r.asked.opened)
    end
  end)

  it("while a push is open a code may be typed, another sent, another device taken", function()
    local box, kim, devices = world("protect", "totp")
    local function silent() box:on_push(kim, "ignore") end
    local function again()
      silent()
      return "r"
    end
    silent()
    local r = at_terminal("kim", { box = box, answer = "1",
      typed = { "tick", function() return box:totp(devices.protect) end } })
    assert.are.equal(0, r.code)
    assert.matches("method +code\n", r.out)
    silent()
    r = at_terminal("kim", { box = box, answer = { "1", "2" }, hidden = function() return box:totp(devices.totp) end,
      typed = { "tick", again, "000000", "tick", "tick", "o" } })
    assert.are.equal(0, r.code)
    assert.matches("that code is wrong, 2 tries left", r.err)
    assert.matches("\ndevice\n  id .-\n  name  Authenticator\n", r.out)
  end)

  it("nothing can be typed for a call that is answered there", function()
    local box, kim = world("voice")
    box:on_push(kim, { "approve", after = 5 })
    local r = at_terminal("kim", { box = box, typed = { "123456" } })
    assert.are.equal(0, r.code)
    assert.matches("there is no code to type: answer on OneLogin Voice", r.err)
  end)

  it("a refusal is denied, and nobody at the telephone a timeout, after which a code will do", function()
    local box, kim, devices = world("protect")
    box:on_push(kim, "deny")
    local r = at_terminal("kim", { box = box })
    assert.are.equal(3, r.code)
    assert.matches("denied: the sign%-in was refused on the device", r.err)
    box:on_push(kim, "ignore")
    r = at_terminal("kim --wait 20", { box = box, hidden = function() return box:totp(devices.protect) end })
    assert.are.equal(0, r.code)
    assert.matches("nobody answered; the code that the device shows does as well\n", r.err)
    box = world("voice")
    box:on_push("kim", "ignore")
    r = at_terminal("kim --wait 20", { box = box })
    assert.are.equal(6, r.code)
    assert.matches("timeout: nobody answered in time\n$", r.err)
  end)

  it("a device's name steers nothing", function()
    local box, kim = world("totp")
    box:add_device(kim, "sms", { name = "a\27[2J\r\n\226\128\174" .. ("x"):rep(99) })
    local r = at_terminal("kim", { box = box, answer = "2", hidden = "" })
    local shown = r.asked[1] .. r.asked[2] .. r.err
    assert.is_nil(shown:find("[%z\1-\9\11-\31]"))
    assert.is_nil(shown:find("\226\128\174", 1, true))
    assert.matches("a\\x1b%[2J\\r\\n\\u{202E}xx+%.%.%.", r.asked[1])
    assert.are.equal(2, count(r.asked[1], "\n"))
  end)

  it("a link in an e-mail is waited for", function()
    local box, kim = world()
    box:add_device(kim, "email", { link = true })
    local r = at_terminal("kim --email link", { box = box, typed = { "tick", function()
      assert(box:approve(kim))
      return "tick"
    end } })
    assert.are.equal(0, r.code)
    assert.matches("answer on OneLogin Email within 2:00", r.err)
    assert.matches("method +link\n", r.out)
  end)

  it("an interruption lets go of the terminal", function()
    local box, kim = world("protect")
    box:on_push(kim, "ignore")
    local r = at_terminal("kim", { box = box, typed = { "tick", function() error("x.lua:1: interrupted!", 0) end } })
    assert.are.equal(130, r.code)
    assert.are.equal(1, r.asked.closed)
    assert.matches("\r\27%[Konelogin: interrupted\n$", r.err)
  end)

  it("the sandbox tells what its telephones show", function()
    local box, _, devices = world("totp", "protect", "sms")
    local r = at_terminal("kim", { box = box, answer = "1", hidden = "" })
    assert.matches("sandbox: Authenticator shows " .. box:totp(devices.totp), r.err)
    r = at_terminal("kim", { box = box, answer = "2", typed = { "" } })
    assert.matches("Protect shows " .. box:totp(devices.protect) .. " and answers by itself", r.err)
    r = at_terminal("kim", { box = box, answer = "3", hidden = "" })
    assert.matches("SMS shows " .. newest(box), r.err)
  end)
end)

describe("from a script", function()
  it("codes are lines of standard input, and the answer is a line of JSON", function()
    local box, kim, devices = world("totp", "protect")
    local r = in_script("kim", { box = box, input = box:totp(devices.totp) .. "\r\n" })
    assert.are.equal(0, r.code)
    local answer = json.decode(r.out)
    assert.is_true(answer.granted)
    assert.are.equal("code", answer.method)
    assert.are.equal(tostring(kim.id), answer.user.id)
    assert.are.same({ id = tostring(devices.totp.id), type = "authenticator", name = "Authenticator" }, answer.device)
    assert.are.same({}, r.asked)
    assert.are.equal(1, count(r.out, "\n"))
  end)

  it("a push needs nothing but patience", function()
    local r = in_script("kim --factor protect,voice --format json", { box = world("totp", "protect") })
    assert.are.equal(0, r.code)
    assert.are.equal("push", json.decode(r.out).method)
    assert.is_nil(r.err:find("waiting", 1, true))
  end)

  it("input that ends gives up; what is no code fails", function()
    assert.are.equal(1, in_script("kim", { box = world("totp") }).code)
    local r = in_script("kim", { box = world("totp"), input = "12 34$\n000000\n" })
    assert.are.equal(1, r.code)
    assert.matches("invalid: a code has only letters and digits", r.err)
    assert.is_nil(r.err:find("12 34", 1, true))
  end)

  it("both versions of the API", function()
    for _, version in ipairs { "v1", "v2" } do
      local box, _, devices = world("totp")
      local r = in_script("kim --api " .. version, { box = box, input = box:totp(devices.totp) })
      assert.are.equal(0, r.code)
      assert.are.equal(version, json.decode(r.out).version)
    end
  end)

  it("who cannot sign in is told apart by the exit status", function()
    local box = world()
    local function status(words, options)
      options = options or {}
      options.box = box
      return in_script(words, options).code
    end
    assert.are.equal(3, status "nobody")
    assert.are.equal(3, status "kim") -- no devices
    box:find_user("kim").status = 3
    assert.are.equal(3, status "kim")
    assert.are.equal(2, status "k*m")
    box:fault { operation = "users.list", drop = "connect", times = 20 }
    assert.are.equal(6, status "kim")
  end)
end)

describe("with a password", function()
  local function protected(...)
    local box, kim, devices = world(...)
    return box, kim, devices, function(prompt)
      assert.matches("^Password of kim %(not shown, empty = give up%): $", prompt)
      return canary.password
    end
  end

  it("without a second factor it signs in, and shows no session token", function()
    local box, kim, _, password = protected()
    local r = at_terminal("kim --password", { box = box, hidden = password })
    assert.are.equal(0, r.code)
    assert.matches("method +password\n", r.out)
    assert.matches("session_token +%[masked%]\n", r.out)
    assert.matches("secrets are masked: %-%-show%-secrets shows them\n", r.err)
    r = in_script("kim --password --show-secrets", { box = box, input = canary.password .. "\n" })
    local answer = json.decode(r.out)
    assert.truthy(box.store.sessions == nil or answer.session_token)
    assert.are.equal(tostring(kim.id), answer.user.id)
    assert.is_true(#answer.session_token > 20)
  end)

  it("a wrong one is asked for again, until it is too often", function()
    local box, _, _, password = protected()
    local r = at_terminal("kim --password", { box = box, hidden = { "nonsense", password } })
    assert.are.equal(0, r.code)
    assert.matches("name or password are wrong, 2 tries left\n", r.err)
    r = at_terminal("kim --password", { box = box, hidden = { "a", "b", "c", password } })
    assert.are.equal(3, r.code)
    assert.are.equal(3, #r.asked)
    assert.are.equal(1, at_terminal("kim --password", { box = box, hidden = "" }).code)
  end)

  it("the second factor follows", function()
    local box, _, devices, password = protected("totp", "sms", "protect")
    local r = at_terminal("kim --password", { box = box, answer = { "2", "1" },
      hidden = { password, "r", "o", function() return box:totp(devices.totp) end } })
    assert.are.equal(0, r.code)
    assert.matches("method +code\n", r.out)
    assert.matches("2  OneLogin SMS +a code by text message\n", r.asked[2])
    r = in_script("kim --password --factor protect", { box = box, input = canary.password .. "\n" })
    assert.are.equal("push", json.decode(r.out).method)
    r = in_script("kim --password", { box = box, input = canary.password .. "\n000000\n000001\n000002\n" })
    assert.are.equal(3, r.code)
    -- what follows a wrong password in a script is not tried as another
    local before = box:requests "login.create_session_token"
    r = in_script("kim --password", { box = box, input = "nonsense\n" .. canary.password .. "\n" })
    assert.are.equal(3, r.code)
    assert.matches("denied: name or password are wrong\n$", r.err)
    assert.are.equal(before + 1, box:requests "login.create_session_token")
  end)

  it("is needed again when the sign-in took too long", function()
    local box, _, devices, password = protected("totp")
    local function code() return box:totp(devices.totp) end
    local function late()
      box.clock.sleep(130)
      return "000000"
    end
    local r = at_terminal("kim --password", { box = box, hidden = { password, late, password, code } })
    assert.are.equal(0, r.code)
    assert.matches("that took too long: the password is needed again\n", r.err)
  end)

  it("the sandbox has one for everybody, and says which", function()
    local words = cli.words "--sandbox login ashley --password --factor protect"
    local r = cli.run(words, { tty = true, hidden = function() return "open sesame" end, env = { TERM = "xterm" },
      typed = {} })
    assert.are.equal(0, r.code)
    assert.matches("sandbox: everybody's password is open sesame\n", r.err)
  end)

  it("an assertion is masked, shown on request, or written for the owner's eyes", function()
    for _, version in ipairs { "v1", "v2" } do
      local box, kim, devices, password = protected("totp")
      local app = box:add_app { name = "Wiki", connector_id = 110002 }
      kim.app_ids = { app.id }
      local words = ("kim --saml %.0f --api %s"):format(app.id, version)
      local function code() return box:totp(devices.totp) end
      local r = at_terminal(words, { box = box, hidden = { password, code } })
      assert.are.equal(0, r.code)
      assert.matches("assertion +%[masked%]\n", r.out)
      box.clock.sleep(60)
      r = at_terminal(words .. " --show-secrets --format json", { box = box, hidden = { password, code } })
      local shown = json.decode(r.out).assertion
      assert.matches("^[%w+/=]+$", shown)
      box.clock.sleep(60)
      local folder = child.folder()
      local path = folder .. "/assertion"
      for _ = 1, 2 do -- also in the place of an earlier one
        r = at_terminal(words .. " --out " .. path, { box = box, hidden = { password, code } })
        assert.are.equal(0, r.code)
        box.clock.sleep(60)
      end
      assert.is_nil(r.out:find("assertion ", 1, true))
      assert.matches("file +" .. path:gsub("%p", "%%%0") .. "\n", r.out)
      assert.matches("^%-rw%-%-%-%-%-%-%-", child.capture("ls -l " .. path))
      local file = assert(io.open(path))
      assert.matches("^[%w+/=]+$", file:read("*a"))
      file:close()
      assert.are.equal("assertion", child.capture("ls " .. folder))
      r = at_terminal(words .. " --out " .. folder .. "/no/assertion", { box = box, hidden = { password, code } })
      assert.are.equal(8, r.code)
      assert.matches("cannot be written", r.err)
      child.remove(folder)
    end
  end)
end)

describe("a wrong command", function()
  for words, word in pairs {
    [""] = "USER is missing", ["kim " .. canary.password] = "one word too many; a password is asked for",
    ["kim --password " .. canary.password] = "a password is asked for", ["kim --password=x"] = "takes no value",
    ["kim --factor smss"] = "did you mean 'sms'", ["kim --wait soon"] = "number of seconds",
    ["kim --wait 5000"] = "%-%-wait must be between", ["kim --api v3"] = "%-%-api must be",
    ["kim --email post"] = "%-%-email must be",
    ["kim --all"] = "no place here", ["kim --dry-run"] = "no place here", ["kim --out x"] = "nothing else is issued",
    ["kim --token x"] = "not taken from arguments", ["kim --codee 5"] = "unknown option",
    ["kim --saml --api"] = "%-%-saml wants the number of an app, got %-%-api",
    ["kim --password --saml 5"] = "leave %-%-password out", ["kim --password --api v1"] = "no place with",
  } do
    it("is told: " .. words:gsub(canary.password:gsub("%p", "%%%0"), "..."), function()
      local box = world("totp")
      local r = in_script(words, { box = box })
      assert.are.equal(2, r.code)
      assert.matches(word, r.err)
      assert.are.equal(0, box:requests())
      assert.is_nil(r.err:find(canary.password, 1, true))
    end)
  end

  it("is none where the resource has an operation of that name", function()
    local r = cli.run(cli.words("--sandbox --timeout 5 login create-session-token --dry-run --username_or_email kim "
      .. "--password - --subdomain acme"), { input = canary.password .. "\n" })
    assert.are.equal(2, r.code)
    assert.matches("create_session_token", r.err)
  end)

  it("has help", function()
    for _, words in ipairs { "help login", "login --help" } do
      local r = cli.run(cli.words(words))
      assert.are.equal(0, r.code)
      for _, option in ipairs(require("onelogin.cli.options").login) do
        assert.truthy(r.out:find("--" .. option[1], 1, true))
      end
    end
    assert.matches("login USER", cli.run({ "help" }).out)
  end)
end)

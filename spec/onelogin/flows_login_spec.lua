-- What only the login flow has: a session token and its two minutes, and the browser's origin.  Then delegated
-- authentication, whose outcomes must never be confused.  (flows_sign_in_spec.lua: the machine it shares with SAML.)
local onelogin = require "onelogin"
local flow_world = require "spec.support.flow_world"
local support = require "spec.support.password_world"

local F = support.families[1]
local PASSWORD = support.PASSWORD
local new_world, script, bodies = support.new, support.script, support.bodies

local function redeem(world, token)
  return world.config.transport:send { method = "POST", url = world.box.base_url .. "/session_via_api_token",
    headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }, timeout = 5,
    body = "session_token=" .. token }
end

-- The headers of the last requests that announced origins.
local function announced(world)
  local out = {}
  for _, request in ipairs(world.sent) do
    if request.url:find("/login/", 1, true) then
      out[#out + 1] = request.headers["Custom-Allowed-Origin-Header-1"] or "none"
    end
  end
  return out
end

describe("login", function()
  it("answers who it is, how, and a token that a browser can redeem once within two minutes", function()
    local world = new_world()
    local login = assert(F.run(world, { return_to_url = "https://app.acme.test/home" }))
    local token = login.session_token
    login.session_token = nil
    assert.same({ granted = true, method = "password", at = world.box.clock.wall(),
      expires_at = world.box.clock.wall() + 120, return_to_url = "https://app.acme.test/home",
      user = { id = tostring(world.user.id), username = "kim", email = "Kim@acme.test", firstname = "Kim",
        lastname = "Ito" } }, setmetatable(login, nil))
    world.box.clock.advance(119)
    local answer = redeem(world, token)
    assert.equal(302, answer.status)
    assert.equal("https://app.acme.test/home", answer.headers.location)
    assert.truthy(answer.headers["set-cookie"]:find("sub_session_onelogin.com=", 1, true))
    assert.equal(400, redeem(world, token).status)
    login = F.run(world)
    world.box.clock.advance(120)
    assert.equal(400, redeem(world, login.session_token).status)
    assert.is_true(world.box.clock.wall() >= login.expires_at)
  end)

  it("counts the two minutes from before the call, on our own clock, at both ends of the machine", function()
    for _, kind in ipairs { "none", "totp", "protect" } do
      local world = new_world { clock = function(clock)
        return { mono = clock.mono, sleep = clock.sleep, wall = function() return clock.wall() + 86400 end }
      end }
      local device = kind ~= "none" and world.box:add_device(world.user, kind)
      world.box:fault { operation = device and "login.verify_factor" or "login.create_session_token", latency = 20,
        skip = kind == "protect" and 2 or 0 }
      local login = assert(F.run(world, { otp = function() return world.box:totp(device) end }))
      local left = login.expires_at - world.clock.wall()
      assert.is_true(math.abs(left - 100) < 0.001, left)
      assert.equal(302, redeem(world, login.session_token).status)
    end
  end)

  it("keeps its token out of its state: only the process that earned it hands it out, as often as asked", function()
    local world = new_world()
    local flow = F.start(world)
    local token = flow:step().login.session_token
    assert.equal(token, flow:step().login.session_token)
    assert.equal(token, flow:step({ cancel = true }).login.session_token)
    local _, err = world.flows.resume(flow:state()):step()
    assert.same({ "conflict", "done", "flows.login" }, { err.kind, err.reason, err.operation })
    assert.equal(1, F.passwords(world))
  end)

  it("announces no origin, one, or several, with the password and with the second factor", function()
    for origin, header in pairs { none = "none", ["https://login.acme.test"] = "https://login.acme.test",
      ["http://127.0.0.1:8080"] = "http://127.0.0.1:8080",
      list = "https://a.acme.test,https://b.acme.test:8443" } do
      local world = new_world()
      local device = world.box:add_device(world.user, "totp")
      local given = origin ~= "none" and origin or nil
      if origin == "list" then given = { "https://a.acme.test", "https://b.acme.test:8443" } end
      assert.is_true(F.run(world, { origin = given, otp = function() return world.box:totp(device) end }).granted)
      assert.same({ header, header }, announced(world))
    end
  end)

  it("passes on what the service takes, and nothing that was not said", function()
    local world = new_world()
    F.run(world, { fields = "id,phone", return_to_url = "https://app.acme.test/", ip_address = "192.0.2.7",
      browser_id = "b-1", subdomain = "ACME" })
    F.run(world)
    local sent = bodies(world, F.AUTH)
    assert.same({ username_or_email = "kim", password = PASSWORD, subdomain = "ACME", fields = "id,phone",
      return_to_url = "https://app.acme.test/", ip_address = "192.0.2.7", browser_id = "b-1" }, sent[1])
    assert.same({ username_or_email = "kim", password = PASSWORD, subdomain = "acme" }, sent[2])
    local device = world.box:add_device(world.user, "sms")
    local flow = F.at(world, 1)
    flow:step { code = flow_world.newest_code(world) }
    sent = bodies(world, F.VERIFY)
    assert.same({ "device_id", "do_not_notify", "state_token" }, (function(body)
      local names = {}
      for name in pairs(body) do names[#names + 1] = name end
      table.sort(names)
      return names
    end)(sent[1]))
    assert.same({ tostring(device.id), flow_world.newest_code(world) }, { sent[2].device_id, sent[2].otp_token })
  end)

  it("passes on what the service says of a request it cannot take", function()
    for _, message in ipairs { "Input JSON is not valid", "Content Type is not specified or specified incorrectly. "
      .. "Content-Type header must be set to application/json", "Invalid subdomain" } do
      local world = new_world()
      script(world, F.AUTH, { { 400, F.refused(400, message) } })
      local _, err = F.run(world)
      assert.same({ "invalid", 400, message }, { err.kind, err.status, err.message })
      assert.equal(1, F.passwords(world))
    end
  end)

  it("takes a text that begins with MFA for a factor that is not there yet, and one about a lock for a lock", function()
    for text, reason in pairs { ["MFA is required for this user"] = "mfa_setup", ["mfa: enrol first"] = "mfa_setup",
      ["User is locked. Access is unauthorized"] = "locked", ["Your account is LOCKED"] = "locked",
      ["Authentication Failed: Invalid user credentials"] = "wrong_password",
      ["Password has expired"] = "wrong_password", ["User is suspended"] = "wrong_password",
      ["Something that nobody has seen yet"] = "wrong_password" } do
      local world = new_world()
      local status = reason == "mfa_setup" and 400 or 401
      script(world, F.AUTH, { { status, F.refused(status, text) } })
      local _, err = F.run(world)
      assert.same({ "denied", reason }, { err.kind, err.reason })
    end
  end)

  it("shows who signed in and how, and no token", function()
    local world = new_world()
    local login = F.run(world)
    assert.equal(("onelogin.login %d (password)"):format(world.user.id), tostring(login))
  end)
end)

describe("check_password", function()
  local function check(world, options)
    options = options or {}
    options.user, options.password = options.user or "kim", options.password or PASSWORD
    return world.flows.check_password(options)
  end

  it("says yes in one call, and redeems and keeps nothing", function()
    local world = new_world()
    local right = assert(check(world, { user = " kim\t" }))
    assert.same({ granted = true, mfa = false, user = { id = tostring(world.user.id), username = "kim",
      email = "Kim@acme.test", firstname = "Kim", lastname = "Ito" } }, right)
    assert.same({ 1, 0 }, { F.passwords(world), F.factors(world) })
    assert.equal("kim", bodies(world, F.AUTH)[1].username_or_email)
  end)

  it("says no to whoever has a second factor to show, unless told that the password is enough", function()
    local world = new_world()
    world.box:add_device(world.user, "sms")
    local right, err = check(world)
    assert.is_nil(right)
    assert.same({ "denied", "mfa_required", "flows.check_password" }, { err.kind, err.reason, err.operation })
    right, err = check(world, { password_is_enough = false })
    assert.is_nil(right)
    assert.equal("mfa_required", err.reason)
    right = check(world, { password_is_enough = true })
    assert.same({ true, true, tostring(world.user.id) }, { right.granted, right.mfa, right.user.id })
    assert.equal(0, #world.box.outbox)
    for _, options in ipairs { { password = "no" }, { password = "no", password_is_enough = true } } do
      right, err = check(world, options)
      assert.is_nil(right)
      assert.equal("wrong_password", err.reason) -- that a factor is due is not told to who has no password
    end
  end)

  it("tells wrong, locked, unready and unknown from one another, each in one call", function()
    local world = new_world()
    local function why(options)
      local before = F.passwords(world)
      local right, err = check(world, options)
      assert.is_nil(right)
      assert.equal(before + 1, F.passwords(world))
      assert.equal(1, support.tokens(world))
      return err.kind .. " " .. tostring(err.reason)
    end
    assert.equal("denied wrong_password", why { password = "no" })
    assert.equal("denied wrong_password", why { user = "nobody" })
    world.user.status = 3
    assert.equal("denied locked", why())
    world.user.status = 2
    assert.equal("denied locked", why { password_is_enough = true })
    world.user.status, world.user.mfa_required = 1, true
    assert.equal("denied mfa_setup", why())
    assert.equal("denied mfa_setup", why { password_is_enough = true })
    world.user.mfa_required = nil
    assert.equal("invalid nil", why { subdomain = "other" })
  end)

  it("is no verdict about the person when the credential or the world fails", function()
    for kind, answer in pairs { auth = { 401, F.refused(401, "Authentication Failure") },
      permission = { 401, F.refused(401, "Insufficient Permission") }, server = { 502, "<html>" },
      decode = { 200, "<html>" }, rate_limited = { 429, F.refused(429, "slow down") } } do
      local world = new_world()
      script(world, F.AUTH, { answer })
      local right, err = check(world, { password_is_enough = true })
      assert.is_nil(right)
      assert.same({ kind }, { err.kind })
      assert.is_nil(err.reason)
      assert.equal(1, F.passwords(world))
    end
    local world = new_world()
    world.down = true
    assert.equal("network", select(2, check(world)).kind)
  end)

  it("takes no answer for a yes that holds no token, or two", function()
    local user = { id = 1 }
    for _, row in ipairs { {}, { user = user }, { session_token = 7 }, { session_token = "" }, { state_token = true },
      { session_token = "a", state_token = "b", user = user } } do
      local world = new_world()
      script(world, F.AUTH, { { 200, F.due(row) } })
      local right, err = check(world, { password_is_enough = true })
      assert.is_nil(right)
      assert.same({ "decode", "no_token" }, { err.kind, err.reason })
    end
  end)

  it("judges what was typed without a call, and throws at the programmer", function()
    local world = new_world()
    for _, name in ipairs { "", " ", "k\nim", "k\255m", ("k"):rep(255) } do
      local _, err = check(world, { user = name })
      assert.same({ "invalid", "bad_name", "user" }, { err.kind, err.reason, err.field })
    end
    for _, password in ipairs { "", "tide\255" } do
      assert.equal("bad_password", select(2, check(world, { password = password })).reason)
    end
    for word, options in pairs { ["user must be a string"] = { password = "x" },
      ["password must be a string"] = { user = "kim" }, ["did you mean 'password'"] = { user = "kim", pasword = "x" },
      ["subdomain must be the first part"] = { user = "kim", password = "x", subdomain = "acme.onelogin.com" },
      ["password_is_enough must be a boolean"] = { user = "kim", password = "x", password_is_enough = 1 } } do
      local ok, message = pcall(world.flows.check_password, options)
      assert.is_false(ok)
      assert.truthy(message:find(word, 1, true), message)
    end
    assert.is_false(pcall(world.flows.check_password))
    local elsewhere = onelogin.new { region = "us", client_id = "x", client_secret = "y" }
    local ok, message = pcall(elsewhere.flows.check_password, { user = "kim", password = "x" })
    assert.is_false(ok)
    assert.truthy(message:find("subdomain must be given", 1, true), message)
    assert.equal(0, #world.sent)
  end)
end)

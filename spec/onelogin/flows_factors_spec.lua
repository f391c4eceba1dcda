-- Factors: what each name of each family of routes means; magic links, temporary codes, calls, devices of which little
-- is known; and passwordless sign-ins whose person or device is gone meanwhile.
local flow_world = require "spec.support.flow_world"

local devices = require "onelogin.flows.devices"

local new_world, change, newest_code = flow_world.new, flow_world.change, flow_world.newest_code
local replace = flow_world.replace
local json = require("onelogin.core").json

describe("a magic link", function()
  local function linked(options)
    local world = new_world()
    world.box:add_device(world.user, "email", { link = true, push = options and options.push })
    local flow = world.flows.passwordless.start { user = "kim", email = "link", timeout = options and options.timeout,
      redirect_to = "https://app.acme.test/in", fallback = options and options.fallback }
    local want = assert(flow:step { device = flow:step().devices[1].id })
    return world, flow, want
  end

  it("is waited for as a push is, and signs in when it was followed", function()
    local world, flow, want = linked()
    assert.equal("wait", want.need)
    assert.is_false(want.types)
    assert.equal("email", want.device.type)
    world.box.clock.advance(want.after)
    assert.equal("wait", flow:step().need)
    assert.is_true(world.box:approve(world.user))
    world.box.clock.advance(flow:want().after)
    local login = flow:step().login
    assert.equal("link", login.method)
    assert.equal("email", login.device.type)
    assert.equal(1, #world.box.outbox)
    for _, request in ipairs(world.sent) do
      if request.method == "POST" and request.url:find("/verifications$") then
        assert.equal("https://app.acme.test/in", json.decode(request.body).redirect_to)
      end
    end
  end)

  it("cannot be typed: a code is not sent anywhere", function()
    local world, flow = linked()
    local before = #world.sent
    assert.equal("wait", flow:step { code = "123456" }.need)
    assert.equal(before, #world.sent)
  end)

  it("that says no, or that nobody follows, is the end", function()
    local world, flow, want = linked()
    assert.is_true(world.box:deny(world.user))
    world.box.clock.advance(want.after)
    assert.equal("rejected", select(2, flow:step()).reason)
    for _, fallback in ipairs { true, false } do
      world, flow = linked { timeout = 30, fallback = fallback }
      world.box.clock.advance(29)
      assert.equal("wait", flow:step().need)
      world.box.clock.advance(1)
      assert.equal("timeout", select(2, flow:step()).reason)
    end
  end)

  it("is sent again when asked, and only the newer one counts", function()
    local world, flow = linked()
    world.box:approve(world.user)
    assert.equal("wait", flow:step { resend = true }.need)
    world.box.clock.advance(2)
    assert.equal("wait", flow:step().need)
    assert.equal(2, #world.box.outbox)
    assert.is_true(world.box.outbox[1].text ~= world.box.outbox[2].text)
    world.box:approve(world.user)
    world.box.clock.advance(flow:want().after)
    assert.is_true(flow:step().login.granted)
  end)

  it("leads where it was told to for e-mails alone", function()
    local world = new_world()
    world.box:add_device(world.user, "sms")
    local login = world.flows.passwordless { user = "kim", email = "link", redirect_to = "https://app.acme.test/in",
      otp = function() return newest_code(world) end }
    assert.equal("code", login.method)
    for _, request in ipairs(world.sent) do assert.is_nil((request.body or ""):find("redirect_to", 1, true)) end
  end)
end)

describe("a temporary code", function()
  local function token(world, more)
    return assert(world.client.mfa:generate_token(world.user.id, more))
  end

  it("lets in who has no device at all: device 0 on v1", function()
    local world = new_world()
    local code = token(world).mfa_token
    local seen
    local login = world.flows.passwordless { user = "kim", version = "v1", temporary = true,
      choose = function() error("there is one device") end,
      otp = function(device)
        seen = device
        return code
      end }
    assert.equal("temporary", login.device.type)
    assert.equal("0", login.device.id)
    assert.is_false(seen.needs_trigger)
    assert.equal(1, world.calls("/otp_devices/0/verify$"))
  end)

  it("lets in who has no device at all: the device that the token named on v2", function()
    local world = new_world()
    local made = token(world)
    local login = world.flows.passwordless { user = "kim", temporary = made.device_id, factors = { "protect" },
      otp = function() return made.mfa_token end }
    assert.equal(made.device_id, login.device.id)
    assert.equal("code", login.method)
    assert.equal(0, #world.box.outbox)
  end)

  for _, version in ipairs { "v1", "v2" } do
    it("is offered behind the devices, counts when it is wrong, and is good once on " .. version, function()
      local world = new_world()
      world.box:add_device(world.user, "totp")
      local made = token(world)
      local options = { user = "kim", version = version, temporary = version == "v1" or made.device_id }
      local flow = world.flows.passwordless.start(options)
      local list = flow:step().devices
      assert.same({ "authenticator", "temporary" }, { list[1].type, list[2].type })
      flow:step { device = list[2].id }
      local want = flow:step { code = "00000000" }
      assert.same({ "wrong", 2 }, { want.note, want.tries_left })
      assert.is_true(flow:step { code = made.mfa_token }.login.granted)
      flow = world.flows.passwordless.start(options)
      flow:step { device = flow:step().devices[2].id }
      assert.equal("wrong", flow:step { code = made.mfa_token }.note)
    end)

    it("is tried like any other that fits on " .. version, function()
      local world = new_world()
      world.box:add_device(world.user, "sms")
      local made = token(world)
      local login = world.flows.passwordless { user = "kim", version = version, try_every = true,
        temporary = version == "v1" or made.device_id, otp = function() return made.mfa_token end }
      assert.equal("temporary", login.device.type)
      assert.equal(0, #world.box.outbox)
    end)
  end
end)

describe("what is said about links and temporary codes", function()
  it("throws before any call where it makes no sense", function()
    local world = new_world()
    for word, options in pairs {
      ['it wants email = "link"'] = { redirect_to = "https://app.acme.test/" },
      ['version "v2" only'] = { email = "link", version = "v1" },
      ["mfa.generate_token"] = { temporary = true },
      ['email must be "code" or "link"'] = { email = "both" },
      ["temporary must be a boolean"] = { temporary = {} },
      ["try_every must be a boolean"] = { try_every = "yes" },
    } do
      options.user = "kim"
      local ok, message = pcall(world.flows.passwordless.start, options)
      assert.is_false(ok)
      assert.truthy(message:find(word, 1, true), message)
    end
    assert.equal(0, #world.sent)
  end)
end)

describe("a telephone call", function()
  it("is polled on v2, where what was keyed in wrongly refuses, and typed on v1", function()
    local world = new_world()
    world.box:add_device(world.user, "voice", { push = "deny" })
    assert.equal("rejected", select(2, world.flows.passwordless { user = "kim" }).reason)
    local login = world.flows.passwordless { user = "kim", version = "v1",
      otp = function() return newest_code(world) end }
    assert.equal("code", login.method)
    assert.equal(2, #world.box.outbox)
  end)
end)

describe("a code that was typed before another was sent", function()
  it("is not checked, and costs nothing; one that needs no sending is", function()
    for _, version in ipairs { "v1", "v2" } do
      local world = new_world()
      local phone = world.box:add_device(world.user, "sms")
      local push = world.box:add_device(world.user, "protect", { push = "ignore" })
      local flow = flow_world.of(version).start(world)
      flow:step()
      for _, input in ipairs { { device = tostring(phone.id), code = "123456" }, { resend = true, code = "12" } } do
        local want = flow:step(input)
        assert.same({ "code", 3 }, { want.need, want.tries_left })
        assert.is_nil(want.note)
      end
      assert.equal(2, #world.box.outbox)
      local want = flow:step { device = tostring(push.id), code = world.box:totp(push) }
      assert.is_true(want.login.granted)
    end
  end)
end)

describe("a telephone on v1", function()
  it("that has not answered yet may be told by a 401 as well, which is no refusal", function()
    local world = new_world()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    local flow = world.flows.passwordless.start { user = "kim", version = "v1" }
    flow:step { device = flow:step().devices[1].id }
    for _, text in ipairs { "Authentication pending on OL Protect", "PENDING" } do
      replace(world, "/verify$", 401, { status = { error = true, code = 401, type = "Unauthorized", message = text } })
      world.box.clock.advance(5)
      assert.equal("wait", flow:step().need)
      assert.equal("wrong", flow:step({ code = "123456" }).note) -- but a code was wrong
    end
    replace(world, "/verify$", 401, { status = { error = true, code = 401, type = "Unauthorized", message = "No" } })
    world.box.clock.advance(5)
    assert.equal("rejected", select(2, flow:step()).reason)
  end)

  it("knows a telephone that is listed twice, for pushes and for codes", function()
    local world = new_world()
    world.box:add_device(world.user, "protect")
    change(world, "/otp_devices$", function(body)
      local row = body.data.otp_devices[1]
      local twin = {}
      for k, v in pairs(row) do twin[k] = v end
      twin.needs_trigger = false
      body.data.otp_devices = json.array { twin, row }
    end)
    local flow = world.flows.passwordless.start { user = "kim", version = "v1" }
    local list = flow:step().devices
    assert.equal(1, #list)
    assert.is_true(list[1].pushes)
  end)

  it("types the code of a Protect device that does not push", function()
    local world = new_world()
    local device = world.box:add_device(world.user, "protect", { needs_trigger = false })
    assert.equal("code", world.flows.passwordless({ user = "kim", version = "v1", otp = function()
      return world.box:totp(device)
    end }).method)
    assert.equal(0, #world.box.outbox)
  end)
end)

describe("a device whose factor nobody here knows", function()
  it("is triggered, then typed, whatever people call it", function()
    for _, version in ipairs { "v1", "v2" } do
      local world = new_world()
      world.box:add_device(world.user, "sms", { name = "OneLogin Protect" })
      change(world, "devices$", function(body)
        local row = version == "v1" and body.data.otp_devices[1] or body[1]
        row.auth_factor_name = "Carrier Pigeon"
      end)
      local login = world.flows.passwordless { user = "kim", version = version, otp = function(device)
        assert.equal("unknown", device.type)
        assert.equal("Carrier Pigeon", device.factor)
        return newest_code(world)
      end }
      assert.equal("code", login.method)
    end
  end)
end)

describe("the names of factors", function()
  -- name, families that use it, type, and: sends first, is answered on the device, can be typed.
  local NAMES = {
    { "OneLogin Protect", "v1 login", "protect", true, true, true },
    { "OneLogin", "v2", "protect", true, true, true },
    { "OneLogin SMS", "v1 login", "sms", true, false, true },
    { "SMS", "v2", "sms", true, false, true },
    { "OneLogin OTP SMS", "login", "sms", true, false, true },
    { "OneLogin Voice", "v1", "voice", true, false, true },
    { "OneLogin Voice", "v2 login", "voice", true, true, false },
    { "OneLogin Email", "v1 v2 login", "email", true, false, true },
    { "Google Authenticator", "v1 v2 login", "authenticator", false, false, true },
    { "Yubico YubiKey", "v1 v2 login", "yubikey", false, false, true },
    { "Duo", "v1 v2", "duo", false, false, true },
    { "Duo Duo Security", "login", "duo", false, false, true },
    { "onelogin protect", "v1 v2 login", "unknown", true, false, true },
    { "Something New", "v1 v2 login", "unknown", true, false, true },
  }

  it("mean one type each, in every family", function()
    local seen = 0
    for _, line in ipairs(NAMES) do
      for version in line[2]:gmatch("%S+") do
        local row = { id = 7, device_id = 7, [version == "login" and "device_type" or "auth_factor_name"] = line[1] }
        local device = devices.normalise(row, version)
        assert.same({ "7", line[3], line[4], line[5], line[6] },
          { device.id, device.type, device.needs_trigger, device.pushes, device.types }, line[1] .. " " .. version)
        seen = seen + 1
      end
    end
    assert.equal(28, seen)
  end)

  it("are the machine's own: what people call a device decides nothing, and v1's hint wins", function()
    local row = { id = 7, device_id = "7", auth_factor_name = "SMS", type_display_name = "OneLogin Protect",
      user_display_name = "Google Authenticator", name = "OneLogin" }
    assert.equal("sms", devices.normalise(row, "v2").type)
    row.auth_factor_name = nil
    assert.equal("unknown", devices.normalise(row, "v2").type)
    row.auth_factor_name, row.needs_trigger = "Duo", true
    assert.is_true(devices.normalise(row, "v1").needs_trigger)
    row.auth_factor_name, row.needs_trigger = "OneLogin Protect", false
    local device = devices.normalise(row, "v1")
    assert.same({ false, false, true }, { device.needs_trigger, device.pushes, device.types })
    assert.is_nil(devices.normalise({ id = 7, auth_factor_name = "Duo", active = false }, "v1"))
  end)
end)

for _, version in ipairs { "v1", "v2" } do
  local V = flow_world.of(version)

  describe("passwordless on " .. version .. ", when something is gone meanwhile", function()
    it("tells a person who was deleted: an error of the call, and the step may be repeated", function()
      local world = new_world()
      world.box:add_device(world.user, "totp")
      change(world, "/users%?", function() world.box.store.users[world.user.id] = nil end)
      local flow = V.start(world)
      local _, err = flow:step()
      assert.same({ "not_found", 404, "PERSON" }, { err.kind, err.status, flow:state().state })
      world = new_world()
      local device = world.box:add_device(world.user, "totp")
      flow = V.start(world)
      flow:step()
      flow:step { device = tostring(device.id) }
      world.box.store.users[world.user.id] = nil
      _, err = flow:step { code = "123456" }
      assert.equal(version == "v1" and "invalid User does not exist" or "not_found", version == "v1"
        and err.kind .. " " .. err.message or err.kind)
      assert.equal(3, flow:step().tries_left)
    end)

    it("tells a device that was removed before anything was sent", function()
      local world = new_world()
      local device = world.box:add_device(world.user, "sms")
      local flow = V.start(world)
      flow:step()
      device.active = false
      if version == "v1" then world.box.store.devices[device.id], world.box.store.mfa.of_user = nil, {} end
      local _, err = flow:step { device = tostring(device.id) }
      assert.equal(version == "v1" and "invalid" or "not_found", err.kind)
      assert.equal("TRIGGER", flow:state().state)
    end)

    it("is not the person's fault that the credential may not do this", function()
      local world = new_world()
      world.box:add_device(world.user, "sms")
      local flow = V.start(world)
      flow:step { device = flow:step().devices[1].id }
      for status, body in pairs { [403] = { statusCode = 403, name = "ForbiddenAction",
        message = "You are not authorised to perform this action or access the resource" },
        [400] = { status = { error = true, code = 400, type = "bad request",
          message = "Authorization Information is incorrect" } } } do
        replace(world, version == "v1" and "/verify$" or "/verifications/", status, body)
        local _, err = flow:step { code = "123456" }
        assert.equal(status == 403 and "permission" or "auth", err.kind)
        assert.equal("CODE", flow:state().state)
      end
      world.tamper = nil
      assert.is_true(flow:step { code = newest_code(world) }.login.granted)
    end)

    it("tries a code on no further device after an answer that is neither yes nor no", function()
      for _, status in ipairs { 400, 404, 500 } do
        local world = new_world()
        world.box:add_device(world.user, "totp")
        world.box:add_device(world.user, "yubikey")
        local flow = V.start(world, { try_every = true })
        flow:step()
        replace(world, V.CHECK, status, { status = { error = true, code = status, type = "x", message = "no" } })
        local want, err = flow:step { code = "123456" }
        assert.is_nil(want)
        assert.equal(status, err.status)
        assert.equal(1, world.calls(version == "v1" and "/verify$" or "/verifications$"))
        assert.same({ "device", 3 }, { flow:step().need, flow:step().tries_left })
      end
    end)
  end)
end

-- Rarer factors of the passwordless flow: magic links, temporary codes, calls, and devices of which little is known.
local flow_world = require "spec.support.flow_world"

local new_world, change, newest_code = flow_world.new, flow_world.change, flow_world.newest_code
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

-- The MFA of the sandbox as the API shows it: every rule of both versions, and the choices made where
-- the record of the real service is silent.
local json = require("onelogin.core").json
local sandbox = require "onelogin.sandbox"
local totp = require "onelogin.sandbox.totp"
local raw_api = require "spec.support.raw_api"

local WRONG = "Failed authentication with this factor"
local LAPSED = "State token is invalid or expired"

local function setup_box(options)
  options = options or {}
  options.users = options.users or 0
  local box = sandbox(options)
  local user = box:add_user { email = "kim@acme.test", username = "kim", firstname = "Kim", phone = "+15550123" }
  return box, user, raw_api(box), "/api/1/users/" .. user.id, "/api/2/mfa/users/" .. user.id
end

local function last(list) return list[#list] end

-- A code that is right neither now nor in the steps around now.
local function wrong_code(box, device)
  local key, now = totp.unbase32(device.secret), box.clock.wall()
  local n = 0
  while true do
    local code = ("%06d"):format(n)
    if not totp.check(key, code, now, -1) then return code end
    n = n + 1
  end
end

describe("one-time codes", function()
  it("match the vectors of RFC 6238", function()
    local key = "12345678901234567890"
    local vectors = {
      { 59, "94287082" }, { 1111111109, "07081804" }, { 1111111111, "14050471" }, { 1234567890, "89005924" },
      { 2000000000, "69279037" }, { 20000000000, "65353130" },
    }
    for _, v in ipairs(vectors) do
      assert.equal(v[2], totp.code(key, v[1], 8))
    end
  end)

  it("match the vectors of RFC 4226", function()
    local key = "12345678901234567890"
    local codes = { "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489" }
    for counter, code in ipairs(codes) do
      assert.equal(code, totp.hotp(key, counter - 1))
    end
  end)

  it("carry secrets in base 32 as RFC 4648 has it", function()
    for text, coded in pairs { f = "MY", fo = "MZXQ", foo = "MZXW6", foob = "MZXW6YQ", fooba = "MZXW6YTB",
      foobar = "MZXW6YTBOI" } do
      assert.equal(coded, totp.base32(text))
      assert.equal(text, totp.unbase32(coded))
      assert.equal(text, totp.unbase32(coded:lower() .. "="))
    end
    assert.is_nil(totp.unbase32("MZXW1"))
  end)

  it("are right one step early and late, and not two", function()
    local key, now = "12345678901234567890", 1772442000
    for step = -2, 2 do
      local found = totp.check(key, totp.code(key, now + step * 30), now, -1)
      if step == -2 or step == 2 then assert.is_nil(found) else assert.is_not_nil(found) end
    end
  end)

  it("stay right for a device whose clock is off by less than a step", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "totp", { drift = -25 })
    assert.equal(200, (call("POST", v1 .. "/otp_devices/" .. device.id .. "/verify", { otp_token = box:totp(device) })))
    local far = box:add_device(user, "totp", { drift = 300 })
    assert.equal(401, (call("POST", v1 .. "/otp_devices/" .. far.id .. "/verify", { otp_token = box:totp(far) })))
  end)
end)

describe("MFA version 1", function()
  it("lists no devices as an empty array, and each with its names and trigger hint", function()
    local box, user, call, v1 = setup_box()
    local status, body = call("GET", v1 .. "/otp_devices")
    assert.equal(200, status)
    assert.equal(0, #body.data.otp_devices)
    assert.is_true(json.is_array(body.data.otp_devices))
    box:add_device(user, "sms", { name = "Kim's phone" })
    box:add_device(user, "protect")
    box:add_device(user, "totp")
    box:add_device(user, "yubikey")
    box:add_device(user, "protect", { needs_trigger = false })
    local _, listed = call("GET", v1 .. "/otp_devices")
    local seen = {}
    for i, d in ipairs(listed.data.otp_devices) do
      seen[i] = table.concat({ d.auth_factor_name, tostring(d.needs_trigger), tostring(d.active), tostring(d.default) },
        " ")
      assert.equal("number", type(d.id))
    end
    assert.same({ "OneLogin SMS true true true", "OneLogin Protect true true false",
      "Google Authenticator false true false", "Yubico YubiKey false true false",
      "OneLogin Protect false true false" }, seen)
    assert.equal("Kim's phone", listed.data.otp_devices[1].user_display_name)
    assert.equal("+15550123", listed.data.otp_devices[1].phone_number)
    assert.is_nil(listed.data.otp_devices[2].phone_number)
  end)

  it("answers 404 for an unknown user, 400 when the verify is for one", function()
    local _, _, call = setup_box()
    local status, body = call("GET", "/api/1/users/123456789/otp_devices")
    assert.equal(404, status)
    assert.equal("User for id 123456789 was not found", body.status.message)
    status, body = call("POST", "/api/1/users/123456789/otp_devices/1/verify", { otp_token = "1" })
    assert.equal(400, status)
    assert.equal("User does not exist", body.status.message)
  end)

  it("takes a TOTP code once, without a state token", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "totp")
    local verify = v1 .. "/otp_devices/" .. device.id .. "/verify"
    local status, body = call("POST", verify, { otp_token = wrong_code(box, device) })
    assert.equal(401, status)
    assert.equal("Unauthorized", body.status.type)
    assert.equal(WRONG, body.status.message)
    local code = box:totp(device)
    status, body = call("POST", verify, { otp_token = code })
    assert.equal(200, status)
    assert.same({ type = "success", code = 200, message = "Success", error = false }, body.status)
    assert.is_nil(body.data)
    assert.equal(401, (call("POST", verify, { otp_token = code })))
    box.clock.advance(30)
    assert.equal(200, (call("POST", verify, { otp_token = box:totp(device) })))
    status, body = call("POST", verify, {})
    assert.equal(400, status)
    assert.equal("OTP token blank", body.status.message)
    status, body = call("POST", v1 .. "/otp_devices/" .. device.id .. "/trigger")
    assert.equal(400, status)
    assert.is_true(body.status.error)
  end)

  it("takes each press of a YubiKey once, and later ones after lost ones", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "yubikey")
    local verify = v1 .. "/otp_devices/" .. device.id .. "/verify"
    local press = box:totp(device)
    assert.equal(44, #press)
    assert.equal(200, (call("POST", verify, { otp_token = press })))
    assert.equal(401, (call("POST", verify, { otp_token = press })))
    assert.not_equal(press, box:totp(device))
    local skipped = totp.press(totp.unbase32(device.secret), device.last + 7)
    assert.equal(200, (call("POST", verify, { otp_token = skipped })))
  end)

  it("sends an SMS code of letters and digits, or of digits when asked", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "sms")
    local path = v1 .. "/otp_devices/" .. device.id
    local status, body = call("POST", path .. "/trigger")
    assert.equal(200, status)
    assert.equal("SMS token sent to your mobile device. Authentication pending.", body.status.message)
    local row = body.data[1]
    assert.equal(user.id, row.id)
    assert.equal(device.id, row.device_id)
    assert.equal(40, #row.state_token)
    assert.is_false(row.active)
    local message = last(box.outbox)
    assert.equal("sms", message.kind)
    assert.equal("+15550123", message.to)
    assert.truthy(message.code:find("^%u[%u%d][%u%d][%u%d][%u%d][%u%d]$"))
    assert.truthy(message.text:find(message.code, 1, true))
    assert.equal(200, (call("POST", path .. "/verify", { otp_token = message.code, state_token = row.state_token })))
    call("POST", path .. "/trigger", { numeric_sms_otp = true })
    assert.truthy(last(box.outbox).code:find("^%d%d%d%d%d%d$"))
  end)

  it("fills the template of the message, and refuses one that is too long", function()
    local box, user, call, v1 = setup_box()
    local trigger = v1 .. "/otp_devices/" .. box:add_device(user, "sms").id .. "/trigger"
    call("POST", trigger, { sms_message = "Acme {{otp_code}} for {{expiration}} min", state_token_expires_in = 300 })
    assert.equal("Acme " .. last(box.outbox).code .. " for 5 min", last(box.outbox).text)
    local sent = #box.outbox
    assert.equal(400, (call("POST", trigger, { sms_message = ("x"):rep(160) .. "{{otp_code}}" })))
    assert.equal(sent, #box.outbox)
  end)

  it("binds a state token to its user and device, lets it survive wrong codes, spends it once", function()
    local box, user, call, v1 = setup_box()
    local mine, other = box:add_device(user, "sms"), box:add_device(user, "sms")
    local friend = box:add_user { email = "lee@acme.test" }
    local theirs = box:add_device(friend, "sms")
    local _, body = call("POST", v1 .. "/otp_devices/" .. mine.id .. "/trigger")
    local token, code = body.data[1].state_token, last(box.outbox).code
    local function verify(base, device, otp, state)
      local status, answer = call("POST", base .. "/otp_devices/" .. device.id .. "/verify",
        { otp_token = otp, state_token = state })
      return status, answer.status.message
    end
    assert.same({ 400, LAPSED }, { verify(v1, other, code, token) })
    assert.same({ 400, LAPSED }, { verify("/api/1/users/" .. friend.id, theirs, code, token) })
    assert.same({ 400, LAPSED }, { verify(v1, mine, code, nil) })
    assert.same({ 400, LAPSED }, { verify(v1, mine, code, "nonsense") })
    assert.same({ 401, WRONG }, { verify(v1, mine, "ZZZZZZ", token) })
    assert.same({ 200, "Success" }, { verify(v1, mine, code, token) })
    assert.same({ 400, LAPSED }, { verify(v1, mine, code, token) })
  end)

  it("lets a state token lapse after 120 seconds, or when asked, and never after 900", function()
    local box, user, call, v1 = setup_box()
    local path = v1 .. "/otp_devices/" .. box:add_device(user, "sms").id
    for _, life in ipairs { 120, 300, 900 } do
      for _, early in ipairs { 1, 0 } do
        local _, body = call("POST", path .. "/trigger", { state_token_expires_in = life ~= 120 and life or nil })
        local code = last(box.outbox).code
        box.clock.advance(life - early)
        assert.equal(early == 1 and 200 or 400,
          (call("POST", path .. "/verify", { otp_token = code, state_token = body.data[1].state_token })))
      end
    end
    assert.equal(400, (call("POST", path .. "/trigger", { state_token_expires_in = 901 })))
    assert.equal(404, (call("GET", path .. "/trigger")))
  end)

  it("polls a push: pending with 200, then success, or 401 when it was denied", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "protect", { push = { "approve", after = 10 } })
    local path = v1 .. "/otp_devices/" .. device.id
    local function push()
      local _, body = call("POST", path .. "/trigger")
      return { state_token = body.data[1].state_token }
    end
    local token = push()
    assert.equal("push", last(box.outbox).kind)
    local status, body = call("POST", path .. "/verify", token)
    assert.equal(200, status)
    assert.equal("pending", body.status.type)
    assert.is_false(body.status.error)
    assert.is_nil(body.data)
    box.clock.advance(10)
    status, body = call("POST", path .. "/verify", token)
    assert.equal(200, status)
    assert.equal("success", body.status.type)
    assert.equal(400, (call("POST", path .. "/verify", token))) -- spent
    box:on_push(user, "deny")
    token = push()
    status, body = call("POST", path .. "/verify", token)
    assert.equal(401, status)
    assert.equal(WRONG, body.status.message)
    assert.equal(400, (call("POST", path .. "/verify", token)))
  end)

  it("takes a typed Protect code on the token of a live push", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "protect", { push = "ignore" })
    local path = v1 .. "/otp_devices/" .. device.id
    local _, body = call("POST", path .. "/trigger")
    assert.equal(200, (call("POST", path .. "/verify",
      { otp_token = box:totp(device), state_token = body.data[1].state_token })))
  end)

  it("enrols SMS: pending until the code came back, and again after the token lapsed", function()
    local box, _, call, v1 = setup_box()
    local _, factors = call("GET", v1 .. "/auth_factors")
    assert.same({ "OneLogin SMS", "OneLogin Voice" },
      { factors.data.auth_factors[1].name, factors.data.auth_factors[2].name })
    local sms = factors.data.auth_factors[1].factor_id
    local status, body = call("POST", v1 .. "/otp_devices",
      { factor_id = sms, display_name = "Phone", number = "+14156456830" })
    assert.equal(200, status)
    local row = body.data[1]
    assert.is_false(row.active)
    assert.equal("+14156456830", row.phone_number)
    local _, listed = call("GET", v1 .. "/otp_devices")
    assert.is_false(listed.data.otp_devices[1].active)
    box.clock.advance(120)
    local path = v1 .. "/otp_devices/" .. row.id
    assert.equal(400, (call("POST", path .. "/verify",
      { otp_token = last(box.outbox).code, state_token = row.state_token })))
    local _, again = call("POST", path .. "/trigger")
    assert.equal(200, (call("POST", path .. "/verify",
      { otp_token = last(box.outbox).code, state_token = again.data[1].state_token })))
    _, listed = call("GET", v1 .. "/otp_devices")
    assert.is_true(listed.data.otp_devices[1].active)
    assert.is_true(listed.data.otp_devices[1].default)
    _, factors = call("GET", v1 .. "/auth_factors")
    assert.equal("OneLogin Voice", factors.data.auth_factors[1].name)
    assert.is_nil(factors.data.auth_factors[2])
  end)

  it("enrols at once what is declared verified, and Voice only so", function()
    local _, _, call, v1 = setup_box()
    local voice = { factor_id = 58960, display_name = "Home", number = "+14156456830" }
    assert.equal(400, (call("POST", v1 .. "/otp_devices", voice)))
    voice.verified = true
    local status, body = call("POST", v1 .. "/otp_devices", voice)
    assert.equal(200, status)
    assert.is_true(body.data[1].active)
    assert.is_nil(body.data[1].state_token)
    for _, bad in ipairs { { factor_id = 1 }, { factor_id = 58957 }, { number = "555" }, { display_name = "" } } do
      local wanted = { factor_id = 58959, display_name = "Phone", number = "+14156456830" }
      for k, v in pairs(bad) do wanted[k] = v end
      assert.equal(400, (call("POST", v1 .. "/otp_devices", wanted)))
    end
  end)

  it("removes with a bare empty object, and 400 for a device that is not there", function()
    local box, user, call, v1 = setup_box()
    local first, second = box:add_device(user, "totp"), box:add_device(user, "sms")
    local status, body, answer = call("DELETE", v1 .. "/otp_devices/" .. first.id)
    assert.equal(200, status)
    assert.equal("{}", answer.body)
    assert.is_nil(next(body))
    status, body = call("DELETE", v1 .. "/otp_devices/" .. first.id)
    assert.equal(400, status)
    assert.equal("Factor could not be found", body.status.message)
    assert.is_true(box:devices(user)[1].default) -- the one left takes over
    assert.equal(second.id, box:devices(user)[1].id)
  end)

  it("refuses a credential that may only read, but lets it list", function()
    local box, user, _, v1 = setup_box()
    local device = box:add_device(user, "totp")
    local reader = raw_api(box, "Read Users")
    assert.equal(200, (reader("GET", v1 .. "/otp_devices")))
    local status, body = reader("POST", v1 .. "/otp_devices/" .. device.id .. "/verify",
      { otp_token = box:totp(device) })
    assert.equal(401, status)
    assert.equal("Insufficient Permission", body.status.message)
  end)
end)

describe("temporary tokens", function()
  it("are bare in v1, work for device 0 and stand in for a device", function()
    local box, user, call, v1 = setup_box()
    local status, body = call("POST", v1 .. "/mfa_token", { expires_in = "300", reusable = true })
    assert.equal(200, status)
    assert.is_nil(body.status)
    assert.truthy(body.mfa_token:find("^%d%d%d%d%d%d%d%d$"))
    assert.is_true(body.reusable)
    local device = box:add_device(user, "totp")
    for _, id in ipairs { 0, 0, device.id } do
      assert.equal(200, (call("POST", v1 .. "/otp_devices/" .. id .. "/verify", { otp_token = body.mfa_token })))
    end
    box.clock.advance(300)
    assert.equal(401, (call("POST", v1 .. "/otp_devices/0/verify", { otp_token = body.mfa_token })))
  end)

  it("work once unless reusable", function()
    local _, _, call, v1 = setup_box()
    local _, body = call("POST", v1 .. "/mfa_token")
    assert.is_false(body.reusable)
    assert.equal(200, (call("POST", v1 .. "/otp_devices/0/verify", { otp_token = body.mfa_token })))
    assert.equal(401, (call("POST", v1 .. "/otp_devices/0/verify", { otp_token = body.mfa_token })))
    assert.equal(400, (call("POST", v1 .. "/otp_devices/0/verify", {})))
    assert.equal(400, (call("POST", v1 .. "/mfa_token", { expires_in = 300000 })))
  end)

  it("come with a pseudo device in v2", function()
    local _, user, call, _, v2 = setup_box()
    local status, body = call("POST", v2 .. "/mfa_token", {})
    assert.equal(201, status)
    assert.equal("user_temp_otp_" .. user.id, body.device_id)
    local _, wrong = call("POST", v2 .. "/verifications", { device_id = body.device_id, otp = "1" })
    assert.equal("pending", wrong.status)
    local _, right = call("POST", v2 .. "/verifications", { device_id = body.device_id, otp = body.mfa_token })
    assert.equal("accepted", right.status)
    local _, again = call("POST", v2 .. "/verifications", { device_id = body.device_id, otp = body.mfa_token })
    assert.equal("pending", again.status)
    local bad
    status, bad = call("POST", v2 .. "/mfa_token", { expires_in = 5 })
    assert.equal(422, status)
    assert.equal("ValidationError", bad.name)
  end)
end)

describe("MFA version 2", function()
  it("lists factors and only devices that are active, with ids as strings", function()
    local box, user, call, _, v2 = setup_box()
    box:add_device(user, "protect")
    box:add_device(user, "sms", { active = false })
    local _, factors = call("GET", v2 .. "/factors")
    local names = {}
    for i, f in ipairs(factors) do names[i] = f.auth_factor_name end
    assert.same({ "OneLogin", "SMS", "OneLogin Voice", "OneLogin Email", "Google Authenticator" }, names)
    local _, listed = call("GET", v2 .. "/devices")
    assert.equal(1, #listed)
    assert.equal("string", type(listed[1].device_id))
    assert.equal("OneLogin", listed[1].auth_factor_name)
    assert.is_nil(listed[1].needs_trigger)
    assert.equal(404, (call("GET", "/api/2/mfa/users/1/devices")))
  end)

  it("starts a verification and takes its code by PUT: 200 and pending when it is wrong", function()
    local box, user, call, _, v2 = setup_box()
    local device = box:add_device(user, "sms")
    local status, body = call("POST", v2 .. "/verifications", { device_id = device.id,
      custom_message = "{{otp_code}} {{otp_expiry}}" })
    assert.equal(201, status)
    assert.truthy(body.id:find("^%x+%-%x+%-4%x+%-a%x+%-%x+$"))
    assert.equal(tostring(user.id), body.user_id)
    assert.equal(tostring(device.id), body.device_id)
    assert.equal("2026-03-02T09:02:00Z", body.expires_at)
    assert.equal(last(box.outbox).code .. " 2", last(box.outbox).text)
    local path = v2 .. "/verifications/" .. body.id
    local wrong
    status, wrong = call("PUT", path, { otp = "ZZZZZZ" })
    assert.equal(200, status)
    assert.equal("pending", wrong.status)
    local _, right = call("PUT", path, { otp = last(box.outbox).code })
    assert.equal("accepted", right.status)
    assert.equal(404, (call("PUT", path, { otp = last(box.outbox).code }))) -- spent
    assert.equal("accepted", select(2, call("GET", path)).status)           -- a repeated poll is not
  end)

  it("forgets a verification when it lapses, or of another user or device", function()
    local box, user, call, _, v2 = setup_box()
    local device = box:add_device(user, "sms")
    local friend = box:add_user { email = "lee@acme.test" }
    local _, body = call("POST", v2 .. "/verifications", { device_id = tostring(device.id), expires_in = 240 })
    local code = last(box.outbox).code
    assert.equal(404, (call("GET", "/api/2/mfa/users/" .. friend.id .. "/verifications/" .. body.id)))
    assert.equal(404, (call("PUT", v2 .. "/verifications/" .. body.id, { otp = code, device_id = "1" })))
    assert.equal(404, (call("PUT", v2 .. "/registrations/" .. body.id, { otp = code })))
    box.clock.advance(240)
    local status, gone = call("GET", v2 .. "/verifications/" .. body.id)
    assert.equal(404, status)
    assert.equal("NotFound", gone.name)
    assert.equal(404, (call("POST", v2 .. "/verifications", { device_id = 1 })))
    for _, life in ipairs { 119, 901 } do
      assert.equal(422, (call("POST", v2 .. "/verifications", { device_id = device.id, expires_in = life })))
    end
  end)

  it("verifies in one call when the code comes along, and sends nothing then", function()
    local box, user, call, _, v2 = setup_box()
    for _, kind in ipairs { "totp", "protect" } do
      local device = box:add_device(user, kind)
      local _, wrong = call("POST", v2 .. "/verifications", { device_id = device.id, otp = wrong_code(box, device) })
      assert.equal("pending", wrong.status)
      local status, right = call("POST", v2 .. "/verifications", { device_id = device.id, otp = box:totp(device) })
      assert.equal(201, status)
      assert.equal("accepted", right.status)
    end
    assert.equal(0, #box.outbox)
  end)

  it("polls pushes, calls and magic links", function()
    local box, user, call, _, v2 = setup_box()
    local cases = { protect = "push", voice = "voice", email = "email" }
    for kind, sent in pairs(cases) do
      local device = box:add_device(user, kind, { push = kind ~= "email" and "ignore" or nil, link = kind == "email" })
      for verdict, word in pairs { approve = "accepted", deny = "rejected" } do
        local _, body = call("POST", v2 .. "/verifications", { device_id = device.id })
        assert.equal(sent, last(box.outbox).kind)
        local path = v2 .. "/verifications/" .. body.id
        assert.equal("pending", select(2, call("GET", path)).status)
        assert.is_true(box[verdict](box, user))
        assert.is_false(box[verdict](box, user)) -- nothing is open any more
        assert.equal(word, select(2, call("GET", path)).status)
      end
    end
  end)

  it("never takes a code typed here for one keyed into the telephone", function()
    local box, user, call, _, v2 = setup_box()
    local _, body = call("POST", v2 .. "/verifications", { device_id = box:add_device(user, "voice").id })
    assert.truthy(last(box.outbox).code)
    assert.equal("pending", select(2, call("PUT", v2 .. "/verifications/" .. body.id,
      { otp = last(box.outbox).code })).status)
  end)

  it("enrols an authenticator by its secret", function()
    local box, _, call, _, v2 = setup_box()
    local status, body = call("POST", v2 .. "/registrations", { factor_id = 58957, display_name = "App" })
    assert.equal(201, status)
    assert.equal("pending", body.status)
    local secret = body.factor_data.totp_url:match("^otpauth://totp/OneLogin:[^?]+%?secret=(%w+)&issuer=OneLogin$")
    local path = v2 .. "/registrations/" .. body.id
    assert.equal("pending", select(2, call("PUT", path, { otp = "x" })).status)
    assert.equal(0, #select(2, call("GET", v2 .. "/devices")))
    local code = totp.code(totp.unbase32(secret), box.clock.wall())
    assert.equal("accepted", select(2, call("PUT", path, { otp = code })).status)
    assert.equal("accepted", select(2, call("GET", path)).status)
    assert.equal(body.device_id, select(2, call("GET", v2 .. "/devices"))[1].device_id)
  end)

  it("enrols Protect and Voice by polling, SMS by code, and what is verified at once", function()
    local box, user, call, _, v2 = setup_box()
    local _, protect = call("POST", v2 .. "/registrations", { factor_id = 58958, display_name = "Telephone" })
    assert.truthy(protect.factor_data.verification_token)
    local path = v2 .. "/registrations/" .. protect.id
    assert.equal("pending", select(2, call("GET", path)).status)
    box.clock.advance(4)
    assert.equal("accepted", select(2, call("GET", path)).status)
    local _, voice = call("POST", v2 .. "/registrations", { factor_id = 58960, display_name = "Landline" })
    box:deny(user)
    assert.equal("rejected", select(2, call("GET", v2 .. "/registrations/" .. voice.id)).status)
    local _, sms = call("POST", v2 .. "/registrations", { factor_id = 58959, display_name = "Text" })
    assert.equal("accepted", select(2, call("PUT", v2 .. "/registrations/" .. sms.id,
      { otp = last(box.outbox).code })).status)
    local _, email = call("POST", v2 .. "/registrations", { factor_id = 58961, display_name = "Mail", verified = true })
    assert.equal("accepted", email.status)
    assert.equal(3, #select(2, call("GET", v2 .. "/devices")))
    local status = call("POST", v2 .. "/registrations", { factor_id = 58957, display_name = "App", verified = true })
    assert.equal(422, status)
  end)

  it("takes numbers and addresses from the profile alone", function()
    local box, _, call = setup_box()
    local bare = box:add_user { email = "nophone@acme.test" }
    local status, body = call("POST", "/api/2/mfa/users/" .. bare.id .. "/registrations",
      { factor_id = 58959, display_name = "Text" })
    assert.equal(422, status)
    assert.equal("phone", body.field)
  end)

  it("removes with 204 and no body", function()
    local box, user, call, _, v2 = setup_box()
    local device = box:add_device(user, "totp")
    local status, body = call("DELETE", v2 .. "/devices/" .. device.id)
    assert.equal(204, status)
    assert.is_nil(body)
    assert.equal(404, (call("DELETE", v2 .. "/devices/" .. device.id)))
  end)

  it("answers in an array of one, and in the clothes of v1, when told to", function()
    local box, user, call, _, v2 = setup_box { mfa_array = true, verify_status = "v1" }
    local device = box:add_device(user, "sms")
    local _, body = call("POST", v2 .. "/verifications", { device_id = device.id })
    assert.is_true(json.is_array(body))
    local path = v2 .. "/verifications/" .. body[1].id
    assert.equal("pending", select(2, call("GET", path))[1].status)
    local _, wrong = call("PUT", path, { otp = "no" })
    assert.equal("pending", wrong.status.type)
    local _, right = call("PUT", path, { otp = last(box.outbox).code })
    assert.same({ type = "success", code = 200, message = "Success", error = false }, right.status)
  end)

  it("wants Manage All, and tells a bad credential in its own words", function()
    local box, user, _, _, v2 = setup_box()
    local device = box:add_device(user, "totp")
    local manager = raw_api(box, "Manage Users")
    assert.equal(200, (manager("GET", v2 .. "/devices")))
    assert.equal(401, (manager("POST", v2 .. "/verifications", { device_id = device.id })))
    local answer = box:handle { method = "GET", target = v2 .. "/devices", headers = { authorization = "bearer x" } }
    assert.equal("InvalidCredentials", json.decode(answer.body).name)
  end)
end)

describe("people and their telephones", function()
  it("answer after a time, at a poll, never, or once otherwise", function()
    local box, user, call, _, v2 = setup_box { push = "ignore" }
    local device = box:add_device(user, "protect")
    local function statuses(n, pause)
      local _, body = call("POST", v2 .. "/verifications", { device_id = device.id })
      local seen = {}
      for i = 1, n do
        seen[i] = select(2, call("GET", v2 .. "/verifications/" .. body.id)).status
        box.clock.advance(pause)
      end
      return seen
    end
    assert.same({ "pending", "pending", "pending" }, statuses(3, 10))
    box:on_push(user, { "approve", after = 15 })
    assert.same({ "pending", "pending", "accepted" }, statuses(3, 10))
    box:on_push(user, { "deny", polls = 2 })
    assert.same({ "pending", "rejected", "rejected" }, statuses(3, 10))
    assert.same({ "pending", "pending" }, statuses(2, 10)) -- on_push was for one push
  end)

  it("count wrong codes on the user and lock at the tenth, or never", function()
    for _, limit in ipairs { 10, 0 } do
      local box, user, call, v1 = setup_box { lockout = limit }
      local device = box:add_device(user, "totp")
      local verify = v1 .. "/otp_devices/" .. device.id .. "/verify"
      for _ = 1, 9 do call("POST", verify, { otp_token = "x" }) end
      assert.equal(9, user.invalid_login_attempts)
      assert.equal(1, user.status)
      call("POST", verify, { otp_token = "x" })
      assert.equal(limit == 10 and 3 or 1, box:find_user("kim").status)
      -- The MFA endpoints themselves look at no status.
      assert.equal(200, (call("POST", verify, { otp_token = box:totp(device) })))
      assert.equal(0, user.invalid_login_attempts)
    end
  end)

  it("have devices by the seed, the same whoever is asked first", function()
    local function secrets(first)
      local box = sandbox { users = 40 }
      box:devices(first)
      local list = {}
      for _, row in box:each_user() do
        for _, d in ipairs(box:devices(row.id)) do
          list[#list + 1] = d.id .. d.type .. d.secret
        end
      end
      return table.concat(list, "\n")
    end
    assert.equal(secrets("ashley@acme.test"), secrets("akua@acme.test"))
    local box = sandbox { users = 40 }
    local kinds = {}
    for i, d in ipairs(box:devices("ashley@acme.test")) do kinds[i] = d.type end
    assert.same({ "totp", "sms", "protect" }, kinds)
  end)

  it("are put back by a snapshot, with every code used since then unused", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "totp")
    local code, saved = box:totp(device), box:snapshot()
    local verify = v1 .. "/otp_devices/" .. device.id .. "/verify"
    assert.equal(200, (call("POST", verify, { otp_token = code })))
    assert.equal(401, (call("POST", verify, { otp_token = code })))
    box:restore(saved)
    assert.equal(200, (call("POST", verify, { otp_token = code })))
  end)

  it("leave an event behind", function()
    local box, user, call, v1 = setup_box()
    local device = box:add_device(user, "totp")
    local verify = v1 .. "/otp_devices/" .. device.id .. "/verify"
    call("POST", verify, { otp_token = "x" })
    call("POST", verify, { otp_token = box:totp(device) })
    call("DELETE", v1 .. "/otp_devices/" .. device.id)
    local seen = {}
    for _, e in ipairs(box.store.events) do
      if e.user_id == user.id then seen[#seen + 1] = e.event_type_id end
    end
    assert.same({ 527, 528, 24 }, seen)
  end)

  it("are guarded against slips of whoever writes the test", function()
    local box, user = setup_box()
    assert.has_error(function() box:add_device(user, "pager") end)
    assert.has_error(function() box:add_device(user, "totp", { secrte = "A" }) end)
    assert.has_error(function() box:add_device(user, "totp", { secret = "1" }) end)
    assert.has_error(function() box:add_device(user, "protect", { push = "maybe" }) end)
    assert.has_error(function() box:add_device("nobody", "totp") end)
    assert.has_error(function() box:on_push(user, { "approve", afer = 2 }) end)
    assert.has_error(function() box:totp { id = 1 } end)
    assert.has_error(function() box:totp(box:add_device(user, "sms")) end)
  end)
end)

-- Signing in for a session in the sandbox: password, second factor, and the cookie at the end.
local world = require "spec.support.sign_in"
local support = require "spec.support.sandbox"
local sandbox = require "onelogin.sandbox"
local json = support.json

local PASSWORD = world.PASSWORD
local WRONG = "Failed authentication with this factor"
local LAPSED = "State token is invalid or expired"
local CREDENTIALS = "Authentication Failed: Invalid user credentials"
local LOCKED = "User is locked. Access is unauthorized"

local function form(token)
  return "session_token=" .. support.escape(token), { ["Content-Type"] = "application/x-www-form-urlencoded" }
end

describe("login", function()
  local box, kim, api

  before_each(function() box, kim, api = world.world() end)

  local function login(more, headers)
    local body = { username_or_email = "kim", password = PASSWORD, subdomain = "acme" }
    for k, v in pairs(more or {}) do body[k] = v end
    return api.post("/api/1/login/auth", body, headers)
  end

  local function verify(token, device, more, headers)
    local body = { device_id = type(device) == "table" and tostring(device.id) or device, state_token = token }
    for k, v in pairs(more or {}) do body[k] = v end
    return api.post("/api/1/login/verify_factor", body, headers)
  end

  local function refused(status, kind, message, got_status, body)
    assert.equal(status, got_status)
    assert.same({ status = { error = true, code = status, type = kind, message = message } }, body)
  end

  local function state_token(more, headers)
    local status, body = login(more, headers)
    assert.equal(200, status)
    return body.data[1].state_token
  end

  local function session_token(...)
    local status, body = login(...)
    assert.equal(200, status)
    return body.data[1].session_token
  end

  local function redeem(token)
    local text, headers = form(token)
    return api.send("POST", "/session_via_api_token", text, headers)
  end

  describe("by password", function()
    it("answers a session token to whoever has no device", function()
      local status, body = login()
      assert.equal(200, status)
      assert.same({ type = "success", message = "Success", code = 200, error = false }, body.status)
      assert.equal(1, #body.data)
      local data = body.data[1]
      assert.matches("^%x+$", data.session_token)
      assert.equal(40, #data.session_token)
      data.session_token = nil
      assert.same({ status = "Authenticated", return_to_url = json.null, expires_at = "2026/03/02 09:02:00 +0000",
        user = { id = kim.id, username = "kim", email = "kim@acme.test", firstname = "Kim", lastname = "Lee" } }, data)
    end)

    it("takes the e-mail address too, letter case aside, and shows what is asked for", function()
      local status, body = login { username_or_email = "KIM@acme.test", fields = "email, phone",
        return_to_url = "https://app.acme.test/home", subdomain = "ACME" }
      assert.equal(200, status)
      assert.same({ id = kim.id, email = "kim@acme.test", phone = "+15550123" }, body.data[1].user)
      assert.equal("https://app.acme.test/home", body.data[1].return_to_url)
    end)

    it("does not tell a wrong password from an unknown name", function()
      refused(401, "Unauthorized", CREDENTIALS, login { password = "wrong" })
      refused(401, "Unauthorized", CREDENTIALS, login { username_or_email = "nobody" })
    end)

    it("says what is missing", function()
      refused(400, "bad request", "username is empty", login { username_or_email = "" })
      refused(400, "bad request", "password is empty", login { password = "" })
      refused(400, "bad request", "Invalid subdomain", login { subdomain = "other" })
      local status, body = api.post("/api/1/login/auth", "{", { ["Content-Type"] = "application/json" })
      refused(400, "bad request", "Input JSON is not valid", status, body)
    end)

    it("says in other words that the credential is refused", function()
      local good = api.token
      api.token = "nonsense"
      refused(401, "Unauthorized", "Authentication Failure", login())
      api.token = good
      assert.equal(200, (login()))
      local readers = support.api(box, { scope = "Read Users" })
      refused(401, "Unauthorized", "Insufficient Permission", readers.post("/api/1/login/auth", {}))
      assert.equal(0, kim.invalid_login_attempts)
    end)

    it("locks after so many wrong passwords, for half an hour", function()
      box, kim, api = world.world { lockout = 3 }
      for _ = 1, 3 do refused(401, "Unauthorized", CREDENTIALS, login { password = "wrong" }) end
      assert.equal(3, kim.status)
      refused(401, "Unauthorized", LOCKED, login())
      refused(401, "Unauthorized", LOCKED, login { password = "wrong" })
      assert.same({ 6, 6, 6, 19, 6, 6 }, world.events(box))
      box.clock.advance(1801)
      assert.is_string(session_token())
      assert.equal(1, kim.status)
      assert.equal(0, kim.invalid_login_attempts)
    end)

    it("forgets wrong tries at a right one", function()
      login { password = "wrong" }
      assert.equal(1, kim.invalid_login_attempts)
      login()
      assert.equal(0, kim.invalid_login_attempts)
    end)

    it("lets only active and approved people in", function()
      for _, status in ipairs { 0, 4, 5, 7, 8 } do
        kim.status = status
        refused(401, "Unauthorized", CREDENTIALS, login())
      end
      for _, status in ipairs { 2, 3 } do
        kim.status = status
        refused(401, "Unauthorized", LOCKED, login())
      end
      kim.status, kim.state = 1, 3
      refused(401, "Unauthorized", CREDENTIALS, login())
    end)

    it("knows imported hashes, and the password of everybody when there is one", function()
      local hash = require("onelogin.crypto").hex(require("onelogin.crypto").digest("sha256", "salty" .. PASSWORD))
      box:set_password(kim, hash, "salt+sha256", "salty")
      assert.equal(200, (login()))
      assert.equal(401, (login { password = hash }))
      hash = require("onelogin.crypto").hex(require("onelogin.crypto").digest("sha256", PASSWORD .. "salty"))
      box:set_password(kim, hash, "sha256+salt", "salty")
      assert.equal(200, (login()))
      box:set_password(kim, PASSWORD, "bcrypt")
      assert.equal(401, (login()))
      box, kim, api = world.world { users = 3, password = "everybody's", mfa_required = false }
      assert.equal(401, (login { password = "everybody's" })) -- has one of her own
      assert.is_string(session_token { username_or_email = "ashley", password = "everybody's" })
      assert.equal(401, (login { username_or_email = "ashley", password = "another" }))
      box, kim, api = world.world { users = 3 }
      assert.equal(401, (login { username_or_email = "ashley", password = "false" }))
    end)

    it("wants a second factor of who has one, of everybody or of nobody", function()
      box:add_device(kim, "totp")
      assert.is_string(state_token())
      kim.mfa_required = false
      assert.is_string(session_token())
      box, kim, api = world.world { mfa_required = false }
      box:add_device(kim, "totp")
      assert.is_string(session_token())
      kim.mfa_required = true
      assert.is_string(state_token())
      box, kim, api = world.world { mfa_required = true }
      local status, body = login()
      assert.equal(400, status)
      assert.matches("^MFA", body.status.message)
      assert.has_error(function() sandbox { mfa_required = "perhaps" } end)
      assert.has_error(function() sandbox { password = 12 } end)
    end)
  end)

  describe("by second factor", function()
    it("lists the active devices under names of its own", function()
      local devices = {}
      for i, kind in ipairs { "totp", "sms", "protect", "yubikey", "duo", "email", "voice" } do
        devices[i] = box:add_device(kim, kind)
      end
      box:add_device(kim, "sms", { active = false })
      local status, body = login()
      assert.equal(200, status)
      assert.same({ type = "success", message = "MFA is required for this user", code = 200, error = false },
        body.status)
      local data = body.data[1]
      assert.equal("https://acme.onelogin.test/api/1/login/verify_factor", data.callback_url)
      assert.equal(kim.id, data.user.id)
      local seen = {}
      for i, d in ipairs(data.devices) do
        assert.equal(devices[i].id, d.device_id)
        seen[i] = d.device_type
      end
      assert.same({ "Google Authenticator", "OneLogin SMS", "OneLogin Protect", "Yubico YubiKey", "Duo Duo Security",
        "OneLogin Email", "OneLogin Voice" }, seen)
      assert.matches("^TX|%x+:APP|%x+$", data.devices[5].duo_sig_request)
      assert.is_string(data.devices[5].duo_api_hostname)
      assert.is_nil(data.session_token)
    end)

    it("can name another region, where the token is worth nothing", function()
      box, kim, api = world.world { other_region = true }
      box:add_device(kim, "totp")
      local _, body = login()
      assert.equal("https://api.eu.onelogin.invalid/api/1/login/verify_factor", body.data[1].callback_url)
    end)

    it("takes a code once, then gives the session token", function()
      local app = box:add_device(kim, "totp")
      local token = state_token { return_to_url = "https://app.acme.test/" }
      local status, body = verify(token, app, { otp_token = box:totp(app) })
      assert.equal(200, status)
      assert.equal("Success", body.status.message)
      assert.equal(40, #body.data[1].session_token)
      assert.equal("https://app.acme.test/", body.data[1].return_to_url)
      box.clock.advance(30)
      refused(400, "bad request", LAPSED, verify(token, app, { otp_token = box:totp(app) }))
    end)

    it("keeps the state token through wrong codes, which count", function()
      local app = box:add_device(kim, "totp")
      local token = state_token()
      for _ = 1, 3 do
        refused(401, "Unauthorized", WRONG, verify(token, app, { otp_token = world.wrong_code(box, app) }))
      end
      assert.equal(3, kim.invalid_login_attempts)
      assert.equal(200, (verify(token, app, { otp_token = box:totp(app) })))
      assert.equal(0, kim.invalid_login_attempts)
    end)

    it("does not forget wrong codes at a right password", function()
      local app = box:add_device(kim, "totp")
      verify(state_token(), app, { otp_token = world.wrong_code(box, app) })
      state_token()
      assert.equal(1, kim.invalid_login_attempts)
    end)

    it("refuses whoever was locked meanwhile, whatever the code", function()
      box, kim, api = world.world { lockout = 2 }
      local app = box:add_device(kim, "totp")
      local token = state_token()
      for _ = 1, 2 do verify(token, app, { otp_token = world.wrong_code(box, app) }) end
      refused(401, "Unauthorized", LOCKED, verify(token, app, { otp_token = box:totp(app) }))
      kim.status = 1
      refused(400, "bad request", LAPSED, verify(token, app, { otp_token = box:totp(app) }))
    end)

    it("ends the state token after two minutes", function()
      local app = box:add_device(kim, "totp")
      local token = state_token()
      box.clock.advance(119)
      refused(401, "Unauthorized", WRONG, verify(token, app, { otp_token = world.wrong_code(box, app) }))
      box.clock.advance(1)
      refused(400, "bad request", LAPSED, verify(token, app, { otp_token = box:totp(app) }))
    end)

    it("binds the state token to the host that gave it", function()
      local app = box:add_device(kim, "totp")
      local token = state_token()
      local function there(origin)
        local answer = box:handle { method = "POST", target = "/api/1/login/verify_factor", origin = origin,
          headers = { authorization = "bearer " .. api.token, ["content-type"] = "application/json" },
          body = json.encode { state_token = token, device_id = tostring(app.id), otp_token = box:totp(app) } }
        return answer.status, json.decode(answer.body)
      end
      refused(400, "bad request", LAPSED, there "https://api.eu.onelogin.test")
      assert.equal(200, (there(box.base_url)))
    end)

    it("wants a token of its own family, and a device of this user", function()
      local app = box:add_device(kim, "totp")
      local phone = box:add_device(kim, "sms")
      local other = box:add_device(box:add_user { email = "lou@acme.test" }, "totp")
      local token = state_token()
      for _, bad in ipairs { tostring(other.id), "0", "x", "", json.null } do
        refused(400, "bad request", "Factor could not be found", verify(token, bad, { otp_token = "123456" }))
      end
      for _, bad in ipairs { "", "nonsense", json.null } do
        refused(400, "bad request", LAPSED, verify(bad, app, { otp_token = box:totp(app) }))
      end
      local all = support.api(box)
      local _, sent = all.post(("/api/1/users/%d/otp_devices/%d/trigger"):format(kim.id, phone.id), {})
      refused(400, "bad request", LAPSED, verify(sent.data[1].state_token, phone,
        { otp_token = box.outbox[1].code }))
      local status, body = all.post(("/api/1/users/%d/otp_devices/%d/verify"):format(kim.id, phone.id),
        { state_token = token, otp_token = box.outbox[1].code })
      refused(400, "bad request", LAPSED, status, body)
      assert.equal(200, (verify(token, app, { otp_token = box:totp(app) })))
    end)

    it("takes device ids as numbers too, and any device of the user on one token", function()
      local app, key = box:add_device(kim, "totp"), box:add_device(kim, "yubikey")
      local token = state_token()
      refused(401, "Unauthorized", WRONG, verify(token, app, { otp_token = world.wrong_code(box, app) }))
      assert.equal(200, (api.post("/api/1/login/verify_factor", { device_id = key.id, state_token = token,
        otp_token = box:totp(key) })))
    end)

    it("says that a code is missing where none is sent", function()
      local token
      for _, kind in ipairs { "totp", "yubikey" } do
        local device = box:add_device(kim, kind)
        token = token or state_token()
        refused(400, "bad request", "OTP token blank", verify(token, device))
        refused(400, "bad request", "OTP token blank", verify(token, device, { otp_token = "" }))
      end
    end)

    it("sends an SMS at every call without a code, also when told not to notify", function()
      local phone = box:add_device(kim, "sms")
      local token = state_token()
      for _, more in ipairs { {}, { do_not_notify = true }, { otp_token = "" } } do
        local status, body = verify(token, phone, more)
        assert.equal(200, status)
        assert.same({ status = { type = "pending", code = 200, error = false,
          message = "SMS token sent to your mobile device. Authentication pending." } }, body)
      end
      assert.same({ "sms", "sms", "sms" }, world.sent(box))
      assert.equal("+15550123", box.outbox[3].to)
      refused(401, "Unauthorized", WRONG, verify(token, phone, { otp_token = box.outbox[2].code }))
      assert.equal(200, (verify(token, phone, { otp_token = box.outbox[3].code })))
    end)

    it("sends codes by mail", function()
      local mail = box:add_device(kim, "email")
      local token = state_token()
      assert.equal("pending", select(2, verify(token, mail)).status.type)
      assert.equal(200, (verify(token, mail, { otp_token = box.outbox[1].code })))
    end)

    it("lets a sent code live no longer than its state token", function()
      local phone = box:add_device(kim, "sms")
      local token = state_token()
      box.clock.advance(100)
      verify(token, phone)
      box.clock.advance(19)
      refused(401, "Unauthorized", WRONG, verify(token, phone, { otp_token = "WRONG1" }))
      box.clock.advance(1)
      refused(400, "bad request", LAPSED, verify(token, phone, { otp_token = box.outbox[1].code }))
    end)

    it("waits for a push that is sent once, and polled without a word", function()
      local protect = box:add_device(kim, "protect")
      local token = state_token()
      local status, body = verify(token, protect)
      assert.equal(200, status)
      assert.same({ status = { type = "pending", code = 200, error = false,
        message = "Authentication pending on OL Protect" } }, body)
      box.clock.advance(2)
      assert.equal("pending", select(2, verify(token, protect, { do_not_notify = true })).status.type)
      box.clock.advance(2)
      status, body = verify(token, protect, { do_not_notify = true })
      assert.equal(200, status)
      assert.is_string(body.data[1].session_token)
      assert.same({ "push" }, world.sent(box))
      refused(400, "bad request", LAPSED, verify(token, protect, { do_not_notify = true }))
    end)

    it("pushes again at each call that does not say otherwise; an answer to the first counts", function()
      local protect = box:add_device(kim, "protect")
      local token = state_token()
      verify(token, protect)
      box.clock.advance(3)
      verify(token, protect)
      assert.same({ "push", "push" }, world.sent(box))
      box.clock.advance(1)
      assert.is_table(select(2, verify(token, protect)).data)
      assert.same({ "push", "push" }, world.sent(box))
    end)

    it("never pushes when the first call says so already", function()
      local protect = box:add_device(kim, "protect")
      local token = state_token()
      for _ = 1, 3 do
        assert.equal("pending", select(2, verify(token, protect, { do_not_notify = true })).status.type)
        box.clock.advance(10)
      end
      assert.same({}, world.sent(box))
      assert.equal(200, (verify(token, protect, { otp_token = box:totp(protect) })))
    end)

    it("takes a typed code while a push is open", function()
      local protect = box:add_device(kim, "protect", { push = "ignore" })
      local token = state_token()
      verify(token, protect)
      refused(401, "Unauthorized", WRONG, verify(token, protect, { otp_token = world.wrong_code(box, protect) }))
      assert.equal("pending", select(2, verify(token, protect, { do_not_notify = true })).status.type)
      assert.equal(200, (verify(token, protect, { otp_token = box:totp(protect) })))
    end)

    it("ends with a refused push", function()
      local protect = box:add_device(kim, "protect", { push = "deny" })
      local token = state_token()
      verify(token, protect)
      refused(401, "Unauthorized", WRONG, verify(token, protect, { do_not_notify = true }))
      refused(400, "bad request", LAPSED, verify(token, protect, { otp_token = box:totp(protect) }))
      assert.equal(0, kim.invalid_login_attempts)
    end)

    it("obeys the presses of whoever owns the box", function()
      local protect = box:add_device(kim, "protect", { push = "ignore" })
      local token = state_token()
      assert.is_false(box:approve("kim"))
      verify(token, protect)
      assert.is_true(box:approve("kim"))
      assert.is_table(select(2, verify(token, protect, { do_not_notify = true })).data)
      token = state_token()
      verify(token, protect)
      assert.is_true(box:deny("kim"))
      assert.equal(401, (verify(token, protect, { do_not_notify = true })))
    end)

    it("polls a call, a magic link and Duo as far as each goes", function()
      local voice, link = box:add_device(kim, "voice"), box:add_device(kim, "email", { link = true })
      local duo = box:add_device(kim, "duo")
      local token = state_token()
      assert.equal("pending", select(2, verify(token, voice)).status.type)
      box.clock.advance(4)
      assert.is_table(select(2, verify(token, voice, { do_not_notify = true })).data)
      token = state_token()
      assert.equal("pending", select(2, verify(token, link)).status.type)
      assert.equal("pending", select(2, verify(token, link, { do_not_notify = true })).status.type)
      assert.is_true(box:approve("kim"))
      assert.is_table(select(2, verify(token, link, { do_not_notify = true })).data)
      assert.same({ "voice", "email" }, world.sent(box))
      token = state_token()
      assert.equal("Authentication pending on Duo", select(2, verify(token, duo)).status.message)
      assert.equal(200, (verify(token, duo, { otp_token = box:totp(duo) })))
    end)

    it("survives a snapshot", function()
      local phone = box:add_device(kim, "sms")
      local token = state_token()
      verify(token, phone)
      local saved = box:snapshot()
      local code = box.outbox[1].code
      assert.equal(200, (verify(token, phone, { otp_token = code })))
      box:restore(saved)
      assert.equal(200, (verify(token, phone, { otp_token = code })))
    end)
  end)

  describe("in the browser", function()
    local ORIGIN = "https://login.acme.test"

    local function cors(token, origin, headers)
      headers = headers or { ["Content-Type"] = "application/json" }
      headers.Origin = origin
      return api.send("POST", "/session_via_api_token", json.encode { session_token = token }, headers)
    end

    it("turns a token into a cookie by form, once", function()
      local token = session_token()
      local status, _, headers, text = redeem(token)
      assert.equal(302, status)
      assert.equal("https://acme.onelogin.test/portal", headers.location)
      assert.equal("", text)
      local cookie = headers["set-cookie"]
      assert.matches("^sub_session_onelogin%.com=%x+; Path=/; HttpOnly; Secure; SameSite=None$", cookie)
      local page_status, _, page_headers, page = api.send("GET", "/portal", nil,
        { Cookie = "a=b; " .. cookie:match("^[^;]+") })
      assert.equal(200, page_status)
      assert.matches("Signed in as kim@acme%.test", page)
      assert.equal("no-store", page_headers["cache-control"])
      status, _, headers = redeem(token)
      assert.equal(400, status)
      assert.is_nil(headers["set-cookie"])
      assert.same({ 5 }, world.events(box))
      assert.equal(box.clock.wall(), kim.last_login)
    end)

    it("goes to the address that was asked for, if it is one", function()
      local _, _, headers = redeem(session_token { return_to_url = "https://app.acme.test/a?b=c" })
      assert.equal("https://app.acme.test/a?b=c", headers.location)
      for _, bad in ipairs { "javascript:alert(1)", "https://a\r\nSet-Cookie: x=y", 12 } do
        _, _, headers = redeem(session_token { return_to_url = bad })
        assert.equal("https://acme.onelogin.test/portal", headers.location)
      end
    end)

    it("forgets a token after two minutes", function()
      local token = session_token()
      box.clock.advance(119)
      assert.equal(302, (redeem(token)))
      token = session_token()
      box.clock.advance(120)
      assert.equal(400, (redeem(token)))
      assert.equal(400, (redeem("nonsense")))
      assert.equal(400, (redeem("")))
    end)

    it("takes CORS from an announced origin, answers nothing but the cookie", function()
      local token = session_token({}, { ["Custom-Allowed-Origin-Header-1"] = "https://other.test:8443, " .. ORIGIN })
      local status, _, headers, text = cors(token, ORIGIN)
      assert.equal(200, status)
      assert.equal("", text)
      assert.equal(ORIGIN, headers["access-control-allow-origin"])
      assert.equal("true", headers["access-control-allow-credentials"])
      assert.equal("Origin", headers.vary)
      assert.matches("^sub_session_onelogin%.com=%x+", headers["set-cookie"])
    end)

    it("gives any other origin nothing that a browser would let through, and keeps the token", function()
      local token = session_token({}, { ["Custom-Allowed-Origin-Header-1"] = "https://a.test/path,ftp://b.test",
        ["Custom-Allowed-Origin-Header-2"] = ORIGIN })
      for _, origin in ipairs { "https://evil.test", "https://a.test", "https://a.test/path", "ftp://b.test",
        "http://login.acme.test", ORIGIN .. ":8443", ORIGIN .. ".evil.test", "null" } do
        local status, _, headers = cors(token, origin)
        assert.equal(403, status)
        assert.is_nil(headers["access-control-allow-origin"])
        assert.is_nil(headers["set-cookie"])
      end
      assert.equal(403, (cors(token, nil)))
      assert.equal(403, (cors("nonsense", ORIGIN)))
      assert.equal(200, (cors(token, ORIGIN)))
      assert.equal(403, (cors(token, ORIGIN)))
      assert.equal(403, (cors(session_token(), ORIGIN)))
    end)

    it("announces origins at the second factor as well", function()
      local app = box:add_device(kim, "totp")
      local token = state_token({}, { ["Custom-Allowed-Origin-Header-1"] = "https://first.test" })
      local _, body = verify(token, app, { otp_token = box:totp(app) },
        { ["Custom-Allowed-Origin-Header-1"] = "https://second.test" })
      local session = body.data[1].session_token
      assert.equal(403, (cors(session, "https://third.test")))
      assert.equal(200, (cors(session, "https://second.test")))
      box.clock.advance(60)
      token = state_token({}, { ["Custom-Allowed-Origin-Header-1"] = "https://first.test" })
      _, body = verify(token, app, { otp_token = box:totp(app) })
      assert.equal(200, (cors(body.data[1].session_token, "https://first.test")))
    end)

    it("answers the preflight of announced origins alone", function()
      local function preflight(origin)
        local answer = box:handle { method = "OPTIONS", target = "/session_via_api_token",
          headers = { origin = origin, ["access-control-request-method"] = "POST" } }
        return answer.status, answer.headers
      end
      assert.equal(403, (preflight(ORIGIN)))
      session_token({}, { ["Custom-Allowed-Origin-Header-1"] = ORIGIN })
      local status, headers = preflight(ORIGIN)
      assert.equal(204, status)
      assert.equal(ORIGIN, headers["access-control-allow-origin"])
      assert.equal("true", headers["access-control-allow-credentials"])
      assert.equal("Content-Type", headers["access-control-allow-headers"])
      assert.equal("POST", headers["access-control-allow-methods"])
      status, headers = preflight "https://evil.test"
      assert.equal(403, status)
      assert.is_nil(headers["access-control-allow-origin"])
      assert.equal(403, (preflight(nil)))
      box.clock.advance(120)
      assert.equal(403, (preflight(ORIGIN)))
    end)

    it("sets a cookie that a browser takes over plain HTTP too", function()
      local token = session_token()
      local text = form(token)
      local answer = box:handle { method = "POST", target = "/session_via_api_token", origin = "http://127.0.0.1:8080",
        body = text, headers = { ["content-type"] = "application/x-www-form-urlencoded" } }
      assert.equal(302, answer.status)
      assert.equal("http://127.0.0.1:8080/portal", answer.headers.location)
      assert.matches("^sub_session_onelogin%.com=%x+; Path=/; HttpOnly; SameSite=Lax$", answer.headers["set-cookie"])
    end)

    it("ends the sessions of who is logged out", function()
      local _, _, headers = redeem(session_token())
      local cookie = headers["set-cookie"]:match("^[^;]+")
      assert.equal(200, (support.api(box).put(("/api/1/users/%d/logout"):format(kim.id))))
      local status, _, _, page = api.send("GET", "/portal", nil, { Cookie = cookie })
      assert.equal(401, status)
      assert.matches("Not signed in", page)
    end)

    it("escapes the name it shows", function()
      kim.email = "<b>\"kim\"&'x'@acme.test"
      box:touch(kim)
      local _, _, headers = redeem(session_token())
      local _, _, _, page = api.send("GET", "/portal", nil, { Cookie = headers["set-cookie"]:match("^[^;]+") })
      assert.truthy(page:find("&lt;b&gt;&quot;kim&quot;&amp;&#39;x&#39;@acme.test", 1, true))
    end)
  end)

  it("leaves no password, code or token in the journal", function()
    local phone = box:add_device(kim, "sms")
    login { password = "wrong" }
    local token = state_token({}, { ["Custom-Allowed-Origin-Header-1"] = "https://login.acme.test" })
    verify(token, phone)
    local code = box.outbox[1].code
    local _, body = verify(token, phone, { otp_token = code })
    local session = body.data[1].session_token
    api.send("POST", "/session_via_api_token", json.encode { session_token = "nonsense", note = session },
      { ["Content-Type"] = "application/json", Origin = "https://evil.test" })
    api.get("/portal/" .. session .. "?q=" .. session)
    redeem(session)
    local text = world.journal(box)
    assert.matches("login%.verify_factor", text)
    for _, secret in ipairs { PASSWORD, token, code, session } do
      assert.is_nil(text:find(secret, 1, true))
    end
  end)
end)

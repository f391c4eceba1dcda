-- The machine that login and SAML share, in all three families of routes, against the sandbox on its virtual clock:
-- every state and edge, and what each answer of the service leads to.  (flows_login_spec.lua, flows_saml_spec.lua: what
-- only one of them has; flows_sign_in_trust_spec.lua: what must never count as a sign-in.)
local flow_world = require "spec.support.flow_world"
local support = require "spec.support.password_world"

local PASSWORD, LOCKED, WRONG = support.PASSWORD, support.LOCKED, support.WRONG
local new_world, script, bodies = support.new, support.script, support.bodies
local change, newest_code = flow_world.change, flow_world.newest_code

-- What a step answered, in one line: need and note, or kind, reason and state.
local function told(want, err)
  if want then return want.need .. (want.note and " " .. want.note or "") end
  return ("%s %s %s"):format(err.kind, tostring(err.reason), tostring(err.state))
end

-- A device of Kim's in a new world.
local function world_with(kind, options, more)
  local world = new_world(options)
  return world, world.box:add_device(world.user, kind, more)
end

for _, F in ipairs(support.families) do
  local run, start, at = F.run, F.start, F.at

  describe(F.name .. ": the password", function()
    it("is enough where no second factor is due", function()
      for _, name in ipairs { "kim", "  kim ", "KIM@acme.test" } do
        local world = new_world()
        local login = assert(run(world, { user = name }))
        assert.is_true(login.granted)
        assert.equal("password", login.method)
        assert.is_nil(login.device)
        assert.equal("string", type(login[F.key]))
        assert.equal(1, F.passwords(world))
        assert.equal(0, F.factors(world))
      end
    end)

    it("that is wrong as a string ends it, and is sent once: no other token, no other try", function()
      local world = new_world()
      local _, err = run(world, { password = "no" })
      assert.same({ "denied", "wrong_password", "flows." .. F.flow }, { err.kind, err.reason, err.operation })
      assert.same({ 1, 1, 1 }, { F.passwords(world), support.tokens(world), world.user.invalid_login_attempts })
    end)

    it("that is wrong is asked for again, at most three times", function()
      local world, seen = new_world(), {}
      local function password(info)
        seen[#seen + 1] = ("%d %s"):format(info.tries_left, tostring(info.note))
        return "no"
      end
      local _, err = run(world, { password = password })
      assert.same({ "denied", "wrong_password", "REFUSED" }, { err.kind, err.reason, err.state })
      assert.same({ "3 nil", "2 wrong", "1 wrong" }, seen)
      assert.same({ 3, 1 }, { F.passwords(world), support.tokens(world) })
      local tries = 0
      assert.is_true(run(world, { max_tries = 5, password = function()
        tries = tries + 1
        return tries == 3 and PASSWORD or "no"
      end }).granted)
      assert.equal(0, world.user.invalid_login_attempts)
      _, err = run(world, { max_tries = 1, password = function() return "no" end })
      assert.equal("wrong_password", err.reason)
    end)

    it("is of an unknown, unapproved or inactive person: wrong like any other", function()
      local world = new_world()
      for _, name in ipairs { "nobody", ("k"):rep(254) } do
        assert.equal("wrong_password", select(2, run(world, { user = name })).reason)
      end
      for _, status in ipairs { 0, 4, 5, 7, 8 } do
        world.user.status = status
        assert.equal("wrong_password", select(2, run(world, {})).reason)
      end
    end)

    it("is of somebody locked or suspended", function()
      for _, status in ipairs { 2, 3 } do
        local world = new_world()
        world.user.status = status
        assert.equal("denied locked REFUSED", told(start(world):step()))
        assert.equal(1, support.tokens(world))
      end
      local world = new_world { box = { lockout = 2 } }
      local flow = start(world, { password = "no" })
      assert.equal("password wrong", told(flow:step()))
      assert.equal("password wrong", told(flow:step { password = "no" }))
      assert.equal("denied locked REFUSED", told(flow:step { password = PASSWORD }))
      assert.equal("denied locked REFUSED", told(flow:step { password = PASSWORD }))
      assert.equal(3, F.passwords(world))
    end)

    it("is right, and a second factor due that is not there yet", function()
      local world = new_world { box = { mfa_required = true } }
      assert.equal("denied mfa_setup REFUSED", told(start(world):step()))
      for _, devices in ipairs { {}, "none" } do
        world = new_world()
        script(world, F.AUTH, { { 200, F.due { state_token = "t", devices = devices, user = { id = 1 } } } })
        assert.equal("denied mfa_setup REFUSED", told(start(world):step()))
      end
    end)

    it("is right, and no device of an allowed type there", function()
      local world = world_with("sms")
      local _, err = run(world, { factors = { "authenticator" } })
      assert.same({ "denied", "no_devices", "REFUSED" }, { err.kind, err.reason, err.state })
      assert.equal(0, #world.box.outbox)
    end)

    it("is not asked for behind a name that cannot be one: no call at all", function()
      local world = new_world()
      for _, name in ipairs { "", " ", "\t", "ki\nm", "kim\0", "k\255m", ("k"):rep(255) } do
        local _, err = run(world, { user = name })
        assert.same({ "invalid", "bad_name", "user", "REFUSED" }, { err.kind, err.reason, err.field, err.state })
      end
      assert.equal(0, #world.sent)
    end)

    it("that is blank, or no text, is no password, and not sent", function()
      local world = new_world()
      local flow = start(world, { password = "" })
      assert.equal("invalid bad_password PASSWORD", told(flow:step()))
      assert.equal("invalid bad_password PASSWORD", told(flow:step { password = "" }))
      assert.equal("invalid bad_password PASSWORD", told(flow:step { password = "tide\255" }))
      assert.equal("password", told(flow:step()))
      assert.equal(0, #world.sent)
      assert.is_true(flow:step { password = PASSWORD }.login.granted)
    end)

    it("meets an account that the service does not know: invalid, and nobody's fault", function()
      local world = new_world()
      local flow = start(world, { subdomain = "other" })
      local _, err = flow:step()
      assert.same({ "invalid", 400, "Invalid subdomain" }, { err.kind, err.status, err.message })
      assert.equal("password", told(flow:step()))
      assert.equal(1, F.passwords(world))
    end)

    it("is not blamed, nor sent again, when the credential is refused", function()
      local dead = {
        { 401, F.refused(401, "Authentication Failure"), "auth" },
        { 401, { statusCode = 401, name = "InvalidCredentials", message = "Please provide valid credentials" },
          "auth" },
        { 401, F.refused(401, "Insufficient Permission"), "permission" },
        { 400, F.refused(400, "Authorization Information is incorrect"), "auth" },
        { 403, { statusCode = 403, name = "ForbiddenAction",
          message = "You are not authorised to perform this action or access the resource" }, "permission" },
        { 401, "", "auth" }, { 401, "<html>no</html>", "auth" },
      }
      for _, answer in ipairs(dead) do
        local world = new_world()
        script(world, F.AUTH, { answer })
        local flow = start(world)
        local _, err = flow:step()
        assert.same({ answer[3], answer[1] }, { err.kind, err.status })
        assert.is_nil(err.reason)
        assert.equal(1, F.passwords(world))
        assert.equal("password", told(flow:step())) -- it is gone: whoever goes on types it again
        assert.is_true(flow:step { password = PASSWORD }.login.granted)
        assert.equal(2, F.passwords(world))
      end
      local world = new_world()
      world.client.login:create_session_token { username_or_email = "x", password = "x", subdomain = "acme" }
      world.box:revoke_tokens()
      local before = F.passwords(world)
      local _, err = run(world, {})
      assert.equal("auth", err.kind)
      assert.equal(before + 1, F.passwords(world))
      assert.equal(0, world.user.invalid_login_attempts)
      assert.is_true(run(world, {}).granted)
      world = new_world { scope = "Read Users" }
      assert.equal(F.version == "v2" and "auth" or "permission", select(2, run(world, {})).kind)
    end)

    it("is not sent again when its answer was lost or the service is in trouble", function()
      for _, kind in ipairs { "after", "before", 500, 503, 429 } do
        local world = new_world()
        world.box:fault { operation = F.flow == "login" and "login.*" or "saml*",
          drop = type(kind) == "string" and kind or nil, status = type(kind) == "number" and kind or nil }
        local flow = start(world)
        local _, err = flow:step()
        assert.truthy(({ network = true, server = true, rate_limited = true })[err.kind], err.kind)
        assert.equal(1, F.passwords(world))
        assert.equal("password", told(flow:step()))
        assert.is_true(flow:step { password = PASSWORD }.login.granted)
      end
    end)

    it("comes by a step, by a function, or not at all", function()
      local world = new_world()
      local flow = start(world, { password = false })
      assert.same({ "password", 3, 0 }, { flow:step().need, flow:step().tries_left, flow:step().turn })
      assert.equal(0, #world.sent)
      local want = flow:step { password = PASSWORD }
      assert.equal("nothing", want.need)
      assert.equal(1, want.turn)
      assert.is_true(F.run(world, { password = setmetatable({}, { __call = function() return PASSWORD end }) }).granted)
      local _, err = run(world, { password = function() end })
      assert.same({ "cancelled", "cancelled", "CANCELLED" }, { err.kind, err.reason, err.state })
      flow = start(world)
      assert.equal("cancelled cancelled CANCELLED", told(flow:step { cancel = true }))
      assert.is_true(start(world, { password = false }):run({ password = PASSWORD }).granted)
    end)

    it("counts on its guard: wrong ones, and none that was right or never judged", function()
      local world = world_with("totp")
      local function guarded(password)
        return flow_world.guarded(world, start(world, { password = password }), { failures = 2 })
      end
      for _ = 1, 4 do guarded(PASSWORD):step() end
      world.down = true
      assert.equal("network", select(2, guarded(PASSWORD):step()).kind) -- may have counted
      world.down = false
      assert.equal("password wrong", told(guarded("no"):step()))
      assert.equal("denied too_many_failures REFUSED", told(guarded(PASSWORD):step()))
      local before = #world.sent
      local _, err = guarded(PASSWORD):step()
      assert.is_true(err.retry_after >= 899 and err.retry_after <= 900)
      assert.equal(before, #world.sent)
      world.box.clock.advance(900)
      assert.equal("password wrong", told(guarded("no"):step()))
      local flow = guarded(PASSWORD)
      local device = world.box:devices(world.user)[1]
      flow:step { device = tostring(device.id) }
      assert.is_true(flow:step { code = world.box:totp(device) }.login.granted)
      assert.equal("password wrong", told(guarded("no"):step())) -- and the one before still counts
      assert.equal("denied too_many_failures REFUSED", told(guarded(PASSWORD):step()))
    end)
  end)

  describe(F.name .. ": a typed code", function()
    it("of TOTP, YubiKey and Duo goes in one call with the device", function()
      for kind, name in pairs { totp = "authenticator", yubikey = "yubikey", duo = "duo" } do
        local world, device = world_with(kind)
        local seen
        local login = assert(run(world, { otp = function(d, info)
          seen = ("%s %s"):format(d.type, info.tries_left)
          return (world.box:totp(device):gsub("^...", "%0 "))
        end }))
        assert.equal(name .. " 3", seen)
        assert.same({ "code", name, tostring(device.id) }, { login.method, login.device.type, login.device.id })
        assert.equal(tostring(world.user.id), login.user.id)
        assert.equal("string", type(login[F.key]))
        assert.same({ 1, 1, 0 }, { F.passwords(world), F.factors(world), #world.box.outbox })
      end
    end)

    it("that is wrong is asked for again on the same state token", function()
      local world, device = world_with("totp")
      local round, notes = 0, {}
      local login = run(world, { otp = function(_, info)
        round = round + 1
        notes[round] = ("%d %s"):format(info.tries_left, tostring(info.note))
        return round < 3 and "000000x" or world.box:totp(device)
      end })
      assert.is_true(login.granted)
      assert.same({ "3 nil", "2 wrong", "1 wrong" }, notes)
      assert.same({ 1, 3, 1 }, { F.passwords(world), F.factors(world), support.tokens(world) })
      local sent = bodies(world, F.VERIFY)
      assert.equal(sent[1].state_token, sent[3].state_token)
    end)

    it("that is wrong three times is the end", function()
      for _, kind in ipairs { "totp", "sms" } do
        local world = world_with(kind)
        local _, err = run(world, { otp = function() return "000000x" end })
        assert.same({ "denied", "wrong_code", "REFUSED" }, { err.kind, err.reason, err.state })
        assert.equal(3, world.user.invalid_login_attempts)
        assert.equal(1, support.tokens(world)) -- a refused person costs no token
      end
    end)

    it("that is blank or impossible is not sent", function()
      local world = world_with("totp")
      local flow = at(world, 1)
      local before = #world.sent
      assert.equal("code", told(flow:step { code = " " }))
      assert.equal("invalid bad_code CODE", told(flow:step { code = "1'2" }))
      assert.same({ before, 3 }, { #world.sent, flow:step().tries_left })
    end)

    it("comes by SMS, sent once, and again when asked", function()
      for _, kind in ipairs { "sms", "email" } do
        local world = world_with(kind)
        local login = run(world, { otp = function() return newest_code(world) end })
        assert.same({ "code", 1, 2 }, { login.method, #world.box.outbox, F.factors(world) })
        world = world_with(kind)
        local first
        local round = 0
        login = run(world, { otp = function()
          round = round + 1
          if round == 1 then
            first = newest_code(world)
            return nil, "resend"
          end
          return round == 2 and first or newest_code(world)
        end })
        assert.same({ "code", 2, 3 }, { login.method, #world.box.outbox, round }) -- the first one no longer counts
        assert.equal(1, F.passwords(world))
      end
    end)

    it("is sent five times at most", function()
      local world = world_with("sms")
      local _, err = run(world, { otp = function() return nil, "resend" end })
      assert.same({ "denied", "too_many_sends", "REFUSED" }, { err.kind, err.reason, err.state })
      assert.equal(5, #world.box.outbox)
    end)

    it("belongs to a device of which nothing is known: asked for when the service says so", function()
      local world, device = world_with("totp")
      change(world, F.AUTH, function(body) F.row(body).devices[1].device_type = "Carrier Pigeon" end)
      local flow, want = at(world, 1)
      assert.equal("code", want.need)
      assert.same({ "unknown", "Carrier Pigeon" }, { want.device.type, want.device.factor })
      assert.is_true(flow:step { code = world.box:totp(device) }.login.granted)
      assert.equal(2, F.factors(world)) -- "OTP token blank", then the code
    end)

    it("is asked for at once of a telephone that the service will not push", function()
      local world, device = world_with("protect", nil, { needs_trigger = false })
      local flow, want = at(world, 1)
      assert.equal("code", want.need)
      assert.is_true(flow:step { code = world.box:totp(device) }.login.granted)
      assert.equal(0, #world.box.outbox)
      local other = at(world, nil)
      assert.equal("code", other:step { device = tostring(device.id) }.need) -- the ring of the first is over
    end)

    it("leads back to the password when the state token has lapsed", function()
      for _, ours in ipairs { true, false } do
        local world = world_with("sms")
        local notes = {}
        local login = run(world, {
          password = function(info)
            notes[#notes + 1] = tostring(info.note)
            return PASSWORD
          end,
          otp = function()
            if #notes == 1 and ours then world.box.clock.advance(120) end
            if #notes == 1 and not ours then world.box.store.sign_ins = {} end
            return newest_code(world)
          end,
        })
        assert.is_true(login.granted)
        assert.same({ "nil", "expired" }, notes)
        assert.same({ 2, 2 }, { F.passwords(world), #world.box.outbox })
        assert.equal(ours and 3 or 4, F.factors(world)) -- what our own clock knows needs no call
      end
      local world, device = world_with("totp")
      local _, err = run(world, { otp = function()
        world.box.clock.advance(120)
        return world.box:totp(device)
      end })
      assert.same({ "timeout", "expired" }, { err.kind, err.reason })
      assert.equal(1, F.passwords(world))
    end)

    it("meets a locked person", function()
      local world, device = world_with("totp", { box = { lockout = 2 } })
      local flow = at(world, 1)
      assert.equal("code wrong", told(flow:step { code = "000000x" }))
      assert.equal("code wrong", told(flow:step { code = "000000x" }))
      assert.equal("denied locked REFUSED", told(flow:step { code = world.box:totp(device) }))
    end)

    it("is not blamed when the credential is refused, and may be sent again by whoever likes", function()
      local world, device = world_with("totp")
      local flow = at(world, 1)
      world.box:revoke_tokens()
      local _, err = flow:step { code = world.box:totp(device) }
      assert.same({ "auth", 401 }, { err.kind, err.status })
      assert.equal(1, F.factors(world))
      assert.equal(3, flow:step().tries_left)
      assert.is_true(flow:step { code = world.box:totp(device) }.login.granted)
    end)

    it("counts on its guard", function()
      local world = world_with("totp")
      for _ = 1, 2 do
        local flow = flow_world.guarded(world, start(world), { failures = 2 })
        flow:step { device = flow:step().devices[1].id }
        flow:step { code = "000000x" }
      end
      local flow = flow_world.guarded(world, start(world))
      flow:step { device = flow:step().devices[1].id }
      assert.equal("denied too_many_failures REFUSED", told(flow:step { code = "000000x" }))
    end)

    it("for a device that the service does not know is an error of the call", function()
      local world, device = world_with("totp")
      local flow = at(world, 1)
      device.active = false
      local _, err = flow:step { code = "123456" }
      assert.same({ "invalid", 400, "Factor could not be found" }, { err.kind, err.status, err.message })
      assert.equal("code", told(flow:step()))
    end)
  end)

  describe(F.name .. ": a push", function()
    it("that is accepted signs in: one push, and polls that send none", function()
      for _, kind in ipairs { "protect", "voice" } do
        local world, device = world_with(kind, nil, { push = { "approve", after = 21 } })
        local times = {}
        local login = run(world, { on_wait = function(info) times[#times + 1] = info.elapsed end })
        assert.same({ "push", kind, tostring(device.id) }, { login.method, login.device.type, login.device.id })
        assert.same({ 0, 2, 4.5, 7.5, 11, 15, 19.5 }, times)
        assert.equal(1, #world.box.outbox)
        for i, body in ipairs(bodies(world, F.VERIFY)) do
          assert.equal(i > 1, body.do_not_notify)
          assert.is_nil(body.otp_token)
        end
        assert.equal(8, F.factors(world))
      end
    end)

    it("that is denied is the end", function()
      local world = world_with("protect", nil, { push = "deny" })
      local _, err = run(world, { otp = function() error("asked") end })
      assert.same({ "denied", "rejected", "REFUSED" }, { err.kind, err.reason, err.state })
    end)

    it("that nobody answers lapses with the state token: back to the password", function()
      local world = world_with("protect", nil, { push = "ignore" })
      local began = world.box.clock.wall()
      local _, err = run(world, { otp = function() error("asked") end })
      assert.same({ "timeout", "expired", 120 }, { err.kind, err.reason, world.box.clock.wall() - began })
      local asked = {}
      world.box:on_push(world.user, "ignore")
      world.user.status = 1
      _, err = run(world, { password = function(info)
        asked[#asked + 1] = tostring(info.note)
        return #asked < 2 and PASSWORD or nil
      end })
      assert.same({ "nil", "expired" }, asked)
      assert.equal("cancelled", err.kind)
    end)

    it("may be waited for shorter: then a typed code, where there is one, or timeout", function()
      local world, device = world_with("protect", nil, { push = "ignore" })
      local note
      local login = run(world, { timeout = 30, otp = function(_, info)
        note = info.note
        assert.equal(90, info.expires_in)
        return world.box:totp(device)
      end })
      assert.same({ "late", "code", 1 }, { note, login.method, #world.box.outbox })
      assert.equal(1, F.passwords(world))
      for _, options in ipairs { {}, { fallback = false, otp = function() error("asked") end } } do
        options.timeout = 30
        local began = world.box.clock.wall()
        local _, err = run(world, options)
        assert.same({ "timeout", "timeout", "TIMEOUT", 30 }, { err.kind, err.reason, err.state,
          world.box.clock.wall() - began })
      end
    end)

    it("gives way to a code typed meanwhile on the same state token, wrong ones counted", function()
      local world, device = world_with("protect", nil, { push = "ignore" })
      local flow = at(world, 1)
      local want = flow:step { code = "000000x" }
      assert.same({ "wait", "wrong", 2, true }, { want.need, want.note, want.tries_left, want.types })
      assert.equal("code", flow:step { code = world.box:totp(device) }.login.method)
      assert.equal(1, #world.box.outbox)
      flow = at(world, 1)
      flow:step { code = "x" }
      flow:step { code = "x" }
      assert.equal("denied wrong_code REFUSED", told(flow:step { code = "x" }))
    end)

    it("that comes too late does not count", function()
      local world = world_with("protect", nil, { push = "ignore" })
      local flow = at(world, 1, { timeout = 20, fallback = false })
      world.box.clock.advance(22)
      assert.is_true(world.box:approve(world.user))
      local before = #world.sent
      assert.equal("timeout timeout TIMEOUT", told(flow:step()))
      assert.equal(before, #world.sent)
    end)

    it("is not polled more often than it says", function()
      local world = world_with("protect", nil, { push = "ignore" })
      local flow, want = at(world, 1)
      local before = #world.sent
      for _ = 1, 5 do assert.equal(2, flow:step().after) end
      assert.equal(before, #world.sent)
      assert.equal(want.turn, flow:step().turn)
      world.box.clock.advance(2)
      assert.equal(2.5, flow:step().after)
      assert.equal(before + 1, #world.sent)
    end)

    it("goes out again when asked", function()
      local world = world_with("protect", nil, { push = "ignore" })
      local flow = at(world, 1)
      assert.equal("wait", told(flow:step { resend = true }))
      assert.equal(2, #world.box.outbox)
      assert.is_false(bodies(world, F.VERIFY)[2].do_not_notify)
    end)

    it("rings for one sign-in at a time", function()
      local world = world_with("protect", nil, { push = "ignore" })
      local flow, other = at(world, 1), at(world)
      assert.equal("denied push_open CHOOSE", told(other:step { device = other:want().devices[1].id }))
      assert.equal(1, #world.box.outbox)
      assert.is_nil(other:state().device)
      flow:step { cancel = true }
      assert.equal("wait", told(other:step { device = other:want().devices[1].id }))
    end)

    it("outlives failing polls and a revoked token, but no dead credential", function()
      local world = world_with("protect", nil, { push = { "approve", after = 30 } })
      local left = 0
      function world.tamper(request, response)
        if left > 0 and request.url:find(F.VERIFY) and request.body:find("true", 1, true) then
          left = left - 1
          return nil, { kind = "network", message = "gone", sent = true }
        end
        return response
      end
      left = 5
      assert.is_true(run(world, {}).granted)
      left = 6
      assert.equal("network", select(2, run(world, {})).kind)
      left = 0
      assert.is_true(run(world, { on_wait = function(info)
        if info.polls == 2 then world.box:revoke_tokens() end
      end }).granted)
      script(world, F.VERIFY, { false, { 401, F.refused(401, "Authentication Failure") },
        { 401, F.refused(401, "Authentication Failure") } })
      local _, err = run(world, {})
      assert.same({ "auth", 401 }, { err.kind, err.status })
    end)

    it("ends when the service has forgotten the state token, or locked the person", function()
      local world = world_with("protect", nil, { push = "ignore" })
      local flow, want = at(world, 1)
      world.box.store.sign_ins = {}
      world.box.clock.advance(want.after)
      assert.equal("password expired", told(flow:step()))
      assert.is_nil(flow:state().token)
      flow, want = at(world, 1)
      world.user.status = 3
      world.box.clock.advance(want.after)
      assert.equal("denied locked REFUSED", told(flow:step()))
    end)

    it("is not answered while a typed code is more than the guard allows", function()
      local world = world_with("protect", nil, { push = "ignore" })
      local flow = flow_world.guarded(world, start(world), { failures = 1 })
      flow:step { device = flow:step().devices[1].id }
      assert.equal("wait wrong", told(flow:step { code = "x" }))
      assert.equal("denied too_many_failures REFUSED", told(flow:step { code = "x" }))
    end)

    it("is a magic link in an e-mail, where the account says so", function()
      local world = world_with("email", nil, { link = true })
      local flow, want = at(world, 1, { email = "link" })
      assert.same({ "wait", false }, { want.need, want.types })
      assert.equal("wait", told(flow:step { code = "123456" }))
      world.box.clock.advance(2)
      assert.equal("wait", told(flow:step()))
      world.box:approve(world.user)
      world.box.clock.advance(2.5)
      assert.equal("link", flow:step().login.method)
      assert.same({ 1, 1 }, { #world.box.outbox, F.passwords(world) })
    end)
  end)

  describe(F.name .. ": choosing the device", function()
    it("changes its mind, on one state token", function()
      local world, app = world_with("totp")
      world.box:add_device(world.user, "sms")
      world.box:add_device(world.user, "protect", { push = "ignore" })
      local flow, want = at(world)
      assert.same({ "authenticator", "sms", "protect" }, { want.devices[1].type, want.devices[2].type,
        want.devices[3].type })
      assert.equal("wait", told(flow:step { device = want.devices[3].id }))
      assert.equal("device", told(flow:step { other = true }))
      assert.is_nil(flow:state().device)
      assert.equal("code", told(flow:step { device = want.devices[2] }))
      assert.equal("device", told(flow:step { other = true }))
      assert.equal("code", told(flow:step { device = want.devices[1].id }))
      assert.equal("code", told(flow:step { resend = true })) -- nothing to send
      assert.is_true(flow:step { code = world.box:totp(app) }.login.granted)
      assert.same({ 1, 2 }, { F.passwords(world), #world.box.outbox })
    end)

    it("takes only what was offered, and by itself what the callbacks can serve", function()
      local world = world_with("totp")
      world.box:add_device(world.user, "protect")
      local flow = at(world)
      for _, pick in ipairs { "1", 1, "../1", true } do
        assert.equal("invalid unknown_device CHOOSE", told(flow:step { device = pick }))
      end
      assert.equal(0, F.factors(world))
      assert.equal("push", run(world, {}).method)
      world = world_with("totp")
      assert.equal("no_usable_device", select(2, run(world, {})).reason)
      assert.equal(0, F.factors(world))
    end)

    it("is told when the state token lapses before anything is sent", function()
      local world = world_with("sms")
      local flow, want = at(world)
      world.box.clock.advance(121)
      assert.equal("password expired", told(flow:step { device = want.devices[1].id }))
      assert.equal("device", told(flow:step { password = PASSWORD }))
      assert.equal(0, #world.box.outbox)
    end)

    it("meets somebody locked, refused or let in at once", function()
      for answer, line in pairs { [LOCKED] = "denied locked REFUSED", [WRONG] = "denied rejected REFUSED" } do
        local world = world_with("protect")
        local flow, want = at(world)
        script(world, F.VERIFY, { { 401, F.refused(401, answer) } })
        assert.equal(line, told(flow:step { device = want.devices[1].id }))
      end
      local world = world_with("protect")
      local flow, want = at(world)
      script(world, F.VERIFY, { { 200, F.granted("PHgvPg==", { id = world.user.id }) } })
      assert.equal("push", flow:step({ device = want.devices[1].id }).login.method)
    end)

    it("may be tried again when sending failed", function()
      local world = world_with("sms")
      local flow, want = at(world)
      world.down = true
      assert.equal("network", select(2, flow:step { device = want.devices[1].id }).kind)
      assert.equal("TRIGGER", flow:state().state)
      world.down = false
      assert.equal("code", told(flow:step()))
      flow, want = at(world)
      world.down = true
      flow:step { device = want.devices[1].id }
      local sent = #world.sent
      assert.equal("device", told(flow:step { other = true })) -- or another device instead
      assert.equal(sent, #world.sent)
      flow:step { device = want.devices[1].id }
      assert.equal("cancelled cancelled CANCELLED", told(flow:step { cancel = true }))
    end)

    it("may be given up at any point", function()
      local world = world_with("totp")
      world.box:add_device(world.user, "protect", { push = "ignore" })
      for number, need in pairs { [0] = "device", "code", "wait" } do
        local flow, want = at(world, number > 0 and number or nil)
        assert.equal(need, want.need)
        assert.equal("cancelled cancelled CANCELLED", told(flow:step { cancel = true }))
        assert.equal("cancelled cancelled CANCELLED", told(flow:step { code = "1", password = PASSWORD }))
        assert.is_nil(flow:state().token)
      end
    end)
  end)

  describe(F.name .. ": an answer about someone else", function()
    it("breaks it off, wherever it comes", function()
      for _, case in ipairs { { "sms", "TRIGGER" }, { "totp", "CODE" }, { "protect", "WAIT" } } do
        local world = world_with(case[1], nil, { push = "ignore" })
        local flow, want = at(world, case[2] ~= "TRIGGER" and 1 or nil)
        local body = F.granted("PHgvPg==", { id = 1 })
        if F.version == "v1" then body.data = { data = "PHgvPg==", user = { id = 1 } } end
        if F.version == "v2" then body.user = { id = 1 } end
        script(world, F.VERIFY, { { 200, body } })
        world.box.clock.advance(2)
        local line = told(flow:step { device = case[2] == "TRIGGER" and want.devices[1].id or nil,
          code = case[2] == "CODE" and "123456" or nil })
        assert.equal("decode mismatch BROKEN", line)
        assert.equal("decode mismatch BROKEN", told(flow:step()))
      end
    end)

    it("breaks it off at the second password", function()
      local world = world_with("sms")
      local other = world.box:add_user { email = "lee@acme.test", username = "lee", password = PASSWORD,
        app_ids = { world.app.id } }
      world.box:add_device(other, "sms")
      local flow, want = at(world)
      world.box.clock.advance(121)
      assert.equal("password expired", told(flow:step { device = want.devices[1].id }))
      change(world, F.AUTH, function(body) F.row(body).user.id = other.id end)
      assert.equal("decode mismatch BROKEN", told(flow:step { password = PASSWORD }))
    end)
  end)
end

describe("the machines of login and saml", function()
  it("were walked along every edge", function() -- keep this last: it judges the whole file
    for _, name in ipairs { "login", "saml" } do
      local world = new_world()
      assert.same({}, flow_world.unwalked(world.flows[name].machine))
    end
  end)
end)

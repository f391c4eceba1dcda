-- The passwordless flow on both versions of MFA, against the sandbox on its virtual clock: every
-- state and edge.  (flows_trust_spec.lua: everything that must never count as a sign-in.)
local machine = require("onelogin.flows.passwordless").machine
local flow_world = require "spec.support.flow_world"

local new_world, change, replace = flow_world.new, flow_world.change, flow_world.replace
local first, newest_code = flow_world.first, flow_world.newest_code

for _, version in ipairs { "v1", "v2" } do
  local V = flow_world.of(version)
  local ACTIVATE, CHECK, POLL, login, start = V.ACTIVATE, V.CHECK, V.POLL, V.login, V.start

  describe("passwordless on " .. version, function()
    describe("with a code", function()
      it("signs in by TOTP, whoever the person is called", function()
        for _, name in ipairs { "kim", "kim@acme.test", "KIM@ACME.TEST", "  kim\t" } do
          local world = new_world()
          local device = world.box:add_device(world.user, "totp", { name = "App" })
          local asked
          local granted, err = login(world, { user = name, otp = function(d, info)
            asked = { d.type, info.tries_left }
            return world.box:totp(d)
          end })
          assert.is_nil(err)
          assert.is_true(granted.granted)
          assert.equal(tostring(world.user.id), granted.user.id)
          assert.equal("Kim@acme.test", granted.user.email)
          assert.equal("Ito", granted.user.lastname)
          assert.same({ id = tostring(device.id), type = "authenticator", factor = "Google Authenticator", name = "App",
            default = true, needs_trigger = false, pushes = false, types = true }, granted.device)
          assert.equal("code", granted.method)
          assert.equal(version, granted.version)
          assert.same({ "authenticator", 3 }, asked)
          assert.equal(1, world.calls(CHECK))
        end
      end)

      it("signs in by SMS, sending one code, and takes a YubiKey, an e-mail and a spaced code", function()
        for kind, needs in pairs { sms = 1, yubikey = 0, email = 1, totp = 0 } do
          local world = new_world()
          local device = world.box:add_device(world.user, kind)
          local granted = login(world, { otp = function()
            if needs == 1 then return newest_code(world) end
            return (world.box:totp(device):gsub("^...", "%0 "))
          end })
          assert.is_true(granted.granted)
          assert.equal(needs, #world.box.outbox)
        end
      end)

      it("asks again after a wrong code, and at most three times", function()
        for _, kind in ipairs { "totp", "sms" } do
          local world = new_world()
          local device = world.box:add_device(world.user, kind)
          local notes = {}
          local granted, err = login(world, { otp = function(_, info)
            notes[#notes + 1] = ("%d %s"):format(info.tries_left, tostring(info.note))
            return "000000x"
          end })
          assert.is_nil(granted)
          assert.equal("denied", err.kind)
          assert.equal("wrong_code", err.reason)
          assert.same({ "3 nil", "2 wrong", "1 wrong" }, notes)
          assert.equal(3, world.user.invalid_login_attempts)
          local tries = 0
          granted = login(world, { otp = function()
            tries = tries + 1
            if tries < 3 then return "000000x" end
            return kind == "sms" and newest_code(world) or world.box:totp(device)
          end })
          assert.is_true(granted.granted)
        end
      end)

      it("asks again for a blank or impossible code without sending anything", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        local flow = start(world)
        local device = flow:step().devices[1]
        flow:step { device = device.id }
        local before = #world.sent
        assert.equal("code", flow:step { code = "  " }.need)
        local want, err = flow:step { code = "12\"34" }
        assert.is_nil(want)
        assert.equal("bad_code", err.reason)
        want, err = flow:step { code = ("1"):rep(65) }
        assert.is_nil(want)
        assert.equal("invalid", err.kind)
        assert.equal(before, #world.sent)
        assert.equal(3, flow:step().tries_left)
      end)

      it("sends a new code when asked or when the old one lapsed, and five at most", function()
        local world = new_world()
        world.box:add_device(world.user, "sms")
        local round = 0
        local granted = login(world, { otp = function(_, info)
          round = round + 1
          if round == 1 then return nil, "resend" end
          if round == 2 then
            world.box.clock.advance(121) -- lapses on our clock: no call can help
            return newest_code(world)
          end
          assert.equal("expired", info.note)
          return newest_code(world)
        end })
        assert.is_true(granted.granted)
        assert.equal(3, #world.box.outbox)
        assert.equal(1, world.calls(version == "v1" and "/verify$" or "/verifications/"))
        local _, err = login(world, { otp = function() return nil, "resend" end })
        assert.equal("denied", err.kind)
        assert.equal("too_many_sends", err.reason)
        assert.equal(3 + 5, #world.box.outbox)
      end)

      it("starts over when the server forgot the token before we did", function()
        local world = new_world()
        world.box:add_device(world.user, "sms")
        local round = 0
        local granted = login(world, { otp = function()
          round = round + 1
          if round == 1 then world.box.store.mfa.challenges = {} end
          return newest_code(world)
        end })
        assert.is_true(granted.granted)
        assert.equal(2, #world.box.outbox)
      end)

      it("lives as long as asked, and passes on what the activation takes", function()
        local world = new_world()
        world.box:add_device(world.user, "sms")
        local more = version == "v1" and { sms_message = "Acme {{otp_code}}", numeric_sms_otp = true }
          or { custom_message = "Acme {{otp_code}}" }
        local granted = login(world, { expires_in = 600, activate = more, otp = function()
          world.box.clock.advance(599)
          return newest_code(world)
        end })
        assert.is_true(granted.granted)
        assert.equal("Acme " .. newest_code(world), world.box.outbox[1].text)
      end)

      it("takes a temporary token for a device", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        local token = world.client.mfa:generate_token(world.user.id)
        assert.is_true(login(world, { otp = function() return token.mfa_token end }).granted)
      end)

      it("says so when the account is locked by then", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        if version == "v1" then
          replace(world, "/verify$", 401, { status = { error = true, code = 401, type = "Unauthorized",
            message = "User is locked. Access is unauthorized" } })
          local _, err = login(world, { otp = function() return "123456" end })
          assert.equal("denied", err.kind)
          assert.equal("locked", err.reason)
        else -- v2 has no such answer: a rejected verification is refused for good
          replace(world, "/verifications$", 201, { id = "x", status = "rejected" })
          local _, err = login(world, { otp = function() return "123456" end })
          assert.equal("rejected", err.reason)
        end
      end)
    end)

    describe("with a push", function()
      it("waits for the press, polling every 2 to 5 seconds", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = { "approve", after = 21 } })
        local at = {}
        local began = world.box.clock.wall()
        local granted = login(world, { on_wait = function(info)
          at[#at + 1] = info.elapsed
          assert.equal(120 - info.elapsed, info.remaining)
        end })
        assert.is_true(granted.granted)
        assert.equal("push", granted.method)
        assert.same({ 0, 2, 4.5, 7.5, 11, 15, 19.5 }, at)
        assert.equal(24.5, world.box.clock.wall() - began)
        assert.equal(1, #world.box.outbox)
        assert.equal(1, world.calls(ACTIVATE, "POST"))
      end)

      it("tells refused from unanswered", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = "deny" })
        local _, err = login(world, {})
        assert.equal("denied", err.kind)
        assert.equal("rejected", err.reason)
        world.box:on_push(world.user, "ignore")
        local began = world.box.clock.wall()
        _, err = login(world, {})
        assert.equal("timeout", err.kind)
        assert.equal("timeout", err.reason)
        assert.equal(120, world.box.clock.wall() - began)
        world.box:on_push(world.user, "ignore")
        began = world.box.clock.wall()
        _, err = login(world, { timeout = 30 })
        assert.equal("timeout", err.kind)
        assert.equal(30, world.box.clock.wall() - began)
      end)

      it("does not count a press that comes too late", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = "ignore" })
        local flow = start(world, { fallback = false, timeout = 20 })
        flow:step { device = flow:step().devices[1].id }
        world.box.clock.advance(60)
        assert.is_true(world.box:approve(world.user))
        local before = #world.sent
        local want, err = flow:step()
        assert.is_nil(want)
        assert.equal("timeout", err.kind)
        assert.equal(before, #world.sent)
        assert.equal("timeout", select(2, flow:step()).kind)
      end)

      it("does not count a press that a late answer tells of", function()
        for _, status in ipairs { 429, 503 } do
          local world = new_world()
          world.box:add_device(world.user, "protect", { push = { "approve", after = 12 } })
          world.box:fault { operation = version == "v1" and "mfa_v1.verify_factor" or "mfa.get_verification",
            status = status, headers = { ["Retry-After"] = "40" }, times = 1 }
          local began = world.clock.wall()
          local want, err = login(world, { timeout = 10, fallback = false })
          assert.is_nil(want)
          assert.equal("timeout", err.kind)
          assert.is_true(world.clock.wall() - began <= 12)
        end
      end)

      it("asks the server once more at the deadline itself", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = { "approve", after = 30 } })
        assert.is_true(login(world, { timeout = 30 }).granted)
      end)

      it("does not poll more often than it says, however often it is stepped", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = "ignore" })
        local flow = start(world)
        local want = flow:step { device = flow:step().devices[1].id }
        assert.equal("wait", want.need)
        assert.equal(2, want.after)
        local before = #world.sent
        for _ = 1, 5 do flow:step() end
        assert.equal(before, #world.sent)
        world.box.clock.advance(2)
        want = flow:step()
        assert.equal(before + 1, #world.sent)
        assert.equal(2.5, want.after)
        assert.equal(1, want.polls)
      end)

      it("takes a typed Protect code while it waits, counting wrong ones", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "protect", { push = "ignore" })
        local flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        local want = flow:step { code = "000000x" }
        assert.equal("wait", want.need)
        assert.equal("wrong", want.note)
        assert.equal(2, want.tries_left)
        assert.is_true(flow:step { code = world.box:totp(device) }.login.granted)
        flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        flow:step { code = "x" }
        flow:step { code = "x" }
        assert.equal("wrong_code", select(2, flow:step { code = "x" }).reason)
      end)

      it("falls back to the typed code after the wait", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "protect", { push = "ignore" })
        local note
        local granted = login(world, { otp = function(d, info)
          assert.equal("protect", d.type)
          note = info.note
          world.box.clock.advance(100) -- thinks for a while
          return world.box:totp(device)
        end })
        assert.is_true(granted.granted)
        assert.equal("late", note)
        assert.equal("code", granted.method)
        assert.equal(1, #world.box.outbox) -- one push in all
      end)

      it("lets the token's end win over the fallback", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "protect", { push = "ignore" })
        local granted, err = login(world, { otp = function()
          world.box.clock.advance(400)
          return world.box:totp(device)
        end })
        if version == "v1" then -- here a code counts on a live token only
          assert.is_nil(granted)
          assert.equal("timeout", err.kind)
        else
          assert.is_true(granted.granted)
        end
        granted, err = login(world, { expires_in = 120, otp = function() return world.box:totp(device) end })
        if version == "v1" then
          assert.equal("timeout", err.kind)
        else
          world.box.clock.advance(30)
          assert.is_nil(err)
          assert.is_true(granted.granted)
        end
        assert.equal(2, #world.box.outbox)
      end)

      it("stops when the server forgot the token", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = "ignore" })
        local _, err = login(world, { on_wait = function() world.box.store.mfa.challenges = {} end })
        assert.equal("timeout", err.kind)
      end)

      it("pushes again when asked", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = "ignore" })
        local flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        assert.equal("wait", flow:step { resend = true }.need)
        assert.equal(2, #world.box.outbox)
      end)

      it("outlives a few failing polls, and no more than five in a row", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = { "approve", after = 30 } })
        local left
        function world.tamper(request, response)
          if request.url:find(POLL) and left > 0 then
            left = left - 1
            return nil, { kind = "network", message = "gone", sent = true }
          end
          return response
        end
        left = 3
        assert.is_true(login(world, {}).granted)
        left = 1000
        local granted, err = login(world, {})
        assert.is_nil(granted)
        assert.equal("network", err.kind)
      end)

      it("outlives an API token revoked meanwhile, but not a dead credential", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = { "approve", after = 30 } })
        assert.is_true(login(world, { on_wait = function(info)
          if info.polls == 2 then world.box:revoke_tokens() end
        end }).granted)
        local status = version == "v1"
          and { status = { error = true, code = 401, type = "Unauthorized", message = "Authentication Failure" } }
          or { statusCode = 401, name = "InvalidCredentials", message = "Please provide valid credentials" }
        replace(world, POLL, 401, status)
        local _, err = login(world, {})
        assert.equal("auth", err.kind)
      end)

      it("works on a client whose wall clock is a day off", function()
        local world = new_world { clock = function(clock)
          return { mono = clock.mono, sleep = clock.sleep, wall = function() return clock.wall() + 86400 end }
        end }
        world.box:add_device(world.user, "protect", { push = { "approve", after = 50 } })
        assert.is_true(login(world, {}).granted)
      end)

      it("is cancelled from on_wait", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = "ignore" })
        local _, err = login(world, { on_wait = function(info) return info.polls < 2 end })
        assert.equal("cancelled", err.kind)
      end)
    end)

    it("turns people away at the door", function()
      local world = new_world()
      world.box:add_device(world.user, "totp")
      world.box:add_user { email = "lee@acme.test", username = "Kim@acme.test" }
      local ash = world.box:add_user { email = "ash@acme.test", username = "ash", status = 2 }
      for name, reason in pairs { ["k*"] = "bad_name", nobody = "unknown_user", ["Kim@acme.test"] = "ambiguous_user",
        [ash.username] = "suspended" } do
        local granted, err = login(world, { user = name, otp = function() error("asked") end })
        assert.is_nil(granted)
        assert.equal(reason, err.reason)
        assert.equal("REFUSED", err.state)
      end
    end)

    describe("choosing the device", function()
      it("tells a person without devices, or without an allowed one", function()
        local world = new_world()
        local _, err = login(world, {})
        assert.equal("no_devices", err.reason)
        world.box:add_device(world.user, "sms", { active = false })
        assert.equal("no_devices", select(2, login(world, {})).reason)
        world.box:add_device(world.user, "sms")
        _, err = login(world, { factors = { "protect", "authenticator" } })
        assert.equal("denied", err.kind)
        assert.equal("no_devices", err.reason)
        assert.truthy(err.message:find("allowed", 1, true))
        assert.equal(0, #world.box.outbox)
      end)

      it("offers devices in one shape, the default first, and takes a device, an id or a number", function()
        local picks = {
          function(list) return list[2] end, function(list) return list[2].id end, function() return 2 end,
        }
        for _, pick in ipairs(picks) do
          local world = new_world()
          local app = world.box:add_device(world.user, "totp")
          world.box:add_device(world.user, "sms", { default = true, name = "Phone" })
          local seen
          local granted = login(world, {
            choose = function(list)
              seen = list
              return pick(list)
            end,
            otp = function() return world.box:totp(app) end,
          })
          assert.equal("authenticator", granted.device.type)
          assert.equal("sms", seen[1].type)
          assert.is_true(seen[1].default)
          assert.is_true(seen[1].needs_trigger)
          assert.equal("Phone", seen[1].name)
          assert.equal("string", type(seen[1].id))
          assert.equal(0, #world.box.outbox)
        end
      end)

      it("never acts on a device that was not offered", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        world.box:add_device(world.user, "sms")
        local friend = world.box:add_user { email = "lee@acme.test" }
        local theirs = world.box:add_device(friend, "sms")
        for _, pick in ipairs { tostring(theirs.id), theirs.id, "0", 99, "../1", true } do
          local _, err = login(world, { choose = function() return pick end, otp = function() error("asked") end })
          assert.equal("invalid", err.kind)
          assert.equal("unknown_device", err.reason)
        end
        assert.equal(0, #world.box.outbox)
        assert.equal(0, world.calls(CHECK))
      end)

      it("picks by itself what the callbacks can serve", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        local _, err = login(world, {})
        assert.equal("denied", err.kind)
        assert.equal("no_usable_device", err.reason)
        world.box:add_device(world.user, "protect")
        assert.equal("push", login(world, {}).method)
        world.box:add_device(world.user, "sms", { default = true })
        local sent = #world.box.outbox
        for i = 1, 2 do
          _, err = login(world, { choose = function(list) return list[i] end })
          assert.equal("no_usable_device", err.reason)
        end
        assert.equal(sent, #world.box.outbox)
      end)

      it("changes its mind when asked", function()
        local world = new_world()
        local app = world.box:add_device(world.user, "totp")
        world.box:add_device(world.user, "sms")
        local round = 0
        local granted = login(world, {
          choose = function(list)
            round = round + 1
            return list[round]
          end,
          otp = function(device)
            if device.type == "authenticator" then return nil, "other" end
            return newest_code(world)
          end,
        })
        assert.equal("sms", granted.device.type)
        world.box:add_device(world.user, "protect", { push = "ignore" })
        local flow = start(world)
        local list = flow:step().devices
        assert.equal("wait", flow:step { device = list[3].id }.need)
        assert.equal("code", flow:step { device = list[1].id }.need)
        assert.equal("device", flow:step { other = true }.need)
        flow:step { device = list[1] }
        assert.is_nil(flow:step { resend = true }.note) -- nothing to send for an authenticator
        world.box.clock.advance(30)
        assert.is_true(flow:step { code = world.box:totp(app) }.login.granted)
      end)

      it("takes another device when sending to the first fails", function()
        local world = new_world()
        local app = world.box:add_device(world.user, "totp")
        for _, kind in ipairs { "sms", "protect" } do
          local phone = world.box:add_device(world.user, kind)
          local flow = start(world)
          flow:step()
          world.box:fault { operation = "mfa*.activate_factor", status = 503 }
          assert.equal("server", select(2, flow:step { device = tostring(phone.id) }).kind)
          assert.equal("code", flow:step({ device = tostring(app.id) }).need)
          assert.equal("authenticator", flow:want().device.type)
          assert.equal(0, #world.box.outbox)
        end
      end)

      it("is cancelled at every point", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        world.box:add_device(world.user, "protect", { push = "ignore" })
        for _, options in ipairs {
          { otp = function() end }, { choose = function() end, otp = function() error("asked") end },
        } do
          assert.equal("cancelled", select(2, login(world, options)).kind)
        end
        local flow = start(world)
        assert.equal("cancelled", select(2, flow:step { cancel = true }).kind)
        assert.equal("cancelled", select(2, flow:step { code = "1" }).kind) -- and stays so
        function world.tamper(request, response)
          if request.url:find("devices$") or request.url:find(ACTIVATE) then
            return nil, { kind = "cancelled", message = "stopped", sent = true }
          end
          return response
        end
        flow = start(world)
        assert.equal("cancelled", select(2, flow:step()).kind)
        assert.equal("PERSON", flow:state().state)
        assert.equal("cancelled", select(2, flow:step { cancel = true }).reason)
        function world.tamper(request, response)
          if request.url:find(ACTIVATE) then return nil, { kind = "cancelled", message = "stopped", sent = true } end
          return response
        end
        flow = start(world)
        local list = flow:step().devices
        assert.is_nil((flow:step { device = list[2].id }))
        assert.equal("TRIGGER", flow:state().state)
        assert.equal("cancelled", select(2, flow:step { cancel = true }).reason)
      end)
    end)

    describe("with a code for whatever device it fits", function()
      it("tries it on every device that shows codes by itself, the default first, each try counted", function()
        local world = new_world()
        world.box:add_device(world.user, "sms")
        world.box:add_device(world.user, "protect", { default = true, needs_trigger = false })
        local app = world.box:add_device(world.user, "totp")
        local flow = start(world, { try_every = true, max_tries = 10 })
        assert.equal("device", flow:step().need)
        local want = flow:step { code = "000000x" }
        assert.same({ "device", "wrong", 8 }, { want.need, want.note, want.tries_left })
        assert.equal("device", flow:step { code = " " }.need)
        assert.equal("bad_code", select(2, flow:step { code = "1;2" }).reason)
        want = flow:step { code = world.box:totp(app) }
        assert.equal("authenticator", want.login.device.type)
        assert.equal(2 + 2, world.calls(version == "v1" and "/verify$" or "/verifications$"))
        assert.equal(0, #world.box.outbox)
      end)

      it("asks for one first when there is nothing to choose, and ends after the last try", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        world.box:add_device(world.user, "yubikey")
        local notes = {}
        local _, err = login(world, { try_every = true, max_tries = 4, otp = function(device, info)
          assert.is_nil(device)
          notes[#notes + 1] = ("%d %s"):format(info.tries_left, tostring(info.note))
          return "000000x"
        end })
        assert.equal("wrong_code", err.reason)
        assert.same({ "4 nil", "2 wrong" }, notes)
        world = new_world()
        world.box:add_device(world.user, "sms")
        local flow = start(world, { try_every = true })
        flow:step()
        assert.equal("no_usable_device", select(2, flow:step { code = "1" }).reason)
        assert.equal("code", flow:step { device = flow:want().devices[1].id }.need)
      end)

      it("stops at whatever is no wrong code", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        world.box:add_device(world.user, "yubikey")
        local flow = start(world, { try_every = true })
        flow:step()
        replace(world, CHECK, version == "v1" and 401 or 201, version == "v1" and { status = { error = true, code = 401,
          type = "Unauthorized", message = "User is locked. Access is unauthorized" } } or { id = "x", user_id = "1" })
        local _, err = flow:step { code = "123456" }
        assert.equal(version == "v1" and "locked" or "mismatch", err.reason)
        assert.equal(1, world.calls(version == "v1" and "/verify$" or "/verifications$"))
      end)
    end)

    it("takes no more tries than a guard allows, whichever state they come from", function()
      for _, kind in ipairs { "totp", "protect", "try" } do
        local world = new_world()
        world.box:add_device(world.user, kind == "try" and "totp" or kind, { push = "ignore" })
        for tries = 2, 0, -1 do
          local flow = flow_world.guarded(world, start(world, { try_every = kind == "try" }), { failures = 2 })
          local list = flow:step().devices
          if kind ~= "try" then flow:step { device = list[1].id } end
          local want, err = flow:step { code = "000000x" }
          if tries > 0 then
            assert.equal("wrong", want.note)
            flow:step { cancel = true }
          else
            assert.same({ "denied", "too_many_failures", 900 }, { err.kind, err.reason, err.retry_after })
            assert.equal("REFUSED", flow:state().state)
          end
        end
      end
    end)

    it("rings one telephone for one sign-in at a time", function()
      local world = new_world()
      world.box:add_device(world.user, "protect", { push = "ignore" })
      local flow, other = start(world), start(world)
      flow:step { device = flow:step().devices[1].id }
      local list = other:step().devices
      local want, err = other:step { device = list[1].id }
      assert.is_nil(want)
      assert.same({ "denied", "push_open", 120 }, { err.kind, err.reason, err.retry_after })
      assert.equal("CHOOSE", other:state().state)
      world.box.clock.advance(100)
      flow:step { resend = true } -- rings anew
      world.box.clock.advance(100)
      assert.equal("push_open", select(2, other:step { device = list[1].id }).reason)
      assert.equal(2, #world.box.outbox)
      flow:step { cancel = true }
      assert.equal("wait", other:step { device = list[1].id }.need)
    end)

    describe("against a service that answers about others", function()
      local function about_someone_else(pattern, edit, kind)
        local world = new_world()
        local device = world.box:add_device(world.user, kind)
        change(world, pattern, edit)
        local granted, err = login(world, { otp = function()
          return kind == "totp" and world.box:totp(device) or newest_code(world)
        end })
        assert.is_nil(granted)
        assert.equal("decode", err.kind)
        assert.equal("mismatch", err.reason)
        assert.equal("BROKEN", err.state)
      end

      it("refuses an answer about another user, device or verification", function()
        if version == "v1" then
          about_someone_else("/trigger$", function(body) body.data[1].id = 1 end, "sms")
          about_someone_else("/trigger$", function(body) body.data[1].device_id = 1 end, "sms")
        else
          about_someone_else("/verifications$", function(body) first(body).user_id = "1" end, "sms")
          about_someone_else("/verifications$", function(body) first(body).device_id = "1" end, "sms")
          about_someone_else("/verifications$", function(body) first(body).user_id = "1" end, "totp")
          about_someone_else("/verifications/", function(body) body.id = "other" end, "sms")
          about_someone_else("/verifications/", function(body) body.device_id = "1" end, "sms")
          about_someone_else("/verifications/", function(body) body.id = "other" end, "protect")
        end
      end)
    end)
  end)
end

describe("passwordless on v2", function()
  it("refuses a verification that ends while a code is awaited", function()
    local world = new_world()
    world.box:add_device(world.user, "sms")
    replace(world, "/verifications/", 200, { status = "rejected" })
    local _, err = world.flows.passwordless { user = "kim", otp = function() return "A" end }
    assert.equal("rejected", err.reason)
  end)

  it("breaks off a push when a typed code is answered about something else", function()
    local world = new_world()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    local flow = world.flows.passwordless.start { user = "kim" }
    flow:step { device = flow:step().devices[1].id }
    change(world, "/verifications/", function(body) body.id = "other" end)
    assert.equal("mismatch", select(2, flow:step { code = "123456" }).reason)
  end)
end)

describe("passwordless on v1", function()
  it("is told of a lock while it waits", function()
    local world = new_world()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    replace(world, "/verify$", 401, { status = { error = true, code = 401, type = "Unauthorized",
      message = "User is locked. Access is unauthorized" } })
    assert.equal("locked", select(2, world.flows.passwordless { user = "kim", version = "v1" }).reason)
  end)
end)

describe("the machine of the flow", function()
  it("was walked along every edge", function() -- keep this last: it judges the whole file
    assert.same({}, flow_world.unwalked(machine))
  end)
end)

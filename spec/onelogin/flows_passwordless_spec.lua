-- The passwordless flow on both versions of MFA, against the sandbox on its virtual clock: every
-- state and edge, and everything that must never count as a sign-in.
local onelogin = require "onelogin"
local json = require("onelogin.core").json
local flows_of = require "onelogin.flows"
local machine = require("onelogin.flows.passwordless").machine
local canary = require "spec.support.canary"

local walked = {} -- "FROM event" -> times, over the whole file

local function trace(_, from, event)
  local edge = from .. " " .. event
  walked[edge] = (walked[edge] or 0) + 1
end

-- A box with one user, a client of it and its flows.  world.tamper(request, response) may change or
-- replace any answer; world.sent holds every request.
local function new_world(options)
  options = options or {}
  local box = onelogin.sandbox { users = 0, mfa_array = options.mfa_array, verify_status = options.verify_status }
  local user = box:add_user { email = "Kim@acme.test", username = "kim", firstname = "Kim", lastname = "Ito",
    phone = "+15550123" }
  local world = { box = box, user = user, sent = {} }
  local config = box:config { scope = options.scope }
  local inner = config.transport
  config.transport = { send = function(_, request)
    world.sent[#world.sent + 1] = request
    if world.down and not request.url:find("/auth/", 1, true) then
      return nil, { kind = "network", message = "down", sent = false }
    end
    local response, failure = inner:send(request)
    if response and world.tamper and not request.url:find("/auth/", 1, true) then
      return world.tamper(request, response)
    end
    return response, failure
  end }
  world.clock = options.clock and options.clock(config.clock) or config.clock
  config.clock = world.clock
  world.client = onelogin.new(config)
  world.flows = flows_of.new(world.client, { clock = world.clock, trace = trace })
  function world.calls(path_end, method)
    local n = 0
    for _, r in ipairs(world.sent) do
      if r.url:gsub("%?.*", ""):find(path_end) and (not method or r.method == method) then n = n + 1 end
    end
    return n
  end
  return world
end

-- Changes the JSON of answers whose path ends in `pattern`.
local function change(world, pattern, edit)
  function world.tamper(request, response)
    if not request.url:find(pattern) then return response end
    local body = json.decode(response.body)
    local new = edit(body, request)
    response.body = json.encode(new == nil and body or new)
    return response
  end
end

local function replace(world, pattern, status, body)
  function world.tamper(request, response)
    if not request.url:find(pattern) then return response end
    return { status = status, headers = { ["content-type"] = "application/json", date = response.headers.date },
      body = json.encode(body) }
  end
end

local function first(list) return type(list) == "table" and list[1] or list end

local function newest_code(world) return world.box.outbox[#world.box.outbox].code end

for _, version in ipairs { "v1", "v2" } do
  local ACTIVATE = version == "v1" and "/trigger$" or "/verifications$"
  local CHECK = version == "v1" and "/verify$" or "/verifications"
  local POLL = version == "v1" and "/verify$" or "/verifications/"

  local function login(world, options)
    options.version = version
    options.user = options.user or "kim"
    return world.flows.passwordless(options)
  end

  local function start(world, options)
    options = options or {}
    options.version, options.user = version, options.user or "kim"
    return world.flows.passwordless.start(options)
  end

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

    describe("finding the person", function()
      it("takes a typed name for nothing but a name: no call at all", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        for _, name in ipairs { "*", "k*m", "kim*", "!kim", "!@acme.test", " *", "", "   ", "kim\0", "ki\nm",
          "kim\27[2J", ("k"):rep(255) } do
          local granted, err = login(world, { user = name, otp = function() error("asked") end })
          assert.is_nil(granted)
          assert.equal("invalid", err.kind)
          assert.equal("bad_name", err.reason)
          assert.equal("user", err.field)
        end
        assert.equal(0, #world.sent)
      end)

      it("counts only a row that has exactly this name", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        for _, name in ipairs { "ki", "kimm", "Kim", "kim@acme.tes", "k%m", "kim&x=1", "kim#", "kim,lee", "nobody" } do
          local granted, err = login(world, { user = name, otp = function() error("asked") end })
          assert.is_nil(granted)
          assert.equal("denied", err.kind)
          assert.equal("unknown_user", err.reason)
        end
        assert.equal(0, world.calls("devices"))
      end)

      it("ignores rows the server should not have sent", function()
        local world = new_world()
        world.box:add_user { email = "lee@acme.test", username = "lee" }
        world.box:add_device(world.user, "totp")
        change(world, "/users%?", function(body)
          local rows = version == "v1" and body.data or body
          for _, row in ipairs(rows) do row.username, row.email = "lee2", json.null end
        end)
        local _, err = login(world, { otp = function() error("asked") end })
        assert.equal("unknown_user", err.reason)
      end)

      it("tells two people of one name apart from none", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "totp")
        world.box:add_user { email = "lee@acme.test", username = "Kim@acme.test" }
        local _, err = login(world, { user = "Kim@acme.test", otp = function() error("asked") end })
        assert.equal("denied", err.kind)
        assert.equal("ambiguous_user", err.reason)
        assert.equal(0, world.calls("devices"))
        local granted = login(world, { user = "Kim@acme.test", by = "email", otp = function()
          return world.box:totp(device)
        end })
        assert.equal(tostring(world.user.id), granted.user.id)
      end)

      it("lets only active users in, and says what is wrong with the others before any MFA call", function()
        local reasons = { [0] = "unactivated", [2] = "suspended", [3] = "locked", [4] = "password_expired",
          [5] = "password_reset", [6] = "inactive", [7] = "password_pending", [8] = "security_questions" }
        for status, reason in pairs(reasons) do
          local world = new_world()
          world.box:add_device(world.user, "totp")
          world.user.status = status
          if status == 3 then world.user.locked_until = world.box.clock.wall() + 600 end
          world.box:touch(world.user)
          local _, err = login(world, { otp = function() error("asked") end })
          assert.equal("denied", err.kind)
          assert.equal(reason, err.reason)
          assert.equal(tostring(world.user.id), err.user_id)
          assert.equal(0, world.calls("devices"))
        end
      end)

      it("does not take a missing status for an active one", function()
        local world = new_world()
        world.box:add_device(world.user, "totp")
        change(world, "/users%?", function(body)
          for _, row in ipairs(version == "v1" and body.data or body) do row.status = nil end
        end)
        assert.equal("inactive", select(2, login(world, {})).reason)
      end)
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

    describe("against a service that answers oddly", function()
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

      it("takes no 200 for a success that does not say so", function()
        local answers = version == "v1" and {
          { status = { type = "pending", code = 200, message = "Authentication pending", error = false } },
          { status = { type = "success", code = 200, message = "Authentication PENDING on it", error = false } },
        } or {
          { id = "x" }, { status = "success" }, { status = "Accepted?" }, { status = true }, { status = 200 },
          { status = { type = "pending", code = 200, error = false } }, { status = { code = 200 } },
          { status = { type = "success", code = 200, error = true } }, { message = "accepted" }, json.array {},
          json.array { { status = "accepted" }, { status = "accepted" } },
        }
        for _, answer in ipairs(answers) do
          local world = new_world()
          world.box:add_device(world.user, "totp")
          replace(world, version == "v1" and "/verify$" or "/verifications$", version == "v1" and 200 or 201, answer)
          local granted, err = login(world, { otp = function() return "123456" end })
          assert.is_nil(granted)
          assert.equal("wrong_code", err.reason)
        end
      end)

      it("keeps waiting on such answers", function()
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = "approve" })
        replace(world, version == "v1" and "/verify$" or "/verifications/", 200, version == "v1"
          and { status = { type = "pending", code = 200, message = "pending", error = false } }
          or { status = "perhaps" })
        local _, err = login(world, { timeout = 10 })
        assert.equal("timeout", err.kind)
      end)

      it("needs a token from an activation", function()
        local world = new_world()
        world.box:add_device(world.user, "sms")
        replace(world, ACTIVATE, version == "v1" and 200 or 201, version == "v1"
          and { status = { type = "success", code = 200, message = "Success", error = false },
            data = json.array { {} } }
          or { status = "pending" })
        local _, err = login(world, { otp = function() error("asked") end })
        assert.equal("decode", err.kind)
        assert.equal("no_token", err.reason)
      end)

      it("never follows a callback_url", function()
        local world = new_world()
        world.box:add_device(world.user, "sms")
        change(world, ACTIVATE, function(body)
          local row = version == "v1" and body.data[1] or first(body)
          row.callback_url = "https://api.eu.onelogin.com/api/1/verify_factor"
        end)
        assert.is_true(login(world, { otp = function() return newest_code(world) end }).granted)
        for _, request in ipairs(world.sent) do
          assert.equal(1, request.url:find(world.box.base_url, 1, true))
        end
      end)

      it("does not blame the person for our credential", function()
        local world = new_world { scope = "Read Users" }
        world.box:add_device(world.user, "totp")
        local _, err = login(world, { otp = function() return "123456" end })
        assert.truthy(err.kind == "auth" or err.kind == "permission")
        assert.equal(401, err.status)
        local bad = new_world()
        bad.box:add_device(bad.user, "totp")
        replace(bad, CHECK, 401, version == "v1"
          and { status = { error = true, code = 401, type = "Unauthorized", message = "Authentication Failure" } }
          or { statusCode = 401, name = "InvalidCredentials", message = "Please provide valid credentials" })
        _, err = login(bad, { otp = function() return "123456" end })
        assert.equal("auth", err.kind)
      end)

      it("stays where it is when the world fails, and goes on at the next step", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "totp")
        local flow = start(world)
        local function twice(input)
          world.down = true
          local want, err = flow:step(input())
          assert.is_nil(want)
          assert.equal("network", err.kind)
          world.down = false
          return flow:step(input())
        end
        local list = twice(function() end).devices
        assert.equal("code", flow:step { device = list[1].id }.need)
        assert.is_true(twice(function() return { code = world.box:totp(device) } end).login.granted)
      end)
    end)

    describe("in steps", function()
      -- Drives a flow, by way of a fresh client after every step when `hop` is set.
      local function drive(world, inputs, hop)
        local flow = start(world)
        local trail = {}
        local want, err = flow:step()
        for i = 1, 200 do
          trail[i] = want and want.need or err.reason
          if not want or want.login then break end
          local input = inputs(want)
          if hop then
            local text = json.encode(flow:state())
            flow = flows_of.new(world.client, { clock = world.clock }).resume(assert(json.decode(text)))
          end
          want, err = flow:step(input)
        end
        return table.concat(trail, " ")
      end

      it("ends the same way when every step runs in another process", function()
        local cases = {
          { "totp", function(world, device) return { code = world.box:totp(device) } end },
          { "sms", function(world) return { code = newest_code(world) } end },
          { "sms", function() return { code = "wrong" } end },
          { "protect", nil, "approve" }, { "protect", nil, "deny" }, { "protect", nil, "ignore" },
        }
        for _, case in ipairs(cases) do
          local trails = {}
          for i, hop in ipairs { false, true } do
            local world = new_world()
            local device = world.box:add_device(world.user, case[1],
              { push = case[3] and { case[3], after = 9 } or nil })
            trails[i] = drive(world, function(want)
              if want.need == "device" then return { device = want.devices[1].id } end
              if want.need == "wait" then
                world.box.clock.advance(want.after)
                return nil
              end
              return case[2] and case[2](world, device) or { cancel = true }
            end, hop)
          end
          assert.equal(trails[1], trails[2])
          assert.truthy(#trails[1] > 8)
        end
      end)

      it("grants nothing twice from a replayed state", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "totp")
        local flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        local state, code = flow:state(), world.box:totp(device)
        assert.is_true(flow:step { code = code }.login.granted)
        local replay = world.flows.resume(state)
        assert.equal("wrong", replay:step { code = code }.note)
      end)

      it("is bound to its tenant", function()
        local world = new_world()
        local state = start(world):state()
        local other = onelogin.new(onelogin.sandbox({ users = 0, subdomain = "other" }):config())
        local ok, message = pcall(other.flows.resume, state)
        assert.is_false(ok)
        assert.truthy(message:find("another tenant", 1, true))
      end)

      it("answers the end again and again, without a call", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "totp")
        local flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        flow:step { code = world.box:totp(device) }
        local before = #world.sent
        assert.is_true(flow:step().login.granted)
        assert.is_true(world.flows.resume(flow:state()):step { cancel = true }.login.granted)
        assert.equal(before, #world.sent)
      end)

      it("keeps the client's secret, the password of nobody and no code in its state", function()
        local world = new_world()
        local device = world.box:add_device(world.user, "totp")
        local flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        local code = world.box:totp(device)
        flow:step { code = "999999" }
        flow:step { code = code }
        local text = json.encode(flow:state())
        local config = world.box:config()
        for _, secret in ipairs { config.client_secret, code, "999999", device.secret } do
          assert.is_nil(text:find(secret, 1, true))
        end
        for token in pairs(world.box.store.tokens) do
          assert.is_nil(text:find(token, 1, true))
        end
      end)
    end)

    it("shows no code and no token in any message", function()
      local function shown(value, depth)
        local out = { tostring(value) }
        if type(value) == "table" and depth < 4 then
          for k, v in pairs(value) do
            out[#out + 1] = tostring(k) .. "=" .. shown(v, depth + 1)
          end
        end
        return table.concat(out, "\n")
      end
      local found
      local function look(text)
        if text:find(canary.otp, 1, true) then found = true end
      end
      for _, answer in ipairs { 200, 400, 401, 403, 500 } do
        local world = new_world()
        world.box:add_device(world.user, "totp")
        -- The server repeats the code in its message.
        replace(world, version == "v1" and "/verify$" or "/verifications$", answer,
          { status = { error = true, code = answer, type = "x", message = "no " .. canary.otp .. " here" } })
        local flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        local _, err = flow:step { code = canary.otp }
        look(shown(err, 0))
        look(tostring(flow))
        look(json.encode(flow:state()))
        look(tostring(world.client))
      end
      assert.is_nil(found)
    end)
  end)
end

describe("passwordless on v2", function()
  it("takes answers as objects and as arrays of one, with the word or in the clothes of v1", function()
    for _, array in ipairs { false, true } do
      for _, style in ipairs { "word", "v1" } do
        for _, kind in ipairs { "totp", "sms", "protect" } do
          local world = new_world { mfa_array = array, verify_status = style }
          local device = world.box:add_device(world.user, kind)
          local tries = 0
          local granted = world.flows.passwordless { user = "kim", otp = function()
            tries = tries + 1
            if tries == 1 then return "000000x" end
            return kind == "totp" and world.box:totp(device) or newest_code(world)
          end }
          assert.is_true(granted.granted)
          assert.equal(kind == "protect" and 0 or 2, tries)
        end
      end
    end
  end)

  it("is what runs unless v1 is asked for", function()
    local world = new_world()
    local device = world.box:add_device(world.user, "totp")
    local granted = world.client.flows.passwordless { user = "kim", otp = function() return world.box:totp(device) end }
    assert.equal("v2", granted.version)
  end)

  it("waits for a telephone call to be answered", function()
    local world = new_world()
    world.box:add_device(world.user, "voice", { push = { "approve", after = 12 } })
    assert.equal("push", world.flows.passwordless({ user = "kim" }).method)
  end)

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

  it("is told of a lock while it waits", function()
    local world = new_world()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    replace(world, "/verify$", 401, { status = { error = true, code = 401, type = "Unauthorized",
      message = "User is locked. Access is unauthorized" } })
    assert.equal("locked", select(2, world.flows.passwordless { user = "kim", version = "v1" }).reason)
  end)
end)

describe("misuse of a flow", function()
  it("throws a clear string before any call", function()
    local world = new_world()
    local flows = world.flows
    local function thrown(options, word)
      local ok, message = pcall(flows.passwordless, options)
      assert.is_false(ok)
      assert.equal("string", type(message))
      assert.truthy(message:find(word, 1, true), message)
    end
    thrown(nil, "table of options")
    thrown({}, "user must be a string")
    thrown({ user = 7 }, "user must be a string")
    thrown({ user = "kim", versoin = "v1" }, "did you mean 'version'")
    thrown({ user = "kim", version = "v3" }, "Manage All")
    thrown({ user = "kim", otp = "123456" }, "otp must be a function")
    thrown({ user = "kim", factors = { "protcet" } }, "did you mean 'protect'")
    thrown({ user = "kim", factors = {} }, "at least one type")
    thrown({ user = "kim", timeout = -1 }, "timeout must be between")
    thrown({ user = "kim", timeout = 0 / 0 }, "timeout must be between")
    thrown({ user = "kim", max_tries = 0 }, "max_tries must be between")
    thrown({ user = "kim", expires_in = 60 }, "expires_in must be between")
    thrown({ user = "kim", by = "phone" }, "by must be")
    local flow = flows.passwordless.start { user = "kim" }
    for _, bad in ipairs { { code = 123456 }, { cod = "1" }, "123456" } do
      assert.is_false(pcall(flow.step, flow, bad))
    end
    for _, bad in ipairs { { flow = "other" }, { flow = "passwordless" }, { flow = "passwordless", v = 99 },
      { flow = "passwordless", v = 1, state = "NOWHERE" } } do
      assert.is_false(pcall(flows.resume, bad))
    end
    assert.is_false(pcall(flows.resume, "state"))
    assert.equal(0, #world.sent)
  end)

  it("takes any callable for a callback", function()
    local world = new_world()
    local device = world.box:add_device(world.user, "totp")
    local otp = setmetatable({}, { __call = function() return world.box:totp(device) end })
    assert.is_true(world.flows.passwordless({ user = "kim", otp = otp }).granted)
  end)
end)

describe("the page about flows", function()
  local here = debug.getinfo(1, "S").source:match("^@(.*)spec/onelogin/[^/]*$") or ""
  local file = assert(io.open((here == "" and "./" or here) .. "docs/design/flows.md"))
  local page = file:read("*a")
  file:close()

  it("has examples that run", function()
    local run = 0
    for block in page:gmatch("\n```lua\n(.-)\n```") do
      local chunk = assert((loadstring or load)((block:gsub("print(%b())", "tostring%1"))))
      chunk()
      run = run + 1
    end
    assert.equal(3, run)
  end)

  it("names every option, state and reason", function()
    local names = {}
    for state in pairs(machine.states) do names[#names + 1] = state end
    local options = { "version", "factors", "timeout", "max_tries", "expires_in", "fallback", "by", "activate" }
    for _, name in ipairs(options) do
      names[#names + 1] = "`" .. name .. "`"
    end
    for _, path in ipairs { "passwordless", "person", "run", "v1", "v2" } do
      local source = assert(io.open((here == "" and "./" or here) .. "lua/onelogin/flows/" .. path .. ".lua"))
      for reason in source:read("*a"):gmatch('fault%.new%("%l+", "([%l_]+)"') do names[#names + 1] = reason end
      source:close()
    end
    assert.is_true(#names > 30)
    for _, name in ipairs(names) do
      assert.truthy(page:find(name, 1, true), name)
    end
  end)
end)

describe("the machine of the flow", function()
  it("refuses to contradict itself", function()
    local define = require("onelogin.flows.machine").define
    local function spec(edges)
      return { name = "x", version = 1, first = "A", states = { A = "", B = "" }, final = { B = true }, edges = edges }
    end
    assert.is_true(pcall(define, spec { { "A", "go", "B" } }))
    for _, edges in ipairs { {}, { { "A", "go", "C" } }, { { "B", "go", "A" } },
      { { "A", "go", "B" }, { "A", "go", "A" } } } do
      assert.is_false(pcall(define, spec(edges)))
    end
    local m = define(spec { { "A", "go", "B" } })
    assert.is_false(pcall(m.next, m, "A", "stay"))
  end)

  it("was walked along every edge", function() -- keep this last: it judges the whole file
    local states, unwalked = 0, {}
    for _ in pairs(machine.states) do states = states + 1 end
    for _, edge in ipairs(machine.edges) do
      if not walked[edge[1] .. " " .. edge[2]] then
        unwalked[#unwalked + 1] = table.concat(edge, " ")
      end
    end
    io.write(("# passwordless: %d states, %d of %d edges walked\n"):format(states, #machine.edges - #unwalked,
      #machine.edges))
    assert.same({}, unwalked)
  end)
end)

-- Enrolment on both versions of MFA, against the sandbox on its virtual clock: every state and edge of the machine.
-- (flows_enroll_trust_spec.lua: keys, lost answers, other processes, misuse.)
local json = require("onelogin.core").json
local flow_world = require "spec.support.flow_world"
local enroll_world = require "spec.support.enroll_world"
local machine = require("onelogin.flows.enroll").machine

local new_world, change, replace = flow_world.new, flow_world.change, flow_world.replace
local first, newest_code = flow_world.first, flow_world.newest_code
local of, ends, listed, lose = enroll_world.of, enroll_world.ends, enroll_world.listed, enroll_world.lose
local NUMBER = enroll_world.NUMBER

for _, version in ipairs { "v1", "v2" } do
  local V = of(version)
  local enroll, start = V.enroll, V.start

  describe("enrolment on " .. version, function()
    describe("with SMS", function()
      it("enrols the telephone with the code that was sent to it", function()
        for _, name in ipairs { "kim", "  KIM@acme.test " } do
          local world = new_world()
          local asked
          local got, err = enroll(world, { user = name, factor = "sms", otp = function(device, info)
            asked = { device.type, device.name, info.tries_left, info.note or "", info.expires_in }
            return newest_code(world)
          end })
          assert.is_nil(err)
          assert.is_true(got.enrolled)
          assert.is_nil(got.granted) -- it proves nothing about who it was
          assert.equal(tostring(world.user.id), got.user_id)
          assert.equal("Kim@acme.test", got.user.email)
          assert.equal(version, got.version)
          local device = world.box:devices(world.user)[1]
          assert.same({ id = tostring(device.id), type = "sms", factor = version == "v1" and "OneLogin SMS" or "SMS",
            name = "Phone" }, got.device)
          assert.same({ "sms", "Phone", 3, "", version == "v1" and 120 or 600 }, asked)
          assert.equal(version == "v1" and NUMBER or world.user.phone, device.phone)
          assert.equal("sms", listed(world))
          assert.is_true(world.flows.passwordless({ user = "kim", version = version, otp = function()
            return newest_code(world)
          end }).granted)
        end
      end)

      it("needs no code for a number that is proven", function()
        local world = new_world()
        assert.is_true(enroll(world, { factor = "sms", verified = true }).enrolled)
        assert.equal("voice", enroll(world, { factor = "voice", verified = true }).device.type)
        assert.equal("sms voice", listed(world))
        assert.equal(0, #world.box.outbox)
      end)

      it("takes the id of a user, whatever the status, and looks nobody up", function()
        for i = 1, 2 do
          local world = new_world()
          world.user.status = 7
          local got = enroll(world, { user = false, user_id = i == 1 and world.user.id or tostring(world.user.id),
            factor = "sms", otp = function() return newest_code(world) end })
          assert.equal(tostring(world.user.id), got.user_id)
          assert.equal(0, world.calls("/users$"))
        end
      end)

      it("asks again after a wrong code, and at most three times", function()
        local world = new_world()
        local notes = {}
        local function otp(_, info)
          notes[#notes + 1] = ("%d %s"):format(info.tries_left, tostring(info.note))
          return #notes == 6 and newest_code(world) or "000000x"
        end
        ends("denied", "wrong_code", "REFUSED", enroll(world, { factor = "sms", otp = otp }))
        assert.same({ "3 nil", "2 wrong", "1 wrong" }, notes)
        if version == "v1" then assert.equal("", listed(world)) end -- taken away again
        assert.is_true(enroll(world, { factor = "sms", otp = otp }).enrolled)
        ends("denied", "wrong_code", "REFUSED", enroll(new_world(), { factor = "sms", max_tries = 1,
          otp = function() return "x" end }))
      end)

      it("does not send what cannot be a code", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        assert.equal("code", flow:step().need)
        local before = #world.sent
        assert.equal("code", flow:step { code = "  " }.need)
        for _, code in ipairs { "12\"34", ("1"):rep(65) } do
          local _, err = flow:step { code = code }
          assert.equal("bad_code", err.reason)
          assert.equal("code", err.field)
        end
        assert.equal(before, #world.sent)
        assert.equal(3, flow:step().tries_left)
      end)

      it("sends a new code when asked, and when the old one lapsed, and five at most", function()
        local world = new_world()
        local round = 0
        local got = enroll(world, { factor = "sms", otp = function(_, info)
          round = round + 1
          if round == 1 then return nil, "resend" end
          if round == 2 then
            assert.is_nil(info.note)
            world.box.clock.advance(601) -- lapses on our clock: no call can help
            return newest_code(world)
          end
          assert.equal("expired", info.note)
          return newest_code(world)
        end })
        assert.is_true(got.enrolled)
        assert.equal(3, #world.box.outbox)
        assert.equal(1, world.calls(V.CHECK))
        world = new_world()
        ends("denied", "too_many_sends", "REFUSED",
          enroll(world, { factor = "sms", otp = function() return nil, "resend" end }))
        assert.equal(5, #world.box.outbox)
        if version == "v1" then assert.equal("", listed(world)) end
      end)

      it("starts over when the service forgot the enrolment before we did", function()
        local world = new_world()
        local round = 0
        local got = enroll(world, { factor = "sms", otp = function(_, info)
          round = round + 1
          if round == 1 then world.box.store.mfa.challenges = {} end
          assert.equal(round == 2 and "expired" or nil, info.note)
          return newest_code(world)
        end })
        assert.is_true(got.enrolled)
        assert.equal(2, #world.box.outbox)
      end)

      it("sends what it is told along with the code", function()
        local world = new_world()
        local more = { [version == "v1" and "sms_message" or "custom_message"] = "Acme {{otp_code}}" }
        local round = 0
        assert.is_true(enroll(world, { factor = "sms", activate = more, otp = function()
          round = round + 1
          if round == 1 then return nil, "resend" end
          return newest_code(world)
        end }).enrolled)
        assert.equal("Acme " .. newest_code(world), world.box.outbox[#world.box.outbox].text)
      end)
    end)

    describe("with a person who is counted elsewhere", function()
      it("takes a wrong code as one of the person's chances", function()
        local world = new_world()
        local function flow()
          local made = flow_world.guarded(world, start(world, { factor = "sms" }), { failures = 2, sends = 4 })
          made:step()
          return made
        end
        local one = flow()
        assert.equal("wrong", one:step { code = "x" }.note)
        assert.equal("wrong", one:step { code = "x" }.note)
        local err = ends("denied", "too_many_failures", "REFUSED", one:step { code = newest_code(world) })
        assert.truthy(err.retry_after > 0)
        ends("denied", "too_many_failures", "REFUSED", flow():step { code = newest_code(world) })
        world.box.clock.advance(901)
        assert.is_true(flow():step { code = newest_code(world) }.login.enrolled)
      end)

      it("sends no more than the person may get", function()
        local world = new_world()
        local flow = flow_world.guarded(world, start(world, { factor = "sms" }), { sends = 2 })
        flow:step()
        assert.equal("code", flow:step { resend = true }.need)
        ends("denied", "too_many_sends", "REFUSED", flow:step { resend = true })
        assert.equal(2, #world.box.outbox)
      end)
    end)

    describe("at the door", function()
      it("turns away names that name nobody, more than one or somebody barred", function()
        local world = new_world()
        world.box:add_user { email = "lee@acme.test", username = "Kim@acme.test" }
        world.box:add_user { email = "ash@acme.test", username = "ash", status = 2 }
        for name, want in pairs { ["k*"] = "invalid bad_name", nobody = "denied unknown_user",
          ["Kim@acme.test"] = "denied ambiguous_user", ash = "denied suspended" } do
          local _, err = enroll(world, { user = name, factor = "sms" })
          assert.equal(want, err.kind .. " " .. err.reason)
          assert.equal("REFUSED", err.state)
        end
        local got = enroll(world, { user = "Kim@acme.test", by = "email", factor = "sms", verified = true })
        assert.equal(tostring(world.user.id), got.user_id)
      end)

      it("says when there is nothing to enrol with", function()
        local world = new_world()
        replace(world, V.FACTORS, 200, version == "v1"
          and { status = { error = false, code = 200, type = "success", message = "Success" },
            data = { auth_factors = json.array { { name = json.null, factor_id = 5 }, { name = "Carrier pigeon",
              factor_id = 6 }, { name = "OneLogin SMS" } } } }
          or json.array { { factor_id = 7, name = "Duo", auth_factor_name = "Duo" }, { name = "x" } })
        ends("denied", "no_factor", "REFUSED", enroll(world, {}))
        world = new_world()
        change(world, V.FACTORS, function(body)
          if version == "v1" then table.remove(body.data.auth_factors, 1) else table.remove(body, 2) end
        end)
        ends("denied", "no_factor", "REFUSED", enroll(world, { factor = "sms" }))
        ends("denied", "no_factor", "REFUSED", enroll(world, { factor = 99 }))
        assert.equal(0, world.calls(V.REGISTER, "POST"))
      end)

      it("says when the user does not exist", function()
        local world = new_world()
        local _, err = enroll(world, { user = false, user_id = 12, factor = "sms" })
        assert.equal("not_found", err.kind)
      end)
    end)

    describe("choosing the factor", function()
      it("offers them in one shape, and takes a factor, a number in the list, an id or a type", function()
        local picks = { function(list) return list[1] end, function() return 1 end,
          function(list) return list[1].id end, function(list) return tonumber(list[1].id) end,
          function(list) return list[1].type end }
        for _, pick in ipairs(picks) do
          local world = new_world()
          local seen
          local got = enroll(world, { verified = true, otp = function() end, show = function() end,
            choose = function(list)
              seen = {}
              for _, row in ipairs(list) do
                if row.type == "sms" then seen[1] = row end
              end
              return pick(seen)
            end })
          if version == "v1" then -- the first of the list there too
            assert.equal("sms", got.device.type)
          end
          assert.equal("string", type(seen[1].id))
          assert.truthy(seen[1].name)
        end
      end)

      it("takes none that was not offered", function()
        local world = new_world()
        for _, pick in ipairs { "0", 987, "carrier pigeon", true, { id = "0" }, {} } do
          local _, err = enroll(world, { choose = function() return pick end })
          assert.equal("unknown_factor", err.reason)
          assert.equal("factor", err.field)
        end
        assert.equal(0, world.calls(V.REGISTER, "POST"))
      end)

      it("asks when a type is listed twice", function()
        local world = new_world()
        change(world, V.FACTORS, function(body)
          local list = version == "v1" and body.data.auth_factors or body
          for _, row in ipairs(list) do
            if row.name:find("SMS", 1, true) then
              list[#list + 1] = { factor_id = 4711, name = row.name, auth_factor_name = row.auth_factor_name }
              break
            end
          end
        end)
        local want = start(world, { factor = "sms" }):step()
        assert.equal("factor", want.need)
        local flow = start(world)
        flow:step()
        assert.equal("unknown_factor", select(2, flow:step { factor = "sms" }).reason)
        local sms
        for _, row in ipairs(want.factors) do sms = sms or row.type == "sms" and row end
        assert.equal("code", flow:step { factor = sms }.need)
      end)

      it("goes back to them, leaving nothing behind", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        assert.equal("code", flow:step().need)
        local want = flow:step { other = true }
        assert.equal("factor", want.need)
        if version == "v1" then assert.equal("", listed(world)) end
        assert.equal("factor", flow:step().need)
        want = flow:step { factor = "sms" }
        assert.equal("code", want.need)
        assert.is_true(flow:step { code = newest_code(world) }.login.enrolled)
        local round = 0
        world = new_world()
        local got = enroll(world, { choose = function()
          round = round + 1
          return "sms"
        end, otp = function()
          if round == 1 then return nil, "other" end
          return newest_code(world)
        end })
        assert.is_true(got.enrolled)
        assert.equal(2, round)
      end)

      it("offers them again when the service cannot enrol with this one", function()
        local world = new_world()
        local flow
        if version == "v1" then
          flow = start(world, { factor = "sms", number = "+1415555" })
          change(world, "/otp_devices$", function(body) return body end)
          replace(world, "/otp_devices$", 400, { status = { error = true, code = 400, type = "bad request",
            message = "number is incorrect" } })
        else
          world.user.phone = nil
          flow = start(world, { factor = "sms" })
        end
        local want, err = flow:step()
        assert.is_nil(want)
        assert.equal("invalid", err.kind)
        assert.equal("CHOOSE", flow:state().state)
        world.tamper, world.user.phone = nil, "+15550123"
        want = flow:step()
        assert.equal("factor", want.need)
        assert.equal("code", flow:step { factor = "sms" }.need)
      end)
    end)

    describe("given up", function()
      it("ends cancelled at every point, and leaves nothing behind", function()
        local function cancelled(flow)
          local _, err = flow:step { cancel = true }
          assert.equal("cancelled", err.kind)
          assert.equal("cancelled", err.reason)
          assert.equal("CANCELLED", err.state)
          assert.equal("cancelled", select(2, flow:step { code = "1" }).kind) -- and stays so
        end
        local world = new_world()
        cancelled(start(world))
        world.down = true
        local flow = start(world, { user = false, user_id = world.user.id })
        assert.equal("network", select(2, flow:step()).kind)
        assert.equal("PERSON", flow:state().state)
        cancelled(flow)
        world.down = false
        flow = start(world)
        assert.equal("factor", flow:step().need)
        cancelled(flow)
        flow = start(world)
        flow:step()
        world.down = true
        assert.equal("network", select(2, flow:step { factor = "sms" }).kind)
        assert.equal("REGISTER", flow:state().state)
        cancelled(flow)
        world.down = false
        flow = start(world, { factor = "sms" })
        flow:step()
        if version == "v1" then assert.equal("sms?", listed(world)) end
        cancelled(flow)
        if version == "v1" then assert.equal("", listed(world)) end
        for _, options in ipairs {
          { choose = function() end }, { factor = "sms", otp = function() end },
        } do
          assert.equal("cancelled", select(2, enroll(world, options)).kind)
        end
      end)
    end)

    describe("against a service that answers about others", function()
      it("breaks off", function()
        local edits
        if version == "v1" then
          edits = { { "/otp_devices$", function(body) body.data[1].user_id = 1 end } }
        else
          edits = {
            { "/registrations$", function(body) first(body).user_id = "1" end },
            { "/registrations/", function(body) first(body).id = "other" end },
            { "/registrations/", function(body) first(body).device_id = "1" end },
            { "/registrations/", function(body) first(body).user_id = "1" end },
          }
        end
        for _, edit in ipairs(edits) do
          local world = new_world()
          change(world, edit[1], edit[2])
          ends("decode", "mismatch", "BROKEN", enroll(world, { factor = "sms", otp = function()
            return newest_code(world)
          end }))
        end
      end)
    end)
  end)
end

describe("enrolment on v1", function()
  local V = of "v1"

  it("tells apart who pays with which credential", function()
    local world = new_world()
    replace(world, "/otp_devices$", 401, { status = { error = true, code = 401, type = "Unauthorized",
      message = "Insufficient Permission" } })
    local _, err = V.enroll(world, { factor = "sms", otp = function() error("asked") end })
    assert.equal("permission", err.kind)
  end)

  it("has another code sent to the device that waits, and not another device", function()
    local world = new_world()
    local flow = V.start(world, { factor = "sms", expires_in = 300 })
    local want = flow:step()
    local id = want.device.id
    assert.equal(120, want.expires_in) -- an enrolment cannot ask for more
    world.box.clock.advance(121)
    want = flow:step { code = newest_code(world) }
    assert.equal("expired", want.note)
    assert.equal(id, want.device.id)
    assert.equal(300, want.expires_in)
    assert.equal("sms?", listed(world))
    assert.equal(1, world.calls("/trigger$"))
    assert.is_true(flow:step { code = newest_code(world) }.login.enrolled)
  end)

  it("breaks off when the new code is about somebody else", function()
    local world = new_world()
    change(world, "/trigger$", function(body) body.data[1].id = 1 end)
    ends("decode", "mismatch", "BROKEN", V.enroll(world, { factor = "sms", otp = function() return nil, "resend" end }))
  end)

  it("offers the factors again when the device that waited is gone", function()
    local world = new_world()
    local flow = V.start(world, { factor = "sms" })
    local id = flow:step().device.id
    world.client.mfa_v1:remove_factor(world.user.id, tonumber(id))
    world.box.clock.advance(121)
    local want, err = flow:step { code = "x" } -- too late: another is to be sent
    assert.is_nil(want)
    assert.equal("invalid", err.kind)
    assert.is_nil(flow:want())
    want = flow:step()
    assert.equal("factor", want.need)
    assert.is_nil(want.note)
    -- one that is still there is taken away first
    flow = V.start(world, { factor = "sms", activate = { sms_message = ("x"):rep(161) } })
    flow:step()
    assert.equal("invalid", select(2, flow:step { resend = true }).kind)
    assert.equal("sms?", listed(world))
    assert.equal("cancelled", select(2, flow:step { cancel = true }).reason)
    assert.equal("", listed(world))
  end)

  it("says which device is left when it could not be taken away", function()
    local world = new_world()
    local flow = V.start(world, { factor = "sms" })
    local id = flow:step().device.id
    world.down = true
    local err = ends("cancelled", "cancelled", "CANCELLED", flow:step { cancel = true })
    assert.truthy(err.message:find("the device " .. id .. ", which nobody confirmed, is still listed", 1, true))
    assert.equal(err.message, select(2, flow:step()).message)
    world.down = false
    flow = V.start(world, { factor = "sms" })
    flow:step()
    world.down = true
    assert.equal("factor", flow:step { other = true }.need)
  end)

  it("never takes away a device that was confirmed meanwhile", function()
    local world = new_world()
    local flow = V.start(world, { factor = "sms" })
    flow:step()
    lose(world, "/verify$", "POST")
    assert.equal("timeout", select(2, flow:step { code = newest_code(world) }).kind)
    assert.equal("cancelled", select(2, flow:step { cancel = true }).kind)
    assert.equal("sms", listed(world))
    assert.equal(0, world.calls("/otp_devices/%d+$", "DELETE"))
  end)

  it("has no voice without a proven number", function()
    local world = new_world()
    local flow = V.start(world)
    flow:step()
    local _, err = flow:step { factor = "voice" }
    assert.equal("invalid", err.kind)
    assert.equal("not_verified", err.reason)
    assert.equal("verified", err.field)
    assert.equal(0, world.calls("/otp_devices$", "POST"))
    assert.equal("code", flow:step { factor = "sms" }.need)
  end)

  it("ends at a locked account", function()
    local world = new_world()
    replace(world, "/verify$", 401, { status = { error = true, code = 401, type = "Unauthorized",
      message = "User is locked. Access is unauthorized" } })
    ends("denied", "locked", "REFUSED", V.enroll(world, { factor = "sms", otp = function() return "x" end }))
    assert.equal(1, world.calls("/otp_devices/%d+$", "DELETE"))
  end)

  it("knows the type of a factor by either name", function()
    local world = new_world()
    change(world, "/auth_factors$", function(body)
      body.data.auth_factors[1].auth_factor_name, body.data.auth_factors[1].name = "OneLogin SMS", "Text message"
    end)
    local want = V.start(world):step()
    assert.equal("sms", want.factors[1].type)
    assert.equal("Text message", want.factors[1].name)
    assert.equal("voice", want.factors[2].type)
  end)
end)

describe("enrolment on v2", function()
  local V = of "v2"

  describe("of what answers by itself", function()
    it("waits for the new telephone, showing the token it takes", function()
      local world = new_world { box = { push = { "approve", after = 21 } } }
      local shown, at = {}, {}
      local began = world.box.clock.wall()
      local got = V.enroll(world, { factor = "protect", show = function(setup) shown[#shown + 1] = setup end,
        on_wait = function(info)
          at[#at + 1] = info.elapsed
          assert.equal(600 - info.elapsed, info.remaining)
          assert.equal(shown[1].verification_token, info.setup.verification_token)
        end })
      assert.is_true(got.enrolled)
      assert.equal("protect", got.device.type)
      assert.equal(1, #shown)
      assert.equal("onelogin.setup verification_token", tostring(shown[1]))
      assert.truthy(#shown[1].verification_token > 4)
      assert.same({ 0, 2, 4.5, 7.5, 11, 15, 19.5 }, at)
      assert.equal(24.5, world.box.clock.wall() - began)
      assert.equal("protect", listed(world))
    end)

    it("waits for a call to be answered, and for a link to be opened", function()
      local world = new_world { mfa_array = true }
      assert.equal("voice", V.enroll(world, { factor = "voice" }).device.type)
      local opened
      local got = V.enroll(world, { factor = "email", email = "link", redirect_to = "https://acme.test/done",
        on_wait = function()
          if opened then return end
          opened = true
          for _, challenge in pairs(world.box.store.mfa.challenges) do
            if challenge.family == "registration" and challenge.status == "pending" then challenge.link = "x" end
          end
          assert.is_true(world.box:approve(world.user))
        end })
      assert.equal("email", got.device.type)
      assert.equal("https://acme.test/done", json.decode(world.sent[#world.sent - 1].body or "null").redirect_to)
    end)

    it("is refused, gives up and is cancelled", function()
      local world = new_world { box = { push = { "deny", after = 3 } } }
      ends("denied", "rejected", "REFUSED", V.enroll(world, { factor = "voice" }))
      world = new_world { box = { push = "ignore" } }
      local began = world.box.clock.wall()
      ends("timeout", "timeout", "TIMEOUT", V.enroll(world, { factor = "voice", timeout = 30 }))
      assert.equal(30, world.box.clock.wall() - began)
      assert.equal(1, #world.box.outbox)
      ends("timeout", "timeout", "TIMEOUT", V.enroll(world, { factor = "voice" })) -- the registration lapses
      assert.equal(630, world.box.clock.wall() - began)
      ends("cancelled", "cancelled", "CANCELLED", V.enroll(world, { factor = "voice",
        on_wait = function(info) return info.polls < 2 end }))
      local flow = V.start(world, { factor = "voice" })
      flow:step()
      world.box.clock.advance(700) -- nobody came back
      ends("timeout", "timeout", "TIMEOUT", flow:step())
      flow = V.start(world, { factor = "voice" })
      flow:step()
      world.box.store.mfa.challenges = {}
      world.box.clock.advance(2)
      ends("timeout", "timeout", "TIMEOUT", flow:step())
    end)

    it("rings again when asked, and takes another factor", function()
      local world = new_world { box = { push = "ignore" } }
      local flow = V.start(world, { factor = "voice" })
      local want = flow:step()
      assert.equal("wait", want.need)
      assert.equal("wait", flow:step { code = "123456" }.need) -- nothing to type here
      assert.equal("wait", flow:step { resend = true }.need)
      assert.equal(2, #world.box.outbox)
      assert.equal("factor", flow:step { other = true }.need)
      assert.equal("code", flow:step { factor = "email" }.need)
      assert.equal("email", flow:step { code = newest_code(world) }.login.device.type)
    end)

    it("bears with a service that stumbles, and with nothing else", function()
      local world = new_world { box = { push = { "approve", after = 20 } } }
      local n = 0
      function world.tamper(request, response)
        if not request.url:find("/registrations/") then return response end
        n = n + 1
        if n <= 3 then return { status = 503, headers = { ["retry-after"] = "7" }, body = "" } end
        return response
      end
      assert.is_true(V.enroll(world, { factor = "voice" }).enrolled)
      world = new_world { box = { push = "ignore" } }
      function world.tamper(request, response)
        if not request.url:find("/registrations/") then return response end
        return nil, { kind = "network", message = "down", sent = true }
      end
      assert.equal("network", select(2, V.enroll(world, { factor = "voice" })).kind)
      world = new_world { box = { push = "ignore" } }
      change(world, "/registrations/", function(body) body.id = "other" end)
      ends("decode", "mismatch", "BROKEN", V.enroll(world, { factor = "voice" }))
      world = new_world()
      replace(world, "/registrations/", 422, { statusCode = 422, name = "ValidationError", message = "no" })
      assert.equal("invalid", select(2, V.enroll(world, { factor = "voice" })).kind)
    end)

    it("waits as long as it is told to, and forgets troubles that are over", function()
      local world = new_world { box = { push = "ignore" } }
      local flow = V.start(world, { factor = "voice" })
      assert.equal(2, flow:step().after)
      local api, answers = flow.api, {}
      flow.api = setmetatable({ poll = function()
        local answer = table.remove(answers, 1)
        return answer == "pending" and "pending" or nil, answer
      end }, { __index = api })
      local function poll(answer)
        answers[1] = answer
        world.box.clock.advance(flow:want().after)
        local want, err = flow:step()
        return want and want.after or err.kind
      end
      assert.equal(20, poll { kind = "rate_limited", retry_after = 20 })
      for _ = 1, 12 do
        assert.equal("number", type(poll { kind = "network" }))
        assert.equal("number", type(poll "pending"))
      end
      assert.equal("number", type(poll { kind = "auth" })) -- the bearer was dropped with it
      assert.equal("auth", poll { kind = "auth" })
      assert.equal("permission", poll { kind = "permission" })
    end)

    it("takes no answer that came too late", function()
      local world = new_world { box = { push = "ignore" } }
      local flow = V.start(world, { factor = "voice", timeout = 30 })
      flow:step()
      world.box.clock.advance(32)
      assert.is_true(world.box:approve(world.user))
      ends("timeout", "timeout", "TIMEOUT", flow:step())
    end)
  end)

  it("is refused when the service says so, at once or to a code", function()
    local world = new_world()
    change(world, "/registrations$", function(body) body.status = "rejected" end)
    ends("denied", "rejected", "REFUSED", V.enroll(world, { factor = "sms", otp = function() error("asked") end }))
    world = new_world()
    replace(world, "/registrations/", 200, { status = "rejected" })
    ends("denied", "rejected", "REFUSED", V.enroll(world, { factor = "sms", otp = function() return "x" end }))
  end)

  it("takes an e-mail, and says at once that an address is proven only where that is possible", function()
    local world = new_world { mfa_array = true }
    assert.equal("email", V.enroll(world, { factor = "email", otp = function() return newest_code(world) end })
      .device.type)
    -- chosen later: verified is not sent along for what cannot be
    local flow = V.start(world, { verified = true })
    flow:step()
    assert.equal("setup", flow:step { factor = "authenticator" }.need)
    -- nor where a link leads, for what is no e-mail
    world.flows.enroll { user = "kim", email = "link", redirect_to = "https://acme.test", verified = true,
      choose = function() return "sms" end }
    local body = json.decode(world.sent[#world.sent].body)
    assert.is_true(body.verified)
    assert.is_nil(body.redirect_to)
  end)

  it("enrols by the id of a factor, under its own name when none is given", function()
    local world = new_world()
    local got = world.flows.enroll { user = "kim", factor = 58959, verified = true }
    assert.equal("OneLogin SMS", got.device.name)
    assert.equal("OneLogin SMS", world.box:devices(world.user)[1].name)
  end)
end)

describe("the machine of the flow", function()
  it("was walked along every edge", function() -- keep this last: it judges the whole file
    assert.same({}, flow_world.unwalked(machine))
  end)
end)

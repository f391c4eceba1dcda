-- Enrolment: what nobody else may see, what happens when an answer is lost, when each step runs in another process,
-- when a callback is missing, and what is misuse.  (flows_enroll_spec.lua walks the machine.)
local onelogin = require "onelogin"
local json = require("onelogin.core").json
local flow_world = require "spec.support.flow_world"
local enroll_world = require "spec.support.enroll_world"
local flows_of = require "onelogin.flows"

local new_world, change = flow_world.new, flow_world.change
local first, newest_code = flow_world.first, flow_world.newest_code
local of, ends, listed, lose = enroll_world.of, enroll_world.ends, enroll_world.listed, enroll_world.lose
local NUMBER = enroll_world.NUMBER

for _, version in ipairs { "v1", "v2" } do
  local V = of(version)
  local enroll, start = V.enroll, V.start

  describe("enrolment on " .. version, function()
    describe("with limits for the person", function()
      it("forgives no failure of another flow", function()
        local world = new_world()
        local app = world.box:add_device(world.user, "totp")
        local function sign_in()
          local made = flow_world.guarded(world, world.flows.passwordless.start { user = "kim", version = version },
            { failures = 3 })
          made:step { device = made:step().devices[1].id }
          return made
        end
        local one = sign_in()
        one:step { code = "000000" }
        one:step { code = "000000" }
        local made = flow_world.guarded(world, start(world, { factor = "sms" }), { failures = 3 })
        made:step()
        assert.is_true(made:step { code = newest_code(world) }.login.enrolled)
        local two = sign_in()
        two:step { code = "000000" }
        assert.equal("too_many_failures", select(2, two:step { code = world.box:totp(app) }).reason)
      end)

      it("gives back the chance of a code that was not wrong", function()
        local world = new_world()
        local flow = flow_world.guarded(world, start(world, { factor = "sms" }), { failures = 1 })
        flow:step()
        world.box.store.mfa.challenges = {}
        assert.equal("expired", flow:step { code = newest_code(world) }.note)
        assert.is_true(flow:step { code = newest_code(world) }.login.enrolled)
      end)

      it("tries nothing while the limits cannot be looked up", function()
        local world = new_world()
        local flow = flow_world.guarded(world, start(world, { factor = "sms" }), {})
        flow:step()
        local counted = flow.host.guard
        local trouble = { kind = "network", message = "the backend is down" }
        flow.host.guard = { reserve = function() return nil, trouble end, send = function() return nil, trouble end }
        assert.equal("network", select(2, flow:step { code = newest_code(world) }).kind)
        assert.equal("network", select(2, flow:step { resend = true }).kind)
        assert.equal("network", select(2, flow:step()).kind)
        flow.host.guard = counted
        assert.equal("code", flow:step().need)
        assert.is_true(flow:step { code = newest_code(world) }.login.enrolled)
      end)
    end)

    describe("against a service that leaves something out", function()
      it("does not take an answer without what is needed to go on", function()
        local edits
        if version == "v1" then
          edits = { function(body) body.data[1].id = nil end, function(body) body.data[1].state_token = nil end,
            function(body) body.data[1].state_token, body.data[1].active = "", json.null end }
        else
          edits = { function(body) first(body).id = nil end, function(body) first(body).device_id = nil end,
            function(body) first(body).id = json.null end }
        end
        for _, edit in ipairs(edits) do
          local world = new_world()
          change(world, V.REGISTER, function(body, request)
            if request.method == "POST" then edit(body) end
          end)
          local _, err = enroll(world, { factor = "sms", otp = function() error("asked") end })
          assert.equal("decode", err.kind)
          assert.equal("no_token", err.reason)
        end
      end)
    end)

    describe("when an answer is lost", function()
      it("looks whether the code had counted before it asks for another", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        flow:step()
        lose(world, V.CHECK, version == "v1" and "POST" or "PUT")
        assert.equal("timeout", select(2, flow:step { code = newest_code(world) }).kind)
        assert.equal("CODE", flow:state().state)
        assert.is_true(flow:step().login.enrolled)
        assert.equal("sms", listed(world))
        assert.equal(1, #world.box.outbox)
        assert.equal(1, world.calls(V.CHECK, version == "v1" and "POST" or "PUT"))
      end)

      it("goes on when it had not", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        flow:step()
        lose(world, V.CHECK, version == "v1" and "POST" or "PUT")
        assert.equal("timeout", select(2, flow:step { code = "x" }).kind)
        world.down = true
        assert.equal("network", select(2, flow:step { code = newest_code(world) }).kind)
        world.down = false
        assert.equal("code", flow:step().need)
        local before = #world.sent
        assert.equal("code", flow:step().need) -- it looks once
        assert.equal(before, #world.sent)
        assert.is_true(flow:step { code = newest_code(world) }.login.enrolled)
      end)

      it("counts a registration that may have sent something", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        function world.tamper(request, response)
          if request.method == "POST" and request.url:find(V.REGISTER) then
            return nil, { kind = "timeout", message = "lost", sent = true }
          end
          return response
        end
        for _ = 1, 5 do assert.equal("timeout", select(2, flow:step()).kind) end
        ends("denied", "too_many_sends", "REFUSED", flow:step())
        assert.equal(5, #world.box.outbox)
      end)

      it("repeats a step that did not get through", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        for _, state in ipairs { "START", "PERSON", "REGISTER" } do
          local down = { START = "/users", PERSON = V.FACTORS, REGISTER = V.REGISTER }
          function world.tamper(request, response)
            if request.url:gsub("%?.*", ""):find(down[state] .. "$") or request.url:find(down[state]) then
              return nil, { kind = "network", message = "down", sent = false }
            end
            return response
          end
          if state ~= "START" then
            assert.equal("network", select(2, flow:step()).kind)
            assert.equal(state, flow:state().state)
          end
        end
        world.tamper = nil
        assert.equal("code", flow:step().need)
      end)
    end)

    describe("in steps", function()
      -- Drives a flow; with `hop` in a fresh client, with a fresh state, after every step.
      local function drive(world, options, inputs, hop)
        local flow = start(world, options)
        local trail = {}
        local want, err = flow:step()
        for i = 1, 300 do
          trail[i] = want and want.need or err.reason
          if not want or want.login then break end
          local input = inputs(want, i)
          if hop then
            local text = json.encode(flow:state())
            local client = onelogin.new(world.config)
            flow = flows_of.new(client, { clock = world.clock }).resume(assert(json.decode(text)))
            assert.same(want.setup, flow:want().setup)
          end
          want, err = flow:step(input)
        end
        return table.concat(trail, " ")
      end

      local function wait_out(world, want)
        world.box.clock.advance(want.after)
        return nil
      end

      it("ends the same way when every step runs in another process", function()
        local cases = {
          { "sms", function(world) return { code = newest_code(world) } end },
          { "sms", function(_, want) return { code = want.tries_left > 1 and "wrong" or "again" } end },
          { "sms", function(_, _, i) return i < 4 and { resend = true } or { cancel = true } end },
          { "sms", function(world, want, i)
            if i == 1 then return { other = true } end
            return want.need == "factor" and { factor = "sms" } or { code = newest_code(world) }
          end },
        }
        if version == "v2" then
          local app = function(world, want, i) return { code = i == 1 and "wrong" or world.box:totp(want.device) } end
          cases[#cases + 1] = { "authenticator", app }
          cases[#cases + 1] = { "protect", wait_out, "approve" }
          cases[#cases + 1] = { "protect", wait_out, "deny" }
          cases[#cases + 1] = { "voice", wait_out, "ignore" }
        end
        for _, case in ipairs(cases) do
          local trails, left = {}, {}
          for i, hop in ipairs { false, true } do
            local world = new_world { box = { push = { case[3] or "approve", after = 9 } } }
            trails[i] = drive(world, { factor = case[1] }, function(want, n) return case[2](world, want, n) end, hop)
            left[i] = listed(world)
          end
          assert.equal(trails[1], trails[2])
          assert.equal(left[1], left[2])
          assert.truthy(#trails[1] > 8)
        end
      end)

      it("is kept in a store, where a page may be loaded again and an older step does nothing", function()
        local world = new_world()
        local store = world.flows.store {}
        local id, want = store:begin(start(world, { factor = version == "v2" and "authenticator" or "sms" }))
        assert.equal(version == "v2" and "setup" or "code", want.need)
        local turn = want.turn
        assert.same(want.setup, store:step(id).setup)
        local function code() return version == "v2" and world.box:totp(want.device) or newest_code(world) end
        assert.equal("wrong", store:step(id, { code = "x" }, turn).note)
        assert.equal("stale", select(2, store:step(id, { code = code() }, turn)).reason)
        assert.is_true(store:step(id, { code = code() }, turn + 1).login.enrolled)
        assert.equal("done", select(2, store:step(id)).reason)
      end)

      it("is carried by a sealed text, which shows nothing of it", function()
        local world = new_world()
        local sealer = world.flows.sealer { keys = { k1 = ("k"):rep(32) }, current = "k1",
          backend = require("onelogin.flows.memory").new { clock = world.clock } }
        local flow = sealer:begin(start(world, { factor = version == "v2" and "authenticator" or "sms" }))
        local want = flow:step()
        local text = assert(sealer:seal(flow, { session = "s" }))
        assert.is_nil(text:find(want.device.id, 1, true))
        local opened = assert(sealer:open(text, { session = "s" }))
        assert.same(want.setup, opened:want().setup)
        local code = version == "v2" and world.box:totp(want.device) or newest_code(world)
        assert.is_true(opened:step { code = code }.login.enrolled)
        assert.equal("done", select(2, sealer:open(text, { session = "s" })).reason)
      end)

      it("is worth no more than before when an older state is replayed", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        flow:step()
        local state, code = flow:state(), newest_code(world)
        assert.is_true(flow:step { code = code }.login.enrolled)
        local want = world.flows.resume(state):step { code = code }
        assert.is_nil(want.login) -- another code was sent for a device that is not confirmed
        assert.equal("expired", want.note)
      end)

      it("holds no code in its state, and refuses what is no state of it", function()
        local world = new_world()
        local flow = start(world, { factor = "sms" })
        flow:step()
        flow:step { code = "0wrong0" }
        assert.is_nil(json.encode(flow:state()):find("0wrong0", 1, true))
        assert.truthy(tostring(flow):find("enroll " .. version .. " (CODE)", 1, true))
        local state = flow:state()
        local broken = { { "v", 0 }, { "state", "NOWHERE" }, { "options", false }, { "tries", "1" },
          { "tenant", "https://other.invalid" } }
        for _, case in ipairs(broken) do
          local copy = {}
          for k, v in pairs(state) do copy[k] = v end
          copy[case[1]] = case[2]
          assert.is_false(pcall(world.flows.resume, copy))
        end
        state.typed, state.user = nil, nil
        assert.is_false(pcall(world.flows.resume, state))
      end)

      it("raises its turn with every input that was used", function()
        local world = new_world()
        local flow = start(world)
        local turn = flow:step().turn
        assert.equal(turn, flow:step().turn)
        assert.equal(turn + 1, flow:step { factor = "sms" }.turn)
        assert.equal(turn + 2, flow:step { code = "x" }.turn)
      end)
    end)
  end)
end

describe("enrolment on v2", function()
  local V = of "v2"

  describe("of an authenticator", function()
    it("shows the key, once for each registration, and takes the code of the app", function()
      for _, mfa_array in ipairs { false, true } do
        local world = new_world { mfa_array = mfa_array }
        local shown, seen = 0, nil
        local tries = 0
        local got = V.enroll(world, { factor = "authenticator",
          show = function(setup, device)
            shown, seen = shown + 1, setup
            assert.equal("authenticator", device.type)
          end,
          otp = function(device, info)
            tries = tries + 1
            assert.equal(seen.totp_url, info.setup.totp_url)
            if tries == 1 then return "000000" end
            assert.equal("wrong", info.note)
            return world.box:totp(device)
          end })
        assert.is_true(got.enrolled)
        assert.equal(1, shown)
        local device = world.box:devices(world.user)[1]
        assert.equal(device.secret, seen.secret)
        assert.equal("OneLogin", seen.issuer)
        assert.equal("Kim@acme.test", seen.account)
        assert.equal("otpauth://totp/OneLogin:Kim@acme.test?secret=" .. device.secret .. "&issuer=OneLogin",
          seen.totp_url)
        assert.same({ id = tostring(device.id), type = "authenticator", factor = "Google Authenticator",
          name = "Phone" }, got.device)
        assert.equal("onelogin.setup totp_url", tostring(seen))
      end
    end)

    it("draws the key when asked for", function()
      local world = new_world()
      local want = V.start(world, { factor = "authenticator" }):step()
      assert.equal("setup", want.need)
      local qr = require "onelogin.qr"
      assert.equal(qr.terminal(want.setup.totp_url), want.setup:qr())
      assert.equal(qr.terminal(want.setup.totp_url, { ansi = false }), want.setup:qr { ansi = false })
      assert.equal(qr.svg(want.setup.totp_url, { size = 200 }), want.setup:svg { size = 200 })
      package.loaded["onelogin.qr"] = nil
      local module, path = package.loaded["onelogin.qrencode"], package.cpath
      package.loaded["onelogin.qrencode"], package.cpath = nil, ""
      local text, why = want.setup:qr()
      package.loaded["onelogin.qrencode"], package.cpath, package.loaded["onelogin.qr"] = module, path, qr
      assert.is_nil(text)
      assert.truthy(why:find("libqrencode", 1, true))
    end)

    it("gives a new key when the old one lapsed, and shows it", function()
      local world = new_world()
      local shown, round = {}, 0
      local got = V.enroll(world, { factor = "authenticator", expires_in = 120,
        show = function(setup) shown[#shown + 1] = setup.secret end,
        otp = function(device, info)
          round = round + 1
          if round == 1 then
            assert.equal(120, info.expires_in)
            world.box.clock.advance(120)
          end
          return world.box:totp(device)
        end })
      assert.is_true(got.enrolled)
      assert.equal(2, #shown)
      assert.not_equal(shown[1], shown[2])
      assert.equal(2, world.calls("/registrations$", "POST"))
    end)

    it("keeps the key in its state while it is open, and no longer", function()
      local function secret_in(world, flow)
        for _, device in ipairs(world.box:devices(world.user)) do
          if json.encode(flow:state()):find(device.secret, 1, true) then return true end
        end
        return false
      end
      local inputs = { { cancel = true }, { other = true }, { code = "code" } }
      for _, input in ipairs(inputs) do
        local world = new_world()
        local flow = V.start(world, { factor = "authenticator" })
        local want = flow:step()
        assert.is_true(secret_in(world, flow))
        assert.is_nil(json.encode(flow:state().options):find(want.setup.secret, 1, true))
        if input.code then input.code = world.box:totp(want.device) end
        local after = flow:step(input)
        assert.is_false(secret_in(world, flow))
        assert.is_nil(after and after.setup)
      end
    end)

    it("is told by nothing but itself", function()
      local world = new_world()
      local flow = V.start(world, { factor = "authenticator" })
      local want = flow:step()
      local secret = want.setup.secret
      local _, err = flow:step { code = "!" }
      world.down = true
      local _, down = flow:step { code = "123456" }
      for _, thing in ipairs { flow, want.setup, err, down } do
        assert.is_nil(tostring(thing):find(secret, 1, true))
      end
      local show = require("onelogin.show")
      local shown = require("onelogin.repl.display").value(want, nil, { secret = show.secrets {} })
      assert.truthy(shown:find("setup", 1, true))
      assert.is_nil(shown:find(secret, 1, true))
      assert.truthy(json.encode(want):find(secret, 1, true)) -- a page that asks for it gets it
    end)

    it("needs the key in the answer", function()
      for _, data in ipairs { json.null, {}, { totp_url = "" }, { totp_url = 5 }, { totp_url = ("x"):rep(3000) },
        { totp_url = "a\nb" }, { verification_token = "x" } } do
        local world = new_world()
        change(world, "/registrations$", function(body) body.factor_data = data end)
        local _, err = V.enroll(world, { factor = "authenticator", show = function() end,
          otp = function() error("asked") end })
        assert.equal("decode", err.kind)
        assert.equal("no_setup", err.reason)
      end
    end)

    it("needs no key where the service says that all is done", function()
      local world = new_world()
      change(world, "/registrations$", function(body) body.status, body.factor_data = "accepted", nil end)
      assert.is_true(V.enroll(world, { factor = "authenticator", otp = function() error("asked") end }).enrolled)
    end)

    it("shows a key of another form as it is", function()
      local world = new_world()
      change(world, "/registrations$", function(body) body.factor_data.totp_url = "totp:abc" end)
      local want = V.start(world, { factor = "authenticator" }):step()
      assert.equal("totp:abc", want.setup.totp_url)
      assert.is_nil(want.setup.secret)
    end)
  end)

  it("starts over when a lost answer turns out to be about nothing", function()
    local world = new_world()
    local flow = V.start(world, { factor = "sms" })
    flow:step()
    lose(world, "/registrations/", "PUT")
    assert.equal("timeout", select(2, flow:step { code = "x" }).kind)
    world.box.store.mfa.challenges = {}
    local want = flow:step { code = "y" }
    assert.equal("expired", want.note)
    assert.equal(2, #world.box.outbox)
    assert.equal(3, want.tries_left) -- the second code went nowhere
  end)
end)

describe("the one-call form", function()
  local function refused(world, options)
    local _, err = world.flows.enroll(options)
    assert.equal("invalid", err.kind)
    assert.equal("no_usable_factor", err.reason)
    return err.message
  end

  it("says which callback is missing, and leaves nothing behind", function()
    local world = new_world()
    local otp, show = function() return "1" end, function() end
    assert.truthy(refused(world, { user = "kim", otp = otp }):find("name one", 1, true))
    assert.truthy(refused(world, { user = "kim", factor = "sms" }):find("no otp", 1, true))
    assert.truthy(refused(world, { user = "kim", factor = "authenticator", otp = otp }):find("no show", 1, true))
    assert.truthy(refused(world, { user = "kim", factor = "authenticator", show = show }):find("no otp", 1, true))
    assert.truthy(refused(world, { user = "kim", factor = "protect" }):find("no show", 1, true))
    local before = world.calls("/registrations$", "POST")
    for _, kind in ipairs { "sms", "authenticator", "protect" } do
      refused(world, { user = "kim", choose = function() return kind end })
    end
    assert.equal(before, world.calls("/registrations$", "POST")) -- nothing was begun
    refused(world, { user = "kim", version = "v1", number = NUMBER, factor = "sms" })
    assert.is_nil(listed(world):find("sms? sms", 1, true))
  end)

  it("takes the only factor there is", function()
    local world = new_world()
    world.box:add_device(world.user, "voice")
    local got = world.flows.enroll { user = "kim", version = "v1", number = NUMBER, otp = function()
      return newest_code(world)
    end }
    assert.equal("sms", got.device.type)
  end)
end)

describe("misuse", function()
  it("throws before any call", function()
    local world = new_world()
    for _, case in ipairs {
      { "expected a table", "kim" }, { "user, a name", {} }, { "user, a name", { user = "kim", user_id = 5 } },
      { "user must be a string", { user = 5 } }, { "user_id must be the id", { user_id = "kim" } },
      { "user_id must be the id", { user_id = 1.5 } }, { "unknown option 'facter'", { user = "kim", facter = "sms" } },
      { "name must not be empty", { user = "kim", name = "" } },
      { "factor must be the id of a factor or", { user = "kim", factor = "pigeon" } },
      { "one of the types sms, voice", { user = "kim", version = "v1", number = NUMBER, factor = "authenticator" } },
      { "factor must be", { user = "kim", factor = "duo" } },
      { "expires_in must be between 120 and 900", { user = "kim", expires_in = 60 } },
      { "timeout must be between", { user = "kim", timeout = 0 } },
      { "max_tries must be between", { user = "kim", max_tries = 11 } },
      { 'version must be "v1" or "v2"', { user = "kim", version = "v3" } },
      { 'by must be "email"', { user = "kim", by = "name" } },
      { 'email must be "code"', { user = "kim", email = "x" } },
      { "number must be the telephone number", { user = "kim", version = "v1" } },
      { "number must be the telephone number", { user = "kim", version = "v1", number = "0123" } },
      { "number must be the telephone number", { user = "kim", version = "v1", number = "+12345678901234567" } },
      { "verified = true", { user = "kim", version = "v1", number = NUMBER, factor = "voice" } },
      { 'exist on version "v2" only', { user = "kim", version = "v1", number = NUMBER, email = "link" } },
      { 'exist on version "v2" only', { user = "kim", version = "v1", number = NUMBER, redirect_to = "x" } },
      { "leave number out", { user = "kim", number = NUMBER } },
      { "for sms, voice and email only", { user = "kim", factor = "authenticator", verified = true } },
      { 'wants email = "link"', { user = "kim", factor = "email", redirect_to = "https://acme.test" } },
      { "otp must be a function", { user = "kim", otp = 5 } },
    } do
      local ok, why = pcall(world.flows.enroll.start, case[2])
      assert.is_false(ok, case[1])
      assert.equal("string", type(why))
      assert.truthy(why:find(case[1], 1, true), why)
      assert.truthy(why:find("flows.enroll", 1, true))
    end
    assert.equal(0, #world.sent)
    local flow = world.flows.enroll.start { user = "kim" }
    assert.is_false(pcall(flow.step, flow, { code = 5 }))
    assert.is_false(pcall(flow.step, flow, { fcator = 5 }))
  end)
end)

describe("docs/enrolment.md", function()
  it("says what is so", function()
    local here = debug.getinfo(1, "S").source:match("^@(.*)spec/[^/]*/[^/]*$") or "./"
    local file = assert(io.open((here == "" and "./" or here) .. "docs/enrolment.md", "rb"))
    local blocks = {}
    for block in file:read("*a"):gmatch("\n```lua\n(.-)\n```") do blocks[#blocks + 1] = block end
    file:close()
    assert.equal(3, #blocks)
    assert((loadstring or load)(table.concat(blocks, "\n"), "@docs/enrolment.md"))() -- each goes on from the one before
  end)
end)

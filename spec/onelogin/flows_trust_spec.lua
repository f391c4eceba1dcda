-- What the passwordless flow must never take for a sign-in: typed names that search, rows and answers
-- about others, answers that do not say yes, states replayed; and what it must never show.
local onelogin = require "onelogin"
local redact = require "onelogin.redact"
local show = require "onelogin.show"
local json = require("onelogin.core").json
local flows_of = require "onelogin.flows"
local machine = require("onelogin.flows.passwordless").machine
local canary = require "spec.support.canary"
local flow_world = require "spec.support.flow_world"

local new_world, change, replace = flow_world.new, flow_world.change, flow_world.replace
local first, newest_code = flow_world.first, flow_world.newest_code

for _, version in ipairs { "v1", "v2" } do
  local V = flow_world.of(version)
  local ACTIVATE, CHECK, login, start = V.ACTIVATE, V.CHECK, V.login, V.start

  describe("passwordless on " .. version, function()
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

    describe("against a service that answers oddly", function()
      it("hides what stands for the sent code when the service repeats it", function()
        local world = new_world()
        world.box:add_device(world.user, "sms")
        local flow = start(world)
        flow:step { device = flow:step().devices[1].id }
        local token = flow:state().open.token
        replace(world, CHECK, 422, { statusCode = 422, name = "X", message = "cannot do " .. token,
          status = { error = true, code = 422, type = "x", message = "cannot do " .. token } })
        local _, err = flow:step { code = "123456" }
        assert.equal("invalid", err.kind)
        for _, value in pairs(err) do assert.is_nil(tostring(value):find(token, 1, true)) end
        assert.is_nil(show.tree(redact.value(flow:state())):find(token, 1, true))
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

      it("takes no body under 200 for a success that is not the answer of this route", function()
        for _, body in ipairs { "OK", "accepted", "Down for maintenance", "<html>accepted</html>", "", "null", "true",
          '"accepted"', "[]", "{}", "[true]", '["accepted"]', '{"data":"accepted"}', '{"status":"success"}',
          '{"status":{}}', '{"status":true}', '{"status":{"code":200,"error":false,"type":"accepted"}}',
          version == "v1" and '{"status":"accepted"}' or '{"status":{"type":"success"}}' } do
          for _, kind in ipairs { "totp", "protect" } do
            local world = new_world()
            world.box:add_device(world.user, kind, { push = "approve" })
            local flow = start(world)
            flow:step { device = flow:step().devices[1].id }
            function world.tamper() return { status = 200, headers = { ["content-type"] = "x" }, body = body } end
            world.box.clock.advance(2)
            local want, err = flow:step(kind == "totp" and { code = "123456" } or {})
            assert.is_nil(want and want.login, body)
            assert.is_true(want ~= nil or err.kind == "decode", body)
            assert.is_false(flow:ended(), body)
          end
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
    assert.equal(4, run)
  end)

  it("names every option, state and reason", function()
    local names = {}
    for state in pairs(machine.states) do names[#names + 1] = state end
    local options = { "version", "factors", "timeout", "max_tries", "expires_in", "fallback", "by", "activate",
      "redirect_to", "temporary", "try_every", "email", "password", "subdomain", "origin", "app_id" }
    for _, name in ipairs(options) do
      names[#names + 1] = "`" .. name .. "`"
    end
    local sources = { "passwordless", "person", "run", "v1", "v2", "flow", "factor", "signin", "login", "saml" }
    for _, path in ipairs(sources) do
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

describe("the machine of a flow", function()
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
end)

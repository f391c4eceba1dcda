-- What login and SAML must never take for a sign-in: answers that do not say yes, or say it and something else, or come
-- from elsewhere; and what they refuse to be told.  (flows_sign_in_spec.lua: what they do with honest answers.)
local onelogin = require "onelogin"
local json = require("onelogin.core").json
local flow_world = require "spec.support.flow_world"
local support = require "spec.support.password_world"

local PASSWORD = support.PASSWORD
local new_world, script = support.new, support.script
local newest_code = flow_world.newest_code

local function success(data)
  return { status = { type = "success", code = 200, message = "Success", error = false }, data = data }
end

-- Answers under HTTP 200 that grant nothing, whatever was asked.
local function nothing(F, user)
  local said = { type = "success", code = 200, message = "Success", error = false }
  local list = { "", "null", "true", "[]", "{}", "<html>Success</html>", "{\"data\": ", "\"c2VjcmV0\\u0000",
    "OK", "Down for maintenance", "\"Success\"", "c2VjcmV0", -- plain text, and a bare value
    { status = said }, success(json.null), success(false), success(7), success(""), success(json.array {}),
    success { user = user }, { message = "Success" }, { message = "Success", data = json.null },
    { message = "Success", data = 7, user = user }, { message = "Success", data = json.array {} },
    { status = "success" }, { session_token = json.null } }
  if F.flow == "login" then
    for _, token in ipairs { 7, true, "", json.null, {}, json.array { "c2VjcmV0" } } do
      list[#list + 1] = success(json.array { { session_token = token, user = user, status = "Authenticated" } })
    end
    local row = { session_token = "c2VjcmV0", user = user }
    list[#list + 1] = success(json.array { row, row })
    list[#list + 1] = success("c2VjcmV0")
    list[#list + 1] = { message = "Success", data = "c2VjcmV0" }
  else
    for _, text in ipairs { "Success", "<samlp:Response/>", "c2VjcmV0", "PHgvPg==;", " ", "P", "PH" } do
      list[#list + 1] = F.granted(text)
    end
    list[#list + 1] = success(json.array { "PHgvPg==", "PHgvPg==" })
    list[#list + 1] = success(json.array { { session_token = "c2VjcmV0" } })
    list[#list + 1] = { message = "Success", data = true }
  end
  -- Contradictions: what was earned, under the word that nothing is decided.
  local both = F.granted("PHgvPg==", user)
  if F.version == "v2" then
    for _, message in ipairs { "Authentication pending on OL Protect", "PENDING", "Success. Pending." } do
      list[#list + 1] = { message = message, data = both.data }
    end
    list[#list + 1] = json.array { both, both }
  else
    for kind, message in pairs { pending = "Success", Pending = "ok", success = "Authentication PENDING" } do
      list[#list + 1] = { status = { type = kind, code = 200, message = message, error = false }, data = both.data }
    end
  end
  return list
end

-- A sign-in whose n-th password or factor gets this answer; at the end the state it is in, and what came.
local function answered(F, kind, pattern, answer, input)
  local world = new_world()
  local device = kind and world.box:add_device(world.user, kind, { push = "ignore" })
  local flow = device and F.at(world, kind ~= "sms" and 1 or nil) or F.start(world)
  script(world, pattern, { { 200, answer } })
  world.box.clock.advance(kind == "protect" and 2 or 0)
  local want, err = flow:step(input == "device" and { device = tostring(device.id) } or input)
  return world, flow, want, err
end

for _, F in ipairs(support.families) do
  describe(F.name, function()
    it("takes no answer to the password for a sign-in that does not say so", function()
      local user = { id = 1 }
      local list = nothing(F, user)
      local two = F.granted("PHgvPg==", user)
      local row = F.version == "v2" and two or two.data[1] or {}
      row.state_token = "t"
      list[#list + 1] = two
      if F.version == "v1" then list[#list] = success(json.array { { state_token = "t", data = "PHgvPg==" } }) end
      list[#list + 1] = F.due { state_token = 7, devices = json.array {} }
      list[#list + 1] = F.due { state_token = "", devices = json.array {} }
      for i, answer in ipairs(list) do
        local world, flow, want, err = answered(F, nil, F.AUTH, answer)
        assert.is_nil(want, i)
        assert.equal("decode", err.kind, i)
        assert.equal("PASSWORD", flow:state().state)
        assert.equal(1, F.passwords(world))
        assert.is_nil(flow:state().login)
      end
      assert.is_true(#list > 25)
    end)

    it("takes no answer to a typed code, a poll or a trigger for a sign-in that does not say so", function()
      for i, answer in ipairs(nothing(F, nil)) do
        for kind, input in pairs { totp = { code = "123456" }, protect = {}, sms = "device" } do
          local world, flow, want, err = answered(F, kind, F.VERIFY, answer, input)
          local at = i .. " " .. kind
          if want then
            assert.equal(({ totp = "code", protect = "wait", sms = "code" })[kind], want.need, at)
            assert.equal(kind == "totp" and "wrong" or nil, want.note, at)
          else
            assert.equal("decode", err.kind, at)
          end
          assert.is_nil(flow:state().login, at)
          assert.is_false(flow:ended(), at)
          assert.equal(1, F.passwords(world))
        end
      end
    end)

    it("takes an error under HTTP 200 for what it says", function()
      local refusal = F.refused(401, support.WRONG)
      if F.version == "v2" then return assert.is_table(refusal) end -- version 2 has no such envelope
      local _, _, want = answered(F, "totp", F.VERIFY, refusal, { code = "123456" })
      assert.same({ "code", "wrong" }, { want.need, want.note })
    end)

    it("knows a lapsed state token by more than one wording, and takes no other 400 for one", function()
      for text, line in pairs { ["State token is invalid"] = "password expired", ["STATE TOKEN"] = "password expired",
        ["The token has expired"] = "password expired", ["OTP token blank"] = "invalid",
        ["bad request"] = "invalid" } do
        for kind, input in pairs { totp = { code = "123456" }, protect = {}, sms = "device" } do
          local world = new_world()
          local device = world.box:add_device(world.user, kind, { push = "ignore" })
          local flow = F.at(world, kind ~= "sms" and 1 or nil)
          script(world, F.VERIFY, { { 400, F.refused(400, text) } })
          world.box.clock.advance(kind == "protect" and 2 or 0)
          local want, err = flow:step(input == "device" and { device = tostring(device.id) } or input)
          local came = want and want.need .. " " .. tostring(want.note) or err.kind
          -- Without a code, OTP token blank asks for one, and does not end a wait.
          local blank = text == "OTP token blank" and kind ~= "totp"
          assert.equal(blank and (kind == "sms" and "code nil" or "wait nil") or line, came, text .. " " .. kind)
          assert.equal(1, F.passwords(world))
        end
      end
    end)

    it("is not misled by devices without an id, listed twice, or of odd types", function()
      local world = new_world()
      local app = world.box:add_device(world.user, "totp")
      flow_world.change(world, F.AUTH, function(body)
        local row = F.row(body)
        row.devices = json.array { { device_type = "OneLogin SMS" }, { device_id = json.null }, 7, "x",
          { device_id = app.id, device_type = "Google Authenticator" },
          { device_id = tostring(app.id), device_type = "Google Authenticator" },
          { device_id = 5, device_type = 5 }, { device_id = 1.5 } }
      end)
      local _, want = F.at(world)
      assert.same({ tostring(app.id), "5" }, { want.devices[1].id, want.devices[2].id })
      assert.same({ "authenticator", "unknown", 2 }, { want.devices[1].type, want.devices[2].type, #want.devices })
    end)

    it("counts a message that may have gone out although its answer was lost, and none that surely did not", function()
      for _, lost in ipairs { { garbage = true }, { latency = 300 }, { drop = "connect" } } do
        local world = new_world()
        world.box:add_device(world.user, "sms")
        local flow, want = F.at(world)
        lost.operation, lost.times = "*.verify_factor", 1000
        world.box:fault(lost)
        local _, err = flow:step { device = want.devices[1].id }
        for _ = 1, 8 do _, err = flow:step() end
        assert.equal(lost.drop and "network nil" or "denied too_many_sends", err.kind .. " " .. tostring(err.reason))
        assert.is_true(#world.box.outbox <= 5)
      end
    end)

    it("makes one step at a time: a second one that meets it does nothing", function()
      local world = new_world()
      local device = world.box:add_device(world.user, "protect", { push = { "approve", after = 1 } })
      local flow = F.at(world, 1)
      world.box.clock.advance(2)
      function world.tamper(_, response)
        coroutine.yield() -- meanwhile somebody else steps
        return response
      end
      local login
      local poll = coroutine.create(function() login = flow:step().login end)
      assert.is_true(coroutine.resume(poll))
      local before = #world.sent
      for _, input in ipairs { {}, { code = world.box:totp(device) }, { cancel = true }, { resend = true } } do
        local second = coroutine.wrap(function() return flow:step(input) end)
        local want, err = second()
        assert.is_nil(want)
        assert.same({ "conflict", "stale", "WAIT" }, { err.kind, err.reason, err.state })
      end
      assert.equal(before, #world.sent)
      assert.is_true(coroutine.resume(poll))
      assert.equal("push", login.method)
      -- One that died in a step holds nobody up.
      world.tamper = nil
      flow = F.at(world)
      function world.tamper() error("the transport broke") end
      local dead = coroutine.create(function() return flow:step { device = tostring(device.id) } end)
      coroutine.resume(dead)
      world.tamper = nil
      flow:step { cancel = true }
      assert.is_true(flow:ended())
    end)

    it("gives a chance back that was not wrong: of a code that came too late, or met another trouble", function()
      local world = new_world()
      world.box:add_device(world.user, "sms")
      local flow = flow_world.guarded(world, F.start(world, { password = false }), { failures = 1 })
      local phone = flow:step({ password = PASSWORD }).devices[1].id
      flow:step { device = phone }
      world.box.store.sign_ins = {}
      assert.equal("expired", flow:step({ code = "123456" }).note)
      assert.equal("device", flow:step({ password = PASSWORD }).need)
      flow:step { device = phone }
      script(world, F.VERIFY, { { 503, "" }, { 401, F.refused(401, "Authentication Failure") } })
      for _ = 1, 2 do assert.is_nil(flow:step { code = "123456" }) end
      assert.is_true(flow:step { code = newest_code(world) }.login.granted)
    end)

    it("outlives polls that time out, are turned away or meet a broken service, and waits as it is told", function()
      for _, trouble in ipairs { { latency = 30 }, { status = 503 }, { status = 500 }, { drop = "after" },
        { status = 429, headers = { ["retry-after"] = "17" } } } do
        local world = new_world()
        world.box:add_device(world.user, "protect", { push = { "approve", after = 5 } })
        local flow, want = F.at(world, 1)
        trouble.operation = "*.verify_factor"
        world.box:fault(trouble)
        world.box.clock.advance(want.after)
        want = assert(flow:step())
        assert.equal("wait", want.need)
        assert.equal(trouble.headers and 17 or 2.5, want.after)
        world.box.clock.advance(want.after)
        if flow:step().need == "wait" then world.box.clock.advance(flow:want().after) end
        assert.equal("push", flow:step().login.method)
      end
      local world = new_world()
      world.box:add_device(world.user, "protect", { push = "ignore" })
      local flow, want = F.at(world, 1)
      script(world, F.VERIFY, { { 400, F.refused(400, "bad request") } })
      world.box.clock.advance(want.after)
      assert.equal("invalid", select(2, flow:step()).kind)
    end)

    it("comes to an end, however patient the callbacks are", function()
      local world = new_world { box = { push = "ignore" } }
      world.box:add_device(world.user, "protect")
      local asked = 0
      local _, err = F.run(world, { password = function()
        asked = asked + 1
        return PASSWORD
      end })
      assert.same({ "denied", "too_many_sends", "REFUSED" }, { err.kind, err.reason, err.state })
      assert.same({ 6, 5, 600 }, { asked, #world.box.outbox, world.box.clock.wall() - world.box.started })
    end)

    it("asks at the deadline, however near that is", function()
      local world = new_world()
      world.box:add_device(world.user, "protect", { push = { "approve", after = 1 } })
      local flow, want = F.at(world)
      world.box.clock.advance(118.5)
      want = flow:step { device = want.devices[1].id }
      assert.equal(1.5, want.after)
      world.box.clock.advance(want.after - 0.01) -- the service forgets it at the very end
      flow.data.wait.due = 0
      assert.equal("push", flow:step().login.method)
    end)

    it("reads the same on a client that shows nulls", function()
      for _, kind in ipairs { "none", "totp", "sms", "protect" } do
        local world = new_world { client = { nulls = "sentinel" } }
        local device = kind ~= "none" and world.box:add_device(world.user, kind)
        world.user.firstname = nil
        local login = assert(F.run(world, { otp = function()
          return kind == "totp" and world.box:totp(device) or newest_code(world)
        end }))
        assert.equal("string", type(login[F.key]))
        assert.is_nil(login.return_to_url)
        assert.is_nil(login.user.firstname)
        local flow = F.at(world)
        assert.is_true(pcall(world.flows.resume, json.decode(json.encode(flow:state()))))
      end
      local world = new_world { client = { nulls = "sentinel" } }
      local _, err = F.run(world, { password = "no" })
      assert.equal("wrong_password", err.reason)
      for _, answer in ipairs { "null", success(json.null), success(json.array { json.null }),
        success(json.array { { state_token = json.null, session_token = json.null } }), { data = json.null } } do
        world = new_world { client = { nulls = "sentinel" } }
        script(world, F.AUTH, { { 200, answer } })
        assert.equal("decode", select(2, F.run(world, {})).kind)
      end
    end)

    it("sends a password as it was typed", function()
      for _, password in ipairs { " ", " tide ", "tide\n", "\"}\\", "tide\0swell", "t\195\174de", ("x"):rep(5000),
        "null" } do
        local world = new_world { password = password }
        assert.is_true(F.run(world, { password = password }).granted)
        assert.equal("wrong_password", select(2, F.run(world, { password = password .. " " })).reason)
      end
    end)

    it("is kept from calling by a client that may not, or only describes", function()
      for _, client in ipairs { { allow = "read" }, { allow = { "users.*" } }, { dry_run = true } } do
        local world = new_world { client = client }
        local ok, login, err = pcall(F.run, world, {})
        assert.equal(client.dry_run == true, ok)
        if ok then
          assert.is_nil(login)
          assert.equal("table", type(err))
        end
        assert.is_nil((tostring(ok and err or login)):find(PASSWORD, 1, true))
        assert.equal(0, F.passwords(world))
      end
    end)

    it("calls its own host, whatever callback_url says", function()
      for _, kind in ipairs { "totp", "sms", "protect" } do
        local world = new_world { box = { other_region = true } }
        local device = world.box:add_device(world.user, kind)
        assert.is_true(F.run(world, { otp = function()
          return kind == "totp" and world.box:totp(device) or newest_code(world)
        end }).granted)
        for _, request in ipairs(world.sent) do
          assert.equal(1, request.url:find(world.box.base_url, 1, true))
        end
      end
    end)

    it("takes answers as objects and as arrays of one", function()
      for _, turn in ipairs { "object", "array" } do
        local world = new_world()
        local device = world.box:add_device(world.user, "totp")
        function world.tamper(_, response)
          local body = json.decode(response.body)
          if F.version == "v2" then
            body = turn == "array" and json.array { body } or body
          elseif json.is_array(body.data) and turn == "object" then
            body.data = body.data[1]
          elseif type(body.data) == "string" and turn == "array" then
            body.data = json.array { body.data }
          end
          response.body = json.encode(body)
          return response
        end
        assert.is_true(F.run(world, { otp = function() return world.box:totp(device) end }).granted)
      end
    end)
  end)
end

describe("misuse of login and saml", function()
  local function thrown(start, options, word)
    local ok, message = pcall(start, options)
    assert.is_false(ok, word)
    assert.equal("string", type(message))
    assert.truthy(message:find(word, 1, true), message)
  end

  it("throws before any call, naming what is wrong", function()
    local world = new_world()
    for _, F in ipairs(support.families) do
      local function start(more)
        if type(more) ~= "table" then return world.flows[F.flow].start(more) end
        return F.start(world, more)
      end
      thrown(start, nil, "table of options")
      thrown(start, { user = 7 }, "user must be a string")
      thrown(start, { password = 7 }, "password must be a string or function")
      thrown(start, { pasword = "x" }, "did you mean 'password'")
      thrown(start, { subdomain = "https://acme.onelogin.com" }, "subdomain must be the first part")
      thrown(start, { subdomain = "" }, "subdomain must be the first part")
      thrown(start, { ip_address = 7 }, "ip_address must be a string")
      thrown(start, { email = "both" }, 'email must be "code" or "link"')
      thrown(start, { factors = { "protcet" } }, "did you mean 'protect'")
      thrown(start, { factors = {} }, "at least one type")
      thrown(start, { timeout = 0 }, "timeout must be between")
      thrown(start, { max_tries = 11 }, "max_tries must be between")
      thrown(start, { fallback = "no" }, "fallback must be a boolean")
      thrown(start, { otp = "123456" }, "otp must be a function")
      thrown(start, { choose = 1 }, "choose must be a function")
      thrown(start, { on_wait = {} }, "on_wait must be a function")
      thrown(function(o) return F.run(world, o) end, { password = false }, "password must be given")
      local flow = F.start(world)
      for _, bad in ipairs { { password = 1 }, { code = 123456 }, { pasword = "x" }, "x" } do
        assert.is_false(pcall(flow.step, flow, bad))
      end
    end
    assert.equal(0, #world.sent)
  end)

  it("knows no origin that is more than one, and no app that is no number", function()
    local world = new_world()
    for _, origin in ipairs { "https://a.test/path", "https://a.test/", "login.acme.test", "ftp://a.test", "*",
      "https://a.test:", "https://a.test:8x", "https://", "https://a.test,https://b.test", "https://a.test\r\nX: y",
      7, {}, { 7 }, { "https://a.test", "b" } } do
      assert.is_false(pcall(world.flows.login.start, { user = "kim", password = PASSWORD, origin = origin }), origin)
    end
    for _, app_id in ipairs { "", "abc", "12a", " 12", "-1", -1, 1.5, 0 / 0, 1 / 0, {}, true } do
      local ok, message = pcall(world.flows.saml.start, { user = "kim", password = PASSWORD, app_id = app_id })
      assert.is_false(ok, tostring(app_id))
      assert.truthy(message:find("app_id must be", 1, true), message)
    end
    thrown(world.flows.saml.start, { user = "kim" }, "app_id must be the number of a SAML app")
    thrown(world.flows.saml.start, { user = "kim", app_id = 1, version = "v3" }, 'version must be "v1" or "v2"')
    assert.equal(0, #world.sent)
  end)

  it("wants to know the account where the client's address does not tell it", function()
    for _, options in ipairs { { region = "us" }, { base_url = "http://127.0.0.1:9" } } do
      options.client_id, options.client_secret = "x", "y"
      local flows = onelogin.new(options).flows
      thrown(flows.login.start, { user = "kim", password = "x" }, "flows.login: subdomain must be given")
      thrown(flows.saml.start, { user = "kim", password = "x", app_id = 1 }, "flows.saml: subdomain must be given")
      assert.equal("password", flows.login.start({ user = "kim", subdomain = "acme" }):step().need)
    end
  end)

  it("goes on with no state that is not whole, or of another version or tenant", function()
    local world = new_world()
    world.box:add_device(world.user, "totp")
    for _, F in ipairs(support.families) do
      local flow = F.at(world, 1)
      for name, value in pairs { v = 99, state = "START", tries = "3", options = false, typed = 7, refused = "0",
        token = false, turn = "0", sends = false, tenant = "https://other.onelogin.test" } do
        local state = flow:state()
        state[name] = value
        assert.is_false(pcall(world.flows.resume, state), name)
      end
      local state = flow:state()
      state.flow = "passwordless"
      assert.is_false(pcall(world.flows.resume, state))
      for _, name in ipairs { "version", "app_id" } do
        state = flow:state()
        state.options[name] = nil
        assert.equal(F.flow == "login", (pcall(world.flows.resume, state)))
      end
      assert.is_true(pcall(world.flows.resume, flow:state()))
    end
  end)
end)

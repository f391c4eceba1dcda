-- run: plain
-- Flows under misuse: states changed by hand, answers of any shape, options of any type, callbacks that throw or never
-- have enough, steps within steps, clocks that jump.  Nothing of it may break a step with an error of Lua's own.
local json = require("onelogin.core").json
local cases = require "spec.support.flow_cases"
local flow_world = require "spec.support.flow_world"
local password_world = require "spec.support.password_world"
local tasks = require "onelogin.tasks"

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for k, v in pairs(value) do out[k] = copy(v) end
  return out
end

-- The cases that are walked thousands of times: every machine, every state.
local MANY = {}
for _, case in ipairs(cases.list) do
  local once = case.kind == "sms" and case.name:find("login", 1, true) or case.kind == "totp"
    or case.name:find("saml v1", 1, true) or case.name == "enroll v2, sms"
  if not once then MANY[#MANY + 1] = case end
end

local function nested(depth)
  local value = {}
  for _ = 1, depth do value = { x = value } end
  return value
end

local cyclic = {}
cyclic.x = cyclic

-- A case walked to its end: its states on the way, as JSON would carry them, and its answers.
local function walked(case)
  local world = case.new()
  world.client.mfa:list_factors(world.user.id) -- fetches the token
  local states, answers = {}, {}
  world.tamper = function(_, response)
    answers[#answers + 1] = response.body
    return response
  end
  local mark = world.box:snapshot()
  local flow = case.start(world)
  states[1] = flow:state()
  for _, input in ipairs(case.inputs) do
    flow:step(input(world))
    states[#states + 1] = flow:state()
  end
  world.tamper = nil
  for i, state in ipairs(states) do states[i] = json.decode(json.encode(state)) end
  return world, states, answers, mark
end

-- One state of each name.
local function distinct(states)
  local seen, out = {}, {}
  for _, state in ipairs(states) do
    if not seen[state.state] then
      seen[state.state] = true
      out[#out + 1] = state
    end
  end
  return out
end

local function fail(case, place, what, why)
  local words = {}
  for i, key in ipairs(place) do words[i] = tostring(key) end
  error(("%s: %s = %s: %s"):format(case.name, table.concat(words, "."), what, tostring(why)), 0)
end

describe("a state that was changed by hand", function()
  local CHANGES = { { "nothing" }, { "true", true }, { "-1.5", -1.5 }, { "NaN", 0 / 0 }, { "1e300", 1e300 },
    { "''", "" }, { "control", "a\0\n%s" }, { "long", ("z"):rep(2000) }, { "{1}", { 1 } }, { "deep", nested(30) },
    { "cyclic", cyclic }, { "null", json.null } }
  local INPUTS = { { code = "123456" }, { device = "1" }, { other = true }, {} }

  local function refused(why) return tostring(why):find("flows.resume: ", 1, true) ~= nil end

  for _, case in ipairs(MANY) do
    it("is refused, or behaves: " .. case.name, function()
      local world, states, _, mark = walked(case)
      world.box:restore(mark)
      local resumed, n = 0, 0
      for _, state in ipairs(distinct(states)) do
        for _, place in ipairs(cases.places(state)) do
          for i = 1, #place > 0 and 3 or 0 do -- any three that follow one another
            local which = CHANGES[(n + i) % #CHANGES + 1]
            local name, change = which[1], which[2]
            local changed = cases.put(copy(state), place, change)
            local ok, flow = pcall(world.flows.resume, changed)
            if not ok and not refused(flow) then fail(case, place, name, flow) end
            n = n + 1
            if ok then
              resumed = resumed + 1
              local right, why = pcall(function()
                tostring(flow)
                flow:want()
                local want, err = flow:step(INPUTS[n % #INPUTS + 1])
                assert(want or type(err) == "table" and err.kind)
                flow:step()
                flow:want()
              end)
              if not right then fail(case, place, name, why) end
              local again
              again, why = pcall(world.flows.resume, flow:state())
              if not again and not refused(why) then fail(case, place, name, why) end
            end
          end
        end
        world.box:restore(mark)
      end
      assert.is_true(n > 100 and resumed > 10 and resumed < n, n .. " " .. resumed)
    end)
  end

  it("may have more in it", function()
    local world = flow_world.new()
    local flow = flow_world.of("v2").start(world)
    local state = flow:state()
    state.more, state.options.more = { 1 }, "x"
    assert.equal("no_devices", select(2, world.flows.resume(state):step()).reason)
  end)
end)

describe("an answer of any shape", function()
  local CHANGES = { { "null", json.null }, { "false", false }, { "-1.5", -1.5 }, { "'x'", "x" }, { "slash", "a/b\27" },
    { "long", ("z"):rep(2000) }, { "digits", ("9"):rep(300) }, { "{{}}", json.array { {} } } }

  -- Walks a case; an error is a bug.  Returns whether somebody was let in, and by what.
  local function play(case, world)
    local flow, login = case.start(world), nil
    for _, input in ipairs(case.inputs) do
      local want, err = flow:step(input(world))
      assert(want or type(err) == "table" and err.kind and tostring(err))
      login = want and want.login or login
      flow:want()
      if not flow:ended() then world.flows.resume(json.decode(json.encode(flow:state()))) end
    end
    return login
  end

  for _, case in ipairs(MANY) do
    it("is taken or refused: " .. case.name, function()
      local world, _, answers, mark = walked(case)
      local played = 0
      for i, body in ipairs(answers) do
        local value = body ~= "" and json.decode(body, { nulls = "sentinel" })
        for _, place in ipairs(value and cases.places(value) or {}) do
          for k = 1, 2 do
            local change = CHANGES[(played + k) % #CHANGES + 1]
            world.box:restore(mark)
            local n = 0
            world.tamper = function(_, response)
              n = n + 1
              if n == i then
                local answer = json.decode(response.body, { nulls = "sentinel" })
                local there, new = pcall(cases.put, answer, place, change[2])
                local encoded, text = pcall(json.encode, new) -- not where a list would get a hole
                if there and encoded and new ~= nil then response.body = text end
              end
              return response
            end
            local ok, why = pcall(play, case, world)
            if not ok then fail(case, place, change[1], "answer " .. i .. ": " .. tostring(why)) end
            played = played + 1
          end
        end
      end
      assert.is_true(played > 20, tostring(played))
    end)
  end

  it("may list any number of devices", function()
    local world = flow_world.new()
    local rows = {}
    for i = 1, 20000 do rows[i] = { device_id = tostring(i), auth_factor_name = "SMS", default = true } end
    flow_world.replace(world, "/devices$", 200, json.array(rows))
    local want = assert(flow_world.of("v2").start(world):step())
    assert.equal(20000, #want.devices)
    assert.equal("1", want.devices[1].id)
    assert.equal("20000", want.devices[20000].id)
  end)
end)

describe("options", function()
  local WRONG = { true, -1, 0 / 0, math.huge, 1e300, "", "x", "a\0b", ("z"):rep(2000), {}, { 1 }, { x = { 1 } }, print }
  local GOOD = {
    passwordless = { user = "kim" },
    login = { user = "kim" },
    saml = { user = "kim", app_id = 1 },
    enroll = { user = "kim" },
    smart_mfa = { user = "kim", context = { user_agent = "a", ip = "203.0.113.9" } },
  }
  local NAMES = { "user", "version", "by", "expires_in", "activate", "try_every", "email", "redirect_to", "temporary",
    "factors", "timeout", "max_tries", "fallback", "choose", "otp", "on_wait", "password", "subdomain", "ip_address",
    "fields", "return_to_url", "browser_id", "origin", "app_id", "user_id", "factor", "name", "number", "verified",
    "show", "context", "phone", "risk_threshold", "firstname", "lastname", "track" }

  for name, good in pairs(GOOD) do
    it("of any type are told at the start, or do no harm: " .. name, function()
      local world = password_world.new { scope = "Manage All" }
      world.box:add_device(world.user, "sms")
      local taken, thrown = 0, 0
      for _, option in ipairs(NAMES) do
        for _, wrong in ipairs(WRONG) do
          local options = copy(good)
          options[option] = wrong
          local sent = #world.sent
          local ok, flow = pcall(world.flows[name].start, options)
          assert.equal(sent, #world.sent)
          if ok then
            taken = taken + 1
            local input = { {}, { password = password_world.PASSWORD }, { device = "1" }, { factor = "sms" } }
            for i = 1, #input do
              local right, why = pcall(flow.step, flow, input[i])
              if not right then error(name .. ": " .. option .. ": " .. tostring(why), 0) end
            end
            assert(pcall(world.flows.resume, flow:state()))
          else
            thrown = thrown + 1
            local why = tostring(flow)
            assert.is_truthy(why:find("flows." .. name, 1, true) and not why:find("attempt to", 1, true), why)
          end
        end
      end
      assert.is_true(taken > 10 and thrown > 200, taken .. " " .. thrown)
    end)
  end

  it("of the activation are told before any call", function()
    local world = flow_world.new()
    for _, version in ipairs { "v1", "v2" } do
      for _, name in ipairs { "passwordless", "enroll" } do
        assert.error_matches(function()
          world.flows[name].start { user = "kim", version = version, activate = { nonsense = 1 },
            number = name == "enroll" and version == "v1" and "+14155550123" or nil }
        end, "flows." .. name .. ": .*nonsense")
      end
    end
    assert.equal(0, #world.sent)
  end)

  it("of run are told", function()
    local flow = flow_world.of("v2").start(flow_world.new())
    for _, wrong in ipairs { 5, "otp" } do
      assert.error_matches(function() flow:run(wrong) end, "flow:run: expected a table")
      assert.error_matches(function() flow:run { otp = wrong } end, "flow:run: otp must be a function")
    end
  end)
end)

describe("a callback", function()
  local function calling(kind, flow, options)
    local world = flow == "passwordless" and flow_world.new() or password_world.new()
    local device = world.box:add_device(world.user, kind, { push = "ignore" })
    options.user = "kim"
    if flow ~= "passwordless" then options.password = password_world.PASSWORD end
    return world, device, options
  end

  for _, name in ipairs { "passwordless", "login" } do
    it("that throws leaves the telephone free and the flow where it stands: " .. name, function()
      local world, _, options = calling("protect", name, {})
      local thrown = { "a table too" }
      options.on_wait = function() error(thrown, 0) end
      local ok, why = pcall(world.flows[name], options)
      assert.is_false(ok)
      assert.equal(thrown, why)
      -- Nobody else has to wait for a push that nobody waits for.
      options.on_wait = nil
      world.box.clock.advance(1)
      local flow = world.flows[name].start(options)
      local want = assert(flow:step())
      assert(flow:step { device = want.devices[1].id })
      assert.is_false(pcall(flow.run, flow, { on_wait = function() error("again") end }))
      assert.equal("wait", flow:want().need)
      assert(world.flows.resume(flow:state()))
      world.box:approve("kim")
      assert.equal("push", assert(flow:run {}).method)
    end)

    it("that never has enough is asked no more than so often: " .. name, function()
      for _, instead in ipairs { "resend", "other", "" } do
        local world, _, options = calling("totp", name, {})
        local asked = 0
        options.otp = function()
          asked = asked + 1
          if instead == "" then return "" end
          return nil, instead
        end
        local login, err = world.flows[name](options)
        assert.is_nil(login)
        assert.equal("cancelled", err.kind)
        assert.is_true(asked <= 200)
      end
    end)
  end

  it("that returns what is no answer is told so", function()
    local world, _, options = calling("totp", "passwordless", {})
    for _, nonsense in ipairs { 123456, true, {}, print } do
      options.otp = function() return nonsense end
      assert.error_matches(function() world.flows.passwordless(options) end, "flow:step: code must be a string")
    end
    world.box:add_device(world.user, "yubikey")
    for _, nonsense in ipairs { true, {}, print, 99, "x", 1.5 } do
      options.choose = function() return nonsense end
      assert.equal("unknown_device", select(2, world.flows.passwordless(options)).reason)
    end
  end)

  it("may wait as its coroutine does, on every Lua", function()
    local world, device, options = calling("totp", "passwordless", {})
    local asked
    options.otp = function()
      asked = true
      return coroutine.yield("a code, please")
    end
    local co = coroutine.create(function() return assert(world.flows.passwordless(options)) end)
    assert.same({ true, "a code, please" }, { coroutine.resume(co) })
    assert.is_true(asked)
    local ok, login = coroutine.resume(co, world.box:totp(device))
    assert(ok, login)
    assert.is_true(login.granted)
  end)

  it("may be whatever can be called", function()
    local world, device, options = calling("totp", "passwordless", {})
    options.otp = setmetatable({}, { __call = function() return world.box:totp(device) end })
    assert.is_true(assert(world.flows.passwordless(options)).granted)
  end)
end)

describe("a step while another is under way", function()
  it("is refused from within: a transport that steps the flow again", function()
    local world = flow_world.new()
    local device = world.box:add_device(world.user, "totp")
    local flow, refused, calls = flow_world.of("v2").start(world), nil, 0
    flow:step()
    flow:step { device = tostring(device.id) }
    world.tamper = function(_, response)
      calls = calls + 1
      if calls == 1 then refused = select(2, flow:step { code = "111111" }) end
      return response
    end
    assert.is_true(flow:step({ code = world.box:totp(device) }).login.granted)
    assert.equal("stale", refused.reason)
    assert.equal("conflict", refused.kind)
    assert.equal(1, calls)
  end)

  it("is refused from another task, and the code is sent once", function()
    local world = flow_world.new()
    local device = world.box:add_device(world.user, "totp")
    local flow = flow_world.of("v2").start(world)
    flow:step()
    flow:step { device = tostring(device.id) }
    local code, words, before = world.box:totp(device), {}, #world.sent
    -- The first task waits in its call until the others have tried.
    local inside = false
    world.tamper = function(_, response)
      inside = true
      tasks.sleep(0.05)
      return response
    end
    tasks.run(function()
      tasks.all {
        function() words[1] = flow:step({ code = code }).need end,
        function()
          while not inside do tasks.sleep(0.01) end
          words[2] = select(2, flow:step({ code = code })).reason
          words[3] = select(2, flow:step({ cancel = true })).reason
        end }
    end)
    assert.same({ "nothing", "stale", "stale" }, words)
    assert.equal(before + 1, #world.sent)
  end)

  it("is possible again when nobody can go on with the first one", function()
    local world = flow_world.new()
    world.box:add_device(world.user, "totp")
    local flow = flow_world.of("v2").start(world)
    function world.tamper(_, response)
      coroutine.yield()
      return response
    end
    coroutine.resume(coroutine.create(function() flow:step() end))
    world.tamper = nil
    collectgarbage()
    collectgarbage()
    assert.equal("device", flow:step().need)
  end)

  it("is possible again when the first one threw", function()
    local world = flow_world.new()
    local device = world.box:add_device(world.user, "totp")
    local flow = flow_world.of("v2").start(world)
    world.tamper = function() error("a transport that throws", 0) end
    assert.has_error(function() flow:step() end, "a transport that throws")
    world.tamper = nil
    assert.equal("device", flow:step().need)
    flow:step { device = tostring(device.id) }
    assert.is_true(flow:step({ code = world.box:totp(device) }).login.granted)
  end)
end)

describe("a clock", function()
  local YEAR = 365 * 86400

  for _, case in ipairs(cases.list) do
    if case.kind ~= "totp" then
      it("that another process has years behind or ahead stops nothing for ever: " .. case.name, function()
        for _, years in ipairs { -5, 5 } do
          local world, states = walked(case)
          local wall, mono, sleep = world.clock.wall, world.clock.mono, world.clock.sleep
          -- The other process; its service has the time of this one.
          local flows = require("onelogin.flows").new(world.client,
            { clock = { mono = mono, sleep = sleep, wall = function() return wall() + years * YEAR end } })
          for _, state in ipairs(distinct(states)) do
            local flow = flows.resume(state)
            for _ = 1, 60 do
              local want = flow:step()
              if not want or want.need ~= "wait" then break end
              assert.is_true(want.after <= 5 and want.remaining <= 900 and want.elapsed >= 0)
              sleep(want.after)
            end
            local want = flow:want()
            assert.is_true(not want or want.need ~= "wait")
            assert.is_true(not want or not want.expires_in or want.expires_in <= 900)
          end
        end
      end)
    end
  end
end)

describe("a code that is typed when the push is over", function()
  it("is tried without it, and may be wrong", function()
    local world = flow_world.new()
    local device = world.box:add_device(world.user, "protect", { push = "ignore" })
    local flow = flow_world.of("v2").start(world, { expires_in = 120 })
    flow:step()
    flow:step { device = tostring(device.id) }
    world.box.clock.advance(130)
    assert.equal("wrong", flow:step({ code = "000000x" }).note)
    assert.equal("code", flow:step().need)
    assert.is_true(flow:step({ code = world.box:totp(device) }).login.granted)
  end)
end)

describe("a service that fails at any call", function()
  local FAULTS = { { drop = "after" }, { truncate = 20 }, { garbage = true }, { status = 503 } }

  for _, case in ipairs(MANY) do
    it("has no password and no code twice, and lets nobody in by it: " .. case.name, function()
      for call = 1, #case.inputs + 2 do
        for _, fault in ipairs(FAULTS) do
          local world, given, login = case.new(), {}, nil
          world.box:fault { operation = "*", skip = call - 1, times = 2, drop = fault.drop, truncate = fault.truncate,
            garbage = fault.garbage, status = fault.status, latency = fault.latency }
          local flow = case.start(world)
          for _, make in ipairs(case.inputs) do
            local input = make(world)
            local secret = input.code or input.password
            if secret then given[secret] = (given[secret] or 0) + 1 end
            local before = #world.sent
            local want, err = flow:step(input)
            assert.is_true(want ~= nil or err.kind ~= nil)
            assert.is_true(#world.sent - before <= 20)
            login = want and want.login or login
          end
          for secret, most in pairs(given) do
            local sent = 0
            for _, request in ipairs(world.sent) do
              if request.body and request.body:find('"' .. secret .. '"', 1, true) then sent = sent + 1 end
            end
            assert.is_true(sent <= most, ("%s: call %d: %d times"):format(case.name, call, sent))
          end
          assert.equal(flow:state().login ~= nil, login ~= nil)
        end
      end
    end)
  end
end)

describe("a credential that is refused at any call", function()
  local REFUSED = {
    { "auth", 401,
      { status = { error = true, code = 401, type = "Unauthorized", message = "Authentication Failure" } } },
    { "auth", 401, { statusCode = 401, name = "InvalidCredentials", message = "Please provide valid credentials" } },
    { "permission", 401,
      { status = { error = true, code = 401, type = "Unauthorized", message = "Insufficient Permission" } } },
    { "permission", 403, { statusCode = 403, name = "ForbiddenAction",
      message = "You are not authorised to perform this action or access the resource" } },
  }

  for _, case in ipairs(MANY) do
    it("is nobody's mistake and ends nothing: " .. case.name, function()
      local met = 0
      for _, refused in ipairs(REFUSED) do
        local world, down = case.new(), false
        function world.tamper(_, response)
          if not down then return response end
          response.status, response.headers["content-type"] = refused[2], "application/json"
          response.body = json.encode(refused[3])
          return response
        end
        local flow = case.start(world)
        for _, make in ipairs(case.inputs) do
          local input, before = make(world), flow:state()
          local sent = #world.sent
          down = true
          local want, err = flow:step(copy(input))
          down = false
          -- A poll may be made again; and who chooses something else does not wait for what is tidied up.
          if #world.sent > sent and not (want and (before.state == "WAIT" or input.other)) then
            met = met + 1
            assert.is_nil(want)
            assert.equal(refused[1], err.kind)
            assert.is_nil(err.reason)
            local after = flow:state()
            assert.same({ before.tries, before.refused }, { after.tries, after.refused })
            assert.is_false(flow:ended())
          end
          -- The same once more, when the credential is good again: it was not used up.
          flow:step(make(world))
          if flow:ended() then break end
        end
      end
      assert.is_true(met >= 8, tostring(met))
    end)
  end
end)

describe("the text of a refusal", function()
  -- It was seen in all of these places.
  local function shapes(message)
    return {
      { status = { error = true, code = 401, type = "Unauthorized", message = message } },
      { status = { error = true, code = 401, type = "Unauthorized", message = { description = message } } },
      { statusCode = 401, name = "Unauthorized", message = message },
    }
  end

  for _, F in ipairs(password_world.families) do
    it("is read wherever it stands: " .. F.name, function()
      local said = { [password_world.CREDENTIALS] = "wrong_password", [password_world.LOCKED] = "locked" }
      for message, reason in pairs(said) do
        for _, body in ipairs(shapes(message)) do
          local world = password_world.new()
          flow_world.replace(world, F.AUTH, 401, body)
          local _, err = F.run(world)
          assert.same({ "denied", reason }, { err.kind, err.reason })
          assert.equal(1, F.passwords(world))
        end
      end
      local world = password_world.new()
      world.box:add_device(world.user, "totp")
      for _, body in ipairs(shapes(password_world.WRONG)) do
        local flow = F.at(world, 1)
        flow_world.replace(world, F.VERIFY, 401, body)
        assert.equal("wrong", flow:step({ code = "123456" }).note)
        world.tamper = nil
      end
    end)
  end
end)

describe("what strangers send", function()
  local BYTES = { "", "  ", "\255\254", "a\0b", "\27[2J", ("z"):rep(5000), "*", "!x", "%s%d", "{\"a\":1}" }

  it("never throws", function()
    local world = password_world.new { scope = "Manage All" }
    world.box:add_device(world.user, "sms")
    local key = world.box:api_key()
    for _, bytes in ipairs(BYTES) do
      for _, typed in ipairs { { bytes, "x" }, { "kim@acme.test", bytes } } do
        local right, err = world.flows.check_password { user = typed[1], password = typed[2] }
        assert.is_true(right == nil and (err.kind == "denied" or err.kind == "invalid"))
        right, err = world.flows.check_password_legacy { email = typed[1], password = typed[2], api_key = key }
        assert.is_true(right == nil and (err.kind == "denied" or err.kind == "invalid"))
        assert.equal("flows.check_password_legacy", err.operation)
      end
      for _, name in ipairs { "passwordless", "login", "enroll", "smart_mfa" } do
        local smart = name == "smart_mfa"
        local flow = world.flows[name].start { user = smart and "key" or bytes,
          context = smart and { user_agent = "a" .. bytes, ip = "203.0.113.9", session_id = bytes } or nil }
        for _, input in ipairs { {}, { password = bytes }, { device = bytes, factor = bytes }, { code = bytes } } do
          local want, err = flow:step(input)
          assert.is_true(want ~= nil or err.kind ~= nil)
        end
      end
    end
  end)
end)

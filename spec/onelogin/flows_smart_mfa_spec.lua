-- Smart MFA as a flow: every edge of its machine, what is a person's fault and what is not, and what nobody may see.
local canary = require "spec.support.canary"
local flow_world = require "spec.support.flow_world"
local onelogin = require "onelogin"
local json = require("onelogin.core").json
local smart_mfa = require "onelogin.flows.smart_mfa"

local CONTEXT = { user_agent = "Mozilla/5.0", ip = "203.0.113.9", session_id = "s1", device_id = "d1",
  device_fingerprint = "f1" }
local WRONG = { name = "Unauthorized", message = "Failed authentication with this factor" }
local LAPSED = { name = "BadRequestError", message = "State token is invalid or expired" }
local BAD_TOKEN = { name = "UnauthorizedError", message = "The request requires user authentication." }
local LOCKED = { statusCode = 401, name = "Unauthorized", message = "User is locked. Access is unauthorized" }

local function options(more)
  local out = { user = "kim", email = "kim@acme.test", context = CONTEXT }
  for k, v in pairs(more or {}) do out[k] = v end
  return out
end

local function start(world, more) return world.flows.smart_mfa.start(options(more)) end
local function newest(world) return flow_world.newest_code(world) end

-- A world in which Kim is no stranger: her next sign-in from the same place is let through.
local function known()
  local world = flow_world.new()
  local flow = start(world)
  flow:step()
  assert(flow:step { code = newest(world) })
  return world
end

local function codes(world) return #world.box.outbox end

describe("the risk", function()
  it("that is low lets in without a code", function()
    local world = known()
    local sent = codes(world)
    local login = assert(world.flows.smart_mfa(options()))
    assert.same({ true, "none" }, { login.granted, login.method })
    assert.same({ score = 0, reasons = {} }, login.risk)
    assert.same({ id = tostring(world.user.id), identifier = "kim" }, login.user)
    assert.equal(sent, codes(world))
  end)

  it("that is high asks for a code, in one call or in steps", function()
    local world = flow_world.new()
    local login = assert(world.flows.smart_mfa(options { otp = function(device, info)
      assert.equal("email", device.type)
      assert.equal(3, info.tries_left)
      assert.is_true(info.expires_in > 470 and info.expires_in <= 480)
      return newest(world)
    end }))
    assert.equal("code", login.method)
    assert.equal(59, login.risk.score)
    assert.equal("Accessed from a new IP address", login.risk.reasons[1])
    world = flow_world.new()
    local flow = start(world, { phone = "+15550123", expires_in = 60 })
    local want = flow:step()
    assert.same({ "code", "sms", 0 }, { want.need, want.device.type, want.turn })
    assert.is_true(want.expires_in <= 60)
    want = flow:step { code = newest(world) }
    assert.same({ "nothing", 1 }, { want.need, want.turn })
    assert.same(want, flow:step())
    assert.equal(1, world.calls "/smart%-mfa/verify$")
  end)

  it("is asked for with what was given", function()
    local world = flow_world.new()
    start(world, { phone = "+15550123", risk_threshold = 100, firstname = "Kim", lastname = "Ito",
      expires_in = 300 }):step()
    local request = world.sent[#world.sent]
    assert.same({ user_identifier = "kim", context = CONTEXT, phone = "+15550123", email = "kim@acme.test",
      risk_threshold = 100, firstname = "Kim", lastname = "Ito", expires_in = 300 }, json.decode(request.body))
  end)

  it("is not guessed from a strange answer", function()
    for _, mfa in ipairs { {}, { otp_sent = true }, { otp_sent = true, state_token = "" }, { otp_sent = "false" },
      { otp_sent = false, state_token = "x" }, { otp_sent = 0 }, json.null } do
      local world = flow_world.new()
      flow_world.replace(world, "/smart%-mfa$", 200, { user_id = 1, risk = { score = 0 }, mfa = mfa })
      local flow = start(world)
      local want, err = flow:step()
      assert.is_nil(want)
      assert.same({ "decode", "no_token", "flows.smart_mfa" }, { err.kind, err.reason, err.operation })
      world.tamper = nil
      assert.equal("code", flow:step().need) -- the step may be repeated
    end
    local world = flow_world.new()
    flow_world.replace(world, "/smart%-mfa$", 200, { mfa = { otp_sent = false } })
    local login = assert(world.flows.smart_mfa(options()))
    assert.same({ nil, "none", nil }, { login.user.id, login.method, login.risk.score })
  end)

  it("is the credential's trouble when that is refused", function()
    local world = flow_world.new()
    flow_world.replace(world, "/smart%-mfa$", 401, BAD_TOKEN)
    local _, err = world.flows.smart_mfa(options())
    assert.same({ "auth", nil }, { err.kind, err.reason })
    flow_world.replace(world, "/smart%-mfa$", 400, { name = "BadRequestError", message = "phone or email is required" })
    _, err = world.flows.smart_mfa(options())
    assert.equal("invalid", err.kind)
  end)

  it("of a locked user is refused", function()
    local world = flow_world.new()
    flow_world.replace(world, "/smart%-mfa$", 401, LOCKED)
    local _, err = world.flows.smart_mfa(options())
    assert.same({ "denied", "locked" }, { err.kind, err.reason })
  end)
end)

describe("the code", function()
  it("that is wrong may be typed again, until it was wrong too often", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    local want = flow:step { code = "x00001" }
    assert.same({ "code", "wrong", 2, 1 }, { want.need, want.note, want.tries_left, want.turn })
    assert.equal(1, flow:step { code = "x00002" }.tries_left)
    local _, err = flow:step { code = "x00003" }
    assert.same({ "denied", "wrong_code" }, { err.kind, err.reason })
    _, err = flow:step { code = newest(world) }
    assert.equal("wrong_code", err.reason)
    assert.equal(3, world.calls "/verify$")
  end)

  it("that can be none is not sent", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    local _, err = flow:step { code = "12-34" }
    assert.same({ "invalid", "bad_code" }, { err.kind, err.reason })
    assert.equal("code", flow:step { code = "  " }.need)
    assert.equal("code", flow:step().need)
    assert.equal(0, world.calls "/verify$")
    assert.equal("nothing", flow:step { code = " " .. newest(world):sub(1, 3) .. " " .. newest(world):sub(4) }.need)
  end)

  it("that lapsed leads back to the risk, by our own clock and by the service's word", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    world.clock.sleep(481)
    local want = flow:step { code = "x00001" }
    assert.same({ "code", "expired", 3 }, { want.need, want.note, want.tries_left })
    assert.equal(0, world.calls "/verify$")
    assert.equal(2, codes(world))
    flow_world.replace(world, "/verify$", 400, LAPSED)
    assert.equal("expired", flow:step({ code = "x00001" }).note)
    assert.equal(3, codes(world))
    world.tamper = nil
    assert.equal("nothing", flow:step { code = newest(world) }.need)
  end)

  it("is sent five times at most, whoever asks", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    flow_world.replace(world, "/verify$", 400, LAPSED)
    for _ = 1, 2 do
      assert.equal("code", flow:step { code = "x00001" }.need)
      assert.equal("code", flow:step { resend = true }.need)
    end
    local _, err = flow:step { code = "x00001" }
    assert.same({ "denied", "too_many_sends" }, { err.kind, err.reason })
    assert.equal(5, codes(world))
  end)

  it("that is refused because of the API token is nobody's mistake", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    flow_world.replace(world, "/verify$", 401, BAD_TOKEN)
    local _, err = flow:step { code = newest(world) }
    assert.equal("auth", err.kind)
    world.tamper = nil
    local want = flow:step()
    assert.same({ "code", 3 }, { want.need, want.tries_left })
    flow_world.replace(world, "/verify$", 401, WRONG)
    assert.equal(2, flow:step({ code = newest(world) }).tries_left)
    flow_world.replace(world, "/verify$", 401, LOCKED)
    _, err = flow:step { code = newest(world) }
    assert.same({ "denied", "locked" }, { err.kind, err.reason })
  end)

  it("is right when the service says OK, and only then", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    for _, body in ipairs { "", "Not OK", "{}", "true", "[\"OK\"]", "{\"message\":\"OK\"}", "null" } do
      function world.tamper(request, response)
        if request.url:find("/verify$") then response.status, response.body = 200, body end
        return response
      end
      local want, err = flow:step { code = "x00001" }
      assert.is_nil(want, body)
      assert.equal("decode", err.kind, body)
    end
    function world.tamper(request, response)
      if request.url:find("/verify$") then response.status, response.body = 200, "\"ok\"" end
      return response
    end
    assert.equal("nothing", flow:step({ code = "x00001" }).need)
  end)

  it("needs somebody to ask", function()
    local world = flow_world.new()
    local _, err = world.flows.smart_mfa(options())
    assert.same({ "denied", "no_usable_device", "flows.smart_mfa" }, { err.kind, err.reason, err.operation })
    _, err = world.flows.smart_mfa(options { otp = function() end })
    assert.same({ "cancelled", "cancelled" }, { err.kind, err.reason })
    _, err = world.flows.smart_mfa(options { otp = function() return nil, "resend" end })
    assert.same({ "denied", "too_many_sends" }, { err.kind, err.reason })
  end)
end)

describe("the flow", function()
  it("can be cancelled from everywhere", function()
    for steps = 0, 1 do
      local flow = start(flow_world.new())
      for _ = 1, steps do flow:step() end
      local _, err = flow:step { cancel = true }
      assert.same({ "cancelled", "cancelled" }, { err.kind, err.reason })
    end
  end)

  it("ends when a second answer is about someone else", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    flow_world.change(world, "/smart%-mfa$", function(body) body.user_id = 5 end)
    local _, err = flow:step { resend = true }
    assert.same({ "decode", "mismatch" }, { err.kind, err.reason })
    assert.is_nil((flow:step()))
  end)

  it("outlives a network that is down", function()
    local world = flow_world.new()
    local flow = start(world)
    world.down = true
    local _, err = flow:step()
    assert.equal("network", err.kind)
    world.down = false
    flow:step()
    world.down = true
    _, err = flow:step { code = newest(world) }
    assert.equal("network", err.kind)
    world.down = false
    assert.equal("nothing", flow:step({ code = newest(world) }).need)
  end)

  it("goes on in another process after any step", function()
    -- input after input; a function is asked for the code
    local inputs = { {}, { code = "x00001" }, { resend = true }, { code = "x00002" }, { code = newest } }
    local function walk(resume_after)
      local world = flow_world.new()
      local flow, want = start(world), nil
      for i, input in ipairs(inputs) do
        if resume_after == i - 1 then
          flow = world.flows.resume(json.decode(json.encode(flow:state())))
        end
        local given = {}
        for k, v in pairs(input) do given[k] = type(v) == "function" and v(world) or v end
        want = flow:step(given)
      end
      return want
    end
    local whole = walk()
    assert.equal("nothing", whole.need)
    for i = 0, #inputs - 1 do assert.same(whole, walk(i)) end
  end)

  it("refuses a state that is not whole", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    for _, spoil in ipairs { function(s) s.open = nil end, function(s) s.open.token = nil end,
      function(s) s.typed = nil end, function(s) s.options.context = 5 end, function(s) s.open.expires = "x" end } do
      local state = flow:state()
      spoil(state)
      assert.has_error(function() world.flows.resume(state) end,
        "flows.resume: this is not a whole state of the flow smart_mfa")
    end
  end)

  it("keeps to the limits of each person", function()
    local world = flow_world.new()
    local function guarded(limits) return flow_world.guarded(world, start(world), limits) end
    local flow = guarded { failures = 2, sends = 4 }
    flow:step()
    flow:step { code = "x00001" }
    flow = guarded()
    flow:step()
    flow:step { code = "x00001" }
    local _, err = flow:step { code = newest(world) }
    assert.same({ "denied", "too_many_failures" }, { err.kind, err.reason })
    assert.is_true(err.retry_after > 0)
    world.clock.sleep(901)
    for _ = 1, 4 do assert.equal("code", guarded():step().need) end
    _, err = guarded():step()
    assert.same({ "denied", "too_many_sends" }, { err.kind, err.reason })
    local blind = guarded()
    blind.host.guard = setmetatable({ send = function() return nil, { kind = "server", message = "away" } end,
    }, { __index = blind.host.guard })
    _, err = blind:step()
    assert.equal("server", err.kind)
  end)

  it("tells no secret", function()
    local world = flow_world.new()
    local flow = start(world)
    flow:step()
    local token = flow:state().open.token
    local _, wrong = flow:step { code = canary.otp .. "x!" }
    flow:step { code = canary.otp }
    local text = tostring(flow) .. tostring(wrong)
    assert.is_nil(json.encode(flow:state()):find(canary.otp, 1, true))
    local want = flow:step { code = newest(world) }
    text = text .. json.encode(want) .. json.encode(flow:state())
    assert.is_nil(text:find(canary.otp, 1, true))
    assert.is_nil(text:find(token, 1, true))
  end)
end)

describe("teaching", function()
  local function events(world)
    local list = {}
    for _, r in ipairs(world.sent) do
      if r.url:find("/risk/events$") then list[#list + 1] = json.decode(r.body) end
    end
    return list
  end

  it("tells the outcome once, and what it was about", function()
    local world = flow_world.new()
    local flow = start(world, { track = true })
    flow:step()
    flow:step { code = "x00001" }
    assert.equal(0, #events(world))
    flow:step { code = newest(world) }
    flow:step()
    assert.same({ { verb = "log-in", ip = CONTEXT.ip, user_agent = CONTEXT.user_agent,
      user = { id = "kim", authenticated = true }, session = { id = "s1" }, device = { id = "d1" }, fp = "f1" } },
      events(world))
    assert(world.flows.smart_mfa(options { track = { source = { id = "shop" }, user = { id = "US_1", name = "K" } } }))
    assert.same({ { id = "US_1", name = "K", authenticated = true }, { id = "shop" } },
      { events(world)[2].user, events(world)[2].source })
  end)

  it("tells that somebody was refused", function()
    local world = flow_world.new()
    world.flows.smart_mfa(options { track = true, max_tries = 1, otp = function() return "x00001" end })
    assert.same({ "log-in-denied", false }, { events(world)[1].verb, events(world)[1].user.authenticated })
    flow_world.replace(world, "/smart%-mfa$", 401, LOCKED)
    world.flows.smart_mfa(options { track = true })
    assert.equal("log-in-denied", events(world)[2].verb)
  end)

  it("spoils no sign-in when it fails", function()
    for _, answer in ipairs { { 401, "Invalid API Key" }, { 500, "" }, { 200, "" } } do
      local world = known()
      function world.tamper(request, response)
        if request.url:find("/risk/events$") then response.status, response.body = answer[1], answer[2] end
        return response
      end
      assert.is_true(world.flows.smart_mfa(options { track = true }).granted)
      assert.equal(1, #events(world))
    end
    local world = known()
    local began = world.clock.mono()
    world.box:fault { operation = "risk.track_event", drop = "after", times = 9 }
    assert.is_true(world.flows.smart_mfa(options { track = true }).granted)
    assert.equal(1, #events(world))
    assert.is_true(world.clock.mono() - began < 10)
  end)
end)

describe("misuse", function()
  for name, case in pairs {
    ["no options"] = { nil, "expected a table of options" },
    ["no user"] = { { context = CONTEXT }, "user must be a string" },
    ["no context"] = { { user = "kim" }, "context must be a table" },
    ["no ip"] = { { user = "kim", context = { user_agent = "x" } }, "context: ip must be a string" },
    ["a misspelt option"] = { options { risk_treshold = 5 }, "did you mean 'risk_threshold'" },
    ["a misspelt context"] = { options { context = { user_agent = "x", ip = "y", devise_id = "z" } }, "'device_id'" },
    ["a threshold"] = { options { risk_threshold = 101 }, "between 0 and 100" },
    ["half a point"] = { options { risk_threshold = 1.5 }, "flows.smart_mfa: smart_mfa.validate_user: .*integer" },
    ["a life"] = { options { expires_in = 901 }, "between 1 and 900" },
    ["an event"] = { options { track = { verbb = "x" } }, "track_event: .*verb" },
  } do
    it("throws: " .. name, function()
      local world = flow_world.new()
      local ok, problem = pcall(world.flows.smart_mfa.start, case[1])
      assert.is_false(ok)
      assert.matches(case[2], problem)
      assert.equal(0, #world.sent)
    end)
  end

  it("throws where the client may not make the calls", function()
    local box = onelogin.sandbox { users = 0 }
    local config = box:config()
    config.allow = { "smart_mfa.*" }
    local flows = onelogin.new(config).flows
    assert.has_no_error(function() flows.smart_mfa.start(options()) end)
    local ok, problem = pcall(flows.smart_mfa.start, options { track = true })
    assert.is_false(ok)
    assert.matches("risk.track_event: this client may not call it", problem)
  end)
end)

it("every edge of the machine was walked", function()
  assert.same({}, flow_world.unwalked(smart_mfa.machine))
end)

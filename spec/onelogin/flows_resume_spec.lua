-- A flow that is interrupted after any step and goes on elsewhere ends the same way, and an older state of it never
-- does more than the newest: every sign-in flow, cut at every step, its state carried as JSON to a fresh client.
local onelogin = require "onelogin"
local json = require("onelogin.core").json
local child = require "spec.support.child"
local flow_world = require "spec.support.flow_world"
local server = require "spec.support.sandbox_server"
local support = require "spec.support.password_world"

local PASSWORD = support.PASSWORD

-- The flows: how one is started for Kim, and whether it begins with a password.
local FLOWS = {}
for _, version in ipairs { "v1", "v2" } do
  FLOWS[#FLOWS + 1] = { name = "passwordless " .. version, start = flow_world.of(version).start, version = version,
    new = function() return support.new { scope = "Manage All" } end }
end
for _, F in ipairs(support.families) do
  FLOWS[#FLOWS + 1] = { name = F.name, key = F.key, password = true, F = F, new = support.new,
    start = function(world, options)
      options.password = false
      return F.start(world, options)
    end }
end

-- Under checkers one of each machine.
if os.getenv("OL_MODE") and os.getenv("OL_MODE") ~= "plain" then FLOWS = { FLOWS[2], FLOWS[3] } end

local function code(world, device)
  local kind = device.type
  if kind == "sms" or kind == "email" then return flow_world.newest_code(world) end
  return world.box:totp(device)
end

-- Each scenario: device (type and its options), options of the flow, and inputs: functions of (world, want, device),
-- one for each step that a person makes; waiting is done by whoever drives.  A scenario that only one kind of flow can
-- play says which.
local function right(world, _, device) return { code = code(world, device) } end
local function wrong() return { code = "000000x" } end
local SCENARIOS = {
  { "totp", "a right code", { right } },
  { "totp", "a wrong code, then a right one", { wrong, right } },
  { "totp", "three wrong codes", { wrong, wrong, wrong } },
  { "sms", "a code that was sent", { right } },
  { "sms", "a code that was sent again", { function() return { resend = true } end, right } },
  { "sms", "a code that came too late", { function(world, _, device)
    local late = code(world, device)
    world.box.clock.advance(121)
    return { code = late }
  end, right } },
  { "sms", "a change of mind", { function() return { other = true } end, right } },
  { "protect", "a press", {}, push = { "approve", after = 9 } },
  { "protect", "a refusal", {}, push = { "deny", after = 9 } },
  { "protect", "no answer at all", {}, push = "ignore", options = { fallback = false, timeout = 30 } },
  { "protect", "a code typed while it rings", { wrong, right }, push = "ignore" },
  { "protect", "a code typed after the wait", { right }, push = "ignore", options = { timeout = 20 }, late = true },
  { "email", "a link that is followed", { function(world, want)
    world.box:approve(world.user)
    world.box.clock.advance(want.after)
    return {}
  end }, link = true, options = { email = "link" }, skip = "passwordless v1" },
  { "totp", "a code for whatever fits", { wrong, right }, options = { try_every = true }, only = "passwordless" },
  { "none", "a password alone", {}, only = "password" },
  { "none", "wrong passwords, then the right one", {}, passwords = { "no", "no", PASSWORD }, only = "password" },
  { "none", "three wrong passwords", {}, passwords = { "no", "no", "no" }, only = "password" },
  { "totp", "giving up", { function() return { cancel = true } end } },
}

local function plays(scenario, flow)
  if scenario.only then return (scenario.only == "password") == (flow.password == true) end
  return scenario.skip ~= flow.name
end

-- What came of a step, without what differs between two runs (times are the same on a virtual clock).
local function outcome(want, err)
  if not want then return ("%s %s %s"):format(err.kind, err.reason, tostring(err.state)) end
  local login = want.login
  if login then
    return ("granted %s %s %s %s"):format(login.user.id or login.user.typed, login.device and login.device.id or "",
      login.method, login.session_token and "session" or login.assertion and "assertion" or "")
  end
  return ("%s %s %s %s %d"):format(want.need, tostring(want.note), tostring(want.tries_left), tostring(want.polls),
    want.turn)
end

-- A fresh client of the same tenant, and the flow from its JSON.
local function elsewhere(world, text)
  local config = {}
  for k, v in pairs(world.config) do config[k] = v end
  return onelogin.new(config).flows.resume(assert(json.decode(text)))
end

-- Plays a scenario; cut: after this step the flow goes on elsewhere (0: before the first; "each": after every step).
-- Returns what came of each step, the states before each step as JSON, the world, and the inputs that were given.
local function play(flow_kind, scenario, cut)
  local world = flow_kind.new()
  local device = scenario[1] ~= "none"
    and world.box:add_device(world.user, scenario[1], { push = scenario.push, link = scenario.link })
  local options = {}
  for k, v in pairs(scenario.options or {}) do options[k] = v end
  local flow = flow_kind.start(world, options)
  local trail, states, given = {}, { json.encode(flow:state()) }, {}
  local n, typed, inputs, input = 0, 0, 0, nil
  repeat
    if cut == n or cut == "each" then flow = elsewhere(world, states[#states]) end
    given[#given + 1] = input or {}
    local want, err = flow:step(input)
    trail[#trail + 1] = outcome(want, err)
    states[#states + 1] = json.encode(flow:state())
    n = n + 1
    if flow:ended() then break end
    assert(want, tostring(err))
    input = nil
    if want.need == "password" then
      typed = typed + 1
      input = { password = (scenario.passwords or {})[typed] or PASSWORD }
    elseif want.need == "device" and not (scenario.options or {}).try_every then
      input = { device = want.devices[1].id }
    elseif want.need == "wait" and (scenario.late or not scenario[3][inputs + 1]) then
      world.box.clock.advance(want.after)
    else
      inputs = inputs + 1
      input = assert(scenario[3][inputs], "the scenario is over, the flow is not")(world, want, device)
    end
  until n > 400
  assert(flow:ended(), "the flow has no end")
  return trail, states, world, given
end

-- All calls of a world but for tokens of the client's own, and the codes and pushes sent.
local function footprint(world)
  local calls = {}
  for _, request in ipairs(world.sent) do
    if not request.url:find("/auth/", 1, true) then
      calls[#calls + 1] = request.method .. " " .. request.url:gsub("[%x%-]+$", "")
    end
  end
  return table.concat(calls, "\n"), #world.box.outbox
end

for _, flow_kind in ipairs(FLOWS) do
  describe(flow_kind.name .. ", interrupted", function()
    for _, scenario in ipairs(SCENARIOS) do
      if plays(scenario, flow_kind) then
        it("anywhere, ends as it would have: " .. scenario[2], function()
          local trail, states, world = play(flow_kind, scenario)
          local calls, messages = footprint(world)
          assert.is_true(#trail >= 2 or flow_kind.password == true)
          for cut = 0, #trail - 1 do
            local other, _, there = play(flow_kind, scenario, cut)
            assert.same(trail, other, "cut after step " .. cut)
            local their_calls, their_messages = footprint(there)
            assert.equal(calls, their_calls)
            assert.equal(messages, their_messages)
          end
          assert.same(trail, (play(flow_kind, scenario, "each")))
          -- Resumed at its end, a flow repeats it without a call, but for what was handed out once.
          local before = #world.sent
          local last, again = trail[#trail], outcome(elsewhere(world, states[#states]):step { code = "1" })
          if flow_kind.key and last:find("^granted") then
            assert.equal("conflict done GRANTED", again)
          else
            assert.equal(last, again)
          end
          assert.equal(before, #world.sent)
        end)
      end
    end
  end)

  describe(flow_kind.name .. ", replayed from an older state after its end", function()
    -- Whatever somebody with all older states can type again: the codes and answers that were typed, but no password,
    -- which is in no state.
    local function replays(flow)
      local list = { {}, { code = "000000x" }, { resend = true }, { other = true },
        { code = "000000x", resend = true } }
      local want = flow:want()
      if want and want.devices then list[#list + 1] = { device = want.devices[1].id } end
      return list
    end

    for _, scenario in ipairs(SCENARIOS) do
      if plays(scenario, flow_kind) then
        it("does no more than the newest could: " .. scenario[2], function()
          local trail, states, world, given = play(flow_kind, scenario)
          local F = flow_kind.F
          local passwords, sessions = F and F.passwords(world), 0
          for _ in pairs(world.box.store.session_tokens) do sessions = sessions + 1 end
          local granted = trail[#trail]:find("^granted") ~= nil
          for i = 1, #states - 1 do
            local inputs = replays(elsewhere(world, states[i]))
            local used = given[i] or {}
            if not used.password then inputs[#inputs + 1] = used end
            for _, input in ipairs(inputs) do
              local flow = elsewhere(world, states[i])
              local sent = #world.box.outbox
              local want, err = flow:step(input)
              assert.is_true(#world.box.outbox <= sent + 1) -- a step sends one message at most
              assert.is_true(want ~= nil or err ~= nil)
              if F then
                assert.is_nil(want and want.login, i)
              elseif want and want.login then
                -- Without a password there is nothing to hand out twice: it is the same person on the same device.
                assert.is_true(granted)
                assert.equal(trail[#trail]:match("^granted %d+ %d+"), outcome(want):match("^granted %d+ %d+"))
              end
            end
          end
          if F then
            assert.equal(passwords, F.passwords(world))
            local now = 0
            for _ in pairs(world.box.store.session_tokens) do now = now + 1 end
            assert.equal(sessions, now)
          end
        end)
      end
    end

    it("spends nobody's chances twice under a guard, however often a state is played", function()
      local world = flow_kind.new()
      world.box:add_device(world.user, "totp")
      local flow = flow_world.guarded(world, flow_kind.start(world, {}), { failures = 3, sends = 4 })
      if flow_kind.password then flow:step { password = PASSWORD } end
      local want = flow:step()
      local kept = json.encode(flow:state())
      local before = world.user.invalid_login_attempts or 0
      for i = 1, 8 do
        local again = flow_world.guarded(world, world.flows.resume(json.decode(kept)))
        again:step { device = want.devices[1].id }
        local _, err = again:step { code = "000000x" }
        assert.equal(i > 3 and "too_many_failures" or nil, err and err.reason)
      end
      assert.equal(before + 3, world.user.invalid_login_attempts)
      world.box:add_device(world.user, "sms", { default = true })
      world.box.clock.advance(900)
      flow = flow_world.guarded(world, flow_kind.start(world, {}))
      if flow_kind.password then flow:step { password = PASSWORD } end
      want = flow:step()
      local sms
      for _, device in ipairs(want.devices) do sms = device.type == "sms" and device.id or sms end
      kept = json.encode(flow:state())
      for i = 1, 8 do
        local again = flow_world.guarded(world, world.flows.resume(json.decode(kept)))
        local _, err = again:step { device = sms }
        assert.equal(i > 4 and "too_many_sends" or nil, err and err.reason)
        assert.equal(i > 4, again:ended())
      end
      assert.equal(4, #world.box.outbox)
    end)
  end)
end

describe("a flow whose every step runs in a process of its own", function()
  local PROGRAM = [==[
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
local json = require("onelogin.core").json
local job = assert(json.decode(os.getenv "JOB"))
local ol = require("onelogin").new { base_url = job.url, client_id = job.client_id, client_secret = job.client_secret }
local flow = job.state and ol.flows.resume(job.state) or ol.flows[job.flow].start(job.options)
local want, err = flow:step(job.input)
if want and want.login and want.login.session_token then want.login.session_token = #want.login.session_token end
print(json.encode { want = want, reason = err and (err.reason or tostring(err)), state = flow:state() })
]==]
  local box

  setup(function() box = server.start("--users 5") end)
  teardown(function() box.stop() end)

  local function control(method, name, body)
    local status, value = server.control(box, method, name, body)
    assert.equal(200, status)
    return value
  end

  local function run(job)
    job.url, job.client_id, job.client_secret = box.http_url, box.client_id, box.client_secret
    local text = child.run(PROGRAM, "JOB=" .. child.quote(json.encode(job)))
    local out = json.decode(text)
    assert(out, "the process said: " .. text)
    return out
  end

  it("ends in a session token, after a wrong code, a change of mind and a message", function()
    local kim = control("POST", "users", { email = "kim@acme.test", username = "kim", phone = "+15550123",
      password = PASSWORD })
    control("POST", "devices", { user = kim.id, type = "totp" })
    control("POST", "devices", { user = kim.id, type = "sms" })
    local trail = {}
    local said = { reason = nil }
    local function step(input)
      said = run { flow = "login", options = { user = "kim", subdomain = "acme" }, state = said.state, input = input }
      trail[#trail + 1] = said.want and said.want.need or said.reason
      assert.is_nil(json.encode(said.state):find(PASSWORD, 1, true))
      return said.want
    end
    step()
    local want = step { password = PASSWORD }
    local ids = {}
    for _, device in ipairs(want.devices) do ids[device.type] = device.id end
    step { device = ids.authenticator }
    assert.same({ "wrong", 2 }, { step({ code = "000000x" }).note, said.want.tries_left })
    step { other = true }
    step { device = ids.sms }
    local outbox = control("GET", "outbox")
    want = step { code = outbox[#outbox].code }
    assert.same({ "password", "device", "code", "code", "device", "code", "nothing" }, trail)
    assert.same({ 40, "code", ("%.0f"):format(kim.id) }, { want.login.session_token, want.login.method,
      want.login.user.id })
    step()
    assert.equal("done", said.reason)
  end)
end)

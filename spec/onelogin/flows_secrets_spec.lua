-- What no sign-in flow ever shows: passwords, codes, state tokens, session tokens and assertions, in errors, logs,
-- hooks, traces, journals, tostring and prints, also against a service that repeats all it was sent.  The state of a
-- flow holds the token of what is open, and nothing else of these.
local json = require("onelogin.core").json
local canary = require "spec.support.canary"
local flow_world = require "spec.support.flow_world"
local flows_of = require "onelogin.flows"
local redact = require "onelogin.redact"
local show = require "onelogin.show"
local support = require "spec.support.password_world"

local HOOKS = { "on_request", "on_response", "on_retry", "on_token", "on_rate_limit" }

-- Everything in a value, whatever it hides.
local function deep(value, out, seen)
  if type(value) ~= "table" or seen[value] then
    out[#out + 1] = tostring(value)
    return
  end
  seen[value] = true
  out[#out + 1] = tostring(value)
  for k, v in next, value do
    deep(k, out, seen)
    deep(v, out, seen)
  end
end

local BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(text)
  return (text:gsub("..?.?", function(s)
    local a, b, c = s:byte(1, 3)
    local v = a * 65536 + (b or 0) * 256 + (c or 0)
    local out = {}
    for i = 1, #s + 1 do
      local at = math.floor(v / 64 ^ (4 - i)) % 64
      out[i] = BASE64:sub(at + 1, at + 1)
    end
    return table.concat(out)
  end))
end

local function forms(secret)
  local percent = secret:gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end)
  return { secret, percent, (json.encode(secret):sub(2, -2)), base64(secret) }
end

-- A world that listens: heard collects every text that reaches somebody; secrets every value that must not.
local function listening(options)
  local heard, secrets = {}, { [canary.password] = true, [canary.otp] = true }
  local function hear(...)
    for i = 1, select("#", ...) do
      local out = {}
      deep((select(i, ...)), out, {})
      heard[#heard + 1] = table.concat(out, "\n")
    end
  end
  options = options or {}
  options.password = canary.password
  options.client = { log = hear }
  local world
  for _, name in ipairs(HOOKS) do
    options.client[name] = function(...)
      world.hooked = world.hooked + 1
      hear(...)
    end
  end
  world = support.new(options)
  world.hooked = 0
  world.hear, world.secrets = hear, secrets
  world.flows = flows_of.new(world.client, { clock = world.clock, trace = hear })
  secrets[world.config.client_secret] = true
  -- Notes what a service hands out, then does what the spec wants done to the answer.
  function world.tamper(request, response)
    local body = json.decode(response.body)
    local row = type(body) == "table" and (type(body.data) == "table" and body.data[1] or body) or {}
    if type(row) ~= "table" then row = {} end
    for _, name in ipairs { "state_token", "session_token" } do
      if type(row[name]) == "string" then secrets[row[name]] = true end
    end
    if type(body) == "table" and type(body.data) == "string" then secrets[body.data] = true end
    if world.spoil then return world.spoil(request, response) end
    return response
  end

  --- One step of a flow, listened to; what it hands out is checked by name alone.
  function world.step(flow, input)
    if input and input.code then secrets[input.code:gsub("%s", "")] = true end
    local want, err = flow:step(input)
    hear(tostring(flow))
    if err then hear(err) end
    if want then
      hear(tostring(want))
      local login = want.login
      if login then
        hear(tostring(login))
        for _, name in ipairs { "session_token", "assertion" } do
          if login[name] then secrets[login[name]] = true end
        end
      else
        hear(want)
      end
    end
    -- The state: tokens of what is open, but never what somebody typed or earned.
    local state = json.encode(flow:state())
    for secret in pairs(secrets) do
      local open = flow:state().token == secret or (flow:state().open or {}).token == secret
      if not open then
        for _, form in ipairs(forms(secret)) do
          if state:find(form, 1, true) then world.leak = "the state" end
        end
      end
    end
    return want, err
  end

  function world.judge()
    hear(json.encode(json.array(world.box.journal)))
    hear(tostring(world.client), tostring(world.flows))
    assert.is_true(world.hooked > 1)
    for token in pairs(world.box.store.tokens) do secrets[token] = true end
    local all = table.concat(heard, "\n")
    assert.is_true(#all > 500)
    for secret in pairs(secrets) do
      assert.is_true(#secret >= 6)
      for i, form in ipairs(forms(secret)) do
        if all:find(form, 1, true) then world.leak = "form " .. i .. " of a secret of " .. #secret .. " bytes" end
      end
    end
    assert.is_nil(world.leak)
  end

  return world
end

-- Ways to spoil an answer that repeat what was asked.
local ECHOES = {}
for _, status in ipairs { 200, 400, 401, 403, 404, 409, 422, 429, 500, 503 } do
  ECHOES[#ECHOES + 1] = function(request)
    return { status = status, headers = { ["content-type"] = "application/json", ["x-request-id"] = request.body },
      body = json.encode { status = { error = true, code = status, type = "x", message = "no: " .. request.body },
        message = "no: " .. request.body, name = request.body, field = request.body } }
  end
  ECHOES[#ECHOES + 1] = function(request)
    return { status = status, headers = { ["content-type"] = "text/html" }, body = "<h1>" .. request.body .. "</h1>" }
  end
  ECHOES[#ECHOES + 1] = function(request)
    return { status = status, headers = { ["content-type"] = "application/json" }, body = "{\"a\": " .. request.body }
  end
end
-- The truth, in a form that cannot be read: what was earned stands in it.
for _, cut in ipairs { 1, 2, 20 } do
  ECHOES[#ECHOES + 1] = function(_, response)
    response.body = response.body:sub(1, -1 - cut)
    return response
  end
end
ECHOES[#ECHOES + 1] = function(_, response)
  response.body = "<pre>" .. response.body
  return response
end
ECHOES[#ECHOES + 1] = function(_, response)
  response.status = 500
  return response
end
ECHOES[#ECHOES + 1] = function(request)
  return nil, { kind = "network", message = "could not send " .. request.body, sent = true }
end
ECHOES[#ECHOES + 1] = function(request) return nil, "broken: " .. request.body end

if os.getenv("OL_MODE") and os.getenv("OL_MODE") ~= "plain" then -- under checkers a few of them
  local few = {}
  for i = 1, #ECHOES, 7 do few[#few + 1] = ECHOES[i] end
  ECHOES = few
end

describe("this spec", function()
  it("hears a secret in every form, wherever it is told", function()
    for _, name in ipairs { "password", "otp" } do
      for i, form in ipairs(forms(canary[name])) do
        local world = listening()
        world.hear(("x"):rep(500), { deeper = { [i] = { "a " .. form .. " b" } } })
        world.hooked = 2
        assert.is_false(pcall(world.judge))
        assert.equal("string", type(world.leak))
      end
    end
    local world = listening()
    local flow = support.families[1].start(world, { password = canary.password })
    flow.data.typed = canary.otp
    world.step(flow)
    assert.equal("the state", world.leak)
  end)
end)

for _, F in ipairs(support.families) do
  describe(F.name, function()
    local function start(world) return F.start(world, { password = canary.password }) end

    it("shows nothing of a sign-in that goes well, or wrong, or is given up", function()
      for _, kind in ipairs { "none", "totp", "sms", "protect" } do
        local world = listening()
        local device = kind ~= "none" and world.box:add_device(world.user, kind, { push = { "approve", after = 3 } })
        local flow = F.start(world, { password = canary.password .. "!" })
        world.secrets[canary.password .. "!"] = true
        world.step(flow)
        local want = world.step(flow, { password = canary.password })
        if device then
          want = world.step(flow, { device = want.devices[1].id })
          world.step(flow, { code = canary.otp })
          assert.is_nil(world.step(flow, { code = canary.otp .. "'" }))
          if kind == "totp" then
            world.step(flow, { code = world.box:totp(device) })
          elseif kind == "sms" then
            world.step(flow, { code = flow_world.newest_code(world) })
          else
            repeat
              world.box.clock.advance(want.after)
              want = world.step(flow)
            until want.need ~= "wait"
          end
        end
        assert.is_true(flow:step().login.granted)
        world.step(flow)
        world.step(world.flows.resume(flow:state()))
        flow = start(world)
        want = world.step(flow)
        if want.devices then world.step(flow, { cancel = true }) end
        flow = F.start(world, { password = "no" .. canary.password })
        world.secrets["no" .. canary.password] = true
        for _ = 1, 3 do world.step(flow, { password = "no" .. canary.password }) end
        world.judge()
      end
    end)

    it("shows nothing of what a service or a transport repeats", function()
      for _, echo in ipairs(ECHOES) do
        local world = listening()
        local device = world.box:add_device(world.user, "totp")
        local phone = world.box:add_device(world.user, "protect", { push = "ignore" })
        local spoil = function(request, response)
          if request.url:find("/auth/oauth2", 1, true) then return response end
          return echo(request, response)
        end
        world.spoil = spoil
        world.step(start(world))
        world.spoil = nil
        local flow = start(world)
        world.step(flow)
        world.step(flow, { device = tostring(device.id) })
        world.spoil = spoil
        world.step(flow, { code = canary.otp })
        world.step(flow, { device = tostring(phone.id) })
        world.spoil = nil
        flow = start(world)
        world.step(flow)
        if world.step(flow, { device = tostring(phone.id) }) then
          world.spoil = spoil
          world.box.clock.advance(2)
          world.step(flow)
          world.step(flow, { code = canary.otp })
        end
        world.judge()
      end
    end)

    it("shows nothing in one call, nor in what throws", function()
      local world = listening()
      local device = world.box:add_device(world.user, "totp")
      world.hear(pcall(F.run, world, { password = canary.password, otp = function() error("callback") end }))
      world.hear(pcall(F.start, world, { password = canary.password, factors = { "x" } }))
      world.hear(pcall(F.start, world, { password = { canary.password } }))
      world.hear(select(2, F.run(world, { password = canary.password, otp = function() return canary.otp end })))
      local flow = start(world)
      world.hear(pcall(flow.step, flow, { code = tonumber(canary.otp) }))
      world.hear(pcall(flow.step, flow, { password = tonumber(canary.otp) }))
      local login = F.run(world, { password = canary.password, otp = function() return world.box:totp(device) end })
      world.secrets[login[F.key]] = true
      world.hear(tostring(login), show.tree(redact.value(login)))
      world.judge()
    end)
  end)
end

describe("check_password", function()
  it("shows nothing, whatever the service repeats", function()
    for i = 0, #ECHOES do
      local world = listening()
      if ECHOES[i] then world.spoil = ECHOES[i] end
      world.hear(world.flows.check_password { user = "kim", password = canary.password })
      world.hear(world.flows.check_password { user = "kim", password = canary.password .. "!" })
      world.hear(pcall(world.flows.check_password, { user = "kim", password = canary.password, pasword = "x" }))
      world.secrets[canary.password .. "!"] = true
      world.judge()
    end
  end)
end)

for _, version in ipairs { "v1", "v2" } do
  describe("passwordless " .. version, function()
    it("shows nothing, well or badly, whatever the service repeats", function()
      local V = flow_world.of(version)
      for i = 0, #ECHOES do
        local world = listening { scope = "Manage All" }
        world.box:add_device(world.user, "sms")
        local app = world.box:add_device(world.user, "totp")
        local flow = V.start(world, { try_every = true })
        local list = world.step(flow).devices
        world.spoil = ECHOES[i] and function(request, response)
          if not request.body then return response end
          return ECHOES[i](request, response)
        end
        world.step(flow, { code = canary.otp })
        world.step(flow, { device = list[1].id })
        world.step(flow, { code = canary.otp })
        world.spoil = nil
        flow = V.start(world)
        world.step(flow)
        world.step(flow, { device = tostring(app.id) })
        world.step(flow, { code = canary.otp })
        world.step(flow, { code = world.box:totp(app) })
        assert.is_true(flow:step().login.granted)
        world.judge()
      end
    end)
  end)
end

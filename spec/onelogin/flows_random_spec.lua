-- run: plain
-- Sign-in flows under thousands of random inputs, waits, answers and interruptions: no walk leaves the machine, throws,
-- sends more than it may, or signs in whom nothing allowed to.
local json = require("onelogin.core").json
local flow_world = require "spec.support.flow_world"
local random = require "onelogin.sandbox.random"
local support = require "spec.support.password_world"

local PASSWORD = support.PASSWORD
local WALKS = 60   -- of each kind of flow
local STEPS = 30   -- of each walk, at most

local KINDS = {}
for _, version in ipairs { "v1", "v2" } do
  KINDS[#KINDS + 1] = { name = "passwordless " .. version, scope = "Manage All", start = flow_world.of(version).start }
end
for _, F in ipairs(support.families) do
  local resource = F.flow == "login" and "login.create_session_token"
    or (F.version == "v1" and "saml_v1" or "saml") .. ".generate_assertion"
  KINDS[#KINDS + 1] = { name = F.name, F = F, password = resource, start = function(world, options)
    options.password = false
    return F.start(world, options)
  end }
end

local TYPES = { "totp", "sms", "protect", "yubikey", "email", "voice", "duo" }

-- Answers that allow nobody in, in place of the true one.
local ODD = { "", "null", "{}", "[]", "true", "\"accepted\"", "<html>", "{\"data\":null}", "{\"status\":\"rejected\"}",
  "{\"status\":{\"type\":\"pending\",\"code\":200,\"message\":\"pending\",\"error\":false}}",
  "{\"message\":\"pending\"}",
  "{\"status\":{\"error\":true,\"code\":400,\"message\":\"State token is invalid or expired\"}}",
  "{\"status\":{\"error\":true,\"code\":401,\"message\":\"Failed authentication with this factor\"}}",
  "{\"status\":{\"error\":true,\"code\":401,\"message\":\"User is locked. Access is unauthorized\"}}",
  "{\"status\":{\"error\":true,\"code\":401,\"message\":\"Authentication Failure\"}}", "{\"id\":1,\"user_id\":\"1\"}" }
local STATUSES = { 200, 200, 200, 201, 302, 400, 401, 401, 403, 404, 422, 429, 500, 503 }

local function walk(kind, seed)
  local rnd = random.stream(seed)
  local function n(most) return math.floor(rnd() * most) + 1 end
  local function one(list) return list[n(#list)] end
  local function chance(percent) return rnd() * 100 < percent end

  local world = support.new { scope = kind.scope, box = { lockout = one { 0, 4, 10 }, mfa_array = chance(50),
    push = { "ignore" } } }
  local mine = {}
  for i = 1, n(4) - 1 do
    mine[i] = world.box:add_device(world.user, one(TYPES),
      { default = chance(30), link = chance(30), push = "ignore" })
  end
  local spoilt = 0
  function world.tamper(request, response)
    if spoilt > 0 then
      spoilt = spoilt - 1
      local status = one(STATUSES)
      -- A redirect or a 200 for somebody's device list may not invent people.
      if request.method == "GET" and request.url:find("users%?") then return response end
      return { status = status, headers = { ["content-type"] = "application/json" }, body = one(ODD) }
    end
    return response
  end
  local options = { max_tries = one { 1, 3, 10 }, timeout = chance(30) and one { 1, 5, 30, 120, 900 } or nil,
    fallback = one { true, false } }
  if not kind.F then
    options.try_every = chance(50) or nil
    options.expires_in = chance(30) and one { 120, 900 } or nil
  end
  if kind.name ~= "passwordless v1" and chance(50) then options.email = "link" end

  local flow = kind.start(world, options)
  if chance(30) then flow_world.guarded(world, flow, { failures = one { 1, 3 }, sends = one { 1, 4 } }) end
  local host = flow.host
  local told, allowed_password, allowed_factor = {}, not kind.F, false
  local passwords, want = 0, nil

  local function code()
    local device = #mine > 0 and one(mine)
    local which = n(6)
    if which == 1 or not device then return one { "000000x", "", " ", "1'2", ("9"):rep(65), "123456" } end
    if which == 2 and told[1] then return one(told) end -- one that was used or sent before
    local text
    if device.type == "sms" or device.type == "email" or device.type == "voice" then
      text = #world.box.outbox > 0 and flow_world.newest_code(world) or "A12345"
    else
      text = world.box:totp(device)
    end
    told[#told + 1] = text
    return text or "A12345"
  end

  local function input()
    local given = {}
    for _ = 1, chance(15) and 2 or 1 do
      local which = n(kind.F and 9 or 8)
      if which <= 3 then
        given.code = code()
        allowed_factor = true -- perhaps the right one: the service knows
      elseif which == 4 then
        given.resend = true
      elseif which == 5 then
        given.other = chance(50) or nil
      elseif which == 6 then
        given.cancel = chance(10) or nil
      elseif which == 9 or kind.F and want and want.need == "password" then
        given.password = one { PASSWORD, PASSWORD, PASSWORD, "no", "" }
        if given.password == PASSWORD then allowed_password = true end
      else
        local list = want and want.devices
        given.device = list and one(list).id or one { "1", mine[1] and tostring(mine[1].id) or "2" }
      end
    end
    if given.password then passwords = passwords + 1 end
    return given
  end

  for i = 1, STEPS do
    if chance(40) then world.box.clock.advance(one { 0, 1, 2, 5, 31, 121 }) end
    if chance(5) and world.box:approve(world.user) then allowed_factor = true end
    if chance(3) then world.box:deny(world.user) end
    if chance(3) then world.box:revoke_tokens() end
    if chance(3) then world.box.store.sign_ins, world.box.store.mfa.challenges = {}, {} end
    if chance(8) then spoilt = n(2) end
    world.down = chance(5)
    if chance(25) then
      flow = world.flows.resume(assert(json.decode(json.encode(flow:state()))))
      flow.host = host
    end
    local before = flow:state()
    local given = chance(20) and nil or input()
    local ok, err
    ok, want, err = pcall(flow.step, flow, given)
    local at = ("%s, seed %d, step %d"):format(kind.name, seed, i)
    assert.is_true(ok, at .. ": " .. tostring(want))
    assert((want == nil) ~= (err == nil), at)
    local after = flow:state()
    assert(after.tries >= before.tries and after.sends >= before.sends and after.turn >= before.turn, at)
    assert(after.sends <= 5 and after.tries <= options.max_tries, at)
    if err then assert.is_true(type(err.kind) == "string" and #tostring(err) > 5, at) end
    local text = json.encode(after)
    assert.is_nil(text:find(PASSWORD, 1, true), at)
    if flow:ended() then
      local calls = #world.sent
      local again, same = flow:step { code = "123456", password = PASSWORD, device = "1" }
      assert.equal(calls, #world.sent)
      assert.equal(want and want.need, again and again.need)
      assert.equal(err and err.reason, same and same.reason)
      if want then
        assert.is_true(want.login.granted and after.state == "GRANTED")
        assert(allowed_password, at)
        assert(allowed_factor or kind.F ~= nil and want.login.method == "password" and #mine == 0, at)
        assert(kind.F == nil or type(want.login[kind.F.key]) == "string", at)
      else
        assert.is_true(after.state ~= "GRANTED" and after.failure ~= nil)
      end
      assert.is_nil(after.open)
      assert.is_nil(after.token)
      break
    end
  end
  -- What reached the service: a connection that is refused is tried again, an answer that is lost is not.
  if kind.F then assert.is_true(world.box:requests(kind.password) <= passwords) end
  return flow:state().state
end

describe("a random walk", function()
  for _, kind in ipairs(KINDS) do
    it("stays within what is allowed: " .. kind.name, function()
      local ends = {}
      for seed = 1, WALKS do
        local state = walk(kind, seed * 7919 + #kind.name)
        ends[state] = (ends[state] or 0) + 1
      end
      assert.is_true((ends.GRANTED or 0) > 0)
      assert.is_true((ends.REFUSED or 0) > 0)
      assert.is_true((ends.CANCELLED or 0) > 0)
    end)
  end
end)

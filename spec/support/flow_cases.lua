-- Every flow with every kind of device, as specs drive them step by step without knowing which it is: how a world is
-- made, how the flow is started, and the inputs that lead through its states.
local flow_world = require "spec.support.flow_world"
local password_world = require "spec.support.password_world"

local M = {}

local function look() return {} end
local function wrong() return { code = "000000x" } end
local function later(world)
  world.box.clock.advance(3)
  return {}
end

local function right(world)
  if world.device and world.device.type ~= "sms" then return { code = world.box:totp(world.device) } end
  return { code = #world.box.outbox > 0 and flow_world.newest_code(world) or "123456" }
end

local function with_device(new, kind)
  return function()
    local world = new()
    world.device = world.box:add_device(world.user, kind, { push = "ignore" })
    world.box:add_device(world.user, "yubikey")
    return world
  end
end

local function chosen(world) return { device = tostring(world.device.id) } end

local cases = {}

for _, kind in ipairs { "totp", "sms", "protect" } do
  for _, version in ipairs { "v1", "v2" } do
    cases[#cases + 1] = { name = "passwordless " .. version .. ", " .. kind, flow = "passwordless", kind = kind,
      new = with_device(flow_world.new, kind), start = flow_world.of(version).start,
      inputs = { look, chosen, later, wrong, right } }
  end
  for _, F in ipairs(password_world.families) do
    cases[#cases + 1] = { name = F.name .. ", " .. kind, flow = F.flow, kind = kind,
      new = with_device(password_world.new, kind),
      start = function(world) return F.start(world, { password = false }) end,
      inputs = { look, function() return { password = "no" } end,
        function() return { password = password_world.PASSWORD } end, chosen, later, wrong, right } }
  end
end

for _, case in ipairs { { "v1", "sms" }, { "v2", "sms" }, { "v2", "authenticator" }, { "v2", "protect" } } do
  local version, kind = case[1], case[2]
  cases[#cases + 1] = { name = "enroll " .. version .. ", " .. kind, flow = "enroll", kind = kind, new = flow_world.new,
    start = function(world)
      return world.flows.enroll.start { user = "kim", version = version,
        number = version == "v1" and "+14155550123" or nil }
    end,
    inputs = { look, function() return { factor = kind } end, later, wrong, function() return { other = true } end } }
end

cases[#cases + 1] = { name = "smart_mfa", flow = "smart_mfa", kind = "sms", new = flow_world.new,
  start = function(world)
    return world.flows.smart_mfa.start { user = "customer-1", email = "kim@acme.test", risk_threshold = 0, track = true,
      context = { user_agent = "Mozilla/5.0", ip = "203.0.113.9" } }
  end,
  inputs = { look, wrong, right } }

M.list = cases

--- Every place in a value: lists of keys, the empty one for the value itself.
function M.places(value, prefix, out)
  prefix, out = prefix or {}, out or {}
  out[#out + 1] = prefix
  for k, v in pairs(type(value) == "table" and value or {}) do
    local place = {}
    for i, key in ipairs(prefix) do place[i] = key end
    place[#place + 1] = k
    M.places(v, place, out)
  end
  return out
end

--- Puts something else at a place, in place; returns the value, which is another one for the empty place.
function M.put(value, place, other)
  if #place == 0 then return other end
  local at = value
  for i = 1, #place - 1 do at = at[place[i]] end
  at[place[#place]] = other
  return value
end

return M

-- The one-call form of a flow: asks callbacks for what each step needs and sleeps on the client's clock, so under a
-- scheduler it waits as the scheduler does.
--   choose(devices) -> device, its number in the list or its id; nil gives up
--   otp(device, info) -> code; nil gives up; nil, "resend" sends a new code; nil, "other" chooses again
--   on_wait(info) -> false gives up
--   password(info) -> password; nil gives up (a string is tried once)
local devices = require("onelogin.flows.devices")
local fault = require("onelogin.flows.fault")
local guarded = require("onelogin.flows.guarded")

local MOST_ASKED = 200 -- inputs of one run: callbacks may have nothing new to say

-- The first device that can be used with the callbacks at hand; the default comes first in the list.
local function usable(list, ask)
  for _, device in ipairs(list) do
    if device.pushes or ask.otp then return device.id end
  end
end

local function picked(list, pick)
  if type(pick) == "table" then pick = pick.id end
  return type(pick) == "number" and list[pick] or devices.find(list, pick)
end

local function unusable()
  return nil, fault.new("denied", "no_usable_device", "this needs a typed code, and no otp callback was given")
end

local NEEDS = {}

-- A code for whatever device it fits (try_every), or the answer of a callback that says where else to go.
local function typed(want, ask)
  local code, instead = ask.otp(want.device,
    { tries_left = want.tries_left, note = want.note, expires_in = want.expires_in })
  if code then return { code = code } end
  if instead == "resend" or instead == "other" then return { [instead] = true } end
  return { cancel = true }
end

function NEEDS.device(_, want, ask, flow)
  if flow.data.options.try_every and ask.otp and not ask.choose then return typed(want, ask) end
  local pick = usable(want.devices, ask)
  if not pick then return unusable() end
  if ask.choose and #want.devices > 1 then
    pick = ask.choose(want.devices)
    if not pick then return { cancel = true } end
    local device = picked(want.devices, pick)
    if device and not usable({ device }, ask) then return unusable() end -- before anything is sent
    pick = device and device.id or pick
  end
  return { device = pick }
end

function NEEDS.code(_, want, ask)
  if not ask.otp then return unusable() end
  return typed(want, ask)
end

function NEEDS.wait(clock, want, ask)
  local info = { device = want.device, elapsed = want.elapsed, remaining = want.remaining, polls = want.polls }
  if ask.on_wait and ask.on_wait(info) == false then return { cancel = true } end
  clock.sleep(want.after)
  return {}
end

-- A password that is a string is tried once, by the flow's first step or here.
function NEEDS.password(_, want, ask, flow)
  if type(ask.password) == "string" and not flow.secrets.spent then
    flow.secrets.spent = true
    return { password = ask.password }
  end
  if type(ask.password) == "string" or ask.password == nil then
    if want.note == nil then
      error(("flows.%s: password must be given, a string or function(info)"):format(flow.data.flow), 0)
    end
    if want.note == "wrong" then
      return nil, fault.new("denied", "wrong_password", "name or password are wrong")
    end
    return nil, fault.new("timeout", "expired", "the sign-in took too long, and the password would be needed again")
  end
  local password = ask.password { note = want.note, tries_left = want.tries_left }
  if password == nil then return { cancel = true } end
  return { password = password }
end

-- Walks a flow to its end.
local function walk(flow, clock, ask)
  local asks = flow.spec.asks or {}
  local want, err = flow:step()
  local asked = 0
  while want and want.need ~= "nothing" do
    local input, problem = (asks[want.need] or NEEDS[want.need])(clock, want, ask, flow)
    if not input then return nil, problem end
    if next(input) ~= nil then asked = asked + 1 end
    if asked > MOST_ASKED then input = { cancel = true } end
    want, err = flow:step(input)
  end
  if not want then return nil, err end
  return want.login
end

-- Runs a flow to its end.  Returns the result, or nil and the error.  However it ends, also when a callback throws, the
-- person's telephone is free again, and the flow may go on from where it stands.
return function(flow, clock, ask)
  local ok, login, err = guarded.call(walk, flow, clock, ask)
  if not ok or login == nil then flow:hang_up() end
  if not ok then error(login, 0) end
  if err and err.operation == "flows" then err.operation = "flows." .. flow.data.flow end
  return login, err
end

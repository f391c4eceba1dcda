-- Signing a person in with a second factor alone: name, device, then a typed code or a press on a
-- telephone.  The states and edges below are the whole of it; `step` walks them until something from
-- outside is needed, `run` asks callbacks for it, and `state` is all that another process needs to go on.
-- Everything in the state is plain data.  Times in it are wall seconds; within a process they advance
-- with the monotonic clock.
local machine = require("onelogin.flows.machine")
local devices = require("onelogin.flows.devices")
local person = require("onelogin.flows.person")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local run = require("onelogin.flows.run")

local API = { v1 = require("onelogin.flows.v1"), v2 = require("onelogin.flows.v2") }

local M = {}

local PUSH_LONGEST = 120  -- seconds a push is waited for at most
local TOKEN_LIFE = 120    -- seconds a token lives when nobody asks for more
local PUSH_TOKEN_LIFE = 300 -- asked for a push, so that a code can still be typed after the wait
local FIRST_POLL, SLOWEST_POLL, SLOWER = 2, 5, 0.5
local GRACE = 1           -- a poll may start this late; after it a press no longer counts
local MOST_POLLS, MOST_TROUBLES, MOST_SENDS = 100, 5, 5

M.machine = machine.define {
  name = "passwordless", version = 1, first = "START",
  states = {
    START = "a typed name", PERSON = "an active user", CHOOSE = "devices to choose from",
    TRIGGER = "a device whose code or push is to be sent", CODE = "a code is to be typed",
    WAIT = "the person is to answer on the device", GRANTED = "signed in", REFUSED = "not to be signed in",
    TIMEOUT = "nobody answered in time", CANCELLED = "given up by the caller",
    BROKEN = "the service answered about something else",
  },
  final = { GRANTED = true, REFUSED = true, TIMEOUT = true, CANCELLED = true, BROKEN = true },
  edges = {
    { "START", "found", "PERSON" },
    { "START", "bad_name", "REFUSED" },
    { "START", "unknown", "REFUSED" },
    { "START", "ambiguous", "REFUSED" },
    { "START", "barred", "REFUSED" },
    { "START", "cancel", "CANCELLED" },
    { "PERSON", "listed", "CHOOSE" },
    { "PERSON", "none", "REFUSED" },
    { "PERSON", "cancel", "CANCELLED" },
    { "CHOOSE", "typed", "CODE" },
    { "CHOOSE", "send", "TRIGGER" },
    { "CHOOSE", "cancel", "CANCELLED" },
    { "TRIGGER", "sent", "CODE" },
    { "TRIGGER", "pushed", "WAIT" },
    { "TRIGGER", "exhausted", "REFUSED" },
    { "TRIGGER", "broken", "BROKEN" },
    { "TRIGGER", "cancel", "CANCELLED" },
    { "CODE", "accepted", "GRANTED" },
    { "CODE", "wrong", "CODE" },
    { "CODE", "exhausted", "REFUSED" },
    { "CODE", "rejected", "REFUSED" },
    { "CODE", "locked", "REFUSED" },
    { "CODE", "expired", "TRIGGER" },
    { "CODE", "timeout", "TIMEOUT" },
    { "CODE", "resend", "TRIGGER" },
    { "CODE", "other", "CHOOSE" },
    { "CODE", "broken", "BROKEN" },
    { "CODE", "cancel", "CANCELLED" },
    { "WAIT", "pending", "WAIT" },
    { "WAIT", "accepted", "GRANTED" },
    { "WAIT", "wrong", "WAIT" },
    { "WAIT", "exhausted", "REFUSED" },
    { "WAIT", "rejected", "REFUSED" },
    { "WAIT", "locked", "REFUSED" },
    { "WAIT", "late", "CODE" },
    { "WAIT", "timeout", "TIMEOUT" },
    { "WAIT", "resend", "TRIGGER" },
    { "WAIT", "other", "CHOOSE" },
    { "WAIT", "broken", "BROKEN" },
    { "WAIT", "cancel", "CANCELLED" },
  },
}

local INPUTS = { device = true, code = true, resend = true, other = true, cancel = true }

local Flow = {}
Flow.__index = Flow
Flow.__name = "onelogin.flow"

------------------------------------------------------------------------------------------------
-- The flow

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for k, v in pairs(value) do out[k] = copy(v) end
  return out
end

-- host: { client, clock, trace }.
local function new(host, data)
  return setmetatable({ host = host, data = data, api = API[data.options.version],
    wall0 = host.clock.wall(), mono0 = host.clock.mono() }, Flow)
end

local function now(self)
  return self.wall0 + (self.host.clock.mono() - self.mono0)
end

local function go(self, event)
  local data = self.data
  local from, to = data.state, M.machine:next(data.state, event)
  data.state = to
  if self.host.trace then self.host.trace("passwordless", from, event, to) end
end

-- Ends the flow with a fault that later steps repeat.
local function finish(self, event, problem)
  go(self, event)
  local data = self.data
  data.open, data.wait = nil, nil
  data.failure = { kind = problem.kind, reason = problem.reason, message = problem.message, field = problem.field,
    user_id = problem.user_id }
  return true
end

local function grant(self, method)
  go(self, "accepted")
  local data = self.data
  data.open, data.wait, data.note = nil, nil, nil
  data.login = { granted = true, user = copy(data.user), device = copy(data.device), method = method,
    version = data.options.version, at = now(self) }
end

-- An error of the world that is not about the person leaves the state as it is: the step may be
-- repeated.  One about a wrong identity ends the flow.
local function world(self, err)
  if err.reason == "mismatch" then return finish(self, "broken", err) end
  return nil, err
end

local ADVANCE = {} -- state -> function(self, input): true to go on, false for input, or nil and the error

function ADVANCE.START(self)
  local data = self.data
  local name, bad = person.clean(data.typed)
  if not name then return finish(self, "bad_name", bad) end
  local found, err, event = person.find(self.api.users(self.host.client), name, data.options.by)
  if found then
    data.user = found
    go(self, "found")
    return true
  elseif event then
    return finish(self, event, err)
  end
  return nil, err
end

function ADVANCE.PERSON(self)
  local data = self.data
  local rows, err = self.api.devices(self.host.client, data.user.id)
  if not rows then return nil, err end
  local list, left_out = devices.list(rows, data.options.version, data.options.allow)
  if #list == 0 then
    return finish(self, "none", fault.new("denied", "no_devices", left_out > 0
      and "none of the user's devices is of an allowed type" or "the user has no device to sign in with"))
  end
  data.devices = list
  go(self, "listed")
  return true
end

function ADVANCE.CHOOSE(self, input)
  local data = self.data
  if input.device == nil then return false end
  local wanted = input.device
  if type(wanted) == "table" then wanted = wanted.id end
  local device = devices.find(data.devices, wanted)
  if not device then
    return nil, fault.new("invalid", "unknown_device", "the chosen device is not one of the user's",
      { field = "device" })
  end
  data.device, data.note, data.open = copy(device), nil, nil
  input.device = nil
  go(self, device.needs_trigger and "send" or "typed")
  return true
end

function ADVANCE.TRIGGER(self)
  local data, device = self.data, self.data.device
  if data.sends >= MOST_SENDS then
    return finish(self, "exhausted", fault.new("denied", "too_many_sends", "too many codes or pushes were sent"))
  end
  local life = data.options.expires_in or device.pushes and PUSH_TOKEN_LIFE or nil
  local began = now(self)
  local open, err = self.api.open(self.host.client, data.user.id, device, life, data.options.activate)
  if not open then return world(self, err) end
  data.sends = data.sends + 1
  -- Counted from before the call on our own clock: the server's clock may be another.
  open.expires = began + (life or TOKEN_LIFE)
  data.open = open
  if device.pushes then
    data.wait = { began = began, deadline = began + math.min(PUSH_LONGEST, data.options.timeout or PUSH_LONGEST,
      life or TOKEN_LIFE), due = now(self) + FIRST_POLL, polls = 0, troubles = 0 }
    go(self, "pushed")
  else
    go(self, "sent")
  end
  return true
end

local function wrong_code(self)
  local data = self.data
  data.tries = data.tries + 1
  if data.tries >= data.options.max_tries then
    return finish(self, "exhausted", fault.new("denied", "wrong_code", "the code was wrong too often"))
  end
  data.note = "wrong"
  go(self, "wrong")
  return false
end

local function late(self)
  return finish(self, "timeout", fault.new("timeout", "timeout", "nobody answered in time"))
end

local function locked(self)
  return finish(self, "locked", fault.new("denied", "locked", "the user is locked"))
end

local function rejected(self)
  return finish(self, "rejected", fault.new("denied", "rejected", "the sign-in was refused on the device"))
end

-- Ways to go on that a person may take while a code or a press is awaited.
local function detour(self, input)
  local data = self.data
  if input.device ~= nil or input.other then
    data.open, data.wait, data.device, data.note, input.other = nil, nil, nil, nil, nil
    go(self, "other")
    return true
  elseif input.resend and data.device.needs_trigger then
    data.open, data.wait, data.note, input.resend = nil, nil, nil, nil
    go(self, "resend")
    return true
  end
end

local function typed(code)
  local text = code:gsub("%s", "")
  if text == "" then return nil, true end
  if #text > 64 or text:find("[^%w]") then
    return nil, false
  end
  return text
end

-- Checks a typed code; the flow's answer to it, in CODE and WAIT alike.
local function try_code(self, input)
  local data = self.data
  local code, blank = typed(input.code)
  input.code = nil
  if not code then
    if blank then return false end
    return nil, fault.new("invalid", "bad_code", "a code has only letters and digits", { field = "code" })
  end
  local what, err
  if data.open and now(self) >= data.open.expires then
    what = "expired"
  else
    what, err = self.api.check(self.host.client, data.user.id, data.device, data.open, code)
  end
  if what == "expired" and data.device.pushes and self.api.types_without_token then
    data.open = nil
    what, err = self.api.check(self.host.client, data.user.id, data.device, nil, code)
  end
  if what == "accepted" then
    grant(self, "code")
    return true
  elseif what == "wrong" then
    return wrong_code(self)
  elseif what == "rejected" then
    return rejected(self)
  elseif what == "locked" then
    return locked(self)
  elseif what == "expired" then
    if data.device.pushes or data.state == "WAIT" then return late(self) end
    data.open, data.note = nil, "expired"
    go(self, "expired")
    return true
  end
  return world(self, err)
end

function ADVANCE.CODE(self, input)
  local gone = detour(self, input)
  if gone then return true end
  if input.code == nil then return false end
  return try_code(self, input)
end

local TRANSIENT = { network = true, timeout = true, server = true, rate_limited = true }

local function give_up_waiting(self)
  local data = self.data
  local can_type = data.device.types and data.options.fallback ~= false
    and (self.api.types_without_token or data.open and now(self) < data.open.expires)
  if not can_type then return late(self) end
  data.wait, data.note = nil, "late"
  if now(self) >= data.open.expires then data.open = nil end
  go(self, "late")
  return false
end

function ADVANCE.WAIT(self, input)
  local data, wait = self.data, self.data.wait
  if detour(self, input) then return true end
  if input.code ~= nil and data.device.types then return try_code(self, input) end
  local at = now(self)
  if at > wait.deadline + GRACE or wait.polls >= MOST_POLLS then return give_up_waiting(self) end
  if at + 0.001 < wait.due then return false end
  local what, err = self.api.poll(self.host.client, data.user.id, data.device, data.open)
  wait.polls = wait.polls + 1
  if what == "accepted" then
    grant(self, "push")
    return true
  elseif what == "rejected" then
    return rejected(self)
  elseif what == "locked" then
    return locked(self)
  elseif what == "expired" then
    data.open.expires = at
    return give_up_waiting(self)
  end
  local pause = math.min(SLOWEST_POLL, FIRST_POLL + SLOWER * wait.polls)
  if what == nil then
    wait.troubles = wait.troubles + 1
    if err.reason == "mismatch" then return finish(self, "broken", err) end
    -- A bearer that died meanwhile was dropped with this answer: the next poll fetches another.
    local most = err.kind == "auth" and 1 or TRANSIENT[err.kind] and MOST_TROUBLES or 0
    if wait.troubles > most then return nil, err end
    pause = math.max(pause, tonumber(err.retry_after) or 0)
  else
    wait.troubles = 0
    go(self, "pending")
  end
  at = now(self)
  if at >= wait.deadline then return give_up_waiting(self) end
  wait.due = math.min(at + pause, wait.deadline)
  return false
end

-- What is needed from outside now.
local function need(self)
  local data = self.data
  if data.state == "CHOOSE" then
    return { need = "device", devices = copy(data.devices) }
  elseif data.state == "CODE" then
    return { need = "code", device = copy(data.device), tries_left = data.options.max_tries - data.tries,
      note = data.note, expires_in = data.open and math.max(0, data.open.expires - now(self)) or nil }
  elseif data.state == "WAIT" then
    local at, wait = now(self), data.wait
    return { need = "wait", device = copy(data.device), after = math.max(0, wait.due - at),
      elapsed = at - wait.began, remaining = math.max(0, wait.deadline - at), polls = wait.polls,
      types = data.device.types, note = data.note, tries_left = data.options.max_tries - data.tries }
  elseif data.state == "GRANTED" then
    return { need = "nothing", login = copy(data.login) }
  end
end

--- Goes on as far as possible.  input: nil or a table with device (id), code (string), resend, other
-- or cancel (true).  Returns what is needed next: need = "device" | "code" | "wait" | "nothing" (then
-- `login` is there); or nil and the error.  After an error of the world the same step may be repeated.
function Flow:step(input)
  if input ~= nil and type(input) ~= "table" then
    error("flow:step: expected a table such as { code = \"123456\" }, or nothing", 2)
  end
  local given = {}
  settings.check_names(input or {}, INPUTS, "flow:step", "input")
  for k, v in pairs(input or {}) do given[k] = v end
  if given.code ~= nil and type(given.code) ~= "string" then
    error("flow:step: code must be a string, since a number loses its leading zeros", 2)
  end
  local data = self.data
  if given.cancel and not M.machine.final[data.state] then
    finish(self, "cancel", fault.new("cancelled", "cancelled", "the sign-in was cancelled"))
  end
  while ADVANCE[data.state] do
    local more, err = ADVANCE[data.state](self, given)
    if more == nil then return nil, err end
    if not more then break end
  end
  if data.failure then
    local f = data.failure
    return nil, fault.new(f.kind, f.reason, f.message, { field = f.field, user_id = f.user_id, state = data.state })
  end
  return need(self)
end

--- Everything another process needs to go on (ol.flows.resume): a plain table of this version.  It
-- holds the token of a pending activation, so it belongs on the server's side, never in a page.
function Flow:state()
  return copy(self.data)
end

function Flow:__tostring()
  return ("onelogin.flow passwordless %s (%s)"):format(self.data.options.version, self.data.state)
end

--- Runs to the end with callbacks (flows/run.lua).  Returns the login, or nil and the error.
function Flow:run(ask)
  ask = ask or {}
  local kept = self.data.options
  if kept.fallback == nil then kept.fallback = ask.otp ~= nil end
  return run(self, self.host.clock, ask)
end

--- Starts a flow without any call; misuse throws.
function M.start(host, options)
  local kept = settings.check(options)
  return new(host, { v = M.machine.version, flow = "passwordless", state = M.machine.first, tenant = host.tenant,
    typed = options.user, options = kept, tries = 0, sends = 0, born = host.clock.wall() })
end

--- Goes on from a state; throws when it is none of this version.
function M.resume(host, data)
  if data.v ~= M.machine.version then
    error("flows.resume: the state is of another version of this library; start again", 0)
  end
  if not M.machine.states[data.state] or type(data.options) ~= "table" or not API[data.options.version]
    or type(data.typed) ~= "string" or type(data.tries) ~= "number" or type(data.sends) ~= "number" then
    error("flows.resume: this is not a whole state of a passwordless flow", 0)
  end
  if data.tenant ~= host.tenant then
    error("flows.resume: the state belongs to another tenant than this client", 0)
  end
  return new(host, copy(data))
end

return M

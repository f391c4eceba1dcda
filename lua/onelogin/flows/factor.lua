-- The second factor, as every flow that checks one has it: choose a device, have a code or push sent, type the code
-- or wait for the answer.  States CHOOSE, TRIGGER, CODE and WAIT, their edges, and the functions that walk them.
-- A flow brings how it speaks to the service (flow.api) and where an expired token leads (flow.spec.lapsed):
--   api.open(flow, life) -> { token?, typed? } (typed: nothing rings, a code is wanted); or nil and the error, and
--     perhaps a word: accepted, expired, rejected, locked
--   api.check(flow, code) -> word, error, secrets;   api.poll(flow) -> word, error, secrets
--     words: accepted, wrong, pending, rejected, expired, locked; nil with an error of the world
--   api.types_without_token: a telephone that was pushed takes a typed code also without an open token
local devices = require("onelogin.flows.devices")
local fault = require("onelogin.flows.fault")
local common = require("onelogin.flows.flow")
local shape = require("onelogin.flows.shape")
local machine = require("onelogin.flows.machine")

local M = {}

local copy, outcome = common.copy, common.outcome

local PUSH_LONGEST = 120  -- seconds a push is waited for at most
local TOKEN_LIFE = 120    -- seconds a token lives when nobody asks for more
local PUSH_TOKEN_LIFE = 300 -- asked for a push, so that a code can still be typed after the wait
local FIRST_POLL, SLOWEST_POLL, SLOWER = 2, 5, 0.5
local CLOSEST_POLLS = 1.5 -- between two polls of a flow, from whatever text of it
local GRACE = 1           -- a poll may start this late; after it a press no longer counts
local MOST_POLLS, MOST_TROUBLES, MOST_SENDS = 250, 5, 5

local STATES = {
  CHOOSE = "devices to choose from", TRIGGER = "a device whose code or push is to be sent",
  CODE = "a code is to be typed", WAIT = "the person is to answer on the device", GRANTED = "signed in",
  REFUSED = "not to be signed in", TIMEOUT = "nobody answered in time", CANCELLED = "given up by the caller",
  BROKEN = "the service answered about something else",
}

M.FINAL = { GRANTED = true, REFUSED = true, TIMEOUT = true, CANCELLED = true, BROKEN = true }

local DEVICE = { id = shape.text, type = shape.text, name = shape.text, needs_trigger = shape.flag, pushes = shape.flag,
  types = shape.flag }

--- What a state holds of an open wait.
M.WAITING = shape.record { began = shape.number, deadline = shape.number, due = shape.number, polls = shape.count,
  troubles = shape.count }

--- The form of a flow's states (flow.lua): these fields, and its own.
function M.form(own)
  local fields = { user = shape.maybe(shape.table), devices = shape.maybe(shape.list(shape.record(DEVICE))),
    device = shape.maybe(shape.record(DEVICE)), wait = shape.maybe(M.WAITING),
    open = shape.maybe(shape.record { expires = shape.number, token = shape.maybe(shape.text) }) }
  local needed = { CHOOSE = { "user", "devices" }, TRIGGER = { "user", "devices", "device" },
    CODE = { "user", "devices", "device" }, WAIT = { "user", "devices", "device", "open", "wait" } }
  for name, test in pairs(own.fields or {}) do fields[name] = test end
  for state, names in pairs(own.needed or {}) do needed[state] = names end
  return { options = own.options, fields = fields, needed = needed, whole = own.whole }
end

-- Every flow adds { "CODE", "expired", ... } and what is its own.
local EDGES = {
  { "CHOOSE", "typed", "CODE" },
  { "CHOOSE", "send", "TRIGGER" },
  { "CHOOSE", "cancel", "CANCELLED" },
  { "TRIGGER", "sent", "CODE" },
  { "TRIGGER", "pushed", "WAIT" },
  { "TRIGGER", "busy", "CHOOSE" },
  { "TRIGGER", "exhausted", "REFUSED" },
  { "TRIGGER", "other", "CHOOSE" },
  { "TRIGGER", "broken", "BROKEN" },
  { "TRIGGER", "cancel", "CANCELLED" },
  { "CODE", "accepted", "GRANTED" },
  { "CODE", "wrong", "CODE" },
  { "CODE", "exhausted", "REFUSED" },
  { "CODE", "limited", "REFUSED" },
  { "CODE", "locked", "REFUSED" },
  { "CODE", "resend", "TRIGGER" },
  { "CODE", "other", "CHOOSE" },
  { "CODE", "broken", "BROKEN" },
  { "CODE", "cancel", "CANCELLED" },
  { "WAIT", "pending", "WAIT" },
  { "WAIT", "accepted", "GRANTED" },
  { "WAIT", "wrong", "WAIT" },
  { "WAIT", "exhausted", "REFUSED" },
  { "WAIT", "limited", "REFUSED" },
  { "WAIT", "rejected", "REFUSED" },
  { "WAIT", "locked", "REFUSED" },
  { "WAIT", "late", "CODE" },
  { "WAIT", "timeout", "TIMEOUT" },
  { "WAIT", "resend", "TRIGGER" },
  { "WAIT", "other", "CHOOSE" },
  { "WAIT", "broken", "BROKEN" },
  { "WAIT", "cancel", "CANCELLED" },
}

-- The machine of a flow: these states and edges, and its own.
function M.machine(name, version, first, states, edges)
  local all = {}
  for _, edge in ipairs(edges) do all[#all + 1] = edge end
  for _, edge in ipairs(EDGES) do all[#all + 1] = edge end
  local named = {}
  for k, v in pairs(STATES) do named[k] = v end
  for k, v in pairs(states) do named[k] = v end
  return machine.define { name = name, version = version, first = first, states = named,
    final = M.FINAL, edges = all }
end

------------------------------------------------------------------------------------------------
-- Ways out

-- extra: secrets of the result, such as a session token.
function M.grant(self, method, extra)
  local data = self.data
  local login = { granted = true, user = copy(data.user), device = copy(data.device), method = method,
    version = data.options.version, at = self:now() }
  return self:succeed("accepted", login, extra)
end

-- The method of who answered on the device.
local function waited(self)
  return self.data.device.type == "email" and "link" or "push"
end

function M.timed_out(self)
  return self:finish("timeout", fault.new("timeout", "timeout", "nobody answered in time"))
end

function M.locked(self)
  return self:finish("locked", fault.new("denied", "locked", "the user is locked"))
end

local function rejected(self)
  return self:finish("rejected", fault.new("denied", "rejected", "the sign-in was refused on the device"))
end

-- One more wrong try; was it the last?
function M.count_wrong(self)
  local data = self.data
  data.tries = data.tries + 1
  if data.tries < data.options.max_tries then return false end
  self:finish("exhausted", fault.new("denied", "wrong_code", "the code was wrong too often"))
  return true
end

local function wrong_code(self)
  if M.count_wrong(self) then return true end
  self.data.note = "wrong"
  self:go("wrong")
  return false
end

------------------------------------------------------------------------------------------------
-- CHOOSE and TRIGGER

local function choose(self, input)
  local data = self.data
  if input.device == nil then return false end
  local wanted = input.device
  if type(wanted) == "table" then wanted = wanted.id end
  local device = devices.find(data.devices, wanted)
  if not device then
    return nil, fault.new("invalid", "unknown_device", "the chosen device is not one of the user's",
      { field = "device" })
  end
  self:close_open()
  data.device, data.note = copy(device), nil
  input.device = nil
  self:go(device.needs_trigger and "send" or "typed")
  return true
end

-- One telephone rings for one sign-in at a time, whoever started the other.
local function ring(self, seconds)
  local data = self.data
  local subject = self:subject()
  local ok, err = self.host.guard:push(subject, data.id, seconds)
  if ok then
    data.ringing = subject
    return true
  end
  data.device = nil
  self:go("busy")
  return nil, err
end

-- Another device, or the list of them.
local function other(self, input)
  if input.device == nil and not input.other then return false end
  local data = self.data
  self:close_open()
  data.device, data.note, input.other = nil, nil, nil
  self:go("other")
  return true
end

local function trigger(self, input)
  if other(self, input) then return true end -- sending failed before
  local data, device, options = self.data, self.data.device, self.data.options
  if data.sends >= MOST_SENDS then
    return self:finish("exhausted", fault.new("denied", "too_many_sends", "too many codes or pushes were sent"))
  end
  local life = options.expires_in or device.pushes and self.api.chooses_life and PUSH_TOKEN_LIFE or nil
  local longest = math.min(PUSH_LONGEST, options.timeout or PUSH_LONGEST, life or TOKEN_LIFE)
  if device.pushes then
    local ok, err = ring(self, longest)
    if not ok then return nil, err end
  end
  local may, more, refused = self:may_send()
  if not may then return more, refused end
  local began = self:now()
  local open, err, word, extra = self.api.open(self, life)
  if not open then
    if word == "accepted" then return M.grant(self, waited(self), extra) end
    if word == "expired" then return self.spec.lapsed(self) end
    if word == "rejected" then return rejected(self) end
    if word == "locked" then return M.locked(self) end
    if err.kind == "decode" or err.kind == "timeout" then data.sends = data.sends + 1 end -- it may have gone out
    return self:world(err)
  end
  data.sends = data.sends + 1
  -- Counted from before the call on our own clock: the server's clock may be another.
  open.expires = open.expires or began + (life or TOKEN_LIFE)
  local rings = device.pushes and not (open.typed and device.types)
  if not rings then self:close_open() end
  if not rings and not open.typed then input.code = nil end -- typed before this one was sent
  open.typed = nil
  data.open = open
  if rings then
    local deadline = math.min(began + longest, open.expires)
    data.wait = M.waiting(self, began, deadline)
    self:go("pushed")
  else
    self:go("sent")
  end
  return true
end

------------------------------------------------------------------------------------------------
-- CODE

-- Ways to go on that a person may take while a code or a press is awaited.
local function detour(self, input)
  local data = self.data
  if other(self, input) then return true end
  if input.resend and data.device.needs_trigger then
    self:drop_open()
    data.note, input.resend = nil, nil
    self:go("resend")
    return true
  end
end

--- Takes a typed code out of an input: as it may be sent; else nil, and what the state's function returns.
function M.take_code(input)
  if input.code == nil then return nil, false end
  local text = input.code:gsub("%s", "")
  input.code = nil
  if text == "" then return nil, false end
  if #text > 64 or text:find("[^%w]") then
    return nil, nil, fault.new("invalid", "bad_code", "a code has only letters and digits", { field = "code" })
  end
  return text
end

-- Sends the code to the service: the word of its answer.
local function ask(self, code)
  local data = self.data
  local what, err, extra
  if data.open and self:now() >= data.open.expires then
    what = "expired"
  else
    what, err, extra = self.api.check(self, code)
  end
  if what == "expired" and data.device.pushes and self.api.types_without_token then
    local open = data.open
    data.open = nil
    what, err, extra = self.api.check(self, code)
    if data.state == "WAIT" then data.open = open end -- by which the wait ends
  end
  return what, err, extra
end

-- Checks a typed code; the flow's answer to it, in CODE and WAIT alike.
local function try_code(self, input)
  local code, more, bad = M.take_code(input)
  if not code then return more, bad end
  local slot = self:reserve(self:subject())
  if not slot then return true end
  local what, err, extra = ask(self, code)
  self:judge(slot, outcome(what, err))
  if what == "accepted" then
    return M.grant(self, "code", extra)
  elseif what == "wrong" then
    return wrong_code(self)
  elseif what == "rejected" then
    return rejected(self)
  elseif what == "locked" then
    return M.locked(self)
  elseif what == "expired" then
    return self.spec.lapsed(self)
  end
  return self:world(err)
end

local function code(self, input)
  if detour(self, input) then return true end
  return try_code(self, input)
end

------------------------------------------------------------------------------------------------
-- WAIT

local TRANSIENT = { network = true, timeout = true, server = true, rate_limited = true }

--- What a state keeps of a wait from `began` to `deadline`; the first poll is due soon.
function M.waiting(self, began, deadline)
  return { began = began, deadline = deadline, due = math.min(self:now() + FIRST_POLL, deadline), polls = 0,
    troubles = 0 }
end

--- Asks whether the person has answered: the word of the answer, or nil and the error; "early" when no poll is due yet,
-- "late" when an answer does not count any more.
function M.poll(self)
  local pending, at = self.data.wait, self:now()
  if at > pending.deadline + GRACE or pending.polls >= MOST_POLLS then return "late" end
  if at + 0.001 < pending.due then return "early" end
  if self.host.paces and at < pending.deadline
    and not self.host.guard:limit("poll:" .. self.data.id, 1, CLOSEST_POLLS) then
    pending.due = math.min(at + FIRST_POLL, pending.deadline)
    return "early"
  end
  pending.polls = pending.polls + 1
  return self.api.poll(self)
end

--- After a poll that decided nothing (what: nil with an error): waits for the next one, or gives up.
function M.poll_later(self, what, err, give_up)
  local pending = self.data.wait
  local pause = math.min(SLOWEST_POLL, FIRST_POLL + SLOWER * pending.polls)
  if what == nil then
    pending.troubles = pending.troubles + 1
    if err.reason == "mismatch" then return self:finish("broken", err) end
    -- A bearer that died meanwhile was dropped with this answer: the next poll fetches another.
    local most = err.kind == "auth" and 1 or TRANSIENT[err.kind] and MOST_TROUBLES or 0
    if pending.troubles > most then return nil, err end
    pause = math.max(pause, tonumber(err.retry_after) or 0)
  else
    pending.troubles = 0
    self:go("pending")
  end
  local at = self:now()
  if at >= pending.deadline then return give_up(self) end
  pending.due = math.min(at + pause, pending.deadline)
  return false
end

local function give_up_waiting(self)
  local data = self.data
  local can_type = data.device.types and data.options.fallback ~= false
    and (self.api.types_without_token or data.open and self:now() < data.open.expires)
  if not can_type then
    if self.spec.starts_over and self:now() >= data.open.expires then return self.spec.lapsed(self) end
    return M.timed_out(self)
  end
  data.wait, data.note = nil, "late"
  if self:now() >= data.open.expires then self:drop_open() end
  self:go("late")
  return false
end

local function wait(self, input)
  local data = self.data
  if detour(self, input) then return true end
  if input.code ~= nil and data.device.types then return try_code(self, input) end
  local what, err, extra = M.poll(self)
  if what == "accepted" and self:now() > data.wait.deadline + GRACE then what = "late" end -- pressed when?
  if what == "early" then
    return false
  elseif what == "late" then
    return give_up_waiting(self)
  elseif what == "accepted" then
    return M.grant(self, waited(self), extra)
  elseif what == "rejected" then
    return rejected(self)
  elseif what == "locked" then
    return M.locked(self)
  elseif what == "expired" then
    data.open.expires = self:now()
    return give_up_waiting(self)
  end
  return M.poll_later(self, what, err, give_up_waiting)
end

------------------------------------------------------------------------------------------------

local function tries_left(data)
  return data.options.max_tries - data.tries
end

--- advance[STATE] and need[STATE] of a flow: these, and its own, which win.
function M.advance(own)
  local all = { CHOOSE = choose, TRIGGER = trigger, CODE = code, WAIT = wait }
  for state, advance in pairs(own) do all[state] = advance end
  return all
end

local NEED = {}

function NEED.CHOOSE(self)
  return { need = "device", devices = copy(self.data.devices), note = self.data.note,
    tries_left = tries_left(self.data) }
end

function NEED.CODE(self)
  local data = self.data
  return { need = "code", device = copy(data.device), tries_left = tries_left(data), note = data.note,
    expires_in = data.open and math.max(0, data.open.expires - self:now()) or nil }
end

function NEED.WAIT(self)
  local data, at, pending = self.data, self:now(), self.data.wait
  return { need = "wait", device = copy(data.device), after = math.max(0, pending.due - at),
    elapsed = at - pending.began, remaining = math.max(0, pending.deadline - at), polls = pending.polls,
    types = data.device.types, note = data.note, tries_left = tries_left(data) }
end

function M.need(own)
  local all = {}
  for state, want in pairs(NEED) do all[state] = want end
  for state, want in pairs(own or {}) do all[state] = want end
  return all
end

M.choose = choose

return M

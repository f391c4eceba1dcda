-- Smart MFA: after your own password check, a risk score decides whether the person has to type a code that the service
-- sends.  A lapsed token is no end: the risk is asked for again, which sends another code.
local answers = require("onelogin.flows.answer")
local factor = require("onelogin.flows.factor")
local fault = require("onelogin.flows.fault")
local flow = require("onelogin.flows.flow")
local machine = require("onelogin.flows.machine")
local person = require("onelogin.flows.person")
local settings = require("onelogin.flows.settings")
local shape = require("onelogin.flows.shape")

local WHERE = "flows.smart_mfa"
local LIFE = 480     -- seconds of a state token when nobody asks for more or less
local MOST_SENDS = 5
local TRACK_TIMEOUT = 5 -- seconds: the person waits while the service is taught

local OPTIONS = {
  user = "string", context = "table", phone = "string", email = "string", risk_threshold = "number",
  firstname = "string", lastname = "string", expires_in = "number", max_tries = "number", track = "boolean or table",
  otp = "function",
}

local CONTEXT = { user_agent = "string", ip = "string", session_id = "string", device_id = "string",
  device_fingerprint = "string" }

-- What goes to the service as it was given.
local SENT = { "phone", "email", "risk_threshold", "firstname", "lastname", "expires_in" }

local MACHINE = machine.define {
  name = "smart_mfa", version = 1, first = "RISK",
  states = {
    RISK = "a person whose risk is to be asked for", CODE = "a code was sent and is to be typed", GRANTED = "let in",
    REFUSED = "not to be let in", CANCELLED = "given up by the caller",
    BROKEN = "the service answered about someone else",
  },
  final = { GRANTED = true, REFUSED = true, CANCELLED = true, BROKEN = true },
  edges = {
    { "RISK", "low", "GRANTED" },
    { "RISK", "sent", "CODE" },
    { "RISK", "exhausted", "REFUSED" },
    { "RISK", "locked", "REFUSED" },
    { "RISK", "broken", "BROKEN" },
    { "RISK", "cancel", "CANCELLED" },
    { "CODE", "accepted", "GRANTED" },
    { "CODE", "wrong", "CODE" },
    { "CODE", "exhausted", "REFUSED" },
    { "CODE", "limited", "REFUSED" },
    { "CODE", "locked", "REFUSED" },
    { "CODE", "expired", "RISK" },
    { "CODE", "resend", "RISK" },
    { "CODE", "cancel", "CANCELLED" },
  },
}

------------------------------------------------------------------------------------------------
-- Teaching the scorer

local function event_of(data, verb)
  local kept, context = data.options, data.options.context
  local event = { verb = verb, ip = context.ip, user_agent = context.user_agent,
    user = { id = data.typed, authenticated = verb == "log-in" },
    session = context.session_id and { id = context.session_id },
    device = context.device_id and { id = context.device_id }, fp = context.device_fingerprint }
  for k, v in pairs(type(kept.track) == "table" and kept.track or {}) do
    if k == "user" and type(v) == "table" then
      for name, value in pairs(v) do event.user[name] = value end
    else
      event[k] = flow.copy(v)
    end
  end
  return event
end

-- The outcome stands, whatever becomes of this.
local function track(self, verb)
  if self.data.options.track then
    self.client.risk:track_event(event_of(self.data, verb), { timeout = TRACK_TIMEOUT, attempts = 1 })
  end
end

local function grant(self, event, method)
  local data = self.data
  self:succeed(event, { granted = true, user = flow.copy(data.user), method = method, risk = flow.copy(data.risk),
    at = self:now() })
  track(self, "log-in")
  return true
end

local function locked(self)
  self:finish("locked", fault.new("denied", "locked", "the user is locked"))
  track(self, "log-in-denied")
  return true
end

local function says_locked(err)
  return err.kind == "denied" and answers.lower(err.message):find("locked", 1, true) ~= nil
end

------------------------------------------------------------------------------------------------
-- The machine

local function body_of(data)
  local kept = data.options
  local body = { user_identifier = data.typed, context = flow.copy(kept.context) }
  for _, name in ipairs(SENT) do body[name] = kept[name] end
  return body
end

local function risk_of(answer)
  local risk, out = type(answer.risk) == "table" and answer.risk or {}, { reasons = {} }
  out.score = tonumber(risk.score)
  for i, reason in ipairs(type(risk.reasons) == "table" and risk.reasons or {}) do out.reasons[i] = tostring(reason) end
  return out
end

local function too_many_sends(self)
  return self:finish("exhausted", fault.new("denied", "too_many_sends", "too many codes were sent"))
end

local advance = {}

function advance.RISK(self)
  local data = self.data
  if data.sends >= MOST_SENDS then return too_many_sends(self) end
  local began = self:now()
  local answer, err = self.client.smart_mfa:validate_user(body_of(data))
  if answer == nil then
    if says_locked(err) then return locked(self) end
    return self:world(err)
  end
  -- Only a plain "no code was sent" lets anybody in.
  local mfa = type(answer) == "table" and type(answer.mfa) == "table" and answer.mfa or {}
  local token = answers.text(mfa.state_token)
  if type(mfa.otp_sent) ~= "boolean" or mfa.otp_sent ~= (token ~= nil) then
    return nil, fault.new("decode", "no_token", "the answer does not say whether a code was sent")
  end
  local id = answers.id(answer.user_id)
  if data.user and data.user.id and id ~= data.user.id then
    return self:finish("broken", fault.new("decode", "mismatch", "the second answer is about someone else"))
  end
  data.user, data.risk = { id = id, identifier = data.typed }, risk_of(answer)
  if not mfa.otp_sent then return grant(self, "low", "none") end
  data.sends = data.sends + 1
  local may, more, refused = self:may_send()
  if not may then return more, refused end
  data.open = { token = token, expires = began + (data.options.expires_in or LIFE) }
  self:go("sent")
  return true
end

local function expired(self)
  self:drop_open()
  self.data.note = "expired"
  self:go("expired")
  return true
end

-- The word of an answer to a code: accepted, wrong, expired or locked; nil with an error of the world.
local function verify(self, code)
  local answer, err = self.client.smart_mfa:verify_token { state_token = self.data.open.token, otp_token = code }
  if answer == nil then
    if err.kind == "denied" then return says_locked(err) and "locked" or "wrong" end
    local said = answers.lower(err.message)
    local over = err.status == 400 and (said:find("state token", 1, true) or said:find("expired", 1, true))
    return over and "expired" or nil, err
  end
  if type(answer) == "string" and answer:gsub("%s", ""):lower() == "ok" then return "accepted" end
  return nil, fault.new("decode", "no_answer", "the answer to the code does not say whether it was right")
end

function advance.CODE(self, input)
  local data = self.data
  if input.resend then
    self:drop_open()
    input.resend, data.note = nil, nil
    self:go("resend")
    return true
  end
  local code, more, bad = factor.take_code(input)
  if not code then return more, bad end
  if self:now() >= data.open.expires then return expired(self) end
  local slot = self:reserve(self:subject())
  if not slot then return true end
  local what, err = verify(self, code)
  self:judge(slot, flow.outcome(what, err))
  if what == "accepted" then return grant(self, "accepted", "code") end
  if what == "expired" then return expired(self) end
  if what == "locked" then return locked(self) end
  if what ~= "wrong" then return self:world(err) end
  if factor.count_wrong(self) then
    track(self, "log-in-denied")
    return true
  end
  data.note = "wrong"
  self:go("wrong")
  return false
end

local need = {}

function need.CODE(self)
  local data = self.data
  -- The service does not tell where to; of what it was given it takes the number first.
  local kind = data.options.phone and "sms" or data.options.email and "email" or "unknown"
  return { need = "code", tries_left = data.options.max_tries - data.tries, note = data.note,
    expires_in = math.max(0, data.open.expires - self:now()),
    device = { type = kind, name = kind == "sms" and "SMS" or kind == "email" and "e-mail" or "message",
      needs_trigger = true, pushes = false, types = true } }
end

------------------------------------------------------------------------------------------------
-- Options

-- A browser may say anything of itself: bytes that are no text become question marks.
local function texts(context)
  local out = {}
  for name, value in pairs(context) do
    out[name] = person.is_text(value) and value or value:gsub("[\128-\255]", "?")
  end
  return out
end

local function check(options)
  settings.check(options, OPTIONS, WHERE, '{ user = "ashley", context = { user_agent = agent, ip = address } }')
  settings.need(options, "user", "your own unchanging key of the person", WHERE)
  if not options.context then
    error(WHERE .. ": context must be a table, { user_agent = , ip = } of the person's request", 0)
  end
  settings.check(options.context, CONTEXT, WHERE .. ": context", '{ user_agent = agent, ip = address }')
  settings.need(options.context, "user_agent", "of the person's request", WHERE .. ": context")
  settings.need(options.context, "ip", "the person's address", WHERE .. ": context")
  settings.bounded(options, "risk_threshold", 0, 100, WHERE)
  settings.bounded(options, "expires_in", 1, 900, WHERE)
  settings.bounded(options, "max_tries", 1, 10, WHERE)
  local kept = { context = texts(options.context), max_tries = options.max_tries or 3,
    track = flow.copy(options.track) or nil }
  for _, name in ipairs(SENT) do kept[name] = options[name] end
  return kept
end

return flow.define {
  name = "smart_mfa", machine = MACHINE, check = check, advance = advance, need = need,

  begin = function(data, options) data.typed = options.user end,

  callable = function(data, client, where)
    settings.callable(where, client.smart_mfa.validate_user, body_of(data))
    settings.callable(where, client.smart_mfa.verify_token, { state_token = "-", otp_token = "1" })
    if data.options.track then settings.callable(where, client.risk.track_event, event_of(data, "log-in")) end
  end,

  form = {
    options = { max_tries = shape.number, expires_in = shape.maybe(shape.number), context = shape.record {
      user_agent = shape.text, ip = shape.text }, phone = shape.maybe(shape.text), email = shape.maybe(shape.text) },
    fields = { typed = shape.text, open = shape.maybe(shape.record { token = shape.text, expires = shape.number }) },
    needed = { CODE = { "open", "user" } },
  },
}

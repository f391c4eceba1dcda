-- Smart MFA: a risk score after somebody else's password check, and a code only when it is high.  The
-- score is that of the risk service (risk_score.lua), which learns of everybody who was let in here.
local factors = require("onelogin.sandbox.factors")
local risk_score = require("onelogin.sandbox.risk_score")
local json = require("onelogin.core").json

local smart_mfa = {}

local LIFE, MAX_LIFE, THRESHOLD = 480, 900, 50
local CREATED = 13 -- event type

local function bad(message)
  return 400, { name = "BadRequestError", message = message }
end

local function text(value)
  if type(value) == "string" and value ~= "" then return value end
end

-- The person of an identifier: known here already, a user with this name, or somebody new.  The first
-- e-mail address and number given stay theirs.
local function person(box, key, b)
  local known = box.store.smart_people[key]
  if known and box:people():peek(known.user_id) then return known end
  local people = box:people()
  local id = people:lookup("email", key) or people:lookup("username", key)
  if not id then
    local email = text(b.email)
    if email and people:lookup("email", email) then email = nil end
    id = box:add_user { username = key, email = email, phone = text(b.phone), firstname = text(b.firstname),
      lastname = text(b.lastname) }.id
    box:event(CREATED, { user_id = id })
  end
  known = { user_id = id }
  box.store.smart_people[key] = known
  return known
end

-- What the scorer hears of: no device at all counts as a device like any other.
local function event_of(key, context)
  return { user = { id = key }, ip = context.ip, user_agent = context.user_agent,
    device = { id = text(context.device_id) or text(context.device_fingerprint) or "" } }
end

local function tell(box, event, verb)
  event.verb = verb
  risk_score.remember(box, event, box.clock.wall())
end

local function uuid(box)
  local hex = box:token_hex(32)
  return ("%s-%s-4%s-a%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20), hex:sub(21, 32))
end

local function send(box, known, code)
  local to, kind = known.phone, "sms"
  if not to then to, kind = known.email, "email" end
  box.outbox[#box.outbox + 1] = { kind = kind, to = to, code = code, text = code .. " is your OneLogin code.",
    at = box.clock.wall(), user_id = known.user_id }
end

local function digits(box, n)
  local out = {}
  for i = 1, n do out[i] = ("%d"):format(math.floor(box:random() * 10)) end
  return table.concat(out)
end

local function open(box, key, known, event, life)
  local states, now = box.store.smart_states, box.clock.wall()
  for token, state in pairs(states) do
    if now >= state.expires then states[token], box.live[token] = nil, nil end
  end
  local token, code = uuid(box), digits(box, 6)
  box.live[token] = true
  states[token] = { key = key, code = code, event = event, expires = now + life }
  send(box, known, code)
  return token
end

smart_mfa["smart_mfa.validate_user"] = function(box, req)
  local b = type(req.body) == "table" and req.body or {}
  local key, context = text(b.user_identifier), type(b.context) == "table" and b.context or {}
  if not key then return bad("user_identifier is required") end
  if not text(context.user_agent) or not text(context.ip) then
    return bad("context.user_agent and context.ip are required")
  end
  local life = factors.seconds(b.expires_in, 1, MAX_LIFE, LIFE)
  local threshold = factors.seconds(b.risk_threshold, 0, 100, THRESHOLD)
  if not life then return bad("expires_in is invalid") end
  if not threshold then return bad("risk_threshold is invalid") end
  local known = person(box, key, b)
  known.phone, known.email = known.phone or text(b.phone), known.email or text(b.email)
  local event = event_of(key, context)
  local score, reasons = risk_score.of(box, event, risk_score.rules_of(box), risk_score.history_of(box, event))
  local answer = { user_id = known.user_id, risk = { score = score, reasons = json.array(reasons) },
    mfa = { otp_sent = false } }
  if score < threshold then
    tell(box, event, "log-in")
    return 200, answer
  end
  if not known.phone and not known.email then return bad("phone or email is required") end
  answer.mfa = { otp_sent = true, state_token = open(box, key, known, event, life) }
  return 200, answer
end

smart_mfa["smart_mfa.verify_token"] = function(box, req)
  local b = type(req.body) == "table" and req.body or {}
  local state = type(b.state_token) == "string" and box.store.smart_states[b.state_token]
  if not state or box.clock.wall() >= state.expires then return bad(factors.LAPSED) end
  local known = box.store.smart_people[state.key]
  local user = box.store.users[known.user_id]
  if factors.otp_text(b.otp_token) ~= state.code then
    tell(box, state.event, "authentication-challenge-fail")
    if user then factors.wrong(box, user) end
    return 401, { name = "Unauthorized", message = factors.WRONG }
  end
  box.store.smart_states[b.state_token], box.live[b.state_token] = nil, nil
  tell(box, state.event, "log-in")
  if user then factors.right(box, user) end
  return 200, "OK", { ["content-type"] = "text/plain" }
end

return smart_mfa

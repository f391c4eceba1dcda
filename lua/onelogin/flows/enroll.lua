-- Enrolling a person with a second factor: who, which factor, then a typed code or a press on the new device.
local answers = require("onelogin.flows.answer")
local machine = require("onelogin.flows.machine")
local flow = require("onelogin.flows.flow")
local factor = require("onelogin.flows.factor")
local devices = require("onelogin.flows.devices")
local person = require("onelogin.flows.person")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local setup = require("onelogin.flows.setup")
local shape = require("onelogin.flows.shape")

local API = { v1 = require("onelogin.flows.enroll_v1"), v2 = require("onelogin.flows.enroll_v2") }
local WHERE = "flows.enroll"

local OPTIONS = {
  user = "string", user_id = "string or number", version = "string", by = "string", factor = "string or number",
  name = "string", number = "string", verified = "boolean", expires_in = "number", timeout = "number",
  max_tries = "number", email = "string", redirect_to = "string", activate = "table",
  choose = "function", otp = "function", show = "function", on_wait = "function",
}

local LIFE = 600          -- seconds asked for on version 2: somebody may have to get the app first
local TOKEN_LIFE = 120    -- of version 1, where an enrolment cannot ask for more
local MOST_SENDS = 5

local enrolment = machine.define {
  name = "enroll", version = 1, first = "START",
  states = {
    START = "a typed name or a user's id", PERSON = "a user", CHOOSE = "factors to choose from",
    REGISTER = "a factor to be registered, or a device whose code is to be sent again", CODE = "a code is to be typed",
    WAIT = "the person is to answer on the new device", TIDY = "a device may be left that nobody confirmed",
    ENROLLED = "the device is enrolled", REFUSED = "not to be enrolled", TIMEOUT = "nobody answered in time",
    CANCELLED = "given up by the caller", BROKEN = "the service answered about something else",
  },
  final = { ENROLLED = true, REFUSED = true, TIMEOUT = true, CANCELLED = true, BROKEN = true },
  edges = person.edges {
    { "START", "known", "PERSON" },
    { "CHOOSE", "chosen", "REGISTER" },
    { "CHOOSE", "none", "REFUSED" },
    { "CHOOSE", "cancel", "CANCELLED" },
    { "REGISTER", "accepted", "ENROLLED" },
    { "REGISTER", "sent", "CODE" },
    { "REGISTER", "polled", "WAIT" },
    { "REGISTER", "impossible", "CHOOSE" },
    { "REGISTER", "gone", "TIDY" },
    { "REGISTER", "rejected", "REFUSED" },
    { "REGISTER", "exhausted", "TIDY" },
    { "REGISTER", "broken", "BROKEN" },
    { "REGISTER", "cancel", "TIDY" },
    { "CODE", "accepted", "ENROLLED" },
    { "CODE", "wrong", "CODE" },
    { "CODE", "exhausted", "TIDY" },
    { "CODE", "limited", "TIDY" },
    { "CODE", "rejected", "TIDY" },
    { "CODE", "locked", "TIDY" },
    { "CODE", "expired", "REGISTER" },
    { "CODE", "resend", "REGISTER" },
    { "CODE", "other", "TIDY" },
    { "CODE", "broken", "BROKEN" },
    { "CODE", "cancel", "TIDY" },
    { "WAIT", "pending", "WAIT" },
    { "WAIT", "accepted", "ENROLLED" },
    { "WAIT", "rejected", "REFUSED" },
    { "WAIT", "timeout", "TIMEOUT" },
    { "WAIT", "resend", "REGISTER" },
    { "WAIT", "other", "CHOOSE" },
    { "WAIT", "broken", "BROKEN" },
    { "WAIT", "cancel", "CANCELLED" },
    { "TIDY", "other", "CHOOSE" },
    { "TIDY", "refused", "REFUSED" },
    { "TIDY", "cancelled", "CANCELLED" },
    { "TIDY", "cancel", "TIDY" },
  },
}

local advance = {}

------------------------------------------------------------------------------------------------
-- Who, and which factor

function advance.START(self)
  local data = self.data
  if data.user then
    self:go("known")
    return true
  end
  return person.start(self)
end

local function none(self, message)
  return self:finish("none", fault.new("denied", "no_factor", message))
end

-- One shape for the factors of both versions: { id, type, name, factor }.
local function factors_of(self, rows)
  local list = {}
  for _, row in ipairs(rows) do
    local known = type(row) == "table" and devices.normalise({ device_id = answers.number(row.factor_id),
      auth_factor_name = self.api.name_of(row), user_display_name = row.name }, "v2")
    if known and self.api.types[known.type] then
      list[#list + 1] = { id = known.id, type = known.type, name = known.name, factor = known.factor }
    end
  end
  return list
end

function advance.PERSON(self)
  local rows, err = self.api.factors(self)
  if not rows then return nil, err end
  local list = factors_of(self, rows)
  if #list == 0 then return none(self, "there is no factor that the user could be enrolled with") end
  self.data.factors = list
  self:go("listed")
  return true
end

-- The factor of that id or that type; nil when its type is listed twice, and nil, true when there is none.
local function match(list, wanted)
  local matches = {}
  for _, row in ipairs(list) do
    if row.id == answers.id(wanted) then return row end
    if row.type == wanted then matches[#matches + 1] = row end
  end
  return #matches == 1 and matches[1] or nil, #matches == 0
end

local function unproven(self, row)
  return self.data.options.version == "v1" and row.type == "voice" and not self.data.options.verified
end

function advance.CHOOSE(self, input)
  local data, wanted = self.data, input.factor
  local preset = wanted == nil and not data.picked and data.options.factor
  if wanted == nil and not preset then return false end
  if type(wanted) == "table" then wanted = wanted.id end
  local row, missing = match(data.factors, preset or wanted)
  if preset and missing then
    return none(self, "the user cannot be enrolled with this factor")
  elseif preset and not row then
    return false
  elseif not row then
    return nil, fault.new("invalid", "unknown_factor", "the chosen factor is not one that was offered",
      { field = "factor" })
  end
  input.factor, data.picked = nil, true
  if unproven(self, row) then
    return nil, fault.new("invalid", "not_verified", "on version 1 voice can only be enrolled with verified = true, "
      .. "for a number that is proven", { field = "verified" })
  end
  data.factor = flow.copy(row)
  self:go("chosen")
  return true
end

------------------------------------------------------------------------------------------------
-- Registering, and the end that is wished for

local function enrolled(self)
  local data = self.data
  self:go("accepted")
  self:close_open()
  data.unconfirmed, data.note = nil, nil
  data.login = { enrolled = true, user_id = data.user.id, user = flow.copy(data.user),
    device = flow.copy(data.device), version = data.options.version, at = self:now() }
  return true
end

-- Words of the service against this factor, not against the credential or the way there: another may be chosen.
local ABOUT_FACTOR = { invalid = true, conflict = true }

function advance.REGISTER(self)
  local data, options = self.data, self.data.options
  if data.sends >= MOST_SENDS then
    return self:finish("exhausted", fault.new("denied", "too_many_sends", "the enrolment was started too often"))
  end
  local may, more, no = self:may_send()
  if not may then return more, no end
  local left = data.unconfirmed
  local life = options.expires_in or options.version == "v2" and LIFE or nil
  local began = self:now()
  local got, err = self.api.register(self, life)
  if not got then
    -- The message may have gone out.
    if err.kind == "decode" or err.kind == "timeout" then data.sends = data.sends + 1 end
    if not ABOUT_FACTOR[err.kind] then return self:world(err) end
    data.note = nil
    self:go(left and "gone" or "impossible")
    return nil, err
  end
  data.sends = data.sends + 1
  data.device = { id = got.device_id, type = data.factor.type, factor = data.factor.factor,
    name = options.name or data.factor.name }
  if got.word == "accepted" then return enrolled(self) end
  if got.word == "rejected" then
    return self:finish("rejected", fault.new("denied", "rejected", "the enrolment was refused"))
  end
  if options.version == "v1" and not left then life = TOKEN_LIFE end
  -- Counted from before the call on our own clock: the server's clock may be another.
  data.open = { token = got.token, setup = got.setup, expires = began + (life or TOKEN_LIFE) }
  if self.api.polls(self) then
    data.wait = factor.waiting(self, began, math.min(data.open.expires, began + (options.timeout or life)))
    self:go("polled")
  else
    self:go("sent")
  end
  return true
end

local function refused(self, event, reason, message)
  return self:finish(event, fault.new("denied", reason, message))
end

------------------------------------------------------------------------------------------------
-- CODE

local function again(self, note, event)
  local data = self.data
  self:drop_open()
  data.note = note
  self:go(event)
  return true
end

local function other(self, input)
  local data = self.data
  input.other = nil
  self:drop_open()
  data.device, data.note = nil, nil
  self:go("other")
  return true
end

-- A call whose answer was lost may have confirmed the device: look before another code is tried.
local function settle(self, input)
  local what, err = self.api.look(self)
  if what == nil then return self:world(err) end
  self.data.open.unsure = nil
  if what == "accepted" then return enrolled(self) end
  if what == "expired" then
    input.code = nil -- it was for the enrolment that is gone
    return again(self, "expired", "expired")
  end
  return false
end

function advance.CODE(self, input)
  local data = self.data
  if input.other then return other(self, input) end
  if input.resend then
    input.resend = nil
    return again(self, nil, "resend")
  end
  if data.open.unsure then
    local done, err = settle(self, input)
    if done ~= false then return done, err end
  end
  local code, more, bad = factor.take_code(input)
  if not code then return more, bad end
  if self:now() >= data.open.expires then return again(self, "expired", "expired") end
  local slot = self:reserve(self:subject())
  if not slot then return true end
  local what, err = self.api.check(self, code)
  local outcome = flow.outcome(what, err)
  self:judge(slot, outcome)
  if what == "accepted" then
    return enrolled(self)
  elseif what == "wrong" then
    data.tries = data.tries + 1
    if data.tries >= data.options.max_tries then
      return refused(self, "exhausted", "wrong_code", "the code was wrong too often")
    end
    data.note = "wrong"
    self:go("wrong")
    return false
  elseif what == "expired" then
    return again(self, "expired", "expired")
  elseif what == "rejected" then
    return refused(self, "rejected", "rejected", "the enrolment was refused")
  elseif what == "locked" then
    return refused(self, "locked", "locked", "the user is locked")
  end
  if outcome == "unknown" and err.reason ~= "mismatch" then data.open.unsure = true end
  return self:world(err)
end

-- The device of version 1 that nobody confirmed is taken away again: once, and when that fails its id is told.
function advance.TIDY(self)
  local data = self.data
  local failure, left = data.failure, data.unconfirmed
  if left then
    local ok = self.api.tidy(self)
    if not ok and failure then
      failure.message = ("%s; the device %s, which nobody confirmed, is still listed"):format(failure.message, left)
    end
  end
  data.unconfirmed, data.device = nil, nil
  self:go(not failure and "other" or failure.kind == "cancelled" and "cancelled" or "refused")
  return true
end

------------------------------------------------------------------------------------------------
-- WAIT

local function timed_out(self)
  return self:finish("timeout", fault.new("timeout", "timeout", "nobody answered in time"))
end

function advance.WAIT(self, input)
  if input.other then return other(self, input) end
  if input.resend then
    input.resend = nil
    return again(self, nil, "resend")
  end
  local what, err = factor.poll(self)
  if what == "early" then
    return false
  elseif what == "accepted" then
    return enrolled(self)
  elseif what == "rejected" then
    return refused(self, "rejected", "rejected", "the enrolment was refused on the device")
  elseif what == "late" or what == "expired" then
    return timed_out(self)
  end
  return factor.poll_later(self, what, err, timed_out)
end

------------------------------------------------------------------------------------------------
-- What is needed

local need = {}

function need.CHOOSE(self)
  return { need = "factor", factors = flow.copy(self.data.factors), note = self.data.note }
end

function need.CODE(self)
  local data = self.data
  return { need = data.open.setup and "setup" or "code", device = flow.copy(data.device),
    setup = setup.show(data.open.setup), tries_left = data.options.max_tries - data.tries, note = data.note,
    expires_in = math.max(0, data.open.expires - self:now()) }
end

function need.WAIT(self)
  local data, at, pending = self.data, self:now(), self.data.wait
  return { need = "wait", device = flow.copy(data.device), setup = setup.show(data.open.setup),
    after = math.max(0, pending.due - at), elapsed = at - pending.began,
    remaining = math.max(0, pending.deadline - at), polls = pending.polls, note = data.note }
end

------------------------------------------------------------------------------------------------
-- The callbacks of the one-call form: choose(factors), show(setup, device), otp(device, info), on_wait(info)

local CODES = { sms = true, email = true, authenticator = true, yubikey = true, unknown = true }

-- Gives up, so that nothing is left behind, and says why.
local function unusable(self, message)
  self:step { cancel = true }
  return nil, fault.new("invalid", "no_usable_factor", message)
end

local function usable(self, row, ask)
  local typed = CODES[row.type] and not self.data.options.verified
    and not (row.type == "email" and self.data.options.email == "link")
  if typed and not ask.otp then
    return unusable(self, "this factor is confirmed with a typed code, and no otp callback was given")
  end
  if (row.type == "authenticator" or row.type == "protect") and not ask.show then
    return unusable(self, "this factor is set up on a device, and no show callback was given")
  end
  return true
end

local asks = {}

function asks.factor(_, want, ask, self)
  local pick = want.factors[1]
  if ask.choose then
    pick = ask.choose(want.factors)
    if not pick then return { cancel = true } end
    if type(pick) == "number" and want.factors[pick] then pick = want.factors[pick] end
  elseif #want.factors > 1 then
    return unusable(self, "several factors can be enrolled: name one (factor), or give a choose callback")
  end
  local row = match(want.factors, type(pick) == "table" and pick.id or pick)
  if row then
    local ok, err = usable(self, row, ask)
    if not ok then return nil, err end
  end
  return { factor = row and row.id or pick }
end

-- Shows what is to be set up, once for each registration.
local function shown(want, ask, self)
  local token = self.data.open.token
  if want.setup and ask.show and self.shown ~= token then
    self.shown = token
    ask.show(want.setup, want.device)
  end
end

function asks.code(_, want, ask, self)
  local ok, err = usable(self, want.device, ask)
  if not ok then return nil, err end
  shown(want, ask, self)
  local code, instead = ask.otp(want.device, { tries_left = want.tries_left, note = want.note,
    expires_in = want.expires_in, setup = want.setup })
  if code then return { code = code } end
  if instead == "resend" or instead == "other" then return { [instead] = true } end
  return { cancel = true }
end

asks.setup = asks.code

function asks.wait(clock, want, ask, self)
  local ok, err = usable(self, want.device, ask)
  if not ok then return nil, err end
  shown(want, ask, self)
  local info = { device = want.device, setup = want.setup, elapsed = want.elapsed, remaining = want.remaining,
    polls = want.polls }
  if ask.on_wait and ask.on_wait(info) == false then return { cancel = true } end
  clock.sleep(want.after)
  return {}
end

------------------------------------------------------------------------------------------------

local KINDS = {}
for _, kind in ipairs(devices.TYPES) do KINDS[kind] = true end

-- The factor as a type or as an id in text.
local function wanted_factor(options, version)
  local given = options.factor
  if given == nil then return nil end
  local id = answers.number(given)
  if id then return id end
  local types = API[version].types
  if types[given] then return given end
  local list = {}
  for kind in pairs(types) do list[#list + 1] = kind end
  table.sort(list)
  error(("%s: factor must be the id of a factor or, on version \"%s\", one of the types %s"):format(WHERE, version,
    table.concat(list, ", ")), 0)
end

local function check_v1(options, kept)
  if not options.number or not options.number:find("^%+%d%d%d%d%d%d%d+$") or #options.number > 16 then
    error(WHERE .. ': on version "v1" number must be the telephone number, such as "+14155550123"', 0)
  end
  if kept.factor == "voice" and not options.verified then
    error(WHERE .. ': on version "v1" voice can only be enrolled with verified = true, for a number that is proven', 0)
  end
  if options.email or options.redirect_to then
    error(WHERE .. ': email and redirect_to exist on version "v2" only', 0)
  end
end

local function check_v2(options, kept)
  if options.number then
    error(WHERE .. ': on version "v2" the number is the one of the user\'s profile: leave number out', 0)
  end
  if options.verified and kept.factor and KINDS[kept.factor]
    and not (kept.factor == "sms" or kept.factor == "voice" or kept.factor == "email") then
    error(WHERE .. ": verified = true is for sms, voice and email only", 0)
  end
  if options.redirect_to and kept.email ~= "link" then
    error(WHERE .. ': redirect_to is where a magic link leads: it wants email = "link"', 0)
  end
end

local function check(options)
  settings.check(options, OPTIONS, WHERE, '{ user = "ashley@example.com", factor = "authenticator" }')
  local id = answers.number(options.user_id)
  if (options.user == nil) == (options.user_id == nil) then
    error(WHERE .. ": user, a name or e-mail address that was typed, or user_id must be given", 0)
  elseif options.user_id ~= nil and not id then
    error(WHERE .. ": user_id must be the id of a user", 0)
  end
  if options.name == "" then error(WHERE .. ": name must not be empty", 0) end
  settings.bounded(options, "expires_in", 120, 900, WHERE)
  settings.bounded(options, "timeout", 1, 900, WHERE)
  settings.bounded(options, "max_tries", 1, 10, WHERE)
  local kept = { name = options.name, number = options.number, verified = options.verified or nil,
    expires_in = options.expires_in, timeout = options.timeout, max_tries = options.max_tries or 3,
    redirect_to = options.redirect_to, activate = flow.copy(options.activate), user_id = id }
  kept.version = settings.one_of(options, "version", { "v1", "v2" }, WHERE, "v2",
    ': "v1" needs the scope Manage Users, "v2" Manage All')
  kept.by = settings.one_of(options, "by", { "email", "username" }, WHERE)
  kept.email = settings.one_of(options, "email", { "code", "link" }, WHERE, "code")
  kept.factor = wanted_factor(options, kept.version)
  if kept.version == "v1" then check_v1(options, kept) else check_v2(options, kept) end
  return kept
end

local text = shape.maybe(shape.text)
local FACTOR = shape.record { id = shape.digits, type = shape.text, name = shape.text }

local FORM = {
  options = { version = shape.one_of("v1", "v2"), by = shape.maybe(shape.one_of("email", "username")),
    email = shape.one_of("code", "link"), name = text, number = text, verified = shape.maybe(shape.flag),
    expires_in = shape.maybe(shape.number), timeout = shape.maybe(shape.number), max_tries = shape.number,
    redirect_to = text, activate = shape.maybe(shape.table), factor = text },
  fields = { user = shape.maybe(shape.record { id = shape.digits }), factors = shape.maybe(shape.list(FACTOR)),
    factor = shape.maybe(FACTOR), device = shape.maybe(shape.record { id = shape.text, type = shape.text }),
    unconfirmed = shape.maybe(shape.digits), wait = shape.maybe(factor.WAITING),
    open = shape.maybe(shape.record { token = shape.text, expires = shape.number, setup = shape.maybe(shape.record {
      totp_url = text, verification_token = text }) }) },
  needed = { PERSON = { "user" }, CHOOSE = { "user", "factors" }, REGISTER = { "user", "factors", "factor" },
    CODE = { "user", "factors", "factor", "device", "open" },
    WAIT = { "user", "factors", "factor", "device", "open", "wait" }, TIDY = { "user", "factors" } },
  whole = function(data)
    return (data.typed ~= nil or data.user ~= nil) and (data.unconfirmed == nil or data.device ~= nil)
      and API[data.options.version].whole(data)
  end,
}

return flow.define {
  name = "enroll", machine = enrolment, check = check,
  api = function(kept) return API[kept.version] end,
  begin = function(data, options)
    data.typed = options.user
    if data.options.user_id then data.user = { id = data.options.user_id } end
  end,
  form = FORM,
  callable = function(data, client, where) API[data.options.version].callable(client, where, data.options) end,
  advance = advance, need = need, asks = asks,
}

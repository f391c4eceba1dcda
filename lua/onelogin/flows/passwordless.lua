-- Signing a person in with a second factor alone: name, device, then a typed code or a press on a telephone.
local answer = require("onelogin.flows.answer")
local factor = require("onelogin.flows.factor")
local flow = require("onelogin.flows.flow")
local devices = require("onelogin.flows.devices")
local person = require("onelogin.flows.person")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local shape = require("onelogin.flows.shape")

local API = { v1 = require("onelogin.flows.v1"), v2 = require("onelogin.flows.v2") }
local WHERE = "flows.passwordless"

local OPTIONS = settings.extend(settings.FACTOR, {
  user = "string", version = "string", by = "string", expires_in = "number", activate = "table",
  try_every = "boolean", email = "string", redirect_to = "string", temporary = "boolean or string or number",
})

local machine = factor.machine("passwordless", 2, "START", {
  START = "a typed name", PERSON = "an active user",
}, person.edges {
  -- A code typed at once (try_every).
  { "CHOOSE", "accepted", "GRANTED" },
  { "CHOOSE", "wrong", "CHOOSE" },
  { "CHOOSE", "exhausted", "REFUSED" },
  { "CHOOSE", "limited", "REFUSED" },
  { "CHOOSE", "locked", "REFUSED" },
  { "CHOOSE", "broken", "BROKEN" },
  { "CODE", "expired", "TRIGGER" },
  { "CODE", "timeout", "TIMEOUT" },
  { "CODE", "rejected", "REFUSED" },
})

local advance = { START = person.start }

function advance.PERSON(self)
  local data = self.data
  local rows, err = self.api.devices(self.client, data.user.id)
  if not rows then return nil, err end
  local list, left_out = devices.list(rows, data.options)
  if #list == 0 then
    return self:finish("none", fault.new("denied", "no_devices", left_out > 0
      and "none of the user's devices is of an allowed type" or "the user has no device to sign in with"))
  end
  data.devices = list
  self:go("listed")
  return true
end

-- Devices whose code can be checked without anything being sent.  On v2 a code and a telephone of Protect go in one
-- call, which sends no push.
local function untriggered(self)
  local list = {}
  for _, device in ipairs(self.data.devices) do
    local silent = not device.needs_trigger or device.type == "protect" and self.api.types_without_token
    if silent and device.types then list[#list + 1] = device end
  end
  return list
end

-- Tries a code on one device after the other, the default first; each try counts.
local function try_every(self, input)
  local data = self.data
  local code, more, bad = factor.take_code(input)
  if not code then return more, bad end
  local list = untriggered(self)
  if #list == 0 then
    return nil, fault.new("denied", "no_usable_device", "no device of the user shows codes by itself")
  end
  for _, device in ipairs(list) do
    local slot = self:reserve(self:subject())
    if not slot then return true end
    data.device = flow.copy(device)
    local what, err = self.api.check(self, code)
    self:judge(slot, flow.outcome(what, err))
    if what == "accepted" then return factor.grant(self, "code") end
    data.device = nil
    if what == "locked" then return factor.locked(self) end
    if what == nil then return self:world(err) end
    if factor.count_wrong(self) then return true end
  end
  data.note = "wrong"
  self:go("wrong")
  return false
end

function advance.CHOOSE(self, input)
  if input.code ~= nil and input.device == nil and self.data.options.try_every then return try_every(self, input) end
  return factor.choose(self, input)
end

local function check(options)
  settings.check(options, OPTIONS, WHERE, '{ user = "ashley@example.com" }')
  settings.typed_name(options, WHERE)
  settings.bounded(options, "expires_in", 120, 900, WHERE)
  local kept = settings.factor(options, WHERE)
  kept.version = settings.one_of(options, "version", { "v1", "v2" }, WHERE, "v2",
    ': "v1" needs the scope Manage Users, "v2" Manage All')
  kept.by = settings.one_of(options, "by", { "email", "username" }, WHERE)
  kept.email = settings.one_of(options, "email", { "code", "link" }, WHERE, "code")
  if options.redirect_to and kept.email ~= "link" then
    error(WHERE .. ': redirect_to is where a magic link leads: it wants email = "link"', 0)
  end
  if kept.email == "link" and kept.version == "v1" then
    error(WHERE .. ': magic links exist on version "v2" only', 0)
  end
  if options.temporary == true and kept.version == "v2" then
    error(WHERE .. ": on version 2 temporary must be the device_id that mfa.generate_token answered", 0)
  end
  kept.temporary = options.temporary and (options.temporary == true and "0" or answer.id(options.temporary)) or nil
  kept.expires_in, kept.try_every, kept.redirect_to = options.expires_in, options.try_every, options.redirect_to
  kept.activate = flow.copy(options.activate)
  return kept
end

return flow.define {
  name = "passwordless", machine = machine, check = check,
  api = function(kept) return API[kept.version] end,
  begin = function(data, options) data.typed = options.user end,
  form = factor.form {
    options = settings.extend(settings.FACTOR_SHAPE, {
      version = shape.one_of("v1", "v2"), by = shape.maybe(shape.one_of("email", "username")),
      email = shape.one_of("code", "link"), temporary = shape.maybe(shape.text), redirect_to = shape.maybe(shape.text),
      expires_in = shape.maybe(shape.number), try_every = shape.maybe(shape.flag), activate = shape.maybe(shape.table),
    }),
    fields = { typed = shape.text, user = shape.maybe(shape.record { id = shape.digits }) },
    needed = { PERSON = { "user" } },
    whole = function(data) return API[data.options.version].whole(data) end,
  },
  callable = function(data, client, where) API[data.options.version].callable(client, where, data.options) end,
  advance = factor.advance(advance), need = factor.need(),

  -- Where an expired token leads: to a new code; but a push was waited for long enough.
  lapsed = function(self)
    local data = self.data
    if data.device.pushes or data.state == "WAIT" then return factor.timed_out(self) end
    self:drop_open()
    data.note = "expired"
    self:go("expired")
    return true
  end,
}

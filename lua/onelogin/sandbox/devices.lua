-- The MFA devices of a box: what each type is called in v1 and v2, how a person holding one behaves,
-- and the short-lived challenges (a state token, a verification, a registration) opened for it.
-- Everything that a snapshot must keep is plain data in box.store.
local totp = require("onelogin.sandbox.totp")
local random = require("onelogin.sandbox.random")
local store = require("onelogin.sandbox.store")
local util = require("onelogin.sandbox.util")

local M = {}

M.LIFE = 120      -- seconds a challenge lives unless more is asked for
M.MAX_LIFE = 900

-- type -> names on the wire and behaviour. `answers`: the person answers on the device itself (a
-- press or a keyed-in number), `code`: there is a code to type, `sends`: the code goes out first.
M.TYPES = {
  protect = { v1 = "OneLogin Protect", v2 = "OneLogin", trigger = true, answers = true, code = "totp",
    factor_id = 58958 },
  sms = { v1 = "OneLogin SMS", v2 = "SMS", trigger = true, code = "sent", sends = "sms", factor_id = 58959 },
  voice = { v1 = "OneLogin Voice", v2 = "OneLogin Voice", trigger = true, answers = true, code = "sent",
    sends = "voice", factor_id = 58960 },
  email = { v1 = "OneLogin Email", v2 = "OneLogin Email", trigger = true, code = "sent", sends = "email",
    factor_id = 58961 },
  totp = { v1 = "Google Authenticator", v2 = "Google Authenticator", code = "totp", factor_id = 58957,
    label = "Authenticator" },
  yubikey = { v1 = "Yubico YubiKey", v2 = "Yubico YubiKey", code = "press" },
  duo = { v1 = "Duo", v2 = "Duo", trigger = true, code = "totp" },
}
M.ORDER = { "protect", "sms", "voice", "email", "totp" } -- the factors a person can enrol
M.BY_FACTOR = {}
for kind, t in pairs(M.TYPES) do
  if t.factor_id then M.BY_FACTOR[t.factor_id] = kind end
end

-- The MFA part of the store, made when first needed.  The devices themselves are box.store.devices,
-- where the deletion of a user finds them.
function M.room(box)
  local mfa = box.store.mfa
  if not mfa.of_user then
    mfa.of_user, mfa.challenges, mfa.temporary = {}, {}, {}
  end
  return mfa
end

-- What a person does when the telephone rings: "approve", "deny", "ignore", or a table with one of
-- the words first (or as `how`, where it comes as JSON) and `after` (seconds) or `polls` (the poll that sees the
-- answer).
local function behaviour(value, where)
  local given = type(value) == "table" and value or { value }
  local word = given.how or given[1]
  if word ~= "approve" and word ~= "deny" and word ~= "ignore" then
    error(where .. ': expected "approve", "deny", "ignore" or { "approve", after = seconds, polls = n }', 3)
  end
  for k, v in pairs(given) do
    if k ~= 1 and k ~= "how" and (k ~= "after" and k ~= "polls" or type(v) ~= "number" or v < 0) then
      error(where .. ": `after` is seconds, `polls` a count, and nothing else is known", 3)
    end
  end
  return { word, after = given.after, polls = given.polls }
end

M.behaviour = behaviour

-- Somebody who looks at the telephone and says yes: long enough that a client must poll.
local DEFAULT_PUSH = { "approve", after = 4 }

local OPTIONS = { name = true, default = true, active = true, secret = true, phone = true, email = true, push = true,
  needs_trigger = true, drift = true, link = true }

local function default_name(kind)
  local t = M.TYPES[kind]
  return t.label or t.v1
end

local function create(box, user, kind, opts, secret, id)
  local mfa = M.room(box)
  id = id or box:new_id("devices")
  local mine = mfa.of_user[user.id]
  local t = M.TYPES[kind]
  local active = opts.active ~= false
  local device = {
    id = id, user_id = user.id, type = kind, active = active,
    name = opts.name or default_name(kind),
    phone = (kind == "sms" or kind == "voice") and (opts.phone or user.phone or "") or nil,
    email = kind == "email" and (opts.email or user.email or "") or nil,
    secret = secret, link = opts.link, drift = opts.drift, push = opts.push,
    trigger = t.trigger and opts.needs_trigger ~= false or false,
    last = -1, default = false,
  }
  mine[#mine + 1] = id
  box.store.devices[id] = device
  if opts.default or active and not M.default_of(box, user.id) then
    M.make_default(box, device)
  end
  return device
end

function M.default_of(box, user_id)
  for _, id in ipairs(M.room(box).of_user[user_id] or {}) do
    local device = box.store.devices[id]
    if device and device.default then return device end
  end
end

function M.make_default(box, device)
  local mfa = M.room(box)
  for _, id in ipairs(mfa.of_user[device.user_id]) do
    box.store.devices[id].default = false
  end
  device.default = true
end

local function new_secret(box)
  return totp.base32((box:token_hex(40):gsub("%x%x", function(hex) return string.char(tonumber(hex, 16)) end)))
end

-- Throws when there is no such user, since only the owner of the box asks.
function M.find_user(box, who, where)
  local user = box:find_user(who)
  if user then return user end
  error(("%s: this box has no user %q"):format(where, tostring(who)), 3)
end

-- Devices of generated users follow from the seed and the user's number alone, secrets and ids too,
-- so they can be made when first asked for, in whatever order.
local GENERATED_IDS = 3920000

local MIXES = {
  { "totp" }, { "protect", "totp" }, { "sms" }, { "protect", "sms", "totp" }, { "totp", "email" }, {},
  { "protect" }, { "sms", "voice" },
}

local function generated_secret(number, index, n)
  local bytes = {}
  for i = 1, 20 do
    bytes[i] = string.char(random.hash(number, index, n * 64 + i) % 256)
  end
  return totp.base32(table.concat(bytes))
end

-- Ashley has one of each common kind and Akua a telephone that takes pushes, for examples and tests.
local KNOWN = { { "totp", "sms", "protect" }, { "protect", "totp" } }

-- Gives a generated user the devices of the seed, once; others start without any.
local function seed(box, user, mfa)
  mfa.of_user[user.id] = {}
  local company = store.people(box.store).company
  local index = company:index_of(user.id)
  if not index then return end
  local mix = KNOWN[index] or MIXES[random.hash(company.seed, index, 7) % #MIXES + 1]
  for n, kind in ipairs(mix) do
    create(box, user, kind, {}, generated_secret(company.seed, index, n), GENERATED_IDS + index * 8 + n)
  end
end

-- The devices of a user in the order in which they came.
function M.of(box, user)
  local mfa = M.room(box)
  if not mfa.of_user[user.id] then
    seed(box, user, mfa)
  end
  local list = {}
  for _, id in ipairs(mfa.of_user[user.id] or {}) do
    list[#list + 1] = box.store.devices[id]
  end
  return list
end

function M.get(box, user, id)
  for _, device in ipairs(M.of(box, user)) do
    if device.id == id then return device end
  end
end

function M.remove(box, device)
  local mfa = M.room(box)
  local mine = mfa.of_user[device.user_id]
  for i, id in ipairs(mine) do
    if id == device.id then
      table.remove(mine, i)
      break
    end
  end
  box.store.devices[device.id] = nil
  for id, challenge in pairs(mfa.challenges) do
    if challenge.device_id == device.id then mfa.challenges[id] = nil end
  end
  for _, id in ipairs(device.default and mine or {}) do
    if box.store.devices[id].active then
      box.store.devices[id].default = true
      break
    end
  end
end

function M.enrol(box, user, kind, opts)
  M.of(box, user)
  return create(box, user, kind, opts, new_secret(box))
end

------------------------------------------------------------------------------------------------
-- Challenges

-- opts: family, life, code, link, answers.  The answer of the person is decided when it is looked at.
function M.challenge(box, device, id, opts)
  local mfa, now = M.room(box), box.clock.wall()
  for old, challenge in pairs(mfa.challenges) do
    if now > challenge.expires then mfa.challenges[old] = nil end
  end
  local challenge = {
    id = id, family = opts.family, user_id = device.user_id, device_id = device.id, code = opts.code, link = opts.link,
    created = now, expires = now + (opts.life or M.LIFE), polls = 0, status = "pending",
  }
  if opts.answers then
    challenge.push = device.next_push or device.push or behaviour(box.options.push or DEFAULT_PUSH, "push")
    device.next_push = nil
  end
  mfa.challenges[id] = challenge
  return challenge
end

-- The live challenge of that id and family, else nil: unknown, lapsed and used look alike.
function M.live(box, id, family, user_id, device_id)
  local challenge = type(id) == "string" and M.room(box).challenges[id]
  if not challenge or challenge.family ~= family or challenge.user_id ~= user_id
    or device_id and challenge.device_id ~= device_id or box.clock.wall() >= challenge.expires then
    return nil
  end
  return challenge
end

-- One poll: lets the person's behaviour take effect and returns the status.
function M.poll(box, challenge)
  local push = challenge.push
  challenge.polls = challenge.polls + 1
  if challenge.status == "pending" and push and push[1] ~= "ignore"
    and box.clock.wall() - challenge.created >= (push.after or 0) and challenge.polls >= (push.polls or 0) then
    challenge.status = push[1] == "approve" and "accepted" or "rejected"
  end
  return challenge.status
end

local CODE_LETTERS, CODE_CHARS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"

-- Six characters; with `numeric` digits only, otherwise a letter first, so that nobody takes the
-- code for a number.
function M.new_code(box, numeric)
  local out = {}
  for i = 1, 6 do
    local set = numeric and "0123456789" or i == 1 and CODE_LETTERS or CODE_CHARS
    local at = math.floor(box:random() * #set) + 1
    out[i] = set:sub(at, at)
  end
  return table.concat(out)
end

function M.post(box, device, entry)
  entry.at, entry.user_id, entry.device_id = box.clock.wall(), device.user_id, device.id
  box.outbox[#box.outbox + 1] = entry
end

-- A code the device itself makes: right once.
local function own_code_ok(box, device, code)
  local key, how = totp.unbase32(device.secret), M.TYPES[device.type].code
  local at
  if how == "totp" then
    at = totp.check(key, code, box.clock.wall(), device.last)
  elseif how == "press" then
    at = totp.check_press(key, code, device.last)
  end
  if at then device.last = at end
  return at ~= nil
end

-- A temporary token stands in for any device; one that is not reusable goes with its first use.
function M.temporary_ok(box, user_id, code)
  local tokens, now = M.room(box).temporary[user_id] or {}, box.clock.wall()
  for i, token in ipairs(tokens) do
    if token.code == code and now < token.expires then
      if not token.reusable then table.remove(tokens, i) end
      return true
    end
  end
  return false
end

-- Is `code` right for the device (and the challenge, when one is open)?
function M.code_ok(box, device, challenge, code)
  if type(code) ~= "string" or code == "" then return false end
  if challenge and challenge.code and code == challenge.code then
    challenge.code = nil
    return true
  end
  return own_code_ok(box, device, code) or M.temporary_ok(box, device.user_id, code)
end

------------------------------------------------------------------------------------------------
-- What the owner of a box may do; the framework mixes these into the box

local box_methods = {}
M.methods = box_methods

--- Enrols a device; type: protect, sms, voice, email, totp, yubikey or duo. Returns the live record:
-- id, secret (base 32), name, phone ...
function box_methods:add_device(who, kind, opts)
  opts = opts or {}
  if not M.TYPES[kind] then
    error("add_device: unknown type '" .. tostring(kind) .. "' (protect, sms, voice, email, totp, yubikey, duo)", 2)
  end
  util.check_names(opts, OPTIONS, "add_device")
  local made = {}
  for k, v in pairs(opts) do made[k] = v end
  if opts.push ~= nil then made.push = behaviour(opts.push, "add_device: push") end
  local user = M.find_user(self, who, "add_device")
  M.of(self, user) -- so that the seed's devices, if any, come first
  if opts.secret ~= nil and (type(opts.secret) ~= "string" or not totp.unbase32(opts.secret)) then
    error("add_device: secret must be base 32 text", 2)
  end
  return create(self, user, kind, made, opts.secret or new_secret(self))
end

--- The devices of a user: live records, secrets included.
function box_methods:devices(who)
  return M.of(self, M.find_user(self, who, "devices"))
end

--- The code that the device shows now (TOTP, Protect, Duo), or the next press of a YubiKey.  `device` is its record,
-- its id, or what a flow shows of it (whose id may be a string of digits).
function box_methods:totp(device)
  local id = type(device) == "table" and device.id or device
  device = id ~= nil and self.store.devices[tonumber(id) or id] or nil
  if not device then error("totp: expected a device of this box", 2) end
  local key, how = totp.unbase32(device.secret), M.TYPES[device.type].code
  if how == "press" then return totp.press(key, device.last + 1) end
  if how ~= "totp" then error("totp: codes of this device are sent; see box.outbox", 2) end
  return totp.code(key, self.clock.wall() + (device.drift or 0))
end

--- How the person meets the next push or call (`who`: a user, whose devices all learn it).
function box_methods:on_push(who, how)
  how = behaviour(how, "on_push")
  for _, device in ipairs(M.of(self, M.find_user(self, who, "on_push"))) do
    if M.TYPES[device.type].answers then device.next_push = { how[1], after = how.after, polls = how.polls } end
  end
end

local function answer(box, who, status, where)
  local user, newest = M.find_user(box, who, where), nil
  for _, challenge in pairs(M.room(box).challenges) do
    if challenge.user_id == user.id and challenge.status == "pending" and (challenge.push or challenge.link)
      and box.clock.wall() < challenge.expires
      and (not newest or challenge.created > newest.created
        or challenge.created == newest.created and challenge.id > newest.id) then
      newest = challenge
    end
  end
  if newest then newest.status = status end
  return newest ~= nil
end

--- The person presses Yes on the newest open push, call or link; false when none is open.
function box_methods:approve(who) return answer(self, who, "accepted", "approve") end

--- The person presses No.
function box_methods:deny(who) return answer(self, who, "rejected", "deny") end

return M

-- The machine behind login and SAML: a password, then a second factor where one is due.  One state
-- token stands for the checked password and serves all devices: it survives wrong codes, ends with the
-- first success, a refused push or two minutes, and is good only where, and for what, it was given.
-- Both halves answer an outcome, which each family of routes puts into its own words:
--   { status =, message = }                   refused
--   { pending = message }                     wait for the person
--   { token =, devices =, user =, callback = } a second factor is due
--   { granted = user, kept = }                in; kept = what `begin` was given to keep
local devices = require("onelogin.sandbox.devices")
local factors = require("onelogin.sandbox.factors")
local passwords = require("onelogin.sandbox.passwords")
local util = require("onelogin.sandbox.util")
local view = require("onelogin.sandbox.user_view")
local json = require("onelogin.core").json

local sign_in = {}

local LIFE = 120
local FAMILY = "sign-in"

sign_in.FAMILY = FAMILY -- of the challenges behind a state token: TOKEN:DEVICE

local REASONS = {
  unknown = "Authentication Failed: Invalid user credentials",
  wrong = "Authentication Failed: Invalid user credentials",
  barred = "Authentication Failed: Invalid user credentials",
  locked = "User is locked. Access is unauthorized",
}

local function refused(status, message)
  return { status = status, message = message }
end

-- A member of the body as text; numbers may stand for their digits, and nil for what is empty.
local function text_of(value)
  if type(value) == "number" then value = ("%.0f"):format(value) end
  if type(value) == "string" and value ~= "" then return value end
end

sign_in.text_of = text_of

local function body_of(req)
  return type(req.body) == "table" and req.body or {}
end

local WHO = { "id", "username", "email", "firstname", "lastname" }

--- The person as the answers show them; `fields` names others, by commas.
function sign_in.who(box, user, fields)
  local out = {}
  if type(fields) == "string" and fields ~= "" then
    local all = view.v1(box, user)
    out.id = user.id
    for name in fields:gmatch("[%w_]+") do out[name] = all[name] end
    return out
  end
  for _, name in ipairs(WHO) do out[name] = user[name] == nil and json.null or user[name] end
  return out
end

------------------------------------------------------------------------------------------------
-- State tokens

local function spend(box, token)
  box.store.sign_ins[token], box.live[token] = nil, nil
  local challenges = devices.room(box).challenges
  for id in pairs(challenges) do
    if id:sub(1, #token + 1) == token .. ":" then challenges[id] = nil end
  end
end

local function open(box, req, purpose, user, kept)
  for token, record in pairs(box.store.sign_ins) do
    if req.now >= record.expires then spend(box, token) end
  end
  local token = box:token_hex(40)
  box.live[token] = true
  box.store.sign_ins[token] = { user_id = user.id, purpose = purpose, host = req.origin, kept = kept,
    expires = req.now + LIFE }
  return token
end

------------------------------------------------------------------------------------------------
-- The first half

local DUO_HOST = "api-sandbox.duosecurity.invalid"

local function shown_devices(box, user)
  local list = json.array {}
  for _, device in ipairs(devices.of(box, user)) do
    if device.active then
      local row = { device_id = device.id, device_type = devices.TYPES[device.type].v1 }
      if device.type == "duo" then
        row.device_type = "Duo Duo Security"
        row.duo_sig_request = "TX|" .. box:token_hex(32) .. ":APP|" .. box:token_hex(32)
        row.duo_api_hostname = DUO_HOST
      end
      list[#list + 1] = row
    end
  end
  return list
end

-- The user's own flag wins over the option of the box; "auto" asks those who have a device.
local function is_due(box, user, list)
  local must = user.mfa_required
  if must == nil then must = box.options.mfa_required end
  if must == "auto" then return #list > 0 end
  return must
end

--- Checks the password.  `o`: purpose ("login", "saml:123": what the state token is good for), path
-- (of the second half), strict (true: blank app or account is a "bad request"), check (function of the
-- user, which may refuse), kept (handed back at the end).
function sign_in.begin(box, req, o)
  local b = body_of(req)
  local name, password, subdomain = text_of(b.username_or_email), text_of(b.password), text_of(b.subdomain)
  if o.strict and not subdomain then return refused(400, "bad request") end
  if not subdomain or subdomain:lower() ~= box.subdomain:lower() then return refused(400, "Invalid subdomain") end
  if not name then return refused(400, "username is empty") end
  if not password then return refused(400, "password is empty") end
  local user, why = passwords.try(box, { "email", "username" }, name, password)
  if not user then return refused(401, REASONS[why]) end
  local no = o.check and o.check(user)
  if no then return no end
  local list = shown_devices(box, user)
  if not is_due(box, user, list) then
    passwords.forget_failures(box, user)
    return { granted = user, kept = o.kept }
  end
  if #list == 0 then return refused(400, "MFA is required for this user, who has no factor yet") end
  -- The same place, or (option `other_region`) one where nobody knows the token.
  local base = box.options.other_region and "https://api.eu.onelogin.invalid" or req.origin
  return { token = open(box, req, o.purpose, user, o.kept), devices = list, user = user, callback = base .. o.path }
end

------------------------------------------------------------------------------------------------
-- The second half

local function without_code(box, req, token, record, user, device, quiet)
  if not device.trigger then return refused(400, factors.BLANK) end
  local key = token .. ":" .. ("%.0f"):format(device.id)
  local challenge = devices.live(box, key, FAMILY, user.id, device.id)
  local answers = devices.TYPES[device.type].answers or device.link
  if challenge and answers then
    local status = devices.poll(box, challenge)
    if status == "accepted" then
      spend(box, token)
      factors.right(box, user, device)
      return { granted = user, kept = record.kept }
    elseif status == "rejected" then
      spend(box, token)
      factors.event(box, factors.EVENTS.failed, user, device)
      return refused(401, factors.WRONG)
    end
  end
  -- What the person answers goes out unless told otherwise; a code to type always does.
  if not (quiet and answers) then
    local how = factors.send(box, device, record.expires - req.now, { origin = req.origin, placeholder = "expiration" })
    if challenge and answers then
      -- Asked once more: the answer to the first question still counts.
      challenge.code, challenge.link = how.code, how.link
    else
      how.family = FAMILY
      devices.challenge(box, device, key, how)
    end
  end
  return { pending = factors.SENT[device.type] }
end

--- Checks the second factor; `purpose` as it was for `begin`.
function sign_in.verify(box, req, purpose)
  local b = body_of(req)
  local token = text_of(b.state_token)
  local record = token and box.store.sign_ins[token]
  if not record or record.purpose ~= purpose or record.host ~= req.origin or req.now >= record.expires then
    return refused(400, factors.LAPSED)
  end
  local user = box.store.users[record.user_id]
  if not user or passwords.barred(box, user) then
    spend(box, token)
    return refused(401, REASONS.locked)
  end
  local id = util.to_integer(text_of(b.device_id))
  local device = id and devices.get(box, user, id)
  if not device or not device.active then return refused(400, factors.NOT_FOUND) end
  local otp = text_of(b.otp_token)
  if not otp then return without_code(box, req, token, record, user, device, b.do_not_notify == true) end
  local challenge = devices.live(box, token .. ":" .. ("%.0f"):format(id), FAMILY, user.id, id)
  if not devices.code_ok(box, device, challenge, otp) then
    factors.wrong(box, user, device)
    return refused(401, factors.WRONG)
  end
  spend(box, token)
  factors.right(box, user, device)
  return { granted = user, kept = record.kept }
end

return sign_in

-- The answers of the MFA resources, v1 and v2, as functions of (box, request) that return status,
-- body and headers.  Where the record of the real service is silent the choice made here is written
-- down in docs/design/flows.md ("What the sandbox decides").
local devices = require("onelogin.sandbox.devices")
local factors = require("onelogin.sandbox.factors")
local fail = require("onelogin.sandbox.fail")
local totp = require("onelogin.sandbox.totp")
local util = require("onelogin.sandbox.util")
local json = require("onelogin.core").json

local LAPSED, WRONG, SENT, E = factors.LAPSED, factors.WRONG, factors.SENT, factors.EVENTS
local event, wrong, right, send = factors.event, factors.wrong, factors.right, factors.send
local otp_text, seconds = factors.otp_text, factors.seconds

local H = {}

local function array(list)
  return json.array(list)
end

-- v2 answers of one object come bare (as the live tests of one SDK saw) or as the documentation
-- prints them, in an array of one.
local function one(box, object)
  if box.options.mfa_array then return array { object } end
  return object
end

local function stamp(t)
  return util.iso(t, true)
end

local function id_text(id)
  return ("%.0f"):format(id)
end

------------------------------------------------------------------------------------------------
-- People

local function user_of(box, req)
  local id = util.to_integer(req.ids.user_id)
  return id and box.store.users[id], id
end

local function not_found_v1(req)
  if not util.to_integer(req.ids.user_id) then
    return fail.v1(400, nil, "ID is incorrect", "id")
  end
  return fail.v1(404, nil, ("User for id %s was not found"):format(req.ids.user_id))
end

local function not_found_v2()
  return fail.v2(404, "NotFound",
    "The resource can't be found or the server has not found anything matching the Request-URI")
end

-- v1: wraps a handler that needs the user.
local function v1(handler)
  return function(box, req)
    local user = user_of(box, req)
    if not user then return not_found_v1(req) end
    return handler(box, req, user, type(req.body) == "table" and req.body or {})
  end
end

local function v2(handler)
  return function(box, req)
    local user = user_of(box, req)
    if not user then return not_found_v2() end
    return handler(box, req, user, type(req.body) == "table" and req.body or {})
  end
end

------------------------------------------------------------------------------------------------
-- Version 1

local V1_FACTORS = { "sms", "voice" } -- all that v1 can enrol

local function open_factors_v1(box, user)
  local taken, list = {}, {}
  for _, device in ipairs(devices.of(box, user)) do
    if device.active then taken[device.type] = true end
  end
  for _, kind in ipairs(V1_FACTORS) do
    if not taken[kind] then list[#list + 1] = kind end
  end
  return list
end

local function success_v1(text, data)
  local answer = fail.success(data)
  answer.status.message = text or answer.status.message
  return answer
end

local function device_v1(device)
  local t = devices.TYPES[device.type]
  return {
    id = device.id, active = device.active, default = device.default, needs_trigger = device.trigger,
    auth_factor_name = t.v1, type_display_name = t.v1, user_display_name = device.name, phone_number = device.phone,
  }
end

local function own_device(box, user, req)
  local id = util.to_integer(req.ids.device_id)
  return id and devices.get(box, user, id)
end

H["mfa_v1.list_factors"] = v1(function(box, _, user)
  local list = array {}
  for _, kind in ipairs(open_factors_v1(box, user)) do
    list[#list + 1] = { name = devices.TYPES[kind].v1, factor_id = devices.TYPES[kind].factor_id }
  end
  return 200, success_v1(nil, { auth_factors = list })
end)

H["mfa_v1.list_devices"] = v1(function(box, _, user)
  local list = array {}
  for _, device in ipairs(devices.of(box, user)) do
    list[#list + 1] = device_v1(device)
  end
  return 200, success_v1(nil, { otp_devices = list })
end)

-- Opens a state token for a device; the code, push or call goes out with it.
local function open_state(box, device, life, opts)
  opts.placeholder = "expiration"
  local how = send(box, device, life, opts)
  if not how then return nil end
  how.family = "v1"
  return devices.challenge(box, device, box:token_hex(40), how)
end

H["mfa_v1.enroll_factor"] = v1(function(box, req, user, body)
  local wanted
  for _, kind in ipairs(open_factors_v1(box, user)) do
    if devices.TYPES[kind].factor_id == body.factor_id then wanted = kind end
  end
  if not wanted then return fail.v1(400, nil, "Factor could not be found") end
  if type(body.display_name) ~= "string" or body.display_name == "" then
    return fail.v1(400, nil, "display_name is empty")
  end
  if type(body.number) ~= "string" or not body.number:find("^%+%d%d%d%d%d%d%d+$") or #body.number > 16 then
    return fail.v1(400, nil, "number is incorrect")
  end
  if wanted == "voice" and body.verified ~= true then
    return fail.v1(400, nil, "OneLogin Voice can only be enrolled as verified")
  end
  local device = devices.enrol(box, user, wanted,
    { name = body.display_name, phone = body.number, active = body.verified == true })
  local row = device_v1(device)
  if device.active then
    event(box, E.registered, user, device)
  else
    row.state_token = open_state(box, device, devices.LIFE, { origin = req.origin }).id
  end
  return 200, success_v1(nil, array { row })
end)

H["mfa_v1.activate_factor"] = v1(function(box, req, user, body)
  local device = own_device(box, user, req)
  if not device then return fail.v1(400, nil, "Factor could not be found") end
  if not device.trigger then return fail.v1(400, nil, "Factor does not need to be activated") end
  local life = seconds(body.state_token_expires_in, 1, devices.MAX_LIFE, devices.LIFE)
  if not life then return fail.v1(400, nil, "state_token_expires_in is incorrect") end
  local challenge = open_state(box, device, life,
    { origin = req.origin, numeric = body.numeric_sms_otp == true, template = body.sms_message })
  if not challenge then return fail.v1(400, nil, "sms_message is too long") end
  local row = {
    id = user.id, device_id = device.id, active = false, state_token = challenge.id,
    state_token_expires_at = stamp(challenge.expires), auth_factor_name = devices.TYPES[device.type].v1,
    type_display_name = devices.TYPES[device.type].v1, user_display_name = device.name,
  }
  if device.type == "duo" then
    row.duo_sig_request = "TX|" .. box:token_hex(32) .. ":APP|" .. box:token_hex(32)
    row.duo_api_hostname = "api-sandbox.duosecurity.invalid"
  end
  return 200, success_v1(SENT[device.type], array { row })
end)

-- The end of a verification that went well: the token is spent, a pending device becomes active.
local function granted_v1(box, user, device, challenge)
  if challenge then devices.room(box).challenges[challenge.id] = nil end
  if not device.active then
    device.active = true
    if not devices.default_of(box, user.id) then devices.make_default(box, device) end
    event(box, E.registered, user, device)
  end
  right(box, user, device)
  return 200, success_v1()
end

H["mfa_v1.verify_factor"] = function(box, req)
  local user = user_of(box, req)
  if not user then return fail.v1(400, nil, "User does not exist") end
  local body = type(req.body) == "table" and req.body or {}
  local otp = otp_text(body.otp_token)
  if req.ids.device_id == "0" then -- a temporary token, for those without a device
    if type(otp) ~= "string" or otp == "" then return fail.v1(400, nil, "OTP token blank") end
    if devices.temporary_ok(box, user.id, otp) then
      right(box, user)
      return 200, success_v1()
    end
    wrong(box, user)
    return fail.v1(401, nil, WRONG)
  end
  local device = own_device(box, user, req)
  if not device then return fail.v1(400, nil, "Factor could not be found") end
  local challenge
  if device.trigger or body.state_token ~= nil and body.state_token ~= json.null then
    challenge = devices.live(box, body.state_token, "v1", user.id, device.id)
    if not challenge then return fail.v1(400, nil, LAPSED) end
  end
  if type(otp) == "string" and otp ~= "" then
    if devices.code_ok(box, device, challenge, otp) then return granted_v1(box, user, device, challenge) end
    wrong(box, user, device)
    return fail.v1(401, nil, WRONG)
  end
  if not challenge or not (challenge.push or challenge.link) then return fail.v1(400, nil, "OTP token blank") end
  local status = devices.poll(box, challenge)
  if status == "accepted" then return granted_v1(box, user, device, challenge) end
  if status == "rejected" then
    devices.room(box).challenges[challenge.id] = nil
    event(box, E.failed, user, device)
    return fail.v1(401, nil, WRONG)
  end
  return 200, { status = { type = "pending", code = 200, message = SENT[device.type], error = false } }
end

H["mfa_v1.remove_factor"] = v1(function(box, req, user)
  local device = own_device(box, user, req)
  if not device then return fail.v1(400, nil, "Factor could not be found") end
  devices.remove(box, device)
  event(box, E.removed, user, device)
  return 200, {}
end)

------------------------------------------------------------------------------------------------
-- Temporary tokens: the same store, two answers

local LONGEST = 259200

local function temporary(box, user, body)
  local life = seconds(body.expires_in, 120, LONGEST, LONGEST)
  local reusable = body.reusable
  if reusable == "true" then reusable = true elseif reusable == "false" then reusable = false end
  if not life or reusable ~= nil and reusable ~= json.null and type(reusable) ~= "boolean" then return nil end
  local mfa, now = devices.room(box), box.clock.wall()
  local tokens = mfa.temporary[user.id] or {}
  for i = #tokens, 1, -1 do
    if now >= tokens[i].expires then table.remove(tokens, i) end
  end
  local digits = {}
  for i = 1, 8 do digits[i] = ("%d"):format(math.floor(box:random() * 10)) end
  local token = { code = table.concat(digits), reusable = reusable == true, expires = now + life }
  tokens[#tokens + 1] = token
  mfa.temporary[user.id] = tokens
  return { mfa_token = token.code, reusable = token.reusable, expires_at = stamp(token.expires) }
end

H["mfa_v1.generate_token"] = v1(function(box, _, user, body)
  local row = temporary(box, user, body)
  if not row then return fail.v1(400, nil, "expires_in is incorrect") end
  return 200, row
end)

local function refused_v2(names)
  return 422, { statusCode = 422, name = "ValidationError", message = "Validations failed",
    details = { parameters = array(names) } }
end

H["mfa.generate_token"] = v2(function(box, _, user, body)
  local row = temporary(box, user, body)
  if not row then return refused_v2 { "expires_in" } end
  row.device_id = "user_temp_otp_" .. id_text(user.id)
  return 201, row
end)

------------------------------------------------------------------------------------------------
-- Version 2

local function names_v2(device)
  return {
    device_id = id_text(device.id), user_display_name = device.name,
    type_display_name = devices.TYPES[device.type].label or devices.TYPES[device.type].v1,
    auth_factor_name = devices.TYPES[device.type].v2,
  }
end

local function uuid(box)
  local hex = box:token_hex(32)
  return ("%s-%s-4%s-a%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20), hex:sub(21, 32))
end

H["mfa.list_factors"] = v2(function(_, _, _)
  local list = array {}
  for _, kind in ipairs(devices.ORDER) do
    local t = devices.TYPES[kind]
    list[#list + 1] = { factor_id = t.factor_id, name = t.label or t.v1, auth_factor_name = t.v2 }
  end
  return 200, list
end)

H["mfa.list_devices"] = v2(function(box, _, user)
  local list = array {}
  for _, device in ipairs(devices.of(box, user)) do
    if device.active then
      local row = names_v2(device)
      row.default = device.default
      list[#list + 1] = row
    end
  end
  return 200, list
end)

local function status_row(challenge)
  return { id = challenge.id, status = challenge.status, device_id = id_text(challenge.device_id) }
end

local function finish_registration(box, user, device)
  device.active = true
  if not devices.default_of(box, user.id) then devices.make_default(box, device) end
  event(box, E.registered, user, device)
end

local function bad_params(body, kind)
  local bad = {}
  if not kind then bad[#bad + 1] = "factor_id" end
  if type(body.display_name) ~= "string" or body.display_name == "" then bad[#bad + 1] = "display_name" end
  if not seconds(body.expires_in, 120, devices.MAX_LIFE, devices.LIFE) then bad[#bad + 1] = "expires_in" end
  if body.verified == true and not (kind == "sms" or kind == "voice" or kind == "email") then
    bad[#bad + 1] = "verified"
  end
  return #bad > 0 and bad or nil
end

H["mfa.enroll_factor"] = v2(function(box, req, user, body)
  local kind = devices.BY_FACTOR[body.factor_id]
  local bad = bad_params(body, kind)
  if bad then return refused_v2(bad) end
  local needs = (kind == "sms" or kind == "voice") and "phone" or kind == "email" and "email"
  if needs and (type(user[needs]) ~= "string" or user[needs] == "") then
    return fail.v2(422, "UnprocessableEntityError", "The user has no " .. needs, needs)
  end
  local life = seconds(body.expires_in, 120, devices.MAX_LIFE, devices.LIFE)
  local device = devices.enrol(box, user, kind, { name = body.display_name, active = false })
  local row = names_v2(device)
  row.default = false
  if body.verified == true then
    finish_registration(box, user, device)
    row.id, row.status, row.default = uuid(box), "accepted", device.default
    row.expires_at = stamp(box.clock.wall() + life)
    return 201, one(box, row)
  end
  local how = send(box, device, life,
    { origin = req.origin, template = body.custom_message, placeholder = "otp_expiry" })
  if not how then
    devices.remove(box, device)
    return refused_v2 { "custom_message" }
  end
  how.family = "registration"
  local challenge = devices.challenge(box, device, uuid(box), how)
  row.id, row.status, row.expires_at = challenge.id, "pending", stamp(challenge.expires)
  row.factor_data = {}
  if kind == "totp" then
    row.factor_data.totp_url = totp.uri("OneLogin", user.email or user.username or id_text(user.id), device.secret)
  elseif kind == "protect" then
    challenge.pairing = box:token_hex(10)
    row.factor_data.verification_token = challenge.pairing
  end
  return 201, one(box, row)
end)

-- Finds the device of an open challenge in the path, or nil.
local function open_v2(box, req, user, family, id)
  local challenge = devices.live(box, req.ids[id], family, user.id)
  local device = challenge and devices.get(box, user, challenge.device_id)
  if device then return challenge, device end
end

H["mfa.verify_enrollment"] = v2(function(box, req, user, body)
  local challenge, device = open_v2(box, req, user, "registration", "registration_id")
  if not challenge or challenge.status == "accepted" then return not_found_v2() end
  local otp = otp_text(body.otp)
  if type(otp) ~= "string" or otp == "" then return refused_v2 { "otp" } end
  if challenge.status == "pending" and not challenge.push then
    if devices.code_ok(box, device, challenge, otp) then
      challenge.status = "accepted"
      finish_registration(box, user, device)
    else
      wrong(box, user, device)
    end
  end
  return 200, one(box, status_row(challenge))
end)

H["mfa.get_enrollment"] = v2(function(box, req, user)
  local challenge, device = open_v2(box, req, user, "registration", "registration_id")
  if not challenge then return not_found_v2() end
  if devices.poll(box, challenge) == "accepted" and not device.active then
    finish_registration(box, user, device)
  end
  return 200, one(box, status_row(challenge))
end)

-- A number or its digits; the pseudo device of a temporary token stays a word.
local function wanted_device(box, user, value)
  if value == "user_temp_otp_" .. id_text(user.id) then return { temporary = true } end
  if type(value) == "number" then value = id_text(value) end
  local id = util.to_integer(value)
  local device = id and devices.get(box, user, id)
  return device and device.active and device or nil
end

H["mfa.activate_factor"] = v2(function(box, req, user, body)
  local life = seconds(body.expires_in, 120, devices.MAX_LIFE, devices.LIFE)
  if not life then return refused_v2 { "expires_in" } end
  if type(body.device_id) ~= "number" and type(body.device_id) ~= "string" then return refused_v2 { "device_id" } end
  local device = wanted_device(box, user, body.device_id)
  if not device then return not_found_v2() end
  local otp = otp_text(body.otp)
  if type(otp) ~= "string" or otp == "" then otp = nil end
  if device.temporary then
    if not otp then return refused_v2 { "otp" } end
    local ok = devices.temporary_ok(box, user.id, otp)
    if ok then right(box, user) else wrong(box, user) end
    return 201, one(box, { id = uuid(box), user_id = id_text(user.id), device_id = body.device_id,
      status = ok and "accepted" or "pending", expires_at = stamp(box.clock.wall() + life) })
  end
  local how
  if otp then
    how = { life = life }
  else
    how = send(box, device, life,
      { origin = req.origin, template = body.custom_message, placeholder = "otp_expiry" })
    if not how then return refused_v2 { "custom_message" } end
  end
  how.family = "v2"
  local challenge = devices.challenge(box, device, uuid(box), how)
  local row = names_v2(device)
  row.id, row.user_id, row.expires_at = challenge.id, id_text(user.id), stamp(challenge.expires)
  if otp then
    if devices.code_ok(box, device, challenge, otp) then
      challenge.status, challenge.told = "accepted", true
      right(box, user, device)
    else
      wrong(box, user, device)
    end
    row.status = challenge.status
  end
  return 201, one(box, row)
end)

-- The status of a verification as a word (what live tests saw) or in the clothes of version 1 (what
-- the page prints): the box option verify_status = "v1".
local function verified(box, challenge)
  if box.options.verify_status == "v1" then
    if challenge.status == "accepted" then return 200, success_v1() end
    return 200, { status = { type = challenge.status, code = 200, message = "Authentication " .. challenge.status,
      error = challenge.status == "rejected" } }
  end
  return 200, one(box, status_row(challenge))
end

H["mfa.verify_factor"] = v2(function(box, req, user, body)
  local challenge, device = open_v2(box, req, user, "v2", "verification_id")
  if not challenge or challenge.status == "accepted" then return not_found_v2() end
  if body.device_id ~= nil and body.device_id ~= json.null
    and otp_text(body.device_id) ~= id_text(challenge.device_id) then
    return not_found_v2()
  end
  local otp = otp_text(body.otp)
  if type(otp) ~= "string" or otp == "" then return refused_v2 { "otp" } end
  if challenge.status == "pending" then
    -- A call is answered on the telephone: no code typed here is ever right.
    if device.type ~= "voice" and devices.code_ok(box, device, challenge, otp) then
      challenge.status, challenge.told = "accepted", true
      right(box, user, device)
    else
      wrong(box, user, device)
    end
  end
  return verified(box, challenge)
end)

H["mfa.get_verification"] = v2(function(box, req, user)
  local challenge, device = open_v2(box, req, user, "v2", "verification_id")
  if not challenge then return not_found_v2() end
  local status = devices.poll(box, challenge)
  if status ~= "pending" and not challenge.told then
    challenge.told = true
    if status == "accepted" then right(box, user, device) else event(box, E.failed, user, device) end
  end
  return 200, one(box, status_row(challenge))
end)

H["mfa.remove_factor"] = v2(function(box, req, user)
  local id = util.to_integer(req.ids.device_id)
  local device = id and devices.get(box, user, id)
  if not device then return not_found_v2() end
  devices.remove(box, device)
  event(box, E.removed, user, device)
  return 204
end)

return H

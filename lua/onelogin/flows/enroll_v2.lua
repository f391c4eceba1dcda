-- Enrolment on MFA version 2: a registration by id, confirmed with a code (SMS, e-mail, authenticator) or on the
-- device (voice, Protect, a magic link).  Only the word `accepted` is a success.  Numbers and addresses are those of
-- the user's profile.  A registration that nobody confirms lapses by itself.  Needs Manage All.
local devices = require("onelogin.flows.devices")
local fault = require("onelogin.flows.fault")
local setup = require("onelogin.flows.setup")
local v2 = require("onelogin.flows.v2")

local M = { scopes = v2.scopes, users = v2.users, types = { protect = true, sms = true, voice = true, email = true,
  authenticator = true, yubikey = true, unknown = true } }

local function number(id)
  return #id <= 15 and id:find("^%d+$") and tonumber(id) or id
end

function M.factors(flow)
  return flow.client.mfa:list_factors(number(flow.data.user.id))
end

function M.name_of(row)
  return row.auth_factor_name
end

-- Is the answer given on the device, so that it is polled for?
function M.polls(flow)
  local kind = flow.data.factor.type
  return kind == "protect" or kind == "voice" or kind == "email" and flow.data.options.email == "link"
end

local PROVEN = { sms = true, voice = true, email = true } -- what may be told to be verified

-- Returns { device_id, word = accepted | pending | rejected, token, setup }; or nil and the error.
function M.register(flow, life)
  local data = flow.data
  local options, factor = data.options, data.factor
  local body = { factor_id = number(factor.id), display_name = options.name or factor.name, expires_in = life,
    verified = PROVEN[factor.type] and options.verified or nil }
  for k, v in pairs(options.activate or {}) do body[k] = v end
  if factor.type == "email" then body.redirect_to = options.redirect_to end
  local answer, err = flow.client.mfa:enroll_factor(number(data.user.id), body)
  if not answer then return nil, err end
  local id, device_id = answer.id, devices.id(answer.device_id)
  if type(id) ~= "string" or id == "" or not device_id then
    return nil, fault.new("decode", "no_token", "the answer to an enrolment has no registration or no device")
  end
  local ok, wrong = v2.about(answer, data.user.id, { id = device_id })
  if not ok then return nil, wrong end
  local word, kept = v2.word(answer.status), setup.take(answer.factor_data)
  if factor.type == "authenticator" and word == "pending" and not (kept and kept.totp_url) then
    return nil, fault.new("decode", "no_setup", "the answer to an enrolment has no key for the authenticator")
  end
  return { device_id = device_id, word = word, token = id, setup = kept }
end

function M.check(flow, code)
  local data = flow.data
  local answer, err = flow.client.mfa:verify_enrollment(number(data.user.id), data.open.token, { otp = code })
  local what, problem = v2.judge(answer, err, data.user.id, data.device, data.open)
  if what == "pending" then what = "wrong" end
  return what, problem
end

function M.poll(flow)
  local data = flow.data
  local answer, err = flow.client.mfa:get_enrollment(number(data.user.id), data.open.token)
  return v2.judge(answer, err, data.user.id, data.device, data.open)
end

-- Was the enrolment confirmed by a call whose answer was lost?
M.look = M.poll

return M

-- Enrolment on MFA version 2: a registration by id, confirmed with a code (SMS, e-mail, authenticator) or on the
-- device (voice, Protect, a magic link).  Only the word `accepted` is a success.  Numbers and addresses are those of
-- the user's profile.  A registration that nobody confirms lapses by itself.  Needs Manage All.
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local setup = require("onelogin.flows.setup")
local v2 = require("onelogin.flows.v2")

local M = { users = v2.users, types = { protect = true, sms = true, voice = true, email = true,
  authenticator = true, yubikey = true, unknown = true } }

local number = answers.argument

local function body_of(options, factor_id, life)
  local body = { factor_id = number(factor_id), display_name = options.name or "-", expires_in = life }
  for k, v in pairs(options.activate or {}) do body[k] = v end
  return body
end

-- Throws when the client would not make the calls.
function M.callable(client, where, options)
  settings.callable(where, client.users.list, { username = "kim" })
  settings.callable(where, client.mfa.list_factors, 1)
  settings.callable(where, client.mfa.enroll_factor, 1, body_of(options, "1", 120))
  settings.callable(where, client.mfa.verify_enrollment, 1, "1", { otp = "1" })
  settings.callable(where, client.mfa.get_enrollment, 1, "1")
end

-- Has a state the ids that calls take?
function M.whole(data)
  return not data.open or answers.token(data.open.token) ~= nil
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
  local body = body_of(options, factor.id, life)
  body.display_name = options.name or factor.name
  if PROVEN[factor.type] and body.verified == nil then body.verified = options.verified end
  if factor.type == "email" then body.redirect_to = options.redirect_to end
  local answer, err = flow.client.mfa:enroll_factor(number(data.user.id), body)
  if answer == nil then return nil, err end
  answer = answers.object(answer)
  local id, device_id = answer and answers.token(answer.id), answer and answers.id(answer.device_id)
  if not id or not device_id then
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
  local answer, err = flow.client.mfa:get_enrollment(number(data.user.id), data.open.token, nil,
    data.wait and flow:while_waiting() or nil)
  return v2.judge(answer, err, data.user.id, data.device, data.open)
end

-- Was the enrolment confirmed by a call whose answer was lost?
M.look = M.poll

return M

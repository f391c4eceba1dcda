-- Enrolment on MFA version 1: SMS and voice to a number that is given, confirmed with a code and a state token.  The
-- device is listed as inactive until then, and stays listed when nobody confirms it.  Needs Manage Users.
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local v1 = require("onelogin.flows.v1")

local M = { users = v1.users, types = { sms = true, voice = true } }

local number = answers.argument

-- Throws when the client would not make the calls.
function M.callable(client, where, options)
  v1.callable(client, where, options)
  settings.callable(where, client.mfa_v1.list_factors, 1)
  settings.callable(where, client.mfa_v1.enroll_factor, 1, { factor_id = 1, display_name = options.name or "-",
    number = options.number, verified = options.verified })
  settings.callable(where, client.mfa_v1.remove_factor, 1, 1)
end

-- Has a state the ids that calls take?
function M.whole(data)
  return not data.device or answers.number(data.device.id) ~= nil
end

function M.factors(flow)
  return flow.client.mfa_v1:list_factors(number(flow.data.user.id))
end

-- The type of a factor: version 1 lists no other name than this one.
function M.name_of(row)
  return type(row.auth_factor_name) == "string" and row.auth_factor_name or row.name
end

-- Enrols the device, or has a new code sent to the one that waits for it.
-- Returns { device_id, word = accepted | pending, token }; or nil and the error.
function M.register(flow, life)
  local data = flow.data
  if data.unconfirmed then
    local open, err = v1.open(flow, life)
    if not open then return nil, err end
    return { device_id = data.unconfirmed, word = "pending", token = open.token }
  end
  local answer, err = flow.client.mfa_v1:enroll_factor(number(data.user.id), { factor_id = number(data.factor.id),
    display_name = data.options.name or data.factor.name, number = data.options.number,
    verified = data.options.verified })
  if answer == nil then return nil, err end
  answer = answers.object(answer)
  local id = answer and answers.number(answer.id)
  local token = id and answers.text(answer.state_token)
  local active = id and answer.active == true
  if not id or not active and not token then
    return nil, fault.new("decode", "no_token", "the answer to an enrolment has no device or no state token")
  end
  if (answers.id(answer.user_id) or data.user.id) ~= data.user.id then
    return nil, fault.new("decode", "mismatch", "the answer to an enrolment is about someone else")
  end
  if not active then data.unconfirmed = id end
  return { device_id = id, word = active and "accepted" or "pending", token = token }
end

M.check = v1.check

local function listed(flow)
  local rows, err = flow.client.mfa_v1:list_devices(number(flow.data.user.id))
  if not rows then return nil, err end
  for _, row in ipairs(rows) do
    if type(row) == "table" and answers.id(row.id) == flow.data.unconfirmed then return row end
  end
  return false
end

-- Was the device confirmed by a call whose answer was lost?
function M.look(flow)
  local row, err = listed(flow)
  if row == nil then return nil, err end
  return row and row.active == true and "accepted" or "pending"
end

-- Removes the device that was not confirmed; one that has become active stays.
function M.tidy(flow)
  local row, err = listed(flow)
  if row == nil then return nil, err end
  if not row or row.active ~= false then return true end
  local data = flow.data
  return flow.client.mfa_v1:remove_factor(number(data.user.id), number(data.unconfirmed))
end

function M.polls() return false end

return M

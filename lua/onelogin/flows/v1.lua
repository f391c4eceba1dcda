-- Passwordless sign-in on MFA version 1: a state token for each activation, wrong codes as 401,
-- a pending push as HTTP 200 whose status says so.  Needs Manage Users or Manage All.
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")

local M = {}

local id, number = answers.id, answers.argument

function M.users(client)
  return function(query) return client.users_v1:list(query) end
end

function M.devices(client, user_id)
  return client.mfa_v1:list_devices(number(user_id))
end

local function body_of(options, life)
  local body = { state_token_expires_in = life }
  for k, v in pairs(options.activate or {}) do body[k] = v end
  return body
end

-- Throws when the client would not make the calls.
function M.callable(client, where, options)
  settings.callable(where, client.users_v1.list, { username = "kim" })
  settings.callable(where, client.mfa_v1.list_devices, 1)
  settings.callable(where, client.mfa_v1.activate_factor, 1, 1, body_of(options, 120))
  settings.callable(where, client.mfa_v1.verify_factor, 1, 1, { otp_token = "1" })
end

-- Has a state the ids that calls take?
function M.whole(data)
  for _, device in ipairs(data.devices or {}) do
    if not answers.number(device.id) then return false end
  end
  return (not data.device or answers.number(data.device.id) ~= nil)
    and (data.state ~= "WAIT" or data.open.token ~= nil)
end

-- Sends the code or the push.  Returns { token }, or nil and the error.
function M.open(flow, life)
  local user_id, device = flow.data.user.id, flow.data.device
  local answer, err = flow.client.mfa_v1:activate_factor(number(user_id), number(device.id),
    body_of(flow.data.options, life))
  if answer == nil then return nil, err end
  answer = answers.object(answer)
  local token = answer and answers.text(answer.state_token)
  if not token then
    return nil, fault.new("decode", "no_token", "the answer to an activation has no state token")
  end
  -- In this answer `id` is the user and `device_id` the device.
  if (id(answer.id) or user_id) ~= user_id or (id(answer.device_id) or device.id) ~= device.id then
    return nil, fault.new("decode", "mismatch", "the answer to an activation is about someone else")
  end
  return { token = token }
end

-- A code (or nil: look whether the push was answered, with the options of a poll).  Returns accepted, pending, wrong,
-- rejected, expired or locked; or nil and the error.
local function verify(flow, code, options)
  local data, open = flow.data, flow.data.open
  local ok, info = flow.client.mfa_v1:verify_factor(number(data.user.id), number(data.device.id),
    { otp_token = code, state_token = open and open.token }, options)
  if ok ~= nil then return ok == true and "accepted" or "pending" end
  local said = answers.lower(info.message)
  if info.kind == "denied" then
    if said:find("locked", 1, true) then return "locked" end
    if said:find("pending", 1, true) then return "pending" end
    return code and "wrong" or "rejected"
  end
  if open and info.status == 400 and (said:find("state token", 1, true) or said:find("expired", 1, true)) then
    return "expired"
  end
  return nil, info
end

function M.check(flow, code)
  local what, err = verify(flow, code)
  if what == "pending" then what = "wrong" end -- a code was sent and nothing was granted
  return what, err
end

function M.poll(flow)
  return verify(flow, nil, flow:while_waiting())
end

-- A device that pushes takes a typed code only on a live token here.
M.types_without_token = false

-- The life of a token may be asked for.
M.chooses_life = true

return M

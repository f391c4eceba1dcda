-- Passwordless sign-in on MFA version 2: verifications by id, and only the word `accepted` is a
-- success; HTTP 200 alone says nothing, since a wrong code answers 200 too.  Needs Manage All.
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")

local M = {}

local number = answers.argument

function M.users(client)
  return function(query) return client.users:list(query) end
end

function M.devices(client, user_id)
  return client.mfa:list_devices(number(user_id))
end

local function differs(given, wanted)
  given = answers.id(given)
  return given ~= nil and given ~= wanted
end

-- Nothing an answer says counts when it is about another user, device or verification.
local function about(answer, user_id, device, id)
  if differs(answer.user_id, user_id) or differs(answer.device_id, device.id) or id and differs(answer.id, id) then
    return nil, fault.new("decode", "mismatch", "the answer of a verification is about someone else")
  end
  return true
end

-- The word of an answer: accepted, rejected or pending.  The form version 1 would have used counts
-- as accepted only when everything in it says so; anything else is pending.
local function word(status)
  if type(status) == "string" then
    status = status:lower()
    return (status == "accepted" or status == "rejected") and status or "pending"
  end
  if type(status) == "table" and status.error == false and tonumber(status.code) == 200
    and (status.type == nil or status.type == "success") then
    return "accepted"
  end
  return "pending"
end

local function body_of(options, device_id, life)
  local body = { device_id = number(device_id), expires_in = life }
  for k, v in pairs(options.activate or {}) do body[k] = v end
  return body
end

-- Throws when the client would not make the calls.
function M.callable(client, where, options)
  settings.callable(where, client.users.list, { username = "kim" })
  settings.callable(where, client.mfa.list_devices, 1)
  settings.callable(where, client.mfa.activate_factor, 1, body_of(options, "1", 120))
  settings.callable(where, client.mfa.verify_factor, 1, "1", { otp = "1" })
  settings.callable(where, client.mfa.get_verification, 1, "1")
end

-- Has a state the ids that calls take?
function M.whole(data)
  local open = data.open
  return not open or answers.token(open.token) ~= nil
end

function M.open(flow, life)
  local user_id, device, options = flow.data.user.id, flow.data.device, flow.data.options
  local body = body_of(options, device.id, life)
  if device.type == "email" then body.redirect_to = options.redirect_to end
  local answer, err = flow.client.mfa:activate_factor(number(user_id), body)
  if answer == nil then return nil, err end
  answer = answers.object(answer)
  local id = answer and answers.token(answer.id)
  if not id then
    return nil, fault.new("decode", "no_token", "the answer to an activation has no verification id")
  end
  local ok, wrong = about(answer, user_id, device)
  if not ok then return nil, wrong end
  return { token = id }
end

-- Turns an answer of a verification into its word; nil and the error of the world where it has none.
local function judge(answer, err, user_id, device, open)
  if answer == nil then
    if err.kind == "not_found" and open then return "expired" end
    if err.kind == "denied" then
      return answers.lower(err.message):find("locked", 1, true) and "locked" or "rejected"
    end
    return nil, err
  end
  answer = answers.object(answer)
  if not answer then return "pending" end
  local ok, wrong = about(answer, user_id, device, open and open.token)
  if not ok then return nil, wrong end
  return word(answer.status)
end

-- Enrolments answer alike (enroll_v2.lua).
M.about, M.word, M.judge = about, word, judge

-- With a verification open the code belongs to it; without one, code and device go in one call, which
-- spares authenticators an empty activation and sends a telephone no push.
function M.check(flow, code)
  local user_id, device, open = flow.data.user.id, flow.data.device, flow.data.open
  local answer, err
  if open then
    answer, err = flow.client.mfa:verify_factor(number(user_id), open.token,
      { otp = code, device_id = device.type == "authenticator" and device.id or nil })
  else
    answer, err = flow.client.mfa:activate_factor(number(user_id), { device_id = number(device.id), otp = code })
  end
  local what, problem = judge(answer, err, user_id, device, open)
  if what == "pending" then what = "wrong" end
  return what, problem
end

function M.poll(flow)
  local user_id, open = flow.data.user.id, flow.data.open
  local answer, err = flow.client.mfa:get_verification(number(user_id), open.token, nil, flow:while_waiting())
  return judge(answer, err, user_id, flow.data.device, open)
end

M.types_without_token = true

-- The life of a verification may be asked for.
M.chooses_life = true

return M

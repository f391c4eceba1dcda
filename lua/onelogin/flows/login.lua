-- Signing a person in for a browser session: password, second factor, session token.  The token is good for two
-- minutes and one use; a browser turns it into a cookie (onelogin.html.session_form).
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local shape = require("onelogin.flows.shape")
local signin = require("onelogin.flows.signin")

local M = {}

-- Origins that will redeem the token by CORS, as one header; nil without any.
local function origins(value, where)
  if value == nil then return nil end
  local list = type(value) == "table" and value or { value }
  for _, origin in ipairs(list) do
    if type(origin) ~= "string" or not origin:find("^https?://[%w%.%-]+:?%d*$") or origin:find(":$") then
      error(where .. ": origin must be scheme, host and port alone, such as \"https://login.example.com\"", 0)
    end
  end
  if #list == 0 then error(where .. ": origin must name at least one origin, or be left out", 0) end
  return table.concat(list, ",")
end

local function session(answer, began)
  return { session_token = answer.session_token, expires_at = began + signin.TOKEN_LIFE,
    return_to_url = answers.text(answer.return_to_url) }
end

--- Asks for a session token: { user, extra } or { user, token, devices }; or nil, the error and a word.
function M.ask(client, body, now)
  local began = now()
  local answer, info = client.login:create_session_token(body)
  if answer == nil then return nil, info, signin.refusal(info) end
  if type(answer) ~= "table" then answer = {} end
  local granted, token = answers.text(answer.session_token), answers.text(answer.state_token)
  if (granted ~= nil) == (token ~= nil) or granted and signin.waits(answer, info) then
    return nil, fault.new("decode", "no_token", "the answer has neither a session token nor a second factor to check")
  end
  local user = signin.person(answer.user)
  if granted then return { user = user, extra = session(answer, began) } end
  return { user = user, token = token, devices = type(answer.devices) == "table" and answer.devices or {} }
end

local family = {}

function family.password(kept, name, password)
  return { username_or_email = name, password = password, subdomain = kept.subdomain, fields = kept.fields,
    return_to_url = kept.return_to_url, ip_address = kept.ip_address, browser_id = kept.browser_id,
    ["Custom-Allowed-Origin-Header-1"] = kept.origin }
end

function family.factor(kept, body)
  body["Custom-Allowed-Origin-Header-1"] = kept.origin
  return body
end

function family.begin(flow, name, password)
  return M.ask(flow.client, family.password(flow.data.options, name, password), function() return flow:now() end)
end

function family.verify(flow, code, quiet, options)
  local data = flow.data
  local began = flow:now()
  local answer, info = flow.client.login:verify_factor(family.factor(data.options, { device_id = data.device.id,
    state_token = data.token, otp_token = code, do_not_notify = quiet }), options)
  if answer == nil then
    local word = signin.factor_refusal(info, code)
    return word, not word and info or nil
  end
  if type(answer) ~= "table" then return "pending" end
  local other = signin.mismatch(data, answer)
  if other then return nil, other end
  if not answers.text(answer.session_token) or signin.waits(answer, info) then return "pending" end
  return "accepted", nil, session(answer, began)
end

M.flow = signin.define {
  name = "login", example = '{ user = "ashley@example.com", password = ask }',
  options = { fields = "string", return_to_url = "string", browser_id = "string", origin = "string or table" },
  check = function(options, kept, where)
    kept.fields, kept.return_to_url, kept.browser_id = options.fields, options.return_to_url, options.browser_id
    kept.origin = origins(options.origin, where)
  end,
  shape = { fields = shape.maybe(shape.text), return_to_url = shape.maybe(shape.text),
    browser_id = shape.maybe(shape.text), origin = shape.maybe(shape.text) },
  callable = function(kept, client, where)
    settings.callable(where, client.login.create_session_token, family.password(kept, "kim", "-"))
    settings.callable(where, client.login.verify_factor, family.factor(kept, { device_id = "1", state_token = "-" }))
  end,
  family = function() return family end,
}

------------------------------------------------------------------------------------------------
-- Delegated authentication: is the password right?  One call, one answer, nothing redeemed.

local CHECK = "flows.check_password"
local CHECK_OPTIONS = { user = "string", password = "string", subdomain = "string", ip_address = "string",
  password_is_enough = "boolean" }

-- The error that an answer to a password alone means; nil when it says yes.
local function refusal(answer, err, word, enough)
  if word == "wrong" then return fault.new("denied", "wrong_password", "name or password are wrong") end
  if word == "locked" then return fault.new("denied", "locked", "the user is locked") end
  if word == "setup" then return signin.setup_fault() end
  if not answer then return err end
  if answer.token and not enough then
    return fault.new("denied", "mfa_required", "the password is right, and a second factor is due: use flows.login")
  end
end

local function check(host, options, subdomain)
  local name, no = signin.clean(options.user)
  if not name then return nil, no end
  no = signin.bad_password(options.password)
  if no then return nil, no end
  local answer, err, word = M.ask(host.client, { username_or_email = name, password = options.password,
    subdomain = subdomain, ip_address = options.ip_address }, host.clock.wall)
  no = refusal(answer, err, word, options.password_is_enough)
  if no then return nil, no end
  return { granted = true, user = answer.user or { typed = name }, mfa = answer.token ~= nil }
end

--- A password alone, where the policy wants a second factor, is no sign-in: denied, reason mfa_required, unless
-- password_is_enough says otherwise; so `if flows.check_password{...} then` lets nobody in by accident.
function M.check_password(host, options)
  settings.check(options, CHECK_OPTIONS, CHECK, '{ user = "ashley@example.com", password = typed }')
  settings.typed_name(options, CHECK)
  if type(options.password) ~= "string" then error(CHECK .. ": password must be a string, as it was typed", 0) end
  local right, err = check(host, options, signin.subdomain(options, host, CHECK))
  if err and err.operation == "flows" then err.operation = CHECK end
  return right, err
end

return M

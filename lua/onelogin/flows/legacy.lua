-- The password check of before OAuth: HTTP 200 whatever happens, XML, an API key of its own, and no second factor.
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local signin = require("onelogin.flows.signin")

local M = {}

local WHERE = "flows.check_password_legacy"
local OPTIONS = { email = "string", password = "string", api_key = "string" }

-- What the service says -> kind, reason, message.  The account is the one that the API key opens.
local SAID = {
  ["invalid password"] = { "denied", "wrong_password", "name or password are wrong" },
  ["user not found"] = { "denied", "unknown_user", "no user has this e-mail address" },
  ["account not found"] = { "auth", "unknown_account", "the service knows no account of this API key" },
}

local function told(err)
  err.operation = WHERE
  return err
end

--- Is the password right?  { granted = true, user, mfa = false }, or nil and the error.  Misuse throws.
function M.check_password(host, options)
  settings.check(options, OPTIONS, WHERE, '{ email = typed, password = typed, api_key = key }')
  for _, name in ipairs { "email", "password" } do
    if type(options[name]) ~= "string" then
      error(("%s: %s must be a string, as it was typed"):format(WHERE, name), 0)
    end
  end
  settings.need(options, "api_key", "the account's key of before OAuth", WHERE)
  local name, no = signin.clean(options.email)
  no = no or signin.bad_password(options.password)
  if no then return nil, told(no) end
  local answer, err = host.client.legacy:delegated_auth { email = name, password = options.password,
    api_key = options.api_key }
  if answer == nil then return nil, err end
  local said = type(answer) == "table" and answer.authenticated
  if said == true then
    return { granted = true, mfa = false, user = { email = name,
      firstname = answers.text(answer.firstname), lastname = answers.text(answer.lastname) } }
  end
  local words = answers.lower(type(answer) == "table" and answer.message):gsub("^%s+", ""):gsub("%s+$", "")
  local answered = said == false and (SAID[words] or { "denied", "not_authenticated", "the person was refused" })
    or { "decode", "no_answer", "the answer does not say whether the person is authenticated" }
  return nil, told(fault.new(answered[1], answered[2], answered[3]))
end

return M

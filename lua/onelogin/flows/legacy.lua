-- The password check of before OAuth: HTTP 200 whatever happens, XML, an API key of its own, and no second factor.
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")

local M = {}

local WHERE = "flows.check_password_legacy"
local OPTIONS = { email = "string", password = "string", api_key = "string" }

-- What the service says -> kind, reason, message.  The account is the one that the API key opens.
local SAID = {
  ["invalid password"] = { "denied", "wrong_password", "name or password are wrong" },
  ["user not found"] = { "denied", "unknown_user", "no user has this e-mail address" },
  ["account not found"] = { "auth", "unknown_account", "the service knows no account of this API key" },
}

--- Is the password right?  { granted = true, user, mfa = false }, or nil and the error.  Misuse throws.
function M.check_password(host, options)
  settings.check(options, OPTIONS, WHERE, '{ email = typed, password = typed, api_key = key }')
  settings.need(options, "email", "the e-mail address that was typed", WHERE)
  settings.need(options, "password", "as it was typed", WHERE)
  settings.need(options, "api_key", "the account's key of before OAuth", WHERE)
  local answer, err = host.client.legacy:delegated_auth { email = options.email, password = options.password,
    api_key = options.api_key }
  if answer == nil then return nil, err end
  local said = type(answer) == "table" and answer.authenticated
  if said == true then
    return { granted = true, mfa = false, user = { email = options.email,
      firstname = answers.text(answer.firstname), lastname = answers.text(answer.lastname) } }
  end
  local words = answers.lower(type(answer) == "table" and answer.message):gsub("^%s+", ""):gsub("%s+$", "")
  local no = said == false and (SAID[words] or { "denied", "not_authenticated", "the person was refused" })
    or { "decode", "no_answer", "the answer does not say whether the person is authenticated" }
  local refused = fault.new(no[1], no[2], no[3])
  refused.operation = WHERE
  return nil, refused
end

return M

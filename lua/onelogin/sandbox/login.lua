-- Signing in for a browser session: the password, the second factor, and the token that a browser
-- turns into a cookie.
local browser = require("onelogin.sandbox.browser")
local fail = require("onelogin.sandbox.fail")
local sessions = require("onelogin.sandbox.sessions")
local sign_in = require("onelogin.sandbox.sign_in")
local util = require("onelogin.sandbox.util")
local json = require("onelogin.core").json

local login = {}

local null = json.null
-- "2026/03/02 09:02:00 +0000": the one place where the service writes times so.
local function stamp(t)
  local date, time = util.iso(t, true):match("^(.-)T(.-)Z$")
  return date:gsub("-", "/") .. " " .. time .. " +0000"
end

local function answer(box, outcome)
  if outcome.status then return fail.v1(outcome.status, nil, outcome.message) end
  if outcome.pending then
    return 200, { status = { type = "pending", code = 200, message = outcome.pending, error = false } }
  end
  if outcome.token then
    local body = fail.success(json.array { { state_token = outcome.token, devices = outcome.devices,
      callback_url = outcome.callback, user = sign_in.who(box, outcome.user) } })
    body.status.message = "MFA is required for this user"
    return 200, body
  end
  local kept = outcome.kept
  local token, expires = sessions.issue(box, outcome.granted, kept)
  return 200, fail.success(json.array { { status = "Authenticated", session_token = token,
    expires_at = stamp(expires), return_to_url = kept.return_to_url or null,
    user = sign_in.who(box, outcome.granted, kept.fields) } })
end

local function address(value)
  return type(value) == "string" and value:find("^https?://[^%c%s]+$") and value or nil
end

login["login.create_session_token"] = function(box, req)
  local b = type(req.body) == "table" and req.body or {}
  return answer(box, sign_in.begin(box, req, { purpose = "login", path = "/api/1/login/verify_factor",
    kept = { origins = sessions.origins(req), return_to_url = address(b.return_to_url), fields = b.fields } }))
end

login["login.verify_factor"] = function(box, req)
  local outcome = sign_in.verify(box, req, "login")
  if outcome.granted then sessions.origins(req, outcome.kept.origins) end -- those announced now count too
  return answer(box, outcome)
end

-- By CORS (JSON): only an announced origin, and no word to any other, so that the browser refuses it.
local function by_cors(box, req)
  local origin = req.headers.origin
  local token = type(req.body) == "table" and req.body.session_token
  local record = sessions.look(box, token)
  if not record or not origin or not record.origins[origin:lower()] then
    return 403, "", { vary = "Origin" }
  end
  local headers = browser.cors(origin)
  headers["set-cookie"] = sessions.start(box, req, token)
  return 200, "", headers
end

login["login.create_session"] = function(box, req)
  if req.content_type == "application/json" then return by_cors(box, req) end
  local form = util.parse_query(req.raw_body) or {}
  local record = sessions.look(box, form.session_token)
  if not record then
    local body, headers = browser.page("The session token is invalid or expired")
    return 400, body, headers
  end
  return 302, "", { location = record.return_to_url or req.origin .. "/portal",
    ["set-cookie"] = sessions.start(box, req, form.session_token) }
end

return login

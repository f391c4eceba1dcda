-- Signing a person in by password: a session token, with a second factor in between where the policy wants one.
-- None of these is ever repeated: wrong tries lock people out.

local DOCS = "https://developers.onelogin.com/api-docs/1/login-page/"

local LOGIN = { "Authentication Only", "Manage Users", "Manage All" }

-- Only when a browser will hand the token over by CORS: the origin of its page.
local origin = {
  { "Custom-Allowed-Origin-Header-1", "string" },
}

return {
  -- Two answers under the same 200: session_token, or state_token with the devices to verify.
  create_session_token = {
    method = "POST", path = "/api/1/login/auth",
    headers = origin,
    body = {
      { "username_or_email", "string", required = true },
      { "password", "string", required = true },
      { "subdomain", "string", required = true },
      { "fields", "string" },
      { "return_to_url", "string" },
      { "ip_address", "string" },
      { "browser_id", "string" },
    },
    envelope = "v1",
    retry = "never", person = true,
    secret = { "password", "session_token", "state_token" },
    scopes = LOGIN,
    doc = DOCS .. "create-session-login-token",
  },

  verify_factor = {
    method = "POST", path = "/api/1/login/verify_factor",
    headers = origin,
    body = {
      { "device_id", "string", required = true },
      { "state_token", "string", required = true },
      { "otp_token", "string" },
      { "do_not_notify", "boolean", default = false },
    },
    envelope = "v1", pending = true,
    retry = "never", person = true,
    secret = { "state_token", "otp_token", "session_token" },
    scopes = LOGIN,
    doc = DOCS .. "verify-factor",
  },

  -- Meant for the browser: what it earns is a cookie. On the account's own host, without a bearer.
  create_session = {
    method = "POST", path = "/session_via_api_token",
    body = {
      { "session_token", "string", required = true },
    },
    form = true,
    auth = "none", result = "none",
    retry = "never", -- a session token is good once
    secret = { "session_token" },
    success = { 302, 200 },
    scopes = {},
    doc = DOCS .. "create-session-via-token",
  },
}

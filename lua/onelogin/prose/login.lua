-- Prose of ../api/login.lua.

local ORIGIN = "origin of the page that will redeem the token by CORS, https://login.acme.com; several by commas"

local EXPIRED = { 400, "State token is invalid or expired", "it lapsed or was used: start again with the password" }

local authenticated = {
  status = "Authenticated", session_token = "9x8869x31134x7906x6x54474x21x18xxx90857x",
  expires_at = "2026/01/07 05:56:21 +0000",
  user = { id = 88888888, username = "ashley", email = "ashley@acme.com", firstname = "Ashley", lastname = "Akua" },
}

return {
  create_session_token = {
    summary = "Check a password; answer a session token, or the devices of a second factor",
    params = {
      ["Custom-Allowed-Origin-Header-1"] = ORIGIN,
      username_or_email = "login name or e-mail address",
      password = "the password",
      subdomain = "the account, as in SUBDOMAIN.onelogin.com",
      fields = "attributes of user to answer, joined by commas",
      return_to_url = "where to go once the session exists",
      ip_address = "the person's address, for policies that look at it",
      browser_id = "identifies the browser",
    },
    notes = {
      "A second factor is due when the answer has state_token and devices instead of session_token; both are 200.",
      "A session token lives two minutes. expires_at is not ISO 8601 here.",
      "callback_url may point to another region: take verify_factor on this client instead.",
      "Never sent twice: repeated tries lock people out.",
    },
    errors = {
      { 400, "MFA ...", "a second factor is demanded and the person has none yet: enrol in the browser first" },
      { 401, "Authentication Failed: Invalid user credentials", "wrong name or password" },
    },
    example = {
      call = 'ol.login:create_session_token { username_or_email = "ashley", password = "tide-7-swell", '
        .. 'subdomain = "acme" }',
      http = {
        method = "POST", path = "/api/1/login/auth",
        body = { username_or_email = "ashley", password = "tide-7-swell", subdomain = "acme" },
      },
    },
    sample = authenticated,
  },

  verify_factor = {
    summary = "Check the second factor of a sign-in; answer the session token",
    params = {
      ["Custom-Allowed-Origin-Header-1"] = ORIGIN,
      device_id = "one of the devices; as a string",
      state_token = "from create_session_token",
      otp_token = "the code; left out, a code or push is sent",
      do_not_notify = "poll a push without sending another",
    },
    notes = {
      "Waiting for the person is HTTP 200 as well: the result is then false, and the second value's status_type "
        .. "pending.",
      "Without otp_token each call sends the message again; with do_not_notify a push is not.",
    },
    errors = {
      EXPIRED,
      { 400, "OTP token blank", "this device needs a code" },
      { 401, "Failed authentication with this factor", "wrong code; the state token stays good" },
    },
    example = {
      call = 'ol.login:verify_factor { device_id = "525509", otp_token = "123456", '
        .. 'state_token = "xx5x2x91331x3x3x341xx51176x7xxx182x65xxx" }',
      http = {
        method = "POST", path = "/api/1/login/verify_factor",
        body = { device_id = "525509", otp_token = "123456",
                 state_token = "xx5x2x91331x3x3x341xx51176x7xxx182x65xxx" },
      },
    },
    sample = authenticated,
  },

  create_session = {
    summary = "Turn a session token into a browser session",
    params = { session_token = "from create_session_token or verify_factor" },
    notes = {
      "The browser should do this: what it earns is a cookie. Here it serves to try things out.",
      "The redirect of the answer is success and is not followed.",
    },
    example = {
      call = 'ol.login:create_session { session_token = "9x8869x31134x7906x6x54474x21x18xxx90857x" }',
      http = {
        method = "POST", path = "/session_via_api_token",
        body = { session_token = "9x8869x31134x7906x6x54474x21x18xxx90857x" },
      },
    },
    sample = true,
  },
}

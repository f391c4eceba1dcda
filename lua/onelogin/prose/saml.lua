-- Prose of ../api/saml.lua.

local BAD_TOKEN = { 401, "Please provide valid credentials", "the access token is missing, unknown or expired" }

return {
  generate_assertion = {
    summary = "Check a password; answer an app's SAML response, or the devices of a second factor",
    params = {
      username_or_email = "login name or e-mail address",
      password = "the password",
      app_id = "the SAML app",
      subdomain = "the account, as in SUBDOMAIN.onelogin.com",
      ip_address = "the person's address, for policies that look at it",
    },
    notes = {
      "data is the response in base64. state_token and devices instead: call verify_factor.",
      "callback_url may point to another region, where the state token is unknown: never follow it.",
      "Never sent twice: repeated tries lock people out.",
    },
    errors = {
      { 400, "Invalid subdomain", "no such account; also \"username is empty\" and \"password is empty\"" },
      { 401, "Authentication Failed: Invalid user credentials", "wrong name or password" },
      { 401, "User is locked. Access is unauthorized", "the user is locked" },
      BAD_TOKEN,
      { 404, "App could not be found", "no such app, or this user may not open it" },
    },
    example = {
      call = 'ol.saml:generate_assertion { username_or_email = "ashley@acme.com", password = "tide-7-swell", '
        .. 'app_id = "1127385", subdomain = "acme" }',
      http = {
        method = "POST", path = "/api/2/saml_assertion",
        body = { username_or_email = "ashley@acme.com", password = "tide-7-swell", app_id = "1127385",
                 subdomain = "acme" },
      },
    },
    sample = {
      state_token = "5xxx604x8xx9x694xx860173xxx3x78x3x870x56", message = "MFA is required for this user",
      devices = { { device_id = 525509, device_type = "Google Authenticator" } },
      user = { id = 88888888, username = "ashley", email = "ashley@acme.com", firstname = "Ashley",
               lastname = "Akua" },
    },
  },

  verify_factor = {
    summary = "Check the second factor of an assertion, or ask how a push stands",
    params = {
      app_id = "the SAML app, as before",
      device_id = "one of the devices; as a string",
      state_token = "from generate_assertion",
      otp_token = "the code; left out, a code or push is sent",
      do_not_notify = "poll a push without sending another",
    },
    notes = {
      "Waiting for the person is HTTP 200 with a message and no data: the result is then false, and the second value's "
        .. "status_type pending.",
      "First call of a push without do_not_notify, all others with it; an SMS is sent either way.",
    },
    errors = {
      { 400, "State token is invalid or expired", "it lapsed, was used or belongs to another region" },
      { 400, "OTP token blank", "this device needs a code" },
      { 401, "Failed authentication with this factor", "wrong code" },
      BAD_TOKEN,
    },
    example = {
      call = 'ol.saml:verify_factor { app_id = "1127385", device_id = "525509", otp_token = "123456", '
        .. 'state_token = "5xxx604x8xx9x694xx860173xxx3x78x3x870x56" }',
      http = {
        method = "POST", path = "/api/2/saml_assertion/verify_factor",
        body = { app_id = "1127385", device_id = "525509", otp_token = "123456",
                 state_token = "5xxx604x8xx9x694xx860173xxx3x78x3x870x56" },
      },
    },
    sample = { data = "PHNhbWxwOlJlc3BvbnNlPi4uLjwvc2FtbHA6UmVzcG9uc2U+", message = "Success" },
  },
}

-- Prose of ../api/saml_v1.lua.

return {
  generate_assertion = {
    summary = "Check a password; answer an app's SAML response, or the devices of a second factor",
    params = {
      username_or_email = "login name or e-mail address",
      password = "the password",
      app_id = "the SAML app",
      subdomain = "the account, as in SUBDOMAIN.onelogin.com",
      ip_address = "the person's address; policies look at it in version 2 only",
    },
    notes = {
      "Answers a string (the response in base64), or a table with state_token and devices.",
      "Never sent twice: repeated tries lock people out.",
    },
    errors = {
      { 400, "bad request", "subdomain or app_id is blank" },
      { 400, "Invalid subdomain", "no such account; also \"username is empty\" and \"password is empty\"" },
      { 401, "Authentication Failed: Invalid user credentials", "wrong name or password" },
      { 404, "App could not be found", "no such app, or this user may not open it" },
    },
    example = {
      call = 'ol.saml_v1:generate_assertion { username_or_email = "ashley@acme.com", password = "tide-7-swell", '
        .. 'app_id = "1127385", subdomain = "acme" }',
      http = {
        method = "POST", path = "/api/1/saml_assertion",
        body = { username_or_email = "ashley@acme.com", password = "tide-7-swell", app_id = "1127385",
                 subdomain = "acme" },
      },
    },
    sample = "PHNhbWxwOlJlc3BvbnNlPi4uLjwvc2FtbHA6UmVzcG9uc2U+",
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
      "Waiting for the person is HTTP 200 as well: the result is then false, and the second value's status_type "
        .. "pending.",
    },
    errors = {
      { 400, "State token is invalid or expired", "it lapsed, was used or belongs to another region" },
      { 400, "OTP token blank", "this device needs a code" },
      { 401, "Failed authentication with this factor", "wrong code" },
    },
    example = {
      call = 'ol.saml_v1:verify_factor { app_id = "1127385", device_id = "525509", otp_token = "123456", '
        .. 'state_token = "xx5x2x91331x3x3x341xx51176x7xxx182x65xxx" }',
      http = {
        method = "POST", path = "/api/1/saml_assertion/verify_factor",
        body = { app_id = "1127385", device_id = "525509", otp_token = "123456",
                 state_token = "xx5x2x91331x3x3x341xx51176x7xxx182x65xxx" },
      },
    },
    sample = "PHNhbWxwOlJlc3BvbnNlPi4uLjwvc2FtbHA6UmVzcG9uc2U+",
  },
}

-- SAML assertions for a person's password, version 2.
-- None of these is ever repeated: wrong tries lock people out.

local DOCS = "https://developers.onelogin.com/api-docs/2/saml-assertions/"

local LOGIN = { "Authentication Only", "Manage Users", "Manage All" }

-- Three answers under the same 200, told apart by their members: data (the assertion), state_token with devices
-- (a second factor is due), or a message alone (waiting for the person).
return {
  generate_assertion = {
    method = "POST", path = "/api/2/saml_assertion",
    body = {
      { "username_or_email", "string", required = true },
      { "password", "string", required = true },
      { "app_id", "string", required = true },
      { "subdomain", "string", required = true },
      { "ip_address", "string" },
    },
    retry = "never", person = true,
    secret = { "password", "state_token", "data" },
    scopes = LOGIN,
    doc = DOCS .. "generate-saml-assertion",
  },

  verify_factor = {
    method = "POST", path = "/api/2/saml_assertion/verify_factor",
    body = {
      { "app_id", "string", required = true },
      { "device_id", "string", required = true },
      { "state_token", "string", required = true },
      { "otp_token", "string" },
      { "do_not_notify", "boolean", default = false },
    },
    pending = true,
    retry = "never", person = true,
    secret = { "state_token", "otp_token", "data" },
    scopes = LOGIN,
    doc = DOCS .. "verify-factor",
  },
}

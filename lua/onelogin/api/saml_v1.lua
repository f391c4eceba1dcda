-- SAML assertions for a person's password, version 1: announced to go in 2021, and still there.
-- None of these is ever repeated: wrong tries lock people out.

local DOCS = "https://developers.onelogin.com/api-docs/1/saml-assertions/"

local LOGIN = { "Authentication Only", "Manage Users", "Manage All" }

return {
  -- data is the assertion, a string; or the devices of a second factor that is due, an array of one.
  generate_assertion = {
    method = "POST", path = "/api/1/saml_assertion",
    body = {
      { "username_or_email", "string", required = true },
      { "password", "string", required = true },
      { "app_id", "string", required = true },
      { "subdomain", "string", required = true },
      { "ip_address", "string" },
    },
    envelope = "v1", result = "value",
    retry = "never", person = true,
    secret = { "password", "state_token", "data" },
    scopes = LOGIN,
    status = "deprecated", replaced_by = "saml.generate_assertion",
    doc = DOCS .. "generate-saml-assertion",
  },

  verify_factor = {
    method = "POST", path = "/api/1/saml_assertion/verify_factor",
    body = {
      { "app_id", "string", required = true },
      { "device_id", "string", required = true },
      { "state_token", "string", required = true },
      { "otp_token", "string" },
      { "do_not_notify", "boolean", default = false },
    },
    envelope = "v1", result = "value", pending = true,
    retry = "never", person = true,
    secret = { "state_token", "otp_token", "data" },
    scopes = LOGIN,
    status = "deprecated", replaced_by = "saml.verify_factor",
    doc = DOCS .. "verify-factor",
  },
}

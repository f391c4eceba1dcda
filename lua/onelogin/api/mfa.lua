-- Multi-factor authentication, version 2: registrations enrol a device, verifications check one.
-- Device ids are strings here, not always of digits; an activation wants a number all the same.

local DOCS = "https://developers.onelogin.com/api-docs/2/multi-factor-authentication/"

local EVERYTHING = { "Manage All" }

local user = { { "user_id", "integer" } }
local registration = { { "user_id", "integer" }, { "registration_id", "string" } }
local verification = { { "user_id", "integer" }, { "verification_id", "string" } }

local expires_in = { "expires_in", "integer", min = 120, max = 900, default = 120 }

return {
  list_factors = {
    method = "GET", path = "/api/2/mfa/users/{user_id}/factors",
    ids = user,
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "available-factors",
  },

  list_devices = {
    method = "GET", path = "/api/2/mfa/users/{user_id}/devices",
    ids = user,
    result = "list",
    scopes = { "Read Users", "Manage Users", "Read All", "Manage All" },
    doc = DOCS .. "enrolled-factors",
  },

  enroll_factor = {
    method = "POST", path = "/api/2/mfa/users/{user_id}/registrations",
    ids = user,
    body = {
      { "factor_id", "integer", required = true },
      { "display_name", "string", required = true },
      expires_in,
      { "verified", "boolean", default = false },
      { "redirect_to", "string" },
      { "custom_message", "string" },
    },
    secret = { "totp_url", "verification_token" }, -- both inside factor_data
    success = { 201 },
    scopes = EVERYTHING,
    doc = DOCS .. "enroll-factor",
  },

  -- A wrong code is HTTP 200 with status "pending" here, so a 401 is always the credential's.
  verify_enrollment = {
    method = "PUT", path = "/api/2/mfa/users/{user_id}/registrations/{registration_id}",
    ids = registration,
    body = {
      { "otp", "string", required = true },
    },
    retry = "never",
    secret = { "otp" },
    scopes = EVERYTHING,
    doc = DOCS .. "enroll-factor-verify-otp",
  },

  get_enrollment = {
    method = "GET", path = "/api/2/mfa/users/{user_id}/registrations/{registration_id}",
    ids = registration,
    secret = { "totp_url", "verification_token" },
    scopes = EVERYTHING,
    doc = DOCS .. "enroll-factor-verify-poll",
  },

  -- Reaches a person (a message, a push, a call), so it is repeated only when nothing was sent;
  -- with the code in the same call it is a verification, and never repeated.
  activate_factor = {
    method = "POST", path = "/api/2/mfa/users/{user_id}/verifications",
    ids = user,
    body = {
      { "device_id", "any", required = true }, -- an integer, but a temporary token's is a word
      expires_in,
      { "redirect_to", "string" },
      { "custom_message", "string" },
      { "otp", "string" },
    },
    retry = "unsent", never_with = { "otp" },
    secret = { "otp" },
    success = { 201 },
    scopes = EVERYTHING,
    doc = DOCS .. "activate-factor",
  },

  verify_factor = {
    method = "PUT", path = "/api/2/mfa/users/{user_id}/verifications/{verification_id}",
    ids = verification,
    body = {
      { "otp", "string", required = true },
      { "device_id", "string" },
    },
    retry = "never",
    secret = { "otp" },
    scopes = EVERYTHING,
    doc = DOCS .. "verify-factor",
  },

  get_verification = {
    method = "GET", path = "/api/2/mfa/users/{user_id}/verifications/{verification_id}",
    ids = verification,
    scopes = EVERYTHING,
    doc = DOCS .. "verify-factor-poll",
  },

  remove_factor = {
    method = "DELETE", path = "/api/2/mfa/users/{user_id}/devices/{device_id}",
    ids = { { "user_id", "integer" }, { "device_id", "string" } },
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "remove-factor",
  },

  generate_token = {
    method = "POST", path = "/api/2/mfa/users/{user_id}/mfa_token",
    ids = user,
    body = {
      { "expires_in", "integer", max = 259200, default = 259200 },
      { "reusable", "boolean", default = false },
    },
    secret = { "mfa_token" },
    success = { 201, 200 }, -- pages say 200, one client 201
    scopes = { "Manage Users", "Manage All" },
    doc = DOCS .. "generate-mfa-token",
  },
}

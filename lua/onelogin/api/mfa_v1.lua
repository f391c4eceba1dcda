-- Multi-factor authentication, version 1: devices, a state token for each activation, codes as strings.

local DOCS = "https://developers.onelogin.com/api-docs/1/multi-factor-authentication/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }
local WRITE = { "Manage Users", "Manage All" }

local user = { { "user_id", "integer" } }
local device = { { "user_id", "integer" }, { "device_id", "integer" } }

return {
  list_factors = {
    method = "GET", path = "/api/1/users/{user_id}/auth_factors",
    ids = user,
    envelope = "v1", result = "list", unwrap = "auth_factors",
    scopes = READ,
    replaced_by = "mfa.list_factors",
    doc = DOCS .. "available-factors",
  },

  list_devices = {
    method = "GET", path = "/api/1/users/{user_id}/otp_devices",
    ids = user,
    envelope = "v1", result = "list", unwrap = "otp_devices",
    scopes = READ,
    replaced_by = "mfa.list_devices",
    doc = DOCS .. "enrolled-factors",
  },

  enroll_factor = {
    method = "POST", path = "/api/1/users/{user_id}/otp_devices",
    ids = user,
    body = {
      { "factor_id", "integer", required = true },
      { "display_name", "string", required = true },
      { "number", "string", required = true },
      { "verified", "boolean", default = false },
    },
    envelope = "v1",
    secret = { "state_token" },
    scopes = WRITE,
    replaced_by = "mfa.enroll_factor",
    doc = DOCS .. "enroll-factor",
  },

  -- Sends a message or a push to a person: repeated only when nothing was sent.
  activate_factor = {
    method = "POST", path = "/api/1/users/{user_id}/otp_devices/{device_id}/trigger",
    ids = device,
    body = {
      { "state_token_expires_in", "integer", max = 900, default = 120 },
      { "numeric_sms_otp", "boolean", default = false },
      { "sms_message", "string" },
    },
    envelope = "v1",
    retry = "unsent",
    secret = { "state_token" },
    scopes = WRITE,
    replaced_by = "mfa.activate_factor",
    doc = DOCS .. "activate-factor",
  },

  -- Also the poll of a push (no otp_token), and never repeated then either: the one who polls
  -- asks again anyway.
  verify_factor = {
    method = "POST", path = "/api/1/users/{user_id}/otp_devices/{device_id}/verify",
    ids = device,
    body = {
      { "otp_token", "string" },
      { "state_token", "string" },
    },
    envelope = "v1", result = "none", pending = true,
    retry = "never", person = true,
    secret = { "otp_token", "state_token" },
    scopes = WRITE,
    replaced_by = "mfa.verify_factor",
    doc = DOCS .. "verify-factor",
  },

  -- Its success is {} without the envelope; its failures wear it.
  remove_factor = {
    method = "DELETE", path = "/api/1/users/{user_id}/otp_devices/{device_id}",
    ids = device,
    envelope = "v1", result = "none",
    scopes = WRITE,
    replaced_by = "mfa.remove_factor",
    doc = DOCS .. "remove-factor",
  },

  -- The one bare answer under /api/1.
  generate_token = {
    method = "POST", path = "/api/1/users/{user_id}/mfa_token",
    ids = user,
    body = {
      { "expires_in", "integer", max = 259200, default = 259200 },
      { "reusable", "boolean", default = false },
    },
    secret = { "mfa_token" },
    scopes = WRITE,
    replaced_by = "mfa.generate_token",
    doc = DOCS .. "generate-mfa-token",
  },
}

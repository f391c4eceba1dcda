-- Smart MFA: a risk score after your own password check, and a code by mail or SMS only when it is high.

local DOCS = "https://developers.onelogin.com/api-docs/2/smart-mfa/"

return {
  validate_user = {
    method = "POST", path = "/api/2/smart-mfa",
    body = {
      { "user_identifier", "string", required = true },
      { "context", "object", required = true, fields = {
        { "user_agent", "string", required = true },
        { "ip", "string", required = true },
        { "session_id", "string" },
        { "device_id", "string" },
        { "device_fingerprint", "string" },
      } },
      { "phone", "string" },
      { "email", "string" },
      { "risk_threshold", "integer", default = 50 },
      { "firstname", "string" },
      { "lastname", "string" },
      { "expires_in", "integer", max = 900, default = 480 },
    },
    retry = "unsent", -- may send a message
    secret = { "state_token" },
    scopes = { "Manage All" },
    status = "early_preview",
    doc = DOCS .. "validate-user",
  },

  -- Success is the bare text OK.
  verify_token = {
    method = "POST", path = "/api/2/smart-mfa/verify",
    body = {
      { "state_token", "string", required = true },
      { "otp_token", "string", required = true },
    },
    result = "value", format = "text",
    retry = "never", person = true,
    secret = { "state_token", "otp_token" },
    scopes = { "Authentication Only", "Read Users", "Manage Users", "Read All", "Manage All" },
    status = "early_preview",
    doc = DOCS .. "verify-token",
  },
}

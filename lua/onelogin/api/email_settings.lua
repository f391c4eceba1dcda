-- The account's own mail server. The page says that these are gone and that others will come.

local DOCS = "https://developers.onelogin.com/api-docs/2/branding/"

local EVERYTHING = { "Manage All" }

return {
  get = {
    method = "GET", path = "/api/2/branding/email_settings",
    secret = { "password" },
    scopes = EVERYTHING,
    status = "deprecated",
    doc = DOCS .. "get-email-settings",
  },

  update = {
    method = "PUT", path = "/api/2/branding/email_settings",
    body = {
      { "address", "string", required = true },
      { "from", "string", required = true },
      { "domain", "string", required = true },
      { "use_tls", "boolean", default = true },
      { "port", "integer", default = 25 },
      { "user_name", "string" },
      { "password", "string" },
    },
    never_with = { "password" },
    secret = { "password" },
    scopes = EVERYTHING,
    status = "deprecated",
    doc = DOCS .. "update-email-settings",
  },

  -- A DELETE that answers.
  reset = {
    method = "DELETE", path = "/api/2/branding/email_settings",
    scopes = EVERYTHING,
    status = "deprecated",
    doc = DOCS .. "reset-email-settings",
  },
}

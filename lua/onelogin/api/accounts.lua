-- Accounts of a reseller's customers. Documented for the old XML API only; the /api/2 routes are known from an
-- official tool.

local DOCS = "https://developers.onelogin.com/api-docs/v1-v3/accounts/"

local one = { { "account_id", "integer" } }

local function account(name_required)
  return { "account", "object", required = true, fields = {
    { "name", "string", required = name_required },
    { "address1", "string" }, { "address2", "string" }, { "city", "string" }, { "state", "string" },
    { "zip", "string" }, { "country", "string" }, { "phone", "string" }, { "homepage", "string" },
    { "notes", "string" },
  } }
end

local api_credential = { "api_credential", "object", fields = {
  { "name", "string" },
  { "permission", "string", enum = {
    "authentication_only", "read_users", "manage_users", "read_all", "manage_all",
  } },
} }

return {
  list = {
    method = "GET", path = "/api/2/accounts",
    query = {
      { "limit", "integer" },
      { "page", "integer", min = 1 },
      { "cursor", "string" },
    },
    paging = "v2", result = "list",
    scopes = {},
    doc = DOCS .. "list-accounts",
  },

  get = {
    method = "GET", path = "/api/2/accounts/{account_id}",
    ids = one,
    scopes = {},
    doc = DOCS .. "account-resource",
  },

  create = {
    method = "POST", path = "/api/2/accounts",
    body = {
      account(true),
      api_credential,
      { "plan", "string" },
      { "subscription_state", "string" },
      { "enforce_user_limit", "boolean" },
      { "email_activation", "any" }, -- true; the one tool that sends it says "true"
    },
    secret = { "client_secret" },
    success = { 201, 200 },
    scopes = {},
    doc = DOCS .. "create-account",
  },

  update = {
    method = "PUT", path = "/api/2/accounts/{account_id}",
    ids = one,
    body = {
      account(nil),
      api_credential,
    },
    secret = { "client_secret" },
    scopes = {},
  },
}

-- Authorization servers: who may get OAuth tokens for an API of yours.

local DOCS = "https://developers.onelogin.com/api-docs/2/api-authorization/"

local EVERYTHING = { "Manage All" }

local one = { { "auth_server_id", "integer" } }

local function configuration(required)
  return { "configuration", "object", required = required, fields = {
    { "resource_identifier", "string", required = required },
    { "audiences", "any", required = required }, -- an array; one schema says a string
    { "access_token_expiration_minutes", "integer" },
    { "refresh_token_expiration_minutes", "integer" },
  } }
end

return {
  list = {
    method = "GET", path = "/api/2/api_authorizations",
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list",
  },

  get = {
    method = "GET", path = "/api/2/api_authorizations/{auth_server_id}",
    ids = one,
    scopes = EVERYTHING,
    doc = DOCS .. "get",
  },

  create = {
    method = "POST", path = "/api/2/api_authorizations",
    body = {
      { "name", "string", required = true },
      { "description", "string", required = true },
      configuration(true),
      { "scopes", "array<object>", fields = {
        { "value", "string" }, { "description", "string" },
      } },
      { "claims", "array<object>", fields = {
        { "name", "string" },
        { "user_attribute_mappings", "string" },
        { "user_attribute_macros", "string" },
        { "attributes_transformations", "string" },
      } },
      { "connector_id", "integer" },
    },
    read_only = { "id" },
    success = { 201, 200 },
    fetch = "auth_servers.get",
    scopes = EVERYTHING,
    doc = DOCS .. "create",
  },

  update = {
    method = "PUT", path = "/api/2/api_authorizations/{auth_server_id}",
    ids = one,
    body = {
      { "name", "string", required = true },
      { "description", "string" },
      configuration(nil),
    },
    read_only = { "id" },
    fetch = "auth_servers.get",
    scopes = EVERYTHING,
    doc = DOCS .. "update",
  },

  delete = {
    method = "DELETE", path = "/api/2/api_authorizations/{auth_server_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "delete",
  },
}

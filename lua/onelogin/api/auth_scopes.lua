-- Scopes of an authorization server: what its clients can ask for.

local DOCS = "https://developers.onelogin.com/api-docs/2/api-authorization/"

local EVERYTHING = { "Manage All" }

local server = { { "auth_server_id", "integer" } }
local one = { { "auth_server_id", "integer" }, { "scope_id", "integer" } }

return {
  list = {
    method = "GET", path = "/api/2/api_authorizations/{auth_server_id}/scopes",
    ids = server,
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-scopes",
  },

  create = {
    method = "POST", path = "/api/2/api_authorizations/{auth_server_id}/scopes",
    ids = server,
    body = {
      { "value", "string", required = true },
      { "description", "string" },
    },
    success = { 201, 200 },
    scopes = EVERYTHING,
    doc = DOCS .. "add-scope",
  },

  update = {
    method = "PUT", path = "/api/2/api_authorizations/{auth_server_id}/scopes/{scope_id}",
    ids = one,
    body = {
      { "value", "string" },
      { "description", "string" },
    },
    scopes = EVERYTHING,
    doc = DOCS .. "update-scope",
  },

  delete = {
    method = "DELETE", path = "/api/2/api_authorizations/{auth_server_id}/scopes/{scope_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "delete-scope",
  },
}

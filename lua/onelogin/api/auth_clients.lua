-- Clients of an authorization server: the OpenID Connect apps that may get its tokens.

local DOCS = "https://developers.onelogin.com/api-docs/2/api-authorization/"

local EVERYTHING = { "Manage All" }

local server = { { "auth_server_id", "integer" } }
local one = { { "auth_server_id", "integer" }, { "client_app_id", "integer" } } -- the app's own id

return {
  list = {
    method = "GET", path = "/api/2/api_authorizations/{auth_server_id}/clients",
    ids = server,
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-client-apps",
  },

  create = {
    method = "POST", path = "/api/2/api_authorizations/{auth_server_id}/clients",
    ids = server,
    body = {
      { "app_id", "integer", required = true },
      { "scopes", "array<integer>", required = true },
    },
    success = { 201 },
    scopes = EVERYTHING,
    doc = DOCS .. "add-client-app",
  },

  update = {
    method = "PUT", path = "/api/2/api_authorizations/{auth_server_id}/clients/{client_app_id}",
    ids = one,
    body = {
      { "scopes", "array<integer>", required = true },
    },
    scopes = EVERYTHING,
    doc = DOCS .. "update-client-app",
  },

  delete = {
    method = "DELETE", path = "/api/2/api_authorizations/{auth_server_id}/clients/{client_app_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "delete-client-app",
  },
}

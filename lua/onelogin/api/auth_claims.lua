-- Claims of an authorization server: what its tokens say about a user.

local DOCS = "https://developers.onelogin.com/api-docs/2/api-authorization/"

local EVERYTHING = { "Manage All" }

local server = { { "auth_server_id", "integer" } }
local one = { { "auth_server_id", "integer" }, { "claim_id", "integer" } }

local attributes = {
  { "name", "string", required = true },
  { "user_attribute_mappings", "string" },
  { "user_attribute_macros", "string" },
  { "attributes_transformations", "string" },
}

return {
  list = {
    method = "GET", path = "/api/2/api_authorizations/{auth_server_id}/claims",
    ids = server,
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-claims",
  },

  create = {
    method = "POST", path = "/api/2/api_authorizations/{auth_server_id}/claims",
    ids = server,
    body = attributes,
    scopes = EVERYTHING,
    doc = DOCS .. "add-claim",
  },

  update = {
    method = "PUT", path = "/api/2/api_authorizations/{auth_server_id}/claims/{claim_id}",
    ids = one,
    body = attributes,
    scopes = EVERYTHING,
    doc = DOCS .. "update-claim",
  },

  delete = {
    method = "DELETE", path = "/api/2/api_authorizations/{auth_server_id}/claims/{claim_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "delete-claim",
  },
}

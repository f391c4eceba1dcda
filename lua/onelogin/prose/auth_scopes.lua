-- Prose of ../api/auth_scopes.lua.

local SERVER_ID = "the authorization server's id"
local SCOPE_ID = "the scope's id, a number"

return {
  list = {
    summary = "List the scopes of an authorization server",
    params = { auth_server_id = SERVER_ID },
    example = {
      call = "ol.auth_scopes:list(1022697)",
      http = { method = "GET", path = "/api/2/api_authorizations/1022697/scopes" },
    },
    sample = { { id = 31, value = "contacts:read", description = "Read contacts" } },
  },

  create = {
    summary = "Add a scope",
    params = {
      auth_server_id = SERVER_ID,
      value = "what clients ask for",
      description = "what it permits",
    },
    errors = { { 422, false, "value is missing or taken" } },
    example = {
      call = 'ol.auth_scopes:create(1022697, { value = "contacts:read", description = "Read contacts" })',
      http = {
        method = "POST", path = "/api/2/api_authorizations/1022697/scopes",
        body = { value = "contacts:read", description = "Read contacts" },
      },
    },
    sample = { id = 31 },
  },

  update = {
    summary = "Change a scope",
    params = {
      auth_server_id = SERVER_ID, scope_id = SCOPE_ID,
      value = "what clients ask for",
      description = "what it permits",
    },
    errors = { { 422, false, "validation failed" } },
    example = {
      call = 'ol.auth_scopes:update(1022697, 31, { description = "Read all contacts" })',
      http = {
        method = "PUT", path = "/api/2/api_authorizations/1022697/scopes/31",
        body = { description = "Read all contacts" },
      },
    },
    sample = { id = 31 },
  },

  delete = {
    summary = "Delete a scope",
    params = { auth_server_id = SERVER_ID, scope_id = SCOPE_ID },
    example = {
      call = "ol.auth_scopes:delete(1022697, 31)",
      http = { method = "DELETE", path = "/api/2/api_authorizations/1022697/scopes/31" },
    },
    sample = true,
  },
}

-- Prose of ../api/auth_clients.lua.

local SERVER_ID = "the authorization server's id"
local CLIENT_APP_ID = "the app's id"
local FOREIGN = { 422, "Validation failed: Scopes 51 does not belong to the specified ApiAuthorizationApp",
                  "a scope is another server's" }

return {
  list = {
    summary = "List the apps that may get tokens of an authorization server",
    params = { auth_server_id = SERVER_ID },
    example = {
      call = "ol.auth_clients:list(1022697)",
      http = { method = "GET", path = "/api/2/api_authorizations/1022697/clients" },
    },
    sample = {
      { app_id = 1127385, api_auth_id = 1022697, name = "An OIDC App",
        scopes = { { id = 31, value = "contacts:read", description = "Read contacts" } } },
    },
  },

  create = {
    summary = "Let an app get tokens of an authorization server",
    params = {
      auth_server_id = SERVER_ID,
      app_id = "the OpenID Connect app",
      scopes = "ids of the scopes it may ask for",
    },
    errors = { { 400, "Missing required field: app_id", "app_id is left out" }, FOREIGN },
    example = {
      call = "ol.auth_clients:create(1022697, { app_id = 1127385, scopes = { 31 } })",
      http = {
        method = "POST", path = "/api/2/api_authorizations/1022697/clients",
        body = { app_id = 1127385, scopes = { 31 } },
      },
    },
    sample = { app_id = 1127385, api_auth_id = 1022697 },
  },

  update = {
    summary = "Change which scopes an app may ask for",
    params = {
      auth_server_id = SERVER_ID, client_app_id = CLIENT_APP_ID,
      scopes = "ids of the scopes it may ask for",
    },
    errors = { FOREIGN },
    example = {
      call = "ol.auth_clients:update(1022697, 1127385, { scopes = { 31, 32 } })",
      http = {
        method = "PUT", path = "/api/2/api_authorizations/1022697/clients/1127385",
        body = { scopes = { 31, 32 } },
      },
    },
    sample = { app_id = 1127385, api_auth_id = 1022697 },
  },

  delete = {
    summary = "Stop an app from getting tokens of an authorization server",
    params = { auth_server_id = SERVER_ID, client_app_id = CLIENT_APP_ID },
    example = {
      call = "ol.auth_clients:delete(1022697, 1127385)",
      http = { method = "DELETE", path = "/api/2/api_authorizations/1022697/clients/1127385" },
    },
    sample = true,
  },
}

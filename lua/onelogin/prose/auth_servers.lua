-- Prose of ../api/auth_servers.lua.

local SERVER_ID = "the authorization server's id"

local configuration = {
  configuration = "what its tokens are",
  ["configuration.resource_identifier"] = "unique identifier of the API it guards",
  ["configuration.audiences"] = "the aud of its tokens",
  ["configuration.access_token_expiration_minutes"] = "how long access tokens live",
  ["configuration.refresh_token_expiration_minutes"] = "how long refresh tokens live",
}

local function with(more)
  for name, text in pairs(configuration) do more[name] = text end
  return more
end

local BLANK = { 422, "Validation failed: Resource identifier can't be blank, Audiences can't be blank",
                "the configuration lacks one of the two" }

local server = {
  id = 1022697, name = "Contacts API", description = "This is an api",
  configuration = {
    resource_identifier = "https://example.com/contacts", audiences = { "https://example.com/contacts" },
    access_token_expiration_minutes = 10, refresh_token_expiration_minutes = 30,
  },
}

return {
  list = {
    summary = "List the authorization servers",
    example = {
      call = "ol.auth_servers:list()",
      http = { method = "GET", path = "/api/2/api_authorizations" },
    },
    sample = { server },
  },

  get = {
    summary = "Fetch an authorization server",
    params = { auth_server_id = SERVER_ID },
    example = {
      call = "ol.auth_servers:get(1022697)",
      http = { method = "GET", path = "/api/2/api_authorizations/1022697" },
    },
    sample = server,
  },

  create = {
    summary = "Create an authorization server",
    params = with {
      name = "name of the API",
      description = "what the API does",
      scopes = "scopes to create at once; known from an official tool only",
      ["scopes.value"] = "what clients ask for",
      ["scopes.description"] = "what it permits",
      claims = "claims to create at once; known from an official tool only",
      ["claims.name"] = "key in the token",
      ["claims.user_attribute_mappings"] = "attribute of the user",
      ["claims.user_attribute_macros"] = "macro",
      ["claims.attributes_transformations"] = "how many values become one",
      connector_id = "other than the usual API connector",
    },
    notes = {
      "Identifier and audiences belong into configuration; unknown settings there are dropped in silence.",
      "The answer is { id } alone; fetch = true in the options reads the server.",
    },
    errors = { BLANK },
    example = {
      call = 'ol.auth_servers:create { name = "Contacts API", description = "This is an api", configuration = { '
        .. 'resource_identifier = "https://example.com/contacts", audiences = { "https://example.com/contacts" } } }',
      http = {
        method = "POST", path = "/api/2/api_authorizations",
        body = {
          name = "Contacts API", description = "This is an api",
          configuration = {
            resource_identifier = "https://example.com/contacts", audiences = { "https://example.com/contacts" },
          },
        },
      },
    },
    sample = { id = 1022697 },
  },

  update = {
    summary = "Change an authorization server",
    params = with {
      auth_server_id = SERVER_ID,
      name = "name of the API; needed every time",
      description = "what the API does",
    },
    notes = {
      "The answer is { id } alone; fetch = true in the options reads the server.",
    },
    errors = { { 400, "Missing required field: name", "name is left out" }, BLANK },
    example = {
      call = 'ol.auth_servers:update(1022697, { name = "Contacts API", description = "People we know" })',
      http = {
        method = "PUT", path = "/api/2/api_authorizations/1022697",
        body = { name = "Contacts API", description = "People we know" },
      },
    },
    sample = { id = 1022697 },
  },

  delete = {
    summary = "Delete an authorization server",
    params = { auth_server_id = SERVER_ID },
    example = {
      call = "ol.auth_servers:delete(1022697)",
      http = { method = "DELETE", path = "/api/2/api_authorizations/1022697" },
    },
    sample = true,
  },
}

-- Prose of ../api/auth_claims.lua.

local SERVER_ID = "the authorization server's id"
local CLAIM_ID = "the claim's id"

local attributes = {
  name = "key in the token",
  user_attribute_mappings = "attribute of the user; custom_attribute_SHORTNAME, roles or _macro_",
  user_attribute_macros = "the macro, when user_attribute_mappings is _macro_",
  attributes_transformations = "how many values become one, such as semicolon_separated_list",
}

local function with(more)
  for name, text in pairs(attributes) do more[name] = text end
  return more
end

local TAKEN = { 422, "Validation failed: Name has already been taken", "there is a claim of that name" }

return {
  list = {
    summary = "List the claims of an authorization server",
    params = { auth_server_id = SERVER_ID },
    example = {
      call = "ol.auth_claims:list(1022697)",
      http = { method = "GET", path = "/api/2/api_authorizations/1022697/claims" },
    },
    sample = {
      { id = 320780, name = "email_address", label = "email_address", user_attribute_mappings = "email" },
    },
  },

  create = {
    summary = "Add a claim",
    params = with { auth_server_id = SERVER_ID },
    errors = { TAKEN },
    example = {
      call = 'ol.auth_claims:create(1022697, { name = "email_address", user_attribute_mappings = "email" })',
      http = {
        method = "POST", path = "/api/2/api_authorizations/1022697/claims",
        body = { name = "email_address", user_attribute_mappings = "email" },
      },
    },
    sample = { id = 320780 },
  },

  update = {
    summary = "Change a claim",
    params = with { auth_server_id = SERVER_ID, claim_id = CLAIM_ID },
    errors = { TAKEN },
    example = {
      call = 'ol.auth_claims:update(1022697, 320780, { name = "mail", user_attribute_mappings = "email" })',
      http = {
        method = "PUT", path = "/api/2/api_authorizations/1022697/claims/320780",
        body = { name = "mail", user_attribute_mappings = "email" },
      },
    },
    sample = { id = 320780 },
  },

  delete = {
    summary = "Delete a claim",
    params = { auth_server_id = SERVER_ID, claim_id = CLAIM_ID },
    example = {
      call = "ol.auth_claims:delete(1022697, 320780)",
      http = { method = "DELETE", path = "/api/2/api_authorizations/1022697/claims/320780" },
    },
    sample = true,
  },
}

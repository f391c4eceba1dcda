-- Self-registration: forms by which people become users.

local DOCS = "https://developers.onelogin.com/api-docs/2/user-self-registration/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }
local WRITE = { "Manage Users", "Manage All" }

local one = { { "profile_id", "integer" } }

-- The pages show the body without its wrapper; what has been tried is with it.
local attributes = {
  { "url", "string", required = true },
  { "name", "string", required = true },
  { "enabled", "boolean", required = true },
  { "moderated", "boolean" },
  { "default_role_id", "integer" },
  { "default_group_id", "integer" },
  { "helptext", "string" },
  { "thankyou_message", "string" },
  { "domain_whitelist", "string" },
  { "domain_blacklist", "string" },
  { "domain_list_strategy", "integer", enum = { 0, 1 } },
  { "email_verification_type", "string", enum = { "Email MagicLink", "Email OTP" } },
}

return {
  list = {
    method = "GET", path = "/api/2/self_registration_profiles",
    query = {
      { "limit", "integer", default = 50 },
      { "page", "integer", min = 1 },
      { "cursor", "string" },
    },
    paging = "v2", result = "list",
    scopes = READ,
    doc = DOCS .. "list-profiles",
  },

  get = {
    method = "GET", path = "/api/2/self_registration_profiles/{profile_id}",
    ids = one,
    scopes = READ,
    doc = DOCS .. "get-profile",
  },

  create = {
    method = "POST", path = "/api/2/self_registration_profiles",
    body = attributes,
    wrap = "self_registration_profile",
    read_only = { "id", "fields" },
    success = { 201, 200 },
    scopes = WRITE,
    doc = DOCS .. "create-profile",
  },

  update = {
    method = "PUT", path = "/api/2/self_registration_profiles/{profile_id}",
    ids = one,
    body = attributes,
    wrap = "self_registration_profile",
    read_only = { "id", "fields" },
    scopes = WRITE,
    doc = DOCS .. "update-profile",
  },

  delete = {
    method = "DELETE", path = "/api/2/self_registration_profiles/{profile_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "delete-profile",
  },

  add_field = {
    method = "POST", path = "/api/2/self_registration_profiles/{profile_id}/self_registration_profile_fields",
    ids = one,
    body = { { "custom_attribute_id", "integer", required = true } },
    success = { 201, 200 },
    scopes = WRITE,
    doc = DOCS .. "add-field",
  },

  delete_field = {
    method = "DELETE",
    path = "/api/2/self_registration_profiles/{profile_id}/self_registration_profile_fields/{field_id}",
    ids = { { "profile_id", "integer" }, { "field_id", "integer" } },
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "delete-field",
  },
}

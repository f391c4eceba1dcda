-- Apps: what users sign in to.

local DOCS = "https://developers.onelogin.com/api-docs/2/apps/"

local READ = { "Read All", "Manage All" }
local WRITE = { "Manage All" }

local one = { { "app_id", "integer" } }

-- An app that was read may be written back whole (the documented way to clone one): the server leaves alone what is
-- its own.
local function attributes(required)
  return {
    { "name", "string", required = required },
    { "connector_id", "integer", required = required },
    { "description", "string" },
    { "notes", "string" },
    { "visible", "boolean" },
    { "policy_id", "integer" },
    { "brand_id", "integer" },
    { "tab_id", "integer" },
    { "allow_assumed_signin", "boolean" },
    { "role_ids", "array<integer>" },
    { "provisioning", "object", fields = {
      { "enabled", "boolean" },
    } },
    { "parameters", "object" },
    { "configuration", "object" },
    { "enforcement_point", "object" },
    { "id", "integer", ignored = true },
    { "icon_url", "string", ignored = true },
    { "auth_method", "integer", ignored = true },
    { "auth_method_description", "string", ignored = true },
    { "sso", "object", ignored = true },
    { "created_at", "string", ignored = true },
    { "updated_at", "string", ignored = true },
  }
end

-- sso.client_secret comes once, in the answer to create; enforcement_point.token likewise.
local secret = { "client_secret", "token" }

return {
  list = {
    method = "GET", path = "/api/2/apps",
    query = {
      { "name", "string", wildcard = true },
      { "connector_id", "integer" },
      { "auth_method", "integer", enum = { 0, 1, 2, 3, 4, 6, 7, 8 } },
      { "fields", "array<string>" },
      { "limit", "integer", default = 50, max = 1000 },
      { "page", "integer", min = 1 },
      { "cursor", "string" },
    },
    paging = "v2", result = "list",
    scopes = READ,
    doc = DOCS .. "list-apps",
  },

  get = {
    method = "GET", path = "/api/2/apps/{app_id}",
    ids = one,
    secret = secret,
    scopes = READ,
    doc = DOCS .. "get-app",
  },

  create = {
    method = "POST", path = "/api/2/apps",
    body = attributes(true),
    secret = secret,
    success = { 201, 200 },
    scopes = WRITE,
    doc = DOCS .. "create-app",
  },

  -- A PUT that merges: what is left out keeps its value.
  update = {
    method = "PUT", path = "/api/2/apps/{app_id}",
    ids = one,
    body = attributes(nil),
    secret = secret,
    scopes = WRITE,
    doc = DOCS .. "update-app",
  },

  delete = {
    method = "DELETE", path = "/api/2/apps/{app_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "delete-app",
  },

  delete_parameter = {
    method = "DELETE", path = "/api/2/apps/{app_id}/parameters/{parameter_id}",
    ids = { { "app_id", "integer" }, { "parameter_id", "integer" } },
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "delete-parameter",
  },

  list_users = {
    method = "GET", path = "/api/2/apps/{app_id}/users",
    ids = one,
    query = {
      { "limit", "integer", default = 50, max = 1000 },
      { "page", "integer", min = 1 },
      { "cursor", "string" },
    },
    paging = "v2", result = "list",
    scopes = READ,
    doc = DOCS .. "list-users",
  },
}

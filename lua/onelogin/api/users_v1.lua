-- Users as version 1 has them: pages by cursor, one object in an array, no passwords or roles on create.

local DOCS = "https://developers.onelogin.com/api-docs/1/users/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }
local WRITE = { "Manage Users", "Manage All" }

local one = { { "user_id", "integer" } }

-- The state and status of a user can be changed but not given at birth.
local function attributes(required, more)
  local list = {
    { "firstname", "string", required = required },
    { "lastname", "string", required = required },
    { "email", "string", required = required },
    { "username", "string", required = required },
    { "company", "string" },
    { "department", "string" },
    { "directory_id", "integer" },
    { "distinguished_name", "string" },
    { "external_id", "string" },
    { "group_id", "integer" },
    { "invalid_login_attempts", "integer" },
    { "locale_code", "string" },
    { "manager_ad_id", "string" },
    { "manager_user_id", "integer" },
    { "member_of", "string" },
    { "notes", "string" }, -- comes back as comment
    { "openid_name", "string" },
    { "phone", "string" },
    { "samaccountname", "string" },
    { "title", "string" },
    { "userprincipalname", "string" },
  }
  for _, param in ipairs(more or {}) do list[#list + 1] = param end
  return list
end

local kept_by_server = {
  "id", "activated_at", "created_at", "updated_at", "last_login", "locked_until",
  "invitation_sent_at", "password_changed_at",
}

return {
  list = {
    method = "GET", path = "/api/1/users",
    query = {
      { "id", "integer" },
      { "email", "string", wildcard = true },
      { "username", "string", wildcard = true },
      { "firstname", "string", wildcard = true },
      { "lastname", "string", wildcard = true },
      { "samaccountname", "string", wildcard = true },
      { "userprincipalname", "string", wildcard = true },
      { "directory_id", "integer" },
      { "external_id", "string", wildcard = true },
      { "manager_ad_id", "string", wildcard = true },
      { "role_id", "integer" },
      { "since", "string" },
      { "until", "string" },
      { "fields", "array<string>" },
      { "sort", "string" },
      { "limit", "integer", default = 50, cap = 50 },
      { "after_cursor", "string" },
      { "before_cursor", "string" },
    },
    envelope = "v1", paging = "v1", result = "list", pin = "+id",
    scopes = READ,
    replaced_by = "users.list",
    doc = DOCS .. "get-users",
  },

  get = {
    method = "GET", path = "/api/1/users/{user_id}",
    ids = one,
    envelope = "v1",
    scopes = READ,
    replaced_by = "users.get",
    doc = DOCS .. "get-user-by-id",
  },

  create = {
    method = "POST", path = "/api/1/users",
    body = attributes(true),
    envelope = "v1",
    read_only = kept_by_server,
    scopes = WRITE,
    replaced_by = "users.create",
    doc = DOCS .. "create-user",
  },

  update = {
    method = "PUT", path = "/api/1/users/{user_id}",
    ids = one,
    body = attributes(nil, {
      { "state", "integer", enum = { 0, 1, 2, 3 } },
      { "status", "integer", enum = { 0, 1, 2, 3, 4, 5, 7, 8 } },
    }),
    envelope = "v1",
    read_only = kept_by_server,
    scopes = WRITE,
    replaced_by = "users.update",
    doc = DOCS .. "update-user",
  },

  delete = {
    method = "DELETE", path = "/api/1/users/{user_id}",
    ids = one,
    envelope = "v1", result = "none",
    scopes = WRITE,
    replaced_by = "users.delete",
    doc = DOCS .. "delete-user",
  },

  apps = {
    method = "GET", path = "/api/1/users/{user_id}/apps",
    ids = one,
    envelope = "v1", result = "list",
    nested = true, -- only an empty answer is: data:[[]]
    scopes = READ,
    replaced_by = "users.get_apps",
    doc = DOCS .. "get-apps-for-user",
  },

  custom_attributes = {
    method = "GET", path = "/api/1/users/custom_attributes",
    envelope = "v1", result = "list", nested = true,
    scopes = READ,
    replaced_by = "custom_attributes.list",
    doc = DOCS .. "get-custom-attributes",
  },
}

-- Users: the v2 operations, and those that live on without a v2 twin under /api/1.

local DOCS = "https://developers.onelogin.com/api-docs/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }
local WRITE = { "Manage Users", "Manage All" }
local EVERYTHING = { "Manage All" }

local one = { { "user_id", "integer" } }

-- Neither username nor email is marked required: older pages accept either of the two.
local attributes = {
  { "username", "string" },
  { "email", "string" },
  { "firstname", "string" },
  { "lastname", "string" },
  { "password", "string" },
  { "password_confirmation", "string" },
  { "password_algorithm", "string", enum = { "salt+sha256", "sha256+salt", "bcrypt" } },
  { "salt", "string" },
  { "title", "string" },
  { "department", "string" },
  { "company", "string" },
  { "comment", "string" },
  { "group_id", "integer" },
  { "role_ids", "array<integer>" },
  { "phone", "string" },
  { "state", "integer", enum = { 0, 1, 2, 3 } },
  { "status", "integer", enum = { 0, 1, 2, 3, 4, 5, 7, 8 } },
  { "directory_id", "integer" },
  { "trusted_idp_id", "integer" },
  { "manager_ad_id", "string" },
  { "manager_user_id", "integer" }, -- one page says string; answers carry an integer
  { "samaccountname", "string" },
  { "member_of", "string" },
  { "userprincipalname", "string" },
  { "distinguished_name", "string" },
  { "external_id", "string" },
  { "invalid_login_attempts", "integer" },
  { "preferred_locale_code", "string" },
  { "custom_attributes", "object" },
}

local write_options = {
  { "mappings", "string", enum = { "async", "sync", "disabled" }, default = "async" },
  { "validate_policy", "boolean", default = true },
}

-- Answers carry them, but a body that names one is refused as an unknown attribute.
local kept_by_server = {
  "id", "activated_at", "created_at", "updated_at", "last_login", "locked_until",
  "invitation_sent_at", "password_changed_at",
}

-- Writing a user is an ordinary write until it carries a password.
local passwords = { "password", "password_confirmation", "salt" }

return {
  list = {
    method = "GET", path = "/api/2/users",
    query = {
      { "email", "string", wildcard = true },
      { "username", "string", wildcard = true },
      { "firstname", "string", wildcard = true },
      { "lastname", "string", wildcard = true },
      { "samaccountname", "string" },
      { "directory_id", "integer" },
      { "external_id", "string" },
      { "app_id", "integer" },
      { "user_ids", "array<integer>" },
      { "custom_attributes.*", "string" },
      { "created_since", "string" },
      { "created_until", "string" },
      { "updated_since", "string" },
      { "updated_until", "string" },
      { "last_login_since", "string" },
      { "last_login_until", "string" },
      { "fields", "array<string>" },
      { "sort", "string" },
      { "limit", "integer", default = 50 }, -- no source names a ceiling; 100 has been seen
      { "page", "integer", min = 1 },
      { "cursor", "string" },
    },
    paging = "v2", result = "list", pin = "+id",
    scopes = READ,
    doc = DOCS .. "2/users/list-users",
  },

  get = {
    method = "GET", path = "/api/2/users/{user_id}",
    ids = one,
    scopes = READ,
    doc = DOCS .. "2/users/get-user",
  },

  create = {
    method = "POST", path = "/api/2/users",
    query = write_options,
    body = attributes,
    read_only = kept_by_server,
    never_with = passwords,
    secret = passwords,
    success = { 201 },
    scopes = WRITE,
    doc = DOCS .. "2/users/create-user",
  },

  update = {
    method = "PUT", path = "/api/2/users/{user_id}",
    ids = one,
    query = write_options,
    body = attributes,
    read_only = kept_by_server,
    never_with = passwords,
    secret = passwords,
    scopes = WRITE,
    doc = DOCS .. "2/users/update-user",
  },

  delete = {
    method = "DELETE", path = "/api/2/users/{user_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "2/users/delete-user",
  },

  get_apps = {
    method = "GET", path = "/api/2/users/{user_id}/apps",
    ids = one,
    query = {
      { "ignore_visibility", "boolean", default = false },
    },
    result = "list",
    scopes = READ,
    doc = DOCS .. "2/users/get-user-apps",
  },

  unlock = {
    method = "POST", path = "/api/2/users/{user_id}/unlock",
    ids = one,
    scopes = {},
    doc = DOCS .. "2/users/unlock-user",
  },

  -- No page documents the next two; the shape of their answers is unknown.
  get_privileges = {
    method = "GET", path = "/api/2/users/{user_id}/privileges",
    ids = one,
    result = "list",
    scopes = {},
    status = "early_preview",
  },

  get_delegated_privileges = {
    method = "GET", path = "/api/2/users/{user_id}/delegated_privileges",
    ids = one,
    result = "list",
    scopes = {},
    status = "early_preview",
  },

  -- From here on: version 1 only.

  roles = {
    method = "GET", path = "/api/1/users/{user_id}/roles",
    ids = one,
    envelope = "v1", result = "list", nested = true,
    scopes = { "Read All", "Manage All" },
    doc = DOCS .. "1/users/get-roles-for-user",
  },

  assign_roles = {
    method = "PUT", path = "/api/1/users/{user_id}/add_roles",
    ids = one,
    body = {
      { "role_id_array", "array<integer>", required = true },
    },
    envelope = "v1", result = "none",
    scopes = EVERYTHING,
    doc = DOCS .. "1/users/assign-role-to-user",
  },

  remove_roles = {
    method = "PUT", path = "/api/1/users/{user_id}/remove_roles",
    ids = one,
    body = {
      { "role_id_array", "array<integer>", required = true },
    },
    envelope = "v1", result = "none",
    scopes = EVERYTHING,
    doc = DOCS .. "1/users/remove-role-from-user",
  },

  -- In the two password routes the id comes last, behind the verb.
  set_password_cleartext = {
    method = "PUT", path = "/api/1/users/set_password_clear_text/{user_id}",
    ids = one,
    body = {
      { "password", "string", required = true },
      { "password_confirmation", "string", required = true },
      { "validate_policy", "boolean", default = false },
    },
    envelope = "v1", result = "none",
    retry = "never",
    secret = { "password", "password_confirmation" },
    scopes = EVERYTHING,
    doc = DOCS .. "1/users/set-password-in-cleartext",
  },

  set_password_salted = {
    method = "PUT", path = "/api/1/users/set_password_using_salt/{user_id}",
    ids = one,
    body = {
      { "password", "string", required = true },
      { "password_confirmation", "string", required = true },
      { "password_algorithm", "string", required = true, enum = { "salt+sha256" } },
      { "password_salt", "string" },
    },
    envelope = "v1", result = "none",
    retry = "never",
    secret = { "password", "password_confirmation", "password_salt" },
    scopes = EVERYTHING,
    doc = DOCS .. "1/users/set-password-using-sha-256",
  },

  set_custom_attributes = {
    method = "PUT", path = "/api/1/users/{user_id}/set_custom_attributes",
    ids = one,
    body = {
      { "custom_attributes", "object", required = true },
    },
    envelope = "v1", result = "none",
    scopes = WRITE,
    doc = DOCS .. "1/users/set-custom-attribute",
  },

  set_state = {
    method = "PUT", path = "/api/1/users/{user_id}/set_state",
    ids = one,
    body = {
      { "state", "integer", required = true, enum = { 0, 1, 2, 3 } },
    },
    envelope = "v1", result = "none",
    scopes = EVERYTHING,
    doc = DOCS .. "1/users/set-state",
  },

  log_out = {
    method = "PUT", path = "/api/1/users/{user_id}/logout",
    ids = one,
    envelope = "v1", result = "none",
    scopes = { "Authentication Only", "Manage Users", "Manage All" },
    doc = DOCS .. "1/users/log-user-out",
  },

  lock = {
    method = "PUT", path = "/api/1/users/{user_id}/lock_user",
    ids = one,
    body = {
      { "locked_until", "integer", required = true }, -- minutes, not an instant
    },
    envelope = "v1", result = "none",
    scopes = EVERYTHING,
    doc = DOCS .. "1/users/lock-user-account",
  },
}

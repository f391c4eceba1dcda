-- Privileges: named sets of actions for delegated administration.
-- Under /api/1, yet bare bodies and errors in v2 form; ids are UUIDs; lists have cursors in camel case.

local DOCS = "https://developers.onelogin.com/api-docs/1/privileges/"

local EVERYTHING = { "Manage All" }

local one = { { "privilege_id", "string" } }

local whole = {
  { "name", "string", required = true },
  { "description", "string" },
  { "privilege", "object", required = true, fields = {
    { "Version", "string" }, -- always 2018-05-18
    { "Statement", "array<object>", fields = {
      { "Effect", "string", enum = { "Allow" } },
      { "Action", "array<string>" },
      { "Scope", "array<string>" },
    } },
  } },
}

return {
  list = {
    method = "GET", path = "/api/1/privileges",
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-privileges",
  },

  get = {
    method = "GET", path = "/api/1/privileges/{privilege_id}",
    ids = one,
    scopes = EVERYTHING,
    doc = DOCS .. "get-privilege",
  },

  create = {
    method = "POST", path = "/api/1/privileges",
    body = whole,
    read_only = { "id" },
    success = { 201 },
    fetch = "privileges.get",
    scopes = EVERYTHING,
    doc = DOCS .. "create-privilege",
  },

  update = {
    method = "PUT", path = "/api/1/privileges/{privilege_id}",
    ids = one,
    body = whole,
    read_only = { "id" },
    fetch = "privileges.get",
    scopes = EVERYTHING,
    doc = DOCS .. "update-privilege",
  },

  delete = {
    method = "DELETE", path = "/api/1/privileges/{privilege_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "delete-privilege",
  },

  list_roles = {
    method = "GET", path = "/api/1/privileges/{privilege_id}/roles",
    ids = one,
    query = { { "after_cursor", "string" } },
    paging = "camel", result = "list", unwrap = "roles",
    scopes = EVERYTHING,
    doc = DOCS .. "get-roles",
  },

  assign_roles = {
    method = "POST", path = "/api/1/privileges/{privilege_id}/roles",
    ids = one,
    body = { { "roles", "array<integer>", required = true } },
    result = "value", unwrap = "success",
    success = { 201, 200 },
    scopes = EVERYTHING,
    doc = DOCS .. "assign-role",
  },

  remove_role = {
    method = "DELETE", path = "/api/1/privileges/{privilege_id}/roles/{role_id}",
    ids = { { "privilege_id", "string" }, { "role_id", "integer" } },
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "remove-role",
  },

  list_users = {
    method = "GET", path = "/api/1/privileges/{privilege_id}/users",
    ids = one,
    query = { { "after_cursor", "string" } },
    paging = "camel", result = "list", unwrap = "users",
    scopes = EVERYTHING,
    doc = DOCS .. "get-users",
  },

  assign_users = {
    method = "POST", path = "/api/1/privileges/{privilege_id}/users",
    ids = one,
    body = { { "users", "array<integer>", required = true } },
    result = "value", unwrap = "success",
    success = { 200, 201 },
    scopes = EVERYTHING,
    doc = DOCS .. "assign-users",
  },

  remove_user = {
    method = "DELETE", path = "/api/1/privileges/{privilege_id}/users/{user_id}",
    ids = { { "privilege_id", "string" }, { "user_id", "integer" } },
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "remove-user",
  },
}

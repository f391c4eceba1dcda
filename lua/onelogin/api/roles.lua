-- Roles: who holds them, who administers them, which apps they grant.
-- Memberships travel as bare arrays of ids, in DELETE too.

local DOCS = "https://developers.onelogin.com/api-docs/2/roles/"

local READ = { "Read Users", "Read All", "Manage All" }
local WRITE = { "Manage All" }

local one = { { "role_id", "integer" } }

local function pages(list, limit)
  list[#list + 1] = limit or { "limit", "integer", default = 50 }
  list[#list + 1] = { "page", "integer", min = 1 }
  list[#list + 1] = { "cursor", "string" }
  return list
end

local people = pages {
  { "name", "string" },
  { "include_unassigned", "boolean", default = false },
}

local kept_by_server = { "id" }

return {
  list = {
    method = "GET", path = "/api/2/roles",
    query = pages({
      { "name", "string", wildcard = true },
      { "app_id", "integer" },
      { "app_name", "string" },
      { "fields", "array<string>", enum = { "apps", "users", "admins" } },
      { "sort", "string" },
    }, { "limit", "integer", default = 50, max = 650 }),
    paging = "v2", result = "list", pin = "+id",
    scopes = READ,
    doc = DOCS .. "list-roles",
  },

  get = {
    method = "GET", path = "/api/2/roles/{role_id}",
    ids = one,
    scopes = READ,
    doc = DOCS .. "get-role",
  },

  create = {
    method = "POST", path = "/api/2/roles",
    body = {
      { "name", "string", required = true },
      { "apps", "array<integer>" },
      { "users", "array<integer>" },
      { "admins", "array<integer>" },
    },
    read_only = kept_by_server,
    success = { 201 },
    fetch = "roles.get", -- the answer is { id } alone
    scopes = WRITE,
    doc = DOCS .. "create-role",
  },

  -- An array replaces the whole membership; [] empties it.
  update = {
    method = "PUT", path = "/api/2/roles/{role_id}",
    ids = one,
    body = {
      { "name", "string" },
      { "apps", "array<integer>" },
      { "users", "array<integer>" },
      { "admins", "array<integer>" },
    },
    read_only = kept_by_server,
    fetch = "roles.get",
    scopes = WRITE,
    doc = DOCS .. "update-role",
  },

  delete = {
    method = "DELETE", path = "/api/2/roles/{role_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "delete-role",
  },

  get_apps = {
    method = "GET", path = "/api/2/roles/{role_id}/apps",
    ids = one,
    query = pages {
      { "assigned", "boolean", default = true },
    },
    paging = "v2", result = "list",
    scopes = READ,
    doc = DOCS .. "get-role-apps",
  },

  set_apps = {
    method = "PUT", path = "/api/2/roles/{role_id}/apps",
    ids = one,
    body = "array", items = "integer",
    result = "list",
    scopes = WRITE,
    doc = DOCS .. "set-role-apps",
  },

  get_users = {
    method = "GET", path = "/api/2/roles/{role_id}/users",
    ids = one,
    query = people,
    paging = "v2", result = "list",
    scopes = READ,
    doc = DOCS .. "get-role-users",
  },

  add_users = {
    method = "POST", path = "/api/2/roles/{role_id}/users",
    ids = one,
    body = "array", items = "integer",
    result = "list",
    scopes = WRITE,
    doc = DOCS .. "add-role-users",
  },

  remove_users = {
    method = "DELETE", path = "/api/2/roles/{role_id}/users",
    ids = one,
    body = "array", items = "integer",
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "remove-role-users",
  },

  get_admins = {
    method = "GET", path = "/api/2/roles/{role_id}/admins",
    ids = one,
    query = people,
    paging = "v2", result = "list",
    scopes = READ,
    doc = DOCS .. "get-role-admins",
  },

  add_admins = {
    method = "POST", path = "/api/2/roles/{role_id}/admins",
    ids = one,
    body = "array", items = "integer",
    result = "list",
    scopes = WRITE,
    doc = DOCS .. "add-role-admins",
  },

  remove_admins = {
    method = "DELETE", path = "/api/2/roles/{role_id}/admins",
    ids = one,
    body = "array", items = "integer",
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "remove-role-admins",
  },
}

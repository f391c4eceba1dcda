-- Roles as version 1 has them: to read only.

local DOCS = "https://developers.onelogin.com/api-docs/1/roles/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }

return {
  list = {
    method = "GET", path = "/api/1/roles",
    query = {
      { "id", "integer" },
      { "name", "string", wildcard = true },
      { "fields", "array<string>" },
      { "sort", "string" },
      { "limit", "integer", default = 50, cap = 50 },
      { "after_cursor", "string" },
      { "before_cursor", "string" },
    },
    envelope = "v1", paging = "v1", result = "list", pin = "+id",
    scopes = READ,
    replaced_by = "roles.list",
    doc = DOCS .. "get-roles",
  },

  get = {
    method = "GET", path = "/api/1/roles/{role_id}",
    ids = { { "role_id", "integer" } },
    envelope = "v1",
    scopes = READ,
    replaced_by = "roles.get",
    doc = DOCS .. "get-role-by-id",
  },
}

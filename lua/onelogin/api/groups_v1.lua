-- Groups (the holders of security policies) as version 1 has them: to read only.

local DOCS = "https://developers.onelogin.com/api-docs/1/groups/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }

return {
  list = {
    method = "GET", path = "/api/1/groups",
    query = {
      { "id", "integer" },
      { "fields", "array<string>" },
      { "sort", "string" },
      { "limit", "integer", default = 50, cap = 50 },
      { "after_cursor", "string" },
      { "before_cursor", "string" },
    },
    envelope = "v1", paging = "v1", result = "list", pin = "+id",
    scopes = READ,
    replaced_by = "groups.list",
    doc = DOCS .. "get-groups",
  },

  get = {
    method = "GET", path = "/api/1/groups/{group_id}",
    ids = { { "group_id", "integer" } },
    envelope = "v1",
    scopes = READ,
    replaced_by = "groups.get",
    doc = DOCS .. "get-group-by-id",
  },
}

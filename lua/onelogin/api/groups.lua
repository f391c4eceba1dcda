-- Groups (the holders of security policies). No page documents these: sources are the official tools that use them.

local one = { { "group_id", "integer" } }

return {
  list = {
    method = "GET", path = "/api/2/groups",
    query = {
      { "name", "string", wildcard = true },
      { "reference", "string" },
      { "limit", "integer", default = 50 },
      { "page", "integer", min = 1 },
      { "cursor", "string" },
    },
    paging = "v2", result = "list",
    scopes = {},
  },

  get = {
    method = "GET", path = "/api/2/groups/{group_id}",
    ids = one,
    scopes = {},
  },

  create = {
    method = "POST", path = "/api/2/groups",
    body = {
      { "name", "string", required = true },
      { "reference", "string" },
      { "policy_id", "integer" },
    },
    success = { 201 },
    scopes = {},
  },

  update = {
    method = "PUT", path = "/api/2/groups/{group_id}",
    ids = one,
    body = {
      { "name", "string" },
      { "reference", "string" },
      { "policy_id", "integer" },
    },
    scopes = {},
  },

  delete = {
    method = "DELETE", path = "/api/2/groups/{group_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = {},
  },
}

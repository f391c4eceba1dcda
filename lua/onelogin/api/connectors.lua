-- Connectors: the templates that apps are made from.

return {
  list = {
    method = "GET", path = "/api/2/connectors",
    query = {
      { "name", "string", wildcard = true },
      { "auth_method", "integer", enum = { 0, 1, 2, 3, 4, 6, 7, 8 } },
      { "limit", "integer", default = 50, max = 1000 },
      { "page", "integer", min = 1 },
      { "cursor", "string" },
    },
    paging = "v2", result = "list",
    scopes = { "Read All", "Manage All" },
    doc = "https://developers.onelogin.com/api-docs/2/connectors/list-connectors",
  },
}

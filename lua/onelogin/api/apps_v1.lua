-- Apps as version 1 has them: a short list.

return {
  list = {
    method = "GET", path = "/api/1/apps",
    query = {
      { "fields", "array<string>" },
      { "sort", "string" },
      { "limit", "integer", default = 50, cap = 50 },
      { "after_cursor", "string" },
      { "before_cursor", "string" },
    },
    envelope = "v1", paging = "v1", result = "list", pin = "+id",
    scopes = { "Read All", "Manage All" },
    status = "deprecated", replaced_by = "apps.list",
    doc = "https://developers.onelogin.com/api-docs/1/apps/get-apps",
  },
}

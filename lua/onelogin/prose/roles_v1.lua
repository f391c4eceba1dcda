-- Prose of ../api/roles_v1.lua.

return {
  list = {
    summary = "Page through the roles by cursor, filtered if wanted",
    params = {
      id = "one role",
      name = "role name, * allowed",
      fields = "attributes to return; id comes in any case",
      sort = "attribute to order by, with + (up) or - (down) in front",
      limit = "rows of a page; 50 is all one gets",
      after_cursor = "the page after; empty is the first",
      before_cursor = "the page before",
    },
    example = {
      call = 'ol.roles_v1:list { name = "Emp*" }',
      http = { method = "GET", path = "/api/1/roles", query = { name = "Emp*" } },
    },
    sample = { { id = 143175, name = "Employee" } },
  },

  get = {
    summary = "Fetch a role",
    params = { role_id = "the role's id" },
    errors = {
      { 403, "user is not authorized to access this Role", "the role belongs to another account" },
      { 404, "Role for id 143175 was not found", "no role has that id" },
    },
    example = {
      call = "ol.roles_v1:get(143175)",
      http = { method = "GET", path = "/api/1/roles/143175" },
    },
    sample = { id = 143175, name = "Employee" },
  },
}

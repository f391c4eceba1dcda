-- Prose of ../api/groups_v1.lua.

return {
  list = {
    summary = "Page through the groups by cursor",
    params = {
      id = "one group; the only documented filter",
      fields = "attributes to return; id comes in any case",
      sort = "attribute to order by, with + (up) or - (down) in front",
      limit = "rows of a page; 50 is all one gets",
      after_cursor = "the page after; empty is the first",
      before_cursor = "the page before",
    },
    notes = {
      "reference is always null.",
    },
    example = {
      call = 'ol.groups_v1:list { sort = "-id" }',
      http = { method = "GET", path = "/api/1/groups", query = { sort = "-id" } },
    },
    sample = { { id = 419333, name = "contractors" }, { id = 417333, name = "employees" } },
  },

  get = {
    summary = "Fetch a group",
    params = { group_id = "the group's id" },
    errors = {
      { 404, "Group for id 417333 was not found", "no group has that id" },
    },
    example = {
      call = "ol.groups_v1:get(417333)",
      http = { method = "GET", path = "/api/1/groups/417333" },
    },
    sample = { id = 417333, name = "employees" },
  },
}

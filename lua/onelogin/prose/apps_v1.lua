-- Prose of ../api/apps_v1.lua.

return {
  list = {
    summary = "Page through the apps by cursor, in a short form",
    params = {
      fields = "attributes to return; id comes in any case",
      sort = "attribute to order by, with + (up) or - (down) in front",
      limit = "rows of a page; 50 is all one gets",
      after_cursor = "the page after; empty is the first",
      before_cursor = "the page before",
    },
    notes = {
      "Its page is gone and only after_cursor is on record; the rest is what v1 lists have.",
    },
    example = {
      call = "ol.apps_v1:list()",
      http = { method = "GET", path = "/api/1/apps" },
    },
    sample = {
      { id = 1127385, connector_id = 78887, name = "Amazon Web Services (AWS) Multi Account", extension = false,
        icon = "https://s3.amazonaws.com/onelogin-assets/images/icons/amazonwebservicesmultiaccount.png",
        visible = true, provisioning = false },
    },
  },
}

-- Prose of ../api/connectors.lua.

return {
  list = {
    summary = "Page through the templates that apps are made from",
    params = {
      name = "connector name, or a part of it",
      auth_method = "0 password, 1 OpenID, 2 SAML, 3 API, 4 Google, 6 form, 7 WS-Fed, 8 OpenID Connect",
      limit = "rows of a page, at most 1000",
      page = "page number from 1",
      cursor = "a page's place, from an earlier page's info; travels alone",
    },
    errors = { { 422, 'invalid value in "auth_method"', "a filter has a value of the wrong kind" } },
    example = {
      call = 'ol.connectors:list { name = "Amazon" }',
      http = { method = "GET", path = "/api/2/connectors", query = { name = "Amazon" } },
    },
    sample = {
      { id = 50534, name = "Amazon Web Services (AWS) Multi Role", auth_method = 2, allows_new_parameters = true,
        icon_url = "https://cdn.onelogin.com/images/icons/square/amazonwebservices3multirole/original.png" },
    },
  },
}

-- Custom fields of users: their definitions. The values are written by users.update.

local DOCS = "https://developers.onelogin.com/api-docs/2/users/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }
local WRITE = { "Manage Users", "Manage All" }

local one = { { "attribute_id", "integer" } }

local definition = {
  { "name", "string", required = true },
  { "shortname", "string", required = true },
  { "position", "integer" },
}

return {
  list = {
    method = "GET", path = "/api/2/users/custom_attributes",
    result = "list",
    scopes = READ,
    doc = DOCS .. "list-custom-attributes",
  },

  get = {
    method = "GET", path = "/api/2/users/custom_attributes/{attribute_id}",
    ids = one,
    scopes = READ,
    doc = DOCS .. "get-custom-attribute",
  },

  -- The page shows the body without its wrapper; what works is with it.
  create = {
    method = "POST", path = "/api/2/users/custom_attributes",
    body = definition,
    wrap = "user_field",
    success = { 201, 200 },
    scopes = WRITE,
    doc = DOCS .. "create-custom-attribute",
  },

  -- No wrapper here.
  update = {
    method = "PUT", path = "/api/2/users/custom_attributes/{attribute_id}",
    ids = one,
    body = definition,
    scopes = WRITE,
    doc = DOCS .. "update-custom-attribute",
  },

  delete = {
    method = "DELETE", path = "/api/2/users/custom_attributes/{attribute_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = WRITE,
    doc = DOCS .. "delete-custom-attribute",
  },
}

-- User mappings: conditions on a user, and what the account then does with that user.

local DOCS = "https://developers.onelogin.com/api-docs/2/user-mappings/"

local EVERYTHING = { "Manage All" }

local one = { { "mapping_id", "integer" } }

local KINDS = { "builtin", "custom", "none" }

-- All of it, every time.
local whole = {
  { "name", "string", required = true },
  { "enabled", "boolean", required = true },
  { "match", "string", required = true, enum = { "all", "any" } },
  { "position", "integer", required = true }, -- null: last; and null it must be while enabled is false
  { "conditions", "array<object>", required = true, fields = {
    { "source", "string" }, { "operator", "string" }, { "value", "any" },
  } },
  { "actions", "array<object>", required = true, fields = {
    { "action", "string" }, { "value", "any" },
  } },
}

return {
  list = {
    method = "GET", path = "/api/2/mappings",
    query = {
      { "has_condition", "string", wildcard = true },
      { "has_condition_type", "string", enum = KINDS },
      { "has_action", "string", wildcard = true },
      { "has_action_type", "string", enum = KINDS },
      { "enabled", "boolean", default = true },
    },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-mappings",
  },

  get = {
    method = "GET", path = "/api/2/mappings/{mapping_id}",
    ids = one,
    scopes = EVERYTHING,
    doc = DOCS .. "get-mapping",
  },

  create = {
    method = "POST", path = "/api/2/mappings",
    body = whole,
    read_only = { "id" },
    success = { 201 },
    fetch = "mappings.get",
    scopes = EVERYTHING,
    doc = DOCS .. "create-mapping",
  },

  update = {
    method = "PUT", path = "/api/2/mappings/{mapping_id}",
    ids = one,
    body = whole,
    read_only = { "id" },
    fetch = "mappings.get",
    scopes = EVERYTHING,
    doc = DOCS .. "update-mapping",
  },

  delete = {
    method = "DELETE", path = "/api/2/mappings/{mapping_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "delete-mapping",
  },

  -- A question, although a POST: nothing changes.
  dry_run = {
    method = "POST", path = "/api/2/mappings/{mapping_id}/dryrun",
    ids = one,
    body = "array", items = "integer",
    result = "list",
    retry = "safe",
    scopes = EVERYTHING,
    doc = DOCS .. "dry-run-mapping",
  },

  list_conditions = {
    method = "GET", path = "/api/2/mappings/conditions",
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-conditions",
  },

  list_condition_operators = {
    method = "GET", path = "/api/2/mappings/conditions/{condition_value}/operators",
    ids = { { "condition_value", "string" } },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-condition-operators",
  },

  list_condition_values = {
    method = "GET", path = "/api/2/mappings/conditions/{condition_value}/values",
    ids = { { "condition_value", "string" } },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-condition-values",
  },

  list_actions = {
    method = "GET", path = "/api/2/mappings/actions",
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-actions",
  },

  list_action_values = {
    method = "GET", path = "/api/2/mappings/actions/{action_value}/values",
    ids = { { "action_value", "string" } },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-action-values",
  },

  sort = {
    method = "PUT", path = "/api/2/mappings/sort",
    body = "array", items = "integer",
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "bulk-sort",
  },
}

-- Rules of an app: conditions on a user, and what provisioning then does.

local DOCS = "https://developers.onelogin.com/api-docs/2/app-rules/"

local EVERYTHING = { "Manage All" }

local app = { { "app_id", "integer" } }
local one = { { "app_id", "integer" }, { "rule_id", "integer" } }

local KINDS = { "builtin", "custom", "none" }

-- All of it, every time: an update replaces the rule, and is refused when a member is missing.
local whole = {
  { "name", "string", required = true },
  { "enabled", "boolean", required = true },
  { "match", "string", required = true, enum = { "all", "any" } },
  { "position", "integer", required = true }, -- null: last
  { "conditions", "array<object>", required = true, fields = {
    { "source", "string" }, { "operator", "string" }, { "value", "any" },
  } },
  { "actions", "array<object>", required = true, fields = {
    { "action", "string" }, { "value", "any" }, { "expression", "string" },
    { "scriplet", "string" }, -- spelled so by the server
    { "macro", "string" },
  } },
}

return {
  list = {
    method = "GET", path = "/api/2/apps/{app_id}/rules",
    ids = app,
    query = {
      { "has_condition", "string", wildcard = true },
      { "has_condition_type", "string", enum = KINDS },
      { "has_action", "string", wildcard = true },
      { "has_action_type", "string", enum = KINDS },
      { "enabled", "boolean", default = true },
    },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-rules",
  },

  get = {
    method = "GET", path = "/api/2/apps/{app_id}/rules/{rule_id}",
    ids = one,
    scopes = EVERYTHING,
    doc = DOCS .. "get-rule",
  },

  create = {
    method = "POST", path = "/api/2/apps/{app_id}/rules",
    ids = app,
    body = whole,
    read_only = { "id" },
    success = { 201 },
    fetch = "app_rules.get",
    scopes = EVERYTHING,
    doc = DOCS .. "create-rule",
  },

  update = {
    method = "PUT", path = "/api/2/apps/{app_id}/rules/{rule_id}",
    ids = one,
    body = whole,
    read_only = { "id" },
    fetch = "app_rules.get",
    scopes = EVERYTHING,
    doc = DOCS .. "update-rule",
  },

  delete = {
    method = "DELETE", path = "/api/2/apps/{app_id}/rules/{rule_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = DOCS .. "delete-rule",
  },

  list_conditions = {
    method = "GET", path = "/api/2/apps/{app_id}/rules/conditions",
    ids = app,
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-conditions",
  },

  list_condition_operators = {
    method = "GET", path = "/api/2/apps/{app_id}/rules/conditions/{condition_value}/operators",
    ids = { { "app_id", "integer" }, { "condition_value", "string" } },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-condition-operators",
  },

  list_condition_values = {
    method = "GET", path = "/api/2/apps/{app_id}/rules/conditions/{condition_value}/values",
    ids = { { "app_id", "integer" }, { "condition_value", "string" } },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-condition-values",
  },

  list_actions = {
    method = "GET", path = "/api/2/apps/{app_id}/rules/actions",
    ids = app,
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-actions",
  },

  list_action_values = {
    method = "GET", path = "/api/2/apps/{app_id}/rules/actions/{action_value}/values",
    ids = { { "app_id", "integer" }, { "action_value", "string" } },
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-action-values",
  },

  sort = {
    method = "PUT", path = "/api/2/apps/{app_id}/rules/sort",
    ids = app,
    body = "array", items = "integer",
    result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "bulk-sort",
  },
}

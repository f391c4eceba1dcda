-- Prose of ../api/mappings.lua.

local MAPPING_ID = "the mapping's id"

local whole = {
  name = "label",
  enabled = "takes part in processing",
  match = "all conditions must hold, or any",
  position = "place from 1; null for last, and null whenever enabled is false",
  conditions = "when it acts; may be empty",
  ["conditions.source"] = "attribute, a value of list_conditions",
  ["conditions.operator"] = "comparison, a value of list_condition_operators",
  ["conditions.value"] = "what to compare with",
  actions = "what it does",
  ["actions.action"] = "a value of list_actions",
  ["actions.value"] = "array of strings; for roles exactly one",
}

local function with_id()
  local params = { mapping_id = MAPPING_ID }
  for name, text in pairs(whole) do params[name] = text end
  return params
end

local MISSING = { 422, "Validation Failed: enabled: Required field is missing", "a member is missing" }
local BAD_VALUE = { 422, "Validation Failed: conditions.[0].value: Invalid condition value: 12345",
                    "a condition has a value its source does not take" }

local mapping = {
  id = 196671, name = "Stale users", match = "all", enabled = true, position = 1,
  conditions = { { source = "last_login", operator = ">", value = "90" } },
  actions = { { action = "set_status", value = { "2" } } },
}

return {
  list = {
    summary = "List the mappings of the account",
    params = {
      has_condition = "mappings with such a condition, name:value; several by commas, * allowed",
      has_condition_type = "mappings whose conditions are of this kind",
      has_action = "mappings with such an action, name:value; several by commas, * allowed",
      has_action_type = "mappings whose actions are of this kind",
      enabled = "false lists the disabled ones instead",
    },
    notes = { "Disabled mappings are left out unless enabled is false." },
    example = {
      call = 'ol.mappings:list { has_action_type = "builtin" }',
      http = { method = "GET", path = "/api/2/mappings", query = { has_action_type = "builtin" } },
    },
    sample = { mapping },
  },

  get = {
    summary = "Fetch a mapping",
    params = { mapping_id = MAPPING_ID },
    notes = { "A disabled mapping has position null." },
    example = {
      call = "ol.mappings:get(196671)",
      http = { method = "GET", path = "/api/2/mappings/196671" },
    },
    sample = mapping,
  },

  create = {
    summary = "Create a mapping",
    params = whole,
    notes = {
      "The answer is { id } alone; fetch = true in the options reads the mapping.",
      "add_role takes one role for each action.",
      "Operators seen: = != ~ !~ bw ew > < and, for has_role, ri and rin.",
    },
    errors = { MISSING, BAD_VALUE, { 422, "Validation Failed: id: Field is not allowed", "the body has an id" } },
    example = {
      call = 'ol.mappings:create { name = "Stale users", match = "all", enabled = true, position = 1, '
        .. 'conditions = { { source = "last_login", operator = ">", value = "90" } }, '
        .. 'actions = { { action = "set_status", value = { "2" } } } }',
      http = {
        method = "POST", path = "/api/2/mappings",
        body = {
          name = "Stale users", match = "all", enabled = true, position = 1,
          conditions = { { source = "last_login", operator = ">", value = "90" } },
          actions = { { action = "set_status", value = { "2" } } },
        },
      },
    },
    sample = { id = 196671 },
  },

  update = {
    summary = "Replace a mapping",
    params = with_id(),
    notes = {
      "Wants the whole mapping: read it, change it, send it without id.",
      "To disable one, send enabled = false together with position = onelogin.null; nothing is not enough.",
      "The answer is { id } alone; fetch = true in the options reads the mapping.",
    },
    errors = {
      MISSING, BAD_VALUE,
      { 422, "Validation Failed: position: Position cannot be set while the mapping is not enabled",
        "enabled is false and position is not null" },
    },
    example = {
      call = 'ol.mappings:update(196671, { name = "Stale users", match = "any", enabled = true, position = 2, '
        .. 'conditions = { { source = "last_login", operator = ">", value = "60" } }, '
        .. 'actions = { { action = "set_status", value = { "2" } } } })',
      http = {
        method = "PUT", path = "/api/2/mappings/196671",
        body = {
          name = "Stale users", match = "any", enabled = true, position = 2,
          conditions = { { source = "last_login", operator = ">", value = "60" } },
          actions = { { action = "set_status", value = { "2" } } },
        },
      },
    },
    sample = { id = 196671 },
  },

  delete = {
    summary = "Delete a mapping",
    params = { mapping_id = MAPPING_ID },
    example = {
      call = "ol.mappings:delete(196671)",
      http = { method = "DELETE", path = "/api/2/mappings/196671" },
    },
    sample = true,
  },

  dry_run = {
    summary = "Tell which of some users a mapping would touch",
    params = { mapping_id = MAPPING_ID },
    notes = { "Changes nothing. The array holds user ids." },
    errors = { BAD_VALUE },
    example = {
      call = "ol.mappings:dry_run(196671, { 88888888, 88888889 })",
      http = { method = "POST", path = "/api/2/mappings/196671/dryrun", body = { 88888888, 88888889 } },
    },
    sample = {
      { mapped = true, user = { id = 88888888, firstname = "Mike", lastname = "Tester", username = "miketester",
                                email = "miketester@acme.com" } },
    },
  },

  list_conditions = {
    summary = "List what the conditions of mappings can look at",
    notes = { "Custom fields of users are among them." },
    example = {
      call = "ol.mappings:list_conditions()",
      http = { method = "GET", path = "/api/2/mappings/conditions" },
    },
    sample = { { name = "Last login", value = "last_login" } },
  },

  list_condition_operators = {
    summary = "List the comparisons that a condition allows",
    params = { condition_value = "the condition, value in list_conditions" },
    example = {
      call = 'ol.mappings:list_condition_operators("member_of")',
      http = { method = "GET", path = "/api/2/mappings/conditions/member_of/operators" },
    },
    sample = { { name = "equals", value = "=" }, { name = "contains", value = "~" },
               { name = "begins with", value = "bw" } },
  },

  list_condition_values = {
    summary = "List the values that a condition allows",
    params = { condition_value = "the condition, value in list_conditions" },
    notes = { "An empty list means free text." },
    example = {
      call = 'ol.mappings:list_condition_values("status")',
      http = { method = "GET", path = "/api/2/mappings/conditions/status/values" },
    },
    sample = { { name = "Active", value = "1" } },
  },

  list_actions = {
    summary = "List what mappings can do",
    example = {
      call = "ol.mappings:list_actions()",
      http = { method = "GET", path = "/api/2/mappings/actions" },
    },
    sample = { { name = "Set Role", value = "add_role" }, { name = "Set Status", value = "set_status" } },
  },

  list_action_values = {
    summary = "List the values that an action allows",
    params = { action_value = "the action, value in list_actions" },
    notes = { "An empty list means free text." },
    example = {
      call = 'ol.mappings:list_action_values("add_role")',
      http = { method = "GET", path = "/api/2/mappings/actions/add_role/values" },
    },
    sample = { { name = "Developers", value = "143175" } },
  },

  sort = {
    summary = "Put all mappings in order",
    notes = { "The array must name every mapping." },
    errors = {
      { 422, "Validation Failed: default: Sorting list must contain all mapping IDs", "a mapping is left out" },
    },
    example = {
      call = "ol.mappings:sort { 196671, 196670, 196672 }",
      http = { method = "PUT", path = "/api/2/mappings/sort", body = { 196671, 196670, 196672 } },
    },
    sample = { 196671, 196670, 196672 },
  },
}

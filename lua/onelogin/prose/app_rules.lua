-- Prose of ../api/app_rules.lua.

local APP_ID = "the app's id"
local RULE_ID = "the rule's id"

local whole = {
  name = "label",
  enabled = "takes part in processing",
  match = "all conditions must hold, or any",
  position = "place from 1; null for last",
  conditions = "when it acts; may be empty",
  ["conditions.source"] = "attribute, a value of list_conditions",
  ["conditions.operator"] = "comparison, a value of list_condition_operators",
  ["conditions.value"] = "what to compare with",
  actions = "what it does",
  ["actions.action"] = "a value of list_actions",
  ["actions.value"] = "array of strings, nearly always one",
  ["actions.expression"] = "regular expression that takes a value out",
  ["actions.scriplet"] = "hash of code on the server (spelled so)",
  ["actions.macro"] = "template",
}

local function params(more)
  local all = {}
  for name, text in pairs(whole) do all[name] = text end
  for name, text in pairs(more) do all[name] = text end
  return all
end

local MISSING = { 422, "Validation Failed: enabled: Required field is missing", "a member is missing" }
local BAD_VALUE = { 422, "Validation Failed: conditions.[0].value: Invalid condition value: 12345",
                    "a condition has a value its source does not take" }

local rule = {
  id = 196673, name = "Stale users", match = "all", enabled = true, position = 1,
  conditions = { { source = "last_login", operator = ">", value = "90" } },
  actions = { { action = "set_status", value = { "2" } } },
}

return {
  list = {
    summary = "List the rules of an app",
    params = {
      app_id = APP_ID,
      has_condition = "rules with such a condition, name:value; several by commas, * allowed",
      has_condition_type = "rules whose conditions are of this kind",
      has_action = "rules with such an action, name:value; several by commas, * allowed",
      has_action_type = "rules whose actions are of this kind",
      enabled = "false lists the disabled ones instead",
    },
    notes = {
      "Disabled rules are left out unless enabled is false.",
    },
    example = {
      call = 'ol.app_rules:list(1127385, { has_condition = "has_role:*", enabled = false })',
      http = {
        method = "GET", path = "/api/2/apps/1127385/rules",
        query = { has_condition = "has_role:*", enabled = "false" },
      },
    },
    sample = { rule },
  },

  get = {
    summary = "Fetch a rule",
    params = { app_id = APP_ID, rule_id = RULE_ID },
    example = {
      call = "ol.app_rules:get(1127385, 196673)",
      http = { method = "GET", path = "/api/2/apps/1127385/rules/196673" },
    },
    sample = rule,
  },

  create = {
    summary = "Add a rule to an app",
    params = params { app_id = APP_ID },
    notes = {
      "The answer is { id } alone; fetch = true in the options reads the rule.",
      "Saving a rule does not apply it to the users there are.",
      "Operators seen: = != ~ !~ bw ew > < and, for has_role, ri and rin.",
    },
    errors = { MISSING, BAD_VALUE, { 422, "Validation Failed: conditions: is reserved", "conditions is null" } },
    example = {
      call = 'ol.app_rules:create(1127385, { name = "Stale users", match = "all", enabled = true, position = 1, '
        .. 'conditions = { { source = "last_login", operator = ">", value = "90" } }, '
        .. 'actions = { { action = "set_status", value = { "2" } } } })',
      http = {
        method = "POST", path = "/api/2/apps/1127385/rules",
        body = {
          name = "Stale users", match = "all", enabled = true, position = 1,
          conditions = { { source = "last_login", operator = ">", value = "90" } },
          actions = { { action = "set_status", value = { "2" } } },
        },
      },
    },
    sample = { id = 196673 },
  },

  update = {
    summary = "Replace a rule",
    params = params { app_id = APP_ID, rule_id = RULE_ID },
    notes = {
      "Wants the whole rule: read it, change it, send it without id. null, not nothing, puts it last.",
      "The answer is { id } alone; fetch = true in the options reads the rule.",
    },
    errors = { MISSING, BAD_VALUE },
    example = {
      call = 'ol.app_rules:update(1127385, 196673, { name = "Stale users", match = "any", enabled = true, '
        .. 'position = 2, conditions = { { source = "last_login", operator = ">", value = "60" } }, '
        .. 'actions = { { action = "set_status", value = { "2" } } } })',
      http = {
        method = "PUT", path = "/api/2/apps/1127385/rules/196673",
        body = {
          name = "Stale users", match = "any", enabled = true, position = 2,
          conditions = { { source = "last_login", operator = ">", value = "60" } },
          actions = { { action = "set_status", value = { "2" } } },
        },
      },
    },
    sample = { id = 196673 },
  },

  delete = {
    summary = "Delete a rule",
    params = { app_id = APP_ID, rule_id = RULE_ID },
    example = {
      call = "ol.app_rules:delete(1127385, 196673)",
      http = { method = "DELETE", path = "/api/2/apps/1127385/rules/196673" },
    },
    sample = true,
  },

  list_conditions = {
    summary = "List what the conditions of an app's rules can look at",
    params = { app_id = APP_ID },
    example = {
      call = "ol.app_rules:list_conditions(1127385)",
      http = { method = "GET", path = "/api/2/apps/1127385/rules/conditions" },
    },
    sample = { { name = "Last login", value = "last_login" }, { name = "Roles", value = "has_role" } },
  },

  list_condition_operators = {
    summary = "List the comparisons that a condition allows",
    params = { app_id = APP_ID, condition_value = "the condition, value in list_conditions" },
    example = {
      call = 'ol.app_rules:list_condition_operators(1127385, "last_login")',
      http = { method = "GET", path = "/api/2/apps/1127385/rules/conditions/last_login/operators" },
    },
    sample = { { name = "equals", value = "=" }, { name = "does not equal", value = "!=" } },
  },

  list_condition_values = {
    summary = "List the values that a condition allows",
    params = { app_id = APP_ID, condition_value = "the condition, value in list_conditions" },
    notes = { "An empty list means free text." },
    example = {
      call = 'ol.app_rules:list_condition_values(1127385, "has_role")',
      http = { method = "GET", path = "/api/2/apps/1127385/rules/conditions/has_role/values" },
    },
    sample = { { name = "Developers", value = "143175" } },
  },

  list_actions = {
    summary = "List what an app's rules can do",
    params = { app_id = APP_ID },
    notes = { "Depends on the connector and the parameters of the app." },
    example = {
      call = "ol.app_rules:list_actions(1127385)",
      http = { method = "GET", path = "/api/2/apps/1127385/rules/actions" },
    },
    sample = { { name = "Set Role", value = "set_role" } },
  },

  list_action_values = {
    summary = "List the values that an action allows",
    params = { app_id = APP_ID, action_value = "the action, value in list_actions" },
    notes = { "An empty list means free text." },
    example = {
      call = 'ol.app_rules:list_action_values(1127385, "set_role")',
      http = { method = "GET", path = "/api/2/apps/1127385/rules/actions/set_role/values" },
    },
    sample = { { name = "Developers", value = "143175" } },
  },

  sort = {
    summary = "Put all rules of an app in order",
    params = { app_id = APP_ID },
    notes = { "The array must name every rule of the app." },
    errors = {
      { 422, "Validation Failed: default: Sorting list must contain all mapping IDs", "a rule is left out" },
    },
    example = {
      call = "ol.app_rules:sort(1127385, { 196673, 196671, 196672 })",
      http = { method = "PUT", path = "/api/2/apps/1127385/rules/sort", body = { 196673, 196671, 196672 } },
    },
    sample = { 196673, 196671, 196672 },
  },
}

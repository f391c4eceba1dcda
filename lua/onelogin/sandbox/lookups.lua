-- What conditions can look at and actions can do, for mappings and app rules alike: the lists behind
-- the lookup routes, the checks of a body, and the tests and changes of a mapping run are one table.
--
-- A source: { value, name, kind, field, custom }. An action: { value, name, kind, field, custom }.
-- Kinds: "text" (free), "days" (since an instant), "roles", "role", "status", "group".

local json = require("onelogin.core").json
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")

local lookups = {}

local TEXTS = {
  { "email", "Email" }, { "username", "Username" }, { "firstname", "First Name" },
  { "lastname", "Last Name" }, { "title", "Title" }, { "department", "Department" },
  { "company", "Company" }, { "member_of", "MemberOf" }, { "samaccountname", "sAMAccountName" },
  { "userprincipalname", "User Principal Name" }, { "distinguished_name", "Distinguished Name" },
  { "external_id", "External ID" },
}

local OPERATORS = {
  text = { { "=", "equals" }, { "!=", "does not equal" }, { "~", "contains" },
    { "!~", "does not contain" }, { "bw", "begins with" }, { "ew", "ends with" } },
  days = { { "=", "equals" }, { "!=", "does not equal" }, { ">", "is greater than" },
    { "<", "is less than" } },
  roles = { { "ri", "includes" }, { "rin", "does not include" } },
  status = { { "=", "equals" }, { "!=", "does not equal" } },
}

local STATUS = { { 0, "Unactivated" }, { 1, "Active" }, { 2, "Suspended" }, { 3, "Locked" },
  { 4, "Password expired" }, { 5, "Awaiting password reset" }, { 7, "Password Pending" },
  { 8, "Security questions required" } }

--- Every source of conditions, custom fields of users last.
function lookups.sources(box)
  local out = {
    { value = "last_login", name = "Last login", kind = "days", field = "last_login" },
    { value = "has_role", name = "Roles", kind = "roles" },
    { value = "status", name = "Status", kind = "status", field = "status" },
  }
  for _, t in ipairs(TEXTS) do
    out[#out + 1] = { value = t[1], name = t[2], kind = "text", field = t[1] }
  end
  for _, def in ipairs(box:custom_fields()) do
    out[#out + 1] = { value = "custom_attribute_" .. def.shortname, name = def.name, kind = "text",
      field = def.shortname, custom = true }
  end
  return out
end

--- What mappings can do.
function lookups.mapping_actions(box)
  local out = {
    { value = "add_role", name = "Set Role", kind = "role" },
    { value = "set_group", name = "Set Group", kind = "group", field = "group_id" },
    { value = "set_status", name = "Set Status", kind = "status", field = "status" },
    { value = "set_department", name = "Set Department", kind = "text", field = "department" },
    { value = "set_userprincipalname", name = "Set User Principal Name", kind = "text",
      field = "userprincipalname" },
  }
  for _, def in ipairs(box:custom_fields()) do
    out[#out + 1] = { value = "set_custom_attribute_" .. def.shortname, name = "Set " .. def.name,
      kind = "text", field = def.shortname, custom = true }
  end
  return out
end

--- What the rules of an app can do; `parameters` are the app's, by key.
function lookups.rule_actions(_, parameters)
  local out = {
    { value = "set_role", name = "Set Role", kind = "role" },
    { value = "set_status", name = "Set Status", kind = "status" },
    { value = "set_groups", name = "Set Groups", kind = "text" },
  }
  local keys = {}
  for key in pairs(parameters) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do
    out[#out + 1] = { value = "set_" .. key, name = "Set " .. (parameters[key].label or key),
      kind = "text", custom = true }
  end
  return out
end

--- The entry of a list with this value.
function lookups.find(list, value)
  for _, one in ipairs(list) do
    if one.value == value then return one end
  end
end

local function rows_of(list)
  local out = {}
  for i, one in ipairs(list) do
    out[i] = { value = tostring(one.value or one[1]), name = one.name or one[2] }
  end
  return json.array(out)
end

--- A list as the routes answer it.
function lookups.answer(list) return rows_of(list) end

--- The comparisons of a source, as the routes answer them.
function lookups.operators(source) return rows_of(OPERATORS[source.kind]) end

--- The values of a source or an action; empty means free text.
function lookups.values(box, one)
  if one.kind == "status" then return rows_of(STATUS) end
  local kind = (one.kind == "role" or one.kind == "roles") and box.store.roles
    or one.kind == "group" and box.store.groups
  local out = {}
  for _, id in ipairs(kind and query.ids_of(kind) or {}) do
    out[#out + 1] = { value = ("%d"):format(id), name = kind[id].name }
  end
  return json.array(out)
end

--- True when the source has this comparison.
function lookups.has_operator(source, operator)
  for _, o in ipairs(OPERATORS[source.kind]) do
    if o[1] == operator then return true end
  end
  return false
end

local function whole(value)
  if util.is_integer(value) then return math.floor(value) end
  return util.to_integer(value)
end

--- True when a source or an action can take this value.
function lookups.takes(box, one, value)
  if type(value) ~= "string" and type(value) ~= "number" then return false end
  if one.kind == "text" then return true end
  local n = whole(value)
  if not n then return false end
  if one.kind == "days" then return n >= 0 end
  if one.kind == "group" then return box.store.groups[n] ~= nil end
  if one.kind == "status" then
    for _, s in ipairs(STATUS) do
      if s[1] == n then return true end
    end
    return false
  end
  return box.store.roles[n] ~= nil
end

local function contains(list, id)
  for _, v in ipairs(list) do
    if v == id then return true end
  end
  return false
end

local TEXT_TESTS = {
  ["="] = function(have, want) return have == want end,
  ["~"] = function(have, want) return have:find(want, 1, true) ~= nil end,
  bw = function(have, want) return have:sub(1, #want) == want end,
  ew = function(have, want) return want == "" or have:sub(-#want) == want end,
}

--- Whether one condition holds for a user, letter case aside. A source, an operator or a value that
-- is no longer there never holds; who never signed in is no number of days from it.
function lookups.holds(box, condition, row)
  local source = lookups.find(lookups.sources(box), condition.source)
  if not source or not lookups.has_operator(source, condition.operator) then return false end
  local operator, value = condition.operator, condition.value
  if source.kind == "text" then
    local holder = source.custom and (row.custom_attributes or {}) or row
    local have = holder[source.field]
    have = have == nil and "" or tostring(have):lower()
    local negated = operator:match("^!(.)$")
    local hit = TEXT_TESTS[negated or operator](have, tostring(value):lower())
    if negated then return not hit end
    return hit
  end
  local n = whole(value)
  if not n then return false end
  if source.kind == "roles" then
    return contains(box:role_ids(row), n) == (operator == "ri")
  end
  local have = row[source.field]
  if source.kind == "days" then
    if not have then return false end
    have = math.floor((box.clock.wall() - have) / 86400)
  end
  if operator == "=" then return have == n end
  if operator == "!=" then return have ~= n end
  if operator == ">" then return have > n end
  return have < n
end

return lookups

-- What mappings and app rules share: a list in an order, the check of a whole rule, filters, bulk
-- sort and lookups. A family says where its rows live and what is its own.
--
-- family: { resource, kind, id = name of the id in the path, what = "mapping" | "rule",
--   owner = function(box, req) -> fields of its rows; or nil, status, body
--   actions = function(box, owner) -> list of lookups, changed = function(box, row, what) }

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local lookups = require("onelogin.sandbox.lookups")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local rules = {}

local null = json.null
local MEMBERS = { "name", "match", "enabled", "position", "conditions", "actions" }
local OF_CONDITION = { source = true, operator = true, value = true }
local OF_ACTION = { action = true, value = true, expression = true, scriplet = true, macro = true }

--- The refusal of both services: { code, message, errors = { { field, message = { text } } } }.
function rules.refusal(errors)
  return 422, { code = 422, message = "Validation Failed", errors = json.array(errors) }
end

local function one_error(field, message)
  return rules.refusal { { field = field, message = json.array { message } } }
end

local function belongs(row, owner)
  for k, v in pairs(owner) do
    if row[k] ~= v then return false end
  end
  return true
end

--- The rows that take part in the order, first to last.
function rules.ordered(box, kind, owner)
  local out = {}
  for _, row in pairs(box.store[kind]) do
    if row.position and belongs(row, owner) then out[#out + 1] = row end
  end
  table.sort(out, function(a, b)
    if a.position ~= b.position then return a.position < b.position end
    return a.id < b.id
  end)
  return out
end

-- Puts a row at a position (nil or 0: last) and numbers the others anew; `out` takes it out of the
-- order.
local function place(box, family, owner, row, position, out)
  row.position = nil
  local list = rules.ordered(box, family.kind, owner)
  if not out then
    local at = position and position > 0 and math.min(position, #list + 1) or #list + 1
    table.insert(list, at, row)
  end
  for i, one in ipairs(list) do one.position = i end
end

local function view(row)
  return { id = row.id, name = row.name, match = row.match, enabled = row.enabled,
    position = row.position or null, conditions = json.array(util.copy(row.conditions)),
    actions = json.array(util.copy(row.actions)) }
end

local is_list = write.is_array

-- A value as the messages quote it.
local function said(v)
  if v == null then return "null" end
  if type(v) == "table" then return is_list(v) and "[]" or "{}" end
  return tostring(v)
end

local function strange_member(one, known)
  if type(one) ~= "table" or is_list(one) then return true end
  for k in pairs(one) do
    if not known[k] then return true end
  end
  return false
end

local function check_conditions(box, list, add)
  if not is_list(list) then return add("conditions", "is reserved") end
  local sources = lookups.sources(box)
  for i, one in ipairs(list) do
    if strange_member(one, OF_CONDITION) then return add("conditions", "is reserved") end
    local at = ("conditions.[%d]."):format(i - 1)
    local source = lookups.find(sources, one.source)
    if not source then
      add(at .. "source", "Invalid condition source: " .. said(one.source))
    elseif not lookups.has_operator(source, one.operator) then
      add(at .. "operator", "Invalid condition operator: " .. said(one.operator))
    elseif not lookups.takes(box, source, one.value) then
      add(at .. "value", "Invalid condition value: " .. said(one.value))
    end
  end
end

local function check_actions(box, list, known, add)
  if not is_list(list) then return add("actions", "is reserved") end
  for i, one in ipairs(list) do
    if strange_member(one, OF_ACTION) then return add("actions", "is reserved") end
    local at = ("actions.[%d]."):format(i - 1)
    local action = lookups.find(known, one.action)
    if not action then
      add(at .. "action", "Invalid action: " .. said(one.action))
    else
      -- An expression or a macro says where the value comes from.
      local free = one.expression ~= nil or one.macro ~= nil or one.scriplet ~= nil
      local fine = is_list(one.value) and (action.kind == "text" or #one.value == 1)
      for _, value in ipairs(is_list(one.value) and one.value or {}) do
        fine = fine and (free or lookups.takes(box, action, value))
      end
      if not fine then add(at .. "value", "Invalid action value(s)") end
    end
  end
end

-- Holds a body against everything a rule must be: nothing, or the refusal.
local function refuse(box, family, owner, b)
  if type(b) ~= "table" or is_list(b) then b = {} end
  local errors, known = {}, {}
  local function add(field, message)
    errors[#errors + 1] = { field = field, message = json.array { message } }
  end
  for _, name in ipairs(MEMBERS) do
    known[name] = true
    if b[name] == nil then add(name, "Required field is missing") end
  end
  local strange = {}
  for name in pairs(b) do
    if not known[name] then strange[#strange + 1] = tostring(name) end
  end
  table.sort(strange)
  for _, name in ipairs(strange) do add(name, "Field is not allowed") end
  if b.name ~= nil and (type(b.name) ~= "string" or b.name == "") then add("name", "Invalid value") end
  if b.match ~= nil and b.match ~= "all" and b.match ~= "any" then add("match", "Invalid value") end
  if b.enabled ~= nil and type(b.enabled) ~= "boolean" then add("enabled", "Invalid value") end
  local position = b.position
  if position ~= nil and position ~= null then
    if not util.is_integer(position) or position < 0 then
      add("position", "Invalid value")
    elseif family.only_enabled and b.enabled == false then
      add("position", "Position cannot be set while the mapping is not enabled")
    end
  end
  if b.conditions ~= nil then check_conditions(box, b.conditions, add) end
  if b.actions ~= nil then check_actions(box, b.actions, family.actions(box, owner), add) end
  if #errors > 0 then return rules.refusal(errors) end
end

local function apply(box, family, owner, row, b)
  row.name, row.match, row.enabled = b.name, b.match, b.enabled
  row.conditions, row.actions = util.copy(b.conditions), util.copy(b.actions)
  place(box, family, owner, row, b.position ~= null and b.position or nil,
    family.only_enabled and not b.enabled)
end

-- Tests of has_condition and has_action: every "name:value" of the list must be met by some entry.
local function has(list, text, name_of, value_of)
  for _, pair in ipairs(query.list(text)) do
    local name, value = pair:match("^([^:]*):?(.*)$")
    local names, values = query.text(name), query.text(value == "" and "*" or value)
    local met = false
    for _, one in ipairs(list) do
      met = met or (names(one[name_of]) and value_of(one, values))
    end
    if not met then return false end
  end
  return true
end

local function condition_value(one, match) return match(one.value) end

local function action_value(one, match)
  for _, v in ipairs(one.value) do
    if match(v) then return true end
  end
  return #one.value == 0 and match("")
end

-- Whether the entries touch attributes of this kind: builtin, custom, or none at all.
local function of_kind(list, kind, known, name_of)
  if kind == "none" then return #list == 0 end
  for _, one in ipairs(list) do
    local found = lookups.find(known, one[name_of])
    if found and (found.custom == true) == (kind == "custom") then return true end
  end
  return false
end

--- The handlers of a family.
function rules.handlers(family)
  local out = {}
  local function handle(name, handler)
    out[family.resource .. "." .. name] = function(box, req)
      local owner, status, body = family.owner(box, req)
      if not owner then return status, body end
      return handler(box, req, owner)
    end
  end
  local function row_of(box, req, owner)
    local row = box.store[family.kind][util.to_integer(req.ids[family.id])]
    if row and belongs(row, owner) then return row end
    return nil, fail.not_found_v2()
  end
  out.row_of = row_of

  handle("list", function(box, req, owner)
    local q, rows = req.query, {}
    local enabled = q.enabled ~= "false"
    local sources, actions = lookups.sources(box), family.actions(box, owner)
    local list = rules.ordered(box, family.kind, owner)
    for _, id in ipairs(query.ids_of(box.store[family.kind])) do
      local row = box.store[family.kind][id]
      if not row.position and belongs(row, owner) then list[#list + 1] = row end
    end
    for _, row in ipairs(list) do
      if row.enabled == enabled
        and (not q.has_condition or has(row.conditions, q.has_condition, "source", condition_value))
        and (not q.has_action or has(row.actions, q.has_action, "action", action_value))
        and (not q.has_condition_type
          or of_kind(row.conditions, q.has_condition_type, sources, "source"))
        and (not q.has_action_type or of_kind(row.actions, q.has_action_type, actions, "action"))
      then
        rows[#rows + 1] = view(row)
      end
    end
    return 200, json.array(rows)
  end)

  handle("get", function(box, req, owner)
    local row, status, body = row_of(box, req, owner)
    if not row then return status, body end
    return 200, view(row)
  end)

  handle("create", function(box, req, owner)
    local status, body = refuse(box, family, owner, req.body)
    if status then return status, body end
    local row = util.copy(owner)
    row.id = box:new_id(family.kind)
    box.store[family.kind][row.id] = row
    apply(box, family, owner, row, req.body)
    family.changed(box, row, "created")
    return 201, { id = row.id }
  end)

  handle("update", function(box, req, owner)
    local row, status, body = row_of(box, req, owner)
    if not row then return status, body end
    status, body = refuse(box, family, owner, req.body)
    if status then return status, body end
    local was = row.enabled
    apply(box, family, owner, row, req.body)
    family.changed(box, row, was == row.enabled and "updated" or row.enabled and "enabled" or "disabled")
    return 200, { id = row.id }
  end)

  handle("delete", function(box, req, owner)
    local row, status, body = row_of(box, req, owner)
    if not row then return status, body end
    place(box, family, owner, row, nil, true)
    box.store[family.kind][row.id] = nil
    family.changed(box, row, "deleted")
    return 204
  end)

  -- Every row of the order must be named, once; disabled mappings, which have no place, may be.
  handle("sort", function(box, req, owner)
    local list, seen, ids = rules.ordered(box, family.kind, owner), {}, {}
    local fine = is_list(req.body)
    for _, id in ipairs(fine and req.body or {}) do
      local row = box.store[family.kind][util.is_integer(id) and id or util.to_integer(id)]
      fine = fine and row ~= nil and belongs(row, owner) and not seen[row.id]
      if not fine then break end
      seen[row.id] = true
      ids[#ids + 1] = row.id
    end
    for _, row in ipairs(list) do fine = fine and seen[row.id] end
    if not fine then return one_error("default", "Sorting list must contain all mapping IDs") end
    local position = 0
    for _, id in ipairs(ids) do
      local row = box.store[family.kind][id]
      if row.position then
        position = position + 1
        row.position = position
      end
    end
    return 200, json.array(ids)
  end)

  handle("list_conditions", function(box)
    return 200, lookups.answer(lookups.sources(box))
  end)

  handle("list_actions", function(box, _, owner)
    return 200, lookups.answer(family.actions(box, owner))
  end)

  local function look(list_of, name, answer)
    return function(box, req, owner)
      local one = lookups.find(list_of(box, owner), req.ids[name])
      if not one then return fail.not_found_v2() end
      return 200, answer(box, one)
    end
  end
  handle("list_condition_operators", look(lookups.sources, "condition_value",
    function(_, one) return lookups.operators(one) end))
  handle("list_condition_values", look(lookups.sources, "condition_value", lookups.values))
  handle("list_action_values", look(family.actions, "action_value", lookups.values))

  return out
end

rules.one_error = one_error
rules.is_list = is_list

return rules

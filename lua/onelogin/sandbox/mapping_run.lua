-- Running the mappings over a user: in their order, each seeing what those before it did. A role that
-- a mapping gave goes again when no mapping gives it any more; one that a person gave stays.

local lookups = require("onelogin.sandbox.lookups")
local rules = require("onelogin.sandbox.rules")
local util = require("onelogin.sandbox.util")

local run = {}

local REAPPLIED, GIVEN, TAKEN = 202, 149, 150 -- event types
local NO_OWNER = {}

--- Whether a mapping means this user.
function run.matches(box, mapping, row)
  local any = mapping.match == "any"
  for _, condition in ipairs(mapping.conditions) do
    local hit = lookups.holds(box, condition, row)
    if any and hit then return true end
    if not any and not hit then return false end
  end
  return not any or #mapping.conditions == 0
end

local function contains(list, id)
  for i, v in ipairs(list) do
    if v == id then return i end
  end
end

local function log(box, type_id, row, role_id)
  box:event(type_id, { user_id = row.id, role_id = role_id, actor_system = "Mapping" })
end

-- Does what one action says; true when the user is another one after it.
local function act(box, row, action, given)
  local known = lookups.find(lookups.mapping_actions(box), action.action)
  local value = action.value[1]
  if not known or value == nil or not lookups.takes(box, known, value) then return false end
  if known.kind == "role" then
    local id = tonumber(value)
    given[id] = true
    if contains(row.role_ids, id) then return false end
    row.role_ids[#row.role_ids + 1] = id
    row.mapped_roles[id] = true
    log(box, GIVEN, row, id)
    return true
  end
  if known.kind ~= "text" then value = tonumber(value) end
  if known.custom then
    local own = util.copy(row.custom_attributes or {})
    if own[known.field] == value then return false end
    own[known.field] = value
    row.custom_attributes = own
    return true
  end
  if row[known.field] == value then return false end
  row[known.field] = value
  return true
end

--- Runs every enabled mapping over one user (a row of the store); true when something changed.
function run.user(box, row)
  local list = rules.ordered(box, "mappings", NO_OWNER)
  if #list == 0 and not row.mapped_roles then return false end
  local changed, given = false, {}
  row.role_ids, row.mapped_roles = row.role_ids or {}, row.mapped_roles or {}
  for _, mapping in ipairs(list) do
    if run.matches(box, mapping, row) then
      for _, action in ipairs(mapping.actions) do
        if act(box, row, action, given) then changed = true end
      end
    end
  end
  local gone = {}
  for id in pairs(row.mapped_roles) do
    if not given[id] then gone[#gone + 1] = id end
  end
  table.sort(gone)
  for _, id in ipairs(gone) do
    row.mapped_roles[id] = nil
    local at = contains(row.role_ids, id)
    if at then
      table.remove(row.role_ids, at)
      log(box, TAKEN, row, id)
      changed = true
    end
  end
  if changed then box:touch(row) end
  return changed
end

--- Runs them over everybody, as the button in the administration does. Takes hold of those rows only
-- that a mapping means, or meant before.
function run.everybody(box)
  local list, ids, n = rules.ordered(box, "mappings", NO_OWNER), {}, 0
  for id, row in box:each_user() do
    local meant = row.mapped_roles ~= nil
    for _, mapping in ipairs(list) do meant = meant or run.matches(box, mapping, row) end
    if meant then ids[#ids + 1] = id end
  end
  for _, id in ipairs(ids) do
    if run.user(box, box.store.users[id]) then n = n + 1 end
  end
  box:event(REAPPLIED, {})
  return n
end

return run

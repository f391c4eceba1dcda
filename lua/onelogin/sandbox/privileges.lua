-- Privileges of delegated administration. Under /api/1, but bare, with v2's errors and a third way
-- of paging: total, and cursors in camel case beside the list.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local lazy = require("onelogin.sandbox.lazy")
local paging = require("onelogin.sandbox.paging")
local statements = require("onelogin.sandbox.privilege_statements")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local privileges = {}

local null = json.null
local GRANTED, REVOKED = 72, 73 -- event types: privilege granted to user, revoked from user

local function first(_, rows)
  local id = "a0d3f6b1-58d2-4c0e-9a53-6f0c1f6f2b10"
  rows[id] = { id = id, n = 0, name = "Helpdesk", description = "Unlocks people",
    statements = { { Effect = "Allow", Action = { "users:List", "users:Get", "users:Unlock" }, Scope = { "*" } } },
    roles = {}, users = {} }
end

local function all(box) return lazy(box, "privileges", first) end

local function privilege_of(box, req)
  local privilege = all(box)[req.ids.privilege_id]
  if privilege then return privilege end
  return nil, fail.privileges_missing()
end

local function view(box, privilege)
  return { id = privilege.id, name = privilege.name, description = privilege.description or null,
    privilege = statements.view(box, privilege.statements) }
end

local function new_uuid(box)
  local hex = box:token_hex(32)
  local variant = ("89ab"):sub(tonumber(hex:sub(17, 17), 16) % 4 + 1):sub(1, 1)
  return ("%s-%s-4%s-%s%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), variant,
    hex:sub(18, 20), hex:sub(21, 32))
end

-- Those who can have a privilege: how a kind is looked up.
local HOLDERS = {
  roles = function(box, id) return box.store.roles[id] end,
  users = function(box, id) return box:people():peek(id) end,
}

-- Ids that all exist; or nil, status, body.
local function holders_of(box, kind, given)
  if not write.is_array(given) then return nil, fail.malformed() end
  for _, id in ipairs(given) do
    if not util.is_integer(id) then return nil, fail.malformed() end
  end
  for _, id in ipairs(given) do
    if not HOLDERS[kind](box, id) then return nil, fail.privileges_missing() end
  end
  return given
end

local function position(list, id)
  for i, v in ipairs(list) do
    if v == id then return i end
  end
end

local function grant(box, privilege, kind, ids)
  for _, id in ipairs(ids) do
    if not position(privilege[kind], id) then
      table.insert(privilege[kind], id)
      if kind == "users" then box:event(GRANTED, { user_id = id, privilege_id = privilege.id }) end
    end
  end
end

local function revoke(box, privilege, kind, at)
  local id = table.remove(privilege[kind], at)
  if kind == "users" then box:event(REVOKED, { user_id = id, privilege_id = privilege.id }) end
end

-- Name, description and statements, whole: a table; or nil, status, body.
local function given(req)
  local b = req.body
  if type(b) ~= "table" or write.is_array(b) then return nil, fail.malformed() end
  local kept, status, body = statements.read(b.privilege)
  if not kept then return nil, status, body end
  if type(b.name) ~= "string" or b.name == "" then return nil, fail.invalid("Name can't be blank") end
  local description = b.description ~= null and b.description or nil
  if description ~= nil and type(description) ~= "string" then
    return nil, fail.invalid("Description is invalid")
  end
  return { name = b.name, description = description, statements = kept }
end

privileges["privileges.list"] = function(box)
  local rows = {}
  for _, privilege in pairs(all(box)) do rows[#rows + 1] = privilege end
  table.sort(rows, function(a, b) return a.n < b.n end)
  for i, privilege in ipairs(rows) do rows[i] = view(box, privilege) end
  return 200, json.array(rows)
end

privileges["privileges.get"] = function(box, req)
  local privilege, status, body = privilege_of(box, req)
  if not privilege then return status, body end
  return 200, view(box, privilege)
end

-- An official tool sends role_ids and user_ids along: they are granted.
privileges["privileges.create"] = function(box, req)
  local privilege, status, refusal = given(req)
  if not privilege then return status, refusal end
  local granted = {}
  for kind, name in pairs { roles = "role_ids", users = "user_ids" } do
    local ids = req.body[name]
    if ids ~= nil and ids ~= null then
      granted[kind], status, refusal = holders_of(box, kind, ids)
      if not granted[kind] then return status, refusal end
    end
  end
  privilege.id, privilege.n = new_uuid(box), box:new_id("privilege_numbers")
  privilege.roles, privilege.users = {}, {}
  all(box)[privilege.id] = privilege
  for kind, ids in pairs(granted) do grant(box, privilege, kind, ids) end
  return 201, { id = privilege.id }
end

privileges["privileges.update"] = function(box, req)
  local privilege, status, refusal = privilege_of(box, req)
  if not privilege then return status, refusal end
  local changed
  changed, status, refusal = given(req)
  if not changed then return status, refusal end
  privilege.name, privilege.description = changed.name, changed.description
  privilege.statements = changed.statements
  return 200, { id = privilege.id }
end

privileges["privileges.delete"] = function(box, req)
  local privilege, status, body = privilege_of(box, req)
  if not privilege then return status, body end
  for _ = 1, #privilege.users do revoke(box, privilege, "users", 1) end
  all(box)[privilege.id] = nil
  return 204
end

-- Ids of those who still exist, in order.
local function list(kind)
  return function(box, req)
    local privilege, status, body = privilege_of(box, req)
    if not privilege then return status, body end
    local ids = {}
    for _, id in ipairs(privilege[kind]) do
      if HOLDERS[kind](box, id) then ids[#ids + 1] = id end
    end
    table.sort(ids)
    return paging.camel(box, req, kind, ids)
  end
end

local function assign(kind, success)
  return function(box, req)
    local privilege, status, body = privilege_of(box, req)
    if not privilege then return status, body end
    local ids
    ids, status, body = holders_of(box, kind, type(req.body) == "table" and req.body[kind])
    if not ids then return status, body end
    grant(box, privilege, kind, ids)
    return success, { success = true }
  end
end

local function remove(kind, id_name)
  return function(box, req)
    local privilege, status, body = privilege_of(box, req)
    if not privilege then return status, body end
    local at = position(privilege[kind], util.to_integer(req.ids[id_name]))
    if not at then return fail.privileges_missing() end
    revoke(box, privilege, kind, at)
    return 204
  end
end

privileges["privileges.list_roles"] = list "roles"
privileges["privileges.assign_roles"] = assign("roles", 201)
privileges["privileges.remove_role"] = remove("roles", "role_id")
privileges["privileges.list_users"] = list "users"
privileges["privileges.assign_users"] = assign("users", 200)
privileges["privileges.remove_user"] = remove("users", "user_id")

return privileges

-- Roles of v2 (with their users, admins and apps) and the read-only roles of v1. In v2 they run on
-- a service of their own, whose refusals read {status, error, description}.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local roles = {}

local MAX_PAGE, MAX_MEMBERS = 650, 1000
local SORTABLE = { id = true, name = true }

-- Types of the events that changes write; making, renaming and deleting a role have none on record.
local APP_ADDED, APP_REMOVED, USER_ADDED, USER_REMOVED = 1, 2, 147, 148
local ADMIN_ADDED, ADMIN_REMOVED = 151, 152

local function role_of(box, req)
  local role = box.store.roles[util.to_integer(req.ids.role_id)]
  if not role then return nil, fail.not_found_v2() end
  return role
end

local function contains(list, id)
  for i, v in ipairs(list or {}) do
    if v == id then return i end
  end
end

local function grants(box, role, app_id, app_name)
  for _, id in ipairs(role.apps) do
    local app = box.store.apps[id]
    if app and (app_id == nil or id == app_id) and (not app_name or app_name(app.name)) then
      return true
    end
  end
  return false
end

-- Ids of the people who hold a role, in order; remembered until data change.
local function holders(box, role)
  local people = box:people()
  return query.select(box, { kind = "holders", key = tostring(role.id), sort = "id",
    ids = people:ids(), peek = function(id) return people:peek(id) end,
    filter = function(row) return contains(row.role_ids, role.id) ~= nil end })
end

local function copy_list(list)
  local out = {}
  for i, v in ipairs(list) do out[i] = v end
  return json.array(out)
end

local function view(box, role, fields)
  local out = { id = role.id, name = role.name }
  for _, name in ipairs(fields or {}) do
    if name == "users" then
      out.users = copy_list(holders(box, role))
    elseif name == "apps" or name == "admins" then
      out[name] = copy_list(role[name])
    end
  end
  return out
end

roles["roles.list"] = function(box, req)
  local q = req.query
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  if not p.sort then p.sort, p.descending = query.sort(q.sort) end
  if not SORTABLE[p.sort] then
    return fail.v2(422, "UnprocessableEntityFieldError", "Invalid sort field: " .. p.sort, p.sort)
  end
  local tests, key = {}, {}
  if q.name then
    local match = query.text(q.name)
    tests[#tests + 1] = function(role) return match(role.name) end
    key[#key + 1] = "name=" .. q.name
  end
  if q.app_id or q.app_name then
    local id = q.app_id and (util.to_integer(q.app_id) or -1) or nil
    local match = q.app_name and query.text(q.app_name)
    tests[#tests + 1] = function(role) return grants(box, role, id, match) end
    key[#key + 1] = ("app=%s/%s"):format(q.app_id or "", q.app_name or "")
  end
  local rows = box.store.roles
  local ids = query.select(box, { kind = "roles", key = table.concat(key, "&"), sort = p.sort,
    descending = p.descending, ids = query.ids_of(rows), filter = query.all(tests),
    peek = function(id) return rows[id] end })
  local fields = query.list(q.fields)
  return paging.v2(req, p, ids, function(id) return view(box, rows[id], fields) end)
end

roles["roles.get"] = function(box, req)
  local role, status, body = role_of(box, req)
  if not role then return status, body end
  return 200, view(box, role)
end

-- A raw array of ids out of a body: list; or nil and the refusal.
local function ids_of(req)
  if not write.is_array(req.body) then
    return nil, fail.roles(400, "BadRequestError", "Expected array in request")
  end
  local ids = {}
  for i, id in ipairs(req.body) do
    if type(id) == "string" then id = util.to_integer(id) end
    if not util.is_integer(id) then
      return nil, fail.roles(400, "BadRequestError", "Expected integer ids in request")
    end
    ids[i] = id
  end
  return ids
end

local function all_exist(ids, peek)
  for _, id in ipairs(ids) do
    if not peek(id) then return false end
  end
  return true
end

local function assign(box, role, id, actor)
  local row = box.store.users[id]
  row.role_ids = row.role_ids or {}
  if not contains(row.role_ids, role.id) then
    row.role_ids[#row.role_ids + 1] = role.id
    role.added[id] = { by = actor, at = box.clock.wall() }
    box:touch(row)
    box:event(USER_ADDED, { user_id = id, role_id = role.id })
  end
end

local function unassign(box, role, id)
  local row = box.store.users[id]
  local at = row and contains(row.role_ids, role.id)
  if at then
    table.remove(row.role_ids, at)
    role.added[id] = nil
    box:touch(row)
    box:event(USER_REMOVED, { user_id = id, role_id = role.id })
  end
end

-- Checks a create or update body: fields; or nil and the refusal.
local function fields_of(box, req, own)
  local b = req.body
  if type(b) ~= "table" or write.is_array(b) then
    return nil, fail.roles(400, "BadRequestError", "Expected object in request")
  end
  local strange = write.unknown(req.entry, b)
  if strange then
    return nil, fail.roles(400, "BadRequestError", "unknown attribute: " .. strange)
  end
  local out = {}
  if b.name ~= nil then
    if type(b.name) ~= "string" or b.name == "" then
      return nil, fail.roles(422, "UnprocessableEntityError", "Validation failed: Name can't be blank")
    end
    for id, role in pairs(box.store.roles) do
      if id ~= (own and own.id) and role.name:lower() == b.name:lower() then
        return nil, fail.roles(422, "UnprocessableEntityError",
          "Validation failed: Name has already been taken")
      end
    end
    out.name = b.name
  elseif not own then
    return nil, fail.roles(422, "UnprocessableEntityError", "Validation failed: Name can't be blank")
  end
  local people = box:people()
  local peeks = { apps = function(id) return box.store.apps[id] end,
    users = function(id) return people:peek(id) end, admins = function(id) return people:peek(id) end }
  for _, name in ipairs { "apps", "users", "admins" } do
    local list = b[name]
    if list ~= nil and list ~= json.null then
      local ids, status, body = ids_of { body = list }
      if not ids then return nil, status, body end
      if not all_exist(ids, peeks[name]) then return nil, fail.not_found_v2() end
      out[name] = ids
    end
  end
  return out
end

-- Puts one list in the place of another and writes what came and what went; `key` names the id.
local function replace(box, role, name, ids, key, came, went)
  local old = role[name]
  role[name] = ids
  for _, id in ipairs(ids) do
    if not contains(old, id) then box:event(came, { [key] = id, role_id = role.id }) end
  end
  for _, id in ipairs(old) do
    if not contains(ids, id) then box:event(went, { [key] = id, role_id = role.id }) end
  end
end

local function apply(box, role, fields)
  role.name = fields.name or role.name
  if fields.apps then replace(box, role, "apps", fields.apps, "app_id", APP_ADDED, APP_REMOVED) end
  if fields.admins then
    replace(box, role, "admins", fields.admins, "user_id", ADMIN_ADDED, ADMIN_REMOVED)
  end
  if fields.users then
    local wanted = {}
    for _, id in ipairs(fields.users) do wanted[id] = true end
    for _, id in ipairs(copy_list(holders(box, role))) do
      if not wanted[id] then unassign(box, role, id) end
    end
    for _, id in ipairs(fields.users) do assign(box, role, id) end
  end
end

roles["roles.create"] = function(box, req)
  local fields, status, body = fields_of(box, req)
  if not fields then return status, body end
  local role = { id = box:new_id("roles"), apps = {}, admins = {}, added = {},
    created_at = req.now }
  box.store.roles[role.id] = role
  apply(box, role, fields)
  return 201, { id = role.id }
end

-- A key left out leaves that membership alone; an empty array empties it.
roles["roles.update"] = function(box, req)
  local role, status, body = role_of(box, req)
  if not role then return status, body end
  local fields
  fields, status, body = fields_of(box, req, role)
  if not fields then return status, body end
  apply(box, role, fields)
  return 200, { id = role.id }
end

roles["roles.delete"] = function(box, req)
  local role, status, body = role_of(box, req)
  if not role then return status, body end
  if role.protected then
    return fail.v2(403, "ForbiddenError", "Not allowed to destroy specified resource")
  end
  box.store.roles[role.id] = nil -- what still names it in users is ignored from now on
  return 204
end

roles["roles.get_apps"] = function(box, req)
  local role, status, body = role_of(box, req)
  if not role then return status, body end
  local p
  p, status, body = paging.read_v2(box, req, MAX_MEMBERS)
  if not p then return status, body end
  local assigned = req.query.assigned ~= "false"
  local apps = box.store.apps
  local ids = {}
  for _, id in ipairs(query.ids_of(apps)) do
    if (contains(role.apps, id) ~= nil) == assigned then ids[#ids + 1] = id end
  end
  return paging.v2(req, p, ids, function(id)
    return { id = id, name = apps[id].name,
      icon_url = "/images/missing_connector_icon/square/original.png" }
  end)
end

roles["roles.set_apps"] = function(box, req)
  local role, status, body = role_of(box, req)
  if not role then return status, body end
  local ids
  ids, status, body = ids_of(req)
  if not ids then return status, body end
  if not all_exist(ids, function(id) return box.store.apps[id] end) then
    return fail.not_found_v2()
  end
  replace(box, role, "apps", ids, "app_id", APP_ADDED, APP_REMOVED)
  local out = {}
  for i, id in ipairs(ids) do out[i] = { id = id } end
  return 200, json.array(out)
end

local function display_name(row)
  return ((row.firstname or "") .. " " .. (row.lastname or "")):match("^%s*(.-)%s*$")
end

-- Users and admins share everything but where the membership lives.
local function list_people(members)
  return function(box, req)
    local role, status, body = role_of(box, req)
    if not role then return status, body end
    local p
    p, status, body = paging.read_v2(box, req, MAX_MEMBERS)
    if not p then return status, body end
    local people = box:people()
    local q = req.query
    local held = {}
    for _, id in ipairs(members(box, role)) do held[id] = true end
    local everyone = q.include_unassigned == "true"
    local match = q.name and query.text("*" .. q.name .. "*")
    local ids = query.select(box, { kind = req.op, sort = "id", ids = people:ids(),
      key = ("%d/%s/%s"):format(role.id, tostring(everyone), q.name or ""),
      peek = function(id) return people:peek(id) end,
      filter = function(row)
        if not everyone and not held[row.id] then return false end
        return not match or match(row.firstname) or match(row.lastname) or match(row.username)
          or match(row.email)
      end })
    return paging.v2(req, p, ids, function(id)
      local row = people:peek(id)
      local added = role.added[id]
      local by = added and added.by and people:peek(added.by)
      return { id = id, name = display_name(row), username = row.username or json.null,
        email = row.email or json.null, assigned = held[id] == true,
        added_by = by and { id = by.id, name = display_name(by) } or json.null,
        added_at = util.iso(added and added.at or role.created_at, true) }
    end)
  end
end

local function change_people(add, answer)
  return function(box, req)
    local role, status, body = role_of(box, req)
    if not role then return status, body end
    local ids
    ids, status, body = ids_of(req)
    if not ids then return status, body end
    local people = box:people()
    if answer and not all_exist(ids, function(id) return people:peek(id) end) then
      return fail.not_found_v2()
    end
    local out = {}
    for i, id in ipairs(ids) do
      add(box, role, id)
      out[i] = { id = id }
    end
    if not answer then return 204 end
    return 200, json.array(out)
  end
end

local function admins_of(_, role) return role.admins end

roles["roles.get_users"] = list_people(holders)
roles["roles.get_admins"] = list_people(admins_of)
roles["roles.add_users"] = change_people(assign, true)
roles["roles.remove_users"] = change_people(unassign, false)
roles["roles.add_admins"] = change_people(function(box, role, id)
  if contains(role.admins, id) then return end
  role.admins[#role.admins + 1] = id
  box:event(ADMIN_ADDED, { user_id = id, role_id = role.id })
end, true)
roles["roles.remove_admins"] = change_people(function(box, role, id)
  local at = contains(role.admins, id)
  if not at then return end
  table.remove(role.admins, at)
  box:event(ADMIN_REMOVED, { user_id = id, role_id = role.id })
end, false)

roles["roles_v1.list"] = function(box, req)
  local q = req.query
  local sort, descending = query.sort(q.sort)
  if not SORTABLE[sort] then
    return fail.v1(400, nil, sort .. " is not a valid attribute for role model", "sort")
  end
  local tests = {}
  if q.id then
    local id = util.to_integer(q.id)
    tests[#tests + 1] = function(role) return id ~= nil and role.id == id end
  end
  if q.name then
    local match = query.text(q.name, true)
    tests[#tests + 1] = function(role) return match(role.name) end
  end
  local rows = box.store.roles
  local ids = query.select(box, { kind = "roles_v1", key = (q.id or "") .. "/" .. (q.name or ""),
    sort = sort, descending = descending, ids = query.ids_of(rows), filter = query.all(tests),
    peek = function(id) return rows[id] end })
  local fields = q.fields and query.list(q.fields)
  return paging.v1(box, req, ids, sort, descending, function(id)
    return query.pick({ id = id, name = rows[id].name }, fields)
  end)
end

roles["roles_v1.get"] = function(box, req)
  local role = box.store.roles[util.to_integer(req.ids.role_id)]
  if not role then
    return fail.v1(404, nil, "Role for id " .. req.ids.role_id .. " was not found")
  end
  return 200, fail.success(json.array { { id = role.id, name = role.name } })
end

return roles

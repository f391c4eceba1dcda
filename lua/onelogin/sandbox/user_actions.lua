-- The routes of a user that live on in v1 only: roles, passwords, state, lock, log-out, custom
-- fields. None of them can be repeated safely, and most say so with a 400.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local user_of = require("onelogin.sandbox.user_of")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local actions = {}

local function wrong_type(name, kind)
  return fail.v1(400, nil, name .. " has incorrect data type. It should be -> " .. kind, name)
end

local function has(list, id)
  for i, v in ipairs(list) do
    if v == id then return i end
  end
end

actions["users.roles"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  return 200, fail.success(json.array { json.array(box:role_ids(row)) })
end

-- The ids a role request names: list; or nil and the refusal.
local function wanted_roles(box, req)
  if type(req.body) ~= "table" or next(req.body) == nil then
    return nil, fail.v1(400, nil, "input parameters is empty")
  end
  local list = req.body.role_id_array
  if not write.is_array(list) and not (type(list) == "table" and next(list) == nil) then
    return nil, wrong_type("role_id_array", "array")
  end
  if #list == 0 then return nil, fail.v1(400, nil, "role_id_array is empty") end
  local ids, valid = {}, true
  for i, id in ipairs(list) do
    if type(id) == "string" then id = util.to_integer(id) end
    valid = valid and id ~= nil and box.store.roles[id] ~= nil
    ids[i] = id
  end
  if not valid then
    local all = {}
    for id in pairs(box.store.roles) do all[#all + 1] = id end
    table.sort(all)
    return nil, fail.v1(400, nil, "role_id_array should be a subset of -> ["
      .. table.concat(all, ", ") .. "]")
  end
  return ids
end

actions["users.assign_roles"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local ids
  ids, status, body = wanted_roles(box, req)
  if not ids then return status, body end
  local now_held, added = box:role_ids(row), false
  for _, id in ipairs(ids) do
    if not has(now_held, id) then
      now_held[#now_held + 1] = id
      added = true
    end
  end
  if not added then
    return fail.v1(400, nil, "input role_id_array is already included as user roles")
  end
  row.role_ids = now_held
  box:touch(row)
  box:event(513, { user_id = row.id, role_id = ids[1] })
  return 200, fail.success()
end

actions["users.remove_roles"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local ids
  ids, status, body = wanted_roles(box, req)
  if not ids then return status, body end
  local held = box:role_ids(row)
  for _, id in ipairs(ids) do
    if not has(held, id) then
      return fail.v1(400, nil, "input role_id_array is not included as user roles")
    end
  end
  for _, id in ipairs(ids) do
    local at = has(held, id)
    if at then table.remove(held, at) end
  end
  row.role_ids = held
  box:touch(row)
  box:event(514, { user_id = row.id, role_id = ids[1] })
  return 200, fail.success()
end

-- Both password routes: password and its confirmation, as text.
local function passwords(req)
  local b = type(req.body) == "table" and req.body or {}
  for _, name in ipairs { "password", "password_confirmation" } do
    if b[name] == nil or b[name] == json.null or b[name] == "" then
      return nil, fail.v1(400, nil, name .. " is empty")
    end
    if type(b[name]) ~= "string" then return nil, wrong_type(name, "string") end
  end
  return b
end

local function store_password(box, row, event, value, algorithm, salt)
  box:set_password(row, value, algorithm, salt)
  local s = row.status
  if s == 0 or s == 4 or s == 5 or s == 7 then
    row.status = 1
    row.activated_at = row.activated_at or box.clock.wall()
  end
  box:touch(row)
  box:event(event, { user_id = row.id })
end

actions["users.set_password_cleartext"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local b
  b, status, body = passwords(req)
  if not b then return status, body end
  local weak = write.bad_password(b, b.validate_policy == true)
  if weak then return fail.v1(400, nil, weak) end
  store_password(box, row, 511, b.password)
  return 200, fail.success()
end

actions["users.set_password_salted"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local b
  b, status, body = passwords(req)
  if not b then return status, body end
  if b.password_algorithm ~= "salt+sha256" then
    return fail.v1(400, nil, "password_algorithm should be salt+sha256", "password_algorithm")
  end
  if #b.password ~= 64 or b.password:find("[^%da-f]") then
    return fail.v1(400, nil, "password is not a lower case SHA-256 digest", "password")
  end
  local salt = b.password_salt ~= json.null and b.password_salt or nil
  if salt and (type(salt) ~= "string" or #salt > 40) then
    return fail.v1(400, nil, "password_salt is too long (maximum is 40 characters)", "password_salt")
  end
  local weak = write.bad_password(b, false)
  if weak then return fail.v1(400, nil, weak) end
  store_password(box, row, 510, b.password, "salt+sha256", salt)
  return 200, fail.success()
end

actions["users.set_custom_attributes"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local given = type(req.body) == "table" and req.body.custom_attributes
  if type(given) ~= "table" or write.is_array(given) then
    return wrong_type("custom_attributes", "object")
  end
  if next(given) == nil then return fail.v1(400, nil, "custom_attributes is empty") end
  for k in pairs(given) do
    if not box:has_custom_attribute(k) then
      local names = {}
      for i, def in ipairs(box:custom_fields()) do names[i] = def.shortname .. " " end
      return fail.v1(400, nil, "input custom_attributes is not valid. Valid custom_attributes -> ["
        .. table.concat(names) .. "]")
    end
  end
  write.apply(box, row, { custom_attributes = given })
  box:event(512, { user_id = row.id })
  return 200, fail.success()
end

actions["users.set_state"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local state = type(req.body) == "table" and req.body.state
  if not util.is_integer(state) then return wrong_type("state", "integer") end
  if state == row.state then return fail.v1(400, nil, "user is already in this state") end
  if state < 0 or state > 3 or (row.state == 3 and state ~= 1) then
    return fail.v1(400, nil, "state is invalid")
  end
  row.state = state
  box:touch(row)
  return 200, fail.success()
end

actions["users.log_out"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  for id, session in pairs(box.store.sessions) do
    if session.user_id == row.id then box.store.sessions[id] = nil end
  end
  box:event(516, { user_id = row.id })
  return 200, fail.success()
end

actions["users.lock"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local minutes = type(req.body) == "table" and req.body.locked_until
  if not util.is_integer(minutes) or minutes < 0 then
    return fail.v1(400, nil, "locked_until should be -> integer")
  end
  row.status, row.lock_reason = 3, "administrator"
  row.locked_until = minutes > 0 and req.now + minutes * 60 or nil
  box:touch(row)
  box:event(531, { user_id = row.id })
  return 200, fail.success()
end

return actions

-- Users of v2, and their app, lock and privilege routes.

local json = require("onelogin.core").json
local event_log = require("onelogin.sandbox.event_log")
local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local run = require("onelogin.sandbox.mapping_run")
local user_of = require("onelogin.sandbox.user_of")
local util = require("onelogin.sandbox.util")
local view = require("onelogin.sandbox.user_view")
local write = require("onelogin.sandbox.user_write")

local users = {}

local MAX_PAGE = 100 -- the docs say "up to 50", pages of 100 were seen; larger limits give 100
local SORTABLE = { id = true, email = true, username = true, firstname = true, lastname = true,
  updated_at = true, last_login = true, status = true, state = true }
local INSTANTS = {
  { name = "created_since", field = "created_at", since = true },
  { name = "created_until", field = "created_at" },
  { name = "updated_since", field = "updated_at", since = true },
  { name = "updated_until", field = "updated_at" },
  { name = "last_login_since", field = "last_login", since = true },
  { name = "last_login_until", field = "last_login" },
}
local TEXTS = { "email", "username", "firstname", "lastname", "samaccountname", "external_id" }
local NOT_FILTERS = { fields = true, sort = true, limit = true, page = true, cursor = true }

local function invalid(message)
  return fail.v2(422, "UnprocessableEntityError", "Validation failed: " .. message)
end

-- Tests out of the query; or nil and the refusal.
local function tests_of(box, q)
  local tests = {}
  local ok, bad = query.instants(q, INSTANTS, tests)
  if not ok then return nil, fail.v2(400, "BadRequestError", "Invalid date: " .. bad) end
  for _, name in ipairs(TEXTS) do
    if q[name] then
      local match = query.text(q[name])
      tests[#tests + 1] = function(row) return match(row[name]) end
    end
  end
  if q.directory_id then
    local id = util.to_integer(q.directory_id)
    tests[#tests + 1] = function(row) return row.directory_id == id and id ~= nil end
  end
  if q.app_id then
    local id = util.to_integer(q.app_id)
    tests[#tests + 1] = function(row)
      for _, app in ipairs(box:apps_of(row)) do
        if app.id == id then return true end
      end
      return false
    end
  end
  if q.user_ids then
    local wanted = {}
    for _, id in ipairs(query.list(q.user_ids)) do wanted[util.to_integer(id) or id] = true end
    tests[#tests + 1] = function(row) return wanted[row.id] == true end
  end
  for name, value in pairs(q) do
    local attribute = name:match("^custom_attributes%.(.+)$")
    if attribute then
      local match = query.text(value)
      tests[#tests + 1] = function(row)
        return row.custom_attributes ~= nil and match(row.custom_attributes[attribute])
      end
    end
  end
  return tests
end

-- What tells this selection apart from others.
local function key_of(req)
  local parts = {}
  for name, value in pairs(req.query) do
    if not NOT_FILTERS[name] then parts[#parts + 1] = name .. "=" .. value end
  end
  table.sort(parts)
  return table.concat(parts, "&")
end

-- An exact e-mail or user name, or a list of ids, needs no search through everybody.
local function candidates(box, q)
  local people = box:people()
  for _, key in ipairs { "email", "username" } do
    local value = q[key]
    if value and not value:find("*", 1, true) then
      local id = people:lookup(key, value)
      return { id }
    end
  end
  if q.user_ids then
    local ids, seen = {}, {}
    for _, text in ipairs(query.list(q.user_ids)) do
      local id = util.to_integer(text)
      if id and not seen[id] and people:peek(id) then
        seen[id] = true
        ids[#ids + 1] = id
      end
    end
    table.sort(ids)
    return ids
  end
  return people:ids()
end

users["users.list"] = function(box, req)
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  if not p.sort then p.sort, p.descending = query.sort(req.query.sort) end
  if not SORTABLE[p.sort] then
    return fail.v2(422, "UnprocessableEntityFieldError", "Invalid sort field: " .. p.sort,
      p.sort)
  end
  local tests
  tests, status, body = tests_of(box, req.query)
  if not tests then return status, body end
  local people = box:people()
  local ids = query.select(box, { kind = "users", key = key_of(req), sort = p.sort,
    descending = p.descending, ids = candidates(box, req.query), filter = query.all(tests),
    peek = function(id) return people:peek(id) end })
  local fields = req.query.fields and query.list(req.query.fields)
  return paging.v2(req, p, ids, function(id)
    local row = people:peek(id)
    if not fields then return view.v2_row(box, row) end
    return query.pick(view.v2(box, row), fields)
  end)
end

users["users.get"] = function(box, req)
  local row, status, refusal = user_of.v2(box, req)
  if not row then return status, refusal end
  return 200, view.v2(box, row)
end

-- Refusals that create and update share: status, body; or nothing.
local function refuse(box, req, body, own_id)
  local strange = write.unknown(req.entry, body)
  if strange then return fail.v2(400, "BadRequestError", "unknown attribute: " .. strange) end
  local name = write.misfit(req.entry, body)
  if name then return invalid(name:sub(1, 1):upper() .. name:sub(2):gsub("_", " ") .. " is invalid") end
  if type(body.custom_attributes) == "table" then
    for k in pairs(body.custom_attributes) do
      if not box:has_custom_attribute(k) then
        return fail.v2(400, "BadRequestError", "unknown attribute: " .. tostring(k))
      end
    end
  end
  local taken = write.taken(box, body, own_id)
  if taken then return invalid(taken) end
  local weak = write.bad_password(body, req.query.validate_policy ~= "false")
  if weak then return invalid(weak) end
  if type(body.role_ids) == "table" then
    for _, id in ipairs(body.role_ids) do
      if not box.store.roles[tonumber(id)] then return invalid("Role ids is invalid") end
    end
  end
  local group = body.group_id
  if group ~= nil and group ~= json.null and not box.store.groups[tonumber(group)] then
    return invalid("Group must exist")
  end
end

local function object_of(req)
  if type(req.body) ~= "table" or write.is_array(req.body) then
    return nil, fail.v2(400, "BadRequestError", "Expected object in request")
  end
  return req.body
end

local function blank(v) return v == nil or v == json.null or v == "" end

-- Mappings run over whoever was written: before the answer when it is to wait for them, else after.
local function written(box, req, row, status)
  local when = req.query.mappings
  if when == "sync" then run.user(box, row) end
  local body = view.v2(box, row)
  if when ~= "sync" and when ~= "disabled" then run.user(box, row) end
  return status, body
end

users["users.create"] = function(box, req)
  local body, status, refusal = object_of(req)
  if not body then return status, refusal end
  status, refusal = refuse(box, req, body)
  if status then return status, refusal end
  if blank(body.email) and blank(body.username) then
    return invalid("Email or username must be present")
  end
  local now = box.clock.wall()
  local id = box:new_id("users")
  local has_password = type(body.password) == "string"
  local row = { id = id, role_ids = {}, invalid_login_attempts = 0, created_at = now,
    updated_at = now, status = has_password and 1 or 7, state = 1 }
  if type(body.email) == "string" then row.openid_name = body.email:match("^[^@]*") end
  write.apply(box, row, body)
  box.store.users[id] = row
  box:event(533, { user_id = id })
  return written(box, req, row, 201)
end

users["users.update"] = function(box, req)
  local row, status, refusal = user_of.v2(box, req)
  if not row then return status, refusal end
  local body
  body, status, refusal = object_of(req)
  if not body then return status, refusal end
  status, refusal = refuse(box, req, body, row.id)
  if status then return status, refusal end
  local email = body.email == nil and row.email or body.email
  local username = body.username == nil and row.username or body.username
  if blank(email) and blank(username) then return invalid("Email or username must be present") end
  write.apply(box, row, body)
  box:event(529, { user_id = row.id })
  return written(box, req, row, 200)
end

users["users.delete"] = function(box, req)
  local row, status, refusal = user_of.v2(box, req)
  if not row then return status, refusal end
  write.remove(box, row.id)
  box:event(530, { user_id = row.id, user_name = event_log.name_of(row) })
  return 204
end

users["users.get_apps"] = function(box, req)
  local row, status, refusal = user_of.v2(box, req)
  if not row then return status, refusal end
  local out = {}
  for _, app in ipairs(box:apps_of(row)) do
    if app.visible ~= false or req.query.ignore_visibility == "true" then
      out[#out + 1] = { id = app.id, name = app.name, extension = false,
        icon_url = "/images/missing_connector_icon/square/mobile_50.png",
        login_id = 400000000 + app.id % 1000 * 100000 + row.id % 100000,
        provisioning_status = "enabled", provisioning_state = "unknown",
        provisioning_enabled = false }
    end
  end
  return 200, json.array(out)
end

-- Lifts only what failed sign-ins locked; a timed lock of v1 stays.
users["users.unlock"] = function(box, req)
  local row, status, refusal = user_of.v2(box, req)
  if not row then return status, refusal end
  if row.status ~= 3 or row.lock_reason == "administrator" then
    return 422, { message = "User cannot be unlocked" }
  end
  row.status, row.locked_until, row.lock_reason, row.invalid_login_attempts = 1, nil, nil, 0
  box:touch(row)
  box:event(12, { user_id = row.id })
  return 200, { messsage = "User unlocked" } -- the service's own spelling
end

local function privileges(field)
  return function(box, req)
    local row, status, refusal = user_of.v2(box, req)
    if not row then return status, refusal end
    return 200, json.array(util.copy(row[field] or {}))
  end
end

users["users.get_privileges"] = privileges("privileges")
users["users.get_delegated_privileges"] = privileges("delegated_privileges")

for op, handler in pairs(require("onelogin.sandbox.user_actions")) do users[op] = handler end

return users

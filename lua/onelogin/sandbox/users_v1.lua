-- Users as v1 shows them: the envelope, cursors in the body, "!" and "*" in filters.

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

local TEXTS = { "email", "username", "firstname", "lastname", "samaccountname",
  "userprincipalname", "external_id", "manager_ad_id" }
local INSTANTS = {
  { name = "since", field = "created_at", since = true },
  { name = "until", field = "created_at" },
}
local SORTABLE = { id = true, email = true, username = true, firstname = true, lastname = true,
  created_at = true, updated_at = true, last_login = true, status = true, company = true,
  department = true, title = true, activated_at = true, state = true }
local FILTERS = { "id", "directory_id", "role_id", "since", "until" }

local function one(box, row)
  return fail.success(json.array { view.v1(box, row) })
end

local function tests_of(box, q)
  local tests = {}
  local ok, bad = query.instants(q, INSTANTS, tests)
  if not ok then return nil, fail.v1(400, nil, bad .. " is not a valid date", bad) end
  for _, name in ipairs(TEXTS) do
    if q[name] then
      local match = query.text(q[name], true)
      tests[#tests + 1] = function(row) return match(row[name]) end
    end
  end
  for _, name in ipairs { "id", "directory_id" } do
    if q[name] then
      local id = util.to_integer(q[name])
      tests[#tests + 1] = function(row) return id ~= nil and row[name] == id end
    end
  end
  if q.role_id then
    local id = util.to_integer(q.role_id)
    tests[#tests + 1] = function(row)
      for _, role in ipairs(box:role_ids(row)) do
        if role == id then return true end
      end
      return false
    end
  end
  return tests
end

local function key_of(q)
  local parts = {}
  for _, names in ipairs { TEXTS, FILTERS } do
    for _, name in ipairs(names) do
      if q[name] then parts[#parts + 1] = name .. "=" .. q[name] end
    end
  end
  return table.concat(parts, "&")
end

local function candidates(box, q)
  local people = box:people()
  for _, key in ipairs { "email", "username" } do
    local value = q[key]
    if value and not value:find("*", 1, true) and value:sub(1, 1) ~= "!" then
      return { people:lookup(key, value) }
    end
  end
  local id = q.id and util.to_integer(q.id)
  if id then return { people:peek(id) and id } end
  return people:ids()
end

users["users_v1.list"] = function(box, req)
  local q = req.query
  local sort, descending = query.sort(q.sort)
  if not SORTABLE[sort] then
    return fail.v1(400, nil, sort .. " is not a valid attribute for user model", "sort")
  end
  local tests, status, body = tests_of(box, q)
  if not tests then return status, body end
  local people = box:people()
  local ids = query.select(box, { kind = "users_v1", key = key_of(q), sort = sort,
    descending = descending, ids = candidates(box, q), filter = query.all(tests),
    peek = function(id) return people:peek(id) end })
  local fields = q.fields and query.list(q.fields)
  return paging.v1(box, req, ids, sort, descending, function(id)
    return query.pick(view.v1(box, people:peek(id)), fields)
  end)
end

users["users_v1.get"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  return 200, one(box, row)
end

-- No page lists trusted_idp_id for version 1, but its user model has it, and official SDKs send back
-- every attribute that they read.
local function as_read(entry)
  local list = { { "trusted_idp_id", "integer" } }
  for _, param in ipairs(entry.body) do list[#list + 1] = param end
  return { body = list }
end

local function refuse(box, req, own_id)
  local body = req.body
  local entry = own_id and as_read(req.entry) or req.entry
  if type(body) ~= "table" or write.is_array(body) then
    return fail.v1(400, nil, "Input JSON is not valid")
  end
  local strange = write.unknown(entry, body)
  if strange then
    return fail.v1(400, nil, strange .. " is not a valid attribute for user model", strange)
  end
  local name, kind = write.misfit(entry, body)
  if name then
    return fail.v1(400, nil, name .. " has incorrect data type. It should be -> " .. kind, name)
  end
  local taken, key = write.taken(box, body, own_id)
  if taken then return fail.v1(400, nil, taken, key) end
  local group = body.group_id
  if group ~= nil and group ~= json.null and not box.store.groups[tonumber(group)] then
    return fail.v1(400, nil, "group_id is incorrect", "group_id")
  end
end

-- Mappings run once the answer is made.
local function written(box, row)
  local body = one(box, row)
  run.user(box, row)
  return 200, body
end

users["users_v1.create"] = function(box, req)
  local status, body = refuse(box, req)
  if status then return status, body end
  for _, name in ipairs { "firstname", "lastname", "email", "username" } do
    local v = req.body[name]
    if v == nil or v == json.null or v == "" then
      return fail.v1(400, nil, name .. " is empty", name)
    end
  end
  local now = box.clock.wall()
  local row = { id = box:new_id("users"), role_ids = {}, invalid_login_attempts = 0,
    created_at = now, updated_at = now, status = 0, state = 1,
    openid_name = req.body.email:match("^[^@]*") }
  write.apply(box, row, req.body)
  box.store.users[row.id] = row
  box:event(533, { user_id = row.id })
  return written(box, row)
end

users["users_v1.update"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  status, body = refuse(box, req, row.id)
  if status then return status, body end
  if row.state == 3 and req.body.state ~= nil and req.body.state ~= 3 then
    return fail.v1(400, nil, "state is invalid")
  end
  write.apply(box, row, req.body)
  box:event(529, { user_id = row.id })
  return written(box, row)
end

users["users_v1.delete"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  write.remove(box, row.id)
  box:event(530, { user_id = row.id, user_name = event_log.name_of(row) })
  return 200, fail.success()
end

-- No apps at all is [[]], not [].
users["users_v1.apps"] = function(box, req)
  local row, status, body = user_of.v1(box, req)
  if not row then return status, body end
  local out = {}
  for _, app in ipairs(box:apps_of(row)) do
    if app.visible ~= false then
      out[#out + 1] = { id = app.id, name = app.name, provisioned = "unknown", extension = false,
        icon = "/images/missing_connector_icon/square/mobile_50.png",
        login_id = row.username or json.null, personal = false }
    end
  end
  if #out == 0 then out[1] = json.array {} end
  return 200, fail.success(json.array(out))
end

users["users_v1.custom_attributes"] = function(box)
  local names = {}
  for i, def in ipairs(box:custom_fields()) do names[i] = def.shortname end
  return 200, fail.success(json.array { json.array(names) })
end

return users

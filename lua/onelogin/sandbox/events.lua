-- The event log as the API tells it: every filter of the list, one event, the catalogue of types,
-- and events that a client writes itself.

local json = require("onelogin.core").json
local catalogue = require("onelogin.sandbox.event_types")
local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local events = {}

local null = json.null

-- What every event has; null where it says nothing.
local FIELDS = { "id", "created_at", "account_id", "user_id", "event_type_id", "notes", "ipaddr",
  "actor_user_id", "assuming_acting_user_id", "role_id", "app_id", "group_id", "otp_device_id",
  "policy_id", "actor_system", "custom_message", "role_name", "app_name", "group_name",
  "actor_user_name", "user_name", "policy_name", "otp_device_name", "operation_name",
  "directory_sync_run_id", "directory_id", "resolution", "client_id", "resource_type_id",
  "error_description", "proxy_ip", "risk_score", "risk_reasons", "risk_cookie_id",
  "browser_fingerprint" }
local IS_FIELD = {}
for _, name in ipairs(FIELDS) do IS_FIELD[name] = true end

local INSTANTS = {
  { name = "since", field = "created_at", since = true },
  { name = "until", field = "created_at" },
}
local FILTERS = { "since", "until", "created_at", "event_type_id", "user_id", "user_name",
  "directory_id", "client_id", "id", "resolution" }

local function view(event)
  local out = {}
  for _, name in ipairs(FIELDS) do
    local v = event[name]
    out[name] = v == nil and null or v
  end
  out.created_at = util.iso(event.created_at)
  out.actor_system = event.actor_system or ""
  return out
end

-- The log by id, and its ids in order. The log only grows or is cut, so its ends tell whether
-- what was made of it still stands.
local INDEX = setmetatable({}, { __mode = "k" })

local function index(box)
  local log = box.store.events
  local n = #log
  local first, last = log[1] and log[1].id, log[n] and log[n].id
  local known = INDEX[log]
  if known and known.n == n and known.first == first and known.last == last then return known end
  known = { n = n, first = first, last = last, rows = {} }
  for _, event in ipairs(log) do known.rows[event.id] = event end
  known.ids = query.ids_of(known.rows)
  INDEX[log] = known
  return known
end

-- Ids separated by commas -> set; what is no number matches nothing.
local function ids_in(text)
  local wanted = {}
  for _, item in ipairs(query.list(text)) do
    local id = util.to_integer(item)
    if id then wanted[id] = true end
  end
  return wanted
end

local function tests_of(q)
  local tests = {}
  local ok, bad = query.instants(q, INSTANTS, tests)
  if not ok then return nil, fail.v1(400, nil, bad .. " is incorrect", bad) end
  if q.created_at and q.created_at ~= "" then
    local t = util.parse_iso(q.created_at)
    if not t then return nil, fail.v1(400, nil, "created_at is incorrect", "created_at") end
    -- As precise as it is shown.
    local text = util.iso(t)
    tests[#tests + 1] = function(event) return util.iso(event.created_at) == text end
  end
  for _, name in ipairs { "event_type_id", "user_id", "directory_id", "id" } do
    if q[name] and q[name] ~= "" then
      local wanted = ids_in(q[name])
      tests[#tests + 1] = function(event) return wanted[event[name]] == true end
    end
  end
  for _, name in ipairs { "user_name", "resolution", "client_id" } do
    if q[name] and q[name] ~= "" then
      local match = query.text(q[name], true)
      tests[#tests + 1] = function(event) return match(event[name]) end
    end
  end
  return tests
end

events["events.list"] = function(box, req)
  local q = req.query
  local sort, descending = query.sort(q.sort)
  if not IS_FIELD[sort] then
    return fail.v1(400, nil, sort .. " is not a valid attribute for event model", "sort")
  end
  local tests, status, body = tests_of(q)
  if not tests then return status, body end
  local log = index(box)
  local key = { log.n, log.last or 0 }
  for _, name in ipairs(FILTERS) do
    if q[name] then key[#key + 1] = name .. "=" .. q[name] end
  end
  local ids = query.select(box, { kind = "events", key = table.concat(key, "&"), sort = sort,
    descending = descending, ids = log.ids, filter = query.all(tests),
    peek = function(id) return log.rows[id] end })
  local fields = q.fields and q.fields ~= "" and query.list(q.fields) or nil
  return paging.v1(box, req, ids, sort, descending, function(id)
    return query.pick(view(log.rows[id]), fields)
  end)
end

events["events.get"] = function(box, req)
  local event = index(box).rows[util.to_integer(req.ids.event_id)]
  if not event then
    return fail.v1(404, nil, "Event for id " .. req.ids.event_id .. " was not found")
  end
  return 200, fail.success(json.array { view(event) })
end

events["events.types"] = function()
  local out = {}
  for i, t in ipairs(catalogue) do
    local made = t[3] and t[3]:upper():gsub("%W+", "_") or nil
    out[i] = { id = t[1], name = t[2] or made or null, description = t[3] or null }
  end
  return 200, fail.success(json.array(out))
end

local PEOPLE = { "user_id", "actor_user_id", "assuming_acting_user_id" }

events["events.create"] = function(box, req)
  local b = req.body
  if type(b) ~= "table" or write.is_array(b) or next(b) == nil then
    return fail.v1(400, nil, "input parameters is empty")
  end
  for _, name in ipairs { "event_type_id", "account_id" } do
    if b[name] == nil or b[name] == null then return fail.v1(400, nil, name .. " is empty", name) end
  end
  if write.misfit(req.entry, b) then return fail.v1(400, nil, "Input JSON is not valid") end
  local fields = {}
  for _, p in ipairs(req.entry.body) do
    local v = b[p[1]]
    if v ~= nil and v ~= null then
      if p[2] == "integer" and type(v) == "string" then v = util.to_integer(v) end
      fields[p[1]] = v
    end
  end
  if fields.account_id ~= box.account_id then
    return fail.v1(400, nil, "account_id is incorrect", "account_id")
  end
  for _, name in ipairs(PEOPLE) do
    if fields[name] and not box:people():peek(fields[name]) then
      return fail.v1(400, nil, name .. " is incorrect", name)
    end
  end
  local type_id = fields.event_type_id
  fields.event_type_id = nil
  box:event(type_id, fields)
  return 200, fail.success()
end

return events

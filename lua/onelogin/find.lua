-- find.lua - one object by what is unique about it.
--
-- The server's filters know wildcards and ignore letter case, so they only narrow the search: what is returned has
-- exactly the value that was asked for.

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"
local errors = require "onelogin.errors"
local suggest = require "onelogin.suggest"

local find = {}

local null = core.json.null

-- Parameters of lists that say how to list and not what.
local not_fields = { limit = true, page = true, cursor = true, after_cursor = true, before_cursor = true, sort = true,
  fields = true }

-- Fields by which an object can be searched; for a read-only resource the filters of its list.
local function fields_of(list, facts)
  local names, known = { id = true }, false
  for _, key in ipairs { "create", "update" } do
    local entry = facts[key]
    if entry and type(entry.body) == "table" then
      known = true
      for _, param in ipairs(entry.body) do names[param[1]] = true end
      for _, name in ipairs(entry.read_only or {}) do names[name] = true end
      for _, name in ipairs(entry.secret or {}) do names[name] = nil end
    end
  end
  if not known then
    for _, param in ipairs(list.query or {}) do
      if not not_fields[param[1]] then names[param[1]] = true end
    end
  end
  return names
end

local function fail(name, level, ...)
  error(name .. ": " .. table.concat { ... }, level + 1)
end

-- A value that can be looked for exactly.
local function check_value(name, key, value, level)
  local kind = type(value)
  if kind == "number" or kind == "boolean" or kind == "userdata" and value ~= null then return end
  if kind ~= "string" then
    fail(name, level + 1, key, " must be a string or a number, got ", value == null and "null" or kind)
  end
  if value == "" then fail(name, level + 1, key, " is empty, and an empty filter means everything") end
  if value:find("*", 1, true) then
    fail(name, level + 1, key, " holds \"*\", which the server reads as a wildcard: use list or each for patterns")
  end
  if value:sub(1, 1) == "!" then
    fail(name, level + 1, key, " begins with \"!\", which the server reads as \"not\": use list or each")
  end
end

local function same(a, b)
  if a == b then return true end
  return a ~= nil and a ~= null and type(a) ~= "table" and type(a) ~= "boolean" and type(b) ~= "boolean"
    and tostring(a) == tostring(b)
end

-- `where` held against the table; returns the filters for the server.
function find.filters(name, list, facts, where, level)
  if type(where) ~= "table" or next(where) == nil then
    fail(name, level + 1, "say what to look for, as { name = \"...\" }")
  end
  local fields, query, filters = fields_of(list, facts), {}, {}
  for _, param in ipairs(list.query or {}) do query[param[1]] = true end
  for key, value in pairs(where) do
    if not fields[key] then
      local near = type(key) == "string" and suggest(key, fields)
      fail(name, level + 1, "\"", tostring(key), "\" is no field to look for",
        near and (", did you mean \"" .. near .. "\"?") or "")
    end
    check_value(name, key, value, level + 1)
    if query[key] then filters[key] = value end
  end
  return filters
end

-- Walks what the server found → row | nil | nil, err; and, third, a row that differs in letter case alone.
function find.walk(name, list, filters, where, opts)
  local pager = list:pages(filters, opts)
  local found, near
  while true do
    local rows, err = pager:next()
    if err then return nil, err end
    if not rows then return found, nil, near end
    for i = 1, #rows do
      local row = rows[i]
      local fits, close = type(row) == "table", type(row) == "table"
      for key, value in pairs(where) do
        local there = fits and row[key] or close and row[key]
        fits = fits and same(there, value)
        close = close and type(there) == "string" and there:lower() == tostring(value):lower() or close and fits
      end
      if fits and found then
        pager:close()
        return nil, errors.new {
          kind = "conflict", operation = name, method = "GET", path = list.entry.path, attempts = 1, retryable = false,
          message = ("more than one fits, ids %s and %s among them"):format(tostring(found.id), tostring(row.id)),
        }
      end
      if fits then found = row elseif close then near = near or row end
    end
  end
end

local function facts_of(list)
  return require("onelogin.api." .. list.id:match("^(.-)%."))
end

local function check_self(name, resource, level)
  local ok, list = pcall(function() return resource.list end)
  if not ok or type(list) ~= "userdata" then fail(name, level + 1, "call it with a colon") end
  return list
end

--- resource:find({ field = value, ... }, opts) → the object | nil when there is none | nil, err.
function find.find(resource, where, opts)
  local list = check_self("find", resource, 2)
  local name = list.id:gsub("list$", "find")
  local filters = find.filters(name, list.entry, facts_of(list), where, 2)
  local found, err = find.walk(name, list, filters, where, opts)
  return found, err
end

for _, key in ipairs { "email", "username", "external_id" } do
  --- users:find_by_email(value, opts), and so on: as find.
  find["find_by_" .. key] = function(resource, value, opts)
    local list = check_self("find_by_" .. key, resource, 2)
    local name, where = list.id:gsub("list$", "find_by_" .. key), { [key] = value }
    if value == nil then fail(name, 2, key, " is missing") end
    local filters = find.filters(name, list.entry, facts_of(list), where, 2)
    local found, err = find.walk(name, list, filters, where, opts)
    return found, err
  end
end

--- users:refresh_mappings(id, opts): has the mappings run for one user now → the user afterwards | nil, err.
-- Mappings run when a user is written, so a name is written back as it stands: no source says that an empty update
-- is taken.
function find.refresh_mappings(users, id, opts)
  check_self("refresh_mappings", users, 2)
  local user, err = users:get(id, nil, opts)
  if user == nil then return nil, err end
  for _, key in ipairs { "username", "email", "firstname", "lastname" } do
    local value = user[key]
    if type(value) == "string" and value ~= "" then
      return users:update(id, { [key] = value, mappings = "sync" }, opts)
    end
  end
  return nil, errors.new { kind = "invalid", operation = "users.refresh_mappings", attempts = 1, retryable = false,
    message = "the user has no name that could be written back" }
end

return find

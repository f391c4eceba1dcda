-- Choosing and ordering rows the way the list routes do: text filters with *, instants, ids, sort.
-- A result is remembered until data change, so that walking page by page does not search each time.

local util = require("onelogin.sandbox.util")

local query = {}

local CACHE_LIMIT = 8

-- "a*b" -> function(text) -> bool. Pieces are found left to right, so nothing can explode.
local function glob(pattern)
  local pieces = {}
  for piece in (pattern .. "*"):gmatch("([^*]*)%*") do pieces[#pieces + 1] = piece end
  if #pieces == 1 then
    return function(text) return text == pattern end
  end
  return function(text)
    local first, last = pieces[1], pieces[#pieces]
    if text:sub(1, #first) ~= first then return false end
    local at = #first + 1
    for i = 2, #pieces - 1 do
      local _, stop = text:find(pieces[i], at, true)
      if not stop then return false end
      at = stop + 1
    end
    return #text - #last + 1 >= at and text:sub(#text - #last + 1) == last
  end
end

--- A test of text, letter case aside; `*` matches anything. With `negatable` a leading "!" turns
-- it round ("!@x" without a star: does not contain "@x").
function query.text(value, negatable)
  value = value:lower()
  local negate = negatable and value:sub(1, 1) == "!"
  if negate then
    value = value:sub(2)
    if not value:find("*", 1, true) then value = "*" .. value .. "*" end
  end
  local match = glob(value)
  return function(text)
    local hit = text ~= nil and match(tostring(text):lower())
    if negate then return not hit end
    return hit
  end
end

--- "+name", "-name", "name" (a "+" may have become a blank) -> name, descending.
function query.sort(text)
  if not text or text == "" then return "id", false end
  local sign, name = text:match("^([%+%- ]?)(.*)$")
  return name, sign == "-"
end

--- The members of a list separated by commas.
function query.list(text)
  local out = {}
  for item in (text or ""):gmatch("[^,]+") do out[#out + 1] = item:match("^%s*(.-)%s*$") end
  return out
end

--- Rows cut down to the named fields, id always among them.
function query.pick(row, fields)
  if not fields then return row end
  local out = { id = row.id }
  for _, name in ipairs(fields) do out[name] = row[name] end
  return out
end

local function sort_key(value)
  if type(value) == "string" then return value:lower() end
  return value
end

-- Unset first, numbers before text, ties by id.
local function before(keys)
  return function(a, b)
    local x, y = keys[a], keys[b]
    if x == y then return a < b end
    if x == nil then return true end
    if y == nil then return false end
    if type(x) ~= type(y) then return type(x) == "number" end
    return x < y
  end
end

--- The ids that pass, in order.
-- `spec`: kind (name for the memory), key (text that tells apart what was asked), ids (all,
-- ascending), peek (id -> row), filter (row -> bool, or nil), sort (field), descending.
function query.select(box, spec)
  local cache = box.cache
  local stamp = box.version .. ":" .. box:people().revision
  if not cache or cache.stamp ~= stamp then
    cache = { stamp = stamp, n = 0, lists = {} }
    box.cache = cache
  end
  local key = spec.kind .. "\0" .. spec.key .. "\0" .. spec.sort .. (spec.descending and "-" or "+")
  if cache.lists[key] then return cache.lists[key] end
  local out, n = {}, 0
  local filter, peek = spec.filter, spec.peek
  local keys = spec.sort ~= "id" and {} or nil
  if not filter and not keys and not spec.descending then
    out = spec.ids
  else
    for _, id in ipairs(spec.ids) do
      local row = (filter or keys) and peek(id)
      if not filter or filter(row) then
        n = n + 1
        out[n] = id
        if keys then keys[id] = sort_key(row[spec.sort]) end
      end
    end
    if keys then table.sort(out, before(keys)) end
    if spec.descending then
      for i = 1, math.floor(n / 2) do out[i], out[n + 1 - i] = out[n + 1 - i], out[i] end
    end
  end
  if cache.n >= CACHE_LIMIT then cache.lists, cache.n = {}, 0 end
  cache.lists[key] = out
  cache.n = cache.n + 1
  return out
end

--- Ids of a plain table by id, ascending.
function query.ids_of(kind)
  local ids = {}
  for id in pairs(kind) do ids[#ids + 1] = id end
  table.sort(ids)
  return ids
end

--- A list of tests on instants out of query names: { since = name, until = name, field = field }.
-- Returns tests, or nil and the name of the parameter that is no instant.
function query.instants(params, rules, tests)
  for _, rule in ipairs(rules) do
    local text = params[rule.name]
    if text and text ~= "" then
      local t = util.parse_iso(text)
      if not t then return nil, rule.name end
      local field, since = rule.field, rule.since
      tests[#tests + 1] = function(row)
        local v = row[field]
        if not v then return false end
        if since then return v > t end
        return v < t
      end
    end
  end
  return tests
end

--- All tests in one; nil when there are none.
function query.all(tests)
  if #tests == 0 then return nil end
  return function(row)
    for i = 1, #tests do
      if not tests[i](row) then return false end
    end
    return true
  end
end

return query

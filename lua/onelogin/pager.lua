-- pager.lua - walks a list page by page, lazily, and by item.
--
--   pager:next()     → items | nil at the end | nil, err
--   pager:items()    → iterator over items; throws the error table
--   pager:collect(max) → array of at most max items | nil, err
--   pager.total, pager.cursor, pager.seen, pager.changed; for page in pager do; pager:close()
--
-- Where the walk stands is decided in C (page.c).  Held in memory: the page at hand and the ids of the one before.

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"
local check = require "onelogin.check"
local errors = require "onelogin.errors"

local pager = {}

local P = core.pager
local mt = core.meta.pager
local json = core.json
local state_of = P.state
local rawequal, type, tostring, error = rawequal, type, tostring, error

-- Parameters that a cursor already holds (v2), or that the walk itself sets.
local in_cursor = { v2 = { limit = true, page = true, sort = true, cursor = true }, v1 = { after_cursor = true } }
local cursor_name = { v2 = "cursor", v1 = "after_cursor" }

-- The pages of a walk wait out a rate limit, as a person would.
local function walk_options(opts)
  local out = {}
  if opts then for k, v in pairs(opts) do out[k] = v end end
  if out.wait_rate_limit == nil then out.wait_rate_limit = true end
  out.snapshot, out.max_pages, out.missing_ok, out.lanes = nil, nil, nil, nil
  return out
end

-- Takes `name` out of the query pairs; returns its value.
local function take(query, name)
  for i = 1, #query do
    if query[i][1] == name then return table.remove(query, i)[2] end
  end
end

local function has(query, name)
  for i = 1, #query do
    if query[i][1] == name then return true end
  end
  return false
end

local function largest_page(entry)
  for _, p in ipairs(entry.query or {}) do
    if p[1] == "limit" then return p.max end
  end
end

-- Opens a walk from finished parts.
function pager.start(op, st, ids, query, body, opts)
  local entry = st.entry
  local style = entry.paging
  if style == "camel" then style = "v1" end -- other names in the answer (response.c), the same walk
  local place, page
  query = query or {}
  if style then
    place = take(query, cursor_name[style]) or take(query, "cursor")
    if place ~= nil then place = tostring(place) end
    if place == "" then place = nil end
    if style == "v2" then
      page = take(query, "page")
      if page ~= nil and not (tonumber(page) and tonumber(page) >= 1 and tonumber(page) <= 1e9) then
        error(st.id .. ": page must be a number from 1, got " .. tostring(page), 4)
      end
    elseif has(query, "before_cursor") then
      error(st.id .. ": a walk goes forward; before_cursor belongs to a single page, so call the operation", 4)
    end
    if not place or place:find("^page=%d+$") then
      local limit = largest_page(entry)
      if limit and not has(query, "limit") then query[#query + 1] = { "limit", tostring(limit) } end
      if entry.pin and not has(query, "sort") then query[#query + 1] = { "sort", entry.pin } end
    end
  end
  local p = P.new(style, {
    op = op, op_state = st, style = style, ids = ids, query = query, body = body, opts = walk_options(opts),
    max_pages = opts and opts.max_pages, snapshot = opts and opts.snapshot, pages = 0,
  }, place, page and tonumber(page))
  if opts and opts.lanes and opts.lanes > 1 and style then
    local pst, lanes = state_of(p), require "onelogin.lanes"
    pst.lanes = lanes.new(opts.lanes, style == "v2" and not (place and not place:find("^page=%d+$")))
    pst.ahead = lanes
  end
  return p
end

-- op:pages(...) and op:each(...).
function pager.open(op, st, level, argc, ...)
  if st.custom_pages then return st.custom_pages(op, st, level + 1, argc, ...) end
  local ids, query, body, opts = check.try(st.entry, st.id, argc, ...)
  if not ids then error(tostring(query), level + 1) end
  if st.entry.method ~= "GET" then
    error(("%s does not list anything: call it instead of walking it"):format(st.id), level + 1)
  end
  return pager.start(op, st, ids, query, body, opts)
end

-- The query of the page that is asked for.
local function query_for(st, ask, value)
  if ask == "first" then return st.query end
  local out, skip = {}, in_cursor[st.style]
  for i = 1, #st.query do
    local pair = st.query[i]
    if not (ask == "cursor" and skip[pair[1]]) then out[#out + 1] = pair end
  end
  out[#out + 1] = ask == "cursor" and { cursor_name[st.style], value } or { "page", tostring(value) }
  return out
end

local function failed(st, message)
  st.failed = errors.new {
    kind = "server", message = message, operation = st.op_state.id, method = st.op_state.entry.method,
    path = st.op_state.entry.path, attempts = 1, retryable = false,
  }
  return nil, st.failed
end

-- What tells a row from others, or nil.
local function id_of(row)
  local id = type(row) == "table" and row.id
  if not id or rawequal(id, json.null) or type(id) == "table" then return nil end
  if type(id) ~= "number" and type(id) ~= "string" then return tostring(id) end
  return id
end

-- Drops rows whose id stood on the page before; returns the rest and their number.  A list without pages is handed out
-- as it came: nothing in it can have moved.
local function unseen(st, items)
  local ids, fresh, n, repeated = {}, items, #items, false
  if not st.style then return items, n end
  for i = 1, n do
    local id = id_of(items[i])
    if id then
      if st.ids_before and st.ids_before[id] or ids[id] then repeated = true end
      ids[id] = true
    end
  end
  if repeated then
    local seen = {}
    fresh = json.array {}
    for i = 1, n do
      local row = items[i]
      local id = id_of(row)
      if not id or not (st.ids_before and st.ids_before[id] or seen[id]) then fresh[#fresh + 1] = row end
      if id then seen[id] = true end
    end
  end
  st.ids_before = ids
  return fresh, #fresh
end

local methods = {}

-- items | nil | nil, err.  After an error the same page is asked for again by the next call, unless the walk
-- itself is broken (a repeated cursor, no progress).
function methods.next(p)
  local st = state_of(p)
  if st.failed then return nil, st.failed end
  local ask, value = P.ask(p)
  if not ask then return nil end
  if st.max_pages and st.pages >= st.max_pages then return nil end
  local place = P.place(p)
  local function fetch(how, what)
    return pager.perform(st.op, st.op_state, st.ids, query_for(st, how, what), st.body, st.opts, false, 2)
  end
  local left = st.max_pages and st.max_pages - st.pages or math.huge
  local items, info
  if st.lanes then
    items, info = st.ahead.fetch(st.lanes, st, fetch, left, ask, value)
  else
    items, info = fetch(ask, value)
  end
  if items == nil then return nil, info end
  if type(items) ~= "table" or not json.is_array(items) and next(items) ~= nil then
    if type(items) == "table" and st.opts.dry_run then
      P.close(p)
      return nil
    end
    return failed(st, "the answer is not a list")
  end
  local rows, fresh = #items
  items, fresh = unseen(st, items)
  local verdict = P.got(p, info, rows, fresh)
  st.pages = st.pages + 1
  st.place, st.info = place, info
  if verdict == "repeated" then
    failed(st, "the server offers a page again that was walked already, so the walk would never end")
  elseif verdict then
    return failed(st, "the server offers further pages, but this one brought nothing new, so the walk would never end")
  elseif st.lanes then
    st.ahead.got(st.lanes, p, info, fetch, left - 1)
  end
  return items
end

-- Everything first, then the items: deleting inside the loop cannot shift what is still to come.  Memory grows
-- with the list.
local function snapshot(p, st)
  local all = st.gathered or {}
  st.gathered = all -- should a page fail, those before it are not lost
  while true do
    local items, err = methods.next(p)
    if err then error(err, 0) end
    if not items then break end
    for i = 1, #items do all[#all + 1] = items[i] end
  end
  st.gathered = nil
  local i = 0
  return function()
    i = i + 1
    local row = all[i]
    all[i] = nil
    return row
  end
end

-- Iterator over items.  While a page is being handed out, pager.cursor is the place of that page.
function methods.items(p)
  local st = state_of(p)
  local items, i, n, inner = nil, 0, 0, nil
  local function step()
    if inner then return inner() end
    if st.snapshot then
      inner = snapshot(p, st)
      return inner()
    end
    while true do
      i = i + 1
      if i <= n then
        if i == n then st.open = false end
        return items[i]
      end
      local err
      items, err = methods.next(p)
      if err then error(err, 0) end
      if not items then
        st.open = false
        return nil
      end
      i, n = 0, #items
      st.open = n > 0
    end
  end
  return step
end

-- The iterator for a walk that nobody else holds: Lua 5.4 closes it when the loop is left.
function pager.each(p)
  return methods.items(p), nil, nil, p
end

function methods.collect(p, max)
  if max ~= nil and (type(max) ~= "number" or max ~= max or max < 0) then
    error("pager:collect: max must be a number of items, got " .. tostring(max), 2)
  end
  local all = json.array {}
  while not max or #all < max do
    local items, err = methods.next(p)
    if err then return nil, err end
    if not items then break end
    for i = 1, #items do
      if max and #all >= max then break end
      all[#all + 1] = items[i]
    end
  end
  return all
end

function methods.close(p)
  local st = state_of(p)
  P.close(p)
  if st.lanes then st.ahead.drop(st.lanes) end
end
mt.__close = methods.close

-- for items in pager do
function mt.__call(p)
  local items, err = methods.next(p)
  if err then error(err, 0) end
  return items
end

function mt.__index(p, key)
  local method = methods[key]
  if method then return method end
  if key == "seen" then return (P.totals(p)) end
  if key == "total" then return (select(2, P.totals(p))) end
  if key == "changed" then return state_of(p).changed end
  if key == "info" then return state_of(p).info end
  if key == "cursor" then
    local st = state_of(p)
    if st.open then return st.place or "" end
    return P.place(p)
  end
  error(("a pager has no member \"%s\": it has next, items, collect, close, total, seen, cursor, changed and info")
    :format(tostring(key)), 2)
end

return pager

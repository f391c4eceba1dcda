-- The two ways of turning a list into pages, with the rules that make clients stumble: v1 walks by
-- an opaque cursor in the body; v2 by page number or a cursor that is a page number in disguise,
-- told in headers. v2 pages are offsets, so rows shift when data change during a walk.

local json = require("onelogin.core").json
local util = require("onelogin.sandbox.util")
local fail = require("onelogin.sandbox.fail")

local paging = {}

local function slice(ids, first, size, view)
  local rows = {}
  for i = first, math.min(#ids, first + size - 1) do
    local row = view(ids[i])
    if row ~= nil then rows[#rows + 1] = row end
  end
  return json.array(rows)
end

local function page_size(box, ceiling)
  local max = box.options.max_page_size
  if max and max < ceiling then ceiling = max end
  return math.max(1, math.min(box.options.page_size, ceiling)), ceiling
end

local function v2_cursor(limit, page, sort, descending)
  return util.base64(("limit=%d&sort=%s&page=%d&sort_direction=%s"):format(limit, sort, page,
    descending and "desc" or "asc"))
end

local function decode_v2(text)
  local plain = util.unbase64(text)
  local parts = plain and util.parse_query(plain)
  local limit = parts and util.to_integer(parts.limit)
  local page = parts and util.to_integer(parts.page)
  if not limit or not page or limit < 1 or page < 1 then return nil end
  return limit, page, parts.sort or "id", parts.sort_direction == "desc"
end

local function positive(text)
  if text == nil then return true end
  local n = util.to_integer(text)
  return n ~= nil and n >= 1 and n
end

--- Reads limit, page and cursor of a v2 request: { limit, page, sort, descending }, where sort is
-- nil unless a cursor names it; or nil and the refusal (status, body).
function paging.read_v2(box, req, ceiling)
  local q = req.query
  local size, max = page_size(box, ceiling)
  if q.cursor and q.cursor ~= "" then
    if q.limit or q.page then
      return nil, fail.roles(400, "BadRequestError",
        "Requests can only have cursor xor pagination arguments")
    end
    local limit, page, sort, descending = decode_v2(q.cursor)
    if not limit then
      return nil, fail.roles(400, "BadRequestError", "Invalid pagination cursor")
    end
    return { limit = math.min(limit, max), page = page, sort = sort, descending = descending,
      cursor = q.cursor }
  end
  local limit, page = positive(q.limit), positive(q.page)
  if not limit or not page then
    return nil, fail.roles(400, "BadRequestError",
      (limit and "page" or "limit") .. " must be a positive integer")
  end
  return { limit = limit == true and size or math.min(limit, max),
    page = page == true and 1 or page }
end

--- One v2 page: status, rows, headers. `p` from read_v2 with sort and descending filled in.
function paging.v2(req, p, ids, view)
  local total = #ids
  local pages = math.max(1, math.ceil(total / p.limit))
  local sort = p.sort or "id"
  local headers = { ["current-page"] = tostring(p.page), ["page-items"] = tostring(p.limit),
    ["total-count"] = tostring(total), ["total-pages"] = tostring(pages),
    cursor = p.cursor or v2_cursor(p.limit, p.page, sort, p.descending) }
  local links = {}
  local function link(page, rel)
    local cursor = v2_cursor(p.limit, page, sort, p.descending)
    local pairs_list = {}
    for _, name in ipairs(req.query_names) do
      if name ~= "cursor" and name ~= "limit" and name ~= "page" then
        pairs_list[#pairs_list + 1] = { name, req.query[name] }
      end
    end
    pairs_list[#pairs_list + 1] = { "cursor", cursor }
    links[#links + 1] = ("<%s%s?%s>; rel=\"%s\""):format(req.origin, req.path,
      util.build_query(pairs_list), rel)
    return cursor
  end
  if p.page > 1 then headers["before-cursor"] = link(p.page - 1, "prev") end
  if p.page < pages then headers["after-cursor"] = link(p.page + 1, "next") end
  headers.link = table.concat(links, ", ")
  return 200, slice(ids, (p.page - 1) * p.limit + 1, p.limit, view), headers
end

-- A v1 cursor: "account_id:::--##id:::6772474" in base64 without padding. It names the row the
-- page ended with; the offset helps only when that row is gone and the order is not by id.
local function v1_cursor(sort, id, offset)
  local text = sort == "id" and ("account_id:::--##id:::%d"):format(id)
    or ("%s:::--##id:::%d##at:::%d"):format(sort, id, offset)
  return util.base64(text, false)
end

local function decode_v1(text)
  local plain = util.unbase64(text)
  if not plain then return nil end
  local id = plain:match("##id:::(%-?%d+)")
  return id and tonumber(id), tonumber(plain:match("##at:::(%d+)") or "")
end

-- Where the row stands, or would stand: index, found.
local function locate(ids, id, offset, sort, descending)
  if sort ~= "id" then
    for i = 1, #ids do
      if ids[i] == id then return i, true end
    end
    return (offset or 0) + 1, false
  end
  local low, high = 1, #ids
  while low <= high do
    local mid = math.floor((low + high) / 2)
    local v = ids[mid]
    if v == id then return mid, true end
    local left = v < id
    if descending then left = not left end
    if left then low = mid + 1 else high = mid - 1 end
  end
  return low, false
end

--- One v1 page: status, envelope, headers. `sort` and `descending` as the list is ordered.
function paging.v1(box, req, ids, sort, descending, view)
  local q = req.query
  local size, max = page_size(box, 50)
  local limit = positive(q.limit)
  if not limit then return fail.v1(400, nil, "limit is incorrect", "limit") end
  size = limit == true and size or math.min(limit, max)
  local first = 1
  local after = q.after_cursor ~= "" and q.after_cursor or nil
  local back = q.before_cursor ~= "" and q.before_cursor or nil
  if after or back then
    local id, offset = decode_v1(after or back)
    if not id then return fail.v1(400, nil, "cursor is incorrect") end
    local at, found = locate(ids, id, offset, sort, descending)
    if after then
      first = found and at + 1 or at
    else
      first = math.max(1, at - size)
      size = math.min(size, at - first)
    end
  end
  local rows = slice(ids, first, size, view)
  local last = first + #rows - 1
  local null = json.null
  local p = { before_cursor = null, after_cursor = null, previous_link = null, next_link = null }
  local function link(name, cursor)
    local pairs_list = {}
    for _, n in ipairs(req.query_names) do
      if n ~= "after_cursor" and n ~= "before_cursor" then
        pairs_list[#pairs_list + 1] = { n, q[n] }
      end
    end
    pairs_list[#pairs_list + 1] = { name, cursor }
    return req.origin .. req.path .. "?" .. util.build_query(pairs_list)
  end
  local trailing = box.options.v1_trailing_cursor and #rows > 0
  if last < #ids or trailing then
    local id = ids[last]
    if id then
      p.after_cursor = v1_cursor(sort, id, last)
      p.next_link = link("after_cursor", p.after_cursor)
    end
  end
  if first > 1 and ids[first] then
    p.before_cursor = v1_cursor(sort, ids[first], first - 1)
    p.previous_link = link("before_cursor", p.before_cursor)
  end
  local next_link = p.next_link
  return 200, fail.success(rows, p),
    { link = next_link ~= null and ("<" .. next_link .. ">; rel=\"next\"") or "" }
end

--- One page of ids as privileges give it: status, body. Cursors name the row the page ended with
-- or begins with, as in v1.
function paging.camel(box, req, name, ids)
  local q = req.query
  local size = page_size(box, 50)
  local first = 1
  local after = q.after_cursor ~= "" and q.after_cursor or nil
  local back = q.before_cursor ~= "" and q.before_cursor or nil
  if after or back then
    local id = decode_v1(after or back)
    if not id then return fail.malformed() end
    local at, found = locate(ids, id, nil, "id", false)
    if after then
      first = found and at + 1 or at
    else
      first = math.max(1, at - size)
      size = math.min(size, at - first)
    end
  end
  local rows = slice(ids, first, size, function(id) return id end)
  local null = json.null
  local body = { total = #ids, [name] = rows, beforeCursor = null, previousLink = null,
    afterCursor = null, nextLink = null }
  local function link(cursor_name, cursor)
    return req.origin .. req.path .. "?" .. util.build_query { { cursor_name, cursor } }
  end
  local last = first + #rows - 1
  if #rows > 0 and last < #ids then
    body.afterCursor = v1_cursor("id", ids[last])
    body.nextLink = link("after_cursor", body.afterCursor)
  end
  if #rows > 0 and first > 1 then
    body.beforeCursor = v1_cursor("id", ids[first])
    body.previousLink = link("before_cursor", body.beforeCursor)
  end
  return 200, body
end

return paging

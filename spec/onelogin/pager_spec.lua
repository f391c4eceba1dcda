-- Walks over lists: both styles, their known bad manners, resuming, breaking out, memory.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local json = core.json

-- A client whose server is a function(query, request) → status, headers, body value.
local function serve(answer, more)
  local t = { requests = {}, now = 0 }
  local options = {
    base_url = "https://acme.test", client_id = "id", client_secret = "secret",
    clock = { mono = function() return t.now end, wall = function() return 1700000000 + t.now end,
      sleep = function(s) t.now = t.now + s end },
    transport = { send = function(_, r)
      if r.operation == "oauth.generate_tokens" then
        return { status = 200, headers = {}, body = '{"access_token":"tok","expires_in":36000}' }
      end
      local query = {}
      for k, v in (r.url:match("%?(.*)") or ""):gmatch("([^&=]+)=([^&]*)") do
        query[k] = v:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
      end
      t.requests[#t.requests + 1] = query
      local status, headers, body = answer(query, r, #t.requests)
      return { status = status, headers = headers or {}, body = body and json.encode(body) or "" }
    end },
  }
  for k, v in pairs(more or {}) do options[k] = v end
  t.ol = onelogin.new(options)
  return t
end

-- n rows from id `from`.
local function rows(from, n)
  local out = json.array {}
  for i = 0, n - 1 do out[#out + 1] = { id = from + i } end
  return out
end

-- A v2 list of `total` rows by cursor "cN" (N = next page) with headers.
local function v2(total, size, tweak)
  return function(query)
    local page = tonumber(query.page or (query.cursor or "c1"):match("%d+"))
    local first = (page - 1) * size
    local n = math.max(0, math.min(size, total - first))
    local h = { ["current-page"] = tostring(page), ["page-items"] = tostring(size), ["total-count"] = tostring(total),
      ["total-pages"] = tostring(math.ceil(total / size)) }
    if first + n < total then h["after-cursor"] = "c" .. (page + 1) end
    if tweak then tweak(h, page, query) end
    return 200, h, rows(first + 1, n)
  end
end

local function v1(total, size, tweak)
  return function(query)
    local page = tonumber(((query.after_cursor or "") ~= "" and query.after_cursor or "1"))
    local first = (page - 1) * size
    local n = math.max(0, math.min(size, total - first))
    local p = { before_cursor = json.null, after_cursor = json.null, next_link = json.null, previous_link = json.null }
    if first + n < total then
      p.after_cursor, p.next_link = tostring(page + 1), "https://evil.test/api/1/users?after_cursor=x"
    end
    if tweak then tweak(p, page, query) end
    return 200, {}, { status = { error = false, code = 200, type = "success", message = "Success" }, pagination = p,
      data = rows(first + 1, n) }
  end
end

local function ids_of(iterator, ...)
  local out = {}
  for row in iterator, ... do out[#out + 1] = row.id end
  return out
end

local function sequence(n)
  local out = {}
  for i = 1, n do out[i] = i end
  return out
end

describe("a walk", function()
  it("visits every row once, in order, in both styles", function()
    local t = serve(v2(123, 50))
    assert.same(sequence(123), ids_of(t.ol.users:each()))
    assert.equal(3, #t.requests)
    t = serve(v1(123, 50))
    assert.same(sequence(123), ids_of(t.ol.users_v1:each()))
    assert.equal(3, #t.requests)
  end)

  it("sends a v2 cursor without limit, page or sort, but with the filters", function()
    local t = serve(v2(100, 50))
    ids_of(t.ol.users:each { firstname = "a*", limit = 50 })
    local first, second = t.requests[1], t.requests[2]
    assert.equal("50", first.limit)
    assert.equal("a*", first.firstname)
    assert.is_nil(first.cursor)
    assert.equal("c2", second.cursor)
    assert.equal("a*", second.firstname)
    assert.is_nil(second.limit or second.page or second.sort)
  end)

  it("keeps a v1 cursor's company and never follows next_link", function()
    local t = serve(v1(100, 50))
    ids_of(t.ol.users_v1:each { firstname = "a*" })
    assert.equal("a*", t.requests[2].firstname)
    assert.equal("2", t.requests[2].after_cursor)
  end)

  it("goes by number where a service only counts pages", function()
    local t = serve(v2(120, 50, function(h) h["after-cursor"] = nil end))
    assert.same(sequence(120), ids_of(t.ol.users:each()))
    assert.equal("2", t.requests[2].page)
    assert.equal("3", t.requests[3].page)
    assert.is_nil(t.requests[3].cursor)
  end)

  it("starts at a page the caller names", function()
    local t = serve(v2(120, 50))
    local got = ids_of(t.ol.users:each { page = 2 })
    assert.equal(70, #got)
    assert.equal(51, got[1])
    assert.equal("2", t.requests[1].page)
  end)

  it("ends on an empty v1 page with a cursor behind it", function()
    local t = serve(v1(100, 50, function(p, page) if page <= 3 then p.after_cursor = tostring(page + 1) end end))
    assert.same(sequence(100), ids_of(t.ol.users_v1:each()))
  end)

  it("fails on a repeated cursor, after handing out what came", function()
    local t = serve(v2(500, 50, function(h, page) if page == 3 then h["after-cursor"] = "c3" end end))
    local p, n = t.ol.users:pages(), 0
    local err
    while true do
      local items
      items, err = p:next()
      if not items then break end
      n = n + #items
    end
    assert.equal("server", err.kind)
    assert.matches("walked already", err.message)
    assert.equal(150, n)
    local _, again = p:next()
    assert.equal(err, again)
  end)

  it("finds longer circles too", function()
    for cycle = 2, 9 do
      local t = serve(v2(1e6, 2, function(h, page) if page >= 3 + cycle then h["after-cursor"] = "c3" end end))
      local ok, err = pcall(function() ids_of(t.ol.users:each()) end)
      assert.is_false(ok)
      assert.equal("server", err.kind)
      assert.is_true(#t.requests < 200)
    end
  end)

  it("fails on a page that brings nothing new", function()
    local t = serve(function(_, _, n) return 200, { ["after-cursor"] = "c" .. n }, rows(1, 50) end)
    local ok, err = pcall(function() ids_of(t.ol.users:each()) end)
    assert.is_false(ok)
    assert.matches("nothing new", err.message)
    assert.equal(2, #t.requests)
  end)

  it("drops rows that stood on the page before", function()
    local send = 0
    local t = serve(function(query)
      send = send + 1
      if send == 1 then return 200, { ["after-cursor"] = "c2" }, rows(1, 50) end
      assert(query.cursor == "c2")
      return 200, {}, rows(46, 20)
    end)
    assert.same(sequence(65), ids_of(t.ol.users:each()))
  end)

  it("fails whole when a middle page fails, and can go on afterwards", function()
    local broken = true
    local answer = v2(150, 50)
    local t = serve(function(query, r, n)
      if query.cursor == "c2" and broken then
        return 400, {}, { statusCode = 400, name = "BadRequestError", message = "no" }
      end
      return answer(query, r, n)
    end)
    local p = t.ol.users:pages()
    assert.equal(50, #p:next())
    local items, err = p:next()
    assert.is_nil(items)
    assert.equal("invalid", err.kind)
    broken = false
    assert.equal(51, p:next()[1].id)
    assert.equal(50, #p:next())
    local last, none = p:next()
    assert.is_nil(last)
    assert.is_nil(none)
    local ok, thrown = pcall(function()
      broken = true
      for _ in t.ol.users:each() do end
    end)
    assert.is_false(ok)
    assert.equal("invalid", thrown.kind)
  end)

  it("never takes an error for the end, nor a wrong shape for an empty list", function()
    for _, body in ipairs { { message = "odd" }, { data = 1 }, json.null, 7, "text" } do
      local t = serve(function() return 200, {}, body end)
      local items, err = t.ol.users:pages():next()
      assert.is_nil(items)
      assert.equal("decode", err.kind)
    end
    local t = serve(function() return 200, {}, nil end)
    local items, err = t.ol.users:list()
    assert.is_nil(items)
    assert.equal("decode", err.kind)
  end)

  it("resumes where it stood", function()
    local t = serve(v2(150, 50))
    local p = t.ol.users:pages()
    p:next()
    local place = p.cursor
    assert.equal("c2", place)
    local got = ids_of(t.ol.users:each { cursor = place })
    assert.equal(51, got[1])
    assert.equal(100, #got)
    -- by number
    t = serve(v2(150, 50, function(h) h["after-cursor"] = nil end))
    p = t.ol.users:pages { limit = 50 }
    p:next()
    got = ids_of(t.ol.users:each { cursor = p.cursor })
    assert.equal(51, got[1])
    -- v1
    t = serve(v1(150, 50))
    p = t.ol.users_v1:pages()
    p:next()
    got = ids_of(t.ol.users_v1:each { after_cursor = p.cursor })
    assert.equal(51, got[1])
  end)

  it("tells the place of the page being handed out, so that a break loses nothing", function()
    local t = serve(v2(150, 50))
    local p = t.ol.users:pages()
    for user in p:items() do
      if user.id == 60 then break end
    end
    local got = ids_of(t.ol.users:each { cursor = p.cursor })
    assert.equal(51, got[1])
    p = t.ol.users:pages()
    for user in p:items() do
      if user.id == 100 then break end -- the last of its page
    end
    assert.equal("c3", p.cursor)
  end)

  it("is lazy and stops when broken out of", function()
    local t = serve(v2(1000, 50))
    for user in t.ol.users:each() do
      if user.id == 51 then break end
    end
    assert.equal(2, #t.requests)
    collectgarbage()
    collectgarbage()
  end)

  it("collects with a ceiling and knows the total", function()
    local t = serve(v2(1000, 50))
    local p = t.ol.users:pages()
    assert.is_nil(p.total)
    assert.equal(70, #assert(p:collect(70)))
    assert.equal(1000, p.total)
    assert.equal(100, p.seen)
    assert.equal(2, #t.requests)
    assert.equal(0, #assert(t.ol.users:pages():collect(0)))
    assert.equal(2, #t.requests)
    assert.has_error(function() p:collect("x") end)
    assert.has_error(function() return p.nothing end)
    assert.equal(4 * 50, #assert(t.ol.users:pages(nil, { max_pages = 4 }):collect()))
  end)

  it("iterates by page too", function()
    local t = serve(v2(120, 50))
    local sizes = {}
    for items in t.ol.users:pages() do sizes[#sizes + 1] = #items end
    assert.same({ 50, 50, 20 }, sizes)
  end)

  it("gives one page and its facts by list", function()
    local t = serve(v2(120, 50))
    local items, page = t.ol.users:list { limit = 50 }
    assert.equal(50, #items)
    assert.same({ 120, "c2" }, { page.total, page.cursor })
    local empty = serve(v2(0, 50)).ol.users:list()
    assert.same({}, empty)
    assert.equal("[]", json.encode(empty))
  end)

  it("visits everyone once while deleting, with a snapshot", function()
    local left = sequence(130)
    local t = serve(function(query, r)
      if r.method == "DELETE" then
        local id = tonumber(r.url:match("(%d+)$"))
        for i, v in ipairs(left) do if v == id then table.remove(left, i) break end end
        return 204
      end
      local page = tonumber(query.page or (query.cursor or "c1"):match("%d+"))
      local out = json.array {}
      for i = (page - 1) * 50 + 1, math.min(page * 50, #left) do out[#out + 1] = { id = left[i] } end
      return 200, { ["after-cursor"] = page * 50 < #left and "c" .. (page + 1) or nil }, out
    end)
    local visited = {}
    for user in t.ol.users:each(nil, { snapshot = true }) do
      visited[#visited + 1] = user.id
      assert(t.ol.users:delete(user.id))
    end
    assert.same(sequence(130), visited)
    assert.equal(0, #left)
  end)

  it("waits out a rate limit by itself, a single call does not", function()
    local limited = true
    local answer = v2(60, 50)
    local t
    t = serve(function(query, r, n)
      if limited then
        limited = false
        return 429, { ["retry-after"] = "1200" }
      end
      return answer(query, r, n)
    end)
    assert.same(sequence(60), ids_of(t.ol.users:each()))
    assert.is_true(t.now >= 1200 and t.now < 1210)
    limited = true
    local _, err = t.ol.users:list()
    assert.equal("rate_limited", err.kind)
  end)

  it("walks by the escape hatch", function()
    local t = serve(v2(120, 50))
    assert.same(sequence(120), ids_of(t.ol.request:each("GET", "/api/2/things", { paging = "v2", query = { a = 1 } })))
    assert.equal("1", t.requests[2].a)
    assert.has_error(function() t.ol.request:each("GET", "/api/2/things") end)
  end)

  it("refuses to walk what lists nothing", function()
    local t = serve(v2(1, 50))
    assert.has_error(function() t.ol.users.delete:each(5) end)
    assert.has_error(function() t.ol.users:each { limit = 10, cursor = "c" } end)
    assert.has_error(function() t.ol.users.each() end)
    local p = t.ol.users:pages()
    p:close()
    assert.is_nil(p:next())
    assert.matches("closed", tostring(p))
    assert.equal(0, #t.requests)
  end)
end)

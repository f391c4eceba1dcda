-- each and pages with lanes: pages fetched ahead, in order, no more than asked for; lists that change; cursors.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local curl = require "onelogin.curl"
local server_of = require "spec.support.sandbox_server"

local plain51 = not coroutine.isyieldable

local function world(users, options)
  local box = onelogin.sandbox { users = users or 60 }
  local config = box:config()
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), box
end

local function ids_of(pager)
  local ids = {}
  for _, row in ipairs(assert(pager:collect())) do ids[#ids + 1] = row.id end
  return ids
end

describe("lanes", function()
  it("bring the same rows in the same order, with as many requests", function()
    local ol, box = world(62)
    local plain = ids_of(ol.users:pages { limit = 5 })
    local requests = box:requests "users.list"
    assert.equal(62, #plain)
    for _, n in ipairs { 1, 2, 8, 100 } do
      assert.same(plain, ids_of(ol.users:pages({ limit = 5 }, { lanes = n })))
    end
    assert.equal(5 * requests, box:requests "users.list")
    local walked = {}
    for user in ol.users:each({ limit = 5 }, { lanes = 8 }) do walked[#walked + 1] = user.id end
    assert.same(plain, walked)
    if not plain51 then
      walked = {}
      tasks.run(function()
        for user in ol.users:each({ limit = 5 }, { lanes = 8 }) do walked[#walked + 1] = user.id end
      end)
      assert.same(plain, walked)
    end
    assert.same(plain, tasks.run(function() return ids_of(ol.users:pages({ limit = 5 }, { lanes = 8 })) end))
  end)

  it("fetch no more than the lanes ahead, and no more than max_pages", function()
    local ol, box = world(60)
    local pager = ol.users:pages({ limit = 5 }, { lanes = 3 })
    pager:next()
    assert.equal(1, box:requests "users.list")
    pager:next()
    assert.is_true(box:requests "users.list" <= 4)
    pager:next()
    assert.is_true(box:requests "users.list" <= 5)
    pager:close()
    assert.is_nil(pager:next())
    local before = box:requests "users.list"
    assert.equal(10, #ol.users:pages({ limit = 5 }, { lanes = 8, max_pages = 2 }):collect())
    assert.equal(before + 2, box:requests "users.list")
  end)

  it("resume where cursor says", function()
    local ol = world(60)
    local plain = ids_of(ol.users:pages { limit = 5 })
    local pager = ol.users:pages({ limit = 5 }, { lanes = 4 })
    for _ = 1, 3 do pager:next() end
    local rest = ids_of(ol.users:pages({ cursor = pager.cursor }, { lanes = 4 }))
    assert.equal(45, #rest)
    assert.equal(plain[16], rest[1])
    assert.equal(plain[60], rest[45])
  end)

  it("notice a list that changes, tell it, and go on by cursor", function()
    local told = {}
    local ol, box = world(60, { log = function(level, text) told[#told + 1] = level .. ": " .. text end })
    local ids = box:people():ids()
    local pager = ol.users:pages({ limit = 5 }, { lanes = 4 })
    local seen, n = {}, 0
    local page = 0
    while true do
      local items, err = pager:next()
      assert.is_nil(err)
      if not items then break end
      page = page + 1
      for _, row in ipairs(items) do
        assert.is_nil(seen[row.id])
        seen[row.id] = true
        n = n + 1
      end
      if page == 2 then assert(ol.users:delete(ids[1])) end
    end
    assert.same({ from = 60, to = 59 }, pager.changed)
    assert.equal(1, #told)
    assert.truthy(told[1]:find("^warning: users.list: the list changed during the walk, from 60 rows to 59"))
    assert.is_true(n >= 59 and n <= 60, n)
  end)

  it("tell each change, in a walk by cursor too", function()
    local told = {}
    local ol, box = world(60, { log = function(_, text) told[#told + 1] = text:match("from .- rows to %d+") end })
    local function walk(pager)
      local page = 0
      while pager:next() do
        page = page + 1
        if page == 2 or page == 8 then assert(ol.users:delete(box:people():ids()[1])) end
      end
      return pager.changed
    end
    assert.same({ from = 59, to = 58 }, walk(ol.users:pages({ limit = 5 }, { lanes = 4 })))
    local pager = ol.users:pages { limit = 5 }
    pager:next()
    assert.same({ from = 57, to = 56 }, walk(ol.users:pages({ cursor = pager.cursor }, { lanes = 4 })))
    assert.same({ "from 60 rows to 59", "from 59 rows to 58", "from 58 rows to 57", "from 57 rows to 56" }, told)
  end)

  it("throw nothing into a task that nobody cancelled", function()
    local box = onelogin.sandbox { users = 60 }
    local config = box:config()
    local inner, held = config.transport, false
    config.transport = { send = function(_, request)
      while held do tasks.sleep(0.001) end
      return inner:send(request)
    end }
    local ol = onelogin.new(config)
    local first = ol.users:pages { limit = 5 }
    first:next()
    for rows, params in pairs { [60] = { limit = 5 }, [55] = { cursor = first.cursor } } do -- by number, by cursor
      held = false
      local pager = ol.users:pages(params, { lanes = 4 })
      local items, err, more
      tasks.run(function()
        more = pager:next()
        held = true
        local waiter = tasks.spawn(function() items, err = pager:next() end)
        tasks.sleep(0)
        pager:close()
        waiter:join()
      end)
      assert.equal(5, #more)
      assert.is_nil(items)
      assert.equal("cancelled", err.kind)

      held = false
      pager = ol.users:pages(params, { lanes = 4 })
      tasks.run(function()
        more = pager:next()
        held = true
        local walker = tasks.spawn(function() return pager:next() end)
        tasks.sleep(0)
        walker:cancel()
        assert.is_nil((walker:join()))
        held = false
        assert.equal(rows - 5, #pager:collect())
      end)
    end
  end)

  it("throw a text with the traceback of where it was thrown", function()
    local broken
    local box = onelogin.sandbox { users = 60 }
    local config = box:config()
    local inner = config.transport
    local function deep_inside() if broken then error "broken" end end
    config.transport = { send = function(_, request)
      deep_inside()
      return inner:send(request)
    end }
    local pager = onelogin.new(config).users:pages({ limit = 5 }, { lanes = 3 })
    pager:next()
    broken = true
    local ok, why = pcall(pager.next, pager)
    assert.is_false(ok)
    assert.truthy(why:find("broken\nstack traceback:\n", 1, true), why)
    assert.is_nil(why:find("stack traceback:.*stack traceback:"), why)
  end)

  it("a page that fails is asked for again; the others stay", function()
    local ol, box = world(60)
    local pager = ol.users:pages({ limit = 5 }, { lanes = 4, attempts = 1 })
    pager:next()
    box:fault { operation = "users.list", status = 500, times = 1 }
    local items, err = pager:next()
    assert.is_nil(items)
    assert.equal("server", err.kind)
    assert.equal(55, #pager:collect())
  end)

  it("look one page ahead where a list has only cursors", function()
    local ol, box = world(0)
    for _ = 1, 12 do box:event(5) end
    local plain = ids_of(ol.events:pages { limit = 2 })
    assert.is_true(#plain >= 12)
    local before = box:requests "events.list"
    local pager = ol.events:pages({ limit = 2 }, { lanes = 4 })
    pager:next()
    assert.equal(before + 2, box:requests "events.list")
    assert.equal(plain[3], pager:next()[1].id)
    pager:close()
    assert.same(plain, ids_of(ol.events:pages({ limit = 2 }, { lanes = 4 })))
  end)

  it("are an option of walks alone", function()
    local ol = world(1)
    for _, lanes in ipairs { 0, 1.5, "x" } do
      assert.is_false((pcall(ol.users.pages or ol.users.each, ol.users, nil, { lanes = lanes })))
    end
    local ok, why = pcall(ol.users.list, ol.users, nil, { lanes = 2 })
    assert.is_false(ok)
    assert.truthy(why:find("\"lanes\" is an option of each and pages", 1, true), why)
  end)
end)

describe("lanes on the engine", function()
  it("have several pages on their way at once, and leave none behind", function()
    local server = server_of.start "--users 60"
    local engine = curl.engine()
    local ol = onelogin.new { base_url = server.http_url, client_id = server.client_id,
      client_secret = server.client_secret, engine = engine }
    local plain = ids_of(ol.users:pages { limit = 5 })
    local pager = ol.users:pages({ limit = 5 }, { lanes = 8 })
    pager:next()
    local before = engine:stats().requests
    pager:next()
    assert.equal(8, engine:stats().requests - before)
    pager:close()
    assert.equal(0, engine:running())
    assert.same(plain, ids_of(ol.users:pages({ limit = 5 }, { lanes = 8 })))
    pager = ol.users:pages({ limit = 5 }, { lanes = 8 })
    pager:next()
    tasks.run(function() -- begun outside, goes on inside
      pager:next()
      pager:next()
    end)
    assert.equal(45, #pager:collect())
    engine:close()
    server.stop()
  end)
end)

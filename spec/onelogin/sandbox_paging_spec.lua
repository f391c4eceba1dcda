-- The two paging styles of the sandbox, with the edges that make clients stumble.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local util = require "onelogin.sandbox.util"
local json = support.json

local null = json.null

local function in_order(box, rows)
  local ids = box:people():ids()
  if #rows ~= #ids then return false end
  for i, id in ipairs(ids) do
    if rows[i].id ~= id then return false end
  end
  return true
end

describe("10,001 users", function()
  local box = sandbox { users = 10001, page_size = 100 }
  local api = support.api(box)
  box.options.rate_limit = 1e9

  it("walk back exactly and in order by v2 cursors", function()
    assert.is_true(in_order(box, api.walk_v2 "/api/2/users?fields=id"))
    assert.equal(101, box:requests("users.list"))
  end)

  it("walk back exactly and in order by v1 cursors", function()
    local rows, pages = api.walk_v1 "/api/1/users?fields=id"
    assert.is_true(in_order(box, rows))
    assert.equal(201, pages)
  end)
end)

describe("v2 paging", function()
  local box, api
  before_each(function()
    box = sandbox { users = 120 }
    api = support.api(box)
  end)

  it("tells everything in headers", function()
    local _, rows, h = api.get "/api/2/users?limit=50&page=2&sort=-id"
    assert.equal(50, #rows)
    assert.equal("2", h["current-page"])
    assert.equal("50", h["page-items"])
    assert.equal("120", h["total-count"])
    assert.equal("3", h["total-pages"])
    assert.equal("limit=50&sort=id&page=3&sort_direction=desc", util.unbase64(h["after-cursor"]))
    assert.equal("limit=50&sort=id&page=1&sort_direction=desc", util.unbase64(h["before-cursor"]))
    assert.truthy(h.link:find('rel="next"', 1, true))
    local last
    _, rows, last = api.get "/api/2/users?page=3"
    assert.equal(20, #rows)
    assert.equal("50", last["page-items"]) -- the size of a page, not the number of rows
    assert.is_nil(last["after-cursor"])
    _, rows, last = api.get "/api/2/users?page=9"
    assert.equal(0, #rows)
    assert.is_nil(last["after-cursor"])
  end)

  it("wants cursor or limit and page, never both", function()
    local _, _, h = api.get "/api/2/users?limit=10"
    local cursor = support.escape(h["after-cursor"])
    for _, more in ipairs { "&limit=10", "&page=2" } do
      local status, value = api.get("/api/2/users?cursor=" .. cursor .. more)
      assert.equal(400, status)
      assert.same({ status = 400, error = "BadRequestError",
        description = "Requests can only have cursor xor pagination arguments" }, value)
    end
    local _, rows, next_h = api.get("/api/2/users?cursor=" .. cursor)
    assert.equal(10, #rows)
    assert.equal("2", next_h["current-page"])
  end)

  it("knows a cursor that is none", function()
    for _, bad in ipairs { "nonsense!", "AAAA", util.base64("limit=0&page=1"), util.base64("page=2") } do
      local status, value = api.get("/api/2/users?cursor=" .. support.escape(bad))
      assert.equal(400, status)
      assert.equal("Invalid pagination cursor", value.description)
    end
    assert.equal(400, (api.get "/api/2/users?limit=0"))
    assert.equal(400, (api.get "/api/2/users?page=x"))
  end)

  it("keeps to its ceilings", function()
    local _, rows, h = api.get "/api/2/users?limit=1000"
    assert.equal(100, #rows)
    assert.equal("100", h["page-items"])
    _, rows = api.get "/api/2/users"
    assert.equal(50, #rows)
    _, _, h = api.get "/api/2/roles?limit=9999"
    assert.equal("650", h["page-items"])
    box.options.max_page_size = 7
    _, rows = api.get "/api/2/users?limit=50"
    assert.equal(7, #rows)
  end)

  it("is offsets underneath, so rows shift when somebody is deleted", function()
    local _, first, h = api.get "/api/2/users?limit=10"
    api.delete("/api/2/users/" .. first[1].id)
    local _, second = api.get("/api/2/users?cursor=" .. support.escape(h["after-cursor"]))
    local ids = box:people():ids()
    assert.equal(ids[11], second[1].id) -- ids[10], once the eleventh, was skipped
  end)

  it("repeats filters in links", function()
    local _, _, h = api.get "/api/2/users?email=*acme.test&limit=10"
    local link = h.link:match("<https://acme%.onelogin%.test(.-)>")
    local _, rows = api.get(link)
    assert.equal(10, #rows)
    assert.truthy(link:find("email=%2Aacme.test", 1, true))
  end)
end)

describe("v1 paging", function()
  local box, api
  before_each(function()
    box = sandbox { users = 120 }
    api = support.api(box)
  end)

  it("tells everything in the body, and nothing in cursor headers", function()
    local _, page, h = api.get "/api/1/users?email=*acme.test&after_cursor="
    assert.equal(50, #page.data)
    local p = page.pagination
    assert.equal(null, p.before_cursor)
    assert.equal(null, p.previous_link)
    assert.is_nil(h["after-cursor"])
    assert.equal("account_id:::--##id:::" .. page.data[50].id, util.unbase64(p.after_cursor))
    assert.is_nil(p.after_cursor:find("=", 1, true))
    assert.truthy(h.link:find(p.next_link, 1, true))
    local _, second = api.get(p.next_link:sub(#box.base_url + 1))
    assert.equal(50, #second.data)
    local _, back = api.get("/api/1/users?before_cursor=" .. second.pagination.before_cursor)
    assert.same(page.data, back.data)
    local _, third, last_h = api.get("/api/1/users?after_cursor=" .. second.pagination.after_cursor)
    assert.equal(20, #third.data)
    assert.equal(null, third.pagination.after_cursor)
    assert.equal("", last_h.link)
  end)

  it("may name a cursor behind which there is nothing", function()
    box.options.v1_trailing_cursor = true
    local rows, pages = api.walk_v1 "/api/1/users"
    assert.equal(120, #rows)
    assert.equal(4, pages)
  end)

  it("walks in any order, also when the row of the cursor is gone", function()
    local rows = api.walk_v1 "/api/1/users?sort=-id&limit=7"
    assert.equal(120, #rows)
    for i = 2, 120 do assert.is_true(rows[i].id < rows[i - 1].id) end
    rows = api.walk_v1 "/api/1/users?sort=%2Blastname&limit=33"
    local seen = {}
    for _, row in ipairs(rows) do seen[row.id] = true end
    local n = 0
    for _ in pairs(seen) do n = n + 1 end
    assert.equal(120, n)
    local _, page = api.get "/api/1/users?limit=10"
    api.delete("/api/1/users/" .. page.data[10].id)
    local _, after = api.get("/api/1/users?limit=10&after_cursor=" .. page.pagination.after_cursor)
    assert.equal(box:people():ids()[10], after.data[1].id)
  end)

  it("refuses cursors, limits and orders it does not know", function()
    assert.equal(400, (api.get "/api/1/users?after_cursor=xyz"))
    assert.equal(400, (api.get "/api/1/users?limit=-1"))
    assert.equal(400, (api.get "/api/1/users?sort=colour"))
    local _, page = api.get "/api/1/users?limit=1000"
    assert.equal(50, #page.data)
  end)
end)

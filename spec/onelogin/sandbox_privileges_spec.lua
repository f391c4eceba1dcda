-- Privileges in the sandbox: v2's manners under /api/1, and a way of paging of their own.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null
local ROOT = "/api/1/privileges"
local MALFORMED = "The request could not be understood by the server due to malformed syntax"
local MISSING = { statusCode = 404, name = "NotFoundError",
  message = "The resource can't be found or the server has not found anything matching the Request-URI" }

describe("privileges", function()
  local box, api, ashley, akua

  before_each(function()
    box = sandbox { users = 30 }
    api = support.api(box)
    ashley, akua = box:find_user("ashley").id, box:find_user("akua").id
  end)

  local function statement(actions, scope)
    return { Effect = "Allow", Action = actions or { "users:Get", "users:Unlock" }, Scope = scope or { "*" } }
  end

  local function body(...)
    return { name = "Helpdesk", description = "Helps", privilege = { Version = "2018-05-18",
      Statement = select("#", ...) > 0 and { ... } or { statement() } } }
  end

  local function make(...)
    local status, answer = api.post(ROOT, body(...))
    assert.equal(201, status)
    assert.same({ id = answer.id }, answer)
    return answer.id, ROOT .. "/" .. answer.id
  end

  local function refused(message, given)
    local status, answer = api.post(ROOT, given)
    assert.equal(400, status)
    assert.same({ statusCode = 400, name = "BadRequestError", message = MALFORMED .. message }, answer)
  end

  it("are bare, with UUIDs and capitals inside", function()
    local id, at = make()
    assert.truthy(id:find("^%x+%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x+$"))
    assert.equal(36, #id)
    local status, one = api.get(at)
    assert.equal(200, status)
    assert.same({ id = id, name = "Helpdesk", description = "Helps", privilege = {
      Version = "2018-05-18", Statement = { statement() } } }, one)
    local _, list = api.get(ROOT)
    assert.equal(2, #list)
    assert.same(one, list[2])
    assert.equal(200, (api.get(ROOT .. "?limit=5")))
  end)

  it("answer their statements in another order each time, each in its own", function()
    local all = {}
    for i, class in ipairs { "users", "apps", "roles", "events", "reports" } do
      all[i] = statement({ class .. ":List", class .. ":Get" })
    end
    local _, at = make((table.unpack or unpack)(all))
    local orders = {}
    for _ = 1, 20 do
      local seen = {}
      for i, s in ipairs(select(2, api.get(at)).privilege.Statement) do
        assert.equal("Get", s.Action[2]:match(":(.*)"))
        seen[i] = s.Action[1]
      end
      orders[table.concat(seen, " ")] = true
      table.sort(seen)
      assert.same({ "apps:List", "events:List", "reports:List", "roles:List", "users:List" }, seen)
    end
    assert.is_true(next(orders, (next(orders))) ~= nil)
  end)

  it("are replaced whole", function()
    local id, at = make()
    local status, answer = api.put(at, { name = "Less", privilege = { Statement = { statement { "users:Get" } } } })
    assert.equal(200, status)
    assert.same({ id = id }, answer)
    local _, one = api.get(at)
    assert.same({ "Less", null, { "users:Get" } },
      { one.name, one.description, one.privilege.Statement[1].Action })
    assert.equal(400, (api.put(at, { name = "Nothing" })))
  end)

  it("refuse statements that say nothing, forbid, or name what does not exist", function()
    refused(": Statement required Action array", { name = "x" })
    refused(": Statement required Action array", { name = "x", privilege = { Statement = json.array {} } })
    refused(": Statement required Action array", body { Effect = "Allow", Scope = { "*" } })
    refused(": Effect is required and must be 'Allow'",
      body { Effect = "Deny", Action = { "users:Get" }, Scope = { "*" } })
    refused(": Operation 'MadeUpAction' does not exist", body(statement { "users:MadeUpAction" }))
    refused(": Actions of one statement must be of one class", body(statement { "users:Get", "apps:Get" }))
    refused(": Statement required Scope array", body { Effect = "Allow", Action = { "users:Get" } })
    refused(": Version must be '2018-05-18'",
      { name = "x", privilege = { Version = "2020-01-01", Statement = { statement() } } })
    assert.equal(1, #select(2, api.get(ROOT)))
    local status, answer = api.post(ROOT, { privilege = { Statement = { statement() } } })
    assert.equal(422, status)
    assert.equal("UnprocessableEntityError", answer.name)
  end)

  it("know every action of the SDKs, and a star", function()
    for class, names in pairs(require "onelogin.sandbox.privilege_actions") do
      for _, name in ipairs(names) do make(statement { class .. ":" .. name }) end
    end
    make(statement { "*" })
    make(statement { "users:ForceLogout" })
  end)

  it("have scopes of the class of their actions, but for roles", function()
    make(statement({ "users:Get" }, { "users/" .. ashley }))
    make(statement({ "users:Get" }, { "roles/410018" }))
    make(statement({ "apps:Get" }, { "roles/410018", "apps/5" }))
    refused(": Scope does not fit the Action", body(statement({ "users:Get" }, { "apps/5" })))
    refused(": Scope does not fit the Action", body(statement({ "events:Get" }, { "roles/410018" })))
    refused(": Scope does not fit the Action", body(statement({ "users:Get" }, { "everybody" })))
  end)

  it("are given to roles and users, and taken away", function()
    local id, at = make()
    local role = box:add_role { name = "Desk" }.id
    local status, answer = api.post(at .. "/roles", { roles = { role, 410018 } })
    assert.equal(201, status)
    assert.same({ success = true }, answer)
    status, answer = api.post(at .. "/users", { users = { akua, ashley } })
    assert.equal(200, status)
    assert.same({ success = true }, answer)
    assert.same({ total = 2, roles = { 410018, role }, beforeCursor = null, previousLink = null,
      afterCursor = null, nextLink = null }, select(2, api.get(at .. "/roles")))
    assert.same({ ashley, akua }, select(2, api.get(at .. "/users")).users)
    assert.equal(204, (api.delete(at .. "/roles/" .. role)))
    assert.equal(204, (api.delete(at .. "/users/" .. akua)))
    assert.same({ 410018 }, select(2, api.get(at .. "/roles")).roles)
    status, answer = api.delete(at .. "/users/" .. akua)
    assert.equal(404, status)
    assert.same(MISSING, answer)
    local log = {}
    for i, event in ipairs(box.store.events) do
      log[i] = { event.event_type_id, event.user_id, event.privilege_id }
    end
    assert.same({ { 72, akua, id }, { 72, ashley, id }, { 73, akua, id } }, log)
  end)

  it("are given to nobody when somebody of the list is not there", function()
    local _, at = make()
    local status, answer = api.post(at .. "/users", { users = { ashley, 1 } })
    assert.equal(404, status)
    assert.same(MISSING, answer)
    assert.same({}, select(2, api.get(at .. "/users")).users)
    for _, given in ipairs { { users = ashley }, { roles = { 1 } }, { users = { "x" } } } do
      status, answer = api.post(at .. "/users", given)
      assert.equal(400, status)
      assert.equal(MALFORMED, answer.message)
    end
    api.post(at .. "/users", { users = { ashley } })
    api.delete("/api/2/users/" .. ashley)
    assert.equal(0, select(2, api.get(at .. "/users")).total)
  end)

  it("may be given at once when they are made", function()
    local given = body()
    given.user_ids, given.role_ids = { ashley }, { 410018 }
    local _, answer = api.post(ROOT, given)
    assert.same({ ashley }, select(2, api.get(ROOT .. "/" .. answer.id .. "/users")).users)
    given.user_ids = { 1 }
    assert.equal(404, (api.post(ROOT, given)))
  end)

  it("page with cursors in camel case, forth and back", function()
    box = sandbox { users = 30, page_size = 12 }
    api = support.api(box)
    local _, at = make()
    local everybody = {}
    for id in box:each_user() do everybody[#everybody + 1] = id end
    api.post(at .. "/users", { users = everybody })
    local seen, pages, cursor = {}, {}, nil
    repeat
      local _, page = api.get(at .. "/users" .. (cursor and "?after_cursor=" .. support.escape(cursor) or ""))
      assert.equal(30, page.total)
      for _, id in ipairs(page.users) do seen[#seen + 1] = id end
      pages[#pages + 1] = page
      cursor = page.afterCursor ~= null and page.afterCursor or nil
    until not cursor
    assert.same(everybody, seen)
    assert.same({ 12, 12, 6 }, { #pages[1].users, #pages[2].users, #pages[3].users })
    assert.same({ null, null, null, null }, { pages[1].beforeCursor, pages[1].previousLink,
      pages[3].afterCursor, pages[3].nextLink })
    local next_page = pages[1].nextLink:sub(#box.base_url + 1)
    assert.same(pages[2], select(2, api.get(next_page)))
    assert.same(pages[1].users, select(2, api.get(pages[2].previousLink:sub(#box.base_url + 1))).users)
    assert.equal(400, (api.get(at .. "/users?after_cursor=%21")))
  end)

  it("are deleted together with what they gave", function()
    local _, at = make()
    api.post(at .. "/users", { users = { ashley } })
    assert.equal(204, (api.delete(at)))
    for _, path in ipairs { "", "/users", "/roles" } do
      local status, answer = api.get(at .. path)
      assert.equal(404, status)
      assert.same(MISSING, answer)
    end
    assert.equal(73, box.store.events[2].event_type_id)
  end)

  it("refuse tokens and scopes without the envelope of v1, and count against its hour", function()
    local refusal = { statusCode = 401, name = "UnauthorizedError",
      message = "The request requires user authentication." }
    for _, header in ipairs { "Bearer none", "nonsense" } do
      local status, answer = api.call("GET", ROOT, nil, { Authorization = header })
      assert.equal(401, status)
      assert.same(refusal, answer)
    end
    local status, answer = support.api(box, { scope = "Read All" }).get(ROOT)
    assert.equal(401, status)
    assert.same(refusal, answer)
    status, answer = api.call("POST", ROOT, "{", {})
    assert.equal(400, status)
    assert.equal(MALFORMED, answer.message)
    assert.equal(404, (api.delete(select(2, make()) .. "/roles/abc")))
    assert.truthy(select(3, api.get(ROOT))["x-ratelimit-remaining"])
  end)
end)

describe("privileges through the client", function()
  it("are walked by their own cursors, each holder once", function()
    local onelogin = require "onelogin"
    local box = onelogin.sandbox { users = 30, page_size = 12 }
    local ol = assert(onelogin.new(box:config()))
    local everybody = {}
    for id in box:each_user() do everybody[#everybody + 1] = id end
    local made = assert(ol.privileges:create { name = "Desk", privilege = { Version = "2018-05-18",
      Statement = { { Effect = "Allow", Action = { "users:Get" }, Scope = { "*" } } } } })
    assert.is_true(ol.privileges:assign_users(made.id, { users = everybody }))
    local seen = {}
    for id in ol.privileges.list_users:each(made.id) do seen[#seen + 1] = id end
    assert.same(everybody, seen)
    assert.equal(3, box:requests "privileges.list_users")
  end)
end)

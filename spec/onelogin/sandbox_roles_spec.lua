-- Roles and groups in the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null

describe("v2 roles", function()
  local box, api, ashley, akua

  before_each(function()
    box = sandbox { users = 30 }
    api = support.api(box)
    ashley, akua = box:find_user("ashley").id, box:find_user("akua").id
  end)

  local function path(id, tail) return "/api/2/roles/" .. id .. (tail or "") end

  local function make(body)
    local status, value = api.post("/api/2/roles", body)
    assert.equal(201, status)
    return value.id
  end

  it("answer creation with the id alone, and a get with id and name", function()
    local _, _, _, text = api.post("/api/2/roles", { name = "Sample Role" })
    local id = text:match('^{"id":(%d+)}$')
    assert.truthy(id)
    local _, role = api.get(path(id))
    assert.same({ id = tonumber(id), name = "Sample Role" }, role)
  end)

  it("are listed with extras on request, filtered and sorted", function()
    local app = box:add_app { name = "Rare App" }
    local id = make { name = "Sample Role", apps = { app.id }, users = { ashley }, admins = { akua } }
    local _, list = api.get("/api/2/roles?name=sample*&fields=apps,users,admins")
    assert.same({ { id = id, name = "Sample Role", apps = { app.id }, users = { ashley },
      admins = { akua } } }, list)
    _, list = api.get("/api/2/roles?app_id=" .. app.id)
    assert.equal(1, #list)
    _, list = api.get("/api/2/roles?app_name=rare*")
    assert.equal(id, list[1].id)
    _, list = api.get "/api/2/roles?sort=-name&limit=3"
    assert.is_true(list[1].name > list[2].name and list[2].name > list[3].name)
    assert.equal(422, (api.get "/api/2/roles?sort=created_at"))
    local status, refusal = api.get "/api/2/roles?colour=red"
    assert.equal(400, status)
    assert.equal("query parameter(s) not allowed: colour", refusal.description)
  end)

  it("replace a membership wholesale, empty it, or leave it alone", function()
    local id = make { name = "R", users = { ashley }, admins = { akua } }
    assert.equal(200, (api.put(path(id), { name = "R2" })))
    assert.equal(1, #select(2, api.get(path(id, "/users"))))
    api.put(path(id), { users = { akua } })
    local _, rows = api.get(path(id, "/users"))
    assert.equal(akua, rows[1].id)
    assert.is_nil(rows[2])
    api.put(path(id), { users = json.array {}, admins = json.array {} })
    assert.equal(0, #select(2, api.get(path(id, "/users"))))
    assert.equal(0, #select(2, api.get(path(id, "/admins"))))
  end)

  it("take people as a raw array, in DELETE too, and refuse an object", function()
    local id = make { name = "R" }
    local status, value = api.post(path(id, "/users"), { ashley, tostring(akua) })
    assert.equal(200, status)
    assert.same({ { id = ashley }, { id = akua } }, value)
    assert.equal(200, (api.post(path(id, "/users"), { ashley })))
    local _, rows = api.get(path(id, "/users"))
    assert.equal(2, #rows)
    assert.equal("Ashley Rivers", rows[1].name)
    assert.equal("2026-03-02T09:00:00Z", rows[1].added_at)
    assert.is_true(rows[1].assigned)
    status, value = api.delete(path(id, "/users"), { user_id = { ashley } })
    assert.equal(400, status)
    assert.same({ status = 400, error = "BadRequestError", description = "Expected array in request" },
      value)
    assert.equal(204, (api.delete(path(id, "/users"), { ashley })))
    assert.equal(1, #select(2, api.get(path(id, "/users"))))
    assert.equal(404, (api.post(path(id, "/users"), { 1 })))
    assert.equal(200, (api.post(path(id, "/admins"), { ashley })))
    assert.equal(ashley, select(2, api.get(path(id, "/admins")))[1].id)
    assert.equal(204, (api.delete(path(id, "/admins"), { ashley })))
    assert.equal(0, #select(2, api.get(path(id, "/admins"))))
  end)

  it("find people by name, unassigned ones too, page by page", function()
    local id = make { name = "R", users = { ashley, akua } }
    local _, rows, headers = api.get(path(id, "/users?limit=1"))
    assert.equal(1, #rows)
    assert.equal("2", headers["total-pages"])
    _, rows = api.get(path(id, "/users?name=mens"))
    assert.equal(akua, rows[1].id)
    _, rows = api.get(path(id, "/users?include_unassigned=true&limit=100"))
    assert.equal(30, #rows)
    local assigned = 0
    for _, row in ipairs(rows) do assigned = assigned + (row.assigned and 1 or 0) end
    assert.equal(2, assigned)
    assert.equal(400, (api.get(path(id, "/users?limit=5&cursor=eA=="))))
  end)

  it("grant apps, and list those they do not grant", function()
    local id = make { name = "R" }
    local app = box:add_app { name = "Solo" }
    local status, value = api.put(path(id, "/apps"), { app.id })
    assert.equal(200, status)
    assert.same({ { id = app.id } }, value)
    local _, rows = api.get(path(id, "/apps"))
    assert.equal("Solo", rows[1].name)
    _, rows = api.get(path(id, "/apps?assigned=false"))
    for _, row in ipairs(rows) do assert.are_not.equal(app.id, row.id) end
    assert.equal(404, (api.put(path(id, "/apps"), { 1 })))
  end)

  it("write what comes and what goes into the event log", function()
    local app = box:add_app { name = "Solo" }
    local id = make { name = "R", apps = { app.id }, users = { ashley }, admins = { akua } }
    api.put(path(id), { name = "S" })
    api.put(path(id), { apps = json.array {}, users = { akua }, admins = json.array {} })
    api.post(path(id, "/admins"), { ashley })
    api.post(path(id, "/admins"), { ashley })
    api.delete(path(id, "/admins"), { ashley })
    api.put(path(id, "/apps"), { app.id })
    local seen = {}
    for i, e in ipairs(box.store.events) do
      assert.equal(id, e.role_id)
      seen[i] = ("%d %s"):format(e.event_type_id, e.app_name or e.user_name)
    end
    assert.same({ "1 Solo", "151 Akua Mensah", "147 Ashley Rivers", "2 Solo", "152 Akua Mensah",
      "148 Ashley Rivers", "147 Akua Mensah", "151 Ashley Rivers", "152 Ashley Rivers", "1 Solo" }, seen)
  end)

  it("refuse names that are taken or blank, and ids that are none", function()
    make { name = "R" }
    local status, value = api.post("/api/2/roles", { name = "r" })
    assert.equal(422, status)
    assert.equal("Validation failed: Name has already been taken", value.description)
    assert.equal(422, (api.post("/api/2/roles", { name = "" })))
    assert.equal(422, (api.post("/api/2/roles", "{}")))
    assert.equal(400, (api.post("/api/2/roles", { name = "S", colour = "red" })))
    assert.equal(404, (api.post("/api/2/roles", { name = "S", apps = { 1 } })))
    assert.equal(404, (api.get(path(1))))
  end)

  it("leave no trace in users when deleted, unless protected", function()
    local id = make { name = "R", users = { ashley } }
    box.store.roles[id].protected = true
    local status, value = api.delete(path(id))
    assert.equal(403, status)
    assert.equal("ForbiddenError", value.name)
    box.store.roles[id].protected = nil
    assert.equal(204, (api.delete(path(id))))
    local _, user = api.get("/api/2/users/" .. ashley)
    for _, role in ipairs(user.role_ids) do assert.are_not.equal(id, role) end
  end)
end)

describe("v1 roles and groups", function()
  local box, api
  before_each(function()
    box = sandbox { users = 3 }
    api = support.api(box)
  end)

  it("are read in the envelope", function()
    local _, value = api.get "/api/1/roles?name=Emp*"
    assert.equal("Employee", value.data[1].name)
    assert.equal(null, value.pagination.next_link)
    local id = value.data[1].id
    _, value = api.get("/api/1/roles/" .. id)
    assert.same({ { id = id, name = "Employee" } }, value.data)
    local status
    status, value = api.get "/api/1/roles/9999"
    assert.equal(404, status)
    assert.equal("Role for id 9999 was not found", value.status.message)
    _, value = api.get "/api/1/groups"
    assert.equal(4, #value.data)
    assert.equal(null, value.data[1].reference)
    local group = value.data[2]
    _, value = api.get("/api/1/groups/" .. group.id)
    assert.same({ group }, value.data)
    _, value = api.get("/api/1/groups?id=" .. group.id)
    assert.same({ group }, value.data)
    status, value = api.get "/api/1/groups/x"
    assert.equal(400, status)
    assert.same({ attribute = "id", description = "ID is incorrect" }, value.status.message)
    assert.equal(404, (api.get "/api/1/groups/5"))
  end)

  it("cannot be written in v1", function()
    assert.equal(404, (api.post("/api/1/roles", { name = "x" })))
    assert.equal(404, (api.delete "/api/1/groups/417013"))
  end)
end)

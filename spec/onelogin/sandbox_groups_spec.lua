-- Groups of v2 in the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"

local null = support.json.null

describe("v2 groups", function()
  local box, api

  before_each(function()
    box = sandbox { users = 30 }
    api = support.api(box)
  end)

  local function path(id) return "/api/2/groups/" .. id end

  it("are created, read, renamed and deleted; reference is never kept", function()
    local status, group = api.post("/api/2/groups", { id = 0, name = "Engineering", reference = "x" })
    assert.equal(201, status)
    assert.same({ id = group.id, name = "Engineering", reference = null }, group)
    assert.same(group, select(2, api.get(path(group.id))))
    status, group = api.put(path(group.id), { policy_id = 7, reference = "y" })
    assert.equal(200, status)
    assert.equal("Engineering", group.name)
    assert.equal(7, box.store.groups[group.id].policy_id)
    assert.equal("Platform", select(2, api.put(path(group.id), { name = "Platform" })).name)
    assert.same({ { id = group.id, name = "Platform", reference = null } },
      select(2, api.get("/api/1/groups/" .. group.id)).data)
    assert.equal(204, (api.delete(path(group.id))))
    assert.equal(404, (api.get(path(group.id))))
    assert.equal(404, (api.put(path(group.id), {})))
  end)

  it("are filtered and paged", function()
    assert.equal(4, #api.walk_v2 "/api/2/groups?limit=3")
    local _, rows = api.get "/api/2/groups?name=ADM*"
    assert.equal("admins", rows[1].name)
    assert.is_nil(rows[2])
    assert.same({}, select(2, api.get "/api/2/groups?reference=x"))
    assert.equal(400, (api.get "/api/2/groups?sort=name"))
  end)

  it("leave their users behind without a group", function()
    local ashley = box:find_user "ashley"
    local id = ashley.group_id
    api.delete(path(id))
    assert.equal(null, select(2, api.get("/api/2/users/" .. ashley.id)).group_id)
    for _, row in box:each_user() do assert.are_not.equal(id, row.group_id) end
  end)

  it("refuse names that are blank or taken, and what they do not know", function()
    local status, body = api.post("/api/2/groups", { name = "Admins" })
    assert.equal(422, status)
    assert.same({ statusCode = 422, name = "UnprocessableEntityError",
      message = "Validation failed: Name has already been taken" }, body)
    assert.equal(422, (api.post("/api/2/groups", {})))
    assert.equal(422, (api.post("/api/2/groups", { name = "" })))
    assert.equal(422, (api.post("/api/2/groups", { name = "x", policy_id = "y" })))
    assert.equal(400, (api.post("/api/2/groups", { name = "x", colour = 1 })))
    assert.equal(401, (support.api(box, { scope = "Read Users" }).post("/api/2/groups", { name = "x" })))
  end)
end)

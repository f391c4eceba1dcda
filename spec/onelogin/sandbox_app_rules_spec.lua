-- App rules in the sandbox. What they share with mappings is in sandbox_mappings_spec.lua.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null

describe("app rules", function()
  local box, api, route, other

  before_each(function()
    box = sandbox { users = 5 }
    api = support.api(box)
    route = ("/api/2/apps/%d/rules"):format(box.company:app_id(6))
    other = ("/api/2/apps/%d/rules"):format(box.company:app_id(2))
  end)

  local function rule(changes)
    local r = { name = "R", match = "all", enabled = true, position = null,
      conditions = { { source = "has_role", operator = "ri", value = tostring(box.company:role_id(1)) } },
      actions = { { action = "set_groups", value = { "member_of" }, expression = "/.*/" } } }
    for k, v in pairs(changes or {}) do r[k] = v end
    return r
  end

  local function make(changes, at)
    local status, body = api.post(at or route, rule(changes))
    assert.equal(201, status)
    return body.id
  end

  it("belong to one app, in one order", function()
    local a, b, elsewhere = make(), make { position = 1 }, make(nil, other)
    assert.same(rule { id = a, position = 2 }, select(2, api.get(route .. "/" .. a)))
    local _, list = api.get(route)
    assert.same({ b, a }, { list[1].id, list[2].id })
    assert.equal(404, (api.get(route .. "/" .. elsewhere)))
    assert.equal(404, (api.get "/api/2/apps/1/rules"))
    assert.same({ a, b }, select(2, api.put(route .. "/sort", { a, b })))
    local status, body = api.put(route .. "/sort", { a, b, elsewhere })
    assert.equal(422, status)
    assert.same({ code = 422, message = "Validation Failed", errors = { { field = "default",
      message = { "Sorting list must contain all mapping IDs" } } } }, body)
    assert.equal(204, (api.delete(route .. "/" .. a)))
    assert.equal(1, select(2, api.get(route .. "/" .. b)).position)
    api.delete((route:gsub("/rules$", "")))
    assert.is_nil(box.store.app_rules[b])
  end)

  it("keep their place while disabled", function()
    local id = make()
    local status, body = api.put(route .. "/" .. id, rule { enabled = false, position = 1 })
    assert.equal(200, status)
    assert.same({ id = id }, body)
    assert.same({}, select(2, api.get(route)))
    assert.equal(1, select(2, api.get(route .. "?enabled=false"))[1].position)
  end)

  it("want to be whole", function()
    local id = make()
    local status, body = api.put(route .. "/" .. id, { name = "x" })
    assert.equal(422, status)
    assert.equal(5, #body.errors)
    assert.same({ field = "match", message = { "Required field is missing" } }, body.errors[1])
    status, body = api.post(route, rule { conditions = null })
    assert.equal(422, status)
    assert.same({ { field = "conditions", message = { "is reserved" } } }, body.errors)
    status, body = api.post(route, rule { conditions =
      { { source = "has_role", operator = "ri", value = "12345" } } })
    assert.equal(422, status)
    assert.same({ { field = "conditions.[0].value", message = { "Invalid condition value: 12345" } } },
      body.errors)
  end)

  it("can do what the parameters of the app allow", function()
    local function can(at)
      local out = {}
      for _, action in ipairs(select(2, api.get(at .. "/actions"))) do out[action.value] = action.name end
      return out
    end
    assert.equal("Set RoleSessionName", can(route).set_RoleSessionName)
    assert.is_nil(can(other).set_RoleSessionName)
    make { actions = { { action = "set_Role", macro = "{email}", value = json.array {} } } }
    local status, body = api.post(other, rule { actions = { { action = "set_Role", value = { "x" } } } })
    assert.equal(422, status)
    assert.same({ { field = "actions.[0].action", message = { "Invalid action: set_Role" } } }, body.errors)
    local role = tostring(box.company:role_id(1))
    assert.same({ name = "Employee", value = role },
      select(2, api.get(route .. "/actions/set_role/values"))[1])
    assert.same({ { name = "includes", value = "ri" }, { name = "does not include", value = "rin" } },
      select(2, api.get(route .. "/conditions/has_role/operators")))
    assert.equal(role, select(2, api.get(route .. "/conditions/has_role/values"))[1].value)
    assert.equal("last_login", select(2, api.get(route .. "/conditions"))[1].value)
  end)
end)

-- Custom fields in the sandbox, and what they do to users.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null
local ROUTE = "/api/2/users/custom_attributes"

describe("custom attributes", function()
  local box, api, ashley

  before_each(function()
    box = sandbox { users = 20 }
    api = support.api(box)
    ashley = box:find_user("ashley").id
  end)

  local function make(fields)
    local status, def = api.post(ROUTE, { user_field = fields })
    assert.equal(201, status)
    return def
  end

  local function of_user(id)
    return select(2, api.get("/api/2/users/" .. (id or ashley))).custom_attributes
  end

  local function refused(message, status, body)
    assert.equal(422, status)
    assert.same({ statusCode = 422, name = "UnprocessableEntityError",
      message = "Validation failed: " .. message }, body)
  end

  it("are listed by position, those without one last", function()
    make { name = "Colour", shortname = "colour" }
    make { name = "Size", shortname = "size", position = 1 }
    local _, list = api.get(ROUTE)
    local names = {}
    for i, def in ipairs(list) do names[i] = def.shortname end
    assert.same({ "employeenumber", "size", "food", "colour" }, names)
    assert.equal(null, list[4].position)
    assert.same({ id = 31, name = "Employee number", shortname = "employeenumber", position = 1 },
      select(2, api.get(ROUTE .. "/31")))
    local status, body = api.get(ROUTE .. "?first_login=1")
    assert.equal(400, status)
    assert.equal("query parameter(s) not allowed: first_login", body.message)
    _, list = api.get "/api/1/users/custom_attributes"
    assert.same({ { "employeenumber", "size", "food", "colour" } }, list.data)
  end)

  it("show in every user from then on, and take values", function()
    local status, body = api.put("/api/2/users/" .. ashley, { custom_attributes = { colour = "red" } })
    assert.equal(400, status)
    assert.equal("unknown attribute: colour", body.message)
    make { name = "Colour", shortname = "colour" }
    assert.equal(null, of_user().colour)
    api.put("/api/2/users/" .. ashley, { custom_attributes = { colour = "red" } })
    assert.equal("red", of_user().colour)
    assert.equal("E1", of_user().employeenumber)
    local _, rows = api.get "/api/2/users?custom_attributes.colour=red"
    assert.equal(ashley, rows[1].id)
    assert.equal(400, (api.get "/api/2/users?custom_attributes.size=1"))
    assert.equal(400, (api.put(("/api/1/users/%d/set_custom_attributes"):format(ashley),
      { custom_attributes = { size = "1" } })))
    local events = box.store.events
    assert.equal(194, events[1].event_type_id)
  end)

  it("are created in a wrapper, and updated without one", function()
    refused("user_field is missing", api.post(ROUTE, { name = "Colour", shortname = "colour" }))
    local def = make { name = "Colour", shortname = "colour" }
    assert.same({ id = def.id, name = "Colour", shortname = "colour", position = null }, def)
    local at = ROUTE .. "/" .. def.id
    local status, after = api.put(at, { name = "Paint", shortname = "colour", position = 9 })
    assert.equal(200, status)
    assert.same({ id = def.id, name = "Paint", shortname = "colour", position = 9 }, after)
    assert.equal(9, select(2, api.put(at, { name = "Ink", shortname = "colour" })).position)
    assert.equal(null,
      select(2, api.put(at, { name = "Ink", shortname = "colour", position = null })).position)
    refused("Name can't be blank", api.put(at, { shortname = "colour" }))
    refused("Shortname can't be blank", api.put(at, { name = "Ink" }))
    refused("Name can't be blank", api.put(at, { user_field = { name = "I", shortname = "colour" } }))
    refused("Shortname has already been taken", api.put(at, { name = "x", shortname = "Food" }))
    refused("Shortname has already been taken",
      api.post(ROUTE, { user_field = { name = "x", shortname = "food" } }))
    refused("Position is invalid",
      api.post(ROUTE, { user_field = { name = "x", shortname = "y", position = "z" } }))
    assert.equal(400, (api.post(ROUTE, { user_field = { name = "x", shortname = "y", a = 1 } })))
    assert.equal(404, (api.put(ROUTE .. "/1", { name = "x", shortname = "y" })))
  end)

  it("keep their values when renamed, and lose them when deleted", function()
    api.put(ROUTE .. "/31", { name = "Number", shortname = "number" })
    assert.same({ number = "E1", food = null }, of_user())
    assert.equal(204, (api.delete(ROUTE .. "/31")))
    assert.same({ food = null }, of_user())
    make { name = "Number", shortname = "number" }
    assert.same({ food = null, number = null }, of_user())
    assert.equal(404, (api.delete(ROUTE .. "/31")))
    assert.equal(195, box.store.events[1].event_type_id)
  end)
end)

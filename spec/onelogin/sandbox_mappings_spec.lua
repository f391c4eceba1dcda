-- User mappings in the sandbox: the routes, and what mappings do to users.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null
local ROUTE = "/api/2/mappings"

describe("mappings", function()
  local box, api, ashley

  before_each(function()
    box = sandbox { users = 20 }
    api = support.api(box)
    ashley = box:find_user "ashley"
  end)

  local function mapping(changes)
    local m = { name = "M", match = "all", enabled = true, position = null,
      conditions = { { source = "last_login", operator = ">", value = "90" } },
      actions = { { action = "set_status", value = { "2" } } } }
    for k, v in pairs(changes or {}) do m[k] = v end
    return m
  end

  local function make(changes)
    local status, body = api.post(ROUTE, mapping(changes))
    assert.equal(201, status)
    return body.id
  end

  local function refused(errors, status, body)
    assert.equal(422, status)
    local expected = {}
    for field, message in pairs(errors) do
      expected[#expected + 1] = { field = field, message = { message } }
    end
    table.sort(body.errors, function(a, b) return a.field < b.field end)
    table.sort(expected, function(a, b) return a.field < b.field end)
    assert.same({ code = 422, message = "Validation Failed", errors = expected }, body)
  end

  local function order()
    local ids = {}
    for i, m in ipairs(select(2, api.get(ROUTE))) do
      ids[i] = m.id
      assert.equal(i, m.position)
    end
    return ids
  end

  local function user(id) return select(2, api.get("/api/2/users/" .. (id or ashley.id))) end

  it("answer a creation with the id alone, and are read whole", function()
    local _, _, _, text = api.post(ROUTE, mapping())
    local id = tonumber(text:match('^{"id":(%d+)}$'))
    assert.truthy(id)
    local expected = mapping { id = id, position = 1 }
    assert.same(expected, select(2, api.get(ROUTE .. "/" .. id)))
    assert.same({ expected }, select(2, api.get(ROUTE)))
    assert.equal(404, (api.get(ROUTE .. "/1")))
    assert.equal(204, (api.delete(ROUTE .. "/" .. id)))
    assert.equal(404, (api.delete(ROUTE .. "/" .. id)))
    local kinds = {}
    for i, e in ipairs(box.store.events) do kinds[i] = e.event_type_id end
    assert.same({ 189, 190 }, kinds)
  end)

  it("want to be whole, without an id", function()
    refused({ name = "Required field is missing", match = "Required field is missing",
      enabled = "Required field is missing", position = "Required field is missing",
      conditions = "Required field is missing", actions = "Required field is missing" },
      api.post(ROUTE, "{}"))
    refused({ id = "Field is not allowed" }, api.post(ROUTE, mapping { id = 5 }))
    local id = make()
    refused({ position = "Required field is missing", actions = "Required field is missing" },
      api.put(ROUTE .. "/" .. id, '{"name":"x","match":"all","enabled":true,"conditions":[]}'))
    refused({ name = "Invalid value", match = "Invalid value", enabled = "Invalid value",
      position = "Invalid value", conditions = "is reserved", actions = "is reserved" },
      api.post(ROUTE, mapping { name = "", match = "some", enabled = "yes", position = "1",
        conditions = null, actions = null }))
    assert.equal(201, (api.post(ROUTE, mapping { conditions = json.array {}, position = 0 })))
  end)

  it("take no source, operator, value or action that does not exist", function()
    local function with(condition) return api.post(ROUTE, mapping { conditions = { condition } }) end
    refused({ ["conditions.[0].value"] = "Invalid condition value: 12345" },
      with { source = "has_role", operator = "ri", value = "12345" })
    refused({ ["conditions.[0].value"] = "Invalid condition value: soon" },
      with { source = "last_login", operator = ">", value = "soon" })
    refused({ ["conditions.[0].value"] = "Invalid condition value: 6" },
      with { source = "status", operator = "=", value = "6" })
    refused({ ["conditions.[0].value"] = "Invalid condition value: null" },
      with { source = "email", operator = "=", value = null })
    refused({ ["conditions.[0].operator"] = "Invalid condition operator: bw" },
      with { source = "has_role", operator = "bw", value = "1" })
    refused({ ["conditions.[0].source"] = "Invalid condition source: shoe_size" },
      with { source = "shoe_size", operator = "=", value = "1" })
    refused({ conditions = "is reserved" },
      with { source = "email", operator = "=", value = "1", weight = 1 })
    local function does(action) return api.post(ROUTE, mapping { actions = { action } }) end
    local one, two = tostring(box.company:role_id(1)), tostring(box.company:role_id(2))
    refused({ ["actions.[0].value"] = "Invalid action value(s)" },
      does { action = "add_role", value = { one, two } })
    refused({ ["actions.[0].value"] = "Invalid action value(s)" },
      does { action = "set_group", value = { "1" } })
    refused({ ["actions.[0].action"] = "Invalid action: set_role" },
      does { action = "set_role", value = { one } })
  end)

  it("keep an order without gaps", function()
    local a, b, c = make(), make(), make { position = 1 }
    assert.same({ c, a, b }, order())
    local d = make { position = 99 }
    assert.same({ c, a, b, d }, order())
    assert.equal(200, (api.put(ROUTE .. "/" .. d, mapping { position = 2 })))
    assert.same({ c, d, a, b }, order())
    api.delete(ROUTE .. "/" .. d)
    local status, sorted = api.put(ROUTE .. "/sort", { b, a, c })
    assert.equal(200, status)
    assert.same({ b, a, c }, sorted)
    assert.same({ b, a, c }, order())
    for _, list in ipairs { { a, b }, { a, b, b }, { a, b, c, 1 }, { a, b, c, c } } do
      refused({ default = "Sorting list must contain all mapping IDs" }, api.put(ROUTE .. "/sort", list))
    end
    refused({ default = "Sorting list must contain all mapping IDs" },
      api.put(ROUTE .. "/sort", { mapping_ids = { b, a, c } }))
  end)

  it("have no place while disabled", function()
    local a, b = make(), make()
    refused({ position = "Position cannot be set while the mapping is not enabled" },
      api.put(ROUTE .. "/" .. a, mapping { enabled = false, position = 1 }))
    local status, body = api.put(ROUTE .. "/" .. a, mapping { enabled = false })
    assert.equal(200, status)
    assert.same({ id = a }, body)
    assert.equal(null, select(2, api.get(ROUTE .. "/" .. a)).position)
    assert.same({ b }, order())
    local _, list = api.get(ROUTE .. "?enabled=false")
    assert.equal(a, list[1].id)
    assert.is_nil(list[2])
    assert.equal(200, (api.put(ROUTE .. "/sort", { b })))
    assert.equal(200, (api.put(ROUTE .. "/sort", { a, b })))
    api.put(ROUTE .. "/" .. a, mapping())
    assert.same({ b, a }, order())
    local kinds = {}
    for i, e in ipairs(box.store.events) do kinds[i] = e.event_type_id end
    assert.same({ 189, 189, 191, 192 }, kinds)
  end)

  it("are found by conditions and actions", function()
    local role = tostring(box.company:role_id(1))
    local a = make { conditions = { { source = "has_role", operator = "ri", value = role },
      { source = "email", operator = "ew", value = "@acme.test" } } }
    local b = make { conditions = json.array {}, actions = { { action = "add_role", value = { role } } } }
    local c = make { conditions = { { source = "custom_attribute_food", operator = "=", value = "x" } },
      actions = { { action = "set_custom_attribute_food", value = { "y" } } } }
    local function found(text)
      local ids = {}
      for i, m in ipairs(select(2, api.get(ROUTE .. "?" .. text))) do ids[i] = m.id end
      return ids
    end
    assert.same({ a }, found("has_condition=has_role:" .. role))
    assert.same({ a }, found "has_condition=has_role:*,email:*acme*")
    assert.same({ a, c }, found "has_condition=*:*")
    assert.same({}, found "has_condition=has_role:1")
    assert.same({ b }, found("has_action=add_role:" .. role))
    assert.same({ a, c }, found "has_action=set_*:*")
    assert.same({ a }, found "has_condition_type=builtin")
    assert.same({ c }, found "has_condition_type=custom")
    assert.same({ b }, found "has_condition_type=none")
    assert.same({ a, b }, found "has_action_type=builtin")
    assert.same({ c }, found "has_action_type=custom")
  end)

  it("tell in a dry run whom they mean, and change nothing", function()
    local id = make { conditions = { { source = "email", operator = "bw", value = "ASHLEY@" } } }
    local akua = box:find_user "akua"
    local status, rows = api.post(ROUTE .. "/" .. id .. "/dryrun", { ashley.id, akua.id, 1 })
    assert.equal(200, status)
    assert.same({
      { mapped = true, user = { id = ashley.id, firstname = "Ashley", lastname = "Rivers",
        username = "ashley", email = "ashley@acme.test" } },
      { mapped = false, user = { id = akua.id, firstname = "Akua", lastname = "Mensah",
        username = "akua", email = "akua@acme.test" } },
    }, rows)
    assert.equal(1, user().status)
    assert.equal(404, (api.post(ROUTE .. "/1/dryrun", { 1 })))
    refused({ default = "Expected array in request" }, api.post(ROUTE .. "/" .. id .. "/dryrun", "{}"))
  end)

  it("compare text, days, roles and states as their lookups say", function()
    local employee, engineering = box.company:role_id(1), box.company:role_id(3)
    box.store.users[ashley.id].department = "Engineering"
    local function means(source, operator, value)
      local id = make { conditions = { { source = source, operator = operator, value = tostring(value) } } }
      local _, rows = api.post(ROUTE .. "/" .. id .. "/dryrun", { ashley.id })
      api.delete(ROUTE .. "/" .. id)
      return rows[1].mapped
    end
    for _, case in ipairs {
      { "department", "=", "engineering", true }, { "department", "=", "engineer", false },
      { "department", "!=", "engineering", false }, { "department", "!=", "sales", true },
      { "department", "~", "gine", true }, { "department", "~", "G.N", false },
      { "department", "!~", "gine", false }, { "department", "!~", "x", true },
      { "department", "bw", "eng", true }, { "department", "bw", "ring", false },
      { "department", "ew", "ring", true }, { "department", "ew", "eng", false },
      { "member_of", "=", "x", false }, { "member_of", "!=", "x", true },
      { "custom_attribute_employeenumber", "=", "e1", true },
      { "custom_attribute_food", "=", "e1", false },
      { "status", "=", 1, true }, { "status", "!=", 1, false },
      { "has_role", "ri", employee, true }, { "has_role", "rin", employee, false },
      { "has_role", "ri", engineering, false }, { "has_role", "rin", engineering, true },
      { "last_login", "<", 1, true }, { "last_login", "=", 0, true }, { "last_login", ">", 0, false },
    } do
      assert.equal(case[4], means(case[1], case[2], case[3]), table.concat({ case[1], case[2],
        tostring(case[3]) }, " "))
    end
    box.store.users[ashley.id].last_login = nil
    assert.is_false(means("last_login", ">", 90))
    assert.is_false(means("last_login", "<", 90))
  end)

  it("run over whoever is created or updated", function()
    local role = box:add_role { name = "R" }
    make { conditions = { { source = "department", operator = "=", value = "Tools" } },
      actions = { { action = "add_role", value = { tostring(role.id) } },
        { action = "set_group", value = { tostring(box.company:group_id(2)) } },
        { action = "set_custom_attribute_food", value = { "kelewele" } },
        { action = "set_userprincipalname", value = { "ash@acme" } } } }
    make { match = "any", conditions = { { source = "has_role", operator = "ri", value = tostring(role.id) },
        { source = "email", operator = "=", value = "nobody" } },
      actions = { { action = "set_department", value = { "Toolmakers" } } } }
    local path = "/api/2/users/" .. ashley.id
    local _, answer = api.put(path .. "?mappings=disabled", { department = "Tools" })
    assert.equal("Tools", answer.department)
    assert.equal("Tools", user().department)
    _, answer = api.put(path, { title = "x" })
    assert.equal("Tools", answer.department) -- they run behind the answer
    local after = user()
    assert.equal("Toolmakers", after.department)
    assert.equal(box.company:group_id(2), after.group_id)
    assert.equal("kelewele", after.custom_attributes.food)
    assert.equal("ash@acme", after.userprincipalname)
    assert.equal(role.id, after.role_ids[3])
    _, answer = api.post("/api/2/users?mappings=sync", { email = "new@acme.test", department = "Tools" })
    assert.same({ role.id }, answer.role_ids)
    _, answer = api.post("/api/1/users", { email = "old@acme.test", username = "old", firstname = "O",
      lastname = "L", department = "Tools" })
    assert.equal("Toolmakers", user(answer.data[1].id).department)
  end)

  it("take back a role that they gave, and no other", function()
    local role = box:add_role { name = "R" }
    make { conditions = { { source = "title", operator = "=", value = "Chief" } },
      actions = { { action = "add_role", value = { tostring(role.id) } },
        { action = "add_role", value = { tostring(box.company:role_id(1)) } } } }
    local path = "/api/2/users/" .. ashley.id .. "?mappings=sync"
    local before = user().role_ids
    local _, answer = api.put(path, { title = "Chief" })
    assert.equal(3, #answer.role_ids)
    _, answer = api.put(path, { title = "Clerk" })
    assert.same(before, answer.role_ids)
    local kinds = {}
    for _, e in ipairs(box.store.events) do
      if e.role_id then kinds[#kinds + 1] = e.event_type_id .. " " .. e.role_name end
    end
    assert.same({ "149 R", "150 R" }, kinds)
  end)

  it("do not touch the users there are when saved, but when reapplied", function()
    make { conditions = { { source = "status", operator = "=", value = "1" } },
      actions = { { action = "set_department", value = { "All" } } } }
    assert.equal("Engineering", user().department)
    local n = box:reapply_mappings()
    assert.is_true(n > 5 and n <= 20)
    assert.equal("All", user().department)
    assert.equal(202, box.store.events[#box.store.events].event_type_id)
    assert.equal(0, box:reapply_mappings())
  end)

  it("have lookups that match what is taken", function()
    local _, sources = api.get(ROUTE .. "/conditions")
    local known = {}
    for _, s in ipairs(sources) do known[s.value] = s.name end
    assert.equal("Last login", known.last_login)
    assert.equal("Favourite food", known.custom_attribute_food)
    assert.same({ { name = "equals", value = "=" }, { name = "does not equal", value = "!=" },
      { name = "contains", value = "~" }, { name = "does not contain", value = "!~" },
      { name = "begins with", value = "bw" }, { name = "ends with", value = "ew" } },
      select(2, api.get(ROUTE .. "/conditions/member_of/operators")))
    assert.same({}, select(2, api.get(ROUTE .. "/conditions/member_of/values")))
    assert.same({ name = "Active", value = "1" },
      select(2, api.get(ROUTE .. "/conditions/status/values"))[2])
    local _, actions = api.get(ROUTE .. "/actions")
    assert.same({ name = "Set Role", value = "add_role" }, actions[1])
    assert.same({ name = "Employee", value = tostring(box.company:role_id(1)) },
      select(2, api.get(ROUTE .. "/actions/add_role/values"))[1])
    assert.same({ name = "employees", value = tostring(box.company:group_id(1)) },
      select(2, api.get(ROUTE .. "/actions/set_group/values"))[1])
    assert.same({}, select(2, api.get(ROUTE .. "/actions/set_department/values")))
    assert.equal(404, (api.get(ROUTE .. "/conditions/shoe_size/operators")))
    assert.equal(404, (api.get(ROUTE .. "/conditions/shoe_size/values")))
    assert.equal(404, (api.get(ROUTE .. "/actions/fly/values")))
    assert.equal(401, (support.api(box, { scope = "Read All" }).get(ROUTE)))
  end)
end)

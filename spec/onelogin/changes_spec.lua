-- onelogin.changes: the least update, and what it leaves alone.
local onelogin = require "onelogin"
local changes, null, array = onelogin.changes, onelogin.null, onelogin.array

local function world()
  local box = onelogin.sandbox { users = 5 }
  local ol = onelogin.new(box:config())
  return ol, box
end

describe("changes", function()
  it("names only what differs", function()
    assert.same({ title = "b" }, changes({ id = 1, title = "a", state = 1 }, { id = 1, title = "b", state = 1 }))
    assert.same({}, changes({ a = 1, b = false, c = "" }, { a = 1.0, b = false, c = "" }))
    assert.same({ a = 0, b = "", c = false }, changes({ a = "0", b = null, c = "x" }, { a = 0, b = "", c = false }))
  end)

  it("leaves alone what the second table does not have, and clears with null", function()
    assert.same({}, changes({ title = "a" }, {}))
    assert.same({ title = null }, changes({ title = "a" }, { title = null }))
    assert.same({}, changes({ title = null }, { title = null }))
  end)

  it("compares arrays and objects by value", function()
    assert.same({}, changes({ role_ids = { 1, 2 } }, { role_ids = array { 1, 2 } }))
    assert.same({ role_ids = { 1 } }, changes({ role_ids = { 1, 2 } }, { role_ids = { 1 } }))
    assert.same({ role_ids = { 2, 1 } }, changes({ role_ids = { 1, 2 } }, { role_ids = { 2, 1 } }))
    local old, new = { x = { a = 1, b = { c = 2 } } }, { x = { a = 1, b = { c = 3 } } }
    assert.same(new, changes(old, new))
    assert.same({}, changes({ x = { a = null } }, { x = { a = null } }))
  end)

  it("goes one level into custom_attributes, which the service merges", function()
    local before = { custom_attributes = { size = "L", badge = "7", desk = null } }
    assert.same({ custom_attributes = { badge = "8" } },
      changes(before, { custom_attributes = { size = "L", badge = "8", desk = null } }))
    assert.same({ custom_attributes = { badge = null } }, changes(before, { custom_attributes = { badge = null } }))
    assert.same({}, changes(before, { custom_attributes = { size = "L" } }))
    assert.same({ custom_attributes = { size = "S" } },
      changes({ custom_attributes = null }, { custom_attributes = { size = "S" } }))
  end)

  it("compares boxed integers by value", function()
    local core = require "onelogin.core"
    local a = core.json.decode('{"n":9007199254740993}')
    local b = core.json.decode('{"n":9007199254740993}')
    local c = core.json.decode('{"n":9007199254740995}')
    assert.same({}, changes(a, b))
    assert.equal("9007199254740995", tostring(changes(a, c).n))
  end)

  it("keeps to what an operation may write when told which", function()
    local ol = world()
    local before = { id = 1, updated_at = "x", title = "a", status = 1 }
    local after = { id = 2, updated_at = "y", title = "b", status = 1, invented = true }
    assert.same({ title = "b" }, changes(before, after, ol.users.update))
    local rule = {
      name = "n", match = "all", enabled = true, position = 1, conditions = {}, actions = { { action = "a" } },
      }
    local changed = {}
    for k, v in pairs(rule) do changed[k] = v end
    changed.name = "other"
    local update = changes(rule, changed, ol.app_rules.update)
    for _, param in ipairs(ol.app_rules.update.entry.body) do
      if param.required then assert.equal(rule[param[1]] and changed[param[1]], update[param[1]], param[1]) end
    end
    assert.equal("other", update.name)
    assert.same({}, changes(rule, rule, ol.app_rules.update))
  end)

  it("changes neither table", function()
    local before, after = { a = { 1 } }, { a = { 2 } }
    changes(before, after)
    assert.same({ a = { 1 } }, before)
    assert.same({ a = { 2 } }, after)
  end)

  it("throws what is no object", function()
    for _, args in ipairs { { nil, {} }, { {}, nil }, { 1, {} }, { {}, "x" } } do
      local ok, why = pcall(changes, args[1], args[2])
      assert.is_false(ok)
      assert.truthy(why:find("onelogin.changes: argument", 1, true))
    end
    assert.is_false(pcall(changes, {}, {}, "users.update"))
    assert.is_false(pcall(changes, {}, {}, {}))
  end)

  it("is what read, change one field, write needs", function()
    local ol, box = world()
    local id = ol.users:list()[1].id
    local before = onelogin.check(ol.users:get(id, nil, { nulls = "sentinel" }))
    local after = {}
    for k, v in pairs(before) do after[k] = v end
    after.title = "Captain"
    local update = changes(before, after, ol.users.update)
    assert.same({ title = "Captain" }, update)
    onelogin.check(ol.users:update(id, update))
    local now = ol.users:get(id, nil, { nulls = "sentinel" })
    assert.equal("Captain", now.title)
    for _, param in ipairs(ol.users.update.entry.body) do
      local name = param[1]
      if name ~= "title" then assert.same(before[name], now[name], name) end
    end
    assert.equal(1, box:requests "users.update")
  end)
end)

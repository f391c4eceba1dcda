-- find, find_by_* and refresh_mappings; and what fetch = true and missing_ok add to a call.
local onelogin = require "onelogin"

local function world(options)
  local box = onelogin.sandbox { users = 20 }
  local config = box:config()
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), box
end

-- A client whose lists answer `rows`, whatever they were asked.
local function answering(rows)
  local seen = {}
  local ol = onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = "s",
    transport = { send = function(_, r)
      seen[#seen + 1] = r.url
      if r.operation == "oauth.generate_tokens" then
        return { status = 200, headers = {}, body = '{"access_token":"t","expires_in":36000}' }
      end
      return { status = 200, headers = {}, body = rows }
    end } }
  return ol, seen
end

local function refused(f, ...)
  local ok, why = pcall(f, ...)
  assert.is_false(ok)
  assert.equal("string", type(why))
  return why
end

describe("find", function()
  it("finds by e-mail, user name and external id", function()
    local ol, box = world()
    box:add_user { email = "x@acme.test", username = "x", external_id = "0042" }
    assert.equal("x", assert(ol.users:find_by_email("x@acme.test")).username)
    assert.equal("x", assert(ol.users:find_by_username("x")).username)
    assert.equal("x", assert(ol.users:find_by_external_id("0042")).username)
    assert.equal("x", assert(ol.users:find { email = "x@acme.test", username = "x" }).username)
  end)

  it("gives nil and no error where there is nobody", function()
    local ol = world()
    local user, err = ol.users:find_by_email("nobody@acme.test")
    assert.is_nil(user)
    assert.is_nil(err)
    assert.is_nil((ol.users:find { email = "ashley@acme.test", username = "akua" }))
  end)

  it("takes only what is equal, however generous the server is", function()
    local ol = answering '[{"id":1,"email":"ANN@x.test"},{"id":2,"email":"ann@x.test.evil"},{"id":3,"email":null},{}]'
    local user, err = ol.users:find_by_email("ann@x.test")
    assert.is_nil(user)
    assert.is_nil(err)
    ol = answering '[{"id":1,"email":"joann@x.test"},{"id":2,"email":"ann@x.test"}]'
    assert.equal(2, ol.users:find_by_email("ann@x.test").id)
  end)

  it("does not choose between two", function()
    local ol = answering '[{"id":1,"email":"a@x.test"},{"id":2,"email":"a@x.test"}]'
    local user, err = ol.users:find_by_email("a@x.test")
    assert.is_nil(user)
    assert.equal("conflict", err.kind)
    assert.truthy(tostring(err):find("users.find_by_email: conflict: more than one fits, ids 1 and 2", 1, true))
  end)

  it("passes on what goes wrong", function()
    local ol, box = world()
    box:fault { operation = "users.list", status = 503, times = 9 }
    local user, err = ol.users:find_by_email("ashley@acme.test")
    assert.is_nil(user)
    assert.equal("server", err.kind)
  end)

  it("refuses wildcards, negations, empty values and nothing at all, before anything is sent", function()
    local ol, box = world()
    for _, wrong in ipairs { "*", "a*", "*@acme.test", "", "!x", onelogin.null, {} } do
      assert.truthy(refused(ol.users.find_by_email, ol.users, wrong):find("users.find_by_email: email", 1, true))
    end
    refused(ol.users.find_by_email, ol.users, nil)
    refused(ol.users.find, ol.users, {})
    refused(ol.users.find, ol.users)
    refused(ol.users.find)
    assert.truthy(refused(ol.users.find, ol.users, { emial = "x" }):find('did you mean "email"', 1, true))
    assert.truthy(refused(ol.users.find, ol.users, { app_id = 5 }):find('"app_id" is no field', 1, true))
    refused(ol.users.find, ol.users, { password = "hunter22" })
    refused(ol.users.find, ol.users, { limit = 5 })
    assert.equal(0, box:requests())
  end)

  it("works for every list without ids, also where the server has no such filter", function()
    local ol, box = world()
    box:add_role { id = 4711, name = "Deckhand" }
    assert.equal(4711, ol.roles:find({ name = "Deckhand" }).id)
    assert.equal(4711, ol.roles:find({ id = 4711 }).id)
    assert.equal(4711, ol.roles:find({ id = "4711" }).id)
    assert.is_nil((ol.roles:find { name = "deckhand" }))
    assert.is_false(pcall(function() return ol.app_rules.find end))
    assert.truthy(refused(function() return ol.users.fnd end):find('did you mean "find"', 1, true))
  end)

  it("takes call options", function()
    local ol = world()
    local user = ol.users:find_by_email("ashley@acme.test", { nulls = "sentinel" })
    assert.equal(onelogin.null, user.locked_until)
    assert.truthy(refused(ol.users.find_by_email, ol.users, "a@b", { nulls = 7 }):find("nulls", 1, true))
  end)
end)

describe("refresh_mappings", function()
  it("writes one name back as it stands, and has the mappings run before the answer", function()
    local ol, box = world()
    local before = ol.users:find_by_username("ashley")
    local after = assert(ol.users:refresh_mappings(before.id))
    assert.equal(before.id, after.id)
    local last = box.journal[#box.journal]
    assert.equal("PUT", last.method)
    local now = ol.users:get(before.id)
    for key, value in pairs(before) do
      if key ~= "updated_at" then assert.same(value, now[key], key) end
    end
  end)

  it("sends exactly that", function()
    local sent
    local ol = onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = "s",
      transport = { send = function(_, r)
        if r.operation == "oauth.generate_tokens" then
          return { status = 200, headers = {}, body = '{"access_token":"t","expires_in":36000}' }
        end
        if r.method == "PUT" then sent = r end
        return { status = 200, headers = {}, body = '{"id":7,"username":"","email":"k@x.test"}' }
      end } }
    assert(ol.users:refresh_mappings(7))
    assert.equal("https://x.test/api/2/users/7?mappings=sync", sent.url)
    assert.equal('{"email":"k@x.test"}', sent.body)
  end)

  it("passes on a missing user, and honours missing_ok", function()
    local ol = world()
    local user, err = ol.users:refresh_mappings(404404)
    assert.is_nil(user)
    assert.equal("not_found", err.kind)
    user, err = ol.users:refresh_mappings(404404, { missing_ok = true })
    assert.is_nil(user)
    assert.is_nil(err)
  end)
end)

describe("fetch = true", function()
  it("reads what the answer only names", function()
    local ol, box = world()
    assert.is_nil(assert(ol.roles:create { name = "One" }).name)
    assert.equal("Two", assert(ol.roles:create({ name = "Two" }, { fetch = true })).name)
    assert.equal(1, box:requests "roles.get")
    assert.equal("Three", assert(ol.roles.create:call({ name = "Three" }, { fetch = true }):run()).name)
  end)

  it("uses the ids of the call and of the answer", function()
    local urls = {}
    local ol = onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = "s",
      transport = { send = function(_, r)
        if r.operation == "oauth.generate_tokens" then
          return { status = 200, headers = {}, body = '{"access_token":"t","expires_in":36000}' }
        end
        urls[#urls + 1] = r.method .. " " .. r.url:sub(15)
        return { status = 200, headers = {}, body = r.method == "GET" and '{"id":9,"name":"whole"}' or '{"id":9}' }
      end } }
    local rule = { name = "n", match = "all", enabled = true, position = 1, conditions = onelogin.array {},
      actions = { { action = "set_role", value = { "1" } } } }
    assert.equal("whole", assert(ol.app_rules:create(5, rule, { fetch = true })).name)
    assert.equal("whole", assert(ol.app_rules:update(5, 9, rule, { fetch = true })).name)
    assert.same({ "POST /api/2/apps/5/rules", "GET /api/2/apps/5/rules/9", "PUT /api/2/apps/5/rules/9",
      "GET /api/2/apps/5/rules/9" }, urls)
  end)

  it("keeps a create that was done when the reading fails", function()
    local ol, box = world()
    box:fault { operation = "roles.get", status = 500, times = 9 }
    local role, info = ol.roles:create({ name = "Done" }, { fetch = true })
    assert.equal("number", type(role.id))
    assert.equal("server", info.fetch_error.kind)
    assert.equal("roles.get", info.fetch_error.operation)
  end)

  it("is refused where the answer says all, and where the reading is not allowed, before anything is sent", function()
    local ol, box = world()
    assert.truthy(refused(ol.users.create, ol.users, { email = "a@b.test" }, { fetch = true }):find("fetch", 1, true))
    assert.truthy(refused(ol.users.list, ol.users, nil, { fetch = true }):find("fetch", 1, true))
    assert.equal(0, box:requests())
    ol, box = world { allow = { "roles.create" } }
    assert.truthy(refused(ol.roles.create, ol.roles, { name = "x" }, { fetch = true }):find("roles.get", 1, true))
    assert.equal(0, box:requests())
  end)

  it("describes only the change in a dry run", function()
    local ol, box = world()
    local plan = ol.roles:create({ name = "x" }, { fetch = true, dry_run = true })
    assert.equal("POST", plan.method)
    assert.equal(0, box:requests())
  end)

  it("does not read after a failure", function()
    local ol, box = world()
    box:fault { operation = "roles.create", status = 422 }
    local role, err = ol.roles:create({ name = "x" }, { fetch = true })
    assert.is_nil(role)
    assert.equal(422, err.status)
    assert.equal(0, box:requests "roles.get")
  end)
end)

describe("missing_ok", function()
  it("makes not found nil without an error, and nothing else", function()
    local ol, box = world()
    local got, err = ol.users:get(404404, nil, { missing_ok = true })
    assert.is_nil(got)
    assert.is_nil(err)
    got, err = ol.users.get:call(404404, nil, { missing_ok = true }):run()
    assert.is_nil(got)
    assert.is_nil(err)
    box:fault { operation = "users.get", status = 500, times = 9 }
    got, err = ol.users:get(404404, nil, { missing_ok = true })
    assert.is_nil(got)
    assert.equal("server", err.kind)
  end)
end)

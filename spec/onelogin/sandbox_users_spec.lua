-- Users in the sandbox, as v2 and v1 show and change them.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local canary = require "spec.support.canary"
local json = support.json
local escape = support.escape

local null = json.null

local function message(value)
  local m = value.status and value.status.message or value.message
  return type(m) == "table" and m.description or m
end

describe("v2 users", function()
  local box, api, ashley

  before_each(function()
    box = sandbox { users = 60 }
    api = support.api(box)
    ashley = box:find_user("ashley@acme.test")
  end)

  local function create(body) return api.post("/api/2/users", body) end
  local function path(id) return "/api/2/users/" .. id end

  it("come whole by id, short in lists", function()
    local status, user = api.get(path(ashley.id))
    assert.equal(200, status)
    assert.equal("ashley@acme.test", user.email)
    assert.equal(2, #user.role_ids)
    assert.same({ employeenumber = "E1", food = null }, user.custom_attributes)
    assert.equal(null, user.manager_user_id)
    assert.equal("", user.comment)
    assert.truthy(user.created_at:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ$"))
    local _, list = api.get "/api/2/users?limit=1"
    assert.equal(user.id, list[1].id)
    assert.is_nil(list[1].role_ids)
    assert.is_nil(list[1].custom_attributes)
    assert.equal(null, list[1].samaccountname)
  end)

  it("are filtered by text with stars, letter case aside", function()
    local function found(query)
      local status, list = api.get("/api/2/users?" .. query)
      assert.equal(200, status)
      return #list
    end
    assert.equal(1, found "email=ASHLEY@acme.test")
    assert.equal(0, found "email=ashley")
    assert.equal(1, found("email=" .. escape "ash*@*.test"))
    assert.equal(50, found("email=" .. escape "*@acme.test"))
    assert.equal(1, found "username=akua&firstname=akua&lastname=mensah")
    assert.equal(0, found "username=akua&firstname=ashley")
    assert.equal(2, found("user_ids=" .. ashley.id .. ",1," .. box:find_user("akua").id))
    assert.equal(1, found "custom_attributes.employeenumber=E1")
    assert.equal(0, found("email=" .. escape "!ashley@acme.test"))
  end)

  it("are filtered by instants and apps", function()
    box.clock.advance(10)
    create { email = "late@acme.test" }
    local function emails(query)
      local _, list = api.get("/api/2/users?" .. query)
      local out = {}
      for i, row in ipairs(list) do out[i] = row.email end
      return out
    end
    assert.same({ "late@acme.test" }, emails "created_since=2026-03-02T09:00:00Z")
    assert.same({}, emails "created_since=2026-03-02T09:00:10.000Z")
    assert.equal(50, #emails "created_until=2026-03-02T09:00:10.000Z&sort=-id")
    local app = box:add_app { name = "Private" }
    ashley.app_ids = { app.id }
    box:touch(ashley)
    assert.same({ "ashley@acme.test" }, emails("app_id=" .. app.id))
    assert.equal(400, (api.get "/api/2/users?created_since=yesterday"))
  end)

  it("are sorted and cut down to fields", function()
    local _, list = api.get "/api/2/users?sort=-lastname&limit=60&fields=lastname"
    for i = 2, #list do
      local a, b = list[i - 1].lastname, list[i].lastname
      assert.is_true(b == null or a ~= null and a:lower() >= b:lower())
    end
    assert.is_nil(list[1].email)
    assert.truthy(list[1].id)
    local status, refusal = api.get "/api/2/users?sort=created_at"
    assert.equal(422, status)
    assert.same({ message = "Invalid sort field: created_at", field = "created_at",
      name = "UnprocessableEntityFieldError", statusCode = 422 }, refusal)
  end)

  it("refuse query names they do not know", function()
    local status, refusal, _ = api.get "/api/2/users?first_login=1&email=a"
    assert.equal(400, status)
    assert.same({ message = "query parameter(s) not allowed: first_login",
      name = "BadRequestError", statusCode = 400 }, refusal)
    _, refusal = api.get "/api/2/users?custom_attributes.date_of_birth=1"
    assert.equal("query parameter(s) not allowed: custom_attributes.date_of_birth", refusal.message)
  end)

  it("are created with their defaults, and without a password wait for one", function()
    local status, user = create { email = "new@acme.test", firstname = "Nia" }
    assert.equal(201, status)
    assert.equal(7, user.status)
    assert.equal(1, user.state)
    assert.equal(null, user.activated_at)
    assert.equal("array", json.is_array(user.role_ids) and "array")
    assert.equal("2026-03-02T09:00:00.000Z", user.created_at)
    local _, read = api.get(path(user.id))
    assert.same(user, read)
    status, user = create { email = "pw@acme.test", password = canary.password,
      password_confirmation = canary.password, status = 1 }
    assert.equal(201, status)
    assert.equal(1, user.status)
    assert.is_nil(user.password)
  end)

  it("refuse what is not theirs to take", function()
    local function refused(status, text, body)
      local code, value = create(body)
      assert.equal(text, message(value))
      assert.equal(status, code)
    end
    refused(400, "unknown attribute: employee_number", { email = "a@b.c", employee_number = 1 })
    refused(400, "unknown attribute: id", { email = "a@b.c", id = 5 })
    refused(400, "unknown attribute: shoe", { email = "a@b.c", custom_attributes = { shoe = "1" } })
    refused(422, "Validation failed: Username must be unique within acme", { username = "ASHLEY" })
    refused(422, "Validation failed: Email must be unique within acme", { email = "Akua@acme.test" })
    refused(422, "Validation failed: Status is invalid", { email = "a@b.c", status = 6 })
    refused(422, "Validation failed: State is invalid", { email = "a@b.c", state = "x" })
    refused(422, "Validation failed: Firstname is invalid", { email = "a@b.c", firstname = 5 })
    refused(422, "Validation failed: Email or username must be present", { firstname = "x" })
    refused(422, "Validation failed: Password confirmation doesn't match Password",
      { email = "a@b.c", password = canary.password })
    refused(422, "Validation failed: Password is too short (minimum is 8 characters)",
      { email = "a@b.c", password = "short", password_confirmation = "short" })
    refused(422, "Validation failed: Group must exist", { email = "a@b.c", group_id = 1 })
    refused(400, "Input JSON is not valid", "{nonsense")
    refused(400, "Expected object in request", "[1]")
    assert.equal(60, box:people().count)
  end)

  it("merge updates, null unsets, an active status lifts a lock", function()
    local _
    local status, user = api.put(path(ashley.id), { title = "Surfer",
      custom_attributes = { food = "chicken" } })
    assert.equal(200, status)
    assert.equal("Surfer", user.title)
    assert.equal("Engineering", user.department)
    assert.same({ employeenumber = "E1", food = "chicken" }, user.custom_attributes)
    _, user = api.put(path(ashley.id), { title = null, custom_attributes = { food = null } })
    assert.equal(null, user.title)
    assert.equal(null, user.custom_attributes.food)
    assert.equal(200, (api.put("/api/1/users/" .. ashley.id .. "/lock_user", { locked_until = 15 })))
    _, user = api.get(path(ashley.id))
    assert.equal(3, user.status)
    assert.equal("2026-03-02T09:15:00.000Z", user.locked_until)
    _, user = api.put(path(ashley.id), { status = 1 })
    assert.equal(1, user.status)
    assert.equal(null, user.locked_until)
    assert.equal(422, (api.put(path(ashley.id), { email = "akua@acme.test" })))
    assert.equal(200, (api.put(path(ashley.id), { email = "ASHLEY@acme.test" })))
    assert.equal(404, (api.put(path(1), { title = "x" })))
  end)

  it("are found under their new name after a change, and not under the old", function()
    api.put(path(ashley.id), { email = "rivers@acme.test", username = "rivers" })
    local _, list = api.get "/api/2/users?email=rivers@acme.test"
    assert.equal(ashley.id, list[1].id)
    _, list = api.get "/api/2/users?email=ashley@acme.test"
    assert.equal(0, #list)
    assert.equal(201, (create { email = "ashley@acme.test", username = "ashley" }))
  end)

  it("are gone for good when deleted", function()
    assert.equal(204, (api.delete(path(ashley.id))))
    assert.equal(404, (api.get(path(ashley.id))))
    assert.equal(404, (api.delete(path(ashley.id))))
    assert.is_nil(box:find_user("ashley"))
    assert.equal(59, box:people().count)
    assert.equal(59, #api.walk_v2 "/api/2/users")
  end)

  it("are unlocked only from what failed sign-ins did", function()
    local unlock = path(ashley.id) .. "/unlock"
    local status, value = api.post(unlock)
    assert.equal(422, status)
    assert.same({ message = "User cannot be unlocked" }, value)
    ashley.status, ashley.lock_reason = 3, "attempts"
    status, value = api.post(unlock)
    assert.equal(200, status)
    assert.same({ messsage = "User unlocked" }, value)
    api.put("/api/1/users/" .. ashley.id .. "/lock_user", { locked_until = 0 })
    assert.equal(422, (api.post(unlock)))
  end)

  it("show their apps, hidden ones when asked", function()
    local _, apps = api.get(path(ashley.id) .. "/apps")
    local visible = #apps
    assert.is_true(visible > 0)
    assert.equal("enabled", apps[1].provisioning_status)
    local hidden = box:add_app { name = "Hidden", visible = false }
    ashley.app_ids = { hidden.id }
    _, apps = api.get(path(ashley.id) .. "/apps")
    assert.equal(visible, #apps)
    _, apps = api.get(path(ashley.id) .. "/apps?ignore_visibility=true")
    assert.equal(visible + 1, #apps)
    local _, privileges = api.get(path(ashley.id) .. "/privileges")
    assert.same({}, privileges)
    assert.equal(200, (api.get(path(ashley.id) .. "/delegated_privileges")))
  end)

  it("have no id but whole numbers", function()
    assert.equal(404, (api.get(path "abc")))
    assert.equal(404, (api.get(path "1.5")))
    assert.equal(400, (api.get(path "%zz")))
  end)
end)

describe("v1 users", function()
  local box, api, ashley

  before_each(function()
    box = sandbox { users = 60 }
    api = support.api(box)
    ashley = box:find_user("ashley")
  end)

  local function path(id, tail) return "/api/1/users/" .. id .. (tail or "") end
  local function refused(status, text, code, value)
    assert.equal(text, message(value))
    assert.equal(status, code)
    assert.is_true(value.status.error)
    assert.equal(status, value.status.code)
  end

  it("come in the envelope, in an array of one, with their own names and unset forms", function()
    local _
    local status, value = api.get(path(ashley.id))
    assert.equal(200, status)
    assert.same({ error = false, code = 200, type = "success", message = "Success" }, value.status)
    assert.is_nil(value.pagination)
    local user = value.data[1]
    assert.equal(2, #user.role_id)
    assert.equal("ashley", user.openid_name)
    assert.equal("", user.custom_attributes.food)
    local bare = box:add_user { email = "bare@acme.test" }
    _, value = api.get(path(bare.id))
    user = value.data[1]
    assert.equal(null, user.role_id)
    assert.equal("", user.username)
    assert.equal("", user.phone)
    assert.equal(null, user.lastname)
  end)

  it("are filtered with stars and with the exclamation mark", function()
    local function found(query)
      local status, value = api.get("/api/1/users?" .. query)
      assert.equal(200, status)
      return #value.data
    end
    assert.equal(1, found "email=ashley@acme.test")
    assert.equal(1, found("email=" .. escape "a*y@acme.test"))
    assert.equal(0, found("email=" .. escape "!@acme.test"))
    assert.equal(50, found("email=" .. escape "!ashley@acme.test"))
    assert.equal(1, found("id=" .. ashley.id))
    assert.equal(50, found "Email=nobody")
    local role = box:add_role { name = "Only", users = { ashley.id } }
    assert.equal(1, found("role_id=" .. role.id))
    assert.equal(0, found "since=2026-03-02T09:00:00Z")
    local _, value = api.get "/api/1/users?fields=email&limit=1"
    assert.same({ { id = ashley.id, email = "ashley@acme.test" } }, value.data)
  end)

  it("are created, changed and deleted in v1's words", function()
    local status, value = api.post("/api/1/users", { firstname = "Lady", lastname = "GoGo",
      email = "lady@gogo.test", username = "lady@gogo", notes = "x" })
    assert.equal(200, status)
    local user = value.data[1]
    assert.equal(0, user.status)
    assert.equal("lady", user.openid_name)
    assert.equal("x", user.comment)
    status, value = api.put(path(user.id), { lastname = "Gaga" })
    assert.equal(200, status)
    assert.equal("Gaga", value.data[1].lastname)
    status, value = api.delete(path(user.id))
    assert.equal(200, status)
    assert.is_nil(value.data)
    refused(404, "User for id " .. user.id .. " was not found", api.get(path(user.id)))
  end)

  it("refuse with 400 and the attribute", function()
    local function create(more)
      local body = { firstname = "a", lastname = "b", email = "a@b.test", username = "ab" }
      for k, v in pairs(more) do body[k] = v end
      return api.post("/api/1/users", body)
    end
    refused(400, "last is not a valid attribute for user model", create { last = "x" })
    local _, value = create { last = "x" }
    assert.equal("last", value.status.message.attribute)
    refused(400, "firstname is empty", create { firstname = "" })
    refused(400, "Email must be unique within acme", create { email = "akua@acme.test" })
    refused(400, "company has incorrect data type. It should be -> string", create { company = 1 })
    refused(400, "ID is incorrect", api.get(path "abc"))
    refused(400, "Input JSON is not valid", api.post("/api/1/users", "{"))
    local status
    status, value = api.post("/api/1/users", "{}", { ["Content-Type"] = "text/plain" })
    assert.equal(400, status)
    assert.truthy(message(value):find("^Content Type is not specified"))
    box.store.foreign_users[7] = true
    refused(403, "user is not authorized to access this User", api.get(path(7)))
  end)

  it("list roles in a nested array, and give and take them once", function()
    local _, value = api.get(path(ashley.id, "/roles"))
    assert.same({ box:role_ids(ashley) }, value.data)
    local role = box:add_role { name = "Extra" }
    local add, remove = path(ashley.id, "/add_roles"), path(ashley.id, "/remove_roles")
    local one = { role_id_array = { role.id } }
    assert.equal(200, (api.put(add, one)))
    refused(400, "input role_id_array is already included as user roles", api.put(add, one))
    assert.equal(200, (api.put(remove, one)))
    refused(400, "input role_id_array is not included as user roles", api.put(remove, one))
    refused(400, "input parameters is empty", api.put(remove, "{}"))
    refused(400, "role_id_array is empty", api.put(add, { role_id_array = json.array {} }))
    refused(400, "role_id_array has incorrect data type. It should be -> array",
      api.put(add, { role_id_array = 5 }))
    local status
    status, value = api.put(add, { role_id_array = { 1 } })
    assert.equal(400, status)
    assert.truthy(message(value):find("^role_id_array should be a subset of %-> %[%d+, "))
    box.store.users[ashley.id].role_ids = {}
    local _, text
    _, _, _, text = api.get(path(ashley.id, "/roles"))
    assert.truthy(text:find('"data":[[]]', 1, true))
  end)

  it("set passwords in clear text and by digest", function()
    local clear = "/api/1/users/set_password_clear_text/" .. ashley.id
    local salted = "/api/1/users/set_password_using_salt/" .. ashley.id
    box.clock.advance(60)
    assert.equal(200, (api.put(clear, { password = canary.password,
      password_confirmation = canary.password })))
    local _, value = api.get(path(ashley.id))
    assert.equal("2026-03-02T09:01:00.000Z", value.data[1].password_changed_at)
    refused(400, "password_confirmation is empty", api.put(clear, { password = canary.password }))
    refused(400, "Password confirmation doesn't match Password",
      api.put(clear, { password = canary.password, password_confirmation = "x" }))
    refused(400, "Password is too short (minimum is 8 characters)", api.put(clear,
      { password = "x", password_confirmation = "x", validate_policy = true }))
    local digest = ("ab"):rep(32)
    local body = { password = digest, password_confirmation = digest,
      password_algorithm = "salt+sha256", password_salt = "hello" }
    assert.equal(200, (api.put(salted, body)))
    body.password = digest:upper()
    assert.equal(400, (api.put(salted, body)))
    body.password, body.password_salt = digest, ("s"):rep(41)
    assert.equal(400, (api.put(salted, body)))
    body.password_salt, body.password_algorithm = "s", "md5"
    assert.equal(400, (api.put(salted, body)))
    refused(404, "User for id 5 was not found", api.put("/api/1/users/set_password_clear_text/5",
      { password = canary.password, password_confirmation = canary.password }))
  end)

  it("change state once, and leave state 3 only to 1", function()
    local state = path(ashley.id, "/set_state")
    refused(400, "user is already in this state", api.put(state, { state = 1 }))
    assert.equal(200, (api.put(state, { state = 3 })))
    refused(400, "state is invalid", api.put(state, { state = 0 }))
    refused(400, "state is invalid", api.put(path(ashley.id), { state = 1 }))
    refused(400, "state has incorrect data type. It should be -> integer",
      api.put(state, { state = "1" }))
    assert.equal(200, (api.put(state, { state = 1 })))
  end)

  it("lock for minutes, log out, and write custom fields", function()
    refused(400, "locked_until should be -> integer",
      api.put(path(ashley.id, "/lock_user"), { locked_until = "5" }))
    assert.equal(200, (api.put(path(ashley.id, "/lock_user"), { locked_until = 5 })))
    assert.is_true(box:is_locked(ashley))
    box.clock.advance(300)
    assert.is_false(box:is_locked(ashley))
    assert.equal(200, (api.put(path(ashley.id, "/logout"))))
    local custom = path(ashley.id, "/set_custom_attributes")
    assert.equal(200, (api.put(custom, { custom_attributes = { food = "fish" } })))
    refused(400, "custom_attributes is empty", api.put(custom, '{"custom_attributes":{}}'))
    refused(400, "input custom_attributes is not valid. Valid custom_attributes -> "
      .. "[employeenumber food ]", api.put(custom, { custom_attributes = { shoe = "1" } }))
    local _, value = api.get "/api/1/users/custom_attributes"
    assert.same({ { "employeenumber", "food" } }, value.data)
    local types = {}
    for _, event in ipairs(box.store.events) do types[#types + 1] = event.event_type_id end
    assert.same({ 531, 516, 512 }, types)
    assert.is_true(box.store.events[1].id > 2 ^ 32)
  end)

  it("show apps with an inner array when there are none", function()
    local _, value = api.get(path(ashley.id, "/apps"))
    assert.equal(false, value.data[1].personal)
    local bare = box:add_user { email = "bare@acme.test" }
    local _, _, _, text = api.get(path(bare.id, "/apps"))
    assert.truthy(text:find('"data":[[]]', 1, true))
  end)
end)

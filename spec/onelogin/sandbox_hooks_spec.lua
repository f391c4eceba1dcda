-- Smart Hooks in the sandbox: hooks, variables, logs.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local canary = require "spec.support.canary"
local hooks = require "onelogin.sandbox.hooks"
local json = support.json

local ROUTE = "/api/2/hooks"
local SOURCE = "ZXhwb3J0cy5oYW5kbGVyID0gYXN5bmMgKGNvbnRleHQpID0+ICh7IHVzZXI6IGNvbnRleHQudXNlciB9KQo="
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-a%x%x%x%-" .. ("%x"):rep(12) .. "$"

describe("hooks", function()
  local box, api

  before_each(function()
    box = sandbox { users = 2 }
    api = support.api(box)
  end)

  local function hook(changes)
    local h = { type = "pre-authentication", ["function"] = SOURCE, disabled = false,
      runtime = "nodejs22.x", timeout = 1, retries = 0, env_vars = { "MY_API_KEY" },
      packages = { ["ua-parser-js"] = "0.7.21" } }
    for k, v in pairs(changes or {}) do h[k] = v end
    for k, v in pairs(h) do
      if v == "(absent)" then h[k] = nil end
    end
    return h
  end

  local function make(changes)
    local status, body = api.post(ROUTE, hook(changes))
    assert.equal(201, status)
    return body
  end

  local function refused(message, status, body)
    assert.equal(422, status)
    assert.same({ name = "UnprocessableEntityError", message = message }, body)
  end

  it("are queued, built, and then ready", function()
    local made = make()
    assert.truthy(made.id:find(UUID))
    assert.same(hook { id = made.id, status = "create-queued", context_version = ">= 1.0.0",
      options = { location_enabled = false, risk_enabled = false, mfa_device_info_enabled = false },
      created_at = "2026-03-02T09:00:00.000Z", updated_at = "2026-03-02T09:00:00.000Z" }, made)
    local function status() return select(2, api.get(ROUTE .. "/" .. made.id)).status end
    box.clock.advance(1)
    assert.equal("create-running", status())
    box.clock.advance(1)
    assert.equal("ready", status())
    assert.equal("update-queued", select(2, api.put(ROUTE .. "/" .. made.id, hook())).status)
    box.clock.advance(2)
    assert.equal("ready", status())
    api.put(ROUTE .. "/" .. made.id, hook { ["function"] = "bGV0IHggPSAxCg==" })
    box.clock.advance(2)
    assert.equal("update-failed", status())
  end)

  it("are listed without their code, oldest first", function()
    local a, b = make(), make { type = "user-migration" }
    local _, rows, headers = api.get(ROUTE .. "?limit=1")
    assert.equal("2", headers["total-count"])
    assert.equal(a.id, rows[1].id)
    assert.is_nil(rows[1]["function"])
    assert.equal(b.id, select(2, api.get(ROUTE))[2].id)
    assert.equal(SOURCE, select(2, api.get(ROUTE .. "/" .. b.id))["function"])
  end)

  it("are replaced as a whole", function()
    local made = make { options = { risk_enabled = true }, context_version = ">= 1.1.0" }
    assert.is_true(made.options.risk_enabled)
    local status, after = api.put(ROUTE .. "/" .. made.id, hook { disabled = true })
    assert.equal(200, status)
    assert.is_true(after.disabled)
    assert.is_false(after.options.risk_enabled)
    assert.equal(">= 1.0.0", after.context_version)
    refused('instance requires property "runtime"',
      api.put(ROUTE .. "/" .. made.id, hook { runtime = "(absent)" }))
    refused('instance additionalProperty "id" exists in instance when not allowed',
      api.put(ROUTE .. "/" .. made.id, hook { id = made.id }))
  end)

  it("are held against a schema", function()
    for message, change in pairs {
      ['instance additionalProperty "name" exists in instance when not allowed'] = { name = "x" },
      ['instance requires property "type"'] = { type = "(absent)" },
      ["instance.timeout is not of a type(s) integer"] = { timeout = "1" },
      ["instance.timeout must be greater than or equal to 1"] = { timeout = 0 },
      ["instance.retries must be less than or equal to 4"] = { retries = 5 },
      ["instance.runtime is not one of enum values: nodejs22.x,nodejs24.x"] = { runtime = "nodejs18.x" },
      ['instance.function does not conform to the "base64" format'] = { ["function"] = "let x = 1" },
      ["instance.env_vars[0] is not of a type(s) string"] = { env_vars = { { name = "A" } } },
      ["instance.packages.lodash is not of a type(s) string"] = { packages = { lodash = 4 } },
      ["instance.env_vars is not of a type(s) array"] = { env_vars = "A" },
      ['instance.options additionalProperty "x" exists in instance when not allowed'] =
        { options = { x = true } },
    } do
      refused(message, api.post(ROUTE, hook(change)))
    end
    refused("instance is not of a type(s) object", api.post(ROUTE, "[]"))
    make { env_vars = json.array {}, conditions = json.array {} }
  end)

  it("are one of a kind where they hold something up", function()
    local first = make()
    local status, body = api.post(ROUTE, hook())
    assert.equal(409, status)
    assert.same({ message =
      "The 'pre-authentication' hook is synchronous and can only have one defined function" }, body)
    local second = make { type = "post-user-create" }
    make { type = "post-user-create" }
    assert.equal(409, (api.put(ROUTE .. "/" .. second.id, hook())))
    assert.equal(200, (api.put(ROUTE .. "/" .. first.id, hook())))
    status, body = api.delete(ROUTE .. "/" .. first.id)
    assert.equal(202, status)
    assert.is_nil(body)
    make()
  end)

  it("say 404 without a statusCode", function()
    local missing = ROUTE .. "/d360aded-6063-4c60-8add-45f32772ff71"
    local expected = { name = "NotFoundError",
      message = "The resource with the given id could not be found" }
    for _, answer in ipairs { { api.get(missing) }, { api.delete(missing) }, { api.put(missing, hook()) },
      { api.get(missing .. "/logs") }, { api.get(ROUTE .. "/envs/x") }, { api.delete(ROUTE .. "/envs/x") } } do
      assert.equal(404, answer[1])
      assert.same(expected, answer[2])
    end
    assert.equal(401, (support.api(box, { scope = "Read All" }).get(ROUTE)))
  end)

  it("have logs, newest first, by request and by sign-in", function()
    local id = hooks.add(box, {}).id
    assert.same({}, select(2, api.get(ROUTE .. "/" .. id .. "/logs")))
    hooks.log(box, id, { request_id = "r1", correlation_id = "c", events = { "one", "two" } })
    box.clock.advance(1)
    hooks.log(box, id, { request_id = "r2", correlation_id = "c" })
    local _, rows = api.get(ROUTE .. "/" .. id .. "/logs?correlation_id=c")
    assert.same({ { request_id = "r2", correlation_id = "c", created_at = "2026-03-02T09:00:01.000Z",
      events = {} }, { request_id = "r1", correlation_id = "c", events = { "one", "two" },
      created_at = "2026-03-02T09:00:00.000Z" } }, rows)
    _, rows = api.get(ROUTE .. "/" .. id .. "/logs?request_id=r1")
    assert.equal(1, #rows)
    assert.equal("ready", select(2, api.get(ROUTE .. "/" .. id)).status)
  end)
end)

describe("variables of hooks", function()
  local box, api

  before_each(function()
    box = sandbox { users = 2 }
    api = support.api(box)
  end)

  it("are kept, and their values never told", function()
    local status, env, _, text = api.post(ROUTE .. "/envs", { name = "KEY", value = canary.password })
    assert.equal(201, status)
    assert.same({ id = env.id, name = "KEY", created_at = "2026-03-02T09:00:00.000Z",
      updated_at = "2026-03-02T09:00:00.000Z" }, env)
    assert.is_nil(text:find(canary.password, 1, true))
    assert.same({ env }, select(2, api.get(ROUTE .. "/envs")))
    assert.same(env, select(2, api.get(ROUTE .. "/envs/" .. env.id)))
    assert.equal(canary.password, box.store.hook_env_values[env.id].value)
    assert.is_nil(json.encode(box.journal):find(canary.password, 1, true))
    assert.equal(204, (api.delete(ROUTE .. "/envs/" .. env.id)))
    assert.same({}, select(2, api.get(ROUTE .. "/envs")))
  end)

  it("are changed in their value alone, which builds the hooks anew", function()
    local hook = hooks.add(box, { env_vars = { "KEY" } })
    local other = hooks.add(box, {})
    local env = hooks.add_env(box, { name = "KEY", value = "v1" })
    box.clock.advance(60)
    local at = ROUTE .. "/envs/" .. env.id
    local status, after = api.put(at, { value = "v2" })
    assert.equal(200, status)
    assert.equal("2026-03-02T09:01:00.000Z", after.updated_at)
    assert.equal("update-queued", select(2, api.get(ROUTE .. "/" .. hook.id)).status)
    assert.equal("ready", select(2, api.get(ROUTE .. "/" .. other.id)).status)
    local body
    status, body = api.put(at, { value = "v2", name = "NEW" })
    assert.equal(422, status)
    assert.same({ name = "UnprocessableEntityError",
      message = 'instance additionalProperty "name" exists in instance when not allowed' }, body)
    assert.equal(422, (api.put(at, "{}")))
    status, body = api.put(ROUTE .. "/envs/x", { value = "v" })
    assert.equal(400, status)
    assert.same({ name = "BadRequestError", message = "Invalid env record ID" }, body)
  end)

  it("have a name, each its own", function()
    api.post(ROUTE .. "/envs", { name = "KEY", value = "v" })
    assert.equal(422, (api.post(ROUTE .. "/envs", { name = "KEY", value = "v" })))
    assert.equal(422, (api.post(ROUTE .. "/envs", { name = "", value = "v" })))
    assert.equal(422, (api.post(ROUTE .. "/envs", { name = "OTHER" })))
    assert.equal(422, (api.post(ROUTE .. "/envs", { value = "v" })))
  end)
end)

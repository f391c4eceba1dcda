-- API Authorization in the sandbox: servers, their scopes, claims and client apps.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null
local ROOT = "/api/2/api_authorizations"
local NOT_FOUND = { statusCode = 404, name = "NotFoundError",
  message = "The resource with the given id could not be found" }

describe("authorization servers", function()
  local box, api

  before_each(function()
    box = sandbox { users = 10 }
    api = support.api(box)
  end)

  local function make(more)
    local body = { name = "Contacts API", description = "This is an api", configuration = {
      resource_identifier = "https://example.com/contacts", audiences = { "https://example.com/contacts" } } }
    for k, v in pairs(more or {}) do body[k] = v end
    local status, answer = api.post(ROOT, body)
    assert.equal(201, status)
    return answer.id, answer
  end

  local function refused(status, message, method, path, body)
    local got, answer = api.call(method, path, body)
    assert.equal(status, got)
    assert.equal(status, answer.statusCode)
    assert.equal(message, answer.message)
  end

  it("are there from the beginning, one of them", function()
    local status, list = api.get(ROOT)
    assert.equal(200, status)
    assert.equal(1, #list)
    assert.equal("Inventory API", list[1].name)
    assert.equal(2, #select(2, api.get(ROOT .. "/" .. list[1].id .. "/scopes")))
  end)

  it("are created, read, changed and deleted", function()
    local id, answer = make { configuration = { resource_identifier = "urn:contacts",
      audiences = { "a", "b" }, refresh_token_expiration_minutes = 60, colour = "red" } }
    assert.same({ id = id }, answer)
    local _, server = api.get(ROOT .. "/" .. id)
    assert.same({ id = id, name = "Contacts API", description = "This is an api", configuration = {
      resource_identifier = "urn:contacts", audiences = { "a", "b" },
      access_token_expiration_minutes = 10, refresh_token_expiration_minutes = 60 } }, server)
    local status
    status, answer = api.put(ROOT .. "/" .. id, { name = "Contacts" })
    assert.equal(200, status)
    assert.same({ id = id }, answer)
    server.name = "Contacts"
    assert.same(server, select(2, api.get(ROOT .. "/" .. id)))
    api.put(ROOT .. "/" .. id, { name = "Contacts", description = null })
    assert.equal(null, select(2, api.get(ROOT .. "/" .. id)).description)
    status, answer = api.delete(ROOT .. "/" .. id)
    assert.equal(204, status)
    assert.is_nil(answer)
    status, answer = api.get(ROOT .. "/" .. id)
    assert.equal(404, status)
    assert.same(NOT_FOUND, answer)
  end)

  it("may bring scopes and claims along, or be refused whole", function()
    local id = make { scopes = { { value = "r" }, { value = "w", description = "Write" } },
      claims = { { name = "mail", user_attribute_mappings = "email" } } }
    local _, scopes = api.get(ROOT .. "/" .. id .. "/scopes")
    assert.same({ "r", "w" }, { scopes[1].value, scopes[2].value })
    assert.equal(1, #select(2, api.get(ROOT .. "/" .. id .. "/claims")))
    local _, before = api.get(ROOT)
    refused(422, "Validation failed: Value has already been taken", "POST", ROOT, {
      name = "x", description = "x", scopes = { { value = "r" }, { value = "r" } },
      configuration = { resource_identifier = "urn:x", audiences = { "x" } } })
    assert.same(before, select(2, api.get(ROOT)))
  end)

  it("need name, identifier and audiences, in configuration and nowhere else", function()
    local config = { resource_identifier = "urn:x", audiences = { "x" } }
    refused(400, "Missing required field: name", "POST", ROOT, { description = "x", configuration = config })
    refused(400, "Missing required field: description", "POST", ROOT, { name = "x", configuration = config })
    refused(422, "Validation failed: Resource identifier can't be blank, Audiences can't be blank",
      "POST", ROOT, { name = "x", description = "x" })
    refused(422, "Validation failed: Audiences can't be blank", "POST", ROOT,
      { name = "x", description = "x", configuration = { resource_identifier = "urn:x" } })
    refused(400, "unknown attribute: resource_identifier", "POST", ROOT,
      { name = "x", description = "x", configuration = config, resource_identifier = "urn:x" })
    refused(422, "Validation failed: Access token expiration minutes is not a number", "POST", ROOT,
      { name = "x", description = "x", configuration = { resource_identifier = "urn:x", audiences = "x",
        access_token_expiration_minutes = "soon" } })
    local id = make()
    refused(422, "Validation failed: Resource identifier has already been taken", "POST", ROOT,
      { name = "x", description = "x", configuration = {
        resource_identifier = "https://example.com/contacts", audiences = { "x" } } })
    refused(400, "Missing required field: name", "PUT", ROOT .. "/" .. id, { description = "x" })
    refused(400, "unknown attribute: scopes", "PUT", ROOT .. "/" .. id,
      { name = "x", scopes = { { value = "r" } } })
    refused(422, "Validation failed: Resource identifier can't be blank, Audiences can't be blank",
      "PUT", ROOT .. "/" .. id, { name = "x", configuration = {} })
    assert.equal(200, (api.put(ROOT .. "/" .. id, { name = "x", configuration = {
      resource_identifier = "https://example.com/contacts", audiences = "one" } })))
    assert.same({ "one" }, select(2, api.get(ROOT .. "/" .. id)).configuration.audiences)
  end)

  it("have scopes, known by number", function()
    local at = ROOT .. "/" .. make() .. "/scopes"
    assert.same({}, select(2, api.get(at)))
    local status, answer = api.post(at, { value = "contacts:read", description = "Read", label = "x" })
    assert.equal(201, status)
    local id = answer.id
    assert.same({ id = id }, answer)
    assert.same({ { id = id, value = "contacts:read", description = "Read" } }, select(2, api.get(at)))
    refused(422, "Validation failed: Value has already been taken", "POST", at, { value = "contacts:read" })
    refused(422, "Validation failed: Value can't be blank", "POST", at, { description = "x" })
    assert.equal(200, (api.put(at .. "/" .. id, { description = null })))
    assert.same({ { id = id, value = "contacts:read", description = null } }, select(2, api.get(at)))
    assert.equal(200, (api.put(at .. "/" .. id, { value = "all" })))
    assert.equal("all", select(2, api.get(at))[1].value)
    assert.equal(404, (api.put(at .. "/1", { value = "x" })))
    assert.equal(404, (api.delete(at .. "/all")))
    assert.equal(204, (api.delete(at .. "/" .. id)))
    assert.equal(404, (api.delete(at .. "/" .. id)))
  end)

  it("have claims, each name once, with reserved members that are null", function()
    local at = ROOT .. "/" .. make() .. "/claims"
    local status, answer = api.post(at, { name = "mail", user_attribute_mappings = "email" })
    assert.equal(200, status)
    local id = answer.id
    assert.same({ id = id }, answer)
    assert.same({ { id = id, name = "mail", label = "mail", user_attribute_mappings = "email",
      user_attribute_macros = null, attributes_transformations = null, skip_if_blank = null,
      values = null, default_values = null, provisioned_entitlements = null,
      safe_entitlements_enabled = null } }, select(2, api.get(at)))
    local _, other = api.post(at, { name = "roles" })
    refused(422, "Validation failed: Name has already been taken", "POST", at, { name = "mail" })
    refused(422, "Validation failed: Name has already been taken", "PUT", at .. "/" .. other.id,
      { name = "mail" })
    assert.equal(200, (api.put(at .. "/" .. id, { name = "mail", user_attribute_mappings = "_macro_",
      user_attribute_macros = "{email}" })))
    assert.equal("{email}", select(2, api.get(at))[1].user_attribute_macros)
    assert.equal(204, (api.delete(at .. "/" .. id)))
    assert.equal(1, #select(2, api.get(at)))
    assert.equal(404, (api.delete(at .. "/" .. id)))
  end)

  it("have client apps, with scopes of the same server only", function()
    local id = make()
    local at, app = ROOT .. "/" .. id .. "/clients", box:add_app { name = "An OIDC App" }
    local scope = select(2, api.post(ROOT .. "/" .. id .. "/scopes", { value = "r" })).id
    local status, answer = api.post(at, { app_id = app.id, scopes = { scope } })
    assert.equal(201, status)
    assert.same({ app_id = app.id, api_auth_id = id }, answer)
    assert.same({ { app_id = app.id, api_auth_id = id, name = "An OIDC App",
      scopes = { { id = scope, value = "r", description = null } } } }, select(2, api.get(at)))
    refused(422, "Validation failed: Scopes 21 does not belong to the specified ApiAuthorizationApp",
      "POST", at, { app_id = app.id, scopes = { 21 } })
    refused(400, "Missing required field: app_id", "POST", at, { scopes = { scope } })
    refused(404, NOT_FOUND.message, "POST", at, { app_id = 1, scopes = { scope } })
    status, answer = api.put(at .. "/" .. app.id, { scopes = json.array {} })
    assert.equal(200, status)
    assert.same({ app_id = app.id, api_auth_id = id }, answer)
    assert.same({}, select(2, api.get(at))[1].scopes)
    api.put(at .. "/" .. app.id, { scopes = { scope } })
    api.delete(ROOT .. "/" .. id .. "/scopes/" .. scope)
    assert.same({}, select(2, api.get(at))[1].scopes)
    assert.equal(204, (api.delete(at .. "/" .. app.id)))
    assert.same({}, select(2, api.get(at)))
    refused(404, NOT_FOUND.message, "PUT", at .. "/" .. app.id, { scopes = json.array {} })
  end)

  it("lose clients with the app", function()
    local id = make()
    local app = box:add_app { name = "Gone" }
    api.post(ROOT .. "/" .. id .. "/clients", { app_id = app.id, scopes = json.array {} })
    api.delete("/api/2/apps/" .. app.id)
    assert.same({}, select(2, api.get(ROOT .. "/" .. id .. "/clients")))
    refused(404, NOT_FOUND.message, "PUT", ROOT .. "/" .. id .. "/clients/" .. app.id,
      { scopes = json.array {} })
  end)

  it("need Manage All, and a server that is there", function()
    local status, answer = support.api(box, { scope = "Read All" }).get(ROOT)
    assert.equal(401, status)
    assert.same({ statusCode = 401, name = "UnauthorizedError", message = "Unauthorized" }, answer)
    for _, tail in ipairs { "scopes", "claims", "clients" } do
      status, answer = api.get(ROOT .. "/99/" .. tail)
      assert.equal(404, status)
      assert.same(NOT_FOUND, answer)
    end
  end)

  it("go back with a snapshot", function()
    local saved = box:snapshot()
    local id = make()
    box:restore(saved)
    api.token = nil
    assert.equal(404, (api.get(ROOT .. "/" .. id)))
    assert.equal(1, #select(2, api.get(ROOT)))
  end)
end)

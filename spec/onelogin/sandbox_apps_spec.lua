-- Apps and connectors in the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null

local SAML, AWS, OIDC, FIXED = 110004, 50534, 108419, 114099

describe("apps", function()
  local box, api

  before_each(function()
    box = sandbox { users = 30 }
    api = support.api(box)
  end)

  local function path(id, tail) return "/api/2/apps/" .. id .. (tail or "") end

  local function make(body)
    local status, app = api.post("/api/2/apps", body)
    assert.equal(201, status)
    return app
  end

  local function refused(field, status, body)
    assert.equal(422, status)
    assert.same({ statusCode = 422, name = "UnprocessableEntityError",
      message = 'invalid value in "' .. field .. '"' }, body)
  end

  it("are listed in short rows, filtered, paged and cut to fields", function()
    local aws = make { name = "New AWS app", connector_id = AWS }
    local _, rows, headers = api.get "/api/2/apps"
    assert.equal(7, #rows)
    assert.equal("7", headers["total-count"])
    _, rows = api.get "/api/2/apps?name=new*aws*"
    assert.same({ { id = aws.id, name = "New AWS app", connector_id = AWS, auth_method = 2,
      auth_method_description = "SAML2.0", description = "", visible = true,
      created_at = "2026-03-02T09:00:00.000Z", updated_at = "2026-03-02T09:00:00.000Z" } }, rows)
    _, rows = api.get "/api/2/apps?name=aws"
    assert.same({}, rows)
    _, rows = api.get("/api/2/apps?connector_id=" .. AWS)
    assert.equal(aws.id, rows[1].id)
    _, rows = api.get "/api/2/apps?auth_method=8"
    assert.equal("OIDC Basic", rows[1].name)
    assert.is_nil(rows[2])
    _, rows = api.get "/api/2/apps?fields=name,role_ids&limit=1"
    assert.equal(1, #rows)
    assert.is_table(rows[1].role_ids)
    assert.is_nil(rows[1].visible)
    assert.equal(7, #api.walk_v2 "/api/2/apps?limit=2")
  end)

  it("refuse filters of the wrong kind", function()
    refused("auth_method", api.get "/api/2/apps?auth_method=5")
    refused("connector_id", api.get "/api/2/apps?connector_id=x")
    local status, body = api.get "/api/2/apps?colour=red"
    assert.equal(400, status)
    assert.equal("query parameter(s) not allowed: colour", body.message)
  end)

  it("carry what their connector brings", function()
    local app = make { name = "A", connector_id = AWS }
    assert.equal("Role", app.parameters.Role.label)
    assert.equal(null, app.parameters.RoleSessionName.values)
    assert.equal("SHA-256", app.configuration.signature_algorithm)
    assert.truthy(app.sso.metadata_url)
    assert.truthy(app.sso.certificate.value)
    assert.equal(null, app.description)
    assert.same({ enabled = false }, app.provisioning)
    assert.same(app, select(2, api.get(path(app.id))))
  end)

  it("tell the secret of an OpenID Connect app once", function()
    local app = make { name = "O", connector_id = OIDC,
      configuration = { oidc_application_type = 0, token_endpoint_auth_method = 1 } }
    assert.equal(64, #app.sso.client_secret)
    local _, again = api.get(path(app.id))
    assert.same({ client_id = app.sso.client_id }, again.sso)
    assert.is_nil(again.configuration.oidc_application_type)
    assert.equal(1, again.configuration.token_endpoint_auth_method)
    assert.is_false(again.configuration.include_amr_claims)
    assert.equal(null, again.configuration.post_logout_redirect_uri)
    api.put(path(app.id), { configuration = { post_logout_redirect_uri = "" } })
    assert.equal("", select(2, api.get(path(app.id))).configuration.post_logout_redirect_uri)
    app = make { name = "E", connector_id = SAML, enforcement_point = { conditions = {} } }
    assert.truthy(app.enforcement_point.token)
    assert.is_nil(select(2, api.get(path(app.id))).enforcement_point.token)
  end)

  it("are cloned by sending back what was read", function()
    local first = make { name = "A", connector_id = AWS,
      parameters = { employee = { label = "Employee", values = "x" } } }
    local _, read = api.get(path(first.id))
    local clone = make(read)
    assert.are_not.equal(first.id, clone.id)
    assert.equal("x", clone.parameters.employee.values)
    assert.are_not.equal(read.parameters.employee.id, clone.parameters.employee.id)
  end)

  it("merge an update", function()
    local app = make { name = "A", connector_id = SAML, notes = "kept", description = "old",
      configuration = { audience = "a" }, parameters = { one = { values = { "x", "y" } } } }
    local status, after = api.put(path(app.id), { description = "new", visible = false,
      parameters = { two = { label = "Two" }, one = { skip_if_blank = true } },
      configuration = { signature_algorithm = "SHA-1" } })
    assert.equal(200, status)
    assert.equal("new", after.description)
    assert.equal("kept", after.notes)
    assert.is_false(after.visible)
    assert.same({ "x", "y" }, after.parameters.one.values)
    assert.is_true(after.parameters.one.skip_if_blank)
    assert.equal("Two", after.parameters.two.label)
    assert.same({ audience = "a", signature_algorithm = "SHA-1" }, after.configuration)
    assert.equal("", select(2, api.put(path(app.id), { notes = "" })).notes)
    assert.equal(null, select(2, api.put(path(app.id), { notes = null })).notes)
    assert.equal(200, (api.put(path(app.id), after)))
  end)

  it("replace their roles, and say so in the event log", function()
    local role, other = box:add_role { name = "R" }, box:add_role { name = "S" }
    local app = make { name = "A", connector_id = SAML, role_ids = { role.id } }
    assert.same({ role.id }, app.role_ids)
    app = select(2, api.put(path(app.id), { role_ids = { other.id } }))
    assert.same({ other.id }, app.role_ids)
    assert.same({}, role.apps)
    app = select(2, api.put(path(app.id), { role_ids = json.array {} }))
    assert.same({}, app.role_ids)
    local kinds = {}
    for i, event in ipairs(box.store.events) do kinds[i] = event.event_type_id end
    assert.same({ 1, 2, 1, 2 }, kinds)
    refused("role_ids", api.put(path(app.id), { role_ids = { 1 } }))
  end)

  it("refuse what they cannot be", function()
    refused("connector_id", api.post("/api/2/apps", { name = "A" }))
    refused("connector_id", api.post("/api/2/apps", { name = "A", connector_id = 1 }))
    refused("name", api.post("/api/2/apps", { connector_id = SAML }))
    refused("visible", api.post("/api/2/apps", { name = "A", connector_id = SAML, visible = "x" }))
    refused("parameters", api.post("/api/2/apps",
      { name = "A", connector_id = FIXED, parameters = { mine = {} } }))
    refused("redirect_uri", api.post("/api/2/apps",
      { name = "A", connector_id = SAML, configuration = { redirect_uri = "x" } }))
    refused("signature_algorithm", api.post("/api/2/apps",
      { name = "A", connector_id = SAML, configuration = { signature_algorithm = "MD5" } }))
    local status, body = api.post("/api/2/apps", { name = "A", connector_id = SAML, signon_mode = 1 })
    assert.equal(400, status)
    assert.equal("unknown attribute: signon_mode", body.message)
    local app = make { name = "A", connector_id = SAML }
    refused("connector_id", api.put(path(app.id), { connector_id = AWS }))
    refused("name", api.put(path(app.id), { name = "" }))
    assert.equal(404, (api.put(path(1), { name = "x" })))
    assert.equal(401, (support.api(box, { scope = "Read All" }).post("/api/2/apps", {})))
  end)

  it("lose a parameter of their own, but none of the connector's", function()
    local app = make { name = "A", connector_id = SAML, parameters = { mine = { label = "Mine" } } }
    local status, body = api.delete(path(app.id, "/parameters/" .. app.parameters.saml_username.id))
    assert.equal(403, status)
    assert.same({ statusCode = 403, name = "ForbiddenError",
      message = "Not allowed to destroy specified resource" }, body)
    local own = path(app.id, "/parameters/" .. app.parameters.mine.id)
    assert.equal(204, (api.delete(own)))
    assert.equal(404, (api.delete(own)))
    assert.is_nil(select(2, api.get(path(app.id))).parameters.mine)
  end)

  it("list their users, page by page, and go with their rules", function()
    local role = box:add_role { name = "R" }
    local app = make { name = "A", connector_id = SAML, role_ids = { role.id } }
    assert.same({}, select(2, api.get(path(app.id, "/users"))))
    local ashley, akua = box:find_user("ashley"), box:find_user("akua")
    api.post("/api/2/roles/" .. role.id .. "/users", { ashley.id, akua.id })
    local _, rows, headers = api.get(path(app.id, "/users?limit=1"))
    assert.same({ { id = ashley.id, firstname = "Ashley", lastname = "Rivers", username = "ashley",
      email = "ashley@acme.test", samaccountname = null } }, rows)
    assert.equal("2", headers["total-count"])
    assert.equal(204, (api.delete(path(app.id))))
    assert.equal(404, (api.get(path(app.id, "/users"))))
    assert.same({}, role.apps)
  end)

  it("come in version 1 in an envelope, by cursor", function()
    local _, value = api.get "/api/1/apps?limit=1&sort=-name"
    assert.same({ "connector_id", "extension", "icon", "id", "name", "provisioning", "visible" },
      (function(row)
        local names = {}
        for name in pairs(row) do names[#names + 1] = name end
        table.sort(names)
        return names
      end)(value.data[1]))
    local rows, pages = api.walk_v1 "/api/1/apps?limit=4"
    assert.equal(6, #rows)
    assert.equal(2, pages)
    _, value = api.get "/api/1/apps?fields=name&limit=1"
    assert.same({ { id = box.company:app_id(1), name = "Mail" } }, value.data)
    assert.equal(400, (api.get "/api/1/apps?sort=colour"))
  end)
end)

describe("connectors", function()
  it("are filtered by a part of the name and by method, and come in pages", function()
    local api = support.api(sandbox { users = 1 })
    local _, rows = api.get "/api/2/connectors?name=amazon"
    assert.equal(4, #rows)
    assert.same({ id = AWS, name = "Amazon Web Services (AWS) Multi Role", auth_method = 2,
      allows_new_parameters = true,
      icon_url = "https://cdn.onelogin.com/images/icons/square/amazonwebservicesawsmultirole/original.png" },
      rows[1])
    _, rows = api.get "/api/2/connectors?auth_method=8&limit=1000"
    assert.equal(42, #rows)
    for _, row in ipairs(rows) do assert.equal(8, row.auth_method) end
    local all = api.walk_v2 "/api/2/connectors"
    assert.is_true(#all > 100)
    local status, body = api.get "/api/2/connectors?auth_method=saml"
    assert.equal(422, status)
    assert.equal('invalid value in "auth_method"', body.message)
    assert.equal(400, (api.get "/api/2/connectors?limit=1&cursor=eA=="))
  end)
end)

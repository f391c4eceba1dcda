-- Accounts of a reseller's customers in the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local null = support.json.null

local ROUTE = "/api/2/accounts"

describe("accounts", function()
  it("are for resellers", function()
    local api = support.api(sandbox { users = 1 })
    for _, answer in ipairs { { api.get(ROUTE) }, { api.get(ROUTE .. "/555555") },
      { api.post(ROUTE, { account = { name = "X" } }) }, { api.put(ROUTE .. "/1", { account = {} }) } } do
      assert.equal(404, answer[1])
      assert.same({ statusCode = 404, name = "InsufficientPrivileges",
        message = "Only resellers may use this API." }, answer[2])
    end
  end)

  it("are made, listed and changed", function()
    local box = sandbox { users = 1, reseller = true }
    local api = support.api(box)
    local status, made = api.post(ROUTE, { account = { name = "Bravo", city = "Springfield" } })
    assert.equal(201, status)
    assert.equal("Springfield", made.city)
    assert.equal(null, made.zip)
    local _, rows = api.get(ROUTE .. "?limit=1&page=2")
    assert.same({ made }, rows)
    assert.equal("Acme", select(2, api.get(ROUTE .. "/555555")).name)
    local after
    status, after = api.put(ROUTE .. "/" .. made.id, { account = { city = "Shelbyville" } })
    assert.equal(200, status)
    assert.equal("Shelbyville", after.city)
    assert.equal("Bravo", after.name)
    assert.same(after, select(2, api.get(ROUTE .. "/" .. made.id)))
    assert.equal(404, (api.get(ROUTE .. "/1")))
  end)

  it("come with a pair of credentials if wanted and allowed", function()
    local box = sandbox { users = 1, reseller = true }
    local api = support.api(box)
    local wanted = { name = "sync", permission = "read_users" }
    local _, made = api.post(ROUTE, { account = { name = "Bravo" }, api_credential = wanted })
    assert.equal(64, #made.api_credential.client_secret)
    assert.equal("read_users", made.api_credential.permission)
    assert.is_nil(select(2, api.get(ROUTE .. "/" .. made.id)).api_credential)
    local status, body = api.put(ROUTE .. "/" .. made.id, { account = {}, api_credential = wanted })
    assert.equal(406, status)
    assert.equal("Validation failed: Account must allow assuming users", body.message)
    box.store.accounts[made.id].allow_assuming_users = true
    assert.equal(200, (api.put(ROUTE .. "/" .. made.id, { account = {}, api_credential = wanted })))
    assert.equal(406, (api.post(ROUTE, { account = { city = "x" } })))
    assert.equal(406, (api.post(ROUTE, "{}")))
    assert.equal(406, (api.post(ROUTE, { account = { name = "x" }, api_credential = { permission = "all" } })))
    assert.equal(400, (api.post(ROUTE, { account = { name = "x", colour = "red" } })))
  end)
end)

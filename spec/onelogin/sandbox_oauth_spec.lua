-- Tokens, credentials and scopes of the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local canary = require "spec.support.canary"
local util = require "onelogin.sandbox.util"

local JSON = "application/json"
local GRANT = '{"grant_type":"client_credentials"}'
local V1, V2, REVOKE = "/auth/oauth2/token", "/auth/oauth2/v2/token", "/auth/oauth2/revoke"

describe("the sandbox's token routes", function()
  local box, api

  before_each(function()
    box = sandbox { users = 5, credentials = { { client_id = "id1", client_secret = canary.secret } } }
    api = support.api(box)
  end)

  local function ask(path, body, headers)
    headers = headers or {}
    headers["Content-Type"] = headers["Content-Type"] or JSON
    if headers.Authorization == nil then headers.Authorization = api.pair() end
    headers.Authorization = headers.Authorization or nil
    return api.send("POST", path, body or GRANT, headers)
  end

  it("give the same token with the same created_at until it expires", function()
    local first = api.login()
    assert.equal(36000, first.expires_in)
    assert.equal("bearer", first.token_type)
    assert.equal("2026-03-02T09:00:00.000Z", first.created_at)
    box.clock.advance(35999)
    local again = api.login()
    assert.is_true(again.access_token == first.access_token)
    assert.equal(first.created_at, again.created_at)
    box.clock.advance(1)
    local fresh = api.login()
    assert.is_false(fresh.access_token == first.access_token)
    assert.equal("2026-03-02T19:00:00.000Z", fresh.created_at)
  end)

  it("take both header forms, with and without a blank, and a form body on v2", function()
    local basic = "Basic " .. util.base64("id1:" .. canary.secret)
    for _, form in ipairs { basic, "client_id:id1, client_secret:" .. canary.secret,
      "client_id:id1,client_secret:" .. canary.secret } do
      assert.equal(200, (ask(V2, nil, { Authorization = form })))
      assert.equal(200, (ask(V1, nil, { Authorization = form })))
    end
    local body = "grant_type=client_credentials&client_id=id1&client_secret=" .. canary.secret
    local form = { ["Content-Type"] = "application/x-www-form-urlencoded", Authorization = false }
    assert.equal(200, (ask(V2, body, form)))
    form.Authorization = false
    assert.equal(400, (ask(V1, body, form)))
  end)

  it("take grant_type in the query with an empty body, and a trailing slash", function()
    assert.equal(200, (ask(V2 .. "?grant_type=client_credentials", "")))
    assert.equal(200, (ask(V2 .. "/")))
  end)

  it("wrap the v1 answer and not the v2 one", function()
    local _, v1 = ask(V1)
    assert.equal("success", v1.status.type)
    assert.equal(1, #v1.data)
    local _, v2 = ask(V2)
    assert.is_true(v2.access_token == v1.data[1].access_token)
    assert.is_nil(v2.status)
  end)

  it("refuse with the v1 envelope", function()
    local function refused(status, message, path, body, headers)
      local code, value = ask(path, body, headers)
      assert.equal(status, code)
      assert.is_true(value.status.error)
      assert.equal(status, value.status.code)
      assert.equal(message, value.status.message)
    end
    for _, path in ipairs { V1, V2 } do
      refused(400, "grant_type is incorrect/absent", path, "{}")
      refused(400, "The authorization information is missing", path, nil, { Authorization = false })
      refused(400, "The authorization information is missing", path, nil, { Authorization = "Digest x" })
      refused(401, "Authentication Failure", path, nil,
        { Authorization = "client_id:id1, client_secret:wrong" })
      refused(400, "Content Type is not specified or specified incorrectly. Content-Type header "
        .. "must be set to application/json", path, nil, { ["Content-Type"] = "text/plain" })
    end
    refused(400, "Access Token Missing", REVOKE, "{}")
  end)

  it("have no route for another method, nor for v2 revoke", function()
    local status, value = api.send("GET", V2)
    assert.equal(404, status)
    assert.equal("No Route Exists", value.status.message)
    assert.equal(404, (api.send("POST", "/auth/oauth2/v2/revoke", "{}", { ["Content-Type"] = JSON })))
  end)

  it("can answer errors under HTTP 200", function()
    box.options.token_errors_under_200 = true
    local status, value = ask(V2, "{}")
    assert.equal(200, status)
    assert.equal(400, value.status.code)
  end)

  it("refuse a charset suffix only when strict", function()
    local charset = { ["Content-Type"] = "application/json; charset=utf-8" }
    assert.equal(200, (ask(V2, nil, { ["Content-Type"] = charset["Content-Type"] })))
    box.options.strict_content_type = true
    assert.equal(400, (ask(V2, nil, charset)))
  end)

  it("revoke with the pair that made the token, and mint afresh", function()
    local first = api.login()
    local other = support.api(box, { scope = "Read All" })
    local body = '{"access_token":"' .. first.access_token .. '"}'
    local head = { Authorization = other.pair(), ["Content-Type"] = JSON }
    assert.equal(200, (api.send("POST", REVOKE, body, head)))
    assert.equal(200, (api.get "/api/2/users"))
    assert.equal(200, (ask(REVOKE, body)))
    assert.equal(401, (api.get "/api/2/users"))
    assert.is_false(api.login().access_token == first.access_token)
    assert.equal(200, (api.get "/api/2/users"))
  end)

  it("refresh once with a pair of tokens, without credentials", function()
    local first = api.login()
    local body = ('{"grant_type":"refresh_token","access_token":"%s","refresh_token":"%s"}')
      :format(first.access_token, first.refresh_token)
    local _, fresh = ask(V2, body, { Authorization = false })
    assert.is_false(fresh.access_token == first.access_token)
    assert.is_nil(fresh.account_id)
    assert.equal(401, (ask(V2, body, { Authorization = false })))
    assert.equal(401, (api.get "/api/2/users"))
  end)

  it("answer 500 for ever once the owner of a pair is deleted", function()
    local owner = box:find_user("akua")
    local owned = support.api(box, { owner_id = owner.id })
    assert.equal(200, (select(2, owned.login())))
    assert.equal(204, (api.delete("/api/2/users/" .. owner.id)))
    local _, status = owned.login()
    assert.equal(500, status)
  end)

  it("carry no rate headers, but a Date and a request id", function()
    local _, _, headers = ask(V2)
    assert.is_nil(headers["x-ratelimit-limit"])
    assert.equal("Mon, 02 Mar 2026 09:00:00 GMT", headers.date)
    assert.equal(32, #headers["x-request-id"])
  end)
end)

describe("a bearer token in the sandbox", function()
  local box, api
  before_each(function()
    box = sandbox { users = 5 }
    api = support.api(box)
  end)

  it("is taken in every spelling seen in working clients", function()
    local token = api.login().access_token
    for _, form in ipairs { "Bearer ", "bearer ", "bearer:", "BEARER ", "Bearer: " } do
      assert.equal(200, (api.get("/api/2/users", nil, { Authorization = form .. token })))
      assert.equal(200, (api.get("/api/1/users", nil, { Authorization = form .. token })))
    end
  end)

  it("is refused in the words of each version", function()
    local function answer(path, header)
      local status, value = api.send("GET", path, nil, { Authorization = header })
      return status, value.status and value.status.message or value.name
    end
    assert.same({ 400, "Authorization Information is incorrect" }, { answer("/api/1/users") })
    assert.same({ 401, "Authentication Failure" }, { answer("/api/1/users", "Bearer nonsense") })
    assert.same({ 401, "UnauthorizedError" }, { answer("/api/2/users") })
    assert.same({ 401, "UnauthorizedError" }, { answer("/api/2/users", "Bearer nonsense") })
    local id = box:find_user("ashley").id
    assert.same({ 401, "InvalidCredentials" },
      { answer("/api/2/mfa/users/" .. id .. "/devices", "Bearer nonsense") })
  end)

  it("dies behind the client's back by revoke_tokens and expire_tokens", function()
    for _, how in ipairs { "revoke_tokens", "expire_tokens" } do
      api.token = nil
      assert.equal(200, (api.get "/api/1/users"))
      box[how](box)
      assert.equal(401, (api.get "/api/1/users"))
    end
  end)

  it("reaches nothing that is not declared: 401 on v2, 404 on v1", function()
    local status, value = api.get "/api/2/nothing"
    assert.equal(401, status)
    assert.equal("UnauthorizedError", value.name)
    status, value = api.get "/api/1/nothing"
    assert.equal(404, status)
    assert.equal("No Route Exists", value.status.message)
    assert.equal(401, (api.put("/api/2/users/1/add_roles", { role_id_array = { 1 } })))
    assert.equal(2 + 1, box:requests("unknown"))
  end)

  it("allows what its scope allows, from the declared table", function()
    local id = box:find_user("ashley").id
    local cases = {
      { "Authentication Only", { list = 401, create = 401, roles = 401, password = 401, logout = 200 } },
      { "Read Users", { list = 200, create = 401, roles = 401, password = 401, logout = 401 } },
      { "Manage Users", { list = 200, create = 201, roles = 401, password = 401, logout = 200 } },
      { "Read All", { list = 200, create = 401, roles = 200, password = 401, logout = 401 } },
      { "Manage All", { list = 200, create = 201, roles = 200, password = 200, logout = 200 } },
    }
    for _, case in ipairs(cases) do
      local one = support.api(box, { scope = case[1] })
      local want = case[2]
      assert.equal(want.list, (one.get "/api/2/users"), case[1])
      local email = case[1]:gsub(" ", "."):lower() .. "@new.test"
      assert.equal(want.create, (one.post("/api/2/users", { email = email })), case[1])
      assert.equal(want.roles, (one.get("/api/1/users/" .. id .. "/roles")), case[1])
      assert.equal(want.password, (one.put("/api/1/users/set_password_clear_text/" .. id,
        { password = canary.password, password_confirmation = canary.password })), case[1])
      assert.equal(want.logout, (one.put("/api/1/users/" .. id .. "/logout")), case[1])
    end
    local weak = support.api(box, { scope = "Authentication Only" })
    local _, value = weak.get "/api/1/users"
    assert.equal("Insufficient Permission", value.status.message)
    _, value = weak.get "/api/2/users"
    assert.same({ statusCode = 401, name = "UnauthorizedError", message = "Unauthorized" }, value)
  end)
end)

describe("the sandbox's hourly quota", function()
  local box, api
  before_each(function()
    box = sandbox { users = 5, rate_limit = 3 }
    api = support.api(box)
  end)

  it("counts v1 calls, shows itself on their answers only, and starts anew each hour", function()
    local _, _, headers = api.get "/api/1/users"
    assert.equal("3", headers["x-ratelimit-limit"])
    assert.equal("2", headers["x-ratelimit-remaining"])
    assert.equal("3600", headers["x-ratelimit-reset"])
    for _ = 1, 5 do
      _, _, headers = api.get "/api/2/users"
      assert.is_nil(headers["x-ratelimit-limit"])
    end
    box.clock.advance(600)
    local _, rate = api.get "/auth/rate_limit"
    assert.same({ ["X-RateLimit-Limit"] = 3, ["X-RateLimit-Remaining"] = 2,
      ["X-RateLimit-Reset"] = 3000 }, rate.data)
    api.get "/api/1/users"
    api.get "/api/1/users"
    local status, value = api.get "/api/1/users"
    assert.equal(400, status)
    assert.same({ status = { code = 400, message = "rate_limit_exceeded" } }, value)
    box.clock.advance(3000)
    assert.equal(200, (api.get "/api/1/users"))
  end)

  it("can answer 429, and can keep silent about the reset", function()
    box.options.rate_limit_status = 429
    box.options.rate_limit_headers = false
    for _ = 1, 3 do api.get "/api/1/users" end
    local status, value, headers = api.get "/api/1/users"
    assert.equal(429, status)
    assert.equal("rate_limit_exceeded", value.status.message)
    assert.is_nil(headers["x-ratelimit-reset"])
  end)

  it("does not show itself on a 401", function()
    local _, _, headers = api.get("/api/1/users", nil, { Authorization = "Bearer nonsense" })
    assert.is_nil(headers["x-ratelimit-limit"])
  end)
end)

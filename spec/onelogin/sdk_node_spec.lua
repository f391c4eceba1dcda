-- What the official Node SDK sends, replayed to a served sandbox over HTTPS, and what its code reads
-- of the answers. Written from its sources and held against recordings of it running:
-- 4.0.0 (613feb2 on GitHub, request 2.88.2) and 1.0.9 (@onelogin/sdk as npm has it, axios 0.21.4).
local sdk = require "spec.support.sdk"

-- `json: true` of request: a Content-Type only with a body, and a length of nothing on DELETE.
local REQUEST = {
  keep = true,
  head = function(r)
    local length = r.body and #r.body or r.method == "DELETE" and 0
    return sdk.lines("Accept: application/json", "Authorization: " .. r.authorization,
      "host: " .. r.host, r.body and "content-type: application/json",
      length and "content-length: " .. length, "Connection: keep-alive")
  end,
}

local AXIOS = {
  keep = true,
  head = function(r)
    return sdk.lines("Accept: application/json",
      "Cache-Control: no-cache, no-store, must-revalidate", "Content-Type: application/json",
      "Pragma: no-cache", "Authorization: " .. r.authorization, "User-Agent: axios/0.21.4",
      r.body and "Content-Length: " .. #r.body, "Host: " .. r.host, "Connection: keep-alive")
  end,
}

local server

setup(function()
  server = sdk.start()
end)

teardown(function()
  server.stop()
end)

describe("the Node SDK 4.0.0", function()
  local send, pair, bearer, token

  -- request() of defaultApi.ts resolves with any 2xx, and hands out the body that `json: true` read.
  local function ok(answer, status)
    assert.equal(status, answer.status)
    if status == 204 then assert.equal("", answer.text) end
    return answer.value
  end

  -- All pages by response.headers['after-cursor'], as its callers do; also the number of pages.
  local function walk(path, query)
    local rows, pages = {}, 0
    local answer = send("GET", path .. query, bearer)
    while true do
      local page = ok(answer, 200)
      assert.is_true(sdk.is_array(page))
      for _, row in ipairs(page) do rows[#rows + 1] = row end
      pages = pages + 1
      local cursor = answer.headers["after-cursor"]
      if not cursor then return rows, pages end
      assert.is_true(pages < 50)
      answer = send("GET", path .. "?cursor=" .. sdk.encode(cursor), bearer)
    end
  end

  setup(function()
    send = sdk.speaker(server, REQUEST)
    pair = ("client_id:%s, client_secret:%s"):format(server.client_id, server.client_secret)
    token = ok(send("POST", "/auth/oauth2/v2/token", pair, '{"grant_type":"client_credentials"}'),
      200).access_token
    bearer = "Bearer " .. token
  end)

  it("reads its rate limits", function()
    local value = ok(send("GET", "/auth/rate_limit", bearer), 200)
    assert.equal("number", type(value.data["X-RateLimit-Remaining"]))
  end)

  it("lists users by page, by cursor and by filter", function()
    local rows, pages = walk("/api/2/users", "?limit=50")
    assert.equal(120, #rows)
    assert.equal(3, pages)
    local second = ok(send("GET", "/api/2/users?limit=2&page=2", bearer), 200)
    assert.same({ rows[3].id, rows[4].id }, { second[1].id, second[2].id })
    local few = ok(send("GET", "/api/2/users?limit=2&created_since=2020-01-01T00%3A00%3A00Z"
      .. "&firstname=A%2A&fields=id%2Cfirstname", bearer), 200)
    assert.equal(2, #few)
    for _, row in ipairs(few) do
      assert.equal("A", row.firstname:sub(1, 1))
      assert.is_nil(row.email)
    end
    -- qs escapes what encodeURIComponent leaves: ' ( ) *
    assert.same({}, ok(send("GET", "/api/2/users?limit=2&email=o%27x%2By%20z%2A%40%28%C3%A9%29.test",
      bearer), 200))
  end)

  it("creates, changes and deletes a user", function()
    local user = ok(send("POST", "/api/2/users?mappings=sync&validate_policy=false", bearer,
      '{"username":"n4","email":"n4@example.com","firstname":"Zo\195\169","lastname":"N"}'), 201)
    assert.equal("Zo\195\169", user.firstname)
    local path = "/api/2/users/" .. user.id
    user = ok(send("PUT", path .. "?mappings=async", bearer,
      '{"firstname":"Changed","custom_attributes":{"food":"rice"}}'), 200)
    assert.same({ "Changed", "rice" }, { user.firstname, user.custom_attributes.food })
    user = ok(send("GET", path, bearer), 200)
    assert.same({ "Changed", "N", "n4" }, { user.firstname, user.lastname, user.username })
    assert.is_true(sdk.is_array(ok(send("GET", path .. "/apps", bearer), 200)))
    ok(send("DELETE", path, bearer), 204)
    local answer = send("GET", path, bearer)
    assert.equal(404, answer.status)
    assert.equal("The resource with the given id could not be found", answer.value.message)
  end)

  it("lists, creates, changes and deletes roles", function()
    local rows, pages = walk("/api/2/roles", "?limit=5")
    assert.equal(12, #rows)
    assert.equal(3, pages)
    assert.equal(12, #walk("/api/2/roles", ""))
    local named = ok(send("GET", "/api/2/roles?limit=5&page=1&name=" .. rows[1].name .. "&fields=apps",
      bearer), 200)
    assert.equal(rows[1].id, named[1].id)
    assert.is_true(sdk.is_array(named[1].apps))

    local users = ok(send("GET", "/api/2/users?limit=2", bearer), 200)
    local apps = ok(send("GET", "/api/2/apps?limit=1", bearer), 200)
    -- createRoles takes a role and reads a bare { id }.
    local id = ok(send("POST", "/api/2/roles", bearer, ('{"name":"N4","apps":[%d],"users":[%d]}')
      :format(apps[1].id, users[1].id)), 201).id
    assert.equal("number", type(id))
    local path = "/api/2/roles/" .. id
    assert.equal(id, ok(send("PUT", path, bearer, '{"name":"N4b"}'), 200).id)
    assert.equal("N4b", ok(send("GET", path, bearer), 200).name)
    assert.equal(apps[1].id, ok(send("GET", path .. "/apps", bearer), 200)[1].id)

    local more = ("[%d]"):format(users[2].id)
    for _, members in ipairs { "/users", "/admins" } do
      assert.equal(users[2].id, ok(send("POST", path .. members, bearer, more), 200)[1].id)
      ok(send("DELETE", path .. members, bearer, more), 204)
    end
    local left = ok(send("GET", path .. "/users?limit=10", bearer), 200)
    assert.equal(1, #left)
    assert.equal(users[1].id, left[1].id)
    assert.is_true(sdk.is_array(ok(send("PUT", path .. "/apps", bearer, "[]"), 200)))
    ok(send("DELETE", path, bearer), 204)
    assert.equal(404, send("GET", path, bearer).status)
  end)

  it("lists, creates, changes and deletes apps", function()
    local rows = walk("/api/2/apps", "?limit=2")
    assert.is_true(#rows > 2)
    local named = ok(send("GET", "/api/2/apps?name=" .. rows[1].name:sub(1, 2) .. "%2A&auth_method="
      .. rows[1].auth_method, bearer), 200)
    assert.equal(rows[1].id, named[1].id)

    local app = ok(send("POST", "/api/2/apps", bearer, '{"connector_id":110004,"name":"N4",'
      .. '"description":"d","visible":true,'
      .. '"configuration":{"audience":"https://sp.example.com/audience","signature_algorithm":"SHA-256"},'
      .. '"parameters":{"saml_username":{"user_attribute_mappings":"email","label":"NameID"}}}'), 201)
    assert.equal("https://sp.example.com/audience", app.configuration.audience)
    local path = "/api/2/apps/" .. app.id
    assert.equal("N4b",
      ok(send("PUT", path, bearer, '{"connector_id":110004,"name":"N4b"}'), 200).name)
    app = ok(send("GET", path, bearer), 200)
    assert.same({ "N4b", "d", "NameID" },
      { app.name, app.description, app.parameters.saml_username.label })
    ok(send("DELETE", path, bearer), 204)
    assert.equal(404, send("GET", path, bearer).status)
  end)

  it("revokes its token", function()
    local value = ok(send("POST", "/auth/oauth2/revoke", pair, ('{"access_token":"%s"}'):format(token)),
      200)
    assert.is_false(value.status.error)
    assert.equal(401, send("GET", "/auth/rate_limit", bearer).status)
  end)
end)

describe("the Node SDK 1.0.9", function()
  local send, bearer

  -- Its repository takes any status below 400 and reads the body; axios needs JSON to be parseable.
  local function ok(answer, status)
    assert.equal(status, answer.status)
    return answer.value
  end

  setup(function()
    send = sdk.speaker(server, AXIOS)
    local token = ok(send("POST", "/auth/oauth2/v2/token",
      "Basic " .. sdk.base64(server.client_id .. ":" .. server.client_secret),
      '{"grant_type":"client_credentials"}'), 200)
    assert.is_true(sdk.is_instant(token.created_at)) -- new Date(created_at) + expires_in
    assert.is_true(token.expires_in >= 3600)
    bearer = "Bearer " .. token.access_token
  end)

  -- OneLoginAppsRepository, and HTTPRepository with the paths of the two other resources.
  for _, case in ipairs {
    { "apps", "?limit=2&name=W*", '{"connector_id":110004,"name":"N1","description":"d"}',
      '{"connector_id":110004,"name":"N1b"}', "name", "N1b" },
    { "users", "?limit=50", '{"username":"n1","email":"n1@example.com","firstname":"F","lastname":"L"}',
      '{"firstname":"G"}', "firstname", "G" },
    { "roles", "?limit=50", '{"name":"N1"}', '{"name":"N1b"}', "name", "N1b" },
  } do
    local resource, query, made, changed, field, value = (table.unpack or unpack)(case)

    it("lists, creates, changes and deletes " .. resource, function()
      local path = "/api/2/" .. resource
      local rows = ok(send("GET", path .. query, bearer), 200)
      assert.is_true(sdk.is_array(rows))
      assert.is_true(#rows > 0)
      local id = ok(send("POST", path, bearer, made), 201).id
      path = path .. "/" .. ("%d"):format(id)
      assert.equal(id, ok(send("GET", path, bearer), 200).id)
      assert.equal(id, ok(send("PUT", path, bearer, changed), 200).id)
      assert.equal(value, ok(send("GET", path, bearer), 200)[field])
      ok(send("DELETE", path, bearer), 204)
      assert.equal(404, send("GET", path, bearer).status)
    end)
  end
end)

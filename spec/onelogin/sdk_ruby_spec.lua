-- What the official Ruby SDK sends, replayed to a served sandbox over HTTPS, and what its code reads
-- of the answers. Written from its sources and held against recordings of it running:
-- release 1.6.0 (35ee99f, HTTParty 0.21.0 on Net::HTTP of Ruby 3.1: users and roles of version 1,
-- apps of version 2) and, as 1.6.0 cannot write roles nor speak version 2 users, pre-release
-- 3.0.0-alpha.1 (46930fd, Typhoeus 1.4.0 on libcurl).
local canary = require "spec.support.canary"
local sdk = require "spec.support.sdk"

-- One connection a request; the body leaves after the header.
local RELEASE = {
  apart = true,
  head = function(r)
    local length = r.body and #r.body or r.method == "PUT" and 0
    return sdk.lines("Content-Type: application/json", "User-Agent: onelogin-ruby-sdk v1.6.0",
      r.authorization and "Authorization: " .. r.authorization,
      "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "Accept: */*",
      "Connection: close", "Host: " .. r.host, length and "Content-Length: " .. length)
  end,
}

local ALPHA = {
  keep = true, apart = true,
  head = function(r)
    return sdk.lines("Host: " .. r.host, "User-Agent: OpenAPI-Generator/3.0.0-alpha.1/ruby",
      "Content-Type: application/json", "Accept: application/json",
      "Authorization: " .. r.authorization, r.body and "Content-Length: " .. #r.body)
  end,
}

-- The example of the SDK's README, with a connector that the sandbox has.
local SAML_APP = '{"name":"%s","description":"Created SAML App by API description",'
  .. '"notes":"Created SAML App by API notes","auth_method":2,"allow_assumed_signin":false,'
  .. '"parameters":{"saml_username":{"user_attribute_mappings":"email","label":"NameID (fka Email)"}%s},'
  .. '"connector_id":110004,"visible":true,"configuration":{"saml_initiater_id":"0",'
  .. '"encrypt_assertion":"0","recipient":"http://sp.example.com/acs","saml_notbefore":"3",'
  .. '"saml_nameid_format_id":"0","saml_issuer_type":"0","saml_sign_element":"0",'
  .. '"consumer_url":"http://sp.example.com/acs","validator":".*","relaystate":"",'
  .. '"logout_url":"http://sp.example.com/sls","saml_encryption_method_id":"0",'
  .. '"login":"http://sp.example.com/login","saml_sessionnotonorafter":"1440",'
  .. '"generate_attribute_value_tags":"0","saml_notonorafter":"3",'
  .. '"audience":"http://sp.example.com/audience","signature_algorithm":"SHA-256"}}'

local server

setup(function()
  server = sdk.start()
end)

teardown(function()
  server.stop()
end)

describe("the Ruby SDK 1.6.0", function()
  local send, token, bearer

  -- OneLoginToken.new and access_token of client.rb.
  local function read_token(answer)
    assert.equal(200, answer.status)
    local value = answer.value
    assert.is_nil(value.status) -- its sign of an error
    assert.equal("string", type(value.access_token))
    assert.is_true(#value.access_token > 0 and #value.refresh_token > 0)
    assert.is_true(sdk.is_instant(value.created_at))
    assert.is_true(value.expires_in > 0)
    return value
  end

  -- Cursor#each of cursor.rb: rows of all pages, and how many pages there were. `query` is what
  -- HTTParty makes of the parameters: a bare "?" when there are none.
  local function walk(path, query)
    local rows, pages, cursor = {}, 0, nil
    repeat
      local target = path .. "?" .. (query or "")
      if cursor then
        target = target .. (query and "&" or "") .. "after_cursor=" .. sdk.encode(cursor)
      end
      local answer = send("GET", target, bearer)
      assert.equal(200, answer.status)
      assert.is_true(sdk.is_array(answer.value.data))
      for _, row in ipairs(answer.value.data) do rows[#rows + 1] = row end
      pages = pages + 1
      local pagination = answer.value.pagination
      cursor = pagination and pagination.after_cursor
      assert.is_true(pages < 50)
    until not cursor
    return rows, pages
  end

  -- What User.new of models/user.rb does to a row raises on a date of another form.
  local function read_user(answer)
    assert.equal(200, answer.status)
    local row = answer.value.data[1]
    assert.equal("number", type(row.id))
    for _, name in ipairs { "activated_at", "created_at", "updated_at", "password_changed_at",
      "invitation_sent_at", "last_login", "locked_until" } do
      assert.is_true(row[name] == nil or sdk.is_instant(row[name]))
    end
    assert.is_true(row.role_id == nil or sdk.is_array(row.role_id))
    return row
  end

  -- handle_operation_response of client.rb.
  local function succeeded(answer)
    return answer.status == 200 and answer.value.status.type == "success"
  end

  -- extract_error_message_from_response of util/parser.rb.
  local function message_of(answer)
    local status = answer.value.status
    if type(status) == "table" then
      if type(status.message) == "table" then return status.message.description end
      return status.message or status.type
    end
    return answer.value.message or answer.value.name
  end

  setup(function()
    send = sdk.speaker(server, RELEASE)
    token = read_token(send("POST", "/auth/oauth2/v2/token", ("client_id:%s,client_secret:%s")
      :format(server.client_id, server.client_secret), '{"grant_type":"client_credentials"}'))
    bearer = "bearer " .. token.access_token
  end)

  it("reads its rate limits", function()
    local answer = send("GET", "/auth/rate_limit", bearer)
    assert.equal(200, answer.status)
    for _, name in ipairs { "Limit", "Remaining", "Reset" } do
      assert.equal("number", type(answer.value.data["X-RateLimit-" .. name]))
    end
  end)

  it("walks users by the cursor in the body", function()
    local rows, pages = walk("/api/1/users")
    assert.equal(120, #rows)
    assert.equal(3, pages)
    rows, pages = walk("/api/1/users", "limit=40")
    assert.equal(120, #rows)
    assert.equal(3, pages)
    local seen = {}
    for _, row in ipairs(rows) do
      assert.is_nil(seen[row.id])
      seen[row.id] = true
    end
    local named = walk("/api/1/users", "fields=email%2Cfirstname")[1]
    assert.is_truthy(named.firstname and named.email)
    assert.is_nil(named.lastname)
    assert.same({ rows[4].id },
      { walk("/api/1/users", "email=" .. sdk.encode(rows[4].email))[1].id })
    assert.same({}, (walk("/api/1/users", "email=a%2Bb%20c%40example.com")))
  end)

  it("creates a user, writes back all that it read of it, and deletes it", function()
    local body = '{"email":"testcreate_1@example.com","firstname":"testcreate_1_fn",'
      .. '"lastname":"testcreate_1_ln","username":"testcreate_1@example.com"}'
    local user = read_user(send("POST", "/api/1/users", bearer, body))
    assert.equal("testcreate_1_fn", user.firstname)

    local answer = send("POST", "/api/1/users", bearer, body)
    assert.equal(400, answer.status)
    assert.is_truthy(message_of(answer):find("must be unique", 1, true))
    assert.equal("username", answer.value.status.message.attribute)

    local path = "/api/1/users/" .. user.id
    user = read_user(send("GET", path, bearer))
    assert.equal("testcreate_1_ln", user.lastname)

    -- get_user_params of models/user.rb, with another first name: texts that are null become "".
    user = read_user(send("PUT", path, bearer, '{"external_id":null,'
      .. '"email":"testcreate_1@example.com","username":"testcreate_1@example.com",'
      .. '"firstname":"modified_firstname","lastname":"testcreate_1_ln","distinguished_name":"",'
      .. '"phone":"","company":"","department":"","title":"","status":0,"state":1,"member_of":"",'
      .. '"samaccountname":"","invalid_login_attempts":0,"userprincipalname":"","group_id":null,'
      .. '"locale_code":"","openid_name":"testcreate_1","directory_id":null,"manager_ad_id":null,'
      .. '"trusted_idp_id":null,"manager_user_id":null}'))
    assert.equal("modified_firstname", user.firstname)
    user = read_user(send("PUT", path, bearer, '{"lastname":"L2","trusted_idp_id":12}'))
    assert.equal("L2", user.lastname)
    assert.equal(12, user.trusted_idp_id)
    user = read_user(send("GET", path, bearer))
    assert.equal("modified_firstname", user.firstname)

    answer = send("PUT", path, bearer, '{"trusted_idp":12}')
    assert.equal(400, answer.status)
    assert.equal("trusted_idp is not a valid attribute for user model", message_of(answer))

    local word = canary.password
    assert.is_true(succeeded(send("PUT", "/api/1/users/set_password_clear_text/" .. user.id, bearer,
      ('{"password":"%s","password_confirmation":"%s","validate_policy":false}'):format(word, word))))
    assert.is_true(succeeded(send("PUT", path .. "/set_state", bearer, '{"state":0}')))
    assert.is_true(succeeded(send("PUT", path .. "/lock_user", bearer, '{"locked_until":5}')))
    assert.is_true(succeeded(send("PUT", path .. "/logout", bearer)))

    assert.is_true(succeeded(send("DELETE", path, bearer)))
    answer = send("GET", path, bearer)
    assert.equal(404, answer.status)
    assert.equal(("User for id %d was not found"):format(user.id), message_of(answer))
    assert.equal(404, send("DELETE", path, bearer).status)
  end)

  it("reads roles, and gives them to a user and takes them back", function()
    local rows, pages = walk("/api/1/roles", "limit=5")
    assert.equal(12, #rows)
    assert.equal(3, pages)
    assert.equal(12, #walk("/api/1/roles"))
    local answer = send("GET", "/api/1/roles/" .. rows[2].id, bearer)
    assert.equal(200, answer.status)
    assert.same({ rows[2].id, rows[2].name }, { answer.value.data[1].id, answer.value.data[1].name })
    answer = send("GET", "/api/1/roles/1", bearer)
    assert.equal(404, answer.status)
    assert.equal("Role for id 1 was not found", message_of(answer))

    local user = read_user(send("POST", "/api/1/users", bearer, '{"email":"r16@example.com",'
      .. '"firstname":"R","lastname":"R","username":"r16@example.com"}'))
    local path = "/api/1/users/" .. user.id
    local function roles()
      local got = send("GET", path .. "/roles", bearer)
      assert.equal(200, got.status)
      return got.value.data[1]
    end
    local body = ('{"role_id_array":[%d,%d]}'):format(rows[1].id, rows[2].id)
    assert.is_true(succeeded(send("PUT", path .. "/add_roles", bearer, body)))
    assert.same({ rows[1].id, rows[2].id }, roles())
    body = ('{"role_id_array":[%d]}'):format(rows[1].id)
    assert.is_true(succeeded(send("PUT", path .. "/remove_roles", bearer, body)))
    assert.same({ rows[2].id }, roles())
    assert.is_true(succeeded(send("DELETE", path, bearer)))
  end)

  it("lists, creates, changes and deletes apps", function()
    local answer = send("GET", "/api/2/apps?", bearer)
    assert.equal(200, answer.status)
    assert.is_true(sdk.is_array(answer.value))
    local before = #answer.value
    for _, app in ipairs(answer.value) do
      assert.equal("number", type(app.id))
      assert.equal("number", type(app.connector_id))
      assert.equal("string", type(app.name))
    end
    for _, app in ipairs(send("GET", "/api/2/apps?auth_method=2", bearer).value) do
      assert.equal(2, app.auth_method)
    end

    answer = send("POST", "/api/2/apps", bearer, SAML_APP:format("Created SAML App by API",
      ',"extra":{"user_attribute_mappings":"lastname","label":"Extra"}'))
    assert.equal(201, answer.status)
    local id = answer.value.id
    assert.equal("number", type(id))
    local path = "/api/2/apps/" .. id

    answer = send("PUT", path, bearer, SAML_APP:format("Created SAML App by API updated", ""))
    assert.equal(200, answer.status)
    assert.equal(id, answer.value.id)

    answer = send("GET", path, bearer)
    assert.equal(200, answer.status)
    local app = answer.value
    assert.same({ id, "Created SAML App by API updated", 110004, 2, true },
      { app.id, app.name, app.connector_id, app.auth_method, app.visible })
    assert.equal("http://sp.example.com/audience", app.configuration.audience)
    assert.equal("email", app.parameters.saml_username.user_attribute_mappings)
    assert.equal(before + 1, #send("GET", "/api/2/apps?", bearer).value)

    local extra = ("%s/parameters/%d"):format(path, app.parameters.extra.id)
    assert.equal(204, send("DELETE", extra, bearer).status)
    assert.is_nil(send("GET", path, bearer).value.parameters.extra)

    assert.equal(204, send("DELETE", path, bearer).status)
    answer = send("GET", path, bearer)
    assert.equal(404, answer.status)
    assert.equal(404, answer.value.statusCode) -- its extract_status_code_from_response
    assert.equal("The resource with the given id could not be found", message_of(answer))
  end)

  it("renews its token without credentials, and revokes it", function()
    local fresh = read_token(send("POST", "/auth/oauth2/v2/token", nil,
      ('{"grant_type":"refresh_token","access_token":"%s","refresh_token":"%s"}')
        :format(token.access_token, token.refresh_token)))
    bearer = "bearer " .. fresh.access_token
    assert.equal(200, send("GET", "/api/1/users?limit=1", bearer).status)
    assert.equal(200, send("POST", "/auth/oauth2/revoke", ("client_id:%s,client_secret:%s")
      :format(server.client_id, server.client_secret),
      ('{"access_token":"%s"}'):format(fresh.access_token)).status)
    assert.equal(401, send("GET", "/api/1/users?limit=1", bearer).status)
  end)
end)

describe("the Ruby SDK 3.0.0-alpha.1", function()
  local send, token, bearer, pair

  setup(function()
    send = sdk.speaker(server, ALPHA)
    pair = ("client_id:%s, client_secret:%s"):format(server.client_id, server.client_secret)
    local answer = send("POST", "/auth/oauth2/v2/token", pair, '{"grant_type":"client_credentials"}')
    assert.equal(200, answer.status)
    token = answer.value.access_token
    bearer = "Bearer " .. token
  end)

  -- deserialize of api_client.rb: no body, or JSON said to be JSON.
  local function gone(answer)
    return answer.status == 204 and answer.text == ""
  end

  it("walks users by the cursor in a header, and writes them", function()
    local answer = send("GET", "/api/2/users?limit=50", bearer)
    local rows = 0
    repeat
      assert.equal(200, answer.status)
      assert.is_true(sdk.is_array(answer.value))
      rows = rows + #answer.value
      local cursor = answer.headers["after-cursor"]
      if cursor then answer = send("GET", "/api/2/users?cursor=" .. sdk.encode(cursor), bearer) end
    until not cursor
    assert.equal(120, rows)
    answer = send("GET", "/api/2/users?limit=2&firstname=A%2A&fields=id%2Cemail", bearer)
    assert.equal(2, #answer.value)
    assert.is_nil(answer.value[1].firstname)

    answer = send("POST", "/api/2/users?mappings=sync", bearer,
      '{"username":"t3","email":"t3@example.com","firstname":"A","lastname":"B"}')
    assert.equal(201, answer.status)
    local path = "/api/2/users/" .. answer.value.id
    answer = send("PUT", path, bearer, '{"firstname":"Changed"}')
    assert.equal(200, answer.status)
    assert.equal("Changed", answer.value.firstname)
    assert.equal("B", send("GET", path, bearer).value.lastname)
    assert.is_true(gone(send("DELETE", path, bearer)))
    assert.equal(404, send("GET", path, bearer).status)
  end)

  it("lists, creates, changes and deletes roles", function()
    local answer = send("GET", "/api/2/roles?limit=5&fields=apps", bearer)
    assert.equal(200, answer.status)
    assert.equal(5, #answer.value)
    assert.is_true(sdk.is_array(answer.value[1].apps))
    assert.equal("string", type(answer.headers["after-cursor"]))

    local ids = { send("GET", "/api/2/users?limit=2", bearer).value }
    local one, two = ids[1][1].id, ids[1][2].id
    -- create_roles has no parameter for a role: callers hand it the body as debug_body.
    answer = send("POST", "/api/2/roles", bearer,
      ('{"name":"R3","apps":[],"users":[%d],"admins":[]}'):format(one))
    assert.equal(201, answer.status)
    local id = answer.value.id
    local path = "/api/2/roles/" .. id
    answer = send("PUT", path, bearer, '{"name":"R3b"}')
    assert.equal(200, answer.status)
    assert.equal(id, answer.value.id)
    answer = send("GET", path, bearer)
    assert.same({ id, "R3b" }, { answer.value.id, answer.value.name })

    answer = send("POST", path .. "/users", bearer, ("[%d]"):format(two))
    assert.equal(200, answer.status)
    assert.equal(two, answer.value[1].id)
    assert.equal(2, #send("GET", path .. "/users", bearer).value)
    assert.is_true(gone(send("DELETE", path .. "/users", bearer, ("[%d]"):format(two))))
    answer = send("GET", path .. "/users", bearer)
    assert.equal(1, #answer.value)
    assert.equal(one, answer.value[1].id)
    assert.is_true(sdk.is_array(send("PUT", path .. "/apps", bearer, "[]").value))
    assert.is_true(gone(send("DELETE", path, bearer)))
    assert.equal(404, send("GET", path, bearer).status)
  end)

  it("lists, creates, changes and deletes apps", function()
    local answer = send("GET", "/api/2/apps?limit=2", bearer)
    assert.equal(200, answer.status)
    assert.equal(2, #answer.value)
    answer = send("POST", "/api/2/apps", bearer,
      '{"connector_id":110004,"name":"App3","description":"d"}')
    assert.equal(201, answer.status)
    local path = "/api/2/apps/" .. answer.value.id
    -- Schema#to_hash sends back what only the service sets too; the service passes over it.
    answer = send("PUT", path, bearer, ('{"id":%d,"connector_id":110004,"name":"App3b",'
      .. '"description":"d","icon_url":"%s","visible":true,"auth_method":2,"created_at":"%s",'
      .. '"updated_at":"%s","role_ids":[],"allow_assumed_signin":false,'
      .. '"provisioning":{"enabled":false}}'):format(answer.value.id, answer.value.icon_url,
        answer.value.created_at, answer.value.updated_at))
    assert.equal(200, answer.status)
    assert.equal("App3b", answer.value.name)
    assert.equal("d", send("GET", path, bearer).value.description)
    assert.is_true(gone(send("DELETE", path, bearer)))
    assert.equal(404, send("GET", path, bearer).status)
  end)

  it("revokes its token", function()
    local answer = send("POST", "/auth/oauth2/revoke", pair, ('{"access_token":"%s"}'):format(token))
    assert.equal(200, answer.status)
    assert.is_false(answer.value.status.error)
    assert.equal(401, send("GET", "/api/2/users?limit=1", bearer).status)
  end)
end)

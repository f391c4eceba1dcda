-- The named traits that few operations have: headers, forms, another host, XML and text, camel-case cursors.

local onelogin = require "onelogin"
local canary = require "spec.support.canary"

-- A client over a scripted transport.
local function client(answer, base)
  local t = { requests = {} }
  t.ol = onelogin.new({ base_url = base or "https://acme.test", client_id = "id",
    client_secret = canary.secret, transport = {
    send = function(_, r)
      if r.operation == "oauth.generate_tokens" and not t.own_token then
        return { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '"}' }
      end
      t.requests[#t.requests + 1] = r
      local a = type(answer) == "function" and answer(r, #t.requests) or answer
      return { status = a[1], headers = a[3] or {}, body = a[2] or "" }
    end } })
  return t
end

describe("traits", function()
  it("send a form, without a bearer, and take a redirect for success", function()
    local t = client { 302, "<html>moved</html>", { location = "https://evil.test" } }
    assert.is_true(t.ol.login:create_session { session_token = canary.token .. " &=" })
    local r = t.requests[1]
    assert.equal("POST", r.method)
    assert.equal("https://acme.test/session_via_api_token", r.url)
    assert.equal("session_token=" .. canary.token .. "%20%26%3D", r.body)
    assert.equal("application/x-www-form-urlencoded", r.headers["Content-Type"])
    assert.is_nil(r.headers.Authorization)
    assert.equal(1, #t.requests)
  end)

  it("send parameters as headers, with no way to smuggle another", function()
    local t = client { 200, '{"status":{"error":false,"code":200,"type":"success","message":"Success"},'
      .. '"data":[{"session_token":"x"}]}' }
    local person = { username_or_email = "a", password = canary.password, subdomain = "s" }
    person["Custom-Allowed-Origin-Header-1"] = "https://login.example.com"
    assert.equal("x", assert(t.ol.login:create_session_token(person)).session_token)
    assert.equal("https://login.example.com", t.requests[1].headers["Custom-Allowed-Origin-Header-1"])
    assert.is_nil(t.requests[1].body:find("Custom", 1, true))
    assert.matches("^Bearer ", t.requests[1].headers.Authorization)
    local plan = t.ol.login:create_session_token(person, { dry_run = true })
    assert.equal("https://login.example.com", plan.headers["Custom-Allowed-Origin-Header-1"])
    assert.is_nil(plan.body:find(canary.password, 1, true))
    person["Custom-Allowed-Origin-Header-1"] = "https://x\r\nAuthorization: y"
    assert.has_error(function() t.ol.login:create_session_token(person) end)
    person["Custom-Allowed-Origin-Header-1"] = nil
    assert(t.ol.login:create_session_token(person))
    assert.is_nil(t.requests[2].headers["Custom-Allowed-Origin-Header-1"])
    assert.equal(2, #t.requests)
  end)

  it("go to a host of their own, and never with a bearer", function()
    local t = client({ 200, "<response><authenticated>true</authenticated><firstname>A</firstname></response>" },
      "https://acme.onelogin.com")
    local who = assert(t.ol.legacy:delegated_auth { api_key = canary.token, email = "a@b", password = canary.password })
    assert.is_true(who.authenticated)
    assert.equal("A", who.firstname)
    assert.matches("^https://api%.onelogin%.com/api/v1/delegated_auth%?", t.requests[1].url)
    assert.is_nil(t.requests[1].headers.Authorization)
    local plan = t.ol.legacy:delegated_auth({ api_key = canary.token, email = "a@b", password = canary.password },
      { dry_run = true })
    assert.is_nil(plan.url:find(canary.token, 1, true))
    assert.is_nil(plan.url:find("Canary", 1, true))
    -- a client that talks to a sandbox must not tell OneLogin a password
    for _, base in ipairs { "https://acme.onelogin.test", "http://127.0.0.1:8080", "https://onelogin.com.evil.test" } do
      t = client({ 200, "<response><authenticated>true</authenticated></response>" }, base)
      assert(t.ol.legacy:delegated_auth { api_key = "k", email = "a@b", password = canary.password })
      assert.equal(base .. "/api/v1/delegated_auth", t.requests[1].url:match("^[^?]+"))
    end
  end)

  it("say yes to exactly one authenticated = true under response", function()
    local answer
    local t = client(function() return { 200, answer } end)
    local function ask() return t.ol.legacy:delegated_auth { api_key = "k", email = "a@b", password = "pw-pw" } end
    for _, no in ipairs { "<response><authenticated>false</authenticated></response>",
      "<response><authenticated>True</authenticated></response>",
      "<response><authenticated> true</authenticated></response>",
      "<response><authenticated/></response>", "<response/>", "<response>true</response>",
      "<response><x><authenticated>true</authenticated></x></response>" } do
      answer = no
      assert.is_not_true(assert(ask()).authenticated)
    end
    answer = "<response><authenticated>t<!-- c -->r<![CDATA[u]]>e</authenticated></response>"
    assert.is_true(ask().authenticated) -- one text, however it is cut
    for _, bad in ipairs { "<r><authenticated>true</authenticated></r>",
      "<response><authenticated>true</authenticated><authenticated>false</authenticated></response>",
      "<!DOCTYPE r [<!ENTITY a 'true'>]><response><authenticated>&a;</authenticated></response>",
      "<!DOCTYPE response><response><authenticated>true</authenticated></response>",
      "<?php x ?><response><authenticated>true</authenticated></response>",
      "<response><authenticated>true</authenticated>", "{}", "", "true", ("<a>"):rep(40),
      "<response><authenticated>true</authenticated></response><response/>" } do
      answer = bad
      local value, err = ask()
      assert.is_nil(value)
      assert.equal("decode", err.kind)
    end
  end)

  it("read lists of XML and plain text", function()
    local t = client { 200, "<apps><app><id>1</id><name>N &amp; M</name></app><app><id>2</id></app></apps>" }
    local apps = assert(t.ol.embed_apps:list { token = canary.token, email = "e" })
    assert.same({ { id = "1", name = "N & M" }, { id = "2" } }, apps)
    t = client { 200, "OK\n" }
    assert.equal("OK", t.ol.smart_mfa:verify_token { state_token = canary.token, otp_token = canary.otp })
  end)

  it("walk camel-case cursors", function()
    local t = client(function(_, n)
      return { 200, n == 1 and '{"total":3,"users":[1,2],"beforeCursor":null,"afterCursor":"c2"}'
        or '{"total":3,"users":[3],"beforeCursor":"c1","afterCursor":null}' }
    end)
    local pager = t.ol.privileges.list_users:pages("00000000-0000-0000-0000-000000000001")
    assert.same({ 1, 2, 3 }, assert(pager:collect()))
    assert.equal(3, pager.total)
    assert.matches("after_cursor=c2$", t.requests[2].url)
    assert.equal(2, #t.requests)
  end)

  it("wrap bodies and take errors of the token route for what they are", function()
    local t = client { 201, '{"id":1}' }
    assert(t.ol.custom_attributes:create { name = "Food", shortname = "food" })
    assert.matches('^{"user_field":{', t.requests[1].body)
    t = client { 200, '{"status":{"error":true,"code":401,"type":"Unauthorized","message":"Authentication Failure"}}' }
    t.own_token = true
    local value, err = t.ol.oauth:generate_tokens { grant_type = "client_credentials" }
    assert.is_nil(value)
    assert.equal("auth", err.kind)
  end)
end)

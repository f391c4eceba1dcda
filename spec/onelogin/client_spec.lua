-- The client against a transport of our own: requests as they leave, answers as they come, misuse before any I/O.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local canary = require "spec.support.canary"

local json = core.json

-- A transport that plays a script: a list of answers (functions or tables), and records requests.  Its clock
-- stands still but for sleep.
local function fake(answers)
  local t = { requests = {}, slept = {}, now = 1000, wall = 1700000000 }
  t.transport = {
    send = function(_, request)
      t.requests[#t.requests + 1] = request
      local a
      if request.operation == "oauth.generate_tokens" and not t.script_tokens then
        t.tokens = (t.tokens or 0) + 1
        return { status = 200, headers = {}, body = json.encode { access_token = t.token or canary.token,
          created_at = "2023-11-14T22:13:20.000Z", expires_in = 36000, token_type = "bearer" } }
      end
      t.n = (t.n or 0) + 1
      a = answers[t.n] or answers[#answers]
      if type(a) == "function" then return a(request, t) end
      if a.fail then return nil, a.fail end
      local body = type(a[2]) == "table" and json.encode(a[2]) or a[2] or ""
      return { status = a[1], headers = a.headers or {}, body = body }
    end,
  }
  t.clock = {
    mono = function() return t.now end,
    wall = function() return t.wall end,
    sleep = function(s)
      t.slept[#t.slept + 1] = s
      t.now, t.wall = t.now + s, t.wall + s
    end,
  }
  function t:client(more)
    local options = { base_url = "https://acme.test", client_id = "the-id", client_secret = canary.secret,
      transport = self.transport, clock = self.clock, seed = 7 }
    for k, v in pairs(more or {}) do options[k] = v end
    return onelogin.new(options)
  end
  function t:own()
    local out = {}
    for _, r in ipairs(self.requests) do
      if r.operation ~= "oauth.generate_tokens" then out[#out + 1] = r end
    end
    return out
  end
  return t
end

describe("a client", function()
  it("fetches a token once and sends what the table says", function()
    local t = fake { { 200, { id = 5, username = "ann" } } }
    local ol = t:client()
    local user = assert(ol.users:get(5))
    assert.equal("ann", user.username)
    assert.equal(5, user.id)
    assert(ol.users:get(5))
    assert.equal(1, t.tokens)
    local token, first = t.requests[1], t.requests[2]
    assert.same({ "POST", "https://acme.test/auth/oauth2/v2/token" }, { token.method, token.url })
    assert.equal("client_id:the-id, client_secret:" .. canary.secret, token.headers.Authorization)
    assert.equal("application/json", token.headers["Content-Type"])
    assert.equal('{"grant_type":"client_credentials"}', token.body)
    assert.same({ "GET", "https://acme.test/api/2/users/5" }, { first.method, first.url })
    assert.equal("Bearer " .. canary.token, first.headers.Authorization)
    assert.matches("^onelogin%-lua/%d", first.headers["User-Agent"])
    assert.is_nil(first.body)
    assert.is_nil(first.once)
    assert.equal(30, first.timeout)
    assert.equal(5, first.connect_timeout)
  end)

  it("uses the Basic form when asked", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client { auth_header = "basic", client_id = "Aladdin", client_secret = "open sesame" }
    assert(ol.users:get(5))
    assert.equal("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", t.requests[1].headers.Authorization)
  end)

  it("sends writes once, with their own times", function()
    local t = fake { { 201, { id = 9 } } }
    local ol = t:client()
    assert(ol.users:create { username = "bob", email = "bob@acme.test" })
    local r = t:own()[1]
    assert.equal("POST", r.method)
    assert.is_true(r.once)
    assert.equal(120, r.timeout)
    assert.same({ username = "bob", email = "bob@acme.test" }, json.decode(r.body))
  end)

  it("merges call over client options", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client { timeout = 7, deadline = 9 }
    assert(ol.users:get(5))
    assert(ol.users:get(5, nil, { timeout = 3 }))
    assert.equal(7, t:own()[1].timeout)
    assert.equal(3, t:own()[2].timeout)
  end)

  it("lets a longer timeout stretch the deadline, and a deadline cut the attempt", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client()
    assert(ol.users:get(5, nil, { timeout = 300 }))
    assert(ol.users:get(5, nil, { deadline = 2 }))
    assert.equal(300, t:own()[1].timeout)
    assert.equal(2, t:own()[2].timeout)
  end)

  it("refuses bad ids and options before any I/O", function()
    local t = fake { { 200, {} } }
    local ol = t:client()
    for _, bad in ipairs { "", "..", ".", "a/b", "a?b", "a\nb", "a\0b", "../roles", 0 / 0, 1 / 0, 1.5, {}, true,
      print } do
      local ok, message = pcall(function() return ol.mfa:get_verification(1, bad) end)
      assert.is_false(ok, tostring(bad))
      assert.is_string(message)
      assert.matches("verification_id", message)
    end
    for _, bad in ipairs { { timeout = -1 }, { timeout = "x" }, { deadline = 0 }, { attempts = 1.5 }, { nulls = "no" },
      { retry = 3 }, { retry = { tries = 2 } }, { retry = { base = -1 } }, { tiemout = 2 } } do
      local ok, message = pcall(function() return ol.users:get(1, nil, bad) end)
      assert.is_false(ok)
      assert.is_string(message)
    end
    assert.has_error(function() return ol.users:get() end)
    assert.has_error(function() return ol.users.get(1) end)
    assert.has_error(function() return ol.users:get(nil) end)
    assert.equal(0, #t.requests)
  end)

  it("tells the nearest name for a misspelt resource, operation or member", function()
    local ol = fake({}):client()
    local function message(f) return select(2, pcall(f)) end
    assert.matches('did you mean "users"', message(function() return ol.user end))
    assert.matches('did you mean "list"', message(function() return ol.users.lst end))
    assert.matches("colon", message(function() return ol.users.get(1) end))
    assert.matches("no member", message(function() return ol.users.get.nothing end))
    assert.has_error(function() ol.users.get = 1 end)
  end)

  it("is closed by close, twice, and says so afterwards", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client()
    local users, get = ol.users, ol.users.get
    local pages = ol.users:pages()
    ol:close()
    ol:close()
    assert.matches("closed", tostring(ol))
    assert.has_error(function() return ol.users:get(1) end)
    assert.has_error(function() return users:get(1) end)
    assert.has_error(function() return get(users, 1) end)
    assert.has_error(function() return pages:next() end)
    assert.equal(0, #t.requests)
  end)

  it("shows no secret in what it prints", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client()
    assert(ol.users:get(5))
    local text = table.concat { tostring(ol), tostring(ol.users), tostring(ol.users.get), json.encode(ol:inspect()) }
    assert.is_nil(text:find(canary.secret, 1, true))
    assert.is_nil(text:find(canary.token, 1, true))
    assert.is_false(getmetatable(ol))
    assert.is_false(getmetatable(ol.users.get))
  end)

  it("calls a secret function, and again once when the pair is refused", function()
    local t, asked = fake {
      { 401, { status = { error = true, code = 401, type = "Unauthorized", message = "Authentication Failure" } } },
      { 200, { access_token = "t2", expires_in = 36000 } }, { 200, { id = 5 } } }, {}
    t.script_tokens = true
    local ol = t:client { client_secret = function(again)
      asked[#asked + 1] = again
      return again and "new" or "old"
    end }
    assert(ol.users:get(5))
    assert.same({ false, true }, asked)
    assert.equal("client_id:the-id, client_secret:old", t.requests[1].headers.Authorization)
    assert.equal("client_id:the-id, client_secret:new", t.requests[2].headers.Authorization)
    assert.equal("Bearer t2", t.requests[3].headers.Authorization)
  end)

  it("survives a secret function that fails", function()
    local t = fake { { 200, {} } }
    local ol = t:client { client_secret = function() error("vault says " .. canary.secret) end }
    local user, err = ol.users:get(5)
    assert.is_nil(user)
    assert.equal("auth", err.kind)
    assert.is_nil(tostring(err):find(canary.secret, 1, true))
    ol = t:client { client_secret = function() return "" end }
    user, err = ol.users:get(5)
    assert.is_nil(user)
    assert.matches("non%-empty", err.message)
    assert.equal(0, #t.requests)
  end)

  it("keeps two tenants apart", function()
    local a, b = fake { { 200, { id = 1 } } }, fake { { 200, { id = 2 } } }
    a.token, b.token = "token-of-a", "token-of-b"
    local one, two = a:client(), b:client { base_url = "https://beta.test" }
    for _ = 1, 3 do
      assert.equal(1, one.users:get(1).id)
      assert.equal(2, two.users:get(2).id)
    end
    for _, r in ipairs(a:own()) do assert.equal("Bearer token-of-a", r.headers.Authorization) end
    for _, r in ipairs(b:own()) do
      assert.equal("Bearer token-of-b", r.headers.Authorization)
      assert.matches("^https://beta%.test/", r.url)
    end
    assert.equal(1, a.tokens)
    assert.equal(1, b.tokens)
  end)

  it("repeats reads and says how often it tried", function()
    local t = fake { { 503, "" } }
    local ol = t:client()
    local user, err = ol.users:get(5)
    assert.is_nil(user)
    assert.equal("server", err.kind)
    assert.equal(503, err.status)
    assert.equal(4, err.attempts)
    assert.equal("users.get", err.operation)
    assert.equal("GET", err.method)
    assert.equal("/api/2/users/{user_id}", err.path)
    assert.equal(4, #t:own())
    assert.equal(3, #t.slept)
    assert.matches("users%.get: server %(HTTP 503%).*after 4 attempts", tostring(err))
  end)

  it("does not repeat a create that may have happened", function()
    for _, answer in ipairs { { 503, "" }, { fail = { kind = "network", message = "reset", sent = true } },
      { fail = { kind = "timeout", message = "slow", sent = true } },
      { fail = { kind = "resent", message = "", sent = true } } } do
      local t = fake { answer }
      local _, err = t:client().users:create { username = "x", email = "x@x.test" }
      assert.equal(1, #t:own())
      assert.equal(1, err.attempts)
    end
    local t = fake { { fail = { kind = "network", message = "refused", sent = false } }, { 201, { id = 1 } } }
    assert(t:client().users:create { username = "x", email = "x@x.test" })
    assert.equal(2, #t:own())
  end)

  it("never repeats what carries a password once it has left, not even on 401", function()
    local t = fake { { 401, { statusCode = 401, name = "UnauthorizedError", message = "Unauthorized" } } }
    local ol = t:client()
    local _, err = ol.users:set_password_cleartext(5,
      { password = canary.password, password_confirmation = canary.password })
    assert.equal(1, #t:own())
    assert.is_table(err)
    assert.is_nil(tostring(err):find(canary.password, 1, true))
  end)

  it("heals a revoked token once, and not when the server re-issues the same", function()
    local t = fake { { 401, { message = "Unauthorized", statusCode = 401, name = "UnauthorizedError" } },
      { 200, { id = 5 } } }
    t.token = "one"
    local ol = t:client()
    t.transport.send = (function(send)
      return function(self, r)
        local a, b = send(self, r)
        if r.operation ~= "oauth.generate_tokens" then t.token = "two" end
        return a, b
      end
    end)(t.transport.send)
    assert(ol.users:get(5))
    assert.equal(2, t.tokens)
    assert.equal("Bearer two", t:own()[2].headers.Authorization)

    t = fake { { 401, { message = "Unauthorized", statusCode = 401, name = "UnauthorizedError" } } }
    local _, err = t:client().users:get(5)
    assert.equal("auth", err.kind)
    assert.equal(1, #t:own())
    assert.equal(2, t.tokens)
    assert.matches("same token", err.hint)
  end)

  it("waits as the server says, or tells why it does not", function()
    local t = fake { { 429, "", headers = { ["retry-after"] = "7" } }, { 200, { id = 5 } } }
    assert(t:client().users:get(5))
    local slept = 0
    for _, s in ipairs(t.slept) do slept = slept + s end
    assert.is_true(slept >= 7 and slept <= 9, tostring(slept))

    t = fake { { 429, "", headers = { ["retry-after"] = "600" } } }
    local ol = t:client()
    local _, err = ol.users:get(5)
    assert.equal("rate_limited", err.kind)
    assert.equal(600, err.retry_after)
    assert.equal(1, #t:own())
    _, err = ol.users:get(5) -- held: nothing is sent
    assert.equal("rate_limited", err.kind)
    assert.equal(1, #t:own())
    assert.is_true(err.retry_after > 500)
  end)

  it("is not fooled by a transport that answers rubbish", function()
    for _, rubbish in ipairs { function() return nil end, function() return 7 end, function() return {} end,
      function() return { status = "200" } end, function() return { status = 200, body = 7, headers = 3 } end,
      function() return nil, "cable cut" end, function() return nil, { message = 3 } end } do
      local t = fake { rubbish }
      local value, err = t:client().users:delete(5)
      assert.is_true(value == nil or value == true)
      if value == nil then assert.is_string(err.kind) end
    end
  end)

  it("describes instead of sending in a dry run", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client { dry_run = true }
    local plan = ol.users:update(5,
      { title = "Chief", password = canary.password, password_confirmation = canary.password })
    assert.is_true(plan.dry_run)
    assert.equal("PUT", plan.method)
    assert.equal("https://acme.test/api/2/users/5", plan.url)
    assert.matches('"title":"Chief"', plan.body)
    assert.is_nil(plan.body:find(canary.password, 1, true))
    assert.is_nil(json.encode(plan):find(canary.token, 1, true))
    assert.equal(0, #t.requests)
    assert.equal(5, ol.users:get(5).id) -- reads run
    plan = ol.users:get(5, nil, { dry_run = true })
    assert.equal("GET", plan.method)
    assert.equal(1, #t:own())
  end)

  it("guards by allow", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client { allow = "read" }
    assert(ol.users:get(5))
    assert.has_error(function() return ol.users:delete(5) end)
    assert.has_error(function() return ol:request("POST", "/api/2/users", { body = {} }) end)
    ol = t:client { allow = { "users.delete", "roles.*" } }
    assert.has_error(function() return ol.users:get(5) end)
    assert(ol.users:delete(5))
    assert(ol.roles:get(5))
    assert.equal(3, #t:own())
  end)

  it("has an escape hatch with the same rules", function()
    local t = fake { { 200, { answer = 42 } } }
    local ol = t:client()
    local answer = assert(ol:request("GET", "/api/2/anything", { query = { q = "a&b", b = 1 } }))
    assert.equal(42, answer.answer)
    assert.equal("https://acme.test/api/2/anything?b=1&q=a%26b", t:own()[1].url)
    assert.equal("Bearer " .. canary.token, t:own()[1].headers.Authorization)
    assert(ol:request("POST", "/api/2/anything", { body = { x = { 1, 2 } } }))
    assert.equal('{"x":[1,2]}', t:own()[2].body)
    assert.is_true(t:own()[2].once)
    for _, bad in ipairs { "api", "//evil.test/x", "/a/../b", "/a?b", "/a#b", "/a b", "/a\nb", "/a/%2e%2e/b",
      "/{x}" } do
      assert.has_error(function() return ol:request("GET", bad) end)
    end
    assert.has_error(function() return ol:request("get", "/a") end)
    assert.has_error(function() return ol:request("GET", "/a", { quer = {} }) end)
    assert.has_error(function() return ol.request("GET", "/a") end)
    assert.equal(2, #t:own())
  end)

  it("keeps call objects that can be run, cancelled and collected", function()
    local t = fake { { 200, { id = 5 } } }
    local ol = t:client()
    local call = ol.users.get:call(5)
    assert.equal(5, call:run().id)
    assert.equal(1, call:attempts())
    local other = ol.users.get:call(5)
    other:cancel()
    local value, err = other:run()
    assert.is_nil(value)
    assert.equal("cancelled", err.kind)
    other:cancel()
    assert.equal(1, #t:own())
    call:close()
    call:close()
    assert.matches("finalised", tostring(call))
    assert.has_error(function() call:run() end)
  end)

  it("goes on when a transport calls the client back", function()
    local t, ol, inner = fake { { 200, { id = 5 } } }, nil, nil
    local send = t.transport.send
    t.transport.send = function(self, r)
      if r.operation == "oauth.generate_tokens" and not inner then
        inner = true
        inner = ol.users:get(6)
      end
      return send(self, r)
    end
    ol = t:client()
    assert(ol.users:get(5))
    assert.equal(5, inner.id)
  end)
end)

describe("onelogin.check", function()
  it("passes values through and throws text", function()
    assert.same({ 1, 2 }, { onelogin.check(1, 2) })
    local t = fake { { 404, { message = "gone", statusCode = 404, name = "NotFoundError" } } }
    local ol = t:client()
    local ok, message = pcall(function() return onelogin.check(ol.users:get(5)) end)
    assert.is_false(ok)
    assert.is_string(message)
    assert.matches("users%.get: not_found %(HTTP 404%): gone", message)
    assert.is_nil((ol.users:get(5, nil, { missing_ok = true })))
    assert.is_nil(select(2, ol.users:get(5, nil, { missing_ok = true })))
  end)
end)

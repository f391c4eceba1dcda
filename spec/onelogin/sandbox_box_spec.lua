-- The box itself: options, company, transport, faults, journal, snapshot, clock.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local canary = require "spec.support.canary"
local generator = require "onelogin.sandbox.generator"
local util = require "onelogin.sandbox.util"

describe("sandbox options", function()
  it("are refused by a string that names the slip", function()
    local function refusal(...)
      local ok, why = pcall(...)
      assert.is_false(ok)
      return why
    end
    assert.truthy(refusal(sandbox, { user = 5 }):find("unknown option 'user' (did you mean 'users'?)", 1, true))
    assert.truthy(refusal(sandbox, { users = -1 }):find("users must be a number", 1, true))
    assert.truthy(refusal(sandbox, { users = "many" }):find("users must be a number", 1, true))
    assert.truthy(refusal(sandbox, { rate_limit_status = 500 }):find("400 or 429", 1, true))
    assert.truthy(refusal(sandbox, { subdomain = "a/b" }):find("subdomain", 1, true))
    assert.truthy(refusal(sandbox, { credentials = { { scope = "Read User" } } })
      :find("did you mean 'Read Users'?", 1, true))
    local box = sandbox { users = 1 }
    assert.truthy(refusal(box.config, box, { scope = "All" }):find("unknown scope", 1, true))
    assert.truthy(refusal(box.fault, box, { staus = 503 }):find("did you mean 'status'?", 1, true))
    assert.truthy(refusal(box.fault, box, {}):find("say what goes wrong", 1, true))
    assert.truthy(refusal(box.restore, box, {}):find("snapshot", 1, true))
  end)

  it("give the same pair for the same scope, another for another", function()
    local box = sandbox { users = 1 }
    local a, b, c = box:config(), box:config(), box:config { scope = "Read Users" }
    assert.equal(a.client_id, b.client_id)
    assert.are_not.equal(a.client_id, c.client_id)
    assert.equal("https://acme.onelogin.test", a.base_url)
    assert.is_true(a.transport == box.transport and a.clock == box.clock)
  end)
end)

describe("the generated company", function()
  it("is the same for the same seed, and another for another", function()
    local function digest(seed)
      local out = {}
      for _, row in sandbox({ users = 50, seed = seed }):each_user() do
        out[#out + 1] = row.id .. (row.email or "") .. row.lastname .. #row.role_ids .. row.status
      end
      return table.concat(out, "\n")
    end
    assert.equal(digest(7), digest(7))
    assert.are_not.equal(digest(7), digest(8))
  end)

  it("has unique ids, e-mails and user names, known people first, and all kinds of status", function()
    local box = sandbox { users = 3000 }
    local seen, statuses, hostile, n = {}, {}, 0, 0
    local bad = {}
    for _, pair in ipairs(generator.hostile) do bad[pair[1]] = true end
    for id, row in box:each_user() do
      n = n + 1
      for _, value in ipairs { id, row.email, row.username } do
        assert.is_nil(seen[value])
        seen[value] = true
      end
      statuses[row.status] = (statuses[row.status] or 0) + 1
      assert.truthy(row.email:find("^[%w.]+@acme%.test$"))
      if bad[row.firstname] then hostile = hostile + 1 end
    end
    assert.equal(3000, n)
    assert.is_true(hostile >= 30)
    for _, status in ipairs { 0, 1, 2, 3, 4, 5, 7, 8 } do assert.truthy(statuses[status]) end
    assert.is_true(statuses[1] > 2400)
    assert.equal("Ashley", box:find_user("ashley@acme.test").firstname)
    assert.equal("Akua", box:find_user("AKUA").firstname)
    assert.is_nil(box:find_user("nobody"))
  end)

  it("of 100,000 costs little until it is used", function()
    collectgarbage()
    collectgarbage()
    local before = collectgarbage("count")
    local box = sandbox { users = 100000 }
    local api = support.api(box)
    local status, rows, headers = api.get "/api/2/users?limit=100&page=1000"
    assert.equal(200, status)
    assert.equal(100, #rows)
    assert.equal("100000", headers["total-count"])
    local _, found = api.get("/api/2/users?email=" .. rows[100].email)
    assert.equal(rows[100].id, found[1].id)
    rows, found, headers = nil, nil, nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 8 * 1024, "more than 8 MiB")
    assert.equal(100000, box:people().count)
  end)

  it("may be empty", function()
    local box = sandbox { users = 0 }
    local api = support.api(box)
    local _, _, headers, text = api.get "/api/2/users"
    assert.equal("[]", text)
    assert.equal("0", headers["total-count"])
    local _, page = api.get "/api/1/users"
    assert.equal(0, #page.data)
    local user = box:add_user { email = "one@acme.test" }
    assert.equal(1, #select(2, api.get "/api/2/users"))
    assert.equal(user.id, box:find_user("one@acme.test").id)
  end)
end)

describe("the in-process transport", function()
  local box, config
  before_each(function()
    box = sandbox { users = 3 }
    config = box:config()
  end)

  it("throws at what could not travel as HTTP", function()
    local function refused(request)
      local ok, why = pcall(config.transport.send, config.transport, request)
      assert.is_false(ok)
      assert.equal("string", type(why))
    end
    local url = config.base_url .. "/api/2/users"
    refused(nil)
    refused { method = "get", url = url }
    refused { method = "GET", url = "/api/2/users" }
    refused { method = "GET", url = url .. "?a=b c" }
    refused { method = "GET", url = url, headers = { ["X-A"] = "a\r\nX-B: b" } }
    refused { method = "GET", url = url, headers = { ["X A"] = "a" } }
    refused { method = "POST", url = url, body = {} }
    refused { method = "POST", url = url, body = "ab", headers = { ["Content-Length"] = "5" } }
    assert.equal(0, box:requests())
  end)

  it("reaches its own host only", function()
    local response, failure = config.transport:send { method = "GET", url = "https://other.test/api/2/users" }
    assert.is_nil(response)
    assert.equal("network", failure.kind)
    assert.is_false(failure.sent)
  end)

  it("answers in lower-case header names, within the body limit", function()
    local request = { method = "GET", url = config.base_url .. "/api/2/users" }
    local response = config.transport:send(request)
    assert.equal(401, response.status)
    assert.truthy(response.headers["content-type"])
    request.max_body = 10
    local nothing, failure = config.transport:send(request)
    assert.is_nil(nothing)
    assert.equal("too_large", failure.kind)
  end)

  it("takes its time on the virtual clock, and times out by it", function()
    box.options.latency = 2
    local request = { method = "GET", url = config.base_url .. "/api/2/users", timeout = 3 }
    local t = box.clock.mono()
    assert.truthy(config.transport:send(request))
    assert.equal(2, box.clock.mono() - t)
    request.timeout = 1
    local _, failure = config.transport:send(request)
    assert.equal("timeout", failure.kind)
    assert.is_true(failure.sent)
    assert.equal(3, box.clock.mono() - t)
  end)
end)

describe("faults", function()
  local box, api
  before_each(function()
    box = sandbox { users = 3 }
    api = support.api(box)
    api.login()
  end)

  it("answer a status once, then let go", function()
    local rule = box:fault { operation = "users.list", status = 503 }
    local status, _, headers, text = api.get "/api/2/users"
    assert.equal(503, status)
    assert.equal("text/html", headers["content-type"])
    assert.is_nil(headers["x-request-id"])
    assert.truthy(text:find("^<html>"))
    assert.equal(200, (api.get "/api/2/users"))
    assert.equal(1, rule.hits)
  end)

  it("speak the words of the version, or the edge's, or given ones", function()
    box:fault { status = 500 }
    assert.equal(500, (select(2, api.get "/api/2/users").statusCode))
    box:fault { status = 500 }
    assert.equal(500, (select(2, api.get "/api/1/users").status.code))
    box:fault { edge = true, operation = "oauth.*" }
    local _, status = api.login()
    assert.equal(429, status)
    box:fault { status = 429, headers = { ["Retry-After"] = "7" }, body = '{"message":"slow"}' }
    local value, headers
    status, value, headers = api.get "/api/2/users"
    assert.equal(429, status)
    assert.same({ message = "slow" }, value)
    assert.equal("7", headers["retry-after"])
  end)

  it("choose by pattern, number and place", function()
    box:fault { operation = "users.*", status = 500, times = 2, skip = 1 }
    assert.equal(200, (api.get "/api/2/roles"))
    assert.equal(200, (api.get "/api/2/users"))
    assert.equal(500, (api.get "/api/2/users"))
    assert.equal(500, (api.get "/api/2/users"))
    assert.equal(200, (api.get "/api/2/users"))
    box:fault { status = 500, times = 100 }
    box:clear_faults()
    assert.equal(200, (api.get "/api/2/users"))
  end)

  it("drop connections before and after the work is done", function()
    local function drop(how)
      box:fault { operation = "users.create", drop = how }
      local status, failure = api.post("/api/2/users", { email = how .. "@acme.test" })
      assert.is_nil(status)
      assert.equal("network", failure.kind)
      return failure.sent, box:find_user(how .. "@acme.test") ~= nil
    end
    assert.same({ true, false }, { drop "before" })
    assert.same({ true, true }, { drop "after" })
    assert.same({ false, false }, { drop "connect" })
  end)

  it("truncate, garble, delay and rewrite bodies", function()
    box:fault { truncate = 10 }
    local status, failure = api.get "/api/2/users"
    assert.is_nil(status)
    assert.equal("network", failure.kind)
    box:fault { garbage = true }
    local value
    status, value = api.get "/api/2/users"
    assert.equal(200, status)
    assert.is_nil(value)
    box:fault { latency = 5 }
    local t = box.clock.mono()
    api.get "/api/2/users"
    assert.equal(5, box.clock.mono() - t)
    box:fault { body = function(text) return text:sub(1, 3) end }
    local _, _, _, text = api.get "/api/2/users"
    assert.equal(3, #text)
  end)

  it("come with a seeded chance", function()
    local function run()
      local b = sandbox { users = 3, seed = 5 }
      local a = support.api(b)
      a.login()
      b:fault { operation = "users.list", status = 500, times = 100, probability = 0.5 }
      local out = {}
      for i = 1, 40 do out[i] = tostring((a.get "/api/2/users")) end
      return table.concat(out, " ")
    end
    local first = run()
    assert.equal(first, run())
    assert.truthy(first:find("200", 1, true) and first:find("500", 1, true))
  end)
end)

describe("the journal", function()
  local function dump(value, out)
    for k, v in pairs(value) do
      out[#out + 1] = tostring(k)
      if type(v) == "table" then dump(v, out) else out[#out + 1] = tostring(v) end
    end
    return out
  end

  it("notes what came, and never a secret", function()
    local box = sandbox { users = 3, credentials = { { client_id = "id1", client_secret = canary.secret } } }
    local api = support.api(box)
    local token = api.login()
    local id = box:find_user("ashley").id
    api.put("/api/1/users/set_password_clear_text/" .. id,
      { password = canary.password, password_confirmation = canary.password })
    api.post("/api/2/users", { email = "n@acme.test", password = canary.password,
      password_confirmation = canary.password, comment = "my " .. canary.secret })
    api.get("/api/2/users?email=" .. token.access_token)
    api.get("/api/2/" .. token.access_token .. "/x")
    api.send("POST", "/auth/oauth2/revoke", '{"access_token":"' .. token.access_token .. '"}',
      { Authorization = api.pair(), ["Content-Type"] = "application/json" })
    local lines = box.journal
    assert.equal(6, #lines)
    assert.equal("oauth.generate_tokens", lines[1].operation)
    assert.equal(1, lines[1].token_calls)
    assert.equal("users.set_password_cleartext", lines[2].operation)
    assert.equal("[redacted]", lines[2].body.password)
    assert.equal("n@acme.test", lines[3].body.email)
    assert.equal(201, lines[3].status)
    assert.is_nil(lines[5].operation)
    assert.equal(1, box:requests("users.create"))
    assert.equal(6, box:requests())
    local text = table.concat(dump(lines, {}), "\n")
    for _, secret in ipairs { canary.secret, canary.password, token.access_token, token.refresh_token } do
      assert.is_true(text:find(secret, 1, true) == nil)
    end
  end)

  it("is bounded", function()
    local box = sandbox { users = 1 }
    local request = { method = "GET", target = "/x", headers = {} }
    for _ = 1, 5200 do box:handle(request) end
    assert.is_true(#box.journal <= 5000)
    assert.equal(5200, box.journal[#box.journal].n)
    assert.equal(5200, box:requests())
  end)
end)

describe("snapshot, restore and reset", function()
  it("bring back data, clock, tokens and chance", function()
    local box = sandbox { users = 20 }
    local api = support.api(box)
    api.login()
    local id = box:find_user("ashley").id
    local saved = box:snapshot()
    for _ = 1, 2 do
      api.put("/api/2/users/" .. id, { title = "Changed" })
      api.delete("/api/2/users/" .. box:people():ids()[5])
      local _, made = api.post("/api/2/users", { email = "n@acme.test" })
      api.post("/api/2/roles", { name = "New" })
      box.clock.advance(100)
      box:revoke_tokens()
      local drawn = box:random()
      box:restore(saved)
      assert.equal("Engineer", box:find_user("ashley").title)
      assert.equal(20, #api.walk_v2 "/api/2/users")
      assert.is_nil(box:find_user("n@acme.test"))
      assert.equal(0, box.clock.mono())
      assert.equal(0, #select(2, api.get "/api/2/roles?name=New"))
      box:revoke_tokens()
      assert.equal(drawn, box:random())
      box:restore(saved)
      assert.truthy(made.id)
    end
    api.delete("/api/2/users/" .. id)
    box:fault { status = 500, times = 9 }
    box:reset()
    assert.equal(0, box:requests())
    api.login()
    assert.equal(200, (api.get("/api/2/users/" .. id)))
  end)
end)

describe("users from Lua", function()
  it("are added, walked and touched", function()
    local box = sandbox { users = 2 }
    local api = support.api(box)
    local row = box:add_user { id = 88888888, email = "x@acme.test", created_at = "2020-01-02T03:04:05Z" }
    local _, user = api.get "/api/2/users/88888888"
    assert.equal("2020-01-02T03:04:05.000Z", user.created_at)
    assert.equal(3, #select(2, api.get "/api/2/users"))
    box.clock.advance(1)
    row.lastname = "Later"
    box:touch(row)
    assert.equal(1, #select(2, api.get "/api/2/users?lastname=later"))
    local n = 0
    for id, r in box:each_user() do
      assert.equal(id, r.id)
      n = n + 1
    end
    assert.equal(3, n)
    box.store.users[88888888] = nil
    assert.equal(2, #select(2, api.get "/api/2/users"))
  end)
end)

describe("the sandbox's tools", function()
  it("read and write dates, base64 and queries", function()
    for _, text in ipairs { "1970-01-01T00:00:00.000Z", "2000-02-29T23:59:59.999Z",
      "2026-03-02T09:00:00.000Z", "1969-12-31T23:59:59.500Z", "2100-03-01T00:00:00.000Z" } do
      assert.equal(text, util.iso(util.parse_iso(text)))
    end
    assert.equal(util.parse_iso "2026-06-02T10:40:17Z", util.parse_iso "2026-06-02T12:40:17+02:00")
    assert.is_nil(util.parse_iso "soon")
    assert.equal("Thu, 01 Jan 1970 00:00:00 GMT", util.http_date(0))
    assert.equal("Sun, 06 Nov 1994 08:49:37 GMT", util.http_date(784111777))
    for _, text in ipairs { "", "f", "fo", "foo", "foob", "\0\255\254" } do
      assert.equal(text, util.unbase64(util.base64(text)))
      assert.equal(text, util.unbase64(util.base64(text, false)))
    end
    assert.equal("Zm9vYg==", util.base64 "foob")
    assert.is_nil(util.unbase64 "a!b")
    assert.same({ a = "1 2", b = "+" }, (util.parse_query "a=1+2&b=%2B"))
    assert.is_nil(util.parse_query "a=%zz")
    assert.is_nil(util.parse_query "a=%C3%28")
    for _, good in ipairs { "", "a", "\194\128", "\224\160\128", "\237\159\191", "\240\144\128\128",
      "\244\143\191\191", "x\195\164y" } do assert.is_true(util.is_utf8(good)) end
    for _, bad in ipairs { "\128", "\192\128", "\194", "\224\159\191", "\237\160\128", "\240\143\191\191",
      "\244\144\128\128", "\245\128\128\128", "x\195" } do assert.is_false(util.is_utf8(bad)) end
  end)
end)

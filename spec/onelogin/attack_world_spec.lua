-- Transports, clocks, logs and servers that misbehave, and clients shared in ways nobody planned for.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local canary = require "spec.support.canary"
local child = require "spec.support.child"

local json = core.json
local unpack = table.unpack or unpack -- luacheck: ignore 113

local TOKEN = { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '","expires_in":36000}' }
local OK = { status = 200, headers = {}, body = '{"id":1}' }

local function is_token(request) return request.operation == "oauth.generate_tokens" end

local function world(send, more)
  local w = { now = 100, wall = 1700000000, sent = {}, slept = 0 }
  w.clock = { mono = function() return w.now end, wall = function() return w.wall end,
    sleep = function(s)
      w.slept = w.slept + s
      w.now, w.wall = w.now + s, w.wall + s
    end }
  w.send = send
  local options = { base_url = "https://x.test", client_id = "id", client_secret = canary.secret, clock = w.clock,
    seed = 1, transport = { send = function(_, request)
      w.sent[#w.sent + 1] = request
      if w.send then return w.send(request, w) end
      return is_token(request) and TOKEN or OK
    end } }
  for k, v in pairs(more or {}) do options[k] = v end
  w.client = onelogin.new(options)
  return w
end

describe("an error thrown by the host", function()
  -- What is thrown arrives as it was, and the client works on.
  local function thrown(w, restore, what, values)
    for _, value in ipairs(values or { "text", { "a table" } }) do
      what.value = value
      local ok, got = pcall(w.client.users.get, w.client.users, 1)
      assert.is_false(ok)
      assert.is_true(got == value or type(value) == "string" and tostring(got):find(value, 1, true) ~= nil)
    end
    restore()
    for _ = 1, 3 do assert.equal(1, assert(w.client.users:get(1)).id) end
  end

  it("in the transport goes through, at the token or after it", function()
    for at = 1, 2 do
      local what = {}
      local w = world(function(request)
        if is_token(request) == (at == 1) then error(what.value, 0) end
        return TOKEN
      end)
      thrown(w, function() w.send = nil end, what)
      assert.is_true(w.slept < 1)
    end
  end)

  it("in the clock goes through", function()
    for _, name in ipairs { "mono", "wall", "sleep" } do
      local what = {}
      local w = world(function(request)
        return is_token(request) and TOKEN or { status = 503, headers = {}, body = "" }
      end)
      local real = w.clock[name]
      w.clock[name] = function() error(what.value, 0) end
      thrown(w, function()
        w.clock[name] = real
        w.send = nil
      end, what)
    end
  end)

  it("in the store goes through", function()
    for _, name in ipairs { "get", "set" } do
      local what, store = {}, { get = function() end, set = function() end }
      local real = store[name]
      local w = world(nil, { store = store })
      store[name] = function() error(what.value, 0) end
      thrown(w, function() store[name] = real end, what, { { "a table" } }) -- a token is set once
    end
  end)

  it("in the log goes through", function()
    local n = 0
    local w = world(nil, { log = function()
      n = n + 1
      error("log", 0)
    end })
    local op, resource
    for _, name in ipairs(require("onelogin.api").resources) do
      for key, entry in pairs(require("onelogin.api." .. name)) do
        if entry.status and entry.method == "GET" and #(entry.ids or {}) == 0 then
          resource, op = w.client[name], w.client[name][key]
        end
      end
    end
    assert.is_false(pcall(op, resource))
    assert.is_true((pcall(op, resource)))
    assert.equal(1, n)
  end)

  it("in the secret function is an error without its words", function()
    local bad = true
    local w = world(nil, { client_secret = function()
      if bad then error("it is " .. canary.secret, 0) end
      return canary.secret
    end })
    local _, err = w.client.users:get(1)
    assert.equal("auth", err.kind)
    assert.is_nil(tostring(err):find(canary.secret, 1, true))
    bad = false
    assert(w.client.users:get(1))
    assert.equal(0, w.slept)
  end)

  it("in a loop over a walk leaves the walk where it was", function()
    local page = 0
    local w = world(function(request)
      if is_token(request) then return TOKEN end
      page = page + 1
      if page == 2 then error("broken", 0) end
      return { status = 200, headers = { ["after-cursor"] = request.url:find("cursor=c1", 1, true) and "" or "c1" },
        body = ('[{"id":%d}]'):format(page) }
    end)
    local p = w.client.users:pages()
    local seen = {}
    assert.is_false(pcall(function()
      for user in p:items() do seen[#seen + 1] = user.id end
    end))
    for user in p:items() do seen[#seen + 1] = user.id end
    assert.same({ 1, 3 }, seen)
    -- and all of a snapshot is kept when one of its pages fails
    page = 0
    local step = w.client.users:pages(nil, { snapshot = true }):items()
    assert.is_false(pcall(step))
    assert.equal(1, step().id)
    assert.equal(3, step().id)
    assert.is_nil(step())
  end)
end)

describe("a transport that returns rubbish", function()
  it("gives an error of the contract", function()
    local trap = setmetatable({}, { __index = function() error("trap") end })
    local huge = {}
    for i = 1, 2000 do huge["x-h" .. i] = ("v"):rep(100) end
    for i, answer in ipairs {
      {}, { nil, nil }, { false }, { true }, { 5 }, { "text" }, { io.stdout }, { {} }, { trap }, { nil, trap },
      { nil, 5 }, { nil, true }, { nil, {} }, { nil, { kind = 5, message = {}, sent = "x" } },
      { nil, { kind = "nonsense" } }, { nil, { kind = "too_large" } }, { nil, { kind = "cancelled" } },
      { nil, "\0\255" }, { { status = "200" } }, { { status = 0 / 0 } }, { { status = -1 } }, { { status = 1e300 } },
      { { status = 99 } }, { { status = 1000 } }, { { status = 200.5 } }, { { status = 200 } },
      { { status = 200, headers = 5, body = 5 } }, { { status = 200, headers = {}, body = "\0" } },
      { { status = 200, headers = { [1] = 2, [true] = false, [print] = print, date = {} }, body = "{" } },
      { { status = 200, headers = huge, body = "" } }, { 200, "", "{" }, { 200, 5, {} }, { 0 / 0, "", "" },
      { 1e300, "a: b", "[]" }, { 204 }, { { status = 400, body = { "x" } } }, { { status = 400, headers = huge } },
    } do
      for at = 1, 2 do
        local w = world(function(request)
          if is_token(request) and at == 2 then return TOKEN end
          return unpack(answer, 1, 3)
        end, i % 2 == 0 and { on_response = function() end } or nil)
        local ok, value, err = pcall(w.client.users.list, w.client.users)
        assert.is_true(ok, i .. ": " .. tostring(value))
        assert.is_nil(value, tostring(i))
        assert.is_string(err.kind)
        assert.is_string(err.message)
        assert.is_string(tostring(err))
        assert.is_true(#tostring(err) < 2000)
        w.send = nil
        assert(w.client.users:get(1))
      end
    end
  end)
end)

describe("hooks", function()
  local function hooked(send, f)
    local more = {}
    for _, name in ipairs(require("onelogin.hooks").names) do more[name] = f end
    return world(send, more)
  end

  it("see no secret that a server echoes", function()
    for _, echo in ipairs { canary.token, "id:" .. canary.secret, canary.token:gsub("c", "%%63"), "x y" } do
      local events = {}
      local w = hooked(function(request)
        local answer = is_token(request) and TOKEN or { status = 429, body = echo }
        return { status = answer.status, body = answer.body, headers = { ["x-request-id"] = echo } }
      end, function(event) events[#events + 1] = event end)
      w.client.users:get(1)
      w.client.users:get(1)
      assert.is_true(#events > 3)
      for i = 3, #events do -- what came before the token was known cannot be told from other text
        local text = json.encode(events[i]):gsub("%%63", "c")
        assert.is_nil(text:find(canary.token, 1, true))
        assert.is_nil(text:find(canary.secret, 1, true))
      end
    end
  end)

  it("stand a client that is closed, by the transport or by one of them", function()
    for at = 1, 2 do
      local w
      w = hooked(function(request)
        if #w.sent == at then w.client:close() end
        return is_token(request) and TOKEN or OK
      end, function() end)
      local value, err = w.client.users:get(1)
      assert.is_true(value ~= nil or err.kind == "cancelled")
    end
    for at = 1, 6 do
      local w, n = nil, 0
      w = hooked(nil, function()
        n = n + 1
        if n == at then w.client:close() end
        error("and throws")
      end)
      local ok, value, err = pcall(w.client.users.get, w.client.users, 1)
      assert.is_true(ok and (value ~= nil or err.kind == "cancelled"), tostring(value))
    end
  end)
end)

describe("a hostile server", function()
  it("cannot make an answer of too much, too deep or too little", function()
    for _, body in ipairs {
      ("["):rep(200000), ("["):rep(200000) .. ("]"):rep(200000), ('{"a":'):rep(100000), "[" .. ("1,"):rep(300000),
      '"' .. ("x"):rep(1000000), ("9"):rep(1000000), "[" .. ("9"):rep(100000) .. "]", ("\\"):rep(100000),
      "<" .. ("a"):rep(100000), ("\0"):rep(100000), ("\255"):rep(100000), "[1e999]", "[-]", "nul",
      '{"message":' .. ("["):rep(50) .. '"deep"' .. ("]"):rep(50) .. "}",
      '{"message":"' .. ("m"):rep(1000000) .. '","name":"' .. ("n"):rep(100000) .. '"}',
      "[" .. ('{"message":"x"},'):rep(20000) .. "1]",
    } do
      for _, status in ipairs { 200, 400, 401, 429, 500 } do
        local w = world(function(request)
          if is_token(request) then return TOKEN end
          return { status = status, headers = {}, body = body }
        end, { attempts = 1 })
        local value, err = w.client.users:list()
        if value == nil then
          assert.is_true(#tostring(err) < 20000)
          assert.is_true(err.body == nil or #err.body <= 8192)
        end
        w.client:request("GET", "/api/2/x")
      end
    end
  end)

  it("cannot steer a terminal by what an error says", function()
    local w = world(function(request)
      if is_token(request) then return TOKEN end
      return { status = 400, headers = { ["x-request-id"] = "a\27[2Jb" },
        body = '{"message":"one\\ntwo\\u001b[31m\\u009b5A\\u0000","field":"\\u0085"}' }
    end)
    local _, err = w.client.users:get(1)
    assert.is_nil(tostring(err):find("[%c\127]"))
    assert.is_nil(tostring(err):find("\194[\128-\159]"))
    assert.matches("one two", tostring(err))
  end)

  it("cannot keep the XML reader busy", function()
    local text = "<a>" .. ("&lt;\n"):rep(400000) .. "<b>x</b></a>"
    local root = assert(require("onelogin.xmltree").parse(text, #text))
    assert.equal(800000, #root.text)
    assert.equal("x", root[1].text)
  end)

  it("cannot hold a call beyond its deadline", function()
    local dates = { "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "rubbish", "", nil }
    local waits = { "0", "-1", "1e9", "99999999999999999999", "NaN", "Fri, 31 Dec 9999 23:59:59 GMT", "soon",
      "Thu, 01 Jan 1970 00:00:00 GMT", "0.0000001", "5, 5", "5" }
    for _, status in ipairs { 401, 403, 408, 429, 500, 502, 503, 504 } do
      for d = 1, 5 do
        for _, wait in ipairs(waits) do
          for at = 1, 2 do
            local w = world(function(request)
              if is_token(request) and at == 2 then return TOKEN end
              return { status = status, body = '{"name":"E","message":"no"}',
                headers = { date = dates[d], ["retry-after"] = wait, ["x-ratelimit-reset"] = wait,
                  ["x-ratelimit-remaining"] = "0" } }
            end)
            local value, err = w.client.users:get(1)
            assert.is_nil(value)
            assert.is_string(err.kind)
            assert.is_true(w.slept <= 60, status .. " " .. wait)
            assert.is_true(#w.sent <= 12)
          end
        end
      end
    end
  end)

  it("cannot hold a patient walk for ever", function()
    local w = world(function(request)
      if is_token(request) then return TOKEN end
      return { status = 429, headers = { ["retry-after"] = "99999999" }, body = "" }
    end)
    local items, err = w.client.users:pages():next()
    assert.is_nil(items)
    assert.equal("rate_limited", err.kind)
    assert.is_true(#w.sent < 40)
  end)

  it("cannot make a token of anything", function()
    for _, token in ipairs { "", " ", "a b", "a\r\nX: y", ("x"):rep(100000), 5, true, json.null, {}, "\195\169" } do
      for _, life in ipairs { -1, 0, 1e300, "x", json.null, {}, "36000" } do
        local w = world(function(request)
          if is_token(request) then
            return { status = 200, headers = { date = "Fri, 31 Dec 9999 23:59:59 GMT" },
              body = json.encode { access_token = token, expires_in = life, created_at = life } }
          end
          for _, text in pairs(request.headers) do assert.is_nil(text:find("[%c]")) end
          return OK
        end)
        w.client.users:get(1)
        assert.is_true(#w.sent <= 6)
      end
    end
    -- one that is always over is fetched for each rest period, not for each call
    local w = world(function(request)
      if is_token(request) then
        return { status = 200, headers = {}, body = '{"access_token":"abc","expires_in":-5}' }
      end
      return OK
    end)
    for _ = 1, 50 do assert(w.client.users:get(1)) end
    assert.equal(51, #w.sent)
  end)

  it("cannot make a walk go round for ever", function()
    local kinds = {
      same = function() return { ["after-cursor"] = "x" }, '[{"id":1}]' end,
      pair = function(n) return { ["after-cursor"] = n % 2 == 0 and "x" or "y" }, ('[{"id":%d}]'):format(n) end,
      circle = function(n) return { ["after-cursor"] = "c" .. n % 37 }, ('[{"id":%d}]'):format(n) end,
      empty = function(n) return { ["after-cursor"] = "c" .. n }, "[]" end,
      stale = function(n) return { ["after-cursor"] = "c" .. n }, '[{"id":1},{"id":2}]' end,
      pages = function() return { ["total-pages"] = "9999999999", ["current-page"] = "1" }, '[{"id":1}]' end,
      back = function(n) return { ["total-pages"] = "5", ["current-page"] = tostring(-n) }, '[{"id":1}]' end,
      empty_pages = function() return { ["total-pages"] = "1e9", ["current-page"] = "NaN" }, "[]" end,
    }
    for name, answer in pairs(kinds) do
      local n = 0
      local w = world(function(request)
        if is_token(request) then return TOKEN end
        n = n + 1
        assert.is_true(n < 500, name)
        local headers, body = answer(n)
        return { status = 200, headers = headers, body = body }
      end)
      local all, err = w.client.users:pages():collect()
      assert.is_true(all ~= nil or err.kind == "server", name)
    end
  end)
end)

describe("coroutines", function()
  it("walk and call inside, on every Lua", function()
    local w = world(function(request)
      if is_token(request) then return TOKEN end
      local n = tonumber(request.url:match("cursor=c(%d)") or 0)
      return { status = 200, headers = { ["after-cursor"] = n < 3 and "c" .. n + 1 or nil },
        body = ('[{"id":%d},{"id":%d}]'):format(2 * n, 2 * n + 1) }
    end)
    local seen = {}
    for id in coroutine.wrap(function()
      for user in w.client.users:each() do coroutine.yield(user.id) end
      for _, user in ipairs(assert(w.client.users:list())) do coroutine.yield(user.id) end
    end) do
      seen[#seen + 1] = id
    end
    assert.same({ 0, 1, 2, 3, 4, 5, 6, 7, 0, 1 }, seen)
    -- one that is left in the middle and collected
    for _ = 1, 20 do
      local co = coroutine.wrap(function()
        for user in w.client.users:each() do coroutine.yield(user.id) end
      end)
      co()
    end
    collectgarbage()
  end)

  -- A transport may yield where Lua can: everywhere but across pcall and iterators of plain 5.1.
  local function together(n, run)
    local w
    w = world(function(request)
      coroutine.yield()
      if is_token(request) then
        w.tokens = (w.tokens or 0) + 1
        return TOKEN
      end
      return { status = 200, headers = {}, body = ('{"id":%s}'):format(request.url:match("users/(%d+)")) }
    end)
    local threads, results = {}, {}
    for i = 1, n do threads[i] = coroutine.create(function() results[i] = run(w.client, i) end) end
    local alive = n
    while alive > 0 do
      alive = 0
      for _, co in ipairs(threads) do
        if coroutine.status(co) ~= "dead" then
          local ok, message = coroutine.resume(co)
          assert.is_true(ok, tostring(message))
          if coroutine.status(co) ~= "dead" then alive = alive + 1 end
        end
      end
    end
    return results, w
  end

  it("share one client, each with its own answer", function()
    local results = together(20, function(ol, i)
      local out = {}
      for k = 1, 3 do out[k] = assert(ol.users:get(i * 10 + k)).id end
      return out
    end)
    for i = 1, 20 do assert.same({ i * 10 + 1, i * 10 + 2, i * 10 + 3 }, results[i]) end
  end)

  it("are dropped in the middle of a token's flight without harm", function()
    local w
    w = world(function(request)
      if coroutine.running() and w.yields then coroutine.yield() end
      return is_token(request) and TOKEN or OK
    end)
    w.yields = true
    local co = coroutine.create(function() return w.client.users:get(1) end)
    coroutine.resume(co)
    w.yields = false
    assert(w.client.users:get(2))
    assert.equal(0, w.slept)
    w.client:close()
    local ok, value, err = coroutine.resume(co)
    assert.is_true(ok)
    assert.is_nil(value)
    assert.equal("cancelled", err.kind)
  end)
end)

describe("two tenants", function()
  it("never share a token, however they are interleaved", function()
    local function tenant(name)
      return world(function(request)
        if is_token(request) then
          return { status = 200, headers = {}, body = '{"access_token":"token-of-' .. name .. '","expires_in":36000}' }
        end
        assert.equal("Bearer token-of-" .. name, request.headers.Authorization)
        assert.equal("https://" .. name .. ".test", request.url:match("^https://[^/]+"))
        return OK
      end, { base_url = "https://" .. name .. ".test", client_id = name })
    end
    local a, b = tenant "a", tenant "b"
    for i = 1, 50 do
      assert((i % 2 == 0 and a or b).client.users:get(i))
      if i % 7 == 0 then collectgarbage() end
    end
    assert.is_false(pcall(a.client.users.get, b.client.users, 1))
    local op = a.client.users.get
    assert.is_false(pcall(op, b.client.users, 1))
    -- a call of one tenant offered to the other as its spare
    local spare = a.client.users.get:call(1)
    spare:run()
    spare:rest()
    local call = core.call(b.client.users.get, b.now, b.wall, { 5 }, nil, nil, nil, nil, spare)
    assert.equal(1, call:run().id)
  end)
end)

describe("a fork", function()
  it("leaves parent and child with a client that works", function()
    if rawget(_G, "jit") then return end
    local said = child.run([[
package.path = "lua/?.lua;lua/?/init.lua;]] .. "?.lua;" .. [[" .. package.path
local child = require "spec.support.child"
local folder = child.folder()
local sys = assert(package.loadlib(child.compile("sys.c", folder, true), "luaopen_sys"))()
child.remove(folder)
local onelogin = require "onelogin"
local now = 1
local forked
local ol
ol = onelogin.new { base_url = "https://x.test", client_id = "i", client_secret = "s",
  clock = { mono = function() return now end, wall = function() return now end,
    sleep = function(s) now = now + s assert(now < 30) end },
  transport = { send = function(_, r)
    if not forked then forked = sys.fork() end
    if r.operation == "oauth.generate_tokens" then
      return { status = 200, headers = {}, body = '{"access_token":"t","expires_in":3600}' }
    end
    return { status = 200, headers = {}, body = '{"id":7}' }
  end } }
local user = assert(ol.users:get(7))
assert(user.id == 7)
assert(ol.users:get(7).id == 7)
collectgarbage()
if forked == 0 then sys.leave() end
print(sys.wait(forked) == -9 and "both" or "child failed")
]])
    assert.equal("both", said)
  end)
end)

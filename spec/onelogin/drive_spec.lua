-- The blocking driver: the shared store, joins met by blocking code, clocks and transports of a host.

local onelogin = require "onelogin"
local core = require "onelogin.core"

local function world()
  local w = { now = 50, wall = 1700000000, data = {}, tokens = 0, calls = 0, waits = 0 }
  w.clock = { mono = function() return w.now end, wall = function() return w.wall end,
    sleep = function(s) w.waits = w.waits + 1 w.now, w.wall = w.now + s, w.wall + s end }
  w.store = {
    get = function(key)
      local e = w.data[key]
      if e and e.till > w.wall then return e.value end
    end,
    set = function(key, value, seconds) w.data[key] = { value = value, till = w.wall + seconds } end,
    add = function(key, value, seconds)
      if w.store.get(key) then return false end
      w.store.set(key, value, seconds)
      return true
    end,
    delete = function(key) w.data[key] = nil end,
  }
  function w.client(more)
    local options = { base_url = "https://x.test", client_id = "id", client_secret = "s", clock = w.clock,
      store = w.store, transport = { send = function(_, r)
        if r.operation == "oauth.generate_tokens" then
          w.tokens = w.tokens + 1
          return { status = 200, headers = {},
            body = '{"access_token":"t' .. w.tokens .. '","expires_in":36000}' }
        end
        w.calls = w.calls + 1
        if w.answer then return w.answer(r) end
        return { status = 200, headers = {}, body = '{"id":1,"by":"' .. r.headers.Authorization .. '"}' }
      end } }
    for k, v in pairs(more or {}) do options[k] = v or nil end
    return onelogin.new(options)
  end
  return w
end

describe("a shared store", function()
  it("lets processes share one token", function()
    local w = world()
    for _ = 1, 5 do assert.equal("Bearer t1", assert(w.client().users:get(1)).by) end
    assert.equal(1, w.tokens)
    for key, entry in pairs(w.data) do
      assert.is_nil(key:find("t1", 1, true))
      assert.is_true(entry.till > w.wall)
    end
  end)

  it("tells credentials and tenants apart", function()
    local w = world()
    assert(w.client().users:get(1))
    assert(w.client { client_id = "other" }.users:get(1))
    assert(w.client { base_url = "https://y.test" }.users:get(1))
    assert.equal(3, w.tokens)
  end)

  it("waits while another process fetches, then uses what it brought", function()
    local w = world()
    local prefix = "onelogin:https://x.test:id:"
    w.store.set(prefix .. "lock", "1", 5)
    local sleep = w.clock.sleep
    w.clock.sleep = function(s)
      sleep(s)
      if w.waits == 3 then w.store.set(prefix .. "token", ("%.3f theirs"):format(w.wall + 1000), 1000) end
    end
    assert.equal("Bearer theirs", assert(w.client().users:get(1)).by)
    assert.equal(0, w.tokens)
    assert.equal(3, w.waits)
  end)

  it("replaces a token that a 401 refused, for all", function()
    local w = world()
    local one, two = w.client(), w.client()
    assert(one.users:get(1))
    assert(two.users:get(1))
    w.answer = function(r)
      if r.headers.Authorization == "Bearer t1" then
        return { status = 401, headers = {},
          body = '{"message":"Unauthorized","statusCode":401,"name":"UnauthorizedError"}' }
      end
      return { status = 200, headers = {}, body = '{"id":1}' }
    end
    w.data["onelogin:https://x.test:id:lock"] = nil
    assert(one.users:get(1))
    w.data["onelogin:https://x.test:id:lock"] = nil
    assert(two.users:get(1))
    assert.equal(2, w.tokens)
  end)

  it("shares a rate limit", function()
    local w = world()
    w.answer = function() return { status = 429, headers = { ["retry-after"] = "300" }, body = "" } end
    local one, two = w.client(), w.client()
    local _, err = one.users:get(1)
    assert.equal("rate_limited", err.kind)
    local calls = w.calls
    _, err = two.users:get(1)
    assert.equal("rate_limited", err.kind)
    assert.equal(calls, w.calls)
  end)

  it("is given its lock back when the token cannot be had, so that nobody waits for it to run out", function()
    local w = world()
    local lock = "onelogin:https://x.test:id:lock"
    local refuse = { send = function() return { status = 401, headers = {}, body = "{}" } end }
    local _, err = w.client { transport = refuse }.users:get(1)
    assert.equal("auth", err.kind)
    assert.is_nil(w.store.get(lock))
    assert(w.client().users:get(1))
    assert.equal(0, w.waits)

    -- a lock that somebody else has taken since is left alone
    w = world()
    local theirs = { send = function()
      w.store.set(lock, "theirs", 20)
      return { status = 401, headers = {}, body = "{}" }
    end }
    _, err = w.client { transport = theirs }.users:get(1)
    assert.equal("auth", err.kind)
    assert.equal("theirs", w.store.get(lock))

    -- a store that cannot delete lets it run out
    w = world()
    w.store.delete = nil
    _, err = w.client { transport = refuse }.users:get(1)
    assert.equal("auth", err.kind)
    assert.is_string(w.store.get(lock))
    assert(w.client().users:get(1))
    assert.is_true(w.waits > 10)
  end)

  it("works without add, and survives rubbish in it", function()
    local w = world()
    w.store.add = nil
    w.store.get = function() return "rubbish" end
    assert(w.client().users:get(1))
    assert.equal(1, w.tokens)
  end)
end)

describe("calls driven by hand", function()
  it("join a token flight and share its end", function()
    local w = world()
    local ol = w.client { store = false }
    local calls, sends, joins = {}, 0, 0
    for i = 1, 35 do calls[i] = ol.users.get:call(i) end
    local owner
    for i = 1, 35 do
      local want, request = calls[i]:want(0, 0)
      if want == "send" then
        sends, owner = sends + 1, { calls[i], request }
      elseif want == "join" then
        joins = joins + 1
      end
    end
    assert.same({ 1, 34 }, { sends, joins })
    assert.equal("oauth.generate_tokens", owner[2].operation)
    owner[1]:answer(0, 0, { status = 401, headers = {},
      body = '{"status":{"error":true,"code":401,"message":"Authentication Failure"}}' })
    for i = 1, 35 do
      assert.equal("done", (calls[i]:want(0, 0)))
      local value, err = calls[i]:result()
      assert.is_nil(value)
      assert.equal("auth", err.kind)
      assert.matches("Authentication Failure", err.message)
    end
  end)

  it("hand a flight on when its owner is cancelled or collected", function()
    local w = world()
    local ol = w.client { store = false }
    local a, b = ol.users.get:call(1), ol.users.get:call(2)
    assert.equal("send", (a:want(0, 0)))
    assert.equal("join", (b:want(0, 0)))
    a:cancel()
    local want, request = b:want(0, 0)
    assert.equal("send", want)
    assert.equal("oauth.generate_tokens", request.operation)
    local c = ol.users.get:call(3)
    assert.equal("join", (c:want(0, 0)))
    b:close()
    assert.equal("send", (c:want(0, 0)))
    a:answer(0, 0, nil, "late") -- harmless
  end)

  it("let blocking code take a flight over", function()
    local w = world()
    local ol = w.client { store = false }
    local suspended = ol.users.get:call(1)
    assert.equal("send", (suspended:want(w.now, w.wall)))
    assert(ol.users:get(2))
    assert.equal(1, w.tokens)
    local want, request = suspended:want(w.now, w.wall)
    assert.equal("send", want)
    assert.equal("users.get", request.operation)
  end)

  it("end when their client is closed", function()
    local w = world()
    local ol = w.client { store = false }
    local call = ol.users.get:call(1)
    assert.equal("send", (call:want(0, 0)))
    ol:close()
    assert.equal("done", (call:want(0, 0)))
    local _, err = call:result()
    assert.equal("cancelled", err.kind)
    call:answer(0, 0, { status = 200, headers = {}, body = "{}" })
  end)

  it("are collected in any order", function()
    for _ = 1, 50 do
      local w = world()
      local held = { w.client { store = false } }
      held[2] = held[1].users.get:call(1)
      held[2]:want(0, 0)
      held[3] = held[1].users:pages()
      for i = 1, 3 do
        if math.random(2) == 1 then held[i] = nil end
      end
      collectgarbage()
    end
  end)
end)

describe("the system's clock", function()
  it("moves on, sleeps, and gives unix time", function()
    local a = core.clock.mono()
    core.clock.sleep(0.01)
    core.clock.sleep(-1)
    assert.is_true(core.clock.mono() > a)
    assert.is_true(math.abs(core.clock.wall() - os.time()) < 5)
  end)
end)

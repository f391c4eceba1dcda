-- onelogin.curl when things go wrong: silent re-sends, broken and hostile answers, ceilings,
-- timeouts, and cancelling at every stage.
local curl = require "onelogin.curl"
local child = require "spec.support.child"
local httpd = require "spec.support.httpd"
local socket = require "socket"

describe("engine under faults", function()
  local server, engine, folder

  setup(function()
    folder = child.folder()
    -- 40 MiB of zeros in about 40 kB.
    assert(child.capture("head -c 41943040 /dev/zero | gzip -c > " .. folder
      .. "/bomb.gz && echo made") == "made")
    server = httpd.start { gzip = folder .. "/bomb.gz" }
  end)
  teardown(function()
    server.stop()
    child.remove(folder)
  end)
  before_each(function()
    server.reset()
    engine = curl.engine()
  end)
  after_each(function()
    engine:close()
  end)

  local function request(path, more)
    local r = { method = "GET", url = server.url(path), timeout = 20 }
    for k, v in pairs(more or {}) do
      r[k] = v
    end
    return r
  end

  local function fails(kind, sent, path, more)
    local r, failure = engine:send(request(path, more))
    assert.is_nil(r, path)
    assert.equal(kind, failure.kind, path .. ": " .. tostring(failure.message))
    assert.equal(sent, failure.sent, path)
    assert.is_string(failure.message)
    assert.is_true(#failure.message > 5)
    return failure
  end

  local function still_works()
    assert.equal("hello", engine:send(request("/hello")).body)
  end

  describe("a connection that closes under a second request", function()
    local function twice(more)
      assert.equal("first", engine:send(request("/reuse-closes")).body)
      more.method = more.method or "POST"
      return engine:send(request("/reuse-closes", more))
    end

    it("makes libcurl send a POST again by itself: the reason for `once`", function()
      local r = twice { body = "charge me" }
      assert.equal("first", r.body)
      assert.equal(2, server.count("POST /reuse%-closes charge me"))
      assert.equal(1, engine:stats().resends)
    end)

    it("does not send again what may leave only once", function()
      for _, method in ipairs { "POST", "PUT", "PATCH", "DELETE", "GET" } do
        server.reset()
        engine:close()
        engine = curl.engine()
        local r, failure = twice { method = method, body = "charge me", once = true }
        assert.is_nil(r)
        assert.equal("resent", failure.kind)
        assert.is_true(failure.sent)
        assert.matches("not sent again", failure.message)
        assert.equal(1, server.count(method .. " /reuse%-closes charge me"))
        assert.equal(1, engine:stats().refused)
        assert.equal(0, engine:stats().resends)
        -- And the engine is none the worse for it.
        still_works()
      end
    end)

    it("is no re-send on the first connection: `once` changes nothing there", function()
      assert.equal("first", engine:send(request("/reuse-closes", { method = "POST", once = true })).body)
      engine:close()
      engine = curl.engine()
      fails("network", true, "/close", { method = "POST", once = true, body = "x" })
      assert.equal(1, server.count("POST /close"))
    end)

    it("holds for a started transfer too", function()
      assert.equal("first", engine:send(request("/reuse-closes")).body)
      local t = engine:start(request("/reuse-closes", { method = "POST", once = true, body = "x" }))
      assert.is_true(engine:wait(t, 15))
      local r, failure = t:result()
      assert.is_nil(r)
      assert.equal("resent", failure.kind)
      assert.equal(1, server.count("POST"))
    end)
  end)

  describe("a broken answer", function()
    it("that ends too early is never taken for a whole one", function()
      for _, path in ipairs { "/truncated", "/truncated-chunked", "/close" } do
        fails("network", true, path)
      end
      -- Headers cut off in the middle: no answer, whatever libcurl makes of the rest.
      local r, failure = engine:send(request("/truncated-headers"))
      if r then
        assert.equal("", r.body)
      else
        assert.equal("network", failure.kind)
      end
      still_works()
    end)

    it("of garbage is a network failure", function()
      for _, path in ipairs { "/garbage", "/garbage-bytes", "/garbage-nul", "/garbage-chunk",
        "/garbage-gzip" } do
        fails("network", true, path)
      end
      still_works()
    end)

    it("without a status is no success", function()
      fails("network", true, "/garbage-status")
      still_works()
    end)
  end)

  describe("the ceiling", function()
    it("counts the body: at it is well, one above is too large", function()
      assert.equal(1000, #engine:send(request("/bytes/1000", { max_body = 1000 })).body)
      local f = fails("too_large", true, "/bytes/1001", { max_body = 1000 })
      assert.matches("1000 bytes", f.message)
      assert.equal(1, #engine:send(request("/bytes/1", { max_body = 1 })).body)
      fails("too_large", true, "/bytes/2", { max_body = 1 })
      assert.equal("", engine:send(request("/empty", { max_body = 1 })).body)
      assert.equal(2000000, #engine:send(request("/bytes/2000000", { max_body = 2000000 })).body)
      fails("too_large", true, "/bytes/2000001", { max_body = 2000000 })
    end)

    it("ends an answer without end", function()
      fails("too_large", true, "/endless", { max_body = 100000 })
      assert.is_true(server.await("^closed"))
      still_works()
    end)

    it("counts after decompression: a bomb does not get through", function()
      fails("too_large", true, "/gzip", { max_body = 1000000 })
      assert.equal(41943040, #engine:send(request("/gzip", { max_body = 41943040 })).body)
      fails("too_large", true, "/gzip", { max_body = 41943039 })
    end)

    it("is 32 MiB when nobody says", function()
      local f = fails("too_large", true, "/gzip")
      assert.matches("33554432", f.message)
      assert.equal(33554432, #engine:send(request("/bytes/33554432")).body)
      fails("too_large", true, "/bytes/33554433")
    end)

    it("holds for headers", function()
      local r, failure = engine:send(request("/endless-headers"))
      assert.is_nil(r)
      assert.is_true(failure.kind == "too_large" or failure.kind == "network")
      still_works()
    end)
  end)

  describe("a timeout", function()
    it("ends waiting for an answer", function()
      fails("timeout", true, "/silent", { timeout = 0.1 })
      fails("timeout", true, "/silent", { timeout = 0.1, method = "POST", body = "x", once = true })
      assert.is_true(server.await("^closed"))
      still_works()
    end)

    it("ends an answer that stops half way", function()
      fails("timeout", true, "/half", { timeout = 0.1 })
      still_works()
    end)

    it("may be shorter than a millisecond", function()
      local r, failure = engine:send(request("/silent", { timeout = 1e-9 }))
      assert.is_nil(r)
      assert.equal("timeout", failure.kind)
    end)

    it("may be as long as one likes", function()
      for _, t in ipairs { 1e7, 1e300, math.huge } do
        assert.equal("hello", engine:send(request("/hello", { timeout = t, connect_timeout = t })).body)
      end
    end)

    it("for connecting ends a handshake that does not go on", function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      local t = engine:start { method = "GET", timeout = 1000, connect_timeout = 0.1,
        url = ("https://127.0.0.1:%d/"):format(port) }
      assert.is_true(engine:wait(t, 15))
      local r, failure = t:result()
      assert.is_nil(r)
      assert.equal("timeout", failure.kind)
      assert.is_false(failure.sent)
      listener:close()
    end)
  end)

  describe("no connection", function()
    it("is a network failure with nothing sent", function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      listener:close()
      for _, scheme in ipairs { "http", "https" } do
        local r, failure = engine:send { method = "POST", body = "x", timeout = 20,
          url = ("%s://127.0.0.1:%d/"):format(scheme, port) }
        assert.is_nil(r)
        assert.equal("network", failure.kind)
        assert.is_false(failure.sent)
        assert.matches("127.0.0.1", failure.message)
      end
    end)

    it("to a name nobody knows neither", function()
      local r, failure = engine:send { method = "GET", url = "https://nobody.invalid/", timeout = 20 }
      assert.is_nil(r)
      assert.equal("network", failure.kind)
      assert.is_false(failure.sent)
      assert.matches("nobody.invalid", failure.message)
    end)
  end)

  describe("cancelling", function()
    local function cancelled(t, sent)
      t:cancel()
      t:cancel()
      assert.is_true(t:done())
      assert.is_true(engine:wait(t, 0))
      local r, failure = t:result()
      assert.is_nil(r)
      assert.equal("cancelled", failure.kind)
      assert.equal(sent, failure.sent)
      assert.equal(0, engine:running())
      t:cancel()
      still_works()
    end

    it("before the first step sends nothing", function()
      cancelled(engine:start(request("/hello", { method = "POST" })), false)
      assert.equal(0, server.count("POST"))
    end)

    it("while the handshake hangs", function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      local t = engine:start { method = "GET", timeout = 20,
        url = ("https://127.0.0.1:%d/"):format(port) }
      engine:wait(t, 0.05)
      local c = assert(listener:accept())
      c:settimeout(10)
      assert.equal(1, #c:receive(1)) -- the client's hello is there
      cancelled(t, false)
      c:close()
      listener:close()
    end)

    it("while the answer is awaited closes the connection", function()
      local t = engine:start(request("/silent", { method = "POST", body = "x" }))
      engine:wait(t, 0.02)
      while server.count("POST /silent x") == 0 do
        engine:wait(t, 0.01)
      end
      cancelled(t, true)
      assert.is_true(server.await("^closed"))
      assert.equal(1, server.count("POST /silent"))
    end)

    it("in the middle of the body", function()
      local t = engine:start(request("/half"))
      while server.count("GET /half") == 0 do
        engine:wait(t, 0.01)
      end
      engine:wait(t, 0.05)
      cancelled(t, true)
      assert.is_true(server.await("^closed"))
    end)

    it("while a large body goes out", function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      local t = engine:start { method = "POST", timeout = 20, body = ("x"):rep(16 * 1024 * 1024),
        url = ("http://127.0.0.1:%d/"):format(port) }
      engine:wait(t, 0.05)
      local c = assert(listener:accept())
      c:settimeout(10)
      assert.equal(1000, #c:receive(1000))
      cancelled(t, true)
      c:close()
      listener:close()
    end)

    it("in the queue for a connection", function()
      local narrow = curl.engine { max_connections = 1 }
      local first = narrow:start(request("/silent"))
      local queued = narrow:start(request("/hello"))
      narrow:wait(queued, 0.05)
      queued:cancel()
      local r, failure = queued:result()
      assert.is_nil(r)
      assert.equal("cancelled", failure.kind)
      assert.is_false(failure.sent)
      first:cancel()
      assert.equal("hello", narrow:send(request("/hello")).body)
      narrow:close()
    end)

    it("after the end changes nothing", function()
      local t = engine:start(request("/hello"))
      engine:wait(t)
      t:cancel()
      assert.equal("hello", t:result().body)
    end)

    it("of one leaves the others alone", function()
      local list = {}
      for i = 1, 20 do
        list[i] = engine:start(request(i % 2 == 0 and "/bytes/5000" or "/silent"))
      end
      engine:wait(list[2])
      for i = 1, 20, 2 do
        list[i]:cancel()
      end
      for i = 2, 20, 2 do
        assert.is_true(engine:wait(list[i], 15))
        assert.equal(5000, #list[i]:result().body)
      end
      assert.equal(0, engine:running())
    end)

    it("at random moments never disturbs what follows", function()
      local seed = 7
      local function random(n)
        seed = (seed * 16807) % 2147483647
        return seed % n
      end
      local paths = { "/hello", "/silent", "/half", "/bytes/200000", "/endless", "/gzip", "/close" }
      for _ = 1, 60 do
        local list = {}
        for i = 1, 1 + random(5) do
          list[i] = engine:start(request(paths[1 + random(#paths)], { max_body = 50000000 }))
        end
        for _ = 1, random(8) do
          engine:tick()
        end
        if random(3) == 0 then
          engine:wait(nil, random(3) / 1000)
        end
        for _, t in ipairs(list) do
          t:cancel()
        end
        assert.equal(0, engine:running())
      end
      still_works()
    end)
  end)

  describe("a redirect", function()
    it("is an answer like any other", function()
      local r = engine:send(request("/redirect"))
      assert.equal(302, r.status)
      assert.equal("/hello", r.headers.location)
      assert.equal(0, server.count("/hello"))
    end)
  end)

  it("keeps no cookies", function()
    assert.matches("a=b", engine:send(request("/cookie")).headers["set-cookie"])
    assert.is_nil(engine:send(request("/echo")).body:lower():find("cookie:", 1, true))
  end)
end)

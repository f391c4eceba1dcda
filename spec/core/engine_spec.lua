-- onelogin.curl over real sockets: what goes out, what comes back, and driving it from a loop.
local curl = require "onelogin.curl"
local httpd = require "spec.support.httpd"
local socket = require "socket"

describe("engine", function()
  local server, engine

  setup(function()
    server = httpd.start()
  end)
  teardown(function()
    server.stop()
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

  local function send(path, more)
    return engine:send(request(path, more))
  end

  -- The head and body of the request as the server got them.
  local function echo(more)
    local r = assert(send("/echo", more))
    return r.body:match("^(.-\r\n)\n(.*)$")
  end

  describe("an answer", function()
    it("has status, headers, body, times, reuse and version", function()
      local r = send("/hello")
      assert.equal(200, r.status)
      assert.equal("hello", r.body)
      assert.equal("5", r.headers["content-length"])
      assert.equal("1.1", r.http_version)
      assert.is_false(r.reused)
      for _, name in ipairs { "dns", "connect", "tls", "first_byte", "total" } do
        assert.is_number(r.times[name])
      end
      assert.is_true(r.times.total >= r.times.first_byte and r.times.first_byte >= r.times.connect)
      assert.equal(0, r.times.tls)
      assert.is_true(send("/hello").reused)
    end)

    it("has lower-case header names, repeated ones joined, blanks trimmed, folded lines whole", function()
      local h = send("/headers").headers
      assert.equal("1", h["x-one"])
      assert.equal("a, b, c", h["x-two"])
      assert.equal("", h["x-empty"])
      assert.equal("v", h["x-blank"])
      assert.equal("first second third", (h["x-folded"]:gsub("%s+", " ")))
      assert.equal("a:b: c", h["x-colon"])
      assert.equal("end", h["x-last"])
      assert.is_nil(h["X-One"])
    end)

    it("is the final one: interim answers and trailers leave no trace", function()
      local r = send("/interim")
      assert.equal(200, r.status)
      assert.equal("late", r.body)
      assert.is_nil(r.headers["x-early"])
      r = send("/trailer")
      assert.equal("ok", r.body)
      assert.equal("1", r.headers["x-a"])
      assert.is_nil(r.headers["x-trailer"])
    end)

    it("may be empty, and any status", function()
      assert.equal("", send("/empty").body)
      local r = send("/nothing")
      assert.equal(204, r.status)
      assert.equal("", r.body)
      assert.equal(404, send("/nowhere").status)
    end)

    it("may end with the connection when no length was given", function()
      assert.equal("all of it", send("/until-close").body)
    end)

    it("keeps its size over the growth of the buffer", function()
      for _, n in ipairs { 1, 255, 256, 257, 16384, 65537, 1048577, 3000000 } do
        assert.equal(n, #send("/bytes/" .. n).body)
      end
    end)

    it("is not another's: handles used again start afresh", function()
      assert.equal("a:b: c", send("/headers").headers["x-colon"])
      local r = send("/nothing")
      assert.is_nil(r.headers["x-colon"])
      assert.equal("", r.body)
      send("/echo", { method = "PATCH", body = "secret", headers = { ["Content-Type"] = "a/b",
        Authorization = "bearer x" } })
      local head, body = echo()
      assert.matches("^GET /echo HTTP/1.1\r\n", head)
      assert.is_nil(head:lower():find("authorization", 1, true))
      assert.is_nil(head:lower():find("content", 1, true))
      assert.equal("", body)
    end)
  end)

  describe("a request", function()
    it("goes out with each method, with and without a body", function()
      for _, method in ipairs { "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" } do
        local head, body = echo { method = method, body = '{"a":1}',
          headers = { ["Content-Type"] = "application/json" } }
        assert.matches("^" .. method .. " /echo HTTP/1.1\r\n", head)
        assert.matches("\r\nContent%-Length: 7\r\n", head)
        assert.matches("\r\nContent%-Type: application/json\r\n", head)
        assert.equal('{"a":1}', body)
        head, body = echo { method = method }
        assert.matches("^" .. method .. " /echo HTTP/1.1\r\n", head)
        assert.equal("", body)
        assert.is_nil(head:find("Content-Type", 1, true))
      end
      local r = send("/bytes/5", { method = "HEAD" })
      -- The test server sends a body all the same; nothing of it is an answer to HEAD.
      assert.equal(200, r.status)
      assert.equal("", r.body)
      assert.equal("5", r.headers["content-length"])
    end)

    it("says a length of 0 for a write without a body", function()
      for _, method in ipairs { "POST", "PUT", "PATCH" } do
        assert.matches("\r\nContent%-Length: 0\r\n", (echo { method = method }))
        assert.matches("\r\nContent%-Length: 0\r\n", (echo { method = method, body = "" }))
      end
    end)

    it("carries any byte in its body, and large ones without asking first", function()
      local all = {}
      for i = 0, 255 do all[#all + 1] = string.char(i) end
      all = table.concat(all)
      local _, body = echo { method = "POST", body = all }
      assert.equal(all, body)
      local big = ("0123456789abcdef"):rep(131072) -- 2 MiB
      local head
      head, body = echo { method = "POST", body = big }
      assert.is_true(big == body)
      assert.is_nil(head:find("Expect", 1, true))
    end)

    it("carries the headers it was given, empty ones too, and guesses no type", function()
      local head = echo { method = "POST", body = "x", headers = {
        Authorization = "bearer abc", ["X-Empty"] = "", ["X-Tab"] = "a\tb", ["X-Utf8"] = "z\195\188" } }
      assert.matches("\r\nAuthorization: bearer abc\r\n", head)
      assert.matches("\r\nX%-Empty:\r\n", head)
      assert.matches("\r\nX%-Tab: a\tb\r\n", head)
      assert.matches("\r\nX%-Utf8: z\195\188\r\n", head)
      assert.is_nil(head:find("Content-Type", 1, true))
    end)

    it("says who sends it, unless told otherwise", function()
      assert.matches("\r\nUser%-Agent: lua%-onelogin/%d", (echo()))
      assert.matches("\r\nUser%-Agent: mine\r\n", (echo { headers = { ["User-Agent"] = "mine" } }))
      local other = curl.engine { user_agent = "app/2" }
      assert.matches("\r\nUser%-Agent: app/2\r\n", other:send(request("/echo")).body)
      other:close()
    end)

    it("keeps its path as written: dots and escapes reach the server", function()
      server.reset()
      send("/a/../b/./c%2Fd?x=%00&y=a+b")
      assert.equal(1, server.count("GET /a/%.%./b/%./c%%2Fd%?x=%%00&y=a%+b"))
    end)

    it("carries many headers", function()
      local headers = {}
      for i = 1, 100 do
        headers["X-Number-" .. i] = ("v"):rep(i)
      end
      local head = echo { headers = headers }
      for i = 1, 100 do
        assert.is_truthy(head:find("\r\nX-Number-" .. i .. ": " .. ("v"):rep(i) .. "\r\n", 1, true))
      end
    end)
  end)

  describe("misuse", function()
    local function refused(pattern, value)
      server.reset()
      for _, name in ipairs { "send", "start" } do
        local ok, err = pcall(engine[name], engine, value)
        assert.is_false(ok)
        assert.is_string(err)
        assert.matches(pattern, err)
      end
      assert.equal(0, server.count("request"))
      assert.equal(0, engine:stats().requests)
    end

    it("of the URL is thrown before anything is opened", function()
      local function url(u)
        return { method = "GET", url = u }
      end
      refused("url", { method = "GET" })
      refused("url", { method = "GET", url = 12 })
      for _, u in ipairs { "", "hello", "/path", "ftp://127.0.0.1/", "file:///etc/passwd",
        "ws://127.0.0.1/", "https", "https:/", "HTTPS:x" } do
        refused("absolute https", url(u))
      end
      for _, u in ipairs { "http://example.com/", "http://127.0.0.1.example.com/",
        "http://128.0.0.1/", "http://127.1/", "http://127.0.0.256/", "http://0127.0.0.1/",
        "http://127.0.0.1./", "http://localhost.example/", "http://localhost./", "http://0.0.0.0/",
        "http://[::]/", "http://[::2]/", "http://[::1/", "http://::1/", "http://2130706433/",
        "HTTP://example.com/", "http://10.0.0.1:80/", "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.1:80:80/", "http://1270.0.0.1/" } do
        refused("must be https", url(u))
      end
      for _, u in ipairs { "http://localhost@example.com/", "https://user:pass@localhost/",
        "http://127.0.0.1:80@example.com/" } do
        refused("user name", url(u))
      end
      for _, u in ipairs { "http://127.0.0.1\\@example.com/", "https://a%2eb/", "https://a*b/",
        "http://127.0.0.1\\.example.com/" } do
        refused("characters that do not belong", url(u)
          and { method = "GET", url = (u:gsub("@.*", "")) })
      end
      for _, u in ipairs { "https:///x", "http:///x", "https://:443/", "https://?", "https://" } do
        refused("no host", url(u))
      end
      for _, u in ipairs { "https://a b/", "https://a/\r\nX: y", "https://a/\0b", "https://a/\127",
        "https://a/\195\188", "https://a/\t", " https://a/" } do
        refused("url", url(u))
      end
      refused("percent%-encode", url("https://localhost/\r\nX-Injected: yes"))
    end)

    it("of the method is thrown", function()
      for _, m in ipairs { "", "get", "GET ", "GET\r\nX: y", "G\0T", "CONNECT", "TRACE",
        ("A"):rep(17) } do
        refused("method", { method = m, url = server.url("/hello") })
      end
      refused("method", { url = server.url("/hello") })
    end)

    it("of the headers is thrown, line breaks above all", function()
      local function headers(h)
        return { method = "GET", url = server.url("/hello"), headers = h }
      end
      for _, bad in ipairs { "a\r\nX-Injected: yes", "a\nb", "a\rb", "a\0b", "\1", "a\127" } do
        refused("X%-A has a control character", headers { ["X-A"] = bad })
        refused("headers", headers { ["X-A" .. bad] = "v" })
      end
      for _, name in ipairs { "", "X A", "X:", "X-A:", "X\195\188", "X(", "X\0Y" } do
        refused("name", headers { [name] = "v" })
      end
      refused("value of X%-A must be a string", headers { ["X-A"] = 1 })
      refused("value of X%-A must be a string", headers { ["X-A"] = false })
      refused("names and strings", headers { "X-A: b" })
      refused("names and strings", headers "X-A: b")
      refused("written by the engine", headers { ["content-length"] = "5" })
      refused("written by the engine", headers { ["Transfer-Encoding"] = "chunked" })
    end)

    it("never repeats a header's value, which may be a secret", function()
      local ok, err = pcall(engine.send, engine, { method = "GET", url = server.url("/hello"),
        headers = { Authorization = "bearer TOPSECRET\n" } })
      assert.is_false(ok)
      assert.is_nil(err:find("TOPSECRET", 1, true))
      ok, err = pcall(engine.send, engine, { method = "GET",
        url = "https://user:TOPSECRET@localhost/" })
      assert.is_false(ok)
      assert.is_nil(err:find("TOPSECRET", 1, true))
    end)

    it("of numbers and bodies is thrown", function()
      local function with(key, value)
        return { method = "GET", url = server.url("/hello"), [key] = value }
      end
      for _, v in ipairs { 0, -1, "5", 0 / 0, true } do
        refused("timeout must be a number of seconds", with("timeout", v))
        refused("connect_timeout must be a number of seconds", with("connect_timeout", v))
      end
      for _, v in ipairs { 0, -5, "9", 1e12, 0 / 0 } do
        refused("max_body must be a number of bytes", with("max_body", v))
      end
      refused("body must be a string", with("body", { a = 1 }))
      refused("body must be a string", with("body", 5))
      refused("HEAD", { method = "HEAD", url = server.url("/hello"), body = "x" })
      refused("must be a table", "GET")
      refused("must be a table", nil)
    end)

    it("of options is thrown, and names the option", function()
      for pattern, options in pairs {
        ["cafile"] = { cafile = "x" },
        ["unknown engine option 'verify'"] = { verify = false },
        ["unknown engine option 'insecure'"] = { insecure = true },
        ["unknown engine option 'number'"] = { "x" },
        ["ca_file .* cannot be read"] = { ca_file = "/nonexistent/ca.pem" },
        ["ca_file must be a string"] = { ca_file = 1 },
        ["ca_blob must be PEM"] = { ca_blob = "hello" },
        ["not both"] = { ca_file = "/dev/null", ca_blob = "-----BEGIN CERTIFICATE-----" },
        ["pinned_key must be"] = { pinned_key = "abc" },
        ["proxy must be a URL"] = { proxy = "localhost:3128" },
        ["proxy holds"] = { proxy = "http://a b" },
        ["user_agent holds"] = { user_agent = "a\nb" },
        ["user_agent is empty"] = { user_agent = "" },
        ["max_connections must be"] = { max_connections = 0 },
        ["max_connections must be a whole"] = { max_connections = 1.5 },
        ["http_version must be"] = { http_version = "3" },
      } do
        local ok, err = pcall(curl.engine, options)
        assert.is_false(ok, pattern)
        assert.is_string(err)
        assert.matches(pattern, err)
      end
      assert.is_false((pcall(curl.engine, "x")))
    end)

    it("never repeats a proxy's password", function()
      local ok, err = pcall(curl.engine, { proxy = "gopher://u:TOPSECRET@p" })
      assert.is_false(ok)
      assert.is_nil(err:find("TOPSECRET", 1, true))
    end)

    it("of methods on other values is thrown", function()
      for _, name in ipairs { "send", "start", "wait", "fds", "timeout", "step", "tick", "running",
        "stats", "close" } do
        for _, self in ipairs { {}, "x", 1, io.stdout } do
          assert.is_false((pcall(engine[name], self)))
        end
        assert.is_false((pcall(engine[name])))
      end
      local t = engine:start(request("/hello"))
      for _, name in ipairs { "done", "result", "cancel" } do
        assert.is_false((pcall(t[name], engine)))
        assert.is_false((pcall(t[name])))
      end
      assert.is_false((pcall(engine.wait, t, t)))
    end)
  end)

  describe("connections", function()
    it("are kept: 1,000 calls in a row open one", function()
      for i = 1, 1000 do
        local r = send("/hello", { method = i % 3 == 0 and "POST" or "GET" })
        assert.equal("hello", r.body)
        assert.equal(i > 1, r.reused)
      end
      assert.equal(1, server.count("^open"))
      local s = engine:stats()
      assert.equal(1000, s.requests)
      assert.equal(1, s.connections)
      assert.equal(999, s.reused)
      assert.equal(0, s.resends)
      assert.equal(0, s.running)
    end)

    it("belong to one engine", function()
      local other = curl.engine()
      send("/hello")
      other:send(request("/hello"))
      assert.equal(2, server.count("^open"))
      other:close()
    end)

    it("are as many as allowed, the rest waits its turn", function()
      local narrow = curl.engine { max_connections = 2 }
      local list = {}
      for i = 1, 20 do
        list[i] = narrow:start(request("/bytes/1000"))
      end
      for i = 1, 20 do
        assert.is_true(narrow:wait(list[i]))
        assert.equal(1000, #list[i]:result().body)
      end
      assert.is_true(server.count("^open") <= 2)
      narrow:close()
    end)

    it("waiting for a free one respects the timeout", function()
      local narrow = curl.engine { max_connections = 1 }
      local first = narrow:start(request("/silent"))
      local second = narrow:start(request("/hello", { timeout = 0.2 }))
      assert.is_true(narrow:wait(second, 15))
      local r, failure = second:result()
      assert.is_nil(r)
      assert.equal("timeout", failure.kind)
      assert.is_false(failure.sent)
      assert.matches("in time; see max_connections", failure.message)
      first:cancel()
      narrow:close()
      assert.equal(0, server.count("/hello"))
    end)

    it("are not counted for transfers that never began", function()
      send("/hello")
      engine:start(request("/hello")):cancel() -- on the handle that the first has left
      local s = engine:stats()
      assert.same({ 2, 1, 0 }, { s.requests, s.connections, s.reused })
    end)

    it("are used at once by transfers started together", function()
      local list = {}
      for i = 1, 30 do
        list[i] = engine:start(request("/bytes/" .. i * 100))
      end
      assert.equal(30, engine:running())
      for i = 30, 1, -1 do
        assert.is_true(engine:wait(list[i]))
        assert.equal(i * 100, #list[i]:result().body)
      end
      assert.equal(0, engine:running())
    end)
  end)

  describe("a transfer", function()
    it("is started, waited for and read once", function()
      local t = engine:start(request("/hello"))
      assert.is_false(t:done())
      assert.matches("running", tostring(t))
      local ok, err = pcall(t.result, t)
      assert.is_false(ok)
      assert.matches("not done", err)
      assert.is_true(engine:wait(t))
      assert.is_true(t:done())
      assert.matches("done", tostring(t))
      assert.equal("hello", t:result().body)
      assert.is_true(t:done())
      assert.matches("taken", tostring(t))
      ok, err = pcall(t.result, t)
      assert.is_false(ok)
      assert.matches("taken before", err)
      t:cancel()
      assert.is_true(engine:wait(t))
    end)

    it("is waited for no longer than asked", function()
      local t = engine:start(request("/silent"))
      assert.is_false(engine:wait(t, 0))
      assert.is_false(engine:wait(t, 0.05))
      assert.is_false(t:done())
      for _, bad in ipairs { -1, "1", 0 / 0 } do
        assert.is_false((pcall(engine.wait, engine, t, bad)))
      end
      t:cancel()
      assert.is_true(engine:wait(t, 0))
    end)

    it("is one of several: waiting without a name ends when any is done", function()
      local slow = engine:start(request("/silent"))
      local quick = engine:start(request("/hello"))
      assert.is_true(engine:wait(nil, 15))
      assert.is_true(quick:done())
      assert.is_false(slow:done())
      assert.is_false(engine:wait(nil, 0.02))
      slow:cancel()
      assert.is_true(engine:wait(nil, 15))
    end)

    it("goes on while another is sent", function()
      local t = engine:start(request("/bytes/100000"))
      local slow = engine:start(request("/silent"))
      for _ = 1, 50 do
        send("/hello")
      end
      assert.is_true(engine:wait(t, 15))
      assert.equal(100000, #t:result().body)
      slow:cancel()
    end)

    it("with a number is told of once, in the order of the ends", function()
      local slow = engine:start(request("/silent"), nil, 7)
      local quick = engine:start(request("/hello"), nil, 8)
      local unnumbered = engine:start(request("/hello"))
      assert.is_nil(engine:ended())
      assert.is_true(engine:wait(quick, 15))
      assert.is_true(engine:wait(unnumbered, 15))
      assert.equal(8, engine:ended())
      assert.is_nil(engine:ended())
      slow:cancel()
      assert.equal(200, quick:result().status)
      local again = engine:start(request("/hello"), quick, 9)
      assert.equal(again, quick)                      -- the spare is used
      assert.is_true(engine:wait(again, 15))
      assert.equal(200, again:result().status)        -- taken before anybody asked: nothing to tell of it any more
      assert.equal(7, engine:ended())
      assert.is_nil(engine:ended())
      slow, quick, again = nil, nil, nil -- luacheck: ignore 311
      local lost = engine:start(request("/silent"), {}, 10) -- what is no spare is left alone
      lost:cancel()
      lost = nil -- luacheck: ignore 311
      collectgarbage() collectgarbage()
      assert.is_nil(engine:ended())
      local running = engine:start(request("/silent"))
      local beside = engine:start(request("/silent"), running, 11)
      assert.are_not.equal(running, beside)           -- nor one that is at work
      assert.has_error(function() engine:start(request("/hello"), nil, 0) end,
        "the number of a transfer must be above 0")
      running:cancel()
      beside:cancel()
      assert.equal(11, engine:ended())
    end)

    it("belongs to its engine", function()
      local other = curl.engine()
      local t = engine:start(request("/silent"))
      local ok, err = pcall(other.wait, other, t)
      assert.is_false(ok)
      assert.matches("another engine", err)
      t:cancel()
      other:close()
    end)

    it("does not lend its strings: they may be collected at once", function()
      local list = {}
      for i = 1, 20 do
        list[i] = engine:start(request("/echo", { method = "POST", body = ("b"):rep(5000) .. i,
          headers = { ["X-Number"] = "n" .. i } }))
        collectgarbage()
      end
      for i = 1, 20 do
        engine:wait(list[i])
        local body = list[i]:result().body
        assert.is_truthy(body:find("\r\nX-Number: n" .. i .. "\r\n", 1, true))
        assert.is_truthy(body:find(("b"):rep(5000) .. i, 1, true))
      end
    end)
  end)

  describe("a loop of one's own", function()
    it("is fed by fds, timeout and step", function()
      local list, left = {}, 12
      for i = 1, 12 do
        list[i] = engine:start(request("/bytes/" .. i * 20000))
      end
      local rounds = 0
      while left > 0 do
        rounds = rounds + 1
        assert.is_true(rounds < 100000)
        local due = engine:timeout()
        assert.is_true(due == nil or due >= 0)
        local r, w = {}, {}
        for fd, what in pairs(engine:fds()) do
          assert.is_truthy(({ r = true, w = true, rw = true })[what])
          local shown = { getfd = function() return fd end, fd = fd }
          if what:find("r") then r[#r + 1] = shown end
          if what:find("w") then w[#w + 1] = shown end
        end
        local can_read, can_write = socket.select(r, w, math.min(due or 1, 1))
        local ready = {}
        for _, s in ipairs(can_read) do ready[s.fd] = "r" end
        for _, s in ipairs(can_write) do ready[s.fd] = (ready[s.fd] or "") .. "w" end
        for fd, what in pairs(ready) do
          left = left - engine:step(fd, what)
        end
        if not next(ready) then
          left = left - engine:step()
        end
      end
      assert.equal(0, left)
      for i = 1, 12 do
        assert.is_true(list[i]:done())
        assert.equal(i * 20000, #list[i]:result().body)
      end
      assert.same({}, engine:fds())
    end)

    it("may step early, late, or for sockets that are gone", function()
      local t = engine:start(request("/hello"))
      for _ = 1, 50 do
        engine:step()
        engine:step(-1)
        engine:step(999, "rw")
        engine:step(0, "r")
      end
      assert.is_true(engine:wait(t, 15))
      assert.equal("hello", t:result().body)
      assert.equal(0, engine:step())
    end)

    it("refuses steps that make no sense", function()
      for _, bad in ipairs { { "x", "r" }, { 1.5, "r" }, { -2, "r" }, { 3, "x" }, { 3, nil },
        { 3, 1 } } do
        assert.is_false((pcall(engine.step, engine, bad[1], bad[2])))
      end
    end)

    it("is a game's tick, which never waits", function()
      local t = engine:start(request("/hello"))
      local silent = engine:start(request("/silent"))
      local finished, ticks = 0, 0
      while not t:done() do
        local running, now = engine:tick()
        finished = finished + now
        ticks = ticks + 1
        assert.equal(2 - finished, running)
        assert.is_true(ticks < 1e7)
      end
      assert.equal(1, finished)
      assert.equal("hello", t:result().body)
      assert.is_false(silent:done())
      silent:cancel()
      assert.equal(0, (engine:tick()))
      assert.equal(0, (engine:tick(0.01)))
      for _, bad in ipairs { -1, "x", 0 / 0 } do
        assert.is_false((pcall(engine.tick, engine, bad)))
      end
    end)
  end)

  describe("closing", function()
    it("is idempotent; a closed engine says so", function()
      assert.matches("0 running", tostring(engine))
      send("/hello")
      engine:close()
      engine:close()
      assert.matches("closed", tostring(engine))
      for name, argument in pairs { send = request("/hello"), start = request("/hello"), tick = false,
        fds = false, timeout = false, step = false } do
        local ok, err = pcall(engine[name], engine, argument or nil)
        assert.is_false(ok, name)
        assert.is_string(err)
        assert.matches("closed", err)
      end
      assert.equal(0, engine:running())
      assert.equal(1, engine:stats().requests)
    end)

    it("ends live transfers as cancelled and keeps finished ones", function()
      local done = engine:start(request("/hello"))
      engine:wait(done)
      local live = engine:start(request("/silent"))
      local fresh = engine:start(request("/silent"))
      engine:wait(live, 0.05)
      engine:close()
      assert.equal("hello", done:result().body)
      for _, t in ipairs { live, fresh } do
        assert.is_true(t:done())
        assert.is_true(engine:wait(t))
        local r, failure = t:result()
        assert.is_nil(r)
        assert.equal("cancelled", failure.kind)
        assert.matches("closed", failure.message)
      end
      assert.is_true(server.await("^closed"))
    end)

    it("may be left to the collector, in any order", function()
      for round = 1, 30 do
        local e = curl.engine()
        local t = { e:start(request("/silent")), e:start(request("/hello")), e:start(request("/echo")) }
        if round % 3 == 0 then
          e:wait(t[2])
        elseif round % 3 == 1 then
          e:tick()
        end
        if round % 2 == 0 then
          e = nil
          collectgarbage()
          -- The engine lives as long as a transfer of it.
          assert.is_true(t[2]:done() == (round % 3 == 0))
        end
        if round % 5 == 0 then
          t[1], t[3] = nil, nil
          collectgarbage()
        end
        if round % 7 == 0 and e then
          e:close()
        end
        t, e = nil, nil -- luacheck: ignore 311
        collectgarbage()
      end
      collectgarbage()
      assert.equal("hello", send("/hello").body)
    end)

    it("ends a transfer nobody holds any more", function()
      do
        local t = engine:start(request("/silent"))
        engine:wait(t, 0.05)
        assert.is_true(server.await("GET /silent"))
      end
      collectgarbage()
      collectgarbage()
      assert.equal(0, engine:running())
      assert.is_true(server.await("^closed"))
    end)
  end)

  it("keeps its types to itself", function()
    assert.equal("locked", getmetatable(engine))
    assert.matches("^libcurl/", curl.libcurl)
  end)
end)

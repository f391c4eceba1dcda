-- onelogin.curl over TLS: whom it trusts, HTTP/2, redirects and proxies.
local curl = require "onelogin.curl"
local child = require "spec.support.child"
local files = require "spec.support.files"
local httpd = require "spec.support.httpd"
local socket = require "socket"
local tls = require "spec.support.tls"

describe("engine over TLS", function()
  local server, plain, open

  setup(function()
    server = tls.start()
    plain = httpd.start()
  end)
  teardown(function()
    server.stop()
    plain.stop()
  end)
  before_each(function()
    open = {}
    plain.reset()
  end)
  after_each(function()
    for _, e in ipairs(open) do
      e:close()
    end
  end)

  local function engine(options)
    options = options or {}
    if options.ca_file == nil and options.ca_blob == nil then
      options.ca_file = server.ca
    end
    if options.ca_file == false then
      options.ca_file = nil
    end
    local e = curl.engine(options)
    open[#open + 1] = e
    return e
  end

  local function get(url, options)
    local e = engine(options)
    return e:send { method = "GET", url = url, timeout = 20,
      headers = { Authorization = "bearer SECRET" } }
  end

  local function refused(kind, pattern, url, options)
    local r, failure = get(url, options)
    assert.is_nil(r)
    assert.equal(kind, failure.kind, failure.message)
    assert.is_false(failure.sent)
    assert.matches(pattern, failure.message)
  end

  it("ends what waits for a connection that another transfer is making when its time is up", function()
    local listener = assert(socket.bind("127.0.0.1", 0)) -- never says a word
    local _, port = listener:getsockname()
    local e = engine()
    local function start(timeout)
      return e:start { method = "GET", url = ("https://127.0.0.1:%d/"):format(port), timeout = timeout, headers = {} }
    end
    local first = start(30)
    local second = start(0.3)
    local third = start(0.2)
    e:tick(0)
    assert.is_true(e:timeout() < 10)
    assert.is_true(e:wait(second, 10))
    assert.is_true(third:done())
    for _, t in ipairs { second, third } do
      local r, failure = t:result()
      assert.is_nil(r)
      assert.same({ "timeout", false }, { failure.kind, failure.sent })
      assert.equal("no connection was ready in time", failure.message)
    end
    assert.is_false(first:done())
    first:cancel()
    listener:close()
  end)

  describe("trust", function()
    it("in an authority comes from a file or from text", function()
      assert.equal(200, get(server.url("h1")).status)
      assert.equal(200, get(server.url("h1"), { ca_blob = files.read(server.ca) }).status)
      assert.equal(200, get(server.url("h1", "/", "127.0.0.1")).status)
    end)

    it("is not given to an authority nobody named", function()
      refused("tls", "ca_file", server.url("stranger"))
      refused("tls", "ca_file", server.url("h1"), { ca_file = false })
      refused("tls", "ca_file", server.url("h1"), { ca_file = server.folder .. "/ca2.pem" })
      refused("tls", "ca_file", server.url("h1"), { ca_blob = files.read(server.folder .. "/ca2.pem") })
      assert.equal(200, get(server.url("stranger"), { ca_file = server.folder .. "/ca2.pem" }).status)
    end)

    it("is not given to another host's certificate", function()
      refused("tls", "another host", server.url("other_host"))
      refused("tls", "another host", server.url("other_host", "/", "127.0.0.1"))
    end)

    it("is not given to a certificate that has expired", function()
      refused("tls", "expired", server.url("expired"))
    end)

    it("in a key is beside the authority, not instead of it", function()
      assert.equal(200, get(server.url("h1"), { pinned_key = server.pin("good") }).status)
      refused("tls", "pinned_key", server.url("h1"), { pinned_key = server.pin("other") })
      refused("tls", "ca_file", server.url("stranger"), { pinned_key = server.pin("stranger") })
    end)

    it("needs a file that holds certificates", function()
      local path = server.folder .. "/good.key"
      refused("tls", "ca_file", server.url("h1"), { ca_file = path })
      refused("tls", "", server.url("h1"),
        { ca_blob = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" })
    end)

    it("never lets connections cross from one engine to another", function()
      local good = engine()
      local url = server.url("h1")
      assert.equal(200, good:send({ method = "GET", url = url }).status)
      refused("tls", "ca_file", url, { ca_file = server.folder .. "/ca2.pem" })
      assert.is_true(good:send({ method = "GET", url = url }).reused)
    end)
  end)

  describe("the protocol", function()
    it("is TLS 1.2 at least", function()
      refused("tls", "TLS 1.2", server.url("tls11"))
      -- Also where the machine's own OpenSSL settings would allow less.
      local path = server.folder .. "/lax.cnf"
      local file = assert(io.open(path, "w"))
      file:write("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n",
        "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
      file:close()
      local lax = "OPENSSL_CONF=" .. path
      assert.equal("tls false", child.run(([[
        local e = require "onelogin.curl".engine { ca_file = %q }
        local r, failure = e:send { method = "GET", url = %q, timeout = 20 }
        io.write(r and r.body or failure.kind, " ", tostring(failure.sent))
      ]]):format(server.ca, server.url("tls11")), lax))
      assert.matches("TLSv1.1 ", child.capture(("%s openssl s_client -connect 127.0.0.1:%d "
        .. "</dev/null 2>&1 | tr '\\n' ' '"):format(lax, server.port.tls11)),
        "the server does not speak what the client is to refuse")
      assert.matches("TLSv1.2", get(server.url("tls12")).body)
      assert.matches("TLSv1.3", get(server.url("h1")).body)
    end)

    it("must be TLS: a server that speaks something else gets nothing", function()
      local r, failure = get("https://localhost:" .. plain.port .. "/")
      assert.is_nil(r)
      assert.equal("tls", failure.kind)
      assert.is_false(failure.sent)
      assert.equal(1, plain.count("^hello"))
      assert.equal(0, plain.count("^request"))
    end)

    it("is HTTP/2 where the server has it, unless told otherwise", function()
      assert.equal("2", get(server.url("h2")).http_version)
      assert.equal("1.1", get(server.url("h1")).http_version)
      assert.equal("1.1", get(server.url("h2"), { http_version = "1.1" }).http_version)
      assert.equal("2", get(server.url("h2"), { http_version = "2" }).http_version)
    end)

    it("does no harm to methods and bodies", function()
      for _, case in ipairs { "h1", "h2" } do
        local e = engine()
        for _, method in ipairs { "GET", "POST", "PUT", "DELETE", "PATCH" } do
          local r = assert(e:send { method = method, url = server.url(case), body = ("x"):rep(1000),
            once = true, headers = { ["Content-Type"] = "application/json" } })
          assert.equal(200, r.status)
        end
        local r = assert(e:send { method = "HEAD", url = server.url(case) })
        assert.equal("", r.body)
        assert.equal(1, e:stats().connections)
      end
    end)
  end)

  describe("connections", function()
    it("are one for 1,000 calls, on either version", function()
      for _, case in ipairs { "h1", "h2" } do
        local e = engine()
        local url = server.url(case)
        for _ = 1, 1000 do
          assert.equal(200, e:send({ method = "GET", url = url }).status)
        end
        assert.equal(1, e:stats().connections)
        assert.equal(999, e:stats().reused)
        -- The server's own count, including this one.
        assert.equal("1001", e:send({ method = "GET", url = server.url(case, "/requests") }).body)
      end
    end)

    it("are one for many at once over HTTP/2, even when cold", function()
      local e = engine()
      local list = {}
      for i = 1, 50 do
        list[i] = e:start { method = "GET", url = server.url("h2", "/big"), timeout = 20 }
      end
      for i = 1, 50 do
        assert.is_true(e:wait(list[i], 60))
        local r = assert(list[i]:result())
        assert.equal(300000, #r.body)
        assert.equal("2", r.http_version)
      end
      assert.equal(1, e:stats().connections)
    end)

    it("outlive the cancelling of one stream over HTTP/2", function()
      local e = engine()
      local slow = e:start { method = "GET", url = server.url("h2", "/slow"), timeout = 20 }
      local other = e:start { method = "GET", url = server.url("h2", "/big"), timeout = 20 }
      assert.is_true(e:wait(other, 20))
      assert.is_false(slow:done())
      slow:cancel()
      assert.equal(300000, #other:result().body)
      local r = e:send { method = "GET", url = server.url("h2") }
      assert.equal(200, r.status)
      assert.is_true(r.reused)
      assert.equal(1, e:stats().connections)
    end)

    it("show their times", function()
      local t = get(server.url("h1")).times
      assert.is_true(t.tls > 0 and t.first_byte >= t.tls and t.tls >= t.connect)
    end)
  end)

  it("does not follow redirects", function()
    local e = engine()
    local r = e:send { method = "GET", url = server.url("h1", "/moved") }
    assert.equal(302, r.status)
    assert.matches("^https://localhost", r.headers.location)
    assert.equal("2", e:send({ method = "GET", url = server.url("h1", "/requests") }).body)
  end)

  describe("a proxy", function()
    -- The plain test server tunnels CONNECT; the name in it need not exist here.
    local function through(host)
      return ("https://%s:%d/"):format(host, server.port.h1)
    end

    it("is used when given, and sees a host name and nothing else", function()
      local r = assert(get(through("api.example.test"),
        { proxy = "http://user:PROXYSECRET@127.0.0.1:" .. plain.port }))
      assert.equal(200, r.status)
      assert.equal(1, plain.count("^connect %d+ api.example.test:" .. server.port.h1 .. "$"))
      assert.equal(0, plain.count("^request"))
      assert.equal(0, plain.count("^leak"))
    end)

    it("does not loosen trust", function()
      refused("tls", "another host", through("wrong.example.test"),
        { proxy = "http://127.0.0.1:" .. plain.port })
      refused("tls", "ca_file", through("api.example.test"),
        { proxy = "http://127.0.0.1:" .. plain.port, ca_file = server.folder .. "/ca2.pem" })
    end)

    it("that refuses, or is not there, is a network failure with nothing sent", function()
      refused("network", "407", through("refused.example.test"),
        { proxy = "http://user:PROXYSECRET@127.0.0.1:" .. plain.port })
      local r, failure = get(through("api.example.test"), { proxy = "http://u:PROXYSECRET@127.0.0.1:1" })
      assert.is_nil(r)
      assert.equal("network", failure.kind)
      assert.is_false(failure.sent)
      assert.is_nil(failure.message:find("PROXYSECRET", 1, true))
    end)

    it("is never asked for loopback: plain http stays on this machine", function()
      local e = engine { proxy = "http://127.0.0.1:1" }
      for _, host in ipairs { "127.0.0.1", "localhost" } do
        local r = assert(e:send { method = "GET", url = ("http://%s:%d/hello"):format(host, plain.port) })
        assert.equal("hello", r.body)
      end
    end)

    it("of the environment is ignored", function()
      local proxy = "http://127.0.0.1:" .. plain.port
      local said = child.run(([[
        local e = require "onelogin.curl".engine { ca_file = %q }
        local function try(url)
          local r, failure = e:send { method = "GET", url = url, timeout = 20 }
          print(r and r.status or failure.kind)
        end
        try(%q)
        try("https://api.example.test/")
        try(%q)
      ]]):format(server.ca, server.url("h1"), plain.url("/hello")),
        ("http_proxy=%s https_proxy=%s HTTPS_PROXY=%s ALL_PROXY=%s all_proxy=%s no_proxy=")
        :format(proxy, proxy, proxy, proxy, proxy))
      assert.equal("200\nnetwork\n200", said)
      assert.equal(0, plain.count("^connect"))
      assert.equal(1, plain.count("^request"))
      -- no_proxy of the environment does not switch a given proxy off either.
      said = child.run(([[
        local e = require "onelogin.curl".engine { ca_file = %q, proxy = %q }
        print(e:send({ method = "GET", url = %q, timeout = 20 }).status)
      ]]):format(server.ca, proxy, through("api.example.test")), "no_proxy='*' NO_PROXY='*'")
      assert.equal("200", said)
      assert.equal(1, plain.count("^connect %d+ api.example.test:"))
    end)
  end)
end)

-- The sandbox over real HTTP and HTTPS, byte by byte, against a server in a process of its own.
local http = require "onelogin.sandbox.http"
local json = require("onelogin.core").json
local child = require "spec.support.child"
local served = require "spec.support.sandbox_server"
local socket = require "socket"

describe("the server's HTTP reader", function()
  local function read(bytes, step)
    local parser, out = http.parser(), {}
    for i = 1, #bytes, step or #bytes do
      parser:feed(bytes:sub(i, i + (step or #bytes) - 1))
      while true do
        local request, problem = parser:next()
        if problem then return nil, problem.status end
        if not request then break end
        out[#out + 1] = request
      end
    end
    return out
  end

  it("takes requests in pieces of any size, one after another", function()
    local bytes = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 5\r\n\r\nhello"
      .. "\r\nGET /b HTTP/1.1\r\nhost: x\r\nConnection: close\r\n\r\n"
      .. "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      .. "3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
      .. "GET /d HTTP/1.0\r\n\r\n"
    for _, step in ipairs { 1, 2, 3, 7, 1000 } do
      local list = read(bytes, step)
      assert.equal(4, #list)
      assert.equal("/a?b=c", list[1].target)
      assert.equal("hello", list[1].body)
      assert.equal("1, 2", list[1].headers["x-one"])
      assert.is_true(list[1].keep_alive)
      assert.is_false(list[2].keep_alive)
      assert.equal("abc0123456789", list[3].body)
      assert.is_false(list[4].keep_alive)
    end
  end)

  it("refuses what two readers could understand differently, and what is too large", function()
    local function status(bytes)
      local _, code = read(bytes)
      return code
    end
    local start = "POST / HTTP/1.1\r\nHost: x\r\n"
    assert.equal(400, status(start .. "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"))
    assert.equal(400, status(start .. "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"))
    assert.equal(400, status(start .. "Content-Length: -1\r\n\r\n"))
    assert.equal(400, status(start .. "Content-Length: 1, 1\r\n\r\n"))
    assert.equal(501, status(start .. "Transfer-Encoding: gzip\r\n\r\n"))
    assert.equal(400, status(start .. "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"))
    assert.equal(400, status(start .. "Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n"))
    assert.equal(400, status(start .. "Bad Header: 1\r\n\r\n"))
    assert.equal(400, status(start .. "X-A : 1\r\n\r\n"))
    assert.equal(400, status(start .. "Host: y\r\n\r\n"))
    assert.equal(400, status("GET x HTTP/1.1\r\n\r\n"))
    assert.equal(400, status("hello\r\n\r\n"))
    assert.equal(505, status("GET / HTTP/2.0\r\n\r\n"))
    assert.equal(413, status(start .. "Content-Length: 99999999\r\n\r\n"))
    assert.equal(413, status(start .. "Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n"))
    assert.equal(431, status(start .. "X: " .. ("a"):rep(20000)))
  end)

  it("writes answers whose headers stay lines", function()
    local bytes = http.response({ status = 200, headers = { ["x-a"] = "1\r\nX-B: 2" }, body = "hi" }, true)
    assert.equal("HTTP/1.1 200 OK\r\nX-A: 1  X-B: 2\r\nContent-Length: 2\r\n"
      .. "Connection: keep-alive\r\n\r\nhi", bytes)
  end)
end)

describe("the served sandbox", function()
  local server, c, bearer, folder

  setup(function()
    server = served.start "--https --users 10001"
    folder = child.folder()
    local f = assert(io.open(folder .. "/certificate.pem", "w"))
    f:write(server.certificate)
    f:close()
  end)

  teardown(function()
    server.stop()
    child.remove(folder)
  end)

  before_each(function()
    c = served.connect(server.http_url)
    bearer = served.login(server, c)
  end)

  after_each(function()
    c.close()
    served.control(server, "DELETE", "faults")
  end)

  local function secure() return served.connect(server.https_url, folder .. "/certificate.pem") end

  local function walk(connection, version, headers)
    local ids, cursor = {}, nil
    repeat
      local path = version == 1 and "/api/1/users?fields=id&after_cursor=" .. (cursor or "")
        or "/api/2/users?fields=id" .. (cursor and "&cursor=" .. cursor:gsub("=", "%%3D") or "&limit=100")
      local status, head, body = connection.request("GET", path, headers)
      assert.equal(200, status)
      local value = json.decode(body)
      for _, row in ipairs(version == 1 and value.data or value) do ids[#ids + 1] = row.id end
      cursor = head["after-cursor"]
      if version == 1 then cursor = value.pagination.after_cursor end
    until not cursor
    for i = 2, #ids do assert.is_true(ids[i] > ids[i - 1]) end
    return #ids
  end

  it("walks 10,001 users in order on one connection, in both styles", function()
    assert.equal(10001, walk(c, 2, bearer))
    assert.equal(10001, walk(c, 1, bearer))
  end)

  it("does the same over TLS with a certificate of its own", function()
    local s = secure()
    assert.equal(10001, walk(s, 2, served.login(server, s)))
    local _, _, body = s.request("GET", "/api/1/users?limit=1", bearer)
    assert.truthy(body:find('"next_link":"' .. server.https_url, 1, true))
    s.close()
    local ssl = require "ssl"
    local host, port = server.https_url:match("//([%d.]+):(%d+)")
    local raw = assert(socket.connect(host, tonumber(port)))
    raw:settimeout(10)
    local wrapped = assert(ssl.wrap(raw, { mode = "client", protocol = "any", verify = "peer",
      options = { "all" }, capath = folder }))
    assert.falsy((wrapped:dohandshake())) -- nobody who was not told trusts it
    wrapped:close()
  end)

  it("answers pipelined requests in order", function()
    local one = ("GET /api/2/users?limit=%d&fields=id HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n")
    local out = {}
    for i = 1, 20 do out[i] = one:format(i, c.host, bearer.Authorization) end
    c.write(table.concat(out))
    for i = 1, 20 do
      local status, _, body = c.read()
      assert.equal(200, status)
      assert.equal(i, #json.decode(body))
    end
  end)

  it("takes a chunked body, and bytes that dribble in", function()
    local body = '{"email":"dribble@acme.test"}'
    local bytes = ("POST /api/2/users HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n"
      .. "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n")
      :format(c.host, bearer.Authorization, #body, body)
    for i = 1, #bytes, 40 do
      c.write(bytes:sub(i, i + 39))
      socket.sleep(0.001)
    end
    local status, _, text = c.read()
    assert.equal(201, status)
    assert.equal("dribble@acme.test", json.decode(text).email)
  end)

  it("says 100 Continue to those who wait for it", function()
    c.write(("POST /api/2/users HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nExpect: 100-continue\r\n"
      .. "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"):format(c.host, bearer.Authorization))
    assert.equal(100, (c.read()))
    c.write("{}")
    assert.equal(422, (c.read()))
  end)

  it("answers only for its own host", function()
    local function ask(host)
      local s = served.connect(server.http_url)
      s.write("GET /api/2/users HTTP/1.1\r\n" .. host .. "\r\n")
      local status = s.read()
      s.close()
      return status
    end
    local port = server.http_url:match(":(%d+)$")
    assert.equal(421, ask "Host: evil.test\r\n")
    assert.equal(421, ask("Host: evil.test:" .. port .. "\r\n"))
    assert.equal(421, ask "Host: 127.0.0.1:1\r\n")
    assert.equal(421, ask "")
    assert.equal(401, ask("Host: localhost:" .. port .. "\r\n"))
    assert.equal(401, ask("Host: 127.0.0.1:" .. port .. "\r\n"))
  end)

  it("closes when asked, and after what it cannot read", function()
    local status, headers = c.request("GET", "/api/2/users?limit=1", { Connection = "close" })
    assert.equal(401, status)
    assert.equal("close", headers.connection)
    assert.is_nil((c.read()))
    local s = served.connect(server.http_url)
    s.write("nonsense\r\n\r\n")
    assert.equal(400, (s.read()))
    assert.is_nil((s.read()))
    s.close()
  end)

  it("breaks answers on the wire as faults ask", function()
    local function fault(rule)
      rule.operation = "users.list"
      assert.equal(200, (served.control(server, "POST", "faults", rule)))
    end
    local function get()
      local s = served.connect(server.http_url)
      local status, problem, partial, headers = s.request("GET", "/api/2/users?limit=1", bearer)
      s.close()
      return status, problem, partial, headers
    end
    fault { drop = "before" }
    assert.is_nil((get()))
    fault { drop = "after" }
    assert.is_nil((get()))
    fault { truncate = 20 }
    local status, _, partial, headers = get()
    assert.is_nil(status)
    assert.equal(20, #partial)
    assert.is_true(tonumber(headers["content-length"]) > 20)
    fault { garbage = true }
    local _, _, body = get()
    assert.is_nil((json.decode(body)))
    fault { latency = 0.3 }
    local before = socket.gettime()
    assert.equal(200, (get()))
    assert.is_true(socket.gettime() - before >= 0.29)
    fault { status = 503 }
    status, headers, body = get()
    assert.equal(503, status)
    assert.equal("close", headers.connection)
    assert.truthy(body:find("^<html>"))
    assert.equal(200, (get()))
  end)

  it("does not let a slow answer hold up other connections", function()
    served.control(server, "POST", "faults", { operation = "users.list", latency = 2 })
    c.write(("GET /api/2/users?limit=1 HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n")
      :format(c.host, bearer.Authorization))
    local s = served.connect(server.http_url)
    repeat -- until the slow request has arrived, and its fault is used up
      local _, faults = served.control(server, "GET", "faults")
    until #faults == 0
    assert.equal(200, (s.request("GET", "/api/2/roles", bearer)))
    s.close()
    c.sock:settimeout(0)
    local byte, why = c.sock:receive(1)
    assert.is_nil(byte)
    assert.equal("timeout", why)
    c.sock:settimeout(20)
    assert.equal(200, (c.read()))
  end)

  it("is steered by the control token and nothing else", function()
    for _, token in ipairs { "", "x", server.client_secret, ("0"):rep(32) } do
      assert.equal(403, (c.request("GET", "/sandbox/control/status", { ["X-Sandbox-Control"] = token })))
    end
    assert.equal(403, (c.request("GET", "/sandbox/control/status", bearer)))
    local status, value = served.control(server, "GET", "status")
    assert.equal(200, status)
    assert.is_true(value.requests > 0)
    assert.equal(404, (served.control(server, "GET", "nothing")))
    status, value = served.control(server, "POST", "faults", { staus = 1 })
    assert.equal(400, status)
    assert.truthy(value.message:find("did you mean 'status'", 1, true))
    local control = { ["X-Sandbox-Control"] = server.control_token }
    assert.equal(400, (c.request("POST", "/sandbox/control/faults", control, "{")))
  end)

  it("shows its journal and outbox, moves its clock, revokes, and goes back", function()
    local _, saved = served.control(server, "POST", "snapshot")
    local _, user = served.control(server, "POST", "users", { email = "over@acme.test", phone = "+1555" })
    assert.equal("over@acme.test", user.email)
    local _, device = served.control(server, "POST", "devices", { user = user.id, type = "totp" })
    local _, code = served.control(server, "GET", "code?device=" .. ("%d"):format(device.id))
    local late = { how = "approve", after = 8, polls = 2 }
    assert.equal(200, (served.control(server, "POST", "devices", { user = user.id, type = "protect",
      options = { push = late } })))
    assert.equal(200, (served.control(server, "POST", "push", { user = user.id, how = late })))
    assert.equal(400, (served.control(server, "POST", "push", { user = user.id, how = { how = "perhaps" } })))
    assert.truthy(code.code:find("^%d%d%d%d%d%d$"))
    local _, list = served.control(server, "GET", "devices?who=over@acme.test")
    assert.equal(2, #list)
    local _, before = served.control(server, "GET", "status")
    local _, clock = served.control(server, "POST", "clock", { advance = 3600 })
    assert.are_not.equal(before.now:sub(1, 13), clock.now:sub(1, 13))
    assert.equal(200, (c.request("GET", "/api/2/roles", bearer)))
    served.control(server, "POST", "tokens", { action = "revoke" })
    assert.equal(401, (c.request("GET", "/api/2/roles", bearer)))
    assert.equal(400, (served.control(server, "POST", "tokens", { action = "x" })))
    local _, pair = served.control(server, "POST", "credentials", { scope = "Read Users" })
    local weak = served.login(pair, c)
    assert.equal(401, (c.request("DELETE", "/api/2/users/1", weak)))
    local _, journal = served.control(server, "GET", "journal")
    assert.equal("users.delete", journal[#journal].operation)
    local _, tail = served.control(server, "GET", "journal?since=" .. ("%d"):format(journal[#journal].n))
    assert.equal(0, #tail)
    local _, outbox = served.control(server, "GET", "outbox")
    assert.equal(0, #outbox)
    assert.equal(200, (served.control(server, "POST", "restore", { id = saved.id })))
    assert.equal(400, (served.control(server, "GET", "users?who=over@acme.test")))
    assert.equal(400, (served.control(server, "POST", "restore", { id = 99 })))
  end)

  it("keeps many connections apart", function()
    local all = {}
    for i = 1, 60 do all[i] = served.connect(server.http_url) end
    for i = 1, 60 do
      all[i].write(("GET /api/2/users?limit=%d&fields=id HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n")
        :format(i, c.host, bearer.Authorization))
    end
    for i = 60, 1, -1 do
      local status, _, body = all[i].read()
      assert.equal(200, status)
      assert.equal(i, #json.decode(body))
      all[i].close()
    end
  end)
end)

describe("starting the server", function()
  local function run(arguments)
    return child.capture(("env %s LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/?.so;;' %s "
      .. "lua/onelogin/sandbox/main.lua %s 2>&1; echo \"status $?\""):format(child.preload(), child.build,
      child.lua, arguments))
  end

  it("explains itself and its mistakes", function()
    assert.truthy(run("--help"):find("Usage: .*status 0$"))
    assert.truthy(run("--prot 1"):find("unknown option %-%-prot.*status 2$"))
    assert.truthy(run("--port"):find("%-%-port wants a value.*status 2$"))
  end)

  it("makes new secrets each time, leaves no key behind, and stops when told", function()
    local a, b = served.start "--https --users 1", served.start "--users 1"
    for _, name in ipairs { "client_id", "client_secret", "control_token" } do
      assert.is_false(a[name] == b[name])
    end
    assert.is_nil(b.https_url)
    assert.falsy((a.certificate:find("PRIVATE KEY", 1, true)))
    assert.equal("", child.capture("ls -l /proc/" .. a.pid .. "/fd | grep -F key.pem"))
    assert.equal(200, (served.control(a, "POST", "stop")))
    b.stop()
    a.stop()
    local host, port = a.http_url:match("//([%d.]+):(%d+)")
    assert.is_nil((socket.connect(host, tonumber(port))))
  end)

  it("warns loudly when it listens beyond this machine, and prints lines to try", function()
    local text = run "--listen 127.0.0.2 --lifetime 0 --users 3"
    assert.truthy(text:find("WARNING", 1, true))
    text = run "--lifetime 0 --users 3"
    assert.is_nil((text:find("WARNING", 1, true)))
    assert.truthy(text:find("curl -s", 1, true))
    assert.truthy(text:find("ready", 1, true))
    assert.truthy(text:find("base URL       http://127.0.0.1:%d+"))
  end)
end)

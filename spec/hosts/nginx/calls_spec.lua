-- run: lua5.4 plain
-- Calls inside a real nginx: the example's configuration with one worker, so that a call that stopped it would stop
-- everything.
local curl = require "onelogin.curl"
local httpd = require "spec.support.httpd"
local json = require("onelogin.core").json
local nginx = require "spec.support.nginx"
local socket = require "socket"
local tls = require "spec.support.tls"
local world = require "spec.hosts.nginx.world"

-- A server that makes calls before a location is known, by clients that have a hook.  (ssl_client_hello_by_lua cannot
-- wait for anything in an nginx without OpenResty's patches.)
local CALL = [[
  local name, heard = ngx.get_phase(), 0
  local ol = require("onelogin").new { on_request = function() heard = heard + 1 end }
  local users = ol.users:list { email = "ashley@acme.test" }
  package.loaded.of_phases = package.loaded.of_phases or {}
  package.loaded.of_phases[name] = users[1].username .. " " .. heard
]]
local PHASES = [[
  server {
    listen 127.0.0.1:%d ssl; ssl_certificate %s/good.pem; ssl_certificate_key %s/good.key;
    ssl_certificate_by_lua_block { CALL }
    server_rewrite_by_lua_block { CALL }
    location / { content_by_lua_block { require("app").answer(200, package.loaded.of_phases) } }
  }
]]

describe("nginx, one worker", function()
  local w, id, username, certificates, tls_port
  setup(function()
    certificates, tls_port = tls.start(), nginx.free_port()
    w = world.start(1, { http = PHASES:format(tls_port, certificates.folder, certificates.folder)
      :gsub("CALL", CALL) })
    local user = w.control("GET", "users?who=ashley@acme.test")
    id, username = user.id, user.username
    w.asked()
  end)
  teardown(function()
    w.stop()
    certificates.stop()
  end)

  local function slow(operation, seconds, times)
    w.control("POST", "faults", { operation = operation, latency = seconds, times = times or 1 })
  end
  local function idle() return w.await("/stats", function(s) return not s.driving end) end

  -- Requests that are answered before `sock` has anything to read.
  local function others_before(sock)
    local n = 0
    while not socket.select({ sock }, nil, 0)[1] do
      assert.equal("fast\n", select(2, w.get("/fast")))
      n = n + 1
    end
    return n
  end

  it("answers a call in content, access and rewrite, and in a timer", function()
    assert.same({ id = id, username = username, status = 1 }, w.json("/user?id=" .. id))
    assert.equal("come in\n", select(2, w.get("/private", "X-User-Id: " .. id .. "\r\n")))
    assert.equal(403, (w.get("/private", "X-User-Id: 1\r\n")))
    assert.equal(username, select(2, w.get("/rewrite?id=" .. id)))
    w.get("/timer?id=" .. id)
    assert.equal(username, w.await("/timer/result", function(a) return a.username end).username)
    assert.equal(404, (w.get("/user?id=1")))
  end)

  it("answers a call while a certificate is chosen, and before a location is", function()
    local engine = curl.engine { ca_file = certificates.ca }
    local url = ("https://127.0.0.1:%d/"):format(tls_port)
    local answer, failure = engine:send { method = "GET", url = url, headers = {} }
    assert(answer, failure and failure.message)
    local said = username .. " 2" -- the token's request and its own
    assert.same({ ssl_cert = said, server_rewrite = said }, json.decode(answer.body))
    engine:close()
  end)

  it("lets other requests pass while calls wait", function()
    slow("users.get", 1, 10)
    w.asked()
    local socks = {}
    for i = 1, 10 do socks[i] = w.open("/user?id=" .. id) end
    assert.is_true(others_before(socks[1]) >= 20)
    for i = 1, 10 do assert.equal(200, (w.read(socks[i]))) end
    assert.same({ ["users.get"] = 10 }, w.asked())
  end)

  it("sleeps by the client's clock without stopping the worker", function()
    local sock = w.open("/sleep?s=0.5")
    assert.is_true(others_before(sock) >= 10)
    assert.equal("slept\n", select(2, w.read(sock)))
  end)

  it("has one driver, which ends when nothing runs and does not tick when idle", function()
    local before = idle()
    slow("users.get", 0.3, 5)
    local socks = {}
    for i = 1, 5 do socks[i] = w.open("/user?id=" .. id) end
    w.await("/stats", function(s) return s.waiting == 5 and s.running == 5 end)
    for i = 1, 5 do w.read(socks[i]) end
    local after = idle()
    assert.equal(1, after.drivers - before.drivers)
    assert.equal(0, after.waiting)
    for _ = 1, 50 do w.get("/fast") end
    assert.equal(after.ticks, w.json("/stats").ticks)
  end)

  it("makes calls at once in light threads and in a batch, results in order", function()
    local ids, names = {}, {}
    for i = 1, 12 do
      local name = ("thread-%d@acme.test"):format(i)
      local user = w.control("POST", "users", { email = name, username = name })
      ids[i], names[i] = ("%d"):format(user.id), name
    end
    assert.same(names, w.json("/users?ids=" .. table.concat(ids, ",")))
    slow("users.get", 0.5, 12)
    local sock = w.open("/batch?ids=" .. table.concat(ids, ","))
    w.await("/stats", function(s) return s.running == 4 end)
    assert.is_true(others_before(sock) >= 10)
    assert.same(names, json.decode((select(2, w.read(sock)))))
  end)

  it("ends a batch whose client goes away", function()
    slow("users.get", 60, 2)
    local sock = w.open(("/batch?ids=%d,%d,%d"):format(id, id, id))
    w.await("/stats", function(s) return s.running == 2 and s.waiting == 1 end)
    sock:close()
    assert.equal(0, idle().waiting)
  end)

  it("walks a list, page by page and several pages at once", function()
    local ids = w.json("/ids")
    assert.is_true(#ids >= 200)
    slow("users.list", 0.3, 20)
    local sock = w.open("/ids?lanes=4")
    w.await("/stats", function(s) return s.running == 4 end)
    assert.same(ids, json.decode((select(2, w.read(sock)))))
    w.control("DELETE", "faults")
  end)

  it("throws in a phase that cannot wait, before anything is asked", function()
    w.asked()
    local _, _, head = w.get("/header")
    assert.truthy(head:find('X%-Result: false onelogin: a call has to wait, which nginx does not allow in the phase '
      .. '"header_filter": call it in access_by_lua'))
    assert.same({}, w.asked())
    assert.truthy(select(3, w.get("/header/sandbox")):find("X-Result: %a"))
    assert.truthy(select(3, w.get("/header/sandbox")):find("X%-Result: %a%S* 2\r"))
    assert.same({ ok = true, users = 2, heard = 2 }, w.json("/log/result"))
  end)

  it("ends the call of a client that goes away", function()
    local before = idle()
    slow("users.get", 60)
    local sock = w.open("/leaving?id=" .. id)
    w.await("/stats", function(s) return s.running == 1 end)
    sock:close()
    local after = idle()
    assert.equal(0, after.waiting)
    assert.equal(1, after.swept - before.swept)
    assert.equal(username, w.json("/user?id=" .. id).username)
  end)

  it("ends the call of a thread that is killed, and one that is cancelled", function()
    slow("users.get", 60, 2)
    assert.equal("killed\n", select(2, w.get("/killed?id=" .. id)))
    assert.equal(0, idle().waiting)
    assert.equal("nil cancelled\n", select(2, w.get("/cancelled?id=" .. id)))
    assert.equal(0, idle().waiting)
  end)

  it("keeps to a call's timeout", function()
    slow("users.get", 60)
    assert.equal("nil timeout\n", select(2, w.get("/timeout?id=" .. id)))
    assert.equal(0, idle().waiting)
  end)

  it("tells hooks", function()
    w.control("POST", "faults", { operation = "users.get", status = 503 })
    assert.same({ username = username, seen = { "request oauth.generate_tokens", "response oauth.generate_tokens",
      "request users.get", "response users.get", "retry users.get", "request users.get", "response users.get" } },
      w.json("/hooked?id=" .. id))
  end)

  it("tells the hooks of others while one waits, and whatever became of its request", function()
    local path = "/hooked/wait?id=" .. id
    local before, n = w.json(path).heard, 0
    local sock = w.open(path .. "&s=60")
    w.await(path, function(answer)
      n = n + 1
      return answer.heard == before + n + 1
    end)
    sock:close()
    assert.same({ username = username, heard = before + n + 2 }, w.json(path .. "&s=0.01"))
    assert.same({ username = username, heard = before + n + 3 }, w.json(path .. "&s=0.01&tasks=1"))
    assert.same({ username = username, heard = before + n + 4 }, w.json(path .. "&yield=1&tasks=1"))
    assert.same({ username = username, heard = before + n + 5 }, w.json(path .. "&yield=1"))
  end)

  it("says which line a missing dictionary needs", function()
    assert.truthy(select(2, w.get("/store")):find("write lua_shared_dict nothing 1m; into the http block", 1, true))
  end)

  it("hands the token's fetching on when the client that began it goes away", function()
    w.control("POST", "tokens", { action = "revoke" })
    slow("oauth.generate_tokens", 60)
    w.asked()
    local first = w.open("/leaving?id=" .. id)
    w.await("/stats", function(s) return s.waiting == 1 and s.running == 1 end)
    local second
    -- the first finds out that its token was refused; then the second joins it
    for _ = 1, 100 do
      if (w.asked()["oauth.generate_tokens"] or 0) == 1 then break end
      socket.sleep(0.01)
    end
    second = w.open("/user?id=" .. id)
    w.await("/stats", function(s) return s.waiting == 2 end)
    first:close()
    assert.equal(200, (w.read(second)))
    assert.equal(1, w.asked()["oauth.generate_tokens"])
  end)

  it("lets others fetch the token when a transport threw there", function()
    assert.same({ tokens = 2, soon = true }, w.json("/thrown"))
    assert.same({ tokens = 2, soon = true }, w.json("/thrown?tasks=1"))
  end)

  it("takes a transport of one's own: the example's, over cosockets", function()
    assert.equal(username .. "\n", select(2, w.get("/cosocket?id=" .. id)))
    slow("users.get", 0.5)
    local sock = w.open("/cosocket?id=" .. id)
    assert.is_true(others_before(sock) >= 10)
    assert.equal(username .. "\n", select(2, w.read(sock)))
  end)

  it("keeps a pooled connection from passing for another name", function()
    assert.truthy(select(2, w.get("/cosocket/reuse")):find("localhost true\nother.example.test tls false\n$"))
  end)

  it("fails, in the example's transport, for a chunk without a size", function()
    local server = httpd.start()
    assert.equal("true network: a chunk without a size\n",
      select(2, w.get("/cosocket/at?url=" .. server.url("/garbage-chunk"))))
    server.stop()
  end)

  it("says nothing in the log", function()
    local told = {}
    for line in w.errors():gmatch("[^\n]+") do
      if not line:find("other.example.test", 1, true) and not line:find("certificate", 1, true) then
        told[#told + 1] = line
      end
    end
    assert.same({}, told)
  end)
end)

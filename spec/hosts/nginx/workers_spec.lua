-- run: lua5.4 plain
-- Several nginx workers with one tenant: what they share, and what becomes of calls when nginx is reloaded or stopped.
local child = require "spec.support.child"
local socket = require "socket"
local world = require "spec.hosts.nginx.world"

describe("nginx, two workers", function()
  local w, id, username
  setup(function()
    w = world.start(2)
    local user = w.control("GET", "users?who=ashley@acme.test")
    id, username = user.id, user.username
  end)
  teardown(function() w.stop() end)

  local function ended(pid)
    for _ = 1, 2000 do
      if child.capture("kill -0 " .. pid .. " 2>&1 && echo there"):sub(-5) ~= "there" then return true end
      socket.sleep(0.01)
    end
    return false
  end

  -- Sends n requests and reads them all; returns which workers answered, each with how many.
  local function all(n, path)
    local socks, workers = {}, {}
    for i = 1, n do socks[i] = w.open(path) end
    for i = 1, n do
      local status, body, head = w.read(socks[i])
      assert.equal(200, status)
      assert.truthy(body:find('"' .. username .. '"', 1, true))
      local pid = head:match("X%-Worker: (%d+)")
      workers[pid] = (workers[pid] or 0) + 1
    end
    return workers
  end
  -- Waits until the tenant has n requests more.
  local function arrived(n)
    for _ = 1, 1000 do
      n = n - (w.asked()["users.get"] or 0)
      if n <= 0 then return end
      socket.sleep(0.01)
    end
    error(n .. " requests have not come")
  end
  local function count(t)
    local n = 0
    for _ in pairs(t) do n = n + 1 end
    return n
  end

  it("fetches one token for a hundred cold requests", function()
    w.control("POST", "faults", { operation = "oauth.generate_tokens", latency = 0.5, times = 10 })
    w.asked()
    assert.equal(2, count(all(100, "/user?id=" .. id)))
    assert.same({ ["oauth.generate_tokens"] = 1, ["users.get"] = 100 }, w.asked())
  end)

  it("fetches one token when the old one is refused", function()
    w.control("POST", "tokens", { action = "revoke" })
    w.asked()
    assert.equal(2, count(all(100, "/user?id=" .. id)))
    assert.equal(1, w.asked()["oauth.generate_tokens"])
  end)

  it("shares a rate limit that one worker has met", function()
    w.control("POST", "faults", { operation = "users_v1.get", status = 429, headers = { ["Retry-After"] = "3600" } })
    w.asked()
    assert.equal("rate_limited\n", select(2, w.get("/v1?id=" .. id)))
    local workers = {}
    for _ = 1, 40 do
      local _, body, head = w.get("/v1?id=" .. id)
      assert.equal("rate_limited\n", body)
      workers[head:match("X%-Worker: (%d+)")] = true
    end
    assert.equal(2, count(workers))
    assert.same({ ["users_v1.get"] = 1 }, w.asked())
  end)

  it("finishes the calls that wait when it is reloaded, and goes on with the same token", function()
    local workers = all(40, "/user?id=" .. id)
    w.control("POST", "faults", { operation = "users.get", latency = 1, times = 8 })
    w.asked()
    local socks = {}
    for i = 1, 8 do socks[i] = w.open("/user?id=" .. id) end
    arrived(8)
    child.capture("kill -HUP " .. w.pid)
    for i = 1, 8 do assert.equal(200, (w.read(socks[i]))) end
    for pid in pairs(workers) do assert.is_true(ended(pid)) end
    local others = all(40, "/user?id=" .. id)
    for pid in pairs(others) do assert.is_nil(workers[pid]) end
    assert.same({ ["users.get"] = 40 }, w.asked())
  end)

  it("ends at once when it is told to, whatever waits", function()
    w.control("POST", "faults", { operation = "users.get", latency = 60 })
    w.asked()
    local sock = w.open("/user?id=" .. id)
    arrived(1)
    child.capture("kill -TERM " .. w.pid)
    assert.is_true(ended(w.pid))
    sock:close()
    assert.is_nil(w.errors():find("%[alert%]") or w.errors():find("%[crit%]") or w.errors():find("onelogin"))
  end)
end)

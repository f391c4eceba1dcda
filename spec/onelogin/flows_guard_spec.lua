-- What limits persons (guard.lua), and the backend of one process (memory.lua).
local backends = require "onelogin.flows.backend"
local canary = require "spec.support.canary"
local guards = require "onelogin.flows.guard"
local memory = require "onelogin.flows.memory"
local virtual = require("onelogin.sandbox.clock").virtual

local function new(limits, tenant)
  local clock, keys = virtual(), {}
  local inner = memory.new { clock = clock }
  local backend = {}
  for name, fn in pairs(inner) do
    backend[name] = function(key, ...)
      keys[#keys + 1] = key
      if backend.down then error("down: " .. key .. canary.token) end
      if backend.deaf then return nil end
      return fn(key, ...)
    end
  end
  local wrapped = backends.new(backend, "spec")
  local function guard(other)
    return guards.new(wrapped, other or tenant or "https://acme.test", clock, limits or {})
  end
  return guard(), clock, { backend = backend, keys = keys, guard = guard }
end

local function reason(ok, err)
  assert.is_nil(ok)
  assert.equal("flows", err.operation)
  return err.kind .. "/" .. err.reason, err.retry_after
end

describe("tries of a person", function()
  it("are three within a quarter of an hour, each with an end of its own", function()
    local guard, clock = new()
    for _ = 1, 3 do
      assert.is_truthy(guard:reserve("user:1"))
      clock.advance(100)
    end
    local why, wait = reason(guard:reserve("user:1"))
    assert.equal("denied/too_many_failures", why)
    assert.equal(600, wait)
    assert.is_truthy(guard:reserve("user:2"))
    assert.is_truthy(guard:reserve("name:1"))
    clock.advance(600)
    assert.is_truthy(guard:reserve("user:1"))
    why, wait = reason(guard:reserve("user:1"))
    assert.same({ "denied/too_many_failures", 100 }, { why, wait })
  end)

  it("come back when they were not wrong", function()
    local guard = new()
    for _ = 1, 10 do guard:release((guard:reserve("user:1"))) end
    for _ = 1, 2 do guard:reserve("user:1") end
    local slot = guard:reserve("user:1")
    assert.is_nil((guard:reserve("user:1")))
    guard:release(slot)
    assert.is_truthy(guard:reserve("user:1"))
    assert.is_nil((guard:reserve("user:1")))
  end)

  it("are counted together by all who share the backend and the tenant", function()
    local guard, _, world = new { failures = 2, window = 60 }
    assert.is_truthy(guard:reserve("user:1"))
    assert.is_truthy(world.guard():reserve("user:1"))
    assert.is_nil((guard:reserve("user:1")))
    assert.is_nil((world.guard():reserve("user:1")))
    assert.is_truthy(world.guard("https://other.test"):reserve("user:1"))
  end)

  it("are refused when the backend fails or takes nothing", function()
    local guard, _, world = new()
    world.backend.deaf = true
    assert.equal("denied/too_many_failures", (reason(guard:reserve("user:1"))))
    world.backend.down = true
    for _, name in ipairs { "reserve", "send" } do
      assert.equal("server/store", (reason(guard[name](guard, "user:1"))))
    end
    assert.equal("server/store", (reason(guard:push("user:1", "a", 60))))
    assert.equal("server/store", (reason(guard:done("a", 60))))
    assert.equal("server/store", (reason(guard:is_done("a"))))
    local ok, seconds, err = guard:limit("x", 1, 1)
    assert.is_nil(ok)
    assert.equal(1, seconds)
    assert.equal("store", err.reason)
    assert.is_nil(tostring(err):find(canary.token, 1, true))
    guard:release("x")
    assert.is_false(guard:close("a", "b", 60))
    assert.equal("server/store", (reason(guard:is_closed("a", "b"))))
    guard:push_over("user:1", "a")
  end)

  it("stand under keys that tell nobody's name", function()
    local guard, _, world = new()
    guard:reserve("name:ashley@acme.test")
    guard:send("name:ashley@acme.test")
    guard:push("name:ashley@acme.test", "flow-id-of-it", 60)
    guard:done("flow-id-of-it", 60)
    guard:limit("192.0.2.1", 3, 60)
    assert.is_true(#world.keys >= 5)
    for _, key in ipairs(world.keys) do
      assert.matches("^onelogin:https://acme%.test:flows:%l+:[%w_-]+", key)
      for _, name in ipairs { "ashley", "flow-id", "192.0" } do assert.is_nil(key:find(name, 1, true)) end
      assert.is_true(#key < 128)
    end
    assert.is_nil(tostring(guard):find("acme", 1, true))
  end)
end)

describe("codes and pushes to a person", function()
  it("are ten within a quarter of an hour, or as many as is said", function()
    for _, most in ipairs { 10, 2 } do
      local guard, clock = new { sends = most ~= 10 and most or nil }
      for _ = 1, most do assert.is_true(guard:send("user:1")) end
      local why, wait = reason(guard:send("user:1"))
      assert.same({ "denied/too_many_sends", 900 }, { why, wait })
      assert.is_truthy(guard:reserve("user:1"))
      clock.advance(900)
      assert.is_true(guard:send("user:1"))
    end
  end)
end)

describe("the push of a person", function()
  it("is one flow's, which may repeat it, until it is over", function()
    local guard, clock, world = new()
    assert.is_true(guard:push("user:1", "a", 60))
    assert.is_true(guard:push("user:2", "b", 60))
    clock.advance(10)
    local why, wait = reason(world.guard():push("user:1", "b", 60))
    assert.same({ "denied/push_open", 50 }, { why, wait })
    guard:push_over("user:1", "b")
    assert.is_nil((guard:push("user:1", "b", 60)))
    assert.is_true(guard:push("user:1", "a", 60)) -- its time begins anew
    clock.advance(55)
    assert.is_nil((guard:push("user:1", "b", 60)))
    guard:push_over("user:1", "a")
    assert.is_true(guard:push("user:1", "b", 60))
    clock.advance(60)
    assert.is_true(guard:push("user:1", "a", 60))
  end)
end)

describe("the end of a flow", function()
  it("is told once", function()
    local guard, clock, world = new()
    assert.is_false(guard:is_done("a"))
    assert.is_true(guard:done("a", 60))
    assert.is_false(guard:done("a", 60))
    assert.is_false(world.guard():done("a", 60))
    assert.is_true(guard:is_done("a"))
    assert.is_true(guard:done("b", 60))
    clock.advance(60)
    assert.is_false(guard:is_done("a"))
  end)
end)

describe("the backend of one process", function()
  it("keeps texts for their time", function()
    local clock = virtual()
    local m = memory.new { clock = clock }
    assert.is_nil(m.get("a"))
    assert.is_true(m.add("a", "1", 10))
    assert.is_false(m.add("a", "2", 10))
    assert.equal("1", m.get("a"))
    m.set("a", "3", 20)
    clock.advance(19.9)
    assert.equal("3", m.get("a"))
    clock.advance(0.1)
    assert.is_nil(m.get("a"))
    assert.is_true(m.add("a", "4", 10))
    m.delete("a")
    m.delete("a")
    assert.is_nil(m.get("a"))
    m.set("b", "for ever")
    clock.advance(1e9)
    assert.equal("for ever", m.get("b"))
  end)

  it("refuses when it is full, and drops nothing that is alive", function()
    local clock = virtual()
    local m = memory.new { clock = clock, most = 5 }
    for i = 1, 5 do assert.is_true(m.add("k" .. i, "v", i * 10)) end
    assert.is_nil((m.add("k6", "v", 10)))
    assert.is_nil((m.set("k6", "v", 10)))
    assert.is_true(m.set("k5", "w", 50))
    for i = 1, 5 do assert.is_truthy(m.get("k" .. i)) end
    clock.advance(10)
    assert.is_true(m.add("k6", "v", 100))
    assert.is_nil((m.add("k7", "v", 100)))
    m.delete("k6")
    assert.is_true(m.add("k7", "v", 100))
  end)

  it("forgets what is over without being asked for it", function()
    local clock = virtual()
    local m = memory.new { clock = clock, most = 3000 }
    for round = 1, 40 do
      for i = 1, 2900 do assert.is_true(m.add(round .. ":" .. i, "v", 10)) end
      clock.advance(10)
    end
  end)

  it("looks for room once a second when it is full, whoever hammers at it", function()
    local clock = virtual()
    local m = memory.new { clock = clock, most = 5 }
    for i = 1, 5 do m.add("k" .. i, "v", 10) end
    clock.advance(9.5)
    assert.is_nil((m.add("x", "v", 10))) -- looked, in vain
    clock.advance(0.5)
    assert.is_nil((m.add("x", "v", 10)))
    clock.advance(0.5)
    assert.is_true(m.add("x", "v", 10))
  end)

  it("refuses a backend that is none", function()
    for _, bad in ipairs { "x", {}, { get = 1, set = 1, add = 1, delete = 1 } } do
      local ok, message = pcall(backends.new, bad, "flows.store")
      assert.is_false(ok)
      assert.matches("flows%.store: ", message)
    end
  end)
end)

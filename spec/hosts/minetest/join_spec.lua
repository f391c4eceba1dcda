-- run: lua5.4 plain
-- The example mod inside a real Minetest server (LuaJIT, mod security on), joined by real clients over UDP, with
-- the sandbox behind it.
local client = require "spec.hosts.minetest.client"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.hosts.minetest.server"

local APPROVE = "A request was sent to your telephone. Approve it, then join again."
local REFUSED = "Your sign-in was not approved. Try again later, or ask the server's administrators."

local box, mt

local function control(method, name, body)
  local status, value = sandbox_server.control(box, method, name, body)
  assert(status and status < 300, name .. " answered " .. tostring(status))
  return value
end

-- Somebody whose telephone answers every push in the same way.
local function player(name, how)
  control("POST", "users", { username = name, email = name .. "@acme.test", status = 1 })
  control("POST", "devices", { user = name, type = "protect" })
  control("POST", "push", { user = name, how = how })
end

-- How often each operation reached the sandbox.
local function journal()
  local counts = { all = 0 }
  for _, entry in ipairs(control("GET", "journal")) do
    counts[entry.operation] = (counts[entry.operation] or 0) + 1
    counts.all = counts.all + 1
  end
  return counts
end

-- How often the probe saw `name` stay and go.
local function seen(name)
  local counts = { joined = 0, left = 0 }
  for _, words in ipairs(mt.probe()) do
    if words[2] == name then counts[words[1]] = counts[words[1]] + 1 end
  end
  return counts
end

-- Tries to join with one client for each name; returns them when the server has decided about all.
local function visit(...)
  local clients, before = {}, {}
  for i, name in ipairs { ... } do
    before[i] = seen(name)
    clients[i] = client.new(mt.port, name)
  end
  assert(client.until_true(clients, 20, function()
    for i, one in ipairs(clients) do
      local now = seen(one.name)
      if one.denied == client.ALREADY_CONNECTED then -- a visit that has just ended is not forgotten yet
        one:close()
        clients[i] = client.new(mt.port, one.name)
        return false
      elseif one.denied and one.accepted then
        if now.left == before[i].left then return false end
      elseif not one.denied then
        if now.joined == before[i].joined then return false end
        one.inside = true
      end
    end
    return true
  end), "the server did not decide")
  for _, one in ipairs(clients) do
    if one.denied then one:close() end
  end
  return clients[1], clients
end

local function logged(text, seconds)
  return client.until_true({}, seconds or 20, function() return mt.log():find(text, 1, true) ~= nil end)
end

describe("the Minetest mod", function()
  setup(function()
    box = sandbox_server.start("--users 10")
    mt = assert(server.start { box = box, settings = "onelogin_join.pause_seconds = 600" })
  end)

  teardown(function()
    if mt then mt.remove() end
    if box then box.stop() end
  end)

  it("says what to do when it is not trusted", function()
    local handle, said = server.start { box = box, trusted = false }
    assert.is_nil(handle)
    assert.is_truthy(said:find("onelogin_join needs the network: add it to secure.trusted_mods", 1, true), said)
  end)

  it("gives other mods neither require nor the credentials", function()
    local facts = {}
    for _, words in ipairs(mt.probe()) do facts[words[1]] = words[2] end
    assert.are.equal("false", facts.insecure)
    assert.are.equal("false", facts.require)
    assert.are.equal("false", facts.credentials)
    assert.are.equal("waiting", facts.shared)
  end)

  it("lets in who approves, with one push, and nobody under that name meanwhile", function()
    player("kim", "ignore")
    local first = visit("kim")
    assert.is_true(first.accepted)                  -- the password was right
    assert.are.equal(APPROVE, first.denied)
    assert.are.equal(0, seen("kim").joined)

    local early = visit("kim")
    assert.are.equal(APPROVE, early.denied)
    assert.is_nil(early.hello)                      -- turned away before the password

    assert.is_true(client.until_true({}, 10, function()
      return control("POST", "approve", { user = "kim" }).answered
    end))
    assert.is_true(logged("kim was approved by push"))
    local kim = visit("kim")
    assert.is_nil(kim.denied)
    assert.is_true(kim.inside)
    kim:close()
    assert.are.equal(1, journal()["mfa.activate_factor"])
  end)

  it("keeps out who refuses, who is unknown and who is locked, all with the same words", function()
    player("nils", "deny")
    player("lena", "approve")
    control("POST", "users", { username = "locky", email = "locky@acme.test", status = 3 })
    local pushes = journal()["mfa.activate_factor"]
    local _, clients = visit("nils", "nobody", "locky")
    for _, one in ipairs(clients) do assert.is_truthy(one.denied) end
    for _, name in ipairs { "nils", "nobody", "locky" } do
      assert.is_true(logged(name .. " was not let in: "))
      local again = visit(name)
      assert.are.equal(REFUSED, again.denied)
      assert.is_nil(again.hello)
    end
    assert.are.equal(pushes + 1, journal()["mfa.activate_factor"])
  end)

  it("keeps the server's step while ten sign-ins wait for answers of a second", function()
    local names = {}
    for i = 1, 10 do
      names[i] = "crew" .. i
      player(names[i], "approve")
    end
    control("POST", "faults", { latency = 1, times = 100000 })
    local before, already = journal().all, #mt.probe()
    local _, clients = visit((table.unpack or unpack)(names)) -- luacheck: ignore 113
    for _, one in ipairs(clients) do assert.is_truthy(one.denied) end
    for _, name in ipairs(names) do assert.is_true(logged(name .. " was approved by push", 60)) end

    local idle, busy, own, steps, most = 0, 0, 0, 0, 0
    for i, words in ipairs(mt.probe()) do
      if words[1] == "left" then
        steps, busy, own = 0, 0, 0 -- what coming and going costs is not ours
      elseif words[1] == "step" then
        local gap, part, waiting = tonumber(words[2]) / 1000, tonumber(words[3]) / 1000, tonumber(words[4])
        if i > already then most = math.max(most, waiting) end
        if waiting == 10 then
          steps, busy, own = steps + 1, math.max(busy, gap), math.max(own, part)
        elseif waiting == 0 and i < already then
          idle = math.max(idle, gap)
        end
      end
    end
    local requests = journal().all - before
    assert.are.equal(10, most)
    -- Had a request ever stopped the server, its second would have been one single step.
    assert.is_true(steps > requests, steps .. " steps, " .. requests .. " requests")
    print(("# longest step: idle %.0f ms, ten sign-ins %.0f ms, of which the mod's part at most %.1f ms "
      .. "(%d steps, %d requests of 1 s)"):format(idle, busy, own, steps, requests))
  end)

  it("ends cleanly", function()
    local said = mt.shut_down()
    assert.is_truthy(said:find("Server: Shutting down", 1, true))
    assert.is_nil(mt.log():find("ERROR%[[MS]"), mt.log()) -- of the main and server threads; not lost packets
    assert.is_nil(mt.log():find(box.client_secret, 1, true))
  end)
end)

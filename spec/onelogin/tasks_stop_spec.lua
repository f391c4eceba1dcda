-- What has been told to end sends nothing more and begins nothing more: tasks that were cancelled, and groups that stop
-- at the first error.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local silent = require "spec.support.silent"

local plain51 = not coroutine.isyieldable

-- A client on a sandbox, its token not fetched yet, which takes some turns; what was sent, by operation.
local function world(options)
  local box = onelogin.sandbox { users = 20 }
  local config = box:config()
  local transport, sent = config.transport, {}
  config.clock = nil
  config.transport = { send = function(_, request)
    sent[#sent + 1] = request.operation
    if request.operation == "oauth.generate_tokens" then
      for _ = 1, 6 do tasks.sleep(0) end
    end
    return transport:send(request)
  end }
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), sent, box:people():ids()
end

local function count(sent, operation)
  local n = 0
  for i = 1, #sent do
    if sent[i] == operation then n = n + 1 end
  end
  return n
end

describe("a cancelled task that makes a call while the token is fetched", function()
  it("ends, when it has cancelled itself", function()
    local ol, sent, ids = world()
    local mine, first
    tasks.run(function()
      first = tasks.spawn(function() return assert(ol.users:get(ids[1])).id end)
      tasks.sleep(0)
      mine = tasks.spawn(function()
        mine:cancel()
        ol.users:get(ids[2])
      end)
    end)
    assert.equal("cancelled", mine:status())
    assert.equal(ids[1], first:join())
    assert.same({ "oauth.generate_tokens", "users.get" }, sent)
  end)

  it("ends, as one of a map that stops", function()
    local ol, sent, ids = world()
    local ok, err = tasks.map(ids, function(id, i)
      if i == 2 then return nil, "bad input" end
      return ol.users:get(id)
    end, { limit = 2, on_error = "stop" })
    assert.is_nil(ok)
    assert.equal("bad input", err)
    assert.equal(0, count(sent, "users.get"))
    assert.equal(ids[1], assert(ol.users:get(ids[1])).id)
  end)

  if not plain51 then -- where pcall cannot catch it
    it("ends, though it has swallowed its end before", function()
      local ol, sent, ids = world()
      local got = tasks.run(function()
        local one = tasks.spawn(function() return assert(ol.users:get(ids[1])).id end)
        local other = tasks.spawn(function()
          pcall(tasks.sleep, 60)
          return ol.users:get(ids[2])
        end)
        tasks.sleep(0)
        other:cancel()
        return one:join()
      end)
      assert.equal(ids[1], got)
      assert.equal(1, count(sent, "users.get"))
    end)
  end
end)

describe("a cancelled task", function()
  local function doomed(ol, fn)
    local task
    tasks.run(function()
      task = tasks.spawn(function()
        task:cancel()
        fn()
      end)
    end)
    assert.equal("cancelled", task:status())
    return ol
  end

  it("sends nothing more, and hooks are told of nothing", function()
    local told = 0
    local ol, sent, ids = world { on_request = function() told = told + 1 end }
    assert(ol.users:get(ids[1]))
    local before = told
    doomed(ol, function() ol.users:delete(ids[1]) end)
    assert.equal(0, count(sent, "users.delete"))
    assert.equal(before, told)
    assert(ol.users:get(ids[1]))
  end)

  it("sends nothing that a hook has called off", function()
    local task
    local ol, sent, ids = world { on_request = function(e)
      if e.operation == "users.delete" then task:cancel() end
    end }
    tasks.run(function()
      task = tasks.spawn(function() ol.users:delete(ids[1]) end)
    end)
    assert.equal("cancelled", task:status())
    assert.equal(0, count(sent, "users.delete"))
    assert(ol.users:get(ids[1]))
  end)

  it("sends nothing from a coroutine of its own", function()
    local ol, sent, ids = world()
    doomed(ol, function() coroutine.wrap(function() ol.users:delete(ids[1]) end)() end)
    assert.same({}, sent)
  end)

  it("begins no further task, by whatever name", function()
    local begun = 0
    local function begin() begun = begun + 1 end
    for _, fn in ipairs {
      function() tasks.spawn(begin) end,
      function() tasks.run(begin) end,
      function() tasks.map({ 1, 2 }, begin) end,
      function() tasks.deadline(60, begin) end,
    } do
      doomed(nil, function() pcall(fn) end)
    end
    assert.equal(0, begun)
  end)

  it("of a map begins nothing more of its list", function()
    local begun, group = 0, nil
    tasks.run(function()
      group = tasks.spawn(function()
        tasks.map({ 1, 2, 3, 4 }, function()
          begun = begun + 1
          group:cancel()
        end, { limit = 1 })
      end)
    end)
    assert.equal("cancelled", group:status())
    assert.equal(1, begun)
  end)

  it("is no longer waited for by what it joined", function()
    local told = {}
    local pool = tasks.pool { on_error = function(problem) told[#told + 1] = problem end }
    local failing = pool:spawn(function()
      for _ = 1, 4 do tasks.sleep(0) end
      error("nobody waits for this", 0)
    end)
    local waiter = pool:spawn(function() failing:join() end)
    pool:step()
    waiter:cancel()
    while pool:running() > 0 do pool:step() end
    assert.same({ "nobody waits for this" }, told)
  end)
end)

describe("on_error = \"stop\"", function()
  it("begins nothing after the first error", function()
    local begun = 0
    local ok, err = tasks.map({ 1, 2, 3, 4, 5, 6 }, function(i)
      begun = begun + 1
      if i == 1 then return nil, "bad" end
      return i
    end, { limit = 1, on_error = "stop" })
    assert.is_nil(ok)
    assert.equal("bad", err)
    assert.equal(1, begun)
    local function later()
      begun = begun + 1
      return 1
    end
    ok, err = tasks.all({ function() return nil, "first" end, later, later }, { limit = 1 })
    assert.is_nil(ok)
    assert.equal("first", err)
    assert.equal(1, begun)
  end)

  it("sends nothing after the first error", function()
    local ol, sent, ids = world()
    assert(ol.users:get(ids[1]))
    local after
    local ok, err = tasks.map(ids, function(id, i)
      if i == 2 then
        local user, problem = ol.users:get(999999999)
        after = #sent
        return user, problem
      end
      return ol.users:delete(id)
    end, { limit = 2, on_error = "stop" })
    assert.is_nil(ok)
    assert.equal(404, err.status)
    assert.equal(after, #sent)
  end)
end)

describe("on the engine a cancelled task", function()
  local server, engine
  setup(function()
    server = silent.start()
    engine = server.engine
  end)
  teardown(function() server.stop() end)

  local function nothing_left(pool)
    assert.equal(0, pool:running())
    assert.is_nil(next(pool.flying))
    for _, n in pairs(pool.engines) do assert.equal(0, n) end
    assert.is_nil(pool:timeout())
    assert.equal(0, engine:running())
  end

  it("begins no transfer, and the pool counts none", function()
    local ol, pool, before = server.client(), tasks.pool(), engine:stats().requests
    local task
    task = pool:spawn(function()
      task:cancel()
      if plain51 then ol.users:get(1) else pcall(ol.users.get, ol.users, 1) end
      ol.users:get(2)
    end)
    for _ = 1, 5 do pool:step() end
    assert.equal("cancelled", task:status())
    nothing_left(pool)
    assert.equal(before, engine:stats().requests)
  end)

  it("that a hook has cancelled leaves no transfer behind", function()
    local pool, task = tasks.pool(), nil
    local ol = server.client { on_request = function() task:cancel() end }
    task = pool:spawn(function() ol.users:get(1) end)
    for _ = 1, 5 do pool:step() end
    assert.equal("cancelled", task:status())
    nothing_left(pool)
  end)
end)

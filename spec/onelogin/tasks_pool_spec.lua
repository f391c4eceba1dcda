-- A pool stays driven and whatever it drives goes on: busy tasks, closed engines, tasks of other pools, a host's
-- on_change that throws, and a pool that is dropped.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local curl = require "onelogin.curl"
local server_of = require "spec.support.sandbox_server"

describe("a pool", function()
  local server, engine
  setup(function()
    server = server_of.start "--users 5"
    engine = curl.engine()
  end)
  teardown(function()
    engine:close()
    server.stop()
  end)

  local function client(own)
    return onelogin.new { base_url = server.http_url, client_id = server.client_id,
      client_secret = server.client_secret, engine = own or engine }
  end

  it("lets transfers go on while a task never rests", function()
    local ol = client()
    local rows = tasks.run(function()
      local call = tasks.spawn(function() return ol.users:list { limit = 2 } end)
      local turns = 0
      while call:status() == "waiting" and turns < 1e6 do
        turns = turns + 1
        tasks.sleep(0)
      end
      assert.equal("done", call:status())
      return call:join()
    end)
    assert.equal(2, #rows)
  end)

  it("asks no engine while nothing is under way", function() -- inside nginx some phases could not
    local pool, asked = tasks.pool(), 0
    pool.engines[{ tick = function() asked = asked + 1 end, ended = function() asked = asked + 1 end }] = 0
    pool:spawn(function()
      for _ = 1, 50 do tasks.sleep(0) end
    end):join()
    assert.equal(0, asked)
  end)

  it("tells the tasks of a closed engine so, and goes on", function()
    local ways = { fds = pairs, step = function() end, tick = function() end, timeout = function() end }
    for way in pairs(ways) do
      local own = curl.engine()
      local ol, told = client(own), {}
      assert(ol.users:list { limit = 1 })
      local pool = tasks.pool { on_error = function(problem) told[#told + 1] = problem end }
      local call = pool:spawn(function() return ol.users:list { limit = 1 } end)
      local other = pool:spawn(function()
        tasks.sleep(0)
        tasks.sleep(0)
        return "went on"
      end)
      pool:step()
      own:close()
      pool[way](pool)
      for _ = 1, 4 do pool:step() end
      assert.equal("done", call:status(), way)
      assert.is_nil((call:join()))
      assert.equal("cancelled", select(2, call:join()).kind)
      assert.equal("went on", other:join())
      assert.same({}, told)
      assert.equal(0, pool:running())
    end
  end)

  it("goes on when a task closes the engine of others", function()
    local own = curl.engine()
    local ol = client(own)
    assert(ol.users:list { limit = 1 })
    for _, drive in ipairs { "drain", "tick" } do
      own = drive == "drain" and own or curl.engine()
      ol = drive == "drain" and ol or client(own)
      local pool = tasks.pool()
      local call = pool:spawn(function() return ol.users:list { limit = 1 } end)
      local closer = pool:spawn(function()
        tasks.sleep(0)
        own:close()
        for _ = 1, 20 do tasks.sleep(0) end
        return "went on"
      end)
      if drive == "tick" then
        for _ = 1, 40 do pool:tick(1) end
      end
      assert.equal("went on", closer:join())
      assert.is_nil((call:join()))
    end
  end)

  it("is told when what its task joined ends in another pool", function()
    local one, other, told = tasks.pool(), tasks.pool(), 0
    local ended = one:spawn(function()
      tasks.sleep(0)
      return 7
    end)
    local waiter = other:spawn(function() return ended:join() end)
    one:step()
    other:step()
    assert.is_nil(other:timeout())
    other:attach(function() told = told + 1 end)
    one:step()
    assert.equal("done", ended:status())
    assert.equal(1, told)
    assert.equal(0, other:timeout())
    other:step()
    assert.equal(7, waiter:join())
    other:attach(nil)
  end)

  it("keeps an error of on_change to itself", function()
    local ol, told = client(), {}
    local pool = tasks.pool { on_error = function(problem, traceback) told[#told + 1] = { problem, traceback } end }
    local first = pool:spawn(function() return #assert(ol.users:list { limit = 1 }) end)
    local joiner = pool:spawn(function() return #assert(ol.users:list { limit = 1 }) end)
    pool:step()
    pool:attach(function() error "the adapter broke" end)
    assert.equal(1, #assert(ol.users:list { limit = 1 })) -- blocks, and moves the flight that the pool waits for
    assert.is_true(#told > 0)
    assert.truthy(told[1][1]:find("the adapter broke", 1, true))
    local before = #told
    local spawned = pool:spawn(function() return 1 end)
    assert.equal(before + 1, #told)
    pool:attach(nil)
    assert.equal(1, first:join())
    assert.equal(1, joiner:join())
    assert.equal(1, spawned:join())
    local silent = tasks.pool { on_error = function() error "and so did on_error" end }
    silent:attach(function() error "the adapter broke" end)
    assert.equal(2, silent:spawn(function() return 2 end):join())
    silent:attach(nil)
  end)

  it("that is dropped is collected, with tasks that wait for a token", function()
    local ol = client()
    local seen = setmetatable({}, { __mode = "k" })
    do
      local pool = tasks.pool()
      for _ = 1, 3 do pool:spawn(function() return ol.users:list { limit = 1 } end) end
      pool:step()
      assert.equal(1, engine:running())
      seen[pool] = true
    end
    for _ = 1, 3 do collectgarbage() end
    assert.is_nil(next(seen))
    assert.equal(0, engine:running())
    assert.equal(1, #assert(ol.users:list { limit = 1 })) -- the client is as good as before
  end)
end)

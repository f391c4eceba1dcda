-- run: plain
-- Tasks inside other loops: the examples of each, run as they are; the host contract when callbacks misbehave.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local curl = require "onelogin.curl"
local child = require "spec.support.child"
local server_of = require "spec.support.sandbox_server"

local server
local function client(more)
  local options = { base_url = server.http_url, client_id = server.client_id, client_secret = server.client_secret }
  for k, v in pairs(more or {}) do options[k] = v end
  return onelogin.new(options)
end

describe("loops", function()
  setup(function() server = server_of.start "--users 20 --latency 0.2" end)
  teardown(function() server.stop() end)

  -- Three waits of 0.2 s: token, list, all users at once.  A loop that stood still would beat a handful of times.
  local function runs(name)
    local process = child.start(("env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/?.so;;' "
      .. "ONELOGIN_BASE_URL=%s ONELOGIN_CLIENT_ID=%s ONELOGIN_CLIENT_SECRET=%s %s examples/loops/%s.lua"):format(
      child.build, server.http_url, child.quote(server.client_id), child.quote(server.client_secret), child.lua, name))
    local line = process.line()
    process.stop()
    assert.truthy(line, "the example said nothing")
    local users, beats = line:match("^(%d+) users, first %a+, beats (%d+)$")
    assert.equal("20", users, line)
    assert.is_true(tonumber(beats) > 20, line)
  end

  it("libuv keeps its beat while calls are under way", function() runs "luv" end)
  it("cqueues keeps its beat while calls are under way", function() runs "cqueues" end)
  it("a loop with select keeps its beat while calls are under way", function() runs "poll" end)
  if _VERSION == "Lua 5.1" then
    it("copas answers its clients while calls are under way", function() runs "copas" end)

    it("copas is not asked without end, and passes on what a task's end throws", function()
      local pool = tasks.pool { on_error = function(problem) error(problem, 0) end }
      local loop = require("onelogin.loops.copas")(pool)
      for _, name in ipairs { "coxpcall", "copcall" } do rawset(_G, name, nil) end -- left there by what copas needs
      local ol, steps, thrown = client(), 0, nil
      for _ = 1, 20 do
        pool:spawn(function()
          assert(ol.users:list { limit = 1 })
          error("told", 0)
        end)
      end
      while pool:running() > 0 do
        steps = steps + 1
        local ok, problem = pcall(loop.step, 5)
        thrown = thrown or not ok and problem
      end
      assert.equal("told", thrown)
      assert.is_true(steps < 400, steps) -- 0.4 s of waiting at the least: at every moment would be thousands
      ol:close()
    end)
  end

  it("drive an engine by itself, too", function()
    local engine = curl.engine()
    local loop = require("onelogin.loops.poll")(engine)
    local transfers = {}
    for i = 1, 5 do
      transfers[i] = engine:start { method = "GET", url = server.http_url .. "/", headers = {}, timeout = 20 }
    end
    while engine:running() > 0 do loop.wait(1) end
    for i = 1, 5 do assert.is_truthy(transfers[i]:result().status) end
    engine:close()
  end)
end)

describe("a pool in a loop", function()
  local box, ol
  before_each(function()
    box = onelogin.sandbox { users = 5 }
    ol = onelogin.new(box:config())
  end)

  it("asks for a step when it has news, and is due at once", function()
    local pool, asked = tasks.pool(), 0
    assert.is_nil(pool:timeout())
    pool:attach(function() asked = asked + 1 end)
    pool:spawn(function() tasks.sleep(60) end)
    assert.equal(1, asked)
    assert.equal(0, pool:timeout())
    pool:step()
    assert.is_true(pool:timeout() > 50)
    assert.same({}, pool:fds())
    assert.equal(1, pool:running())
    pool:close()
    assert.equal(0, pool:running())
  end)

  it("goes on after a task that threw, and tells it with its traceback", function()
    local told = {}
    local pool = tasks.pool { on_error = function(problem, traceback) told[#told + 1] = { problem, traceback } end }
    local id = box:people():ids()[1]
    pool:spawn(function() error "lost" end)
    local fine = pool:spawn(function() return assert(ol.users:get(id)).id end)
    for _ = 1, 20 do pool:tick() end
    assert.equal(1, #told)
    assert.truthy(told[1][1]:find("lost", 1, true))
    assert.truthy(told[1][2]:find("loops_spec.lua", 1, true))
    assert.equal(id, fine:join())
    assert.equal(0, pool:running())
  end)

  it("survives an on_error that throws, steps from inside, and its own end", function()
    local pool
    pool = tasks.pool { on_error = function() error("twice", 0) end }
    pool:spawn(function() error "once" end)
    assert.is_false((pcall(pool.step, pool)))
    local after
    pool:spawn(function()
      assert.equal(0, pool:step())
      assert.is_false((pcall(pool.drain, pool, {})))
      tasks.sleep(0)
      after = true
    end)
    pool:step()
    pool:step()
    assert.is_true(after)
    local beyond
    pool:spawn(function()
      pool:close()
      tasks.sleep(0)
      beyond = true
    end)
    for _ = 1, 5 do pool:step() end
    assert.is_nil(beyond)
    assert.equal(0, pool:running())
  end)

  it("says what tick did, within its budget", function()
    local pool = tasks.pool()
    local id = box:people():ids()[1]
    local turns = 0
    pool:spawn(function() assert(ol.users:get(id)) end)
    local living, ended = pool:tick()
    assert.same({ 1, 0 }, { living, ended })
    repeat
      turns = turns + 1
      local _, now = pool:tick()
      ended = ended + now
    until pool:running() == 0
    assert.equal(1, ended)
    assert.is_true(turns > 1)
    pool:spawn(function() assert(ol.users:get(id)) end)
    assert.same({ 0, 1 }, { pool:tick(60) })
  end)
end)

describe("an engine that is closed under its tasks", function()
  it("ends their calls as cancelled", function()
    local slow = server_of.start "--users 2 --latency 5"
    server = slow
    local engine = curl.engine()
    local ol = client { engine = engine, attempts = 1 }
    local result
    tasks.run(function()
      tasks.spawn(function() result = { ol.users:get(1) } end)
      while engine:running() == 0 do tasks.sleep(0) end
      engine:close()
    end)
    slow.stop()
    assert.is_nil(result[1])
    assert.equal("cancelled", result[2].kind)
  end)
end)

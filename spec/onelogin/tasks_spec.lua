-- onelogin.tasks: who runs when, results in order, errors, cancelling, on the engine and on the sandbox; and the limits
-- of each Lua.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local server_of = require "spec.support.sandbox_server"
local silent = require "spec.support.silent"
local curl = require "onelogin.curl"
local core = require "onelogin.core"

local plain51 = not coroutine.isyieldable
local try = tasks.pcall

local function world(options)
  local box = onelogin.sandbox { users = 30 }
  local config = box:config()
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), box
end

-- A transport that throws where the token is fetched must not leave others waiting for that token.
describe("a transport that throws while the token is fetched", function()
  -- A client whose first token request throws.
  local function thrower()
    local box = onelogin.sandbox { users = 30 }
    local config, w = box:config(), { tokens = 0, id = box:people():ids()[1] }
    local transport = config.transport
    config.transport = { send = function(_, request)
      if request.operation == "oauth.generate_tokens" then
        w.tokens = w.tokens + 1
        if w.tokens == 1 then
          if w.before then w.before() end
          error("a bug of the transport")
        end
      end
      return transport:send(request)
    end }
    w.ol = onelogin.new(config)
    return w
  end

  -- Two tasks: one runs `first` and sleeps, the other makes a call meanwhile; what happened in which order.
  local function order_of(w, first)
    local order = {}
    collectgarbage "stop" -- what is left of the call that threw is not found by accident
    tasks.run(function()
      tasks.spawn(function()
        first()
        tasks.sleep(0.2)
        order[#order + 1] = "slept"
      end)
      tasks.spawn(function()
        tasks.sleep(0)
        local user = assert(w.ol.users:get(w.id))
        order[#order + 1] = user.id
      end)
    end)
    collectgarbage "restart"
    return order
  end

  it("lets other tasks fetch it, though the error was caught", function()
    local w = thrower()
    w.before = function() tasks.sleep(0.02) end
    local ok, problem
    assert.same({ w.id, "slept" }, order_of(w, function()
      ok, problem = try(function() return w.ol.users:get(w.id) end)
    end))
    assert.is_false(ok)
    assert.matches("a bug of the transport", tostring(problem))
    assert.equal(2, w.tokens)
  end)

  it("lets tasks fetch it when the call that threw was blocking", function()
    local w = thrower()
    assert.is_false((pcall(function() return w.ol.users:get(w.id) end)))
    assert.same({ w.id, "slept" }, order_of(w, function() end))
    assert.equal(2, w.tokens)
  end)

  it("lets blocking calls fetch it", function()
    local w = thrower()
    assert.is_false((pcall(function() return w.ol.users:get(w.id) end)))
    assert.equal(w.id, assert(w.ol.users:get(w.id)).id)
    assert.equal(2, w.tokens)
  end)

  it("leaves the call around it alone", function() -- one that a transport makes
    local w, around = thrower(), nil
    local outer, box = world()
    local config = box:config()
    local transport, asked = config.transport, nil
    config.transport = { send = function(_, request)
      if not asked then
        asked = { try(function() return w.ol.users:get(w.id) end) }
        tasks.sleep(0.05)
      end
      return transport:send(request)
    end }
    outer:close()
    outer = onelogin.new(config)
    tasks.run(function()
      around = tasks.spawn(function() return outer.users:get(box:people():ids()[1]) end)
      tasks.sleep(0.02)
      assert.is_false(asked[1])
      around:cancel() -- where it sleeps; the call that it was making has to end with it
      tasks.spawn(function() assert(outer.users:get(box:people():ids()[1])) end)
    end)
    assert.equal("cancelled", around:status())
    assert.equal(1, box:requests "oauth.generate_tokens")
  end)
end)

describe("tasks", function()
  it("run gives what the function returned, nils included", function()
    assert.same({ n = 4, 1, nil, 3, nil }, (function(...) return { n = select("#", ...), ... } end)(
      tasks.run(function(a) return a, nil, 3, nil end, 1)))
  end)

  it("take turns where they wait, and the same call outside blocks", function()
    local ol, box = world()
    local ids, order = box:people():ids(), {}
    tasks.run(function()
      for name = 1, 2 do
        tasks.spawn(function()
          for i = 1, 3 do
            assert(ol.users:get(ids[i]))
            order[#order + 1] = name
          end
        end)
      end
    end)
    assert.equal(6, #order)
    assert.not_equal("111222", table.concat(order))
    assert.equal(1, box:requests "oauth.generate_tokens")
    assert.equal(ids[1], assert(ol.users:get(ids[1])).id)
  end)

  it("sleep in order of time, not of asking", function()
    local box = onelogin.sandbox { users = 1 }
    local pool, order = tasks.pool { clock = box.clock }, {}
    local jobs = {}
    for i, s in ipairs { 30, 10, 20, 10 } do
      jobs[i] = pool:spawn(function()
        tasks.sleep(s)
        order[#order + 1] = i
      end)
    end
    for i = 1, 4 do jobs[i]:join() end
    assert.same({ 2, 4, 3, 1 }, order)
    assert.equal(0, pool:running())
  end)

  it("map keeps the order and the limit; failures stand where they belong", function()
    local now, most = 0, 0
    local results, problems = tasks.map({ 5, 4, 3, 2, 1, 0 }, function(n, i)
      now = now + 1
      most = math.max(most, now)
      for _ = 1, n do tasks.sleep(0) end
      now = now - 1
      if n == 3 then return nil, "three" end
      return n * 10 + i
    end, { limit = 2 })
    assert.same({ 51, 42, false, 24, 15, 6 }, results)
    assert.same({ [3] = "three" }, problems)
    assert.equal(2, most)
    local nothing, none = tasks.map({}, print)
    assert.same({}, nothing)
    assert.same({}, none)
  end)

  it("run on while something sleeps by a client's clock", function()
    local ol = require("onelogin").new { base_url = "https://acme.test", client_id = "id", client_secret = "s",
      transport = { send = function() return nil, "nothing is sent here" end } }
    local order = {}
    tasks.all { function()
      ol.clock.sleep(0.02)
      order[#order + 1] = "slept"
    end, function() order[#order + 1] = "ran" end }
    assert.same({ "ran", "slept" }, order)
    ol.clock.sleep(0) -- outside of tasks it just sleeps
    coroutine.wrap(function() ol.clock.sleep(0.001) end)()
  end)

  it("all is done when all are; the first failure cancels the others", function()
    assert.same({ "a", "b" }, (tasks.all { function() tasks.sleep(0) return "a" end, function() return "b" end }))
    local after
    local ok, err = tasks.all { function()
      tasks.sleep(60)
      after = true
    end, function() return nil, "no" end }
    assert.is_nil(ok)
    assert.equal("no", err)
    assert.is_nil(after)
    local results, problems = tasks.all({ function() return nil, "no" end, function() return 2 end },
      { on_error = "continue" })
    assert.same({ false, 2 }, results)
    assert.same({ "no" }, problems)
  end)

  it("an error in one ends all, is thrown by run, and keeps its traceback", function()
    local went_on
    local ok, why = pcall(tasks.run, function()
      tasks.spawn(function()
        tasks.sleep(60)
        went_on = true
      end)
      tasks.spawn(function()
        tasks.sleep(0)
        local function deep() error("deep trouble") end
        deep()
      end)
    end)
    assert.is_false(ok)
    assert.is_nil(went_on)
    assert.truthy(why:find("tasks_spec.lua:%d+: deep trouble\nstack traceback:"), why)
    assert.truthy(why:find("deep", 1, true))
    local problem = { kind = "own" }
    ok, why = pcall(tasks.run, function() tasks.map({ 1, 2 }, function() error(problem) end) end)
    assert.is_false(ok)
    assert.equal(problem, why)
  end)

  it("join gives results; a cancelled task's join says so", function()
    tasks.run(function()
      local one = tasks.spawn(function() tasks.sleep(0) return 1, nil, 3 end)
      local forever = tasks.spawn(function() tasks.sleep(1e6) end)
      assert.equal("waiting", forever:status())
      local a, b, c = one:join()
      assert.same({ 1, nil, 3 }, { a, b, c })
      assert.equal("done", one:status())
      forever:cancel()
      local nothing, err = forever:join()
      assert.is_nil(nothing)
      assert.equal("cancelled", err.kind)
      assert.equal("cancelled", forever:status())
      assert.equal("onelogin.task (cancelled)", tostring(forever))
    end)
  end)

  it("a task cancelled before it began never runs", function()
    tasks.run(function()
      local ran
      local task = tasks.spawn(function() ran = true end)
      task:cancel()
      assert.is_nil((task:join()))
      assert.is_nil(ran)
    end)
  end)

  it("the deadline ends what it covers and nothing else", function()
    local value, err = tasks.deadline(0.02, function() tasks.sleep(60) end)
    assert.is_nil(value)
    assert.equal("timeout", err.kind)
    assert.equal(7, tasks.deadline(60, function() tasks.sleep(0) return 7 end))
    assert.equal("after", tasks.run(function()
      tasks.deadline(0.01, function() tasks.map({ 1, 2, 3 }, function() tasks.sleep(60) end) end)
      return "after"
    end))
  end)

  it("a task that swallows its end is dropped when it waits again", function()
    local rounds = 0
    tasks.run(function()
      local task = tasks.spawn(function()
        while true do
          rounds = rounds + 1
          if plain51 then tasks.sleep(60) else pcall(tasks.sleep, 60) end
        end
      end)
      tasks.sleep(0)
      task:cancel()
      task:join()
    end)
    assert.equal(plain51 and 1 or 2, rounds)
  end)

  it("tasks.pcall catches errors across waits, not the end of the task", function()
    local caught
    tasks.run(function()
      local ok, why = try(function(a)
        tasks.sleep(0)
        error({ a }, 0)
      end, "x")
      assert.is_false(ok)
      assert.same({ "x" }, why)
      local r = { try(function(a) tasks.sleep(0) return a, try(function() tasks.sleep(0) return "in" end) end, 1) }
      assert.same({ true, 1, true, "in" }, r)
      local task = tasks.spawn(function()
        try(tasks.sleep, 60)
        caught = true
      end)
      tasks.sleep(0)
      task:cancel()
      task:join()
    end)
    assert.is_nil(caught)
    assert.same({ true, 1 }, { try(function() return 1 end) })
  end)

  it("a coroutine of somebody else keeps its yields, and its calls block", function()
    local ol, box = world()
    local ids = box:people():ids()
    local got = {}
    tasks.run(function()
      local other = tasks.spawn(function() return assert(ol.users:get(ids[1])).id end)
      local walk = coroutine.wrap(function()
        for i = 1, 3 do coroutine.yield(assert(ol.users:get(ids[i])).id) end
      end)
      for i = 1, 3 do got[i] = walk() end
      assert.equal(ids[1], other:join())
    end)
    assert.same({ ids[1], ids[2], ids[3] }, got)
    local ok, why = pcall(tasks.run, function() coroutine.yield(1) end)
    assert.is_false(ok)
    assert.truthy(why:find("coroutine.yield outside", 1, true), why)
  end)

  it("where a task cannot be suspended, 5.1 says what to do and the others block", function()
    local ol, box = world()
    local id = box:people():ids()[1]
    local function inside(fn) return pcall(tasks.run, fn) end
    local ok, why = inside(function() return pcall(ol.users.get, ol.users, id) end)
    if plain51 then
      local _, inner = tasks.run(function() return pcall(ol.users.get, ol.users, id) end)
      assert.truthy(inner:find("use tasks.pcall", 1, true), inner)
    else
      assert.is_true(ok, why)
    end
    local function walk()
      local n = 0
      for _ in ol.users:each() do n = n + 1 end
      return n
    end
    ok, why = inside(walk)
    if plain51 then
      assert.is_false(ok)
      assert.truthy(why:find("use `local page = pager:next()`", 1, true), why)
    else
      assert.is_true(ok, why)
      assert.equal(30, why)
    end
    assert.equal(30, walk())
    local rows = tasks.run(function() return ol.users.list:pages():collect() end)
    assert.equal(30, #rows)
    ok, why = inside(function()
      return (("x"):gsub("x", function() return tostring(assert(ol.users:get(id)).id) end))
    end)
    if plain51 then
      assert.is_false(ok)
      assert.truthy(why:find("Lua 5.1", 1, true), why)
    else
      assert.equal(tostring(id), why)
    end
  end)

  it("waits of a sandboxed client pass on its own clock", function()
    local ol, box = world { wait_rate_limit = true }
    local id = box:people():ids()[1]
    box:fault { operation = "users.get", status = 429, headers = { ["retry-after"] = "600" } }
    local began = core.clock.mono()
    assert.equal(id, tasks.run(function() return assert(ol.users:get(id)).id end))
    assert.is_true(core.clock.mono() - began < 30)
  end)

  it("misuse is told at the caller", function()
    local function refused(text, fn, ...)
      local ok, why = pcall(fn, ...)
      assert.is_false(ok)
      assert.truthy(why:find(text, 1, true), why)
    end
    refused("expected a function", tasks.run, 1)
    refused("there is no task here", tasks.spawn, print)
    refused("did you mean \"limit\"", tasks.map, {}, print, { limits = 2 })
    refused("limit must be", tasks.map, {}, print, { limit = 0 })
    refused("on_error must be", tasks.all, {}, { on_error = "x" })
    refused("above 0", tasks.deadline, 0, print)
    refused("0 or more", tasks.sleep, -1)
    refused("cannot wait for itself", tasks.run, function()
      local me
      me = tasks.spawn(function() me:join() end)
    end)
    refused("every task waits", tasks.run, function()
      local a, b
      a = tasks.spawn(function() b:join() end)
      b = tasks.spawn(function() a:join() end)
    end)
  end)
end)

describe("tasks on the engine", function()
  local server, ol, box_ids, engine
  setup(function()
    server = server_of.start "--users 30"
    engine = curl.engine()
    ol = onelogin.new { base_url = server.http_url, client_id = server.client_id, client_secret = server.client_secret,
      engine = engine }
    box_ids = {}
    for row in ol.users:each() do box_ids[#box_ids + 1] = row.id end
  end)
  teardown(function()
    engine:close()
    server.stop()
  end)

  it("calls of one client at once, in order, on one token", function()
    local results, problems = tasks.map(box_ids, function(id)
      local user, err = ol.users:get(id)
      return user and user.id, err
    end, { limit = 8 })
    assert.same(box_ids, results)
    assert.is_nil(next(problems))
    assert.equal(0, engine:running())
  end)

  it("many cold clients: the others join the flight of the first", function()
    local cold = onelogin.new { base_url = server.http_url, client_id = server.client_id,
      client_secret = server.client_secret, engine = engine }
    local before = engine:stats().requests
    local results = tasks.map(box_ids, function(id) return assert(cold.users:get(id)).id end, { limit = 30 })
    assert.same(box_ids, results)
    assert.equal(#box_ids + 1, engine:stats().requests - before)
  end)

  it("a joiner takes over when the flight's owner was cancelled", function()
    local cold = onelogin.new { base_url = server.http_url, client_id = server.client_id,
      client_secret = server.client_secret, engine = engine }
    tasks.run(function()
      local owner = tasks.spawn(function() return cold.users:get(box_ids[1]) end)
      local joiner = tasks.spawn(function() return assert(cold.users:get(box_ids[2])).id end)
      tasks.sleep(0)
      owner:cancel()
      assert.equal(box_ids[2], joiner:join())
    end)
    assert.equal(0, engine:running())
  end)

  it("a foreign coroutine's call takes the flight over; the tasks go on", function()
    local cold = onelogin.new { base_url = server.http_url, client_id = server.client_id,
      client_secret = server.client_secret, engine = engine }
    tasks.run(function()
      local a = tasks.spawn(function() return assert(cold.users:get(box_ids[1])).id end)
      local b = tasks.spawn(function() return assert(cold.users:get(box_ids[2])).id end)
      tasks.sleep(0)
      assert.equal(box_ids[3], coroutine.wrap(function() return assert(cold.users:get(box_ids[3])).id end)())
      assert.equal(box_ids[1], a:join())
      assert.equal(box_ids[2], b:join())
    end)
  end)
end)

describe("an abandoned task", function()
  local server, engine
  setup(function()
    server = silent.start()
    engine = server.engine
  end)
  teardown(function() server.stop() end)

  it("releases its transfer when it is cancelled, when run fails, and when its pool is closed", function()
    local ol = server.client()
    tasks.run(function()
      local task = tasks.spawn(function() return ol.users:get(1) end)
      while engine:running() == 0 do tasks.sleep(0) end
      task:cancel()
      task:join()
      assert.equal(0, engine:running())
    end)
    pcall(tasks.run, function()
      tasks.spawn(function() return ol.users:get(1) end)
      while engine:running() == 0 do tasks.sleep(0) end
      error("enough")
    end)
    assert.equal(0, engine:running())
    local pool = tasks.pool()
    pool:spawn(function() return ol.users:get(1) end)
    pool:tick()
    assert.equal(1, engine:running())
    pool:close()
    assert.equal(0, engine:running())
    assert.equal(0, pool:running())
  end)
end)

describe("docs/tasks.md", function()
  local expected = { { "20\tnil", "true\ttrue" }, { "3", "nil\t" }, { "200" }, { "1\t1" } }
  local here = debug.getinfo(1, "S").source:match("^@(.*)spec/onelogin/[^/]*$") or "./"
  local file = assert(io.open(here .. "docs/tasks.md", "rb"))
  local text = file:read("*a")
  file:close()
  local n = 0
  for code in text:gmatch("\n```lua\n(.-)\n```") do
    n = n + 1
    local lines = expected[n]
    it("block " .. n .. " does what it says", function()
      local out = {}
      local module = setmetatable({ new = function(options)
        local config = onelogin.sandbox({ users = 200 }):config()
        for k, v in pairs(options) do if k ~= "subdomain" then config[k] = v end end
        return onelogin.new(config)
      end }, { __index = onelogin })
      local env = setmetatable({
        require = function(name) return name == "onelogin" and module or require(name) end,
        print = function(...)
          local words = { ... }
          for i = 1, select("#", ...) do words[i] = tostring(words[i]) end
          out[#out + 1] = table.concat(words, "\t")
        end,
      }, { __index = _G })
      local chunk
      if setfenv then -- luacheck: ignore 113
        chunk = setfenv(assert(loadstring(code)), env) -- luacheck: ignore 113
      else
        chunk = assert(load(code, "@tasks.md", "t", env))
      end
      chunk()
      assert.equal(#lines, #out)
      for i, line in ipairs(lines) do assert.equal(line, out[i]:sub(1, #line)) end
    end)
  end
  it("has all its blocks", function() assert.equal(#expected, n) end)
end)

-- Hooks: what they are told, on the engine and on the sandbox, in tasks and outside; failing ones break nothing; stats.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local curl = require "onelogin.curl"
local json = require "cjson"
local canary = require "spec.support.canary"
local server_of = require "spec.support.sandbox_server"

local NAMES = { "on_request", "on_response", "on_retry", "on_token", "on_rate_limit" }

local function recorder(options)
  local seen = {}
  options = options or {}
  for _, name in ipairs(NAMES) do
    options[name] = function(event)
      event.hook = name:sub(4)
      seen[#seen + 1] = event
    end
  end
  return options, seen
end

local function world(options)
  local box = onelogin.sandbox { users = 5 }
  local config = box:config()
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), box
end

local function names(seen)
  local out = {}
  for i, e in ipairs(seen) do out[i] = e.hook .. " " .. (e.operation or "") end
  return table.concat(out, "; ")
end

describe("hooks", function()
  local ways = { ["outside of tasks"] = function(fn) return fn() end, ["inside a task"] = tasks.run }
  for way, run in pairs(ways) do
    it("are told of requests, answers and tokens " .. way, function()
      local options, seen = recorder()
      local ol, box = world(options)
      local id = box:people():ids()[1]
      run(function() assert(ol.users:get(id)) end)
      assert.equal("request oauth.generate_tokens; response oauth.generate_tokens; token ; request users.get; "
        .. "response users.get", names(seen))
      local request, response = seen[4], seen[5]
      assert.same({ "GET", "/api/2/users/{user_id}", 1 }, { request.method, request.path, request.attempt })
      assert.equal(200, response.status)
      assert.is_true(response.bytes > 50)
      assert.equal("string", type(response.request_id))
      assert.equal("number", type(response.seconds))
      assert.same({ "/auth/oauth2/v2/token", "POST" }, { seen[1].path, seen[1].method })
      assert.is_true(seen[3].expires > 0)
    end)

    it("are told of retries and rate limits " .. way, function()
      local options, seen = recorder { wait_rate_limit = true }
      local ol, box = world(options)
      local id = box:people():ids()[1]
      box:fault { operation = "users.get", status = 429, headers = { ["retry-after"] = "600" } }
      box:fault { operation = "users.get", status = 503 }
      run(function() assert(ol.users:get(id)) end)
      local at = {}
      for _, e in ipairs(seen) do
        if e.operation == "users.get" then at[#at + 1] = e.hook .. (e.status or "") .. "/" .. e.attempt end
      end
      assert.equal(3, tonumber(at[#at]:match("%d+$")))
      local text = table.concat(at, " ")
      assert.truthy(text:find("response429/1 rate_limit429/1", 1, true), text)
      assert.truthy(text:find("retry429/2 request/2", 1, true) or text:find("retry503/2 request/2", 1, true), text)
      for _, e in ipairs(seen) do
        if e.hook == "rate_limit" then assert.equal(600, e.retry_after) end
        if e.hook == "retry" and e.status == 429 then assert.is_true(e.wait >= 600) end
      end
    end)
  end

  it("are told of failures without an answer", function()
    local options, seen = recorder { attempts = 1, transport = { send = function(_, r)
      if r.operation == "oauth.generate_tokens" then
        return { status = 200, headers = {}, body = '{"access_token":"t","expires_in":36000}' }
      end
      return nil, { kind = "timeout", message = "too slow", sent = true }
    end } }
    local ol = world(options)
    assert.is_nil((ol.users:get(1)))
    local last = seen[#seen]
    assert.same({ "response", "timeout", true }, { last.hook, last.error, last.sent })
    assert.is_nil(last.status)
  end)

  it("get no secret, no id, no query and no body", function()
    local options, seen = recorder()
    local ol, box = world(options)
    local id = box:people():ids()[1]
    assert(ol.users:list { firstname = "Query*" })
    ol.users:set_password_cleartext(id, { password = canary.password, password_confirmation = canary.password })
    local text = json.encode(seen)
    for _, secret in ipairs { canary.password, box:config().client_secret, tostring(id), "Query", "Bearer" } do
      assert.is_nil(text:find(secret, 1, true), secret)
    end
  end)

  it("break no call when they fail, and are told of once", function()
    local told = {}
    local options = { log = function(level, text) told[#told + 1] = level .. ": " .. text end }
    for _, name in ipairs(NAMES) do options[name] = function() error("broken " .. name, 0) end end
    local ol, box = world(options)
    local id = box:people():ids()[1]
    for _ = 1, 3 do assert.equal(id, assert(ol.users:get(id)).id) end
    table.sort(told)
    assert.same({
      "warning: the hook on_request failed: broken on_request",
      "warning: the hook on_response failed: broken on_response",
      "warning: the hook on_token failed: broken on_token" }, told)
    options.log = function() error "also broken" end
    ol = world(options)
    assert(ol.users:list())
    options.log = nil
    ol = world(options)
    assert(ol.users:list())
  end)

  it("may call the client without being told of that", function()
    local ol, n = nil, 0
    local box
    ol, box = world { on_response = function(e)
      n = n + 1
      if e.operation == "users.get" then assert(ol.roles:list()) end
    end }
    assert(ol.users:get(box:people():ids()[1]))
    assert.equal(2, n)
    assert.equal(1, box:requests "roles.list")
  end)

  it("cannot suspend the task that makes the call, are told of that, and go on being told", function()
    local told, n, mode = {}, 0, nil
    local options = { log = function(_, text) told[#told + 1] = text end, on_request = function()
      n = n + 1
      if mode then coroutine.yield(mode) end
    end }
    local ol = world(options)
    assert(ol.users:list())
    mode, n = "yield", 0
    tasks.run(function()
      for _ = 1, 2 do assert(ol.users:list()) end
    end)
    coroutine.wrap(function() assert(ol.users:list()) end)()
    assert.equal(3, n)
    assert.equal(1, #told)
    assert.truthy(told[1]:find("^the hook on_request failed: it may not wait"), told[1])
    mode = nil
    assert(ol.users:list())
    assert.equal(4, n)
  end)

  it("hear of every task, whichever of them a hook holds up", function()
    local box = onelogin.sandbox { users = 5 }
    local config, seen, faults = box:config(), {}, 1
    local inner = config.transport
    config.clock = nil
    config.retry = { base = 0.01 }
    config.transport = { send = function(_, request)
      tasks.sleep(0.01)
      if request.operation == "users.list" and faults > 0 then
        faults = faults - 1
        return { status = 503, headers = {}, body = "" }
      end
      return inner:send(request)
    end }
    for _, name in ipairs(NAMES) do
      config[name] = function(e)
        seen[#seen + 1] = name:sub(4) .. " " .. (e.operation or "") .. "/" .. e.attempt
        if e.operation == "roles.list" then tasks.sleep(0.03) end
      end
    end
    local ol = onelogin.new(config)
    assert(ol.groups:list())
    seen = {}
    tasks.run(function()
      tasks.spawn(function() assert(ol.users:list()) end)
      tasks.spawn(function() assert(ol.roles:list()) end)
    end)
    table.sort(seen)
    assert.same({ "request roles.list/1", "request users.list/1", "request users.list/2", "response roles.list/1",
      "response users.list/1", "response users.list/2", "retry users.list/2" }, seen)
  end)

  it("keep count of a call whose answer came while a hook ran", function()
    local box = onelogin.sandbox { users = 5 }
    local config, pool, retry, faults = box:config(), tasks.pool(), nil, 1
    local inner = config.transport
    config.transport = { send = function(_, request)
      if request.operation == "users.list" and faults > 0 then
        faults = faults - 1
        tasks.sleep(0)
        return { status = 503, headers = {}, body = "" }
      end
      return inner:send(request)
    end }
    config.on_response = function(e)
      if e.operation == "roles.list" then pool:tick() end
    end
    config.on_retry = function(e) retry = e end
    local ol = onelogin.new(config)
    assert(ol.groups:list())
    local task = pool:spawn(function() return ol.users:list() end)
    pool:step()
    assert(ol.roles:list())
    assert(task:join())
    assert.same({ 2, 503 }, { retry.attempt, retry.status })
    assert.is_true(retry.wait >= 0)
  end)

  it("may fail with what has no text, or cannot be called by a coroutine", function()
    local told = {}
    local ol = world { log = function(_, text) told[#told + 1] = text end,
      on_request = function() error(setmetatable({}, { __tostring = function() error "no" end })) end,
      on_response = tostring, on_token = error }
    assert(ol.users:list())
    table.sort(told)
    assert.equal(2, #told)
    assert.equal("the hook on_request failed: its error has no text", told[1])
    assert.truthy(told[2]:find("^the hook on_token failed: table"), told[2])
  end)

  for way, run in pairs(ways) do
    it("may call the client without being told of that, " .. way, function()
      local ol, n = nil, 0
      local box
      ol, box = world { on_response = function(e)
        n = n + 1
        if e.operation == "users.get" then
          assert(ol.roles:list())
          tasks.run(function() assert(ol.roles:list()) end)
        end
      end }
      run(function() assert(ol.users:get(box:people():ids()[1])) end)
      assert.equal(2, n)
      assert.equal(2, box:requests "roles.list")
    end)
  end

  it("must be functions", function()
    for _, name in ipairs(NAMES) do
      local ok, why = pcall(world, { [name] = "x" })
      assert.is_false(ok)
      assert.truthy(why:find(name, 1, true), why)
    end
  end)

  it("know times and reuse on the engine", function()
    local server = server_of.start "--users 3"
    local engine = curl.engine()
    local options, seen = recorder { base_url = server.http_url, client_id = server.client_id,
      client_secret = server.client_secret, engine = engine }
    local ol = onelogin.new(options)
    local rows = assert(ol.users:list())
    tasks.map(rows, function(user) return assert(ol.users:get(user.id)).id end)
    local reused = 0
    for _, e in ipairs(seen) do
      if e.hook == "response" then
        assert.equal("number", type(e.times.total))
        assert.equal("number", type(e.times.first_byte))
        if e.reused then reused = reused + 1 end
      end
    end
    assert.is_true(reused >= 1)
    assert.equal(0, engine:running())
    server.stop()
  end)
end)

describe("client:stats", function()
  it("counts calls, failures, requests and tokens", function()
    local ol, box = world()
    assert.same({ calls = 0, failed = 0, requests = 0, retries = 0, tokens = 0 }, ol:stats())
    local id = box:people():ids()[1]
    assert(ol.users:get(id))
    box:fault { operation = "users.get", status = 503 }
    assert(ol.users:get(id))
    assert.is_nil((ol.users:get(404404)))
    tasks.map({ 1, 2, 3 }, function() return ol.users:get(id) end)
    assert.same({ calls = 6, failed = 1, requests = 7, retries = 1, tokens = 1 }, ol:stats())
  end)

  it("counts calls that threw, were cancelled or were given up", function()
    local broken
    local box = onelogin.sandbox { users = 5 }
    local config = box:config()
    local inner = config.transport
    config.transport = { send = function(_, request)
      if broken then broken() end
      return inner:send(request)
    end }
    local ol = onelogin.new(config)
    assert(ol.users:list())
    local function counts()
      local stats = ol:stats()
      return { stats.calls, stats.failed }
    end
    broken = error
    assert.is_false((pcall(function() return ol.users:list() end)))
    assert.same({ 2, 1 }, counts())
    tasks.run(function() assert.is_false((tasks.pcall(function() return ol.users:list() end))) end)
    assert.same({ 3, 2 }, counts())
    broken = function() tasks.sleep(60) end
    tasks.run(function()
      local task = tasks.spawn(function() return ol.users:list() end)
      tasks.sleep(0)
      assert.same({ 3, 2 }, counts())
      task:cancel()
      assert.is_nil((task:join()))
      assert.is_nil((tasks.deadline(0.01, function() return ol.users:list() end)))
    end)
    for _ = 1, 3 do
      assert.same({ 5, 4 }, counts())
      collectgarbage()
    end
  end)

  it("tells what a client that is closed by now has done", function()
    local ol = world()
    ol:close()
    assert.same({ calls = 0, failed = 0, requests = 0, retries = 0, tokens = 0 }, ol:stats())
    ol = world()
    assert(ol.users:list())
    ol:close()
    ol:close()
    assert.same({ calls = 1, failed = 0, requests = 1, retries = 0, tokens = 1 }, ol:stats())
  end)
end)

describe("the examples of hooks", function()
  it("speak Prometheus", function()
    local metrics = dofile "examples/hooks/prometheus.lua"
    local ol, box = world { on_response = metrics.on_response, on_retry = metrics.on_retry,
      on_rate_limit = metrics.on_rate_limit, wait_rate_limit = true }
    local id = box:people():ids()[1]
    box:fault { operation = "users.get", status = 429, headers = { ["retry-after"] = "60" } }
    assert(ol.users:get(id))
    assert(ol.users:get(id))
    local text = metrics.text()
    for _, line in ipairs {
      "# TYPE onelogin_requests_total counter", 'onelogin_requests_total{operation="users.get",status="200"} 2',
      'onelogin_requests_total{operation="users.get",status="429"} 1', "# TYPE onelogin_seconds histogram",
      'onelogin_seconds_bucket{operation="users.get",le="+Inf"} 3', 'onelogin_seconds_count{operation="users.get"} 3',
      'onelogin_rate_limited_total{operation="users.get"} 1',
      'onelogin_retries_total{operation="users.get",after="429"} 1' } do
      assert.truthy(("\n" .. text):find("\n" .. line .. "\n", 1, true), line .. " in\n" .. text)
    end
    for line in text:gmatch("[^\n]+") do
      assert.truthy(line:find("^# TYPE [%w_]+ %a+$") or line:find("^[%w_]+{[^}]*} [%d.e+-]+$"), line)
    end
  end)

  it("write JSON lines", function()
    local out = {}
    local options = dofile("examples/hooks/json_lines.lua").to {
      write = function(_, ...) out[#out + 1] = table.concat { ... } end }
    local ol, box = world(options)
    assert(ol.users:get(box:people():ids()[1]))
    assert.equal(5, #out)
    for _, line in ipairs(out) do assert.truthy(line:find("^[^\n]+\n$")) end
    local last = json.decode(out[5])
    assert.same({ "response", "users.get", 200 }, { last.event, last.operation, last.status })
  end)
end)

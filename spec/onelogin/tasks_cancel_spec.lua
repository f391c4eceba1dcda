-- A task that makes a call is cancelled in every state the call can be in: it ends as cancelled, its transfer is
-- released, and the client is as good as before.  Under valgrind this is where a lost handle would show.
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local curl = require "onelogin.curl"
local server_of = require "spec.support.sandbox_server"

describe("a task that is cancelled", function()
  -- A client whose clock is ours and whose transport takes a turn for each request; the answers, in order: a held
  -- lane, a token that fails once, an own request that fails, is refused, is too many, and succeeds.
  local function world()
    local w = { now = 50, tokens = 0, calls = 0, data = {} }
    w.clock = { mono = function() return w.now end, wall = function() return 1700000000 + w.now end,
      sleep = function(s) w.now = w.now + s end }
    local store = {
      get = function(key) return w.data[key] end,
      set = function(key, value) w.data[key] = value end,
      add = function(key, value)
        if w.data[key] then return false end
        w.data[key] = value
        return true
      end,
      delete = function(key) w.data[key] = nil end,
    }
    local unwell = { status = 503, headers = {}, body = "" }
    local answers = { { 500 }, { 401 }, { 429, { ["retry-after"] = "2" } } }
    local function send(_, request)
      tasks.sleep(0)
      if request.operation == "oauth.generate_tokens" then
        w.tokens = w.tokens + 1
        if w.tokens == 1 then return unwell end
        return { status = 200, headers = {}, body = '{"access_token":"t' .. w.tokens .. '","expires_in":36000}' }
      end
      w.calls = w.calls + 1
      local answer = not w.well and answers[w.calls]
      if answer then return { status = answer[1], headers = answer[2] or {}, body = '{"message":"Unauthorized"}' } end
      return { status = 200, headers = {}, body = '{"id":1}' }
    end
    w.ol = onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = "s", clock = w.clock,
      store = store, transport = { send = send } }
    w.data["onelogin:https://x.test:id:pace:v2"] = ("%.3f"):format(w.clock.wall() + 3)
    w.pool = tasks.pool { clock = w.clock }
    return w
  end

  -- One turn; where nobody can run, time passes until somebody can.
  local function turn(w)
    local seconds = w.pool:timeout()
    if seconds and seconds > 0 then w.now = w.now + seconds end
    w.pool:step()
  end

  it("in any state of its call leaves the client well", function()
    local w = world()
    local task, turns = w.pool:spawn(function() return w.ol.users:get(1) end), 0
    while w.pool:running() > 0 do
      turns = turns + 1
      turn(w)
    end
    assert.equal(1, task:join().id)
    assert.same({ 4, 3 }, { w.calls, w.tokens }) -- all of the answers were met
    assert.is_true(turns > 12, turns)

    for many = 1, 2 do -- alone, and with another call that has joined it
      for k = 0, turns - 1 do
        w = world()
        local first = w.pool:spawn(function() return w.ol.users:get(1) end)
        local other = many == 2 and w.pool:spawn(function() return w.ol.users:get(2) end)
        for _ = 1, k do turn(w) end
        local ended = first:status() == "done" -- with two the answers fall to either
        first:cancel()
        w.well = true
        local n = 0
        while w.pool:running() > 0 do
          n = n + 1
          assert.is_true(n < 200, "stuck after " .. k)
          turn(w)
        end
        assert.equal(ended and "done" or "cancelled", first:status())
        if other then assert.equal(1, assert(other:join()).id) end
        local late = w.pool:spawn(function() return w.ol.users:get(3) end)
        local began = w.now
        for _ = 1, 20 do turn(w) end
        assert.equal("done", late:status(), "after " .. k)
        assert.equal(1, assert(late:join()).id)
        assert.is_true(w.now - began < 50, "after " .. k) -- a lock that was left runs out
        w.ol:close()
        w.pool:close()
      end
    end
  end)

  it("in any state of its transfer releases it", function()
    local server = server_of.start "--users 5 --latency 0.02"
    local engine = curl.engine()
    local function client()
      return onelogin.new { base_url = server.http_url, client_id = server.client_id,
        client_secret = server.client_secret, engine = engine }
    end
    local id = assert(client().users:list { limit = 1 })[1].id
    local function until_true(pool, done)
      repeat
        engine:wait(nil, 0.005)
        pool:step()
      until done()
    end
    local states = {
      begun = function() end,
      ["the token is fetched"] = function(pool) until_true(pool, function() return engine:running() == 1 end) end,
      ["the token has come, unread"] = function(pool)
        pool:step()
        engine:wait(nil, 5)
      end,
      ["its own request is out"] = function(pool, before)
        until_true(pool, function() return engine:stats().requests == before + 2 end)
      end,
      ["its answer has come, unread"] = function(pool, before)
        until_true(pool, function() return engine:stats().requests == before + 2 end)
        engine:wait(nil, 5)
      end,
    }
    for name, reach in pairs(states) do
      for _, how in ipairs { "cancel", "close", "forget" } do
        local ol, pool = client(), tasks.pool()
        local task = pool:spawn(function() return ol.users:get(id) end)
        reach(pool, engine:stats().requests)
        if how == "cancel" then
          task:cancel()
          while pool:running() > 0 do pool:step() end
          assert.equal("cancelled", task:status(), name)
        elseif how == "close" then
          pool:close()
        end
        if how ~= "forget" then assert.equal(0, engine:running(), name) end
        task, pool = nil, nil -- luacheck: ignore 311
        collectgarbage() collectgarbage()
        assert.equal(0, engine:running(), name .. ", " .. how)
        assert.is_nil(engine:ended())
        assert.equal(id, assert(ol.users:get(id)).id)
        ol:close()
      end
    end
    engine:close()
    server.stop()
  end)
end)

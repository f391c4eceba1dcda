-- Calls, pagers and operations used in every wrong order, and closed or collected at the worst moment.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local canary = require "spec.support.canary"

local TOKEN = { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '","expires_in":36000}' }
local OK = { status = 200, headers = {}, body = '{"id":1}' }

-- A client on a clock that stands still, and the world it lives in.
local function world(more)
  local w = { now = 100, sent = {} }
  w.clock = { mono = function() return w.now end, wall = function() return w.now end,
    sleep = function(s) w.now = w.now + s end }
  local options = { base_url = "https://x.test", client_id = "id", client_secret = canary.secret, clock = w.clock,
    transport = { send = function(_, request)
      w.sent[#w.sent + 1] = request
      if w.send then return w.send(request) end
      return request.operation == "oauth.generate_tokens" and TOKEN or OK
    end } }
  for k, v in pairs(more or {}) do options[k] = v end
  w.client = onelogin.new(options)
  w.call = w.client.users.get:call(1)
  return w
end

local function fails(pattern, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.matches(pattern, tostring(message))
end

-- A value whose finaliser is f, on every Lua.
local function finalised(f)
  if rawget(_G, "newproxy") then
    local proxy = newproxy(true) -- luacheck: ignore 113
    getmetatable(proxy).__gc = f
    return proxy
  end
  return setmetatable({}, { __gc = f })
end

describe("a call out of order", function()
  it("has no result before its end", function()
    local w = world()
    fails("users%.get: this call has no result yet", w.call.result, w.call)
    w.call:want(w.now, w.now)
    fails("no result yet", w.call.result, w.call)
    assert.equal(1, w.call:run().id)
  end)

  it("has a result when nobody told the end of its attempts", function()
    local w = world()
    local call = w.client.users.get:call(1, nil, { attempts = 1, timeout = 5 })
    call:want(w.now, w.now)
    assert.equal("done", (call:want(w.now + 6, w.now)))
    local value, err = call:result()
    assert.is_nil(value)
    assert.equal("timeout", err.kind)

    call = w.client.users.get:call(1, nil, { attempts = 1, timeout = 5 })
    call:want(w.now, w.now)
    call:answer(w.now, w.now, TOKEN)
    call:want(w.now, w.now)
    assert.equal("done", (call:want(w.now + 6, w.now)))
    value, err = call:result()
    assert.is_nil(value)
    assert.equal("timeout", err.kind)
    assert.equal(1, err.attempts)
  end)

  it("is refused when emptied, closed, or its operation finalised", function()
    local w = world()
    w.call:rest()
    for _, name in ipairs { "want", "answer", "stored", "take", "result", "request", "attempts", "operation", "rest",
      "run" } do
      fails("already finalised", w.call[name], w.call, 1, 1)
    end
    assert.matches("finalised", tostring(w.call))
    w.call:cancel()
    w.call:close()
    w.call:close()

    w = world()
    core.meta.operation.__gc(w.client.users.get)
    for _, name in ipairs { "want", "answer", "stored", "take", "result", "request", "attempts", "operation", "rest",
      "run" } do
      fails("already finalised", w.call[name], w.call, 1, 1)
    end
    w.call:cancel()
    w.call:close()
  end)

  it("is refused as a method of something else", function()
    local w = world()
    for _, name in ipairs { "want", "answer", "stored", "cancel", "take", "result", "request", "attempts", "close",
      "operation", "rest", "run" } do
      for _, other in ipairs { io.stdout, w.client, w.client.users.get, {}, "text", 5, false } do
        assert.is_false(pcall(w.call[name], other, 1, 1), name)
      end
      assert.is_false(pcall(w.call[name]), name)
    end
  end)

  it("refuses clocks that give no numbers", function()
    local w = world()
    for _, bad in ipairs { "now", {}, false } do
      assert.is_false(pcall(w.call.want, w.call, bad, 1))
      assert.is_false(pcall(w.call.want, w.call, 1, bad))
    end
    w.clock.mono = function() end
    assert.is_false(pcall(w.client.users.get, w.client.users, 1))
  end)

  it("says it was cancelled, whatever a refused token said before", function()
    local w = world()
    w.call:want(w.now, w.now)
    w.call:answer(w.now, w.now, { status = 503, headers = {}, body = "" })
    w.call:cancel()
    local _, err = w.call:result()
    assert.equal("cancelled", err.kind)
  end)

  it("ignores answers that nobody waits for", function()
    local w = world()
    assert.is_false(w.call:answer(w.now, w.now, OK))
    w.call:want(w.now, w.now)
    w.call:answer(w.now, w.now, TOKEN)
    w.call:answer(w.now, w.now, TOKEN)
    w.call:stored(w.now, w.now, "x", 5)
    w.call:take()
    assert.equal("send", (w.call:want(w.now, w.now)))
    w.call:answer(w.now, w.now, OK)
    w.call:answer(w.now, w.now, nil, "late")
    assert.equal(1, w.call:result().id)
    assert.equal(1, w.call:result().id)
  end)

  it("does not run over when its header table grows behind its back", function()
    local w = world()
    local headers = { a = "b" }
    local call = core.call(w.client.users.get, 1, 1, { 5 }, nil, nil, nil, nil, nil, headers)
    for i = 1, 40 do headers["x" .. i] = "y" end
    call:want(1, 1)
    call:answer(1, 1, TOKEN)
    fails("header parameters", call.want, call, 1, 1)
    for k in pairs(headers) do headers[k] = nil end
    headers.x = "a\r\nb: c"
    fails("no result yet", call.result, call)
  end)
end)

describe("closing a client", function()
  -- Closing and what the caller gets: nil and "cancelled", or a thrown "is closed", never a crash.
  local function closed(w, f, ...)
    local ok, value, err = pcall(f, ...)
    if ok then
      assert.is_nil(value)
      assert.equal("cancelled", err.kind)
      assert.matches("closed", err.message)
    else
      assert.matches("is closed", tostring(value))
    end
    w.client:close()
    fails("is closed", function() return w.client.users:get(1) end)
    assert.matches("closed", tostring(w.client))
  end

  it("inside the transport ends the call", function()
    for at = 1, 2 do
      local w = world()
      w.send = function(request)
        if #w.sent == at then w.client:close() end
        return request.operation == "oauth.generate_tokens" and TOKEN
          or { status = 400, headers = {}, body = '{"message":"you sent ' .. canary.secret .. '"}' }
      end
      closed(w, w.client.users.get, w.client.users, 1)
    end
  end)

  it("inside the transport keeps an answer that came", function()
    local w = world()
    w.send = function(request)
      if #w.sent == 2 then w.client:close() end
      return request.operation == "oauth.generate_tokens" and TOKEN or OK
    end
    assert.equal(1, w.client.users:get(1).id)
  end)

  it("inside a refused, repeated or failed attempt ends the call", function()
    local limited = { status = 429, headers = { ["retry-after"] = "1" } }
    for _, failure in ipairs { { status = 503 }, { status = 401 }, limited, false } do
      for at = 1, 3 do
        local w = world()
        w.send = function(request)
          if #w.sent == at then w.client:close() end
          if #w.sent == 1 and request.operation == "oauth.generate_tokens" and at > 1 then return TOKEN end
          if not failure then return nil, "lost" end
          return { status = failure.status, headers = failure.headers or {}, body = "" }
        end
        closed(w, w.client.users.get, w.client.users, 1)
      end
    end
  end)

  it("inside clock functions ends the call", function()
    for _, name in ipairs { "mono", "wall", "sleep" } do
      for at = 1, 5 do
        local w = world()
        local real, n = w.clock[name], 0
        w.send = function(request)
          if request.operation == "oauth.generate_tokens" then return TOKEN end
          return { status = 503, headers = {}, body = "" }
        end
        w.clock[name] = function(...)
          n = n + 1
          if n == at then w.client:close() end
          return real(...)
        end
        if name ~= "sleep" or at < 4 then closed(w, w.client.users.get, w.client.users, 1) end
      end
    end
  end)

  it("inside the secret function ends the call", function()
    for _, gives in ipairs { canary.secret, "" } do
      local w
      w = world { client_secret = function()
        w.client:close()
        return gives
      end }
      local value, err = w.client.users:get(1)
      assert.is_nil(value)
      assert.equal("cancelled", err.kind)
      assert.equal(0, #w.sent)
    end
    local w, call
    w = world { client_secret = function()
      call:close()
      return ""
    end }
    call = w.client.users.get:call(1)
    local _, err = call:run()
    assert.equal("auth", err.kind)
    w = world { client_secret = function()
      call:want(1, 1)
      call:rest()
    end }
    call = w.client.users.get:call(1)
    _, err = call:run()
    assert.equal("auth", err.kind)
  end)

  it("inside an option's metamethod is refused", function()
    local w = world()
    for _, key in ipairs { "nulls", "timeout", "retry", "wait_rate_limit" } do
      local opts = setmetatable({}, { __index = function(_, k)
        if k == key then w.client:close() end
      end })
      fails("is closed", w.client.users.get, w.client.users, 1, nil, opts)
      w = world()
    end
  end)

  it("inside a walk ends the walk", function()
    local w = world()
    w.send = function(request)
      if request.operation == "oauth.generate_tokens" then return TOKEN end
      return { status = 200, headers = { ["after-cursor"] = "c" .. #w.sent }, body = '[{"id":' .. #w.sent .. '}]' }
    end
    local seen = 0
    fails("closed", function()
      for _ in w.client.users:each() do
        seen = seen + 1
        if seen == 3 then w.client:close() end
      end
    end)
    assert.equal(3, seen)
  end)

  it("in a finaliser, during a call, is safe", function()
    for _ = 1, 30 do
      local w = world()
      local call = w.client.users.get:call(1)
      local n = 0
      w.send = function(request)
        n = n + 1
        -- garbage that closes the client and the call when it is collected: in the middle of what follows
        for _ = 1, 3 do
          finalised(function()
            w.client:close()
            call:close()
          end)
        end
        for i = 1, n * 7 do assert({ tostring(i) }) end
        if n == 1 then collectgarbage() end
        return request.operation == "oauth.generate_tokens" and TOKEN or OK
      end
      pcall(call.run, call)
      pcall(call.request, call, "m")
      collectgarbage()
      call:close()
    end
  end)
end)

describe("a pager", function()
  it("survives every value from outside", function()
    for _, place in ipairs { "page=0", "page=99999999999", "page=-1", "page=1e9", "\0", ("x"):rep(70000) } do
      local p = core.pager.new("v2", {}, place)
      assert.is_string((core.pager.ask(p)))
      assert.is_string(tostring(p))
      core.pager.place(p)
    end
    for _, page in ipairs { 1e300, 1 / 0, 0 / 0 } do
      assert.is_false(pcall(core.pager.new, "v2", {}, nil, page))
    end
    local p = core.pager.new("v2", {})
    local trap = setmetatable({}, { __index = function() core.pager.close(p) end })
    core.pager.got(p, trap, 1, 1)
    core.pager.got(p, { page = 1 / 0, total = 0 / 0, total_pages = 1 / 0, cursor = "c" }, 1, 1)
    assert.same({ 2 }, { (core.pager.totals(p)) })
  end)

  it("works closed", function()
    local w = world()
    local p = w.client.users:pages()
    p:close()
    p:close()
    assert.is_nil(p:next())
    assert.same({}, p:collect())
    assert.is_nil(p.total)
    assert.is_nil(p.cursor)
    assert.is_nil(p.seen)
    assert.matches("closed", tostring(p))
    for _ in p do error("nothing") end
    for _ in p:items() do error("nothing") end
  end)
end)

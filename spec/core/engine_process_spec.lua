-- onelogin.curl and the process around it: fork, slow name servers, signals, exit, other programs.
local curl = require "onelogin.curl"
local child = require "spec.support.child"
local httpd = require "spec.support.httpd"

describe("engine in its process", function()
  local server, folder, sys

  setup(function()
    server = httpd.start()
    folder = child.folder()
    sys = assert(package.loadlib(child.compile("sys.c", folder, true), "luaopen_sys"))()
  end)
  teardown(function()
    server.stop()
    child.remove(folder)
  end)
  before_each(function()
    server.reset()
  end)

  local function get(path)
    return { method = "GET", url = server.url(path), timeout = 20 }
  end

  describe("after a fork", function()
    -- Runs f in a forked child; returns what f returned there, as text.
    local function in_child(f)
      local path = folder .. "/said"
      local pid = sys.fork()
      if pid == 0 then
        local ok, said = pcall(f)
        local file = io.open(path, "w")
        file:write(ok and "" or "error: ", tostring(said))
        file:close()
        sys.leave()
      end
      assert.equal(-9, sys.wait(pid)) -- by its own hand, having said all
      local file = assert(io.open(path))
      local said = file:read("*a")
      file:close()
      os.remove(path)
      return said
    end

    it("the child makes connections of its own and the parent keeps its one", function()
      local e = curl.engine()
      e:send(get("/hello"))
      local said = in_child(function()
        local before = e:stats()
        local r = assert(e:send(get("/hello")))
        local again = assert(e:send(get("/hello")))
        local s = e:stats()
        return table.concat({ before.requests, before.connections, r.body, tostring(r.reused),
          tostring(again.reused), s.requests, s.connections }, " ")
      end)
      assert.equal("0 0 hello false true 2 1", said)
      assert.equal(2, server.count("^open"))
      local r = assert(e:send(get("/hello")))
      assert.is_true(r.reused)
      assert.equal(2, e:stats().requests)
      assert.equal(2, server.count("^request 1 "))
      e:close()
    end)

    it("closing, collecting and using it in the child leave the parent's transfers alone", function()
      local e = curl.engine()
      local live = e:start(get("/half"))
      while server.count("GET /half") == 0 do
        e:wait(live, 0.01)
      end
      local done = e:start(get("/hello"))
      e:wait(done)
      local said = in_child(function()
        local out = {}
        local r, failure = live:result()
        out[#out + 1] = tostring(r) .. " " .. failure.kind .. " " .. tostring(failure.sent)
        out[#out + 1] = done:result().body .. " " .. tostring(e:running())
        out[#out + 1] = tostring(next(e:fds())) .. " " .. tostring(e:timeout())
        local own = e:start(get("/silent"))
        e:wait(own, 0.05)
        own:cancel()
        out[#out + 1] = e:send(get("/hello")).body
        live, done, own = nil, nil, nil -- luacheck: ignore 311
        collectgarbage()
        e:close()
        e = nil
        collectgarbage()
        collectgarbage()
        return table.concat(out, "; ")
      end)
      assert.equal("nil cancelled true; hello 0; nil nil; hello", said)
      -- The parent's half-read answer is still on its way.
      assert.is_false(live:done())
      assert.equal(1, e:running())
      assert.equal("hello", done:result().body)
      assert.equal(0, server.count("^closed 1$"))
      live:cancel()
      assert.equal("hello", e:send(get("/hello")).body)
      e:close()
    end)

    it("a child that only collects touches nothing", function()
      local e = curl.engine()
      assert(e:send(get("/hello")))
      local t = e:start(get("/silent"))
      e:wait(t, 0.02)
      local said = in_child(function()
        t = nil
        e = nil
        collectgarbage()
        collectgarbage()
        return "collected"
      end)
      assert.equal("collected", said)
      assert.is_false(t:done())
      assert.equal(0, server.count("^closed"))
      t:cancel()
      e:close()
    end)

    it("a child may end as any program does", function()
      -- A program of its own, so that the child runs Lua's whole clearing up.
      local said = child.run(([[
        local sys = assert(package.loadlib(%q, "luaopen_sys"))()
        local e = require "onelogin.curl".engine()
        local request = { method = "GET", url = %q, timeout = 20 }
        assert(e:send(request))
        local t = e:start { method = "GET", url = %q, timeout = 20 }
        e:wait(t, 0.02)
        local pid = sys.fork()
        if pid > 0 then
          print("child ended with", sys.wait(pid))
          print("parent goes on", e:send(request).body, t:done())
        end
      ]]):format(folder .. "/sys.so", server.url("/hello"), server.url("/silent")))
      assert.matches("^child ended with\t0%.?0?\nparent goes on\thello\tfalse$", said)
    end)

    it("grandchildren and siblings have engines of their own too", function()
      local e = curl.engine()
      e:send(get("/hello"))
      local said = in_child(function()
        local first = in_child(function()
          return e:send(get("/hello")).body
        end)
        local second = e:send(get("/hello"))
        local third = in_child(function()
          return tostring(e:send(get("/hello")).reused)
        end)
        return first .. " " .. tostring(second.reused) .. " " .. third
          .. " " .. tostring(e:send(get("/hello")).reused)
      end)
      assert.equal("hello false false true", said)
      assert.equal(4, server.count("^open"))
      e:close()
    end)
  end)

  describe("with a name server that does not answer", function()
    local preload, marks

    setup(function()
      marks = folder .. "/dns"
      preload = child.preload(child.compile("slowdns.c", folder)) .. " SLOW_DNS=" .. marks
    end)
    before_each(function()
      os.remove(marks .. ".began")
      os.remove(marks .. ".ended")
    end)

    local function exists(what)
      local file = io.open(marks .. "." .. what)
      if file then
        file:close()
      end
      return file ~= nil
    end

    -- The name server takes a minute; a program that is over while it has not ended waited for nothing.
    local function run(program)
      local said = child.run(([[
        local curl = require "onelogin.curl"
        local e = curl.engine()
        local function request(name, more)
          local r = { method = "GET", url = "https://" .. name .. ".slow.test/", timeout = 20 }
          for k, v in pairs(more or {}) do r[k] = v end
          return r
        end
        local hello = { method = "GET", url = %q, timeout = 20 }
        local function began()
          local file = io.open(os.getenv("SLOW_DNS") .. ".began")
          return file and file:close() ~= nil
        end
      ]]):format(server.url("/hello")) .. program, preload)
      assert.is_true(exists("began"), "the name server was not asked: " .. said)
      assert.is_false(exists("ended"), "somebody waited for the name server: " .. said)
      return said
    end

    it("a short timeout is kept, and the program ends at once", function()
      local said = run [[
        local r, failure = e:send(request("a", { timeout = 0.2 }))
        print(r, failure.kind, failure.sent)
        local t = e:start(request("b", { connect_timeout = 0.2, timeout = 1000, method = "POST" }))
        print(e:wait(t, 15))
        r, failure = t:result()
        print(r, failure.kind, failure.sent)
      ]]
      assert.equal("nil\ttimeout\tfalse\ntrue\nnil\ttimeout\tfalse", said)
    end)

    it("other transfers go on", function()
      local said = run [[
        local slow = e:start(request "a")
        for _ = 1, 20 do
          assert(e:send(hello))
        end
        while not began() do
          e:wait(slow, 0.01)
        end
        print(e:send(hello).body, slow:done())
      ]]
      assert.equal("hello\tfalse", said)
    end)

    it("cancelling, collecting and closing do not wait", function()
      local said = run [[
        local list = {}
        for i = 1, 4 do
          list[i] = e:start(request("n" .. i))
        end
        while not began() do
          e:wait(list[1], 0.01)
        end
        list[1]:cancel()
        print(select(2, list[1]:result()).kind)
        list[2] = nil
        collectgarbage()
        print(e:send(hello).body)
        e:close()
        print(select(2, list[3]:result()).kind)
        local other = curl.engine()
        other:wait(other:start(request "last"), 0.1)
      ]]
      assert.equal("cancelled\nhello\ncancelled", said)
    end)
  end)

  it("hands no connection on to the programs a script starts", function()
    local e = curl.engine()
    assert(e:send(get("/hello")))
    local t = e:start(get("/silent"))
    e:wait(t, 0.02)
    assert.is_truthy(next(e:fds()))
    local open = child.capture("ls /proc/self/fd")
    for fd in pairs(e:fds()) do
      assert.is_nil(("\n" .. open .. "\n"):find("\n" .. fd .. "\n", 1, true))
    end
    t:cancel()
    e:close()
  end)

  it("stops waiting when the interpreter was told to stop", function()
    -- As Ctrl-C does it: the handler sets a hook, which only runs between instructions of Lua.
    local path = folder .. "/interrupt.lua"
    local file = assert(io.open(path, "w"))
    file:write(child.cpath(), ([[
      local e = require "onelogin.curl".engine()
      print("ready")
      io.stdout:flush()
      e:send { method = "GET", url = %q, timeout = 1000 }
      print("still here")
    ]]):format(server.url("/silent")))
    file:close()
    local process = child.start(("%s %s"):format(child.lua, path), folder .. "/errors")
    assert.equal("ready", process.line())
    assert.is_true(server.await("GET /silent"))
    os.execute("kill -INT " .. process.pid)
    assert.is_true(server.await("^closed"))
    assert.is_nil(process.line())
    process.stop()
    local errors = assert(io.open(folder .. "/errors")):read("*a")
    assert.matches("interrupted", errors)
  end)

  it("stays in memory when a state ends, as a resolver's thread may still need it", function()
    assert.matches("NODELETE", child.capture("readelf -d " .. child.build .. "/onelogin/curl.so"))
  end)
end)

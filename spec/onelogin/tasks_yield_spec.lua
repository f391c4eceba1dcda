-- run: lua5.1 luajit plain
-- Where Lua cannot suspend a task and cannot say so beforehand: the error names what to do, and what was begun is taken
-- back, so that the task goes on as if it had not tried.
local jit = rawget(_G, "jit")
if jit then coroutine.isyieldable = nil end -- luacheck: ignore 122 -- nginx's table of coroutines is without it

local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local pools = require "onelogin.tasks.pool"
local curl = require "onelogin.curl"
local server_of = require "spec.support.sandbox_server"

local CANNOT = "a task cannot be suspended inside " .. (jit and "sort" or "a metamethod")

-- Calls fn where it cannot wait.
local places = jit and {
  ["a callback of sort"] = function(fn)
    table.sort({ 1, 2 }, function()
      fn()
      return false
    end)
  end,
} or {
  ["a metamethod"] = function(fn)
    return setmetatable({}, { __index = function() return fn() end }).x
  end,
  ["an iterator that tail-calls"] = function(fn)
    for x in function() return fn() end do assert.is_nil(x) end
  end,
}

for place, within in pairs(places) do
  describe("a wait inside " .. place, function()
    local server, engine, ol
    setup(function()
      server = server_of.start "--users 5"
      engine = curl.engine()
    end)
    teardown(function()
      engine:close()
      server.stop()
    end)
    local function client()
      return onelogin.new { base_url = server.http_url, client_id = server.client_id,
        client_secret = server.client_secret, engine = engine }
    end
    before_each(function() ol = client() end)

    local function list() return #assert(ol.users:list { limit = 1 }) end

    -- Nothing is left of the wait, and the task can wait in every way.
    local function goes_on()
      local pool, order = pools.current().pool, {}
      assert.is_nil(next(pool.flying))
      for _, n in pairs(pool.engines) do assert.equal(0, n) end
      assert.equal(0, pool.joining)
      assert.is_nil(pool.timers[1])
      local other = tasks.spawn(function()
        tasks.sleep(0.001)
        order[#order + 1] = "other"
      end)
      tasks.sleep(0.05)
      order[#order + 1] = "mine"
      other:join()
      assert.same({ "other", "mine" }, order)
      assert.equal(1, list())
    end

    local function refused(fn)
      tasks.run(function()
        local ok, why = tasks.pcall(within, fn)
        assert.is_false(ok)
        assert.truthy(tostring(why):find(CANNOT, 1, true), tostring(why))
        assert.equal(0, engine:running())
        goes_on()
      end)
    end

    it("for an answer", function()
      list()
      refused(list)
    end)
    it("for the token, which then somebody else can fetch", function() refused(list) end)
    it("for a time", function() refused(function() tasks.sleep(60) end) end)
    it("for a turn", function() refused(function() tasks.sleep(0) end) end)
    it("for another task", function()
      refused(function() return tasks.spawn(function() end):join() end)
      refused(function() return tasks.run(function() end) end)
    end)

    it("for a token that another task fetches", function()
      tasks.run(function()
        local first = tasks.spawn(list)
        tasks.sleep(0)
        local ok, why = tasks.pcall(within, list)
        assert.is_false(ok)
        assert.truthy(tostring(why):find(CANNOT, 1, true), tostring(why))
        assert.equal(0, pools.current().pool.joining)
        assert.equal(1, list())
        assert.equal(1, first:join())
      end)
    end)

    it("is the error of the task when nobody catches it", function()
      local ok, why = pcall(tasks.run, function() within(list) end)
      assert.is_false(ok)
      assert.truthy(why:find(CANNOT, 1, true), why)
      assert.truthy(why:find("tasks_yield_spec.lua", 1, true), why)
      assert.equal(0, engine:running())
      assert.equal(1, tasks.run(list))
    end)

    it("inside tasks.pcall, too", function()
      refused(function() return assert(tasks.pcall(list)) end)
    end)

    if jit then -- on plain 5.1 pcall is such a place, too, and says so beforehand
      it("can be caught with pcall", function()
        tasks.run(function()
          local ok, why = pcall(within, list)
          assert.is_false(ok)
          assert.truthy(tostring(why):find(CANNOT, 1, true), tostring(why))
          goes_on()
        end)
      end)
    end
  end)
end

describe("tasks.pcall inside pcall", function()
  it("is refused before anything is begun where pcall cannot wait", function()
    local box = onelogin.sandbox { users = 2 }
    local ol, id = onelogin.new(box:config()), box:people():ids()[1]
    tasks.run(function()
      local function get() return assert(ol.users:get(id)).id end
      local _, ok, got = pcall(function() return tasks.pcall(get) end)
      if jit then
        assert.equal(id, got)
      else
        assert.is_false(ok)
        assert.truthy(got:find("use tasks.pcall", 1, true), got)
        assert.equal(0, box:requests "oauth.generate_tokens")
      end
      assert.same({ true, true, 5 }, { pcall(function() return tasks.pcall(function() return 5 end) end) })
      assert.equal(id, get())
    end)
  end)
end)

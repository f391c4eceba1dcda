-- run: lua5.4 plain
-- Tasks inside a real nginx that wait by nginx's own means, as with a redis or a socket: the requests that run
-- meanwhile are in no task of theirs.
local world = require "spec.hosts.nginx.world"

local locations = [[
  # In a task: waits by ngx.sleep, spawns, calls, and says which request each part ran in.
  location = /own {
    content_by_lua_block {
      local tasks, ol = require("onelogin").tasks, require("app").client
      local said, mine = {}, ngx.var.arg_name
      local function say(what) said[#said + 1] = what .. (ngx.var.arg_name == mine and "" or ", elsewhere") end
      tasks.run(function()
        ngx.sleep(tonumber(ngx.var.arg_s))
        tasks.spawn(function()
          ngx.sleep(tonumber(ngx.var.arg_s))
          say "spawned"
        end)
        say(#ol.users:list { limit = 1 } .. " user")
        say(#tasks.map({ 1, 2 }, function() return #ol.users:list { limit = 1 } end) .. " of a map")
      end)
      say "ended"
      ngx.say(table.concat(said, "; "))
    }
  }
  location = /spawn {
    content_by_lua_block {
      ngx.say(tostring(require("onelogin.tasks.pool").current()), " ",
        pcall(require("onelogin").tasks.spawn, print))
    }
  }
  location = /sort {
    content_by_lua_block {
      local tasks, ol = require("onelogin").tasks, require("app").client
      tasks.run(function()
        local _, why = tasks.pcall(function()
          table.sort({ 1, 2 }, function() ol.users:list() return false end)
        end)
        ngx.say(why)
        ngx.say(#ol.users:list { limit = 1 })
      end)
    }
  }
  location = /busy {
    content_by_lua_block {
      local tasks, ol = require("onelogin").tasks, require("app").client
      tasks.run(function()
        local call = tasks.spawn(function() return #ol.users:list { limit = 1 } end)
        while call:status() == "waiting" do tasks.sleep(0) end
        ngx.say(call:join())
      end)
    }
  }
]]

describe("tasks in nginx", function()
  local w
  setup(function() w = world.start(1, { http = "", server = locations }) end)
  teardown(function() w.stop() end)

  local function body(path) return select(2, w.get(path)) end

  it("keep to their request while they wait by nginx's own means", function()
    w.get("/own?name=warm&s=0.001")
    local slow = {}
    for i = 1, 4 do slow[i] = w.open(("/own?name=%d&s=%g"):format(i, 0.02 * i)) end
    for _ = 1, 5 do
      local answer = body "/spawn"
      assert.truthy(answer:find("^nil false"), answer)
      assert.truthy(answer:find("there is no task here", 1, true), answer)
    end
    for i = 1, 4 do
      local status, said = w.read(slow[i])
      assert.equal(200, status)
      assert.truthy(said:find("1 user; .*2 of a map; ended\n$"), said)
      assert.truthy(said:find("spawned", 1, true), said)
      assert.is_nil(said:find("elsewhere", 1, true), said)
    end
    assert.truthy(body("/spawn"):find("^nil false"))
  end)

  it("are told where they cannot be suspended, and go on", function()
    local answer = body "/sort"
    assert.truthy(answer:find("a task cannot be suspended inside sort", 1, true), answer)
    assert.truthy(answer:find("\n1\n$"), answer)
  end)

  it("that never rest let their transfers and other requests go on", function()
    w.control("POST", "faults", { operation = "users.list", latency = 0.1, times = 1 })
    local busy = w.open "/busy"
    assert.equal("fast\n", body "/fast")
    assert.equal("1\n", select(2, w.read(busy)))
  end)

  it("leave nothing in nginx's log", function() assert.equal("", w.errors()) end)
end)

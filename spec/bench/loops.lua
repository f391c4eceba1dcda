-- loops.lua - twenty calls of half a second inside other loops, and whether those keep their beat meanwhile.
--
--   lua5.4 spec/bench/loops.lua        from the top of a built checkout; needs libnginx-mod-http-lua
--
-- nginx answers each call after 0.5 s, over TLS and HTTP/2.  It reports and judges nothing.
package.path = "lua/?.lua;lua/?/init.lua;?.lua;" .. package.path
local child = require "spec.support.child"
local upstream = require "spec.bench.delayed"

local CALLS, ROUNDS = 20, 3
local build = os.getenv "OL_BUILD" or "build"
local server = upstream.start(0.5)

local ok, problem = pcall(function()
  for _, loop in ipairs { "luv", "cqueues" } do
    for _, lua in ipairs { "lua5.4", "lua5.3", "lua5.1", "luajit" } do
      local command = ("env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/%s/?.so;;' %s spec/bench/beat.lua %s "
        .. "%s %s %d 2>&1"):format(build, lua == "luajit" and "5.1" or lua:sub(4), lua, loop, server.base, server.ca,
        CALLS)
      local best, idle, busy = math.huge, {}, {}
      local missing
      for i = 1, ROUNDS do
        local out = child.capture(command)
        missing = out:find("module '" .. loop .. "' not found", 1, true)
        if missing then break end
        local s, a, b = out:match "seconds ([%d.]+) idle ([%d.]+) busy ([%d.]+)"
        assert(s, out)
        best, idle[i], busy[i] = math.min(best, tonumber(s)), tonumber(a), tonumber(b)
      end
      if missing then
        print(("%-7s %-6s does not exist here"):format(loop, lua))
      else
        table.sort(idle)
        table.sort(busy)
        local middle = (ROUNDS + 1) // 2
        print(("%-7s %-6s %d calls of 0.5 s at once: %.3f s, %.2f x of one (goal 1.2); longest beat of 10 ms: %.1f ms, "
          .. "idle %.1f ms"):format(loop, lua, CALLS, best, best / 0.5, busy[middle], idle[middle]))
      end
    end
  end
end)
server.stop()
assert(ok, problem)

-- tasks.lua - what tasks and lanes gain and cost, as ratios.
--
--   lua5.4 spec/bench/tasks.lua        from the top of a built checkout; needs libnginx-mod-http-lua
--
-- nginx over TLS and HTTP/2 answers each call after 50 ms.  It reports and judges nothing.
package.path = "lua/?.lua;lua/?/init.lua;?.lua;" .. package.path
local child = require "spec.support.child"

local unpack = table.unpack or unpack -- luacheck: ignore 113

local build = os.getenv "OL_BUILD" or "build"
-- The service is never on the client's core: where they may share one, each wakes and stops the other, and what is
-- measured is the scheduler.
local apart = tonumber(child.capture("nproc")) > 1 and child.capture("command -v taskset || true") ~= ""
local mine, its = apart and "taskset -c 0 " or "", apart and "taskset -c 1" or ""
local server = require("spec.bench.delayed").start(0.05, its)
local base, ca = server.base, server.ca

local function ours(lua, words)
  return ("%senv LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/%s/?.so;;' %s spec/bench/many.lua %s"):format(mine,
    build, lua == "lua5.4" and "5.4" or "5.1", lua, words)
end

-- The shortest of three runs, in seconds.
local function shortest(command)
  local seconds = math.huge
  for _ = 1, 3 do
    local out = child.capture(command)
    seconds = math.min(seconds, tonumber(out:match "seconds ([%d.]+)") or error(out))
  end
  return seconds
end

local function median(list)
  table.sort(list)
  return list[math.ceil(#list / 2)]
end

-- Runs every program in turn, ROUNDS times, so that what else the machine does falls on all alike; each runs three
-- times N calls in itself.  name → { seconds = shortest, us = median of the CPU a call in microseconds, and of each
-- round }
local ROUNDS = tonumber(os.getenv("CPU_ROUNDS") or "9")
local function interleaved(programs)
  local measured = {}
  for _, p in ipairs(programs) do measured[p[1]] = { seconds = math.huge, rounds = {} } end
  for _ = 1, ROUNDS do
    for _, p in ipairs(programs) do
      local out, m, sum, n = child.capture(p[2] .. " 2>&1"), measured[p[1]], 0, 0
      assert(out:find "us ", out)
      for seconds, us in out:gmatch "seconds ([%d.]+) us ([%d.]+)" do
        m.seconds = math.min(m.seconds, tonumber(seconds))
        sum, n = sum + tonumber(us), n + 1
      end
      m.rounds[#m.rounds + 1] = sum / n
    end
  end
  for _, m in pairs(measured) do m.us = median { unpack(m.rounds) } end
  return measured
end

-- How many times as much as `other`: the median of the rounds, each compared with its neighbour in time.
local function times(m, other)
  local ratios = {}
  for i, us in ipairs(m.rounds) do ratios[i] = us / other.rounds[i] end
  return median(ratios)
end

local ok, problem = pcall(function()
  local compiled = child.capture(("mkdir -p %s/bench && ${CC:-cc} -std=c11 -O2 -Wall -Wextra -o %s/bench/multi "
    .. "spec/bench/multi.c $(pkg-config --cflags --libs lua5.4 libcurl) 2>&1"):format(build, build))
  if compiled ~= "" then print(compiled) end
  local gets, lanes = 1000, 64
  local ideal = gets / lanes * 0.05
  local words = ("%s %s %d %d 3"):format(base, ca, gets, lanes)
  local m = interleaved {
    { "bare", mine .. build .. "/bench/multi " .. words },
    { "decoding", mine .. build .. "/bench/multi " .. words .. " decode" },
    { "lua5.4", ours("lua5.4", "gets " .. words) },
    { "luajit", ours("luajit", "gets " .. words) },
  }
  print(("tasks: %d GETs of 50 ms, %d at once over HTTP/2; user and system time of the client alone, %d rounds in turn")
    :format(gets, lanes, ROUNDS))
  print "  bare multi sends the same headers, sets its options for each transfer, keeps header lines and body"
  for _, name in ipairs { "bare", "decoding" } do
    print(("  %-34s %.3f s   CPU a call: %.1f us"):format(
      name == "bare" and "bare multi, answer unread" or "bare multi, answer through cjson", m[name].seconds,
      m[name].us))
  end
  for _, lua in ipairs { "lua5.4", "luajit" } do
    local o = m[lua]
    print(("  %-8s %.3f s, %.2f x of the ideal %.3f s (goal 1.2)"):format(lua, o.seconds, o.seconds / ideal, ideal))
    print(("           CPU a call: %.1f us, %.2f x of bare multi (goal 1.3), %.2f x with cjson"):format(o.us,
      times(o, m.bare), times(o, m.decoding)))
  end
  for _, lua in ipairs { "lua5.4", "luajit" } do
    local one = shortest(ours(lua, ("walk %s %s 1"):format(base, ca)))
    local eight = shortest(ours(lua, ("walk %s %s 8"):format(base, ca)))
    print(("lanes: %-8s 100 pages of 50 rows, 50 ms each: %.2f s one by one, %.2f s with 8 lanes: %.1f x (goal 6)")
      :format(lua, one, eight, one / eight))
  end
end)
server.stop()
assert(ok, problem)

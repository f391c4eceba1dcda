-- minetest.lua - does a Minetest server keep its step while ten sign-ins of the example mod wait for answers of 1 s?
--
--   lua5.4 spec/bench/minetest.lua      from the top of a built checkout; needs minetest-server
--
-- One server; phases with ten sign-ins and phases with none take turns, so that what else the machine does falls on
-- both.  A step is 50 ms; the longest of each second is taken.  Of those the median tells, and, where others have the
-- machine busy, the quarter of the quietest seconds.  It judges nothing.
package.path = "lua/?.lua;lua/?/init.lua;?.lua;" .. package.path
package.cpath = (os.getenv "OL_BUILD" or "build") .. "/5.4/?.so;" .. package.cpath
local client = require "spec.hosts.minetest.client"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.hosts.minetest.server"

local CYCLES, SECONDS, WINDOW, PLAYERS = 4, 8, 20, 10

local box = sandbox_server.start "--users 10"
local mt = assert(server.start { box = box, settings = "onelogin_join.pause_seconds = 600" })

local function control(method, name, body)
  local status, value = sandbox_server.control(box, method, name, body)
  assert(status and status < 300, name .. " answered " .. tostring(status))
  return value
end

local function await(what, seconds, done, clients)
  assert(client.until_true(clients or {}, seconds, done), "it never came to pass: " .. what)
end

local function waiting()
  local lines = mt.probe()
  for i = #lines, 1, -1 do
    if lines[i][1] == "step" then return tonumber(lines[i][4]) end
  end
end

local function quiet(seconds) client.until_true({}, seconds, function() return false end) end

local ok, problem = pcall(function()
  control("POST", "faults", { latency = 1, times = 1000000 })
  for cycle = 1, CYCLES do
    local clients, names = {}, {}
    for i = 1, PLAYERS do
      local name = ("c%dp%d"):format(cycle, i)
      control("POST", "users", { username = name, email = name .. "@acme.test", status = 1 })
      control("POST", "devices", { user = name, type = "protect" })
      control("POST", "push", { user = name, how = "ignore" })
      names[i], clients[i] = name, client.new(mt.port, name)
    end
    await("everybody turned away", 30, function()
      for i = 1, PLAYERS do
        if not clients[i].denied then return false end
      end
      return true
    end, clients)
    for i = 1, PLAYERS do clients[i]:close() end
    await("ten sign-ins", 10, function() return waiting() == PLAYERS end)
    quiet(SECONDS)
    for i = 1, PLAYERS do
      await("an answer", 20, function() return control("POST", "approve", { user = names[i] }).answered end)
    end
    await("no sign-in", 30, function() return waiting() == 0 end)
    quiet(SECONDS)
  end

  -- The steps while ten wait and while none does; who comes and goes costs for a second.
  local phases, skip = { [0] = {}, [PLAYERS] = {} }, 20
  local part, before = 0, nil
  for _, words in ipairs(mt.probe()) do
    if words[1] == "left" or words[1] == "joined" then
      skip = 20
    elseif words[1] == "step" then
      local n = tonumber(words[4])
      if n ~= before then skip, before = math.max(skip, 20), n end
      skip = skip - 1
      if skip < 0 and phases[n] then
        table.insert(phases[n], tonumber(words[2]) / 1000)
        if n == PLAYERS then part = math.max(part, tonumber(words[3]) / 1000) end
      end
    end
  end
  local function sorted(list)
    local copy = { table.unpack(list) }
    table.sort(copy)
    return copy
  end
  local function told(list)
    local windows = {}
    for from = 1, #list - WINDOW + 1, WINDOW do
      windows[#windows + 1] = sorted({ table.unpack(list, from, from + WINDOW - 1) })[WINDOW]
    end
    windows = sorted(windows)
    local all = sorted(list)
    return { median = windows[(#windows + 1) // 2], quiet = windows[(#windows + 3) // 4],
      p99 = all[math.ceil(#all * 0.99)], worst = all[#all], n = #all }
  end
  local idle, busy = told(phases[0]), told(phases[PLAYERS])
  local function say(what, of)
    print(("  %-34s idle %5.1f ms, ten sign-ins %5.1f ms: %.2f x"):format(what, idle[of], busy[of],
      busy[of] / idle[of]))
  end
  print(("minetest: a step of 50 ms, %d idle ones and %d while ten sign-ins wait for answers of 1 s (goal 1.1)"):format(
    idle.n, busy.n))
  say("longest of a second, median", "median")
  say("longest of a second, quiet quarter", "quiet")
  say("99 of a hundred are within", "p99")
  say("longest of all", "worst")
  print(("  the mod's own part of a step is at most %.1f ms"):format(part))
end)
mt.remove()
box.stop()
assert(ok, problem)

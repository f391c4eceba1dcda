-- Loaded by busted before any spec file: points Lua at this tree, shuts out the user's credentials
-- and makes an accidental global an error where it is written.  (What keeps the suite off the
-- network is preloaded by the runner: spec/support/loopback.c.)
local root = (debug.getinfo(1, "S").source:match("^@(.*)spec/helper%.lua$") or "")
if root == "" then
  root = "./"
end

local abi = _VERSION:match("%d+%.%d+")
local build = os.getenv("OL_BUILD") or (root .. "build")
package.path = root .. "lua/?.lua;" .. root .. "lua/?/init.lua;" .. root .. "?.lua;" .. package.path
package.cpath = build .. "/" .. abi .. "/?.so;" .. package.cpath

-- The runner has already emptied the environment; this is for busted started by hand.
local getenv = os.getenv
os.getenv = function(name) -- luacheck: ignore 122
  if type(name) == "string" and name:match("^ONELOGIN_") then
    return nil
  end
  return getenv(name)
end

-- A global written by the library is a leak wherever it happens.
local meta = getmetatable(_G) or {}
local newindex = meta.__newindex
meta.__newindex = function(t, key, value)
  local who = debug.getinfo(2, "S")
  if who and who.source:match("lua/onelogin") then
    error("global written: " .. tostring(key), 2)
  end
  if newindex then
    return newindex(t, key, value)
  end
  rawset(t, key, value)
end
setmetatable(_G, meta)

local busted = require "busted"
local before
busted.subscribe({ "file", "start" }, function()
  before = {}
  for key in pairs(_G) do
    before[key] = true
  end
end)
busted.subscribe({ "file", "end" }, function(file)
  local leaked = {}
  for key in pairs(_G) do
    if not before[key] then
      leaked[#leaked + 1] = tostring(key)
    end
  end
  if leaked[1] then
    io.write("not ok 0 - ", tostring(file.name), " leaves globals: ", table.concat(leaked, ", "), "\n")
  end
end)

-- OL_TASKS=1: each call is made inside a task, but for those that a spec makes in coroutines of its own; what it throws
-- comes as it was thrown.
if getenv("OL_TASKS") == "1" then
  local drive = require "onelogin.drive"
  local pool, tasks = require "onelogin.tasks.pool", require "onelogin.tasks"
  local run, unpack = drive.run, table.unpack or unpack -- luacheck: ignore 113
  drive.run = function(...)
    local _, main = coroutine.running()
    if pool.current() or not main then return run(...) end
    local args = pool.pack(...)
    local got = pool.pack(tasks.run(function() return tasks.pcall(run, unpack(args, 1, args.n)) end))
    if not got[1] then error(got[2], 0) end
    return unpack(got, 2, got.n)
  end
end

-- OL_GC=stress: each cycle stops the world, a few per cent of growth start the next one, and (but on
-- LuaJIT, whose compiled code calls no hooks) so do every few thousand instructions.
if getenv("OL_GC") == "stress" then
  local pause = tonumber(getenv("OL_GC_PAUSE")) or (rawget(_G, "jit") and 101 or 104)
  if abi == "5.4" then
    collectgarbage("incremental", pause, 1000, 40) -- steps of 2^40 bytes: never a part of a cycle
  else
    collectgarbage("setpause", pause)
    collectgarbage("setstepmul", 1000000)
  end
  if not rawget(_G, "jit") then
    debug.sethook(function()
      collectgarbage("collect")
    end, "", tonumber(getenv("OL_GC_EVERY")) or 5000)
  end
end

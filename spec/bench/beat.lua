-- The client's half of loops.lua:  lua beat.lua luv|cqueues BASE CA N
-- N calls at once in that loop, beside a timer of 10 ms: the seconds they took, and the longest time between two beats
-- while they were under way and, as long, while nothing was.
local name, base, ca, n = arg[1], arg[2], arg[3], tonumber(arg[4])
local onelogin = require "onelogin"
local tasks, now = onelogin.tasks, require("onelogin.core").clock.mono
local ol = onelogin.new { base_url = base, client_id = "bench", client_secret = "bench", ca_file = ca }
local BEAT = 0.010

local worst, last, finished = 0, nil, false
local function beat()
  local at = now()
  if last and at - last > worst then worst = at - last end
  last = at
  return not finished
end

local pool = tasks.pool()
local uv, cq, handle
if name == "luv" then
  uv = require "luv"
  handle = require("onelogin.loops.luv")(pool, uv)
  local timer = uv.new_timer()
  timer:start(0, BEAT * 1000, function()
    if not beat() then timer:close() end
  end)
else
  local cqueues = require "cqueues"
  cq = cqueues.new()
  handle = require("onelogin.loops.cqueues")(pool, cq)
  cq:wrap(function()
    while beat() do cqueues.sleep(BEAT) end
  end)
end

pool:spawn(function()
  assert(ol.users:get(1)) -- token and connection
  tasks.sleep(0.05)
  worst, last = 0, nil
  tasks.sleep(0.5)
  local idle = worst
  worst, last = 0, nil
  local began, list = now(), {}
  for i = 1, n do list[i] = function() return assert(ol.users:get(1)) end end
  assert(tasks.all(list))
  print(("seconds %.4f idle %.1f busy %.1f"):format(now() - began, idle * 1000, worst * 1000))
  finished = true
  handle.close()
end)
if uv then uv.run() else assert(cq:loop()) end

-- The client's half of tasks.lua:  lua many.lua gets BASE CA N LANES ROUNDS | walk BASE CA LANES
local what, base, ca = arg[1], arg[2], arg[3]
local onelogin = require "onelogin"
local tasks, now = onelogin.tasks, require("onelogin.core").clock.mono
local ol = onelogin.new { base_url = base, client_id = "bench", client_secret = "bench", ca_file = ca }
assert(ol.users:get(1))
if what == "gets" then
  local n, lanes = tonumber(arg[4]), tonumber(arg[5])
  local function gets(count)
    local list = {}
    for i = 1, count do list[i] = i end
    local began, cpu = now(), os.clock() -- user and system time of this process
    local _, errors = tasks.map(list, function() return ol.users:get(1) end, { limit = lanes })
    cpu, began = os.clock() - cpu, now() - began
    assert(next(errors) == nil)
    return ("seconds %.4f us %.2f"):format(began, cpu / count * 1e6)
  end
  gets(lanes) -- as many transfers at once as there will be: not counted
  for _ = 1, tonumber(arg[6]) do print(gets(n)) end
else
  local began, n = now(), 0
  for user in ol.users:each({}, { lanes = tonumber(arg[4]) }) do
    n = n + 1
    assert(user.id == n, "out of order")
  end
  assert(n == 5000)
  print(("seconds %.4f"):format(now() - began))
end

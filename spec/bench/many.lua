-- The client's half of tasks.lua:  lua many.lua gets BASE CA N LANES | walk BASE CA LANES
local what, base, ca = arg[1], arg[2], arg[3]
local onelogin = require "onelogin"
local tasks, now = onelogin.tasks, require("onelogin.core").clock.mono
local ol = onelogin.new { base_url = base, client_id = "bench", client_secret = "bench", ca_file = ca }
assert(ol.users:get(1))
local began = now()
if what == "gets" then
  local n = tonumber(arg[4])
  local list = {}
  for i = 1, n do list[i] = i end
  local cpu = os.clock()
  began = now()
  local _, errors = tasks.map(list, function() return ol.users:get(1) end, { limit = tonumber(arg[5]) })
  assert(next(errors) == nil)
  print(("us %.2f"):format((os.clock() - cpu) / n * 1e6))
else
  local n = 0
  for user in ol.users:each({}, { lanes = tonumber(arg[4]) }) do
    n = n + 1
    assert(user.id == n, "out of order")
  end
  assert(n == 5000)
end
print(("seconds %.4f"):format(now() - began))

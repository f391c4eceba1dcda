-- The same work as bare.c by way of the library, and what loading it costs.
--   lua client.lua get BASE CA N | walk BASE CA LIMIT | decode | require
local what, base, ca, n = arg[1], arg[2], arg[3], tonumber(arg[4] or 0)

local function peak()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmHWM:%s*(%d+)"
    if kib then
      print("peak_kib " .. kib)
    end
  end
end

if what == "require" then
  require "cjson" -- no part of ours, and there in any program that speaks JSON
  collectgarbage() collectgarbage()
  local before = collectgarbage "count"
  local began = os.clock()
  local onelogin = require "onelogin"
  print(("ms %.3f"):format((os.clock() - began) * 1e3))
  collectgarbage() collectgarbage()
  print(("kib %.1f"):format(collectgarbage "count" - before))
  print("curl_loaded " .. (package.loaded["onelogin.curl"] and onelogin and 1 or 0))
elseif what == "decode" then
  local cjson, json = require "cjson", require("onelogin.core").json
  local rows = {}
  for page = 1, 20 do
    local file = assert(io.open(base .. "/page" .. page .. ".json", "rb"))
    rows[#rows + 1] = file:read("*a"):sub(2, -2)
    file:close()
  end
  local text = "[" .. table.concat(rows, ",") .. "]"
  for _, way in ipairs { { "cjson", cjson.decode }, { "ours", json.decode } } do
    local best = math.huge
    for _ = 1, 30 do
      collectgarbage()
      local began = os.clock()
      way[2](text)
      best = math.min(best, os.clock() - began)
    end
    print(("%s_ms %.3f"):format(way[1], best * 1e3))
  end
else
  local onelogin = require "onelogin"
  local now = require("onelogin.core").clock.mono
  local ol = onelogin.new { base_url = base, client_id = "bench", client_secret = "bench", ca_file = ca }
  if what == "get" then
    for _ = 1, 50 do
      assert(ol.users:get(1))
    end
    local began = now()
    for _ = 1, n do
      ol.users:get(1)
    end
    print(("us %.3f"):format((now() - began) / n * 1e6))
  else
    local users, sum = 0, 0
    local began = now()
    for user in ol.users:each { limit = n } do
      users, sum = users + 1, sum + user.id
    end
    print(("seconds %.3f"):format(now() - began))
    print("users " .. users)
    assert(sum == users * (users + 1) / 2, "a user is missing")
  end
  ol:close()
  peak()
end

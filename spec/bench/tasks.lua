-- tasks.lua - what tasks and lanes gain and cost, as ratios.
--
--   lua5.4 spec/bench/tasks.lua        from the top of a built checkout; needs libnginx-mod-http-lua
--
-- nginx over TLS and HTTP/2 answers each call after 50 ms.  It reports and judges nothing.
package.path = "lua/?.lua;lua/?/init.lua;?.lua;" .. package.path
local child = require "spec.support.child"
local socket = require "socket"

local build = os.getenv "OL_BUILD" or "build"
local folder = child.folder()
local listener = assert(socket.bind("127.0.0.1", 0))
local port = math.floor(select(2, listener:getsockname()))
listener:close()

child.capture(("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
  .. "/CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>&1"):format(folder))
local file = assert(io.open(folder .. "/nginx.conf", "w"))
file:write((([[
daemon off; worker_processes 1; pid n.pid; error_log errors warn; USER
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 10000000; client_body_temp_path 1; proxy_temp_path 2; fastcgi_temp_path 3;
  uwsgi_temp_path 4; scgi_temp_path 5; default_type application/json;
  server {
    listen 127.0.0.1:PORT ssl http2; ssl_certificate cert.pem; ssl_certificate_key key.pem;
    location /auth/ {
      return 200 '{"access_token":"t","created_at":"2026-01-01T00:00:00.000Z","expires_in":3600000000,
        "token_type":"bearer"}';
    }
    location /api/2/users/ {
      content_by_lua_block { ngx.sleep(0.05) ngx.say('{"id":1,"username":"ada","status":1}') }
    }
    location = /api/2/users {
      content_by_lua_block {
        local page = tonumber(ngx.var.arg_page or (ngx.var.arg_cursor or "p1"):sub(2))
        local rows = {}
        for i = 1, 50 do rows[i] = ('{"id":%d,"username":"user","status":1}'):format((page - 1) * 50 + i) end
        ngx.header["Current-Page"], ngx.header["Total-Pages"], ngx.header["Total-Count"] = page, 100, 5000
        if page < 100 then ngx.header["After-Cursor"] = "p" .. page + 1 end
        ngx.sleep(0.05)
        ngx.say("[" .. table.concat(rows, ",") .. "]")
      }
    }
  }
}
]]):gsub("PORT", tostring(port)):gsub("USER", child.capture("id -u") == "0" and "user root;" or "")))
file:close()
local server = child.start(("env -u LD_PRELOAD PATH=$PATH:/usr/sbin nginx -p %s/ -c nginx.conf -e errors")
  :format(folder))
for i = 1, 501 do
  local sock = socket.connect("127.0.0.1", port)
  if sock then sock:close() break end
  if i == 501 then error(io.open(folder .. "/errors"):read("*a")) end
  socket.sleep(0.01)
end

local base, ca = "https://127.0.0.1:" .. port, folder .. "/cert.pem"

-- The best of three runs: seconds, microseconds of CPU a call.
local function best(command)
  local seconds, us = math.huge, math.huge
  for _ = 1, 3 do
    local out = child.capture(command)
    seconds = math.min(seconds, tonumber(out:match "seconds ([%d.]+)") or error(out))
    us = math.min(us, tonumber(out:match "us ([%d.]+)" or "inf") or math.huge)
  end
  return seconds, us
end

local function ours(lua, words)
  return ("env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/%s/?.so;;' %s spec/bench/many.lua %s"):format(build,
    lua == "lua5.4" and "5.4" or "5.1", lua, words)
end

local ok, problem = pcall(function()
  local compiled = child.capture(("mkdir -p %s/bench && ${CC:-cc} -std=c11 -O2 -Wall -Wextra -o %s/bench/multi "
    .. "spec/bench/multi.c $(pkg-config --cflags --libs lua5.4 libcurl) 2>&1"):format(build, build))
  if compiled ~= "" then print(compiled) end
  local gets, lanes = 1000, 64
  local ideal = gets / lanes * 0.05
  local bare, bare_us = best(("%s/bench/multi %s %s %d %d"):format(build, base, ca, gets, lanes))
  print(("tasks: %d GETs of 50 ms, %d at once: ideal     %.3f s, bare multi %.3f s, %.1f us CPU a call")
    :format(gets, lanes, ideal, bare, bare_us))
  for _, lua in ipairs { "lua5.4", "luajit" } do
    local seconds, us = best(ours(lua, ("gets %s %s %d %d"):format(base, ca, gets, lanes)))
    print(("  %-8s %.3f s, %.2f x of the ideal (goal 1.2)   %.1f us CPU a call, %.2f x of bare multi (goal 1.3)")
      :format(lua, seconds, seconds / ideal, us, us / bare_us))
  end
  for _, lua in ipairs { "lua5.4", "luajit" } do
    local one = best(ours(lua, ("walk %s %s 1"):format(base, ca)))
    local eight = best(ours(lua, ("walk %s %s 8"):format(base, ca)))
    print(("lanes: %-8s 100 pages of 50 rows, 50 ms each: %.2f s one by one, %.2f s with 8 lanes: %.1f x (goal 6)")
      :format(lua, one, eight, one / eight))
  end
end)
server.stop()
child.remove(folder)
assert(ok, problem)

-- nginx.lua - what calls cost inside nginx, as ratios to the cosocket transport of examples/openresty.
--
--   lua5.4 spec/bench/nginx.lua        from the top of a built checkout; needs libnginx-mod-http-lua
--
-- An upstream nginx over TLS answers after 50 ms (throughput, CPU of the one worker) or after 1 s (the worst latency of
-- requests that have nothing to do with it).  It reports and judges nothing.
package.path = "lua/?.lua;lua/?/init.lua;?.lua;" .. package.path
local child = require "spec.support.child"
local socket = require "socket"

local SECONDS = tonumber(os.getenv("SECONDS_EACH") or "4")
local CLIENTS = 32
local root = child.capture("pwd")
local folder = child.folder()

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "w"))
  file:write(text)
  file:close()
end

local function port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, number = listener:getsockname()
  listener:close()
  return math.floor(tonumber(number))
end

child.capture(("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
  .. "/CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>&1"):format(folder))

local HEAD = [[
daemon off; worker_processes 1; error_log errors warn; %s env TENANT; env CA;
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 10000000; client_body_temp_path %s.1; proxy_temp_path %s.2;
  fastcgi_temp_path %s.3; uwsgi_temp_path %s.4; scgi_temp_path %s.5;
]]
local user = child.capture("id -u") == "0" and "user root;" or ""

local upstream, app = port(), port()
write("upstream.conf", "pid u.pid; " .. HEAD:format(user, "u", "u", "u", "u", "u") .. ([[
  server {
    listen 127.0.0.1:%d ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem;
    default_type application/json;
    location /auth/ {
      return 200 '{"access_token":"t","created_at":"2026-01-01T00:00:00.000Z","expires_in":3600000000,
        "token_type":"bearer"}';
    }
    location /api/ { content_by_lua_block { ngx.sleep(0.05) ngx.say('{"id":1,"username":"ada","status":1}') } }
    location = /api/2/users/2 { content_by_lua_block { ngx.sleep(1) ngx.say('{"id":2,"username":"bob","status":1}') } }
  }
}
]]):format(upstream))
write("app.conf", "pid a.pid; " .. HEAD:format(user, "a", "a", "a", "a", "a") .. ([[
  lua_package_path "ROOT/examples/openresty/?.lua;ROOT/lua/?.lua;ROOT/lua/?/init.lua;;";
  lua_package_cpath "ROOT/BUILD/5.1/?.so;;";
  lua_ssl_trusted_certificate cert.pem;
  init_by_lua_block {
    local onelogin = require "onelogin"
    local function client(more)
      more.base_url, more.client_id, more.client_secret = os.getenv "TENANT", "id", "secret"
      return onelogin.new(more)
    end
    package.loaded.bench = {
      engine = client { ca_file = os.getenv "CA" },
      cosocket = client { transport = require("cosocket").new { address = "127.0.0.1" } },
    }
  }
  server {
    listen 127.0.0.1:%d;
    location = /fast { content_by_lua_block { ngx.say("fast") } }
    location = /ticks { content_by_lua_block { ngx.say(require("onelogin.nginx").stats().ticks) } }
    location = /pid { content_by_lua_block { ngx.say(ngx.worker.pid()) } }
    location /call/ {
      content_by_lua_block {
        local way, id = ngx.var.uri:match("^/call/(%%a+)/(%%d)$")
        local user, err = package.loaded.bench[way].users:get(tonumber(id))
        if not user then ngx.log(ngx.ERR, tostring(err)) return ngx.exit(502) end
        ngx.say(user.username)
      }
    }
  }
}
]]):format(app):gsub("ROOT", root):gsub("BUILD", os.getenv("OL_BUILD") or "build"))

local function start(name)
  return child.start(("env -u LD_PRELOAD TENANT=https://localhost:%d CA=%s/cert.pem nginx -p %s/ -c %s -e errors")
    :format(upstream, folder, folder, name))
end
local servers = { start "upstream.conf", start "app.conf" }
for _, p in ipairs { upstream, app } do
  for i = 1, 501 do
    local sock = socket.connect("127.0.0.1", p)
    if sock then sock:close() break end
    if i == 501 then error(io.open(folder .. "/errors"):read("*a")) end
    socket.sleep(0.01)
  end
end

local function connect()
  local sock = assert(socket.connect("127.0.0.1", app))
  sock:setoption("tcp-nodelay", true)
  return sock
end
local function ask(sock, path) assert(sock:send("GET " .. path .. " HTTP/1.1\r\nHost: a\r\n\r\n")) end
local function answer(sock)
  local status, length = assert(sock:receive("*l")), nil
  local chunked = false
  repeat
    local line = assert(sock:receive("*l"))
    length = tonumber(line:match("^[Cc]ontent%-[Ll]ength: (%d+)")) or length
    chunked = chunked or line:find("chunked", 1, true)
  until line == ""
  local body = ""
  if length then
    body = assert(sock:receive(length))
  elseif chunked then
    repeat
      local size = tonumber(sock:receive("*l"), 16)
      body = body .. assert(sock:receive(size)):sub(1, size)
      sock:receive(2)
    until size == 0
  end
  assert(status:find(" 200 ", 1, true), status)
  return body
end
local function get(path)
  local sock = connect()
  ask(sock, path)
  local body = answer(sock)
  sock:close()
  return body
end

local worker = get("/pid"):match("%d+")
local function cpu() -- seconds the worker has used
  local stat = io.open("/proc/" .. worker .. "/stat"):read("*a"):match("%) (.*)")
  local n, sum = 0, 0
  for field in stat:gmatch("%S+") do
    n = n + 1
    if n == 12 or n == 13 then sum = sum + tonumber(field) end
  end
  return sum / 100
end

-- CLIENTS keep-alive clients for some seconds: requests a second, CPU seconds a thousand requests.
local function load(path)
  local socks, done = {}, 0
  for i = 1, CLIENTS do
    socks[i] = connect()
    ask(socks[i], path)
  end
  for i = 1, CLIENTS do
    answer(socks[i])
    ask(socks[i], path)
  end
  local began, used = socket.gettime(), cpu()
  while socket.gettime() - began < SECONDS do
    for _, sock in ipairs((socket.select(socks, nil, 1))) do
      answer(sock)
      done = done + 1
      ask(sock, path)
    end
  end
  local took = socket.gettime() - began
  used = cpu() - used
  for i = 1, CLIENTS do
    answer(socks[i])
    socks[i]:close()
  end
  return done / took, used / done * 1000, used / took
end

-- The worst and the 99th of a hundred of what /fast takes while ten calls wait a second (nil: while nothing does).
local function fast(path)
  local socks, times = {}, {}
  for i = 1, path and 10 or 0 do
    socks[i] = connect()
    ask(socks[i], path)
  end
  local sock, began = connect(), socket.gettime()
  while #socks > 0 and not socket.select(socks, nil, 0)[1] or #socks == 0 and socket.gettime() - began < 1 do
    local at = socket.gettime()
    ask(sock, "/fast")
    answer(sock)
    times[#times + 1] = socket.gettime() - at
  end
  for i = 1, #socks do answer(socks[i]) end
  table.sort(times)
  return times[#times] * 1000, times[math.ceil(#times * 0.99)] * 1000
end

local ok, problem = pcall(function()
  for _, way in ipairs { "cosocket", "engine" } do get("/call/" .. way .. "/1") end
  local none, none99 = fast()
  local worst, worst99 = fast("/call/engine/2")
  print(("nginx: worst latency of others, nothing waits   %.1f ms (99 %%: %.2f ms)"):format(none, none99))
  print(("nginx: worst latency of others, 10 calls wait   %.1f ms (99 %%: %.2f ms)"):format(worst, worst99))
  local best = {}
  for round = 1, 3 do
    for _, way in ipairs { "cosocket", "engine" } do
      local rate, cost, share = load("/call/" .. way .. "/1")
      local b = best[way] or { rate = 0, cost = math.huge, share = 0 }
      best[way] = { rate = math.max(rate, b.rate), cost = math.min(cost, b.cost), share = math.max(share, b.share) }
    end
    if round == 3 then socket.sleep(0.2) end
  end
  local c, e = best.cosocket, best.engine
  print(("nginx: %d clients, 50 ms upstream: cosocket      %.0f calls/s, %.2f ms CPU a call, %.0f %% of a core")
    :format(CLIENTS, c.rate, c.cost, c.share * 100))
  print(("nginx: %d clients, 50 ms upstream: engine        %.0f calls/s, %.2f ms CPU a call, %.0f %% of a core")
    :format(CLIENTS, e.rate, e.cost, e.share * 100))
  print(("nginx: throughput %.3f x, worker CPU %.2f x of the cosocket transport")
    :format(e.rate / c.rate, e.cost / c.cost))
  local ticks = tonumber(get("/ticks"))
  socket.sleep(1)
  print(("nginx: ticks in an idle second                  %d"):format(tonumber(get("/ticks")) - ticks))
end)
for _, server in ipairs(servers) do server.stop() end
if not ok then io.stderr:write(io.open(folder .. "/errors"):read("*a")) end
child.remove(folder)
assert(ok, problem)

-- delayed.lua - an nginx that answers like the service over TLS and HTTP/2, each call after a while; for the benches.
local child = require "spec.support.child"
local socket = require "socket"

local delayed = {}

local CONF = [[
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
      content_by_lua_block { ngx.sleep(DELAY) ngx.say('{"id":1,"username":"ada","status":1}') }
    }
    location = /api/2/users {
      content_by_lua_block {
        local page = tonumber(ngx.var.arg_page or (ngx.var.arg_cursor or "p1"):sub(2))
        local rows = {}
        for i = 1, 50 do rows[i] = ('{"id":%d,"username":"user","status":1}'):format((page - 1) * 50 + i) end
        ngx.header["Current-Page"], ngx.header["Total-Pages"], ngx.header["Total-Count"] = page, 100, 5000
        if page < 100 then ngx.header["After-Cursor"] = "p" .. page + 1 end
        ngx.sleep(DELAY)
        ngx.say("[" .. table.concat(rows, ",") .. "]")
      }
    }
  }
}
]]

--- Starts it; every call takes `seconds`; `prefix` goes before the command.  { base =, ca =, stop() }
function delayed.start(seconds, prefix)
  local folder = child.folder()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local port = math.floor(select(2, listener:getsockname()))
  listener:close()
  child.capture(("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
    .. "/CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>&1"):format(folder))
  local file = assert(io.open(folder .. "/nginx.conf", "w"))
  file:write((CONF:gsub("PORT", tostring(port)):gsub("DELAY", tostring(seconds))
    :gsub("USER", child.capture("id -u") == "0" and "user root;" or "")))
  file:close()
  local server = child.start(("env -u LD_PRELOAD PATH=$PATH:/usr/sbin %s nginx -p %s/ -c nginx.conf -e errors")
    :format(prefix or "", folder))
  for i = 1, 501 do
    local sock = socket.connect("127.0.0.1", port)
    if sock then sock:close() break end
    if i == 501 then error(io.open(folder .. "/errors"):read("*a")) end
    socket.sleep(0.01)
  end
  return { base = "https://127.0.0.1:" .. port, ca = folder .. "/cert.pem", stop = function()
    server.stop()
    child.remove(folder)
  end }
end

return delayed

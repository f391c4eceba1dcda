-- TLS servers for the specs: certificates made on the spot with the openssl command, and one nginx
-- that serves them on as many loopback ports as there are cases.
local child = require "spec.support.child"
local socket = require "socket"

local tls = {}

local function sh(folder, command)
  local said = child.capture(("cd %s && { %s; } 2>&1 && echo done"):format(folder, command))
  assert(said:match("done$"), said)
end

local function key(folder, name)
  sh(folder, "openssl ecparam -name prime256v1 -genkey -noout -out " .. name .. ".key")
end

local function authority(folder, name)
  key(folder, name)
  sh(folder, ("openssl req -x509 -new -key %s.key -days 2 -subj '/CN=test authority %s' -out %s.pem")
    :format(name, name, name))
end

local function certificate(folder, name, issuer, hosts, more)
  key(folder, name)
  sh(folder, ("openssl req -new -key %s.key -subj /CN=test -out %s.csr"):format(name, name))
  sh(folder, ("printf 'subjectAltName=%s' >%s.ext"):format(hosts, name))
  sh(folder, ("openssl x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial %s -extfile "
    .. "%s.ext -out %s.pem"):format(name, issuer, issuer, more or "-days 2", name, name))
end

-- The pin of a certificate's public key, as libcurl wants it.
function tls.pin(folder, name)
  return "sha256//" .. child.capture(("cd %s && openssl pkey -in %s.key -pubout -outform DER | "
    .. "openssl dgst -sha256 -binary | base64"):format(folder, name))
end

-- name → certificate, protocol lines.  Each gets a port.
local cases = {
  h1 = { "good", "", "ssl_protocols TLSv1.2 TLSv1.3;" },
  h2 = { "good", "http2", "ssl_protocols TLSv1.2 TLSv1.3;" },
  other_host = { "other", "" },
  expired = { "expired", "" },
  stranger = { "stranger", "" },
  tls11 = { "good", "", "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;" },
  tls12 = { "good", "", "ssl_protocols TLSv1.2;" },
}

local SERVER = [[
  server {
    listen 127.0.0.1:%d ssl %s; server_name localhost;
    ssl_certificate %s.pem; ssl_certificate_key %s.key; %s
    location / { default_type application/json; return 200 '{"id":1,"ssl":"$ssl_protocol"}'; }
    location /requests { return 200 '$connection_requests'; }
    location /moved { return 302 https://$host:$server_port/; }
    location /slow { root .; limit_rate 1; try_files /big =404; }
    location /big { root .; try_files /big =404; }
  }
]]

-- Returns a handle: folder, ca (path), url(case, path, host), port[case], pin(), stop().
function tls.start()
  local folder = child.folder()
  authority(folder, "ca")
  authority(folder, "ca2")
  certificate(folder, "good", "ca", "DNS:localhost,DNS:api.example.test,IP:127.0.0.1")
  certificate(folder, "other", "ca", "DNS:other.example.test")
  certificate(folder, "expired", "ca", "DNS:localhost", "-days -1")
  certificate(folder, "stranger", "ca2", "DNS:localhost,IP:127.0.0.1")
  sh(folder, "head -c 300000 /dev/zero | tr '\\0' x >big && mkdir temp")

  local server = { folder = folder, ca = folder .. "/ca.pem", port = {} }
  local listeners, text = {}, {}
  for name, case in pairs(cases) do
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    listeners[#listeners + 1] = listener
    server.port[name] = math.floor(tonumber(port))
    text[#text + 1] = SERVER:format(server.port[name], case[2], case[1], case[1], case[3] or "")
  end
  local file = assert(io.open(folder .. "/nginx.conf", "w"))
  file:write("daemon off; master_process off; pid nginx.pid; error_log errors;\n",
    "events {}\nhttp {\n  access_log off; keepalive_requests 1000000;\n")
  for _, what in ipairs { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" } do
    file:write("  ", what, "_temp_path temp/", what, ";\n")
  end
  file:write(table.concat(text), "}\n")
  file:close()
  for _, listener in ipairs(listeners) do
    listener:close()
  end

  local process = child.start(("env -u LD_PRELOAD nginx -p %s -c nginx.conf -e errors")
    :format(folder))
  for name, port in pairs(server.port) do
    local ok
    for _ = 1, 1000 do
      ok = socket.connect("127.0.0.1", port)
      if ok then
        ok:close()
        break
      end
      socket.sleep(0.01)
    end
    if not ok then
      local errors = child.capture("cat " .. folder .. "/errors")
      process.stop()
      error("nginx does not listen for " .. name .. ": " .. errors)
    end
  end

  function server.url(case, path, host)
    return ("https://%s:%d%s"):format(host or "localhost", server.port[case], path or "/")
  end

  function server.pin(name)
    return tls.pin(folder, name or "good")
  end

  function server.stop()
    process.stop()
    child.remove(folder)
  end

  return server
end

return tls

-- An nginx with the example's configuration, and a served sandbox as its tenant.  The port, the workers and the
-- certificate are put in, and locations that only the specs need; all else is as the example has it.
local child = require "spec.support.child"
local sandbox_server = require "spec.support.sandbox_server"
local json = require("onelogin.core").json
local socket = require "socket"

local world = {}

local root = child.capture("pwd")

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function replaced(text, what, by)
  local from, to = text:find(what, 1, true)
  assert(from, "the example's nginx.conf has no " .. what)
  return text:sub(1, from - 1) .. by .. text:sub(to + 1)
end

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return math.floor(tonumber(port))
end

--- Starts both.  workers: how many; more: lines for the blocks http and server.  Returns a handle.
function world.start(workers, more)
  local w = { port = free_port() }
  local tenant = sandbox_server.start("--https --users 200")
  w.tenant = tenant
  local folder = child.folder()
  local example = root .. "/examples/openresty"
  local ca = folder .. "/ca.pem"
  write(ca, tenant.certificate:find("BEGIN", 1, true) and tenant.certificate or read(tenant.certificate))
  local conf = read(example .. "/nginx.conf")
  conf = replaced(conf, "worker_processes 2;", ("worker_processes %d;%s"):format(workers,
    child.capture("id -u") == "0" and " user root;" or ""))
  conf = replaced(conf, "error_log stderr warn;", "error_log errors warn; env SANDBOX_PORT;")
  conf = replaced(conf, "listen 127.0.0.1:8080;",
    ("listen 127.0.0.1:%d reuseport; include %s/spec/hosts/nginx/more.conf; %s"):format(w.port, root,
    more and more.server or ""))
  conf = replaced(conf, "/etc/ssl/certs/ca-certificates.crt", ca)
  if more then conf = replaced(conf, "access_log off;", "access_log off; " .. more.http) end
  for _, what in ipairs { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" } do
    conf = replaced(conf, "access_log off;", ("access_log off; %s_temp_path temp_%s;"):format(what, what))
  end
  -- nginx's own folder is the new one; the modules are where they were
  local build = child.build:gsub("[^/]+$", "5.1")
  if build:sub(1, 1) ~= "/" then build = root .. "/" .. build end
  conf = replaced(conf, "$prefix/../../build/5.1", build):gsub("%$prefix", example)
  write(folder .. "/nginx.conf", conf)
  local process = child.start(("env -u LD_PRELOAD ONELOGIN_BASE_URL=%s ONELOGIN_CLIENT_ID=%s ONELOGIN_CLIENT_SECRET=%s "
    .. "ONELOGIN_CA_FILE=%s SANDBOX_PORT=%s nginx -p %s/ -c nginx.conf -e errors"):format(tenant.https_url,
    tenant.client_id, tenant.client_secret, ca, tenant.https_url:match(":(%d+)"), folder))
  w.pid = process.pid

  function w.errors() return read(folder .. "/errors") end

  function w.stop()
    process.stop()
    tenant.stop()
    child.remove(folder)
  end

  --- A request that has been sent; read it later.
  function w.open(path, headers)
    local sock = assert(socket.connect("127.0.0.1", w.port))
    sock:settimeout(30)
    assert(sock:send("GET " .. path .. " HTTP/1.0\r\nHost: app\r\n" .. (headers or "") .. "\r\n"))
    return sock
  end

  --- status, body, head
  function w.read(sock)
    local text, why, partial = sock:receive("*a")
    sock:close()
    text = text or partial
    local head, body = text:match("^(.-\r\n)\r\n(.*)$")
    assert(head, "no answer: " .. tostring(why) .. "\n" .. w.errors())
    return tonumber(head:match("^HTTP/1%.%d (%d+)")), body, head
  end

  function w.get(path, headers) return w.read(w.open(path, headers)) end

  function w.json(path)
    local status, body = w.get(path)
    assert(status == 200, path .. " answered " .. status .. ": " .. body .. "\n" .. w.errors())
    return json.decode(body)
  end

  function w.control(method, name, body) return select(2, sandbox_server.control(tenant, method, name, body)) end

  --- What the tenant was asked since the last time: operation id → count
  local seen = 0
  function w.asked()
    local out = {}
    for _, entry in ipairs(w.control("GET", "journal?since=" .. seen)) do
      seen = math.max(seen, entry.n)
      out[entry.operation] = (out[entry.operation] or 0) + 1
    end
    return out
  end

  --- Asks again and again until ok(answer), for as long as a broken driver is given.
  function w.await(path, ok)
    local answer
    for _ = 1, 1000 do
      answer = w.json(path)
      if ok(answer) then return answer end
      socket.sleep(0.01)
    end
    error(path .. " still says " .. json.encode(answer) .. "\n" .. w.errors())
  end

  for _ = 1, 1000 do
    local sock = socket.connect("127.0.0.1", w.port)
    if sock then
      sock:close()
      return w
    end
    socket.sleep(0.01)
  end
  local errors = w.errors()
  w.stop()
  error("nginx does not listen: " .. errors)
end

return world

-- An nginx with the example's configuration, and a served sandbox as its tenant.  The port, the workers and the
-- certificate are put in, and locations that only the specs need; all else is as the example has it.
local child = require "spec.support.child"
local files = require "spec.support.files"
local nginx = require "spec.support.nginx"
local sandbox_server = require "spec.support.sandbox_server"
local json = require("onelogin.core").json
local socket = require "socket"

local world = {}

--- Starts both.  workers: how many; more: lines for the blocks http and server.  Returns a handle.
function world.start(workers, more)
  local w = { port = nginx.free_port() }
  local tenant = sandbox_server.start("--https --users 200")
  w.tenant = tenant
  local folder = child.folder()
  local ca = folder .. "/ca.pem"
  files.write(ca, tenant.certificate)
  local conf = nginx.conf(nginx.root .. "/examples/openresty", workers)
  conf = nginx.put(conf, "error_log errors warn;", "error_log errors warn; env SANDBOX_PORT;")
  conf = nginx.put(conf, "listen 127.0.0.1:8080;",
    ("listen 127.0.0.1:%d reuseport; include %s/spec/hosts/nginx/more.conf; %s"):format(w.port, nginx.root,
    more and more.server or ""))
  conf = nginx.put(conf, "/etc/ssl/certs/ca-certificates.crt", ca)
  if more then conf = nginx.put(conf, "access_log off;", "access_log off; " .. more.http) end
  local started, process = pcall(nginx.start, folder, conf, { ONELOGIN_BASE_URL = tenant.https_url,
    ONELOGIN_CLIENT_ID = tenant.client_id, ONELOGIN_CLIENT_SECRET = tenant.client_secret, ONELOGIN_CA_FILE = ca,
    SANDBOX_PORT = tenant.https_url:match(":(%d+)") }, w.port)
  if not started then
    tenant.stop()
    child.remove(folder)
    error(process, 0)
  end
  w.pid = process.pid

  function w.errors() return files.read(folder .. "/errors") end

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

  return w
end

return world

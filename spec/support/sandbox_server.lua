-- A served sandbox as a child process, and plain sockets to speak to it byte by byte.
local child = require "spec.support.child"
local json = require("onelogin.core").json
local socket = require "socket"

local M = {}

--- Starts the server; `options` is command line text. Returns a handle with http_url, https_url,
-- client_id, client_secret, control_token, certificate, and stop().
function M.start(options)
  local command = ("env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/?.so;;' "
    .. "%s lua/onelogin/sandbox/main.lua --json --lifetime 240 %s"):format(child.build, child.lua,
    options or "")
  local process = child.start(command)
  local line = process.line()
  assert(line, "the sandbox server did not start")
  local handle = json.decode(line)
  handle.stop = process.stop
  handle.pid = process.pid
  return handle
end

--- A connection to host:port of a URL; `tls` = a luasec context table for https.
function M.connect(url, certificate)
  local scheme, host, port = url:match("^(%a+)://([%d.]+):(%d+)")
  local sock = assert(socket.connect(host, tonumber(port)))
  sock:settimeout(20)
  if scheme == "https" then
    local ssl = require "ssl"
    sock = assert(ssl.wrap(sock, { mode = "client", protocol = "any", verify = "peer",
      options = { "all", "no_sslv2", "no_sslv3", "no_tlsv1", "no_tlsv1_1" }, cafile = certificate }))
    sock:settimeout(20)
    assert(sock:dohandshake())
  end
  local c = { sock = sock, host = host .. ":" .. port }

  --- Bytes as they are.
  function c.write(bytes) return sock:send(bytes) end

  --- Status, headers (lower-case), body; nil and why when the answer breaks off, with what came.
  function c.read()
    local line, problem = sock:receive("*l")
    if not line then return nil, problem end
    local status = tonumber(line:match("^HTTP/1%.1 (%d%d%d) "))
    local headers = {}
    while true do
      line, problem = sock:receive("*l")
      if not line then return nil, problem end
      if line == "" then break end
      local name, value = line:match("^(.-): ?(.*)$")
      headers[name:lower()] = value
    end
    local length = tonumber(headers["content-length"] or 0)
    if length == 0 then return status, headers, "" end
    local body, why, partial = sock:receive(length)
    if not body then return nil, why, partial, headers end
    return status, headers, body
  end

  --- One request on this connection, answered.
  function c.request(method, path, headers, body)
    local lines = { method .. " " .. path .. " HTTP/1.1", "Host: " .. c.host }
    for name, value in pairs(headers or {}) do lines[#lines + 1] = name .. ": " .. value end
    if body then lines[#lines + 1] = "Content-Length: " .. #body end
    c.write(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or ""))
    return c.read()
  end

  function c.close() sock:close() end

  return c
end

--- Logs in over a connection; returns the headers of a resource call.
function M.login(server, c)
  local status, _, body = c.request("POST", "/auth/oauth2/v2/token", {
    Authorization = ("client_id:%s, client_secret:%s"):format(server.client_id, server.client_secret),
    ["Content-Type"] = "application/json" }, '{"grant_type":"client_credentials"}')
  assert(status == 200, "no token")
  return { Authorization = "Bearer " .. json.decode(body).access_token }
end

--- A control call; returns status and value (read with `opts`).
function M.control(server, method, name, body, opts)
  local c = M.connect(server.http_url)
  local status, _, text = c.request(method, "/sandbox/control/" .. name,
    { ["X-Sandbox-Control"] = server.control_token }, body and json.encode(body))
  c.close()
  return status, status and json.decode(text, opts)
end

return M

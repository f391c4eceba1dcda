-- A box on real sockets, for curl, browsers and other languages: one thread, one select loop over
-- luasocket, TLS by luasec. It binds 127.0.0.1 unless told otherwise, checks the Host header (so
-- that no web page can reach it by a name of its own) and makes new secrets at every start.

local require = require

local control = require("onelogin.sandbox.control")
local http = require("onelogin.sandbox.http")
local json = require("onelogin.core").json

local server = {}

local MAX_CONNECTIONS = 400
local MAX_UNREAD = 1024 * 1024
local IDLE = 75 -- seconds a silent connection is kept

local KNOWN = { port = true, https = true, https_port = true, listen = true, control_token = true,
  lifetime = true, log = true }

--- `n` hexadecimal digits nobody can guess.
function server.secret(n)
  local bytes
  local ok, crypto = pcall(require, "onelogin.crypto")
  if ok then
    bytes = crypto.random(math.ceil(n / 2))
  else
    local f = io.open("/dev/urandom", "rb")
    if not f then error("sandbox server: no source of secret randomness", 0) end
    bytes = f:read(math.ceil(n / 2))
    f:close()
  end
  local hex = bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  return hex:sub(1, n)
end

local function need(name, package)
  local ok, module = pcall(require, name)
  if ok then return module end
  error(("sandbox server: needs the Lua module %s (on Debian: apt-get install %s)")
    :format(name, package), 0)
end

local Server = {}
Server.__index = Server

local function is_loopback(host)
  return host == "localhost" or host == "::1" or host:find("^127%.") ~= nil
end

local function bind(self, port)
  local sock = self.socket.tcp()
  sock:setoption("reuseaddr", true)
  local ok, problem = sock:bind(self.listen, port)
  if ok then ok, problem = sock:listen(128) end
  if not ok then
    sock:close()
    error(("sandbox server: cannot listen on %s port %d: %s"):format(self.listen, port, problem), 0)
  end
  sock:settimeout(0)
  local _, actual = sock:getsockname()
  return sock, tonumber(actual)
end

--- Opens the ports. `options`: port (0 = any), https (true: also TLS), https_port, listen (default
-- "127.0.0.1"), lifetime (seconds until it ends by itself), log (function of one line).
-- Returns a server: http_url, https_url, certificate (PEM), control_token, client_id, client_secret.
function server.new(box, options)
  options = options or {}
  for k in pairs(options) do
    if not KNOWN[k] then error("serve: unknown option '" .. tostring(k) .. "'", 2) end
  end
  local self = setmetatable({ box = box, connections = {}, accepted = 0, snapshots = {},
    socket = need("socket", "lua-socket"), listen = options.listen or "127.0.0.1",
    control_token = options.control_token or server.secret(32), log = options.log,
    lifetime = options.lifetime, listeners = {} }, Server)
  local shown = is_loopback(self.listen) and self.listen or "127.0.0.1"
  local tls
  if options.https then
    local problem
    local names = { "127.0.0.1", "localhost" }
    if self.listen ~= "127.0.0.1" and self.listen ~= "0.0.0.0" then names[3] = self.listen end
    tls, problem = require("onelogin.sandbox.tls").context(names)
    if not tls then error("sandbox server: " .. problem, 0) end
  end
  local sock, port = bind(self, options.port or 0)
  self.listeners[1] = { sock = sock, scheme = "http", port = port }
  self.http_url = ("http://%s:%d"):format(shown, port)
  if tls then
    sock, port = bind(self, options.https_port or 0)
    self.listeners[2] = { sock = sock, scheme = "https", port = port, tls = tls }
    self.https_url = ("https://%s:%d"):format(shown, port)
    self.certificate = tls.certificate
  end
  box.base_url = self.https_url or self.http_url
  local pair = box:config()
  self.client_id, self.client_secret = pair.client_id, pair.client_secret
  return self
end

local Connection = {}
Connection.__index = Connection

local function open(self, listener, sock)
  sock:settimeout(0)
  sock:setoption("tcp-nodelay", true)
  if listener.tls then
    local wrapped = listener.tls.ssl.wrap(sock, listener.tls.context)
    if not wrapped then
      sock:close()
      return
    end
    sock = wrapped
    sock:settimeout(0)
  end
  self.accepted = self.accepted + 1
  self.connections[#self.connections + 1] = setmetatable({ server = self, listener = listener,
    sock = sock, parser = http.parser(), out = "", sent = 0, shaking = listener.tls ~= nil,
    reading = true, last = self.socket.gettime() }, Connection)
end

function Connection:close(abruptly)
  if self.closed then return end
  self.closed = true
  if abruptly and not self.listener.tls then
    -- The peer sees a reset, as when a machine dies.
    self.sock:setoption("linger", { on = true, timeout = 0 })
  end
  self.sock:close()
end

local function plain(status, message)
  return { status = status, headers = { ["content-type"] = "application/json" },
    body = json.encode { message = message } .. "\n" }
end

-- Only names that mean this machine, so that a hostile page cannot rebind its own name to us.
function Connection:host_ok(request)
  local host = request.headers.host
  if not host then return request.version == "1.0" end
  local name, port = host:lower():match("^(%[?[%w:.-]-%]?):?(%d*)$")
  if not name then return false end
  if port ~= "" and tonumber(port) ~= self.listener.port then return false end
  name = name:gsub("[%[%]]", "")
  return is_loopback(name) or name == self.server.listen:lower()
    or (self.server.listen == "0.0.0.0" and name:find("^%d+%.%d+%.%d+%.%d+$") ~= nil)
end

function Connection:answer(request)
  if not self:host_ok(request) then
    return plain(421, "this sandbox answers only for the host it listens on")
  end
  if request.target == "/sandbox/certificate.pem" and self.server.certificate then
    return { status = 200, headers = { ["content-type"] = "application/x-pem-file" },
      body = self.server.certificate }
  end
  local answer = control.handle(self.server, request)
  if answer then return answer end
  local origin = self.listener.scheme .. "://" .. (request.headers.host or "127.0.0.1")
  local ok
  ok, answer = pcall(self.server.box.handle, self.server.box, { method = request.method,
    target = request.target, headers = request.headers, body = request.body, origin = origin })
  if not ok then
    io.stderr:write("sandbox server: ", tostring(answer), "\n")
    answer = plain(500, "the sandbox itself failed; it says why on its standard error")
  end
  if self.server.log then
    self.server.log(("%s %s %s"):format(request.method, (request.target:gsub("%?.*", ""):gsub("[%c\128-\255]", "?")),
      tostring(answer.status or "dropped")))
  end
  return answer
end

-- Puts an answer on the wire, or breaks it the way a fault asks.
function Connection:reply(request, answer)
  if answer.drop then
    self:close(true)
    return
  end
  local keep = request.keep_alive and not answer.close and not self.server.stopping
  local head_only = request.method == "HEAD"
  local bytes = http.response(answer, keep and not answer.truncate)
  if head_only then bytes = bytes:sub(1, #bytes - #(answer.body or "")) end
  if answer.truncate and answer.truncate < #answer.body then
    bytes = bytes:sub(1, #bytes - #answer.body + answer.truncate)
    keep = false
  end
  self.out = self.out .. bytes
  if not keep then self.finish, self.reading = true, false end
end

-- Takes whole requests out of the buffer, one at a time: the next waits for the answer before it.
function Connection:work(now)
  while not self.closed and not self.finish and not self.held
    and #self.out - self.sent < MAX_UNREAD do
    local request, problem = self.parser:next()
    if problem then
      self:reply({ keep_alive = false }, plain(problem.status, problem.message))
      return
    end
    if not request then
      if self.parser.expects then
        self.parser.expects = false
        self.out = self.out .. "HTTP/1.1 100 Continue\r\n\r\n"
      end
      return
    end
    local answer = self:answer(request)
    local wait = answer.latency or 0
    if wait > 0 then
      self.held = { at = now + wait, request = request, answer = answer }
    else
      self:reply(request, answer)
    end
  end
end

function Connection:handshake()
  local ok, problem = self.sock:dohandshake()
  if ok then
    self.shaking, self.want = false, nil
  elseif problem == "wantread" or problem == "wantwrite" or problem == "timeout" then
    self.want = problem
  else
    self:close()
  end
end

function Connection:read(now)
  for _ = 1, 16 do
    local data, problem, part = self.sock:receive(16384)
    local bytes = data or part
    if bytes and #bytes > 0 then
      self.last = now
      self.parser:feed(bytes)
    end
    if not data then
      if problem ~= "timeout" and problem ~= "wantread" and problem ~= "wantwrite" then
        self.ended = true
      end
      return
    end
  end
end

function Connection:write(now)
  while self.sent < #self.out do
    local at, problem, partial = self.sock:send(self.out, self.sent + 1)
    self.sent = at or partial or self.sent
    self.last = now
    if not at then
      if problem ~= "timeout" and problem ~= "wantread" and problem ~= "wantwrite" then
        self:close()
      end
      break
    end
  end
  if self.sent >= #self.out then
    self.out, self.sent = "", 0
    if self.finish then
      self:close()
    elseif self.ended and not self.held then
      self:close()
    end
  elseif self.sent > 65536 then
    self.out, self.sent = self.out:sub(self.sent + 1), 0
  end
end

-- One connection's turn.
function Connection:turn(now, readable)
  if self.shaking then
    self:handshake()
    if self.shaking or self.closed then return end
    readable = true
  end
  if readable and not self.ended then self:read(now) end
  if self.held and now >= self.held.at then
    local held = self.held
    self.held = nil
    self:reply(held.request, held.answer)
  end
  if self.closed then return end
  self:work(now)
  if not self.closed then self:write(now) end
  if not self.closed and self.ended and self.out == "" and not self.held then self:close() end
end

--- One round of the loop, waiting at most `timeout` seconds.
function Server:step(timeout)
  local now = self.socket.gettime()
  local reads, writes, by = {}, {}, {}
  for _, l in ipairs(self.listeners) do
    if #self.connections < MAX_CONNECTIONS then reads[#reads + 1] = l.sock end
  end
  for _, c in ipairs(self.connections) do
    by[c.sock] = c
    if c.held then timeout = math.max(0, math.min(timeout, c.held.at - now)) end
    -- Who does not read answers gets no more requests read.
    if not c.ended and not c.held and #c.out - c.sent < MAX_UNREAD then reads[#reads + 1] = c.sock end
    if c.sent < #c.out or c.want == "wantwrite" then writes[#writes + 1] = c.sock end
  end
  local can_read, can_write = self.socket.select(reads, writes, timeout)
  now = self.socket.gettime()
  for _, l in ipairs(self.listeners) do
    if can_read[l.sock] then
      local sock = l.sock:accept()
      while sock do
        open(self, l, sock)
        sock = #self.connections < MAX_CONNECTIONS and l.sock:accept() or nil
      end
    end
  end
  for sock, c in pairs(by) do
    local due = c.held and now >= c.held.at
    if can_read[sock] or can_write[sock] or due then
      c:turn(now, can_read[sock] ~= nil)
    elseif now - c.last > IDLE and not c.held then
      c:close()
    end
  end
  local alive = {}
  for _, c in ipairs(self.connections) do
    if not c.closed then alive[#alive + 1] = c end
  end
  self.connections = alive
end

--- Serves until the control API says stop, or the lifetime is over.
function Server:run()
  local ends = self.lifetime and self.socket.gettime() + self.lifetime
  while not (ends and self.socket.gettime() > ends) do
    self:step(1)
    if self.stopping then
      local pending = false
      for _, c in ipairs(self.connections) do pending = pending or c.sent < #c.out end
      if not pending then break end
    end
  end
  self:close()
end

--- Closes every socket.
function Server:close()
  for _, c in ipairs(self.connections) do c:close() end
  for _, l in ipairs(self.listeners) do l.sock:close() end
  self.connections, self.listeners = {}, {}
end

return server

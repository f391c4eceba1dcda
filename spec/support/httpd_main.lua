-- The server behind spec/support/httpd.lua.  Prints its port when it listens.  One coroutine a
-- connection; the path of a request chooses what happens.  Run by lua5.4.
local socket = require "socket"

local gzip_file = arg[1]
local journal = {}
local threads = {} -- coroutine → { socket, "r"|"w" }
local ids = 0
local epoch = 0 -- grows with each reset: what began before says nothing more

local function note(...)
  journal[#journal + 1] = table.concat({ ... }, " ")
end

-- A connection has a number from its first request on; those that read the journal have none.
local function name(c)
  if c.epoch ~= epoch then
    ids = ids + 1
    c.id, c.epoch = ids, epoch
    note("open", c.id)
  end
end

local function wait_for(sock, what)
  coroutine.yield(sock, what)
end

local function send(c, data)
  local i = 1
  while i <= #data do
    local last, err, partial = c.sock:send(data, i)
    if last then
      return true
    elseif err ~= "timeout" then
      return nil, err
    end
    i = partial + 1
    wait_for(c.sock, "w")
  end
  return true
end

local function more(c)
  local data, err, partial = c.sock:receive(65536)
  data = data or partial
  if data and #data > 0 then
    c.buffer = c.buffer .. data
    return true
  elseif err == "timeout" then
    wait_for(c.sock, "r")
    return true
  end
  return nil
end

local function read_request(c)
  while not c.buffer:find("\r\n\r\n", 1, true) do
    if c.buffer:byte() == 22 then
      name(c)
      note("hello", c.id) -- a TLS client's, which cannot go on here
      send(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
      return nil
    end
    if not more(c) then
      return nil
    end
  end
  local head, rest = c.buffer:match("^(.-\r\n)\r\n(.*)$")
  local method, path = head:match("^(%S+) (%S+)")
  local n = tonumber(head:lower():match("\ncontent%-length: *(%d+)")) or 0
  c.buffer = rest
  while #c.buffer < n do
    if not more(c) then
      return nil
    end
  end
  local body = c.buffer:sub(1, n)
  c.buffer = c.buffer:sub(n + 1)
  return { method = method, path = path, head = head, body = body }
end

local function answer(c, body, extra)
  return send(c, "HTTP/1.1 200 OK\r\nContent-Length: " .. #body .. "\r\n" .. (extra or "")
    .. "\r\n" .. body)
end

local function until_gone(c)
  while more(c) do
  end
end

-- Bytes both ways until one side ends: the tunnel of a proxy.
local function relay(c, port)
  local up = { sock = assert(socket.connect("127.0.0.1", port)), buffer = "" }
  up.sock:settimeout(0)
  send(c, "HTTP/1.1 200 Connected\r\n\r\n")
  local function pump(from, to)
    while true do
      if #from.buffer > 0 then
        local data = from.buffer
        from.buffer = ""
        if not send(to, data) then
          break
        end
      elseif not more(from) then
        break
      end
    end
    to.sock:shutdown("send")
  end
  local back = coroutine.create(function()
    pump(up, c)
  end)
  threads[back] = { up.sock, "r" }
  pump(c, up)
end

local routes = {}

routes["/hello"] = function(c) return answer(c, "hello") end
routes["/empty"] = function(c) return answer(c, "") end
routes["/nothing"] = function(c) return send(c, "HTTP/1.1 204 No Content\r\n\r\n") end
routes["/echo"] = function(c, r) return answer(c, r.head .. "\n" .. r.body) end
routes["/interim"] = function(c)
  return send(c, "HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n") and answer(c, "late")
end
routes["/headers"] = function(c)
  return answer(c, "", "X-One: 1\r\nX-Two: a\r\nx-two: b\r\nX-TWO:c\r\nX-Empty:\r\nX-Blank:   v  \r\n"
    .. "X-Folded: first\r\n second\r\n\tthird\r\nX-Colon: a:b: c\r\nX-Last: end\r\n")
end
routes["/trailer"] = function(c)
  return send(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n"
    .. "2\r\nok\r\n0\r\nX-A: 2\r\nX-Trailer: 1\r\n\r\n")
end
routes["/redirect"] = function(c)
  return send(c, "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 0\r\n\r\n")
end
routes["/cookie"] = function(c) return answer(c, "", "Set-Cookie: a=b; Path=/\r\n") end

-- The first request of a connection is answered; the next is read and the connection closed, as
-- when a keep-alive timeout meets a request.
routes["/reuse-closes"] = function(c)
  if c.requests > 1 then
    return nil
  end
  return answer(c, "first")
end
routes["/close"] = function() return nil end
routes["/silent"] = function(c) until_gone(c) end
routes["/half"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" .. ("x"):rep(500))
  until_gone(c)
end
routes["/truncated"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" .. ("x"):rep(500))
end
routes["/truncated-chunked"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
end
routes["/truncated-headers"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nContent-Le")
end
routes["/until-close"] = function(c) send(c, "HTTP/1.1 200 OK\r\n\r\nall of it") end

routes["/garbage"] = function(c) send(c, "this is no HTTP\r\n\r\nat all") end
routes["/garbage-bytes"] = function(c) send(c, ("\0\255\13\10"):rep(500)) end
routes["/garbage-status"] = function(c) send(c, "HTTP/1.1 OK\r\n\r\n") end
routes["/garbage-nul"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n")
end
routes["/garbage-chunk"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")
end
routes["/garbage-gzip"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
end
routes["/endless"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
  while send(c, "4000\r\n" .. ("x"):rep(0x4000) .. "\r\n") do
  end
end
routes["/endless-headers"] = function(c)
  send(c, "HTTP/1.1 200 OK\r\n")
  local line = "X-Filler: " .. ("x"):rep(4000) .. "\r\n"
  while send(c, line) do
  end
end
routes["/gzip"] = function(c)
  local file = assert(io.open(gzip_file, "rb"))
  local data = file:read("a")
  file:close()
  return answer(c, data, "Content-Encoding: gzip\r\n")
end

local function bytes(c, n)
  return answer(c, ("x"):rep(n))
end

local function respond(c, r)
  if r.method == "CONNECT" then
    name(c)
    note("connect", c.id, r.path)
    if r.head:find("SECRET", 1, true) then
      note("leak", c.id) -- of what is for the server behind; a proxy's own password is base64 here
    end
    local host, port = r.path:match("^(.*):(%d+)$")
    if host:match("^refused%.") then
      send(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
      return nil
    end
    relay(c, tonumber(port))
    return nil
  end
  local n = tonumber(r.path:match("^/bytes/(%d+)$"))
  if n then
    return bytes(c, n)
  end
  local route = routes[r.path]
  if route then
    return route(c, r)
  end
  return send(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
end

local function serve(sock)
  local c = { sock = sock, buffer = "", requests = 0 }
  while true do
    local r = read_request(c)
    if not r then
      break
    end
    if r.path == "/_journal" then
      answer(c, table.concat(journal, "\n") .. "\n")
      break
    elseif r.path == "/_reset" then
      journal, ids, epoch = {}, 0, epoch + 1
      answer(c, "done")
      break
    end
    name(c)
    c.requests = c.requests + 1
    if r.method ~= "CONNECT" then
      note("request", c.id, r.method, r.path, (r.body:gsub("%c", ".")))
    end
    if not respond(c, r) then
      break
    end
  end
  if c.epoch == epoch then
    note("closed", c.id)
  end
  sock:close()
end

local listener = assert(socket.bind("127.0.0.1", 0, 128))
listener:settimeout(0)
local _, port = listener:getsockname()
print(("%d"):format(port))
io.stdout:flush()

local function run(co, ...)
  local ok, sock, what = coroutine.resume(co, ...)
  if not ok then
    io.stderr:write(debug.traceback(co, sock), "\n")
  end
  if ok and coroutine.status(co) ~= "dead" then
    threads[co] = { sock, what }
  else
    threads[co] = nil
  end
end

while true do
  local r, w = { listener }, {}
  for _, want in pairs(threads) do
    local set = want[2] == "r" and r or w
    set[#set + 1] = want[1]
  end
  local readable, writable = socket.select(r, w)
  if readable[listener] then
    local sock = listener:accept()
    if sock then
      sock:settimeout(0)
      sock:setoption("tcp-nodelay", true)
      run(coroutine.create(serve), sock)
    end
  end
  local due = {}
  for co, want in pairs(threads) do
    if (want[2] == "r" and readable or writable)[want[1]] then
      due[#due + 1] = co
    end
  end
  for _, co in ipairs(due) do
    run(co)
  end
end

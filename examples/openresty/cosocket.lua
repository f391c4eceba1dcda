-- cosocket.lua - a transport of one's own: HTTP/1.1 over nginx cosockets, in place of libcurl.
--
--   onelogin.new { transport = require("cosocket").new { address = "10.0.0.7" } }
--
-- Any table with `send` will do (docs/design/drivers.md has the contract); this one shows what such a table owes its
-- user: certificates are verified, `sent = false` is said only when no byte has left, answers have a ceiling.
-- nginx.conf must name `lua_ssl_trusted_certificate`, and a `resolver` unless `address` is given.

local cosocket = {}

local transport = {}
transport.__index = transport

-- options.address: where to connect to instead of asking a name server.
function cosocket.new(options)
  return setmetatable({ address = options and options.address }, transport)
end

local function failure(why, sent, tls)
  why = tostring(why)
  local kind = why == "timeout" and "timeout" or tls and "tls" or "network"
  return nil, { kind = kind, message = why, sent = sent }
end

-- The rest of a chunked body.  → text | nil, why
local function chunks(sock, most)
  local parts, length = {}, 0
  while true do
    local line, why = sock:receive("*l")
    if not line then return nil, why end
    local size = tonumber(line:match("^%x+") or "", 16)
    if not size then return nil, "a chunk without a size" end
    if size == 0 then break end
    length = length + size
    if length > most then return nil, "too large" end
    local part
    part, why = sock:receive(size)
    if not part then return nil, why end
    parts[#parts + 1] = part
    sock:receive(2)
  end
  repeat
    local line, why = sock:receive("*l") -- trailers
    if not line then return nil, why end
  until line == ""
  return table.concat(parts)
end

local function read_head(sock)
  local line, why = sock:receive("*l")
  if not line then return nil, why end
  local minor, status = line:match("^HTTP/1%.(%d) (%d%d%d)")
  if not status then return nil, "not an HTTP answer" end
  local headers, size = {}, 0
  while true do
    line, why = sock:receive("*l")
    if not line then return nil, why end
    if line == "" then break end
    size = size + #line
    if size > 65536 then return nil, "too many headers" end
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    if not name then return nil, "not a header line" end
    name = name:lower()
    headers[name] = headers[name] and headers[name] .. ", " .. value or value
  end
  return tonumber(status), headers, minor == "1" and (headers.connection or ""):lower() ~= "close"
end

-- → body | nil, why; third: the connection may be used again
local function read_body(sock, method, status, headers, most)
  if method == "HEAD" or status == 204 or status == 304 then return "", nil, true end
  if (headers["transfer-encoding"] or ""):lower():find("chunked", 1, true) then
    local text, why = chunks(sock, most)
    return text, why, true
  end
  local length = tonumber(headers["content-length"])
  if length then
    if length > most then return nil, "too large" end
    if length == 0 then return "", nil, true end
    local text, why = sock:receive(length)
    return text, why, true
  end
  local text, why, partial = sock:receive(most + 1) -- no length: till the other side closes
  if text then return nil, "too large" end
  if why ~= "closed" then return nil, why end
  return partial, nil, false
end

function transport:send(request)
  local scheme, host, port, path = request.url:match("^(https?)://([^/:?#]+):?(%d*)([^#]*)")
  if not scheme then return failure("not an http or https URL", false) end
  port = tonumber(port) or (scheme == "https" and 443 or 80)
  if path:sub(1, 1) ~= "/" then path = "/" .. path end

  local sock = ngx.socket.tcp()
  local wait = (request.timeout or 30) * 1000
  sock:settimeouts((request.connect_timeout or 10) * 1000, wait, wait)
  -- The name of the pool: by itself nginx pools by host and port only, and hands a TLS connection out again without a
  -- new handshake.  A connection that was verified for one name would pass for another.
  local pool = table.concat({ scheme, host, tostring(port), self.address or "", "verified" }, "|")
  local ok, why = sock:connect(self.address or host, port, { pool = pool, pool_size = 32 })
  if not ok then return failure(why, false) end
  local reused = (sock:getreusedtimes() or 0) > 0
  if scheme == "https" and not reused then
    -- lua-resty-core throws (an assertion) when a handshake fails without having to wait
    local told, session
    told, session, why = pcall(sock.sslhandshake, sock, nil, host, true)
    if not told or not session then
      sock:close()
      return failure(told and why or "the handshake failed", false, true)
    end
  end

  local lines = { request.method .. " " .. path .. " HTTP/1.1", "Host: " .. host .. ":" .. port }
  for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
  if request.body or request.method ~= "GET" then
    lines[#lines + 1] = "Content-Length: " .. #(request.body or "")
  end
  ok, why = sock:send({ table.concat(lines, "\r\n"), "\r\n\r\n", request.body or "" })
  if not ok then
    sock:close()
    return failure(why, true)
  end

  local status, headers, keep = read_head(sock)
  while status and status >= 100 and status < 200 do status, headers, keep = read_head(sock) end
  if not status then
    sock:close()
    return failure(headers, true)
  end
  local body, again
  body, why, again = read_body(sock, request.method, status, headers, request.max_body or 2 ^ 26)
  if not body then
    sock:close()
    if why == "too large" then return nil, { kind = "too_large", message = "the answer is too large", sent = true } end
    return failure(why, true)
  end
  if keep and again then sock:setkeepalive(50000) else sock:close() end
  return { status = status, headers = headers, body = body, reused = reused }
end

return cosocket

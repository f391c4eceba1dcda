-- HTTP/1.1 as a server reads and writes it, apart from sockets: bytes in, requests out. It is
-- strict where leniency would let two readers disagree about where a request ends.

local http = {}

local MAX_HEAD = 16 * 1024
local MAX_BODY = 8 * 1024 * 1024

local REASON = { [200] = "OK", [201] = "Created", [204] = "No Content", [302] = "Found",
  [400] = "Bad Request",
  [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed",
  [411] = "Length Required", [413] = "Content Too Large", [421] = "Misdirected Request",
  [422] = "Unprocessable Content", [429] = "Too Many Requests", [431] = "Header Fields Too Large",
  [500] = "Internal Server Error", [501] = "Not Implemented", [502] = "Bad Gateway",
  [503] = "Service Unavailable", [504] = "Gateway Timeout", [505] = "HTTP Version Not Supported" }

local Parser = {}
Parser.__index = Parser

--- A reader for one connection. feed(bytes), then next() until it gives nil.
function http.parser()
  return setmetatable({ buffer = "" }, Parser)
end

--- More bytes from the peer.
function Parser:feed(bytes)
  self.buffer = self.buffer .. bytes
end

local function refuse(status, why)
  return nil, { status = status, message = why }
end

-- Headers that must not come twice: readers could choose differently.
local SINGLE = { host = true, ["content-length"] = true, ["transfer-encoding"] = true,
  authorization = true, ["content-type"] = true }

local function parse_head(text)
  local method, target, version, rest = text:match("^(%u+) (%S+) HTTP/(%d%.%d)\r\n(.*)$")
  if not method then return refuse(400, "the request line is malformed") end
  if version ~= "1.1" and version ~= "1.0" then return refuse(505, "HTTP/1.0 and 1.1 only") end
  local headers = {}
  for line in rest:gmatch("(.-)\r\n") do
    local name, value = line:match("^([%w!#$%%&'*+%-.^_`|~]+):[ \t]*(.-)[ \t]*$")
    if not name or value:find("[%z\r\n]") then return refuse(400, "a header line is malformed") end
    name = name:lower()
    if headers[name] then
      if SINGLE[name] then return refuse(400, "the header " .. name .. " comes twice") end
      value = headers[name] .. ", " .. value
    end
    headers[name] = value
  end
  local absolute = target:match("^%a+://[^/]*(/.*)$")
  target = absolute or target
  if target:sub(1, 1) ~= "/" then return refuse(400, "the request target is malformed") end
  local connection = (headers.connection or ""):lower()
  local keep = version == "1.1" and not connection:find("close", 1, true)
    or version == "1.0" and connection:find("keep-alive", 1, true) ~= nil
  return { method = method, target = target, version = version, headers = headers,
    keep_alive = keep }
end

local function body_rule(request)
  local coding, length = request.headers["transfer-encoding"], request.headers["content-length"]
  if coding then
    if length then return refuse(400, "Content-Length together with Transfer-Encoding") end
    if coding:lower() ~= "chunked" then return refuse(501, "only chunked transfer is understood") end
    return "chunked"
  end
  if not length then return 0 end
  if not length:find("^%d+$") or #length > 12 then
    return refuse(400, "Content-Length is malformed")
  end
  local n = tonumber(length)
  if n > MAX_BODY then return refuse(413, "the body is too large") end
  return n
end

-- Takes chunks off the buffer: body when complete, false when more is needed, nil and a refusal.
function Parser:chunks()
  local at, parts, size = self.chunk_at or 1, self.parts, self.size
  local text = self.buffer
  while true do
    local stop, after = text:find("\r\n", at, true)
    if not stop then
      if #text - at > 1024 then return refuse(400, "a chunk size line is too long") end
      break
    end
    local hex = text:sub(at, stop - 1):match("^(%x+)[ \t]*;?")
    if not hex or #hex > 7 then return refuse(400, "a chunk size is malformed") end
    local n = tonumber(hex, 16)
    if size + n > MAX_BODY then return refuse(413, "the body is too large") end
    if n == 0 then
      -- Trailers are read over.
      local close = text:find("\r\n", after + 1, true)
      while close and close ~= after + 1 do
        after = close + 1
        close = text:find("\r\n", after + 1, true)
      end
      if not close then
        if #text - after > MAX_HEAD then return refuse(431, "the trailers are too large") end
        break
      end
      self.buffer = text:sub(close + 2)
      return table.concat(parts)
    end
    if #text < after + n + 2 then break end
    if text:sub(after + n + 1, after + n + 2) ~= "\r\n" then
      return refuse(400, "a chunk does not end where it says")
    end
    parts[#parts + 1] = text:sub(after + 1, after + n)
    size = size + n
    at = after + n + 3
  end
  self.buffer, self.chunk_at, self.size = text:sub(at), 1, size
  return false
end

--- The next whole request: { method, target, headers (lower-case), body, keep_alive }; nil when
-- more bytes are needed; nil and { status, message } when the peer speaks no proper HTTP.
-- `parser.expects` is true once while a peer waits for "100 Continue".
function Parser:next()
  local request = self.pending
  if not request then
    self.buffer = self.buffer:gsub("^[\r\n]+", "")
    local _, stop = self.buffer:find("\r\n\r\n", 1, true)
    if not stop then
      if #self.buffer > MAX_HEAD then return refuse(431, "the headers are too large") end
      return nil
    end
    if stop > MAX_HEAD then return refuse(431, "the headers are too large") end
    local problem
    request, problem = parse_head(self.buffer:sub(1, stop - 2))
    if not request then return nil, problem end
    local rule
    rule, problem = body_rule(request)
    if not rule then return nil, problem end
    self.buffer = self.buffer:sub(stop + 1)
    self.pending, self.rule = request, rule
    self.parts, self.size, self.chunk_at = {}, 0, 1
    self.expects = (request.headers.expect or ""):lower() == "100-continue"
  end
  local body
  if self.rule == "chunked" then
    local problem
    body, problem = self:chunks()
    if body == nil then return nil, problem end
    if not body then return nil end
  elseif self.rule > 0 then
    if #self.buffer < self.rule then return nil end
    body = self.buffer:sub(1, self.rule)
    self.buffer = self.buffer:sub(self.rule + 1)
  end
  self.pending, self.expects = nil, false
  request.body = body
  return request
end

local function title(name)
  return (name:gsub("%f[%w]%l", string.upper))
end

--- An answer as bytes. `answer`: status, headers (lower-case), body. `keep`: the connection stays.
function http.response(answer, keep)
  local lines = { ("HTTP/1.1 %d %s"):format(answer.status, REASON[answer.status] or "Unknown") }
  local names = {}
  for name in pairs(answer.headers) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = title(name) .. ": " .. answer.headers[name]:gsub("[\r\n]", " ")
  end
  local body = answer.body or ""
  if answer.status ~= 204 and not answer.headers["content-length"] then
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  lines[#lines + 1] = keep and "Connection: keep-alive" or "Connection: close"
  lines[#lines + 1] = "\r\n"
  return table.concat(lines, "\r\n") .. (answer.status == 204 and "" or body)
end

return http

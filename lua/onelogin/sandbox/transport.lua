-- The road from a client to a box in the same process: the same contract as the libcurl engine,
-- with no socket. It refuses what could not travel as HTTP, so that a client's mistakes show here.

local router = require("onelogin.sandbox.router")

local transport = {}

local METHODS = { GET = true, POST = true, PUT = true, DELETE = true, PATCH = true, HEAD = true }

local function failure(kind, message, sent)
  return nil, { kind = kind, message = message, sent = sent }
end

local function check(request)
  if type(request) ~= "table" then error("send: expected a request table", 3) end
  if not METHODS[request.method] then
    error("send: method must be one of GET POST PUT DELETE PATCH HEAD", 3)
  end
  if type(request.url) ~= "string" or request.url:find("[%c%s\127-\255]") then
    error("send: url must be printable ASCII without blanks", 3)
  end
  if request.body ~= nil and type(request.body) ~= "string" then
    error("send: body must be a string", 3)
  end
  for name, value in pairs(request.headers or {}) do
    if type(name) ~= "string" or not name:find("^[%w!#$%%&'*+%-.^_`|~]+$") then
      error("send: a header name is not an HTTP token", 3)
    end
    if type(value) ~= "string" or value:find("[%z\r\n]") then
      error("send: the value of header " .. name .. " is not a single line of text", 3)
    end
  end
end

-- The box is where its base URL says; an operation with a host of its own is met there as well.
local function is_here(box, place, method, target)
  if place == box.base_url:lower() then return true end
  local found = router.match(box.routes, method, (target:match("^[^?#]*")))
  return found ~= nil and found.entry.host == place
end

--- The transport of one box.
function transport.new(box)
  local self = { box = box, requests = 0 }

  --- Sends one request: response, or nil and a failure.
  function self.send(_, request)
    check(request)
    local scheme, host, target = request.url:match("^(%a+)://([^/?#]+)(.*)$")
    if not scheme then error("send: url must be absolute", 2) end
    if target:sub(1, 1) ~= "/" then target = "/" .. target end
    if not is_here(box, (scheme .. "://" .. host):lower(), request.method, target) then
      return failure("network", "could not resolve host: " .. host:gsub(".*@", ""), false)
    end
    local headers = {}
    for name, value in pairs(request.headers or {}) do
      headers[name:lower()] = value
    end
    local body = request.body
    local length = headers["content-length"]
    if length and tonumber(length) ~= #(body or "") then
      error("send: Content-Length does not match the body", 2)
    end
    local answer = box:handle { method = request.method, target = (target:gsub("#.*", "")),
      headers = headers, body = body, origin = box.base_url }
    local latency = answer.latency or 0
    if answer.drop == "connect" then
      return failure("network", "connection refused", false)
    end
    if request.timeout and latency > request.timeout then
      box.clock.sleep(request.timeout)
      return failure("timeout", ("no answer within %g s"):format(request.timeout), true)
    end
    if latency > 0 then box.clock.sleep(latency) end
    if answer.drop then
      return failure("network", "connection closed before an answer came", true)
    end
    local text = answer.body
    if answer.truncate and answer.truncate < #text then
      return failure("network", ("connection closed with %d bytes of the body missing")
        :format(#text - answer.truncate), true)
    end
    if request.max_body and #text > request.max_body then
      return failure("too_large", ("the answer exceeds %d bytes"):format(request.max_body), true)
    end
    return { status = answer.status, headers = answer.headers, body = text, reused = true,
      http_version = "1.1",
      times = { dns = 0, connect = 0, tls = 0, first_byte = latency, total = latency } }
  end

  return self
end

return transport

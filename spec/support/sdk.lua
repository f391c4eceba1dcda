-- Replays what another client library puts on the wire, header by header, to a served sandbox over
-- TLS: a fresh Debian has neither gems nor npm, so the suite cannot run the libraries themselves.
local json = require("onelogin.core").json
local child = require "spec.support.child"
local sandbox_server = require "spec.support.sandbox_server"

local M = {}

--- A sandbox of 120 people over HTTPS, its certificate in the file server.authority. server.stop()
-- ends it and removes the file.
function M.start()
  local server = sandbox_server.start "--https --users 120"
  local folder, stop = child.folder(), server.stop
  server.authority = folder .. "/certificate.pem"
  local file = assert(io.open(server.authority, "w"))
  file:write(server.certificate)
  file:close()
  function server.stop()
    stop()
    child.remove(folder)
  end
  return server
end

--- The arguments that are texts, as a list: lines of a header that a request may lack are false.
function M.lines(...)
  local list = {}
  for i = 1, select("#", ...) do
    local line = select(i, ...)
    if line then list[#list + 1] = line end
  end
  return list
end

--- Percent-encoding of what is not unreserved; `kept` (a class of characters) stays too.
function M.encode(text, kept)
  return (text:gsub("[^%w%-._~" .. (kept or "") .. "]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 of a text, for a Basic header.
function M.base64(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 3, 0, -1 do
      local d = math.floor(n / 64 ^ k) % 64 + 1
      out[#out + 1] = DIGITS:sub(d, d)
    end
    if not c then out[#out] = "=" end
    if not b then out[#out - 1] = "=" end
  end
  return table.concat(out)
end

--- A library speaking to `server`: style.head(request) makes the header lines of a request {
-- method, target, authorization, body, host }; style.keep: one connection for all its requests;
-- style.apart: a body leaves after its header, in a write of its own.
-- Returns send(method, target, authorization, body) -> answer { status, headers, text, value },
-- value being the decoded text of a JSON answer, nulls left out.
function M.speaker(server, style)
  local kept
  return function(method, target, authorization, body)
    local c = kept or sandbox_server.connect(server.https_url, server.authority)
    local head = style.head { method = method, target = target, authorization = authorization,
      body = body, host = c.host }
    table.insert(head, 1, method .. " " .. target .. " HTTP/1.1")
    head = table.concat(head, "\r\n") .. "\r\n\r\n"
    if style.apart then
      c.write(head)
      if body then c.write(body) end
    else
      c.write(head .. (body or ""))
    end
    local status, headers, text = c.read()
    assert(status, "no answer to " .. method .. " " .. (target:gsub("%?.*", "")))
    if style.keep and headers.connection ~= "close" then
      kept = c
    else
      c.close()
      kept = nil
    end
    local answer = { status = status, headers = headers, text = text }
    if (headers["content-type"] or ""):find("^application/json") then
      answer.value = assert(json.decode(text))
    end
    return answer
  end
end

--- True for what Ruby's Time.iso8601 and JavaScript's Date take: a date, a time and a zone.
function M.is_instant(text)
  local rest = type(text) == "string"
    and text:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d(.*)$")
  if not rest then return false end
  local zone = rest:gsub("^%.%d+", "")
  return zone == "Z" or zone:find("^[+-]%d%d:%d%d$") ~= nil
end

--- True for a JSON array, an empty one too.
function M.is_array(value)
  return type(value) == "table" and json.is_array(value)
end

return M

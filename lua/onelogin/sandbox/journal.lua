-- What reached the box: a bounded ring for tests and for the reader of a terminal. Nothing secret
-- is ever stored in it, so printing it whole is always safe.

local util = require("onelogin.sandbox.util")

local journal = {}

local LIMIT = 5000
local MASK = "[redacted]"

local SECRET_NAME = { password = true, password_confirmation = true, salt = true,
  password_salt = true, otp = true, otp_token = true, client_secret = true, access_token = true,
  refresh_token = true, token = true, state_token = true, session_token = true, secret = true,
  authorization = true, mfa_token = true, verification_token = true, api_key = true }

local function is_secret(name, marks)
  if type(name) ~= "string" then return false end
  return SECRET_NAME[name:lower()] or (marks and marks[name])
end

local function marks_of(entry)
  if not entry or not entry.secret then return nil end
  local marks = {}
  for _, name in ipairs(entry.secret) do marks[name] = true end
  return marks
end

-- Any live secret, wherever it stands in a text.
local function mask_text(box, text)
  for value in pairs(box.live) do
    if text:find(value, 1, true) then
      text = text:gsub(value:gsub("%p", "%%%0"), (MASK:gsub("%%", "%%%%")))
    end
  end
  return text
end

-- A path may hold any byte; the journal holds text.
local function printable(text)
  if util.is_utf8(text) then return text end
  return (text:gsub("[\128-\255]", "?"))
end

local function mask(box, value, marks, depth)
  if type(value) == "string" then return mask_text(box, value) end
  if type(value) ~= "table" then return value end
  if depth > 20 then return MASK end
  local out = {}
  for k, v in next, value do
    if is_secret(k, marks) then
      out[k] = MASK
    else
      out[k] = mask(box, v, marks, depth + 1)
    end
  end
  return setmetatable(out, getmetatable(value))
end

--- A copy of a decoded value without secrets.
function journal.redact(box, value, entry)
  return mask(box, value, marks_of(entry), 0)
end

--- Notes one request.
-- `line`: { at, method, path, query (map), operation, status, body, entry, client_id, dropped }.
function journal.note(box, line)
  local entry = line.entry
  local list = box.journal
  local query
  if line.query and next(line.query) then
    query = {}
    local marks = marks_of(entry)
    for k, v in pairs(line.query) do
      query[mask_text(box, k)] = is_secret(k, marks) and MASK or mask_text(box, v)
    end
  end
  box.request_count = box.request_count + 1
  local op = line.operation or "unknown"
  box.counts[op] = (box.counts[op] or 0) + 1
  if #list >= LIMIT then
    local keep = math.floor(LIMIT / 2)
    for i = 1, keep do list[i] = list[#list - keep + i] end
    for i = #list, keep + 1, -1 do list[i] = nil end
  end
  list[#list + 1] = { n = box.request_count, at = util.iso(line.at), method = line.method,
    path = printable(mask_text(box, line.path)), query = query, operation = line.operation,
    status = line.status, body = line.body ~= nil and journal.redact(box, line.body, entry) or nil,
    client_id = line.client_id, fault = line.fault,
    token_calls = (box.counts["oauth.generate_tokens"] or 0)
      + (box.counts["oauth.generate_tokens_v1"] or 0) }
end

return journal

-- redact.lua - keeps secrets out of everything a person or a log may see.
--
-- Three nets: names that the table marks as secret, names that always are, and the values that are live right now
-- (plain, escaped, URL-encoded and base64).  Runs only on the way to errors, logs, dry runs and prints.

local core = require "onelogin.core"

local redact = {}

redact.MASK = "[masked]"

-- Keys that are secret whatever operation they appear in.
local always = {
  "client_secret", "access_token", "refresh_token", "password", "password_confirmation", "otp", "otp_token",
  "state_token", "session_token", "assertion", "mfa_token", "authorization", "api_key", "secret", "salt",
  "password_salt", "totp_url", "verification_token", "token",
}
local always_set = {}
for _, name in ipairs(always) do always_set[name] = true end

local B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = s:byte(i, i + 2)
    local v = a * 65536 + (b or 0) * 256 + (c or 0)
    local d = { math.floor(v / 262144) % 64, math.floor(v / 4096) % 64, math.floor(v / 64) % 64, v % 64 }
    for k = 1, c and 4 or b and 3 or 2 do out[#out + 1] = B64:sub(d[k] + 1, d[k] + 1) end
  end
  return table.concat(out)
end

local SHORTEST = 4 -- less cannot be told from ordinary text; its key's name hides it
local SHORTEST_CUT = 8 -- the beginning of a value, at the end of a text that was cut

-- What to look for: a value as it is, and those characters of its base64 that only it decides, at each of the three
-- places it can have in a longer text.
local function needles(value)
  local out = { value }
  for skip = 0, 2 do
    local code = base64(("\0"):rep(skip) .. value)
    code = code:sub(math.ceil(8 * skip / 6) + 1, math.floor(8 * (skip + #value) / 6))
    if #code > SHORTEST then
      out[#out + 1] = code
      local other = code:gsub("+", "-"):gsub("/", "_")
      if other ~= code then out[#out + 1] = other end
    end
  end
  return out
end

-- A view of a text: what it reads as once its escapes are undone, and where each part of that stands in the text.
local function view(text, pattern, undo)
  if not text:find(pattern) then return nil end
  local parts, starts, places, from, at = {}, {}, {}, 1, 1
  local function add(piece, a, b) -- b: an escape that ends there; nil: as it is
    if piece == "" then return end
    parts[#parts + 1], starts[#starts + 1], places[#places + 1] = piece, at, { a, b }
    at = at + #piece
  end
  while true do
    local a, b = text:find(pattern, from)
    if not a then break end
    add(text:sub(from, a - 1), from)
    local plain, last = undo(text, a, b)
    add(plain, a, last or b)
    from = (last or b) + 1
  end
  add(text:sub(from), from)
  local function part(i) -- the part in which the i-th byte lies
    local low, high = 1, #starts
    while low < high do
      local middle = math.floor((low + high + 1) / 2)
      if starts[middle] <= i then low = middle else high = middle - 1 end
    end
    return places[low], i - starts[low]
  end
  return {
    text = table.concat(parts),
    span = function(first, last)
      local place, offset = part(first)
      local a = place[2] and place[1] or place[1] + offset
      place, offset = part(last)
      return a, place[2] or place[1] + offset
    end,
  }
end

local short = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function utf8_of(code)
  if code < 128 then return string.char(code) end
  local out, lead = {}, code < 0x800 and 192 or code < 0x10000 and 224 or 240
  for i = code < 0x800 and 2 or code < 0x10000 and 3 or 4, 2, -1 do
    out[i] = string.char(128 + code % 64)
    code = math.floor(code / 64)
  end
  out[1] = string.char(lead + code)
  return table.concat(out)
end

local function undo_json(text, a, b)
  local c = text:sub(b, b)
  if c ~= "u" then return short[c] or c end
  local hex = text:match("^%x%x%x%x", b + 1)
  if not hex then return text:sub(a, b) end
  local code, low = tonumber(hex, 16), text:match("^\\u([dD][c-fC-F]%x%x)", b + 5)
  if code >= 0xd800 and code < 0xdc00 and low then
    return utf8_of((code - 0xd800) * 1024 + tonumber(low, 16) - 0xdc00 + 0x10000), b + 10
  end
  return utf8_of(code), b + 4
end

local function undo_percent(text, a)
  if text:sub(a, a) == "+" then return " " end
  local hex = text:match("^%x%x", a + 1)
  if not hex then return "%" end
  return string.char(tonumber(hex, 16)), a + 2
end

-- Calls found(first, last) for each place of a value in the text, also at its end when only a beginning is left.
local function search(text, values, found)
  for i = 1, #values do
    local what, from = values[i], 1
    while true do
      local a, b = text:find(what, from, true)
      if not a then break end
      found(a, b)
      from = b + 1
    end
    for n = math.min(#what - 1, #text), SHORTEST_CUT, -1 do
      if text:sub(-n) == what:sub(1, n) then
        found(#text - n + 1, #text)
        break
      end
    end
  end
end

-- Masks `values` (see needles) wherever they stand in the text: as they are, or with JSON's escapes, those of a URL, or
-- one below the other.
local function mask_values(text, values)
  local spans = {}
  local function found(a, b) spans[#spans + 1] = { a, b } end
  search(text, values, found)
  local function through(seen, back)
    if not seen then return end
    local function place(a, b)
      a, b = seen.span(a, b)
      back(a, b)
    end
    search(seen.text, values, place)
    return place
  end
  local outer = view(text, "\\.", undo_json)
  local place = through(outer, found)
  if outer then
    through(view(outer.text, "\\.", undo_json), place)
    through(view(outer.text, "[%%+]", undo_percent), place)
  end
  through(view(text, "[%%+]", undo_percent), found)
  if not spans[1] then return text end
  table.sort(spans, function(a, b) return a[1] < b[1] end)
  local out, from = {}, 1
  for i = 1, #spans do
    local a, b = spans[i][1], spans[i][2]
    if a >= from then
      out[#out + 1] = text:sub(from, a - 1)
      out[#out + 1] = redact.MASK
    end
    if b >= from then from = b + 1 end
  end
  out[#out + 1] = text:sub(from)
  return table.concat(out)
end

-- The position of the quote that ends a JSON string whose first character is at `i`; an unfinished one (a cut body)
-- ends with the text.
local function string_end(text, i)
  while true do
    local at = text:find('["\\]', i)
    if not at then return #text end
    if text:byte(at) == 34 then return at end
    i = at + 2
  end
end

-- Replaces the JSON values of keys that match `pattern` (which ends behind the colon).
local function mask_json(text, pattern)
  local out, from = {}, 1
  while true do
    local _, colon = text:find(pattern, from)
    if not colon then break end
    local last
    if text:byte(colon + 1) == 34 then
      last = string_end(text, colon + 2)
    else
      _, last = text:find("^%-?%d[%d%.eE+-]*", colon + 1)
    end
    out[#out + 1] = text:sub(from, colon)
    if last then
      out[#out + 1] = '"' .. redact.MASK .. '"'
      from = last + 1
    else
      from = colon + 1 -- null, true, an object: nothing to hide in itself
    end
  end
  if from == 1 then return text end
  out[#out + 1] = text:sub(from)
  return table.concat(out)
end

-- Masks "name": value and name=value in text of any kind.
local function mask_names(text, names)
  local lower = text:lower()
  for name in pairs(names) do
    if lower:find(name, 1, true) then
      local pattern = name:gsub("%W", "%%%0"):gsub("%a", function(c) return "[" .. c:lower() .. c:upper() .. "]" end)
      text = mask_json(text, '"' .. pattern .. '"%s*:%s*')
      text = text:gsub('(\\+"' .. pattern .. '\\+"%s*:%s*)(\\+)"(.-[^\\])%2"', '%1%2"' .. redact.MASK .. '%2"')
      text = text:gsub("(<" .. pattern .. ">)[^<]*", "%1" .. redact.MASK)
      text = text:gsub("(%f[%w_]" .. pattern .. "=)[^&%s\"']+", "%1" .. redact.MASK)
      text = text:gsub("(%f[%w_]" .. pattern .. ":)[^,%s\"'}]+", "%1" .. redact.MASK)
    end
  end
  return (text:gsub("([Bb][Ee][Aa][Rr][Ee][Rr][: ]+)[%w%-%._~%+/=]+", "%1" .. redact.MASK))
end

local function name_set(secret)
  if not secret or #secret == 0 then return always_set end
  local set = {}
  for name in pairs(always_set) do set[name] = true end
  for _, name in ipairs(secret) do set[name:lower()] = true end
  return set
end

-- The secret strings among what a caller passed: values under secret names, at any depth, also as the
-- { name, value } of a query.
local function collect(value, names, found, depth)
  if type(value) ~= "table" or depth > 8 then return end
  local name, text = rawget(value, 1), rawget(value, 2)
  if type(name) == "string" and names[name:lower()] and (type(text) == "string" or type(text) == "number") then
    found[#found + 1] = tostring(text)
  end
  for k, v in pairs(value) do
    if type(k) == "string" and names[k:lower()] and (type(v) == "string" or type(v) == "number") then
      found[#found + 1] = tostring(v)
    else
      collect(v, names, found, depth + 1)
    end
  end
end

-- A masker for one call: text in, text out.  client may be nil; params is what the caller passed.
function redact.masker(client, secret, params)
  local names = name_set(secret)
  local values = {}
  if client then
    local token, client_secret = core.client.secrets(client)
    values[#values + 1] = token
    if client_secret then values[#values + 1] = client_secret end
  end
  collect(params, names, values, 1)
  local wanted = {}
  for i = 1, #values do
    if #values[i] >= SHORTEST then
      for _, needle in ipairs(needles(values[i])) do wanted[#wanted + 1] = needle end
    end
  end
  return function(text)
    if type(text) ~= "string" or text == "" then return text end
    return mask_names(mask_values(text, wanted), names)
  end
end

-- Masks an error in place: every string it carries.
function redact.error(err, mask)
  for k, v in pairs(err) do
    if type(v) == "string" and k ~= "operation" and k ~= "method" and k ~= "path" and k ~= "kind" then
      err[k] = mask(v)
    end
  end
  return err
end

-- A copy of a value for showing: strings under secret names are masked.
function redact.value(value, secret)
  local names = name_set(secret)
  local function copy(v, depth)
    if type(v) ~= "table" then return v end
    if depth > 32 then return "..." end
    local out = {}
    for k, item in pairs(v) do
      if type(k) == "string" and names[k:lower()] and item ~= core.json.null then
        out[k] = redact.MASK
      else
        out[k] = copy(item, depth + 1)
      end
    end
    return setmetatable(out, getmetatable(v))
  end
  return copy(value, 1)
end

return redact

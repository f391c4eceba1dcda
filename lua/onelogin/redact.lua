-- redact.lua - keeps secrets out of everything a person or a log may see.
--
-- Three nets: names that the table marks as secret, names that always are, and the values that are live right now
-- (plain, URL-encoded and base64).  Runs only on the way to errors, logs, dry runs and prints.

local core = require "onelogin.core"

local redact = {}

redact.MASK = "[masked]"

-- Keys that are secret whatever operation they appear in.
local always = {
  "client_secret", "access_token", "refresh_token", "password", "password_confirmation", "otp", "otp_token",
  "state_token", "session_token", "mfa_token", "authorization", "api_key", "secret", "salt", "password_salt",
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
    for k = 1, 4 do out[#out + 1] = (k > (c and 4 or b and 3 or 2)) and "=" or B64:sub(d[k] + 1, d[k] + 1) end
  end
  return table.concat(out)
end

local function replace_plain(text, what)
  if #what < 4 then return text end -- too short to tell from ordinary text; its key's name hides it
  local out, from = {}, 1
  while true do
    local a, b = text:find(what, from, true)
    if not a then break end
    out[#out + 1] = text:sub(from, a - 1)
    out[#out + 1] = redact.MASK
    from = b + 1
  end
  if from == 1 then return text end
  out[#out + 1] = text:sub(from)
  return table.concat(out)
end

-- Masks `values` (strings) wherever they stand in the text, in any of their three spellings.
local function mask_values(text, values)
  for i = 1, #values do
    local v = values[i]
    text = replace_plain(text, v)
    local encoded = core.url.encode(v)
    if encoded ~= v then text = replace_plain(text, encoded) end
    text = replace_plain(text, base64(v))
  end
  return text
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

-- The secret strings among what a caller passed: values under secret names, at any depth.
local function collect(value, names, found, depth)
  if type(value) ~= "table" or depth > 8 then return end
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
  table.sort(values, function(a, b) return #a > #b end) -- a longer one may contain a shorter one
  return function(text)
    if type(text) ~= "string" or text == "" then return text end
    return mask_names(mask_values(text, values), names)
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

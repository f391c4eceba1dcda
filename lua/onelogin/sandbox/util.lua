-- The small text and time tools the sandbox needs, in plain Lua, so that a box in process needs no
-- C module but the JSON mapping.

local util = {}

local floor = math.floor
local byte, char, format = string.byte, string.char, string.format

local B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local B64_VALUE = {}
for i = 1, #B64 do
  B64_VALUE[byte(B64, i)] = i - 1
end
B64_VALUE[byte("-")] = 62
B64_VALUE[byte("_")] = 63

--- Base64 of `text`; `pad` false leaves the "=" away.
function util.base64(text, pad)
  local out, n = {}, #text
  for i = 1, n, 3 do
    local a, b, c = byte(text, i, i + 2)
    local v = a * 65536 + (b or 0) * 256 + (c or 0)
    local w = {}
    for k = 4, 1, -1 do
      local d = v % 64
      w[k] = B64:sub(d + 1, d + 1)
      v = floor((v - d) / 64)
    end
    if not c then w[4] = "=" end
    if not b then w[3] = "=" end
    out[#out + 1] = table.concat(w)
  end
  local text64 = table.concat(out)
  if pad == false then text64 = text64:gsub("=", "") end
  return text64
end

--- The text behind base64 (either alphabet, padded or not); nil when it is none.
function util.unbase64(text)
  text = text:gsub("=+$", "")
  if text:find("[^%w%+/%-_]") or #text % 4 == 1 then return nil end
  local out, bits, held = {}, 0, 0
  for i = 1, #text do
    held = held * 64 + B64_VALUE[byte(text, i)]
    bits = bits + 6
    if bits >= 8 then
      bits = bits - 8
      local unit = 2 ^ bits
      local b = floor(held / unit)
      out[#out + 1] = char(b)
      held = floor(held - b * unit)
    end
  end
  return table.concat(out)
end

--- Percent-decodes; `plus` true also turns "+" into a blank (query and form text). nil when a "%"
-- is not followed by two hexadecimal digits.
function util.unescape(text, plus)
  if plus then text = text:gsub("%+", " ") end
  if text:gsub("%%%x%x", ""):find("%", 1, true) then return nil end
  return (text:gsub("%%(%x%x)", function(hex) return char(tonumber(hex, 16)) end))
end

--- True when every byte belongs to well-formed UTF-8.
function util.is_utf8(text)
  local i = text:find("[\128-\255]")
  while i do
    local a, b, c, d = byte(text, i, i + 3)
    local function tail(x) return x ~= nil and x >= 128 and x <= 191 end
    if a >= 194 and a <= 223 and tail(b) then
      i = i + 2
    elseif a >= 224 and a <= 239 and tail(b) and tail(c)
      and not (a == 224 and b < 160) and not (a == 237 and b > 159) then
      i = i + 3
    elseif a >= 240 and a <= 244 and tail(b) and tail(c) and tail(d)
      and not (a == 240 and b < 144) and not (a == 244 and b > 143) then
      i = i + 4
    else
      return false
    end
    i = text:find("[\128-\255]", i)
  end
  return true
end

--- Percent-encodes everything but the unreserved characters.
function util.escape(text)
  return (tostring(text):gsub("[^%w%-%._~]", function(c) return format("%%%02X", byte(c)) end))
end

--- Query or form text -> map of name to value (the last one wins), list of names in order;
-- nil when the escapes are broken or hide something else than UTF-8.
function util.parse_query(text)
  local map, names = {}, {}
  for pair in (text or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=(.*)$")
    name, value = util.unescape(name or pair, true), util.unescape(value or "", true)
    if not name or not value or not util.is_utf8(name) or not util.is_utf8(value) then return nil end
    if map[name] == nil then names[#names + 1] = name end
    map[name] = value
  end
  return map, names
end

--- Builds query text from a list of {name, value}.
function util.build_query(pairs_list)
  local out = {}
  for _, p in ipairs(pairs_list) do
    out[#out + 1] = util.escape(p[1]) .. "=" .. util.escape(p[2])
  end
  return table.concat(out, "&")
end

-- Days since 1970-01-01 of a civil date, and back (Howard Hinnant's algorithm, floats kept whole).
local function days_of(y, m, d)
  if m <= 2 then y = y - 1 end
  local era = floor(y / 400)
  local yoe = y - era * 400
  local doy = floor((153 * (m + (m > 2 and -3 or 9)) + 2) / 5) + d - 1
  return era * 146097 + yoe * 365 + floor(yoe / 4) - floor(yoe / 100) + doy - 719468
end

local function civil_of(days)
  local z = days + 719468
  local era = floor(z / 146097)
  local doe = z - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local m = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (m <= 2 and 1 or 0), m, doy - floor((153 * mp + 2) / 5) + 1
end

--- Unix seconds -> "2026-03-02T09:00:00.000Z"; `plain` leaves the milliseconds away. nil stays nil.
function util.iso(t, plain)
  if not t then return nil end
  local ms = floor(t * 1000 + 0.5)
  local s = floor(ms / 1000)
  local days = floor(s / 86400)
  local rest = s - days * 86400
  local y, mo, d = civil_of(days)
  local h = floor(rest / 3600)
  local mi = floor((rest - h * 3600) / 60)
  local text = format("%04d-%02d-%02dT%02d:%02d:%02d", y, mo, d, h, mi, rest - h * 3600 - mi * 60)
  if plain then return text .. "Z" end
  return format("%s.%03dZ", text, ms - s * 1000)
end

--- ISO 8601 text -> Unix seconds; nil when it is none. A bare date is midnight UTC.
function util.parse_iso(text)
  if type(text) ~= "string" then return nil end
  local y, mo, d, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not y then return nil end
  y, mo, d = tonumber(y), tonumber(mo), tonumber(d)
  if mo < 1 or mo > 12 or d < 1 or d > 31 then return nil end
  local t = days_of(y, mo, d) * 86400
  if rest == "" then return t end
  local h, mi, s, frac, zone = rest:match("^[T ](%d%d):(%d%d):(%d%d)(%.?%d*)(.*)$")
  if not h then return nil end
  t = t + tonumber(h) * 3600 + tonumber(mi) * 60 + tonumber(s)
  if #frac > 1 then t = t + tonumber("0" .. frac) end
  if zone == "Z" or zone == "" then return t end
  local sign, zh, zm = zone:match("^([%+%- ])(%d%d):?(%d%d)$")
  if not sign then return nil end
  local shift = tonumber(zh) * 3600 + tonumber(zm) * 60
  return sign == "-" and t + shift or t - shift
end

local DAYS = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

--- Unix seconds -> the Date header of HTTP (no locale involved).
function util.http_date(t)
  local s = floor(t)
  local days = floor(s / 86400)
  local rest = s - days * 86400
  local y, mo, d = civil_of(days)
  local h = floor(rest / 3600)
  local mi = floor((rest - h * 3600) / 60)
  return format("%s, %02d %s %04d %02d:%02d:%02d GMT", DAYS[days % 7 + 1], d, MONTHS[mo], y, h, mi,
    rest - h * 3600 - mi * 60)
end

--- A copy with every table inside copied, metatables (array tags) kept.
function util.copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for k, v in next, value do
    out[k] = type(v) == "table" and util.copy(v) or v
  end
  return setmetatable(out, getmetatable(value))
end

--- True for a number without a fraction.
function util.is_integer(v)
  return type(v) == "number" and v == floor(v) and v > -2 ^ 53 and v < 2 ^ 53
end

--- Text of digits -> integer, else nil. Never makes a float on Lua 5.3 and 5.4.
function util.to_integer(text)
  if type(text) ~= "string" or not text:find("^%-?%d+$") or #text > 15 then return nil end
  return tonumber(text)
end

local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local left = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = byte(a, i) == byte(b, j) and 0 or 1
      local best = math.min(row[j] + 1, row[j - 1] + 1, left + cost)
      left = row[j]
      row[j] = best
    end
  end
  return row[#b]
end

--- The name of `known` (a set) nearest to `name`, when it is near enough to be a slip.
function util.nearest(name, known)
  local best, best_d
  for k in pairs(known) do
    local d = distance(name, k)
    if not best or d < best_d or (d == best_d and k < best) then best, best_d = k, d end
  end
  if best and best_d <= math.max(2, floor(#name / 3)) then return best end
end

--- Throws when `given` has a key that `known` lacks, with the nearest name.
function util.check_names(given, known, what)
  for k in pairs(given) do
    if known[k] == nil then
      local near = type(k) == "string" and util.nearest(k, known)
      error(format("%s: unknown option '%s'%s", what, tostring(k),
        near and format(" (did you mean '%s'?)", near) or ""), 3)
    end
  end
end

return util

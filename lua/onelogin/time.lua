-- time.lua - every form of date that the API sends, read and written without the machine's time zone.

local core = require "onelogin.core"

local time = {}

local null = core.json.null

-- What services write for "it never happened", beside null: the first instant of 1970 or of 2000, any of the year 1.
local UNIX, MILLENNIUM = 0, 946684800
local YEAR_TWO = -62135596800 + 365 * 86400

-- A whole number is an integer where Lua tells the two apart, so that it prints as one.
local function tidy(seconds)
  local whole = math.floor(seconds)
  if whole == seconds then return math.tointeger and math.tointeger(whole) or whole end
  return seconds
end

--- parse(text) → seconds since 1970, in UTC | nil for "never" (nil, null, "", the year 1, 1970, 2000)
--- | nil, message for what is no date.
function time.parse(text)
  if text == nil or text == null or text == "" then return nil end
  if type(text) ~= "string" then return nil, "a date is text, got a " .. type(text) end
  local seconds = core.time.iso(text) or core.time.http(text)
  if not seconds then return nil, "no date: " .. ("%q"):format((text:sub(1, 60):gsub("[%c\127]", "?"))) end
  if seconds == UNIX or seconds == MILLENNIUM or seconds < YEAR_TWO then return nil end
  return tidy(seconds)
end

-- Year, month and day of a count of days since 1970; the reverse of src/when.c.
local function civil(days)
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (month <= 2 and 1 or 0), month, doy - math.floor((153 * mp + 2) / 5) + 1
end

--- format(seconds) → "2026-03-02T09:00:00.000Z", the form that requests want: milliseconds and Z.
function time.format(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < -62135596800 or seconds >= 253402300799.9995 then
    error("time.format: expected seconds since 1970 between the years 1 and 9999, got " .. tostring(seconds), 2)
  end
  local ms = math.floor(seconds * 1000 + 0.5)
  local whole = math.floor(ms / 1000)
  local days = math.floor(whole / 86400)
  local rest = whole - days * 86400
  local year, month, day = civil(days)
  return ("%04.0f-%02.0f-%02.0fT%02.0f:%02.0f:%02.0f.%03.0fZ"):format(year, month, day, math.floor(rest / 3600),
    math.floor(rest / 60) % 60, rest % 60, ms - whole * 1000)
end

return time

-- qr.lua - QR codes, for a terminal and as SVG: what an authenticator scans when it is enrolled.
--
-- The code itself is computed by libqrencode, through the C module onelogin.qrencode; both are optional, and requiring
-- this file says so where they are missing.  The text is a secret as a rule, so no error repeats it.
--
--   qr.terminal(text, { level=, quiet=, ansi=, invert= }) -> lines of half blocks, in UTF-8
--   qr.svg(text, { level=, quiet=, size=, title= }) -> an SVG document
--   qr.matrix(text, { level= }) -> { size = n, { true, false, ... }, ... }, true for dark
local require = require

local html = require "onelogin.html"
local show = require "onelogin.show"
local suggest = require "onelogin.suggest"

local found, qrencode = pcall(require, "onelogin.qrencode")
if not found then
  local why = tostring(qrencode)
  error("onelogin.qr needs libqrencode, which onelogin was built or runs without: install it (Debian: libqrencode-dev) "
    .. "and build onelogin again" .. (why:find("not found:", 1, true) and "" or "; the loader says: " .. why), 0)
end

local qr = {}

-- Each level stands more damage and leaves less room: bytes of the largest code.
local LEVELS = { L = 0, M = 1, Q = 2, H = 3 }
local MOST = { L = 2953, M = 2331, Q = 1663, H = 1273 }

local function check(where, text, o, known)
  if type(text) ~= "string" or text == "" then
    error(where .. ": the text must be a string that is not empty", 0)
  end
  if o ~= nil and type(o) ~= "table" then
    error(where .. ": options must be a table, such as { quiet = 4 }", 0)
  end
  o = o or {}
  for name, value in pairs(o) do
    if not known[name] then
      local near = suggest(name, known)
      error(("%s: unknown option '%s'%s"):format(where, tostring(name),
        near and (" (did you mean '" .. near .. "'?)") or ""), 0)
    elseif known[name] ~= type(value) then
      error(("%s: %s must be a %s, not a %s"):format(where, name, known[name], type(value)), 0)
    end
  end
  if o.level and not LEVELS[o.level] then
    error(where .. ': level must be "L", "M", "Q" or "H"', 0)
  end
  return o
end

local function whole(where, o, name, least, most, default)
  local value = o[name]
  if value == nil then return default end
  if not (value >= least and value <= most and value == math.floor(value)) then
    error(("%s: %s must be a whole number from %d to %d"):format(where, name, least, most), 0)
  end
  return value
end

-- The rows of the code, each a string of "0" (light) and "1" (dark).
local function rows_of(where, text, o)
  local level = o.level or "M"
  local width, modules = qrencode.encode(text, LEVELS[level])
  if not width then
    error(("%s: the text has %d bytes, and a QR code of level %s holds %d"):format(where, #text, level, MOST[level]), 0)
  end
  local rows = {}
  for y = 0, width - 1 do
    rows[y + 1] = modules:sub(y * width + 1, y * width + width)
  end
  return rows, width
end

--- The code as rows of booleans, true for dark, without a margin; `size` is how many rows and columns there are.
function qr.matrix(text, options)
  local where = "qr.matrix"
  local rows, width = rows_of(where, text, check(where, text, options, { level = "string" }))
  local matrix = { size = width }
  for y, row in ipairs(rows) do
    local line = {}
    for x = 1, width do line[x] = row:byte(x) == 49 end
    matrix[y] = line
  end
  return matrix
end

local UPPER, LOWER, BOTH = "\226\150\128", "\226\150\132", "\226\150\136"
local BLACK_ON_WHITE, WHITE_ON_BLACK, PLAIN = "\27[38;5;16;48;5;231m", "\27[38;5;231;48;5;16m", "\27[0m"

--- The code as text for a terminal, two rows of it in a line.  With its own colours (ansi, the default) it is right on
-- every terminal; with ansi = false the light parts are drawn, which is right on a dark one, and with invert = true the
-- dark parts, for a light one.  quiet: the margin, 2 unless told otherwise.
function qr.terminal(text, options)
  local where = "qr.terminal"
  local o = check(where, text, options,
    { level = "string", quiet = "number", ansi = "boolean", invert = "boolean" })
  local quiet = whole(where, o, "quiet", 0, 64, 2)
  local rows, width = rows_of(where, text, o)
  local ansi = o.ansi ~= false
  local ink = (ansi or o.invert) and 49 or 48 -- what is drawn: dark or light
  local empty = ("0"):rep(width + 2 * quiet)
  local margin, all = ("0"):rep(quiet), {}
  for _ = 1, quiet do all[#all + 1] = empty end
  for _, row in ipairs(rows) do all[#all + 1] = margin .. row .. margin end
  for _ = 1, quiet do all[#all + 1] = empty end
  local lines = {}
  for y = 1, #all, 2 do
    local upper, lower, cells = all[y], all[y + 1], {}
    for x = 1, #upper do
      local a, b = upper:byte(x) == ink, lower ~= nil and lower:byte(x) == ink
      cells[x] = a and (b and BOTH or UPPER) or b and LOWER or " "
    end
    local line = table.concat(cells)
    if ansi then line = (o.invert and WHITE_ON_BLACK or BLACK_ON_WHITE) .. line .. PLAIN end
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n")
end

-- Text as XML may hold it; what it may not hold becomes U+FFFD.
local function escaped(text)
  local out, i = {}, 1
  while i <= #text do
    local code, behind = show.decode(text, i)
    if code and (code >= 32 or code == 9 or code == 10) and code ~= 0xFFFE and code ~= 0xFFFF then
      out[#out + 1] = text:sub(i, behind - 1)
    else
      out[#out + 1] = "\239\191\189"
    end
    i = behind
  end
  return html.escape(table.concat(out))
end

--- The code as an SVG document: black on white, one path, sharp at any size.  size: width and height in pixels (four
-- for each module unless told otherwise); title: what a screen reader says; quiet: the margin, 4 as the standard wants.
function qr.svg(text, options)
  local where = "qr.svg"
  local o = check(where, text, options, { level = "string", quiet = "number", size = "number", title = "string" })
  local quiet = whole(where, o, "quiet", 0, 64, 4)
  local size = whole(where, o, "size", 1, 100000)
  local rows, width = rows_of(where, text, o)
  local n, path = width + 2 * quiet, {}
  for y, row in ipairs(rows) do
    local from, to = row:find("1+")
    while from do
      path[#path + 1] = ("M%d %dh%dv1h-%dz"):format(quiet + from - 1, quiet + y - 1, to - from + 1, to - from + 1)
      from, to = row:find("1+", to + 1)
    end
  end
  size = ("%.0f"):format(size or 4 * n)
  return ('<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %d %d" role="img" '
    .. 'shape-rendering="crispEdges"><title>%s</title><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>')
    :format(size, size, n, n, escaped(o.title or "QR code"), n, n, table.concat(path))
end

return qr

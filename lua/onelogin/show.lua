-- show.lua - values for a person's eyes: one-line texts, aligned tables, readable trees.
--
-- Shared by the command line and the REPL.  Whatever stands in a directory is text here: a control character, an
-- escape sequence, a bidirectional override or a broken byte is written out (\x1b, \u{202E}) and never sent to the
-- terminal.  docs/cli.md and docs/repl.md say how things look.

local core = require "onelogin.core"
local redact = require "onelogin.redact"

local show = {}

local json = core.json
local null = json.null
local byte, sub, find, format, rep = string.byte, string.sub, string.find, string.format, string.rep
local concat, sort = table.concat, table.sort
local floor = math.floor
local type, tostring, pairs, next, rawequal = type, tostring, pairs, next, rawequal

show.MASK = redact.MASK

-- ---- characters ----

-- code point and position behind it, or nil and i + 1 where the bytes are no UTF-8
local function decode(s, i)
  local a, b, c, d = byte(s, i, i + 3)
  if a < 0x80 then return a, i + 1 end
  if a >= 0xC2 and a <= 0xDF and b and b >= 0x80 and b <= 0xBF then
    return (a - 0xC0) * 64 + b - 0x80, i + 2
  end
  if a >= 0xE0 and a <= 0xEF and c and b >= 0x80 and b <= 0xBF and c >= 0x80 and c <= 0xBF then
    local code = (a - 0xE0) * 4096 + (b - 0x80) * 64 + c - 0x80
    if code >= 0x800 and (code < 0xD800 or code > 0xDFFF) then return code, i + 3 end
  end
  if a >= 0xF0 and a <= 0xF4 and d and b >= 0x80 and b <= 0xBF and c >= 0x80 and c <= 0xBF
     and d >= 0x80 and d <= 0xBF then
    local code = (a - 0xF0) * 262144 + (b - 0x80) * 4096 + (c - 0x80) * 64 + d - 0x80
    if code >= 0x10000 and code <= 0x10FFFF then return code, i + 4 end
  end
  return nil, i + 1
end

show.decode = decode

local function within(ranges, code)
  for i = 1, #ranges, 2 do
    if code >= ranges[i] and code <= ranges[i + 1] then return true end
  end
  return false
end

-- What steers a terminal, turns the direction of text or takes no room: never shown as it is.
local unsafe = {
  0x00, 0x1F, 0x7F, 0x9F, 0xAD, 0xAD, 0x61C, 0x61C, 0x180E, 0x180E, 0x200B, 0x200B, 0x200E, 0x200F,
  0x2028, 0x202E, 0x2060, 0x206F, 0xFEFF, 0xFEFF, 0xFFF9, 0xFFFB, 0xE0000, 0xE007F,
}
function show.unsafe(code) return within(unsafe, code) end

local combining = {
  0x300, 0x36F, 0x483, 0x489, 0x591, 0x5BD, 0x610, 0x61A, 0x64B, 0x65F, 0xE31, 0xE31, 0xE34, 0xE3A, 0xE47, 0xE4E,
  0x1AB0, 0x1AFF, 0x1DC0, 0x1DFF, 0x200C, 0x200D, 0x20D0, 0x20FF, 0xFE00, 0xFE0F, 0xFE20, 0xFE2F, 0xE0100, 0xE01EF,
}
local wide = {
  0x1100, 0x115F, 0x2E80, 0x303E, 0x3041, 0xA4CF, 0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE30, 0xFE6F, 0xFF00, 0xFF60,
  0xFFE0, 0xFFE6, 0x1F300, 0x1F64F, 0x1F680, 0x1F6FF, 0x1F900, 0x1F9FF, 0x20000, 0x3FFFD,
}

local short = { [9] = "\\t", [10] = "\\n", [13] = "\\r" }

local function escaped(code)
  if short[code] then return short[code] end
  return code < 0x80 and format("\\x%02x", code) or format("\\u{%04X}", code)
end

--- The text on one line, with nothing in it that a terminal would obey.
function show.line(text)
  text = tostring(text)
  if not find(text, "[%c\127-\255]") then return text end
  local out, i, n = {}, 1, #text
  while i <= n do
    local code, after = decode(text, i)
    if not code then
      out[#out + 1] = format("\\x%02x", byte(text, i))
    elseif show.unsafe(code) then
      out[#out + 1] = escaped(code)
    else
      out[#out + 1] = sub(text, i, after - 1)
    end
    i = after
  end
  return concat(out)
end

--- Columns that a text takes (already safe, see show.line).
function show.width(text)
  if not find(text, "[\128-\255]") then return #text end
  local columns, i, n = 0, 1, #text
  while i <= n do
    local code, after = decode(text, i)
    code = code or 63
    columns = columns + (within(combining, code) and 0 or within(wide, code) and 2 or 1)
    i = after
  end
  return columns
end

--- At most `room` columns of a safe text; "..." says that something is missing.
function show.cut(text, room)
  if #text <= room or show.width(text) <= room then return text end
  if room <= 3 then return sub("...", 1, room) end
  local columns, i, n = 0, 1, #text
  while i <= n do
    local code, after = decode(text, i)
    code = code or 63
    local more = within(combining, code) and 0 or within(wide, code) and 2 or 1
    if columns + more > room - 3 then break end
    columns, i = columns + more, after
  end
  return sub(text, 1, i - 1) .. "..."
end

--- 1234567 as 1,234,567.
function show.count(n)
  local text = format("%.0f", n)
  while true do
    local more, times = text:gsub("^(%-?%d+)(%d%d%d)", "%1,%2")
    if times == 0 then return more end
    text = more
  end
end

-- ---- secrets ----

--- A test of key names: is what stands under this name a secret?  One rule with redact.lua, asked once a name.
function show.secrets(secret)
  local known = {}
  return function(key)
    local is = known[key]
    if is == nil then
      is = type(key) == "string" and redact.value({ [key] = "" }, secret)[key] == redact.MASK
      known[key] = is
    end
    return is
  end
end

local function never() return false end

-- ---- order ----

-- Names that people look for first; the rest follows in alphabetical order.
local first = {
  "id", "name", "username", "email", "firstname", "lastname", "label", "display_name", "title", "type", "status",
  "state", "enabled", "position", "event_type_id", "user_id", "user_name", "app_id", "app_name", "role_id",
  "created_at", "updated_at", "last_login",
}
local place = {}
for i = 1, #first do place[first[i]] = i end

local function before(a, b)
  local pa, pb = place[a] or 1000, place[b] or 1000
  if pa ~= pb then return pa < pb end
  local ta, tb = type(a), type(b)
  if ta ~= tb then return ta == "number" end
  if ta == "number" or ta == "string" then return a < b end
  return tostring(a) < tostring(b)
end

--- The keys of a table in the order in which they are shown.
function show.keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  sort(keys, before)
  return keys
end

function show.is_list(value)
  return type(value) == "table" and (json.is_array(value) or value[1] ~= nil)
end

-- ---- scalars ----

local function number(value)
  if value ~= value then return "nan" end
  if value == floor(value) and value < 1e15 and value > -1e15 then return format("%.0f", value) end
  if math.type and math.type(value) == "integer" then return format("%d", value) end
  return format("%.14g", value)
end

--- A value that is no table, as it stands in a cell; nil and null are empty there.
function show.scalar(value)
  if value == nil or rawequal(value, null) then return "" end
  if type(value) == "number" then return number(value) end
  return show.line(value)
end

-- As scalar, but what could be mistaken for another type is quoted, and null is said.
local function told(value)
  if value == nil or rawequal(value, null) then return "null" end
  if type(value) ~= "string" then return show.scalar(value) end
  if value == "" or value == "null" or value == "true" or value == "false"
     or find(value, "^%-?%d+%.?%d*[eE]?[-+]?%d*$") or find(value, "^%s") or find(value, "%s$") then
    return '"' .. show.line(value) .. '"'
  end
  return show.line(value)
end

-- A table on one line: [1, 2], {food: chicken}; deep or long ones are cut by the caller.
local function flat(value, is_secret, depth)
  if type(value) ~= "table" then return told(value) end
  if depth > 6 then return "..." end
  local out = {}
  if show.is_list(value) then
    for i = 1, #value do
      if i > 200 then
        out[#out + 1] = format("... %s more", show.count(#value - 200))
        break
      end
      out[i] = flat(value[i], is_secret, depth + 1)
    end
    return "[" .. concat(out, ", ") .. "]"
  end
  for _, key in ipairs(show.keys(value)) do
    local item = value[key]
    local text = is_secret(key) and not rawequal(item, null) and show.MASK or flat(item, is_secret, depth + 1)
    out[#out + 1] = show.line(key) .. ": " .. text
  end
  return "{" .. concat(out, ", ") .. "}"
end

--- Any value on one line, for a table's cell.
function show.cell(value, is_secret)
  if type(value) == "table" then
    if next(value) == nil then return "" end
    return flat(value, is_secret or never, 1)
  end
  return show.scalar(value)
end

--- row.a.b for "a.b"; a key that has dots itself wins.
function show.field(row, path)
  if type(row) ~= "table" then return nil end
  local whole = row[path]
  if whole ~= nil then return whole end
  local value = row
  for part in path:gmatch("[^.]+") do
    if type(value) ~= "table" then return nil end
    local inner = value[part]
    if inner == nil and tonumber(part) then inner = value[tonumber(part)] end
    value = inner
  end
  if rawequal(value, row) then return nil end
  return value
end

-- Is some part of this dotted name secret?
local function secret_path(path, is_secret)
  if is_secret(path) then return true end
  for part in path:gmatch("[^.]+") do
    if is_secret(part) then return true end
  end
  return false
end
show.secret_path = secret_path

-- ---- tables ----

local WIDEST = 60 -- of a column nobody asked for

local function columns_of(rows)
  local set, filled = {}, {}
  for i = 1, #rows do
    local row = rows[i]
    if type(row) == "table" and not show.is_list(row) then
      for key, value in pairs(row) do
        set[key] = true
        if not rawequal(value, null) and value ~= "" and not (type(value) == "table" and next(value) == nil) then
          filled[key] = true
        end
      end
    else
      set.value, filled.value = true, true
    end
  end
  local out, empty = {}, 0
  for _, key in ipairs(show.keys(set)) do
    if filled[key] then out[#out + 1] = key else empty = empty + 1 end
  end
  return out, empty
end

--- A layout from the first rows of a list: options.fields (names), options.width (columns of the terminal),
-- options.secret (a test of names).  layout:head() and layout:row(row) give lines; layout.hidden counts columns
-- that found no room or hold nothing.
function show.layout(rows, options)
  options = options or {}
  local is_secret = options.secret or never
  local names, hidden = options.fields, 0
  if not names then names, hidden = columns_of(rows) end
  local layout = { columns = {}, hidden = hidden }

  local function cell(row, name)
    local value
    if type(row) == "table" and not show.is_list(row) then
      value = show.field(row, name)
    elseif name == "value" then
      value = row
    end
    if value ~= nil and not rawequal(value, null) and secret_path(tostring(name), is_secret) then return show.MASK end
    return show.cell(value, is_secret), type(value) == "number"
  end

  local room = options.width
  for i = 1, #names do
    local name = names[i]
    local head = show.line(name)
    local width, numbers = show.width(head), true
    for k = 1, #rows do
      local text, is_number = cell(rows[k], name)
      local w = show.width(text)
      if w > width then width = w end
      if not is_number and text ~= "" then numbers = false end
    end
    if not options.fields and width > WIDEST then width = WIDEST end
    local column = { name = name, head = head, width = width, right = numbers and #rows > 0 }
    if room then
      local gap = #layout.columns > 0 and 2 or 0
      if width + gap > room then
        -- the last that fits in part is cut; what is left is counted
        if room - gap >= 12 or #layout.columns == 0 then
          column.width = math.max(room - gap, 4)
          layout.columns[#layout.columns + 1] = column
          i = i + 1
        end
        layout.hidden = layout.hidden + #names - i + 1
        break
      end
      room = room - width - gap
    end
    layout.columns[#layout.columns + 1] = column
  end

  local function line(texts)
    local out = {}
    for i = 1, #layout.columns do
      local column = layout.columns[i]
      local text = show.cut(texts[i], column.width)
      local fill = rep(" ", column.width - show.width(text))
      out[i] = column.right and fill .. text or text .. fill
    end
    return (concat(out, "  "):gsub("%s+$", ""))
  end

  function layout:head()
    local heads, rules = {}, {}
    for i = 1, #self.columns do
      heads[i], rules[i] = self.columns[i].head, rep("-", self.columns[i].width)
    end
    return line(heads) .. "\n" .. line(rules)
  end

  function layout:row(row)
    local texts = {}
    for i = 1, #self.columns do texts[i] = (cell(row, self.columns[i].name)) end
    return line(texts)
  end

  return layout
end

--- Rows as an aligned table.  options as for show.layout, and options.max rows; what is cut is counted.
function show.table(rows, options)
  options = options or {}
  local n = #rows
  if n == 0 then return "(no rows)" end
  local shown = options.max and options.max < n and options.max or n
  local sample = rows
  if shown < n then
    sample = {}
    for i = 1, shown do sample[i] = rows[i] end
  end
  local layout = show.layout(sample, options)
  local out = { layout:head() }
  for i = 1, shown do out[#out + 1] = layout:row(rows[i]) end
  return concat(out, "\n"), { shown = shown, rows = n, hidden = layout.hidden }
end

-- ---- trees ----

local function scalars_only(list)
  for i = 1, #list do
    if type(list[i]) == "table" then return false end
  end
  return true
end

local function add_tree(out, value, indent, state, depth)
  local margin = rep("  ", indent)
  local keys, width = show.keys(value), 0
  local names = {}
  for i = 1, #keys do
    names[i] = show.line(keys[i])
    local w = show.width(names[i])
    if w > width and w <= 32 then width = w end
  end
  for i = 1, #keys do
    local key, item, name = keys[i], value[keys[i]], names[i]
    local head = margin .. name
    local gap = rep(" ", math.max(width - show.width(name), 0) + 2)
    if state.is_secret(key) and not rawequal(item, null) then
      out[#out + 1] = head .. gap .. show.MASK
    elseif type(item) ~= "table" then
      out[#out + 1] = head .. gap .. told(item)
    elseif next(item) == nil then
      out[#out + 1] = head .. gap .. (json.is_array(item) and "[]" or "{}")
    elseif depth > 8 then
      out[#out + 1] = head .. gap .. "..."
    elseif show.is_list(item) then
      if scalars_only(item) then
        local text = flat(item, state.is_secret, 1)
        if state.width then text = show.cut(text, math.max(state.width - #head - #gap, 20)) end
        out[#out + 1] = head .. gap .. text
      else
        out[#out + 1] = head
        local inner, about = show.table(item, { secret = state.is_secret, max = state.max,
          width = state.width and math.max(state.width - #margin - 2, 20) })
        out[#out + 1] = margin .. "  " .. inner:gsub("\n", "\n" .. margin .. "  ")
        if about.shown < about.rows then
          out[#out + 1] = margin .. format("  ... %s more", show.count(about.rows - about.shown))
        end
      end
    else
      out[#out + 1] = head
      add_tree(out, item, indent + 1, state, depth + 1)
    end
  end
end

--- An object as a tree: a line a member, nulls shown.  options.width, options.secret (a test), options.max rows of
-- lists inside.
function show.tree(value, options)
  options = options or {}
  if next(value) == nil then return json.is_array(value) and "[]" or "{}" end
  local out = {}
  add_tree(out, value, 0, { is_secret = options.secret or never, width = options.width, max = options.max or 20 }, 1)
  return concat(out, "\n")
end

--- A value that is no table, alone on a line: strings as they are, null said.
function show.value(value)
  if type(value) == "string" then return show.line(value) end
  return told(value)
end

return show

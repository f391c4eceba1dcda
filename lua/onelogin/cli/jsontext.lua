-- jsontext.lua - JSON as the command line writes it: keys in one order, and safe to look at.
--
-- The values are exactly those of core.json; only the spelling differs.  What could steer a terminal or open a tag in
-- a page is written as \u escapes, which mean the same: control characters, bidirectional overrides, "<" and ">".
-- Bytes that are no UTF-8 become U+FFFD, for JSON cannot hold them.

local core = require "onelogin.core"
local show = require "onelogin.show"

local json = core.json
local null = json.null
local type, pairs, next, rawequal, tostring = type, pairs, next, rawequal, tostring
local find, format, sub, rep, concat = string.find, string.format, string.sub, string.rep, table.concat
local whole = math.type

local jsontext = {}

local short = { [8] = "\\b", [9] = "\\t", [10] = "\\n", [12] = "\\f", [13] = "\\r", [34] = '\\"', [92] = "\\\\" }

local function text(s)
  if not find(s, '[%c"\\<>\127-\255]') then return '"' .. s .. '"' end
  local out, i, n = { '"' }, 1, #s
  while i <= n do
    local stop = find(s, '[%c"\\<>\127-\255]', i)
    if not stop then
      out[#out + 1] = sub(s, i)
      break
    end
    if stop > i then out[#out + 1] = sub(s, i, stop - 1) end
    local code, after = show.decode(s, stop)
    if not code then
      out[#out + 1] = "\\ufffd"
    elseif short[code] then
      out[#out + 1] = short[code]
    elseif code == 60 or code == 62 or show.unsafe(code) then
      if code < 0x10000 then
        out[#out + 1] = format("\\u%04x", code)
      else
        local low = code - 0x10000
        out[#out + 1] = format("\\u%04x\\u%04x", 0xD800 + (low - low % 1024) / 1024, 0xDC00 + low % 1024)
      end
    else
      out[#out + 1] = sub(s, stop, after - 1)
    end
    i = after
  end
  out[#out + 1] = '"'
  return concat(out)
end

local function scalar(value)
  if type(value) == "string" then return text(value) end
  if whole and whole(value) == "integer" then return format("%d", value) end
  if type(value) == "boolean" then return tostring(value) end
  return json.encode(value)
end

-- The keys of a table; rows of one list mostly have the same, so the last order is tried first.
local function order_of(value, slot)
  local order = slot.order
  if order then
    local n = 0
    for _ in pairs(value) do n = n + 1 end
    if n == #order then
      local same = true
      for i = 1, n do
        if value[order[i]] == nil then
          same = false
          break
        end
      end
      if same then return order end
    end
  end
  order = show.keys(value)
  slot.order = order
  return order
end

local function write(out, value, state, slot, indent)
  if value == nil or rawequal(value, null) then
    out[#out + 1] = "null"
    return
  end
  if type(value) ~= "table" then
    out[#out + 1] = scalar(value)
    return
  end
  local list = json.is_array(value) or value[1] ~= nil
  if next(value) == nil then
    out[#out + 1] = list and "[]" or "{}"
    return
  end
  local inner = indent and indent + 2
  local glue = indent and ",\n" .. rep(" ", inner) or ","
  out[#out + 1] = (list and "[" or "{") .. (indent and "\n" .. rep(" ", inner) or "")
  if list then
    for i = 1, #value do
      if i > 1 then out[#out + 1] = glue end
      write(out, value[i], state, slot, inner)
    end
  else
    local order = order_of(value, slot)
    for i = 1, #order do
      local key, item = order[i], value[order[i]]
      if i > 1 then out[#out + 1] = glue end
      local head = slot.heads[key]
      if not head then
        head = { text = text(tostring(key)) .. (indent and ": " or ":"), secret = state.secret(key),
          slot = { heads = {} } }
        slot.heads[key] = head
      end
      out[#out + 1] = head.text
      if head.secret and not rawequal(item, null) then
        out[#out + 1] = '"' .. show.MASK .. '"'
        state.masked = true
      else
        write(out, item, state, head.slot, inner)
      end
    end
  end
  out[#out + 1] = (indent and "\n" .. rep(" ", indent) or "") .. (list and "]" or "}")
end

--- A writer of values: writer(value, indent) → text.  is_secret is a test of key names (show.secrets) or nil;
-- told() is called once, when something was masked.
function jsontext.writer(is_secret, told)
  local state = { secret = is_secret or function() return false end }
  local slots = { heads = {} }
  return function(value, indent)
    local out = {}
    write(out, value, state, slots, indent)
    if state.masked and told then
      told()
      told = nil
    end
    return concat(out)
  end
end

jsontext.text = text

return jsontext

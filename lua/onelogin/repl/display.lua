-- display.lua - what a value looks like at the prompt: lists as tables, objects as trees, the rest on a line.

local core = require "onelogin.core"
local errors = require "onelogin.errors"
local show = require "onelogin.show"

local json = core.json
local type, tostring, rawequal, format = type, tostring, rawequal, string.format

local display = {}

display.ROWS = 20 -- of a list at a time

local function footer(list, info, shown, from, about)
  local out = {}
  local last = from + shown - 1
  if last < #list or from > 1 then
    out[#out + 1] = format("rows %s to %s of %s", show.count(from), show.count(last), show.count(#list))
  else
    out[#out + 1] = #list == 1 and "1 row" or show.count(#list) .. " rows"
  end
  local total = type(info) == "table" and type(info.total) == "number" and info.total
  if total and total > #list then out[#out + 1] = show.count(total) .. " in all" end
  if last < #list then out[#out + 1] = ":more goes on" end
  if about and about.hidden > 0 then out[#out + 1] = format("%d columns not shown", about.hidden) end
  local cursor = type(info) == "table" and info.cursor
  if last >= #list and type(cursor) == "string" and cursor ~= "" then
    out[#out + 1] = format("the next page: { cursor = %q }", show.line(cursor))
  end
  return "(" .. table.concat(out, "; ") .. ")"
end

-- Rows from one position on; text and the state that :more needs, or nothing where the list ended.
local function rows(list, info, from, options)
  local part = {}
  for i = from, math.min(from + display.ROWS - 1, #list) do part[#part + 1] = list[i] end
  local text, about = show.table(part, { width = options.width, secret = options.secret })
  local rest
  if from + #part - 1 < #list then rest = { list = list, info = info, from = from + #part } end
  return text .. "\n" .. footer(list, info, #part, from, about), rest
end

local function is_handle(value)
  return type(value) == "table" and getmetatable(value) == false
end

--- value, and what came with it (a list's page info) → text, state for more()
function display.value(value, second, options)
  if type(value) == "string" then
    -- help and the like: a text is read, not quoted
    if value:find("\n.*\n") then return (value:gsub("\n$", ""):gsub("[^\n]+", show.line)), nil end
    return '"' .. show.line(value) .. '"', nil
  end
  if value == nil or rawequal(value, json.null) then return value == nil and "nil" or "null", nil end
  if errors.is(value) then return show.line(tostring(value)), nil end
  if value == false and type(second) == "table" and type(second.status_type) == "string" then
    local why = type(second.status_message) == "string" and ": " .. second.status_message or ""
    return show.line(("false  (%s%s)"):format(second.status_type, why)), nil
  end
  if type(value) ~= "table" then return show.line(tostring(value)), nil end
  if is_handle(value) then return show.line(tostring(value)), nil end
  if show.is_list(value) then
    if #value == 0 then return "(no rows)", nil end
    return rows(value, second, 1, options)
  end
  local meta = getmetatable(value)
  if type(meta) == "table" and meta.__tostring then return show.line(tostring(value)), nil end
  return show.tree(value, options), nil
end

--- Goes on with a list that was cut.
function display.more(state, options)
  return rows(state.list, state.info, state.from, options)
end

return display

-- values.lua - a word of the command line as the value that the table declares.
--
--   values.read(param, "1,2", place) → value | nil, complaint
--
-- Integers are exact, arrays come by commas, repeated or as JSON, objects as JSON or @FILE; `null` is null in a body,
-- and "null" with its quotes the word.  A secret is never a word: it comes from @FILE, env:NAME, - or ask.

local core = require "onelogin.core"

local json = core.json

local values = {}

local function decode(text)
  local value, problem = json.decode(text, { nulls = "sentinel" })
  if value == nil then return nil, "is no JSON: " .. tostring(problem) end
  return value
end
values.decode = decode

local function integer(text)
  local sign, digits = text:match("^(%-?)0*(%d+)$")
  if not digits then return nil end
  return json.decode(sign .. digits)
end

local read = {}

function read.integer(text)
  local value = integer(text)
  if value == nil then return nil, ('must be an integer, got "%s"'):format(text) end
  return value
end

function read.number(text)
  local value = integer(text)
  if value == nil and text:find("^%-?[%d.]+[eE]?[-+]?%d*$") then value = tonumber(text) end
  if value == nil then return nil, ('must be a number, got "%s"'):format(text) end
  return value
end

function read.boolean(text)
  if text == "true" then return true end
  if text == "false" then return false end
  return nil, ('must be true or false, got "%s"'):format(text)
end

function read.string(text)
  if text == '"null"' then return "null" end
  return text
end

function read.object(text)
  local value, problem = decode(text)
  if value == nil then return nil, problem end
  if type(value) ~= "table" or json.is_array(value) then return nil, 'must be a JSON object such as {"a":1}' end
  return value
end

function read.any(text)
  local value = json.decode(text, { nulls = "sentinel" })
  if value == nil then return text end
  return value
end

-- Items of an array from one word: JSON, or by commas.
local function items(text, kind)
  if text:find("^%s*%[") then
    local value, problem = decode(text)
    if value == nil then return nil, problem end
    return value
  end
  local out = {}
  for part in text:gmatch("[^,]+") do
    local value, problem = read[kind](part)
    if value == nil then return nil, problem end
    out[#out + 1] = value
  end
  return out
end

local function file_text(path, files)
  local file, problem = (files and files.open or io.open)(path, "rb")
  if not file then return nil, "cannot be read from " .. path .. ": " .. tostring(problem):gsub("^.-: ", "") end
  local text = file:read("*a")
  file:close()
  return text or ""
end
values.file_text = file_text

--- param: an entry of the table { NAME, TYPE }; words: every text given for it, or true for a bare --name.
-- place: "query", "header" or "body".
function values.read(param, words, place, files)
  local kind = param[2]
  local item = kind:match("^array<(%l+)>$") or kind == "array" and "any"
  if item then
    local all = json.array {}
    for i = 1, #words do
      local text = words[i]
      if text == true then return nil, "wants a value" end
      if text == "null" and #words == 1 and place == "body" then return json.null end
      if text:find("^@.") then
        local problem
        text, problem = file_text(text:sub(2), files)
        if not text then return nil, problem end
      end
      local some, problem = items(text, item)
      if some == nil then return nil, problem end
      for k = 1, #some do all[#all + 1] = some[k] end
    end
    return all
  end
  if #words > 1 then return nil, "is given twice" end
  local text = words[1]
  if text == true then
    if kind == "boolean" then return true end
    return nil, "wants a value (" .. kind .. ")"
  end
  if text == "null" and place == "body" then return json.null end
  if (kind == "object" or kind == "any") and text:find("^@.") then
    local problem
    text, problem = file_text(text:sub(2), files)
    if not text then return nil, problem end
  end
  local reader = read[kind] or read.string
  return reader(text)
end

return values

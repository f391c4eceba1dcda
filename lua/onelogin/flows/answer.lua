-- Reading the service's answers with care: what is missing, or is no such thing, is nil and never an error.
local require = require

local M = {}

local LONGEST = 1024 -- bytes of an id in an address

--- A text with something in it.
function M.text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- For comparing the words of an answer; "" for what is no text.
function M.lower(value)
  return type(value) == "string" and value:lower() or ""
end

--- An identifier as text, whatever number type carries it; nil for null and for what is none.
function M.id(value)
  local kind = type(value)
  if kind == "string" then return value ~= "" and value or nil end
  if kind == "number" then
    if value ~= math.floor(value) or value - value ~= 0 then return nil end
    return ("%.0f"):format(value)
  end
  if value == nil or kind == "boolean" or kind == "function" or value == require("onelogin.core").json.null then
    return nil
  end
  local text = tostring(value) -- an integer too large for this Lua comes boxed and prints its digits
  return text:find("^%-?%d+$") and text or nil
end

--- The id of what has a number: a user, a factor, a device of version 1.
function M.number(value)
  local id = M.id(value)
  return id and #id <= LONGEST and id:find("^%d+$") and id or nil
end

--- An id that stands in the address of later calls, such as that of a verification.
function M.token(value)
  local id = M.text(value)
  return id and #id <= LONGEST and not id:find("[^!-~]") and not id:find("[/\\?]") and not id:find("^%.%.?$") and id
    or nil
end

--- An id as a call takes it: a number where one holds it exactly.
function M.argument(id)
  return #id <= 15 and id:find("^%d+$") and tonumber(id) or id
end

--- The object in an answer.  (Where documentation prints an array of one the client has taken it out already.)
function M.object(value)
  return type(value) == "table" and value or nil
end

return M

-- What a state may hold.  Tests for one value are put together to tests for tables, so that a state which was changed
-- on its way is refused where it is read and breaks no step later.
local answer = require("onelogin.flows.answer")

local M = {}

local DEEPEST = 20

function M.text(value) return type(value) == "string" end
function M.flag(value) return type(value) == "boolean" end
function M.table(value) return type(value) == "table" end
function M.number(value) return type(value) == "number" and value - value == 0 end
function M.count(value) return M.number(value) and value >= 0 end
function M.digits(value) return type(value) == "string" and answer.number(value) ~= nil end

function M.maybe(test)
  return function(value) return value == nil or test(value) end
end

function M.one_of(...)
  local words = {}
  for i = 1, select("#", ...) do words[select(i, ...)] = true end
  return function(value) return value ~= nil and words[value] == true end
end

--- A table with these fields; others do not matter.
function M.record(fields)
  return function(value)
    if type(value) ~= "table" then return false end
    for name, test in pairs(fields) do
      if not test(value[name]) then return false end
    end
    return true
  end
end

function M.list(test)
  return function(value)
    if type(value) ~= "table" then return false end
    for _, item in ipairs(value) do
      if not test(item) then return false end
    end
    return true
  end
end

--- Is it what JSON can carry, however deep it may be: texts, finite numbers, booleans and tables of them?
function M.plain(value, depth)
  local kind = type(value)
  if kind ~= "table" then return kind == "string" or kind == "boolean" or M.number(value) end
  depth = (depth or 0) + 1
  if depth > DEEPEST then return false end
  for k, v in pairs(value) do
    if type(k) == "table" or not M.plain(k) or not M.plain(v, depth) then return false end
  end
  return true
end

return M

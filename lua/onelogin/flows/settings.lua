-- What flows may be told.  Everything wrong here is the programmer's, so it throws a string before any call; what a
-- person typed is judged by the flow itself.
local suggest = require("onelogin.suggest")
local devices = require("onelogin.flows.devices")
local guarded = require("onelogin.flows.guarded")
local shape = require("onelogin.flows.shape")

local M = {}

-- Throws on a key that `known` lacks, with the nearest name.
function M.check_names(given, known, where, what)
  for k in pairs(given) do
    if known[k] == nil then
      local near = suggest(k, known)
      error(("%s: unknown %s '%s'%s"):format(where, what, tostring(k),
        near and (" (did you mean '" .. near .. "'?)") or ""), 0)
    end
  end
end

local function is(value, kinds)
  for kind in kinds:gmatch("%a+") do
    if type(value) == kind or kind == "function" and guarded.callable(value) then return true end
  end
  return false
end

--- Checks names and types.  known: name -> type, or types such as "string or function".
function M.check(options, known, where, example)
  if type(options) ~= "table" then
    error(("%s: expected a table of options, such as %s"):format(where, example), 0)
  end
  M.check_names(options, known, where, "option")
  for name, kinds in pairs(known) do
    local value = options[name]
    if value ~= nil and not is(value, kinds) then
      error(("%s: %s must be a %s, not a %s"):format(where, name, kinds, type(value)), 0)
    end
  end
end

--- Throws when a string is missing or empty.
function M.need(options, name, what, where)
  if type(options[name]) ~= "string" or options[name] == "" then
    error(("%s: %s must be a string, %s"):format(where, name, what), 0)
  end
end

--- Throws unless there is a name to judge; what is wrong with it is the person's affair.
function M.typed_name(options, where)
  if type(options.user) ~= "string" then
    error(where .. ": user must be a string, the name or e-mail address that was typed", 0)
  end
end

function M.bounded(options, name, least, most, where)
  local value = options[name]
  if value ~= nil and not (value >= least and value <= most) then
    error(("%s: %s must be between %d and %d"):format(where, name, least, most), 0)
  end
end

--- One of a few words; `default` when it is left out.
function M.one_of(options, name, words, where, default, why)
  local value = options[name]
  if value == nil then return default end
  for _, word in ipairs(words) do
    if value == word then return value end
  end
  error(("%s: %s must be \"%s\"%s"):format(where, name, table.concat(words, "\" or \""), why or ""), 0)
end

--- The allow-list of device types as a set; nil when every type is allowed.
function M.allowed(factors, where)
  if factors == nil then return nil end
  local known, allow = {}, {}
  for _, kind in ipairs(devices.TYPES) do known[kind] = true end
  for _, kind in ipairs(factors) do
    if not known[kind] then
      local near = suggest(kind, known)
      error(("%s: unknown factor '%s'%s"):format(where, tostring(kind),
        near and (" (did you mean '" .. near .. "'?)") or "; known: " .. table.concat(devices.TYPES, ", ")), 0)
    end
    allow[kind] = true
  end
  if next(allow) == nil then
    error(where .. ": factors must list at least one type; leave it out to allow all", 0)
  end
  return allow
end

--- Would this client make that call?  Asked at the beginning, so that it does not throw in the middle.
function M.callable(where, operation, ...)
  local ok, problem = pcall(operation.call, operation, ...)
  if not ok then error(where .. ": " .. tostring(problem), 0) end
end

-- The options of every flow that checks a second factor, and the callbacks of its one-call form.
M.FACTOR = {
  factors = "table", timeout = "number", max_tries = "number", fallback = "boolean",
  choose = "function", otp = "function", on_wait = "function",
}

-- The same as a state keeps them (shape.lua).
M.FACTOR_SHAPE = { allow = shape.maybe(shape.table), timeout = shape.maybe(shape.number), max_tries = shape.number,
  fallback = shape.maybe(shape.flag) }

--- Adds names to a copy of a table of known options.
function M.extend(known, more)
  local out = {}
  for k, v in pairs(known) do out[k] = v end
  for k, v in pairs(more) do out[k] = v end
  return out
end

--- The part of M.FACTOR that a state keeps, checked.
function M.factor(options, where)
  M.bounded(options, "timeout", 1, 900, where)
  M.bounded(options, "max_tries", 1, 10, where)
  return { allow = M.allowed(options.factors, where), timeout = options.timeout, max_tries = options.max_tries or 3,
    fallback = options.fallback }
end

return M

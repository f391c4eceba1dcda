-- What a passwordless flow may be told.  Everything wrong here is the programmer's, so it throws a
-- string before any call; what a person typed is judged by the flow itself.
local suggest = require("onelogin.suggest")
local devices = require("onelogin.flows.devices")

local M = {}

local WHERE = "flows.passwordless"

local OPTIONS = {
  user = "string", version = "string", by = "string", factors = "table", timeout = "number", max_tries = "number",
  expires_in = "number", fallback = "boolean", activate = "table",
  choose = "function", otp = "function", on_wait = "function",
}

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

local function bounded(options, name, least, most)
  local value = options[name]
  if value ~= nil and not (value >= least and value <= most) then
    error(("%s: %s must be between %d and %d"):format(WHERE, name, least, most), 0)
  end
end

local function callable(value)
  return type(value) == "function" or type(value) == "table" and (getmetatable(value) or {}).__call ~= nil
end

local function check_types(options)
  for name, kind in pairs(OPTIONS) do
    local value = options[name]
    if value ~= nil and type(value) ~= kind and not (kind == "function" and callable(value)) then
      error(("%s: %s must be a %s, not a %s"):format(WHERE, name, kind, type(value)), 0)
    end
  end
end

-- The allow-list of device types as a set; nil when every type is allowed.
local function allowed(factors)
  if factors == nil then return nil end
  local known, allow = {}, {}
  for _, kind in ipairs(devices.TYPES) do known[kind] = true end
  for _, kind in ipairs(factors) do
    if not known[kind] then
      local near = suggest(kind, known)
      error(("%s: unknown factor '%s'%s"):format(WHERE, tostring(kind),
        near and (" (did you mean '" .. near .. "'?)") or "; known: " .. table.concat(devices.TYPES, ", ")), 0)
    end
    allow[kind] = true
  end
  if next(allow) == nil then
    error(WHERE .. ": factors must list at least one type; leave it out to allow all", 0)
  end
  return allow
end

--- Checks the options; returns the plain part of them that a state keeps.
function M.check(options)
  if type(options) ~= "table" then
    error(WHERE .. ': expected a table of options, such as { user = "ashley@example.com" }', 0)
  end
  M.check_names(options, OPTIONS, WHERE, "option")
  if type(options.user) ~= "string" then
    error(WHERE .. ": user must be a string, the name or e-mail address that was typed", 0)
  end
  check_types(options)
  local version = options.version or "v2"
  if version ~= "v1" and version ~= "v2" then
    error(WHERE .. ': version must be "v1" (needs Manage Users) or "v2" (needs Manage All)', 0)
  end
  if options.by and options.by ~= "email" and options.by ~= "username" then
    error(WHERE .. ': by must be "email" or "username"', 0)
  end
  bounded(options, "timeout", 1, 900)
  bounded(options, "max_tries", 1, 10)
  bounded(options, "expires_in", 120, 900)
  return { version = version, by = options.by, allow = allowed(options.factors), timeout = options.timeout,
    max_tries = options.max_tries or 3, expires_in = options.expires_in, fallback = options.fallback,
    activate = options.activate }
end

return M

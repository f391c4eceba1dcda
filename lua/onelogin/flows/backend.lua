-- What the flow store, the guard and the sealer ask of a backend: get(key), set(key, value, seconds), add(key, value,
-- seconds) -> true only when it was not there, delete(key); all values are strings.  Whatever must happen once is an
-- `add`.  Here a backend is checked when it is given, and its failures become errors of ours.
local require = require
local fault = require("onelogin.flows.fault")
local guarded = require("onelogin.flows.guarded")

local M = {}

local NEEDED = { "get", "set", "add", "delete" }

--- What a failing backend makes of a step.  Its own words stay out of it: they may repeat what it was to keep.
function M.broken(what)
  return fault.new("server", "store", "the backend of the flow store failed" .. (what and " (" .. what .. ")" or ""))
end

--- Wraps a backend: get -> text or nil; add -> true or false; set and delete -> nothing.  The second value of each is
-- the error, when the backend threw.  Throws when it is no backend.
function M.new(given, where)
  if type(given) ~= "table" then
    error(("%s: backend must be a table with get, set, add and delete, such as onelogin.nginx.store(name)")
      :format(where), 0)
  end
  for _, name in ipairs(NEEDED) do
    if not guarded.callable(given[name]) then
      error(("%s: the backend lacks %s; it needs get(key), set(key, value, seconds), add(key, value, seconds), "
        .. "true only when the key was not there, and delete(key)"):format(where, name), 0)
    end
  end
  local function ask(name, ...)
    local ok, value = guarded.call(given[name], ...)
    if not ok then return nil, M.broken(name) end
    return value
  end
  return {
    get = function(key)
      local value, err = ask("get", key)
      return type(value) == "string" and value ~= "" and value or nil, err
    end,
    set = function(key, value, seconds)
      local _, err = ask("set", key, value, seconds)
      return nil, err
    end,
    add = function(key, value, seconds)
      local done, err = ask("add", key, value, seconds)
      return done == true, err -- nothing else: 0 and "no" are true in Lua
    end,
    delete = function(key)
      local _, err = ask("delete", key)
      return nil, err
    end,
  }
end

--- onelogin.crypto, or a clear error.
function M.crypto(where)
  local ok, crypto = pcall(require, "onelogin.crypto")
  if ok then return crypto end
  error(where .. ": this needs the module onelogin.crypto (build it with libcrypto)", 0)
end

--- What all keys of a tenant begin with.
function M.prefix(tenant)
  return ("onelogin:%s:flows:"):format(tenant)
end

return M

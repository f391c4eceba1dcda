-- ensure.lua - the object with this unique key: found, or else made.

local core = require "onelogin.core"
local errors = require "onelogin.errors"
local find = require "onelogin.find"

local require = require -- kept: hosts that guard `require` swap it only while files load

local ensure = {}

-- Writes settle late: after a create whose answer was lost, this is how long is waited before each look.
local LOOKS = { 0, 1, 3 }

-- A create that fails so may have been done all the same.
local uncertain = { timeout = true, network = true, server = true, decode = true, cancelled = true }

--- resource:ensure(key, values, opts) → object, created | nil, err
--   key     the field that is unique, such as "email"; values[key] is what is looked for
--   values  what create is given when nothing is found; what is found stays as it is
--   created true: made now; false: it was there; "unknown": the create's answer was lost and the object is there
function ensure.ensure(resource, key, values, opts)
  local ok, list = pcall(function() return resource.list end)
  if not ok or type(list) ~= "userdata" then error("ensure: call it with a colon", 2) end
  local name = list.id:gsub("list$", "ensure")
  local function fail(...) error(name .. ": " .. table.concat { ... }, 3) end
  if type(key) ~= "string" then
    fail("the first argument must be the name of the unique field, such as \"email\", got a ", type(key))
  end
  if type(values) ~= "table" then fail("the second argument must be the table of values for a create") end
  if values[key] == nil then fail("values has no \"", key, "\" to look for") end
  local create = resource.create
  local where, reading, making = { [key] = values[key] }, {}, {}
  local filters = find.filters(name, list.entry, require("onelogin.api." .. list.id:match("^(.-)%.")), where, 2)
  for k, v in pairs(opts or {}) do
    making[k] = v
    if k ~= "fetch" and k ~= "allow_unknown" and k ~= "dry_run" then reading[k] = v end
  end
  if making.fetch == nil and create.entry.fetch then making.fetch = true end

  -- What create would complain of is said before anything is sent.
  local fine, probe = pcall(create.call, create, values, making)
  if not fine then error((tostring(probe):gsub("^[^\n]-:%d+: ", "")), 2) end
  if type(probe) == "userdata" then probe:close() end

  local found, err, near = find.walk(name, list, filters, where, reading)
  if found then return found, false end
  if err then return nil, err end

  local made, trouble = create(resource, values, making)
  if made ~= nil then
    return made, not (type(made) == "table" and made.dry_run)
  end
  local lost = uncertain[trouble.kind]
  if not lost and trouble.kind ~= "conflict" and trouble.kind ~= "invalid" then return nil, trouble end

  -- Somebody else was faster, or it is ours and only the answer was lost.
  for i = 1, lost and #LOOKS or 1 do
    if LOOKS[i] > 0 then core.operation.state(list).host.clock.sleep(LOOKS[i]) end
    found, err, near = find.walk(name, list, filters, where, reading)
    if found then return found, lost and "unknown" or false end
    if err then break end
  end
  local told = {}
  for k, v in pairs(trouble) do told[k] = v end
  if lost then
    told.hint = "it may still appear: calling ensure again does no harm"
  elseif near then
    told.hint = ("id %s has the same %s but for letter case"):format(tostring(near.id), key)
  end
  return nil, errors.new(told)
end

return ensure

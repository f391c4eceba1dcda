-- changes.lua - the least update that makes one state of an object into another.

local json = require("onelogin.core").json

local null = json.null

-- The service merges these member by member; every other table is sent whole or not at all.
local merged = { custom_attributes = true }

local same

local function same_table(a, b)
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- Equal by value; whole numbers beyond this Lua's own are boxed and compare by what they print.
function same(a, b)
  if a == b then return true end
  if type(a) ~= type(b) then return false end
  if type(a) == "table" then return same_table(a, b) end
  return type(a) == "userdata" and a ~= null and b ~= null and tostring(a) == tostring(b)
end

-- What an update may name, out of the facts of the operation; nil when it does not say.
local function writable(op)
  if op == nil then return nil end
  local ok, entry = pcall(function() return op.entry end)
  if not ok or type(entry) ~= "table" or type(entry.body) ~= "table" then
    error("onelogin.changes: argument 3 must be the operation that will send it, such as client.users.update", 4)
  end
  local names = {}
  for _, param in ipairs(entry.body) do names[param[1]] = param.required and "required" or true end
  for _, name in ipairs(entry.read_only or {}) do names[name] = nil end
  return names
end

--- changes(before, after, op): the fields of `after` that differ from `before`.  A field that `after` does not have is
--- left alone; onelogin.null clears one.  With `op`, only fields that it may write, and always those that it requires.
return function(before, after, op)
  for i, value in ipairs { before == nil and 0 or before, after == nil and 0 or after } do
    if type(value) ~= "table" then
      error(("onelogin.changes: argument %d must be a table, the object %s"):format(i,
        i == 1 and "as it was" or "as it should be"), 3)
    end
  end
  local names = writable(op)
  local update = {}
  for key, value in pairs(after) do
    local old = before[key]
    if not names or names[key] then
      if merged[key] and type(value) == "table" and type(old) == "table" then
        local part = {}
        for name, inner in pairs(value) do
          if not same(old[name], inner) then part[name] = inner end
        end
        if next(part) ~= nil then update[key] = part end
      elseif not same(old, value) then
        update[key] = value
      end
    end
  end
  if names and next(update) ~= nil then
    for key, how in pairs(names) do
      if how == "required" and update[key] == nil then update[key] = after[key] end
    end
  end
  return update
end

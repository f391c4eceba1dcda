-- names.lua - operations by the names that a person types: "add-users", "Users", a misspelt one.

local require = require
local api = require "onelogin.api"
local suggest = require "onelogin.suggest"

local names = {}

local function plain(name) return (name:lower():gsub("-", "_")) end
names.plain = plain

local resources = {}
for _, name in ipairs(api.resources) do resources[name] = true end

--- resource → its name and facts | nil, complaint
function names.resource(word, commands)
  local name = plain(word)
  if resources[name] then return name, require("onelogin.api." .. name) end
  local all = {}
  for known in pairs(resources) do all[known] = true end
  for known in pairs(commands or {}) do all[known] = true end
  local near = suggest(name, all)
  return nil, ("no resource or command \"%s\"%s"):format(word, near and (", did you mean \"" .. near .. "\"?")
    or "; onelogin help lists them")
end

--- operation → its name and entry | nil, complaint
function names.operation(resource, facts, word)
  local name = plain(word)
  if facts[name] then return name, facts[name] end
  local near = suggest(name, facts)
  return nil, ("%s has no operation \"%s\"%s"):format(resource, word, near and (", did you mean \"" .. near .. "\"?")
    or "; onelogin help " .. resource .. " lists them")
end

--- `onelogin login WORD` calls an operation of the resource when it has one of that name, else it signs WORD in.
function names.calls_login(word)
  return word ~= nil and require("onelogin.api.login")[plain(word)] ~= nil
end

--- The operations of a resource, sorted.
function names.operations(facts)
  local out = {}
  for name in pairs(facts) do out[#out + 1] = name end
  table.sort(out)
  return out
end

--- Every parameter of an operation: { { param, place }, ... } in declared order.
function names.params(entry)
  local out = {}
  for _, param in ipairs(entry.query or {}) do out[#out + 1] = { param, "query" } end
  for _, param in ipairs(entry.headers or {}) do out[#out + 1] = { param, "header" } end
  for _, param in ipairs(type(entry.body) == "table" and entry.body or {}) do out[#out + 1] = { param, "body" } end
  return out
end

--- The parameter of that name: param, place, its exact name | nil
function names.param(entry, word)
  local wanted = plain(word)
  for _, item in ipairs(names.params(entry)) do
    local name = item[1][1]
    if plain(name) == wanted then return item[1], item[2], name end
    local beginning = name:match("^(.*%.)%*$")
    if beginning and #word > #beginning and plain(word:sub(1, #beginning)) == plain(beginning) then
      return item[1], item[2], beginning .. word:sub(#beginning + 1)
    end
  end
end

--- The parameter that resumes a walk.
function names.cursor(entry)
  for _, name in ipairs { "cursor", "after_cursor", "afterCursor" } do
    for _, param in ipairs(entry.query or {}) do
      if param[1] == name then return name end
    end
  end
end

--- "onelogin users get USER_ID", for humans.
function names.usage(resource, name, entry)
  local parts = { "onelogin", resource, name }
  for _, id in ipairs(entry.ids or {}) do parts[#parts + 1] = id[1]:upper() end
  if entry.body == "array" then
    parts[#parts + 1] = "ITEM..."
  elseif entry.body == "any" then
    parts[#parts + 1] = "--data JSON"
  end
  for _, item in ipairs(names.params(entry)) do
    if item[1].required then
      parts[#parts + 1] = "--" .. item[1][1] .. " " .. item[1][2]:gsub("^array<(.*)>$", "%1,..."):upper()
    end
  end
  if #names.params(entry) > 0 then parts[#parts + 1] = "[--PARAMETER VALUE]..." end
  return table.concat(parts, " ")
end

return names

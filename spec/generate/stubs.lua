-- stubs.lua - the public surface as annotations for the Lua language server.
--
-- What is not an operation is written by hand in stubs_head.lua; the rest comes from the table.

local describe = require "onelogin.describe"
local head = require "spec.generate.stubs_head"
local json = require("onelogin.core").json
local text = require "spec.generate.text"

local stubs = {}

local concat = table.concat

local plain = { string = "string", integer = "integer", number = "number", boolean = "boolean", array = "any[]",
  object = "table<string, any>", any = "any" }

local function type_of(param)
  local kind = param[2]
  local item = kind:match("^array<(.*)>$")
  local out = plain[item or kind]
  if param.enum then
    local values = {}
    for i, value in ipairs(param.enum) do values[i] = describe.shown(value) end
    out = concat(values, "|")
    if item then out = "(" .. out .. ")" end
  end
  return item and out .. "[]" or out
end

local function one_line(value) return (value:gsub("%s+", " ")) end

-- The annotation of a field; names that are no identifiers stand in brackets.
local function field(name, kind, optional, about)
  if name:find("%*$") then
    return ("---@field [string] %s %s"):format(kind, one_line(name .. ": " .. about))
  end
  if name:find("^[%a_][%w_]*$") then
    return ("---@field %s%s %s %s"):format(name, optional and "?" or "", kind, one_line(about))
  end
  return ("---@field [%q] %s%s %s"):format(name, kind, optional and "|nil" or "", one_line(about))
end

-- A sample answer as the type of its fields.
local function shape(value)
  if type(value) == "number" then return value % 1 == 0 and "integer" or "number" end
  if type(value) ~= "table" then return value == json.null and "any" or type(value) end
  if json.is_array(value) or value[1] ~= nil then
    local first = value[1]
    return (type(first) == "table" or first == nil) and "table[]" or shape(first) .. "[]"
  end
  return "table<string, any>"
end

local function trimmed(line) return (line:gsub("%s+$", "")) end

local function operation(resource, name, add)
  local id = resource .. "." .. name
  local entry, words = describe.facts(resource)[name], describe.prose(resource)[name]
  local texts = words.params

  -- the params table
  local params, required
  local list = {}
  for _, part in ipairs { entry.query or {}, entry.headers or {}, type(entry.body) == "table" and entry.body or {} } do
    for _, param in ipairs(part) do list[#list + 1] = param end
  end
  if type(entry.body) == "string" then
    params, required = entry.body == "array" and plain[entry.items] .. "[]" or "any", true
  elseif list[1] then
    params = "onelogin.params." .. id
    add("---@class " .. params)
    for _, param in ipairs(list) do
      required = required or param.required
      local bounds = concat(describe.bounds(param), "; ")
      local about = texts[param[1]] or ""
      if bounds ~= "" then about = about .. (about ~= "" and "; " or "") .. bounds end
      add(trimmed(field(param[1], type_of(param) .. (param.required and "" or "|onelogin.null"), not param.required,
        about)))
    end
    add("")
  else
    params = "table"
  end

  -- the answer
  local result, item = "true", nil
  local sample = words.sample
  if entry.result == "list" then
    item = type(sample) == "table" and sample[1]
  elseif entry.result ~= "none" and type(sample) == "table" and sample[1] == nil then
    item = sample
  end
  if type(item) == "table" and next(item) ~= nil and item[1] == nil then
    local class = "onelogin.answer." .. id
    add("---@class " .. class)
    for _, key in ipairs(text.names(item)) do
      if type(key) == "string" then add(trimmed(field(key, shape(item[key]), true, ""))) end
    end
    add("")
    item = class
  elseif entry.result == "list" then
    item = item and shape(item) or "any"
  end
  if entry.result == "list" then
    result = item .. "[]"
  elseif entry.result ~= "none" then
    result = item or (sample ~= nil and shape(sample)) or "any"
  end
  if entry.pending then result = result .. "|false" end

  -- the handle
  local args = {}
  for i, param in ipairs(entry.ids or {}) do
    args[i] = param[1] .. ": " .. param[2]
  end
  args[#args + 1] = "params" .. (required and "" or "?") .. ": " .. params
  args[#args + 1] = "opts?: onelogin.CallOptions"
  local given = concat(args, ", ")
  add("---@class onelogin.operation." .. id .. ": onelogin.Operation")
  add(("---@overload fun(self: onelogin.resource.%s, %s): %s|nil, (onelogin.Error|onelogin.Info)?"):format(resource,
    given, result))
  add("---@field call fun(self: onelogin.Operation, " .. given .. "): onelogin.Call")
  if entry.result == "list" then
    add(("---@field each fun(self: onelogin.Operation, %s): fun(): %s"):format(given, item))
    add(("---@field pages fun(self: onelogin.Operation, %s): onelogin.Pager"):format(given))
  end
  add("")
  return given, item
end

local function resource_class(resource, add)
  local facts, prose = describe.facts(resource), describe.prose(resource)
  local names, walk = describe.names(resource), nil
  for _, name in ipairs(names) do
    local given, item = operation(resource, name, add)
    if name == "list" and facts.list.result == "list" then walk = { given, item } end
  end
  add("---@class onelogin.resource." .. resource)
  for _, name in ipairs(names) do
    local standing = describe.standing(facts[name])
    add(("---@field %s onelogin.operation.%s.%s %s%s"):format(name, resource, name, prose[name].summary,
      standing and " (" .. standing .. ")" or ""))
  end
  if walk then
    local self = "self: onelogin.resource." .. resource .. ", "
    add(("---@field each fun(%s%s): fun(): %s"):format(self, walk[1], walk[2]))
    add(("---@field pages fun(%s%s): onelogin.Pager"):format(self, walk[1]))
  end
  for _, helper in ipairs(describe.helpers(resource)) do
    local item = walk and walk[2] or "table"
    local shape_of = assert(head.helpers[helper[1]], "no stub of the helper " .. helper[1])
    add(("---@field %s %s %s"):format(helper[1],
      (shape_of:gsub("SELF", "onelogin.resource." .. resource):gsub("ITEM", item)), helper[3]))
  end
  add(("---@field help fun(self: onelogin.resource.%s): string"):format(resource))
  add("")
end

--- The whole file.
function stubs.text(resources)
  local out = {}
  local function add(line) out[#out + 1] = line end
  add(("do error %q end"):format(text.MARK .. " Editors read it; nothing loads it."))
  add("---@meta onelogin")
  add("-- luacheck: ignore")
  add("")
  add(head.types)
  for _, resource in ipairs(resources) do resource_class(resource, add) end
  add("---@class onelogin.Client")
  for _, resource in ipairs(resources) do
    add(("---@field %s onelogin.resource.%s"):format(resource, resource))
  end
  add(head.client)
  add(head.module)
  return concat(out, "\n")
end

return stubs

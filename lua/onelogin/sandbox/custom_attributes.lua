-- Custom fields of users: their definitions. Values live in the rows of users under the shortname,
-- so renaming a field renames them there, and deleting it takes them away.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local attributes = {}

local ADDED, DELETED = 194, 195 -- event types: user field added, user field deleted

local null = json.null

local function view(def)
  return { id = def.id, name = def.name, shortname = def.shortname, position = def.position or null }
end

local function def_of(box, req)
  local def = box.store.custom_attributes[util.to_integer(req.ids.attribute_id)]
  if def then return def end
  return nil, fail.not_found_v2()
end

local function invalid(message)
  return fail.v2(422, "UnprocessableEntityError", "Validation failed: " .. message)
end

-- Name and shortname are wanted every time: status, body; or nothing.
local function refuse(box, req, fields, own)
  local known = {}
  for _, p in ipairs(req.entry.body) do known[p[1]] = true end
  for _, name in ipairs { "name", "shortname" } do
    local v = fields[name]
    if type(v) ~= "string" or v == "" then
      return invalid((name == "name" and "Name" or "Shortname") .. " can't be blank")
    end
  end
  for name in pairs(fields) do
    if not known[name] then
      return fail.v2(400, "BadRequestError", "unknown attribute: " .. tostring(name))
    end
  end
  local position = fields.position
  if position ~= nil and position ~= null and not (util.is_integer(position) and position > 0) then
    return invalid("Position is invalid")
  end
  for id, def in pairs(box.store.custom_attributes) do
    if id ~= (own and own.id) and def.shortname:lower() == fields.shortname:lower() then
      return invalid("Shortname has already been taken")
    end
  end
end

-- Moves every value from one key to another, or away (to = nil).
local function move_values(box, from, to)
  local ids = {}
  for id, row in box:each_user() do
    if row.custom_attributes and row.custom_attributes[from] ~= nil then ids[#ids + 1] = id end
  end
  for _, id in ipairs(ids) do
    local own = util.copy(box.store.users[id].custom_attributes)
    if to then own[to] = own[from] end
    own[from] = nil
    box.store.users[id].custom_attributes = own
  end
end

attributes["custom_attributes.list"] = function(box)
  local out = {}
  for i, def in ipairs(box:custom_fields()) do out[i] = view(def) end
  return 200, json.array(out)
end

attributes["custom_attributes.get"] = function(box, req)
  local def, status, body = def_of(box, req)
  if not def then return status, body end
  return 200, view(def)
end

attributes["custom_attributes.create"] = function(box, req)
  local fields = type(req.body) == "table" and req.body.user_field
  if type(fields) ~= "table" or write.is_array(fields) then
    return invalid("user_field is missing")
  end
  local status, body = refuse(box, req, fields)
  if status then return status, body end
  local def = { id = box:new_id("custom_attributes"), name = fields.name,
    shortname = fields.shortname, position = fields.position ~= null and fields.position or nil }
  box.store.custom_attributes[def.id] = def
  box:event(ADDED, { user_field_id = def.id, notes = def.name })
  return 201, view(def)
end

attributes["custom_attributes.update"] = function(box, req)
  local def, status, body = def_of(box, req)
  if not def then return status, body end
  local fields = type(req.body) == "table" and req.body or {}
  status, body = refuse(box, req, fields, def)
  if status then return status, body end
  if fields.shortname ~= def.shortname then move_values(box, def.shortname, fields.shortname) end
  def.name, def.shortname = fields.name, fields.shortname
  if fields.position == null then
    def.position = nil
  elseif fields.position ~= nil then
    def.position = fields.position
  end
  return 200, view(def)
end

attributes["custom_attributes.delete"] = function(box, req)
  local def, status, body = def_of(box, req)
  if not def then return status, body end
  move_values(box, def.shortname)
  box.store.custom_attributes[def.id] = nil
  box:event(DELETED, { user_field_id = def.id, notes = def.name })
  return 204
end

return attributes

-- Self-registration profiles. A body may come in its wrapper or without it; url, name and enabled
-- are wanted every time.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local lazy = require("onelogin.sandbox.lazy")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local profiles = {}

local null = json.null
local MAX_PAGE = 1000
local CREATED, UPDATED, DELETED = 203, 204, 205 -- event types of self-registration profiles
local REQUIRED = { "url", "name", "enabled" }
local FIELDS = { "id", "name", "url", "enabled", "moderated", "default_role_id", "default_group_id",
  "helptext", "thankyou_message", "domain_blacklist", "domain_whitelist", "domain_list_strategy",
  "email_verification_type" }
local INTEGERS = { default_role_id = "roles", default_group_id = "groups", domain_list_strategy = false }
local DEFAULTS = { moderated = false, domain_list_strategy = 0,
  email_verification_type = "Email MagicLink" }

local function first(_, rows)
  rows[40] = { id = 40, name = "Contractors", url = "contractors", enabled = false, moderated = true,
    domain_list_strategy = 0, email_verification_type = "Email OTP", fields = {} }
end

local function all(box) return lazy(box, "self_registration_profiles", first) end

-- Fields whose custom attribute was deleted are gone as well.
local function view(box, profile)
  local out, fields = {}, {}
  for _, name in ipairs(FIELDS) do
    local v = profile[name]
    out[name] = v == nil and null or v
  end
  for _, field in ipairs(profile.fields) do
    local def = box.store.custom_attributes[field.custom_attribute_id]
    if def then
      fields[#fields + 1] = { id = field.id, custom_attribute_id = def.id, name = def.name,
        position = #fields + 1 }
    end
  end
  out.fields = json.array(fields)
  return out
end

local function profile_of(box, req)
  local profile = all(box)[util.to_integer(req.ids.profile_id)]
  if profile then return profile end
  return nil, fail.not_found_v2()
end

-- The members of a body, checked; or nil, status, body.
local function given(box, req, own)
  local body, status, refusal = v2_body.object(req.body)
  if not body then return nil, status, refusal end
  if body.self_registration_profile ~= nil then
    body, status, refusal = v2_body.object(body.self_registration_profile)
    if not body then return nil, status, refusal end
  end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return nil, status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return nil, status, refusal end
  status, refusal = v2_body.blanks(body, REQUIRED)
  if status then return nil, status, refusal end
  local out = util.copy(body)
  for name, kind in pairs(INTEGERS) do
    if type(out[name]) == "string" then out[name] = util.to_integer(out[name]) end
    if kind and out[name] ~= nil and out[name] ~= null and not box.store[kind][out[name]] then
      return nil, fail.invalid((name == "default_role_id" and "Default role" or "Default group") .. " must exist")
    end
  end
  for _, other in pairs(all(box)) do
    if other ~= own and other.url == out.url then return nil, fail.invalid("Url has already been taken") end
  end
  return out
end

local function apply(profile, members)
  for k, v in pairs(members) do
    if v == null then v = DEFAULTS[k] end
    profile[k] = v
  end
end

profiles["self_registration_profiles.list"] = function(box, req)
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local rows = all(box)
  return paging.v2(req, p, query.ids_of(rows), function(id) return view(box, rows[id]) end)
end

profiles["self_registration_profiles.get"] = function(box, req)
  local profile, status, body = profile_of(box, req)
  if not profile then return status, body end
  return 200, view(box, profile)
end

profiles["self_registration_profiles.create"] = function(box, req)
  local members, status, refusal = given(box, req)
  if not members then return status, refusal end
  local profile = util.copy(DEFAULTS)
  profile.id, profile.fields = box:new_id("self_registration_profiles"), {}
  apply(profile, members)
  all(box)[profile.id] = profile
  box:event(CREATED)
  return 201, view(box, profile)
end

profiles["self_registration_profiles.update"] = function(box, req)
  local profile, status, refusal = profile_of(box, req)
  if not profile then return status, refusal end
  local members
  members, status, refusal = given(box, req, profile)
  if not members then return status, refusal end
  apply(profile, members)
  box:event(UPDATED)
  return 200, view(box, profile)
end

profiles["self_registration_profiles.delete"] = function(box, req)
  local profile, status, body = profile_of(box, req)
  if not profile then return status, body end
  all(box)[profile.id] = nil
  box:event(DELETED)
  return 204
end

profiles["self_registration_profiles.add_field"] = function(box, req)
  local profile, status, refusal = profile_of(box, req)
  if not profile then return status, refusal end
  local body
  body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return status, refusal end
  status, refusal = v2_body.blanks(body, { "custom_attribute_id" })
  if status then return status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return status, refusal end
  local id = body.custom_attribute_id
  if type(id) == "string" then id = util.to_integer(id) end
  if not box.store.custom_attributes[id] then return fail.invalid("Custom attribute must exist") end
  for _, field in ipairs(profile.fields) do
    if field.custom_attribute_id == id then
      return fail.invalid("Custom attribute has already been taken")
    end
  end
  profile.fields[#profile.fields + 1] = { id = box:new_id("self_registration_fields"),
    custom_attribute_id = id }
  box:event(UPDATED)
  return 201, { custom_attribute_id = id }
end

profiles["self_registration_profiles.delete_field"] = function(box, req)
  local profile, status, body = profile_of(box, req)
  if not profile then return status, body end
  local id = util.to_integer(req.ids.field_id)
  for i, field in ipairs(profile.fields) do
    if field.id == id then
      table.remove(profile.fields, i)
      box:event(UPDATED)
      return 204
    end
  end
  return fail.not_found_v2()
end

return profiles

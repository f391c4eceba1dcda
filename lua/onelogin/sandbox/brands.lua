-- Brands. What is left out of a PUT stays; pictures go in as base64 and come back as addresses.

local json = require("onelogin.core").json
local app_view = require("onelogin.sandbox.app_view")
local brand_store = require("onelogin.sandbox.brand_store")
local fail = require("onelogin.sandbox.fail")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local brands = {}

local null = json.null
local ENABLED, DISABLED, UPDATED = 186, 187, 188 -- event types of branding

-- What is in an answer; null where nothing was set.
local FIELDS = { "id", "name", "enabled", "custom_support_enabled", "custom_color",
  "custom_accent_color", "custom_masking_color", "custom_masking_opacity",
  "mfa_enrollment_message", "enable_custom_label_for_login_screen",
  "custom_label_text_for_login_screen", "login_instruction", "login_instruction_title",
  "hide_onelogin_footer" }
local PICTURES = {
  background = { max = 5242880, says = "5 MB", small = "branding" },
  logo = { max = 1048576, says = "1 MB", small = "navigation", png = true },
}

local function picture_view(box, brand, name)
  local picture = brand[name]
  if not picture then return null end
  local at = ("%s/images/brands/%d/%s"):format(box.base_url, brand.id, name)
  return { urls = { original = at .. "/original", login = at .. "/login",
      [PICTURES[name].small] = at .. "/" .. PICTURES[name].small },
    file_size = picture.size, content_type = picture.content_type,
    updated_at = util.iso(picture.updated_at) }
end

local function view(box, brand)
  local out = {}
  for _, name in ipairs(FIELDS) do
    local v = brand[name]
    out[name] = v == nil and null or v
  end
  for name in pairs(PICTURES) do out[name] = picture_view(box, brand, name) end
  return out
end

-- Base64 of a PNG or JPEG: what is kept of it; or nil and the refusal.
local function picture_of(box, name, text)
  local rule = PICTURES[name]
  local label = name:sub(1, 1):upper() .. name:sub(2)
  local bytes = util.unbase64(text)
  local kind = bytes and (bytes:sub(1, 4) == "\137PNG" and "image/png"
    or not rule.png and bytes:sub(1, 2) == "\255\216" and "image/jpeg")
  if not kind then return nil, fail.invalid(label .. " is invalid") end
  if #bytes >= rule.max then
    return nil, fail.invalid(label .. " must be less than " .. rule.says)
  end
  return { size = #bytes, content_type = kind, updated_at = box.clock.wall() }
end

-- A checked body, its pictures; or nil, status, body.
local function given(box, req, creating)
  local body, status, refusal = v2_body.object(req.body)
  if not body then return nil, status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return nil, status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return nil, status, refusal end
  if creating or body.name ~= nil then
    status, refusal = v2_body.blanks(body, { "name" })
    if status then return nil, status, refusal end
  end
  local pictures = {}
  for name in pairs(PICTURES) do
    if body[name] ~= nil and body[name] ~= null then
      pictures[name], status, refusal = picture_of(box, name, body[name])
      if not pictures[name] then return nil, status, refusal end
    end
  end
  return body, pictures
end

local function apply(box, brand, body, pictures)
  for k, v in pairs(body) do
    if v == null then v = brand_store.DEFAULTS[k] end
    if k == "custom_masking_opacity" and type(v) == "string" then v = util.to_integer(v) end
    brand[k] = v
  end
  for name in pairs(PICTURES) do
    if body[name] ~= nil then brand[name] = pictures[name] end
  end
  if body.master == true then
    for _, other in pairs(brand_store.brands(box)) do
      if other ~= brand then other.master = false end
    end
  end
end

brands["brands.list"] = function(box)
  local rows, out = brand_store.brands(box), {}
  for i, id in ipairs(query.ids_of(rows)) do
    out[i] = { id = id, enabled = rows[id].enabled, name = rows[id].name }
  end
  return 200, json.array(out)
end

brands["brands.get"] = function(box, req)
  local brand, status, body = brand_store.brand_of(box, req)
  if not brand then return status, body end
  return 200, view(box, brand)
end

brands["brands.create"] = function(box, req)
  local body, pictures, refusal = given(box, req, true)
  if not body then return pictures, refusal end
  local brand = util.copy(brand_store.DEFAULTS)
  brand.id = box:new_id("brands")
  apply(box, brand, body, pictures)
  brand_store.brands(box)[brand.id] = brand
  box:event(brand.enabled and ENABLED or UPDATED)
  return 201, view(box, brand)
end

brands["brands.update"] = function(box, req)
  local brand, status, refusal = brand_store.brand_of(box, req)
  if not brand then return status, refusal end
  local body, pictures
  body, pictures, refusal = given(box, req)
  if not body then return pictures, refusal end
  local before = brand.enabled
  apply(box, brand, body, pictures)
  box:event(brand.enabled == before and UPDATED or brand.enabled and ENABLED or DISABLED)
  return 200, view(box, brand)
end

-- Apps that used it use none.
brands["brands.delete"] = function(box, req)
  local brand, status, body = brand_store.brand_of(box, req)
  if not brand then return status, body end
  brand_store.brands(box)[brand.id] = nil
  for kind in pairs { brand_messages = true, brand_templates = true } do
    for id, row in pairs(box.store[kind]) do
      if row.brand_id == brand.id then box.store[kind][id] = nil end
    end
  end
  for _, app in pairs(box.store.apps) do
    if app.brand_id == brand.id then app.brand_id = nil end
  end
  if brand.enabled then box:event(DISABLED) end
  return 204
end

brands["brands.list_apps"] = function(box, req)
  local brand, status, body = brand_store.brand_of(box, req)
  if not brand then return status, body end
  local out = {}
  for _, id in ipairs(query.ids_of(box.store.apps)) do
    local app = box.store.apps[id]
    if app.brand_id == brand.id then out[#out + 1] = app_view.row(app) end
  end
  return 200, json.array(out)
end

return brands

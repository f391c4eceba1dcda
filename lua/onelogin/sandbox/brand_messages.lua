-- Custom error messages of brands. There is one kind. A brand without a text of its own shows the
-- first brand's, and that one without, the built-in text.

local json = require("onelogin.core").json
local brand_store = require("onelogin.sandbox.brand_store")
local fail = require("onelogin.sandbox.fail")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local messages = {}

local null = json.null
local UPDATED = 188 -- event type: branding updated
local NO_ACCESS, NO_ACCESS_NAME = 9, "MESSAGE_TYPE_NO_ACCESS_APP"
local DEFAULT = "en"
local LANGUAGES = { "en", "cs-CZ", "da-DK", "de-DE", "es-ES", "fi-FI", "fr-FR", "hu-HU", "id-ID",
  "it-IT", "ja-JP", "ko-KR", "nl-NL", "no-NO", "pl-PL", "pt-BR", "ru-RU", "sv-SE", "th-TH", "tr-TR",
  "vi-VN", "zh-CN", "zh-TW" }
local BUILT_IN = { type_id = NO_ACCESS, locale = DEFAULT, title = "Access Denied",
  description = "This message will appear when the user doesn't have access to certain application",
  message = "You do not have access to this application. Ask your administrator." }
local TEXTS = { "title", "description", "message" }

local function view(row)
  local out = { type_id = row.type_id, locale = row.locale }
  for _, name in ipairs(TEXTS) do out[name] = row[name] or null end
  if row.id then out.id, out.account_id, out.brand_id = row.id, row.account_id, row.brand_id end
  return out
end

-- A body whose kind, if it names one, is known; or nil, status, body.
local function given(req)
  local body, status, refusal = v2_body.object(req.body)
  if not body then return nil, status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return nil, status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return nil, status, refusal end
  local out = {}
  for k, v in pairs(body) do
    if v ~= null then out[k] = v end
  end
  for _, name in ipairs { "id", "type_id", "app_id" } do
    if type(out[name]) == "string" then out[name] = util.to_integer(out[name]) end
  end
  return out
end

local function names_kind(body)
  return body.type_id == NO_ACCESS or body.type_name == NO_ACCESS_NAME
end

local function find(box, brand, locale)
  for _, row in pairs(box.store.brand_messages) do
    if row.brand_id == brand.id and row.locale == locale then return row end
  end
end

messages["brand_messages.list_languages"] = function(box, req)
  local brand, status, body = brand_store.brand_of(box, req)
  if not brand then return status, body end
  local out = {}
  for i, language in ipairs(LANGUAGES) do
    out[i] = { language = language, is_default = language == DEFAULT }
  end
  return 200, json.array(out)
end

-- What somebody would see: the brand of the app, then the first brand, then what is built in; each
-- in the language, then in the default one.
messages["brand_messages.lookup"] = function(box, req)
  local body, status, refusal = given(req)
  if not body then return status, refusal end
  if not names_kind(body) then
    return fail.v2(400, "BadRequestError", "type_id or type_name is required")
  end
  local brands = {}
  if body.app_id then
    local app = box.store.apps[body.app_id]
    if not app then return fail.not_found_v2() end
    brands[1] = brand_store.brands(box)[app.brand_id or 0]
  end
  brands[#brands + 1] = brand_store.master(box)
  for _, brand in ipairs(brands) do
    local row = find(box, brand, body.locale or DEFAULT) or find(box, brand, DEFAULT)
    if row then return 200, view(row) end
  end
  return 200, view(BUILT_IN)
end

-- One that fits comes alone, as documented; several in an array.
messages["brand_messages.list"] = function(box, req)
  local brand, status, refusal = brand_store.brand_of(box, req)
  if not brand then return status, refusal end
  local body
  body, status, refusal = given(req)
  if not body then return status, refusal end
  local rows, out = box.store.brand_messages, {}
  for _, id in ipairs(query.ids_of(rows)) do
    local row = rows[id]
    if row.brand_id == brand.id and (not body.id or body.id == id)
      and (not body.locale or body.locale == row.locale) then
      out[#out + 1] = view(row)
    end
  end
  if #out == 0 then
    if body.id then return fail.not_found_v2() end
    return 200, view(BUILT_IN)
  end
  if #out == 1 then return 200, out[1] end
  return 200, json.array(out)
end

local function known_language(locale)
  for _, language in ipairs(LANGUAGES) do
    if language == locale then return true end
  end
  return false
end

-- The row an update means, made if it names a kind; or nil, status, body.
local function row_for(box, brand, body)
  if body.id then
    local row = box.store.brand_messages[body.id]
    if row and row.brand_id == brand.id then return row end
    return nil, fail.not_found_v2()
  end
  if not names_kind(body) then
    return nil, fail.v2(400, "BadRequestError", "id, type_id or type_name is required")
  end
  local locale = body.locale or DEFAULT
  if not known_language(locale) then return nil, fail.invalid("Locale is invalid") end
  local row = find(box, brand, locale)
  if row then return row end
  row = util.copy(BUILT_IN)
  row.id, row.locale = box:new_id("brand_messages"), locale
  row.account_id, row.brand_id = box.account_id, brand.id
  box.store.brand_messages[row.id] = row
  return row
end

messages["brand_messages.update"] = function(box, req)
  local brand, status, refusal = brand_store.brand_of(box, req)
  if not brand then return status, refusal end
  local body
  body, status, refusal = given(req)
  if not body then return status, refusal end
  if not (body.title or body.description or body.message) then
    return fail.v2(400, "BadRequestError", "title, description or message is required")
  end
  local row
  row, status, refusal = row_for(box, brand, body)
  if not row then return status, refusal end
  for _, name in ipairs(TEXTS) do row[name] = body[name] or row[name] end
  box:event(UPDATED)
  return 200, view(row)
end

messages["brand_messages.delete"] = function(box, req)
  local brand, status, refusal = brand_store.brand_of(box, req)
  if not brand then return status, refusal end
  local id = util.to_integer(req.ids.message_id)
  local row = box.store.brand_messages[id]
  if not row or row.brand_id ~= brand.id then return fail.not_found_v2() end
  box.store.brand_messages[id] = nil
  box:event(UPDATED)
  return 204
end

return messages

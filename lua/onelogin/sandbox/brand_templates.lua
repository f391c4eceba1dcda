-- Templates of the mails and texts a brand sends. A brand has those that somebody made for it; the
-- built-in ones stand under the word master and have no id.

local json = require("onelogin.core").json
local brand_store = require("onelogin.sandbox.brand_store")
local built_in = require("onelogin.sandbox.built_in_templates")
local fail = require("onelogin.sandbox.fail")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local templates = {}

local null = json.null
local UPDATED = 188 -- event type: branding updated
local DEFAULT = "en"
local LONGEST_SMS = 160

local function class_of(kind)
  return kind:find("^sms_") and "sms_template" or "email_template"
end

local function view(row)
  return { id = row.id or null, account_id = row.account_id, brand_id = row.brand_id,
    locale = row.locale, type = row.type, template_class = class_of(row.type),
    template = util.copy(row.template), updated_at = util.iso(row.updated_at) }
end

local function unknown(what)
  return fail.v2(404, "NotFoundError", ('Unknown Content Template type: "%s"'):format(what))
end

local function find(box, brand, kind, locale)
  for _, row in pairs(box.store.brand_templates) do
    if row.brand_id == brand.id and row.type == kind and row.locale == locale then return row end
  end
end

-- The template a path names by id; or nil, status, body.
local function by_id(box, req)
  local brand, status, body = brand_store.brand_of(box, req)
  if not brand then return nil, status, body end
  local row = box.store.brand_templates[util.to_integer(req.ids.template_id)]
  if row and row.brand_id == brand.id then return row end
  return nil, unknown(req.ids.template_id)
end

-- What a template of this kind has to say: the contents over `own`; or nil, status, body.
local function contents_of(kind, given, own)
  local mail = class_of(kind) == "email_template"
  local names = mail and { "subject", "html", "plain" } or { "message" }
  local out = util.copy(own or {})
  if type(given) ~= "table" then return nil, fail.invalid("Template can't be blank") end
  for _, name in ipairs(names) do
    if given[name] ~= nil then out[name] = given[name] end
    if v2_body.blank(out[name]) then
      return nil, fail.invalid("Template " .. name .. " can't be blank")
    end
    if type(out[name]) ~= "string" then return nil, fail.invalid("Template " .. name .. " is invalid") end
  end
  if not mail and #out.message > LONGEST_SMS then
    return nil, fail.invalid("Template message is too long (maximum is 160 characters)")
  end
  return out
end

local function add(box, brand, kind, locale, contents)
  local row = { id = box:new_id("brand_templates"), account_id = box.account_id, brand_id = brand.id,
    type = kind, locale = locale, template = contents, updated_at = box.clock.wall() }
  box.store.brand_templates[row.id] = row
  box:event(UPDATED)
  return row
end

local function change(box, row, contents, locale)
  row.template, row.locale = contents, locale or row.locale
  row.updated_at = box.clock.wall()
  box:event(UPDATED)
  return row
end

templates["brand_templates.list"] = function(box, req)
  local brand, status, body = brand_store.brand_of(box, req)
  if not brand then return status, body end
  local rows, out, locale = box.store.brand_templates, {}, req.query.locale
  for _, id in ipairs(query.ids_of(rows)) do
    local row = rows[id]
    if row.brand_id == brand.id and (not locale or locale == "" or row.locale == locale) then
      out[#out + 1] = view(row)
    end
  end
  return 200, json.array(out)
end

templates["brand_templates.get"] = function(box, req)
  local row, status, body = by_id(box, req)
  if not row then return status, body end
  return 200, view(row)
end

local function get_by_type(box, req)
  local brand, status, body = brand_store.brand_of(box, req)
  if not brand then return status, body end
  local kind = req.ids.template_type
  local row = find(box, brand, kind, req.ids.locale or DEFAULT)
  if not row then return unknown(kind) end
  return 200, view(row)
end

templates["brand_templates.get_by_type"] = get_by_type
templates["brand_templates.get_by_type_and_locale"] = get_by_type

templates["brand_templates.create"] = function(box, req)
  local brand, status, refusal = brand_store.brand_of(box, req)
  if not brand then return status, refusal end
  local body
  body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return status, refusal end
  status, refusal = v2_body.blanks(body, { "type", "locale" })
  if status then return status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return status, refusal end
  if not brand_store.master(box) then return fail.invalid("Master brand must exist") end
  local contents
  contents, status, refusal = contents_of(body.type, body.template)
  if not contents then return status, refusal end
  if find(box, brand, body.type, body.locale) then return fail.invalid("Type has already been taken") end
  return 201, view(add(box, brand, body.type, body.locale, contents))
end

-- Either member may come alone.
templates["brand_templates.update"] = function(box, req)
  local row, status, refusal = by_id(box, req)
  if not row then return status, refusal end
  local body
  body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return status, refusal end
  local contents
  contents, status, refusal = contents_of(row.type, body.template == nil and {} or body.template, row.template)
  if not contents then return status, refusal end
  if body.locale ~= nil then
    status, refusal = v2_body.blanks(body, { "locale" })
    if status then return status, refusal end
    local other = find(box, { id = row.brand_id }, row.type, body.locale)
    if other and other ~= row then return fail.invalid("Locale has already been taken") end
  end
  return 200, view(change(box, row, contents, body.locale))
end

-- Makes what is not there.
templates["brand_templates.update_by_type_and_locale"] = function(box, req)
  local brand, status, refusal = brand_store.brand_of(box, req)
  if not brand then return status, refusal end
  local kind, locale = req.ids.template_type, req.ids.locale
  if not built_in[kind] then return unknown(kind) end
  local body
  body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return status, refusal end
  local row = find(box, brand, kind, locale)
  local contents
  contents, status, refusal = contents_of(kind, body.template, row and row.template)
  if not contents then return status, refusal end
  row = row and change(box, row, contents) or add(box, brand, kind, locale, contents)
  return 200, view(row)
end

templates["brand_templates.delete"] = function(box, req)
  local row = by_id(box, req)
  if not row then return fail.not_found_v2() end
  box.store.brand_templates[row.id] = nil
  box:event(UPDATED)
  return 204
end

-- In English alone: the texts in other languages are not on record.
local function get_built_in(_, req)
  local kind, locale = req.ids.template_type, req.ids.locale or DEFAULT
  if not built_in[kind] or locale ~= DEFAULT then return unknown(kind) end
  return 200, view { type = kind, locale = locale, template = built_in[kind] }
end

templates["brand_templates.get_master"] = get_built_in
templates["brand_templates.get_master_by_locale"] = get_built_in

return templates

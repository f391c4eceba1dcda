-- What the examples of branding, risk, self-registration and privileges speak of; part of
-- examples.lua.

local brand_store = require("onelogin.sandbox.brand_store")
local util = require("onelogin.sandbox.util")

local BRAND, TEMPLATE, MESSAGE = 5, 544880, 1
local RULE = "9223372036854775999"
local PROFILE, FIELD_ROW, FIELD = 42, 7, 31
local PRIVILEGE = "2c963197-bee2-4607-abc0-4786f1bfa55a"

local function branding(box, app)
  local brand = util.copy(brand_store.DEFAULTS)
  brand.id, brand.name, brand.enabled = BRAND, "Acme", true
  brand_store.brands(box)[BRAND] = brand
  app.brand_id = BRAND
  for i, locale in ipairs { "en", "es" } do
    box.store.brand_templates[TEMPLATE + i - 1] = { id = TEMPLATE + i - 1, account_id = box.account_id,
      brand_id = BRAND, type = "email_code_app_verification", locale = locale,
      updated_at = box.clock.wall(),
      template = { subject = "Your code", html = "<p>{{otp_code}}</p>", plain = "{{otp_code}}" } }
  end
  box.store.brand_messages[MESSAGE] = { id = MESSAGE, account_id = box.account_id, brand_id = BRAND,
    type_id = 9, locale = "en", title = "Access Denied", message = "Ask your administrator for this app." }
end

--- Adds them. `known`: app (a row), role and user (ids).
return function(box, known)
  branding(box, known.app)
  box.store.risk_rules[RULE] = { id = RULE, n = 1, name = "Guests", description = "Blocks the guest network",
    type = "blacklist", target = "location.ip", source = "guest-123", filters = { "203.0.113.0/24" } }
  box.store.self_registration_profiles[PROFILE] = { id = PROFILE, name = "Suppliers", url = "suppliers",
    enabled = true, moderated = false, domain_list_strategy = 0,
    email_verification_type = "Email MagicLink",
    fields = { { id = FIELD_ROW, custom_attribute_id = FIELD } } }
  box.store.privileges[PRIVILEGE] = { id = PRIVILEGE, n = 1, name = "User Administrator",
    description = "Can administer users", roles = { known.role }, users = { known.user },
    statements = { { Effect = "Allow", Action = { "users:Get", "users:Unlock" }, Scope = { "*" } } } }
end

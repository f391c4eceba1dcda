-- Templates of the messages that a brand sends. get and get_by_type share a route: digits mean an id.

local DOCS = "https://developers.onelogin.com/api-docs/2/branding/"

local EVERYTHING = { "Manage All" }

local brand = { { "brand_id", "integer" } }
local by_id = { { "brand_id", "integer" }, { "template_id", "integer" } }
local by_type = { { "brand_id", "integer" }, { "template_type", "string" } }
local by_locale = { { "brand_id", "integer" }, { "template_type", "string" }, { "locale", "string" } }

-- Mails have subject, html and plain; an SMS has message.
local function template(required)
  return { "template", "object", required = required, fields = {
    { "subject", "string" },
    { "html", "string" },
    { "plain", "string" },
    { "message", "string" },
  } }
end

return {
  list = {
    method = "GET", path = "/api/2/branding/brands/{brand_id}/templates",
    ids = brand,
    query = { { "locale", "string" } },
    result = "list",
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "list-templates",
  },

  get = {
    method = "GET", path = "/api/2/branding/brands/{brand_id}/templates/{template_id}",
    ids = by_id,
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "get-template",
  },

  get_by_type = {
    method = "GET", path = "/api/2/branding/brands/{brand_id}/templates/{template_type}",
    ids = by_type,
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "get-template-by-type",
  },

  get_by_type_and_locale = {
    method = "GET", path = "/api/2/branding/brands/{brand_id}/templates/{template_type}/{locale}",
    ids = by_locale,
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "get-template-by-type-locale",
  },

  create = {
    method = "POST", path = "/api/2/branding/brands/{brand_id}/templates",
    ids = brand,
    body = {
      { "type", "string", required = true, enum = {
        "email_forgot_password",
        "email_code_registration", "email_code_login_verification", "email_code_app_verification",
        "email_code_pw_reset_verification",
        "email_magiclink_registration", "email_magiclink_login_verification", "email_magiclink_app_verification",
        "email_magiclink_pw_reset_verification",
        "sms_registration", "sms_login_verification", "sms_app_verification", "sms_pw_reset_verification",
      } },
      { "locale", "string", required = true },
      template(true),
    },
    read_only = { "id", "account_id", "updated_at" },
    success = { 201, 200 },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "create-template",
  },

  -- The page calls both members required and takes either alone.
  update = {
    method = "PUT", path = "/api/2/branding/brands/{brand_id}/templates/{template_id}",
    ids = by_id,
    body = {
      { "locale", "string" },
      template(nil),
    },
    read_only = { "id", "account_id", "updated_at" },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "update-template",
  },

  update_by_type_and_locale = {
    method = "PUT", path = "/api/2/branding/brands/{brand_id}/templates/{template_type}/{locale}",
    ids = by_locale,
    body = {
      template(true),
    },
    read_only = { "id", "account_id", "updated_at" },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "update-template-by-type-locale",
  },

  delete = {
    method = "DELETE", path = "/api/2/branding/brands/{brand_id}/templates/{template_id}",
    ids = by_id,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "delete-template",
  },

  get_master = {
    method = "GET", path = "/api/2/branding/brands/master/templates/{template_type}",
    ids = { { "template_type", "string" } },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "get-master-template-by-type",
  },

  get_master_by_locale = {
    method = "GET", path = "/api/2/branding/brands/master/templates/{template_type}/{locale}",
    ids = { { "template_type", "string" }, { "locale", "string" } },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "get-master-template-by-type-locale",
  },
}

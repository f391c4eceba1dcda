-- Brands: what the login pages look like. Credential pairs older than 21 October 2020 cannot reach them.

local DOCS = "https://developers.onelogin.com/api-docs/2/branding/"

local EVERYTHING = { "Manage All" }

local one = { { "brand_id", "integer" } }

local function attributes(required)
  return {
    { "name", "string", required = required },
    { "master", "boolean" },
    { "enabled", "boolean", default = false },
    { "custom_support_enabled", "boolean" },
    { "custom_color", "string" },
    { "custom_accent_color", "string" },
    { "custom_masking_color", "string" },
    { "custom_masking_opacity", "integer" },
    { "enable_custom_label_for_login_screen", "boolean" },
    { "custom_label_text_for_login_screen", "string" },
    { "login_instruction_title", "string" },
    { "login_instruction", "string" },
    { "hide_onelogin_footer", "boolean" },
    { "mfa_enrollment_message", "string" },
    -- Pictures go in as base64 and come back as objects of addresses.
    { "background", "string" },
    { "logo", "string" },
  }
end

return {
  list = {
    method = "GET", path = "/api/2/branding/brands",
    result = "list",
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "list-account-brands",
  },

  get = {
    method = "GET", path = "/api/2/branding/brands/{brand_id}",
    ids = one,
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "get-account-brand",
  },

  create = {
    method = "POST", path = "/api/2/branding/brands",
    body = attributes(true),
    read_only = { "id" },
    success = { 201 },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "create-account-brand",
  },

  update = {
    method = "PUT", path = "/api/2/branding/brands/{brand_id}",
    ids = one,
    body = attributes(nil),
    read_only = { "id" },
    success = { 200, 201 },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "update-account-brand",
  },

  delete = {
    method = "DELETE", path = "/api/2/branding/brands/{brand_id}",
    ids = one,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "delete-account-brand",
  },

  list_apps = {
    method = "GET", path = "/api/2/branding/brands/{brand_id}/apps",
    ids = one,
    result = "list",
    scopes = EVERYTHING,
    status = "early_preview",
    doc = DOCS .. "get-apps-associated-with-account-brand",
  },
}

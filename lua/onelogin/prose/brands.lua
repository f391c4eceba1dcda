-- Prose of ../api/brands.lua.

local BRAND_ID = "the brand's id"

local attributes = {
  name = "label; has nothing to do with subdomains",
  master = "makes it the first brand; needed once in accounts older than February 2023",
  enabled = "is in use",
  custom_support_enabled = "a support form on the login page",
  custom_color = "main colour",
  custom_accent_color = "second colour",
  custom_masking_color = "colour over the background",
  custom_masking_opacity = "how much of it, in per cent",
  enable_custom_label_for_login_screen = "names the user name differently",
  custom_label_text_for_login_screen = "what it is named",
  login_instruction_title = "text of the link to the instructions",
  login_instruction = "the instructions, in Markdown",
  hide_onelogin_footer = "no footer on the login page",
  mfa_enrollment_message = "text on the first page of MFA enrolment",
  background = "JPG or PNG under 5 MB, in base64",
  logo = "PNG under 1 MB, in base64",
}

local function with_id()
  local params = { brand_id = BRAND_ID }
  for name, text in pairs(attributes) do params[name] = text end
  return params
end

local brand = {
  id = 5, name = "Acme", enabled = true, custom_color = "#000000", custom_accent_color = "#1c8dcd",
  custom_masking_color = "#ffffff", custom_masking_opacity = 40, custom_support_enabled = false,
  enable_custom_label_for_login_screen = false, hide_onelogin_footer = false,
}

local INVALID = { 422, false, "validation failed" }

return {
  list = {
    summary = "List the brands",
    notes = { "Rows hold id, enabled and name alone." },
    example = {
      call = "ol.brands:list()",
      http = { method = "GET", path = "/api/2/branding/brands" },
    },
    sample = { { id = 5, enabled = true, name = "Acme" } },
  },

  get = {
    summary = "Fetch a brand",
    params = { brand_id = BRAND_ID },
    notes = { "background and logo are objects with the addresses of the pictures." },
    example = {
      call = "ol.brands:get(5)",
      http = { method = "GET", path = "/api/2/branding/brands/5" },
    },
    sample = brand,
  },

  create = {
    summary = "Create a brand",
    params = attributes,
    notes = { "An app uses it by its brand_id." },
    errors = { INVALID },
    example = {
      call = 'ol.brands:create { name = "Acme", enabled = true, custom_color = "#000000" }',
      http = {
        method = "POST", path = "/api/2/branding/brands",
        body = { name = "Acme", enabled = true, custom_color = "#000000" },
      },
    },
    sample = brand,
  },

  update = {
    summary = "Change a brand",
    params = with_id(),
    notes = {
      "What is left out keeps its value.",
      "background and logo are read as objects and written as base64: leave them out when writing back.",
    },
    errors = { INVALID },
    example = {
      call = 'ol.brands:update(5, { custom_color = "#222222" })',
      http = { method = "PUT", path = "/api/2/branding/brands/5", body = { custom_color = "#222222" } },
    },
    sample = brand,
  },

  delete = {
    summary = "Delete a brand",
    params = { brand_id = BRAND_ID },
    example = {
      call = "ol.brands:delete(5)",
      http = { method = "DELETE", path = "/api/2/branding/brands/5" },
    },
    sample = true,
  },

  list_apps = {
    summary = "List the apps that use a brand",
    params = { brand_id = BRAND_ID },
    example = {
      call = "ol.brands:list_apps(5)",
      http = { method = "GET", path = "/api/2/branding/brands/5/apps" },
    },
    sample = {
      { id = 1127385, name = "Mom Corp", connector_id = 3001, auth_method = 2, auth_method_description = "SAML2.0",
        visible = true, created_at = "2026-01-08T22:24:19.551Z", updated_at = "2026-01-11T19:35:08.288Z" },
    },
  },
}

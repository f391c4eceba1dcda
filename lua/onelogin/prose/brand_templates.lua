-- Prose of ../api/brand_templates.lua.

local BRAND_ID = "the brand's id"
local TEMPLATE_ID = "the template's id"
local TEMPLATE_TYPE = "what it is for, such as email_forgot_password or sms_login_verification"
local LOCALE = "language, two letters"

local template = {
  template = "a mail's subject, html and plain; an SMS's message",
  ["template.subject"] = "subject of the mail",
  ["template.html"] = "the mail as HTML",
  ["template.plain"] = "the mail as text",
  ["template.message"] = "the SMS, 160 characters",
}

local function with(more)
  for name, text in pairs(template) do more[name] = text end
  return more
end

local UNKNOWN = { 404, 'Unknown Content Template type: "544880"', "no such template or type" }
local INVALID = { 422, false, "validation failed" }

local mail = {
  id = 544880, account_id = 555555, brand_id = 5, locale = "en", type = "email_code_app_verification",
  template_class = "email_template", updated_at = "2026-01-24T21:25:29.480Z",
  template = { subject = "Your code", html = "<p>{{otp_code}}</p>", plain = "{{otp_code}}" },
}

local built_in = {
  locale = "en", type = "email_forgot_password", template_class = "email_template",
  template = { subject = "Forgot your password", html = "<a href=\"{{url}}\">Reset</a>", plain = "{{url}}" },
}

return {
  list = {
    summary = "List the message templates of a brand",
    params = { brand_id = BRAND_ID, locale = LOCALE },
    errors = { INVALID },
    example = {
      call = 'ol.brand_templates:list(5, { locale = "en" })',
      http = { method = "GET", path = "/api/2/branding/brands/5/templates", query = { locale = "en" } },
    },
    sample = { mail },
  },

  get = {
    summary = "Fetch a template by id",
    params = { brand_id = BRAND_ID, template_id = TEMPLATE_ID },
    errors = { UNKNOWN },
    example = {
      call = "ol.brand_templates:get(5, 544880)",
      http = { method = "GET", path = "/api/2/branding/brands/5/templates/544880" },
    },
    sample = mail,
  },

  get_by_type = {
    summary = "Fetch a template by what it is for",
    params = { brand_id = BRAND_ID, template_type = TEMPLATE_TYPE },
    notes = { "In the default language." },
    errors = { UNKNOWN },
    example = {
      call = 'ol.brand_templates:get_by_type(5, "email_code_app_verification")',
      http = { method = "GET", path = "/api/2/branding/brands/5/templates/email_code_app_verification" },
    },
    sample = mail,
  },

  get_by_type_and_locale = {
    summary = "Fetch a template by what it is for, in a language",
    params = { brand_id = BRAND_ID, template_type = TEMPLATE_TYPE, locale = LOCALE },
    errors = { UNKNOWN },
    example = {
      call = 'ol.brand_templates:get_by_type_and_locale(5, "email_code_app_verification", "es")',
      http = { method = "GET", path = "/api/2/branding/brands/5/templates/email_code_app_verification/es" },
    },
    sample = mail,
  },

  create = {
    summary = "Add a template to a brand",
    params = with {
      brand_id = BRAND_ID,
      type = "what it is for",
      locale = LOCALE,
    },
    notes = {
      "{{url}}, {{otp_code}} and {{otp_expiry}} are filled in.",
      "An account without a first brand (master) needs one before.",
    },
    errors = { INVALID },
    example = {
      call = 'ol.brand_templates:create(5, { type = "sms_login_verification", locale = "en", '
        .. 'template = { message = "{{otp_code}} is your code" } })',
      http = {
        method = "POST", path = "/api/2/branding/brands/5/templates",
        body = { type = "sms_login_verification", locale = "en",
                 template = { message = "{{otp_code}} is your code" } },
      },
    },
    sample = mail,
  },

  update = {
    summary = "Change a template",
    params = with {
      brand_id = BRAND_ID, template_id = TEMPLATE_ID,
      locale = LOCALE,
    },
    errors = { UNKNOWN, INVALID },
    example = {
      call = 'ol.brand_templates:update(5, 544880, { locale = "en", template = { subject = "Your code", '
        .. 'html = "<p>{{otp_code}}</p>", plain = "{{otp_code}}" } })',
      http = {
        method = "PUT", path = "/api/2/branding/brands/5/templates/544880",
        body = { locale = "en", template = { subject = "Your code", html = "<p>{{otp_code}}</p>",
                                             plain = "{{otp_code}}" } },
      },
    },
    sample = mail,
  },

  update_by_type_and_locale = {
    summary = "Make or change the template for something, in a language",
    params = with { brand_id = BRAND_ID, template_type = TEMPLATE_TYPE, locale = LOCALE },
    errors = { UNKNOWN, INVALID },
    example = {
      call = 'ol.brand_templates:update_by_type_and_locale(5, "sms_login_verification", "es", '
        .. '{ template = { message = "{{otp_code}}" } })',
      http = {
        method = "PUT", path = "/api/2/branding/brands/5/templates/sms_login_verification/es",
        body = { template = { message = "{{otp_code}}" } },
      },
    },
    sample = mail,
  },

  delete = {
    summary = "Delete a template",
    params = { brand_id = BRAND_ID, template_id = TEMPLATE_ID },
    example = {
      call = "ol.brand_templates:delete(5, 544880)",
      http = { method = "DELETE", path = "/api/2/branding/brands/5/templates/544880" },
    },
    sample = true,
  },

  get_master = {
    summary = "Fetch the built-in template for something",
    params = { template_type = TEMPLATE_TYPE },
    notes = { "Its id is null." },
    errors = { UNKNOWN },
    example = {
      call = 'ol.brand_templates:get_master("email_forgot_password")',
      http = { method = "GET", path = "/api/2/branding/brands/master/templates/email_forgot_password" },
    },
    sample = built_in,
  },

  get_master_by_locale = {
    summary = "Fetch the built-in template for something, in a language",
    params = { template_type = TEMPLATE_TYPE, locale = LOCALE },
    notes = { "Its id is null." },
    errors = { UNKNOWN },
    example = {
      call = 'ol.brand_templates:get_master_by_locale("email_forgot_password", "en")',
      http = { method = "GET", path = "/api/2/branding/brands/master/templates/email_forgot_password/en" },
    },
    sample = built_in,
  },
}

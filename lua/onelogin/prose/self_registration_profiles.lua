-- Prose of ../api/self_registration_profiles.lua.

local PROFILE_ID = "the profile's id"

local attributes = {
  url = "last part of the form's address",
  name = "label",
  enabled = "the form is open",
  moderated = "an administrator approves each registration",
  default_role_id = "role of those who register",
  default_group_id = "group of those who register",
  helptext = "text above the form",
  thankyou_message = "text after it",
  domain_whitelist = "domains of e-mail addresses to let in, joined by commas",
  domain_blacklist = "domains of e-mail addresses to refuse, joined by commas",
  domain_list_strategy = "which of the two counts: 0 those to refuse, 1 those to let in",
  email_verification_type = "how an address is proven",
}

local function with_id()
  local params = { profile_id = PROFILE_ID }
  for name, text in pairs(attributes) do params[name] = text end
  return params
end

local UNKNOWN = { 400, "unknown attribute: profile_id", "the body has a member the route does not know" }
local INVALID = { 422, false, "validation failed" }
local WRAPPED = "The members travel inside self_registration_profile; the client wraps them."

local partners = {
  id = 42, name = "Partners", url = "partners", enabled = true, moderated = false, domain_list_strategy = 0,
  email_verification_type = "Email MagicLink",
  fields = { { id = 7, custom_attribute_id = 87846, name = "Favourite food", position = 1 } },
}

return {
  list = {
    summary = "Page through the self-registration profiles",
    params = {
      limit = "rows of a page",
      page = "page number from 1",
      cursor = "a page's place, from an earlier page's info; travels alone",
    },
    example = {
      call = "ol.self_registration_profiles:list()",
      http = { method = "GET", path = "/api/2/self_registration_profiles" },
    },
    sample = { partners },
  },

  get = {
    summary = "Fetch a self-registration profile",
    params = { profile_id = PROFILE_ID },
    example = {
      call = "ol.self_registration_profiles:get(42)",
      http = { method = "GET", path = "/api/2/self_registration_profiles/42" },
    },
    sample = partners,
  },

  create = {
    summary = "Create a self-registration profile",
    params = attributes,
    notes = { WRAPPED },
    errors = { UNKNOWN, INVALID },
    example = {
      call = 'ol.self_registration_profiles:create { url = "partners", name = "Partners", enabled = true }',
      http = {
        method = "POST", path = "/api/2/self_registration_profiles",
        body = { self_registration_profile = { url = "partners", name = "Partners", enabled = true } },
      },
    },
    sample = partners,
  },

  update = {
    summary = "Change a self-registration profile",
    params = with_id(),
    notes = { WRAPPED, "url, name and enabled are needed every time." },
    errors = { UNKNOWN, INVALID },
    example = {
      call = 'ol.self_registration_profiles:update(42, { url = "partners", name = "Partners", enabled = false })',
      http = {
        method = "PUT", path = "/api/2/self_registration_profiles/42",
        body = { self_registration_profile = { url = "partners", name = "Partners", enabled = false } },
      },
    },
    sample = partners,
  },

  delete = {
    summary = "Delete a self-registration profile",
    params = { profile_id = PROFILE_ID },
    example = {
      call = "ol.self_registration_profiles:delete(42)",
      http = { method = "DELETE", path = "/api/2/self_registration_profiles/42" },
    },
    sample = true,
  },

  add_field = {
    summary = "Ask for a custom field in the form",
    params = { profile_id = PROFILE_ID, custom_attribute_id = "the custom field" },
    errors = { UNKNOWN, INVALID },
    example = {
      call = "ol.self_registration_profiles:add_field(42, { custom_attribute_id = 87846 })",
      http = {
        method = "POST", path = "/api/2/self_registration_profiles/42/self_registration_profile_fields",
        body = { custom_attribute_id = 87846 },
      },
    },
    sample = { custom_attribute_id = 87846 },
  },

  delete_field = {
    summary = "Stop asking for a custom field in the form",
    params = { profile_id = PROFILE_ID, field_id = "id in the profile's fields; not that of the custom field" },
    example = {
      call = "ol.self_registration_profiles:delete_field(42, 7)",
      http = {
        method = "DELETE", path = "/api/2/self_registration_profiles/42/self_registration_profile_fields/7",
      },
    },
    sample = true,
  },
}

-- Prose of ../api/apps.lua.

local APP_ID = "the app's id"

local attributes = {
  name = "app name",
  connector_id = "the connector it is made from; fixed once made",
  description = "free text",
  notes = "free text for administrators",
  visible = "shown in the portal",
  policy_id = "security policy of the app",
  brand_id = "brand of the login page when signing in starts at the app",
  tab_id = "tab of the portal",
  allow_assumed_signin = "administrators who assumed a user may open it",
  role_ids = "roles that grant it; replaces the present list",
  provisioning = "provisioning settings",
  ["provisioning.enabled"] = "provisioning is on",
  parameters = "parameters by key: values, user_attribute_mappings, label, include_in_saml_assertion, ...",
  configuration = "settings of the connector: signature_algorithm, redirect_uri, ...",
  enforcement_point = "access gateway settings of an enforced app",
}

local function with_id()
  local params = { app_id = APP_ID }
  for name, text in pairs(attributes) do params[name] = text end
  return params
end

local whole = {
  id = 1127385, name = "New AWS app", connector_id = 50534, auth_method = 2, visible = true,
  allow_assumed_signin = false, provisioning = { enabled = false }, role_ids = { 143175 },
  configuration = { signature_algorithm = "SHA-256" },
  parameters = { employee_number = { label = "Employee Number" } },
  sso = { issuer = "https://app.onelogin.com/saml/metadata/5772393d-2ad3-47d6-a64f-2339b1028291",
          certificate = { id = 170216, name = "My Companies SAML Certificate" } },
}

return {
  list = {
    summary = "Page through the apps, filtered if wanted",
    params = {
      name = "app name; a part of it needs *",
      connector_id = "apps of this connector",
      auth_method = "0 password, 1 OpenID, 2 SAML, 3 API, 4 Google, 6 form, 7 WS-Fed, 8 OpenID Connect",
      fields = "attributes to return instead of the usual ones",
      limit = "rows of a page, at most 1000",
      page = "page number from 1",
      cursor = "a page's place, from an earlier page's info; travels alone",
    },
    notes = {
      "Rows are short: no sso, configuration or parameters.",
    },
    errors = { { 422, 'invalid value in "auth_method"', "a filter has a value of the wrong kind" } },
    example = {
      call = 'ol.apps:list { name = "*AWS*", auth_method = 2 }',
      http = { method = "GET", path = "/api/2/apps", query = { name = "*AWS*", auth_method = "2" } },
    },
    sample = {
      { id = 1127385, name = "New AWS app", connector_id = 50534, auth_method = 2, visible = true,
        auth_method_description = "SAML2.0", description = "", created_at = "2026-01-14T21:21:06Z",
        updated_at = "2026-01-14T21:21:06Z" },
    },
  },

  get = {
    summary = "Fetch an app with its whole configuration",
    params = { app_id = APP_ID },
    notes = {
      "sso depends on auth_method and is the server's alone.",
      "Values of parameters may be a string, an array or null, and come back as they were stored.",
    },
    example = {
      call = "ol.apps:get(1127385)",
      http = { method = "GET", path = "/api/2/apps/1127385" },
    },
    sample = whole,
  },

  create = {
    summary = "Make an app from a connector",
    params = attributes,
    notes = {
      "An app as get returns it may be given: the way to clone one.",
      "An OpenID Connect app's sso.client_secret is in this answer and nowhere else.",
      "Connectors add parameters of their own.",
    },
    errors = {
      { 422, 'invalid value in "auth_method"', "unknown connector, or a parameter or setting it does not have" },
    },
    example = {
      call = 'ol.apps:create { connector_id = 50534, name = "New AWS app" }',
      http = { method = "POST", path = "/api/2/apps", body = { connector_id = 50534, name = "New AWS app" } },
    },
    sample = whole,
  },

  update = {
    summary = "Change the settings of an app",
    params = with_id(),
    notes = {
      "Merges: what is left out keeps its value, so \"\" empties where nothing keeps.",
      "parameters are merged key by key and removed by delete_parameter only; role_ids is replaced.",
    },
    errors = { { 422, 'invalid value in "auth_method"', "a value cannot be taken" } },
    example = {
      call = 'ol.apps:update(1127385, { description = "Production accounts" })',
      http = { method = "PUT", path = "/api/2/apps/1127385", body = { description = "Production accounts" } },
    },
    sample = whole,
  },

  delete = {
    summary = "Delete an app",
    params = { app_id = APP_ID },
    example = {
      call = "ol.apps:delete(1127385)",
      http = { method = "DELETE", path = "/api/2/apps/1127385" },
    },
    sample = true,
  },

  delete_parameter = {
    summary = "Delete a parameter that was added to an app",
    params = { app_id = APP_ID, parameter_id = "id inside the app's parameters" },
    errors = {
      { 403, "Not allowed to destroy specified resource", "the parameter is the connector's" },
    },
    example = {
      call = "ol.apps:delete_parameter(1127385, 42)",
      http = { method = "DELETE", path = "/api/2/apps/1127385/parameters/42" },
    },
    sample = true,
  },

  list_users = {
    summary = "List the users who have an app",
    params = {
      app_id = APP_ID,
      limit = "rows of a page, at most 1000",
      page = "page number from 1",
      cursor = "a page's place, from an earlier page's info; travels alone",
    },
    example = {
      call = "ol.apps:list_users(1127385, { limit = 100, page = 2 })",
      http = { method = "GET", path = "/api/2/apps/1127385/users", query = { limit = "100", page = "2" } },
    },
    sample = {
      { id = 88888888, firstname = "Bob", lastname = "Ross", username = "bobross", email = "bob.ross@acme.com" },
    },
  },
}

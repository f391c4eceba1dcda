-- Prose of ../api/roles.lua.

local ROLE_ID = "the role's id"

-- Parameters of a list in pages, beside its own.
local function pages(own)
  own.limit = own.limit or "rows of a page"
  own.page = "page number from 1"
  own.cursor = "a page's place, from an earlier page's info; travels alone"
  return own
end

local NO_ARRAY = { 400, "Expected array in request", "the body is an object instead of a bare array" }

return {
  list = {
    summary = "Page through the roles, filtered if wanted",
    params = pages {
      name = "role name, * allowed",
      app_id = "roles that grant this app",
      app_name = "roles that grant an app of this name",
      fields = "what to include beside id and name",
      sort = "attribute to order by, with + (up) or - (down) in front",
      limit = "rows of a page, at most 650",
    },
    notes = {
      "The role service has its own form of errors: { status, error, description }.",
    },
    example = {
      call = 'ol.roles:list { name = "Dev*", fields = { "apps", "users" } }',
      http = { method = "GET", path = "/api/2/roles", query = { name = "Dev*", fields = "apps,users" } },
    },
    sample = { { id = 143175, name = "Developers", apps = { 1127385, 1181288 }, users = { 88888888 } } },
  },

  get = {
    summary = "Fetch a role",
    params = { role_id = ROLE_ID },
    notes = {
      "Newer accounts answer id and name alone: get_apps, get_users and get_admins have the rest.",
    },
    example = {
      call = "ol.roles:get(143175)",
      http = { method = "GET", path = "/api/2/roles/143175" },
    },
    sample = { id = 143175, name = "Developers" },
  },

  create = {
    summary = "Create a role, with apps, users and administrators if wanted",
    params = {
      name = "role name",
      apps = "ids of the apps it grants",
      users = "ids of the users who hold it",
      admins = "ids of the users who administer it",
    },
    notes = {
      "The answer is { id } alone; fetch = true in the options reads the role.",
    },
    errors = {
      { 422, false, "validation failed, for example because the name is taken" },
    },
    example = {
      call = 'ol.roles:create { name = "Developers", apps = { 1127385 } }',
      http = {
        method = "POST", path = "/api/2/roles",
        body = { name = "Developers", apps = { 1127385 } },
      },
    },
    sample = { id = 143175 },
  },

  update = {
    summary = "Rename a role or replace its memberships",
    params = {
      role_id = ROLE_ID,
      name = "new name",
      apps = "ids of all apps it grants from now on",
      users = "ids of all users who hold it from now on",
      admins = "ids of all users who administer it from now on",
    },
    notes = {
      "What is left out stays; an array that is sent replaces the whole membership.",
      "Accounts differ on whether users = {} removes everybody: remove_users is certain.",
      "The answer is { id } alone; fetch = true in the options reads the role.",
    },
    errors = {
      { 422, false, "validation failed" },
    },
    example = {
      call = 'ol.roles:update(143175, { name = "Engineering" })',
      http = { method = "PUT", path = "/api/2/roles/143175", body = { name = "Engineering" } },
    },
    sample = { id = 143175 },
  },

  delete = {
    summary = "Delete a role",
    params = { role_id = ROLE_ID },
    errors = {
      { 403, "Not allowed to destroy specified resource", "this role may not be deleted" },
    },
    example = {
      call = "ol.roles:delete(143175)",
      http = { method = "DELETE", path = "/api/2/roles/143175" },
    },
    sample = true,
  },

  get_apps = {
    summary = "List the apps a role grants",
    params = pages {
      role_id = ROLE_ID,
      assigned = "false lists the apps it does not grant",
    },
    example = {
      call = "ol.roles:get_apps(143175, { assigned = false })",
      http = { method = "GET", path = "/api/2/roles/143175/apps", query = { assigned = "false" } },
    },
    sample = {
      { id = 1127385, name = "OIDC Basic", icon_url = "/images/missing_connector_icon/square/original.png" },
    },
  },

  set_apps = {
    summary = "Replace the list of apps a role grants",
    params = { role_id = ROLE_ID },
    notes = {
      "The array is the complete list: what it leaves out is granted no more.",
    },
    errors = {
      NO_ARRAY,
      { 404, "The resource with the given id could not be found", "the role or one of the apps does not exist" },
    },
    example = {
      call = "ol.roles:set_apps(143175, { 1127385, 1181288 })",
      http = { method = "PUT", path = "/api/2/roles/143175/apps", body = { 1127385, 1181288 } },
    },
    sample = { { id = 1127385 }, { id = 1181288 } },
  },

  get_users = {
    summary = "List the users who hold a role",
    params = pages {
      role_id = ROLE_ID,
      name = "first name, last name, login name or e-mail address",
      include_unassigned = "also those who do not hold it, with assigned = false",
    },
    example = {
      call = "ol.roles:get_users(143175, { limit = 100 })",
      http = { method = "GET", path = "/api/2/roles/143175/users", query = { limit = "100" } },
    },
    sample = {
      { id = 88888888, name = "Joe User", username = "joe.user@acme.com", assigned = true,
        added_by = { id = 678, name = "Susan Boss" }, added_at = "2026-01-27T00:00:00Z" },
    },
  },

  add_users = {
    summary = "Give a role to more users",
    params = { role_id = ROLE_ID },
    notes = {
      "A grant may show only after seconds or minutes. Fifty ids a call is what careful tools send.",
    },
    errors = {
      NO_ARRAY,
      { 404, "The resource with the given id could not be found", "the role or one of the users does not exist" },
      { 422, false, "validation failed" },
    },
    example = {
      call = "ol.roles:add_users(143175, { 88888888, 88888889 })",
      http = { method = "POST", path = "/api/2/roles/143175/users", body = { 88888888, 88888889 } },
    },
    sample = { { id = 88888888 }, { id = 88888889 } },
  },

  remove_users = {
    summary = "Take a role away from users",
    params = { role_id = ROLE_ID },
    notes = {
      "A DELETE with a body: proxies that drop it break this call.",
    },
    errors = { NO_ARRAY },
    example = {
      call = "ol.roles:remove_users(143175, { 88888888 })",
      http = { method = "DELETE", path = "/api/2/roles/143175/users", body = { 88888888 } },
    },
    sample = true,
  },

  get_admins = {
    summary = "List the users who administer a role",
    params = pages {
      role_id = ROLE_ID,
      name = "first name, last name, login name or e-mail address",
      include_unassigned = "also those who do not administer it, with assigned = false",
    },
    example = {
      call = 'ol.roles:get_admins(143175, { name = "Joe" })',
      http = { method = "GET", path = "/api/2/roles/143175/admins", query = { name = "Joe" } },
    },
    sample = {
      { id = 88888888, name = "Joe Smith", username = "joe.smith@acme.com", assigned = true,
        added_by = { id = 678, name = "Josephina Manager" }, added_at = "2026-01-27T00:00:00Z" },
    },
  },

  add_admins = {
    summary = "Make users administrators of a role",
    params = { role_id = ROLE_ID },
    errors = { NO_ARRAY },
    example = {
      call = "ol.roles:add_admins(143175, { 88888888 })",
      http = { method = "POST", path = "/api/2/roles/143175/admins", body = { 88888888 } },
    },
    sample = { { id = 88888888 } },
  },

  remove_admins = {
    summary = "Dismiss administrators of a role",
    params = { role_id = ROLE_ID },
    notes = {
      "A DELETE with a body: proxies that drop it break this call.",
    },
    errors = { NO_ARRAY },
    example = {
      call = "ol.roles:remove_admins(143175, { 88888888 })",
      http = { method = "DELETE", path = "/api/2/roles/143175/admins", body = { 88888888 } },
    },
    sample = true,
  },
}

-- Prose of ../api/users_v1.lua.

local USER_ID = "the user's id"

local attributes = {
  firstname = "given name",
  lastname = "family name",
  email = "e-mail address, unique in the account",
  username = "login name, unique in the account",
  company = "company",
  department = "department",
  directory_id = "the directory that owns the user",
  distinguished_name = "distinguished name in Active Directory",
  external_id = "id in another system",
  group_id = "the group the user belongs to; null takes the user out of it",
  invalid_login_attempts = "failed sign-ins in a row",
  locale_code = "locale",
  manager_ad_id = "the manager's id in Active Directory",
  manager_user_id = "the manager's user id here",
  member_of = "directory groups, as text",
  notes = "free text; answers call it comment",
  openid_name = "made from email when left out",
  phone = "telephone number",
  samaccountname = "Active Directory account name",
  title = "job title",
  userprincipalname = "Active Directory principal name",
}

local function writing(more)
  local params = {}
  for name, text in pairs(attributes) do params[name] = text end
  for name, text in pairs(more) do params[name] = text end
  return params
end

local hazel = {
  id = 88888888, username = "hzhang", email = "hazel.zhang@acme.com", firstname = "Hazel", lastname = "Zhang",
  group_id = 417333, role_id = { 77777, 111111 }, company = "Acme", department = "Finance", title = "Captain",
  comment = "x", phone = "", openid_name = "hazel.zhang", locale_code = "es", preferred_locale_code = "es",
  invalid_login_attempts = 0, state = 1, status = 1, custom_attributes = { branch = "" },
  created_at = "2026-01-02T17:15:44.371Z", updated_at = "2026-01-02T17:30:48.647Z",
  activated_at = "2026-01-02T17:16:03.432Z", password_changed_at = "2026-01-02T17:16:03.514Z",
  last_login = "2026-01-02T17:30:48.624Z",
}

local BAD_ATTRIBUTE = { 400, "last is not a valid attribute for user model",
                        "the body has an attribute that users do not have; attribute names it" }
local OUT_OF_REACH = { 403, "user is not authorized to access this User", "the user is not within reach of this pair" }
local NO_USER = { 404, "User for id 88888888 was not found", "no user has that id" }

return {
  list = {
    summary = "Page through the users by cursor, filtered if wanted",
    params = {
      id = "one user",
      email = "e-mail address, * allowed", username = "login name, * allowed",
      firstname = "given name, * allowed", lastname = "family name, * allowed",
      samaccountname = "Active Directory account name", userprincipalname = "Active Directory principal name",
      directory_id = "users of this directory", external_id = "id in another system",
      manager_ad_id = "the manager's id in Active Directory",
      role_id = "users who hold this role",
      since = "created after (ISO 8601, UTC, with milliseconds)", ["until"] = "created before",
      fields = "attributes to return; id comes in any case",
      sort = "attribute to order by, with + (up) or - (down) in front",
      limit = "rows of a page; 50 is all one gets", after_cursor = "the page after; empty is the first",
      before_cursor = "the page before",
    },
    notes = {
      "Filters are joined by and, and their names are case-sensitive.",
      "role_id is null, not empty, for a user without roles. Unset username and phone are empty strings, most "
        .. "other unset attributes null.",
      "An after_cursor may come although nothing follows.",
    },
    example = {
      call = 'ol.users_v1:list { email = "*@acme.com", since = "2026-01-01T00:00:00.000Z" }',
      http = {
        method = "GET", path = "/api/1/users",
        query = { email = "*@acme.com", since = "2026-01-01T00:00:00.000Z" },
      },
    },
    sample = { hazel },
  },

  get = {
    summary = "Fetch one user",
    params = { user_id = USER_ID },
    errors = { OUT_OF_REACH, NO_USER },
    example = {
      call = "ol.users_v1:get(88888888)",
      http = { method = "GET", path = "/api/1/users/88888888" },
    },
    sample = hazel,
  },

  create = {
    summary = "Create a user, without password, roles and custom attributes",
    params = writing {},
    notes = {
      "Roles and custom attributes are given afterwards: users.assign_roles, users.set_custom_attributes.",
      "Answers 200 where version 2 answers 201.",
    },
    errors = { BAD_ATTRIBUTE },
    example = {
      call = 'ol.users_v1:create { firstname = "Lady", lastname = "GoGo", email = "lady@gogo.com", '
        .. 'username = "lady@gogo" }',
      http = {
        method = "POST", path = "/api/1/users",
        body = { firstname = "Lady", lastname = "GoGo", email = "lady@gogo.com", username = "lady@gogo" },
      },
    },
    sample = { id = 123456, firstname = "Lady", lastname = "GoGo", email = "lady@gogo.com", username = "lady@gogo",
               openid_name = "lady", status = 0, state = 1, comment = "", company = "", department = "", title = "",
               created_at = "2026-01-13T21:08:25.923Z", updated_at = "2026-01-13T21:08:25.923Z" },
  },

  update = {
    summary = "Change attributes of a user",
    params = writing {
      user_id = USER_ID,
      state = "approval, 0 to 3 as in version 2; users.set_state is the only way out of 3",
      status = "account status, as in version 2",
    },
    notes = {
      "What is left out keeps its value. The whole user comes back.",
    },
    errors = { BAD_ATTRIBUTE, OUT_OF_REACH, NO_USER },
    example = {
      call = 'ol.users_v1:update(88888888, { lastname = "Gonzales-Jones" })',
      http = { method = "PUT", path = "/api/1/users/88888888", body = { lastname = "Gonzales-Jones" } },
    },
    sample = hazel,
  },

  delete = {
    summary = "Delete a user for good",
    params = { user_id = USER_ID },
    notes = {
      "Deleting an administrator kills the credential pairs that administrator made.",
    },
    errors = { OUT_OF_REACH, NO_USER },
    example = {
      call = "ol.users_v1:delete(88888888)",
      http = { method = "DELETE", path = "/api/1/users/88888888" },
    },
    sample = true,
  },

  apps = {
    summary = "List the apps a user can open, personal ones left out",
    params = { user_id = USER_ID },
    notes = {
      "login_id may be an integer, the user's login as a string, or null.",
      "provisioned is a word such as unknown or pending, or null.",
    },
    errors = { OUT_OF_REACH, NO_USER },
    example = {
      call = "ol.users_v1:apps(88888888)",
      http = { method = "GET", path = "/api/1/users/88888888/apps" },
    },
    sample = {
      { id = 436448, name = "AWS DynamoDB Multi Role Production", icon = "https://image.com/mobile_50.png",
        provisioned = "unknown", extension = false, login_id = 66666666, personal = false },
    },
  },

  custom_attributes = {
    summary = "List the shortnames of the account's custom user fields",
    example = {
      call = "ol.users_v1:custom_attributes()",
      http = { method = "GET", path = "/api/1/users/custom_attributes" },
    },
    sample = { "alias", "branch" },
  },
}

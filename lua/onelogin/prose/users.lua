-- Prose of ../api/users.lua.

local USER_ID = "the user's id"

local attributes = {
  username = "login name, unique in the account",
  email = "e-mail address, unique in the account",
  firstname = "given name",
  lastname = "family name",
  password = "the password, or its hash when password_algorithm is given",
  password_confirmation = "the same again; needed whenever password is sent",
  password_algorithm = "says that password is an imported hash; salt+sha256 has the salt in front",
  salt = "what the imported SHA-256 hash was salted with",
  title = "job title",
  department = "department",
  company = "company",
  comment = "free text",
  group_id = "the group the user belongs to",
  role_ids = "the roles the user holds; assign_roles and remove_roles are the documented way to change them",
  phone = "telephone number in E.164 form",
  state = "approval: 0 unapproved, 1 approved (licensed), 2 rejected, 3 unlicensed",
  status = "account: 0 unactivated, 1 active, 2 suspended, 3 locked, 4 password expired, 5 awaiting password reset, "
    .. "7 password pending, 8 security questions required",
  directory_id = "the directory that owns the user",
  trusted_idp_id = "the trusted identity provider of the user",
  manager_ad_id = "the manager's id in Active Directory",
  manager_user_id = "the manager's user id here",
  samaccountname = "Active Directory account name",
  member_of = "directory groups, as text",
  userprincipalname = "Active Directory principal name",
  distinguished_name = "distinguished name in the directory",
  external_id = "id in another system",
  invalid_login_attempts = "failed sign-ins in a row",
  preferred_locale_code = "language and locale",
  custom_attributes = "values by shortname; only fields that the account defines",
}

-- The parameters of a write: the attributes and what steers the write, with more of the caller's.
local function writing(more)
  local params = {
    mappings = "when mappings run: async after the answer, sync before it, or disabled",
    validate_policy = "hold a given password against the user's policy",
  }
  for name, text in pairs(attributes) do params[name] = text end
  for name, text in pairs(more or {}) do params[name] = text end
  return params
end

local kelly = {
  id = 88888888, username = "kellyslater", email = "kelly@example.com", firstname = "Kelly", lastname = "Slater",
  title = "Surfer", department = "Waves", company = "WSL", comment = "", phone = "+64272001122",
  state = 1, status = 1, role_ids = { 143175, 272445 }, custom_attributes = { food = "chicken" },
  invalid_login_attempts = 0, created_at = "2026-01-12T23:57:56.781Z", updated_at = "2026-07-09T03:08:52.774Z",
  activated_at = "2026-01-12T23:59:28.665Z", password_changed_at = "2026-01-22T18:44:26.542Z",
  last_login = "2026-06-03T19:59:21.382Z",
}

-- The v1 operations on a user have these two beside what every v1 operation has.
local OUT_OF_REACH = { 403, "user is not authorized to access this User", "the user is not within reach of this pair" }
local NO_USER = { 404, "User for id 88888888 was not found", "no user has that id" }

return {
  list = {
    summary = "Page through the users, filtered if wanted",
    params = {
      email = "e-mail address, * allowed", username = "login name, * allowed",
      firstname = "given name, * allowed", lastname = "family name, * allowed",
      samaccountname = "Active Directory account name",
      directory_id = "users of this directory", external_id = "id in another system",
      app_id = "users who have this app", user_ids = "users with these ids",
      ["custom_attributes.*"] = 'value of a custom field: ["custom_attributes.food"] = "chicken"',
      created_since = "created after (ISO 8601, UTC)", created_until = "created before",
      updated_since = "changed after; the way to keep a copy up to date", updated_until = "changed before",
      last_login_since = "signed in last after", last_login_until = "signed in last before",
      fields = "attributes to return instead of the usual ones",
      sort = "attribute to order by, with + (up) or - (down) in front",
      limit = "rows of a page", page = "page number from 1", cursor = "a page's place, from an earlier page's info",
    },
    notes = {
      "Rows are shorter than what get returns: no roles, custom attributes, title, department or manager, "
        .. "unless fields names them.",
      "Filters are joined by and; an unknown one is refused by the server with 400.",
      "No page says how large limit may be; 50 is usual, 100 has been seen.",
      "cursor travels alone: it already holds limit, page and sort.",
    },
    errors = {
      { 400, "query parameter(s) not allowed: first_login", "a filter is unknown, or a custom attribute not defined" },
      { 422, "Invalid sort field: created_at", "that attribute cannot be sorted by; field names it" },
    },
    example = {
      call = 'ol.users:list { email = "*@acme.com", limit = 50 }',
      http = { method = "GET", path = "/api/2/users", query = { email = "*@acme.com", limit = "50" } },
    },
    sample = {
      { id = 88888888, username = "kellyslater", email = "kelly@example.com", firstname = "Kelly",
        lastname = "Slater", state = 1, status = 1, invalid_login_attempts = 0,
        created_at = "2026-01-12T23:57:56.781Z", updated_at = "2026-07-09T03:08:52.774Z" },
    },
  },

  get = {
    summary = "Fetch one user with roles and custom attributes",
    params = { user_id = USER_ID },
    notes = {
      "custom_attributes lists every field of the account; one without a value is null.",
      "last_login may hold a date of year 1, 1970 or 2000 for somebody who never signed in.",
    },
    example = {
      call = "ol.users:get(88888888)",
      http = { method = "GET", path = "/api/2/users/88888888" },
    },
    sample = kelly,
  },

  create = {
    summary = "Create a user",
    params = writing {
      username = "login name, unique in the account; username or email is needed, newer pages want both",
      email = "e-mail address, unique in the account; username or email is needed, newer pages want both",
    },
    notes = {
      "No invitation is sent. Without a password the status is 7 and nobody can sign in yet.",
      "A create that timed out may have succeeded: the next try is then refused because the name is taken.",
    },
    errors = {
      { 400, "unknown attribute: employee_number", "the body has an attribute the route does not know" },
      { 422, "Validation failed: Username must be unique within acme",
        "username or email is taken, or another rule is broken" },
    },
    example = {
      call = 'ol.users:create { username = "ashley", email = "ashley@acme.com", firstname = "Ashley", '
        .. 'lastname = "Akua" }',
      http = {
        method = "POST", path = "/api/2/users",
        body = { username = "ashley", email = "ashley@acme.com", firstname = "Ashley", lastname = "Akua" },
      },
    },
    sample = { id = 88888889, username = "ashley", email = "ashley@acme.com", firstname = "Ashley",
               lastname = "Akua", state = 1, status = 7, created_at = "2026-07-09T03:08:52.774Z",
               updated_at = "2026-07-09T03:08:52.774Z" },
  },

  update = {
    summary = "Change attributes, password or custom attributes of a user",
    params = writing { user_id = USER_ID },
    notes = {
      "What is left out keeps its value; null clears it.",
      "Whether custom fields that are not named keep their value is disputed: send them all to be sure.",
      "Lifts a lock with status = 1. The owner of the account may be refused.",
      "Mappings run after the answer unless mappings = \"sync\".",
    },
    errors = {
      { 400, "unknown attribute: employee_number", "the body has an attribute the route does not know" },
      { 422, "Validation failed: Username must be unique within acme", "a name is taken, or a policy is broken" },
    },
    example = {
      call = 'ol.users:update(88888888, { title = "Surfer", custom_attributes = { food = "chicken" } })',
      http = {
        method = "PUT", path = "/api/2/users/88888888",
        body = { title = "Surfer", custom_attributes = { food = "chicken" } },
      },
    },
    sample = kelly,
  },

  delete = {
    summary = "Delete a user for good",
    params = { user_id = USER_ID },
    notes = {
      "Deleting an administrator kills the credential pairs that administrator made.",
    },
    example = {
      call = "ol.users:delete(88888888)",
      http = { method = "DELETE", path = "/api/2/users/88888888" },
    },
    sample = true,
  },

  get_apps = {
    summary = "List the apps a user can open",
    params = {
      user_id = USER_ID,
      ignore_visibility = "also the apps that the portal hides",
    },
    notes = {
      "login_id may be an integer, a string or null.",
    },
    example = {
      call = "ol.users:get_apps(88888888, { ignore_visibility = true })",
      http = { method = "GET", path = "/api/2/users/88888888/apps", query = { ignore_visibility = "true" } },
    },
    sample = {
      { id = 1127385, name = "OIDC Basic", extension = false, login_id = 415930448,
        icon_url = "/images/missing_connector_icon/square/mobile_50.png",
        provisioning_status = "enabled", provisioning_state = "unknown", provisioning_enabled = false },
    },
  },

  unlock = {
    summary = "Lift a lock that failed sign-ins caused",
    params = { user_id = USER_ID },
    notes = {
      "Does not lift a lock that lock has set; update with status = 1 does.",
      "The key of the answer is documented with three s.",
    },
    errors = {
      { 422, "User cannot be unlocked", "the user is not locked, or this lock may not be lifted" },
    },
    example = {
      call = "ol.users:unlock(88888888)",
      http = { method = "POST", path = "/api/2/users/88888888/unlock" },
    },
    sample = { messsage = "User unlocked" },
  },

  get_privileges = {
    summary = "List the privileges granted to a user",
    params = { user_id = USER_ID },
    notes = {
      "No page documents this; known only from an official tool. What it answers is not on record.",
    },
    example = {
      call = "ol.users:get_privileges(88888888)",
      http = { method = "GET", path = "/api/2/users/88888888/privileges" },
    },
  },

  get_delegated_privileges = {
    summary = "List the privileges delegated to a user",
    params = { user_id = USER_ID },
    notes = {
      "No page documents this; known only from tools. What it answers is not on record.",
    },
    example = {
      call = "ol.users:get_delegated_privileges(88888888)",
      http = { method = "GET", path = "/api/2/users/88888888/delegated_privileges" },
    },
  },

  roles = {
    summary = "List the ids of the roles a user holds",
    params = { user_id = USER_ID },
    notes = {
      "The same ids are in role_ids of get.",
    },
    errors = { OUT_OF_REACH, NO_USER },
    example = {
      call = "ol.users:roles(88888888)",
      http = { method = "GET", path = "/api/1/users/88888888/roles" },
    },
    sample = { 143175, 272445 },
  },

  assign_roles = {
    summary = "Give a user roles",
    params = {
      user_id = USER_ID,
      role_id_array = "ids of the roles to add",
    },
    notes = {
      "Not repeatable: refused when the user already holds them all.",
      "A grant may show only after seconds or minutes.",
      "Version 1 only; the same path under /api/2 answers 401.",
    },
    errors = {
      { 400, "role_id_array should be a subset of -> [109999, 109777]",
        "an id is no role of the account; the text lists the valid ones" },
      { 400, "role_id_array is empty", "the array is empty" },
      { 400, "input role_id_array is already included as user roles", "the user holds them all already" },
      OUT_OF_REACH, NO_USER,
    },
    example = {
      call = "ol.users:assign_roles(88888888, { role_id_array = { 143175, 272445 } })",
      http = {
        method = "PUT", path = "/api/1/users/88888888/add_roles",
        body = { role_id_array = { 143175, 272445 } },
      },
    },
    sample = true,
  },

  remove_roles = {
    summary = "Take roles away from a user",
    params = {
      user_id = USER_ID,
      role_id_array = "ids of the roles to remove",
    },
    notes = {
      "Roles that a mapping or provisioning gave stay.",
      "Not repeatable: refused when the user does not hold them.",
    },
    errors = {
      { 400, "role_id_array should be a subset of -> [109999, 109777]",
        "an id is no role of the account; the text lists the valid ones" },
      { 400, "role_id_array is empty", "the array is empty" },
      { 400, "input role_id_array is not included as user roles", "the user does not hold them" },
      OUT_OF_REACH, NO_USER,
    },
    example = {
      call = "ol.users:remove_roles(88888888, { role_id_array = { 272445 } })",
      http = {
        method = "PUT", path = "/api/1/users/88888888/remove_roles",
        body = { role_id_array = { 272445 } },
      },
    },
    sample = true,
  },

  set_password_cleartext = {
    summary = "Set a user's password",
    params = {
      user_id = USER_ID,
      password = "the new password",
      password_confirmation = "the same again",
      validate_policy = "hold it against the user's policy",
    },
    notes = {
      "The policy of the account is skipped unless validate_policy is true; that of a connected directory never is, "
        .. "and the password is changed there too.",
      "Never sent twice, and never shown in an error.",
    },
    errors = { OUT_OF_REACH, NO_USER },
    example = {
      call = 'ol.users:set_password_cleartext(88888888, { password = "tide-7-swell", '
        .. 'password_confirmation = "tide-7-swell", validate_policy = true })',
      http = {
        method = "PUT", path = "/api/1/users/set_password_clear_text/88888888",
        body = { password = "tide-7-swell", password_confirmation = "tide-7-swell", validate_policy = true },
      },
    },
    sample = true,
  },

  set_password_salted = {
    summary = "Set a user's password from a SHA-256 digest",
    params = {
      user_id = USER_ID,
      password = "SHA-256 of salt .. password, in lower-case hexadecimal",
      password_confirmation = "the same digest again",
      password_algorithm = "salt+sha256",
      password_salt = "the salt in front of the password, at most 40 characters",
    },
    notes = {
      "Nobody can check the strength of a password given as a digest.",
      "The salt is called password_salt here and salt in create and update.",
    },
    errors = { OUT_OF_REACH, NO_USER },
    example = {
      call = 'ol.users:set_password_salted(88888888, { '
        .. 'password = "b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b", '
        .. 'password_confirmation = "b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b", '
        .. 'password_algorithm = "salt+sha256", password_salt = "hello" })',
      http = {
        method = "PUT", path = "/api/1/users/set_password_using_salt/88888888",
        body = {
          password = "b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b",
          password_confirmation = "b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b",
          password_algorithm = "salt+sha256", password_salt = "hello",
        },
      },
    },
    sample = true,
  },

  set_custom_attributes = {
    summary = "Write values of a user's custom fields",
    params = {
      user_id = USER_ID,
      custom_attributes = 'values by shortname; "" clears one',
    },
    notes = {
      "The fields must be defined before.",
    },
    errors = {
      { 400, "input custom_attributes is not valid. Valid custom_attributes -> [food employeenumber ]",
        "a field is not defined; the text lists those that are" },
      { 400, "custom_attributes is empty", "no field is named" },
      OUT_OF_REACH, NO_USER,
    },
    example = {
      call = 'ol.users:set_custom_attributes(88888888, { custom_attributes = { food = "chicken" } })',
      http = {
        method = "PUT", path = "/api/1/users/88888888/set_custom_attributes",
        body = { custom_attributes = { food = "chicken" } },
      },
    },
    sample = true,
  },

  set_state = {
    summary = "Change whether a user is approved",
    params = {
      user_id = USER_ID,
      state = "0 unapproved, 1 approved (licensed), 2 rejected, 3 unlicensed",
    },
    notes = {
      "The only way out of state 3.",
      "Not repeatable: refused when the user is in that state already.",
    },
    errors = {
      { 400, "user is already in this state", "nothing would change" },
      { 400, "state is invalid", "the step is not allowed, for example from 3 to 0" },
      OUT_OF_REACH, NO_USER,
    },
    example = {
      call = "ol.users:set_state(88888888, { state = 2 })",
      http = { method = "PUT", path = "/api/1/users/88888888/set_state", body = { state = 2 } },
    },
    sample = true,
  },

  log_out = {
    summary = "End a user's sessions",
    params = { user_id = USER_ID },
    notes = {
      "Sessions that are open in third-party apps stay open.",
    },
    errors = { OUT_OF_REACH, NO_USER },
    example = {
      call = "ol.users:log_out(88888888)",
      http = { method = "PUT", path = "/api/1/users/88888888/logout" },
    },
    sample = true,
  },

  lock = {
    summary = "Lock a user out for some minutes, or as the policy says",
    params = {
      user_id = USER_ID,
      locked_until = "minutes; 0 for the policy's period, or until unlocked where there is no policy",
    },
    notes = {
      "locked_until is minutes here and an instant in the user that get returns.",
      "It may not be shorter than the policy's period. The user shows status 3 meanwhile.",
    },
    errors = {
      { 400, "locked_until should be -> integer", "not a whole number" },
      OUT_OF_REACH, NO_USER,
    },
    example = {
      call = "ol.users:lock(88888888, { locked_until = 15 })",
      http = { method = "PUT", path = "/api/1/users/88888888/lock_user", body = { locked_until = 15 } },
    },
    sample = true,
  },
}

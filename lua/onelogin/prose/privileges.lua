-- Prose of ../api/privileges.lua. All of it needs a subscription with delegated administration.

local ID = "2c963197-bee2-4607-abc0-4786f1bfa55a"
local PRIVILEGE_ID = "the privilege's id, a UUID"

local params = {
  name = "label",
  description = "free text",
  privilege = "what it allows",
  ["privilege.Version"] = "2018-05-18",
  ["privilege.Statement"] = "each allows some actions on some things",
  ["privilege.Statement.Effect"] = "Allow",
  ["privilege.Statement.Action"] = 'such as "users:Get"; of one class only',
  ["privilege.Statement.Scope"] = '"*", or things such as "roles/143175"',
}

local function with_id()
  local all = { privilege_id = PRIVILEGE_ID }
  for name, text in pairs(params) do all[name] = text end
  return all
end

local BAD_TOKEN = { 401, "The request requires user authentication.", "the access token is not valid" }
local NOT_THERE = { 404, "The resource can't be found or the server has not found anything matching the Request-URI",
                    "no such privilege, or the role or user does not have it" }
local MALFORMED = { 400, "The request could not be understood by the server due to malformed syntax",
                    "the text goes on with what is wrong: no Action array, Effect not Allow, an unknown action" }

local administrator = {
  id = ID, name = "User Administrator", description = "Can administer users",
  privilege = {
    Version = "2018-05-18",
    Statement = { { Effect = "Allow", Action = { "users:Get", "users:Unlock" }, Scope = { "*" } } },
  },
}

return {
  list = {
    summary = "List the privileges of the account",
    errors = { BAD_TOKEN },
    example = {
      call = "ol.privileges:list()",
      http = { method = "GET", path = "/api/1/privileges" },
    },
    sample = { administrator },
  },

  get = {
    summary = "Fetch a privilege",
    params = { privilege_id = PRIVILEGE_ID },
    notes = { "Statements come in another order each time." },
    errors = { BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:get("' .. ID .. '")',
      http = { method = "GET", path = "/api/1/privileges/" .. ID },
    },
    sample = administrator,
  },

  create = {
    summary = "Create a privilege",
    params = params,
    notes = {
      "The answer is { id } alone; fetch = true in the options reads the privilege.",
      "Keys inside privilege begin with a capital.",
      'Action { "*" } allows everything.',
    },
    errors = { MALFORMED, BAD_TOKEN, { 422, false, "validation failed" } },
    example = {
      call = 'ol.privileges:create { name = "User Administrator", privilege = { Version = "2018-05-18", '
        .. 'Statement = { { Effect = "Allow", Action = { "users:Get", "users:Unlock" }, Scope = { "*" } } } } }',
      http = {
        method = "POST", path = "/api/1/privileges",
        body = {
          name = "User Administrator",
          privilege = {
            Version = "2018-05-18",
            Statement = { { Effect = "Allow", Action = { "users:Get", "users:Unlock" }, Scope = { "*" } } },
          },
        },
      },
    },
    sample = { id = ID },
  },

  update = {
    summary = "Replace a privilege",
    params = with_id(),
    notes = {
      "Wants name and privilege whole.",
      "The answer is { id } alone; fetch = true in the options reads the privilege.",
    },
    errors = { MALFORMED, BAD_TOKEN, NOT_THERE, { 422, false, "validation failed" } },
    example = {
      call = 'ol.privileges:update("' .. ID .. '", { name = "Helpdesk", privilege = { Version = "2018-05-18", '
        .. 'Statement = { { Effect = "Allow", Action = { "users:Unlock" }, Scope = { "*" } } } } })',
      http = {
        method = "PUT", path = "/api/1/privileges/" .. ID,
        body = {
          name = "Helpdesk",
          privilege = {
            Version = "2018-05-18",
            Statement = { { Effect = "Allow", Action = { "users:Unlock" }, Scope = { "*" } } },
          },
        },
      },
    },
    sample = { id = ID },
  },

  delete = {
    summary = "Delete a privilege",
    params = { privilege_id = PRIVILEGE_ID },
    notes = { "Whoever has it loses it." },
    errors = { BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:delete("' .. ID .. '")',
      http = { method = "DELETE", path = "/api/1/privileges/" .. ID },
    },
    sample = true,
  },

  list_roles = {
    summary = "List the ids of the roles that have a privilege",
    params = { privilege_id = PRIVILEGE_ID, after_cursor = "the page after" },
    errors = { BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:list_roles("' .. ID .. '")',
      http = { method = "GET", path = "/api/1/privileges/" .. ID .. "/roles" },
    },
    sample = { 143175, 272445 },
  },

  assign_roles = {
    summary = "Give roles a privilege",
    params = { privilege_id = PRIVILEGE_ID, roles = "ids of roles" },
    errors = { MALFORMED, BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:assign_roles("' .. ID .. '", { roles = { 143175, 272445 } })',
      http = {
        method = "POST", path = "/api/1/privileges/" .. ID .. "/roles",
        body = { roles = { 143175, 272445 } },
      },
    },
    sample = true,
  },

  remove_role = {
    summary = "Take a privilege from a role",
    params = { privilege_id = PRIVILEGE_ID, role_id = "the role's id" },
    errors = { BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:remove_role("' .. ID .. '", 143175)',
      http = { method = "DELETE", path = "/api/1/privileges/" .. ID .. "/roles/143175" },
    },
    sample = true,
  },

  list_users = {
    summary = "List the ids of the users who have a privilege themselves",
    params = { privilege_id = PRIVILEGE_ID, after_cursor = "the page after" },
    errors = { BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:list_users("' .. ID .. '")',
      http = { method = "GET", path = "/api/1/privileges/" .. ID .. "/users" },
    },
    sample = { 88888888 },
  },

  assign_users = {
    summary = "Give users a privilege",
    params = { privilege_id = PRIVILEGE_ID, users = "ids of users" },
    errors = { MALFORMED, BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:assign_users("' .. ID .. '", { users = { 88888888 } })',
      http = {
        method = "POST", path = "/api/1/privileges/" .. ID .. "/users",
        body = { users = { 88888888 } },
      },
    },
    sample = true,
  },

  remove_user = {
    summary = "Take a privilege from a user",
    params = { privilege_id = PRIVILEGE_ID, user_id = "the user's id" },
    errors = { BAD_TOKEN, NOT_THERE },
    example = {
      call = 'ol.privileges:remove_user("' .. ID .. '", 88888888)',
      http = { method = "DELETE", path = "/api/1/privileges/" .. ID .. "/users/88888888" },
    },
    sample = true,
  },
}

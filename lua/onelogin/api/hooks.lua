-- Smart Hooks: code that runs inside OneLogin at certain events, and the variables it sees.

local DOCS = "https://developers.onelogin.com/api-docs/2/smart-hooks/"
local OLD_DOCS = "https://developers.onelogin.com/api-docs/2/hooks/"

local EVERYTHING = { "Manage All" }

local one = { { "hook_id", "string" } }
local env = { { "env_id", "string" } }

local pages = {
  { "limit", "integer", default = 50, max = 1000 },
  { "page", "integer", min = 1 },
  { "cursor", "string" },
}

-- All of it, every time. The timeout is the hook's, in seconds.
local whole = {
  { "type", "string", required = true, enum = {
    "pre-authentication", "user-migration",
    "pre-user-create", "post-user-create", "pre-user-update", "post-user-update",
  } },
  { "function", "string", required = true },
  { "disabled", "boolean", required = true, default = true },
  { "runtime", "string", required = true }, -- no enum: runtimes come and go
  { "timeout", "integer", required = true, default = 1 },
  { "retries", "integer", required = true, default = 0, max = 4 },
  { "env_vars", "array", required = true }, -- of names; one tool says of objects
  { "packages", "object", required = true },
  { "context_version", "string" },
  { "options", "object", fields = {
    { "risk_enabled", "boolean" },
    { "location_enabled", "boolean" },
    { "mfa_device_info_enabled", "boolean" },
  } },
  { "conditions", "array<object>", fields = {
    { "source", "string" }, { "operator", "string" }, { "value", "any" },
  } },
}

-- The server's schema refuses members that it does not know.
local kept_by_server = { "id", "status", "created_at", "updated_at" }

return {
  list = {
    method = "GET", path = "/api/2/hooks",
    query = pages,
    paging = "v2", result = "list",
    scopes = EVERYTHING,
    doc = DOCS .. "list-hooks",
  },

  get = {
    method = "GET", path = "/api/2/hooks/{hook_id}",
    ids = one,
    scopes = EVERYTHING,
    doc = DOCS .. "get-hook",
  },

  create = {
    method = "POST", path = "/api/2/hooks",
    body = whole,
    read_only = kept_by_server,
    success = { 201 },
    scopes = EVERYTHING,
    doc = DOCS .. "create-hook",
  },

  update = {
    method = "PUT", path = "/api/2/hooks/{hook_id}",
    ids = one,
    body = whole,
    read_only = kept_by_server,
    scopes = EVERYTHING,
    doc = DOCS .. "update-hook",
  },

  -- Accepted, and done some seconds later.
  delete = {
    method = "DELETE", path = "/api/2/hooks/{hook_id}",
    ids = one,
    result = "none", success = { 202 },
    scopes = EVERYTHING,
    doc = OLD_DOCS .. "delete-hook",
  },

  list_logs = {
    method = "GET", path = "/api/2/hooks/{hook_id}/logs",
    ids = one,
    query = {
      { "request_id", "string" },
      { "correlation_id", "string" },
      pages[1], pages[2], pages[3],
    },
    paging = "v2", result = "list",
    scopes = EVERYTHING,
    doc = OLD_DOCS .. "get-hook-logs",
  },

  list_envs = {
    method = "GET", path = "/api/2/hooks/envs",
    query = pages,
    paging = "v2", result = "list",
    scopes = EVERYTHING,
    doc = OLD_DOCS .. "list-environment-variables",
  },

  get_env = {
    method = "GET", path = "/api/2/hooks/envs/{env_id}",
    ids = env,
    scopes = EVERYTHING,
    doc = DOCS .. "get-environment-variable",
  },

  create_env = {
    method = "POST", path = "/api/2/hooks/envs",
    body = {
      { "name", "string", required = true },
      { "value", "string", required = true },
    },
    secret = { "value" },
    success = { 201 },
    scopes = EVERYTHING,
    doc = DOCS .. "create-environment-variable",
  },

  update_env = {
    method = "PUT", path = "/api/2/hooks/envs/{env_id}",
    ids = env,
    body = {
      { "value", "string", required = true },
    },
    read_only = { "id", "name", "created_at", "updated_at" },
    secret = { "value" },
    scopes = EVERYTHING,
    doc = DOCS .. "update-environment-variable",
  },

  delete_env = {
    method = "DELETE", path = "/api/2/hooks/envs/{env_id}",
    ids = env,
    result = "none", success = { 204 },
    scopes = EVERYTHING,
    doc = OLD_DOCS .. "delete-environment-variable",
  },
}

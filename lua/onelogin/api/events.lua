-- Events: what happened in the account. Version 1 only.

local DOCS = "https://developers.onelogin.com/api-docs/1/events/"

local READ = { "Read Users", "Manage Users", "Read All", "Manage All" }

return {
  list = {
    method = "GET", path = "/api/1/events",
    query = {
      { "since", "string" },
      { "until", "string" },
      { "created_at", "string" },
      { "event_type_id", "array<integer>" },
      { "user_id", "integer" },
      { "user_name", "string" }, -- on no page; an official tool sends it
      { "directory_id", "integer" },
      { "client_id", "string" },
      { "id", "integer" },
      { "resolution", "string" },
      { "fields", "array<string>" },
      { "sort", "string" },
      { "limit", "integer", default = 50, cap = 50 },
      { "after_cursor", "string" },
      { "before_cursor", "string" },
    },
    envelope = "v1", paging = "v1", result = "list", pin = "+id",
    scopes = READ,
    doc = DOCS .. "get-events",
  },

  get = {
    method = "GET", path = "/api/1/events/{event_id}",
    ids = { { "event_id", "integer" } },
    envelope = "v1",
    scopes = READ,
    doc = DOCS .. "get-event-by-id",
  },

  -- The whole catalogue at once, without pages and without a token.
  types = {
    method = "GET", path = "/api/1/events/types",
    auth = "none",
    envelope = "v1", result = "list",
    scopes = {},
    doc = DOCS .. "event-types",
  },

  create = {
    method = "POST", path = "/api/1/events",
    body = {
      { "event_type_id", "integer", required = true },
      { "account_id", "integer", required = true },
      { "actor_system", "string" },
      { "actor_user_id", "integer" },
      { "actor_user_name", "string" },
      { "app_id", "integer" },
      { "assuming_acting_user_id", "integer" },
      { "custom_message", "string" },
      { "directory_sync_run_id", "integer" },
      { "group_id", "integer" },
      { "group_name", "string" },
      { "ipaddr", "string" },
      { "otp_device_id", "integer" },
      { "otp_device_name", "string" },
      { "policy_id", "integer" },
      { "policy_name", "string" },
      { "role_id", "integer" },
      { "role_name", "string" },
      { "user_id", "integer" },
      { "user_name", "string" },
    },
    envelope = "v1", result = "none",
    success = { 200, 201 },
    scopes = { "Manage All" },
    doc = DOCS .. "create-event",
  },
}

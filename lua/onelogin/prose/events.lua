-- Prose of ../api/events.lua.

local event = {
  id = 123456, created_at = "2026-02-18T02:34:15.626Z", account_id = 555555, event_type_id = 8, user_id = 88888888,
  user_name = "Santiago Cuong", actor_user_id = 987654, actor_user_name = "Santiago Cuong", actor_system = "",
  app_id = 1127385, app_name = "AppWonder", notes = "Initiated by OneLogin via SAML", ipaddr = "203.0.113.9",
  risk_score = 48,
}

return {
  list = {
    summary = "Page through the events by cursor, filtered if wanted",
    params = {
      since = "created after (ISO 8601, UTC, with milliseconds)", ["until"] = "created before",
      created_at = "created at this very instant",
      event_type_id = "events of these types",
      user_id = "events about this user",
      user_name = "events about a user of this name; not documented",
      directory_id = "events about this directory",
      client_id = "events that this credential pair caused",
      id = "one event",
      resolution = "resolution text",
      fields = "attributes to return; id comes in any case",
      sort = "attribute to order by, with + (up) or - (down) in front",
      limit = "rows of a page; 50 is all one gets",
      after_cursor = "the page after; empty is the first",
      before_cursor = "the page before",
    },
    notes = {
      "Events may arrive late: ask again for the last minutes and drop the ids you have.",
      "user_name and actor_user_name are first and last name, or the e-mail address; never the login name.",
      "Ids are beyond 2^32.",
    },
    example = {
      call = 'ol.events:list { event_type_id = { 8, 13 }, since = "2026-02-01T00:00:00.000Z" }',
      http = {
        method = "GET", path = "/api/1/events",
        query = { event_type_id = "8,13", since = "2026-02-01T00:00:00.000Z" },
      },
    },
    sample = { event },
  },

  get = {
    summary = "Fetch an event",
    params = { event_id = "the event's id; not that of its type" },
    errors = { { 404, "Event for id 123456 was not found", "no event has that id" } },
    example = {
      call = "ol.events:get(123456)",
      http = { method = "GET", path = "/api/1/events/123456" },
    },
    sample = event,
  },

  types = {
    summary = "List every type of event with its name and template",
    notes = {
      "Changes seldom: keep it for a day, as the page asks.",
    },
    example = {
      call = "ol.events:types()",
      http = { method = "GET", path = "/api/1/events/types" },
    },
    sample = {
      { id = 1, name = "APP_ADDED_TO_ROLE", description = "App %app% added to role %role%" },
      { id = 5, name = "USER_LOGGED_INTO_ONELOGIN", description = "%user% logged into OneLogin" },
    },
  },

  create = {
    summary = "Write an event",
    params = {
      event_type_id = "its type, from types",
      account_id = "the id of the account itself",
      actor_system = "the system that acted, when no user did",
      actor_user_id = "the user who acted; must exist",
      actor_user_name = "that user's name",
      app_id = "app",
      assuming_acting_user_id = "the user who assumed another; must exist",
      custom_message = "free text",
      directory_sync_run_id = "run of a directory synchronisation",
      group_id = "group",
      group_name = "its name",
      ipaddr = "address",
      otp_device_id = "device",
      otp_device_name = "its name",
      policy_id = "policy",
      policy_name = "its name",
      role_id = "role",
      role_name = "its name",
      user_id = "the user it is about; must exist",
      user_name = "that user's name",
    },
    notes = {
      "Its page is gone; several official clients have it.",
    },
    example = {
      call = 'ol.events:create { event_type_id = 9, account_id = 555555, actor_user_id = 88888888, '
        .. 'role_id = 143175, role_name = "Developers" }',
      http = {
        method = "POST", path = "/api/1/events",
        body = { event_type_id = 9, account_id = 555555, actor_user_id = 88888888, role_id = 143175,
                 role_name = "Developers" },
      },
    },
    sample = true,
  },
}

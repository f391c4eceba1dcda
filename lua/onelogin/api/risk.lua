-- Risk (Vigilance): events in, scores out, and rules that overrule the score.
-- Rule ids are digits beyond 2^53: strings.

local DOCS = "https://developers.onelogin.com/api-docs/2/vigilance/"

local ANYONE = { "Authentication Only", "Read Users", "Manage Users", "Read All", "Manage All" }
local READ = { "Read All", "Manage All" }
local WRITE = { "Manage All" }

local one = { { "rule_id", "string" } }

local ip = { "ip", "string", required = true }
local user_agent = { "user_agent", "string", required = true }
local user = { "user", "object", required = true, fields = {
  { "id", "string", required = true },
  { "name", "string" },
  { "authenticated", "boolean", default = false },
} }
local source = { "source", "object", fields = { { "id", "string" }, { "name", "string" } } }
local session = { "session", "object", fields = { { "id", "string" } } }
local device = { "device", "object", fields = { { "id", "string" } } }
local fp = { "fp", "string" }

local function rule(required)
  return {
    { "name", "string", required = required },
    { "type", "string", required = required, enum = { "blacklist", "whitelist" } },
    { "target", "string", required = required, enum = { "location.ip", "location.address.country_iso_code" } },
    { "filters", "any", required = required }, -- an array; an answer has shown a string
    { "source", "any" }, -- a string or null; some models say an object
    { "description", "string" },
  }
end

return {
  -- 200 with the text OK, or nothing.
  track_event = {
    method = "POST", path = "/api/2/risk/events",
    body = {
      { "verb", "string", required = true }, -- the known ones are not the only ones
      ip, user_agent, user, source, session, device, fp,
      { "published", "string" },
    },
    result = "none", format = "text",
    scopes = ANYONE,
    doc = DOCS .. "train",
  },

  -- A question, although a POST: nothing is recorded.
  get_score = {
    method = "POST", path = "/api/2/risk/verify",
    body = { ip, user_agent, user, source, session, device, fp },
    retry = "safe",
    scopes = ANYONE,
    doc = DOCS .. "verify",
  },

  list_rules = {
    method = "GET", path = "/api/2/risk/rules",
    result = "list",
    scopes = READ,
    doc = DOCS .. "get-rule",
  },

  create_rule = {
    method = "POST", path = "/api/2/risk/rules",
    body = rule(true),
    read_only = { "id" },
    success = { 201, 200 },
    scopes = WRITE,
    doc = DOCS .. "create-rule",
  },

  get_rule = {
    method = "GET", path = "/api/2/risk/rules/{rule_id}",
    ids = one,
    scopes = READ,
    doc = DOCS .. "get-rule",
  },

  update_rule = {
    method = "PUT", path = "/api/2/risk/rules/{rule_id}",
    ids = one,
    body = rule(nil),
    read_only = { "id" },
    scopes = WRITE,
    doc = DOCS .. "update-rule",
  },

  delete_rule = {
    method = "DELETE", path = "/api/2/risk/rules/{rule_id}",
    ids = one,
    result = "none", success = { 204, 200 },
    scopes = WRITE,
    doc = DOCS .. "delete-rule",
  },

  get_score_insights = {
    method = "GET", path = "/api/2/risk/scores",
    query = {
      { "before", "string" },
      { "after", "string" },
    },
    scopes = READ,
    doc = DOCS .. "get-scores",
  },
}

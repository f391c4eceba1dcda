-- Prose of ../api/risk.lua.

local RULE_ID = "the rule's id; digits, as a string"

local context = {
  ip = "address of the person",
  user_agent = "user agent of the person's request",
  user = "who it is",
  ["user.id"] = "your unchanging key; US_88888888 shares history with OneLogin's own scores",
  ["user.name"] = "name",
  ["user.authenticated"] = "is signed in",
  source = "app or tenant, to keep profiles apart",
  ["source.id"] = "its id",
  ["source.name"] = "its name",
  session = "your session",
  ["session.id"] = "its id",
  device = "the device",
  ["device.id"] = "its id",
  fp = "value of the cookie __tdli_fp",
}

local function with(more)
  for name, text in pairs(context) do more[name] = text end
  return more
end

local rule = {
  name = "label",
  type = "blacklist makes the score 100; whitelist overrules it",
  target = "what to compare",
  filters = "array of addresses (also CIDR), or of country codes",
  source = "only events of this source.id; null for all",
  description = "free text",
}

local function with_id()
  local params = { rule_id = RULE_ID }
  for name, text in pairs(rule) do params[name] = text end
  return params
end

local REFUSED = { 401, "Invalid API Key",
                  "the token is refused, or no policy of the account uses Smart MFA; plain text" }
local CACHED = "Works within ten minutes."

local guests = {
  id = "9223372036854775999", name = "Guests", description = "Blocks the guest network", type = "blacklist",
  target = "location.ip", source = "guest-123", filters = { "203.0.113.0/24" },
}

return {
  track_event = {
    summary = "Tell the risk model what somebody did",
    params = with {
      verb = "log-in, log-out, log-in-denied, authentication-challenge, -challenge-pass, -challenge-fail or another",
      published = "when it was (ISO 8601); now when left out",
    },
    errors = { REFUSED },
    example = {
      call = 'ol.risk:track_event { verb = "log-in", ip = "203.0.113.9", user_agent = "Mozilla/5.0", '
        .. 'user = { id = "US_88888888", authenticated = true } }',
      http = {
        method = "POST", path = "/api/2/risk/events",
        body = { verb = "log-in", ip = "203.0.113.9", user_agent = "Mozilla/5.0",
                 user = { id = "US_88888888", authenticated = true } },
      },
    },
    sample = true,
  },

  get_score = {
    summary = "Get the risk of something somebody does, without recording it",
    params = with {},
    notes = { "score is from 0 to 100." },
    errors = { { 400, false, "the request is refused; messages tells why" }, REFUSED },
    example = {
      call = 'ol.risk:get_score { ip = "203.0.113.9", user_agent = "Mozilla/5.0", user = { id = "US_88888888" } }',
      http = {
        method = "POST", path = "/api/2/risk/verify",
        body = { ip = "203.0.113.9", user_agent = "Mozilla/5.0", user = { id = "US_88888888" } },
      },
    },
    sample = { score = 24, triggers = { "Accessed from a new IP address" }, messages = {} },
  },

  list_rules = {
    summary = "List the risk rules",
    errors = { REFUSED },
    example = {
      call = "ol.risk:list_rules()",
      http = { method = "GET", path = "/api/2/risk/rules" },
    },
    sample = { guests },
  },

  create_rule = {
    summary = "Create a risk rule",
    params = rule,
    notes = { CACHED, "0.0.0.0/0 with ::/0 blocks everything." },
    errors = { { 400, false, "a member is missing or unknown" }, REFUSED },
    example = {
      call = 'ol.risk:create_rule { name = "Not from there", type = "blacklist", '
        .. 'target = "location.address.country_iso_code", filters = { "NZ" } }',
      http = {
        method = "POST", path = "/api/2/risk/rules",
        body = { name = "Not from there", type = "blacklist", target = "location.address.country_iso_code",
                 filters = { "NZ" } },
      },
    },
    sample = { id = "9223372036854776000", name = "Not from there", type = "blacklist",
               target = "location.address.country_iso_code", filters = { "NZ" } },
  },

  get_rule = {
    summary = "Fetch a risk rule",
    params = { rule_id = RULE_ID },
    notes = { "filters has been seen as a string instead of an array." },
    errors = { REFUSED },
    example = {
      call = 'ol.risk:get_rule("9223372036854775999")',
      http = { method = "GET", path = "/api/2/risk/rules/9223372036854775999" },
    },
    sample = guests,
  },

  update_rule = {
    summary = "Change a risk rule",
    params = with_id(),
    notes = { "What is left out keeps its value.", CACHED },
    errors = { { 400, false, "a member is unknown" }, REFUSED },
    example = {
      call = 'ol.risk:update_rule("9223372036854775999", { filters = { "203.0.113.0/24", "198.51.100.7" } })',
      http = {
        method = "PUT", path = "/api/2/risk/rules/9223372036854775999",
        body = { filters = { "203.0.113.0/24", "198.51.100.7" } },
      },
    },
    sample = guests,
  },

  delete_rule = {
    summary = "Delete a risk rule",
    params = { rule_id = RULE_ID },
    notes = { CACHED },
    errors = { REFUSED },
    example = {
      call = 'ol.risk:delete_rule("9223372036854775999")',
      http = { method = "DELETE", path = "/api/2/risk/rules/9223372036854775999" },
    },
    sample = true,
  },

  get_score_insights = {
    summary = "Count the scores of a period",
    params = {
      before = "end (ISO 8601); now when left out",
      after = "beginning; 30 days ago when left out, 90 at most",
    },
    errors = { REFUSED },
    example = {
      call = 'ol.risk:get_score_insights { after = "2026-01-01T00:00:00.000Z" }',
      http = { method = "GET", path = "/api/2/risk/scores", query = { after = "2026-01-01T00:00:00.000Z" } },
    },
    sample = { total = 271, scores = { minimal = 50, low = 165, medium = 30, high = 17, very_high = 9 } },
  },
}

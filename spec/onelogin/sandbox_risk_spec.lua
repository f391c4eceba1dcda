-- Risk in the sandbox: what is told, what it scores, and rules that overrule.
local sandbox = require "onelogin.sandbox"
local addresses = require "onelogin.sandbox.addresses"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null

describe("addresses", function()
  it("are IPv4 and IPv6, and nothing else", function()
    assert.same({ 203, 0, 113, 9 }, addresses.parse "203.0.113.9")
    assert.same({ 32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, addresses.parse "2001:db8::1")
    assert.equal(16, #addresses.parse "::")
    assert.equal(16, #addresses.parse "1:2:3:4:5:6:7:8")
    for _, text in ipairs { "", "1.2.3", "1.2.3.256", "1.2.3.4.5", "a.b.c.d", "1:2:3", ":::", "1::2::3",
      "12345::", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7:8:9" } do
      assert.is_nil(addresses.parse(text), text)
    end
  end)

  it("lie in blocks, to the bit", function()
    local function within(block, text) return addresses.within(addresses.block(block), addresses.parse(text)) end
    assert.is_true(within("203.0.113.0/24", "203.0.113.255"))
    assert.is_false(within("203.0.113.0/24", "203.0.114.0"))
    assert.is_true(within("203.0.113.128/25", "203.0.113.200"))
    assert.is_false(within("203.0.113.128/25", "203.0.113.127"))
    assert.is_true(within("0.0.0.0/0", "8.8.8.8"))
    assert.is_false(within("0.0.0.0/0", "::1"))
    assert.is_true(within("2001:db8::/33", "2001:db8:7fff::1"))
    assert.is_false(within("2001:db8::/33", "2001:db8:8000::1"))
    assert.is_true(within("::1", "::1"))
    assert.is_nil(addresses.block "1.2.3.4/33")
    assert.is_nil(addresses.block "::/129")
  end)
end)

describe("risk", function()
  local box, api

  before_each(function()
    box = sandbox { users = 10 }
    api = support.api(box)
  end)

  local EVENTS, VERIFY, RULES, SCORES = "/api/2/risk/events", "/api/2/risk/verify", "/api/2/risk/rules",
    "/api/2/risk/scores"

  local function event(more)
    local out = { ip = "203.0.113.9", user_agent = "Mozilla/5.0", user = { id = "US_88888888" } }
    for k, v in pairs(more or {}) do out[k] = v end
    return out
  end

  local function tell(more)
    local e = event(more)
    e.verb = e.verb or "log-in"
    local status, _, headers, text = api.post(EVENTS, e)
    assert.equal(200, status)
    assert.equal("OK", text)
    assert.equal("text/plain", headers["content-type"])
  end

  local function score(more)
    local status, answer = api.post(VERIFY, event(more))
    assert.equal(200, status)
    assert.same({}, answer.messages)
    return answer.score, answer.triggers
  end

  it("of a stranger is all that is new", function()
    local n, triggers = score { device = { id = "d" } }
    assert.equal(59, n)
    assert.same({ "Accessed from a new IP address", "Accessed with a new user agent",
      "Accessed from a new device" }, triggers)
    assert.equal(44, (score()))
  end)

  it("falls with what is known, and asking teaches nothing", function()
    score()
    assert.equal(44, (score()))
    tell()
    local n, triggers = score()
    assert.equal(0, n)
    assert.same({}, triggers)
    assert.same({ 24, { "Accessed from a new IP address" } }, { score { ip = "198.51.100.1" } })
    assert.equal(20, (score { user_agent = "curl" }))
    assert.equal(15, (score { device = { id = "new" } }))
    tell { device = { id = "new" } }
    assert.equal(0, (score { device = { id = "new" } }))
  end)

  it("rises with failures of the last hour, and with absence", function()
    tell()
    for _ = 1, 5 do tell { verb = "log-in-denied", ip = "198.51.100.1" } end
    assert.equal(30, (score()))
    assert.equal(54, (score { ip = "198.51.100.1" }))
    box.clock.advance(3601)
    api.token = nil
    assert.equal(0, (score()))
    box.clock.advance(31 * 86400)
    api.token = nil
    assert.same({ 15, { "Infrequent access" } }, { score() })
  end)

  it("keeps people and sources apart, and takes history with its dates", function()
    tell { published = "2025-06-01T00:00:00.000Z" }
    assert.equal(15, (score()))
    assert.equal(44, (score { user = { id = "US_2" } }))
    assert.equal(44, (score { source = { id = "portal" } }))
    tell { source = { id = "portal" } }
    assert.equal(0, (score { source = { id = "portal" } }))
  end)

  it("is 100 for what a blacklist names, unless a whitelist of that target does too", function()
    tell()
    local status, rule = api.post(RULES, { name = "Guests", type = "blacklist", target = "location.ip",
      filters = { "203.0.113.0/24" } })
    assert.equal(201, status)
    assert.same({ 100, { "Blocked by rule Guests" } }, { score() })
    assert.equal(24, (score { ip = "198.51.100.1" }))
    api.post(RULES, { name = "Desk", type = "whitelist", target = "location.ip", filters = { "203.0.113.9" } })
    assert.equal(0, (score()))
    api.put(RULES .. "/" .. rule.id, { source = "guest-123", filters = { "0.0.0.0/0", "::/0" } })
    assert.equal(24, (score { ip = "192.0.2.1" }))
    assert.equal(100, (score { ip = "192.0.2.1", source = { id = "guest-123" } }))
    assert.equal(100, (score { ip = "::1", source = { id = "guest-123" } }))
    api.delete(RULES .. "/" .. rule.id)
    assert.equal(44, (score { ip = "192.0.2.1", source = { id = "guest-123" } }))
  end)

  it("knows the countries that it was told", function()
    box.store.countries["203.0.113.0/24"] = "NZ"
    tell()
    api.post(RULES, { name = "Not there", type = "blacklist", target = "location.address.country_iso_code",
      filters = { "NZ" } })
    assert.equal(100, (score()))
    assert.equal(24, (score { ip = "198.51.100.1" }))
  end)

  it("rules have ids beyond 2^53, and change in part", function()
    local _, rule = api.post(RULES, { name = "A", type = "blacklist", target = "location.ip",
      filters = { "1.1.1.1" }, source = null })
    assert.truthy(rule.id:find("^922337203685%d%d%d%d%d%d%d$"))
    assert.same({ id = rule.id, name = "A", type = "blacklist", target = "location.ip",
      filters = { "1.1.1.1" }, source = null, description = null }, rule)
    local status, changed = api.put(RULES .. "/" .. rule.id, { filters = { "123.123.123.123", "::1/128" } })
    assert.equal(200, status)
    rule.filters = { "123.123.123.123", "::1/128" }
    assert.same(rule, changed)
    assert.same(rule, select(2, api.get(RULES .. "/" .. rule.id)))
    assert.same({ rule }, select(2, api.get(RULES)))
    assert.same({ "9.9.9.9" }, select(2, api.put(RULES .. "/" .. rule.id, { filters = "9.9.9.9" })).filters)
    assert.equal(204, (api.delete(RULES .. "/" .. rule.id)))
    assert.equal(404, (api.get(RULES .. "/" .. rule.id)))
    assert.same({}, select(2, api.get(RULES)))
  end)

  it("refuses with all that is wrong", function()
    local function refused(path, body, ...)
      local status, answer = api.post(path, body)
      assert.equal(400, status)
      assert.same({ messages = { ... } }, answer)
    end
    refused(VERIFY, { ip = "1.1.1.1" }, "user_agent is required", "user is required")
    refused(VERIFY, event { ip = "here" }, "ip is invalid")
    refused(VERIFY, event { user = { name = "x" } }, "user.id is required")
    refused(EVENTS, event(), "verb is required")
    refused(EVENTS, event { verb = "log-in", published = "soon" }, "published is invalid")
    refused(RULES, { name = "x" }, "type is required", "target is required", "filters is required")
    refused(RULES, { name = "x", type = "greylist", target = "location.ip", filters = { "1.1.1.1" } },
      "type is invalid")
    refused(RULES, { name = "x", type = "blacklist", target = "location.ip", filters = { "NZ" } },
      'filters: ["NZ"] does not fit the target')
    refused(RULES, { name = "x", type = "blacklist", target = "location.address.country_iso_code",
      filters = { "1.1.1.1" } }, 'filters: ["1.1.1.1"] does not fit the target')
    refused(RULES, { name = "x", colour = 1, type = "blacklist", target = "location.ip", filters = { "1.1.1.1" } },
      "colour is unknown")
  end)

  it("counts the scores it gave, by period", function()
    score()
    box.clock.advance(40 * 86400)
    api.token = nil
    score { device = { id = "d" } }
    tell()
    score()
    api.post(RULES, { name = "All", type = "blacklist", target = "location.ip", filters = { "0.0.0.0/0" } })
    score()
    score { ip = "::1" }
    local status, answer = api.get(SCORES)
    assert.equal(200, status)
    assert.same({ total = 4, scores = { minimal = 1, low = 1, medium = 1, high = 0, very_high = 1 } }, answer)
    assert.equal(5, select(2, api.get(SCORES .. "?after=2026-02-01T00:00:00.000Z")).total)
    assert.equal(1, select(2, api.get(SCORES
      .. "?after=2026-02-01T00:00:00.000Z&before=2026-03-10T00:00:00.000Z")).total)
    status, answer = api.get(SCORES .. "?after=once")
    assert.equal(400, status)
    assert.same({ messages = { "after is invalid" } }, answer)
  end)

  it("takes events of any credential, shows rules to readers, and refuses in plain text", function()
    local least = support.api(box, { scope = "Authentication Only" })
    assert.equal(200, (least.post(VERIFY, event())))
    assert.equal(401, (least.get(RULES)))
    assert.equal(200, (support.api(box, { scope = "Read All" }).get(RULES)))
    local status, _, headers, text = api.call("GET", RULES, nil, { Authorization = "Bearer none" })
    assert.equal(401, status)
    assert.equal("Invalid API Key", text)
    assert.equal("text/plain", headers["content-type"])
  end)
end)

-- How risky something is that somebody does: what is new against what was told before about the
-- same person at the same source, and then the rules. Points add up to 100 at most:
--   an address never seen 24, a user agent never seen 20, a device never seen 15,
--   nothing heard for 30 days 15, each failure of the last hour 10 (three count).
-- Nobody knows anything about a person who was never told of: all of it is new.

local addresses = require("onelogin.sandbox.addresses")

local risk_score = {}

local RARE = 30 * 86400
local MAX_HISTORY = 200 -- events of one profile; older ones are forgotten
local RECENT = 3600
local FAILURES = { ["log-in-denied"] = true, ["authentication-challenge-fail"] = true }

--- Whose history an event belongs to.
function risk_score.profile_of(event)
  local source = type(event.source) == "table" and event.source.id
  return tostring(source or "") .. "\0" .. event.user.id
end

--- What was told of an event's person before, oldest first.
function risk_score.history_of(box, event)
  return box.store.risk_events[risk_score.profile_of(event)] or {}
end

--- Keeps an event that happened `at` (Unix seconds).
function risk_score.remember(box, event, at)
  local history = risk_score.history_of(box, event)
  box.store.risk_events[risk_score.profile_of(event)] = history
  local device = type(event.device) == "table" and event.device.id or nil
  local told = { verb = event.verb, ip = event.ip, user_agent = event.user_agent, device = device, at = at }
  local i = #history + 1
  while i > 1 and history[i - 1].at > at do i = i - 1 end
  table.insert(history, i, told)
  if #history > MAX_HISTORY then table.remove(history, 1) end
end

--- The rules in the order in which they were made.
function risk_score.rules_of(box)
  local out = {}
  for _, rule in pairs(box.store.risk_rules) do out[#out + 1] = rule end
  table.sort(out, function(a, b) return a.n < b.n end)
  return out
end

--- The country of an address: box.store.countries maps addresses and blocks to codes, and is empty
-- unless somebody fills it. nil = not known.
local function country_of(box, bytes)
  for text, code in pairs(box.store.countries) do
    local block = addresses.block(text)
    if block and addresses.within(block, bytes) then return code end
  end
end

local function rule_matches(box, rule, event)
  local source = type(rule.source) == "table" and rule.source.id or rule.source
  if source and source ~= (type(event.source) == "table" and event.source.id) then return false end
  local bytes = addresses.parse(event.ip)
  if not bytes then return false end
  local country = rule.target ~= "location.ip" and country_of(box, bytes)
  for _, filter in ipairs(rule.filters) do
    if rule.target == "location.ip" then
      local block = addresses.block(filter)
      if block and addresses.within(block, bytes) then return true end
    elseif country and filter:upper() == country:upper() then
      return true
    end
  end
  return false
end

-- The first matching blacklist that no matching whitelist of the same target overrules.
local function blocked_by(box, rules, event)
  local spared, found = {}, {}
  for _, rule in ipairs(rules) do
    if rule_matches(box, rule, event) then
      if rule.type == "whitelist" then spared[rule.target] = true else found[#found + 1] = rule end
    end
  end
  for _, rule in ipairs(found) do
    if not spared[rule.target] then return rule end
  end
end

--- The score of an event and what it is made of. `rules`: rows in order; `history`: earlier events
-- of the same profile, oldest first.
function risk_score.of(box, event, rules, history)
  local triggers, score = {}, 0
  local function add(points, text)
    score = score + points
    triggers[#triggers + 1] = text
  end
  local rule = blocked_by(box, rules, event)
  if rule then return 100, { "Blocked by rule " .. rule.name } end
  local now = box.clock.wall()
  local device = type(event.device) == "table" and event.device.id
  local ip, agent, known_device, failures, last = false, false, not device, 0, nil
  for _, past in ipairs(history) do
    local good = not FAILURES[past.verb]
    if good then
      ip = ip or past.ip == event.ip
      agent = agent or past.user_agent == event.user_agent
      known_device = known_device or past.device == device
      if not last or past.at > last then last = past.at end
    elseif now - past.at <= RECENT then
      failures = failures + 1
    end
  end
  if not ip then add(24, "Accessed from a new IP address") end
  if not agent then add(20, "Accessed with a new user agent") end
  if not known_device then add(15, "Accessed from a new device") end
  if last and now - last > RARE then add(15, "Infrequent access") end
  for _ = 1, math.min(3, failures) do add(10, "Recent failure to log in") end
  return math.min(100, score), triggers
end

return risk_score

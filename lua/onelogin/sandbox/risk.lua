-- Risk (Vigilance): events are told, scores asked for, and rules overrule the score at once (the
-- service may take ten minutes). Ids of rules are digits beyond 2^53.

local json = require("onelogin.core").json
local addresses = require("onelogin.sandbox.addresses")
local fail = require("onelogin.sandbox.fail")
local risk_score = require("onelogin.sandbox.risk_score")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local risk = {}

local null = json.null
local DAY = 86400
local MAX_SCORES = 20000
local MEMBERS = { "name", "type", "target", "filters", "source", "description" }
local REQUIRED = { "name", "type", "target", "filters" }

-- The refusals of this service name everything that is wrong.
local function refused(messages)
  return 400, { messages = json.array(messages) }
end

-- What is wrong with a body by the declared table: a list of sentences.
local function wrong_with(entry, body)
  local messages = {}
  local strange = write.unknown(entry, body)
  if strange then messages[#messages + 1] = strange .. " is unknown" end
  for _, p in ipairs(entry.body) do
    if p.required and (body[p[1]] == nil or body[p[1]] == null or body[p[1]] == "") then
      messages[#messages + 1] = p[1] .. " is required"
    end
  end
  local misfit = write.misfit(entry, body)
  if misfit then messages[#messages + 1] = misfit .. " is invalid" end
  return messages
end

-- An event out of a body: or nil, status, refusal.
local function event_of(req)
  local b = req.body
  if type(b) ~= "table" or write.is_array(b) then return nil, refused { "the body is no object" } end
  local messages = wrong_with(req.entry, b)
  if #messages == 0 then
    if not addresses.parse(b.ip) then messages[#messages + 1] = "ip is invalid" end
    if type(b.user.id) ~= "string" or b.user.id == "" then messages[#messages + 1] = "user.id is required" end
  end
  if #messages > 0 then return nil, refused(messages) end
  return b
end

risk["risk.track_event"] = function(box, req)
  local event, status, refusal = event_of(req)
  if not event then return status, refusal end
  local at = req.now
  if event.published ~= nil and event.published ~= null then
    at = util.parse_iso(event.published)
    if not at then return refused { "published is invalid" } end
  end
  risk_score.remember(box, event, at)
  return 200, "OK"
end

-- The event is not recorded; that a score was given is counted.
risk["risk.get_score"] = function(box, req)
  local event, status, refusal = event_of(req)
  if not event then return status, refusal end
  local score, triggers = risk_score.of(box, event, risk_score.rules_of(box),
    risk_score.history_of(box, event))
  local scores = box.store.risk_scores
  if #scores >= MAX_SCORES then table.remove(scores, 1) end
  scores[#scores + 1] = { at = req.now, score = score }
  return 200, { score = score, triggers = json.array(triggers), messages = json.array {} }
end

local BANDS = { { 20, "minimal" }, { 40, "low" }, { 60, "medium" }, { 80, "high" }, { 101, "very_high" } }

local function instant(text, default)
  if text == nil or text == "" then return default end
  return util.parse_iso(text)
end

risk["risk.get_score_insights"] = function(box, req)
  local before = instant(req.query.before, req.now)
  local after = instant(req.query.after, req.now - 30 * DAY)
  if not before or not after then
    return refused { (before and "after" or "before") .. " is invalid" }
  end
  after = math.max(after, req.now - 90 * DAY)
  local counts, total = { minimal = 0, low = 0, medium = 0, high = 0, very_high = 0 }, 0
  for _, given in ipairs(box.store.risk_scores) do
    if given.at >= after and given.at <= before then
      total = total + 1
      for _, band in ipairs(BANDS) do
        if given.score < band[1] then
          counts[band[2]] = counts[band[2]] + 1
          break
        end
      end
    end
  end
  return 200, { scores = counts, total = total }
end

local function view(rule)
  local out = { id = rule.id }
  for _, name in ipairs(MEMBERS) do
    local v = rule[name]
    out[name] = v == nil and null or util.copy(v)
  end
  out.filters = json.array(util.copy(rule.filters))
  return out
end

-- Filters as a list of texts that fit the target, or nil and what is wrong.
local function filters_of(given, target)
  if type(given) == "string" then given = { given } end
  if not write.is_array(given) or #given == 0 then return nil, "filters is invalid" end
  local out = {}
  for i, text in ipairs(given) do
    local fine
    if target == "location.ip" then
      fine = addresses.block(text)
    else
      fine = type(text) == "string" and text:find("^%a%a$")
    end
    if not fine then return nil, "filters: " .. json.encode(json.array { text }) .. " does not fit the target" end
    out[i] = text
  end
  return out
end

-- Checks a body over a rule and answers the members of the result; or nil, status, refusal.
local function rule_of(req, own)
  local b = req.body
  if type(b) ~= "table" or write.is_array(b) then return nil, refused { "the body is no object" } end
  local messages = wrong_with(req.entry, b)
  local out = util.copy(own or {})
  for _, name in ipairs(MEMBERS) do
    if b[name] ~= nil then out[name] = b[name] end
  end
  for _, name in ipairs { "source", "description" } do
    if out[name] == null then out[name] = nil end
  end
  if #messages == 0 then
    for _, name in ipairs(REQUIRED) do
      if out[name] == null or out[name] == "" then messages[#messages + 1] = name .. " is required" end
    end
    local source = type(out.source) == "table" and out.source.id or out.source
    if source ~= nil and type(source) ~= "string" then messages[#messages + 1] = "source is invalid" end
  end
  if #messages == 0 then
    local filters, problem = filters_of(out.filters, out.target)
    if not filters then messages[1] = problem end
    out.filters = filters
  end
  if #messages > 0 then return nil, refused(messages) end
  return out
end

local function find(box, req)
  local rule = box.store.risk_rules[req.ids.rule_id]
  if rule then return rule end
  return nil, fail.not_found_v2()
end

risk["risk.list_rules"] = function(box)
  local out = {}
  for i, rule in ipairs(risk_score.rules_of(box)) do out[i] = view(rule) end
  return 200, json.array(out)
end

risk["risk.get_rule"] = function(box, req)
  local rule, status, body = find(box, req)
  if not rule then return status, body end
  return 200, view(rule)
end

risk["risk.create_rule"] = function(box, req)
  local rule, status, refusal = rule_of(req)
  if not rule then return status, refusal end
  rule.n = box:new_id("risk_rule_numbers")
  rule.id = ("922337203685%07d"):format(rule.n % 10000000)
  box.store.risk_rules[rule.id] = rule
  return 201, view(rule)
end

risk["risk.update_rule"] = function(box, req)
  local rule, status, refusal = find(box, req)
  if not rule then return status, refusal end
  local changed
  changed, status, refusal = rule_of(req, rule)
  if not changed then return status, refusal end
  box.store.risk_rules[rule.id] = changed
  return 200, view(changed)
end

risk["risk.delete_rule"] = function(box, req)
  local rule, status, body = find(box, req)
  if not rule then return status, body end
  box.store.risk_rules[rule.id] = nil
  return 204
end

return risk

-- Trouble on demand: a fault is a rule that meets requests and spoils their answers, a given number
-- of times and with a seeded chance, so that a test of bad weather repeats exactly.

local util = require("onelogin.sandbox.util")
local fail = require("onelogin.sandbox.fail")

local faults = {}

local KNOWN = { operation = true, times = true, skip = true, status = true, latency = true,
  drop = true, truncate = true, garbage = true, headers = true, body = true, probability = true,
  edge = true }
local NUMBERS = { "times", "skip", "status", "latency", "truncate", "probability" }
local DROPS = { connect = true, before = true, after = true }

--- Checks a rule and puts it at the end of the box's list. Returns the rule; `rule.hits` counts.
function faults.add(box, options)
  if type(options) ~= "table" then error("fault: expected a table of options", 3) end
  util.check_names(options, KNOWN, "fault")
  local rule = { hits = 0, seen = 0 }
  for k, v in pairs(options) do rule[k] = v end
  if rule.drop == true then rule.drop = "before" end
  if rule.drop and not DROPS[rule.drop] then
    error("fault: drop must be 'connect', 'before' or 'after'", 3)
  end
  if not (rule.status or rule.latency or rule.drop or rule.truncate or rule.garbage or rule.headers
      or rule.body or rule.edge) then
    error("fault: say what goes wrong: status, latency, drop, truncate, garbage, headers or body", 3)
  end
  for _, name in ipairs(NUMBERS) do
    if rule[name] ~= nil and (type(rule[name]) ~= "number" or rule[name] < 0) then
      error("fault: " .. name .. " must be a number, zero or more", 3)
    end
  end
  if rule.headers and type(rule.headers) ~= "table" then
    error("fault: headers must be a table of names and values", 3)
  end
  if rule.body and type(rule.body) ~= "string" and (type(rule.body) ~= "function" or rule.status) then
    error("fault: body must be text (or, without a status, a function of the true body)", 3)
  end
  if rule.operation and type(rule.operation) ~= "string" then
    error("fault: operation must be a name such as 'users.list', with * for anything", 3)
  end
  if rule.edge and not rule.status then rule.status = 429 end
  rule.times = rule.times or 1
  local pattern = rule.operation or "*"
  rule.pattern = "^" .. pattern:gsub("[^%w_*]", "%%%0"):gsub("%*", ".*") .. "$"
  box.faults[#box.faults + 1] = rule
  return rule
end

--- The first rule that meets this operation now (its count goes down), or nil.
function faults.pick(box, op)
  for i, rule in ipairs(box.faults) do
    if (op or ""):find(rule.pattern) then
      rule.seen = rule.seen + 1
      local due = rule.seen > (rule.skip or 0)
      if due and (not rule.probability or box:random() < rule.probability) then
        rule.hits = rule.hits + 1
        rule.times = rule.times - 1
        if rule.times <= 0 then table.remove(box.faults, i) end
        return rule
      end
    end
  end
end

-- The proxy answers these by itself.
local EDGE = { [429] = true, [502] = true, [503] = true, [504] = true }

--- The answer a rule with a status gives instead of the service's: status, body, headers, edge.
function faults.answer(rule, v2)
  local status = rule.status
  if rule.body then
    return status, rule.body, { ["content-type"] = "application/json; charset=utf-8" }
  end
  if rule.edge or EDGE[status] then
    return status, fail.edge(status), { ["content-type"] = "text/html" }, true
  end
  if v2 then
    return fail.v2(status, status >= 500 and "InternalServerError" or "Error", "Injected fault")
  end
  return fail.v1(status, nil, "Injected fault")
end

--- Spoils a finished answer: headers, body, garbage, truncation, connection.
function faults.spoil(rule, answer)
  for name, value in pairs(rule.headers or {}) do answer.headers[name:lower()] = tostring(value) end
  if rule.body and not rule.status then
    answer.body = type(rule.body) == "function" and rule.body(answer.body) or rule.body
  end
  if rule.garbage then
    answer.body = type(rule.garbage) == "string" and rule.garbage
      or "{\"id\": 1, \"oops\255\254\0 <<<<" .. answer.body:sub(1, 40)
  end
  answer.truncate = rule.truncate
  answer.latency = (answer.latency or 0) + (rule.latency or 0)
  if rule.drop == "after" then answer.drop = "after" end
end

return faults

-- After a 2xx no field's type makes a call fail: 10,000 answers of the documentation, changed at random inside, never
-- in their envelope or in being a list.  Seeded: the same changes on every run.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local canary = require "spec.support.canary"
local wire = require "spec.support.wire"

local json = core.json

-- Under checkers that take fifty times as long, some of them do.
local slow = os.getenv("OL_MODE") and os.getenv("OL_MODE") ~= "plain"
local ANSWERS, WALKS = slow and 500 or 10000, slow and 20 or 300

local seed = 20240229
local function random(n)
  seed = (seed * 16807) % 2147483647
  return seed % n + 1
end

local function rubbish(depth)
  local kind = random(16)
  if kind == 1 then return json.null
  elseif kind == 2 then return true
  elseif kind == 3 then return false
  elseif kind == 4 then return random(1000) - 500
  elseif kind == 5 then return 1e300
  elseif kind == 6 then return json.decode("[123456789012345678901234567890]")[1]
  elseif kind == 7 then return ""
  elseif kind == 8 then return "\0\27[2J\240\159\146\169\226\128\174"
  elseif kind == 9 then return ("long "):rep(random(400))
  elseif kind == 10 then return json.array {}
  elseif kind == 11 then return {}
  elseif kind == 12 then return -0.5
  elseif kind == 13 then return "2023-02-30T99:99:99Z"
  elseif kind == 14 then return { error = true, status = 500, message = "not an error", name = "Error", code = 401 }
  elseif depth > 3 then return 7
  elseif kind == 15 then return json.array { rubbish(depth + 1), rubbish(depth + 1) }
  end
  return { id = rubbish(depth + 1), [tostring(random(99))] = rubbish(depth + 1) }
end

-- Words that mean something to readers of answers.
local telling = { "id", "status", "error", "message", "name", "code", "statusCode", "data", "pagination", "type",
  "state_token", "access_token", "cursor", "afterCursor", "total", "description" }

-- Changes, adds or removes something at a random depth of a table.
local function mutate(t, depth)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  local k = keys[random(math.max(#keys, 1))]
  if type(t[k]) == "table" and t[k] ~= json.null and depth < 4 and random(3) > 1 and next(t[k]) ~= nil then
    return mutate(t[k], depth + 1)
  end
  if json.is_array(t) then
    t[random(#t + 1)] = rubbish(1)
  elseif random(4) == 1 then
    t[telling[random(#telling)]] = rubbish(1)
  elseif k ~= nil then
    t[k] = random(5) > 1 and rubbish(1) or nil
  end
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = json.is_array(value) and json.array {} or {}
  for k, v in pairs(value) do out[k] = copy(v) end
  return out
end

-- The body of an operation's answer whose result is `value`; nil where that cannot be told.
local function body_of(entry, value)
  if entry.nested then value = json.array { value } end
  if entry.unwrap then value = { [entry.unwrap] = value, total = rubbish(1), afterCursor = rubbish(1) } end
  if entry.envelope ~= "v1" then return value end
  local status = { error = false, code = 200, type = "success", message = "Success" }
  local body = { status = status, data = value, more = rubbish(1) }
  if entry.paging == "v1" then
    body.pagination = { after_cursor = rubbish(1), before_cursor = rubbish(1), next_link = rubbish(1) }
    if random(10) == 1 then body.pagination = rubbish(1) end
  end
  for _, name in ipairs { "code", "type", "message" } do
    if random(4) == 1 then status[name] = rubbish(1) end
  end
  if random(10) == 1 then status.error = ({ json.null, 0, "true", "", {} })[random(5)] end
  return body
end

local function headers()
  local out = {}
  for _, name in ipairs { "After-Cursor", "before-cursor", "total-count", "Total-Pages", "current-page", "page-items",
    "x-ratelimit-limit", "date", "retry-after", "x-request-id", "content-type" } do
    if random(6) == 1 then
      out[name] = ({ "", "-1", "1e999", "NaN", ("9"):rep(50), "\255\0", "a, b", "0", "Thu, 99 Foo 1970", 5, false,
        {} })[random(12)]
    end
  end
  return out
end

describe("an answer with strange fields", function()
  it("never makes a call fail: 10,000 of them", function()
    local response
    local transport = { send = function(_, request)
      if request.operation == "oauth.generate_tokens" then
        return { status = 200, headers = {},
          body = '{"access_token":"' .. canary.token .. '","token_type":"bearer","expires_in":36000}' }
      end
      return response
    end }
    local clients = {}
    for i, nulls in ipairs { "nil", "sentinel" } do
      clients[i] = onelogin.new { base_url = "https://acme.test", client_id = "id", client_secret = canary.secret,
        transport = transport, nulls = nulls, clock = { mono = function() return 5 end,
          wall = function() return 1700000000 end, sleep = error } }
    end

    -- what can be called, with an answer of its documentation
    local subjects = {}
    for _, case in ipairs(wire.cases()) do
      local resource, name = case[1]:match("^(.-)%.(.*)$")
      local entry = require("onelogin.api." .. resource)[name]
      local sample = require("onelogin.prose." .. resource)[name].sample
      if type(sample) == "table" and entry.format == nil and case[1] ~= "oauth.generate_tokens" then
        subjects[#subjects + 1] = { case = case, entry = entry, sample = sample }
      end
    end
    assert.is_true(#subjects > 100)

    for i = 1, ANSWERS do
      local subject = subjects[i % #subjects + 1]
      local value = copy(subject.sample)
      for _ = 1, random(3) do mutate(value, 1) end
      if (subject.entry.result == "list" or subject.entry.paging) then
        if next(value) == nil then value = json.array {} end
        value = json.array(value)
      end
      response = { status = ({ 200, 201, 202 })[random(3)], headers = headers(),
        body = json.encode(body_of(subject.entry, value)) }
      local ok, result, err = pcall(wire.call, clients[i % 2 + 1], subject.case)
      if not ok or result == nil then
        error(("%s at %d: %s"):format(subject.case[1], i, tostring(ok and err or result)), 0)
      end
    end
  end)

  it("never ends a walk before its time, nor loses a row", function()
    for round = 1, WALKS do
      local page, rows = 0, 0
      local style = round % 2 == 0 and "v1" or "v2"
      local transport = { send = function(_, request)
        if request.operation == "oauth.generate_tokens" then
          return { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '"}' }
        end
        page = page + 1
        local items = json.array {}
        for _ = 1, 5 do
          rows = rows + 1
          local row = { id = rows, username = "u" .. rows, n = rows }
          if random(3) == 1 then row.id = json.null end
          if random(4) == 1 then row.id = { "x" } end
          if random(4) == 1 then row.username = rubbish(1) end
          items[#items + 1] = row
        end
        local after = page < 4 and "c" .. page or nil
        if style == "v2" then
          return { status = 200, headers = { ["after-cursor"] = after, ["total-count"] = "x" },
            body = json.encode(items) }
        end
        local status = ({ json.null, "ok", 200, json.array {}, { error = false } })[random(5)]
        return { status = 200, headers = {}, body = json.encode { status = status, data = items,
          pagination = { after_cursor = after or json.null, before_cursor = rubbish(1), next_link = rubbish(1) } } }
      end }
      local ol = onelogin.new { base_url = "https://acme.test", client_id = "id", client_secret = canary.secret,
        transport = transport, nulls = round % 3 == 0 and "nil" or "sentinel" }
      local seen = 0
      for user in (style == "v1" and ol.users_v1 or ol.users):each() do
        seen = seen + 1
        assert.equal(seen, user.n)
      end
      assert.equal(20, seen)
    end
  end)
end)

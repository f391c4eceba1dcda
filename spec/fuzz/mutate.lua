-- Random JSON values and random damage to texts, the same on every Lua for the same seed.
-- Used by the specs of the mapping layer; by hand, with any amount:
--   lua5.4 spec/fuzz/mutate.lua 1000000 [SEED]      (LUA_CPATH pointing at build/5.4/?.so)
local M = {}

-- Park and Miller: exact in doubles, so 5.1 and 5.4 draw the same numbers.
function M.random(seed)
  local x = seed % 2147483646 + 1
  return function(n)
    x = (x * 16807) % 2147483647
    return x % n + 1
  end
end

local texts = {
  "", "a", "Ashley Akua", "q\"uote", "back\\slash", "/", "\0", "\31\127", "line\nbreak\ttab", "\194\128",
  "\226\130\172", "\226\128\168", "\240\159\152\128", "<script>", "=HYPERLINK(", "%s%d", "[]", "{}", "null",
  "12345678901234567890", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAA12345678901234567", "status", "1",
}

local numbers = {
  0, 1, -1, 7, 255, 88888888, 4294967296, 99999999999999, 100000000000000, 123456789012345, 999999999999999,
  9007199254740991, 9007199254740992, -9007199254740992, 0.5, -0.25, 0.1, 1 / 3, 1e20, 1e300, 5e-324, 2.5e-10,
  1.7976931348623157e308,
}

local digits = {
  "9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
  "-9223372036854775809", "12345678901234567890123456789",
}

-- A random value that JSON can say; json is core.json.
function M.value(rnd, json, depth)
  local kind = rnd(depth > 0 and 9 or 7)
  if kind <= 2 then
    return texts[rnd(#texts)]
  elseif kind <= 4 then
    local n = numbers[rnd(#numbers)]
    return n == math.floor(n) and math.abs(n) < 2 ^ 53 and math.type and math.tointeger(n) or n
  elseif kind == 5 then
    return (json.decode(digits[rnd(#digits)]))
  elseif kind == 6 then
    return rnd(2) == 1
  elseif kind == 7 then
    return json.null
  elseif kind == 8 then
    local t = json.array {}
    for i = 1, rnd(5) - 1 do
      t[i] = M.value(rnd, json, depth - 1)
    end
    return t
  end
  local t = {}
  for _ = 1, rnd(5) - 1 do
    t[texts[rnd(#texts)]] = M.value(rnd, json, depth - 1)
  end
  return t
end

-- Equal in every respect that JSON knows: [] is not {}, 1 is not "1".
function M.same(a, b, json)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b and type(a) == type(b)
  end
  if json.is_array(a) ~= json.is_array(b) then
    return false
  end
  for k, v in pairs(a) do
    if not M.same(v, b[k], json) then
      return false
    end
  end
  for k in pairs(b) do
    if a[k] == nil then
      return false
    end
  end
  return true
end

local pieces = {
  "[", "]", "{", "}", ",", ":", "\"", "\\", "\\ud800", "\\u0000", "null", "true", "-", "1.", "1e400", "0x10", "NaN",
  "[]", "{}", "[[]]", "12345678901234567890", "\0", "\255", "\239\187\191", "<html>", " ", "\n",
  "\"error\":true", "\"status\":", "\"data\":", "[[[[[[[[", "\"message\":{}", "\"status\":[]", "1e5", "0", "false",
}

-- The text with one to four random damages.
function M.damage(rnd, text)
  for _ = 1, rnd(4) do
    local at, kind = rnd(#text + 1), rnd(6)
    if kind == 1 then
      text = text:sub(1, at - 1)
    elseif kind == 2 then
      text = text:sub(1, at - 1) .. string.char(rnd(256) - 1) .. text:sub(at + 1)
    elseif kind == 3 then
      text = text:sub(1, at - 1) .. text:sub(at + rnd(12))
    elseif kind == 4 then
      local from = rnd(#text + 1)
      text = text:sub(1, at - 1) .. text:sub(from, from + rnd(30)) .. text:sub(at)
    else
      text = text:sub(1, at - 1) .. pieces[rnd(#pieces)] .. text:sub(at)
    end
  end
  return text
end

-- Bodies of every kind of answer, to start from.
M.bodies = {
  '{"id":88888888,"email":"ashley@acme.com","role_ids":[],"group_id":null,"custom_attributes":{"food":"b\\u00e4r"}}',
  '[{"id":1,"name":"a"},{"id":12345678901234567890,"name":null},{"id":3,"tags":[[],[1.5,1e3,-0.1]]}]',
  '{"status":{"error":false,"code":200,"type":"success","message":"Success"},"pagination":{"before_cursor":null,'
    .. '"after_cursor":"MTIz","previous_link":null,"next_link":"https://x/"},"data":[{"id":1},{"id":2}]}',
  '{"status":{"error":false,"code":200,"type":"success","message":"Success"},"data":[[143175,143176]]}',
  '{"status":{"type":"success","code":200,"message":"Success","error":false},"data":{"otp_devices":[{"id":525509}]}}',
  '{"status":{"error":true,"code":401,"type":"Unauthorized","message":"Authentication Failure"}}',
  '{"status":{"error":true,"code":400,"type":"bad request","message":{"description":"no","attribute":"id"}}}',
  '{"statusCode":404,"name":"NotFoundError","message":"The resource with the given id could not be found"}',
  '{"code":422,"message":"Validation Failed","errors":[{"field":"enabled","message":["Is missing"]}]}',
  '{"access_token":"xx508xx63817x752xx74004x30705xx92x58349x5x78f5xx34xxxxx51","created_at":"2015-11-11T03:36:18.714Z",'
    .. '"expires_in":36000,"refresh_token":"628x9x0xx447xx4x421x517x4x474x33x2065x4x1xx523xxxxx6x7x20",'
    .. '"token_type":"bearer","account_id":555555}',
  '<html><head><title>502 Bad Gateway</title></head><body><h1>502 &lt;Bad&gt; Gateway</h1></body></html>',
  '<error><title>Oops</title><message>It &amp; that</message></error>',
  "OK",
  "",
}

local shapes = {}
for _, envelope in ipairs { "bare", "v1" } do
  for _, result in ipairs { "object", "list", "none", "value" } do
    for _, nulls in ipairs { "nil", "sentinel" } do
      shapes[#shapes + 1] = { envelope = envelope, result = result, nulls = nulls }
      shapes[#shapes + 1] = { envelope = envelope, result = result, nulls = nulls, person = true, nested = true }
      shapes[#shapes + 1] = {
        envelope = envelope, result = result, nulls = nulls, unwrap = "otp_devices",
        paging = result == "list" and (envelope == "v1" and "v1" or "v2") or nil,
      }
    end
  end
end
local statuses = { 200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503 }

local kinds = {}
for kind in ("auth permission denied not_found conflict invalid rate_limited server decode timeout"):gmatch "%S+" do
  kinds[kind] = true
end

-- One damaged answer through the mapping: it must not throw, and must give either a result or an error table
-- of a known kind with a message.  Throws when it does not.
function M.answer(rnd, response)
  local body = M.damage(rnd, M.bodies[rnd(#M.bodies)])
  local answer = { status = statuses[rnd(#statuses)], headers = { ["X-Request-Id"] = "r" }, body = body }
  local result, err, facts
  if rnd(5) == 1 then
    result, err, facts = response.token(answer)
  else
    result, err, facts = response.map(shapes[rnd(#shapes)], answer)
  end
  if result == nil then
    assert(type(err) == "table" and kinds[err.kind], "no error table of a known kind")
    assert(type(err.message) == "string" and #err.message > 0 and #err.message < 1200, "no message")
    assert(not err.message:find "[%c]", "control characters in a message: " .. ("%q"):format(err.message))
    assert(type(err.retryable) == "boolean" and err.kind == facts.kind)
  else
    assert(facts.kind == "none" and answer.status >= 200 and answer.status < 300, "an error passed as success")
  end
end

if arg and arg[0] and arg[0]:find "mutate%.lua$" then
  local core = require "onelogin.core"
  local n, seed = tonumber(arg[1]) or 100000, tonumber(arg[2]) or os.time()
  print("seed " .. seed)
  local rnd = M.random(seed)
  for i = 1, n do
    local ok, why = pcall(M.answer, rnd, core.response)
    local v = M.value(rnd, core.json, 4)
    if ok then
      ok, why = M.same(core.json.decode(core.json.encode(v), { nulls = "sentinel" }), v, core.json), "not the same"
    end
    if not ok then
      print("case " .. i .. ": " .. tostring(why))
      os.exit(1)
    end
  end
  print(n .. " cases passed")
end

return M

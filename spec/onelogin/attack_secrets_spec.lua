-- Secrets in every disguise a server, a proxy or a caller may give them: none may come out again.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local redact = require "onelogin.redact"
local canary = require "spec.support.canary"

local json = core.json
local HEX = "%02x"
local slow = os.getenv("OL_MODE") and os.getenv("OL_MODE") ~= "plain" -- under checkers, fewer of the combinations
local STATUSES = slow and { 200, 401 } or { 200, 302, 401 }

local function base64(s)
  local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  return ((s:gsub("..?.?", function(three)
    local a, b, c = three:byte(1, 3)
    local v = a * 65536 + (b or 0) * 256 + (c or 0)
    local out = {}
    for i = 4, 1, -1 do
      local d = v % 64
      out[i] = digits:sub(d + 1, d + 1)
      v = (v - d) / 64
    end
    return table.concat(out):sub(1, c and 4 or b and 3 or 2) .. (c and "" or b and "=" or "==")
  end)))
end

local function each_byte(format)
  return function(s) return (s:gsub(".", function(c) return format:format(c:byte()) end)) end
end

-- Ways to write a value, and what surrounds it.
local disguises = {
  plain = function(v) return v end,
  json = function(v) return json.encode(v) end,
  json_in_json = function(v) return json.encode { inner = json.encode { v } } end,
  slashes = function(v) return '"' .. v:gsub("/", "\\/") .. '"' end,
  escaped = function(v) return '"' .. each_byte("\\u00" .. HEX)(v) .. '"' end,
  escaped_capitals = function(v) return '"' .. each_byte("\\u00%02X")(v) .. '"' end,
  one_escape = function(v) return '"' .. v:sub(1, 3) .. ("\\u%04x"):format(v:byte(4)) .. v:sub(5) .. '"' end,
  percent = function(v) return "?x=" .. core.url.encode(v) .. "&y=1" end,
  percent_lower = function(v)
    return "?x=" .. core.url.encode(v):gsub("%%%x%x", string.lower)
  end,
  percent_all = each_byte("%%" .. HEX),
  form = function(v) return "x=" .. core.url.encode(v):gsub("%%20", "+") end,
  base64_0 = function(v) return "<" .. base64(v .. ":rest") .. ">" end,
  base64_1 = function(v) return "<" .. base64("a" .. v .. ":rest") .. ">" end,
  base64_2 = function(v) return "<" .. base64("ab" .. v .. ":rest") .. ">" end,
  base64_url = function(v) return "<" .. base64("id:" .. v):gsub("+", "-"):gsub("/", "_"):gsub("=", "") .. ">" end,
  redirect = function(v) return "https://elsewhere.test/?access_token=" .. v .. "#token=" .. v end,
  page = function(v) return "<html><title>" .. v .. "</title></html>" end,
  cut = function(v) return ("."):rep(4096 - #v + 3) .. v end,
}

-- Whatever of `value` can be read in `text`, also when it was written in one of those ways.
local function leaks(text, value)
  local function has(t) return t:find(value, 1, true) or t:find(value:sub(1, -4), 1, true) end
  local function unescape(t)
    return (t:gsub("\\u00(%x%x)", function(h) return string.char(tonumber(h, 16)) end):gsub("\\([\"\\/])", "%1"))
  end
  local function unpercent(t)
    return (t:gsub("%+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
  end
  if has(text) or has(unescape(text)) or has(unescape(unescape(text))) or has(unpercent(text)) then return true end
  for skip = 0, 2 do
    local at = base64(("\0"):rep(skip) .. value):gsub("=", ""):sub(skip + 2, -3)
    if text:find(at, 1, true) or text:find((at:gsub("+", "-"):gsub("/", "_")), 1, true) then return true end
  end
  return false
end

local function client(answer, more)
  local options = { base_url = "https://x.test", client_id = "id", client_secret = canary.secret, attempts = 1,
    transport = { send = function(_, request)
      if request.operation == "oauth.generate_tokens" then
        return { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '","expires_in":36000}' }
      end
      return answer(request)
    end } }
  for k, v in pairs(more or {}) do options[k] = v end
  return onelogin.new(options)
end

local function clean(err, what)
  for _, value in ipairs { canary.secret, canary.token, canary.password } do
    assert.is_false(leaks(tostring(err), value), what)
    if type(err) == "table" then
      for k, v in pairs(err) do
        assert.is_false(leaks(tostring(k) .. tostring(v), value), what .. " in " .. tostring(k))
      end
    end
  end
end

describe("an echo of a secret", function()
  local values = { canary.secret, canary.token, canary.password }
  local params = { password = canary.password, password_confirmation = canary.password }

  for name, disguise in pairs(disguises) do
    it("is masked in an answer: " .. name, function()
      for _, value in ipairs(values) do
        local text = disguise(value)
        for _, status in ipairs(STATUSES) do
          for _, body in ipairs { text, '{"message":' .. json.encode(text) .. ',"code":' .. json.encode(text) .. "}",
            '{"name":"E","description":' .. json.encode(text) .. ',"field":' .. json.encode(text) .. "}",
            '{"status":{"error":true,"code":400,"message":{"description":' .. json.encode(text) .. '}}}' } do
            local ol = client(function()
              return { status = status, headers = { location = text, ["x-request-id"] = text }, body = body }
            end)
            local answer, err = ol.users:set_password_cleartext(5, params)
            if answer == nil then clean(err, name) end
            answer, err = ol.users:list()
            if answer == nil and value ~= canary.password then clean(err, name) end
          end
        end
      end
    end)

    it("is masked in a transport's failure: " .. name, function()
      for _, value in ipairs(values) do
        local text = disguise(value)
        local ol = client(function() return nil, { kind = "network", message = "could not send " .. text } end)
        local _, err = ol.users:set_password_cleartext(5, params)
        clean(err, name)
      end
    end)
  end

  it("is masked in what a dry run shows", function()
    local ol = client(error)
    local request = ol.users:update(5, { firstname = canary.secret, title = "ok" }, { dry_run = true })
    clean(json.encode(request), "dry run")
    assert.matches('"title":"ok"', request.body)
    request = ol:request("GET", "/api/2/x", { query = { q = canary.secret, password = canary.password },
      dry_run = true })
    clean(json.encode(request), "dry run")
  end)

  it("is masked when it went out in a query", function()
    local ol = client(function(request) return nil, request.url .. " was lost" end)
    local _, err = ol:request("GET", "/api/2/x", { query = { password = canary.password, q = "seen" } })
    clean(err, "query")
    assert.matches("q=seen", err.message)
    _, err = ol:request("GET", "/api/2/x", { query = { magic = canary.password, q = "seen" }, secret = { "magic" } })
    clean(err, "query")
  end)

  it("is masked when the token answer is the one that fails", function()
    for name, disguise in pairs(disguises) do
      for _, status in ipairs { 200, 302, 400, 401, 500 } do
        local ol = onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = canary.secret,
          attempts = 1, transport = { send = function()
            return { status = status, headers = {}, body = '{"status":{"error":true,"code":401,"message":'
              .. json.encode("no " .. disguise(canary.secret)) .. "}}" }
          end } }
        local _, err = ol.users:get(1)
        clean(err, name)
        _, err = ol.oauth:generate_tokens { grant_type = "client_credentials" }
        clean(err, name)
      end
    end
  end)

  it("is not in anything that prints a client", function()
    for _, secret in ipairs { canary.secret, function() return canary.secret end } do
      local ol = client(function() return { status = 200, headers = {}, body = "{}" } end, { client_secret = secret })
      assert(ol.users:get(1))
      local call = ol.users.get:call(1)
      for _, thing in ipairs { ol, ol.users, ol.users.get, ol.users:pages(), call, ol.request } do
        clean(tostring(thing), "tostring")
      end
      for k, v in pairs(ol:inspect()) do clean(tostring(k) .. tostring(v), "inspect") end
      clean(json.encode(call:request("[masked]")), "request")
      ol:close()
      clean(tostring(ol), "closed")
    end
  end)

  it("is not in what is thrown for misuse", function()
    local ol = client(error)
    for _, bad in ipairs {
      function() ol.users:set_password_cleartext(5, { password = { canary.password } }) end,
      function() ol.users:set_password_cleartext(canary.password .. "/", {}) end,
      function() ol.users:set_password_cleartext(5, { pasword = canary.password }) end,
      function() ol.users:set_password_cleartext(5, canary.password) end,
      function() ol.users:set_password_cleartext(5, params, canary.password) end,
      function() ol.mfa:verify_factor(5, canary.password, { otp = {} }) end,
      function() ol.mfa:verify_factor(5, "x", { otp = canary.password, other = 5 }, 7) end,
      function() ol.oauth:revoke_token { access_token = 5, token = canary.token } end,
      function()
        onelogin.new { base_url = "https://x.test", client_id = "i", client_secret = canary.secret .. "\n" }
      end,
      function() onelogin.new { base_url = "https://u:" .. canary.password .. "@x.test", client_id = "i" } end,
      function()
        onelogin.new { base_url = "https://x.test", client_id = "i", client_secret = canary.secret, timeout = "x" }
      end,
    } do
      local fine, message = pcall(bad)
      if not fine then clean(message, "misuse") end
    end
  end)
end)

describe("masking", function()
  it("leaves values that are too short to tell from text, but for their names", function()
    local mask = redact.masker(nil, nil, { otp = "12" })
    assert.equal('12 and {"otp":"[masked]"}', mask('12 and {"otp":"12"}'))
  end)

  it("masks by names inside escaped JSON and XML, too", function()
    local mask = redact.masker(nil, { "magic" })
    assert.equal([["{\"password\":\"[masked]\",\"x\":1}"]], mask [["{\"password\":\"abc\",\"x\":1}"]])
    assert.equal([["{\"magic\": \"[masked]\"}"]], mask [["{\"magic\": \"ab\\\"c\"}"]])
    assert.equal("<a><password>[masked]</password><b>1</b></a>", mask "<a><password>abc</password><b>1</b></a>")
  end)

  it("changes nothing else", function()
    local mask = redact.masker(nil, nil, { password = canary.password })
    for _, text in ipairs { "100% of it", "a+b", "\\", "\\u", "\\u12", "%", "%4", "\\ud83d\\ude00", '{"a":"\\n\\""}',
      ("x"):rep(10000), "\0\1\255" } do
      assert.equal(text, mask(text))
    end
  end)

  it("is done with long texts before the runner loses patience", function()
    local mask = redact.masker(nil, nil, { password = canary.password })
    local n = slow and 1000 or 40000
    mask(("\\u0041%41\\\""):rep(n))
    mask(("["):rep(10 * n))
    mask(('"password"' .. (" "):rep(50)):rep(n / 10))
  end)
end)

-- run: plain
-- Ids and values made to be taken for something else: another route, another parameter, another filter, another
-- header.  Every operation of the table, against a recording transport and against the sandbox.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local canary = require "spec.support.canary"
local wire = require "spec.support.wire"

local json = core.json
local unpack = table.unpack or unpack -- luacheck: ignore 113

local corpus = {
  "a/b", "/", "//", "../roles", "..", ".", "...", "%2e%2e", "%2E%2E%2Froles", "..%2f", "%00", "a%0d%0aX: y", "a\0b",
  "\0", "a\nb", "a\r\nHost: evil.test", "a\tb", "\127", "?a=b", "a?limit=1", "#f", "a#f", "&limit=1", "a&b=c", "a=b",
  "=", ";", "a;b", "a b", " ", "+", "a+b", "*", "a*", "!a", "{user_id}", "{}", "}{", "{", "}", "\\", "a\\b", "\\..\\x",
  "@", "a@evil.test", ":80", "http://evil.test/", "//evil.test", "'", "\"", "' OR 1=1 --", "<b>", "${x}", "$(x)", "`x`",
  "\195\169", "e\204\129", "\226\128\174abc", "\240\159\146\169", "\239\188\143", "\226\136\149", "\194\133",
  "\226\128\168", "null", "nil", "true", "0", "-1", "1e3", "0x10", "1.5", "01", "NaN", ",", "a,b", "[]", "[1]",
  ("x"):rep(1024), ("x"):rep(1025), ("9"):rep(40), "\27[2J", "=1+1", "%s%n", "%d", "%%", "\195", "\255\254", "\192\175",
}

-- Percent-encoding written once more, differently.
local function encoded(text)
  return (text:gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = json.is_array(value) and #value == 0 and json.array {} or {}
  for k, v in pairs(value) do out[k] = copy(v) end
  return out
end

local function query_of(url)
  local out = {}
  for pair in (url:match("%?(.*)$") or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=(.*)$")
    assert.is_nil(out[name], "twice: " .. tostring(name))
    out[name] = value
  end
  return out
end

-- Told as a boolean: bodies may hold canaries.
local function same_body(a, b)
  if a == nil or a:sub(1, 1) ~= "{" and a:sub(1, 1) ~= "[" then return (a == nil) == (b == nil) end
  return wire.canonical(json.decode(a)) == wire.canonical(json.decode(b))
end

local function path_of(url)
  return url:match("^https://[^/]+(/[^?]*)")
end

-- The request that a call sends, or nil when it throws text; it may not do both.
local function attempt(ol, recorder, case, args)
  local resource, name = case[1]:match("^(.-)%.(.*)$")
  local before = #recorder.requests
  local ok, message = pcall(ol[resource][name], ol[resource], unpack(args, 1, args.n))
  if not ok then
    assert.equal("string", type(message), case[1])
    assert.equal(before, #recorder.requests, case[1])
    return nil
  end
  return recorder.requests[#recorder.requests]
end

local function same_but(expected, given, name)
  for k, v in pairs(given) do
    if k ~= name then assert.equal(expected[k], v) end
  end
  for k in pairs(expected) do assert.is_not_nil(given[k]) end
end

describe("a value that looks like more", function()
  local ol, recorder
  before_each(function()
    recorder = wire.recorder()
    recorder.wants_token = false
    ol = onelogin.new { base_url = "https://acme.test", client_id = "id", client_secret = canary.secret,
      transport = recorder, attempts = 1 }
  end)

  -- Calls f(entry, case, args) for every operation that travels to the configured host as usual.
  local function each_case(f)
    local n = 0
    for _, case in ipairs(wire.cases()) do
      local resource, name = case[1]:match("^(.-)%.(.*)$")
      if not (resource == "oauth" and name == "generate_tokens") then
        local entry = require("onelogin.api." .. resource)[name]
        local args = wire.filled(case[2])
        args.n = #case[2]
        n = n + 1
        f(entry, case, args)
      end
    end
    assert.is_true(n > 150)
  end

  it("stays one segment of the path, as an id", function()
    local sent = 0
    each_case(function(entry, case, args)
      local base = attempt(ol, recorder, case, args)
      assert.is_not_nil(base, case[1])
      for i = 1, #(entry.ids or {}) do
        for _, evil in ipairs(corpus) do
          local tried = copy(args)
          tried[i] = evil
          local request = attempt(ol, recorder, case, tried)
          if request then
            sent = sent + 1
            local k = 0
            local path = entry.path:gsub("{[^}]+}", function()
              k = k + 1
              return encoded(tostring(tried[k]))
            end)
            assert.equal(path, path_of(request.url), case[1])
            assert.equal(request.url:match("^https://[^/]+"), base.url:match("^https://[^/]+"))
            same_but(query_of(base.url), query_of(request.url))
            assert.equal(base.method, request.method)
            assert.is_true(same_body(base.body, request.body), case[1])
          else
            assert.is_truthy(evil:find("[/\\?%c]") or evil == "." or evil == ".." or #evil > 1024
              or entry.ids[i][2] == "integer", case[1] .. " refused " .. ("%q"):format(evil:sub(1, 20)))
          end
        end
      end
    end)
    assert.is_true(sent > 1000)
  end)

  it("stays one value of the query, and one field of the body", function()
    local queries, fields = 0, 0
    each_case(function(entry, case, args)
      local base = attempt(ol, recorder, case, args)
      local at = #(entry.ids or {}) + 1
      local params = args[at]
      if type(params) == "table" and not json.is_array(params) and base then
        local in_query = query_of(base.url)
        for name, value in pairs(params) do
          if type(value) == "string" then
            for _, evil in ipairs(corpus) do
              local tried = copy(args)
              tried[at][name] = evil
              local request = attempt(ol, recorder, case, tried)
              if request then
                assert.equal(path_of(base.url), path_of(request.url), case[1])
                assert.equal(base.method, request.method)
                for header, text in pairs(request.headers) do
                  assert.is_nil(text:find("[%c]"), header)
                end
                local query = query_of(request.url)
                if in_query[name] then
                  queries = queries + 1
                  assert.equal(encoded(evil), query[name], case[1] .. " " .. name)
                  same_but(query_of(base.url), query, name)
                else
                  fields = fields + 1
                  same_but(query_of(base.url), query)
                  if request.headers[name] then
                    assert.equal(evil, request.headers[name])
                  elseif request.body and request.body:sub(1, 1) == "{" then
                    local was, is = json.decode(base.body), json.decode(request.body)
                    if entry.wrap then was, is = was[entry.wrap], is[entry.wrap] end
                    assert.equal(evil, is[name], case[1] .. " " .. name)
                    was[name], is[name] = nil, nil
                    assert.is_true(wire.canonical(was) == wire.canonical(is), case[1])
                  end
                end
              end
            end
          end
        end
      end
    end)
    assert.is_true(queries > 300 and fields > 3000, queries .. " " .. fields)
  end)

  it("stays a name, as a name of a parameter that nobody declared", function()
    for _, evil in ipairs(corpus) do
      local request = attempt(ol, recorder, { "users.list" }, { { [evil] = evil }, { allow_unknown = true }, n = 2 })
      if request then
        assert.equal("/api/2/users", path_of(request.url))
        assert.equal("?" .. encoded(evil) .. "=" .. encoded(evil), request.url:match("%?.*"))
      end
      local before = #recorder.requests
      local ok = pcall(function() return ol:request("GET", "/api/2/users", { query = { [evil] = evil } }) end)
      assert.is_true(ok)
      assert.equal(before + 1, #recorder.requests)
      assert.equal("https://acme.test/api/2/users?" .. encoded(evil) .. "=" .. encoded(evil),
        recorder.requests[#recorder.requests].url)
    end
  end)

  it("stays a path, as a path of a request", function()
    for _, evil in ipairs(corpus) do
      local before = #recorder.requests
      pcall(function() return ol:request("GET", evil) end)
      pcall(function() return ol:request("GET", "/" .. evil) end)
      pcall(function() return ol:request("GET", "/api/2/users/" .. evil .. "/x") end)
      for i = before + 1, #recorder.requests do
        local url = recorder.requests[i].url
        assert.equal("https://acme.test/", url:sub(1, 18))
        assert.is_nil(url:find("[%c%s?#\\{}\128-\255]"))
        assert.is_nil(url:find("/%.%.?/"))
        assert.is_nil(url:find("/%.%.?$"))
      end
      assert.is_false((pcall(function() return ol:request("GET " .. evil, "/") end)))
    end
  end)

  it("stays a secret or an agent, as one of a client's options", function()
    for _, evil in ipairs(corpus) do
      for _, name in ipairs { "client_id", "client_secret", "user_agent", "subdomain", "base_url" } do
        local seen
        local options = { base_url = "https://acme.test", client_id = "id", client_secret = "s", attempts = 1,
          transport = { send = function(_, request)
            seen = request
            return nil, "enough"
          end } }
        if name == "subdomain" then options.base_url = nil end
        options[name] = evil
        local ok, made = pcall(onelogin.new, options)
        if ok then
          made.users:get(1)
          if seen then
            for _, text in pairs(seen.headers) do assert.is_nil(text:find("[%c]")) end
            assert.matches("^https://[%w%-%.]+/auth/oauth2/v2/token$", seen.url)
            if name == "subdomain" then assert.matches("^https://[%w%-]+%.onelogin%.com/", seen.url) end
          end
        end
      end
    end
  end)
end)

describe("on the sandbox, a value that looks like more", function()
  it("touches nobody else", function()
    local box = onelogin.sandbox { users = 30 }
    local ol = onelogin.new(box:config())
    local count = #ol.users:pages():collect()
    for _, evil in ipairs(corpus) do
      for _, f in ipairs {
        function() return ol.users:delete(evil) end,
        function() return ol.roles:delete(evil) end,
        function() return ol.mfa:remove_factor(evil, evil) end,
        function() return ol.users_v1:get(evil) end,
        function() return ol.users:get(evil) end,
      } do
        local ok, value = pcall(f)
        if ok then assert.is_nil(value, ("%q"):format(evil:sub(1, 20))) end
      end
    end
    assert.equal(count, #ol.users:pages():collect())
  end)

  it("finds only what bears it", function()
    local box = onelogin.sandbox { users = 30 }
    local ol = onelogin.new(box:config())
    local made = {}
    for i, evil in ipairs(corpus) do
      local ok, user = pcall(function()
        return (ol.users:create { username = "evil" .. i, email = "evil" .. i .. "@acme.test", external_id = evil })
      end)
      if ok and user then made[#made + 1] = { evil, user.id } end
    end
    assert.is_true(#made > 50)
    for _, pair in ipairs(made) do
      local evil, id = pair[1], pair[2]
      if not evil:find("[%*,]") and evil ~= "null" then
        local found, err = ol.users:list { external_id = evil }
        assert(found, tostring(err))
        local mine = false
        for _, user in ipairs(found) do
          mine = mine or user.id == id
          local whole = assert(ol.users:get(user.id))
          assert.equal(evil:lower(), tostring(whole.external_id):lower(), ("%q"):format(evil:sub(1, 20)))
        end
        assert.is_true(mine, ("%q"):format(evil:sub(1, 20)))
      end
    end
  end)
end)

-- Every operation, called through a client, sends what spec/wire says by hand.
local api = require "onelogin.api"
local canary = require "spec.support.canary"
local json = require("onelogin.core").json
local wire = require "spec.support.wire"

local client = require "onelogin.client"

local base = "https://acme.onelogin.com"

local function fresh()
  local recorder = wire.recorder()
  local ol = client.new({ base_url = base, client_id = canary.client_id, client_secret = canary.secret,
    transport = recorder }, function() end)
  return ol, recorder
end

local authorization = {
  bearer = "Bearer " .. canary.token,
  client = ("client_id:%s, client_secret:%s"):format(canary.client_id, canary.secret),
}

-- Secrets in a message would go into the output: what is compared is said, not shown.
local function same(wanted, got, what)
  if wanted ~= got then error(what .. " is another than the spec says", 2) end
end

local called = {}

describe("on the wire", function()
  for n, case in ipairs(wire.cases()) do
    local id, target, text, more = case[1], case[3], case[4], case[5] or {}
    it(id .. " goes out as written by hand (case " .. n .. ")", function()
      local ol, recorder = fresh()
      recorder.wants_token = id == "oauth.generate_tokens"
      wire.call(ol, case)
      assert.are.equal(1, #recorder.requests)
      local request = recorder.requests[1]
      assert.are.equal(id, request.operation)

      target = wire.encoded((target:gsub("%s*\n%s*", "")))
      local method, path, query = target:match("^(%u+) ([^?]*)%??(.*)$")
      assert.are.equal(method, request.method)
      local host, sent_path, sent_query = request.url:match("^(https://[^/]+)([^?]*)%??(.*)$")
      assert.are.equal(more.host or base, host)
      assert.are.equal(path, sent_path)
      same(table.concat(wire.pairs_of(query), "&"), table.concat(wire.pairs_of(sent_query), "&"), "the query")

      local kind = request.headers["Content-Type"]
      if text then
        assert.are.equal("application/json", kind)
        local body = assert(json.decode(request.body, { nulls = "sentinel" }))
        same(wire.body(text), wire.canonical(body), "the body")
      elseif more.form then
        assert.are.equal("application/x-www-form-urlencoded", kind)
        same(table.concat(wire.pairs_of(wire.encoded(more.form)), "&"),
          table.concat(wire.pairs_of(request.body), "&"), "the form")
      else
        assert.is_true(request.body == nil or request.body == "", "a body where none is due")
      end

      local auth = more.auth or "bearer"
      same(authorization[auth], request.headers.Authorization, "Authorization")
      for name, value in pairs(more.headers or {}) do assert.are.equal(value, request.headers[name]) end
      called[id] = true
    end)
  end

  it("has been every declared operation", function()
    local missing = {}
    for _, resource in ipairs(api.resources) do
      for name in pairs(require("onelogin.api." .. resource)) do
        if not called[resource .. "." .. name] then missing[#missing + 1] = resource .. "." .. name end
      end
    end
    table.sort(missing)
    assert.are.equal("", table.concat(missing, " "))
    local n = 0
    for _ in pairs(called) do n = n + 1 end
    assert.are.equal(207, n)
  end)
end)

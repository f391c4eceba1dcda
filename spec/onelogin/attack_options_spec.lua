-- Options and arguments of every wrong type and value: refused by name, before anything is sent.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local canary = require "spec.support.canary"

local null = core.json.null

local function trap()
  return setmetatable({}, { __index = function(_, k) error("trap at " .. tostring(k), 0) end })
end

-- Values that fit almost nowhere.
local function values()
  local boxed = core.json.decode("[18446744073709551615]")[1]
  return { 0 / 0, 1 / 0, -1 / 0, -1, 0, 1.5, 1e300, "", "x", "\0", "1\n2", true, false, {}, { 1, "x" }, { x = 1 },
    io.stdout, print, trap(), coroutine.create(function() end), null, onelogin.array {}, boxed }
end

local function client(more)
  local t = { sent = 0 }
  local options = { base_url = "https://x.test", client_id = "id", client_secret = canary.secret,
    clock = { mono = function() return 1 end, wall = function() return 1 end, sleep = function() end },
    transport = { send = function(_, request)
      t.sent = t.sent + 1
      if request.operation == "oauth.generate_tokens" then
        return { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '","expires_in":36000}' }
      end
      return { status = 400, headers = {}, body = '{"message":"no"}' }
    end } }
  for k, v in pairs(more or {}) do options[k] = v end
  t.client = onelogin.new(options)
  return t
end

-- f either sends something fine or throws text before sending; true when it threw.
local function refused(t, what, f, ...)
  local before = t.sent
  local ok, message = pcall(f, ...)
  if not ok then
    assert.equal("string", type(message), what)
    assert.equal(before, t.sent, what)
    if not message:find("trap at") then assert.matches("[%w_%.]+: ", message) end
  end
  return not ok, message
end

describe("the options of a request", function()
  local kinds = {
    secret = { ["table"] = true }, envelope = {}, result = {}, retry_trait = {}, person = { boolean = true },
    paging = {}, query = { ["table"] = true }, max_pages = { number = true }, missing_ok = { boolean = true },
    dry_run = { boolean = true }, snapshot = { boolean = true }, nulls = {}, timeout = { number = true },
    connect_timeout = { number = true }, deadline = { number = true }, attempts = { number = true },
    retry = { ["table"] = true, boolean = true }, wait_rate_limit = { boolean = true }, fetch = { boolean = true },
    allow_unknown = { boolean = true },
  }
  for name, fits in pairs(kinds) do
    it("are refused by name: " .. name, function()
      local t = client()
      for _, value in ipairs(values()) do
        local wrong, message = refused(t, name, function()
          return t.client:request("GET", "/api/2/x", { [name] = value })
        end)
        if not fits[type(value)] then
          assert.is_true(wrong, name .. " took a " .. type(value))
          assert.is_truthy(message:find(name, 1, true), name)
        end
        refused(t, name, function() return t.client.users:get(1, nil, { [name] = value }) end)
        refused(t, name, function() return t.client.users:pages(nil, { [name] = value }) end)
      end
    end)
  end
end)

describe("arguments", function()
  it("of any kind are refused or sent, never half", function()
    local t = client()
    for _, a in ipairs(values()) do
      for _, b in ipairs(values()) do
        refused(t, "get", function() return t.client.users:get(a, b) end)
        refused(t, "list", function() return t.client.users:list(a, b) end)
        refused(t, "update", function() return t.client.users:update(1, a, b) end)
        refused(t, "request", function() return t.client:request(a, b) end)
        refused(t, "each", function() return t.client.users:each(a, b) end)
      end
      refused(t, "collect", function() return t.client.users:pages():collect(a) end)
      refused(t, "path", function() return t.client:request("GET", a) end)
      for _, name in ipairs { "firstname", "fields", "page", "cursor", "limit" } do
        refused(t, name, function() return t.client.users:list { [name] = a } end)
        refused(t, name, function() return t.client.users:pages { [name] = a } end)
      end
      refused(t, "query", function() return t.client:request("GET", "/api/2/x", { query = { a = a } }) end)
      refused(t, "page", function()
        return t.client.request:pages("GET", "/api/2/x", { paging = "v2", query = { page = a } })
      end)
    end
  end)

  it("on the wrong object are refused", function()
    local t, other = client(), client()
    local ol = t.client
    for name, f in pairs {
      dot = function() return ol.users.get(1) end,
      other_resource = function() return ol.users.get(ol.roles, 1) end,
      other_client = function() return ol.users.get(other.client.users, 1) end,
      request_dot = function() return ol.request("GET", "/") end,
      request_other = function() return ol.request(other.client, "GET", "/") end,
      close_dot = function() return ol.close() end,
      each_dot = function() return ol.users.each {} end,
      op_each_dot = function() return ol.users.get.each(1) end,
      pager_dot = function() return ol.users:pages().next() end,
      set_resource = function() ol.users.get = 1 end,
      set_client = function() ol.users = 1 end,
      no_member = function() return ol[null] end,
      call_request = function() return ol.request:call("GET", "/") end,
      walk_a_write = function() return ol.users.create:each {} end,
    } do
      local ok, message = pcall(f)
      assert.is_false(ok, name)
      assert.is_string(message, name)
      assert.equal(0, t.sent, name)
    end
    assert.is_false(getmetatable(ol))
    assert.is_false(getmetatable(ol.users))
    assert.is_false(getmetatable(ol.users.get))
  end)
end)

describe("the options of a client", function()
  it("of any kind are refused by name, or taken", function()
    for name in pairs(require("onelogin.config").known) do
      for _, value in ipairs(values()) do
        local options = { base_url = "https://x.test", client_id = "id", client_secret = "s", [name] = value }
        local ok, message = pcall(onelogin.new, options)
        if not ok and not tostring(message):find("^trap at") then
          assert.is_string(message)
          assert.matches("onelogin%.new: ", message)
        end
      end
    end
  end)

  it("name operations that there are, in allow", function()
    for bad, hint in pairs { ["users.lst"] = "users.list", ["user.get"] = "users.get", ["users"] = "takes names",
      ["*"] = "takes names", ["users.*x"] = "no operation" } do
      local ok, message = pcall(client, { allow = { "users.get", bad } })
      assert.is_false(ok)
      assert.is_truthy(message:find(hint, 1, true), message)
    end
    assert.is_false(pcall(client, { allow = { 5 } }))
    local t = client { allow = { "users.get", "roles.*", "request" } }
    t.client.users:get(1)
    t.client.roles:list()
    t.client:request("DELETE", "/api/2/x")
    assert.is_false(pcall(function() return t.client.users:list() end))
  end)
end)

-- What is made from the table and committed is what would be made now; and it is of use: examples run, stubs
-- leave nothing public out, and no secret of an example is printed.
local api = require "onelogin.api"
local config = require "onelogin.config"
local core = require "onelogin.core"
local helpers = require "onelogin.helpers"
local generate = require "spec.generate.files"
local onelogin = require "onelogin"

local load_text = loadstring or load -- luacheck: ignore 113

local files = generate.files("")

local function names(t)
  local list = {}
  for name in pairs(t) do list[#list + 1] = name end
  table.sort(list)
  return list
end


describe("the generated files", function()
  it("are fresh: make docs would change none of them", function()
    local stale = {}
    for _, path in ipairs(names(files)) do
      if generate.read(path) ~= files[path] then stale[#stale + 1] = path end
    end
    assert.are.equal("", table.concat(stale, " "))
    assert.are.same({}, generate.stray("", files))
  end)

  it("are a page for each of 37 resources, an index, stubs and three completions", function()
    assert.are.equal(37 + 1 + 1 + 3, #names(files))
    assert.are.equal(37, #generate.resources())
  end)

  it("say at their beginning that they are generated", function()
    for path, text in pairs(files) do
      local first, second = text:match("^([^\n]*)\n([^\n]*)")
      if path:find("%.zsh$") then first = second end -- #compdef comes first
      assert.matches("[Gg]enerated", first, 1, false)
      assert.is_truthy(first:find("do not edit", 1, true), path)
    end
  end)

  it("come out the same a second time", function()
    assert.are.same(files, generate.files(""))
  end)
end)

-- Every value that stands under a secret name in a table, at any depth.
local function secret_values(value, secret, out)
  if type(value) ~= "table" then return out end
  for key, item in pairs(value) do
    if secret[key] and (type(item) == "string" or type(item) == "number") then
      out[#out + 1] = { key, tostring(item) }
    else
      secret_values(item, secret, out)
    end
  end
  return out
end

-- The Lua blocks of a page that call an operation, by its name.
local function examples_of(text)
  local found, name, block = {}, nil, nil
  for line in text:gmatch("([^\n]*)\n") do
    name = line:match("^## ([%w_]+)$") or name
    if line == "```lua" then
      block = {}
    elseif line == "```" and block then
      local code = table.concat(block, "\n")
      if code:find(", err = ol.", 1, true) then found[name] = code end
      block = nil
    elseif block then
      block[#block + 1] = line
    end
  end
  return found
end

describe("the page of", function()
  for _, resource in ipairs(generate.resources()) do
    local text = files["docs/api/" .. resource .. ".md"]
    local facts, prose = require("onelogin.api." .. resource), require("onelogin.prose." .. resource)

    it(resource .. " shows no secret of an example", function()
      for name, words in pairs(prose) do
        local secret = {}
        for _, key in ipairs(facts[name].secret or {}) do secret[key] = true end
        for _, pair in ipairs(secret_values({ words.example.http, words.sample }, secret, {})) do
          assert.is_nil(text:find('"' .. pair[2] .. '"', 1, true), resource .. "." .. name .. ": " .. pair[1])
          assert.is_nil(text:find("=" .. pair[2], 1, true), resource .. "." .. name .. ": " .. pair[1])
        end
      end
    end)

    it(resource .. " has an example of each operation that runs", function()
      local examples = examples_of(text)
      assert.are.same(names(facts), names(examples))
      for name, code in pairs(examples) do
        local op = resource .. "." .. name
        local chunk = assert(load_text("local ol, onelogin, os = ... " .. code
          .. "\nreturn " .. code:match("local (%w+), err = ol%.") .. ", err"))
        local box = onelogin.sandbox { users = 5 }
        box:seed_examples(op)
        local from = {}
        local http = prose[name].example.http
        for _, part in ipairs { http.query or {}, type(http.body) == "table" and http.body or {} } do
          for key, value in pairs(part) do from[tostring(key):upper()] = value end
        end
        local value, err = chunk(onelogin.new(box:config()), onelogin,
          { getenv = function(key) return from[key] end })
        assert.are.equal("", value == nil and op .. ": " .. tostring(err) or "")
        assert.are.equal(1, box:requests(op))
      end
    end)
  end
end)

describe("the stubs", function()
  local stubs = files["docs/stubs/onelogin.lua"]

  -- The names of the fields of a class.
  local function fields(class)
    local start = select(2, stubs:find("\n---@class " .. class .. "\n", 1, true))
    assert.is_truthy(start, "no class " .. class)
    local set = {}
    for line in stubs:sub(start + 1):gmatch("([^\n]*)\n") do
      if not line:find("^%-%-%-") then break end
      local name = line:match("^%-%-%-@field ([%w_]+)")
      if name then set[name] = true end
    end
    return set
  end

  it("cannot be loaded by mistake", function()
    local chunk = assert(load_text(stubs))
    local ok, why = pcall(chunk)
    assert.is_false(ok)
    assert.matches("Editors read it", why, 1, true)
  end)

  it("know every option of a client and of a call", function()
    assert.are.same(names(config.known), names(fields "onelogin.Options"))
    assert.are.same(names(require("onelogin.check").options), names(fields "onelogin.CallOptions"))
  end)

  it("know everything of the module, a client, a resource and a handle", function()
    for name in pairs(onelogin) do
      assert.is_truthy(stubs:find("\nfunction onelogin." .. name .. "(", 1, true)
        or stubs:find("\n---@field " .. name .. " ", 1, true), name)
    end
    local client = fields "onelogin.Client"
    for _, resource in ipairs(generate.resources()) do
      assert.is_true(client[resource])
      local known = fields("onelogin.resource." .. resource)
      for name in pairs(require("onelogin.api." .. resource)) do assert.is_true(known[name], resource .. name) end
      assert.is_true(known.help)
      for name in pairs(helpers.names(resource, require("onelogin.api." .. resource))) do
        assert.is_true(known[name], resource .. name)
        assert.matches(name, onelogin.help(resource), 1, true)
        assert.matches(name, onelogin.help(resource .. "." .. name), 1, true)
      end
    end
    for _, name in ipairs { "request", "flows", "clock", "base_url", "close", "revoke", "inspect",
      "batch" } do
      assert.is_true(client[name])
    end
    local box = onelogin.sandbox { users = 1 }
    local ol = onelogin.new(box:config())
    for name in pairs(fields "onelogin.Operation") do assert.is_truthy(ol.users.list[name], name) end
    for name in pairs(fields "onelogin.Call") do assert.is_truthy(core.meta.call.__index[name], name) end
    for _, name in ipairs { "next", "items", "collect", "close", "seen" } do
      assert.is_true(fields("onelogin.Pager")[name])
      assert.is_truthy(ol.users:pages()[name], name)
    end
    for name in pairs(fields "onelogin.Sandbox") do assert.is_truthy(box[name], name) end
  end)

  it("know the fields of an error as it comes", function()
    local box = onelogin.sandbox { users = 1 }
    local ol = onelogin.new(box:config())
    local known = fields "onelogin.Error"
    box:fault { operation = "users.list", status = 429, times = 9, headers = { ["Retry-After"] = "3" } }
    for _, err in ipairs { (select(2, ol.users:get(404))), (select(2, ol.users:list({}, { attempts = 1 }))),
      (select(2, ol.users_v1:get(404))) } do
      for name in pairs(err) do assert.is_true(known[name], name) end
    end
  end)
end)

describe("help", function()
  local ol = onelogin.new(onelogin.sandbox({ users = 1 }):config())

  it("tells about everything, a resource, an operation, by name and by the thing itself", function()
    local all = onelogin.help()
    for _, resource in ipairs(api.resources) do
      assert.matches("\n  " .. resource .. " ", all, 1, true)
      local text = onelogin.help(resource)
      assert.are.equal(text, onelogin.help(ol[resource]))
      assert.are.equal(text, ol[resource]:help())
      for name, entry in pairs(require("onelogin.api." .. resource)) do
        assert.matches("\n  " .. name, text, 1, true)
        local words = require("onelogin.prose." .. resource)[name]
        local one = onelogin.help(resource .. "." .. name)
        assert.are.equal(one, ol[resource][name]:help())
        assert.are.equal(one, onelogin.help(ol[resource][name]))
        for _, part in ipairs { entry.path, words.example.call, entry.doc or "", entry.replaced_by or "" } do
          assert.matches(part, one, 1, true)
        end
        for _, list in ipairs { entry.query or {}, type(entry.body) == "table" and entry.body or {} } do
          for _, param in ipairs(list) do assert.matches("\n  " .. param[1], one, 1, true) end
        end
      end
    end
    assert.are.equal(all, onelogin.help(ol))
    assert.matches("ol:request%(method, path", onelogin.help(ol.request))
  end)

  it("gives types, bounds, scopes, errors and marks", function()
    local text = onelogin.help "users.update"
    for _, part in ipairs { "ol.users:update(user_id [, params [, opts]])", "PUT /api/2/users/{user_id}",
      "scope Manage Users or Manage All", 'one of "async", "sync", "disabled"; default "async"',
      "string; secret", "read-only   id, activated_at", "422  Validation failed: Username must be unique",
      "429  too many calls", "404  The resource with the given id could not be found",
      "never with password, password_confirmation, salt" } do
      assert.matches(part, text, 1, true)
    end
    assert.matches("(early preview)", onelogin.help "users", 1, true)
    assert.matches("deprecated; use oauth.generate_tokens", onelogin.help "oauth.generate_tokens_v1", 1, true)
    assert.matches("params is an array of integer", onelogin.help "roles.add_users", 1, true)
    assert.matches("no more than 50 are given", onelogin.help "events.list", 1, true)
    for line in text:gmatch("[^\n]+") do assert.is_true(#line <= 100, line) end
  end)

  it("takes the spellings of a call, and names the nearest of a misspelt one", function()
    local text = onelogin.help "users.get"
    assert.are.equal(text, onelogin.help "ol.users:get")
    assert.are.equal(onelogin.help "users.list", onelogin.help "users:each")
    for wrong, told in pairs { user = 'no resource "user", did you mean "users"?',
      ["users.gett"] = 'users has no operation "gett", did you mean "get"?', ["a b"] = "is no name" } do
      local ok, why = pcall(onelogin.help, wrong)
      assert.is_false(ok)
      assert.matches(told, why, 1, true)
    end
    assert.is_false(pcall(onelogin.help, 5))
    assert.is_false(pcall(onelogin.help, {}))
  end)

  it("lists the operations in order, for programs", function()
    local list, before, ids = onelogin.operations(), "", {}
    for _, op in ipairs(list) do
      assert.is_true(before < op.id)
      before = op.id
      ids[op.id] = op
    end
    assert.are.equal("PUT", ids["users.update"].method)
    assert.are.equal("/api/2/users/{user_id}", ids["users.update"].path)
    assert.are.same({ "Manage Users", "Manage All" }, ids["users.update"].scopes)
    assert.are.equal("deprecated", ids["apps_v1.list"].status)
    assert.are.equal("apps.list", ids["apps_v1.list"].replaced_by)
    list[1].scopes[1] = "mine" -- a copy: the table stays as it is
    assert.are_not.equal("mine", onelogin.operations()[1].scopes[1])
  end)
end)

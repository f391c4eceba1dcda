local schema = require "onelogin.schema"
local api = require "onelogin.api"

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for k, v in pairs(value) do out[k] = copy(v) end
  return out
end

local good = {
  method = "PUT", path = "/api/2/things/{thing_id}",
  ids = { { "thing_id", "integer" } },
  query = { { "mode", "string", enum = { "fast", "slow" }, default = "fast" } },
  body = { { "name", "string", required = true }, { "size", "integer", min = 1, max = 5, default = 2 } },
  read_only = { "id" },
  scopes = { "Manage All" },
  doc = "https://developers.onelogin.com/api-docs/2/things",
}
local prose = {
  summary = "Change a thing",
  params = { thing_id = "its id", mode = "how", name = "its name", size = "its size" },
  notes = { "Slow is slower." },
  errors = { { 422, "Too big", "size is above the quota" }, { 500, false, "never seen" } },
  example = {
    call = 'ol.things:update(5, { name = "x" })',
    http = { method = "PUT", path = "/api/2/things/5", body = { name = "x" } },
  },
  sample = { id = 5 },
}

local function problems(change, words)
  local entry = copy(good)
  if change then change(entry) end
  return schema.check("things", { update = entry }, words and { update = words } or nil)
end

local function says(text, change, words)
  local list = problems(change, words)
  local found = false
  for _, problem in ipairs(list) do
    assert.truthy(problem:find("^things%.update: "), problem)
    found = found or problem:find(text, 1, true) ~= nil
  end
  assert.is_true(found, "wanted: " .. text .. "\ngot: " .. table.concat(list, "\n"))
end

describe("schema", function()
  it("takes a good entry, with and without prose", function()
    assert.same({}, problems())
    assert.same({}, problems(nil, prose))
  end)

  it("refuses unknown and missing keys", function()
    says("unknown key colour", function(e) e.colour = 1 end)
    says("method is missing", function(e) e.method = nil end)
    says("scopes is missing", function(e) e.scopes = nil end)
    says("doc is missing", function(e) e.doc = nil end)
    assert.same({}, problems(function(e) e.doc, e.scopes = nil, {} end))
  end)

  it("refuses values outside the closed lists", function()
    says("method should be one of", function(e) e.method = "FETCH" end)
    says("retry should be one of", function(e) e.retry = "sometimes" end)
    says("envelope should be one of", function(e) e.envelope = "v3" end)
    says("scopes should be", function(e) e.scopes = { "Manage Everything" } end)
    says("success should be", function(e) e.success = { 500 } end)
    says("nested should be true", function(e) e.nested = false end)
    says("doc should be", function(e) e.doc = "http://insecure" end)
    says("replaced_by should be", function(e) e.replaced_by = "users" end)
  end)

  it("refuses ids that are not those of the path", function()
    says("path has {thing_id} where ids has nothing", function(e) e.ids = nil end)
    says("path has {thing_id} where ids has other", function(e) e.ids = { { "other", "integer" } } end)
    says("ids has 2 names and path 1", function(e) e.ids[2] = { "more", "integer" } end)
    says("ids should be", function(e) e.ids = { { "thing_id", "boolean" } } end)
  end)

  it("refuses parameters that contradict themselves or each other", function()
    says("mode: the default is not in the enum", function(e) e.query[1].default = "odd" end)
    says("mode: the default is no string", function(e) e.query[1].default = 5 end)
    says("mode: the enum value 5 is no string", function(e) e.query[1].enum = { 5 } end)
    says("size: the default is above the maximum", function(e) e.body[2].default = 9 end)
    says("size: the default is below the minimum", function(e) e.body[2].default = 0 end)
    says("size: min is above max", function(e) e.body[2].min = 7 end)
    says("mode: bounds are for numbers", function(e) e.query[1].max = 3 end)
    says("size: wildcards are for strings", function(e) e.body[2].wildcard = true end)
    says("name is declared twice", function(e) e.query[2] = { "name", "string" } end)
    says("query should be a list of parameters", function(e) e.query[2] = { "x", "float" } end)
    says("query should be a list of parameters", function(e) e.query[2] = { "x", "string", need = true } end)
    says("name is read_only and a body parameter", function(e) e.read_only = { "name" } end)
  end)

  it("wants secrets marked, and what carries one not repeated", function()
    local function with_password(e) e.body[3] = { "password", "string" } end
    says("password looks secret", with_password)
    says('password calls for retry = "never"', function(e) with_password(e) e.secret = { "password" } end)
    assert.same({}, problems(function(e)
      with_password(e)
      e.secret, e.never_with = { "password" }, { "password" }
    end))
    says("never_with names pin", function(e) e.never_with = { "pin" } end)
  end)

  it("wants traits where they can work", function()
    says("items belongs", function(e) e.body = "array" e.read_only = nil end)
    says("items belongs", function(e) e.items = "integer" end)
    says("no room for a query", function(e) e.body = "array" e.items = "integer" end)
    says("a GET has no body", function(e) e.method = "GET" end)
    says('nested needs result = "list"', function(e) e.nested = true end)
    says('unwrap needs result = "list" or "value"', function(e) e.unwrap = "things" end)
    says('paging needs result = "list"', function(e) e.paging = "v2" end)
    says("paging v2 needs the parameter cursor", function(e) e.paging = "v2" end)
    says('host needs auth = "none"', function(e) e.host = "https://api.onelogin.com" end)
    says("wrap and form need an object body", function(e) e.wrap, e.body, e.read_only = "thing", nil, nil end)
    says("size: fields are for objects", function(e) e.body[2].fields = { { "x", "string" } } end)
    says("body should be a list of parameters", function(e) e.body[2].fields = { { "x", "float" } } end)
    says("prose does not explain size.x", function(e)
      e.body[2] = { "size", "object", fields = { { "x", "string" } } }
    end, prose)
    says("pin without paging", function(e) e.pin = "+id" end)
    says("read_only without a body", function(e) e.body = nil end)
  end)

  it("reads the prose against the facts", function()
    local function words(change)
      local p = copy(prose)
      change(p)
      return p
    end
    says("prose has no summary", nil, words(function(p) p.summary = nil end))
    says("without a full stop", nil, words(function(p) p.summary = "Change." end))
    says("prose does not explain size", nil, words(function(p) p.params.size = nil end))
    says("prose explains colour", nil, words(function(p) p.params.colour = "red" end))
    says("prose has no example", nil, words(function(p) p.example = nil end))
    says("the example's method", nil, words(function(p) p.example.http.method = "POST" end))
    says("the example's path", nil, words(function(p) p.example.http.path = "/api/2/thing/5" end))
    says("the example does not call", nil, words(function(p) p.example.call = "ol.things:get(5)" end))
    says("prose.errors should be", nil, words(function(p) p.errors = { { "422", "x", "y" } } end))
    says("unknown key colour", nil, words(function(p) p.colour = 1 end))
    assert.same({ "things.get: prose without facts" },
      schema.check("things", { update = good }, { update = prose, get = prose }))
    assert.same({ "things.update: prose is missing" }, schema.check("things", { update = good }, {}))
  end)
end)

describe("the declared table", function()
  local all = api.resources

  for _, resource in ipairs(all) do
    it("declares " .. resource .. " soundly", function()
      local facts, words = require("onelogin.api." .. resource), require("onelogin.prose." .. resource)
      assert.same({}, schema.check(resource, facts, words))
    end)
  end

  it("declares all 207 operations, each once", function()
    local operations, seen = 0, {}
    for _, resource in ipairs(all) do
      assert.is_nil(seen[resource], resource .. " is listed twice")
      seen[resource] = true
      for _ in pairs(require("onelogin.api." .. resource)) do operations = operations + 1 end
    end
    assert.equal(37, #all)
    assert.equal(207, operations)
  end)

  it("gives no two operations one route, but for what the server tells apart by the id", function()
    local routes = {}
    for _, resource in ipairs(all) do
      for op, entry in pairs(require("onelogin.api." .. resource)) do
        local route = entry.method .. " " .. entry.path:gsub("{[^}]*}", "{}")
        local id = resource .. "." .. op
        local other = routes[route]
        local told_apart = resource == "brand_templates" and (op == "get" or op == "get_by_type")
        assert.is_true(other == nil or told_apart, id .. " and " .. tostring(other) .. " are both " .. route)
        routes[route] = id
      end
    end
  end)

  it("reads the rest of an answer with ids that are there", function()
    for _, resource in ipairs(all) do
      for op, entry in pairs(require("onelogin.api." .. resource)) do
        if entry.fetch then
          local there, what = entry.fetch:match("^(.-)%.(.*)$")
          local reader = require("onelogin.api." .. there)[what]
          local more = #(reader.ids or {}) - #(entry.ids or {})
          assert.is_true(reader.method == "GET" and (more == 0 or more == 1), resource .. "." .. op)
        end
      end
    end
  end)

  it("points only to operations that exist", function()
    for _, resource in ipairs(all) do
      for op, entry in pairs(require("onelogin.api." .. resource)) do
        for _, id in ipairs { entry.replaced_by or false, entry.fetch or false } do
          if id then
            local there, what = id:match("^(.-)%.(.*)$")
            local fine, facts = pcall(require, "onelogin.api." .. there)
            assert.is_true(fine and facts[what] ~= nil, resource .. "." .. op .. " points to " .. id)
          end
        end
      end
    end
  end)

  it("no parameter has the name of an option", function()
    local options = require("onelogin.check").options
    for _, resource in ipairs(all) do
      for op, entry in pairs(require("onelogin.api." .. resource)) do
        for _, list in ipairs { entry.query or {}, type(entry.body) == "table" and entry.body or {} } do
          for _, param in ipairs(list) do
            -- a hook's own timeout is a field of the hook; among params it wins over the option
            local known = resource == "hooks" and param[1] == "timeout"
            assert.is_true(known or options[param[1]] == nil, resource .. "." .. op .. ": " .. param[1])
          end
        end
      end
    end
  end)

  -- The examples are written by hand, and so is what they must send: the two must agree by way of the facts.
  local function sent_by(call)
    local got
    local ol = setmetatable({}, { __index = function(_, resource)
      local facts = require("onelogin.api." .. resource)
      return setmetatable({}, { __index = function(_, op)
        local entry = assert(facts[op], "no such operation: " .. resource .. "." .. op)
        return function(_, ...)
          local ids, query, body, _, _, headers =
            require("onelogin.check").call(entry, resource .. "." .. op, select("#", ...), ...)
          local n, pairs_of = 0, nil
          for _, pair in ipairs(query or {}) do
            pairs_of = pairs_of or {}
            pairs_of[pair[1]] = pair[2]
          end
          got = {
            method = entry.method, query = pairs_of, body = body, headers = headers,
            path = entry.path:gsub("{[^}]*}", function()
              n = n + 1
              return tostring(ids[n])
            end),
          }
        end
      end })
    end })
    local chunk = assert((loadstring or load)("local ol = ...; " .. call)) -- luacheck: ignore 143
    chunk(ol)
    return got
  end

  for _, resource in ipairs(all) do
    it("has examples of " .. resource .. " that send what they say", function()
      for _, words in pairs(require("onelogin.prose." .. resource)) do
        assert.same(words.example.http, sent_by(words.example.call))
      end
    end)
  end
end)

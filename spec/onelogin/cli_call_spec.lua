-- Operations from the command line: every one of the table, types, bodies, secrets, changes, exit codes.
local onelogin = require "onelogin"
local api = require "onelogin.api"
local canary = require "spec.support.canary"
local cli = require "spec.support.cli"
local json = require("onelogin.core").json

local function run(text, options)
  options = options or {}
  options.box = options.box or onelogin.sandbox { users = 30 }
  local argv = type(text) == "table" and text or cli.words(text)
  table.insert(argv, 1, "--sandbox")
  return cli.run(argv, options)
end

local function file(text)
  local path = os.tmpname()
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
  return path
end

describe("every operation of the table", function()
  -- 'ol.users:get(88888888)' → the arguments of the call
  local function arguments_of(call)
    local got
    local op = function(_, ...) got = { n = select("#", ...), ... } end
    local resource = setmetatable({}, { __index = function() return op end })
    local env = { ol = setmetatable({}, { __index = function() return resource end }), onelogin = onelogin,
      assert = assert }
    local chunk
    if setfenv then
      chunk = assert(loadstring("return " .. call))
      setfenv(chunk, env)
    else
      chunk = assert(load("return " .. call, "example", "t", env))
    end
    chunk()
    return got
  end

  local function text_of(value)
    if type(value) == "table" or value == onelogin.null then return json.encode(value) end
    return tostring(value)
  end

  for _, resource in ipairs(api.resources) do
    local facts, prose = require("onelogin.api." .. resource), require("onelogin.prose." .. resource)
    for name, entry in pairs(facts) do
      it(resource .. "." .. name .. " sends what its example says", function()
        local example = prose[name].example
        local args = arguments_of(example.call)
        local argv, env, n = { resource, name }, {}, #(entry.ids or {})
        for i = 1, n do argv[#argv + 1] = text_of(args[i]) end
        local secret = {}
        for _, key in ipairs(entry.secret or {}) do secret[key] = true end
        local params = args[n + 1]
        if type(entry.body) == "string" then
          if params ~= nil then
            argv[#argv + 1] = "--data"
            argv[#argv + 1] = json.encode(params)
          end
        elseif params then
          for key, value in pairs(params) do
            if secret[key] then
              env["V_" .. key] = text_of(value)
              value = "env:V_" .. key
            end
            argv[#argv + 1] = "--param"
            argv[#argv + 1] = key .. "=" .. text_of(value)
          end
        end
        argv[#argv + 1] = "--dry-run"
        local r = run(argv, { env = env })
        assert.are.equal("", (r.err:gsub("^onelogin: warning: [^\n]*\n", "")))
        assert.are.equal(entry.status ~= nil, r.err ~= "")
        assert.are.equal(0, r.code)
        local method, path = r.out:match("^would send (%u+) https://[^/]+([^?\n]*)")
        assert.are.equal(example.http.method, method)
        assert.are.equal(example.http.path, path)
      end)
    end
  end

  it("has help", function()
    for _, resource in ipairs(api.resources) do
      assert.are.equal(0, cli.run({ "help", resource }).code)
      for name in pairs(require("onelogin.api." .. resource)) do
        local r = cli.run { "help", resource, name }
        assert.are.equal(0, r.code)
        assert.matches("usage: onelogin " .. resource .. " " .. name, r.out, 1, true)
      end
    end
  end)
end)

describe("values", function()
  local function sent(text, options)
    options = options or {}
    local r = run(text .. " --dry-run", options)
    assert.are.equal("", r.err)
    return json.decode((r.out:match("\n(.+)\n$")), { nulls = "sentinel" }), r.out
  end

  it("take their type from the table", function()
    local body = sent "users update 1 --group-id 417333 --title 42 --role_ids 1,2 --role_ids 3"
    assert.are.equal(417333, body.group_id)
    assert.are.equal("42", body.title)
    assert.are.same({ 1, 2, 3 }, { body.role_ids[1], body.role_ids[2], body.role_ids[3] })
  end)

  it("are exact beyond what a double holds", function()
    local _, out = sent "users update 1 --group-id 9007199254740993"
    assert.matches('"group_id":9007199254740993', out, 1, true)
  end)

  it("know null, and the word null", function()
    assert.are.equal(onelogin.null, sent("users update 1 --title null").title)
    assert.are.equal("null", sent('users update 1 --title "null"').title)
    assert.matches("lastname=null", run("users list --lastname null --dry-run").out)
  end)

  it("may be empty", function()
    assert.are.equal("", sent("users update 1 --title=").title)
    local body = sent "users update 1 --role_ids []"
    assert.is_true(json.is_array(body.role_ids))
    assert.are.equal(0, #body.role_ids)
  end)

  it("are JSON where the table says object", function()
    assert.are.equal("chicken", sent('users update 1 --custom_attributes {"food":"chicken"}').custom_attributes.food)
    local r = run "users update 1 --custom_attributes food"
    assert.are.equal(2, r.code)
    assert.matches("JSON", r.err)
  end)

  it("come from a body file or standard input, and are overlaid by parameters", function()
    local path = file '{"title":"from file","company":"x"}'
    assert.are.same({ title = "word", company = "x" }, sent("users update 1 --title word --data @" .. path))
    os.remove(path)
    assert.are.same({ title = "piped" }, sent("users update 1 --data -", { input = '{"title":"piped"}' }))
  end)

  it("of a bare array are words or --data", function()
    local body = sent "roles add-users 143175 7 8 9"
    assert.are.same({ 7, 8, 9 }, { body[1], body[2], body[3] })
    body = sent "roles add_users 143175 --data [7]"
    assert.are.equal(7, body[1])
  end)

  it("reach families of names", function()
    local r = run "users list --custom_attributes.food chicken --dry-run"
    assert.matches("custom_attributes.food=chicken", r.out, 1, true)
  end)

  it("have an escape for names that options have", function()
    assert.matches("fields=id%2Cemail", run("users list --param fields=id,email --dry-run").out, 1, true)
  end)

  for text, word in pairs {
    ["users get x"] = "integer", ["users get"] = "user_id is missing", ["users list --limit x"] = "integer",
    ["users list --emial x"] = "did you mean %-%-email", ["users lst"] = "did you mean \"list\"",
    ["usrs list"] = "did you mean \"users\"", ["users get 1 2"] = "one word too many",
    ["users update 1 --id 5"] = "read%-only", ["users update 1 --state 9"] = "one of 0, 1, 2, 3",
    ["users update 1 --data [1]"] = "object", ["users update 1 --data {x"] = "no JSON",
    ["users list --data {}"] = "GET", ["users delete 1 --all"] = "lists", ["users get 1 --cursor x"] = "no pages",
    ["users list --format xml"] = "table, json, jsonl or csv", ["users update 1 --group-id 1 --group-id 2"] = "twice",
    ["users"] = "which operation", ["users update 1 --validate-policy maybe"] = "true or false",
    ["users list --bogus 1 --allow-unknown --cursor"] = "wants a value",
    ["users list --subdomain"] = "wants a value", ["users update 1 --max-changes x"] = "whole number",
  } do
    it("are refused before anything is sent: " .. text, function()
      local box = onelogin.sandbox { users = 3 }
      local r = run(text, { box = box })
      assert.are.equal(2, r.code)
      assert.matches(word, r.err)
      assert.are.equal("", r.out)
      assert.are.equal(0, box:requests())
    end)
  end

  it("nobody declared go through when that is said", function()
    local _, out = sent "users update 1 --allow-unknown --shoe_size 43"
    assert.matches('"shoe_size":43', out, 1, true)
    assert.matches("shoe=43", run("users list --allow-unknown --param shoe=43 --dry-run").out)
  end)
end)

describe("secrets", function()
  it("are refused as arguments, and not repeated", function()
    for _, argv in ipairs {
      { "users", "update", "1", "--password", canary.password },
      { "users", "update", "1", "--param", "password=" .. canary.password },
      { "users", "update", "1", "--data", json.encode { password = canary.password } },
      { "users", "list", "--client-secret", canary.secret },
      { "users", "list", "--client_secret=" .. canary.secret },
      { "request", "POST", "/x", "--data", json.encode { password = canary.password } },
      { "request", "GET", "/x", "--query", "otp=" .. canary.otp },
    } do
      local box = onelogin.sandbox { users = 3 }
      local r = run(argv, { box = box })
      assert.are.equal(2, r.code)
      assert.matches("secret", r.err)
      assert.is_nil(r.err:find(canary.password, 1, true))
      assert.is_nil(r.err:find(canary.secret, 1, true))
      assert.are.equal(0, box:requests())
    end
  end)

  it("come from a file, a variable, standard input or a hidden question", function()
    local path = file(canary.password .. "\n")
    local both = "users set_password_cleartext 88000004 --yes --password %s --password_confirmation %s"
    for _, case in ipairs {
      { "@" .. path }, { "env:PW", env = { PW = canary.password } }, { "ask", hidden = canary.password },
      { "-", input = canary.password .. "\n" .. canary.password .. "\n" },
    } do
      local box = onelogin.sandbox { users = 3 }
      local r = run(both:format(case[1], case[1]), { box = box, env = case.env, hidden = case.hidden,
        input = case.input })
      assert.are.equal("", r.err)
      assert.are.equal(0, r.code)
      assert.are.equal(1, box:requests "users.set_password_cleartext")
    end
    os.remove(path)
  end)

  it("stay out of dry runs and the exchange that --verbose shows", function()
    local r = run("users update 88000004 --dry-run --password env:PW --title x", { env = { PW = canary.password } })
    assert.is_nil(r.out:find(canary.password, 1, true))
    assert.matches("masked", r.out)
    r = run("users update 88000004 --yes --verbose --password env:PW --password_confirmation env:PW",
      { env = { PW = canary.password } })
    assert.is_nil(r.err:find(canary.password, 1, true))
    assert.matches("> PUT /api/2/users/{user_id}", r.err, 1, true)
    assert.matches("< %d%d%d in", r.err)
    assert.is_nil(r.err:find("Bearer", 1, true))
  end)

  it("are masked in answers unless asked for", function()
    for _, format in ipairs { "table", "json", "jsonl", "csv" } do
      local r = run("oauth generate_tokens --grant_type client_credentials --format " .. format)
      assert.are.equal(0, r.code)
      assert.matches("[masked]", r.out, 1, true)
      assert.truthy(r.err:find("--show-secrets", 1, true))
    end
    local r = run "oauth generate_tokens --grant_type client_credentials --format json --show-secrets"
    assert.are.equal(64, #json.decode(r.out).access_token)
  end)
end)

describe("changes", function()
  it("are confirmed on a terminal", function()
    local box = onelogin.sandbox { users = 3 }
    local r = run("users delete 88000004", { box = box, tty = true, answer = "n" })
    assert.are.equal(7, r.code)
    assert.matches("DELETE /api/2/users/88000004 at https://acme", r.asked[1])
    assert.are.equal(0, box:requests "users.delete")
    r = run("users delete 88000004", { box = box, tty = true })
    assert.are.equal(7, r.code)
    r = run("users delete 88000004", { box = box, tty = true, answer = "y" })
    assert.are.equal(0, r.code)
    assert.are.equal(1, box:requests "users.delete")
  end)

  it("need no question with --yes, off a terminal, or for reads and dry runs", function()
    assert.are.same({}, run("users delete 88000004 --yes", { tty = true }).asked)
    assert.are.same({}, run("users delete 88000004").asked)
    assert.are.same({}, run("users get 88000004", { tty = true }).asked)
    assert.are.same({}, run("users delete 88000004 --dry-run", { tty = true }).asked)
  end)

  it("are limited in number", function()
    local box = onelogin.sandbox { users = 3 }
    local r = run("roles add_users 1 7 8 9 --max-changes 2 --yes", { box = box })
    assert.are.equal(7, r.code)
    assert.matches("3 things", r.err)
    r = run("users delete -", { box = box, input = "7\n8\n" })
    assert.are.equal(7, r.code)
    assert.matches("--yes or --max-changes", r.err, 1, true)
    assert.are.equal(0, box:requests())
  end)

  it("are made for each id on standard input", function()
    local box = onelogin.sandbox { users = 10 }
    local rows = run("users list --limit 3", { box = box }).out
    local r = run("users delete - --max-changes 3", { box = box, input = rows })
    assert.are.equal(0, r.code)
    assert.are.equal(3, box:requests "users.delete")
    r = run("users delete -", { box = box, input = "1\nx\n" })
    assert.are.equal(2, r.code)
    assert.matches("id 2", r.err)
    assert.are.equal(3, box:requests "users.delete")
    r = run("users delete - --yes", { box = box, input = "5\n6\n" })
    assert.are.equal(4, r.code)
    assert.matches("0 of 2 were done; the next is 5", r.err, 1, true)
  end)

  it("of a dry run are shown and not made", function()
    local box = onelogin.sandbox { users = 3 }
    local r = run("users delete 88000004 --dry-run", { box = box })
    assert.are.equal(0, r.code)
    assert.are.equal("would send DELETE https://acme.onelogin.test/api/2/users/88000004\n", r.out)
    assert.are.equal(0, box:requests())
  end)
end)

describe("exit codes and errors", function()
  local function fault(rule)
    local box = onelogin.sandbox { users = 3 }
    rule.operation = "users.get"
    box:fault(rule)
    return run("users get 88000004", { box = box })
  end

  it("tell the kind, on one line", function()
    for _, case in ipairs {
      { 1, { status = 503, times = 99 } }, { 1, { garbage = true, times = 99 } }, { 5, { status = 429, times = 99 } },
      { 6, { drop = "before", times = 99 } }, { 6, { latency = 900, times = 99 } }, { 4, { status = 404 } },
    } do
      local r = fault(case[2])
      assert.are.equal(case[1], r.code)
      local text = r.err:gsub("onelogin: waiting [^\n]*\n", "")
      assert.matches("^onelogin: users%.get: [^\n]+\n$", text)
    end
    local r = run { "users", "create", "--username", "a\27[2Jb", "--email", "no\nmail" }
    assert.is_nil(r.err:find("\27", 1, true))
  end)

  it("are 3 where the credential is refused", function()
    local box = onelogin.sandbox { users = 3 }
    box:config { scope = "Read Users" }
    local config = box:config { scope = "Read Users" }
    box.config = function() return config end
    local r = run("users delete 88000004", { box = box })
    assert.are.equal(3, r.code)
  end)

  it("are 141 at a closed pipe and 8 where the output cannot be written", function()
    local r = run("users list", { fails = "Broken pipe" })
    assert.are.equal(141, r.code)
    assert.are.equal("", r.err)
    r = run("users list", { fails = "No space left on device" })
    assert.are.equal(8, r.code)
    assert.matches("No space left", r.err)
  end)

  it("show waiting for a rate limit", function()
    local box = onelogin.sandbox { users = 3 }
    box:fault { operation = "users.get", status = 429, headers = { ["Retry-After"] = "30" },
      times = 1 }
    local r = run("users get 88000004", { box = box })
    assert.are.equal(0, r.code)
    assert.matches("waiting %d+ s", r.err)
  end)

  it("are 2 without a tenant", function()
    local r = cli.run { "users", "list" }
    assert.are.equal(2, r.code)
    assert.matches("which tenant", r.err)
    assert.are.equal(2, cli.run({}).code)
    assert.are.equal(0, cli.run({ "--help" }).code)
    assert.matches("onelogin %d+%.%d+", cli.run({ "--version" }).out)
  end)
end)

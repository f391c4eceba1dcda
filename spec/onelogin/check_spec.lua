local check = require "onelogin.check"
local json = require("onelogin.core").json
local users = require "onelogin.api.users"
local roles = require "onelogin.api.roles"

local unpack = table.unpack or unpack -- luacheck: ignore 143

-- A small operation that has everything; the specs do not lean on what the real table says today.
local everything = {
  method = "POST", path = "/api/2/things/{thing_id}/parts/{part}",
  ids = { { "thing_id", "integer" }, { "part", "string" } },
  query = {
    { "mode", "string", enum = { "fast", "slow" } },
    { "deep", "boolean" },
    { "tags", "array<string>", enum = { "a", "b" } },
    { "custom.*", "string" },
    { "ratio", "number" },
  },
  body = {
    { "name", "string", required = true },
    { "size", "integer", min = 1, max = 10 },
    { "sizes", "array<integer>" },
    { "level", "integer", enum = { 0, 1, 3 } },
    { "extra", "object" },
    { "open", "boolean" },
    { "list", "array" },
    { "whatever", "any" },
    { "pin", "string" },
    { "weight", "number" },
  },
  read_only = { "created_at" },
  scopes = {},
}
local paged = {
  method = "GET", path = "/api/2/things", paging = "v2", result = "list",
  query = {
    { "email", "string" }, { "ids", "array<integer>" }, { "limit", "integer", max = 650 },
    { "page", "integer", min = 1 }, { "cursor", "string" },
  },
  scopes = {},
}
local guarded = {
  method = "POST", path = "/api/2/doors",
  body = { { "door", "integer" }, { "otp", "string" }, { "colour", "string", enum = { "red" } } },
  secret = { "otp" }, never_with = { "otp" }, scopes = {},
}

local function try(entry, name, ...)
  return check.try(entry, name, select("#", ...), ...)
end

local function refused(message, entry, name, ...)
  local ids, got = try(entry, name, ...)
  assert.is_nil(ids)
  assert.equal(message, got)
end

local function full(params, opts)
  return try(everything, "things.put", 7, "x", params, opts)
end

local function full_refused(complaint, params, opts)
  local ids, got = full(params, opts)
  assert.is_nil(ids)
  assert.equal("things.put: " .. complaint, got)
end

describe("check: path ids", function()
  it("come back as they were given", function()
    assert.same({ { 5 } }, { try(users.get, "users.get", 5) })
    assert.same({ "12" }, (try(users.get, "users.get", "12")))
    assert.same({ 7, "x" }, (full { name = "n" }))
  end)

  it("are whole: 8.0 is 8", function()
    assert.equal("8", tostring((try(users.get, "users.get", 8.0))[1]))
    assert.equal("8", tostring((try(users.get, "users.get", 8.0, nil, {}))[1]))
  end)

  it("are refused by name and position, with the way to call", function()
    local usage = "; call it as users:get(user_id [, params [, opts]])"
    refused("users.get: user_id (argument 1) must be an integer, got nil" .. usage, users.get, "users.get")
    refused("users.get: user_id (argument 1) must be an integer, got nil" .. usage, users.get, "users.get", nil)
    refused('users.get: user_id (argument 1) must be an integer, got "x"' .. usage, users.get, "users.get", "x")
    refused("users.get: user_id (argument 1) must be an integer, got 8.5" .. usage, users.get, "users.get", 8.5)
    refused("users.get: user_id (argument 1) must be an integer, got a table" .. usage, users.get, "users.get", {})
    refused("users.get: user_id (argument 1) must be an integer, got true" .. usage, users.get, "users.get", true)
    refused("users.get: user_id (argument 1) must be an integer, got null" .. usage, users.get, "users.get", json.null)
    for _, odd in ipairs { 0 / 0, 1 / 0, -1 / 0 } do
      assert.is_nil((try(users.get, "users.get", odd)))
      assert.is_nil((try(users.get, "users.get", odd, nil, {})))
    end
  end)

  it("may be integers beyond this Lua's numbers", function()
    local big = json.decode "[9007199254740993]"[1]
    assert.equal("9007199254740993", tostring((try(users.get, "users.get", big))[1]))
  end)

  it("of the string kind may be numbers", function()
    assert.same({ 7, 12 }, (try(everything, "things.put", 7, 12, { name = "n" })))
  end)

  it("more arguments than there are places for are refused", function()
    refused("users.get: takes at most 3 arguments, got 4; call it as users:get(user_id [, params [, opts]])",
      users.get, "users.get", 1, nil, nil, nil)
  end)
end)

describe("check: splitting", function()
  it("sends declared names where the table says, the query in declared order", function()
    local ids, query, body, opts, retry = full({
      name = "n", deep = false, mode = "slow", ["custom.z"] = "1", ["custom.a"] = 2, ratio = 0.5,
      tags = { "b", "a" }, size = 3,
    }, { timeout = 5 })
    assert.same({ 7, "x" }, ids)
    assert.same({ { "mode", "slow" }, { "deep", "false" }, { "tags", "b,a" }, { "custom.a", "2" },
                  { "custom.z", "1" }, { "ratio", "0.5" } }, query)
    assert.same({ name = "n", size = 3 }, body)
    assert.same({ timeout = 5 }, opts)
    assert.is_nil(retry)
  end)

  it("sends no body where the caller gave no params, and an empty one where they are empty", function()
    local ids, query, body = try(users.update, "users.update", 1)
    assert.same({ 1 }, ids)
    assert.is_nil(query)
    assert.is_nil(body)
    ids, query, body = try(users.update, "users.update", 1, {})
    assert.same({ 1 }, ids)
    assert.is_nil(query)
    assert.equal("{}", json.encode(body))
  end)

  it("does not touch the caller's tables", function()
    local params = { name = "n", sizes = { 1, 2.0 }, list = {}, extra = {}, size = 3.0 }
    local _, _, body = full(params)
    assert.not_equal(params, body)
    assert.is_nil(getmetatable(params.list))
    assert.equal("2", tostring(body.sizes[2]))
    if math.type then
      assert.equal("float", math.type(params.sizes[2]))
      assert.equal("float", math.type(params.size))
    end
  end)

  it("sends exactly what was set: null, empty string, 0, false, [] and {}", function()
    local _, _, body = full { name = "", size = json.null, sizes = {}, extra = {}, open = false, level = 0,
                              list = json.array({}), whatever = json.null, weight = 0 }
    assert.equal("", body.name)
    assert.equal(json.null, body.size)
    assert.equal(json.null, body.whatever)
    assert.equal(0, body.level)
    assert.equal(0, body.weight)
    assert.is_false(body.open)
    assert.equal("[]", json.encode(body.sizes))
    assert.equal("[]", json.encode(body.list))
    assert.equal("{}", json.encode(body.extra))
  end)

  it("keeps [] read from the server for an object as []", function()
    local _, _, body = full { name = "n", extra = json.array({}) }
    assert.equal("[]", json.encode(body.extra))
  end)

  it("takes null for a required parameter: it was set", function()
    local ids, _, body = full { name = json.null }
    assert.same({ 7, "x" }, ids)
    assert.equal(json.null, body.name)
  end)

  it("joins arrays in the query, and takes what is joined already", function()
    local _, query = try(paged, "things.list", { ids = { 1, "2", 3.0 } })
    assert.same({ { "ids", "1,2,3" } }, query)
    _, query = try(paged, "things.list", { ids = "1,2" })
    assert.same({ { "ids", "1,2" } }, query)
    _, query = try(paged, "things.list", { ids = 4 })
    assert.same({ { "ids", "4" } }, query)
    _, query = try(paged, "things.list", { ids = {} })
    assert.same({ { "ids", "" } }, query)
  end)

  it("writes big whole numbers out", function()
    local _, query = try(paged, "things.list", { ids = { 12345678901234 }, email = 100000000000000 })
    assert.same({ { "email", "100000000000000" }, { "ids", "12345678901234" } }, query)
  end)
end)

describe("check: array bodies", function()
  it("are the params argument", function()
    local ids, query, body = try(roles.add_users, "roles.add_users", 143175, { 1, 2, 3 })
    assert.same({ 143175 }, ids)
    assert.is_nil(query)
    assert.same({ 1, 2, 3 }, body)
  end)

  it("an empty one is sent as [], and the caller's stays untagged", function()
    local given = {}
    local _, _, body = try(roles.set_apps, "roles.set_apps", 1, given)
    assert.equal("[]", json.encode(body))
    assert.is_nil(getmetatable(given))
  end)

  it("an object, a scalar or nothing is refused", function()
    local usage = "; call it as roles:add_users(role_id, array [, opts])"
    refused("roles.add_users: argument 2 must be an array of integers, got a table with names instead of positions"
      .. usage, roles.add_users, "roles.add_users", 1, { user_ids = { 1 } })
    refused("roles.add_users: argument 2 must be an array of integers, got nothing" .. usage,
      roles.add_users, "roles.add_users", 1)
    refused("roles.add_users: argument 2 must be an array of integers, got 5" .. usage,
      roles.add_users, "roles.add_users", 1, 5)
    refused('roles.add_users: argument 2 item 2 must be an integer, got "x"' .. usage,
      roles.add_users, "roles.add_users", 1, { 1, "x" })
  end)
end)

describe("check: parameters", function()
  it("unknown names are refused with the nearest one", function()
    refused('users.list: unknown parameter "emial", did you mean "email"? '
      .. "(allow_unknown = true in the options passes it through)", users.list, "users.list", { emial = "x" })
    refused('users.get: takes no parameters, got "colour" '
      .. "(allow_unknown = true in the options passes it through)", users.get, "users.get", 1, { colour = "x" })
    refused('users.list: unknown parameter "zzzzzzzz" '
      .. "(allow_unknown = true in the options passes it through)", users.list, "users.list", { zzzzzzzz = "x" })
  end)

  it("unknown names pass when allowed: to the body of a write, else to the query", function()
    local _, query, body = full({ name = "n", colour = "red" }, { allow_unknown = true })
    assert.is_nil(query)
    assert.same({ name = "n", colour = "red" }, body)
    _, query = try(paged, "things.list", { email = "e", z = { 1, 2 }, a = true }, { allow_unknown = true })
    assert.same({ { "email", "e" }, { "a", "true" }, { "z", "1,2" } }, query)
  end)

  it("an option among the parameters is told where to go", function()
    refused('users.list: "timeout" is an option, not a parameter: pass it as the next argument',
      users.list, "users.list", { timeout = 5 })
  end)

  it("a path id among the parameters too", function()
    refused('users.get: "user_id" is argument 1, not a parameter; call it as users:get(user_id [, params [, opts]])',
      users.get, "users.get", 1, { user_id = 1 })
  end)

  it("read-only fields are named as such", function()
    refused('users.update: "created_at" is read-only', users.update, "users.update", 1, { created_at = "x" })
  end)

  it("positions instead of names are refused", function()
    local ids, got = full { "n" }
    assert.is_nil(ids)
    assert.truthy(got:find("things.put: parameters have names, but params holds the key 1; call it as", 1, true))
  end)

  it("that are no table are refused", function()
    refused("users.get: params (argument 2) must be a table, got 5; call it as users:get(user_id [, params [, opts]])",
      users.get, "users.get", 1, 5)
  end)

  it("required ones are named when they are missing", function()
    local usage = "; call it as things:put(thing_id, part, params [, opts])"
    full_refused("name is required (string)" .. usage, { size = 1 })
    full_refused("name is required (string)" .. usage, nil)
  end)

  it("types are told, with what was given", function()
    full_refused('size must be an integer, got "big"', { name = "n", size = "big" })
    full_refused("size must be an integer, got 1.5", { name = "n", size = 1.5 })
    full_refused("name must be a string, got true", { name = true })
    full_refused("name must be a string, got a table", { name = {} })
    full_refused("name must be a string, got a function", { name = print })
    full_refused('open must be a boolean, got "yes"', { name = "n", open = "yes" })
    full_refused("open must be a boolean, got 1", { name = "n", open = 1 })
    full_refused("sizes must be an array of integers, got 3", { name = "n", sizes = 3 })
    full_refused("sizes item 2 must be an integer, got true", { name = "n", sizes = { 1, true } })
    full_refused("extra must be an object, got a table", { name = "n", extra = { 1 } })
    full_refused("whatever must be a JSON value, got a function", { name = "n", whatever = print })
    full_refused("deep must be a boolean, got 1", { name = "n", deep = 1 })
    full_refused("mode cannot be null here; leave it out", { name = "n", mode = json.null })
    full_refused("mode must be a string, got a table", { name = "n", mode = {} })
    full_refused('weight must be a number, got "heavy"', { name = "n", weight = "heavy" })
    full_refused("weight must be a number, got nan", { name = "n", weight = 0 / 0 })
  end)

  it("integers may be digits, whole floats or boxed; strings may be numbers", function()
    local big = json.decode "[9007199254740993]"[1]
    local _, _, body = full { name = 12, size = "4", weight = "1.5", sizes = { "1", 2.0, big } }
    assert.equal(12, body.name)
    assert.equal("4", body.size)
    assert.equal("1.5", body.weight)
    assert.equal('["1",2,9007199254740993]', json.encode(body.sizes))
  end)

  it("enums and bounds are told, with what was given", function()
    full_refused('mode must be one of "fast", "slow", got "medium"', { name = "n", mode = "medium" })
    full_refused("level must be one of 0, 1, 3, got 2", { name = "n", level = 2 })
    full_refused('tags item 2 must be one of "a", "b", got "c"', { name = "n", tags = { "a", "c" } })
    full_refused('tags must be one of "a", "b", got "c"', { name = "n", tags = "a,c" })
    full_refused("size must be at least 1, got 0", { name = "n", size = 0 })
    full_refused("size must be at most 10, got 11", { name = "n", size = 11 })
    full_refused('size must be at most 10, got "11"', { name = "n", size = "11" })
    assert.truthy((full { name = "n", level = "3", size = 10, mode = "fast", tags = "a,b" }))
  end)

  it("cursor goes neither with limit nor with page", function()
    refused('things.list: "cursor" and "limit" exclude each other: the cursor already says it',
      paged, "things.list", { cursor = "c", limit = 5 })
    refused('things.list: "cursor" and "page" exclude each other: the cursor already says it',
      paged, "things.list", { cursor = "c", page = 5 })
    assert.truthy((try(paged, "things.list", { cursor = "c" })))
    assert.truthy((try(paged, "things.list", { limit = 5, page = 2 })))
  end)

  it("control characters and length of a value do not reach the message", function()
    full_refused('size must be an integer, got "a?[31mb"', { name = "n", size = "a\27[31mb" })
    full_refused('size must be an integer, got "' .. ("x"):rep(40) .. '..."', { name = "n", size = ("x"):rep(500) })
  end)
end)

describe("check: secrets", function()
  it("are not shown, nor is any string in an operation that has some", function()
    refused("doors.open: otp must be a string, got true", guarded, "doors.open", { otp = true })
    refused("doors.open: otp must be a string, got a table", guarded, "doors.open", { otp = { "canary" } })
    refused("doors.open: door must be an integer, got a string", guarded, "doors.open", { door = "canary" })
    refused('doors.open: colour must be one of "red", got a string', guarded, "doors.open", { colour = "canary" })
    refused("doors.open: params (argument 1) must be a table, got a string; "
      .. "call it as doors:open([params [, opts]])", guarded, "doors.open", "canary")
    local entry = users.set_password_cleartext
    local _, message = try(entry, "users.set_password_cleartext", "canary", { password = "canary" })
    assert.is_nil(message:find("canary", 1, true))
  end)

  it("a call that carries one of never_with must not be repeated", function()
    assert.equal("never", (select(5, try(guarded, "doors.open", { otp = "123456" }))))
    assert.is_nil((select(5, try(guarded, "doors.open", { door = 1 }))))
    assert.is_nil((select(5, try(guarded, "doors.open", { otp = json.null }))))
    assert.is_nil((select(5, try(guarded, "doors.open"))))
    assert.equal("never", (select(5, try(users.update, "users.update", 1, { password = "x" }))))
  end)
end)

describe("check: traits", function()
  local odd = {
    method = "POST", path = "/api/2/fields", wrap = "field", scopes = {},
    headers = { { "Allowed-Origin", "string" } },
    body = {
      { "name", "string" },
      { "settings", "object", fields = {
        { "key", "string", required = true }, { "minutes", "integer" }, { "audiences", "array<string>" },
      } },
    },
  }

  it("wraps the body where the server wants it wrapped", function()
    local _, _, body = try(odd, "fields.create", { name = "n" })
    assert.same({ field = { name = "n" } }, body)
    _, _, body = try(odd, "fields.create")
    assert.is_nil(body)
    refused('fields.create: "field" is put around the body for you: give its members as parameters',
      odd, "fields.create", { field = { name = "n" } })
  end)

  it("hands out what travels as a header, and lets nothing break out of it", function()
    local ids, query, body, _, _, headers =
      try(odd, "fields.create", { ["Allowed-Origin"] = "https://a.b", name = "n" })
    assert.same({}, ids)
    assert.is_nil(query)
    assert.same({ field = { name = "n" } }, body)
    assert.same({ ["Allowed-Origin"] = "https://a.b" }, headers)
    refused("fields.create: Allowed-Origin must not hold control characters: it is a header",
      odd, "fields.create", { ["Allowed-Origin"] = "a\r\nX: y" })
  end)

  it("looks into objects whose members are known, and passes the unknown ones", function()
    local given = { key = "k", minutes = 5, audiences = {}, colour = "red" }
    local _, _, body = try(odd, "fields.create", { settings = given })
    assert.equal(given, body.field.settings)
    refused("fields.create: settings needs the member key (string)", odd, "fields.create", { settings = {} })
    refused('fields.create: settings member minutes must be an integer, got "x"',
      odd, "fields.create", { settings = { key = "k", minutes = "x" } })
    assert.truthy((try(odd, "fields.create", { settings = json.null })))
    assert.truthy((try(odd, "fields.create", { settings = { key = json.null } })))
  end)
end)

describe("check: options", function()
  it("known ones pass with their values", function()
    local opts = { timeout = 0.5, deadline = 1 / 0, attempts = 1, nulls = "sentinel", missing_ok = true,
                   max_pages = 3, wait_rate_limit = false, lanes = 4 }
    assert.equal(opts, (select(4, try(users.get, "users.get", 1, nil, opts))))
    assert.equal(opts, (select(4, try(roles.add_users, "roles.add_users", 1, { 2 }, opts))))
  end)

  it("unknown ones are refused with the nearest name", function()
    refused('users.get: unknown option "timeot", did you mean "timeout"?', users.get, "users.get", 1, nil,
      { timeot = 5 })
    refused('users.get: unknown option "zzzzzzzz"', users.get, "users.get", 1, nil, { zzzzzzzz = 5 })
    refused("users.get: unknown option 1", users.get, "users.get", 1, nil, { 5 })
    refused('users.list: "email" is a parameter, not an option: pass it in argument 1', users.list, "users.list",
      nil, { email = "x" })
  end)

  it("wrong values are refused", function()
    local function bad(complaint, opts)
      refused("users.get: option " .. complaint, users.get, "users.get", 1, nil, opts)
    end
    bad('"timeout" must be a number of seconds above 0, got -5', { timeout = -5 })
    bad('"deadline" must be a number of seconds above 0, got 0', { deadline = 0 })
    bad('"timeout" must be a number of seconds above 0, got "5"', { timeout = "5" })
    bad('"attempts" must be a whole number from 1, got 0', { attempts = 0 })
    bad('"attempts" must be a whole number from 1, got 1.5', { attempts = 1.5 })
    bad('"nulls" must be "nil" or "sentinel", got "null"', { nulls = "null" })
    bad('"dry_run" must be true or false, got 1', { dry_run = 1 })
    refused("users.get: options (argument 3) must be a table, got 5; "
      .. "call it as users:get(user_id [, params [, opts]])", users.get, "users.get", 1, nil, 5)
  end)

  it("are the ones the client knows", function()
    for name in ("timeout deadline connect_timeout attempts retry nulls allow_unknown missing_ok dry_run snapshot "
                 .. "max_pages wait_rate_limit fetch lanes"):gmatch("%S+") do
      assert.truthy(check.options[name], name)
    end
  end)
end)

describe("check.call", function()
  it("throws a string placed at the caller of the one who called it", function()
    local function handle(...)
      local ids = check.call(users.get, "users.get", select("#", ...), ...)
      return ids
    end
    assert.same({ 1 }, handle(1))
    local line = debug.getinfo(1, "l").currentline + 1
    local fine, message = pcall(function() local ids = handle("x") return ids end)
    assert.is_false(fine)
    assert.equal("string", type(message))
    assert.truthy(message:find("check_spec.lua:" .. line .. ": users.get: user_id", 1, true), message)
  end)

  it("returns what check.try returns", function()
    local params = { name = "n", mode = "fast" }
    assert.same({ { 7, "x" }, { { "mode", "fast" } }, { name = "n" } },
      { check.call(everything, "things.put", 3, 7, "x", params) })
  end)
end)

describe("check.usage", function()
  it("writes how a call looks", function()
    assert.equal("users:get(user_id [, params [, opts]])", check.usage(users.get, "users.get"))
    assert.equal("users:list([params [, opts]])", check.usage(users.list, "users.list"))
    assert.equal("users:set_state(user_id, params [, opts])", check.usage(users.set_state, "users.set_state"))
    assert.equal("roles:add_users(role_id, array [, opts])", check.usage(roles.add_users, "roles.add_users"))
  end)
end)

describe("check and hostile input", function()
  it("answers every value in every place, and never throws", function()
    local odd = { 1, -1, 0, 1.5, 1 / 0, 0 / 0, "", "a", "1", "\0", ("9"):rep(400), true, false, json.null, {}, { 1 },
                  { a = 1 }, json.array({}), print, coroutine.create(function() end), io.stdout, { [1] = 1, [3] = 3 },
                  { [{}] = 1 } }
    local calls = 0
    for _, entry in ipairs { everything, paged, guarded, roles.add_users, users.get } do
      for i = 1, #odd do
        for j = 1, #odd do
          for _, args in ipairs { { odd[i], odd[j] }, { 7, "x", { name = odd[i], size = odd[j], list = odd[j] } },
                                  { { email = odd[i], ids = odd[j], otp = odd[j] }, odd[i] }, { 1, odd[i], odd[j] } } do
            local ids, message = check.try(entry, "odd.one", #args, unpack(args, 1, #args))
            assert.is_true(type(ids) == "table" or (ids == nil and type(message) == "string"))
            calls = calls + 1
          end
        end
      end
    end
    assert.equal(5 * #odd * #odd * 4, calls)
  end)
end)

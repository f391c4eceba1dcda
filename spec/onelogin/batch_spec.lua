-- client:batch: on a blocking transport one call after the other, on the engine several at once; order, errors,
-- going on.
local onelogin = require "onelogin"
local server_of = require "spec.support.sandbox_server"

local function world(options)
  local box = onelogin.sandbox { users = 30 }
  local config = box:config()
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), box
end

local function refused(...)
  local ok, why = pcall(...)
  assert.is_false(ok)
  assert.is_nil(why:find("batch.lua", 1, true), why)
  return why
end

describe("batch, one after the other", function()
  it("gives results in order, and errors where they belong", function()
    local ol, box = world()
    local ids = box:people():ids()
    local calls = {}
    for i = 1, 12 do calls[i] = { ol.users.get, ids[i] } end
    calls[5] = { ol.users.get, 404404 }
    calls[6] = { ol.users.get, 404404, nil, { missing_ok = true } }
    calls[7] = { ol.roles.create, { name = "R" }, { fetch = true } }
    calls[8] = { ol.users.delete, ids[8] }
    local results, errors, from = ol:batch(calls)
    assert.equal(12, #results)
    assert.is_nil(from)
    for i = 1, 4 do assert.equal(ids[i], results[i].id) end
    assert.is_false(results[5])
    assert.equal("not_found", errors[5].kind)
    assert.is_false(results[6])
    assert.is_nil(errors[6])
    assert.equal("R", results[7].name)
    assert.is_true(results[8])
    errors[5] = nil
    assert.is_nil(next(errors))
  end)

  it("tells each result as it comes, and stops when told", function()
    local ol, box = world()
    local ids, seen = box:people():ids(), {}
    local calls = {}
    for i = 1, 6 do calls[i] = { ol.users.get, ids[i] } end
    local results, _, from = ol:batch(calls, { on_result = function(i, value, err)
      seen[#seen + 1] = i
      assert.equal(ids[i], value.id)
      assert.is_nil(err)
      if i == 3 then return false end
    end })
    assert.same({ 1, 2, 3 }, seen)
    assert.equal(3, #results)
    assert.equal(4, from)
    results, _, from = ol:batch(calls, { from = from })
    assert.same({ false, false, false }, { results[1], results[2], results[3] })
    assert.equal(ids[6], results[6].id)
    assert.is_nil(from)
    assert.equal(6, box:requests "users.get")
  end)

  it("stops at the first error when that is wanted", function()
    local ol, box = world()
    local id = box:people():ids()[1]
    local calls = { { ol.users.get, id }, { ol.users.get, 404404 }, { ol.users.get, id } }
    local _, errors, from = ol:batch(calls, { on_error = "stop" })
    assert.equal("not_found", errors[2].kind)
    assert.equal(3, from)
    _, _, from = ol:batch(calls, { on_error = "continue" })
    assert.is_nil(from)
  end)

  it("waits out a rate limit like a walk", function()
    local ol, box = world()
    box:fault { operation = "users.get", status = 429, headers = { ["retry-after"] = "600" } }
    local began = box.clock.mono()
    local results = ol:batch { { ol.users.get, box:people():ids()[1] } }
    assert.is_truthy(results[1])
    assert.is_true(box.clock.mono() - began >= 600)
    box:fault { operation = "users.get", status = 429, headers = { ["retry-after"] = "600" } }
    local _, errors = ol:batch { { ol.users.get, box:people():ids()[1], nil, { wait_rate_limit = false } } }
    assert.equal("rate_limited", errors[1].kind)
  end)

  it("checks the whole list before the first call leaves", function()
    local ol, box = world()
    local other = world()
    local good = { ol.users.get, 1 }
    for text, calls in pairs {
      ["call 2: users.get: user_id"] = { good, { ol.users.get, "a/../b" } },
      ["call 2: users.list: unknown parameter \"emial\""] = { good, { ol.users.list, { emial = 1 } } },
      ["call 2 must be { operation"] = { good, {} },
      ["call 1 must be { operation"] = { "users.get" },
      ["belongs to another client"] = { good, { other.users.get, 1 } },
      ["request has no place"] = { { ol.request, "GET", "/" } },
    } do
      assert.truthy(refused(ol.batch, ol, calls):find(text, 1, true), text)
    end
    for _, options in ipairs { { limit = 0 }, { limit = "x" }, { from = 3 }, { from = 0 }, { on_result = 1 },
      { on_error = "panic" }, { form = 1 }, 7 } do
      refused(ol.batch, ol, { good }, options)
    end
    refused(ol.batch, ol, nil)
    assert.equal(0, box:requests())
    local guarded, box2 = world { allow = "read" }
    refused(guarded.batch, guarded, { { guarded.users.get, 1 }, { guarded.users.delete, 1 } })
    assert.equal(0, box2:requests())
  end)

  it("describes a dry run", function()
    local ol, box = world { dry_run = true }
    local results = ol:batch { { ol.users.delete, 1 }, { ol.users.delete, 2 } }
    assert.equal("DELETE", results[1].method)
    assert.truthy(results[2].url:find("/users/2", 1, true))
    assert.equal(0, box:requests "users.delete")
  end)

  it("is content with nothing", function()
    local ol = world()
    assert.same({ {}, {} }, { ol:batch {} })
  end)
end)

describe("batch on the engine", function()
  local server
  setup(function() server = server_of.start "--users 60" end)
  teardown(function() server.stop() end)

  local function client(more)
    local options = { base_url = server.http_url, client_id = server.client_id, client_secret = server.client_secret }
    for k, v in pairs(more or {}) do options[k] = v end
    return onelogin.new(options)
  end

  it("does the same, several at once, with one token", function()
    local ol = client()
    local ids = {}
    for user in ol.users:each() do ids[#ids + 1] = user.id end
    assert.equal(60, #ids)
    ol = client()
    local calls, most, running = {}, 0, 0
    for i, id in ipairs(ids) do calls[i] = { ol.users.get, id } end
    calls[30] = { ol.users.get, 404404 }
    calls[31] = { ol.roles.create, { name = "Batch" }, { fetch = true } }
    local engine = require("onelogin.curl").engine {}
    ol = client { engine = engine }
    for _, call in ipairs(calls) do call[1] = ol[call[1].id:match("^%w+")][call[1].id:match("%.(.+)$")] end
    local order = {}
    local results, errors, from = ol:batch(calls, { limit = 6, on_result = function(i)
      order[#order + 1] = i
      running = engine:running()
      most = math.max(most, running)
    end })
    assert.is_nil(from)
    for i, id in ipairs(ids) do
      if i ~= 30 and i ~= 31 then assert.equal(id, results[i].id) end
    end
    assert.is_false(results[30])
    assert.equal("not_found", errors[30].kind)
    assert.equal("Batch", results[31].name)
    assert.equal(60, #order)
    assert.is_true(most > 1 and most <= 6, "at once: " .. most)
    assert.is_true(engine:stats().connections <= 7)
    assert.equal(0, engine:running())
    ol:close()
  end)

  it("finds the engine of a client that has sent nothing yet", function()
    local ol = client()
    local results = ol:batch { { ol.users.list, { limit = 2 } }, { ol.roles.list }, { ol.users.list, { limit = 1 } } }
    assert.equal(2, #results[1])
    assert.equal(1, #results[3])
    ol:close()
  end)

  it("stops, lets what is under way end, and goes on from there", function()
    local ol = client()
    local calls = {}
    for i = 1, 20 do calls[i] = { ol.users.list, { limit = 1 } } end
    calls[4] = { ol.users.get, 404404 }
    local results, errors, from = ol:batch(calls, { limit = 3, on_error = "stop" })
    assert.equal("not_found", errors[4].kind)
    assert.is_true(from > 4 and from <= 20, tostring(from))
    for i = 1, from - 1 do assert.is_truthy(i == 4 or results[i], i) end
    for i = from, 20 do assert.is_nil(results[i]) end
    results, errors, from = ol:batch(calls, { limit = 3, from = from })
    assert.is_nil(from)
    assert.is_nil(next(errors))
    assert.is_truthy(results[20])
    ol:close()
  end)

  it("leaves nothing behind when a callback throws", function()
    local engine = require("onelogin.curl").engine {}
    local ol = client { engine = engine }
    local calls = {}
    for i = 1, 20 do calls[i] = { ol.users.list, { limit = 1 } } end
    local ok, why = pcall(ol.batch, ol, calls, { on_result = function() error("enough", 0) end })
    assert.is_false(ok)
    assert.truthy(why:find("^enough\nstack traceback:"), why)
    assert.equal(0, engine:running())
    assert.is_truthy(ol.users:list { limit = 1 })
    ol:close()
  end)

  it("reports a token that cannot be had for every call, and asks for it once", function()
    local ol = client { client_secret = "not the secret" }
    local calls = {}
    for i = 1, 5 do calls[i] = { ol.users.list, { limit = 1 } } end
    local _, errors = ol:batch(calls)
    for i = 1, 5 do assert.equal("auth", errors[i].kind) end
    ol:close()
  end)
end)

-- ensure: found, made, or made by a call whose answer was lost.
local onelogin = require "onelogin"

local function world(options)
  local box = onelogin.sandbox { users = 20 }
  local config = box:config()
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), box
end

local KIM = { email = "kim@acme.test", username = "kim", title = "Mate" }

describe("ensure", function()
  it("makes what is not there, once", function()
    local ol, box = world()
    local kim, created = ol.users:ensure("email", KIM)
    assert.equal("Mate", kim.title)
    assert.is_true(created)
    local again
    again, created = ol.users:ensure("email", KIM)
    assert.equal(kim.id, again.id)
    assert.is_false(created)
    assert.equal(1, box:requests "users.create")
  end)

  it("leaves what it finds as it is", function()
    local ol, box = world()
    local ashley, created = ol.users:ensure("email", { email = "ashley@acme.test", title = "Else" })
    assert.is_false(created)
    assert.not_equal("Else", ashley.title)
    assert.equal(0, box:requests "users.create" + box:requests "users.update")
  end)

  it("adopts what a create had made whose answer was lost", function()
    for _, fault in ipairs { { drop = "after" }, { latency = 500 }, { garbage = true } } do
      local ol, box = world()
      fault.operation, fault.times = "users.create", 9
      box:fault(fault)
      local kim, created = ol.users:ensure("email", KIM)
      assert.equal("kim", kim and kim.username)
      assert.equal("unknown", created)
      assert.equal(1, box:requests "users.create")
    end
  end)

  it("looks again for what appears late", function()
    local _, box = world()
    box:fault { operation = "users.create", drop = "before" }
    local lists, send = 0, box.transport.send
    local config = box:config()
    config.transport = { send = function(_, r)
      if r.operation == "users.list" then
        lists = lists + 1
        if lists == 3 then box:add_user(KIM) end
      end
      return send(box.transport, r)
    end }
    local ol = onelogin.new(config)
    local began = box.clock.mono()
    local kim, created = ol.users:ensure("email", KIM)
    assert.equal("kim", kim.username)
    assert.equal("unknown", created)
    assert.is_true(box.clock.mono() - began >= 1)
  end)

  it("says what went wrong when nothing appeared", function()
    local ol, box = world()
    box:fault { operation = "users.create", drop = "before" }
    local kim, err = ol.users:ensure("email", KIM)
    assert.is_nil(kim)
    assert.equal("network", err.kind)
    assert.truthy(tostring(err):find("calling ensure again does no harm", 1, true))
    assert.is_true((select(2, ol.users:ensure("email", KIM))))
  end)

  it("gives way to somebody who was faster", function()
    local _, box = world()
    local config, send = box:config(), box.transport.send
    config.transport = { send = function(_, r)
      if r.operation == "users.create" then box:add_user(KIM) end
      return send(box.transport, r)
    end }
    local kim, created = onelogin.new(config).users:ensure("email", KIM)
    assert.equal("kim", kim.username)
    assert.is_false(created)
  end)

  it("passes on a refusal, and points at a row that differs in letter case", function()
    local ol = world()
    local kim, err = ol.users:ensure("email", { email = "ASHLEY@acme.test", username = "other" })
    assert.is_nil(kim)
    assert.equal("conflict", err.kind)
    local ashley = ol.users:find_by_email("ashley@acme.test")
    assert.truthy(tostring(err):find("id " .. ashley.id .. " has the same email but for letter case", 1, true))
    kim, err = ol.users:ensure("email", { email = "new@acme.test", username = "ashley" })
    assert.is_nil(kim)
    assert.equal("conflict", err.kind)
    assert.is_nil(err.hint)
  end)

  it("does not make a second one when the search fails or is not allowed", function()
    local ol, box = world()
    box:fault { operation = "users.list", status = 503, times = 99 }
    local kim, err = ol.users:ensure("email", KIM)
    assert.is_nil(kim)
    assert.equal("server", err.kind)
    assert.equal(0, box:requests "users.create")
  end)

  it("gives whole objects where a create answers only the id", function()
    local ol = world()
    local role, created = ol.roles:ensure("name", { name = "Deckhand" })
    assert.is_true(created)
    assert.equal("Deckhand", role.name)
    assert.is_false((select(2, ol.roles:ensure("name", { name = "Deckhand" }))))
  end)

  it("throws misuse before anything is sent", function()
    local ol, box = world()
    local function refused(...)
      local ok, why = pcall(ol.users.ensure, ...)
      assert.is_false(ok)
      assert.is_nil(why:find("ensure.lua", 1, true))
      return why
    end
    assert.truthy(refused(ol.users, "email", { username = "x" }):find('no "email"', 1, true))
    assert.truthy(refused(ol.users, "email", { email = "x*" }):find("wildcard", 1, true))
    assert.truthy(refused(ol.users, "email", { email = "x", titel = "y" }):find('did you mean "title"', 1, true))
    assert.truthy(refused(ol.users, "emial", { emial = "x" }):find('did you mean "email"', 1, true))
    refused(ol.users, KIM)
    refused(ol.users, "email")
    refused("email", KIM)
    assert.equal(0, box:requests())
    ol, box = world { allow = "read" }
    assert.truthy(refused(ol.users, "email", KIM):find("allow", 1, true))
    assert.equal(0, box:requests())
  end)

  it("only describes in a dry run", function()
    local ol, box = world { dry_run = true }
    local plan, created = ol.users:ensure("email", KIM)
    assert.equal("POST", plan.method)
    assert.is_false(created)
    assert.equal(0, box:requests "users.create")
  end)
end)

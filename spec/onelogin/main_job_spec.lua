-- The main job from end to end: a client on the sandbox, in process and over real HTTP and HTTPS.

local onelogin = require "onelogin"
local core = require "onelogin.core"
local child = require "spec.support.child"
local json = core.json

local function collect(iterator, ...)
  local ids = {}
  for user in iterator, ... do ids[#ids + 1] = user.id end
  return ids
end

-- Every id once; told apart by the caller whether the order must rise.
local function all_once(ids, n)
  local seen = {}
  for i, id in ipairs(ids) do
    assert.is_nil(seen[id], "twice: " .. tostring(id))
    seen[id] = true
    if i > 1 then assert.is_true(ids[i - 1] < id) end
  end
  assert.equal(n, #ids)
end

describe("the main job", function()
  it("walks 10,001 users exactly, in order, in both styles, in process", function()
    local box = onelogin.sandbox { users = 10001 }
    local ol = onelogin.new(box:config())
    all_once(collect(ol.users:each()), 10001)
    all_once(collect(ol.users_v1:each { sort = "+id" }), 10001)
  end)

  it("does not mind a token that dies in the middle of a walk", function()
    local box = onelogin.sandbox { users = 500 }
    local ol = onelogin.new(box:config())
    local ids = {}
    for user in ol.users:each() do
      ids[#ids + 1] = user.id
      if #ids % 120 == 0 then box:revoke_tokens() end
      if #ids % 200 == 0 then box:expire_tokens() end
    end
    all_once(ids, 500)
  end)

  it("survives faults wherever they fall in a walk", function()
    for _, fault in ipairs { { status = 503 }, { drop = "before" }, { drop = "after" }, { truncate = 20 },
      { status = 429, headers = { ["Retry-After"] = "3" } } } do
      local box = onelogin.sandbox { users = 300 }
      local ol = onelogin.new(box:config())
      fault.operation, fault.times = "users.list", 2
      box:fault(fault)
      local ok, result = pcall(collect, ol.users:each())
      if fault.truncate then
        -- in process there is no Content-Length to break: what is left is not JSON, which is told
        assert.is_true(ok or result.kind == "decode" or result.kind == "network")
      else
        assert.is_true(ok, tostring(result))
        all_once(result, 300)
      end
    end
  end)

  it("deletes everyone once inside a walk with a snapshot", function()
    local box = onelogin.sandbox { users = 210 }
    local ol = onelogin.new(box:config())
    local n = 0
    for user in ol.users:each(nil, { snapshot = true }) do
      assert(ol.users:delete(user.id))
      n = n + 1
    end
    assert.equal(210, n)
    assert.equal(0, #assert(ol.users:pages():collect()))
  end)

  it("never lets two tenants share a token", function()
    local a = onelogin.sandbox { users = 30, seed = 1, subdomain = "alpha" }
    local b = onelogin.sandbox { users = 40, seed = 2, subdomain = "beta" }
    local one, two = onelogin.new(a:config()), onelogin.new(b:config())
    local from_a, from_b = one.users:pages(), two.users:pages()
    local na, nb = 0, 0
    while true do
      local x, y = assert(not select(2, from_a:next()) and true), assert(not select(2, from_b:next()) and true)
      a:revoke_tokens()
      na, nb = na + (x and 1 or 0), nb + (y and 1 or 0)
      if na >= 2 then break end
    end
    assert(one.users:list())
    assert(two.users:list())
    assert.equal(1, b:requests("oauth.generate_tokens"))
    assert.is_true(a:requests("oauth.generate_tokens") >= 2)
  end)

  it("adopts the scopes of its credential", function()
    local box = onelogin.sandbox { users = 10 }
    local ol = onelogin.new(box:config { scope = "Read Users" })
    local id = assert(ol.users:list())[1].id
    local ok, err = ol.users:delete(id)
    assert.is_nil(ok)
    assert.is_true(err.kind == "auth" or err.kind == "permission")
    ok, err = ol.users:assign_roles(id, { role_id_array = { 1 } })
    assert.is_nil(ok)
    assert.equal("permission", err.kind)
    assert.matches("scope", tostring(err))
  end)

  it("reads, changes one field and writes back, in sentinel mode", function()
    local box = onelogin.sandbox { users = 20 }
    local ol = onelogin.new(box:config())
    local before = assert(ol.users:list({ email = "ashley@acme.test" }, { nulls = "sentinel" }))[1]
    before = assert(ol.users:get(before.id, nil, { nulls = "sentinel" }))
    assert(ol.users:update(before.id, { title = "Boatswain" }))
    local after = assert(ol.users:get(before.id, nil, { nulls = "sentinel" }))
    assert.equal("Boatswain", after.title)
    for k, v in pairs(before) do
      if k ~= "title" and k ~= "updated_at" then
        assert.equal(json.encode { v }:len(), json.encode { after[k] }:len())
        if type(v) ~= "table" then assert.equal(v, after[k]) end
      end
    end
  end)

  it("revokes only when asked", function()
    local box = onelogin.sandbox { users = 5 }
    local ol = onelogin.new(box:config())
    assert(ol.users:list())
    ol:close()
    assert.equal(0, box:requests("oauth.revoke_token"))
    ol = onelogin.new(box:config())
    assert(ol.users:list())
    assert.is_true(ol:revoke())
    assert.equal(1, box:requests("oauth.revoke_token"))
    assert(ol.users:list())
    assert.equal(3, box:requests("oauth.generate_tokens"))
    assert.is_true(ol:revoke())
    assert.is_true(ol:revoke()) -- nothing to revoke any more
    assert.equal(2, box:requests("oauth.revoke_token"))
  end)

  it("refreshes and explains on the token route when asked", function()
    local box = onelogin.sandbox { users = 5 }
    local ol = onelogin.new(box:config())
    local token = assert(ol.oauth:generate_tokens { grant_type = "client_credentials" })
    assert.is_string(token.access_token)
    local bad = box:config()
    bad.client_secret = "wrong"
    local _, err = onelogin.new(bad).users:list()
    assert.equal("auth", err.kind)
    assert.equal(401, err.status)
    assert.equal("users.list", err.operation)
    assert.matches("Authentication Failure", err.message)
  end)
end)

describe("the main job over sockets", function()
  local served, told

  setup(function()
    local paths = child.cpath() .. "package.path = './lua/?.lua;./lua/?/init.lua;' .. package.path"
    served = child.start(("%s -e %s lua/onelogin/sandbox/main.lua %s"):format(child.lua, child.quote(paths),
      "--users 10001 --https --json --quiet --lifetime 300"))
    told = json.decode(assert(served.line()))
  end)

  teardown(function() served.stop() end)

  local function client(url, more)
    local options = { base_url = url, client_id = told.client_id, client_secret = told.client_secret }
    for k, v in pairs(more or {}) do options[k] = v end
    return onelogin.new(options)
  end

  it("walks 10,001 users over HTTP", function()
    local ol = client(told.http_url)
    all_once(collect(ol.users:each()), 10001)
    all_once(collect(ol.users_v1:each { sort = "+id" }), 10001)
  end)

  it("walks over HTTPS with the sandbox's certificate, and refuses it without", function()
    local ol = client(told.https_url, { ca_blob = told.certificate })
    all_once(collect(ol.users:each { limit = 50 }), 10001)
    local _, err = client(told.https_url).users:list()
    assert.equal("network", err.kind)
    assert.matches("certificate", err.message)
    assert.is_false(err.retryable)
    assert.equal(1, err.attempts)
  end)

  it("creates, changes and deletes", function()
    local ol = client(told.http_url)
    local user = assert(ol.users:create { username = "wire", email = "wire@acme.test" })
    assert.equal("x\"\n\226\130\172", assert(ol.users:update(user.id, { title = "x\"\n\226\130\172" })).title)
    assert.is_true(ol.users:delete(user.id))
    assert.is_nil((ol.users:get(user.id, nil, { missing_ok = true })))
  end)

  it("tells refused connections from errors of the server", function()
    local _, err = client("http://127.0.0.1:1", { attempts = 1 }).users:list()
    assert.equal("network", err.kind)
    assert.is_true(err.retryable)
  end)
end)

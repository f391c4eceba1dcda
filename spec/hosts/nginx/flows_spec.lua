-- run: lua5.4 plain
-- Flows kept in a shared dictionary by several nginx workers.
local world = require "spec.hosts.nginx.world"
local child = require "spec.support.child"

describe("a flow store in nginx", function()
  local w, device
  setup(function()
    w = world.start(2, { http = "lua_shared_dict flows 256k;",
      server = "include " .. child.capture("pwd") .. "/spec/hosts/nginx/flows.conf;" })
    w.control("POST", "users", { email = "kim@acme.test", username = "kim" })
    device = w.control("POST", "devices", { user = "kim", type = "totp" })
  end)
  teardown(function() w.stop() end)

  local function begin()
    local at = w.json("/flow/begin?user=kim")
    assert.equal("code", at.want.need)
    return at.id, ("%d"):format(at.want.turn)
  end

  -- Sends n requests at once; returns how often each answer came, and how many workers answered.
  local function at_once(n, path)
    local json = require("onelogin.core").json
    local socks, answers, workers, several = {}, {}, {}, 0
    for i = 1, n do socks[i] = w.open(path) end
    for i = 1, n do
      local status, body, head = w.read(socks[i])
      assert.equal(200, status, body)
      local got = json.decode(body)
      local said = got.err or got.want.login and "granted" or got.want.note or got.want.need
      answers[said] = (answers[said] or 0) + 1
      local pid = head:match("X%-Worker: (%d+)")
      if not workers[pid] then several = several + 1 end
      workers[pid] = true
    end
    return answers, several
  end

  it("makes one step of forty at once, by both workers", function()
    local id, turn = begin()
    w.asked()
    local answers, workers = at_once(40, ("/flow/step?id=%s&turn=%s&code=xx1"):format(id, turn))
    assert.equal(2, workers)
    assert.same({ wrong = 1, stale = 39 }, answers)
    assert.equal(1, w.asked()["mfa.activate_factor"])
    assert.equal(2, w.json("/flow/look?id=" .. id).want.tries_left)
  end)

  it("hands one result out to forty at once", function()
    local id = begin()
    local code = w.control("GET", "code?device=" .. ("%d"):format(device.id)).code
    w.asked()
    local answers, workers = at_once(40, ("/flow/step?id=%s&code=%s"):format(id, code))
    assert.equal(2, workers)
    assert.same({ granted = 1, done = 39 }, answers)
    assert.equal(1, w.asked()["mfa.activate_factor"])
  end)

  it("counts a limit over both workers", function()
    local free = 0
    local socks = {}
    for i = 1, 40 do socks[i] = w.open("/flow/limit") end
    for i = 1, 40 do
      if select(2, w.read(socks[i])):find("true", 1, true) then free = free + 1 end
    end
    assert.equal(10, free)
  end)

  it("refuses what is new when the dictionary is full, and keeps what is old", function()
    local id = begin()
    local at = w.json("/flow/fill").want
    assert.is_true(at.n > 50)
    assert.equal(at.n, at.kept)
    assert.is_false(at.new)
    assert.is_false(at.begun)
    assert.equal("code", w.json("/flow/look?id=" .. id).want.need)
    assert.is_string(begin())
  end)
end)

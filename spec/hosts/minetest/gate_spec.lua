-- run: lua5.4 luajit
-- What the mod decides, without a server: passwords that were wrong, addresses, times, trouble, misuse.
local APPROVE, REFUSED, TROUBLE = "^A request was sent", "^Your sign%-in was not approved", "^Sign%-in does not work"

local new_gate = dofile("examples/minetest/onelogin_join/gate.lua")

describe("the Minetest mod's gate", function()
  local gate, world, now, asked, logged

  -- Each spawned sign-in stands still until answer(name, ...) says how it ended.
  local function answer(name, ...)
    local thread = asked[name]
    asked[name] = nil
    assert(coroutine.resume(thread, ...))
  end

  before_each(function()
    now, asked, logged = 1000, {}, {}
    world = {
      grant_seconds = 300, pause_seconds = 60, most = 2,
      now = function() return now end,
      log = function(text) logged[#logged + 1] = text end,
      sign_in = function(name)
        asked[name] = coroutine.running()
        return coroutine.yield()
      end,
      spawn = function(fn) assert(coroutine.resume(coroutine.create(fn))) end,
      pcall = pcall,
    }
    gate = new_gate(world)
  end)

  it("asks nobody before the password was right", function()
    assert.is_nil(gate.knock("kim", "127.0.0.1"))
    assert.is_nil(next(asked))
    assert.matches(TROUBLE, gate.enter("kim", "127.0.0.1"))
  end)

  it("asks once, and opens for the address that was approved and for a while", function()
    gate.authenticated("kim", "127.0.0.1")
    gate.authenticated("kim", "127.0.0.1")
    assert.are.equal(1, gate.waiting())
    assert.matches(APPROVE, gate.enter("kim", "127.0.0.1"))
    assert.matches(APPROVE, gate.knock("kim", "127.0.0.1"))
    answer("kim", { method = "push" })
    assert.are.equal(0, gate.waiting())
    assert.is_nil(gate.knock("kim", "127.0.0.1"))
    gate.authenticated("kim", "127.0.0.1")
    assert.is_nil(gate.enter("kim", "127.0.0.1"))
    assert.matches(REFUSED, gate.knock("kim", "127.0.0.2"))
    assert.matches(APPROVE, gate.enter("kim", "127.0.0.2"))
    now = now + 300
    assert.is_nil(gate.knock("kim", "127.0.0.2"))
    assert.matches(TROUBLE, gate.enter("kim", "127.0.0.1"))
  end)

  it("keeps who refused from causing another push for a while", function()
    gate.authenticated("kim", "127.0.0.1")
    answer("kim", nil, { kind = "denied", reason = "rejected" })
    assert.matches(REFUSED, gate.knock("kim", "127.0.0.1"))
    gate.authenticated("kim", "127.0.0.1")
    assert.is_nil(asked.kim)
    assert.matches(REFUSED, gate.enter("kim", "127.0.0.1"))
    now = now + 60
    assert.is_nil(gate.knock("kim", "127.0.0.1"))
    gate.authenticated("kim", "127.0.0.1")
    assert.is_truthy(asked.kim)
  end)

  it("takes silence for a refusal, and the service's trouble for none of the person's", function()
    gate.authenticated("kim", "127.0.0.1")
    answer("kim", nil, { kind = "timeout", reason = "timeout" })
    assert.matches(REFUSED, gate.knock("kim", "127.0.0.1"))
    gate.authenticated("akua", "127.0.0.1")
    answer("akua", nil, setmetatable({ kind = "network" }, { __tostring = function() return "no route" end }))
    assert.matches(TROUBLE, gate.knock("akua", "127.0.0.1"))
    assert.are.equal("akua was not let in: no route", logged[2])
  end)

  it("stays shut when something throws", function()
    world.sign_in = function() error("a bug") end
    gate.authenticated("kim", "127.0.0.1")
    assert.are.equal(0, gate.waiting())
    assert.matches(TROUBLE, gate.knock("kim", "127.0.0.1"))
    assert.matches("a bug", logged[1])
  end)

  it("bounds how many are asked at a time", function()
    gate.authenticated("kim", "127.0.0.1")
    gate.authenticated("akua", "127.0.0.1")
    gate.authenticated("nils", "127.0.0.1")
    assert.are.equal(2, gate.waiting())
    assert.is_nil(asked.nils)
    assert.matches(TROUBLE, gate.enter("nils", "127.0.0.1"))
    answer("kim", { method = "push" })
    gate.authenticated("nils", "127.0.0.1")
    assert.is_truthy(asked.nils)
  end)
end)

-- Hosts that guard `require` swap it only while files load: a file that asks later has to have kept it.
describe("the library's files", function()
  it("keep require when they ask for something late", function()
    local late = {}
    local pipe = assert(io.popen("find lua/onelogin -name '*.lua'"))
    for path in pipe:lines() do
      local kept, needs = false, false
      for line in io.lines(path) do
        if line:find("^local require = require") then kept = true end
        local code = line:gsub("%-%-.*", ""):gsub('\\?"[^"]*\\"', "")
        if code:find("^%s.*%f[%w_]require%f[^%w_%s(\"]") or code:find("^%s.*%f[%w_]require%s*[(\"]") then
          needs = true
        end
      end
      if needs and not kept then late[#late + 1] = path end
    end
    pipe:close()
    assert.are.same({}, late)
  end)
end)

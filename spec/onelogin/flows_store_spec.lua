-- The flow store: whatever requests do to one another, a flow makes each step once and ends once.
local json = require("onelogin.core").json
local canary = require "spec.support.canary"
local flow_store = require "spec.support.flow_store"
local flow_world = require "spec.support.flow_world"

local new, process, sent = flow_store.new, flow_store.process, flow_store.sent

local function begin(p, options)
  options = options or {}
  options.user = options.user or "kim"
  return p.store:begin(p.flows.passwordless.start(options))
end

-- A world where a code is to be typed: process, id, want, device.
local function at_code(version)
  local world = new()
  local device = world.box:add_device(world.user, "totp")
  local p = process(world)
  local id, want = begin(p, { version = version })
  want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
  assert.equal("code", want.need)
  return world, p, id, want, device
end

-- What a person answers to a want; nil to go on waiting.
local function answer(world, want, kind, device, right)
  if want.need == "device" then return { device = want.devices[1].id } end
  if want.need == "password" then return { password = right and canary.password or "wrong" } end
  if want.need == "wait" then
    world.box.clock.advance(want.after)
    return nil
  end
  if kind == "totp" then
    return { code = right and world.box:totp(device) or flow_store.wrong_code(world, device) }
  end
  return { code = right and flow_world.newest_code(world) or "wrong" }
end

local CASES = {
  { "totp", true }, { "totp", false }, { "sms", true }, { "sms", false },
  { "protect", true, "approve" }, { "protect", true, "deny" }, { "protect", false, "ignore" },
}

local FLOWS = {
  v1 = function(p) return p.flows.passwordless.start { user = "kim", version = "v1", fallback = false } end,
  v2 = function(p) return p.flows.passwordless.start { user = "kim", version = "v2", fallback = false } end,
  login = function(p) return p.flows.login.start { user = "kim", subdomain = "acme", fallback = false } end,
}

-- Drives a flow through a store; a new process for each step when `hop` is set.  Returns the trail, the world, and
-- every input with its turn.
local function drive(start, case, hop)
  local world = new()
  local device = world.box:add_device(world.user, case[1], { push = case[3] and { case[3], after = 9 } or nil })
  local p = process(world)
  local id, want, err = p.store:begin(start(p))
  local trail, inputs = {}, {}
  for i = 1, 100 do
    trail[i] = want and want.need .. (want.note and "/" .. want.note or "") or err.kind .. "/" .. err.reason
    if not want or want.login then break end
    local input = answer(world, want, case[1], device, case[2])
    if input then inputs[#inputs + 1] = { input, want.turn } end
    if hop then p = process(world) end
    want, err = p.store:step(id, input, input and want.turn)
  end
  return table.concat(trail, " "), world, inputs, id
end

describe("a flow in a store", function()
  for name, start in pairs(FLOWS) do
    for _, case in ipairs(CASES) do
      local title = ("%s, %s %s"):format(name, case[1], case[3] or case[2] and "right" or "wrong")

      it("ends the same way when each step is another process's: " .. title, function()
        local trail = drive(start, case, false)
        assert.equal(trail, (drive(start, case, true)))
        assert.is_truthy(#trail > 12, trail)
      end)

      it("does nothing for inputs that are over: " .. title, function()
        local trail, world, inputs, id = drive(start, case, true)
        local before, p = sent(world), process(world)
        assert.is_true(#inputs >= 1, trail)
        for _, old in ipairs(inputs) do
          local want, err = p.store:step(id, old[1], old[2])
          assert.is_nil(want)
          assert.is_truthy(err.reason == "done" or trail:find(err.reason, 1, true), err.reason)
        end
        assert.equal(before, sent(world))
      end)
    end
  end

  it("refuses an input of an older turn while it goes on, and says so", function()
    local world, p, id, want, device = at_code()
    local turn, before = want.turn, sent(world)
    for _, old in ipairs { turn - 1, turn + 1, "-1", "x", "", {}, true, 0 / 0, 1e300 } do
      local got, err = p.store:step(id, { code = "123456" }, old)
      assert.is_nil(got)
      assert.same({ "conflict", "stale" }, { err.kind, err.reason })
      assert.is_nil(err.retry_after)
    end
    assert.equal(before, sent(world))
    want = assert(p.store:step(id, { code = flow_store.wrong_code(world, device) }, tostring(turn))) -- as of a form
    assert.equal("wrong", want.note)
    assert.equal("stale", select(2, p.store:step(id, { code = world.box:totp(device) }, turn)).reason)
    assert.is_true(p.store:step(id, { code = world.box:totp(device) }, want.turn).login.granted)
  end)

  it("may be looked at as often as one likes, and nothing is written", function()
    local world, p, id, want = at_code()
    local before = sent(world)
    world.asked = {}
    for _ = 1, 5 do
      assert.same(want, p.store:step(id))
      assert.equal("code", process(world).store:step(id, {}).need)
      assert.equal("code", p.store:step(id, { cancel = false }).need)
    end
    assert.equal(before, sent(world))
    for _, line in ipairs(world.asked) do assert.equal("get", line:match("^%a+")) end
  end)

  it("polls a push when it is due and not before, whoever asks", function()
    local world = new()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    local p = process(world)
    local id, want = begin(p)
    want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
    local before = sent(world)
    for _ = 1, 10 do assert.equal("wait", p.store:step(id).need) end
    assert.equal(before, sent(world))
    world.box.clock.advance(want.after)
    for _ = 1, 10 do want = assert(process(world).store:step(id)) end
    assert.equal(before + 1, sent(world))
    assert.equal(1, want.polls)
  end)

  it("keeps its state when the world fails, and the step may be repeated", function()
    local world, p, id, want, device = at_code()
    world.down = true
    local got, err = p.store:step(id, { code = world.box:totp(device) }, want.turn)
    assert.is_nil(got)
    assert.equal("network", err.kind)
    world.down = false
    assert.is_true(p.store:step(id, { code = world.box:totp(device) }, want.turn).login.granted)
  end)

  it("begins although the world fails: the id is good", function()
    local world = new()
    world.box:add_device(world.user, "totp")
    world.down = true
    local p = process(world)
    local id, want, err = begin(p)
    assert.is_string(id)
    assert.is_nil(want)
    assert.equal("network", err.kind)
    world.down = false
    assert.equal("device", process(world).store:step(id).need)
  end)

  it("repeats a failure without a call", function()
    local world = new()
    local p = process(world)
    local id, want, err = begin(p, { user = "nobody" })
    assert.is_nil(want)
    assert.equal("unknown_user", err.reason)
    local before = sent(world)
    for _ = 1, 3 do
      local again = select(2, process(world).store:step(id, { code = "123456" }))
      assert.equal(tostring(err), tostring(again))
      assert.same({ err.kind, err.reason, err.state }, { again.kind, again.reason, again.state })
    end
    assert.equal(before, sent(world))
  end)

  it("hands its result out once", function()
    local world, p, id, want, device = at_code()
    assert.is_true(p.store:step(id, { code = world.box:totp(device) }, want.turn).login.granted)
    for _, input in ipairs { {}, { code = "1" }, { cancel = true } } do
      local again, err = p.store:step(id, input)
      assert.is_nil(again)
      assert.same({ "conflict", "done" }, { err.kind, err.reason })
    end
  end)

  it("lives from its beginning, however busy it is", function()
    local world, p, id, want, device = at_code()
    world.box.clock.advance(450)
    want = assert(p.store:step(id, { code = flow_store.wrong_code(world, device) }, want.turn))
    world.box.clock.advance(440)
    assert.equal("code", p.store:step(id).need)
    world.box.clock.advance(11)
    local got, err = p.store:step(id, { code = world.box:totp(device) }, want.turn)
    assert.is_nil(got)
    assert.same({ "not_found", "unknown_flow" }, { err.kind, err.reason })
    for key in pairs { [world.kept[1]] = true } do assert.is_nil(world.memory.get(key)) end
  end)

  it("ends its life where the backend forgets nothing, too", function()
    local world = new()
    world.box:add_device(world.user, "totp")
    local inner = world.backend
    world.backend = { get = inner.get, delete = inner.delete,
      set = function(k, v) return inner.set(k, v, 1e9) end, add = function(k, v) return inner.add(k, v, 1e9) end }
    local p = process(world, { store = { life = 60 } })
    local id = begin(p)
    assert.equal("device", p.store:step(id).need)
    world.box.clock.advance(61)
    assert.equal("unknown_flow", select(2, p.store:step(id)).reason)
  end)

  it("is over after too many steps", function()
    local world, p, id = at_code()
    local before, err = sent(world), nil
    for i = 1, 400 do
      local want
      want, err = p.store:step(id, { code = "not a code!" })
      assert.is_nil(want)
      if err.reason ~= "bad_code" then
        assert.is_true(i > 250)
        break
      end
    end
    assert.same({ "denied", "too_many_failures" }, { err.kind, err.reason })
    assert.equal("too_many_failures", select(2, p.store:step(id)).reason)
    assert.equal(before, sent(world))
  end)

  it("can be dropped", function()
    local world, p, id = at_code()
    local before = sent(world)
    assert.is_true(p.store:drop(id))
    assert.equal("unknown_flow", select(2, p.store:step(id, { code = "123456" })).reason)
    assert.is_true(p.store:drop(id))
    assert.is_true(p.store:drop(("A"):rep(43)))
    assert.is_true(p.store:drop("x"))
    assert.equal(before, sent(world))
  end)
end)

describe("two at once", function()
  for version in pairs { v1 = 1, v2 = 1 } do
    it("check a code once and end once, on " .. version, function()
      local world, _, id, want, device = at_code(version)
      local before, code = sent(world), world.box:totp(device)
      local inner_err
      local slow
      slow = process(world, { before = function(request)
        if request.url:find("/verif") and not inner_err then
          local got
          got, inner_err = process(world).store:step(id, { code = code }, want.turn)
          assert.is_nil(got)
        end
      end })
      assert.is_true(slow.store:step(id, { code = code }, want.turn).login.granted)
      assert.same({ "conflict", "stale", 1 }, { inner_err.kind, inner_err.reason, inner_err.retry_after })
      assert.equal(before + 1, sent(world))
      assert.equal("done", select(2, slow.store:step(id)).reason)
    end)
  end

  it("wait for one another: an input that meets a poll is heard after it", function()
    local world = new()
    local device = world.box:add_device(world.user, "protect", { push = "ignore" })
    local p = process(world)
    local id, want = begin(p)
    want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
    world.box.clock.advance(want.after)
    local poller = process(world, { before = flow_store.pause_at("/verifications/") })
    local resume, state = flow_store.start(function() return poller.store:step(id) end)
    assert.equal("in the request", state)
    local polled
    local typist = process(world, { sleep = function(seconds)
      world.box.clock.advance(seconds)
      polled = polled or resume()
    end })
    local login = assert(typist.store:step(id, { code = world.box:totp(device) }, want.turn)).login
    assert.equal("code", login.method)
    assert.equal("wait", polled.need)
  end)

  it("of whom one only looks: he sees how it stands, and is told when to look again", function()
    local world = new()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    local p = process(world)
    local id, want = begin(p)
    want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
    world.box.clock.advance(want.after)
    local poller = process(world, { before = flow_store.pause_at("/verifications/") })
    local resume = flow_store.start(function() return poller.store:step(id) end)
    local before = sent(world)
    local seen = assert(p.store:step(id))
    assert.same({ "wait", 1, 0 }, { seen.need, seen.after, seen.polls })
    assert.equal(before, sent(world))
    assert.equal(1, resume().polls)
  end)

  it("type one after the other where no turn is named", function()
    local world, _, id, want, device = at_code()
    local first = process(world, { before = flow_store.pause_at("/verif") })
    local wrong = flow_store.wrong_code(world, device)
    local resume = flow_store.start(function() return first.store:step(id, { code = wrong }, want.turn) end)
    local told
    local second = process(world, { sleep = function() told = told or resume() end })
    assert.is_true(second.store:step(id, { code = world.box:totp(device) }).login.granted)
    assert.equal("wrong", told.note)
  end)

  it("drop a flow while it is in a call: its outcome does not count", function()
    local world, p, id, want, device = at_code()
    local slow = process(world, { before = flow_store.pause_at("/verif") })
    local code = world.box:totp(device)
    local resume = flow_store.start(function() return slow.store:step(id, { code = code }, want.turn) end)
    assert.is_true(p.store:drop(id))
    local got, err = resume()
    assert.is_nil(got)
    assert.equal("stale", err.reason)
    assert.equal("unknown_flow", select(2, p.store:step(id)).reason)
  end)
end)

describe("many at once, in any order", function()
  -- Four processes act on one flow; each is suspended at every question to the backend and every request, and a dice
  -- says who goes on.  (On plain Lua 5.1 nothing suspends inside pcall: there only requests do.)
  local function play(seed)
    local dice = seed
    local function roll(n)
      dice = (dice * 16807) % 2147483647
      return dice % n + 1
    end
    local world, p, id, want, device = at_code()
    local wrong, right = flow_store.wrong_code(world, device), world.box:totp(device)
    if coroutine.isyieldable then
      world.trouble = function()
        if coroutine.isyieldable() then coroutine.yield() end
        return false
      end
    end
    local before, actors, grants, answers = sent(world), {}, 0, {}
    for i = 1, 4 do
      local actor = process(world, { before = function() coroutine.yield() end,
        sleep = function() coroutine.yield() end })
      actors[i] = coroutine.create(function()
        local turn = want.turn
        for _ = 1, 3 do
          local guess = roll(3)
          local input = guess == 1 and { code = right } or guess == 2 and { code = wrong } or nil
          local got, err = actor.store:step(id, input, input and turn)
          if got and got.login then grants = grants + 1 end
          answers[#answers + 1] = got and got.need or err.reason
          if got then turn = got.turn end
        end
      end)
    end
    while #actors > 0 do
      local i = roll(#actors)
      assert(coroutine.resume(actors[i]))
      if coroutine.status(actors[i]) == "dead" then table.remove(actors, i) end
    end
    world.trouble = nil
    local _, err = p.store:step(id)
    return { grants = grants, checks = sent(world) - before, done = err and err.reason == "done",
      story = table.concat(answers, " "), final = p.store:step(id) }
  end

  it("make each step once and end once", function()
    local granted, stale, most = 0, 0, 0
    for seed = 1, 150 do
      local got = play(seed * 7919)
      assert.is_true(got.grants <= 1, seed .. ": " .. got.story)
      assert.equal(got.grants == 1, got.done == true, seed .. ": " .. got.story)
      -- A check is a wrong code (at most three), or the right one (once).
      assert.is_true(got.checks <= 3, seed .. ": " .. got.story)
      if got.final then
        assert.equal(got.checks, 3 - got.final.tries_left, seed .. ": " .. got.story)
      end
      granted = granted + got.grants
      if got.story:find("stale", 1, true) then stale = stale + 1 end
      most = math.max(most, got.checks)
    end
    assert.is_true(granted > 50 and stale > 50 and most == 3)
  end)
end)

describe("a process that dies", function()
  it("in a call holds the flow up for its lease and no longer", function()
    local world, p, id, want, device = at_code()
    local dying = process(world, { before = flow_store.pause_at("/verif") })
    flow_store.start(function() return dying.store:step(id, { code = "111111" }, want.turn) end)
    local before = sent(world)
    local got, err = p.store:step(id, { code = world.box:totp(device) }, want.turn)
    assert.is_nil(got)
    assert.same({ "stale", 1 }, { err.reason, err.retry_after })
    assert.equal(before, sent(world))
    assert.equal("code", p.store:step(id).need) -- looking on is no matter
    world.box.clock.advance(90)
    assert.is_true(p.store:step(id, { code = world.box:totp(device) }, want.turn).login.granted)
  end)

  it("and comes back when its lease is over has lost the step", function()
    local world, p, id, want, device = at_code()
    local late = process(world, { before = flow_store.pause_at("/verif") })
    local resume = flow_store.start(function()
      return late.store:step(id, { code = world.box:totp(device) }, want.turn)
    end)
    world.box.clock.advance(91)
    local now = assert(p.store:step(id, { code = flow_store.wrong_code(world, device) }, want.turn))
    assert.equal("wrong", now.note)
    local got, err = resume()
    assert.is_nil(got)
    assert.equal("stale", err.reason)
    assert.equal("code", p.store:step(id).need)
  end)

  it("and comes back when others have gone far ahead has lost it, too", function()
    local world, p, id, want, device = at_code()
    local late = process(world, { before = flow_store.pause_at("/verif") })
    local resume = flow_store.start(function()
      return late.store:step(id, { code = world.box:totp(device) }, want.turn)
    end)
    world.box.clock.advance(91)
    for _ = 1, 2 do
      want = assert(p.store:step(id, { code = flow_store.wrong_code(world, device) }, want.turn))
    end
    local got, err = resume()
    assert.is_nil(got)
    assert.equal("stale", err.reason)
    assert.equal(1, p.store:step(id).tries_left)
  end)

  it("or sleeps between looking and claiming, makes no call for a step that others have made", function()
    local world, p, id, want, device = at_code()
    local code, before = flow_store.wrong_code(world, device), nil
    world.trouble = function(name, key)
      if name ~= "add" or not key:find(":claim$") then return false end
      world.trouble = nil
      assert.equal("wrong", p.store:step(id, { code = code }, want.turn).note)
      world.box.clock.advance(91)
      before = sent(world)
      return false
    end
    local got, err = process(world).store:step(id, { code = code }, want.turn)
    assert.is_nil(got)
    assert.equal("stale", err.reason)
    assert.equal(before, sent(world))
  end)

  it("between the commit and the answer has made the step", function()
    local world, p, id, want, device = at_code()
    local dying = process(world)
    world.trouble = function(name, _, value)
      if name == "set" and tonumber(value) then coroutine.yield("committed") end
    end
    -- On plain Lua 5.1 nothing suspends inside pcall; there the hint is merely lost.
    local code = world.box:totp(device)
    if coroutine.isyieldable then
      local _, state = flow_store.start(function() return dying.store:step(id, { code = code }, want.turn) end)
      assert.equal("committed", state)
    else
      world.trouble = function(name, _, value) return name == "set" and tonumber(value) ~= nil end
      assert(dying.store:step(id, { code = code }, want.turn))
    end
    world.trouble = nil
    local got, err = p.store:step(id, { code = code }, want.turn)
    assert.is_nil(got)
    assert.equal("done", err.reason)
  end)
end)

describe("a backend that fails", function()
  -- One sign-in whose k-th question to the backend fails; then the backend is well again.
  local function with_failure(k, how)
    local world = new()
    local device = world.box:add_device(world.user, "totp")
    local n, failed, grants, codes = 0, nil, 0, 0
    world.trouble = function(name, key)
      n = n + 1
      if n ~= k then return false end
      failed = name
      if how == "throw" then error("connection to redis://:" .. canary.token .. "@h lost, key " .. key) end
      return true, nil
    end
    local p = process(world)
    local id, want, err = begin(p)
    for _ = 1, 12 do
      if err then
        assert.is_nil(want)
        assert.is_nil(tostring(err):find(canary.token, 1, true))
        if err.reason == "done" then break end
        assert.is_truthy(err.reason == "store" or err.reason == "stale" or err.reason == "unknown_flow"
          or err.reason == "too_many_failures", tostring(err))
        world.box.clock.advance(91)
      end
      if not id then
        id, want, err = begin(p)
      elseif want and want.need == "nothing" then
        grants = grants + 1
        break
      else
        want, err = p.store:step(id)
        if want and want.need == "device" then
          want, err = p.store:step(id, { device = want.devices[1].id }, want.turn)
        elseif want and want.need == "code" then
          codes = codes + 1
          want, err = p.store:step(id, { code = world.box:totp(device) }, want.turn)
        elseif err and err.reason == "unknown_flow" then
          id, want, err = begin(p)
        end
      end
    end
    return failed, grants, codes, err
  end

  for _, how in ipairs { "throw", "nil" } do
    it(("costs at most a sign-in, never makes two of one (%s)"):format(how), function()
      local seen = {}
      for k = 1, 80 do
        local failed, grants, codes, err = with_failure(k, how)
        assert.is_true(grants == 1 or grants == 0 and err and err.reason == "done",
          ("%d %s: %d grants, %s"):format(k, tostring(failed), grants, tostring(err)))
        assert.is_true(codes <= 3)
        if not failed then break end
        seen[failed] = true
      end
      assert.is_true(seen.get and seen.set and seen.add)
    end)
  end

  it("lets no flow begin, and nothing is sent", function()
    local world = new()
    local p = process(world)
    for _, how in ipairs { function() error("down") end, function() return true, nil end,
      function() return true, 0 end, function() return true, "no" end } do
      world.trouble = how
      local id, err = begin(p)
      assert.is_nil(id)
      assert.same({ "server", "store" }, { err.kind, err.reason })
      assert.equal(0, sent(world))
    end
  end)

  it("is an error of a step, which is made again later", function()
    local world, p, id, want, device = at_code()
    for _, name in ipairs { "get", "add" } do
      world.trouble = function(what) if what == name then error("down") end end
      local got, err = p.store:step(id, { code = world.box:totp(device) }, want.turn)
      assert.is_nil(got)
      assert.same({ "server", "store" }, { err.kind, err.reason })
      world.trouble = nil
    end
    assert.is_true(p.store:step(id, { code = world.box:totp(device) }, want.turn).login.granted)
  end)

  it("may hold nonsense: it is no flow", function()
    for _, junk in ipairs { "", "-", "x", "{}", "[]", "null", "1", '{"v":1}', '{"v":1,"ends":99999999999}',
      '{"v":2,"ends":99999999999,"state":{}}', '{"v":1,"ends":99999999999,"state":{"flow":"passwordless","v":99}}',
      '{"v":1,"ends":99999999999,"state":{"flow":"os.execute"}}', ("x"):rep(100000) } do
      local world, p, id = at_code()
      local key
      for _, line in ipairs(world.asked) do key = line:match("^add (%S+:flow:[%w_-]+)$") or key end
      world.memory.set(key .. ":2", junk, 900)
      world.memory.set(key .. ":1", junk, 900)
      assert.equal("unknown_flow", select(2, p.store:step(id)).reason)
      for _, hint in ipairs { "", "x", "-1", "1e9", "nan" } do
        world.memory.set(key, hint, 900)
        local ok, got, err = pcall(p.store.step, p.store, id)
        assert.is_true(ok, tostring(got))
        assert.is_nil(got)
        assert.equal("unknown_flow", err.reason)
      end
    end
  end)
end)

describe("a backend that waits", function()
  local tasks = require "onelogin.tasks"

  it("may do so in a task, while another task goes on", function()
    local world, _, id, want, device = at_code()
    local inner, waited, others = world.backend, 0, 0
    world.backend = {}
    for name, fn in pairs(inner) do
      world.backend[name] = function(...)
        waited = waited + 1
        tasks.sleep(0.001)
        if world.lost == waited then error("lost") end
        return fn(...)
      end
    end
    local p = process(world)
    local code = world.box:totp(device)
    tasks.run(function()
      local other = tasks.spawn(function()
        for _ = 1, 5 do
          tasks.sleep(0.001)
          others = others + 1
        end
      end)
      world.lost = 2
      local got, err = p.store:step(id, { code = code }, want.turn)
      assert.is_nil(got)
      assert.equal("store", err.reason)
      assert.is_true(p.store:step(id, { code = code }, want.turn).login.granted)
      other:join()
    end)
    assert.is_true(waited > 8)
    assert.equal(5, others)
  end)

  it("may do so in any coroutine", function()
    local world, _, id, want, device = at_code()
    local inner, waited = world.backend, 0
    world.backend = {}
    for name, fn in pairs(inner) do
      world.backend[name] = function(...)
        waited = waited + 1
        coroutine.yield()
        return fn(...)
      end
    end
    local p = process(world)
    local got
    local co = coroutine.create(function() got = p.store:step(id, { code = world.box:totp(device) }, want.turn) end)
    while coroutine.status(co) ~= "dead" do assert(coroutine.resume(co)) end
    assert.is_true(got.login.granted)
    assert.is_true(waited > 5)
  end)
end)

describe("an id", function()
  it("that was made up is unknown, and asks the backend for nothing unless it could be one", function()
    local world, p, id = at_code()
    local raw = {}
    for i = 1, 32 do raw[i] = string.char((i * 37) % 256) end
    local bad = { "", "x", ("A"):rep(42), ("A"):rep(44), id .. "=", id:sub(1, 42) .. "=", " " .. id:sub(2), id .. "\n",
      ("A"):rep(1e6), table.concat(raw), "../../../etc/passwd", ("%2e%2e%2f"):rep(5), ("\0"):rep(43),
      ("é"):rep(21) .. "x", ("*"):rep(43), id:sub(1, 42) .. "\0", ("A"):rep(42) .. "B", -- stray bits at the end
      false, 12, {}, function() end }
    world.asked = {}
    local text
    for _, made_up in ipairs(bad) do
      local want, err = p.store:step(made_up, { code = "123456" })
      assert.is_nil(want)
      text = text or tostring(err)
      assert.equal(text, tostring(err))
      assert.is_true(p.store:drop(made_up))
    end
    assert.equal("unknown_flow", select(2, p.store:step(nil)).reason)
    assert.equal(0, #world.asked)
    local want, err = p.store:step(("A"):rep(43), { code = "123456" })
    assert.is_nil(want)
    assert.equal(text, tostring(err))
    assert.equal(1, #world.asked)
    assert.equal("unknown_flow", err.reason)
  end)

  it("is another each time, and in no key", function()
    local world = new()
    world.box:add_device(world.user, "totp")
    local p, seen = process(world), {}
    for _ = 1, 50 do
      local id = begin(p)
      assert.matches("^[%w_-]+$", id)
      assert.equal(43, #id)
      assert.is_nil(seen[id])
      seen[id] = true
    end
    for _, text in ipairs(world.kept) do
      for id in pairs(seen) do assert.is_nil(text:find(id, 1, true)) end
    end
  end)

  it("is of one tenant", function()
    local world, _, id = at_code()
    local other = new()
    other.config.base_url = "https://other.onelogin.test"
    other.backend = world.backend
    assert.equal("unknown_flow", select(2, process(other).store:step(id)).reason)
  end)
end)

describe("what people type", function()
  local HOSTILE = { "\255", "kim\192\128", "\237\160\128", "k\0m", ("k"):rep(100000), "\27[2J", "{}", "..%2f",
    "\226\128\174x", "[\"", "' or 1=1 --", "%s%n%x", "-", ("\240\159\152\128"):rep(60) }

  it("may be any bytes: a name", function()
    local world = new()
    local p = process(world)
    for _, name in ipairs(HOSTILE) do
      for _, make in pairs { function() return p.flows.passwordless.start { user = name } end,
        function() return p.flows.login.start { user = name, password = "wrong", subdomain = "acme" } end } do
        local id, want, err = p.store:begin(make())
        assert.is_string(id)
        assert.is_truthy(want and want.note == "wrong" or err.reason == "bad_name" or err.reason == "unknown_user",
          tostring(err))
        local again, problem = p.store:step(id)
        assert.equal(want and want.need or err.reason, again and again.need or problem.reason)
      end
      local right, err = p.flows.check_password { user = name, password = "wrong", subdomain = "acme" }
      assert.is_nil(right)
      assert.is_truthy(err.reason == "bad_name" or err.reason == "wrong_password", tostring(err))
    end
  end)

  it("may be any bytes: a password, a code, a device", function()
    local _, p, id, want = at_code()
    for _, bytes in ipairs(HOSTILE) do
      local flow = p.flows.login.start { user = "nobody" .. #bytes .. bytes:sub(1, 1):byte(), password = bytes,
        subdomain = "acme" }
      local _, got, err = p.store:begin(flow)
      assert.is_truthy(got and got.note == "wrong" or err.reason == "bad_password", tostring(err))
      if not err then
        local right
        right, err = p.flows.check_password { user = "nobody", password = bytes, subdomain = "acme" }
        assert.is_nil(right)
        assert.equal("wrong_password", err.reason)
      end
      got, err = p.store:step(id, { code = bytes .. "!" }, want.turn)
      assert.is_nil(got)
      assert.equal("bad_code", err.reason)
    end
    local other
    id, other = begin(p)
    for _, bytes in ipairs(HOSTILE) do
      assert.equal("unknown_device", select(2, p.store:step(id, { device = bytes }, other.turn)).reason)
    end
    assert.equal("code", p.store:step(id, { device = other.devices[1].id }, other.turn).need)
  end)

  it("leaves no try taken when it cannot be sent", function()
    local world = new()
    local p = process(world)
    for _ = 1, 5 do
      local id = p.store:begin(p.flows.login.start { user = "kim", subdomain = "acme" })
      assert.equal("bad_password", select(2, p.store:step(id, { password = "\255" })).reason)
    end
    assert.equal(0, sent(world))
    local _, want = p.store:begin(p.flows.login.start { user = "kim", password = canary.password, subdomain = "acme" })
    assert.is_true(want.login.granted)
  end)
end)

describe("what a store writes", function()
  local function search(world, secrets)
    for _, text in ipairs(world.kept) do
      for _, secret in ipairs(secrets) do
        assert.is_nil(text:find(secret, 1, true), "a secret was written")
      end
    end
  end

  it("has no password, code, result or credential; no key has a name", function()
    local world = new()
    local device = world.box:add_device(world.user, "totp")
    local p = process(world)
    local flow = p.flows.login.start { user = "Kim@acme.test", password = "Wrong" .. canary.password,
      subdomain = "acme" }
    local id, want = p.store:begin(flow)
    assert.same({ "password", "wrong" }, { want.need, want.note })
    want = assert(p.store:step(id, { password = canary.password }, want.turn))
    want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
    want = assert(p.store:step(id, { code = canary.otp }, want.turn))
    assert.equal("wrong", want.note)
    local code = world.box:totp(device)
    local login = assert(p.store:step(id, { code = code }, want.turn)).login
    assert.is_string(login.session_token)
    assert.is_nil(tostring(login):find(login.session_token, 1, true))
    local secrets = { canary.password, canary.otp, code, login.session_token, world.config.client_secret,
      device.secret }
    for token in pairs(world.box.store.tokens) do secrets[#secrets + 1] = token end
    search(world, secrets)
    for _, line in ipairs(world.asked) do
      for _, name in ipairs { "kim", "Kim", "acme.test\"", tostring(world.user.id), canary.otp } do
        assert.is_nil(line:find(name, 1, true), line)
      end
    end
    local shown = tostring(p.store) .. json.encode(getmetatable(p.store).__name)
    for _ in pairs(p.store) do error("a store shows its parts") end
    for _, secret in ipairs(secrets) do assert.is_nil(shown:find(secret, 1, true)) end
    local _, err = p.store:step(id)
    for _, secret in ipairs(secrets) do assert.is_nil(tostring(err):find(secret, 1, true)) end
  end)

  it("has no session token where the password is enough", function()
    local world = new()
    local p = process(world)
    local id, want = p.store:begin(p.flows.login.start { user = "kim", password = canary.password, subdomain = "acme" })
    assert.is_string(want.login.session_token)
    search(world, { want.login.session_token, canary.password })
    local again, err = process(world).store:step(id)
    assert.is_nil(again)
    assert.equal("done", err.reason)
  end)

  it("is no more than the newest state and marks", function()
    local world, p, id = at_code()
    for _ = 1, 20 do p.store:step(id, { code = "not a code!" }) end
    local size = 0
    for _, line in ipairs(world.asked) do
      local key = line:match("^add (%S+)$")
      if key and world.memory.get(key) and #world.memory.get(key) > 8 and not key:find("claim") then size = size + 1 end
    end
    assert.equal(1, size)
  end)
end)

describe("limits of a person", function()
  it("hold however many guess at once", function()
    local world, id_of, want_of, resumes = new(), {}, {}, {}
    local device = world.box:add_device(world.user, "totp")
    for i = 1, 5 do
      local p = process(world)
      id_of[i], want_of[i] = begin(p)
      want_of[i] = assert(p.store:step(id_of[i], { device = want_of[i].devices[1].id }, want_of[i].turn))
    end
    local before, refused = sent(world), 0
    local wrong = flow_store.wrong_code(world, device)
    for i = 1, 5 do
      local p = process(world, { before = flow_store.pause_at("/verif") })
      local resume, got, err = flow_store.start(function()
        return p.store:step(id_of[i], { code = wrong }, want_of[i].turn)
      end)
      if got == "in the request" then
        resumes[#resumes + 1] = resume
      else
        assert.is_nil(got)
        assert.same({ "denied", "too_many_failures" }, { err.kind, err.reason })
        assert.is_true(err.retry_after > 890 and err.retry_after <= 900)
        refused = refused + 1
      end
    end
    assert.same({ 3, 2 }, { #resumes, refused })
    for _, resume in ipairs(resumes) do assert.equal("wrong", resume().note) end
    assert.equal(before + 3, sent(world))
  end)

  it("go from one sign-in to the next, for passwords by the typed name, and end", function()
    local world = new()
    local function try(password, user)
      local p = process(world)
      local _, want, err = p.store:begin(p.flows.login.start { user = user or "kim", password = password,
        subdomain = "acme" })
      return want, err
    end
    for i = 1, 3 do assert.equal("wrong", try("wrong" .. i).note) end
    local before = sent(world)
    for _, name in ipairs { "kim", "KIM", " kim " } do
      local want, err = try(canary.password, name) -- the right one
      assert.is_nil(want)
      assert.equal("too_many_failures", err.reason)
      assert.equal(900, err.retry_after)
    end
    assert.equal(before, sent(world))
    world.box.clock.advance(901)
    assert.is_true(try(canary.password).login.granted)
  end)

  it("are forgiven by a sign-in", function()
    local world, p, id, want, device = at_code()
    for round = 1, 3 do
      for _ = 1, 2 do
        want = assert(p.store:step(id, { code = flow_store.wrong_code(world, device) }, want.turn), "round " .. round)
        assert.equal("wrong", want.note)
      end
      assert.is_true(p.store:step(id, { code = world.box:totp(device) }, want.turn).login.granted)
      world.box.clock.advance(30)
      id, want = begin(p)
      want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
    end
  end)

  it("count a try whose answer was lost, since it may have been wrong", function()
    local world, p, id, want, device = at_code()
    world.down = true
    for _ = 1, 3 do
      assert.equal("network", select(2, p.store:step(id, { code = world.box:totp(device) }, want.turn)).kind)
    end
    world.down = false
    local _, err = p.store:step(id, { code = world.box:totp(device) }, want.turn)
    assert.equal("too_many_failures", err.reason)
  end)

  it("are options", function()
    local world = new()
    world.box:add_device(world.user, "totp")
    local p = process(world, { store = { failures = 1, window = 60 } })
    local function try()
      local _, want, err = p.store:begin(p.flows.login.start { user = "kim", password = "wrong", subdomain = "acme" })
      return want and want.note or err.reason
    end
    assert.equal("wrong", try())
    assert.equal("too_many_failures", try())
    world.box.clock.advance(61)
    assert.equal("wrong", try())
  end)

  it("let one telephone ring for one sign-in", function()
    local world = new()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    local a, b = process(world), process(world)
    local first, want = begin(a)
    local device = want.devices[1].id
    want = assert(a.store:step(first, { device = device }, want.turn))
    assert.equal("wait", want.need)
    local second, other = begin(b)
    local before = sent(world)
    local got, err = b.store:step(second, { device = device }, other.turn)
    assert.is_nil(got)
    assert.same({ "denied", "push_open" }, { err.kind, err.reason })
    assert.is_true(err.retry_after > 100 and err.retry_after <= 120)
    assert.equal(before, sent(world))
    assert.equal("device", b.store:step(second).need) -- it may choose again
    want = assert(a.store:step(first, { resend = true }, want.turn)) -- its own may ring again
    assert.equal("wait", want.need)
    assert.equal("cancelled", select(2, a.store:step(first, { cancel = true }, want.turn)).reason)
    assert.equal("wait", b.store:step(second, { device = device }).need)
    assert.is_true(b.store:drop(second))
    local third = begin(a)
    assert.equal("wait", a.store:step(third, { device = device }).need)
  end)

  it("bound what is sent to a person, over all sign-ins", function()
    local world = new()
    world.box:add_device(world.user, "sms")
    local p, err = process(world), nil
    for _ = 1, 6 do
      local id = begin(p)
      local input = { device = p.store:step(id).devices[1].id }
      repeat
        local want
        want, err = p.store:step(id, input)
        input = { resend = true }
      until not want
      assert.equal("too_many_sends", err.reason)
    end
    assert.equal(10, #world.box.outbox)
    assert.is_true(err.retry_after > 800)
  end)

  it("are there for anything else: an address", function()
    local world = new()
    local a, b = process(world), process(world)
    for i = 1, 6 do assert.is_true((i % 2 == 0 and a or b).store:limit("192.0.2.1", 6, 60)) end
    local ok, seconds = b.store:limit("192.0.2.1", 6, 60)
    assert.is_nil(ok)
    assert.is_true(seconds > 55 and seconds <= 60)
    assert.is_true(b.store:limit("192.0.2.2", 6, 60))
    world.box.clock.advance(seconds)
    assert.is_true(b.store:limit("192.0.2.1", 6, 60))
    for _, text in ipairs(world.kept) do assert.is_nil(text:find("192.0.2", 1, true)) end
    world.trouble = function() error("down") end
    assert.is_nil((b.store:limit("192.0.2.3", 6, 60)))
  end)
end)

describe("misuse of a store", function()
  local function thrown(word, fn, ...)
    local ok, message = pcall(fn, ...)
    assert.is_false(ok)
    assert.equal("string", type(message))
    assert.is_truthy(message:find(word, 1, true), message)
  end

  it("throws a clear string before anything is asked or sent", function()
    local world = new()
    local p = process(world)
    local store, flows = p.store, p.flows
    thrown("did you mean 'failures'", flows.store, { failure = 3 })
    thrown("life must be between", flows.store, { life = 5 })
    thrown("failures must be a whole number", flows.store, { failures = 1.5 })
    thrown("failures must be between", flows.store, { failures = 0 })
    thrown("lacks add", flows.store, { backend = { get = print, set = print } })
    thrown("backend must be a table", flows.store, { backend = "redis" })
    thrown("table of options", flows.store, "x")
    thrown("expected a flow", store.begin, store, { user = "kim" })
    thrown("expected a flow", store.begin, store)
    local stepped = flows.passwordless.start { user = "kim" }
    assert.is_nil((stepped:step()))
    thrown("has made a step already", store.begin, store, stepped)
    thrown("of another client", store.begin, store, process(world).flows.passwordless.start { user = "kim" })
    local id = begin(p)
    thrown("code must be a string", store.step, store, id, { code = 123456 })
    thrown("did you mean 'code'", store.step, store, id, { cod = "1" })
    thrown("expected a table", store.step, store, id, "123456")
    thrown("expected a name", store.limit, store, 7, 1, 1)
    for _, bad in ipairs { 0, 1001, 0 / 0, "3" } do thrown("expected how often", store.limit, store, "x", bad, 60) end
    thrown("expected how often", store.limit, store, "x", 1, 0)
  end)

  it("is seen where nginx has several workers and nobody shares anything", function()
    local world = new()
    local p = process(world)
    rawset(_G, "ngx", { worker = { count = function() return 2 end } })
    local ok, message = pcall(p.flows.store, {})
    rawset(_G, "ngx", { worker = { count = function() return 1 end } })
    local fine = pcall(p.flows.store, {})
    rawset(_G, "ngx", nil)
    assert.is_false(ok)
    assert.is_truthy(message:find("onelogin.nginx.store", 1, true))
    assert.is_true(fine)
  end)

  it("is seen where onelogin.crypto is missing", function()
    local world = new()
    local flows = process(world).flows
    local crypto, cpath = package.loaded["onelogin.crypto"], package.cpath
    package.loaded["onelogin.crypto"], package.cpath = nil, ""
    local ok, message = pcall(flows.store, {})
    package.loaded["onelogin.crypto"], package.cpath = crypto, cpath
    assert.is_false(ok)
    assert.is_truthy(message:find("onelogin.crypto", 1, true), message)
  end)

  it("works without any option, in this process", function()
    local world = new()
    local device = world.box:add_device(world.user, "totp")
    local store = world.flows.store()
    local id, want = store:begin(world.flows.passwordless.start { user = "kim" })
    assert(store:step(id, { device = want.devices[1].id }))
    assert.is_true(store:step(id, { code = world.box:totp(device) }).login.granted)
  end)
end)

describe("the guide", function()
  local here = debug.getinfo(1, "S").source:match("^@(.*)spec/onelogin/[^/]*$") or ""
  local file = assert(io.open((here == "" and "./" or here) .. "docs/sign-in-web.md"))
  local page = file:read("*a")
  file:close()

  it("has examples that run", function()
    local run = 0
    for block in page:gmatch("\n```lua\n(.-)\n```") do
      assert((loadstring or load)((block:gsub("print(%b())", "tostring%1"))))()
      run = run + 1
    end
    assert.equal(2, run)
  end)

  it("names every option and reason", function()
    for _, name in ipairs { "backend", "life", "failures", "window", "sends", "lease", "keys", "current", "purpose",
      "longest", "guard" } do
      assert.is_truthy(page:find("`" .. name, 1, true), name)
    end
    for _, path in ipairs { "store", "sealer", "guard", "backend" } do
      local source = assert(io.open((here == "" and "./" or here) .. "lua/onelogin/flows/" .. path .. ".lua"))
      local text = source:read("*a")
      source:close()
      for kind, reason in text:gmatch('%("(%l[%l_]+)", "(%l[%l_]+)"') do
        assert.is_truthy(page:find("`" .. reason .. "`", 1, true), reason)
        assert.is_truthy(page:find("`" .. kind .. "`", 1, true), kind)
      end
    end
  end)
end)

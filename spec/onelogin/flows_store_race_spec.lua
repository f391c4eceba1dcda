-- The flow store when several act at once, when processes die and when the backend fails: a step is made once.
local canary = require "spec.support.canary"
local flow_store = require "spec.support.flow_store"

local new, process, sent = flow_store.new, flow_store.process, flow_store.sent
local begin, at_code = flow_store.begin, flow_store.at_code

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

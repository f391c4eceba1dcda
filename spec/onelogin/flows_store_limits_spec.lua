-- Limits of a person and of anything else, as a flow store keeps them (guard.lua) for all processes.
local canary = require "spec.support.canary"
local flow_store = require "spec.support.flow_store"

local new, process, sent = flow_store.new, flow_store.process, flow_store.sent
local begin, at_code = flow_store.begin, flow_store.at_code

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

  it("are not forgiven by a sign-in, which would tell whoever guesses that there is such a person", function()
    local world, p, id, want, device = at_code()
    for _ = 1, 2 do
      want = assert(p.store:step(id, { code = flow_store.wrong_code(world, device) }, want.turn))
      assert.equal("wrong", want.note)
    end
    assert.is_true(p.store:step(id, { code = world.box:totp(device) }, want.turn).login.granted)
    world.box.clock.advance(30)
    id, want = begin(p)
    want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
    want = assert(p.store:step(id, { code = flow_store.wrong_code(world, device) }, want.turn))
    local _, err = p.store:step(id, { code = world.box:totp(device) }, want.turn)
    assert.equal("too_many_failures", err.reason)
  end)

  it("come for whoever is locked or suspended as for anybody else", function()
    local world = new()
    local p = process(world)
    for i, status in ipairs { 2, 3 } do
      local name = "locked" .. i
      world.box:add_user { username = name, email = name .. "@acme.test", status = status, password = canary.password }
    end
    for _, name in ipairs { "nobody", "kim", "locked1", "locked2" } do
      local before, limited = sent(world), {}
      for i = 1, 5 do
        local _, _, err = p.store:begin(p.flows.login.start { user = name, password = "wrong", subdomain = "acme" })
        limited[i] = err ~= nil and err.reason == "too_many_failures"
      end
      assert.same({ false, false, false, true, true }, limited, name)
      assert.equal(before + 3, sent(world), name)
    end
  end)

  it("count a typed code that version 2 refuses in other words than those on record", function()
    for _, answer in ipairs { '{"status":"rejected"}',
      '{"name":"Unauthorized","statusCode":401,"message":"Failed authentication with this factor"}' } do
      local world, p, id, want = at_code()
      world.tamper = function(request, response)
        if not request.url:find("/verifications", 1, true) then return response end
        return { status = answer:find("401", 1, true) and 401 or 200, headers = response.headers, body = answer }
      end
      for i = 1, 4 do
        local before = sent(world)
        local _, err = p.store:step(id, { code = "123456" }, want.turn)
        assert.equal(i <= 3 and "rejected" or "too_many_failures", err.reason)
        assert.equal(i <= 3 and before + 1 or before, sent(world))
        id, want = begin(p)
        want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
      end
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

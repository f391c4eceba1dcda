-- Flows that travel with the browser: what is sealed can be neither read nor changed nor used elsewhere, and whoever
-- sends an older text gets no more out of it than out of the newest.
local canary = require "spec.support.canary"
local crypto = require "onelogin.crypto"
local flow_store = require "spec.support.flow_store"
local flow_world = require "spec.support.flow_world"

local sent, wrong_code = flow_store.sent, flow_store.wrong_code

local KEY = crypto.digest("sha256", "a key for specs")
local OTHER = crypto.digest("sha256", "another key for specs")
local HERE = { session = "session of kim" }

-- A process with a sealer of its own.
local function process(world, options, more)
  local p = flow_store.process(world, more)
  local o = { keys = { k1 = KEY } }
  for k, v in pairs(options or {}) do o[k] = v end
  if o.guard == nil then o.backend = world.backend end
  p.sealer = p.flows.sealer(o)
  return p
end

local function begin(p, options)
  options = options or {}
  options.user = options.user or "kim"
  return p.sealer:begin(p.flows.passwordless.start(options))
end

-- A step of a request: opens, steps, seals.  Returns the text (nil at the end), the want and the error.
local function request(p, text, input, session)
  local flow, err = p.sealer:open(text, session or HERE)
  if not flow then return nil, nil, err end
  local want, problem = flow:step(input)
  local again = p.sealer:seal(flow, session or HERE)
  return again, want, problem
end

local function sealed_at_device(version)
  local world = flow_store.new()
  local device = world.box:add_device(world.user, "totp")
  local p = process(world)
  local flow = begin(p, { version = version })
  local want = assert(flow:step())
  return world, p, assert(p.sealer:seal(flow, HERE)), want, device
end

local function sealed_at_code(version)
  local world, p, text, want, device = sealed_at_device(version)
  text, want = request(p, text, { device = want.devices[1].id })
  assert.equal("code", want.need)
  return world, p, text, want, device
end

local function forged(p, text, session)
  local flow, err = p.sealer:open(text, session or HERE)
  assert.is_nil(flow)
  assert.same({ "invalid", "forged", "flows.sealer" }, { err.kind, err.reason, err.operation })
  assert.equal("flows.sealer: invalid: this is no sign-in of this session, or its time is over", tostring(err))
end

describe("a sealed flow", function()
  local CASES = {
    { "totp", true }, { "totp", false }, { "sms", true },
    { "protect", true, "approve" }, { "protect", true, "deny" }, { "protect", true, "ignore" },
  }

  -- Drives a flow; through a sealed text and a new process at each step when `hop` is set.
  local function drive(version, case, hop)
    local world = flow_store.new()
    local device = world.box:add_device(world.user, case[1], { push = case[3] and { case[3], after = 9 } or nil })
    local p = process(world)
    local flow = begin(p, { version = version, fallback = false })
    local want, err = flow:step()
    local text = p.sealer:seal(flow, HERE)
    local trail, texts = {}, {}
    for i = 1, 100 do
      trail[i] = want and want.need .. (want.note and "/" .. want.note or "") or err.kind .. "/" .. err.reason
      texts[i] = text
      if not want or want.login then break end
      local input
      if want.need == "device" then
        input = { device = want.devices[1].id }
      elseif want.need == "wait" then
        world.box.clock.advance(want.after)
      elseif case[1] == "totp" then
        input = { code = case[2] and world.box:totp(device) or wrong_code(world, device) }
      else
        input = { code = flow_world.newest_code(world) }
      end
      if hop then
        text, want, err = request(process(world), text, input)
      else
        want, err = flow:step(input)
      end
    end
    return table.concat(trail, " "), world, texts
  end

  for _, version in ipairs { "v1", "v2" } do
    for _, case in ipairs(CASES) do
      local title = ("%s, %s %s"):format(version, case[1], case[3] or case[2] and "right" or "wrong")

      it("ends the same way as an open one: " .. title, function()
        local open = drive(version, case, false)
        local hopped, world, texts = drive(version, case, true)
        if case[2] then
          assert.equal(open, hopped)
        else -- its tries are counted by the guard alone
          assert.matches("code/wrong denied/wrong_code$", open)
          assert.matches("code/wrong code/wrong denied/too_many_failures$", hopped)
        end
        local before = sent(world)
        for _, text in ipairs(texts) do -- every text that ever was
          local _, want, err = request(process(world), text, { code = "123456" })
          assert.is_nil(want)
          assert.same({ "conflict", "done" }, { err.kind, err.reason })
        end
        assert.equal(before, sent(world))
      end)
    end
  end

  it("is text for a form or a cookie, of which nothing can be read", function()
    local world, p, text, _, device = sealed_at_code()
    text = request(p, text, { code = wrong_code(world, device) })
    assert.matches("^[%w_-]+$", text)
    assert.is_true(#text < 2048, "it has " .. #text .. " bytes")
    local raw = crypto.base64url_decode(text)
    for _, word in ipairs { "kim", "Kim", "acme", tostring(world.user.id), "passwordless", "tenant", "session of",
      canary.otp, KEY, world.config.client_secret } do
      assert.is_nil(text:find(word, 1, true))
      assert.is_nil(raw:find(word, 1, true))
    end
  end)

  it("carries no counter", function()
    local world, p, text, _, device = sealed_at_code()
    local flow = p.sealer:open(text, HERE)
    assert.equal("wrong", flow:step({ code = wrong_code(world, device) }).note)
    assert.equal(1, flow:state().tries)
    local again = p.sealer:open(p.sealer:seal(flow, HERE), HERE)
    assert.equal(0, again:state().tries)
    -- The content itself, opened with the key.
    local raw = crypto.base64url_decode(p.sealer:seal(flow, HERE))
    local context = {}
    for i, part in ipairs { "onelogin.flow", "\1", "k1", "flow", world.config.base_url, HERE.session } do
      context[i] = #part .. ":" .. part
    end
    local plain = assert(crypto.open(KEY, raw:sub(5), table.concat(context)))
    for _, name in ipairs { '"tries"', '"sends"', '"refused"' } do
      assert.is_nil(plain:find(name, 1, true), name)
    end
    assert.is_truthy(plain:find('"state"', 1, true))
  end)

  it("has no password", function()
    local world = flow_store.new()
    world.box:add_device(world.user, "totp")
    local p = process(world)
    local flow = p.sealer:begin(p.flows.login.start { user = "kim", password = canary.password, subdomain = "acme" })
    assert.equal("device", flow:step().need)
    for _, text in ipairs(world.kept) do assert.is_nil(text:find(canary.password, 1, true)) end
    local again = p.sealer:open(p.sealer:seal(flow, HERE), HERE)
    assert.is_nil(again.secrets.password)
  end)

  it("ends with its life, counted from the flow's beginning", function()
    local world, p, text, want, device = sealed_at_device()
    world.box.clock.advance(600)
    text, want = request(p, text, { device = want.devices[1].id })
    assert.equal("code", want.need)
    world.box.clock.advance(299)
    assert.is_table(p.sealer:open(text, HERE))
    world.box.clock.advance(1)
    forged(p, text)
    assert.is_table(device)
  end)

  it("repeats a step when the world failed", function()
    local world, p, text, _, device = sealed_at_code()
    world.down = true
    local kept, want, err = request(p, text, { code = world.box:totp(device) })
    assert.is_nil(want)
    assert.equal("network", err.kind)
    world.down = false
    assert.is_true(select(2, request(p, kept, { code = world.box:totp(device) })).login.granted)
  end)
end)

describe("a text", function()
  it("is of one session, tenant, purpose and key", function()
    local world, p, text = sealed_at_code()
    assert.is_table(p.sealer:open(text, HERE))
    for _, session in ipairs { "", "session of kim ", "session of ki", "lee", ("x"):rep(1e5), false, 7, {} } do
      forged(p, text, { session = session })
    end
    assert.equal("forged", select(2, p.sealer:open(text)).reason)
    assert.equal("forged", select(2, p.sealer:open(text, "session of kim")).reason)
    forged(process(world, { purpose = "other" }), text)
    forged(process(world, { keys = { k1 = OTHER } }), text)
    forged(process(world, { keys = { k2 = KEY } }), text)
    local other = flow_store.new()
    other.config.base_url = "https://other.onelogin.test"
    forged(process(other), text)
  end)

  it("cannot be made of the parts of two", function()
    local world = flow_store.new()
    world.box:add_device(world.user, "totp")
    -- Session and purpose that read the same when put one behind the other.
    local a = process(world, { purpose = "ab" })
    local flow = begin(a)
    flow:step()
    local text = a.sealer:seal(flow, { session = "c" })
    forged(process(world, { purpose = "a" }), text, { session = "bc" })
  end)

  it("with a single bit changed is none", function()
    local world, p, text = sealed_at_code()
    local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    local flips = 0
    for i = 1, #text do
      local value = digits:find(text:sub(i, i), 1, true) - 1
      local bit = 1
      for _ = 1, 6 do
        local other = math.floor(value / bit) % 2 == 0 and value + bit or value - bit
        local flow, err = p.sealer:open(text:sub(1, i - 1) .. digits:sub(other + 1, other + 1) .. text:sub(i + 1), HERE)
        if flow or err.reason ~= "forged" then error("a bit of character " .. i .. " does not matter") end
        flips, bit = flips + 1, bit * 2
      end
    end
    assert.equal(6 * #text, flips)
    assert.is_table(p.sealer:open(text, HERE))
    for _, line in ipairs(world.asked) do assert.is_nil(line:find("device", 1, true)) end
  end)

  it("that is cut, lengthened or made up is none, and nothing is asked for it", function()
    local world, p, text = sealed_at_code()
    world.asked = {}
    for i = 0, #text - 1 do
      if p.sealer:open(text:sub(1, i), HERE) then error("a text of " .. i .. " characters was taken") end
    end
    for _, more in ipairs { "=", "==", "A", "AA", "AAAA", "\n", " ", "\0", text } do forged(p, text .. more) end
    forged(p, " " .. text)
    for _, junk in ipairs { "", "A", "AQ", "AQE", "AQ__", ("A"):rep(16384), ("A"):rep(1e6), ("%"):rep(64), "../../x",
      ("\0"):rep(100), crypto.base64url_encode("\1\2k1"), crypto.base64url_encode("\1\2k1" .. ("x"):rep(28)),
      crypto.base64url_encode("\2" .. crypto.base64url_decode(text):sub(2)) } do
      forged(p, junk)
    end
    for _, none in ipairs { false, 7, {}, function() end } do forged(p, none) end
    assert.equal("forged", select(2, p.sealer:open(nil, HERE)).reason)
    for _ = 1, 300 do forged(p, crypto.base64url_encode(crypto.random(200))) end
    -- Sealed with the right key, by somebody else, for something else.
    for _, plain in ipairs { "", "x", "{}", "[]", "null", '{"till":1}', '{"till":99999999999}',
      '{"till":99999999999,"state":7}', '{"till":99999999999,"state":{}}',
      '{"till":99999999999,"state":{"flow":"passwordless","v":1}}',
      '{"till":99999999999,"state":{"flow":"passwordless","v":2,"wait":7}}' } do
      local context = {}
      for i, part in ipairs { "onelogin.flow", "\1", "k1", "flow", world.config.base_url, HERE.session } do
        context[i] = #part .. ":" .. part
      end
      forged(p, crypto.base64url_encode("\1\2k1" .. crypto.seal(KEY, plain, table.concat(context))))
    end
    assert.equal(0, #world.asked)
  end)

  it("has one form: not with the padding of base64", function()
    local world = flow_store.new()
    world.box:add_device(world.user, "totp")
    for _, name in ipairs { "a", "ab", "abc" } do
      local p = process(world, { keys = { [name] = KEY } })
      local flow = begin(p)
      flow:step()
      local text = p.sealer:seal(flow, HERE)
      for _, more in ipairs { "=", "==", "===" } do forged(p, text .. more) end
    end
  end)

  it("that would be too long is not made", function()
    local world = flow_store.new()
    for _ = 1, 12 do world.box:add_device(world.user, "totp") end
    local p = process(world, { longest = 1024 })
    local flow = begin(p)
    flow:step()
    local text, err = p.sealer:seal(flow, HERE)
    assert.is_nil(text)
    assert.same({ "invalid", "too_long" }, { err.kind, err.reason })
  end)

  it("of an older key is good as long as that key is there", function()
    local world, _, text = sealed_at_code()
    local both = process(world, { keys = { k1 = KEY, k2 = OTHER }, current = "k2" })
    local again = request(both, text, nil)
    forged(process(world), again)
    local only = process(world, { keys = { k2 = OTHER } })
    assert.is_table(only.sealer:open(again, HERE))
    forged(only, text)
  end)
end)

describe("an older text", function()
  for _, version in ipairs { "v1", "v2" } do
    it("gives no more guesses than the newest, on " .. version, function()
      local world, p, text, _, device = sealed_at_code(version)
      local before, reasons = sent(world), {}
      for i = 1, 8 do
        local _, want, err = request(p, text, { code = wrong_code(world, device) })
        reasons[i] = want and want.note or err.reason
        world.box.clock.advance(1)
      end
      assert.equal("wrong wrong wrong too_many_failures done done done done", table.concat(reasons, " "))
      assert.equal(before + 3, sent(world))
    end)

    it("gives no guess to several at once, on " .. version, function()
      local world, _, text, _, device = sealed_at_code(version)
      local before, resumes, wrong = sent(world), {}, wrong_code(world, device)
      for _ = 1, 6 do
        local p = process(world, nil, { before = flow_store.pause_at("/verif") })
        local resume, got = flow_store.start(function() return request(p, text, { code = wrong }) end)
        if got == "in the request" then resumes[#resumes + 1] = resume end
      end
      assert.equal(3, #resumes)
      for _, resume in ipairs(resumes) do resume() end
      assert.equal(before + 3, sent(world))
    end)

    it("ends once for two at once, on " .. version, function()
      local world, _, text, _, device = sealed_at_code(version)
      local grants, refusals, resumes = 0, 0, {}
      for i = 1, 2 do
        local p = process(world, nil, { before = flow_store.pause_at("/verif") })
        resumes[i] = flow_store.start(function()
          local flow = p.sealer:open(text, HERE)
          return flow:step { code = world.box:totp(device) }
        end)
      end
      -- The second code is a new one, so the service takes both.
      local function count(want, err)
        if want and want.login then grants = grants + 1 end
        if err and err.reason == "done" then refusals = refusals + 1 end
      end
      world.tamper = function(_, response)
        if world.first then
          local one = world.first
          return { status = one.status, headers = one.headers, body = one.body }
        end
        world.first = response
        return response
      end
      for _, resume in ipairs(resumes) do count(resume()) end
      assert.same({ 1, 1 }, { grants, refusals })
    end)
  end

  it("sends no more codes", function()
    local world = flow_store.new()
    world.box:add_device(world.user, "sms")
    local p = process(world)
    local flow = begin(p)
    local id = flow:step().devices[1].id
    local text, err, want = p.sealer:seal(flow, HERE), nil, nil
    for _ = 1, 15 do
      _, want, err = request(p, text, { device = id })
      world.box.clock.advance(1)
    end
    assert.is_nil(want)
    assert.equal("done", err.reason)
    assert.equal(10, #world.box.outbox)
  end)

  for _, version in ipairs { "v1", "v2" } do
    it("is not answered by a press, once the newest has given the push up: " .. version, function()
      local world = flow_store.new()
      world.box:add_device(world.user, "protect", { push = "ignore" })
      local p = process(world)
      local flow, other = begin(p, { version = version }), begin(p, { version = version })
      local id = flow:step().devices[1].id
      other:step()
      local first, second = p.sealer:seal(flow, HERE), p.sealer:seal(other, HERE)
      local waits = request(p, first, { device = id })
      assert.equal("device", select(2, request(p, waits, { other = true })).need)
      assert.equal("wait", select(2, request(p, second, { device = id })).need) -- the telephone is free
      world.box:approve(world.user)
      world.box.clock.advance(3)
      local _, want, err = request(p, waits)
      assert.is_nil(want)
      assert.same({ "conflict", "stale" }, { err.kind, err.reason })
    end)

    it("takes no code that was sent before the newest was: " .. version, function()
      local world = flow_store.new()
      world.box:add_device(world.user, "sms")
      local p = process(world)
      local flow = begin(p, { version = version })
      local text = request(p, (flow:step() and p.sealer:seal(flow, HERE)), { device = flow:want().devices[1].id })
      local code = flow_world.newest_code(world)
      local newest, want = request(p, text, { resend = true })
      assert.equal("code", want.need)
      assert.equal("stale", select(3, request(p, text, { code = code })).reason)
      _, want = request(p, newest, { code = flow_world.newest_code(world) })
      assert.is_true(want.login.granted)
    end)

    it("polls no more often than one that waits: " .. version, function()
      local world = flow_store.new()
      world.box:add_device(world.user, "protect", { push = "ignore" })
      local p = process(world)
      local flow = begin(p, { version = version })
      local waits = request(p, (flow:step() and p.sealer:seal(flow, HERE)), { device = flow:want().devices[1].id })
      local before = sent(world)
      world.box.clock.advance(2)
      for _ = 1, 40 do
        world.box.clock.advance(0.5)
        assert.equal("wait", select(2, request(p, waits)).need)
      end
      assert.is_true(sent(world) - before <= 14, sent(world) - before)
    end)
  end

  it("leaves a state that was taken out of it to itself", function()
    local world = flow_store.new()
    world.box:add_device(world.user, "sms")
    local p = process(world)
    local flow = begin(p)
    flow:step { device = flow:step().devices[1].id }
    assert(p.sealer:seal(flow, HERE))
    assert.equal("code", p.flows.resume(flow:state()):step({ resend = true }).need)
  end)

  it("rings no telephone for two", function()
    local world = flow_store.new()
    world.box:add_device(world.user, "protect", { push = "ignore" })
    local p = process(world)
    local flow, other = begin(p), begin(p)
    local id = flow:step().devices[1].id
    other:step()
    local text, second = p.sealer:seal(flow, HERE), p.sealer:seal(other, HERE)
    local _, want = request(p, text, { device = id })
    assert.equal("wait", want.need)
    local _, none, err = request(p, second, { device = id })
    assert.is_nil(none)
    assert.equal("push_open", err.reason)
  end)

  it("is of no use when the sign-in has been given up or refused", function()
    local world, p, text, _, device = sealed_at_code()
    assert.equal("cancelled", select(3, request(p, text, { cancel = true })).reason)
    assert.equal("done", select(3, request(p, text, { code = world.box:totp(device) })).reason)
  end)

  it("is not asked for without end", function()
    local world, p, text = sealed_at_code()
    local err, flow
    for i = 1, 21 do
      flow, err = p.sealer:open(text, HERE)
      assert.equal(i < 20, flow ~= nil, i) -- one was used on the way here
      if not flow then break end
    end
    assert.same({ "rate_limited", "too_often" }, { err.kind, err.reason })
    assert.equal(10, err.retry_after)
    world.box.clock.advance(10)
    assert.is_table(p.sealer:open(text, HERE))
  end)

  it("counts where a store counts, when they share a guard", function()
    local world = flow_store.new()
    local device = world.box:add_device(world.user, "totp")
    local p = flow_store.process(world)
    p.sealer = p.flows.sealer { keys = { k1 = KEY }, guard = p.store:guard() }
    local flow = begin(p)
    flow:step { device = flow:step().devices[1].id }
    for _ = 1, 2 do flow:step { code = wrong_code(world, device) } end
    local id, want = p.store:begin(p.flows.passwordless.start { user = "kim" })
    assert(p.store:step(id, { device = want.devices[1].id }))
    assert.equal("wrong", p.store:step(id, { code = wrong_code(world, device) }).note)
    assert.equal("too_many_failures", select(2, p.store:step(id, { code = wrong_code(world, device) })).reason)
  end)

  it("counts nowhere without a guard, which has to be said", function()
    local world = flow_store.new()
    local device = world.box:add_device(world.user, "totp")
    local p = process(world, { guard = false })
    local flow = begin(p)
    flow:step { device = flow:step().devices[1].id }
    local text = p.sealer:seal(flow, HERE)
    for _ = 1, 5 do
      assert.equal("wrong", select(2, request(p, text, { code = wrong_code(world, device) })).note)
    end
    assert.equal(0, #world.asked)
  end)

  it("gets an error when the guard cannot be asked, and nothing is sent", function()
    local world, p, text, _, device = sealed_at_code()
    local before = sent(world)
    world.trouble = function() error("down " .. canary.token) end
    local flow, err = p.sealer:open(text, HERE)
    assert.is_nil(flow)
    assert.same({ "server", "store" }, { err.kind, err.reason })
    world.trouble = nil
    flow = p.sealer:open(text, HERE)
    world.trouble = function() error("down " .. canary.token) end
    local want
    want, err = flow:step { code = world.box:totp(device) }
    assert.is_nil(want)
    assert.equal("store", err.reason)
    assert.is_nil(tostring(err):find(canary.token, 1, true))
    assert.equal(before, sent(world))
    -- The end cannot be told once: it is not told.
    world.trouble = function(name, key) if name == "add" and key:find(":done:", 1, true) then error("down") end end
    flow = p.sealer:open(text, HERE)
    want, err = flow:step { code = world.box:totp(device) }
    assert.is_nil(want)
    assert.equal("store", err.reason)
  end)
end)

describe("misuse of a sealer", function()
  local function thrown(word, fn, ...)
    local ok, message = pcall(fn, ...)
    assert.is_false(ok)
    assert.equal("string", type(message))
    assert.is_truthy(message:find(word, 1, true), message)
    assert.is_nil(message:find(KEY, 1, true))
  end

  it("throws a clear string", function()
    local world = flow_store.new()
    local p = process(world)
    local make, sealer = p.flows.sealer, p.sealer
    local backend = world.backend
    thrown("table of options", make)
    thrown("keys must have a key", make, { backend = backend })
    thrown("keys must have a key", make, { keys = {}, backend = backend })
    thrown("must be 32 random bytes", make, { keys = { a = "short" }, backend = backend })
    thrown("must be 32 random bytes", make, { keys = { a = 7 }, backend = backend })
    thrown("name of a key", make, { keys = { KEY }, backend = backend })
    thrown("name of a key", make, { keys = { ["a b"] = KEY }, backend = backend })
    thrown("current must name", make, { keys = { a = KEY, b = KEY }, backend = backend })
    thrown("names no key", make, { keys = { a = KEY }, current = "b", backend = backend })
    thrown("backend must be given", make, { keys = { a = KEY } })
    thrown("without a guard", make, { keys = { a = KEY }, guard = false, backend = backend })
    thrown("guard must be", make, { keys = { a = KEY }, guard = {} })
    thrown("did you mean 'keys'", make, { key = { a = KEY } })
    thrown("life must be between", make, { keys = { a = KEY }, backend = backend, life = 1 })
    thrown("expected a flow", sealer.begin, sealer, {})
    thrown("that begin or open", sealer.seal, sealer, p.flows.passwordless.start { user = "kim" }, HERE)
    local flow = begin(p)
    thrown("made a step already", sealer.begin, sealer, flow)
    thrown("of another client", sealer.begin, sealer, process(world).flows.passwordless.start { user = "kim" })
    for _, bad in ipairs { {}, { session = "" }, { session = 7 }, "kim" } do
      thrown("session must be", sealer.seal, sealer, flow, bad)
    end
    thrown("session must be", sealer.seal, sealer, flow)
  end)

  it("is not to seal what is over", function()
    local world = flow_store.new()
    local p = process(world)
    local flow = begin(p)
    assert.equal("no_devices", select(2, flow:step()).reason)
    local text, err = p.sealer:seal(flow, HERE)
    assert.is_nil(text)
    assert.same({ "conflict", "done" }, { err.kind, err.reason })
    assert.equal("no_devices", select(2, flow:step()).reason) -- in this process the end may be repeated
  end)

  it("shows no key", function()
    local p = process(flow_store.new())
    assert.is_nil(next(p.sealer))
    assert.is_nil(tostring(p.sealer):find(KEY, 1, true))
    assert.is_truthy(tostring(p.sealer):find("k1", 1, true))
  end)
end)

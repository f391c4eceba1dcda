-- The flow store: a flow goes on in any process, an input that is over does nothing, and what is kept tells nothing.
local json = require("onelogin.core").json
local canary = require "spec.support.canary"
local flow_store = require "spec.support.flow_store"
local flow_world = require "spec.support.flow_world"

local new, process, sent = flow_store.new, flow_store.process, flow_store.sent

local begin, at_code = flow_store.begin, flow_store.at_code

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

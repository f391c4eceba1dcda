-- events:follow: each event at least once, none twice while nothing breaks, none lost.
local onelogin = require "onelogin"
local child = require "spec.support.child"

local KIND = 5
local START = 1772442000

local function world(options)
  local box = onelogin.sandbox { users = 5, now = START }
  local config = box:config()
  for k, v in pairs(options or {}) do config[k] = v end
  return onelogin.new(config), box
end

local function memory(text)
  local store = { text = text, saves = 0 }
  store.load = function() return store.text end
  store.save = function(new)
    store.text = new
    store.saves = store.saves + 1
  end
  return store
end

-- Everything there is now, as ids.
local function take(ol, options)
  local ids = {}
  options.once = true
  for event in ol.events:follow(options) do ids[#ids + 1] = event.id end
  return ids
end


describe("follow", function()
  it("hands out what happened since, in order, over many pages", function()
    local ol, box = world()
    local ids = {}
    for _ = 1, 130 do
      ids[#ids + 1] = box:event(KIND).id
      box.clock.advance(1)
    end
    assert.is_true(ids[1] > 2 ^ 32)
    assert.same(ids, take(ol, { since = START }))
    assert.equal(3, box:requests "events.list")
  end)

  it("takes since as text, includes its own instant, and begins now without it", function()
    local ol, box = world()
    box:event(KIND, { created_at = START - 1 })
    local first = box:event(KIND).id
    assert.same({ first }, take(ol, { since = onelogin.time.format(START) }))
    assert.same({ first }, take(ol, {}))
    box.clock.advance(10)
    assert.same({}, take(ol, {}))
  end)

  it("loses none that share a millisecond, also across a page and a restart", function()
    local ol, box = world()
    local ids = {}
    for _ = 1, 75 do ids[#ids + 1] = box:event(KIND, { created_at = START + 0.5 }).id end
    box.clock.advance(1)
    local store = memory()
    assert.same(ids, take(ol, { since = START, checkpoint = store }))
    local more = {}
    for _ = 1, 60 do more[#more + 1] = box:event(KIND, { created_at = START + 0.5 }).id end
    assert.same(more, take(ol, { checkpoint = store }))
    assert.same({}, take(ol, { checkpoint = store }))
  end)

  it("hands out events that show late, once", function()
    local ol, box = world()
    local store = memory()
    box.clock.advance(1000)
    box:event(KIND)
    assert.equal(1, #take(ol, { since = START, checkpoint = store }))
    local late = { box:event(KIND, { created_at = START + 401 }).id, box:event(KIND, { created_at = START + 900 }).id }
    assert.same(late, take(ol, { checkpoint = store }))
    assert.same({}, take(ol, { checkpoint = store }))
    local quick = memory(store.text)
    box:event(KIND, { created_at = START + 700 })
    assert.same({}, take(ol, { checkpoint = quick, overlap = 10 }))
  end)

  it("never hands out what was before its beginning, however late it shows", function()
    local ol, box = world()
    local store = memory()
    take(ol, { since = START, checkpoint = store })
    box:event(KIND, { created_at = START - 30 })
    assert.same({}, take(ol, { checkpoint = store }))
  end)

  it("hands out again only what a broken run had not finished", function()
    local ol, box = world()
    local ids = {}
    for _ = 1, 120 do ids[#ids + 1] = box:event(KIND).id end
    local store, got = memory(), {}
    local broken = ol.events:follow { since = START, checkpoint = store }
    local ok = pcall(function()
      for event in broken do
        got[#got + 1] = event.id
        if #got % 50 == 1 then box.clock.advance(2) end
        if #got == 110 then error "the machine goes out" end
      end
    end)
    assert.is_false(ok)
    local again = take(ol, { checkpoint = store })
    local seen, doubled = {}, 0
    for _, list in ipairs { got, again } do
      for _, id in ipairs(list) do
        if seen[id] then doubled = doubled + 1 end
        seen[id] = true
      end
    end
    for _, id in ipairs(ids) do assert.is_true(seen[id]) end
    assert.is_true(doubled > 0 and doubled <= 50, doubled)
    assert.same({}, take(ol, { checkpoint = store }))
  end)

  it("goes on inside a walk at the page where it stood", function()
    local ol, box = world()
    for _ = 1, 120 do box:event(KIND) end
    local store = memory()
    local follower = ol.events:follow { since = START, checkpoint = store }
    for _ = 1, 70 do assert(follower:next()) end
    follower:save()
    local before = box:requests "events.list"
    assert.equal(50, #take(ol, { checkpoint = store }))
    assert.equal(2, box:requests "events.list" - before)
    assert.same({}, take(ol, { checkpoint = store }))
  end)

  it("begins the walk again when the server has forgotten the cursor, and repeats nothing it remembers", function()
    local ol, box = world()
    for _ = 1, 120 do box:event(KIND) end
    local store = memory()
    local follower = ol.events:follow { since = START, checkpoint = store }
    for _ = 1, 70 do assert(follower:next()) end
    follower:save()
    box:fault { operation = "events.list", status = 400 }
    assert.equal(50, #take(ol, { checkpoint = store }))
  end)

  it("is not led away by an event from the future", function()
    local ol, box = world()
    local store = memory()
    box:event(KIND, { created_at = START + 400 * 86400 })
    assert.equal(1, #take(ol, { since = START, checkpoint = store }))
    box.clock.advance(60)
    local id = box:event(KIND).id
    assert.same({ id }, take(ol, { checkpoint = store }))
    assert.same({}, take(ol, { checkpoint = store }))
  end)

  it("forgets ids that no look will meet again", function()
    local ol, box = world()
    local store = memory()
    local largest = 0
    for _ = 1, 30 do
      for _ = 1, 20 do box:event(KIND) end
      box.clock.advance(700)
      assert.equal(20, #take(ol, { since = START, checkpoint = store }))
      largest = math.max(largest, #store.text)
    end
    assert.is_true(largest < 3000, largest)
  end)

  it("forgets them during a long walk too", function()
    local ol, box = world()
    local store = memory()
    for _ = 1, 5000 do
      box:event(KIND)
      box.clock.advance(1)
    end
    local n, largest = 0, 0
    local follower = ol.events:follow { since = START, checkpoint = store, overlap = 100, once = true }
    for _ in follower do
      n = n + 1
      if n % 500 == 0 then
        follower:save()
        largest = math.max(largest, #store.text)
      end
    end
    assert.equal(5000, n)
    assert.is_true(largest < 60000, largest)
    assert.is_true(#store.text < 6000, #store.text)
    assert.same({}, take(ol, { checkpoint = store, overlap = 100 }))
  end)

  it("looks again after the interval, until the limit", function()
    local ol, box = world()
    local times, n = {}, 0
    local sleep = box.clock.sleep
    local ids = { box:event(KIND).id }
    box.clock.sleep = function(s)
      times[#times + 1] = s
      sleep(s)
      if #times % 2 == 0 then ids[#ids + 1] = box:event(KIND).id end
    end
    local got = {}
    for event in ol.events:follow { since = START, interval = 20, limit = 3 } do
      n = n + 1
      got[n] = event.id
    end
    assert.same(ids, got)
    assert.same({ 20, 20, 20, 20 }, times)
  end)

  it("goes on through passing trouble, says so, and loses nothing", function()
    local said = {}
    local ol, box = world { log = function(level, text) said[#said + 1] = level .. " " .. text end }
    local ids = {}
    for _ = 1, 120 do ids[#ids + 1] = box:event(KIND).id end
    box:fault { operation = "events.list", status = 503, skip = 1, times = 10 }
    local got = {}
    for event in ol.events:follow { since = START, limit = 120 } do got[#got + 1] = event.id end
    assert.same(ids, got)
    assert.truthy(said[1]:find("^warning events.follow: .*503.*again in 30 s"))
  end)

  it("ends with the error that does not pass, and may be asked again", function()
    local ol, box = world()
    box:event(KIND)
    box:fault { operation = "events.list", status = 403, times = 2 }
    local follower = ol.events:follow { since = START }
    local event, err = follower:next()
    assert.is_nil(event)
    assert.equal("permission", err.kind)
    local ok, thrown = pcall(function() for _ in follower do error "none is due" end end)
    assert.is_false(ok)
    assert.equal(err.kind, thrown.kind)
    assert.is_truthy(follower:next())
    box:fault { operation = "events.list", status = 503, times = 99 }
    event, err = ol.events:follow({ since = START, once = true }):next()
    assert.is_nil(event)
    assert.equal("server", err.kind)
  end)

  it("passes filters and call options on, and asks for what it needs itself", function()
    local ol, box = world()
    box:event(8)
    local id = box:event(KIND).id
    assert.same({ id }, take(ol, { since = START, event_type_id = { KIND }, fields = { "user_id" } }))
    local url = box.journal[#box.journal].path or ""
    assert.is_nil(url:find("until", 1, true))
    local follower = ol.events:follow({ since = START, once = true }, { nulls = "sentinel" })
    assert.equal(onelogin.null, follower:next().notes)
  end)

  it("takes events without a date or an id as they come", function()
    local bodies = { '{"status":{"error":false,"code":200},"pagination":{},"data":[{"id":1,"created_at":null},'
      .. '{"id":2,"created_at":7},{"id":"x","created_at":"soon"},{"created_at":"2026-03-02T09:00:01.000Z"}]}' }
    local ol = onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = "s",
      transport = { send = function(_, r)
        if r.operation == "oauth.generate_tokens" then
          return { status = 200, headers = {}, body = '{"access_token":"t","expires_in":36000}' }
        end
        return { status = 200, headers = {}, body = bodies[1] }
      end } }
    local store = memory()
    assert.equal(4, #(function()
      local all = {}
      for event in ol.events:follow { since = START, once = true, checkpoint = store } do all[#all + 1] = event end
      return all
    end)())
    local ids = {}
    for event in ol.events:follow { once = true, checkpoint = store } do ids[#ids + 1] = tostring(event.id) end
    assert.same({ "nil" }, ids) -- what has no id cannot be told from another
  end)
end)

describe("a checkpoint", function()
  local folder
  before_each(function() folder = child.folder() end)
  after_each(function() child.remove(folder) end)

  it("is a file that is replaced as a whole", function()
    local ol, box = world()
    local path = folder .. "/events"
    box:event(KIND)
    assert.equal(1, #take(ol, { since = START, checkpoint = path }))
    assert.equal(0, #take(ol, { checkpoint = path }))
    assert.equal("events", child.capture("ls " .. folder))
    assert.is_nil(assert(io.open(path)):read("*a"):find("secret", 1, true))
  end)

  it("wins over since", function()
    local ol, box = world()
    local store = memory()
    box:event(KIND)
    take(ol, { since = START, checkpoint = store })
    assert.same({}, take(ol, { since = START, checkpoint = store }))
  end)

  it("is not written when nothing happened", function()
    local ol, box = world()
    local store = memory()
    box:event(KIND)
    take(ol, { since = START, checkpoint = store })
    local saves = store.saves
    take(ol, { checkpoint = store })
    assert.equal(saves, store.saves)
  end)

  it("that holds something else is never taken for none", function()
    local ol, box = world()
    for _, text in ipairs { "[]", "hello", '{"version":2,"floor":1}', '{"version":1}',
      '{"version":1,"floor":1,"now":7}',
      '{"version":1,"floor":1,"mark":"x"}', '{"version":1,"floor":1,"before":{"1":"x"}}',
      '{"version":1,"flo' } do
      local ok, why = pcall(ol.events.follow, ol.events, { checkpoint = memory(text) })
      assert.is_false(ok)
      assert.truthy(why:find("the checkpoint holds something else", 1, true), text)
    end
    assert.equal(0, box:requests())
  end)

  it("that cannot be read or written ends the run and says why", function()
    local ol, box = world()
    box:event(KIND)
    local ok, why = pcall(take, ol, { since = START, checkpoint = folder .. "/no/such/folder" })
    assert.is_false(ok)
    assert.truthy(why:find("the checkpoint cannot be written", 1, true))
    ok, why = pcall(ol.events.follow, ol.events, { checkpoint = folder })
    assert.is_false(ok)
    assert.truthy(why:find("checkpoint", 1, true))
  end)
end)

describe("misuse of follow", function()
  it("throws before anything is sent", function()
    local ol, box = world()
    for text, options in pairs {
      ["since must be a date"] = { since = "yesterday" },
      ["interval must be a number"] = { interval = 0 },
      ["overlap must be a number"] = { overlap = -1 },
      ["limit must be a number"] = { limit = "many" },
      ["checkpoint must be a path"] = { checkpoint = {} },
      ["\"until\" is set by the follower"] = { ["until"] = "2026-01-01" },
      ["\"sort\" is set by the follower"] = { sort = "-id" },
      ["did you mean \"since\""] = { sinse = 1 },
      ["did you mean \"event_type_id\""] = { event_type_ids = 5 },
    } do
      local ok, why = pcall(ol.events.follow, ol.events, options)
      assert.is_false(ok, text)
      assert.truthy(why:find(text, 1, true), why)
      assert.is_nil(why:find("follow.lua", 1, true), why)
    end
    assert.is_false(pcall(ol.events.follow, {}))
    assert.is_false(pcall(ol.events.follow, ol.events, 7))
    assert.equal(0, box:requests())
  end)

  it("prints what it is", function()
    local ol = world()
    assert.equal("onelogin.events follower: 0 handed out", tostring(ol.events:follow {}))
  end)
end)

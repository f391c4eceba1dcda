-- The event log of the sandbox: what mutations write, and how it is read.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null

describe("events", function()
  local box, api, ashley, akua

  before_each(function()
    box = sandbox { users = 30 }
    api = support.api(box)
    ashley, akua = box:find_user("ashley"), box:find_user("akua")
  end)

  local function list(query)
    local status, answer = api.get("/api/1/events" .. (query or ""))
    assert.equal(200, status)
    return answer.data, answer
  end

  local function ids(rows)
    local out = {}
    for i, row in ipairs(rows) do out[i] = row.id end
    return out
  end

  it("begin with nothing, in the envelope of v1", function()
    local _, answer = list()
    assert.same({
      status = { error = false, code = 200, type = "success", message = "Success" },
      pagination = { before_cursor = null, after_cursor = null, previous_link = null, next_link = null },
      data = {},
    }, answer)
  end)

  it("have every member, null where there is nothing to say", function()
    box.clock.advance(0.123)
    local written = box:event(13, { user_id = ashley.id, actor_user_id = akua.id, risk_score = 48 })
    local rows = list()
    assert.same({ {
      id = written.id, created_at = "2026-03-02T09:00:00.123Z", account_id = 555555,
      user_id = ashley.id, event_type_id = 13, notes = null, ipaddr = null,
      actor_user_id = akua.id, assuming_acting_user_id = null, role_id = null, app_id = null,
      group_id = null, otp_device_id = null, policy_id = null, actor_system = "",
      custom_message = null, role_name = null, app_name = null, group_name = null,
      actor_user_name = "Akua Mensah", user_name = "Ashley Rivers", policy_name = null,
      otp_device_name = null, operation_name = null, directory_sync_run_id = null,
      directory_id = null, resolution = null, client_id = null, resource_type_id = null,
      error_description = null, proxy_ip = null, risk_score = 48, risk_reasons = null,
      risk_cookie_id = null, browser_fingerprint = null,
    } }, rows)
    local status, one = api.get("/api/1/events/" .. written.id)
    assert.equal(200, status)
    assert.same({ rows[1] }, one.data)
  end)

  it("name people by their names, else by e-mail, and never by login", function()
    local bare = box:add_user { username = "a-login", email = "bare@acme.test" }
    box:event(14, { user_id = bare.id })
    api.put("/api/2/users/" .. ashley.id, { title = "Boss" })
    api.delete("/api/2/users/" .. akua.id)
    local names = {}
    for i, row in ipairs(list()) do names[i] = row.user_name end
    assert.same({ "bare@acme.test", "Ashley Rivers", "Akua Mensah" }, names)
  end)

  it("say which credential pair did it, and whose that is", function()
    local owned = support.api(box, { scope = "Manage All", owner_id = akua.id })
    owned.put("/api/2/users/" .. ashley.id, { title = "Boss" })
    api.put("/api/2/users/" .. ashley.id, { title = "Chief" })
    box:event(5, { user_id = ashley.id })
    local rows = list()
    assert.same({ owned.config.client_id, akua.id, "Akua Mensah" },
      { rows[1].client_id, rows[1].actor_user_id, rows[1].actor_user_name })
    assert.same({ api.config.client_id, null, null },
      { rows[2].client_id, rows[2].actor_user_id, rows[2].actor_user_name })
    assert.equal(null, rows[3].client_id)
    assert.same({ rows[1] }, (list("?client_id=" .. owned.config.client_id)))
  end)

  it("carry the names of roles, apps and groups", function()
    local role = box:add_role { name = "Pilots" }
    local app = box:add_app { name = "Radar" }
    box:event(1, { role_id = role.id, app_id = app.id, group_id = 417013 })
    local row = list()[1]
    assert.same({ "Pilots", "Radar", "employees" }, { row.role_name, row.app_name, row.group_name })
  end)

  it("are chosen by since and until, to the millisecond and without their own instant", function()
    local t = box.clock.wall()
    local made = {}
    for i = 0, 4 do made[i] = box:event(5, { created_at = t + i / 1000 }).id end
    assert.same({ made[2], made[3], made[4] }, ids(list "?since=2026-03-02T09:00:00.001Z"))
    assert.same({ made[0], made[1] }, ids(list "?until=2026-03-02T09:00:00.002Z"))
    assert.same({ made[2] },
      ids(list "?since=2026-03-02T09:00:00.001Z&until=2026-03-02T09:00:00.003Z"))
    assert.same({ made[3] }, ids(list "?created_at=2026-03-02T09:00:00.003Z"))
    for _, name in ipairs { "since", "until", "created_at" } do
      local status, refusal = api.get("/api/1/events?" .. name .. "=yesterday")
      assert.equal(400, status)
      assert.same({ description = name .. " is incorrect", attribute = name }, refusal.status.message)
    end
  end)

  it("are chosen by type, user, directory, id, resolution and name", function()
    local a = box:event(8, { user_id = ashley.id, directory_id = 7 }).id
    local b = box:event(13, { user_id = akua.id, resolution = "solved it" }).id
    local c = box:event(5, { user_id = ashley.id }).id
    assert.same({ a, b }, ids(list "?event_type_id=8,13"))
    assert.same({ a, c }, ids(list("?user_id=" .. ashley.id)))
    assert.same({ a }, ids(list "?directory_id=7"))
    assert.same({ b }, ids(list("?id=" .. b)))
    assert.same({ b }, ids(list "?resolution=solved*"))
    assert.same({ b }, ids(list "?user_name=Akua%20Mensah"))
    assert.same({ c }, ids(list("?event_type_id=5,8&user_id=" .. ashley.id .. "&sort=-id&limit=1")))
    assert.same({}, list "?event_type_id=abc")
    assert.same({ { id = a, event_type_id = 8 } }, (list("?fields=event_type_id&id=" .. a)))
  end)

  it("are walked by cursor, in either direction of the order, each once", function()
    local made = {}
    for i = 1, 120 do made[i] = box:event(5, { user_id = ashley.id }).id end
    local rows, pages = api.walk_v1 "/api/1/events?sort=%2Bid"
    assert.same(made, ids(rows))
    assert.equal(3, pages)
    assert.equal(made[120], list("?sort=-created_at&limit=1")[1].id)
    assert.equal(50, #list "?limit=1000")
    assert.equal(400, (api.get "/api/1/events?sort=colour"))
  end)

  it("show those that arrive while somebody walks", function()
    for _ = 1, 60 do box:event(5) end
    local first, answer = list "?sort=%2Bid"
    local late = box:event(5, { created_at = box.clock.wall() - 300 })
    local rest = list("?sort=%2Bid&after_cursor=" .. support.escape(answer.pagination.after_cursor))
    assert.equal(50, #first)
    assert.equal(11, #rest)
    assert.equal(late.id, rest[11].id)
    assert.equal("2026-03-02T08:55:00.000Z", rest[11].created_at)
  end)

  it("are forgotten half and half when they become too many, but keep their ids", function()
    local first = box:event(5).id
    for _ = 1, 20000 do box:event(6) end
    assert.equal(404, (api.get("/api/1/events/" .. first)))
    assert.equal(first + 20000, list("?sort=-id&limit=1")[1].id)
    assert.equal(first + 10000, list("?limit=1")[1].id)
  end)

  it("refuse an id that is none, and one that nobody has", function()
    local status, refusal = api.get "/api/1/events/abc"
    assert.equal(400, status)
    assert.same({ description = "ID is incorrect", attribute = "id" }, refusal.status.message)
    status, refusal = api.get "/api/1/events/9999999"
    assert.equal(404, status)
    assert.same({ error = true, code = 404, type = "not found",
      message = "Event for id 9999999 was not found" }, refusal.status)
  end)

  it("have a catalogue of types that wants no token and has no pages", function()
    local status, answer = api.send("GET", "/api/1/events/types")
    assert.equal(200, status)
    assert.is_nil(answer.pagination)
    assert.same({ id = 1, name = "APP_ADDED_TO_ROLE", description = "App %app% added to role %role%" },
      answer.data[1])
    local by_id = {}
    for _, t in ipairs(answer.data) do
      assert.is_nil(by_id[t.id])
      by_id[t.id] = t
    end
    assert.same({ id = 533, name = "CREATED_USER_VIA_API", description = "Created user via API" }, by_id[533])
    assert.same({ id = 9, name = null, description = null }, by_id[9])
    assert.is_true(#answer.data > 200)
  end)

  it("know the type of every event that the sandbox writes", function()
    local known = {}
    for _, t in ipairs(require "onelogin.sandbox.event_types") do known[t[1]] = true end
    api.post("/api/2/users", { email = "new@acme.test" })
    api.delete("/api/2/users/" .. akua.id)
    api.post("/api/1/invites/get_invite_link", { email = ashley.email })
    for _, row in ipairs(list()) do assert.is_true(known[row.event_type_id], row.event_type_id) end
    assert.equal(3, #list())
  end)

  it("can be written by a client", function()
    local status, answer = api.post("/api/1/events", { event_type_id = 9, account_id = 555555,
      actor_user_id = akua.id, user_id = ashley.id, role_id = 410018, custom_message = "by hand" })
    assert.equal(200, status)
    assert.same({ status = { error = false, code = 200, type = "success", message = "Success" } }, answer)
    local row = list("?event_type_id=9")[1]
    assert.same({ 9, akua.id, "Ashley Rivers", "Employee", "by hand" },
      { row.event_type_id, row.actor_user_id, row.user_name, row.role_name, row.custom_message })
    assert.equal(api.config.client_id, row.client_id)
  end)

  it("refuse what no event can be", function()
    local function refused(body, message)
      local status, answer = api.post("/api/1/events", body)
      assert.equal(400, status)
      assert.same(message, answer.status.message)
    end
    refused(json.array {}, "input parameters is empty")
    refused({ account_id = 555555 },
      { description = "event_type_id is empty", attribute = "event_type_id" })
    refused({ event_type_id = 9 }, { description = "account_id is empty", attribute = "account_id" })
    refused({ event_type_id = 9, account_id = 1 },
      { description = "account_id is incorrect", attribute = "account_id" })
    refused({ event_type_id = 9, account_id = 555555, user_id = 1 },
      { description = "user_id is incorrect", attribute = "user_id" })
    refused({ event_type_id = "x", account_id = 555555 }, "Input JSON is not valid")
    assert.same({}, list())
    local reader = support.api(box, { scope = "Read All" })
    local status, answer = reader.post("/api/1/events", { event_type_id = 9, account_id = 555555 })
    assert.equal(401, status)
    assert.equal("Insufficient Permission", answer.status.message)
    assert.equal(200, (reader.get "/api/1/events"))
  end)

  it("go back with a snapshot", function()
    box:event(5)
    local saved = box:snapshot()
    box:event(6)
    assert.equal(2, #list())
    box:restore(saved)
    api.token = nil
    assert.equal(1, #list())
    box:reset()
    api.token = nil
    assert.equal(0, #list())
  end)
end)

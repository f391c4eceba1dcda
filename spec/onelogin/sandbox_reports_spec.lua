-- Reports in the sandbox: questions about the box as it is.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"

local ROOT = "/api/2/reports"

describe("reports", function()
  local box, api

  before_each(function()
    box = sandbox { users = 30 }
    api = support.api(box)
  end)

  local function id_of(name)
    local status, list = api.get(ROOT)
    assert.equal(200, status)
    for _, report in ipairs(list) do
      if report.name == name then return report.id end
    end
  end

  local function run(name)
    local status, answer = api.post(ROOT .. "/" .. id_of(name) .. "/run")
    assert.equal(200, status)
    return answer.report
  end

  local function ids(rows)
    local out = {}
    for _, row in ipairs(rows) do out[row.user_id] = row end
    return out
  end

  it("are listed by id and name", function()
    assert.same({ id = 42, name = "Users without MFA" }, select(2, api.get(ROOT))[2])
  end)

  it("see everybody as they are now", function()
    assert.equal(30, #run "All users")
    local user = box:add_user { firstname = "Zed", lastname = "Last", email = "zed@acme.test" }
    local rows = run "All users"
    assert.equal(31, #rows)
    local row = ids(rows)[user.id]
    assert.same({ "Zed Last", "zed@acme.test", 1 }, { row.name, row.email, row.status })
  end)

  it("find who has no device, and who stays away", function()
    local ashley = box:find_user("ashley")
    assert.truthy(ids(run "Users without MFA")[ashley.id])
    box:add_device(ashley.id, "totp")
    assert.is_nil(ids(run "Users without MFA")[ashley.id])
    assert.is_nil(ids(run "Dormant users")[ashley.id])
    ashley.last_login = box.clock.wall() - 91 * 86400
    box:touch(ashley)
    assert.truthy(ids(run "Dormant users")[ashley.id])
  end)

  it("tell events in words", function()
    box:event(6, { user_id = box:find_user("ashley").id })
    box:event(533)
    assert.same({ { description = "Ashley Rivers failed authentication", timestamp = "2026-03-02T09:00:00.000Z" },
      { description = "Created user via API", timestamp = "2026-03-02T09:00:00.000Z" } }, run "Events")
  end)

  it("show what roles give", function()
    local app = box:add_app { name = "Radar" }
    local role = box:add_role { name = "Pilots", apps = { app.id } }
    local rows = run "Roles and apps"
    assert.same({ role_id = role.id, role = "Pilots", app_id = app.id, app = "Radar" }, rows[#rows])
  end)

  it("are mailed as CSV", function()
    box:add_user { firstname = 'Two "and"', lastname = "Three, Four", email = "csv@acme.test", id = 99000000 }
    local at = ROOT .. "/" .. id_of "All users" .. "/run_background"
    local status, answer = api.post(at, { email = "boss@acme.test" })
    assert.equal(200, status)
    assert.same({ message = "Report is being generated" }, answer)
    local mail = box.outbox[1]
    assert.equal("boss@acme.test", mail.to)
    assert.equal("user_id,name,email,status,last_login", mail.attachment:match("^[^\r]*"))
    assert.truthy(mail.attachment:find('\r\n99000000,"Two ""and"" Three, Four",csv@acme.test,1,\r\n', 1, true))
    status, answer = api.post(at, {})
    assert.equal(422, status)
    assert.equal("Validation failed: Email can't be blank", answer.message)
    assert.equal(422, (api.post(at, { email = "boss" })))
    assert.equal(1, #box.outbox)
  end)

  it("are not there, or not for everybody", function()
    local status, answer = api.post(ROOT .. "/9/run")
    assert.equal(404, status)
    assert.equal("NotFoundError", answer.name)
    assert.equal(200, (support.api(box, { scope = "Read Users" }).post(ROOT .. "/42/run")))
    assert.equal(401, (support.api(box, { scope = "Manage Users" }).get(ROOT)))
  end)
end)

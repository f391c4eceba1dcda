-- Invitations in the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"

describe("invitations", function()
  local box, api, ashley

  before_each(function()
    box = sandbox { users = 10 }
    api = support.api(box)
    ashley = box:find_user("ashley")
  end)

  local GET, SEND = "/api/1/invites/get_invite_link", "/api/1/invites/send_invite_link"

  it("answer a link in an array of one, fresh each time, and send nothing", function()
    local status, answer = api.post(GET, { email = ashley.email })
    assert.equal(200, status)
    assert.equal("Success", answer.status.message)
    assert.equal(1, #answer.data)
    assert.truthy(answer.data[1]:find("^https://acme%.onelogin%.test/password/reset%?token=%x+$"))
    assert.equal(40, #answer.data[1]:match("token=(.*)"))
    assert.are_not.equal(answer.data[1], select(2, api.post(GET, { email = ashley.email })).data[1])
    assert.equal(0, #box.outbox)
    local event = box.store.events[1]
    assert.same({ 535, ashley.id }, { event.event_type_id, event.user_id })
  end)

  it("are mailed, to another address if wanted, and say so in the status", function()
    local status, answer = api.post(SEND, { email = ashley.email })
    assert.equal(200, status)
    assert.same({ status = { error = false, code = 200, type = "success",
      message = "Email sent successfully to ashley@acme.test" } }, answer)
    api.post(SEND, { email = ashley.email, personal_email = "ashley@mail.test" })
    assert.equal("ashley@acme.test", box.outbox[1].to)
    assert.equal("ashley@mail.test", box.outbox[2].to)
    assert.truthy(box.outbox[2].text:find(box.outbox[2].link, 1, true))
    local _, user = api.get("/api/2/users/" .. ashley.id)
    assert.equal("2026-03-02T09:00:00.000Z", user.invitation_sent_at)
    assert.equal(115, box.store.events[1].event_type_id)
  end)

  it("refuse the unknown, the missing and the malformed with a 400", function()
    for _, route in ipairs { GET, SEND } do
      local function refused(body, message)
        local status, answer = api.post(route, body)
        assert.equal(400, status)
        assert.same({ error = true, code = 400, type = "bad request", message = message }, answer.status)
      end
      refused({ email = "nobody@acme.test" }, "No User exists for input email")
      refused({ email = "Ashley@acme.test" }, "No User exists for input email")
      refused({ email = "" }, "Email Parameter is missing")
      refused({ personal_email = "x@y.test" }, "Email Parameter is missing")
      refused({ email = "ashley" }, "Email Input is in incorrect format")
      refused({ email = 5 }, "Email Input is in incorrect format")
    end
    assert.equal(400, (api.post(SEND, { email = ashley.email, personal_email = "nowhere" })))
    assert.equal(0, #box.outbox + #box.store.events)
  end)

  it("need Manage All", function()
    local status, answer = support.api(box, { scope = "Manage Users" }).post(GET, { email = ashley.email })
    assert.equal(401, status)
    assert.equal("Insufficient Permission", answer.status.message)
  end)
end)

-- Smart MFA of the sandbox: a score, and a code when it is high.
local world = require "spec.support.sign_in"
local support = require "spec.support.sandbox"

local LAPSED = { name = "BadRequestError", message = "State token is invalid or expired" }
local WRONG = { name = "Unauthorized", message = "Failed authentication with this factor" }

describe("Smart MFA", function()
  local box, kim, api

  before_each(function()
    box, kim = world.world()
    api = support.api(box)
  end)

  local function validate(more, context)
    local body = { user_identifier = "kim", email = "kim@acme.test",
      context = { user_agent = "Mozilla/5.0", ip = "203.0.113.9" } }
    for k, v in pairs(context or {}) do body.context[k] = v end
    for k, v in pairs(more or {}) do body[k] = v end
    return api.post("/api/2/smart-mfa", body)
  end

  local function verify(token, code)
    return api.post("/api/2/smart-mfa/verify", { state_token = token, otp_token = code })
  end

  it("sends a code to whoever it has never seen, and takes it once", function()
    local status, body = validate()
    assert.equal(200, status)
    assert.equal(kim.id, body.user_id)
    assert.equal(59, body.risk.score)
    assert.same({ "Accessed from a new IP address", "Accessed with a new user agent", "Accessed from a new device" },
      body.risk.reasons)
    assert.is_true(body.mfa.otp_sent)
    assert.matches("^%x+%-%x+%-4%x+%-a%x+%-%x+$", body.mfa.state_token)
    assert.equal(1, #box.outbox)
    local sent = box.outbox[1]
    assert.same({ "email", "kim@acme.test", kim.id }, { sent.kind, sent.to, sent.user_id })
    assert.matches("^%d%d%d%d%d%d$", sent.code)
    local _, headers, text
    status, _, headers, text = verify(body.mfa.state_token, sent.code)
    assert.equal(200, status)
    assert.equal("text/plain", headers["content-type"])
    assert.equal("OK", text)
    status, body = verify(body.mfa.state_token, sent.code)
    assert.equal(400, status)
    assert.same(LAPSED, body)
  end)

  it("knows people by address, browser and device once they have been let in", function()
    validate()
    local _, body = validate() -- an open question teaches nothing
    assert.equal(59, body.risk.score)
    verify(body.mfa.state_token, box.outbox[2].code)
    _, body = validate()
    assert.equal(0, body.risk.score)
    assert.equal(0, #body.risk.reasons)
    assert.is_true(support.json.is_array(body.risk.reasons))
    assert.same({ otp_sent = false }, body.mfa)
    _, body = validate({}, { ip = "198.51.100.7", device_id = "tablet" })
    assert.same({ 39, false }, { body.risk.score, body.mfa.otp_sent })
    _, body = validate({}, { ip = "198.51.100.7", device_id = "tablet" })
    assert.equal(0, body.risk.score)
    assert.equal(2, #box.outbox)
  end)

  it("shares what it knows with the risk service, and its rules", function()
    api.post("/api/2/risk/events", { verb = "log-in", ip = "203.0.113.9", user_agent = "Mozilla/5.0",
      user = { id = "kim" }, device = { id = "laptop" } })
    local _, body = validate({}, { device_id = "laptop" })
    assert.equal(0, body.risk.score)
    assert.equal(201, (api.post("/api/2/risk/rules", { name = "Not from there", type = "blacklist",
      target = "location.ip", filters = { "203.0.113.0/24" } })))
    _, body = validate({}, { device_id = "laptop" })
    assert.same({ 100, true }, { body.risk.score, body.mfa.otp_sent })
    assert.equal(401, (verify(body.mfa.state_token, "wrong")))
    _, body = validate({}, { ip = "198.51.100.7", device_id = "laptop" })
    assert.same({ "Accessed from a new IP address", "Recent failure to log in" }, body.risk.reasons)
  end)

  it("obeys the threshold", function()
    local _, body = validate { risk_threshold = 60 }
    assert.is_false(body.mfa.otp_sent)
    _, body = validate({ risk_threshold = 24 }, { ip = "198.51.100.7" })
    assert.is_true(body.mfa.otp_sent)
    _, body = validate({ risk_threshold = 25 }, { ip = "198.51.100.7" })
    assert.is_false(body.mfa.otp_sent)
  end)

  it("refuses wrong codes, keeps the state token, and counts", function()
    local _, body = validate()
    local code = box.outbox[1].code
    local other = code == "000000" and "000001" or "000000"
    for _ = 1, 2 do
      local status, answer = verify(body.mfa.state_token, other)
      assert.equal(401, status)
      assert.same(WRONG, answer)
    end
    assert.equal(2, kim.invalid_login_attempts)
    assert.equal(200, (verify(body.mfa.state_token, code)))
    assert.equal(0, kim.invalid_login_attempts)
  end)

  it("lets a state token live eight minutes, or as long as was asked for", function()
    local _, body = validate()
    box.clock.advance(479)
    assert.equal(401, (verify(body.mfa.state_token, "x")))
    box.clock.advance(1)
    assert.same(LAPSED, select(2, verify(body.mfa.state_token, box.outbox[1].code)))
    _, body = validate { expires_in = 900 }
    box.clock.advance(899)
    assert.equal(200, (verify(body.mfa.state_token, box.outbox[2].code)))
    assert.equal(400, (validate { expires_in = 901 }))
    assert.same(LAPSED, select(2, verify("nonsense", "123456")))
    assert.same(LAPSED, select(2, verify(nil, "123456")))
  end)

  it("registers people it does not know, and keeps to the first number given", function()
    local status, body = validate { user_identifier = "lou-1", email = "lou@acme.test", phone = "+15550199",
      firstname = "Lou" }
    assert.equal(200, status)
    local lou = box:find_user(body.user_id)
    assert.same({ "lou-1", "lou@acme.test", "Lou" }, { lou.username, lou.email, lou.firstname })
    assert.same({ "sms", "+15550199" }, { box.outbox[1].kind, box.outbox[1].to })
    local _, again = validate { user_identifier = "lou-1", email = "lou@acme.test", phone = "+15550666" }
    assert.equal(body.user_id, again.user_id)
    assert.equal("+15550199", box.outbox[2].to)
    _, again = validate { user_identifier = "moe", email = "kim@acme.test" }
    assert.is_nil(box:find_user(again.user_id).email)
    assert.same({ 13, 13 }, world.events(box))
  end)

  it("says what is missing", function()
    for _, more in ipairs { { user_identifier = "" }, { context = {} }, { context = { ip = "203.0.113.9" } },
      { context = { user_agent = "x" } }, { context = "x" }, { email = "" }, { risk_threshold = -1 } } do
      local status, body = validate(more)
      assert.equal(400, status)
      assert.equal("BadRequestError", body.name)
    end
    assert.equal(0, #box.outbox)
  end)

  it("tells the refused credential by its name", function()
    api.login()
    api.token = "nonsense"
    local refused = { name = "UnauthorizedError", message = "The request requires user authentication." }
    local status, body = validate()
    assert.equal(401, status)
    assert.same(refused, body)
    status, body = verify("x", "y")
    assert.equal(401, status)
    assert.same(refused, body)
  end)

  it("leaves no code or token in the journal", function()
    local _, body = validate()
    local token, code = body.mfa.state_token, box.outbox[1].code
    verify(token, code)
    local text = world.journal(box)
    assert.matches("smart_mfa%.verify_token", text)
    assert.is_nil(text:find(token, 1, true))
    assert.is_nil(text:find(code, 1, true))
  end)
end)

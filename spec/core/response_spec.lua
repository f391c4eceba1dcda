local core = require "onelogin.core"
local json, response = core.json, core.response
local mutate = require "spec.fuzz.mutate"

local V1_OK = '{"error":false,"code":200,"type":"success","message":"Success"}'

-- A v1 success with this data.
local function v1_with(data)
  return '{"status":' .. V1_OK .. ',"data":' .. data .. "}"
end

local function answer(status, body, headers)
  return { status = status, headers = headers or {}, body = body }
end

-- map, for answers that must succeed
local function result(shape, body, headers, status)
  local value, info, facts = response.map(shape, answer(status or 200, body, headers))
  assert.is_truthy(value ~= nil, type(info) == "table" and info.message)
  assert.equal("none", facts.kind)
  return value, info, facts
end

-- map, for answers that must fail
local function failure(status, body, shape, headers)
  local value, err, facts = response.map(shape or {}, answer(status, body, headers))
  assert.is_nil(value)
  assert.is_table(err)
  assert.equal(err.kind, facts.kind)
  assert.equal(status, err.status)
  return err, facts
end

describe("results", function()
  it("of bare objects are the object, also out of an array of one", function()
    local user, info = result({}, '{"id":1,"status":1,"name":"n","code":5,"message":"m","error":true,"group_id":null}')
    assert.same({ id = 1, status = 1, name = "n", code = 5, message = "m", error = true }, user)
    assert.is_nil(info)
    assert.equal(1, result({}, '[{"id":1}]').id)
    assert.equal(2, #result({}, '[{"id":1},{"id":2}]'))
    assert.equal(0, #result({}, "[]"))
    assert.equal(json.null, result({ nulls = "sentinel" }, '{"a":null}').a)
  end)

  it("without a body are true", function()
    for _, status in ipairs { 200, 201, 202, 204 } do
      assert.is_true((result({}, "", nil, status)))
      assert.is_true((result({ result = "none" }, nil, nil, status)))
      assert.is_true((result({ envelope = "v1" }, " \r\n", nil, status)))
    end
    assert.is_true((result({}, "null")))
    assert.is_true((result({ result = "none" }, '{"id":1}')))
    assert.is_true((result({ result = "none" }, "OK")))
    assert.is_true((result({ result = "none", envelope = "v1" }, '{"status":' .. V1_OK .. "}")))
    assert.is_true((result({ result = "none", envelope = "v1" }, "{}")))
  end)

  it("of v1 are data, data[1] or true", function()
    local v1 = { envelope = "v1" }
    assert.equal(7, result(v1, v1_with '[{"id":7}]').id)
    assert.equal(4915, result(v1, v1_with '{"X-RateLimit-Remaining":4915}')["X-RateLimit-Remaining"])
    assert.equal("PHNhbWw+", (result({ envelope = "v1", result = "value" }, v1_with '"PHNhbWw+"')))
    assert.equal("http://x", (result({ envelope = "v1", result = "value" }, v1_with '["http://x"]')))
    assert.is_true((result(v1, '{"status":' .. V1_OK .. "}")))
    assert.is_true((result(v1, v1_with 'null')))
    assert.is_true((result({ envelope = "v1", nulls = "sentinel" }, v1_with 'null')))
    assert.equal("A12", result(v1, '{"mfa_token":"A12","reusable":false}').mfa_token) -- bare on a v1 route
    assert.equal(3, result(v1, '{"data":[{"id":3}]}').id)
  end)

  it("of v1 tell what the status says beyond Success", function()
    local ok, info = result({ envelope = "v1" },
      '{"status":{"type":"pending","code":200,"message":"Authentication pending on OL Protect","error":false}}')
    assert.is_true(ok)
    assert.same({ status_type = "pending", status_message = "Authentication pending on OL Protect" }, info)
    local login
    login, info = result({ envelope = "v1", person = true }, '{"status":{"type":"success","code":200,'
      .. '"message":"MFA is required for this user","error":false},"data":[{"state_token":"x"}]}')
    assert.equal("x", login.state_token)
    assert.equal("MFA is required for this user", info.status_message)
    info = select(2, result({ envelope = "v1", result = "none" },
      '{"status":{"type":"success","message":"Invite sent to x"}}'))
    assert.equal("Invite sent to x", info.status_message)
    assert.is_nil((select(2, result({ envelope = "v1" }, '{"status":' .. V1_OK .. "}"))))
    assert.is_nil((select(2, result({}, '{"status":{"type":"pending"}}'))))
  end)

  describe("of operations that may have to wait", function()
    local WAITING = '{"status":{"type":"pending","code":200,"message":"Authentication pending on OL Protect",'
      .. '"error":false}'
    local none = { envelope = "v1", result = "none", person = true, pending = true }
    local object = { envelope = "v1", person = true, pending = true }
    local value = { envelope = "v1", result = "value", person = true, pending = true }
    local bare = { person = true, pending = true }

    local function no(shape, body, kind, message, status)
      local answer_, info = result(shape, body, nil, status)
      assert.is_false(answer_, body)
      assert.same({ status_type = kind, status_message = message }, info, body)
    end

    it("are false while the service waits", function()
      local message = "Authentication pending on OL Protect"
      for _, shape in ipairs { none, object, value } do
        no(shape, WAITING .. "}", "pending", message)
        no(shape, WAITING .. ',"data":null}', "pending", message)
        no(shape, WAITING .. ',"data":[{"session_token":"x"}]}', "pending", message) -- says two things: no success
        no(shape, '{"status":{"type":"PENDING","message":""}}', "pending")
        no(shape, '{"status":{"type":"success","error":false,"message":"Authentication PENDING."}}', "pending",
          "Authentication PENDING.")
      end
      no(bare, '{"message":"Authentication pending on OL Protect"}', "pending", message)
      no(bare, '{"message":"SMS sent. Authentication Pending.","data":null}', "pending",
        "SMS sent. Authentication Pending.")
      no(object, '{"message":"Authentication pending."}', "pending", "Authentication pending.")
      no(object, '{"status":"pending"}', "pending")
    end)

    it("are false too when the answer decides nothing", function()
      for _, shape in ipairs { none, object, value, bare } do
        for _, body in ipairs { "", "null", "[]" } do no(shape, body, "undecided") end
        no(shape, "", "undecided", nil, 204)
      end
      for _, body in ipairs { "{}", "true", "OK", '"OK"', '{"status":{}}', '{"status":{"type":5}}',
        '{"status":"success"}' } do
        no(none, body, "undecided")
      end
      no(none, '{"status":{"type":"created","message":"Created"}}', "undecided", "Created")
      for _, shape in ipairs { object, value } do
        no(shape, '{"status":' .. V1_OK .. "}", "undecided", "Success")
        no(shape, v1_with "null", "undecided", "Success")
        for _, data in ipairs { "true", "[]", "{}", "5", '[{"a":1},{"a":2}]' } do
          no(shape, v1_with(data), "undecided", "Success")
        end
      end
      no(object, "{}", "undecided")
      for _, body in ipairs { "{}", '{"data":null}', "true", '"PHN"', '[{"message":[5]}]' } do
        no(bare, body, "undecided")
      end
      no(bare, '{"message":"MFA is required for this user","state_token":"x"}', "undecided",
        "MFA is required for this user")
    end)

    it("are what they are once it is decided", function()
      assert.is_true((result(none, '{"status":' .. V1_OK .. "}")))
      assert.is_nil((select(2, result(none, '{"status":' .. V1_OK .. "}"))))
      assert.is_true((result(none, '{"status":{"type":"Success"}}')))
      assert.equal("x", result(object, v1_with '[{"session_token":"x"}]').session_token)
      assert.equal("x", result(object, '{"session_token":"x"}').session_token)
      assert.equal("PHN", (result(value, v1_with '"PHN"')))
      assert.equal("PHN", result(bare, '{"data":"PHN","message":"Success"}').data)
      assert.equal("PHN", result(bare, '[{"data":"PHN","message":"no longer pending"}]').data)
      assert.equal("denied", failure(401, '{"status":{"error":true,"code":401,"type":"Unauthorized","message":'
        .. '"Failed authentication with this factor"}}', none).kind)
      assert.equal("invalid", select(2, response.map(object, answer(200, '{"status":{"error":true,"code":400,'
        .. '"type":"pending","message":"x"}}'))).kind)
    end)
  end)

  it("of any value may be text", function()
    assert.equal("OK", (result({ result = "value" }, " OK\n")))
    assert.equal("OK", (result({ result = "value" }, '"OK"')))
    assert.is_true(result({ result = "value" }, '{"success":true}').success)
    assert.is_true((result({ result = "value", unwrap = "success" }, '{"success":true}')))
    assert.is_false((result({ result = "value" }, "false")))
  end)

  it("may lie under a key", function()
    local shape = { result = "list", unwrap = "otp_devices", envelope = "v1" }
    assert.equal(5, result(shape, v1_with '{"otp_devices":[{"id":5}]}')[1].id)
    assert.equal(5, result(shape, v1_with '[{"otp_devices":[{"id":5}]}]')[1].id)
    assert.equal(0, #result(shape, v1_with '{"otp_devices":[]}'))
    assert.equal(2, #result(shape, v1_with '[{"id":5},{"id":6}]'))
    local roles, info = result({ result = "list", unwrap = "roles", paging = "v1" },
      '{"total":2,"roles":["1","2"],"beforeCursor":null,"afterCursor":"abc","nextLink":"https://evil.example/"}')
    assert.equal(2, #roles)
    assert.same({ total = 2, cursor = "abc" }, info)
  end)

  it("of lists stay arrays, nested ones flat", function()
    local shape = { envelope = "v1", result = "list", nested = true }
    local function data(text)
      return (result(shape, '{"status":' .. V1_OK .. ',"data":' .. text .. "}"))
    end
    assert.same({ 143175, 143176 }, data "[[143175,143176]]")
    assert.same({ 1, 2, 3 }, data "[[1,2],[3]]")
    assert.same({ 1, 2 }, data "[1,2]")
    for _, text in ipairs { "[[]]", "[]" } do
      assert.equal("[]", json.encode(data(text)))
    end
    assert.equal("[]", json.encode((result({ result = "list" }, "[]"))))
    assert.equal(1, #result({ result = "list" }, '[{"id":1}]'))
  end)
end)

describe("page info", function()
  it("of v2 comes from the headers, in any case and as number or text", function()
    local _, info = result({ result = "list", paging = "v2" }, "[{}]", {
      ["after-cursor"] = "bGltaXQ9", ["Before-Cursor"] = "YmVm", ["TOTAL-COUNT"] = "10001", ["total-pages"] = 201,
      ["current-page"] = "2", ["Page-Items"] = "50", ["x-request-id"] = "abc-1", link = "<https://x/>",
    })
    assert.same({
      cursor = "bGltaXQ9", before = "YmVm", total = 10001, total_pages = 201, page = 2, limit = 50,
      request_id = "abc-1",
    }, info)
    assert.equal("10001", ("%d"):format(info.total))
    _, info = result({ result = "list", paging = "v2" }, "[]", { ["After-Cursor"] = "", ["Total-Count"] = "many" })
    assert.same({}, info)
  end)

  it("of v1 comes from the body; links are not passed on", function()
    local body = '{"status":' .. V1_OK .. ',"pagination":{"before_cursor":"b","after_cursor":"a",'
      .. '"previous_link":"https://evil.example/p","next_link":"https://evil.example/n"},"data":[]}'
    for _, nulls in ipairs { "nil", "sentinel" } do
      local shape = { envelope = "v1", result = "list", paging = "v1", nulls = nulls }
      local items, info = result(shape, body, { ["x-request-id"] = "r" })
      assert.equal(0, #items)
      assert.same({ cursor = "a", before = "b", request_id = "r" }, info)
      _, info = result(shape,
        '{"status":' .. V1_OK .. ',"pagination":{"after_cursor":null,"before_cursor":""},"data":[]}')
      assert.same({}, info)
      _, info = result(shape, v1_with '[]')
      assert.same({}, info)
    end
  end)
end)

describe("a 2xx that is no success", function()
  it("is an error where the envelope says so, and nowhere else", function()
    local body = '{"status":{"error":true,"code":404,"type":"not found","message":"User for id 1 was not found"}}'
    local err, facts = failure(200, body, { envelope = "v1" })
    assert.equal("not_found", err.kind)
    assert.equal("User for id 1 was not found", err.message)
    assert.equal(404, err.code)
    assert.equal(200, facts.status)
    assert.is_table(result({}, body))
    assert.is_table(result({ envelope = "v1" }, '{"status":"accepted","id":1}'))
    assert.is_truthy(result({ envelope = "v1" }, '{"status":{"error":"true"},"data":[{"id":1}]}'))
    assert.equal("invalid", failure(200, '{"status":{"error":true}}', { envelope = "v1" }).kind)
    local doubt = select(2, failure(200,
      '{"status":{"error":true,"code":401,"message":"Authentication Failure"}}', { envelope = "v1" }))
    assert.is_true(doubt.token_doubtful)
  end)

  it("never looks like an empty list", function()
    for _, shape in ipairs {
      { result = "list", paging = "v2" }, { result = "list", envelope = "v1", paging = "v1" }, { result = "list" },
      { result = "list", nested = true, envelope = "v1" }, { result = "list", unwrap = "x" },
    } do
      for _, body in ipairs {
        "", "{}", "null", "1", '"x"', '{"message":"x"}', '{"data":{}}', '{"data":null}', '{"x":{}}',
        '{"status":' .. V1_OK .. "}", v1_with '{}', "OK", "<html></html>", "[{", '{"x":"y"}',
      } do
        local err = failure(200, body, shape)
        assert.equal("decode", err.kind, body)
        assert.is_false(err.retryable)
        assert.equal(body ~= "" and body or nil, err.body)
      end
    end
  end)

  it("keeps status and first bytes when it is not JSON", function()
    local page = "<html><head><title>Log in</title></head>" .. ("x"):rep(9000)
    for _, shape in ipairs { {}, { result = "none" }, { result = "value" }, { envelope = "v1" } } do
      local err = failure(200, page, shape)
      assert.equal("decode", err.kind)
      assert.is_truthy(err.message:find "Log in")
      assert.equal(page:sub(1, 4096), err.body)
      err = failure(201, '{"id":1,"em', shape)
      assert.equal("decode", err.kind)
      assert.is_truthy(err.message:find "HTTP 201" and err.message:find "JSON")
      assert.equal('{"id":1,"em', err.body)
    end
    assert.equal("decode", failure(200, "OK").kind)
    assert.equal("decode", failure(200, ("text "):rep(50), { result = "none" }).kind)
    assert.equal("decode", failure(200, ("["):rep(200)).kind)
  end)

  it("cuts the kept bytes between characters", function()
    local err = failure(500, ("x"):rep(4095) .. "\226\130\172" .. "y")
    assert.equal(4095, #err.body)
    assert.equal(4095, #failure(500, ("x"):rep(4095) .. "\226\130\172").body)
    assert.equal(4096, #failure(500, ("x"):rep(4093) .. "\226\130\172").body)
    assert.equal(4096, #failure(500, ("\191"):rep(5000)).body)
  end)
end)

describe("error texts", function()
  local cases = {
    { '{"status":{"error":true,"code":400,"type":"bad request","message":"ID is incorrect"}}',
      { message = "ID is incorrect", code = 400, name = "bad request" } },
    { '{"status":{"error":true,"code":400,"type":"bad request",'
      .. '"message":{"description":"is missing","attribute":"id"}}}',
      { message = "is missing", code = 400, name = "bad request", field = "id" } },
    { '{"status":{"error":true,"code":400,"type":"bad request"}}', { message = "bad request", code = 400 } },
    { '{"statusCode":404,"name":"NotFoundError","message":"The resource could not be found"}',
      { message = "The resource could not be found", code = 404, name = "NotFoundError" } },
    { '{"statusCode":422,"name":"UnprocessableEntityFieldError","message":"cannot sort","field":"created_at"}',
      { message = "cannot sort", code = 422, name = "UnprocessableEntityFieldError", field = "created_at" } },
    { '{"code":422,"message":"Validation Failed",'
      .. '"errors":[{"field":"enabled","message":["Required field is missing"]}]}',
      { message = "Validation Failed: enabled: Required field is missing", code = 422, field = "enabled" } },
    { '{"code":422,"errors":[{"field":"a","message":["x","y"]},{"field":"b","message":"z"}]}',
      { message = "a: x; y; b: z", field = "a" } },
    { '{"errors":["one","two"]}', { message = "one; two" } },
    { '{"errors":{"email":["must be valid"]}}', { message = "email: must be valid" } },
    { '{"status":400,"error":"BadRequestError","description":"Requests can only have cursor xor pagination arguments"}',
      { message = "Requests can only have cursor xor pagination arguments", code = 400, name = "BadRequestError" } },
    { '{"messages":["first","second"]}', { message = "first; second" } },
    { '{"error":"invalid_request","error_description":"no redirect_uri"}',
      { message = "no redirect_uri", name = "invalid_request" } },
    { '{"error":"Something broke"}', { message = "Something broke" } },
    { '{"error":{"message":"deep"}}', { message = "deep" } },
    { '{"message":"alone"}', { message = "alone" } },
    { '{"message":{"description":"in a table","attribute":"x"}}', { message = "in a table" } },
    { '{"name":"OnlyAName"}', { message = "OnlyAName", name = "OnlyAName" } },
    { '{"status":"failed","message":"text"}', { message = "text", code = "failed" } },
    { '[{"message":"in a list"}]', { message = "in a list" } },
    { '"a string"', { message = "a string" } },
    { "plain text\r\n", { message = "plain text" } },
    { "<error><title>T</title><message>Not &lt;here&gt; &amp; there</message></error>",
      { message = "Not <here> & there" } },
    { "<error><message>M</message><code>17</code></error>", { message = "M" } },
    { "<html><head><title>\n 502 Bad\n Gateway</title></head><body>x</body></html>", { message = "502 Bad Gateway" } },
    { "<HTML><BODY><H1 class=a>It <b>broke</b></H1></BODY></HTML>", { message = "It broke" } },
    { "<header><titles>x</titles></header>", { message = "HTTP 418, with a page instead of JSON" } },
    { "", { message = "HTTP 418, without a body" } },
    { '{"a":', { message = "HTTP 418, with a body that is not JSON" } },
    { "{}", { message = "HTTP 418, and the body says nothing more" } },
    { "[]", { message = "HTTP 418, and the body says nothing more" } },
    { '{"message":null,"status":{"message":[]},"name":""}', { message = "HTTP 418, and the body says nothing more" } },
  }
  for i, case in ipairs(cases) do
    it("are found in shape " .. i .. ": " .. case[1]:gsub("%s+", " "):sub(1, 60), function()
      for _, shape in ipairs { {}, { envelope = "v1" }, { result = "list", paging = "v2", nulls = "sentinel" } } do
        local err = failure(418, case[1], shape)
        for key, want in pairs(case[2]) do
          assert.equal(want, err[key])
        end
        assert.equal(case[1] ~= "" and case[1] or nil, err.body)
        assert.equal("invalid", err.kind)
      end
    end)
  end

  it("are one line without control characters, and bounded", function()
    local err = failure(500, json.encode { message = "a\27[31mb\r\nc\0d \194\155e\127" .. ("\226\130\172"):rep(2000) })
    assert.is_truthy(err.message:find("a [31mb c d e ", 1, true))
    assert.is_nil(err.message:find "[%c]")
    assert.is_true(#err.message <= 1003)
    assert.is_truthy(err.message:find "\226\130\172%.%.%.$")
    assert.is_true(#failure(500, json.encode { errors = { ("k"):rep(3000), ("l"):rep(3000) } }).message < 1200)
  end)

  it("keep the request id", function()
    assert.equal("r-1", failure(500, "", {}, { ["X-Request-Id"] = " r-1 " }).request_id)
  end)
end)

describe("error kinds", function()
  local PERSON = { person = true, envelope = "v1" }
  local function v1(code, message, kind_type)
    return json.encode { status = { error = true, code = code, type = kind_type or "x", message = message } }
  end
  local function v2(code, name, message)
    return json.encode { statusCode = code, name = name, message = message }
  end
  local cases = {
    -- status, body, shape, kind, token_doubtful
    { 400, v1(400, "Authorization Information is incorrect"), nil, "auth" },
    { 400, v1(400, "The authorization information is missing"), nil, "auth" },
    { 400, v1(400, "rate_limit_exceeded"), nil, "rate_limited" },
    { 400, v1(400, "The role is already included"), nil, "conflict" },
    { 400, v1(400, "user is already in this state"), nil, "conflict" },
    { 400, v1(400, "Input JSON is not valid"), nil, "invalid" },
    { 400, v1(400, "State token is invalid or expired"), PERSON, "invalid" },
    { 401, v1(401, "Authentication Failure", "Unauthorized"), nil, "auth", true },
    { 401, v1(401, "Authentication Failure", "Unauthorized"), PERSON, "auth", true },
    { 401, v1(401, "Insufficient Permission"), nil, "permission" },
    { 401, v1(401, "Insufficient Permission"), PERSON, "permission" },
    { 401, v1(401, "Failed authentication with this factor", "Unauthorized"), PERSON, "denied" },
    { 401, v1(401, "Failed authentication with this factor"), nil, "denied" },
    { 401, v1(401, "Authentication Failed: Invalid user credentials"), PERSON, "denied" },
    { 401, v1(401, "Some text nobody has seen yet"), PERSON, "denied" },
    { 401, v1(401, "Some text nobody has seen yet"), nil, "auth", true },
    { 401, v2(401, "Unauthorized", "User is locked. Access is unauthorized"), PERSON, "denied" },
    { 401, v2(401, "Unauthorized", "Failed authentication with this factor"), { person = true }, "denied" },
    { 401, v2(401, "InvalidCredentials", "Please provide valid credentials"), { person = true }, "auth", true },
    { 401, v2(401, "UnauthorizedError", "The request requires user authentication."), { person = true }, "auth", true },
    { 401, v2(401, "UnauthorizedError", "Unauthorized"), nil, "auth", true },
    { 401, '{"message":"Unauthorized"}', { person = true }, "auth", true },
    { 401, "", nil, "auth", true },
    { 401, "", PERSON, "auth", true },
    { 401, "<html><title>401</title></html>", PERSON, "auth", true },
    { 403, v1(403, "user is not authorized to access this User"), nil, "permission" },
    { 403, v2(403, "ForbiddenAction", "You are not authorised to perform this action"), PERSON, "permission" },
    { 403, v2(403, "Forbidden", "User is locked"), PERSON, "denied" },
    { 403, "", PERSON, "permission" },
    { 404, v1(404, "User for id 1 was not found"), nil, "not_found" },
    { 408, "", nil, "timeout" },
    { 409, "", nil, "conflict" },
    { 410, "", nil, "not_found" },
    { 405, "", nil, "invalid" },
    { 422, v2(422, "UnprocessableEntityError", "Email must be unique within 1"), nil, "conflict" },
    { 422, v2(422, "UnprocessableEntityError", "Name has already been taken"), nil, "conflict" },
    { 422, v2(422, "UnprocessableEntityError", "Password is too short"), nil, "invalid" },
    { 429, "<html><title>429 Too Many Requests</title></html>", nil, "rate_limited" },
    { 429, "", nil, "rate_limited" },
    { 301, "<html></html>", nil, "server" },
    { 302, "", nil, "server" },
    { 500, "", nil, "server" },
    { 503, "<html></html>", nil, "server" },
    { 504, "", nil, "server" },
    { 599, "", nil, "server" },
  }
  for i, case in ipairs(cases) do
    it(("%d: %d %s"):format(i, case[1], case[4]), function()
      local err, facts = failure(case[1], case[2], case[3])
      assert.equal(case[4], err.kind)
      assert.equal(case[5] or false, facts.token_doubtful)
    end)
  end

  it("say what may be tried again", function()
    for status, want in pairs {
      [429] = true, [500] = true, [502] = true, [503] = true, [504] = true, [408] = true,
      [501] = false, [400] = false, [401] = false, [404] = false, [302] = false,
    } do
      assert.equal(want, failure(status, "").retryable)
    end
    assert.is_true(failure(400, v1(400, "rate_limit_exceeded")).retryable)
  end)

  it("come with a hint where one helps", function()
    assert.is_truthy(failure(401, v1(401, "Insufficient Permission")).hint:find "scope")
    assert.is_truthy(failure(401, v2(401, "UnauthorizedError", "Unauthorized")).hint:find "scope.*route.*revoked")
    assert.is_truthy(failure(429, "<html></html>").hint:find "proxy")
    assert.is_nil(failure(429, "{}").hint)
    assert.is_truthy(failure(302, "").message:find "redirects are not followed")
    assert.is_truthy(failure(404, v1(404, "No Route Exists")).hint:find "method")
    assert.is_nil(failure(404, v1(404, "User for id 1 was not found")).hint)
  end)
end)

describe("headers", function()
  local function facts(headers, status)
    return (select(3, response.map({}, answer(status or 503, "", headers))))
  end

  it("give the wait in both forms", function()
    local date = "Sun, 06 Nov 1994 08:49:00 GMT"
    assert.equal(7, facts({ ["retry-after"] = "7" }).retry_after)
    assert.equal(7, facts({ ["Retry-After"] = 7 }).retry_after)
    assert.equal(1.5, facts({ ["Retry-After"] = "1.5" }).retry_after)
    assert.equal(37, facts({ ["Retry-After"] = "Sun, 06 Nov 1994 08:49:37 GMT", Date = date }).retry_after)
    assert.equal(0, facts({ ["Retry-After"] = "Sun, 06 Nov 1994 08:48:37 GMT", Date = date }).retry_after)
    assert.is_nil(facts({ ["Retry-After"] = "Sun, 06 Nov 1994 08:49:37 GMT" }).retry_after)
    assert.is_nil(facts({ ["Retry-After"] = "soon" }).retry_after)
    assert.is_nil(facts({ ["Retry-After"] = "0x10" }).retry_after)
    assert.is_nil(facts({ ["Retry-After"] = "" }).retry_after)
    assert.equal(0, facts({ ["Retry-After"] = "-5" }).retry_after)
    assert.equal(86400, facts({ ["Retry-After"] = ("9"):rep(400) }).retry_after)
    assert.equal(86400, facts({ ["Retry-After"] = "Sun, 06 Nov 2094 08:49:37 GMT", Date = date }).retry_after)
    assert.equal(784111740, facts({ date = date }).date)
  end)

  it("give the limits, and the reset as the wait when rate limited", function()
    local h = { ["X-RateLimit-Limit"] = "5000", ["x-ratelimit-remaining"] = "0", ["X-Ratelimit-Reset"] = "1196" }
    local f = facts(h, 429)
    assert.same({ 5000, 0, 1196, 1196 }, { f.limit, f.remaining, f.reset, f.retry_after })
    assert.is_nil(facts(h, 503).retry_after)
    assert.equal(1196, (select(2, response.map({}, answer(429, "", h)))).retry_after)
    h["Retry-After"] = "3"
    assert.equal(3, facts(h, 429).retry_after)
    assert.equal(5000, facts({ ["x-ratelimit-limit"] = "5000, 5000" }).limit)
    assert.is_nil(facts({ ["x-ratelimit-limit"] = "inf" }).limit)
    assert.is_nil(facts({ ["x-ratelimit-limit"] = "-1" }).limit)
    assert.equal(86400, facts({ ["x-ratelimit-reset"] = "784111800" }).reset)
    local at = { ["x-ratelimit-reset"] = "1900000060", date = "Sun, 17 Mar 2030 17:46:40 GMT" }
    assert.equal(60, facts(at).reset)
    assert.is_nil(facts({ ["x-ratelimit-reset"] = "1900000060" }).reset)
  end)

  it("may be missing or wrong, as all of an answer", function()
    for _, a in ipairs {
      {}, { status = 200 }, { status = "200", body = "{}" }, { status = 200.5 }, { status = -1 }, { status = 99999 },
      { status = 200, headers = 5, body = 7 },
      { status = 200, headers = { [1] = "x", [true] = {}, date = {} }, body = {} },
      setmetatable({}, { __index = function() error "touched" end }), { status = 0 / 0 }, { status = 1 / 0 },
    } do
      local value, err, f = response.map({}, a)
      assert.is_true(value == true or (err.kind == "decode" and err.message:find "status" and f.status == 0))
    end
    for _, a in ipairs { false, "x", 5 } do
      assert.equal("decode", select(2, response.map({}, a)).kind)
      assert.equal("decode", select(2, response.token(a)).kind)
    end
    assert.equal("decode", select(2, response.map({})).kind)
  end)
end)

describe("the token route", function()
  local BARE = '{"access_token":"xx508xx","created_at":"2015-11-11T03:36:18.714Z","expires_in":36000,'
    .. '"refresh_token":"628x9","token_type":"bearer","account_id":555555}'
  local WRAPPED = '{"status":' .. V1_OK .. ',"data":[' .. BARE .. "]}"

  it("answers in three shapes", function()
    for _, body in ipairs { BARE, WRAPPED, "[" .. BARE .. "]", '{"status":' .. V1_OK .. ',"data":' .. BARE .. "}" } do
      local t, err, f, token = response.token(answer(200, body, { Date = "Wed, 11 Nov 2015 03:40:00 GMT" }))
      assert.equal("628x9", t.refresh_token)
      assert.is_nil(err)
      assert.equal("none", f.kind)
      assert.equal("xx508xx", token.access_token)
      assert.equal(36000, token.expires_in)
      assert.is_true(math.abs(token.created_at - 1447212978.714) < 0.001)
      assert.equal(1447213200, f.date)
    end
  end)

  it("may leave out or garble the dates", function()
    local token = select(4, response.token(answer(200, '{"access_token":"x","created_at":null}')))
    assert.same({ access_token = "x" }, token)
    token = select(4, response.token(answer(200, '{"access_token":"x","created_at":"soon","expires_in":"36000"}')))
    assert.same({ access_token = "x", expires_in = 36000 }, token)
    token = select(4, response.token(answer(200, '{"access_token":"x","created_at":1447212978,"expires_in":-5}')))
    assert.same({ access_token = "x", created_at = 1447212978 }, token)
  end)

  it("may put an error under 200", function()
    local t, err, f = response.token(answer(200,
      '{"status":{"error":true,"code":401,"type":"Unauthorized","message":"Authentication Failure"}}'))
    assert.is_nil(t)
    assert.equal("auth", err.kind)
    assert.equal("Authentication Failure", err.message)
    assert.is_false(f.token_doubtful)
    assert.is_truthy(err.hint:find "client_id")
  end)

  it("fails in known ways", function()
    local function token_error(status, body)
      local t, err, f = response.token(answer(status, body))
      assert.is_nil(t)
      assert.is_false(f.token_doubtful)
      return err
    end
    assert.equal("auth", token_error(401, '{"statusCode":401,"name":"Unauthorized","message":"x"}').kind)
    assert.equal("auth", token_error(401, "").kind)
    assert.equal("auth", token_error(403, "").kind)
    assert.is_truthy(token_error(500, "").hint:find "deleted")
    assert.equal("server", token_error(500, "").kind)
    assert.equal("rate_limited", token_error(429, "<html><title>429</title></html>").kind)
    local err = token_error(400, '{"status":{"error":true,"code":400,"message":"grant_type is absent"}}')
    assert.equal("invalid", err.kind)
    for _, body in ipairs {
      "", "{}", "[]", "x", "<html>", '{"data":[]}', '{"access_token":5}', '{"access_token":""}',
    } do
      assert.equal("decode", token_error(200, body).kind)
    end
  end)

  it("never lets a token into a header or an error", function()
    for _, bad in ipairs { "a\\r\\nX-Evil: 1", "a b", "a\\u0000", "\\u00e9", ("x"):rep(20000) } do
      local t, err = response.token(answer(200, '{"access_token":"' .. bad .. '"}'))
      assert.is_nil(t)
      assert.equal("decode", err.kind)
      assert.is_nil((err.body or ""):find('"' .. bad:sub(1, 1), 1, true))
    end
    local _, err = response.token(answer(200, '{"access_token":"secret-part'))
    assert.equal("decode", err.kind)
    assert.is_nil((err.message .. err.body):find "secret")
  end)
end)

describe("10,000 damaged answers", function()
  it("give a result or an error, and never throw", function()
    local rnd = mutate.random(42)
    for i = 1, os.getenv "OL_MODE" == "plain" and 10000 or 1000 do
      local ok, why = pcall(mutate.answer, rnd, response)
      assert.is_true(ok, "case " .. i .. ": " .. tostring(why))
    end
  end)
end)

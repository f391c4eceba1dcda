-- Signing in at a served sandbox, as a browser and a script see it on the wire.
local json = require("onelogin.core").json
local served = require "spec.support.sandbox_server"
local world = require "spec.support.sign_in"

local PASSWORD = world.PASSWORD
local ORIGIN = "http://127.0.0.1:3000"

describe("signing in over HTTP", function()
  local server, http, https, bearer, kim, certificate

  local function control(method, path, body)
    local status, _, text = http.request(method, "/sandbox/control/" .. path,
      { ["X-Sandbox-Control"] = server.control_token, ["Content-Type"] = "application/json" },
      body and json.encode(body))
    assert.equal(200, status)
    return json.decode(text)
  end

  local function post(connection, path, body, headers)
    local all = { Authorization = bearer, ["Content-Type"] = "application/json" }
    for k, v in pairs(headers or {}) do all[k] = v end
    local status, _, text = connection.request("POST", path, all, json.encode(body))
    return status, json.decode(text)
  end

  local function login(connection, headers)
    local status, body = post(connection, "/api/1/login/auth",
      { username_or_email = "kim", password = PASSWORD, subdomain = "acme" }, headers)
    assert.equal(200, status)
    return body.data[1]
  end

  setup(function()
    server = served.start "--users 0 --https"
    certificate = os.tmpname()
    local f = assert(io.open(certificate, "w"))
    f:write(server.certificate)
    f:close()
    http, https = served.connect(server.http_url), served.connect(server.https_url, certificate)
    kim = control("POST", "users", { email = "kim@acme.test", username = "kim", password = PASSWORD })
    local _, _, text = http.request("POST", "/auth/oauth2/v2/token", { ["Content-Type"] = "application/json",
      Authorization = ("client_id:%s, client_secret:%s"):format(server.client_id, server.client_secret) },
      '{"grant_type":"client_credentials"}')
    bearer = "bearer " .. json.decode(text).access_token
  end)

  teardown(function()
    server.stop()
    os.remove(certificate)
  end)

  it("sets a cookie by form and follows to a page that knows it", function()
    local token = login(http).session_token
    local status, headers = http.request("POST", "/session_via_api_token",
      { ["Content-Type"] = "application/x-www-form-urlencoded", Origin = "http://elsewhere.test" },
      "session_token=" .. token)
    assert.equal(302, status)
    assert.equal(server.http_url .. "/portal", headers.location)
    assert.matches("HttpOnly; SameSite=Lax$", headers["set-cookie"])
    local _, _, page = http.request("GET", "/portal", { Cookie = headers["set-cookie"]:match("^[^;]+") })
    assert.matches("Signed in as kim@acme%.test", page)
    status = http.request("GET", "/portal")
    assert.equal(401, status)
  end)

  it("lets a page of an announced origin do it by CORS", function()
    local token = login(https, { ["Custom-Allowed-Origin-Header-1"] = ORIGIN }).session_token
    local status, headers = https.request("OPTIONS", "/session_via_api_token", { Origin = ORIGIN,
      ["Access-Control-Request-Method"] = "POST", ["Access-Control-Request-Headers"] = "content-type" })
    assert.equal(204, status)
    assert.equal(ORIGIN, headers["access-control-allow-origin"])
    status = https.request("OPTIONS", "/session_via_api_token", { Origin = "http://evil.test" })
    assert.equal(403, status)
    local body = json.encode { session_token = token }
    status, headers = https.request("POST", "/session_via_api_token",
      { Origin = "http://evil.test", ["Content-Type"] = "application/json" }, body)
    assert.equal(403, status)
    assert.is_nil(headers["set-cookie"])
    status, headers = https.request("POST", "/session_via_api_token",
      { Origin = ORIGIN, ["Content-Type"] = "application/json" }, body)
    assert.equal(200, status)
    assert.matches("HttpOnly; Secure; SameSite=None$", headers["set-cookie"])
    assert.equal("true", headers["access-control-allow-credentials"])
  end)

  it("binds state tokens to the address that gave them", function()
    local device = control("POST", "devices", { user = kim.id, type = "totp" })
    local due = login(http)
    assert.equal(server.http_url .. "/api/1/login/verify_factor", due.callback_url)
    local body = { device_id = tostring(device.id), state_token = due.state_token,
      otp_token = control("GET", ("code?device=%d"):format(device.id)).code }
    local status, answer = post(https, "/api/1/login/verify_factor", body)
    assert.same({ 400, "State token is invalid or expired" }, { status, answer.status.message })
    status, answer = post(http, "/api/1/login/verify_factor", body)
    assert.equal(200, status)
    assert.is_string(answer.data[1].session_token)
  end)

  it("answers the legacy route under its own address", function()
    local key = control("POST", "credentials", { scope = "Manage All" }).api_key
    local status, headers, text = http.request("GET", "/api/v1/delegated_auth?api_key=" .. key
      .. "&email=kim@acme.test&password=wrong")
    assert.equal(200, status)
    assert.equal("text/xml; charset=utf-8", headers["content-type"])
    assert.matches("<message>Invalid password</message>", text)
  end)

  it("shows no secret in the journal", function()
    local text = json.encode(control("GET", "journal"))
    assert.matches("login%.create_session_token", text)
    assert.is_nil(text:find(PASSWORD, 1, true))
    assert.is_nil(text:find('"session_token":"[^%[]'))
    assert.is_nil(text:find('"state_token":"[^%[]'))
  end)
end)

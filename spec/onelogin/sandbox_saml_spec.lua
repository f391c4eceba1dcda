-- SAML assertions of the sandbox: both versions' words, and a signature that xmlsec1 accepts.
local world = require "spec.support.sign_in"
local support = require "spec.support.sandbox"
local crypto = require "onelogin.crypto"

local PASSWORD = world.PASSWORD
local WRONG = "Failed authentication with this factor"
local LAPSED = "State token is invalid or expired"
local CREDENTIALS = "Authentication Failed: Invalid user credentials"
local LOCKED = "User is locked. Access is unauthorized"
local MISSING = "App could not be found"

local SAML, OIDC, AWS = 110002, 110005, 110006 -- connectors

local NAMES = { [400] = "BadRequestError", [401] = "Unauthorized", [404] = "NotFound" }
local TYPES = { [400] = "bad request", [401] = "Unauthorized", [404] = "not found" }

-- How each version says the same.
local VERSIONS = {
  { path = "/api/1/saml_assertion",
    refusal = function(status, message)
      return { status = { error = true, code = status, type = TYPES[status], message = message } }
    end,
    due = function(body)
      assert.same({ type = "success", code = 200, error = false, message = "MFA is required for this user" },
        body.status)
      assert.equal(1, #body.data)
      return body.data[1]
    end,
    pending = function(message)
      return { status = { type = "pending", code = 200, error = false, message = message } }
    end,
    data = function(body)
      assert.same({ type = "success", code = 200, error = false, message = "Success" }, body.status)
      return body.data
    end },
  { path = "/api/2/saml_assertion",
    refusal = function(status, message) return { statusCode = status, name = NAMES[status], message = message } end,
    due = function(body)
      assert.equal("MFA is required for this user", body.message)
      return body
    end,
    pending = function(message) return { message = message } end,
    data = function(body)
      assert.equal("Success", body.message)
      return body.data
    end },
}

for n, version in ipairs(VERSIONS) do
  describe("SAML assertions of version " .. n, function()
    local box, kim, api, app

    local function setup_world(options)
      box, kim, api = world.world(options)
      app = box:add_app { name = "Wiki", connector_id = SAML }
      kim.app_ids = { app.id }
    end

    before_each(function() setup_world() end)

    local function assertion(more)
      local body = { username_or_email = "kim", password = PASSWORD, subdomain = "acme", app_id = tostring(app.id) }
      for k, v in pairs(more or {}) do body[k] = v end
      return api.post(version.path, body)
    end

    local function verify(token, device, more)
      local body = { app_id = tostring(app.id), device_id = tostring(device.id), state_token = token }
      for k, v in pairs(more or {}) do body[k] = v end
      return api.post(version.path .. "/verify_factor", body)
    end

    local function refused(status, message, got, body)
      assert.equal(status, got)
      assert.same(version.refusal(status, message), body)
    end

    local function state_token()
      local status, body = assertion()
      assert.equal(200, status)
      return version.due(body).state_token
    end

    it("are text in base64", function()
      local status, body = assertion()
      assert.equal(200, status)
      local xml = crypto.base64_decode(version.data(body))
      assert.matches("^<samlp:Response ", xml)
      assert.same({ 8 }, world.events(box))
      assert.equal(app.id, box.store.events[1].app_id)
      assert.equal(200, (assertion { app_id = app.id }))
    end)

    it("refuse in the words of their version", function()
      refused(400, "Invalid subdomain", assertion { subdomain = "other" })
      refused(400, "username is empty", assertion { username_or_email = "" })
      refused(400, "password is empty", assertion { password = "" })
      refused(401, CREDENTIALS, assertion { password = "wrong" })
      refused(401, CREDENTIALS, assertion { username_or_email = "nobody" })
      refused(404, MISSING, assertion { app_id = "1" })
      kim.status = 3
      refused(401, LOCKED, assertion())
    end)

    it("are for SAML apps of this user alone, which only a right password learns", function()
      local foreign, oidc = box:add_app { connector_id = SAML }, box:add_app { connector_id = OIDC }
      kim.app_ids = { app.id, oidc.id }
      refused(404, MISSING, assertion { app_id = tostring(foreign.id) })
      refused(404, MISSING, assertion { app_id = tostring(oidc.id) })
      refused(401, CREDENTIALS, assertion { app_id = "1", password = "wrong" })
      kim.app_ids = nil
      refused(404, MISSING, assertion())
      kim.role_ids = { box:add_role { apps = { app.id } }.id }
      assert.equal(200, (assertion()))
    end)

    it("ask for a second factor, and name where", function()
      local phone = box:add_device(kim, "sms")
      local status, body = assertion()
      assert.equal(200, status)
      local due = version.due(body)
      assert.same({ { device_id = phone.id, device_type = "OneLogin SMS" } }, due.devices)
      assert.equal("https://acme.onelogin.test" .. version.path .. "/verify_factor", due.callback_url)
      assert.same({ id = kim.id, username = "kim", email = "kim@acme.test", firstname = "Kim", lastname = "Lee" },
        due.user)
      setup_world { other_region = true, mfa_required = true }
      status, body = assertion()
      assert.equal(400, status)
      assert.matches("^MFA", n == 1 and body.status.message or body.message)
      box:add_device(kim, "totp")
      assert.equal("https://api.eu.onelogin.invalid" .. version.path .. "/verify_factor",
        version.due(select(2, assertion())).callback_url)
    end)

    it("come after a right code, and not after a wrong one", function()
      local device = box:add_device(kim, "totp")
      local token = state_token()
      refused(400, "OTP token blank", verify(token, device))
      refused(401, WRONG, verify(token, device, { otp_token = world.wrong_code(box, device) }))
      local status, body = verify(token, device, { otp_token = box:totp(device), app_id = app.id })
      assert.equal(200, status)
      assert.matches("^<samlp:Response ", crypto.base64_decode(version.data(body)))
      refused(400, LAPSED, verify(token, device, { otp_token = box:totp(device) }))
      token = state_token()
      box.clock.advance(120)
      refused(400, LAPSED, verify(token, device, { otp_token = box:totp(device) }))
    end)

    it("come after an SMS and after a push, each with its way of waiting", function()
      local phone, protect = box:add_device(kim, "sms"), box:add_device(kim, "protect")
      local token = state_token()
      local status, body = verify(token, phone)
      assert.equal(200, status)
      assert.same(version.pending "SMS token sent to your mobile device. Authentication pending.", body)
      assert.is_string(version.data(select(2, verify(token, phone, { otp_token = box.outbox[1].code }))))
      token = state_token()
      assert.same(version.pending "Authentication pending on OL Protect", select(2, verify(token, protect)))
      assert.same(version.pending "Authentication pending on OL Protect",
        select(2, verify(token, protect, { do_not_notify = true })))
      box.clock.advance(4)
      assert.is_string(version.data(select(2, verify(token, protect, { do_not_notify = true }))))
      assert.same({ "sms", "push" }, world.sent(box))
      box:on_push(kim, "deny")
      token = state_token()
      verify(token, protect)
      refused(401, WRONG, verify(token, protect, { do_not_notify = true }))
    end)

    it("bind the state token to the app, the version and the family", function()
      local device = box:add_device(kim, "totp")
      local other = box:add_app { connector_id = SAML }
      kim.app_ids = { app.id, other.id }
      local token, right = state_token(), { otp_token = box:totp(device) }
      refused(400, LAPSED, verify(token, device, { otp_token = right.otp_token, app_id = tostring(other.id) }))
      refused(404, MISSING, verify(token, device, { otp_token = right.otp_token, app_id = "1" }))
      local body = { app_id = tostring(app.id), device_id = tostring(device.id), state_token = token,
        otp_token = right.otp_token }
      for _, path in ipairs { "/api/1/login/verify_factor", VERSIONS[3 - n].path .. "/verify_factor" } do
        assert.equal(400, (api.post(path, body)))
      end
      assert.equal(200, (verify(token, device, right)))
    end)

    it("say in words of their own that the credential is refused", function()
      api.login()
      api.token = "nonsense"
      local status, body = assertion()
      assert.equal(401, status)
      assert.equal(n == 1 and "Authentication Failure" or "Please provide valid credentials",
        n == 1 and body.status.message or body.message)
      if n == 2 then assert.equal("InvalidCredentials", body.name) end
    end)

    it("leave no password, code, token or assertion in the journal", function()
      local phone = box:add_device(kim, "sms")
      local token = state_token()
      verify(token, phone)
      local code = box.outbox[1].code
      local data = version.data(select(2, verify(token, phone, { otp_token = code })))
      local text = world.journal(box)
      assert.matches("verify_factor", text)
      for _, secret in ipairs { PASSWORD, token, code, data:sub(1, 40) } do
        assert.is_nil(text:find(secret, 1, true))
      end
    end)
  end)
end

it("SAML of version 1 calls a blank app or account a bad request", function()
  local _, _, api = world.world()
  for _, blank in ipairs { "app_id", "subdomain" } do
    local body = { username_or_email = "kim", password = PASSWORD, subdomain = "acme", app_id = "12" }
    body[blank] = ""
    local status, answer = api.post("/api/1/saml_assertion", body)
    assert.equal(400, status)
    assert.same({ status = { error = true, code = 400, type = "bad request", message = "bad request" } }, answer)
  end
end)

describe("a SAML response", function()
  local folder, box, kim, api

  before_each(function()
    box, kim, api = world.world()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir -m 700 " .. folder))
  end)

  after_each(function() os.execute("rm -rf " .. folder) end)

  local function write(name, text)
    local f = assert(io.open(folder .. "/" .. name, "wb"))
    f:write(text)
    f:close()
  end

  local function response(fields, version)
    fields.connector_id = fields.connector_id or SAML
    local app = box:add_app(fields)
    kim.app_ids = { app.id }
    version = VERSIONS[version or 2]
    local status, body = api.post(version.path, { username_or_email = "kim@acme.test", password = PASSWORD,
      subdomain = "acme", app_id = tostring(app.id) })
    assert.equal(200, status)
    return crypto.base64_decode(version.data(body)), app
  end

  -- What xmlsec1 thinks of it, trusting this certificate and nothing else.
  local function verify(xml, certificate)
    write("response.xml", xml)
    write("certificate.pem", certificate or box:saml_certificate())
    local pipe = assert(io.popen(("xmlsec1 --verify --id-attr:ID urn:oasis:names:tc:SAML:2.0:protocol:Response "
      .. "--pubkey-cert-pem %s/certificate.pem %s/response.xml 2>&1; echo status=$?"):format(folder, folder)))
    local out = pipe:read("*a")
    pipe:close()
    return out:find("status=0", 1, true) ~= nil and out:find("OK", 1, true) ~= nil, out
  end

  local function count(text, what)
    return select(2, text:gsub(what, ""))
  end

  for version in ipairs(VERSIONS) do
    it("of version " .. version .. " is accepted by xmlsec1 under the certificate that the app shows", function()
      local xml, app = response({ name = "Wiki" }, version)
      local ok, out = verify(xml)
      assert.is_true(ok, out)
      local _, shown = support.api(box).get("/api/2/apps/" .. app.id)
      assert.is_true((verify(xml, shown.sso.certificate.value)))
      assert.equal(shown.sso.certificate.value:gsub("%-%-%-%-%-[^\n]*\n", ""):gsub("%s", ""),
        (xml:match "<ds:X509Certificate>(.-)</ds:X509Certificate>"))
    end)

    it("of version " .. version .. " is refused with one byte changed, wherever it is", function()
      local xml = response({ name = "Wiki" }, version)
      assert.is_true((verify(xml)))
      local function changed(at)
        return xml:sub(1, at - 1) .. (xml:sub(at, at) == "a" and "b" or "a") .. xml:sub(at + 1)
      end
      local first, last = xml:find "<ds:Signature .*</ds:Signature>"
      for at = version, #xml, 97 do
        if at < first or at > last then assert.is_false((verify(changed(at))), "byte " .. at) end
      end
      for _, place in ipairs { "kim@acme%.test", "NotOnOrAfter=\"2", "Recipient=\"h", "<saml:Audience>h", "ID=\"A%x",
        "ID=\"R%x", "Destination=\"h", "status:S", "SessionIndex=\"_%x", "<saml:Issuer[^>]*>h", "<ds:DigestValue>.",
        "<ds:SignatureValue>.", "<ds:Reference URI=\"#R%x", "<ds:SignatureMethod Algorithm=\"h" } do
        local _, at = xml:find(place)
        assert.truthy(at, place)
        assert.is_false((verify(changed(at))), place)
      end
      assert.is_false((verify((xml:gsub("</saml:NameID>", " </saml:NameID>")))))
      assert.is_false((verify((xml:gsub("<saml:Subject>", "<saml:Subject>\n")))))
    end)
  end

  it("is refused under another certificate", function()
    local xml = response { name = "Wiki" }
    assert.is_false((verify(xml, crypto.certificate(crypto.rsa_generate(2048), "x", 0, 2524607999))))
  end)

  it("holds six minutes, for one audience, and says who came in how", function()
    local xml, app = response { name = "Wiki" }
    local address = ("https://app-%d.acme.test/saml"):format(app.id)
    assert.equal("kim@acme.test", (xml:match "<saml:NameID [^>]*>(.-)</saml:NameID>"))
    assert.truthy(xml:find('<saml:Conditions NotBefore="2026-03-02T08:57:00Z" NotOnOrAfter="2026-03-02T09:03:00Z">', 1,
      true))
    assert.truthy(xml:find("<saml:Audience>" .. address .. "</saml:Audience>", 1, true))
    assert.truthy(xml:find(('NotOnOrAfter="2026-03-02T09:03:00Z" Recipient="%s"'):format(address), 1, true))
    local _, shown = support.api(box).get("/api/2/apps/" .. app.id)
    assert.equal(2, count(xml, "<saml:Issuer[^>]*>" .. shown.sso.issuer:gsub("%p", "%%%0") .. "</saml:Issuer>"))
    assert.equal(1, count(xml, "<saml:Assertion "))
    assert.equal(0, count(xml, "<saml:Attribute "))
    local ids = {}
    for id in xml:gmatch ' ID="([^"]+)"' do
      assert.is_nil(ids[id])
      ids[id] = true
    end
    assert.not_equal(xml:match 'ID="(R%x+)"', (response { name = "Wiki" }):match 'ID="(R%x+)"')
  end)

  it("goes where the app's configuration says", function()
    local xml = response { configuration = { consumer_url = "https://sp.test/acs?a=1&b=2", audience = "sp.test",
      recipient = "https://sp.test/r" } }
    assert.truthy(xml:find('Destination="https://sp.test/acs?a=1&amp;b=2"', 1, true))
    assert.truthy(xml:find('Recipient="https://sp.test/r"', 1, true))
    assert.truthy(xml:find("<saml:Audience>sp.test</saml:Audience>", 1, true))
    assert.is_true((verify(xml)))
  end)

  it("carries the attributes that the app's parameters ask for", function()
    kim.custom_attributes = { employeenumber = "E7" }
    local xml = response { parameters = {
      saml_username = { user_attribute_mappings = "username" },
      first = { user_attribute_mappings = "firstname", include_in_saml_assertion = true },
      number = { user_attribute_mappings = "employeenumber", include_in_saml_assertion = true },
      groups = { values = "a;b", include_in_saml_assertion = true },
      unset = { user_attribute_mappings = "title", include_in_saml_assertion = true },
      hidden = { user_attribute_mappings = "email" } } }
    assert.equal("kim", (xml:match "<saml:NameID [^>]*>(.-)</saml:NameID>"))
    local seen = {}
    for name, values in xml:gmatch '<saml:Attribute Name="([^"]+)"[^>]*>(.-)</saml:Attribute>' do
      local list = {}
      for value in values:gmatch "<saml:AttributeValue>(.-)</saml:AttributeValue>" do list[#list + 1] = value end
      seen[name] = list
    end
    assert.same({ first = { "Kim" }, number = { "E7" }, groups = { "a", "b" } }, seen)
    assert.is_true((verify(xml)))
  end)

  it("carries a role and a session for AWS", function()
    local xml = response { connector_id = AWS }
    local arn = "arn:aws:iam::123456789012:role/Sandbox,arn:aws:iam::123456789012:saml-provider/OneLogin"
    local function value(name)
      return xml:match('Name="https://aws%.amazon%.com/SAML/Attributes/' .. name
        .. '"[^>]*><saml:AttributeValue>(.-)</saml:AttributeValue>')
    end
    assert.equal(arn, value "Role")
    assert.equal("kim@acme.test", value "RoleSessionName")
    assert.truthy(xml:find("<saml:Audience>https://signin.aws.amazon.com/saml</saml:Audience>", 1, true))
    xml = response { connector_id = AWS, parameters = { Role = { default_values = "arn:1,arn:2;arn:3,arn:4" } } }
    assert.equal("arn:1,arn:2", value "Role")
    assert.truthy(xml:find("<saml:AttributeValue>arn:3,arn:4</saml:AttributeValue>", 1, true))
  end)

  it("carries names of any kind so that XML and the signature stand", function()
    kim.firstname = "\27[2J<b>&\"'\r\n\t\240\159\146\169\0\255"
    local xml = response { parameters = {
      ["a\"<&>\t\n\r'"] = { user_attribute_mappings = "firstname", include_in_saml_assertion = true } } }
    local ok, out = verify(xml)
    assert.is_true(ok, out)
    kim.firstname = "\27[2J<b>&\"'\r\n\t\240\159\146\169\0"
    xml = response { parameters = { x = { user_attribute_mappings = "firstname", include_in_saml_assertion = true } } }
    assert.truthy(xml:find("<saml:AttributeValue>*[2J&lt;b&gt;&amp;\"'&#xD;</saml:AttributeValue>", 1, true))
    assert.is_true((verify(xml)))
  end)
end)

describe("without libcrypto", function()
  local saved = {}

  before_each(function()
    for _, name in ipairs { "onelogin.crypto", "onelogin.sandbox.saml_key" } do saved[name] = package.loaded[name] end
    package.loaded["onelogin.crypto"] = nil
    package.preload["onelogin.crypto"] = function() error("no libcrypto here", 0) end
  end)

  after_each(function()
    package.preload["onelogin.crypto"] = nil
    for name, module in pairs(saved) do package.loaded[name] = module end
  end)

  it("only the signature is missing, and says so", function()
    -- A key of its own, not yet made.
    local fresh = assert(loadfile(package.searchpath and package.searchpath("onelogin.sandbox.saml_key", package.path)
      or "lua/onelogin/sandbox/saml_key.lua"))()
    local ok, message = pcall(fresh.pair)
    assert.is_false(ok)
    assert.equal("sandbox: signing SAML responses needs the module onelogin.crypto", message)
    assert.is_nil(fresh.certificate())
    local box, _, api = world.world()
    assert.equal(200, (api.post("/api/1/login/auth",
      { username_or_email = "kim", password = PASSWORD, subdomain = "acme" })))
    assert.is_table(box.store)
  end)
end)

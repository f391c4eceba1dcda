-- saml.decode_unverified: what it reads, and that what could be read in two ways is refused.
local errors = require "onelogin.errors"
local onelogin = require "onelogin"
local text = require "spec.support.saml_text"
local time = require "onelogin.time"
local world = require "spec.support.sign_in"

local saml = onelogin.saml
local response, assertion, signature = text.response, text.assertion, text.signature

local AWS = 110006

local function decoded(xml)
  local result, err = saml.decode_unverified(xml)
  assert.is_table(result, tostring(err))
  return result
end

local function refused(what, xml)
  local result, err = saml.decode_unverified(xml)
  assert.is_nil(result, "accepted: " .. what)
  assert.is_true(errors.is(err))
  assert.equal("decode", err.kind)
  assert.equal("saml.decode_unverified", err.operation)
  assert.truthy(err.message:find(what, 1, true), what .. " is not in: " .. err.message)
  assert.is_true(#err.message < 400)
end

local function with(name, value) return response { [name] = value } end

describe("saml.decode_unverified", function()
  it("reads a response, and says that nothing is verified", function()
    local at = time.parse
    assert.same({
      verified = false, signed = false, response_id = "_r1", assertion_id = "_a1",
      status = "urn:oasis:names:tc:SAML:2.0:status:Success", issuer = "https://idp.test/1",
      destination = "https://sp.test/acs", recipient = "https://sp.test/acs", issue_instant = at "2026-03-02T09:00:00Z",
      subject = { name_id = "kim@acme.test", format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        not_on_or_after = at "2026-03-02T09:03:00Z" },
      conditions = { not_before = at "2026-03-02T08:57:00Z", not_on_or_after = at "2026-03-02T09:03:00.5Z" },
      audience = "https://sp.test", audiences = { "https://sp.test" },
      authn_instant = at "2026-03-02T08:59:59Z", authn_context = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
      session_index = "_s1", session_not_on_or_after = at "2026-03-03T09:00:00Z",
      attributes = { mail = { "kim@acme.test" }, groups = { "b", "a" } }, attribute_names = { "mail", "groups" },
    }, decoded(response()))
  end)

  it("reads what the sandbox signs, in base64 as it comes, by both versions", function()
    for _, resource in ipairs { "saml", "saml_v1" } do
      local box, kim = world.world()
      local app = box:add_app { connector_id = AWS, name = "AWS" }
      kim.app_ids = { app.id }
      local ol = onelogin.new(box:config())
      local answer = assert(ol[resource]:generate_assertion { username_or_email = "kim", password = world.PASSWORD,
        subdomain = "acme", app_id = tostring(app.id) })
      local result = decoded(type(answer) == "table" and answer.data or answer)
      assert.is_false(result.verified)
      assert.is_true(result.signed)
      assert.equal("kim@acme.test", result.subject.name_id)
      assert.same({ "arn:aws:iam::123456789012:role/Sandbox,arn:aws:iam::123456789012:saml-provider/OneLogin" },
        result.attributes["https://aws.amazon.com/SAML/Attributes/Role"])
      assert.equal("https://signin.aws.amazon.com/saml", result.audience)
      assert.equal(box.clock.wall() - 180, result.conditions.not_before)
      assert.equal(box.clock.wall() + 180, result.conditions.not_on_or_after)
      if math.type then assert.equal("integer", math.type(result.conditions.not_before)) end
    end
  end)

  it("reads any prefixes, as namespaces have it", function()
    local xml = response():gsub("samlp:", "a:"):gsub("saml:", "b:"):gsub("xmlns:samlp", "xmlns:a")
      :gsub("xmlns:saml", "xmlns:b")
    assert.same(decoded(response()), decoded(xml))
    xml = response():gsub("<saml:", "<"):gsub("</saml:", "</"):gsub("<samlp:", "<p:"):gsub("</samlp:", "</p:")
      :gsub("xmlns:samlp", "xmlns:p"):gsub("xmlns:saml", "xmlns")
    assert.same(decoded(response()), decoded(xml))
  end)

  it("leaves out what is not said", function()
    local result = decoded(response { issuer = "", confirmation = "", conditions = "", authn = "", attributes = "",
      response = 'ID="_r1" Version="2.0"', name_id = "<saml:NameID>x</saml:NameID>", before = "" })
    assert.same({ verified = false, signed = false, response_id = "_r1", assertion_id = "_a1",
      status = "urn:oasis:names:tc:SAML:2.0:status:Success", issuer = "https://idp.test/1",
      subject = { name_id = "x" }, audiences = {}, attributes = {}, attribute_names = {} }, result)
  end)

  it("joins text across comments, and never cuts it", function()
    for _, between in ipairs { "<!-- -->", "<!---->", "<![CDATA[]]>", "<!-- a --><!-- b -->",
      "<!--</saml:NameID>-->" } do
      local result = decoded(with("name_id", "<saml:NameID>user@good.com" .. between .. ".evil.com</saml:NameID>"))
      assert.equal("user@good.com.evil.com", result.subject.name_id)
      result = decoded(with("attributes", '<saml:AttributeStatement><saml:Attribute Name="m"><saml:AttributeValue>a'
        .. between .. "b</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"))
      assert.same({ "ab" }, result.attributes.m)
    end
    refused("holds elements where text belongs",
      with("name_id", "<saml:NameID>user@good.com<saml:x/>.evil.com</saml:NameID>"))
    refused("names no character", with("name_id", "<saml:NameID>a&evil;b</saml:NameID>"))
  end)

  it("keeps what stands in a name, and what is empty in an attribute", function()
    local result = decoded(with("name_id", "<saml:NameID> a&lt;b&#xe4;\n</saml:NameID>"))
    assert.equal(" a<b\195\164\n", result.subject.name_id)
    result = decoded(with("attributes", "<saml:AttributeStatement "
      .. 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><saml:Attribute Name="a"/>'
      .. '<saml:Attribute Name="b"><saml:AttributeValue/><saml:AttributeValue xsi:nil="true"/>'
      .. '<saml:AttributeValue xsi:type="xs:string">1</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>'
      .. '<saml:AttributeStatement><saml:Attribute Name="c"><saml:AttributeValue>2</saml:AttributeValue>'
      .. "</saml:Attribute></saml:AttributeStatement>"))
    assert.same({ a = {}, b = { "", "1" }, c = { "2" } }, result.attributes)
    assert.same({ "a", "b", "c" }, result.attribute_names)
  end)

  it("reads a request's id from either place, if they agree", function()
    local function both(outer, inner)
      return response { response = 'ID="_r1" Version="2.0"' .. outer,
        confirmation = '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        .. "<saml:SubjectConfirmationData" .. inner .. "/></saml:SubjectConfirmation>" }
    end
    assert.equal("_q", decoded(both(' InResponseTo="_q"', "")).in_response_to)
    assert.equal("_q", decoded(both("", ' InResponseTo="_q"')).in_response_to)
    assert.equal("_q", decoded(both(' InResponseTo="_q"', ' InResponseTo="_q"')).in_response_to)
    refused("answer two requests", both(' InResponseTo="_q"', ' InResponseTo="_p"'))
  end)

  it("takes statements in any order, and several audiences", function()
    local result = decoded(response { attributes = "", authn = "<saml:AttributeStatement/>"
      .. '<saml:AuthnStatement AuthnInstant="2026-03-02T08:59:59Z" SessionIndex="_x"><saml:SubjectLocality/>'
      .. "<saml:AuthnContext/></saml:AuthnStatement><saml:AttributeStatement/>",
      conditions = "<saml:Conditions><saml:OneTimeUse/><saml:AudienceRestriction><saml:Audience>a</saml:Audience>"
      .. "<saml:Audience>b</saml:Audience></saml:AudienceRestriction></saml:Conditions>" })
    assert.equal("_x", result.session_index)
    assert.is_nil(result.audience)
    assert.same({ "a", "b" }, result.audiences)
    assert.same({}, result.conditions)
  end)

  it("reads dates as they are, also those that other services mean as never", function()
    local function life(from, till)
      return with("conditions", ('<saml:Conditions NotBefore="%s" NotOnOrAfter="%s"/>'):format(from, till))
    end
    assert.same({ not_before = 0, not_on_or_after = 946684800 },
      decoded(life("1970-01-01T00:00:00Z", "2000-01-01T00:00:00Z")).conditions)
    assert.equal(0.25, decoded(life("1970-01-01T00:00:00.25Z", "2000-01-01T00:00:00.000Z")).conditions.not_before)
    for _, bad in ipairs { "", "x", "2026-03-02", "2026-03-02T09:00:00", "2026-03-02T09:00:00+01:00",
      "2026-02-30T09:00:00Z",
      "2026-03-02T24:00:00Z", "2026-03-02T09:00:60Z", "2026-13-02T09:00:00Z", "2026-03-02T09:00:00.Z",
      "2026-03-02t09:00:00z", " 2026-03-02T09:00:00Z", "20260302T090000Z", "2026-03-02T09:00:00.1234567890Z",
      "Mon, 02 Mar 2026 09:00:00 GMT", "12026-03-02T09:00:00Z" } do
      refused("the time NotBefore of <saml:Conditions> is none", life(bad, "2027-01-01T00:00:00Z"))
    end
    refused("ends before it begins", life("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"))
  end)

  it("throws at what is no text", function()
    for _, bad in ipairs { 7, {}, true } do
      local ok, why = pcall(function()
        local result = saml.decode_unverified(bad)
        return result
      end)
      assert.is_false(ok)
      assert.matches("saml_spec%.lua:%d+: saml%.decode_unverified: expected the response as text, .* got a "
        .. type(bad), why)
    end
    assert.is_false((pcall(saml.decode_unverified)))
  end)
end)

describe("base64 of a response", function()
  local crypto = require "onelogin.crypto"

  it("is read at every length, with blanks in it", function()
    for n = 0, 3 do
      local code = crypto.base64_encode(response { after = (" "):rep(n) })
      assert.equal("kim@acme.test", decoded(code).subject.name_id)
      assert.equal("kim@acme.test", decoded(" " .. code:gsub(("."):rep(64), "%0\r\n") .. "\t\n").subject.name_id)
    end
    assert.equal("kim@acme.test", decoded("\n " .. response { before = "" }).subject.name_id)
    assert.equal("kim@acme.test", decoded("\239\187\191" .. response()).subject.name_id)
    assert.equal("kim@acme.test", decoded(crypto.base64_encode("\239\187\191" .. response())).subject.name_id)
  end)

  it("is refused where it is none, or not the one way to write it", function()
    local n, code = 0 -- luacheck: ignore 321
    repeat -- one that ends with two signs to fill up
      code, n = crypto.base64_encode(response { after = (" "):rep(n) }), n + 1
    until code:find("==$")
    code = code:gsub("=+$", "")
    local last = code:sub(-1)
    local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    local at = digits:find(last, 1, true)
    refused("not canonical", code:sub(1, -2) .. digits:sub(at + 1, at + 1) .. "==")
    for _, bad in ipairs { code, code .. "=", code .. "===", code .. "==" .. code, "=" .. code, "====", "A", "AB",
      "ABC",
      code:gsub("[A-P]", "-", 1) .. "==", "%3C", code .. "\0\0", "{}", "kim@acme.test" } do
      refused("neither XML nor base64", bad)
    end
    refused("there is no element", "")
    refused("there is no element", "  \n")
    refused("", crypto.base64_encode "\255\254")
    refused("longer than 2097152 bytes", ("A"):rep(3000000))
    refused("longer than 1048576 bytes", crypto.base64_encode(("x"):rep(1100000)))
  end)
end)

describe("a response that is no plain one", function()
  it("is refused by its version, root, ids and status", function()
    refused("not a SAML 2.0 response", (assertion():gsub("<saml:Assertion",
      "%0 xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'")))
    refused("not a SAML 2.0 response", (response():gsub("SAML:2.0:protocol", "SAML:1.0:protocol")))
    refused("not a SAML 2.0 response", "<Response/>")
    refused("not of version 2.0", with("response", 'ID="_r1" Version="1.1"'))
    refused("not of version 2.0", with("assertion", 'ID="_a1"'))
    refused("has no ID", with("response", 'Version="2.0"'))
    refused("has no ID", with("assertion", 'Version="2.0" ID=""'))
    refused("has no Status", with("status", ""))
    refused("has no StatusCode", with("status", "<samlp:Status/>"))
    refused("has no Value", with("status", "<samlp:Status><samlp:StatusCode/></samlp:Status>"))
    local failed = '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">'
      .. '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode></samlp:Status>'
    refused("status:Responder, urn:oasis:names:tc:SAML:2.0:status:AuthnFailed",
      response { status = failed, whole = "" })
    refused("its status is", with("status", failed))
    refused("it holds no assertion", with("whole", ""))
  end)

  it("is refused in another namespace, or none, or in the wrong place", function()
    for _, other in ipairs { "urn:oasis:names:tc:SAML:1.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol", "x" } do
      local result = saml.decode_unverified((response():gsub("urn:oasis:names:tc:SAML:2.0:assertion", other)))
      assert.is_nil(result)
    end
    refused("not declared", response():gsub("xmlns:saml=", "xmlns:other="))
    for _, name in ipairs { "Issuer", "Subject", "NameID", "Conditions", "AudienceRestriction", "Audience",
      "SubjectConfirmation", "AuthnStatement", "AuthnContext", "AttributeStatement", "Attribute", "AttributeValue" } do
      local xml = response { issuer = "" }:gsub("<saml:" .. name .. "([ >].-)</saml:" .. name .. ">", function(rest)
        return "<e:" .. name .. " xmlns:e='urn:evil'" .. rest .. "</e:" .. name .. ">"
      end, 1)
      refused("is not expected in", xml)
    end
    refused("more than one <Assertion>", with("status", assertion()))
    refused("not expected", response { conditions = "",
      authn = "<saml:AuthnStatement><saml:AuthnContext/></saml:AuthnStatement><saml:Conditions/>" })
    refused("not expected", response { conditions = "",
      inner_issuer = "<saml:Conditions/><saml:Issuer>x</saml:Issuer>" })
    refused("text stands in <saml:Subject>", with("confirmation", "kim"))
    refused("text stands in <samlp:Response>", with("after", "x"))
    refused("text stands in <samlp:Response>", with("extensions", "<![CDATA[x]]>"))
  end)

  it("is refused where it is encrypted", function()
    refused("encrypted", with("whole", "<saml:EncryptedAssertion/>"))
    refused("encrypted", with("after", "<saml:EncryptedAssertion/>"))
    refused("encrypted", with("advice", "<saml:Advice><saml:EncryptedAssertion/></saml:Advice>"))
    refused("encrypted", with("name_id", "<saml:EncryptedID/>"))
    refused("encrypted",
      with("attributes", "<saml:AttributeStatement><saml:EncryptedAttribute/></saml:AttributeStatement>"))
  end)

  it("is refused where it names two of what can be one", function()
    local name = "<saml:NameID>evil@acme.test</saml:NameID>"
    refused("more than one <NameID>", with("name_id", name .. name))
    refused("more than one <NameID>", with("confirmation", name))
    refused("more than one <NameID>", with("confirmation", "<saml:SubjectConfirmation Method='m'>" .. name
      .. "</saml:SubjectConfirmation>"))
    refused("is not expected", with("name_id", "<saml:BaseID/>" .. name))
    refused("has no NameID", with("name_id", ""))
    refused("is empty", with("name_id", "<saml:NameID/>"))
    refused("is empty", with("name_id", "<saml:NameID> <!-- kim --> </saml:NameID>"))
    refused("more than one <Subject>", response { conditions = "<saml:Subject>" .. name .. "</saml:Subject>" })
    refused("two issuers", with("issuer", "<saml:Issuer>https://evil.test</saml:Issuer>"))
    refused("more than once", with("issuer", ("<saml:Issuer>https://idp.test/1</saml:Issuer>"):rep(2)))
    refused("has no Issuer", with("inner_issuer", ""))
    refused("stands twice", with("attributes", ('<saml:AttributeStatement><saml:Attribute Name="a"/>'
      .. "</saml:AttributeStatement>"):rep(2)))
    refused("has no Name", with("attributes", "<saml:AttributeStatement><saml:Attribute/></saml:AttributeStatement>"))
    refused("more than one <AuthnStatement>", with("authn",
      ("<saml:AuthnStatement><saml:AuthnContext/></saml:AuthnStatement>"):rep(2)))
    refused("more than once", with("conditions", "<saml:Conditions>" .. ("<saml:AudienceRestriction><saml:Audience>a"
      .. "</saml:Audience></saml:AudienceRestriction>"):rep(2) .. "</saml:Conditions>"))
    refused("is not expected", with("conditions", "<saml:Conditions><saml:Condition/></saml:Conditions>"))
    refused("confirmed twice", with("confirmation", ("<saml:SubjectConfirmation "
      .. 'Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>'):rep(2)))
    refused("holds elements", with("attributes", '<saml:AttributeStatement><saml:Attribute Name="a">'
      .. "<saml:AttributeValue><saml:x/></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"))
    refused("an attribute stands twice: ID", with("response", 'ID="_r1" ID="_r2" Version="2.0"'))
  end)
end)

describe("a signature", function()
  it("is told of, never called right", function()
    for _, xml in ipairs { with("signature", signature "_a1"), with("response_signature", signature "_r1"),
      response { signature = signature "_a1", response_signature = signature "_r1" } } do
      local result = decoded(xml)
      assert.is_true(result.signed)
      assert.is_false(result.verified)
    end
  end)

  it("over something else, in another place, or more than one is refused", function()
    refused("is not over it", with("signature", signature "_r1"))
    refused("is not over it", with("signature", signature ""))
    refused("is not over it", with("response_signature", signature "_a1"))
    refused("is not over it", with("signature", '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'))
    refused("covers more than one thing", with("signature", (signature("_a1"):gsub("<ds:Reference.*</ds:Reference>",
      function(one) return one .. one:gsub("_a1", "_x") end))))
    refused("says twice", with("signature", (signature("_a1"):gsub("<ds:SignedInfo>.*</ds:SignedInfo>", "%0%0"))))
    refused("more than once", with("signature", signature "_a1" .. signature "_a1"))
    refused("where none belongs", with("advice", "<saml:Advice>" .. signature "_a1" .. "</saml:Advice>"))
    refused("where none belongs", with("extensions", "<samlp:Extensions>" .. signature "_r1" .. "</samlp:Extensions>"))
    refused("where none belongs", with("signature", signature("_a1", "<ds:KeyInfo>" .. signature "_a1"
      .. "</ds:KeyInfo>")))
    refused("carries an object", with("signature", signature("_a1", "<ds:Object>x</ds:Object>")))
    refused("is not expected", with("signature", signature("_a1"):gsub("09/xmldsig#", "09/other#")))
  end)

  -- The ways known to wrap a signature around one assertion and have another one read.
  it("cannot be wrapped", function()
    local good = assertion { signature = signature "_a1" }
    local evil = assertion { assertion = 'ID="_evil" Version="2.0"', name_id = "<saml:NameID>evil</saml:NameID>" }
    local bare = assertion()
    local function evil_with(inside)
      return assertion { assertion = 'ID="_evil" Version="2.0"', name_id = "<saml:NameID>evil</saml:NameID>",
        signature = inside }
    end
    for name, xml in pairs {
      before = with("whole", evil .. good), behind = with("whole", good .. evil),
      object = with("whole", evil_with(signature("_a1", "<ds:Object>" .. bare .. "</ds:Object>"))),
      object_of_response = response { response_signature = signature("_r1", "<ds:Object>" .. response { before = "" }
        .. "</ds:Object>"), response = 'ID="_evil" Version="2.0"' },
      extensions = response { extensions = "<samlp:Extensions>" .. good .. "</samlp:Extensions>", whole = evil },
      advice = with("whole", (evil:gsub("<saml:AuthnStatement", function(rest)
        return "<saml:Advice>" .. good .. "</saml:Advice>" .. rest
      end))),
      inside = with("whole", (evil:gsub("<saml:Subject>", function(rest) return good .. rest end))),
      around = with("whole", "<saml:Assertion ID='_evil' Version='2.0'>" .. good .. "</saml:Assertion>"),
      foreign = with("whole", "<x xmlns='urn:x'>" .. good .. "</x>" .. evil),
      foreign_alone = with("whole", "<x xmlns='urn:x'>" .. good .. "</x>"),
      detail = response { status = "<samlp:Status>"
        .. '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/><samlp:StatusDetail>'
        .. good .. "</samlp:StatusDetail></samlp:Status>", whole = evil },
      response_in_response = response { extensions = "<samlp:Extensions>" .. response { before = "" }
        .. "</samlp:Extensions>", response = 'ID="_evil" Version="2.0"' },
      other_namespace = with("extensions", '<samlp:Extensions><Assertion xmlns="urn:evil"/></samlp:Extensions>'),
      old_namespace = with("after", '<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/>'),
      same_id = response { response = 'ID="_a1" Version="2.0"', signature = signature "_a1" },
      same_id_elsewhere = with("extensions", '<samlp:Extensions><x Id="_a1"/></samlp:Extensions>'),
      same_xml_id = with("extensions", '<samlp:Extensions><x xml:id="_a1"/></samlp:Extensions>'),
      in_attribute = with("attributes", '<saml:AttributeStatement><saml:Attribute Name="a"><saml:AttributeValue>'
        .. good:gsub("_a1", "_a2") .. "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"),
    } do
      local result, err = saml.decode_unverified(xml)
      assert.is_nil(result, name)
      assert.equal("decode", err.kind)
      assert.is_nil(err.message:find("XML: ", 1, true))
    end
    assert.equal("kim@acme.test", decoded(with("whole", good)).subject.name_id)
    assert.equal("evil", decoded(with("whole", evil)).subject.name_id)
  end)
end)

describe("an attack on the reader", function()
  it("ends in a refusal", function()
    refused("DOCTYPE", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' .. response { before = "" })
    refused("DOCTYPE", '<?xml version="1.0"?><!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">'
      .. response { before = "" })
    refused("processing instruction", with("extensions", "<?x?>"))
    refused("deeper", with("extensions", "<samlp:Extensions>" .. ("<a>"):rep(100000)))
    refused("longer", with("name_id", "<saml:NameID>" .. ("x"):rep(10000000) .. "</saml:NameID>"))
    refused("elements", with("extensions", "<samlp:Extensions>" .. ("<a/>"):rep(50000) .. "</samlp:Extensions>"))
    refused("names no character", with("name_id", "<saml:NameID>kim&#0;</saml:NameID>"))
    refused("names no character", with("name_id", "<saml:NameID>kim&#x110000;</saml:NameID>"))
    refused("UTF-8", with("name_id", "<saml:NameID>\192\175</saml:NameID>"))
    refused("control character", with("name_id", "<saml:NameID>kim\0.evil</saml:NameID>"))
    refused("not expected", with("name_id", '<saml:NameID xmlns:saml="urn:evil">x</saml:NameID>'))
    refused("declared twice", with("spaces", 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
      .. 'xmlns:saml="urn:evil" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'))
    refused("not declared", with("extensions", "<evil:Extensions/>"))
  end)

  it("puts nothing of the person into the message", function()
    for _, xml in ipairs { with("name_id", "<saml:NameID>kim@acme.test<x/></saml:NameID>"), with("advice", "kim"),
      with("attributes", "<saml:AttributeStatement>" .. ('<saml:Attribute Name="kim@acme.test"/>'):rep(2)
      .. "</saml:AttributeStatement>") } do
      local _, err = saml.decode_unverified(xml)
      assert.is_nil(tostring(err):find("kim", 1, true))
    end
  end)
end)

describe("the guide", function()
  local doc_blocks = require "spec.support.doc_blocks"

  it("prints what it says", function()
    local lengths = {}
    for i, block in ipairs(doc_blocks.of "docs/saml.md") do
      local printed, told = block()
      assert.same(told, printed)
      lengths[i] = #printed
    end
    assert.same({ 3, 1 }, lengths)
  end)

  it("names every field", function()
    local page = doc_blocks.read "docs/saml.md"
    for name in pairs(decoded(response { response = 'ID="_r1" Version="2.0" InResponseTo="_q" Destination="d" '
      .. 'IssueInstant="2026-03-02T09:00:00Z"' })) do
      assert.truthy(page:find("`" .. name .. "`", 1, true), name)
    end
  end)
end)

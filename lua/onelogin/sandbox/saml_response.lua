-- A SAML 2.0 response for a user and an app, signed as a whole: RSA-SHA256 over the exclusive canonical
-- form.  Everything is written in that form (xml.lua), so nothing has to be canonicalised.
local require = require

local saml_key = require("onelogin.sandbox.saml_key")
local util = require("onelogin.sandbox.util")
local view = require("onelogin.sandbox.app_view")
local xml = require("onelogin.sandbox.xml")
local json = require("onelogin.core").json

local saml_response = {}

local element, text = xml.element, xml.text

local PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
local ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
local DS = "http://www.w3.org/2000/09/xmldsig#"
local EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
local AWS = "https://aws.amazon.com/SAML/Attributes/"
local AWS_SIGN_IN = "https://signin.aws.amazon.com/saml"
local AWS_ROLE = "arn:aws:iam::123456789012:role/Sandbox,arn:aws:iam::123456789012:saml-provider/OneLogin"
local WINDOW = 180 -- seconds around now in which the assertion holds

------------------------------------------------------------------------------------------------
-- What it says

local function known(value)
  return value ~= nil and value ~= json.null and value ~= ""
end

-- The values of a parameter for a user: the mapped attribute, else what the parameter sets.
local function values_of(user, own, default)
  local from = own.user_attribute_mappings
  local value = known(from) and (user[from] or (user.custom_attributes or {})[from]) or nil
  if not known(value) then value = known(own.values) and own.values or own.default_values end
  if not known(value) then value = default end
  if not known(value) then return {} end
  local out = {}
  if type(value) == "table" then
    for _, v in ipairs(value) do out[#out + 1] = tostring(v) end
  else
    for v in tostring(value):gmatch("[^;\n]+") do out[#out + 1] = v end
  end
  return out
end

-- Name and values of every attribute, by name.
local function attributes_of(user, app, aws)
  local list = {}
  for key, own in pairs(view.parameters(app)) do
    if aws and key == "Role" then
      list[#list + 1] = { AWS .. key, values_of(user, own, AWS_ROLE) }
    elseif aws and key == "RoleSessionName" then
      list[#list + 1] = { AWS .. key, values_of(user, own, user.email or user.username) }
    elseif own.include_in_saml_assertion == true then
      list[#list + 1] = { key, values_of(user, own) }
    end
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

local function attribute_statement(list)
  local out = {}
  for _, attribute in ipairs(list) do
    local values = {}
    for i, value in ipairs(attribute[2]) do values[i] = element("saml:AttributeValue", nil, text(value)) end
    if #values > 0 then
      out[#out + 1] = element("saml:Attribute", { Name = attribute[1],
        NameFormat = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic" }, table.concat(values))
    end
  end
  if #out == 0 then return "" end
  return element("saml:AttributeStatement", nil, table.concat(out))
end

local function assertion(box, user, app, to)
  local now = box.clock.wall()
  local from, till = util.iso(now - WINDOW, true), util.iso(now + WINDOW, true)
  local name = values_of(user, view.parameters(app).saml_username or {}, user.email or user.username or user.id)[1]
  local subject = element("saml:NameID", { Format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" },
    text(name)) .. element("saml:SubjectConfirmation", { Method = "urn:oasis:names:tc:SAML:2.0:cm:bearer" },
    element("saml:SubjectConfirmationData", { NotOnOrAfter = till, Recipient = to.recipient }))
  return element("saml:Assertion", { ["xmlns:saml"] = ASSERTION, ID = "A" .. box:token_hex(40), Version = "2.0",
    IssueInstant = util.iso(now, true) }, table.concat {
      element("saml:Issuer", nil, text(to.issuer)),
      element("saml:Subject", nil, subject),
      element("saml:Conditions", { NotBefore = from, NotOnOrAfter = till },
        element("saml:AudienceRestriction", nil, element("saml:Audience", nil, text(to.audience)))),
      element("saml:AuthnStatement", { AuthnInstant = util.iso(now, true), SessionIndex = "_" .. box:token_hex(40),
        SessionNotOnOrAfter = util.iso(now + 86400, true) },
        element("saml:AuthnContext", nil, element("saml:AuthnContextClassRef", nil,
          "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"))),
      attribute_statement(attributes_of(user, app, to.aws)),
    })
end

-- Who speaks, and to whom: the app's configuration, else addresses that exist nowhere.
local function parties(box, app)
  local own = app.configuration or {}
  local aws = view.connector(app).name:find("^Amazon Web Services") ~= nil
  local default = aws and AWS_SIGN_IN or ("https://app-%.0f.%s.test/saml"):format(app.id, box.subdomain)
  local recipient = known(own.recipient) and own.recipient or known(own.consumer_url) and own.consumer_url or default
  return { aws = aws, issuer = view.full(box, app).sso.issuer, recipient = recipient,
    destination = known(own.consumer_url) and own.consumer_url or recipient,
    audience = known(own.audience) and own.audience or default }
end

------------------------------------------------------------------------------------------------
-- The signature

local function signature(id, signed_text)
  local crypto = require("onelogin.crypto")
  local pair = saml_key.pair()
  local info = table.concat {
    element("ds:CanonicalizationMethod", { Algorithm = EXCLUSIVE }),
    element("ds:SignatureMethod", { Algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" }),
    element("ds:Reference", { URI = "#" .. id },
      element("ds:Transforms", nil, element("ds:Transform", { Algorithm = DS .. "enveloped-signature" })
        .. element("ds:Transform", { Algorithm = EXCLUSIVE }))
      .. element("ds:DigestMethod", { Algorithm = "http://www.w3.org/2001/04/xmlenc#sha256" })
      .. element("ds:DigestValue", nil, crypto.base64_encode(crypto.digest("sha256", signed_text)))),
  }
  -- Taken by itself it declares the namespace that it has from ds:Signature in the document.
  local value = crypto.rsa_sign(pair.key, element("ds:SignedInfo", { ["xmlns:ds"] = DS }, info))
  local certificate = pair.certificate:gsub("%-%-%-%-%-[^\n]*\n", ""):gsub("%s", "")
  return element("ds:Signature", { ["xmlns:ds"] = DS }, element("ds:SignedInfo", nil, info)
    .. element("ds:SignatureValue", nil, crypto.base64_encode(value))
    .. element("ds:KeyInfo", nil, element("ds:X509Data", nil, element("ds:X509Certificate", nil, certificate))))
end

--- The signed response as XML.
function saml_response.xml(box, user, app)
  saml_key.pair() -- without the key nothing is begun
  local to = parties(box, app)
  local id = "R" .. box:token_hex(40)
  local issuer = element("saml:Issuer", { ["xmlns:saml"] = ASSERTION }, text(to.issuer))
  local status = element("samlp:Status", nil,
    element("samlp:StatusCode", { Value = "urn:oasis:names:tc:SAML:2.0:status:Success" }))
  local inner = assertion(box, user, app, to)
  local function response(signed)
    return element("samlp:Response", { ["xmlns:samlp"] = PROTOCOL, ID = id, Version = "2.0",
      IssueInstant = util.iso(box.clock.wall(), true), Destination = to.destination },
      issuer .. signed .. status .. inner)
  end
  return response(signature(id, response("")))
end

return saml_response

-- A SAML response as text, in pieces that a spec can change: the spelling of another writer than the sandbox.
local saml_text = {}

local parts = {
  before = '<?xml version="1.0" encoding="UTF-8"?>\n',
  response = 'ID="_r1" Version="2.0" IssueInstant="2026-03-02T09:00:00Z" Destination="https://sp.test/acs"',
  spaces = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"',
  issuer = "<saml:Issuer>https://idp.test/1</saml:Issuer>",
  response_signature = "",
  extensions = "",
  status = '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>',
  assertion = 'ID="_a1" Version="2.0" IssueInstant="2026-03-02T09:00:00Z"',
  inner_issuer = "<saml:Issuer>https://idp.test/1</saml:Issuer>",
  signature = "",
  name_id = '<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">kim@acme.test</saml:NameID>',
  confirmation = '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
    .. '<saml:SubjectConfirmationData NotOnOrAfter="2026-03-02T09:03:00Z" '
    .. 'Recipient="https://sp.test/acs"/></saml:SubjectConfirmation>',
  conditions = '<saml:Conditions NotBefore="2026-03-02T08:57:00Z" NotOnOrAfter="2026-03-02T09:03:00.500Z">'
    .. "<saml:AudienceRestriction><saml:Audience> https://sp.test </saml:Audience></saml:AudienceRestriction>"
    .. "</saml:Conditions>",
  advice = "",
  authn = '<saml:AuthnStatement AuthnInstant="2026-03-02T08:59:59Z" SessionIndex="_s1" '
    .. 'SessionNotOnOrAfter="2026-03-03T09:00:00Z"><saml:AuthnContext><saml:AuthnContextClassRef>'
    .. "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
    .. "</saml:AuthnStatement>",
  attributes = '<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>kim@acme.test'
    .. '</saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups"><saml:AttributeValue>b'
    .. "</saml:AttributeValue><saml:AttributeValue>a</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>",
  after = "",
}

--- The assertion alone; `with` replaces pieces.
function saml_text.assertion(with)
  local p = setmetatable(with or {}, { __index = parts })
  return "<saml:Assertion " .. p.assertion .. ">" .. p.inner_issuer .. p.signature .. "<saml:Subject>" .. p.name_id
    .. p.confirmation .. "</saml:Subject>" .. p.conditions .. p.advice .. p.authn .. p.attributes .. "</saml:Assertion>"
end

--- The whole response; `whole` replaces the assertion.
function saml_text.response(with)
  local p = setmetatable(with or {}, { __index = parts })
  return p.before .. "<samlp:Response " .. p.spaces .. " " .. p.response .. ">" .. p.issuer .. p.response_signature
    .. p.extensions .. p.status .. (p.whole or saml_text.assertion(p)) .. p.after .. "</samlp:Response>"
end

--- A signature over an element of this id, as far as its shape goes; `more` stands at its end.
function saml_text.signature(id, more)
  return '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
    .. '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    .. '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#'
    .. id .. '"><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>AAAA'
    .. "</ds:SignatureValue>" .. (more or "") .. "</ds:Signature>"
end

return saml_text

-- saml.lua - what a SAML response says, read without checking its signature.
--
-- The one who checks is the service provider that the response is for.  Reading is for showing, choosing (a role of
-- AWS) and logging, never for letting somebody in; hence the name, and `verified = false` in every result.  Read by
-- namespace and place, and strictly: what two readers could take for two things is refused, not guessed.

local core = require "onelogin.core"
local errors = require "onelogin.errors"
local time = require "onelogin.time"
local xmltree = require "onelogin.xmltree"

local saml = {}

local PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
local ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
local DS = "http://www.w3.org/2000/09/xmldsig#"
local XENC = "http://www.w3.org/2001/04/xmlenc#"
local XSI = "http://www.w3.org/2001/XMLSchema-instance"
local XML = "http://www.w3.org/XML/1998/namespace"
local SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
local BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
local MOST_TEXT = 2 * xmltree.MAX_BYTES -- of base64, with its line breaks

-- A refusal is thrown inside, and is nil, err outside.
local Refusal = {}

local function refuse(...)
  error(setmetatable({ why = table.concat { ... } }, Refusal), 0)
end

------------------------------------------------------------------------------------------------
-- Base64: one text for one value, but for white space

local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local value_of = {}
for i = 1, 64 do value_of[DIGITS:sub(i, i)] = i - 1 end

local function unbase64(text)
  text = text:gsub("[ \t\r\n]", "")
  local body = text:match("^([A-Za-z0-9+/]*)=?=?$")
  if not body or #text % 4 ~= 0 then refuse("it is neither XML nor base64") end
  local char, floor = string.char, math.floor
  return (body:gsub("(.)(.)(.?)(.?)", function(a, b, c, d)
    local v = value_of[a] * 262144 + value_of[b] * 4096 + (value_of[c] or 0) * 64 + (value_of[d] or 0)
    local x, y, z = floor(v / 65536), floor(v / 256) % 256, v % 256
    if d ~= "" then return char(x, y, z) end
    if (c == "" and y or z) ~= 0 then refuse("its base64 is not canonical") end
    return c == "" and char(x) or char(x, y)
  end))
end

------------------------------------------------------------------------------------------------
-- The tree by namespace and place

local function blank(text)
  return not text:find("[^ \t\n]")
end

-- The child elements of a node, which hold no text between them, by name.  wanted: { ns, name, least, most } of each
-- in the order in which they must stand, from the `free`-th on in any.  A single one comes as itself, others as a list.
local function children(node, wanted, free)
  if not blank(node.text) then refuse("text stands in <", node.qname, ">, which has none") end
  local out, at = {}, 1
  for _, child in ipairs(node) do
    local found
    for i = math.min(at, free or at), #wanted do
      if wanted[i][1] == child.ns and wanted[i][2] == child.name then
        found, at = wanted[i], i
        break
      end
    end
    if not found then
      if child.name:find("^Encrypted") and (child.ns == ASSERTION or child.ns == XENC) then
        refuse("<", child.qname, "> is encrypted, and only its receiver has the key")
      end
      refuse("<", child.qname, "> is not expected in <", node.qname, ">, or not in that place or namespace")
    end
    local list = out[child.name] or {}
    list[#list + 1] = child
    out[child.name] = list
    if #list > found[4] then refuse("<", child.qname, "> stands more than once in <", node.qname, ">") end
  end
  for _, one in ipairs(wanted) do
    local list = out[one[2]]
    if #(list or {}) < one[3] then refuse("<", node.qname, "> has no ", one[2]) end
    if one[4] == 1 then out[one[2]] = list and list[1] else out[one[2]] = list or {} end
  end
  return out
end

-- The text of an element that has nothing else.
local function text_of(node)
  if not node then return nil end
  if #node > 0 then refuse("<", node.qname, "> holds elements where text belongs") end
  return node.text
end

-- The same for a URI, around which white space means nothing.
local function uri_of(node)
  local text = text_of(node)
  return text and text:match("^[ \t\n]*(.-)[ \t\n]*$")
end

local function needed(node, name)
  local value = node.attributes[name]
  if not value or value == "" then refuse("<", node.qname, "> has no ", name) end
  return value
end

-- An attribute that is a time, as seconds since 1970: UTC, as SAML wants it, and a date that the calendar has.
local function time_of(node, name)
  local text = node and node.attributes[name]
  if not text then return nil end
  local whole, fraction = text:match("^(%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d)(%.?%d*)Z$")
  local seconds = whole and #fraction ~= 1 and #fraction <= 10 and core.time.iso(whole .. "Z")
  if not seconds or time.format(seconds):sub(1, 19) ~= whole then
    refuse("the time ", name, " of <", node.qname, "> is none in UTC")
  end
  if #fraction > 1 and tonumber(fraction) > 0 then return seconds + tonumber(fraction) end
  return math.tointeger and math.tointeger(seconds) or seconds
end

local MANY = 1 / 0

------------------------------------------------------------------------------------------------
-- What may stand only once, wherever it is

local IDS = { "ID", "Id", "id", "{" .. XML .. "}id" }

-- Of these a response has one, wherever and in whatever namespace a reader looks.
local ONCE = { Response = 0, Assertion = 0, Subject = 0, NameID = 0, Conditions = 0, AuthnStatement = 0 }

-- Looks at every element: a second response, assertion or subject is how signatures are wrapped around what they do not
-- cover; so are two elements of one ID, and what a signature carries with it.
local function look(all)
  local ids, seen = {}, setmetatable({}, { __index = ONCE })
  for _, node in ipairs(all) do
    local name = node.name
    if seen[name] == 1 then refuse("there is more than one <", name, ">") end
    if seen[name] then seen[name] = 1 end
    if name == "EncryptedAssertion" then refuse("the assertion is encrypted, and only its receiver has the key") end
    if node.ns == DS and name == "Object" then refuse("a signature carries an object") end
    for _, key in ipairs(IDS) do
      local id = node.attributes[key]
      if id then
        if ids[id] then refuse("two elements have the same ID") end
        ids[id] = true
      end
    end
  end
end

-- Is this signed?  A signature speaks for the element it stands in, or is a trick.
local function is_signed(node, signature)
  if not signature then return false end
  local info
  for _, child in ipairs(signature) do
    if child.ns == DS and child.name == "SignedInfo" then
      if info then refuse("a signature says twice what it covers") end
      info = child
    end
  end
  local reference
  for _, child in ipairs(info or {}) do
    if child.ns == DS and child.name == "Reference" then
      if reference then refuse("a signature covers more than one thing") end
      reference = child
    end
  end
  if not reference or reference.attributes.URI ~= "#" .. node.attributes.ID then
    refuse("the signature in <", node.qname, "> is not over it")
  end
  return true
end

local function no_other_signature(all, count)
  for _, node in ipairs(all) do
    if node.ns == DS and node.name == "Signature" then count = count - 1 end
  end
  if count ~= 0 then refuse("a signature stands where none belongs") end
end

------------------------------------------------------------------------------------------------
-- The parts of an assertion

local function of(ns, name, least, most) return { ns, name, least, most } end

local IN_RESPONSE = { of(ASSERTION, "Issuer", 0, 1), of(DS, "Signature", 0, 1), of(PROTOCOL, "Extensions", 0, 1),
  of(PROTOCOL, "Status", 1, 1), of(ASSERTION, "Assertion", 0, 1) }
local IN_STATUS = { of(PROTOCOL, "StatusCode", 1, 1), of(PROTOCOL, "StatusMessage", 0, 1),
  of(PROTOCOL, "StatusDetail", 0, 1) }
local IN_ASSERTION = { of(ASSERTION, "Issuer", 1, 1), of(DS, "Signature", 0, 1), of(ASSERTION, "Subject", 1, 1),
  of(ASSERTION, "Conditions", 0, 1), of(ASSERTION, "Advice", 0, 1), of(ASSERTION, "AuthnStatement", 0, 1),
  of(ASSERTION, "AttributeStatement", 0, MANY) }
local STATEMENTS = 6 -- from here on in any order
local IN_SUBJECT = { of(ASSERTION, "NameID", 1, 1), of(ASSERTION, "SubjectConfirmation", 0, MANY) }
local IN_CONFIRMATION = { of(ASSERTION, "SubjectConfirmationData", 0, 1) }
local IN_CONDITIONS = { of(ASSERTION, "AudienceRestriction", 0, 1), of(ASSERTION, "OneTimeUse", 0, 1),
  of(ASSERTION, "ProxyRestriction", 0, 1) }
local IN_RESTRICTION = { of(ASSERTION, "Audience", 1, MANY) }
local IN_AUTHN = { of(ASSERTION, "SubjectLocality", 0, 1), of(ASSERTION, "AuthnContext", 1, 1) }
local IN_CONTEXT = { of(ASSERTION, "AuthnContextClassRef", 0, 1), of(ASSERTION, "AuthnContextDecl", 0, 1),
  of(ASSERTION, "AuthnContextDeclRef", 0, 1), of(ASSERTION, "AuthenticatingAuthority", 0, MANY) }
local IN_STATEMENT = { of(ASSERTION, "Attribute", 0, MANY) }
local IN_ATTRIBUTE = { of(ASSERTION, "AttributeValue", 0, MANY) }

local function read_subject(out, node)
  local parts = children(node, IN_SUBJECT)
  local name = text_of(parts.NameID)
  if blank(name) then refuse("the subject's <", parts.NameID.qname, "> is empty") end
  out.subject = { name_id = name, format = parts.NameID.attributes.Format }
  local bearer
  for _, confirmation in ipairs(parts.SubjectConfirmation) do
    local data = children(confirmation, IN_CONFIRMATION).SubjectConfirmationData
    if needed(confirmation, "Method") == BEARER then
      if bearer then refuse("the subject is confirmed twice for a bearer") end
      bearer = true
      if data then
        out.recipient = data.attributes.Recipient
        out.subject.not_on_or_after = time_of(data, "NotOnOrAfter")
        local asked = data.attributes.InResponseTo
        if asked and out.in_response_to and asked ~= out.in_response_to then
          refuse("the response and its subject answer two requests")
        end
        out.in_response_to = out.in_response_to or asked
      end
    end
  end
end

local function read_conditions(out, node)
  if not node then return end
  local parts = children(node, IN_CONDITIONS, 1)
  local from, till = time_of(node, "NotBefore"), time_of(node, "NotOnOrAfter")
  if from and till and from >= till then refuse("<", node.qname, "> ends before it begins") end
  out.conditions = { not_before = from, not_on_or_after = till }
  if parts.AudienceRestriction then
    for i, audience in ipairs(children(parts.AudienceRestriction, IN_RESTRICTION).Audience) do
      out.audiences[i] = uri_of(audience)
    end
    if #out.audiences == 1 then out.audience = out.audiences[1] end
  end
end

local function read_authn(out, node)
  if not node then return end
  out.authn_instant = time_of(node, "AuthnInstant")
  out.session_index = node.attributes.SessionIndex
  out.session_not_on_or_after = time_of(node, "SessionNotOnOrAfter")
  local context = children(children(node, IN_AUTHN).AuthnContext, IN_CONTEXT)
  out.authn_context = uri_of(context.AuthnContextClassRef)
end

local function read_attributes(out, statements)
  for _, statement in ipairs(statements) do
    for _, attribute in ipairs(children(statement, IN_STATEMENT).Attribute) do
      local name, values = needed(attribute, "Name"), {}
      if out.attributes[name] then refuse("an attribute of the subject stands twice") end
      for _, value in ipairs(children(attribute, IN_ATTRIBUTE).AttributeValue) do
        local text, void = text_of(value), value.attributes["{" .. XSI .. "}nil"]
        if void ~= "true" and void ~= "1" then values[#values + 1] = text end
      end
      out.attributes[name] = values
      out.attribute_names[#out.attribute_names + 1] = name
    end
  end
end

local function versioned(node)
  if node.attributes.Version ~= "2.0" then refuse("<", node.qname, "> is not of version 2.0") end
  return needed(node, "ID")
end

local function read(text)
  if #text > MOST_TEXT then refuse("it is longer than ", tostring(MOST_TEXT), " bytes") end
  if not text:find("^[ \t\r\n]*<") and text:sub(1, 3) ~= "\239\187\191" then text = unbase64(text) end
  local response, all = xmltree.parse((text:gsub("^[ \t\r\n]+", "")))
  if not response then refuse(all) end
  if response.ns ~= PROTOCOL or response.name ~= "Response" then
    refuse("its root is <", response.qname, ">, not a SAML 2.0 response")
  end
  look(all)

  local parts = children(response, IN_RESPONSE)
  local code = children(parts.Status, IN_STATUS).StatusCode
  local out = { verified = false, response_id = versioned(response), status = needed(code, "Value"),
    destination = response.attributes.Destination, in_response_to = response.attributes.InResponseTo,
    issue_instant = time_of(response, "IssueInstant"), audiences = {}, attributes = {}, attribute_names = {} }
  if out.status ~= SUCCESS then
    local finer = code[1] and code[1].attributes.Value
    refuse("its status is ", out.status, finer and ", " .. finer or "")
  end
  local assertion = parts.Assertion
  if not assertion then refuse("it holds no assertion") end
  out.assertion_id = versioned(assertion)

  local inner = children(assertion, IN_ASSERTION, STATEMENTS)
  local whole, own = is_signed(response, parts.Signature), is_signed(assertion, inner.Signature)
  no_other_signature(all, (whole and 1 or 0) + (own and 1 or 0))
  out.signed = whole or own
  out.issuer = text_of(inner.Issuer)
  if parts.Issuer and text_of(parts.Issuer) ~= out.issuer then
    refuse("the response and its assertion name two issuers")
  end
  read_subject(out, inner.Subject)
  read_conditions(out, inner.Conditions)
  read_authn(out, inner.AuthnStatement)
  read_attributes(out, inner.AttributeStatement)
  return out
end

------------------------------------------------------------------------------------------------

--- decode_unverified(response) → table | nil, err of kind "decode".
-- `response`: the text of a SAML response, in base64 as OneLogin answers it, or as XML.  Nothing is verified.
function saml.decode_unverified(response)
  if type(response) ~= "string" then
    error("saml.decode_unverified: expected the response as text, in base64 or XML, got a " .. type(response)
      .. " (a sign-in has it as `assertion`)", 2)
  end
  local ok, result = pcall(read, response)
  if ok then return result end
  if getmetatable(result) ~= Refusal then error(result, 0) end
  return nil, errors.new { kind = "decode", operation = "saml.decode_unverified",
    message = "no usable SAML response: " .. result.why:sub(1, 300), retryable = false }
end

return saml

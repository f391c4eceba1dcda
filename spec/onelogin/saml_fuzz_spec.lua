-- run: plain
-- Damaged responses: nothing crashes or hangs, and what is still accepted is a document that another parser (expat)
-- reads in the same way, with one subject.
local errors = require "onelogin.errors"
local lxp = require "lxp"
local mutate = require "spec.fuzz.mutate"
local onelogin = require "onelogin"
local text = require "spec.support.saml_text"
local world = require "spec.support.sign_in"

local decode = onelogin.saml.decode_unverified
local P, A = "urn:oasis:names:tc:SAML:2.0:protocol|", "urn:oasis:names:tc:SAML:2.0:assertion|"

-- As expat has it: path and text of every NameID, and the values of the attributes; nil when it finds it malformed.
local function by_expat(xml)
  local path, found, doctype = {}, {}, false
  local pieces = {}
  local parser = lxp.new({
    StartElement = function(_, name, attributes)
      path[#path + 1] = name
      pieces[#path] = {}
      if name == A .. "Attribute" then found.name = attributes.Name end
    end,
    CharacterData = function(_, data)
      local list = pieces[#path]
      list[#list + 1] = data
    end,
    EndElement = function(_, name)
      local all = table.concat(pieces[#path])
      if name == A .. "NameID" then
        found[#found + 1] = { table.concat(path, "/"), all }
      elseif table.concat(path, "/") == P .. "Response/" .. A .. "Assertion/" .. A .. "AttributeStatement/" .. A
        .. "Attribute/" .. A .. "AttributeValue" then
        found.values = found.values or {}
        found.values[#found.values + 1] = found.name .. "=" .. all
      end
      path[#path] = nil
    end,
    StartDoctypeDecl = function() doctype = true end,
  }, "|")
  local ok = parser:parse(xml)
  if ok then ok = parser:parse() end
  pcall(parser.close, parser)
  return ok and not doctype and found or nil
end

local function seeds()
  local box, kim = world.world()
  local app = box:add_app { connector_id = 110006, name = "AWS" }
  kim.app_ids = { app.id }
  local answer = assert(onelogin.new(box:config()).saml:generate_assertion { username_or_email = "kim",
    password = world.PASSWORD, subdomain = "acme", app_id = tostring(app.id) })
  return { require("onelogin.crypto").base64_decode(answer.data), text.response(),
    text.response { signature = text.signature "_a1", advice = "<saml:Advice/>" } }
end

local WORDS = { "<", ">", "&", '"', "'", "/", "=", " ", "\n", "\0", "\127", "\195", "\195\164", "\239\191\191", "]]>",
  "<![CDATA[", "<!--", "-->", "<!-- -->", "<?x?>", "<!DOCTYPE a>", "&amp;", "&lt;", "&#65;", "&#0;", "&x;", "<a>",
  "</a>", "<a/>", "evil@acme.test", ' ID="_a1"', ' Version="2.0"', ' xmlns="urn:evil"', ' xmlns:saml="urn:evil"',
  ' xmlns:e="urn:oasis:names:tc:SAML:2.0:assertion"', "<e:NameID>evil</e:NameID>",
  "<saml:NameID>evil</saml:NameID>",
  "<saml:Subject><saml:NameID>evil</saml:NameID></saml:Subject>", "saml:", "samlp:", "e:", "xmlns", "</saml:Subject>",
  "<saml:Subject>", "</saml:Assertion>", "<saml:Assertion>" }

-- One to three changes: a byte, a word, a piece left out, doubled or moved.
local function damaged(rnd, seed)
  local out = seed
  for _ = 1, math.max(1, rnd(5) - 2) do
    local n = #out
    if n < 4 then break end
    local at, kind = rnd(n), rnd(8)
    local stop = math.min(n, at + rnd(rnd(3) == 1 and 400 or 12))
    if kind == 1 then
      out = out:sub(1, at - 1) .. string.char(rnd(256) - 1) .. out:sub(at + 1)
    elseif kind <= 4 then
      out = out:sub(1, at - 1) .. WORDS[rnd(#WORDS)] .. out:sub(at)
    elseif kind == 5 then
      out = out:sub(1, at - 1) .. out:sub(stop + 1)
    elseif kind == 6 then
      out = out:sub(1, stop) .. out:sub(at, stop) .. out:sub(stop + 1)
    elseif kind == 7 then
      local to = rnd(n)
      out = out:sub(1, to) .. out:sub(at, stop) .. out:sub(to + 1)
    else -- at the edge of a tag, where more of it stays well-formed
      local edge = out:find(rnd(2) == 1 and "<" or ">", at, true)
      if edge then out = out:sub(1, edge - 1) .. WORDS[rnd(#WORDS)] .. out:sub(edge) end
    end
  end
  return out
end

describe("damaged SAML responses", function()
  it("are refused, or read as another parser reads them", function()
    local rnd, accepted = mutate.random(20261121), 0
    local all = seeds()
    for i = 1, 6000 do
      local xml = damaged(rnd, all[rnd(#all)])
      local result, err = decode(xml)
      if result then
        accepted = accepted + 1
        local other = by_expat(xml:gsub("^[ \t\r\n]+", ""))
        assert.is_table(other, i .. ": expat refuses what was accepted:\n" .. xml)
        assert.equal(1, #other, i .. ": another number of subjects:\n" .. xml)
        assert.equal(P .. "Response/" .. A .. "Assertion/" .. A .. "Subject/" .. A .. "NameID", other[1][1])
        assert.equal(other[1][2], result.subject.name_id)
        local values = {}
        for _, name in ipairs(result.attribute_names) do
          for _, value in ipairs(result.attributes[name]) do values[#values + 1] = name .. "=" .. value end
        end
        assert.same(other.values or {}, values)
        assert.is_false(result.verified)
      else
        assert.is_true(errors.is(err), tostring(err))
        assert.equal("decode", err.kind)
      end
    end
    assert.is_true(accepted > 400 and accepted < 5000, accepted .. " accepted")
  end)

  it("are refused at every place where they may be cut, in either spelling", function()
    local crypto = require "onelogin.crypto"
    for _, seed in ipairs(seeds()) do
      local whole = seed:gsub("%s+$", "")
      for at = 0, #whole - 1, 7 do
        assert.is_nil((decode(whole:sub(1, at))), at)
        if at % 5 == 0 then
          assert.is_nil((decode(crypto.base64_encode(whole:sub(1, at)))), at)
          assert.is_nil((decode(crypto.base64_encode(whole):sub(1, at))), at)
        end
      end
      assert.is_table((decode(whole)))
    end
  end)

  it("do no harm as bytes of any kind", function()
    local rnd = mutate.random(7)
    for _ = 1, 300 do
      local out = {}
      for i = 1, rnd(400) do out[i] = rnd(3) == 1 and WORDS[rnd(#WORDS)] or string.char(rnd(256) - 1) end
      local bytes = table.concat(out)
      assert.is_nil((decode(bytes)))
      assert.is_nil((decode("<a>" .. bytes .. "</a>")))
    end
  end)
end)

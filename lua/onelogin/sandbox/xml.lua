-- XML as this sandbox writes it: in its canonical form (Exclusive XML Canonicalization), so that what
-- is signed is the text itself.  That wants attributes in order, no empty-element tags, and each
-- namespace declared on the outermost element that uses it, which the writer of a document must see to.

local util = require("onelogin.sandbox.util")

local xml = {}

local TEXT = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ["\r"] = "&#xD;" }
local ATTRIBUTE = { ["&"] = "&amp;", ["<"] = "&lt;", ['"'] = "&quot;", ["\t"] = "&#x9;", ["\n"] = "&#xA;",
  ["\r"] = "&#xD;" }

-- XML has no way to write most control characters; a star stands for them, and for what is no text.
local function clean(value)
  local text = tostring(value)
  if not util.is_utf8(text) then text = text:gsub("[\128-\255]", "*") end
  return (text:gsub("[%z\1-\8\11\12\14-\31]", "*"):gsub("\239\191[\190\191]", "*"))
end

--- A value as character data.
function xml.text(value)
  return (clean(value):gsub("[&<>\r]", TEXT))
end

-- Declarations of namespaces come first, each kind by name.
local function before(a, b)
  local x, y = a:find("^xmlns") ~= nil, b:find("^xmlns") ~= nil
  if x ~= y then return x end
  return a < b
end

--- An element; `attributes` is a map or nil, `content` is XML.
function xml.element(name, attributes, content)
  local names, out = {}, {}
  for key in pairs(attributes or {}) do names[#names + 1] = key end
  table.sort(names, before)
  for i, key in ipairs(names) do
    out[i] = (' %s="%s"'):format(key, (clean(attributes[key]):gsub('[&<"\t\n\r]', ATTRIBUTE)))
  end
  return ("<%s%s>%s</%s>"):format(name, table.concat(out), content or "", name)
end

return xml

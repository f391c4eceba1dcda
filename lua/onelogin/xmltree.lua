-- xmltree.lua - XML as a tree with its namespaces resolved, by a strict reader in plain Lua that runs everywhere.
--
-- A subset on purpose: UTF-8, no DOCTYPE, no entity but the five of XML, no processing instruction, ASCII names.
-- Whatever is outside of it, or not well-formed, is refused and never repaired: two readers that repair differently see
-- two documents.  Nothing recurses, and time and memory are bounded by the limits below.

local xmltree = {}

local find, match, sub, gsub, char = string.find, string.match, string.sub, string.gsub, string.char
local concat = table.concat

xmltree.MAX_BYTES = 1048576
xmltree.MAX_DEPTH = 64
xmltree.MAX_ELEMENTS = 20000
xmltree.MAX_ATTRIBUTES = 64 -- of one element, with declarations

local XML = "http://www.w3.org/XML/1998/namespace"
local XMLNS = "http://www.w3.org/2000/xmlns/"
local NAME = "^[A-Za-z_][A-Za-z0-9_.-]*"
local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'" }

-- Every well-formed sequence but those of U+FFFE and U+FFFF, which are no characters of XML.  A sequence begins with a
-- byte that stands nowhere else, so one kind after the other may be struck out.
local SEQUENCES = { "[\194-\223][\128-\191]", "\224[\160-\191][\128-\191]", "[\225-\236\238][\128-\191][\128-\191]",
  "\237[\128-\159][\128-\191]", "\239[\128-\190][\128-\191]", "\239\191[\128-\189]",
  "\240[\144-\191][\128-\191][\128-\191]", "[\241-\243][\128-\191][\128-\191][\128-\191]",
  "\244[\128-\143][\128-\191][\128-\191]" }

local function is_utf8(text)
  if not find(text, "[\128-\255]") then return true end
  for _, sequence in ipairs(SEQUENCES) do text = gsub(text, sequence, " ") end
  return not find(text, "[\128-\255]")
end

-- The character of a code point, or nil for what XML cannot hold.
local function character(code)
  if code < 32 and code ~= 9 and code ~= 10 and code ~= 13 or code >= 0xD800 and code <= 0xDFFF
    or code == 0xFFFE or code == 0xFFFF or code > 0x10FFFF then return nil end
  if code < 128 then return char(code) end
  local out, lead, n = {}, code < 0x800 and 192 or code < 0x10000 and 224 or 240,
    code < 0x800 and 2 or code < 0x10000 and 3 or 4
  for i = n, 2, -1 do
    out[i] = char(128 + code % 64)
    code = (code - code % 64) / 64
  end
  out[1] = char(lead + code)
  return concat(out)
end

-- "p:name" → "name", "p"; "name" → "name"; nil for what is no name.
local function split(qname)
  local prefix, name = match(qname, "^([^:]*):(.*)$")
  name = name or qname
  if prefix and not find(prefix, NAME) or not find(name, NAME) or find(name, ":", 1, true) then return nil end
  return name, prefix
end

-- What stands between & and ; as text, or nil.
local function reference(name)
  if ENTITIES[name] then return ENTITIES[name] end
  local digits, base = match(name, "^#0*(%d%d?%d?%d?%d?%d?%d?)$"), 10
  if not digits then digits, base = match(name, "^#x0*(%x%x?%x?%x?%x?%x?)$"), 16 end
  return digits and character(tonumber(digits, base))
end

-- Character data or an attribute's value with its references resolved → text | nil, why
local function resolved(text)
  if not find(text, "&", 1, true) then return text end
  local why
  text = gsub(text, "&(#?[A-Za-z0-9]*)(;?)", function(name, stop)
    local value = stop == ";" and reference(name)
    if not value then why = why or "a reference that names no character: &" .. sub(name, 1, 20) end
    return value or ""
  end)
  if why then return nil, why end
  return text
end

-- The attributes of a start tag from `at` on → list of { prefix, name, value }, position behind, "/" or "" | nil, why
local function read_attributes(text, at)
  local list = {}
  while true do
    local _, space = find(text, "^[ \t\n]+", at)
    local _, stop, slash = find(text, "^(/?)>", space and space + 1 or at)
    if stop then return list, stop + 1, slash end
    if not space then return nil, "a tag is malformed" end
    at = space + 1
    local _, last, qname = find(text, "^([A-Za-z0-9_.:-]+)", at)
    local quote
    _, last, quote = find(text, "^[ \t\n]*=[ \t\n]*([\"'])", (last or at) + 1)
    if not qname or not last then return nil, "an attribute is malformed" end
    local name, prefix = split(qname)
    if not name then return nil, "an attribute's name is malformed" end
    local close = find(text, quote, last + 1, true)
    if not close then return nil, "an attribute's value does not end" end
    local value = sub(text, last + 1, close - 1)
    if find(value, "<", 1, true) then return nil, "an attribute's value holds <" end
    local why
    value, why = resolved((gsub(value, "[\t\n]", " ")))
    if not value then return nil, why end
    list[#list + 1] = { prefix, name, value }
    if #list > xmltree.MAX_ATTRIBUTES then
      return nil, "an element has more than " .. xmltree.MAX_ATTRIBUTES .. " attributes"
    end
    at = close + 1
  end
end

-- The namespaces that a tag declares, above those around it → scope | nil, why
local function declared(list, scope)
  local own
  for i = 1, #list do
    local prefix, name, value = list[i][1], list[i][2], list[i][3]
    local new = prefix == "xmlns" and name or prefix == nil and name == "xmlns" and ""
    if new then
      if new == "xmlns" or (new == "xml") ~= (value == XML) or value == XMLNS then
        return nil, "a reserved namespace is declared anew"
      end
      if new ~= "" and value == "" then return nil, "a prefix is declared for no namespace" end
      own = own or setmetatable({}, { __index = scope })
      if rawget(own, new) then return nil, "a namespace is declared twice in one tag" end
      own[new] = value
    end
  end
  return own or scope
end

-- The other attributes by name, those in a namespace as "{namespace}name" → map | nil, why
local function attributes_of(list, scope)
  local out = {}
  for i = 1, #list do
    local prefix, name, value = list[i][1], list[i][2], list[i][3]
    if prefix and prefix ~= "xmlns" then
      local ns = scope[prefix]
      if not ns then return nil, "the prefix " .. prefix .. " is not declared" end
      name = "{" .. ns .. "}" .. name
    end
    if prefix ~= "xmlns" and not (prefix == nil and name == "xmlns") then
      if out[name] then return nil, "an attribute stands twice: " .. name end
      out[name] = value
    end
  end
  return out
end

-- The text without its declaration, which only the very beginning may hold | nil, why
local function without_declaration(text)
  if sub(text, 1, 3) == "\239\187\191" then text = sub(text, 4) end
  local rest = match(text, "^<%?xml([ \t\n].*)$")
  if not rest then return text end
  local inside, after = match(rest, "^(.-)%?>(.*)$")
  if not inside then return nil, "the XML declaration does not end" end
  local function take(name, value)
    local q, found, more = match(inside, "^[ \t\n]+" .. name .. "[ \t\n]*=[ \t\n]*([\"'])(" .. value .. ")%1(.*)$")
    if q then inside = more end
    return found
  end
  if take("version", "[^\"']*") ~= "1.0" then return nil, "only XML 1.0 is accepted" end
  local encoding = take("encoding", "[^\"']*")
  if encoding and encoding:lower() ~= "utf-8" then return nil, "only the encoding UTF-8 is accepted" end
  local standalone = take("standalone", "[^\"']*")
  if standalone and standalone ~= "yes" and standalone ~= "no" or find(inside, "[^ \t\n]") then
    return nil, "the XML declaration is malformed"
  end
  return after
end

-- Tells what begins with "<!" or "<?" and is neither a comment nor CDATA.
local function refused(text, at)
  if find(text, "^<!DOCTYPE", at) then return "a DOCTYPE is not accepted" end
  if find(text, "^<%?", at) then return "a processing instruction is not accepted" end
  return "a declaration is not accepted"
end

--- text → root, list of all elements in order | nil, why; `most`: bytes that it may have.
-- An element is { ns, name, qname, attributes, text, ... its child elements }: ns is "" for none; attributes as
-- attributes_of says; text is all its own character data joined, whatever comments, CDATA or elements stand between.
function xmltree.parse(text, most)
  most = most or xmltree.MAX_BYTES
  if #text > most then return nil, "it is longer than " .. most .. " bytes" end
  if not is_utf8(text) then return nil, "it is not UTF-8, or holds what is no character" end
  if find(text, "[%z\1-\8\11\12\14-\31]") then return nil, "it holds a control character" end
  text = gsub(text, "\r\n?", "\n")
  local why
  text, why = without_declaration(text)
  if not text then return nil, why end

  local root, all, stack, pieces, scopes = nil, {}, {}, {}, { [0] = { xml = XML, [""] = "" } }
  local depth, at = 0, 1

  local function add(data)
    if depth == 0 then return not find(data, "[^ \t\n]") end
    local list = pieces[depth]
    list[#list + 1] = data
    return true
  end

  while true do
    local open = find(text, "<", at, true)
    local run = sub(text, at, (open or #text + 1) - 1)
    if run ~= "" then
      if find(run, "]]>", 1, true) then return nil, "]]> stands in text" end
      if depth > 0 then
        run, why = resolved(run)
        if not run then return nil, why end
      end
      if not add(run) then return nil, "text stands outside of the root" end
    end
    if not open then break end

    if sub(text, open, open + 3) == "<!--" then
      local stop = find(text, "--", open + 4, true)
      if not stop or sub(text, stop + 2, stop + 2) ~= ">" then return nil, "a comment is malformed" end
      at = stop + 3
    elseif sub(text, open, open + 8) == "<![CDATA[" then
      local stop = depth > 0 and find(text, "]]>", open + 9, true)
      if not stop then return nil, "a CDATA section does not end, or stands outside of the root" end
      add(sub(text, open + 9, stop - 1))
      at = stop + 3
    elseif find(text, "^<[!?]", open) then
      return nil, refused(text, open)
    elseif sub(text, open, open + 1) == "</" then
      local _, stop, qname = find(text, "^</([^ \t\n<>]+)[ \t\n]*>", open)
      local node = stack[depth]
      if not stop or not node or node.qname ~= qname then
        return nil, node and "<" .. node.qname .. "> is not closed" or "an end tag has no beginning"
      end
      node.text = concat(pieces[depth])
      stack[depth], pieces[depth], scopes[depth] = nil, nil, nil
      depth, at = depth - 1, stop + 1
    else
      local _, last, qname = find(text, "^<([A-Za-z0-9_.:-]+)", open)
      local name, prefix = split(qname or "")
      if not name then return nil, "an element's name is malformed" end
      if root and depth == 0 then return nil, "there is more than one root" end
      if depth >= xmltree.MAX_DEPTH then return nil, "it is nested deeper than " .. xmltree.MAX_DEPTH end
      if #all >= xmltree.MAX_ELEMENTS then return nil, "it has more than " .. xmltree.MAX_ELEMENTS .. " elements" end
      local list, after, slash = read_attributes(text, last + 1)
      if not list then return nil, after end
      local scope, attributes
      scope, why = declared(list, scopes[depth])
      if not scope then return nil, why end
      local ns = scope[prefix or ""]
      if not ns then return nil, "the prefix " .. prefix .. " is not declared" end
      attributes, why = attributes_of(list, scope)
      if not attributes then return nil, why end
      local node = { ns = ns, name = name, qname = qname, attributes = attributes, text = "" }
      all[#all + 1] = node
      local parent = stack[depth]
      if parent then parent[#parent + 1] = node else root = node end
      if slash == "" then
        depth = depth + 1
        stack[depth], pieces[depth], scopes[depth] = node, {}, scope
      end
      at = after
    end
  end
  if depth > 0 then return nil, "<" .. stack[depth].qname .. "> is not closed" end
  if not root then return nil, "there is no element" end
  return root, all
end

return xmltree

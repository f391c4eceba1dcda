-- xml.lua - the two answers of the API that are XML, read by a real parser (lua-expat).
--
-- DOCTYPE, entity declarations and processing instructions are refused: nothing here needs them, and attacks do.

local require = require
local errors = require "onelogin.errors"

local xml = {}

local MAX_DEPTH = 16

local lxp

-- Throws where the parser is missing, before anything is sent.
function xml.need(id, level)
  if lxp then return end
  local ok, module = pcall(require, "lxp")
  if not ok then
    error(id .. ": its answer is XML, which needs lua-expat (the module lxp; Debian's package lua-expat)", level + 1)
  end
  lxp = module
end

-- text → the root node { name, text, attributes, children... } | nil, why
function xml.parse(text)
  local root, stack, pieces, why = nil, {}, {}, nil
  local parser
  local function refuse(message)
    return function(p)
      why = why or message
      p:stop()
    end
  end
  parser = lxp.new {
    StartElement = function(p, name, attributes)
      if #stack >= MAX_DEPTH then return refuse("nested deeper than " .. MAX_DEPTH)(p) end
      local node = { name = name, attributes = attributes }
      local parent = stack[#stack]
      if parent then parent[#parent + 1] = node else root = node end
      stack[#stack + 1], pieces[#stack + 1] = node, {}
    end,
    EndElement = function()
      stack[#stack].text = table.concat(pieces[#stack])
      stack[#stack] = nil
    end,
    -- Called in pieces, also across comments and CDATA; joined once, for a text may come as very many.
    CharacterData = function(_, data)
      local list = pieces[#stack]
      if list then list[#list + 1] = data end
    end,
    StartDoctypeDecl = refuse "a DOCTYPE is not accepted",
    ProcessingInstruction = refuse "a processing instruction is not accepted",
  }
  local ok, message = parser:parse(text)
  if ok then ok, message = parser:parse() end
  pcall(parser.close, parser)
  if why or not ok or not root then
    return nil, why or tostring(message or "no element")
  end
  return root
end

-- The children of a node by name; one that stands twice is an error, for then two readers may differ.
local function fields(node, typed)
  local out = {}
  for _, child in ipairs(node) do
    if out[child.name] ~= nil then return nil, "<" .. child.name .. "> stands more than once" end
    local value = child.text
    if #child > 0 then
      local why
      value, why = fields(child, typed)
      if not value then return nil, why end
    elseif typed and (value == "true" or value == "false") then
      value = value == "true"
    end
    out[child.name] = value
  end
  return out
end

-- The answer's text as the entry's result: an object (true and false as booleans), or a list of rows (all text).
local function read(entry, text)
  local root, why = xml.parse(text)
  if not root then return nil, why end
  if entry.root and root.name ~= entry.root then return nil, "its root is <" .. root.name .. ">" end
  if entry.result ~= "list" then return fields(root, true) end
  local rows = {}
  for i, child in ipairs(root) do
    rows[i], why = fields(child, false)
    if not rows[i] then return nil, why end
  end
  return rows
end

-- value | nil, err
function xml.read(id, entry, text)
  local value, why = read(entry, text)
  if value then return value end
  return nil, errors.new { kind = "decode", message = "the answer is no usable XML: " .. why, operation = id,
    method = entry.method, path = entry.path, attempts = 1, retryable = false, body = text:sub(1, 4096) }
end

return xml

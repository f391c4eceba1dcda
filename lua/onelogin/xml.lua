-- xml.lua - the two answers of the API that are XML, as values (read by xmltree.lua).

local errors = require "onelogin.errors"
local xmltree = require "onelogin.xmltree"

local xml = {}

-- The children of a node by name; one that stands twice is an error, for then two readers may differ.
local function fields(node, typed)
  local out = {}
  for _, child in ipairs(node) do
    if out[child.qname] ~= nil then return nil, "<" .. child.qname .. "> stands more than once" end
    local value = child.text
    if #child > 0 then
      local why
      value, why = fields(child, typed)
      if not value then return nil, why end
    elseif typed and (value == "true" or value == "false") then
      value = value == "true"
    end
    out[child.qname] = value
  end
  return out
end

-- The answer's text as the entry's result: an object (true and false as booleans), or a list of rows (all text).
local function read(entry, text)
  -- How long an answer may be, the client's max_body has said already.
  local root, why = xmltree.parse(text, #text)
  if not root then return nil, why end
  if entry.root and root.qname ~= entry.root then return nil, "its root is <" .. root.qname .. ">" end
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

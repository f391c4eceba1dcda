-- IPv4 and IPv6 addresses and CIDR blocks as lists of bytes, for rules that compare them. Plain
-- arithmetic, for every Lua.

local floor = math.floor

local addresses = {}

local function v4(text)
  local a, b, c, d = text:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$")
  if not a then return nil end
  local out = { tonumber(a), tonumber(b), tonumber(c), tonumber(d) }
  for i = 1, 4 do
    if out[i] > 255 then return nil end
  end
  return out
end

-- The 16-bit groups of one side of a "::"; nil when they are none.
local function groups(text)
  local out = {}
  if text == "" then return out end
  for part in (text .. ":"):gmatch("([^:]*):") do
    if not part:find("^%x%x?%x?%x?$") then return nil end
    out[#out + 1] = tonumber(part, 16)
  end
  return out
end

local function v6(text)
  local left, right = text:match("^(.-)::(.*)$")
  local head, tail = groups(left or text), groups(right or "")
  if not head or not tail then return nil end
  local missing = 8 - #head - #tail
  if left and missing < 1 or not left and missing ~= 0 then return nil end
  for _ = 1, missing do head[#head + 1] = 0 end
  for _, group in ipairs(tail) do head[#head + 1] = group end
  local out = {}
  for _, group in ipairs(head) do
    out[#out + 1] = floor(group / 256)
    out[#out + 1] = group % 256
  end
  return out
end

--- The bytes of an address: 4, 16, or nil when the text is none.
function addresses.parse(text)
  if type(text) ~= "string" then return nil end
  if text:find(":", 1, true) then return v6(text) end
  return v4(text)
end

--- An address or a CIDR block: { bytes, bits }, or nil when the text is neither.
function addresses.block(text)
  if type(text) ~= "string" then return nil end
  local address, bits = text:match("^(.-)/(%d%d?%d?)$")
  local bytes = addresses.parse(address or text)
  bits = tonumber(bits)
  if not bytes or bits and bits > #bytes * 8 then return nil end
  return { bytes = bytes, bits = bits or #bytes * 8 }
end

--- True when the address (bytes) lies in the block.
function addresses.within(block, bytes)
  if #block.bytes ~= #bytes then return false end
  local whole = floor(block.bits / 8)
  for i = 1, whole do
    if block.bytes[i] ~= bytes[i] then return false end
  end
  local rest = block.bits % 8
  if rest == 0 then return true end
  local unit = 2 ^ (8 - rest)
  return floor(block.bytes[whole + 1] / unit) == floor(bytes[whole + 1] / unit)
end

return addresses

-- One shape for the MFA devices of every API version: id (string), type, name, default, needs_trigger
-- (a code or push must be sent first), pushes (the person answers on the device; poll for it), and
-- types (a code of this device can be typed).  Types come from the factor names the machine writes;
-- display names are free text of administrators and users and decide nothing.
local require = require

local M = {}

M.TYPES = { "protect", "sms", "voice", "email", "authenticator", "yubikey", "duo", "temporary", "unknown" }

local BY_FACTOR = {
  ["OneLogin Protect"] = "protect", ["OneLogin"] = "protect",
  ["OneLogin SMS"] = "sms", ["SMS"] = "sms", ["OneLogin OTP SMS"] = "sms",
  ["OneLogin Voice"] = "voice",
  ["OneLogin Email"] = "email",
  ["Google Authenticator"] = "authenticator",
  ["Yubico YubiKey"] = "yubikey",
  ["Duo"] = "duo", ["Duo Duo Security"] = "duo",
}

-- v2 lists carry no trigger hint: these need none.
local NO_TRIGGER = { authenticator = true, yubikey = true, duo = true }

-- An identifier as text, whatever number type carries it; nil for null and for what is none.
function M.id(value)
  local kind = type(value)
  if kind == "string" then return value ~= "" and value or nil end
  if kind == "number" then
    if value ~= value or value ~= math.floor(value) then return nil end
    return ("%.0f"):format(value)
  end
  if value == nil or kind == "boolean" or kind == "function" or value == require("onelogin.core").json.null then
    return nil
  end
  local text = tostring(value) -- an integer too large for this Lua comes boxed and prints its digits
  return text:find("^%-?%d+$") and text or nil
end

local function text(value, other)
  return type(value) == "string" and value ~= "" and value or other
end

-- One row of list_devices, v1 or v2, or of a sign-in ("login"); nil for a row that cannot be used (no id, or v1 not
-- active).  links: an e-mail carries a link, not a code.
function M.normalise(row, version, links)
  if type(row) ~= "table" then return nil end
  local id = M.id(version == "v1" and row.id or row.device_id)
  if not id or version == "v1" and row.active == false then return nil end
  local factor = text(row.auth_factor_name, text(row.device_type))
  local kind = BY_FACTOR[factor] or "unknown"
  local trigger
  if type(row.needs_trigger) == "boolean" then
    trigger = row.needs_trigger
  else
    trigger = not NO_TRIGGER[kind]
  end
  local link = links and kind == "email"
  return {
    id = id, type = kind, factor = factor,
    name = text(row.user_display_name, text(row.type_display_name, factor or "device " .. id)),
    default = row.default == true,
    needs_trigger = trigger,
    pushes = trigger and (kind == "protect" or link or kind == "voice" and version ~= "v1") or false,
    types = not (link or kind == "voice" and version ~= "v1"),
  }
end

-- All usable rows in their order, the default first.  options: version, allow (a set of types, or nil for all), email
-- ("link": e-mails carry links), temporary (the id under which a temporary token is checked).
-- Returns the list and how many were left out by `allow`.  A telephone that takes both pushes and
-- typed codes may be listed twice; the row that pushes stays, and takes codes too.
function M.list(rows, options)
  local list, seen, left_out = {}, {}, 0
  local version, allow = options.version, options.allow
  for _, row in ipairs(rows) do
    local device = M.normalise(row, version, options.email == "link")
    local twin = device and seen[device.id]
    if twin then
      twin.needs_trigger, twin.pushes = twin.needs_trigger or device.needs_trigger, twin.pushes or device.pushes
    elseif device and allow and not allow[device.type] then
      left_out = left_out + 1
    elseif device then
      seen[device.id] = device
      table.insert(list, device.default and 1 or #list + 1, device)
    end
  end
  if options.temporary and not seen[options.temporary] then
    list[#list + 1] = { id = options.temporary, type = "temporary", name = "Temporary code", default = false,
      needs_trigger = false, pushes = false, types = true }
  end
  return list, left_out
end

function M.find(list, id)
  id = M.id(id)
  for _, device in ipairs(list) do
    if device.id == id then return device end
  end
end

return M

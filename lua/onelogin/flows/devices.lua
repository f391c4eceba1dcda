-- One shape for the MFA devices of every API version: id (string), type, name, default, needs_trigger
-- (a code or push must be sent first), pushes (the person answers on the device; poll for it), and
-- types (a code of this device can be typed).  Types come from the factor names the machine writes;
-- display names are free text of administrators and users and decide nothing.
local answer = require("onelogin.flows.answer")

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

-- One row of list_devices, v1 or v2, or of a sign-in ("login"); nil for a row that cannot be used (no id, or v1 not
-- active).  links: an e-mail carries a link, not a code.
function M.normalise(row, version, links)
  if type(row) ~= "table" then return nil end
  local id
  if version == "v1" then id = answer.number(row.id) else id = answer.id(row.device_id) end
  if not id or version == "v1" and row.active == false then return nil end
  local factor = answer.text(row.auth_factor_name) or answer.text(row.device_type)
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
    name = answer.text(row.user_display_name) or answer.text(row.type_display_name) or factor or "device " .. id,
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
  local list, seen, left_out, first = {}, {}, 0, nil
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
      if device.default and not first then
        first = device
      else
        list[#list + 1] = device
      end
    end
  end
  if first then table.insert(list, 1, first) end
  if options.temporary and not seen[options.temporary] then
    list[#list + 1] = { id = options.temporary, type = "temporary", name = "Temporary code", default = false,
      needs_trigger = false, pushes = false, types = true }
  end
  return list, left_out
end

function M.find(list, id)
  id = answer.id(id)
  for _, device in ipairs(list) do
    if device.id == id then return device end
  end
end

return M

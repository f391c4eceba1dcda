-- Writing users: what v1 and v2 share (uniqueness, types, passwords, roles) behind two sets of words.

local json = require("onelogin.core").json
local util = require("onelogin.sandbox.util")

local write = {}

local null = json.null
local LABEL = { email = "Email", username = "Username" }
local MIN_PASSWORD = 8

--- Body keys that the declared table does not list, in order.
function write.unknown(entry, body)
  local known, strange = {}, {}
  for _, p in ipairs(entry.body) do known[p[1]] = true end
  for k in pairs(body) do
    if not known[k] then strange[#strange + 1] = tostring(k) end
  end
  table.sort(strange)
  return strange[1]
end

--- "array" for JSON arrays with something or nothing in them.
function write.is_array(v)
  return type(v) == "table" and (json.is_array(v) or (#v > 0)) or false
end

local function fits(kind, v)
  if v == null then return true end
  if kind == "string" then return type(v) == "string" end
  if kind == "boolean" then return type(v) == "boolean" end
  if kind == "integer" then
    return util.is_integer(v) or (type(v) == "string" and util.to_integer(v) ~= nil)
  end
  if kind == "object" then return type(v) == "table" and not write.is_array(v) end
  if kind:find("^array") then return write.is_array(v) end
  return true
end

--- The first body field whose value is of another type, or outside its enum: name, declared type.
function write.misfit(entry, body)
  for _, p in ipairs(entry.body) do
    local v = body[p[1]]
    if v ~= nil then
      if not fits(p[2], v) then return p[1], p[2] end
      if p.enum and v ~= null then
        local found = false
        for _, allowed in ipairs(p.enum) do found = found or allowed == v end
        if not found then return p[1], "one of the allowed values" end
      end
    end
  end
end

--- Text when the e-mail or user name in `body` belongs to somebody else (than `own_id`).
function write.taken(box, body, own_id)
  for _, key in ipairs { "username", "email" } do
    local v = body[key]
    if type(v) == "string" and v ~= "" then
      local id = box:people():lookup(key, v)
      if id and id ~= own_id then
        return LABEL[key] .. " must be unique within " .. box.subdomain, key
      end
    end
  end
end

--- Text when the password part of a body is not acceptable.
function write.bad_password(body, validate)
  local password, repeated = body.password, body.password_confirmation
  if password == nil or password == null then return nil end
  if repeated ~= password then return "Password confirmation doesn't match Password" end
  local hashed = body.password_algorithm and body.password_algorithm ~= null
  if validate and not hashed and #password < MIN_PASSWORD then
    return ("Password is too short (minimum is %d characters)"):format(MIN_PASSWORD)
  end
end

local NOT_PLAIN = { password = true, password_confirmation = true, password_algorithm = true,
  salt = true, custom_attributes = true, role_ids = true, notes = true, locale_code = true }
local INTEGERS = { group_id = true, state = true, status = true, directory_id = true,
  trusted_idp_id = true, manager_user_id = true, invalid_login_attempts = true }

--- Puts a checked body into a row.
function write.apply(box, row, body)
  local now = box.clock.wall()
  local before = row.status
  for k, v in pairs(body) do
    if not NOT_PLAIN[k] then
      if v == null then v = nil end
      if INTEGERS[k] and type(v) == "string" then v = util.to_integer(v) end
      row[k] = v
    end
  end
  if body.notes ~= nil then row.comment = body.notes ~= null and body.notes or nil end
  if body.locale_code ~= nil then
    row.preferred_locale_code = body.locale_code ~= null and body.locale_code or nil
  end
  if type(body.custom_attributes) == "table" then
    local own = util.copy(row.custom_attributes or {})
    for k, v in pairs(body.custom_attributes) do
      if v == null then own[k] = nil else own[k] = v end
    end
    row.custom_attributes = own
  end
  if type(body.role_ids) == "table" then
    local ids = {}
    for i, id in ipairs(body.role_ids) do ids[i] = type(id) == "string" and util.to_integer(id) or id end
    row.role_ids = ids
  end
  if type(body.password) == "string" then
    box:set_password(row, body.password, body.password_algorithm, body.salt)
    if body.status == nil and (before == 7 or before == 0) then row.status = 1 end
  end
  row.status = row.status or before or 1
  row.state = row.state or 1
  if row.status == 1 then
    row.activated_at = row.activated_at or now
    if before == 3 then row.locked_until, row.lock_reason, row.invalid_login_attempts = nil, nil, 0 end
  end
  box:touch(row)
end

--- Takes a user out of the company, and out of what points at it.
function write.remove(box, id)
  box.store.users[id] = nil
  box.store.passwords[id] = nil
  for _, role in pairs(box.store.roles) do
    for i = #role.admins, 1, -1 do
      if role.admins[i] == id then table.remove(role.admins, i) end
    end
  end
  for device_id, device in pairs(box.store.devices) do
    if device.user_id == id then box.store.devices[device_id] = nil end
  end
  if box.store.mfa.of_user then box.store.mfa.of_user[id] = nil end
end

return write

-- Accounts of a reseller's customers. A box is no reseller's unless its option `reseller` says so;
-- others get the refusal they would get. What the answers hold is not on record beyond id and name.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local accounts = {}

local null = json.null
local MAX_PAGE = 1000
local FIELDS = { "name", "address1", "address2", "city", "state", "zip", "country", "phone",
  "homepage", "notes" }
local PERMISSIONS = { authentication_only = true, read_users = true, manage_users = true,
  read_all = true, manage_all = true }

local function not_acceptable(message)
  return fail.v2(406, "NotAcceptableError", "Validation failed: " .. message)
end

-- The reseller's own account is the first.
local function rows_of(box)
  local rows = box.store.accounts
  if not rows[box.account_id] then
    rows[box.account_id] = { id = box.account_id, name = box.subdomain:sub(1, 1):upper()
      .. box.subdomain:sub(2) }
  end
  return rows
end

local function view(row)
  local out = { id = row.id }
  for _, name in ipairs(FIELDS) do out[name] = row[name] == nil and null or row[name] end
  return out
end

-- Stands before all four.
local function guarded(handler)
  return function(box, req)
    if not box.options.reseller then
      return fail.v2(404, "InsufficientPrivileges", "Only resellers may use this API.")
    end
    return handler(box, req, rows_of(box))
  end
end

local function is_object(v) return type(v) == "table" and not write.is_array(v) end

local function refuse(req, own)
  local b = req.body
  if not is_object(b) then return fail.v2(400, "BadRequestError", "Expected object in request") end
  local strange = write.unknown(req.entry, b)
  if strange then return fail.v2(400, "BadRequestError", "unknown attribute: " .. strange) end
  if not is_object(b.account) then return not_acceptable("Account can't be blank") end
  local known = {}
  for _, name in ipairs(FIELDS) do known[name] = true end
  for k, v in pairs(b.account) do
    if not known[k] then return fail.v2(400, "BadRequestError", "unknown attribute: " .. tostring(k)) end
    if v ~= null and type(v) ~= "string" then return not_acceptable(k .. " is invalid") end
  end
  local name = b.account.name
  if (name == nil and not own) or name == null or name == "" then
    return not_acceptable("Name can't be blank")
  end
  local credential = b.api_credential
  if credential == nil or credential == null then return end
  if not is_object(credential) or (credential.permission ~= nil and not PERMISSIONS[credential.permission])
    or (credential.name ~= nil and type(credential.name) ~= "string") then
    return not_acceptable("Api credential is invalid")
  end
  if own and not own.allow_assuming_users then
    return not_acceptable("Account must allow assuming users")
  end
end

local function apply(row, given)
  for _, name in ipairs(FIELDS) do
    if given[name] == null then
      row[name] = nil
    elseif given[name] ~= nil then
      row[name] = given[name]
    end
  end
end

-- The pair belongs to the customer's account, so it opens nothing here.
local function answer(box, req, row)
  local out = view(row)
  local wanted = req.body.api_credential
  if is_object(wanted) then
    out.api_credential = { name = wanted.name or null, client_id = box:token_hex(64),
      permission = wanted.permission or "manage_all", client_secret = box:token_hex(64) }
    box.live[out.api_credential.client_secret] = true
  end
  return out
end

accounts["accounts.list"] = guarded(function(box, req, rows)
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  return paging.v2(req, p, query.ids_of(rows), function(id) return view(rows[id]) end)
end)

accounts["accounts.get"] = guarded(function(_, req, rows)
  local row = rows[util.to_integer(req.ids.account_id)]
  if not row then return fail.not_found_v2() end
  return 200, view(row)
end)

accounts["accounts.create"] = guarded(function(box, req, rows)
  local status, body = refuse(req)
  if status then return status, body end
  local row = { id = box:new_id("accounts") }
  apply(row, req.body.account)
  rows[row.id] = row
  return 201, answer(box, req, row)
end)

accounts["accounts.update"] = guarded(function(box, req, rows)
  local row = rows[util.to_integer(req.ids.account_id)]
  if not row then return fail.not_found_v2() end
  local status, body = refuse(req, row)
  if status then return status, body end
  apply(row, req.body.account)
  return 200, answer(box, req, row)
end)

return accounts

-- Authorization servers as the box keeps them: each row has its scopes, claims and clients.

local fail = require("onelogin.sandbox.fail")
local lazy = require("onelogin.sandbox.lazy")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local auth_store = {}

local OF_CLAIM = { "user_attribute_mappings", "user_attribute_macros", "attributes_transformations" }

-- A company has one, for an API of its own.
local function first(box, rows)
  local identifier = ("https://api.%s.test/inventory"):format(box.subdomain)
  local server = { id = 1022600, name = "Inventory API", description = "What is in the stores",
    configuration = { resource_identifier = identifier, audiences = { identifier },
      access_token_expiration_minutes = 10, refresh_token_expiration_minutes = 30 },
    scopes = { [21] = { id = 21, value = "inventory:read", description = "Look" },
      [22] = { id = 22, value = "inventory:write", description = "Change" } },
    claims = { [320700] = { id = 320700, name = "department", user_attribute_mappings = "department" } },
    clients = {} }
  rows[server.id] = server
end

--- All servers by id.
function auth_store.servers(box) return lazy(box, "auth_servers", first) end

--- The server of a path; or nil, status, body.
function auth_store.server_of(box, req)
  local server = auth_store.servers(box)[util.to_integer(req.ids.auth_server_id)]
  if server then return server end
  return nil, fail.not_found_v2()
end

--- True when another row than `own` has this value under `key`.
function auth_store.taken(rows, key, value, own)
  for _, row in pairs(rows) do
    if row ~= own and row[key] == value then return true end
  end
  return false
end

--- Puts checked members into a claim.
function auth_store.set_claim(claim, given)
  claim.name = given.name
  for _, name in ipairs(OF_CLAIM) do
    if given[name] ~= nil then claim[name] = type(given[name]) == "string" and given[name] or nil end
  end
end

-- A row whose `key` must be there and its own: the row, or nil and the refusal.
local function named(rows, key, given, label)
  local status, body = v2_body.blanks(given, { key })
  if status then return nil, status, body end
  if type(given[key]) ~= "string" then return nil, fail.invalid(label .. " is invalid") end
  if auth_store.taken(rows, key, given[key]) then
    return nil, fail.invalid(label .. " has already been taken")
  end
  return {}
end

--- Adds a scope to a server: the row; or nil, status, body. `label` and the like are ignored.
function auth_store.new_scope(box, server, given)
  local scope, status, body = named(server.scopes, "value", given, "Value")
  if not scope then return nil, status, body end
  scope.id, scope.value = box:new_id("auth_scopes"), given.value
  scope.description = type(given.description) == "string" and given.description or nil
  server.scopes[scope.id] = scope
  return scope
end

--- Adds a claim to a server: the row; or nil, status, body.
function auth_store.new_claim(box, server, given)
  local claim, status, body = named(server.claims, "name", given, "Name")
  if not claim then return nil, status, body end
  claim.id = box:new_id("auth_claims")
  auth_store.set_claim(claim, given)
  server.claims[claim.id] = claim
  return claim
end

return auth_store

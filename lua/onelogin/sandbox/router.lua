-- (method, path) -> operation, straight from the declared table: an operation that is declared has
-- a route here, and what is not declared does not exist.

local require = require

local util = require("onelogin.sandbox.util")

local router = {}

local HANDLERS = {
  "oauth", "users", "users_v1", "roles", "groups", "mfa",
  "apps", "apps_v1", "connectors", "app_rules", "mappings", "custom_attributes", "hooks", "accounts",
  "embed_apps",
  "events", "invites", "auth_servers", "auth_scopes", "auth_claims", "auth_clients",
  "brands", "brand_messages", "brand_templates", "email_settings", "reports", "privileges",
  "risk", "self_registration_profiles",
  "login", "saml", "smart_mfa", "legacy",
}

local function split(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do parts[#parts + 1] = part end
  return parts
end

local function ends_in_number(entry)
  return entry.ids[#entry.ids][2] == "integer"
end

local function add(tree, entry, op)
  local node, ids = tree, {}
  for _, part in ipairs(split(entry.path)) do
    local id = part:match("^{(.+)}$")
    local key = id and "*" or part
    if id then ids[#ids + 1] = id end
    node[key] = node[key] or {}
    node = node[key]
  end
  node.ops = node.ops or {}
  local new, other = { op = op, entry = entry, ids = ids }, node.ops[entry.method]
  if other then
    -- Two operations on one route: digits mean the one that wants a number.
    local number = ends_in_number(entry) and new or other
    number.otherwise = number == new and other or new
    new = number
  end
  node.ops[entry.method] = new
end

local built

--- The tree of all routes, built once.
function router.build()
  if built then return built end
  local tree, handlers, entries = {}, {}, {}
  local api = require("onelogin.api")
  for _, resource in ipairs(api.resources) do
    for name, entry in pairs(require("onelogin.api." .. resource)) do
      local op = resource .. "." .. name
      entries[op] = entry
      add(tree, entry, op)
    end
  end
  for _, name in ipairs(HANDLERS) do
    for op, handler in pairs(require("onelogin.sandbox." .. name)) do
      handlers[op] = handler
    end
  end
  built = { tree = tree, handlers = handlers, entries = entries }
  return built
end

-- Fixed segments win over {ids}; when they lead nowhere the {id} branch is tried.
local function walk(node, parts, i, ids)
  local part = parts[i]
  if not part then
    return node.ops
  end
  local child = part ~= "ops" and part ~= "*" and node[part]
  if child then
    local ops = walk(child, parts, i + 1, ids)
    if ops then return ops end
  end
  child = node["*"]
  if child then
    local n = #ids
    ids[n + 1] = part
    local ops = walk(child, parts, i + 1, ids)
    if ops then return ops end
    ids[n + 1] = nil
  end
end

--- Finds the operation of a request.
-- Returns { op, entry, ids } (ids as sent, percent-decoded, by name), or nil.
function router.match(routes, method, path)
  local ids = {}
  local ops = walk(routes.tree, split(path), 1, ids)
  local found = ops and ops[method]
  if not found then return nil end
  if found.otherwise and not ids[#ids]:find("^%d+$") then found = found.otherwise end
  local named = {}
  for i, name in ipairs(found.ids) do
    local value = util.unescape(ids[i])
    if not value then return nil end
    named[name] = value
  end
  return found, named
end

return router

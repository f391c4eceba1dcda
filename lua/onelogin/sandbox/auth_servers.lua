-- Authorization servers of API Authorization. Creating and changing answer the id alone; settings
-- that the service does not know are dropped without a word.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local auth_store = require("onelogin.sandbox.auth_store")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")
local write = require("onelogin.sandbox.user_write")

local servers = {}

local null = json.null
local MINUTES = { "access_token_expiration_minutes", "refresh_token_expiration_minutes" }

local function view(server)
  local c = server.configuration
  return { id = server.id, name = server.name, description = server.description or null,
    configuration = { resource_identifier = c.resource_identifier,
      audiences = json.array(util.copy(c.audiences)),
      access_token_expiration_minutes = c.access_token_expiration_minutes,
      refresh_token_expiration_minutes = c.refresh_token_expiration_minutes } }
end

-- An array of texts, or one text.
local function audiences_of(v)
  if type(v) == "string" and v ~= "" then return { v } end
  if not write.is_array(v) or #v == 0 then return nil end
  local out = {}
  for i, item in ipairs(v) do
    if type(item) ~= "string" then return nil end
    out[i] = item
  end
  return out
end

-- Settings out of a body: a table, or nil and the refusal. They come whole or not at all.
local function configuration_of(box, given, own)
  if type(given) ~= "table" then given = {} end
  local audiences = audiences_of(given.audiences)
  local identifier = given.resource_identifier
  local status, body = v2_body.blanks({ resource_identifier = identifier, audiences = audiences },
    { "resource_identifier", "audiences" })
  if status then return nil, status, body end
  if type(identifier) ~= "string" then return nil, fail.invalid("Resource identifier is invalid") end
  for id, other in pairs(auth_store.servers(box)) do
    if id ~= (own and own.id) and other.configuration.resource_identifier == identifier then
      return nil, fail.invalid("Resource identifier has already been taken")
    end
  end
  local out = { resource_identifier = identifier, audiences = audiences,
    access_token_expiration_minutes = 10, refresh_token_expiration_minutes = 30 }
  for _, name in ipairs(MINUTES) do
    local v = given[name]
    if type(v) == "string" then v = util.to_integer(v) or v end
    if v ~= nil and v ~= null then
      if not util.is_integer(v) or v < 0 then
        return nil, fail.invalid(name:sub(1, 1):upper() .. name:sub(2):gsub("_", " ") .. " is not a number")
      end
      out[name] = v
    end
  end
  return out
end

servers["auth_servers.list"] = function(box)
  local rows, out = auth_store.servers(box), {}
  for i, id in ipairs(query.ids_of(rows)) do out[i] = view(rows[id]) end
  return 200, json.array(out)
end

servers["auth_servers.get"] = function(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return status, body end
  return 200, view(server)
end

-- Scopes and claims that come with a new server: all of them, or the first refusal.
local function fill(box, server, body)
  for kind, make in pairs { scopes = auth_store.new_scope, claims = auth_store.new_claim } do
    for _, given in ipairs(type(body[kind]) == "table" and body[kind] or {}) do
      local row, status, refusal = make(box, server, type(given) == "table" and given or {})
      if not row then return status, refusal end
    end
  end
end

local function refuse(req, required)
  local body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return status, refusal end
  status, refusal = v2_body.missing(body, required)
  if status then return status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return status, refusal end
  return v2_body.blanks(body, { "name" })
end

local function text_or_nil(v)
  if v ~= null then return v end
end

servers["auth_servers.create"] = function(box, req)
  local status, refusal = refuse(req, { "name", "description" })
  if status then return status, refusal end
  local body = req.body
  local configuration
  configuration, status, refusal = configuration_of(box, body.configuration)
  if not configuration then return status, refusal end
  local server = { name = body.name, description = text_or_nil(body.description),
    configuration = configuration, scopes = {}, claims = {}, clients = {} }
  status, refusal = fill(box, server, body)
  if status then return status, refusal end
  server.id = box:new_id("auth_servers")
  auth_store.servers(box)[server.id] = server
  return 201, { id = server.id }
end

servers["auth_servers.update"] = function(box, req)
  local server, status, refusal = auth_store.server_of(box, req)
  if not server then return status, refusal end
  status, refusal = refuse(req, { "name" })
  if status then return status, refusal end
  local body, configuration = req.body, nil
  if body.configuration ~= nil then
    configuration, status, refusal = configuration_of(box, body.configuration, server)
    if not configuration then return status, refusal end
  end
  server.name = body.name
  if body.description ~= nil then server.description = text_or_nil(body.description) end
  server.configuration = configuration or server.configuration
  return 200, { id = server.id }
end

servers["auth_servers.delete"] = function(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return status, body end
  auth_store.servers(box)[server.id] = nil
  return 204
end

return servers

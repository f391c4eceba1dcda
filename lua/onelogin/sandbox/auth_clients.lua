-- Client apps of an authorization server, by the app's own id. An app that is a client already is
-- taken again with the scopes that the newer request names.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local auth_store = require("onelogin.sandbox.auth_store")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local clients = {}

-- The client of a path, its server; or nil, status, body. Deleted apps are clients no more.
local function client_of(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return nil, status, body end
  local id = util.to_integer(req.ids.client_app_id)
  local client = box.store.apps[id] and server.clients[id]
  if not client then return nil, fail.not_found_v2() end
  return client, server
end

-- Ids of scopes out of a body, all the server's; or nil and the refusal.
local function scopes_of(server, body)
  local ids = {}
  for i, id in ipairs(body.scopes) do
    if type(id) == "string" then id = util.to_integer(id) or id end
    if not util.is_integer(id) or not server.scopes[id] then
      local shown = type(id) == "number" and ("%.0f"):format(id) or tostring(id)
      return nil, fail.invalid(
        "Scopes " .. shown .. " does not belong to the specified ApiAuthorizationApp")
    end
    ids[i] = id
  end
  return ids
end

local function given(req, required)
  local body, status, refusal = v2_body.object(req.body)
  if not body then return nil, status, refusal end
  status, refusal = v2_body.missing(body, required)
  if status then return nil, status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return nil, status, refusal end
  status, refusal = v2_body.blanks(body, required)
  if status then return nil, status, refusal end
  return body
end

local function answer(server, app_id)
  return { app_id = app_id, api_auth_id = server.id }
end

clients["auth_clients.list"] = function(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return status, body end
  local out = {}
  for _, id in ipairs(query.ids_of(server.clients)) do
    local app = box.store.apps[id]
    if app then
      local scopes = {}
      for i, scope_id in ipairs(server.clients[id].scopes) do
        local scope = server.scopes[scope_id]
        scopes[i] = { id = scope.id, value = scope.value, description = scope.description or json.null }
      end
      out[#out + 1] = { app_id = id, api_auth_id = server.id, name = app.name,
        scopes = json.array(scopes) }
    end
  end
  return 200, json.array(out)
end

clients["auth_clients.create"] = function(box, req)
  local server, status, refusal = auth_store.server_of(box, req)
  if not server then return status, refusal end
  local body
  body, status, refusal = given(req, { "app_id", "scopes" })
  if not body then return status, refusal end
  local app_id = type(body.app_id) == "string" and util.to_integer(body.app_id) or body.app_id
  if not box.store.apps[app_id] then return fail.not_found_v2() end
  local ids
  ids, status, refusal = scopes_of(server, body)
  if not ids then return status, refusal end
  server.clients[app_id] = { app_id = app_id, scopes = ids }
  return 201, answer(server, app_id)
end

clients["auth_clients.update"] = function(box, req)
  local client, server, refusal = client_of(box, req)
  if not client then return server, refusal end
  local body, status
  body, status, refusal = given(req, { "scopes" })
  if not body then return status, refusal end
  local ids
  ids, status, refusal = scopes_of(server, body)
  if not ids then return status, refusal end
  client.scopes = ids
  return 200, answer(server, client.app_id)
end

clients["auth_clients.delete"] = function(box, req)
  local client, server, refusal = client_of(box, req)
  if not client then return server, refusal end
  server.clients[client.app_id] = nil
  return 204
end

return clients

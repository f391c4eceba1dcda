-- Scopes of an authorization server, known by number and not by what clients ask for.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local auth_store = require("onelogin.sandbox.auth_store")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local scopes = {}

-- The scope of a path, its server; or nil, status, body.
local function scope_of(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return nil, status, body end
  local scope = server.scopes[util.to_integer(req.ids.scope_id)]
  if not scope then return nil, fail.not_found_v2() end
  return scope, server
end

scopes["auth_scopes.list"] = function(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return status, body end
  local out = {}
  for i, id in ipairs(query.ids_of(server.scopes)) do
    local scope = server.scopes[id]
    out[i] = { id = id, value = scope.value, description = scope.description or json.null }
  end
  return 200, json.array(out)
end

scopes["auth_scopes.create"] = function(box, req)
  local server, status, refusal = auth_store.server_of(box, req)
  if not server then return status, refusal end
  local body
  body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return status, refusal end
  local scope
  scope, status, refusal = auth_store.new_scope(box, server, body)
  if not scope then return status, refusal end
  return 201, { id = scope.id }
end

scopes["auth_scopes.update"] = function(box, req)
  local scope, server, refusal = scope_of(box, req)
  if not scope then return server, refusal end
  local body, status
  body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return status, refusal end
  if body.value ~= nil then
    status, refusal = v2_body.blanks(body, { "value" })
    if status then return status, refusal end
    if auth_store.taken(server.scopes, "value", body.value, scope) then
      return fail.invalid("Value has already been taken")
    end
    scope.value = body.value
  end
  if body.description == json.null then
    scope.description = nil
  elseif body.description ~= nil then
    scope.description = body.description
  end
  return 200, { id = scope.id }
end

-- Clients lose it as well.
scopes["auth_scopes.delete"] = function(box, req)
  local scope, server, refusal = scope_of(box, req)
  if not scope then return server, refusal end
  server.scopes[scope.id] = nil
  for _, client in pairs(server.clients) do
    for i = #client.scopes, 1, -1 do
      if client.scopes[i] == scope.id then table.remove(client.scopes, i) end
    end
  end
  return 204
end

return scopes

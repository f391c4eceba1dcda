-- Claims of an authorization server. No two have one name; half of a row's members are reserved
-- and always null.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local auth_store = require("onelogin.sandbox.auth_store")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local claims = {}

local null = json.null

local function view(claim)
  return { id = claim.id, name = claim.name, label = claim.name,
    user_attribute_mappings = claim.user_attribute_mappings or null,
    user_attribute_macros = claim.user_attribute_macros or null,
    attributes_transformations = claim.attributes_transformations or null,
    skip_if_blank = null, values = null, default_values = null, provisioned_entitlements = null,
    safe_entitlements_enabled = null }
end

-- The claim of a path, its server; or nil, status, body.
local function claim_of(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return nil, status, body end
  local claim = server.claims[util.to_integer(req.ids.claim_id)]
  if not claim then return nil, fail.not_found_v2() end
  return claim, server
end

-- A body that can be a claim; or nil and the refusal.
local function given(req)
  local body, status, refusal = v2_body.object(req.body)
  if not body then return nil, status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return nil, status, refusal end
  return body
end

claims["auth_claims.list"] = function(box, req)
  local server, status, body = auth_store.server_of(box, req)
  if not server then return status, body end
  local out = {}
  for i, id in ipairs(query.ids_of(server.claims)) do out[i] = view(server.claims[id]) end
  return 200, json.array(out)
end

claims["auth_claims.create"] = function(box, req)
  local server, status, refusal = auth_store.server_of(box, req)
  if not server then return status, refusal end
  local body
  body, status, refusal = given(req)
  if not body then return status, refusal end
  local claim
  claim, status, refusal = auth_store.new_claim(box, server, body)
  if not claim then return status, refusal end
  return 200, { id = claim.id }
end

claims["auth_claims.update"] = function(box, req)
  local claim, server, refusal = claim_of(box, req)
  if not claim then return server, refusal end
  local body, status
  body, status, refusal = given(req)
  if not body then return status, refusal end
  status, refusal = v2_body.blanks(body, { "name" })
  if status then return status, refusal end
  if auth_store.taken(server.claims, "name", body.name, claim) then
    return fail.invalid("Name has already been taken")
  end
  auth_store.set_claim(claim, body)
  return 200, { id = claim.id }
end

claims["auth_claims.delete"] = function(box, req)
  local claim, server, refusal = claim_of(box, req)
  if not claim then return server, refusal end
  server.claims[claim.id] = nil
  return 204
end

return claims

-- How a stored app looks from outside. A row keeps only what was set; the connector, the id and the
-- roles give the rest, so an app added from Lua with a name alone is whole too.

local json = require("onelogin.core").json
local connectors = require("onelogin.sandbox.connectors")
local random = require("onelogin.sandbox.random")
local saml_key = require("onelogin.sandbox.saml_key")
local util = require("onelogin.sandbox.util")

local view = {}

local null = json.null
local DEFAULT_CONNECTOR = 110001
local CERTIFICATE = 170216

local function or_null(v)
  if v == nil then return null end
  return v
end

-- A UUID that depends on the id alone.
local function uuid(id)
  local words = {}
  for i = 1, 4 do words[i] = ("%08x"):format(random.hash(11, id, i)) end
  local hex = table.concat(words)
  return ("%s-%s-4%s-a%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20),
    hex:sub(21, 32))
end

--- The connector of an app; rows added from Lua may name one that does not exist.
function view.connector(app)
  return connectors.find(app.connector_id) or connectors.find(DEFAULT_CONNECTOR)
end

-- Parameters a connector brings along stand in every app of it, with their ids, before any is set.
local function born_with(app)
  local out = {}
  for n, key in ipairs(view.connector(app).parameters) do
    out[key] = { id = app.id % 1000000 * 100 + n, label = key }
  end
  return out
end

--- The parameters of an app as stored, those of the connector among them, by key.
function view.parameters(app)
  local out = born_with(app)
  for key, own in pairs(app.parameters or {}) do
    local all = out[key] or {}
    for k, v in pairs(own) do all[k] = v end
    out[key] = all
  end
  return out
end

--- True when the connector brings this parameter along.
function view.is_fixed(app, key)
  for _, name in ipairs(view.connector(app).parameters) do
    if name == key then return true end
  end
  return false
end

local function parameter(key, own)
  local out = { label = key, user_attribute_mappings = null, user_attribute_macros = null,
    attributes_transformations = null, values = null, default_values = null, skip_if_blank = false,
    provisioned_entitlements = false, safe_entitlements_enabled = false,
    include_in_saml_assertion = false }
  for k, v in pairs(own) do out[k] = v end
  return out
end

local function sso(box, app, method)
  local id = uuid(app.id)
  if method == 8 then return { client_id = id } end
  if method ~= 2 then return nil end
  local issuer = "https://app.onelogin.com/saml/metadata/" .. id
  local trust = ("%s/trust/saml2/"):format(box.base_url)
  return { metadata_url = issuer, issuer = issuer,
    acs_url = ("%shttp-post/sso/%d"):format(trust, app.id),
    sls_url = ("%shttp-redirect/slo/%d"):format(trust, app.id),
    certificate = { id = CERTIFICATE, name = "Standard Strength Certificate (2048-bit)",
      value = or_null(saml_key.certificate()) } }
end

-- Defaults of the kind of connector under what was set. Two OpenID Connect members are left out
-- while they are 0.
local function configuration(app, method)
  local out = {}
  if method == 2 then
    out.signature_algorithm = "SHA-256"
  elseif method == 8 then
    out.redirect_uri, out.login_url = null, null
    out.post_logout_redirect_uri = null
    out.access_token_expiration_minutes, out.refresh_token_expiration_minutes = 10, 1
    out.include_amr_claims = false
  end
  for k, v in pairs(app.configuration or {}) do out[k] = util.copy(v) end
  for _, name in ipairs { "oidc_application_type", "token_endpoint_auth_method" } do
    if method == 8 and out[name] == 0 then out[name] = nil end
  end
  return out
end

--- Ids of the roles that grant an app, ascending.
function view.role_ids(box, app)
  local out = {}
  for id, role in pairs(box.store.roles) do
    for _, granted in ipairs(role.apps) do
      if granted == app.id then
        out[#out + 1] = id
        break
      end
    end
  end
  table.sort(out)
  return out
end

--- The row of apps.list.
function view.row(app)
  local connector = view.connector(app)
  return { id = app.id, connector_id = app.connector_id or connector.id, name = app.name,
    auth_method = connector.auth_method, description = app.description or "",
    auth_method_description = connectors.method_name(connector.auth_method),
    visible = app.visible ~= false, created_at = or_null(util.iso(app.created_at)),
    updated_at = or_null(util.iso(app.updated_at)) }
end

--- The whole app.
function view.full(box, app)
  local out = view.row(app)
  local connector = view.connector(app)
  out.description, out.notes = or_null(app.description), or_null(app.notes)
  out.icon_url = connector.icon_url
  out.policy_id, out.tab_id, out.brand_id = or_null(app.policy_id), or_null(app.tab_id),
    or_null(app.brand_id)
  out.allow_assumed_signin = app.allow_assumed_signin == true
  out.provisioning = { enabled = app.provisioning ~= nil and app.provisioning.enabled == true }
  out.sso = sso(box, app, connector.auth_method)
  out.configuration = configuration(app, connector.auth_method)
  out.role_ids = json.array(view.role_ids(box, app))
  out.parameters = {}
  for key, own in pairs(view.parameters(app)) do
    out.parameters[key] = util.copy(parameter(key, own))
  end
  if app.enforcement_point then
    out.enforcement_point = util.copy(app.enforcement_point)
    out.enforcement_point.token = nil
  end
  return out
end

--- The row of v1.
function view.v1(app)
  local connector = view.connector(app)
  return { id = app.id, connector_id = app.connector_id or connector.id, name = app.name,
    extension = false, icon = connector.icon_url, visible = app.visible ~= false,
    provisioning = app.provisioning ~= nil and app.provisioning.enabled == true }
end

return view

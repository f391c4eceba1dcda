-- Apps of v2. A PUT merges: what is left out stays, parameters merge key by key, and only role_ids
-- is taken as a whole.

local json = require("onelogin.core").json
local connectors = require("onelogin.sandbox.connectors")
local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local view = require("onelogin.sandbox.app_view")
local write = require("onelogin.sandbox.user_write")

local apps = {}

local MAX_PAGE = 1000
local ADDED, REMOVED = 1, 2 -- event types: app added to role, app removed from role

local null = json.null
local ALGORITHMS = { ["SHA-1"] = true, ["SHA-256"] = true, ["SHA-348"] = true, ["SHA-512"] = true }
local OF_OIDC = { "redirect_uri", "login_url", "oidc_application_type", "token_endpoint_auth_method",
  "access_token_expiration_minutes", "refresh_token_expiration_minutes",
  "post_logout_redirect_uri", "include_amr_claims" }
local SET_PLAINLY = { "name", "description", "notes", "visible", "policy_id", "brand_id", "tab_id",
  "allow_assumed_signin" }

local function invalid(name)
  return fail.v2(422, "UnprocessableEntityError", ('invalid value in "%s"'):format(name))
end

local function app_of(box, req)
  local app = box.store.apps[util.to_integer(req.ids.app_id)]
  if app then return app end
  return nil, fail.not_found_v2()
end

apps["apps.list"] = function(box, req)
  local q = req.query
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local method
  method, status, body = connectors.method_filter(q.auth_method)
  if not method then return status, body end
  local connector = q.connector_id and q.connector_id ~= "" and util.to_integer(q.connector_id)
  if connector == nil and q.connector_id and q.connector_id ~= "" then return invalid("connector_id") end
  local match = q.name and query.text(q.name)
  local rows, ids = box.store.apps, {}
  for _, id in ipairs(query.ids_of(rows)) do
    local row = view.row(rows[id])
    if (not match or match(row.name)) and (method == true or row.auth_method == method)
      and (not connector or row.connector_id == connector) then
      ids[#ids + 1] = id
    end
  end
  local fields = q.fields and q.fields ~= "" and query.list(q.fields)
  return paging.v2(req, p, ids, function(id)
    if fields then return query.pick(view.full(box, rows[id]), fields) end
    return view.row(rows[id])
  end)
end

apps["apps.get"] = function(box, req)
  local app, status, body = app_of(box, req)
  if not app then return status, body end
  return 200, view.full(box, app)
end

local function is_object(v)
  return type(v) == "table" and not write.is_array(v)
end

-- Parameters of a body against the connector: nothing, or the refusal.
local function refuse_parameters(connector, own, given)
  for key, value in pairs(given) do
    if type(key) ~= "string" or not is_object(value) then return invalid("parameters") end
    if not connector.allows_new_parameters and not own[key] then return invalid("parameters") end
  end
end

local function refuse_configuration(connector, given)
  if connector.auth_method ~= 8 then
    for _, name in ipairs(OF_OIDC) do
      if given[name] ~= nil then return invalid(name) end
    end
  end
  local algorithm = given.signature_algorithm
  if algorithm ~= nil and (connector.auth_method ~= 2 or not ALGORITHMS[algorithm]) then
    return invalid("signature_algorithm")
  end
end

-- Ids of roles out of a body: list, or nil when one does not exist.
local function roles_of(box, given)
  local ids = {}
  for i, id in ipairs(given) do
    ids[i] = type(id) == "string" and util.to_integer(id) or id
    if not box.store.roles[ids[i]] then return nil end
  end
  return ids
end

-- What create and update refuse alike: status, body; or nothing.
local function refuse(box, req, app)
  local b = req.body
  if not is_object(b) then return fail.v2(400, "BadRequestError", "Expected object in request") end
  local strange = write.unknown(req.entry, b)
  if strange then return fail.v2(400, "BadRequestError", "unknown attribute: " .. strange) end
  local misfit = write.misfit(req.entry, b)
  if misfit then return invalid(misfit) end
  local id = b.connector_id
  if type(id) == "string" then id = util.to_integer(id) end
  if not app and (type(b.name) ~= "string" or b.name == "") or b.name == "" or b.name == null then
    return invalid("name")
  end
  if app and id ~= nil and id ~= view.row(app).connector_id then return invalid("connector_id") end
  local connector = app and view.connector(app) or connectors.find(id)
  if not connector then return invalid("connector_id") end
  if is_object(b.parameters) then
    local own = view.parameters(app or { id = 0, connector_id = id })
    local status, body = refuse_parameters(connector, own, b.parameters)
    if status then return status, body end
  end
  if is_object(b.configuration) then
    local status, body = refuse_configuration(connector, b.configuration)
    if status then return status, body end
  end
  if type(b.role_ids) == "table" and not roles_of(box, b.role_ids) then return invalid("role_ids") end
end

local function grant(box, app, ids)
  local wanted, now = {}, {}
  for _, id in ipairs(ids) do wanted[id] = true end
  for _, id in ipairs(view.role_ids(box, app)) do now[id] = true end
  for _, id in ipairs(query.ids_of(box.store.roles)) do
    local list = box.store.roles[id].apps
    if wanted[id] and not now[id] then
      list[#list + 1] = app.id
      box:event(ADDED, { app_id = app.id, role_id = id })
    elseif now[id] and not wanted[id] then
      for i = #list, 1, -1 do
        if list[i] == app.id then table.remove(list, i) end
      end
      box:event(REMOVED, { app_id = app.id, role_id = id })
    end
  end
end

-- Puts a checked body into a row, over what is there.
local function apply(box, app, b)
  for _, name in ipairs(SET_PLAINLY) do
    local v = b[name]
    if v == null then
      app[name] = nil
    elseif v ~= nil then
      app[name] = name:find("_id$") and tonumber(v) or v
    end
  end
  for _, name in ipairs { "provisioning", "configuration", "enforcement_point" } do
    if is_object(b[name]) then
      local kept = app[name] or {}
      for k, v in pairs(b[name]) do kept[k] = util.copy(v) end
      app[name] = kept
    elseif b[name] == null and name == "enforcement_point" then
      app[name] = nil
    end
  end
  if is_object(b.parameters) then
    app.parameters = app.parameters or {}
    local known = view.parameters(app)
    for key, given in pairs(b.parameters) do
      local own = app.parameters[key] or {}
      for k, v in pairs(given) do
        if k ~= "id" then own[k] = util.copy(v) end
      end
      own.id = known[key] and known[key].id or box:new_id("app_parameters")
      app.parameters[key] = own
    end
  end
  app.updated_at = box.clock.wall()
  if type(b.role_ids) == "table" then grant(box, app, roles_of(box, b.role_ids)) end
end

apps["apps.create"] = function(box, req)
  local status, body = refuse(box, req)
  if status then return status, body end
  local b = req.body
  local app = { id = box:new_id("apps"), visible = true, created_at = box.clock.wall(),
    connector_id = tonumber(b.connector_id) }
  box.store.apps[app.id] = app
  apply(box, app, b)
  local out = view.full(box, app)
  -- Told once, here.
  if out.auth_method == 8 then
    out.sso.client_secret = box:token_hex(64)
    box.live[out.sso.client_secret] = true
  end
  if app.enforcement_point then
    local token = app.enforcement_point.token
    if type(token) ~= "string" then token = box:token_hex(40) end
    app.enforcement_point.token = token
    box.live[token] = true
    out.enforcement_point.token = token
  end
  return 201, out
end

apps["apps.update"] = function(box, req)
  local app, status, body = app_of(box, req)
  if not app then return status, body end
  status, body = refuse(box, req, app)
  if status then return status, body end
  apply(box, app, req.body)
  return 200, view.full(box, app)
end

apps["apps.delete"] = function(box, req)
  local app, status, body = app_of(box, req)
  if not app then return status, body end
  grant(box, app, {})
  box.store.apps[app.id] = nil
  for id, rule in pairs(box.store.app_rules) do
    if rule.app_id == app.id then box.store.app_rules[id] = nil end
  end
  return 204
end

apps["apps.delete_parameter"] = function(box, req)
  local app, status, body = app_of(box, req)
  if not app then return status, body end
  local id = util.to_integer(req.ids.parameter_id)
  for key, own in pairs(view.parameters(app)) do
    if own.id == id then
      if view.is_fixed(app, key) then
        return fail.v2(403, "ForbiddenError", "Not allowed to destroy specified resource")
      end
      app.parameters[key] = nil
      app.updated_at = box.clock.wall()
      return 204
    end
  end
  return fail.not_found_v2()
end

apps["apps.list_users"] = function(box, req)
  local app, status, body = app_of(box, req)
  if not app then return status, body end
  local p
  p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local granting = {}
  for _, id in ipairs(view.role_ids(box, app)) do granting[id] = true end
  local people = box:people()
  local function peek(id) return people:peek(id) end
  local ids = query.select(box, { kind = "app_users", key = tostring(app.id), sort = "id",
    ids = people:ids(), peek = peek, filter = function(row)
      for _, id in ipairs(row.role_ids or {}) do
        if granting[id] then return true end
      end
      for _, id in ipairs(row.app_ids or {}) do
        if id == app.id then return true end
      end
      return false
    end })
  return paging.v2(req, p, ids, function(id)
    local row = peek(id)
    local out = { id = id }
    for _, name in ipairs { "firstname", "lastname", "username", "email", "samaccountname" } do
      out[name] = row[name] == nil and null or row[name]
    end
    return out
  end)
end

return apps

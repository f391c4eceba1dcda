-- Connectors: the templates of apps. The catalogue is the same in every box and is made when it is
-- first looked at.

local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")

local connectors = {}

local MAX_PAGE = 1000
local ICONS = "https://cdn.onelogin.com/images/icons/square/"

-- What signing in with it is called.
local METHODS = { [0] = "Password", [1] = "OpenId", [2] = "SAML2.0", [3] = "API", [4] = "Google",
  [6] = "Forms Based App", [7] = "WSFED", [8] = "OpenId Connect" }

-- id, name, auth_method, takes parameters of one's own, parameters that come with it.
local KNOWN = {
  { 110001, "Mail", 6, false, { "username", "password" } },
  { 110002, "Wiki", 2, true, { "saml_username" } },
  { 110003, "Payroll", 2, false, { "saml_username" } },
  { 110004, "SAML Test Connector (Advanced)", 2, true, { "saml_username" } },
  { 110005, "OpenId Connect (OIDC)", 8, true, {} },
  { 110006, "Amazon Web Services (AWS) Multi Role", 2, true,
    { "saml_username", "Role", "RoleSessionName" } },
  { 50534, "Amazon Web Services (AWS) Multi Role", 2, true,
    { "saml_username", "Role", "RoleSessionName" } },
  { 78887, "Amazon Web Services (AWS) Multi Account", 2, true,
    { "saml_username", "Role", "RoleSessionName" } },
  { 114099, "Amazon Connect", 2, false, { "saml_username" } },
  { 108419, "OpenId Connect (OIDC)", 8, true, {} },
  { 14571, "Google Workspace", 4, false, { "username" } },
  { 22, "Bookmark", 0, false, {} },
}

-- The rest only has to be long enough for pages: every product in three ways of signing in.
local PRODUCTS = { "Agenda", "Backlog", "Benefits", "Billing", "Calendar", "Canvas", "Chat",
  "Contracts", "Dashboards", "Deploy", "Documents", "Expenses", "Feedback", "Forecast", "Forms",
  "Helpdesk", "Hiring", "Incidents", "Inventory", "Invoices", "Learning", "Logistics", "Maps",
  "Meetings", "Metrics", "Notes", "Onboarding", "Orders", "Pipeline", "Planning", "Polls",
  "Procurement", "Recruiting", "Roadmap", "Shifts", "Signatures", "Surveys", "Tickets", "Travel",
  "Vault" }
local WAYS = { { 2, " (SAML)" }, { 8, " (OpenID Connect)" }, { 6, "" } }

local built

local function catalogue()
  if built then return built end
  built = {}
  local function add(id, name, method, open, parameters)
    built[id] = { id = id, name = name, auth_method = method, allows_new_parameters = open,
      parameters = parameters,
      icon_url = ICONS .. name:gsub("[^%w]", ""):lower() .. "/original.png" }
  end
  for _, k in ipairs(KNOWN) do add(k[1], k[2], k[3], k[4], k[5]) end
  for n, product in ipairs(PRODUCTS) do
    for w, way in ipairs(WAYS) do
      local method = way[1]
      add(200000 + n * 10 + w, product .. way[2], method, method == 2,
        method == 2 and { "saml_username" } or method == 6 and { "username", "password" } or {})
    end
  end
  return built
end

--- The connector with this id; nil when there is none.
function connectors.find(id)
  return catalogue()[id]
end

--- The words for an auth_method.
function connectors.method_name(method)
  return METHODS[method]
end

--- Reads the filter auth_method: true, or the number; nil, status, body when it is none.
function connectors.method_filter(text)
  if not text or text == "" then return true end
  local method = util.to_integer(text)
  if not method or not METHODS[method] then
    return nil, fail.v2(422, "UnprocessableEntityError", 'invalid value in "auth_method"')
  end
  return method
end

local handlers = {}

handlers["connectors.list"] = function(box, req)
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local method
  method, status, body = connectors.method_filter(req.query.auth_method)
  if not method then return status, body end
  local rows, ids = catalogue(), {}
  local name = req.query.name
  local match = name and name ~= "" and query.text("*" .. name .. "*")
  for _, id in ipairs(query.ids_of(rows)) do
    local row = rows[id]
    if (method == true or row.auth_method == method) and (not match or match(row.name)) then
      ids[#ids + 1] = id
    end
  end
  return paging.v2(req, p, ids, function(id)
    local row = rows[id]
    return { id = id, name = row.name, auth_method = row.auth_method, icon_url = row.icon_url,
      allows_new_parameters = row.allows_new_parameters }
  end)
end

return setmetatable(handlers, { __index = connectors })

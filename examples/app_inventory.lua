-- Every app with its connector, how it signs in, who grants it and how many have it, as CSV.
--   lua5.4 examples/app_inventory.lua [--out FILE] [--live]
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local csv = dofile(start.lib .. "csv.lua")
local onelogin = require "onelogin"

local args = start.arguments("app_inventory.lua [--out FILE] [--live]", { out = "value" })
local ol = start.client(args, { users = 200 })

local file = args.out and start.need(io.open(args.out, "wb"))
local function write(text)
  if file then start.need(file:write(text)) else io.write(text) end
end

local ok, problem = pcall(function()
  local connectors, roles, apps = {}, {}, {}
  for connector in ol.connectors:each() do connectors[connector.id] = connector.name end
  for role in ol.roles:each() do roles[role.id] = role.name end
  for app in ol.apps:each() do apps[#apps + 1] = app end

  -- The details of all apps: several requests at once on a real tenant.
  local calls = {}
  for i, app in ipairs(apps) do calls[i] = { ol.apps.get, app.id } end
  local details, errors = ol:batch(calls)

  write(csv.line { "id", "name", "connector", "sign-in", "visible", "roles", "users", "changed" })
  for i, app in ipairs(apps) do
    if not details[i] then error(errors[i], 0) end
    local granted, users = {}, 0
    for _, id in ipairs(details[i].role_ids or {}) do granted[#granted + 1] = roles[id] or tostring(id) end
    table.sort(granted)
    for _ in ol.apps.list_users:each(app.id) do users = users + 1 end
    local changed = onelogin.time.parse(app.updated_at)
    write(csv.line({ tostring(app.id), app.name, connectors[app.connector_id] or tostring(app.connector_id),
      app.auth_method_description, app.visible and "yes" or "no", table.concat(granted, "; "), users,
      changed and onelogin.time.format(changed):sub(1, 10) }, 8))
  end
end)
if file then file:close() end
if not ok then start.need(nil, problem) end

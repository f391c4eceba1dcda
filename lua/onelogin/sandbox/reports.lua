-- Reports: each is a question about the box as it is now, with columns of its own.

local json = require("onelogin.core").json
local event_log = require("onelogin.sandbox.event_log")
local catalogue = require("onelogin.sandbox.event_types")
local fail = require("onelogin.sandbox.fail")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local reports = {}

local null = json.null
local DORMANT = 90 * 86400 -- seconds without a sign-in

local function person(row)
  return { user_id = row.id, name = event_log.name_of(row) or null, email = row.email or null,
    status = row.status, last_login = util.iso(row.last_login) or null }
end

local PEOPLE = { "user_id", "name", "email", "status", "last_login" }

local function people(test)
  return function(box)
    local out, matches = {}, test(box)
    for _, row in box:each_user() do
      if matches(row) then out[#out + 1] = person(row) end
    end
    return out
  end
end

local REPORTS = {
  [41] = { name = "All users", columns = PEOPLE,
    rows = people(function() return function() return true end end) },
  [42] = { name = "Users without MFA", columns = PEOPLE,
    rows = people(function(box)
      local has = {}
      for _, device in pairs(box.store.devices) do has[device.user_id] = true end
      return function(row) return row.status == 1 and not has[row.id] end
    end) },
  [43] = { name = "Dormant users", columns = PEOPLE,
    rows = people(function(box)
      local since = box.clock.wall() - DORMANT
      return function(row) return row.status == 1 and (row.last_login or 0) < since end
    end) },
  [44] = { name = "Events", columns = { "description", "timestamp" },
    rows = function(box)
      local labels, out = {}, {}
      for _, t in ipairs(catalogue) do labels[t[1]] = t[3] or nil end
      for i, event in ipairs(box.store.events) do
        local text = (labels[event.event_type_id] or "Event"):gsub("%%([%a_]+)%%", function(name)
          return event[name .. "_name"] or ""
        end)
        out[i] = { description = text, timestamp = util.iso(event.created_at) }
      end
      return out
    end },
  [45] = { name = "Roles and apps", columns = { "role_id", "role", "app_id", "app" },
    rows = function(box)
      local out = {}
      for _, id in ipairs(query.ids_of(box.store.roles)) do
        local role = box.store.roles[id]
        for _, app_id in ipairs(role.apps) do
          local app = box.store.apps[app_id]
          if app then out[#out + 1] = { role_id = id, role = role.name, app_id = app_id, app = app.name } end
        end
      end
      return out
    end },
}

local function report_of(req)
  local report = REPORTS[util.to_integer(req.ids.report_id)]
  if report then return report end
  return nil, fail.not_found_v2()
end

reports["reports.list"] = function()
  local out = {}
  for i, id in ipairs(query.ids_of(REPORTS)) do out[i] = { id = id, name = REPORTS[id].name } end
  return 200, json.array(out)
end

reports["reports.run"] = function(box, req)
  local report, status, body = report_of(req)
  if not report then return status, body end
  return 200, { report = json.array(report.rows(box)) }
end

local function cell(v)
  if v == null or v == nil then return "" end
  if type(v) == "number" then return ("%.0f"):format(v) end
  if v:find('[",\r\n]') then return '"' .. v:gsub('"', '""') .. '"' end
  return v
end

local function csv(report, rows)
  local lines = { table.concat(report.columns, ",") }
  for _, row in ipairs(rows) do
    local cells = {}
    for i, name in ipairs(report.columns) do cells[i] = cell(row[name]) end
    lines[#lines + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\r\n") .. "\r\n"
end

-- The mail is in the outbox at once.
reports["reports.run_background"] = function(box, req)
  local report, status, refusal = report_of(req)
  if not report then return status, refusal end
  local body
  body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.blanks(body, { "email" })
  if status then return status, refusal end
  if type(body.email) ~= "string" or not body.email:find("^[^%s@]+@[^%s@]+$") then
    return fail.invalid("Email is invalid")
  end
  box.outbox[#box.outbox + 1] = { at = box.clock.wall(), kind = "email", to = body.email,
    text = "Your report: " .. report.name, attachment = csv(report, report.rows(box)) }
  return 200, { message = "Report is being generated" }
end

return reports

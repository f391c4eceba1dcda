-- Groups: read only in v1; `reference` is always null.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")

local groups = {}

local function view(row)
  return { id = row.id, name = row.name, reference = json.null }
end

groups["groups_v1.list"] = function(box, req)
  local q = req.query
  local sort, descending = query.sort(q.sort)
  if sort ~= "id" and sort ~= "name" then
    return fail.v1(400, nil, sort .. " is not a valid attribute for group model", "sort")
  end
  local rows = box.store.groups
  local wanted = q.id and (util.to_integer(q.id) or -1)
  local ids = query.select(box, { kind = "groups", key = q.id or "", sort = sort,
    descending = descending, ids = query.ids_of(rows),
    filter = wanted and function(row) return row.id == wanted end,
    peek = function(id) return rows[id] end })
  local fields = q.fields and query.list(q.fields)
  return paging.v1(box, req, ids, sort, descending, function(id)
    return query.pick(view(rows[id]), fields)
  end)
end

groups["groups_v1.get"] = function(box, req)
  local row = box.store.groups[util.to_integer(req.ids.group_id)]
  if not row then
    return fail.v1(404, nil, "Group for id " .. req.ids.group_id .. " was not found")
  end
  return 200, fail.success(json.array { view(row) })
end

return groups

-- Apps as version 1 has them: a short list.

local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local view = require("onelogin.sandbox.app_view")

local apps = {}

local SORTABLE = { id = true, name = true, connector_id = true }

apps["apps_v1.list"] = function(box, req)
  local q = req.query
  local sort, descending = query.sort(q.sort)
  if not SORTABLE[sort] then
    return fail.v1(400, nil, sort .. " is not a valid attribute for app model", "sort")
  end
  local rows = box.store.apps
  local ids = query.select(box, { kind = "apps_v1", key = "", sort = sort, descending = descending,
    ids = query.ids_of(rows), peek = function(id) return rows[id] end })
  local fields = q.fields and q.fields ~= "" and query.list(q.fields)
  return paging.v1(box, req, ids, sort, descending, function(id)
    return query.pick(view.v1(rows[id]), fields or nil)
  end)
end

return apps

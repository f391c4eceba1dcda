-- Groups: read only in v1, all of it in v2. `reference` is taken and not kept: always null.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local paging = require("onelogin.sandbox.paging")
local query = require("onelogin.sandbox.query")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local groups = {}

local MAX_PAGE = 1000

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

local function group_of(box, req)
  local row = box.store.groups[util.to_integer(req.ids.group_id)]
  if row then return row end
  return nil, fail.not_found_v2()
end

-- What create and update refuse alike: status, body; or nothing. An id is taken and left alone (an
-- official client sends id = 0).
local function refuse(box, req, own)
  local b = req.body
  if type(b) ~= "table" or write.is_array(b) then
    return fail.v2(400, "BadRequestError", "Expected object in request")
  end
  local given = util.copy(b)
  given.id = nil
  local strange = write.unknown(req.entry, given)
  if strange then return fail.v2(400, "BadRequestError", "unknown attribute: " .. strange) end
  local function invalid(message)
    return fail.v2(422, "UnprocessableEntityError", "Validation failed: " .. message)
  end
  local misfit = write.misfit(req.entry, given)
  if misfit then return invalid(misfit:sub(1, 1):upper() .. misfit:sub(2) .. " is invalid") end
  if (b.name == nil and not own) or b.name == json.null or b.name == "" then
    return invalid("Name can't be blank")
  end
  if b.name == nil then return end
  for id, row in pairs(box.store.groups) do
    if id ~= (own and own.id) and row.name:lower() == b.name:lower() then
      return invalid("Name has already been taken")
    end
  end
end

local function apply(row, b)
  row.name = b.name or row.name
  if b.policy_id ~= nil then row.policy_id = b.policy_id ~= json.null and tonumber(b.policy_id) or nil end
end

groups["groups.list"] = function(box, req)
  local q = req.query
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local match = q.name and query.text(q.name)
  local rows, ids = box.store.groups, {}
  for _, id in ipairs(query.ids_of(rows)) do
    -- No group has a reference, so none is found by one.
    if not q.reference and (not match or match(rows[id].name)) then ids[#ids + 1] = id end
  end
  return paging.v2(req, p, ids, function(id) return view(rows[id]) end)
end

groups["groups.get"] = function(box, req)
  local row, status, body = group_of(box, req)
  if not row then return status, body end
  return 200, view(row)
end

groups["groups.create"] = function(box, req)
  local status, body = refuse(box, req)
  if status then return status, body end
  local row = { id = box:new_id("groups") }
  apply(row, req.body)
  box.store.groups[row.id] = row
  return 201, view(row)
end

groups["groups.update"] = function(box, req)
  local row, status, body = group_of(box, req)
  if not row then return status, body end
  status, body = refuse(box, req, row)
  if status then return status, body end
  apply(row, req.body)
  return 200, view(row)
end

-- Its users stay, without a group.
groups["groups.delete"] = function(box, req)
  local row, status, body = group_of(box, req)
  if not row then return status, body end
  local members = {}
  for id, user in box:each_user() do
    if user.group_id == row.id then members[#members + 1] = id end
  end
  for _, id in ipairs(members) do box.store.users[id].group_id = nil end
  box.store.groups[row.id] = nil
  return 204
end

return groups

-- Who a path means: the user, or the refusal in the words of the version.

local fail = require("onelogin.sandbox.fail")
local util = require("onelogin.sandbox.util")

local user_of = {}

-- Only who may change a row takes hold of it; readers leave no trace in the store.
local function find(box, req)
  local id = util.to_integer(req.ids.user_id)
  if not id then return nil end
  if req.method == "GET" then return box:people():peek(id), id end
  return box.store.users[id], id
end

--- The row; or nil, status, body.
function user_of.v2(box, req)
  local row = find(box, req)
  if row then return row end
  return nil, fail.not_found_v2()
end

--- The row; or nil, status, body.
function user_of.v1(box, req)
  local row, id = find(box, req)
  if row then return row end
  if box.store.foreign_users[id] then
    return nil, fail.v1(403, nil, "user is not authorized to access this User")
  end
  return nil, fail.v1(404, nil, "User for id " .. req.ids.user_id .. " was not found")
end

return user_of

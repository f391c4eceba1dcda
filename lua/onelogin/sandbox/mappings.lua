-- User mappings. They act when a user is created or updated (see mapping_run.lua); saving a mapping
-- does not apply it to the users there are.

local json = require("onelogin.core").json
local lookups = require("onelogin.sandbox.lookups")
local rules = require("onelogin.sandbox.rules")
local run = require("onelogin.sandbox.mapping_run")
local util = require("onelogin.sandbox.util")

local EVENTS = { created = 189, deleted = 190, disabled = 191, enabled = 192, updated = 193 }

local handlers = rules.handlers {
  resource = "mappings", kind = "mappings", id = "mapping_id",
  only_enabled = true, -- a disabled mapping has no place in the order
  owner = function() return {} end,
  actions = lookups.mapping_actions,
  changed = function(box, row, what)
    box:event(EVENTS[what], { mapping_id = row.id, notes = row.name })
  end,
}
local row_of = handlers.row_of
handlers.row_of = nil

-- Which of some users it would touch; ids that are nobody's are left out.
handlers["mappings.dry_run"] = function(box, req)
  local mapping, status, body = row_of(box, req, {})
  if not mapping then return status, body end
  if not rules.is_list(req.body) then return rules.one_error("default", "Expected array in request") end
  local out = {}
  for _, id in ipairs(req.body) do
    local row = box:people():peek(util.is_integer(id) and id or util.to_integer(id))
    if row then
      local user = { id = row.id }
      for _, name in ipairs { "firstname", "lastname", "username", "email" } do
        user[name] = row[name] == nil and json.null or row[name]
      end
      out[#out + 1] = { user = user, mapped = run.matches(box, mapping, row) }
    end
  end
  return 200, json.array(out)
end

return handlers

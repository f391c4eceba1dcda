-- Rules of an app. They are kept, checked and sorted; what they would do belongs to provisioning,
-- which the sandbox does not have.

local fail = require("onelogin.sandbox.fail")
local lookups = require("onelogin.sandbox.lookups")
local rules = require("onelogin.sandbox.rules")
local util = require("onelogin.sandbox.util")
local view = require("onelogin.sandbox.app_view")

local handlers = rules.handlers {
  resource = "app_rules", kind = "app_rules", id = "rule_id",
  owner = function(box, req)
    local id = util.to_integer(req.ids.app_id)
    if box.store.apps[id] then return { app_id = id } end
    return nil, fail.not_found_v2()
  end,
  actions = function(box, owner)
    return lookups.rule_actions(box, view.parameters(box.store.apps[owner.app_id]))
  end,
  changed = function() end, -- no event type for these is on record
}
handlers.row_of = nil

return handlers

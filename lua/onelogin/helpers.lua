-- helpers.lua - the names of what stands beside the operations without being one, and where it lives.
--
-- A helper is a few lines over the table and loads when it is first used.  An operation of the same name wins.

local require = require -- kept: hosts that guard `require` swap it only while files load

local helpers = {}

-- resource → name → module
local own = {
  users = { find_by_email = "onelogin.find", find_by_username = "onelogin.find", find_by_external_id = "onelogin.find",
    refresh_mappings = "onelogin.find" },
  events = { follow = "onelogin.follow" },
}

-- Any list that needs no path ids can be searched; with a create beside it, what is missing can be made.
local function module_of(resource, key, facts)
  local list = facts.list
  if key == "find" and list and not list.ids then return "onelogin.find" end
  if key == "ensure" and list and not list.ids and facts.create then return "onelogin.ensure" end
  return own[resource] and own[resource][key]
end

--- The helper `key` of a resource as a method, or nil.
function helpers.of(resource, key, facts)
  local name = module_of(resource, key, facts)
  return name and require(name)[key]
end

--- The names of a resource's helpers, as a set.
function helpers.names(resource, facts)
  local names = {}
  for _, key in ipairs { "find", "ensure" } do
    if module_of(resource, key, facts) then names[key] = true end
  end
  for key in pairs(own[resource] or {}) do names[key] = true end
  return names
end

return helpers

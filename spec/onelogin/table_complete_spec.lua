-- The table has every operation of the API, no other, and each is well-formed.  The list is written by hand.
local api = require "onelogin.api"
local schema = require "onelogin.schema"

local wanted = {
  accounts = [[create get list update]],
  app_rules = [[create delete get list list_action_values list_actions list_condition_operators
      list_condition_values list_conditions sort update]],
  apps = [[create delete delete_parameter get list list_users update]],
  apps_v1 = [[list]],
  auth_claims = [[create delete list update]],
  auth_clients = [[create delete list update]],
  auth_scopes = [[create delete list update]],
  auth_servers = [[create delete get list update]],
  brand_messages = [[delete list list_languages lookup update]],
  brand_templates = [[create delete get get_by_type get_by_type_and_locale get_master get_master_by_locale list
      update update_by_type_and_locale]],
  brands = [[create delete get list list_apps update]],
  connectors = [[list]],
  custom_attributes = [[create delete get list update]],
  email_settings = [[get reset update]],
  embed_apps = [[list]],
  events = [[create get list types]],
  groups = [[create delete get list update]],
  groups_v1 = [[get list]],
  hooks = [[create create_env delete delete_env get get_env list list_envs list_logs update update_env]],
  invites = [[generate_link send_link]],
  legacy = [[delegated_auth]],
  login = [[create_session create_session_token verify_factor]],
  mappings = [[create delete dry_run get list list_action_values list_actions list_condition_operators
      list_condition_values list_conditions sort update]],
  mfa = [[activate_factor enroll_factor generate_token get_enrollment get_verification list_devices list_factors
      remove_factor verify_enrollment verify_factor]],
  mfa_v1 = [[activate_factor enroll_factor generate_token list_devices list_factors remove_factor verify_factor]],
  oauth = [[generate_tokens generate_tokens_v1 get_rate_limit revoke_token]],
  privileges = [[assign_roles assign_users create delete get list list_roles list_users remove_role remove_user
      update]],
  reports = [[list run run_background]],
  risk = [[create_rule delete_rule get_rule get_score get_score_insights list_rules track_event update_rule]],
  roles = [[add_admins add_users create delete get get_admins get_apps get_users list remove_admins remove_users
      set_apps update]],
  roles_v1 = [[get list]],
  saml = [[generate_assertion verify_factor]],
  saml_v1 = [[generate_assertion verify_factor]],
  self_registration_profiles = [[add_field create delete delete_field get list update]],
  smart_mfa = [[validate_user verify_token]],
  users = [[assign_roles create delete get get_apps get_delegated_privileges get_privileges list lock log_out
      remove_roles roles set_custom_attributes set_password_cleartext set_password_salted set_state unlock
      update]],
  users_v1 = [[apps create custom_attributes delete get list update]],
}

local resources = api.resources

local function names(t)
  local list = {}
  for name in pairs(t) do list[#list + 1] = name end
  table.sort(list)
  return list
end

describe("the table", function()
  it("has 207 operations: those of the list", function()
    local total = 0
    local got, sorted = {}, names(wanted)
    for _, resource in ipairs(resources) do got[resource] = true end
    assert.are.same(sorted, names(got))
    assert.are.equal(#sorted, #resources)
    for _, resource in ipairs(sorted) do
      local ops = {}
      for name in wanted[resource]:gmatch("%S+") do ops[#ops + 1] = name end
      table.sort(ops)
      total = total + #ops
      assert.are.same(ops, names(require("onelogin.api." .. resource)))
      assert.are.same(ops, names(require("onelogin.prose." .. resource)))
    end
    assert.are.equal(207, total)
  end)

  for _, resource in ipairs(resources) do
    it("is well-formed in " .. resource, function()
      assert.are.same({}, schema.check(resource, require("onelogin.api." .. resource),
        require("onelogin.prose." .. resource)))
    end)
  end

  local function set(text)
    local out = {}
    for id in text:gmatch("%S+") do out[id] = true end
    return out
  end

  -- No page documents these; everything else names its source.
  local undocumented = set [[accounts.update groups.list groups.get groups.create groups.update groups.delete
    users.get_privileges users.get_delegated_privileges]]

  local deprecated = set [[apps_v1.list email_settings.get email_settings.update email_settings.reset
    legacy.delegated_auth oauth.generate_tokens_v1 saml_v1.generate_assertion saml_v1.verify_factor]]

  local early_preview = set [[brand_messages.list_languages brand_messages.lookup brand_messages.list
    brand_messages.update brand_messages.delete brand_templates.list brand_templates.get brand_templates.get_by_type
    brand_templates.get_by_type_and_locale brand_templates.create brand_templates.update
    brand_templates.update_by_type_and_locale brand_templates.delete brand_templates.get_master
    brand_templates.get_master_by_locale brands.list brands.get brands.create brands.update brands.delete
    brands.list_apps smart_mfa.validate_user smart_mfa.verify_token users.get_privileges
    users.get_delegated_privileges]]

  it("names the source of each operation, and its standing", function()
    local without, standing = {}, { deprecated = {}, early_preview = {} }
    for _, resource in ipairs(resources) do
      for name, entry in pairs(require("onelogin.api." .. resource)) do
        local id = resource .. "." .. name
        if not entry.doc then without[id] = true end
        if entry.status then standing[entry.status][id] = true end
      end
    end
    assert.are.same(undocumented, without)
    assert.are.same(deprecated, standing.deprecated)
    assert.are.same(early_preview, standing.early_preview)
  end)

  it("loads without requiring anything, and holds data only", function()
    local function plain(value, where)
      if type(value) ~= "table" then
        assert.is_true(type(value) ~= "function" and type(value) ~= "userdata", where)
        return
      end
      assert.is_nil(getmetatable(value), where)
      for key, item in pairs(value) do plain(item, where .. "." .. tostring(key)) end
    end
    for _, resource in ipairs(resources) do plain(require("onelogin.api." .. resource), resource) end
  end)
end)

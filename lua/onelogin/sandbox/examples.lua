-- Puts into a box what the examples of the documentation speak of, under the ids that they use, so
-- that every one of them can be run: box:seed_examples() for all, box:seed_examples("users.unlock")
-- also brings about the state that this one needs.

local auth_store = require("onelogin.sandbox.auth_store")
local devices = require("onelogin.sandbox.devices")
local hooks = require("onelogin.sandbox.hooks")
local sign_in = require("onelogin.sandbox.sign_in")
local services = require("onelogin.sandbox.examples_services")

local examples = {}

local USER, OTHER = 88888888, 88888889
local ROLE, SECOND_ROLE = 143175, 272445
local APP, SECOND_APP = 1127385, 1181288
local GROUP, FIELD = 417333, 87846
local V1_DEVICE, V2_DEVICE = 525509, 3920371
local SERVER = 1022697
local HOOK = "d360aded-6063-4c60-8add-45f32772ff71"
local VARIABLE = "8148095e-1b63-4acc-b2de-ff3fc5f12561"
local REGISTRATION = "406fefd4-8a36-4aee-880c-f3e4a928e27d"
local VERIFICATION = "afc1a96d-2006-452a-a484-b2d084b00d76"

-- Enrols a device under an id of our choice.
local function device(box, id, kind, opts)
  local next_id = box.next_ids.devices
  box.next_ids.devices = id - 1
  local made = box:add_device(USER, kind, opts)
  box.next_ids.devices = next_id
  return made
end

local function challenge(box, device_id, id, family, code)
  return devices.challenge(box, box.store.devices[device_id], id, { family = family, code = code,
    life = 600 })
end

local function people(box)
  box:add_user { id = USER, firstname = "Mike", lastname = "Tester", username = "miketester",
    email = "miketester@acme.com", phone = "+14156456830", password = "tide-6-swell",
    role_ids = { SECOND_ROLE }, group_id = GROUP }
  box:add_user { id = OTHER, firstname = "Joe", lastname = "Query", username = "joequery",
    email = "joequery@acme.com", role_ids = {} }
end

local function rule(id, position, more)
  local row = { id = id, name = "Rule " .. position, match = "all", enabled = true, position = position,
    conditions = { { source = "last_login", operator = ">", value = "90" } },
    actions = { { action = "set_status", value = { "2" } } } }
  for k, v in pairs(more or {}) do row[k] = v end
  return row
end

local function servers(box)
  local audience = "https://example.com/contacts"
  local function scope(id, value) return { id = id, value = value } end
  auth_store.servers(box)[SERVER] = { id = SERVER, name = "Contacts",
    configuration = { resource_identifier = audience .. "/old", audiences = { audience },
      access_token_expiration_minutes = 10, refresh_token_expiration_minutes = 30 },
    scopes = { [31] = scope(31, "contacts:list"), [32] = scope(32, "contacts:write") },
    claims = { [320780] = { id = 320780, name = "title", user_attribute_mappings = "title" } },
    clients = { [APP] = { app_id = APP, scopes = { 31 } } } }
end

-- The names that examples create must be free.
local function make_room(box)
  for _, role in pairs(box.store.roles) do
    if role.name == "Engineering" then role.name = "Engineers" end
  end
  for id, def in pairs(box.store.custom_attributes) do
    if def.shortname == "food" then box.store.custom_attributes[id] = nil end
  end
  local ashley = box:find_user("ashley")
  if ashley then
    ashley.username = nil
    box:touch(ashley)
  end
end

-- What single examples need beside the rest.
local prepare = {}

prepare["users.unlock"] = function(box) box.store.users[USER].status = 3 end
prepare["embed_apps.list"] = function(box)
  box.store.embedding.token = "3b9f7d2c"
  box:add_user { email = "ashley@acme.com", app_ids = { APP } }
end
prepare["invites.generate_link"] = function(box) box:add_user { email = "ashley@acme.com" } end
prepare["invites.send_link"] = prepare["invites.generate_link"]
prepare["auth_clients.create"] = function(box)
  auth_store.servers(box)[SERVER].clients[APP] = nil
end
prepare["apps.delete_parameter"] = function(box)
  box.store.apps[APP].parameters = { employee = { id = 42, label = "Employee" } }
end
prepare["custom_attributes.create"] = function(box) box.store.custom_attributes[FIELD] = nil end
prepare["mfa.verify_enrollment"] = function(box)
  device(box, V2_DEVICE + 1, "totp", { active = false })
  challenge(box, V2_DEVICE + 1, REGISTRATION, "registration", "058959")
end
prepare["mfa.get_enrollment"] = prepare["mfa.verify_enrollment"]
prepare["mfa.verify_factor"] = function(box) challenge(box, V2_DEVICE, VERIFICATION, "v2", "058959") end
prepare["mfa.get_verification"] = prepare["mfa.verify_factor"]
-- Version 1 offers no factor that a person has.
prepare["mfa_v1.enroll_factor"] = function(box)
  for _, id in ipairs { V1_DEVICE, V2_DEVICE } do devices.remove(box, box.store.devices[id]) end
end
prepare["mfa_v1.verify_factor"] = function(box)
  challenge(box, V1_DEVICE, "98e008497066bc2763c52342996e06358aab2e32", "v1", "B41832")
end
-- Ashley, who signs in.
local function ashley(box)
  box:add_user { username = "ashley", email = "ashley@acme.com", firstname = "Ashley", lastname = "Akua",
    password = "tide-7-swell", app_ids = { APP } }
end
-- Her password is checked already, and a code is on its way.
local function half_way(box, token, purpose)
  box.store.sign_ins[token] = { user_id = USER, purpose = purpose, host = box.base_url, kept = { origins = {} },
    expires = box.clock.wall() + 120 }
  challenge(box, V1_DEVICE, ("%s:%d"):format(token, V1_DEVICE), sign_in.FAMILY, "123456")
end
prepare["login.create_session_token"] = ashley
prepare["login.verify_factor"] = function(box) half_way(box, "xx5x2x91331x3x3x341xx51176x7xxx182x65xxx", "login") end
prepare["login.create_session"] = function(box)
  box.store.session_tokens["9x8869x31134x7906x6x54474x21x18xxx90857x"] = { user_id = USER, origins = {},
    expires = box.clock.wall() + 120 }
end
prepare["saml.generate_assertion"] = ashley
prepare["saml.verify_factor"] = function(box)
  half_way(box, "5xxx604x8xx9x694xx860173xxx3x78x3x870x56", ("saml:%d"):format(APP))
end
prepare["saml_v1.generate_assertion"] = ashley
prepare["saml_v1.verify_factor"] = function(box)
  half_way(box, "xx5x2x91331x3x3x341xx51176x7xxx182x65xxx", ("saml_v1:%d"):format(APP))
end
prepare["smart_mfa.verify_token"] = function(box)
  box.store.smart_people.ashley = { user_id = USER }
  box.store.smart_states["67ff7e91-ec38-467d-b7df-c0f4f61efd73"] = { key = "ashley", code = "123456",
    event = { user = { id = "ashley" }, ip = "203.0.113.9", user_agent = "Mozilla/5.0" },
    expires = box.clock.wall() + 480 }
end
prepare["legacy.delegated_auth"] = function(box)
  ashley(box)
  box.store.legacy.api_key = "8f2e1c"
end
for _, name in ipairs { "list", "get", "create", "update" } do
  prepare["accounts." .. name] = function(box)
    box.options.reseller = true
    box.store.accounts[box.account_id] = { id = box.account_id, name = "Acme" }
  end
end

examples.prepare = prepare

--- Adds them. `op`: an operation whose example is about to run.
function examples.seed(box, op)
  make_room(box)
  box:add_app { id = APP, name = "OIDC Basic", connector_id = 50534 }
  box:add_app { id = SECOND_APP, name = "Amazon Web Services (AWS) Multi Role", connector_id = 50534 }
  box:add_role { id = ROLE, name = "Developers (all)", apps = { APP } }
  box:add_role { id = SECOND_ROLE, name = "Testers", apps = { SECOND_APP } }
  box.store.groups[GROUP] = { id = GROUP, name = "Design" }
  box.store.custom_attributes[FIELD] = { id = FIELD, name = "Favourite food", shortname = "food",
    position = 9 }
  people(box)
  servers(box)
  services(box, { app = box.store.apps[APP], role = ROLE, user = USER })
  box:event(8, { id = 123456, user_id = USER, app_id = APP })
  device(box, V1_DEVICE, "sms")
  device(box, V2_DEVICE, "sms")
  for i, id in ipairs { 196670, 196671, 196672 } do box.store.mappings[id] = rule(id, i) end
  for i, id in ipairs { 196671, 196672, 196673 } do
    box.store.app_rules[id] = rule(id, i, { app_id = APP })
  end
  hooks.add(box, { id = HOOK, type = "user-migration" })
  hooks.add_env(box, { id = VARIABLE, name = "SAMPLE_VAR", value = "helloworld" })
  if op and prepare[op] then prepare[op](box) end
  box.version = box.version + 1
end

return examples

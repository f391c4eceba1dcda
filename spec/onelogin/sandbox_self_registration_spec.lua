-- Self-registration profiles in the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local json = support.json

local null = json.null
local ROOT = "/api/2/self_registration_profiles"

describe("self-registration profiles", function()
  local box, api

  before_each(function()
    box = sandbox { users = 10 }
    api = support.api(box)
  end)

  local function partners(more)
    local out = { url = "partners", name = "Partners", enabled = true }
    for k, v in pairs(more or {}) do out[k] = v end
    return out
  end

  local function make(members)
    local status, profile = api.post(ROOT, { self_registration_profile = members or partners() })
    assert.equal(201, status)
    return profile, ROOT .. "/" .. profile.id
  end

  local function refused(status, message, method, path, body)
    local got, answer = api.call(method, path, body)
    assert.equal(status, got)
    assert.equal(message, answer.message)
  end

  it("are made with what nobody said, and read back", function()
    local profile, at = make()
    assert.same({ id = profile.id, name = "Partners", url = "partners", enabled = true,
      moderated = false, default_role_id = null, default_group_id = null, helptext = null,
      thankyou_message = null, domain_blacklist = null, domain_whitelist = null,
      domain_list_strategy = 0, email_verification_type = "Email MagicLink", fields = {} }, profile)
    assert.same(profile, select(2, api.get(at)))
  end)

  it("are taken with their wrapper or without", function()
    local status, profile = api.post(ROOT, partners { moderated = true })
    assert.equal(201, status)
    assert.is_true(profile.moderated)
    local at = ROOT .. "/" .. profile.id
    assert.equal(false, select(2, api.put(at, partners { enabled = false })).enabled)
    assert.equal(true, select(2, api.put(at, { self_registration_profile = partners() })).enabled)
  end)

  it("keep what a change leaves out, and lose what it sets to null", function()
    local _, at = make(partners { helptext = "Welcome", default_role_id = 410018, domain_list_strategy = 1 })
    local _, profile = api.put(at, partners { helptext = null })
    assert.same({ null, 410018, 1 },
      { profile.helptext, profile.default_role_id, profile.domain_list_strategy })
    assert.equal(204, (api.delete(at)))
    assert.equal(404, (api.get(at)))
  end)

  it("want url, name and enabled every time, and things that exist", function()
    refused(422, "Validation failed: Url can't be blank, Name can't be blank, Enabled can't be blank",
      "POST", ROOT, { self_registration_profile = { moderated = true } })
    local _, at = make()
    refused(422, "Validation failed: Enabled can't be blank", "PUT", at, { url = "a", name = "b" })
    refused(400, "unknown attribute: profile_id", "PUT", at, partners { profile_id = 4 })
    refused(422, "Validation failed: Url has already been taken", "POST", ROOT, partners())
    assert.equal(200, (api.put(at, partners())))
    refused(422, "Validation failed: Default role must exist", "PUT", at, partners { default_role_id = 1 })
    refused(422, "Validation failed: Default group must exist", "PUT", at, partners { default_group_id = 1 })
    refused(422, "Validation failed: Email verification type is invalid", "PUT", at,
      partners { email_verification_type = "Pigeon" })
    refused(400, "Expected object in request", "POST", ROOT, { 1 })
  end)

  it("are paged like the rest of v2", function()
    for i = 1, 4 do make(partners { url = "p" .. i }) end
    local status, rows, headers = api.get(ROOT .. "?limit=2")
    assert.equal(200, status)
    assert.equal(2, #rows)
    assert.same({ "5", "3" }, { headers["total-count"], headers["total-pages"] })
    assert.equal(5, #api.walk_v2(ROOT .. "?limit=2"))
    local refusal
    status, refusal = api.get(ROOT .. "?limit=2&cursor=x")
    assert.equal(400, status)
    assert.equal("Requests can only have cursor xor pagination arguments", refusal.description)
    refused(400, "query parameter(s) not allowed: name", "GET", ROOT .. "?name=x")
  end)

  it("ask for custom fields, by a row of their own", function()
    local _, at = make()
    local fields = at .. "/self_registration_profile_fields"
    local status, answer = api.post(fields, { custom_attribute_id = 32 })
    assert.equal(201, status)
    assert.same({ custom_attribute_id = 32 }, answer)
    api.post(fields, { custom_attribute_id = 31 })
    local rows = select(2, api.get(at)).fields
    assert.same({ id = rows[1].id, custom_attribute_id = 32, name = "Favourite food", position = 1 }, rows[1])
    assert.equal(2, rows[2].position)
    refused(422, "Validation failed: Custom attribute has already been taken", "POST", fields,
      { custom_attribute_id = 32 })
    refused(422, "Validation failed: Custom attribute must exist", "POST", fields, { custom_attribute_id = 99 })
    refused(422, "Validation failed: Custom attribute id can't be blank", "POST", fields, {})
    refused(400, "unknown attribute: profile_id", "POST", fields, { custom_attribute_id = 31, profile_id = 1 })
    assert.equal(404, (api.delete(fields .. "/32")))
    assert.equal(204, (api.delete(fields .. "/" .. rows[1].id)))
    api.delete("/api/2/users/custom_attributes/31")
    assert.same({}, select(2, api.get(at)).fields)
  end)

  it("write events", function()
    local _, at = make()
    api.put(at, partners { name = "Friends" })
    api.post(at .. "/self_registration_profile_fields", { custom_attribute_id = 31 })
    api.delete(at)
    local types = {}
    for i, event in ipairs(box.store.events) do types[i] = event.event_type_id end
    assert.same({ 203, 204, 204, 205 }, types)
  end)

  it("are read with Read Users and written with Manage Users", function()
    local reader = support.api(box, { scope = "Read Users" })
    assert.equal(200, (reader.get(ROOT)))
    assert.equal(401, (reader.post(ROOT, partners())))
    assert.equal(201, (support.api(box, { scope = "Manage Users" }).post(ROOT, partners())))
  end)
end)

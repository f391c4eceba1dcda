-- Branding in the sandbox: brands, error messages, message templates, the mail server.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local canary = require "spec.support.canary"
local util = require "onelogin.sandbox.util"
local json = support.json

local null = json.null
local ROOT = "/api/2/branding/brands"
local NOT_FOUND = { statusCode = 404, name = "NotFoundError",
  message = "The resource with the given id could not be found" }

local box, api

local function setup()
  box = sandbox { users = 10 }
  api = support.api(box)
end

local function make(body)
  local status, brand = api.post(ROOT, body or { name = "Acme" })
  assert.equal(201, status)
  return brand
end

local function refused(status, message, method, path, body)
  local got, answer = api.call(method, path, body)
  assert.equal(status, got)
  assert.equal(status, answer.statusCode)
  assert.equal(message, answer.message)
end

local function event_types()
  local out = {}
  for i, event in ipairs(box.store.events) do out[i] = event.event_type_id end
  return out
end

describe("brands", function()
  before_each(setup)

  it("are one from the beginning, in short rows", function()
    local status, list = api.get(ROOT)
    assert.equal(200, status)
    assert.same({ { id = 1, enabled = true, name = "Acme" } }, list)
  end)

  it("are created with what nobody said, changed in part, and deleted", function()
    local brand = make { name = "Two", enabled = true, custom_color = "#112233" }
    assert.same({ id = brand.id, name = "Two", enabled = true, custom_support_enabled = false,
      custom_color = "#112233", custom_accent_color = "#1c8dcd", custom_masking_color = "#ffffff",
      custom_masking_opacity = 40, mfa_enrollment_message = "",
      enable_custom_label_for_login_screen = false, custom_label_text_for_login_screen = "",
      login_instruction = "", login_instruction_title = "", hide_onelogin_footer = false,
      background = null, logo = null }, brand)
    local at = ROOT .. "/" .. brand.id
    local status, changed = api.put(at, { hide_onelogin_footer = true, custom_color = null })
    assert.equal(200, status)
    brand.hide_onelogin_footer, brand.custom_color = true, "#000000"
    assert.same(brand, changed)
    assert.same(brand, select(2, api.get(at)))
    assert.equal(204, (api.delete(at)))
    status, changed = api.get(at)
    assert.equal(404, status)
    assert.same(NOT_FOUND, changed)
  end)

  it("have one first among them at most", function()
    local function first() return (select(2, api.put(ROOT .. "/master/custom_error_messages",
      { type_id = 9, title = "x" })).brand_id) end
    assert.equal(1, first())
    local brand = make { name = "Two", master = true }
    assert.equal(brand.id, first())
    api.delete(ROOT .. "/" .. brand.id)
    assert.is_nil(first())
    api.put(ROOT .. "/1", { master = true })
    assert.equal(1, first())
  end)

  it("write what happened to branding", function()
    local at = ROOT .. "/" .. make { name = "Off" }.id
    make { name = "On", enabled = true }
    api.put(at, { enabled = true })
    api.put(at, { name = "Still on" })
    api.put(at, { enabled = false })
    assert.same({ 188, 186, 186, 188, 187 }, event_types())
  end)

  it("need a name, and values of the right kind", function()
    refused(422, "Validation failed: Name can't be blank", "POST", ROOT, { enabled = true })
    refused(422, "Validation failed: Enabled is invalid", "POST", ROOT, { name = "x", enabled = "yes" })
    refused(400, "unknown attribute: primary_color", "POST", ROOT, { name = "x", primary_color = "#000" })
    refused(422, "Validation failed: Name can't be blank", "PUT", ROOT .. "/1", { name = null })
    refused(400, "Expected object in request", "POST", ROOT, { 1 })
  end)

  it("take pictures as base64 and answer addresses", function()
    local png, jpeg = "\137PNG\r\n\26\n0123", "\255\216\255\224rest"
    local brand = make { name = "Pictures", background = util.base64(jpeg), logo = util.base64(png) }
    assert.equal(#jpeg, brand.background.file_size)
    assert.equal("image/jpeg", brand.background.content_type)
    assert.equal("image/png", brand.logo.content_type)
    assert.equal("2026-03-02T09:00:00.000Z", brand.logo.updated_at)
    assert.truthy(brand.logo.urls.navigation and brand.background.urls.branding)
    local at = ROOT .. "/" .. brand.id
    assert.same(brand, select(2, api.put(at, { name = "Pictures" })))
    assert.equal(null, select(2, api.put(at, { logo = null })).logo)
    refused(422, "Validation failed: Logo is invalid", "PUT", at, { logo = util.base64(jpeg) })
    refused(422, "Validation failed: Background is invalid", "PUT", at, { background = "***" })
    refused(422, "Validation failed: Background is invalid", "PUT", at, { background = brand.background })
    refused(422, "Validation failed: Logo must be less than 1 MB", "PUT", at,
      { logo = util.base64("\137PNG" .. ("x"):rep(1048576)) })
  end)

  it("list the apps that use them, and let go of them", function()
    local brand = make()
    local app = box:add_app { name = "Mom Corp", brand_id = brand.id, connector_id = 110004 }
    local at = ROOT .. "/" .. brand.id
    local status, rows = api.get(at .. "/apps")
    assert.equal(200, status)
    assert.equal(1, #rows)
    assert.same({ app.id, "Mom Corp", "SAML2.0", true },
      { rows[1].id, rows[1].name, rows[1].auth_method_description, rows[1].visible })
    assert.same({}, select(2, api.get(ROOT .. "/1/apps")))
    api.delete(at)
    assert.equal(null, select(2, api.get("/api/2/apps/" .. app.id)).brand_id)
  end)

  it("refuse a token in words of their own", function()
    local status, answer = api.call("GET", ROOT, nil, { Authorization = "Bearer none" })
    assert.equal(401, status)
    assert.same({ name = "UnauthorizedError", message = "The request requires user authentication." },
      answer)
    assert.equal(401, (support.api(box, { scope = "Read All" }).get(ROOT)))
  end)
end)

describe("error messages of brands", function()
  before_each(setup)

  local function at(brand, tail) return ROOT .. "/" .. brand .. "/custom_error_messages" .. (tail or "") end
  local LOOKUP = "/api/2/branding/custom_error_message"

  it("can be in many languages, one of them the default", function()
    local status, list = api.get(at("master", "/languages"))
    assert.equal(200, status)
    assert.same({ language = "en", is_default = true }, list[1])
    local defaults = 0
    for _, row in ipairs(list) do defaults = defaults + (row.is_default and 1 or 0) end
    assert.equal(1, defaults)
    assert.equal(404, (api.get(at("99", "/languages"))))
  end)

  it("are built in until somebody changes them", function()
    local status, built_in = api.post(at("master"), { type_id = 9 })
    assert.equal(200, status)
    assert.same({ 9, "en", "Access Denied" }, { built_in.type_id, built_in.locale, built_in.title })
    assert.is_nil(built_in.id)
    local row
    status, row = api.put(at("master"), { type_id = 9, title = "Sorry" })
    assert.equal(200, status)
    assert.same({ id = row.id, account_id = 555555, brand_id = 1, type_id = 9, locale = "en",
      title = "Sorry", description = built_in.description, message = built_in.message }, row)
    assert.same(row, select(2, api.post(at("1"), { type_name = "MESSAGE_TYPE_NO_ACCESS_APP" })))
    assert.equal("No.", select(2, api.put(at("1"), { id = row.id, message = "No." })).message)
    assert.same({ 188, 188 }, event_types())
    assert.equal(204, (api.delete(at("1", "/" .. row.id))))
    assert.equal(404, (api.delete(at("1", "/" .. row.id))))
    assert.same(built_in, select(2, api.post(at("master"), {})))
  end)

  it("come alone when one fits, and else in an array", function()
    api.put(at("1"), { type_id = 9, title = "Sorry" })
    api.put(at("1"), { type_id = 9, locale = "de-DE", title = "Leider nein" })
    local _, all = api.post(at("1"), { type_id = 9 })
    assert.same({ "Sorry", "Leider nein" }, { all[1].title, all[2].title })
    assert.equal("Leider nein", select(2, api.post(at("1"), { locale = "de-DE" })).title)
    assert.equal(404, (api.post(at("1"), { id = 5 })))
  end)

  it("are looked up for an app: its brand, the first brand, what is built in", function()
    local brand = make()
    local app = box:add_app { name = "A", brand_id = brand.id }
    local function seen(locale)
      local status, message = api.post(LOOKUP, { type_id = 9, app_id = app.id, locale = locale })
      assert.equal(200, status)
      return message.title
    end
    assert.equal("Access Denied", seen())
    api.put(at("master"), { type_id = 9, title = "From the first" })
    assert.equal("From the first", seen())
    api.put(at(brand.id), { type_id = 9, title = "Its own" })
    api.put(at(brand.id), { type_id = 9, locale = "de-DE", title = "Eigener" })
    assert.same({ "Its own", "Eigener", "Its own" }, { seen(), seen "de-DE", seen "fr-FR" })
    assert.equal("From the first", select(2, api.post(LOOKUP, { type_id = 9 })).title)
    assert.equal(404, (api.post(LOOKUP, { type_id = 9, app_id = 1 })))
    refused(400, "type_id or type_name is required", "POST", LOOKUP, { locale = "en" })
  end)

  it("name one message and one text to be changed", function()
    refused(400, "title, description or message is required", "PUT", at("1"), { type_id = 9 })
    refused(400, "id, type_id or type_name is required", "PUT", at("1"), { title = "x" })
    refused(422, "Validation failed: Type id is invalid", "PUT", at("1"), { type_id = 8, title = "x" })
    refused(422, "Validation failed: Locale is invalid", "PUT", at("1"),
      { type_id = 9, locale = "tlh", title = "x" })
    refused(404, NOT_FOUND.message, "PUT", at("1"), { id = 5, title = "x" })
  end)
end)

describe("message templates of brands", function()
  before_each(setup)

  local at = ROOT .. "/1/templates"
  local MAIL = { subject = "Your code", html = "<p>{{otp_code}}</p>", plain = "{{otp_code}}" }

  local function add(kind, locale, template)
    local status, row = api.post(at, { type = kind, locale = locale, template = template })
    assert.equal(201, status)
    return row
  end

  it("are made, read by id or by what they are for, and deleted", function()
    assert.same({}, select(2, api.get(at)))
    local row = add("email_code_app_verification", "en", MAIL)
    assert.same({ id = row.id, account_id = 555555, brand_id = 1, locale = "en",
      type = "email_code_app_verification", template_class = "email_template", template = MAIL,
      updated_at = "2026-03-02T09:00:00.000Z" }, row)
    local spanish = add("email_code_app_verification", "es", MAIL)
    assert.same(row, select(2, api.get(at .. "/" .. row.id)))
    assert.same(row, select(2, api.get(at .. "/email_code_app_verification")))
    assert.same(spanish, select(2, api.get(at .. "/email_code_app_verification/es")))
    assert.equal(2, #select(2, api.get(at)))
    assert.same({ spanish }, select(2, api.get(at .. "?locale=es")))
    assert.equal(204, (api.delete(at .. "/" .. row.id)))
    refused(404, ('Unknown Content Template type: "%d"'):format(row.id), "GET", at .. "/" .. row.id)
    refused(404, NOT_FOUND.message, "DELETE", at .. "/" .. row.id)
    refused(404, 'Unknown Content Template type: "email_code_app_verification"', "GET",
      at .. "/email_code_app_verification")
    assert.same({ 188, 188, 188 }, event_types())
  end)

  it("belong to one brand", function()
    local row = add("sms_registration", "en", { message = "{{otp_code}}" })
    assert.equal("sms_template", row.template_class)
    local other = ROOT .. "/" .. make().id .. "/templates"
    assert.equal(404, (api.get(other .. "/" .. row.id)))
    assert.equal(404, (api.put(other .. "/" .. row.id, { locale = "en" })))
    assert.equal(404, (api.get(other .. "/sms_registration")))
    assert.equal(404, (api.get(ROOT .. "/99/templates")))
  end)

  it("are changed in part, by id", function()
    local row = add("email_forgot_password", "en", MAIL)
    box.clock.advance(60)
    local status, changed = api.put(at .. "/" .. row.id, { template = { subject = "New" } })
    assert.equal(200, status)
    assert.same({ subject = "New", html = MAIL.html, plain = MAIL.plain }, changed.template)
    assert.equal("2026-03-02T09:01:00.000Z", changed.updated_at)
    assert.equal("fr", select(2, api.put(at .. "/" .. row.id, { locale = "fr" })).locale)
    add("email_forgot_password", "en", MAIL)
    refused(422, "Validation failed: Locale has already been taken", "PUT", at .. "/" .. row.id,
      { locale = "en" })
  end)

  it("are made or changed by what they are for and a language", function()
    local status, row = api.put(at .. "/sms_login_verification/es", { template = { message = "{{otp_code}}" } })
    assert.equal(200, status)
    assert.same({ "sms_login_verification", "es", "{{otp_code}}" },
      { row.type, row.locale, row.template.message })
    local _, again = api.put(at .. "/sms_login_verification/es", { template = { message = "Code" } })
    assert.same({ row.id, "Code" }, { again.id, again.template.message })
    refused(404, 'Unknown Content Template type: "sms_poem"', "PUT", at .. "/sms_poem/es",
      { template = { message = "x" } })
  end)

  it("must be whole, short enough, and once for a language", function()
    local function post(body) return "POST", at, body end
    refused(422, "Validation failed: Type can't be blank, Locale can't be blank", post {})
    refused(422, "Validation failed: Type is invalid", post { type = "poem", locale = "en", template = MAIL })
    refused(422, "Validation failed: Template can't be blank",
      post { type = "sms_registration", locale = "en" })
    refused(422, "Validation failed: Template html can't be blank",
      post { type = "email_forgot_password", locale = "en", template = { subject = "x" } })
    refused(422, "Validation failed: Template message is too long (maximum is 160 characters)",
      post { type = "sms_registration", locale = "en", template = { message = ("x"):rep(161) } })
    add("email_forgot_password", "en", MAIL)
    refused(422, "Validation failed: Type has already been taken",
      post { type = "email_forgot_password", locale = "en", template = MAIL })
    api.post(ROOT, { name = "Second" })
    api.delete(ROOT .. "/1")
    local second = select(2, api.get(ROOT))[1].id
    refused(422, "Validation failed: Master brand must exist", "POST", ROOT .. "/" .. second .. "/templates",
      { type = "email_forgot_password", locale = "en", template = MAIL })
    api.put(ROOT .. "/" .. second, { master = true })
    assert.equal(201, (api.post(ROOT .. "/" .. second .. "/templates",
      { type = "email_forgot_password", locale = "en", template = MAIL })))
  end)

  it("are built in under master, without an id", function()
    local master = ROOT .. "/master/templates/"
    local status, row = api.get(master .. "email_forgot_password")
    assert.equal(200, status)
    assert.same({ null, "en", "email_forgot_password", "email_template", "Forgot your password" },
      { row.id, row.locale, row.type, row.template_class, row.template.subject })
    assert.same(row, select(2, api.get(master .. "email_forgot_password/en")))
    for _, p in ipairs(require("onelogin.api.brand_templates").create.body[1].enum) do
      assert.equal(200, (api.get(master .. p)))
    end
    refused(404, 'Unknown Content Template type: "poem"', "GET", master .. "poem")
    assert.equal(404, (api.get(master .. "email_forgot_password/es")))
  end)
end)

describe("the mail server of the account", function()
  before_each(setup)

  local AT = "/api/2/branding/email_settings"
  local UPDATED = { message = "Settings Updated", statusCode = 200, name = "Success" }

  it("is the service's own until another is named, and again after a reset", function()
    local _, begun = api.get(AT)
    assert.same({ mode = "onelogin" }, begun)
    local status, answer = api.put(AT, { address = "smtp.acme.test", from = "it@acme.test",
      domain = "acme.test", user_name = "mailer", password = canary.password })
    assert.equal(200, status)
    assert.same(UPDATED, answer)
    local _, now = api.get(AT)
    assert.is_true(now.password == canary.password)
    now.password = nil
    assert.same({ address = "smtp.acme.test", from = "it@acme.test", domain = "acme.test",
      use_tls = true, port = 25, user_name = "mailer" }, now)
    assert.same(UPDATED, select(2, api.delete(AT)))
    assert.same(begun, select(2, api.get(AT)))
    assert.same({ 197, 197 }, event_types())
    for _, line in ipairs(box.journal) do
      assert.is_nil(json.encode(line):find(json.encode(canary.password), 1, true))
    end
  end)

  it("is replaced whole", function()
    api.put(AT, { address = "a", from = "b", domain = "c", port = 2525, use_tls = false })
    api.put(AT, { address = "a", from = "b", domain = "c" })
    assert.same({ address = "a", from = "b", domain = "c", use_tls = true, port = 25 },
      select(2, api.get(AT)))
    refused(422, "Validation failed: From can't be blank, Domain can't be blank", "PUT", AT, { address = "a" })
    refused(422, "Validation failed: Port is invalid", "PUT", AT,
      { address = "a", from = "b", domain = "c", port = "smtp" })
  end)
end)

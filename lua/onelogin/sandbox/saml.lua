-- SAML assertions for a person's password, versions 1 and 2: one machine (sign_in.lua), two wordings.
local fail = require("onelogin.sandbox.fail")
local saml_response = require("onelogin.sandbox.saml_response")
local sign_in = require("onelogin.sandbox.sign_in")
local util = require("onelogin.sandbox.util")
local view = require("onelogin.sandbox.app_view")
local json = require("onelogin.core").json

local saml = {}

local SAML2 = 2 -- auth_method of a connector
local LOGGED_IN_TO_APP = 8 -- event type
local DUE = "MFA is required for this user"

local NAMES = { [400] = "BadRequestError", [401] = "Unauthorized", [404] = "NotFound" }

local VERSIONS = {
  saml_v1 = { path = "/api/1/saml_assertion", strict = true,
    refused = function(status, message) return fail.v1(status, nil, message) end,
    pending = function(message)
      return { status = { type = "pending", code = 200, message = message, error = false } }
    end,
    due = function(data)
      local body = fail.success(json.array { data })
      body.status.message = DUE
      return body
    end,
    granted = function(text) return fail.success(text) end },
  saml = { path = "/api/2/saml_assertion",
    refused = function(status, message) return fail.v2(status, NAMES[status], message) end,
    pending = function(message) return { message = message } end,
    due = function(data)
      data.message = DUE
      return data
    end,
    granted = function(text) return { data = text, message = "Success" } end },
}

-- The SAML app that a body names; nil for any other.
local function app_of(box, req)
  local id = type(req.body) == "table" and util.to_integer(sign_in.text_of(req.body.app_id))
  local app = id and box.store.apps[id]
  return app and view.connector(app).auth_method == SAML2 and app or nil
end

local function may_open(box, user, app)
  for _, own in ipairs(box:apps_of(user)) do
    if own == app then return true end
  end
  return false
end

local function answer(box, words, outcome, app)
  if outcome.status then return words.refused(outcome.status, outcome.message) end
  if outcome.pending then return 200, words.pending(outcome.pending) end
  if outcome.token then
    return 200, words.due { state_token = outcome.token, devices = outcome.devices,
      callback_url = outcome.callback, user = sign_in.who(box, outcome.user) }
  end
  local user = outcome.granted
  local text = util.base64(saml_response.xml(box, user, app))
  user.last_login = box.clock.wall()
  box:touch(user)
  box:event(LOGGED_IN_TO_APP, { user_id = user.id, app_id = app.id })
  return 200, words.granted(text)
end

local function purpose(version, app)
  return ("%s:%.0f"):format(version, app.id)
end

for version, words in pairs(VERSIONS) do
  local missing = { status = 404, message = "App could not be found" }

  saml[version .. ".generate_assertion"] = function(box, req)
    local app = app_of(box, req)
    if words.strict and not sign_in.text_of(type(req.body) == "table" and req.body.app_id or nil) then
      return words.refused(400, "bad request")
    end
    return answer(box, words, sign_in.begin(box, req, { strict = words.strict, path = words.path .. "/verify_factor",
      purpose = app and purpose(version, app),
      check = function(user) return not (app and may_open(box, user, app)) and missing or nil end }), app)
  end

  saml[version .. ".verify_factor"] = function(box, req)
    local app = app_of(box, req)
    if not app then return words.refused(missing.status, missing.message) end
    return answer(box, words, sign_in.verify(box, req, purpose(version, app)), app)
  end
end

return saml

-- The flows that begin with a password, login and SAML of both versions, as specs walk them in one loop: where each
-- calls, in which words its service answers, and a box with Kim, her password and an app she may open.
local flow_world = require "spec.support.flow_world"
local json = require("onelogin.core").json

local M = {}

M.PASSWORD = "tide-7-swell"
M.LOCKED = "User is locked. Access is unauthorized"
M.WRONG = "Failed authentication with this factor"
M.LAPSED = "State token is invalid or expired"
M.CREDENTIALS = "Authentication Failed: Invalid user credentials"
M.BLANK = "OTP token blank"

local SAML = 110002 -- connector of a SAML app

--- A world as flow_world.new makes it, whose client has the least scope there is.
function M.new(options)
  options = options or {}
  options.scope, options.password = options.scope or "Authentication Only", options.password or M.PASSWORD
  local world = flow_world.new(options)
  world.app = world.box:add_app { name = "Wiki", connector_id = SAML }
  world.user.app_ids = { world.app.id }
  return world
end

local TYPES = { [400] = "bad request", [401] = "Unauthorized", [403] = "Forbidden", [404] = "not found" }
local NAMES = { [400] = "BadRequestError", [401] = "Unauthorized", [403] = "ForbiddenAction", [404] = "NotFound" }

local function wrapped(kind, message, data, code)
  return { status = { error = (code or 200) >= 400, code = code or 200, type = kind, message = message }, data = data }
end

-- key: what is earned; refused(status, message), pending(message), due(row) and granted(value, user): bodies;
-- row(body): where a body says token, devices and user; inner: the same below its wrapping.
local function v1(name, path, key)
  return {
    name = name, path = path, key = key,
    refused = function(status, message) return wrapped(TYPES[status], message, nil, status) end,
    pending = function(message) return wrapped("pending", message) end,
    due = function(row) return wrapped("success", "MFA is required for this user", json.array { row }) end,
    row = function(body) return body.data[1] end,
  }
end

local login = v1("login", "/api/1/login", "session_token")
login.flow, login.AUTH, login.VERIFY = "login", "/login/auth$", "/login/verify_factor$"
function login.granted(value, user)
  return wrapped("success", "Success", json.array { { status = "Authenticated", session_token = value, user = user,
    return_to_url = json.null, expires_at = "2026/03/02 09:02:00 +0000" } })
end

local saml_v1 = v1("saml v1", "/api/1/saml_assertion", "assertion")
saml_v1.flow, saml_v1.version = "saml", "v1"
function saml_v1.granted(value) return wrapped("success", "Success", value) end

local saml_v2 = { name = "saml v2", flow = "saml", version = "v2", path = "/api/2/saml_assertion", key = "assertion",
  refused = function(status, message) return { statusCode = status, name = NAMES[status], message = message } end,
  pending = function(message) return { message = message } end,
  due = function(row)
    row.message = "MFA is required for this user"
    return row
  end,
  granted = function(value) return { message = "Success", data = value } end,
  row = function(body) return body end,
}
for _, F in ipairs { saml_v1, saml_v2 } do F.AUTH, F.VERIFY = "/saml_assertion$", "/saml_assertion/verify_factor$" end

M.families = { login, saml_v1, saml_v2 }

for _, F in ipairs(M.families) do
  local function complete(world, options)
    options = options or {}
    options.user = options.user or "kim"
    if options.password == nil then options.password = M.PASSWORD end
    if options.password == false then options.password = nil end
    if F.version then options.version, options.app_id = F.version, options.app_id or world.app.id end
    return options
  end

  --- The flow in one call; password = false leaves it out.
  function F.run(world, options) return world.flows[F.flow](complete(world, options)) end

  --- The flow in steps, none made.
  function F.start(world, options) return world.flows[F.flow].start(complete(world, options)) end

  --- The flow up to the choice of a device, or with a device of this number in the list at what it needs.
  function F.at(world, number, options)
    local flow = F.start(world, options)
    local want = assert(flow:step())
    if number then want = assert(flow:step { device = want.devices[number].id }) end
    return flow, want
  end

  --- How many passwords and how many factors were sent.
  function F.passwords(world) return world.calls(F.AUTH) end
  function F.factors(world) return world.calls(F.VERIFY) end
end

--- How often the client asked for a token of its own.
function M.tokens(world) return world.calls("/auth/oauth2/v2/token$") end

--- The decoded bodies sent to paths that match.
function M.bodies(world, pattern)
  local out = {}
  for _, request in ipairs(world.sent) do
    if request.url:gsub("%?.*", ""):find(pattern) then out[#out + 1] = json.decode(request.body) end
  end
  return out
end

--- Answers requests to paths that match by themselves: the n-th by the n-th of `answers` (status, body), the others as
-- the box does; false leaves one to the box.
function M.script(world, pattern, answers)
  local n = 0
  function world.tamper(request, response)
    if not request.url:find(pattern) then return response end
    n = n + 1
    local answer = answers[n]
    if not answer then return response end
    return { status = answer[1], headers = { ["content-type"] = "application/json", date = response.headers.date },
      body = type(answer[2]) == "string" and answer[2] or json.encode(answer[2]) }
  end
end

return M

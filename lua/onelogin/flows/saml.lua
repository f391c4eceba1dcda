-- A SAML assertion for a person's password and second factor, on both versions of the API.  The result's `assertion`
-- is the response of the identity provider as it came, base64; nothing here has checked its signature.
local answers = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local settings = require("onelogin.flows.settings")
local shape = require("onelogin.flows.shape")
local signin = require("onelogin.flows.signin")

local RESOURCES = { v1 = "saml_v1", v2 = "saml" }

-- The assertion in an answer: v1 answers it alone, v2 as `data`.  XML in base64 begins so; any other text that comes
-- under 200, such as a proxy's, is none.
local function assertion(answer)
  local text = type(answer) == "table" and answer.data or answer
  return type(text) == "string" and text:find("^%s*P[A-H][%w%+/%s]+=*%s*$") and text or nil
end

local function begin(resource)
  return function(flow, name, password)
    local kept = flow.data.options
    local answer, info = flow.client[resource]:generate_assertion { username_or_email = name, password = password,
      subdomain = kept.subdomain, ip_address = kept.ip_address, app_id = kept.app_id }
    if answer == nil then return nil, info, signin.refusal(info) end
    local granted = assertion(answer)
    local token = type(answer) == "table" and answers.text(answer.state_token) or nil
    if (granted ~= nil) == (token ~= nil) or granted and signin.waits(answer, info) then
      return nil, fault.new("decode", "no_token", "the answer has neither an assertion nor a second factor to check")
    end
    if granted then return { extra = { assertion = granted } } end
    return { user = signin.person(answer.user), token = token,
      devices = type(answer.devices) == "table" and answer.devices or {} }
  end
end

local function verify(resource)
  return function(flow, code, quiet, options)
    local data = flow.data
    local answer, info = flow.client[resource]:verify_factor({ device_id = data.device.id, state_token = data.token,
      otp_token = code, do_not_notify = quiet, app_id = data.options.app_id }, options)
    if answer == nil then
      local word = signin.factor_refusal(info, code)
      return word, not word and info or nil
    end
    local other = signin.mismatch(data, answer)
    if other then return nil, other end
    local granted = assertion(answer)
    if not granted or signin.waits(answer, info) then return "pending" end
    return "accepted", nil, { assertion = granted }
  end
end

local FAMILIES = {}
for version, resource in pairs(RESOURCES) do
  FAMILIES[version] = { begin = begin(resource), verify = verify(resource) }
end

return signin.define {
  name = "saml", example = '{ user = "ashley@example.com", password = ask, app_id = 123456 }',
  options = { app_id = "string or number", version = "string" },
  check = function(options, kept, where)
    local id = answers.number(options.app_id)
    if not id then
      error(where .. ": app_id must be the number of a SAML app, as apps.list gives it", 0)
    end
    kept.app_id = id
    kept.version = settings.one_of(options, "version", { "v1", "v2" }, where, "v2")
  end,
  shape = { app_id = shape.digits, version = shape.one_of("v1", "v2") },
  callable = function(kept, client, where)
    local resource = client[RESOURCES[kept.version]]
    settings.callable(where, resource.generate_assertion, { username_or_email = "kim", password = "-",
      subdomain = kept.subdomain, ip_address = kept.ip_address, app_id = kept.app_id })
    settings.callable(where, resource.verify_factor, { device_id = "1", state_token = "-", app_id = kept.app_id })
  end,
  family = function(kept) return FAMILIES[kept.version] end,
}

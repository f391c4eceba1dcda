-- The account's own mail server. A PUT says all of it; a DELETE goes back to the service's and
-- answers in words.

local json = require("onelogin.core").json
local util = require("onelogin.sandbox.util")
local v2_body = require("onelogin.sandbox.v2_body")

local settings = {}

local CHANGED = 197 -- event type: account settings updated

local function answer(box)
  box:event(CHANGED)
  return 200, { message = "Settings Updated", statusCode = 200, name = "Success" }
end

settings["email_settings.get"] = function(box)
  local own = box.store.email_settings
  if not own.address then return 200, { mode = "onelogin" } end
  return 200, util.copy(own)
end

settings["email_settings.update"] = function(box, req)
  local body, status, refusal = v2_body.object(req.body)
  if not body then return status, refusal end
  status, refusal = v2_body.unknown(req.entry, body)
  if status then return status, refusal end
  status, refusal = v2_body.misfit(req.entry, body)
  if status then return status, refusal end
  status, refusal = v2_body.blanks(body, { "address", "from", "domain" })
  if status then return status, refusal end
  local own = { use_tls = true, port = 25 }
  for k, v in pairs(body) do
    if v ~= json.null then own[k] = v end
  end
  if type(own.port) == "string" then own.port = util.to_integer(own.port) end
  box.store.email_settings = own
  return answer(box)
end

settings["email_settings.reset"] = function(box)
  box.store.email_settings = {}
  return answer(box)
end

return settings

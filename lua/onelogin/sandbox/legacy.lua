-- The password check of before OAuth: XML, HTTP 200 whatever happens, and no second factor.
local passwords = require("onelogin.sandbox.passwords")
local xml = require("onelogin.sandbox.xml")

local legacy = {}

local WORDS = { unknown = "User not found" } -- a lock or a suspension looks like a wrong password

local function response(members)
  local out = { "<response>\n" }
  for _, m in ipairs(members) do out[#out + 1] = "  " .. xml.element(m[1], nil, xml.text(m[2])) .. "\n" end
  out[#out + 1] = "</response>\n"
  return 200, table.concat(out), { ["content-type"] = "text/xml; charset=utf-8" }
end

local function refused(message)
  return response { { "authenticated", "false" }, { "message", message } }
end

legacy["legacy.delegated_auth"] = function(box, req)
  local q = req.query
  if q.api_key ~= box:api_key() then return refused("Account not found") end
  local user, why = passwords.try(box, { "email" }, q.email or "", q.password or "")
  if not user then return refused(WORDS[why] or "Invalid password") end
  passwords.forget_failures(box, user)
  return response { { "authenticated", "true" }, { "firstname", user.firstname or "" },
    { "lastname", user.lastname or "" }, { "message", "Success" } }
end

return legacy

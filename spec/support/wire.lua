-- Calls an operation through a client and looks at what left: method, target, headers, body.
--
-- The cases are spec/wire/*.lua, written by hand and not derived from the table:
--   { ID, { ARGUMENTS }, "METHOD /path?query", 'JSON of the body' or nil, { auth =, headers =, form =, host = } }
-- "@password", "@otp" and "@token" stand for the canaries, so that no failure prints one unseen.
local canary = require "spec.support.canary"
local json = require("onelogin.core").json

local wire = {}

wire.FILES = { "users", "roles", "apps", "factors", "signing_in", "records", "servers", "looks" }

--- Every case, in the order of the files.
function wire.cases()
  local all = {}
  for _, name in ipairs(wire.FILES) do
    for _, case in ipairs(require("spec.wire." .. name)) do all[#all + 1] = case end
  end
  return all
end

local stands_for = { ["@password"] = canary.password, ["@otp"] = canary.otp, ["@token"] = canary.token }

-- The canaries percent-encoded, by hand as well.
local in_query = { password = "Canary%2FPass%2Bword%3D73%2091%25%26", otp = canary.otp, token = canary.token }

-- Puts the canaries where they are spoken of.
function wire.filled(value)
  if type(value) == "string" then return stands_for[value] or value end
  if type(value) ~= "table" then return value end
  local out = json.is_array(value) and json.array {} or {}
  for key, item in pairs(value) do out[key] = wire.filled(item) end
  return out
end

function wire.encoded(text)
  return (text:gsub("@(%l+)", in_query))
end

--- A decoded JSON value as text that says types and members, names in order.
function wire.canonical(value)
  if value == json.null then return "null" end
  if type(value) ~= "table" then
    if type(value) == "number" and value % 1 == 0 then return ("%.0f"):format(value) end
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local parts = {}
  if json.is_array(value) then
    for i = 1, #value do parts[i] = wire.canonical(value[i]) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do parts[#parts + 1] = ("%q:"):format(key) .. wire.canonical(item) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

function wire.body(text)
  return wire.canonical(wire.filled(assert(json.decode(text, { nulls = "sentinel" }))))
end

--- "a=1&b=2" as a sorted list: the order of parameters says nothing.
function wire.pairs_of(query)
  local out = {}
  for pair in (query or ""):gmatch("[^&]+") do out[#out + 1] = pair end
  table.sort(out)
  return out
end

--- A transport that answers nothing of use and keeps what it was given, tokens apart.
function wire.recorder()
  local recorder = { requests = {} }
  function recorder:send(request)
    if request.operation == "oauth.generate_tokens" and not self.wants_token then
      return { status = 200, headers = { ["content-type"] = "application/json" },
        body = ('{"access_token":"%s","token_type":"bearer","expires_in":36000}'):format(canary.token) }
    end
    self.requests[#self.requests + 1] = request
    return { status = 200, headers = { ["content-type"] = "application/json" }, body = "[]" }
  end
  return recorder
end

--- Makes the call of a case.
function wire.call(ol, case)
  local resource, name = case[1]:match("^(.-)%.(.*)$")
  local args = wire.filled(case[2])
  return ol[resource][name](ol[resource], (table.unpack or unpack)(args, 1, #case[2])) -- luacheck: ignore 113
end

return wire

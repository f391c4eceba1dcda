-- What the specs of enrolment share: a person, a name for the device, and a telephone number where it is asked for.
local assert = require "luassert"

local M = { NUMBER = "+14155550123" }

-- more.user = false: nobody by name.
local function options_of(version, more)
  local o = { user = "kim", version = version, name = "Phone", number = version == "v1" and M.NUMBER or nil }
  for k, v in pairs(more or {}) do o[k] = v end
  if o.user == false then o.user = nil end
  return o
end

function M.of(version)
  local V = {
    REGISTER = version == "v1" and "/otp_devices$" or "/registrations$",
    CHECK = version == "v1" and "/verify$" or "/registrations/",
    FACTORS = version == "v1" and "/auth_factors$" or "/factors$",
  }
  function V.enroll(world, more) return world.flows.enroll(options_of(version, more)) end
  function V.start(world, more) return world.flows.enroll.start(options_of(version, more)) end
  return V
end

-- The answer of the next request to such a path is lost, after the service did what was asked.
function M.lose(world, pattern, method)
  local lost
  function world.tamper(request, response)
    if not lost and request.url:find(pattern) and request.method == method then
      lost = true
      return nil, { kind = "timeout", message = "lost", sent = true }
    end
    return response
  end
end

-- The types of the user's devices; a question mark behind those that nobody confirmed.
function M.listed(world)
  local list = {}
  for _, device in ipairs(world.box:devices(world.user)) do
    list[#list + 1] = device.type .. (device.active and "" or "?")
  end
  table.sort(list)
  return table.concat(list, " ")
end

function M.ends(kind, reason, state, got, err)
  assert.is_nil(got)
  assert.equal(kind, err.kind)
  assert.equal(reason, err.reason)
  assert.equal(state, err.state)
  assert.equal("flows.enroll", err.operation)
  return err
end

return M

-- ol.flows: whole workflows over single calls, each a state machine that runs in one call with
-- callbacks or step by step, here or in another process.  Loaded when first used.
local require = require

local M = {}

-- name -> module, and its member where the module has more than the flow.
local FLOWS = {
  passwordless = { "onelogin.flows.passwordless" },
  login = { "onelogin.flows.login", "flow" },
  saml = { "onelogin.flows.saml" },
  smart_mfa = { "onelogin.flows.smart_mfa" },
  enroll = { "onelogin.flows.enroll" },
}

local function flow_of(name)
  local path, member = FLOWS[name][1], FLOWS[name][2]
  local module = require(path)
  return member and module[member] or module
end

-- Goes on with a flow under a host; throws when the state is none of ours.
local function resume(host, state)
  if type(state) ~= "table" or not FLOWS[state.flow] then
    error("flows.resume: expected the table that flow:state() returned", 3)
  end
  return flow_of(state.flow).resume(host, state)
end

-- Without a store: which telephones ring for which flow, in this process.
local function rings(clock)
  local fault = require("onelogin.flows.fault")
  local ringing = {}
  return {
    push = function(_, subject, id, seconds)
      local now, other = clock.mono(), ringing[subject]
      if other and other.id ~= id and now < other.till then
        return nil, fault.new("denied", "push_open", "another sign-in waits for an answer on this person's device",
          { retry_after = other.till - now })
      end
      ringing[subject] = { id = id, till = now + seconds }
      return true
    end,
    push_over = function(_, subject, id)
      if ringing[subject] and ringing[subject].id == id then ringing[subject] = nil end
    end,
  }
end

--- The flows of a client.  options.clock: { mono, wall, sleep } (default the client's); options.trace:
-- function(flow, from, event, to), called at each edge, without any of its data.
function M.new(client, options)
  options = options or {}
  local clock = options.clock or client.clock
  local host = { client = client, clock = clock, tenant = client.base_url, trace = options.trace, guard = rings(clock) }
  local flows = {}
  for name in pairs(FLOWS) do
    local flow = {}
    function flow.start(o)
      return flow_of(name).start(host, o)
    end
    setmetatable(flow, {
      __call = function(_, o) return flow.start(o):run(o) end,
      __index = function(_, key) if key == "machine" then return flow_of(name).machine end end,
    })
    flows[name] = flow
  end

  --- Delegated authentication: is the password right?  A table, or nil and the error.
  function flows.check_password(o)
    return require("onelogin.flows.login").check_password(host, o)
  end

  --- The same by the check of before OAuth: XML, an API key, no second factor.
  function flows.check_password_legacy(o)
    return require("onelogin.flows.legacy").check_password(host, o)
  end

  --- Goes on with a flow from the table that its flow:state() returned.
  function flows.resume(state)
    local flow = resume(host, state) -- no tail call: an error names the caller's line
    return flow
  end

  --- Keeps flows on the server between two requests, with limits for each person (flows/store.lua).
  function flows.store(o)
    return require("onelogin.flows.store").new(host, resume, o)
  end

  --- Makes texts of flows, which a browser can carry (flows/sealer.lua).
  function flows.sealer(o)
    return require("onelogin.flows.sealer").new(host, resume, o)
  end

  return flows
end

return M

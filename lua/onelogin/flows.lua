-- ol.flows: whole workflows over single calls, each a state machine that runs in one call with
-- callbacks or step by step, here or in another process.  Loaded when first used.
local require = require

local M = {}

local FLOWS = { passwordless = "onelogin.flows.passwordless" }

--- The flows of a client.  options.clock: { mono, wall, sleep } (default the client's); options.trace:
-- function(flow, from, event, to), called at each edge, without any of its data.
function M.new(client, options)
  options = options or {}
  local host = { client = client, clock = options.clock or client.clock, tenant = client.base_url,
    trace = options.trace }
  local flows = {}
  for name, path in pairs(FLOWS) do
    local flow = {}
    function flow.start(o)
      return require(path).start(host, o)
    end
    setmetatable(flow, {
      __call = function(_, o) return flow.start(o):run(o) end,
      __index = function(_, key) if key == "machine" then return require(path).machine end end,
    })
    flows[name] = flow
  end

  --- Goes on with a flow from the table that its flow:state() returned.
  function flows.resume(state)
    if type(state) ~= "table" or not FLOWS[state.flow] then
      error("flows.resume: expected the table that flow:state() returned", 2)
    end
    return require(FLOWS[state.flow]).resume(host, state)
  end

  return flows
end

return M

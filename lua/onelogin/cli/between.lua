-- between.lua - stands between a client and its transport, whatever transport that is or becomes.

local core = require "onelogin.core"

--- around(request, send) → what send(request) gave, perhaps after a look at it.
return function(client, around)
  local host = core.client.state(client).host
  local inner = host.transport
  local wrapper = {}
  local function send(request)
    local response, failure = inner:send(request)
    -- the client's own transport puts the engine in its place when it first sends
    if host.transport ~= wrapper then inner = host.transport end
    host.transport, host.engine, host.wire = wrapper, nil, nil
    return response, failure
  end
  function wrapper.send(_, request)
    return around(request, send)
  end
  host.transport, host.engine, host.wire, host.wake = wrapper, nil, nil, nil
end

-- A server that takes connections and never answers, and an engine of its own: transfers that stay under way.
local onelogin = require "onelogin"
local curl = require "onelogin.curl"
local socket = require "socket"

local silent = {}

--- Starts both: { engine, client(options), stop() }.
function silent.start()
  local server = assert(socket.bind("127.0.0.1", 0))
  local engine = curl.engine()
  local out = { engine = engine }

  --- A client of it; options: more than where it is and its credential.
  function out.client(options)
    local config = { base_url = "http://127.0.0.1:" .. select(2, server:getsockname()), client_id = "id",
      client_secret = "s", engine = engine }
    for k, v in pairs(options or {}) do config[k] = v end
    return onelogin.new(config)
  end

  function out.stop()
    engine:close()
    server:close()
  end

  return out
end

return silent

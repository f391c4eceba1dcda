-- One line of JSON for each request, answer, retry, token and rate limit of a client.
--
--   local lines = dofile "examples/hooks/json_lines.lua"
--   local options = lines.to(io.stderr)          -- anything with a write method
--   options.subdomain = "acme"
--   local ol = onelogin.new(options)
local json = require "cjson"

local lines = {}

function lines.to(file)
  local options = {}
  for _, name in ipairs { "on_request", "on_response", "on_retry", "on_token", "on_rate_limit" } do
    options[name] = function(event)
      local line = { event = name:sub(4), at = os.date "!%Y-%m-%dT%H:%M:%SZ" }
      for key, value in pairs(event) do line[key] = value end
      file:write(json.encode(line), "\n")
    end
  end
  return options
end

return lines

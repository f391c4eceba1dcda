-- Talks to a box without the client, so that what the sandbox answers is seen as it is.
--   local call = raw_api(box [, scope]); local status, body = call("GET", "/api/2/users")
local json = require("onelogin.core").json

return function(box, scope)
  local config = box:config { scope = scope }
  local granted = box:handle {
    method = "POST", target = "/auth/oauth2/v2/token", body = '{"grant_type":"client_credentials"}',
    headers = { ["content-type"] = "application/json",
      authorization = ("client_id:%s, client_secret:%s"):format(config.client_id, config.client_secret) },
  }
  local bearer = "bearer " .. json.decode(granted.body).access_token
  return function(method, target, body)
    local answer = box:handle {
      method = method, target = target, body = body and json.encode(body) or nil,
      headers = { authorization = bearer, ["content-type"] = body and "application/json" or nil },
    }
    local decoded
    if answer.body ~= "" then decoded = assert(json.decode(answer.body, { nulls = "sentinel" })) end
    return answer.status, decoded, answer
  end
end

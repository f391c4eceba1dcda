-- The handle on a served box from outside: /sandbox/control/... with the control token, which is
-- another secret than any API credential. JSON in, JSON out.

local json = require("onelogin.core").json
local util = require("onelogin.sandbox.util")

local control = {}

local function reply(status, value)
  return { status = status, headers = { ["content-type"] = "application/json" },
    body = json.encode(value) .. "\n" }
end

local function user_view(row)
  return { id = row.id, email = row.email, username = row.username, status = row.status,
    state = row.state, firstname = row.firstname, lastname = row.lastname }
end

local function device_view(device)
  local out = {}
  for _, name in ipairs { "id", "user_id", "type", "active", "name", "phone", "email", "default",
    "secret" } do
    out[name] = device[name]
  end
  return out
end

-- Every operation: (server, body, query) -> value for the reply. A thrown string is a 400.
local actions = {}

actions["GET status"] = function(server)
  return { requests = server.box:requests(), counts = server.box.counts,
    connections = server.accepted, now = util.iso(server.box.clock.wall()) }
end

actions["GET journal"] = function(server, _, query)
  local since, out = tonumber(query.since) or 0, {}
  for _, line in ipairs(server.box.journal) do
    if line.n > since then out[#out + 1] = line end
  end
  return json.array(out)
end

actions["POST faults"] = function(server, body)
  server.box:fault(body)
  return { faults = #server.box.faults }
end

actions["GET faults"] = function(server)
  local out = {}
  for i, rule in ipairs(server.box.faults) do
    local line = {}
    for k, v in pairs(rule) do
      if type(v) ~= "function" and k ~= "pattern" then line[k] = v end
    end
    out[i] = line
  end
  return json.array(out)
end

actions["DELETE faults"] = function(server)
  server.box:clear_faults()
  return { faults = 0 }
end

actions["GET outbox"] = function(server)
  local out = {}
  for i, entry in ipairs(server.box.outbox) do
    out[i] = util.copy(entry)
    out[i].at = util.iso(entry.at)
  end
  return json.array(out)
end

actions["POST push"] = function(server, body)
  server.box:on_push(body.user, body.how)
  return { ok = true }
end

actions["POST approve"] = function(server, body)
  return { answered = server.box:approve(body.user) }
end

actions["POST deny"] = function(server, body)
  return { answered = server.box:deny(body.user) }
end

actions["POST clock"] = function(server, body)
  server.box.clock.advance(body.advance)
  return { now = util.iso(server.box.clock.wall()) }
end

actions["POST tokens"] = function(server, body)
  if body.action == "revoke" then
    server.box:revoke_tokens()
  elseif body.action == "expire" then
    server.box:expire_tokens()
  else
    error("tokens: action must be 'revoke' or 'expire'", 0)
  end
  return { ok = true }
end

actions["POST credentials"] = function(server, body)
  local pair = server.box:config { scope = body.scope, owner_id = body.owner_id }
  return { client_id = pair.client_id, client_secret = pair.client_secret, api_key = server.box:api_key() }
end

actions["GET users"] = function(server, _, query)
  local row = server.box:find_user(util.to_integer(query.who) or query.who)
  if not row then error("no such user", 0) end
  return user_view(row)
end

actions["POST users"] = function(server, body)
  for k, v in pairs(body) do
    if v == json.null then body[k] = nil end
  end
  return user_view(server.box:add_user(body))
end

actions["POST devices"] = function(server, body)
  local options = body.options
  return device_view(server.box:add_device(body.user, body.type, options))
end

actions["GET devices"] = function(server, _, query)
  local out = {}
  for i, device in ipairs(server.box:devices(util.to_integer(query.who) or query.who)) do
    out[i] = device_view(device)
  end
  return json.array(out)
end

actions["GET code"] = function(server, _, query)
  return { code = server.box:totp(util.to_integer(query.device)) }
end

actions["POST snapshot"] = function(server)
  server.snapshots[#server.snapshots + 1] = server.box:snapshot()
  if #server.snapshots > 20 then error("snapshot: 20 are kept at most", 0) end
  return { id = #server.snapshots }
end

actions["POST restore"] = function(server, body)
  local saved = server.snapshots[body.id]
  if not saved then error("restore: no snapshot with this id", 0) end
  server.box:restore(saved)
  return { ok = true }
end

actions["POST reset"] = function(server)
  server.box:reset()
  return { ok = true }
end

actions["POST stop"] = function(server)
  server.stopping = true
  return { ok = true }
end

-- Equal time whatever differs, so that the token cannot be guessed letter by letter.
local function same(a, b)
  if #a ~= #b then return false end
  local wrong = 0
  for i = 1, #a do
    if a:byte(i) ~= b:byte(i) then wrong = wrong + 1 end
  end
  return wrong == 0
end

--- Answers a request under /sandbox/control/, or nil when it is for the API.
function control.handle(server, request)
  local path, query_text = request.target:match("^([^?]*)%??(.*)$")
  local name = path:match("^/sandbox/control/([%w]+)$")
  if not name then return nil end
  local token = request.headers["x-sandbox-control"]
  if not token or not same(token, server.control_token) then
    return reply(403, { message = "send the control token in the header X-Sandbox-Control" })
  end
  local action = actions[request.method .. " " .. name]
  if not action then return reply(404, { message = "no such control" }) end
  local body = {}
  if request.body and request.body ~= "" then
    local value, problem = json.decode(request.body)
    if problem or type(value) ~= "table" then
      return reply(400, { message = "the body is not a JSON object" })
    end
    body = value
  end
  local ok, result = pcall(function()
    return reply(200, action(server, body, util.parse_query(query_text) or {}))
  end)
  if not ok then
    return reply(400, { message = type(result) == "string" and result or "refused" })
  end
  return result
end

return control

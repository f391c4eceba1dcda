-- Tokens as the service keeps them: one pair of credentials is given the same token, with the same
-- created_at, until it expires or is revoked. Errors come in the v1 envelope on every route.

local util = require("onelogin.sandbox.util")
local fail = require("onelogin.sandbox.fail")
local random = require("onelogin.sandbox.random")

local oauth = {}

local REFRESH_LIFE = 45 * 86400

-- Authorization header -> id, secret; nil when absent or in no accepted form.
local function pair_of_header(header)
  if not header then return nil end
  local id, secret = header:match("^%s*client_id:%s*([^,%s]+)%s*,%s*client_secret:%s*(%S+)%s*$")
  if id then return id, secret end
  local basic = header:match("^%s*[Bb][Aa][Ss][Ii][Cc]%s+(%S+)%s*$")
  local text = basic and util.unbase64(basic)
  if text then
    id, secret = text:match("^([^:]*):(.*)$")
    if id then return id, secret end
  end
end

-- The token routes answer errors with their status, or (as in 2018) under HTTP 200.
local function refuse(box, status, kind, message)
  local code, body = fail.v1(status, kind, message)
  if box.options.token_errors_under_200 then code = 200 end
  return code, body
end

local function authenticate(box, req, form)
  local id, secret = pair_of_header(req.headers.authorization)
  if not id and not req.headers.authorization and form then
    id, secret = form.client_id, form.client_secret
  end
  if not id then return nil, refuse(box, 400, nil, "The authorization information is missing") end
  local credential = box.credentials[id]
  if not credential or credential.client_secret ~= secret then
    return nil, refuse(box, 401, nil, "Authentication Failure")
  end
  if credential.owner_deleted
    or (credential.owner_id and not box:people():peek(credential.owner_id)) then
    return nil, 500, "" -- for ever: the pair died with the administrator who made it
  end
  req.credential = credential
  return credential
end

-- Body of the token routes: JSON, or on the v2 route a form. Returns fields, is_form; or nil.
local function fields_of(req, forms)
  if forms and req.content_type == "application/x-www-form-urlencoded" then
    return util.parse_query(req.raw_body) or {}, true
  end
  if type(req.body) == "table" then return req.body, false end
  return req.query, false -- an empty body with grant_type in the query works too
end

local function drop_tokens_of(box, client_id)
  for value, token in pairs(box.store.tokens) do
    if token.client_id == client_id then
      box.store.tokens[value] = nil
      box.live[value] = nil
      box.live[token.refresh_token] = nil
    end
  end
end

local function live_token_of(box, client_id, now)
  for _, token in pairs(box.store.tokens) do
    if token.client_id == client_id and now < token.created_at + box.options.token_ttl then
      return token
    end
  end
end

local function mint(box, client_id, now)
  drop_tokens_of(box, client_id)
  local token = { access_token = box:token_hex(64), refresh_token = box:token_hex(64),
    created_at = math.floor(now * 1000) / 1000, client_id = client_id }
  box.store.tokens[token.access_token] = token
  box.live[token.access_token] = true
  box.live[token.refresh_token] = true
  return token
end

local function view(box, token, with_account)
  return { access_token = token.access_token, created_at = util.iso(token.created_at),
    expires_in = box.options.token_ttl, refresh_token = token.refresh_token,
    token_type = "bearer", account_id = with_account and box.account_id or nil }
end

local function refresh(box, req, fields)
  local token = box.store.tokens[fields.access_token or ""]
  if not token or token.refresh_token ~= fields.refresh_token
    or req.now > token.created_at + REFRESH_LIFE then
    return refuse(box, 401, nil, "Authentication Failure")
  end
  req.credential = box.credentials[token.client_id]
  return 200, view(box, mint(box, token.client_id, req.now), false)
end

local function grant(box, req, forms)
  local fields, is_form = fields_of(req, forms)
  local kind = fields.grant_type
  if kind == "refresh_token" then return refresh(box, req, fields) end
  if kind ~= "client_credentials" then
    return refuse(box, 400, nil, "grant_type is incorrect/absent")
  end
  local credential, status, body = authenticate(box, req, is_form and fields or nil)
  if not credential then return status, body end
  local token = live_token_of(box, credential.client_id, req.now)
    or mint(box, credential.client_id, req.now)
  return 200, view(box, token, true)
end

oauth["oauth.generate_tokens"] = function(box, req)
  return grant(box, req, true)
end

oauth["oauth.generate_tokens_v1"] = function(box, req)
  local status, body = grant(box, req, false)
  if body ~= "" and not body.status then body = fail.success(box.array { body }) end
  return status, body
end

oauth["oauth.revoke_token"] = function(box, req)
  local credential, status, body = authenticate(box, req)
  if not credential then return status, body end
  local value = type(req.body) == "table" and req.body.access_token
  if type(value) ~= "string" then return refuse(box, 400, nil, "Access Token Missing") end
  local token = box.store.tokens[value]
  if token and token.client_id == credential.client_id then
    drop_tokens_of(box, credential.client_id)
  end
  return 200, fail.success()
end

oauth["oauth.get_rate_limit"] = function(box, req)
  local limit, remaining, reset = box:rate(req.now)
  return 200, fail.success { ["X-RateLimit-Limit"] = limit, ["X-RateLimit-Remaining"] = remaining,
    ["X-RateLimit-Reset"] = reset }
end

return setmetatable(oauth, { __index = {
  --- Adds a pair of credentials to the box. `c`: client_id, client_secret, scope, owner_id.
  add_credential = function(box, c)
    local r = box.entropy
    local credential = { client_id = c.client_id or random.hex(r, 64),
      client_secret = c.client_secret or random.hex(r, 64), scope = c.scope or "Manage All",
      owner_id = c.owner_id, owner_deleted = c.owner_deleted }
    box.credentials[credential.client_id] = credential
    box.live[credential.client_secret] = true
    return credential
  end,
} })

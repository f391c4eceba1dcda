-- Session tokens and the browser sessions they turn into.  A token is good once, for two minutes, by a
-- form from anywhere or by CORS from an origin that was announced with it.

local sessions = {}

local LIFE = 120
local COOKIE = "sub_session_onelogin.com"
local LOGGED_IN = 5 -- event type

-- The announced origins of a request: Custom-Allowed-Origin-Header-1, -2 ..., each a list by commas.
-- What is no origin (a path behind it, another scheme) will never match and is left away.
function sessions.origins(req, into)
  local out = into or {}
  for name, value in pairs(req.headers) do
    if name:find("^custom%-allowed%-origin%-header%-%d+$") then
      for origin in value:gmatch("[^,%s]+") do
        if origin:find("^https?://[^/?#@]+$") then out[origin:lower()] = true end
      end
    end
  end
  return out
end

--- A token for a user.  `kept`: origins (set), return_to_url.  Returns the token and its end.
function sessions.issue(box, user, kept)
  local tokens, now = box.store.session_tokens, box.clock.wall()
  for token, record in pairs(tokens) do
    if now >= record.expires then tokens[token], box.live[token] = nil, nil end
  end
  local token = box:token_hex(40)
  box.live[token] = true
  tokens[token] = { user_id = user.id, origins = kept.origins, return_to_url = kept.return_to_url,
    expires = now + LIFE }
  return token, now + LIFE
end

--- Looks at a token without spending it; nil when it is not good.
function sessions.look(box, token)
  local record = type(token) == "string" and box.store.session_tokens[token]
  if record and box.clock.wall() < record.expires and box:people():peek(record.user_id) then return record end
end

--- Was this origin announced with any token that is still good?  (A preflight names no token.)
function sessions.is_announced(box, origin)
  for token, record in pairs(box.store.session_tokens) do
    if record.origins[origin] and sessions.look(box, token) then return true end
  end
  return false
end

--- Spends a token that `look` found good: starts the session and returns the Set-Cookie line.
function sessions.start(box, req, token)
  local user = box.store.users[box.store.session_tokens[token].user_id]
  box.store.session_tokens[token], box.live[token] = nil, nil
  local id = box:token_hex(40)
  box.live[id] = true
  box.store.sessions[id] = { user_id = user.id, created_at = box.clock.wall() }
  user.last_login = box.clock.wall()
  box:touch(user)
  box:event(LOGGED_IN, { user_id = user.id })
  -- A browser takes "Secure", which a request from another site needs, only over TLS.
  local rest = req.origin:find("^https") and "; Secure; SameSite=None" or "; SameSite=Lax"
  return ("%s=%s; Path=/; HttpOnly%s"):format(COOKIE, id, rest)
end

--- The user whose session a Cookie header carries, or nil.
function sessions.user_of(box, cookies)
  for pair in (cookies or ""):gmatch("[^;]+") do
    local name, value = pair:match("^%s*(.-)=(.-)%s*$")
    local session = name == COOKIE and box.store.sessions[value]
    if session then return box:people():peek(session.user_id) end
  end
end

return sessions

-- session.lua - who this browser is.
--
-- One cookie, two kinds of bearer.  A guest has an id of ours and nothing kept until a form is sent, so looking at the
-- page costs no memory.  Whoever signs in gets a new id, and the old one is forgotten.  Everything is kept here under
-- the hash of the id; signing out deletes it, and the cookie is then a guest's.

local crypto = require "onelogin.crypto"
local json = require("onelogin.core").json

local session = {}
session.__index = session

local NAME = "__Host-session"
local GUEST_LIFE = 900
local IDLE, LONGEST = 1800, 8 * 3600
local KEPT = { "entry", "attempt", "back" } -- what a guest may have

local keys, guests, members = ngx.shared.login_keys, ngx.shared.login_guests, ngx.shared.login_sessions

-- The first worker that needs it makes the key; it outlives a reload, as the sessions do.
local key
local function mac(text)
  if not key then
    keys:safe_add("key", crypto.random(32))
    key = assert(keys:get("key"))
  end
  return crypto.hmac("sha256", key, text)
end

local function hash(id)
  return crypto.base64url_encode(crypto.digest("sha256", id))
end

local function make(id)
  return setmetatable({ id = id, key = hash(id) }, session)
end

local function new()
  local random = crypto.base64url_encode(crypto.random(24))
  return make(random .. "." .. crypto.base64url_encode(mac("id:" .. random):sub(1, 16)))
end

-- The cookie by its exact name: nginx's own $cookie_ looks at no letter case, and only this spelling is protected.
local function cookie()
  local header = ngx.var.http_cookie
  for pair in (header or ""):gmatch("[^;]+") do
    local name, value = pair:match("^%s*([^=%s]+)=(%S*)%s*$")
    if name == NAME then return value end
  end
end

local function tell(self)
  ngx.header["Set-Cookie"] = ("%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax"):format(NAME, self.id)
end

--- The session of this request.
function session.current()
  local id = cookie()
  local random, seal = (id or ""):match("^([%w_-]+)%.([%w_-]+)$")
  if not random or #id > 80
    or not crypto.equal(seal, crypto.base64url_encode(mac("id:" .. random):sub(1, 16))) then
    local self = new()
    tell(self)
    return self
  end
  local self = make(id)
  local text = members:get(self.key)
  local member = text and json.decode(text)
  if member then
    if ngx.now() - member.at > LONGEST then
      members:delete(self.key)
    else
      self.member = member
      members:expire(self.key, IDLE)
    end
  end
  return self
end

--- The token that every form of this session carries.
function session:csrf()
  return crypto.base64url_encode(mac("csrf:" .. self.id))
end

--- Something a guest has on the way; nil forgets it.
function session:keep(name, value, seconds)
  if value == nil then return guests:delete(self.key .. ":" .. name) end
  assert(guests:set(self.key .. ":" .. name, json.encode(value), seconds or GUEST_LIFE))
end

function session:kept(name)
  local text = guests:get(self.key .. ":" .. name)
  return text and json.decode(text) or nil
end

local function forget(self)
  members:delete(self.key)
  for _, name in ipairs(KEPT) do guests:delete(self.key .. ":" .. name) end
end

--- Signs in: under a new id, whatever id came before.  member: plain data.
function session:sign_in(member)
  local fresh = new()
  member.at = ngx.now()
  fresh.member = member
  assert(members:set(fresh.key, json.encode(member), IDLE))
  forget(self)
  tell(fresh)
  return fresh
end

--- Writes changes of session.member down.
function session:save()
  members:replace(self.key, json.encode(self.member), IDLE)
end

--- Signs out: the old cookie is worth nothing, wherever it is.
function session:sign_out()
  forget(self)
  local fresh = new()
  tell(fresh)
  return fresh
end

return session

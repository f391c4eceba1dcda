-- login.lua - the routes.  nginx.conf calls answer(), only_signed_in(), private() and failed().
--
--   /               the first form; who is signed in
--   /sign-in        the current step, whatever it is; its forms
--   /sign-in/state  the same for the script: { state, turn, seconds }
--   /continue       the session at OneLogin (password variant)
--   /again          signs out and begins anew;   /sign-out
--
-- Every form answers 303, so that reloading and going back repeat nothing.

local pages = require "pages"
local session = require "session"
local settings = require "settings"
local web = require "web"

local variant = require(settings.variant)

local login = {}

-- Where somebody goes who is signed in: to OneLogin first, if that is still to be done.
local function home(member)
  local kept = member.handover
  return kept and not kept.shown and "/continue" or member.back or "/"
end

local function sign_in(here, member)
  member.back = here:kept("back")
  here:sign_in(member)
  return web.go(home(member))
end

local GET, POST = {}, {}

GET["/"] = function(here, query)
  if here.member then
    local kept = here.member.handover
    return web.page(200, pages.account { csrf = here:csrf(), member = here.member,
      handover = kept and kept.token and kept.expires_at > ngx.now() + 1 })
  end
  local entry = here:kept("entry") or {}
  if entry.note then here:keep("entry", { user = entry.user }) end -- said once
  local note, kind
  if entry.note == "wrong" then note = "The name or the password is not right, or the account cannot sign in now." end
  if query.out == "1" then note, kind = "You are signed out.", "calm" end
  local first = settings.variant == "password" and pages.password or pages.name
  return web.page(200, first { csrf = here:csrf(), user = entry.user, note = note, kind = kind,
    back = web.local_path(query.return_to) or here:kept("back") })
end

POST["/"] = function(here, form)
  if here.member then return web.go "/" end
  if not web.address_may() then return web.page(429, pages.ending "busy") end
  here:keep("back", web.local_path(form.return_to))
  local to, member = variant.begin(here, form)
  if member then return sign_in(here, member) end
  return web.go(to)
end

GET["/sign-in"] = function(here, query)
  if here.member then return web.go(home(here.member)) end
  local page, member, to = variant.show(here, query)
  if member then return sign_in(here, member) end
  if not page then return web.go(to) end
  return web.page(200, page)
end

POST["/sign-in"] = function(here, form)
  if here.member then return web.go "/" end
  local to, member = variant.input(here, form)
  if member then return sign_in(here, member) end
  return web.go(to)
end

GET["/sign-in/state"] = function(here)
  if here.member then return web.json { state = "done" } end
  local state, member = variant.look(here)
  if member then
    member.back = here:kept("back")
    here:sign_in(member)
  end
  return web.json(state)
end

GET["/continue"] = function(here)
  if not here.member or settings.handover == "none" then return web.go "/" end
  local page, to = variant.handover(here)
  if not page then return web.go(to) end
  return web.page(200, page, { ["Referrer-Policy"] = "strict-origin" }) -- else the form would say Origin: null
end

POST["/sign-out"] = function(here)
  here:sign_out()
  return web.go "/?out=1"
end

POST["/again"] = function(here)
  here:sign_out()
  return web.go "/"
end

local function refuse(status)
  return web.page(status, pages.error(status))
end

local function answer()
  if not web.is_host() then return refuse(421) end
  local path, method = ngx.var.uri, ngx.req.get_method()
  local get, post = GET[path], POST[path]
  if not get and not post then return refuse(404) end
  local act = (method == "GET" or method == "HEAD") and get or method == "POST" and post
  if not act then
    ngx.header["Allow"] = get and (post and "GET, HEAD, POST" or "GET, HEAD") or "POST"
    return refuse(405)
  end
  local here = session.current()
  if act == get then
    local query, out = ngx.req.get_uri_args(10), {}
    for name, value in pairs(query) do out[name] = type(value) == "string" and value or nil end
    return act(here, out)
  end
  local form, status = web.form(here)
  if not form then return refuse(status) end
  return act(here, form)
end

--- Every page.  What goes wrong here is told the log, and people no more than that something did.
function login.answer()
  local ok, problem = pcall(answer)
  if ok then return end
  ngx.log(ngx.ERR, "login page: ", problem)
  if not ngx.headers_sent then refuse(500) end
end

--- access_by_lua of whatever is to be protected.
function login.only_signed_in()
  if not web.is_host() then return ngx.exit(421) end
  if session.current().member then return end
  local back = web.local_path(ngx.var.request_uri)
  return web.go("/" .. (back and "?return_to=" .. ngx.escape_uri(back) or ""))
end

function login.private()
  web.page(200, pages.private { member = session.current().member })
end

--- nginx's own refusals, in the same clothes.
function login.failed()
  refuse(ngx.status)
end

return login

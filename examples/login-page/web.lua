-- web.lua - what every request goes through: whether a form is our own, limits, answers.

local crypto = require "onelogin.crypto"
local json = require("onelogin.core").json
local settings = require "settings"

local web = {}

local limits = ngx.shared.login_limits

-- A form that is redirected needs leave for both places.
local to_onelogin = settings.handover ~= "none" and " " .. settings.handover_url or ""
local and_back = settings.return_url and " " .. settings.return_url:match("^https?://[^/?#]+") or ""

local POLICY = table.concat({
  "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'",
  "connect-src 'self'" .. (settings.handover == "cors" and to_onelogin or ""),
  "form-action 'self'" .. to_onelogin .. and_back, "base-uri 'none'", "frame-ancestors 'none'",
}, "; ")

-- ---- answers ----

-- Referrers stay here; no-referrer would take the Origin from our own forms, too.
local HEADERS = { ["Content-Type"] = "text/html; charset=utf-8", ["Cache-Control"] = "no-store",
  ["Content-Security-Policy"] = POLICY, ["Referrer-Policy"] = "same-origin" }

function web.page(status, html, more)
  ngx.status = status
  for name, value in pairs(HEADERS) do ngx.header[name] = more and more[name] or value end
  ngx.header["Content-Length"] = #html
  ngx.print(html)
end

function web.json(value)
  local text = json.encode(value)
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["Content-Length"] = #text
  ngx.print(text)
end

--- To another page of ours.  Only paths that are written here or went through web.local_path come in.
function web.go(path)
  ngx.header["Cache-Control"] = "no-store"
  return ngx.redirect(path, 303)
end

--- Into nginx's log, on one line: an error of the library, which never holds a secret.
function web.log(err)
  ngx.log(ngx.ERR, "sign-in: ", err.operation or "", " ", err.kind, " ", err.status or "", " ",
    (tostring(err.message):gsub("%c", " "):sub(1, 200)))
end

-- ---- questions ----

--- A path of this site that somebody may be sent back to, or nil.
function web.local_path(path)
  if type(path) ~= "string" or #path > 500 then return nil end
  if not path:find("^/[%w%-%._~/%?&=%%%+,:@]*$") or path:find("^//") then return nil end
  return path
end

--- Is the request for this site, under its own name?
function web.is_host()
  return "https://" .. (ngx.var.http_host or ""):lower() == settings.origin
end

local LONGEST = 1024 -- of one field

local function is_utf8(text)
  return ngx.re.find(text, "^", "u") ~= nil -- PCRE looks at all of it first
end

--- The fields of a posted form: name → text.  nil and a status when it is none, or not from our own page.
function web.form(session)
  local site, origin = ngx.var.http_sec_fetch_site, ngx.var.http_origin
  if site and site ~= "same-origin" and site ~= "none" then return nil, 403 end
  if origin and origin:lower() ~= settings.origin then return nil, 403 end
  local kind = (ngx.var.http_content_type or ""):lower():match("^[^;%s]*")
  if kind ~= "application/x-www-form-urlencoded" then return nil, 415 end
  ngx.req.read_body()
  if ngx.req.get_body_file() then return nil, 413 end
  local args, problem = ngx.req.get_post_args(20)
  if not args or problem then return nil, 400 end
  local form = {}
  for name, value in pairs(args) do
    if value == true then value = "" end
    if type(value) == "table" or #value > LONGEST or not is_utf8(value) then return nil, 400 end
    form[name] = value
  end
  if not crypto.equal(form.csrf or "", session:csrf()) then return nil, 403 end
  form.csrf = nil
  return form
end

-- ---- limits ----

-- IPv6 by the network, which is what one household has.
local function address()
  return ngx.var.binary_remote_addr:sub(1, #ngx.var.binary_remote_addr == 16 and 8 or 4)
end

--- Counts one more of `what`; how many there were within the window, this one included.
function web.count(what)
  local n, why = limits:incr(what, 1, 0, settings.window)
  if not n then error("login_limits: " .. tostring(why)) end
  return n
end

function web.counted(what) return limits:get(what) or 0 end
--- Takes back some of what was counted.
function web.uncount(what, n)
  if web.counted(what) >= n then limits:incr(what, -n) end
end

--- May this address ask for another sign-in?
function web.address_may()
  return web.count("address:" .. address()) <= settings.address_limit
end

--- The form in which a typed name is counted; never kept as it was typed.
function web.name_key(name)
  return crypto.base64url_encode(crypto.digest("sha256", name:lower():match("^%s*(.-)%s*$")))
end

--- Where an attempt begins to count its turns: behind those of earlier ones, whose forms another tab may still show.
function web.first_turn()
  return math.floor(ngx.now() * 1000)
end

return web

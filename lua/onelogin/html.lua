-- html.lua - what a web page needs to hand a session token over to OneLogin: a form, or a request by script.
--
-- The browser, not this program, turns the token into a cookie, within two minutes and once.  Everything a caller gives
-- is checked and escaped; a token is never part of an error.  docs/saml.md is about assertions, docs/sign-in-browser.md
-- about this.

local require = require
local suggest = require "onelogin.suggest"

local html = {}

local ROUTE = "/session_via_api_token"
local FORM = "onelogin-session"
local SUBMIT = ('document.getElementById("%s").submit()'):format(FORM)
-- The same for every page, so that a policy can name it where there is no nonce.
local SUBMIT_HASH = "sha256-DXjSkr3VM2SH9gbddvojQPA4Czdn+ILgzsI/C3+xyLU="
local LONGEST = 4096

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- Text that is neither markup nor the end of a quoted attribute; nil becomes "".
function html.escape(text)
  if text == nil then return "" end
  return (tostring(text):gsub("[&<>\"']", ENTITIES))
end

local escape = html.escape

------------------------------------------------------------------------------------------------
-- Checks: misuse throws; `where` names the function

local function wrong(where, ...)
  error(where .. ": " .. table.concat { ... }, 0)
end

-- The address and its origin; https, or http on this machine, and nothing in it that could be more than an address.
local function address(where, name, url)
  local scheme, host, rest
  if type(url) == "string" and #url <= LONGEST and url:find("^[!#%%&'()*+,./0-9:;=?@A-Z_a-z~$%[%]-]+$") then
    scheme, host, rest = url:match("^(%a+)://([^/?#]*)([^#]*)$")
  end
  local machine, port = (host or ""):match("^([%w.-]+)(:?%d*)$")
  scheme = machine and port ~= ":" and scheme:lower() or nil
  local here = machine and (machine:lower() == "localhost" or machine:find("^127%.%d+%.%d+%.%d+$") ~= nil)
  if not (scheme == "https" or scheme == "http" and here) then
    wrong(where, name, " must be an address such as https://acme.onelogin.com", ROUTE, " (http only on this machine)")
  end
  return url, scheme .. "://" .. host:lower(), rest
end

-- Where a browser goes on: an address, or a path on the page's own host.
local function place(where, name, url)
  if url == "/" then return url end
  if type(url) == "string" and url:find("^/[^/\\]") then
    address(where, name, "https://x" .. url)
    return url
  end
  return (address(where, name, url))
end

local function known(where, options, names)
  if type(options) ~= "table" then
    wrong(where, "expected a table of options, got a ", type(options))
  end
  for name in pairs(options) do
    if not names[name] then
      local near = suggest(name, names)
      wrong(where, "unknown option \"", tostring(name), "\"", near and ", did you mean \"" .. near .. "\"?" or "")
    end
  end
end

local function choice(where, options, name, kind, default)
  local value = options[name]
  if value == nil then return default end
  if type(value) ~= kind then wrong(where, name, " must be a ", kind, ", got a ", type(value)) end
  return value
end

-- Where the token goes → address, its origin
local function target(where, options)
  local subdomain, action = options.subdomain, options.action
  if (subdomain == nil) == (action == nil) then
    wrong(where, "give subdomain = \"acme\", or action = the whole address, and not both")
  end
  if action ~= nil then return address(where, "action", action) end
  if type(subdomain) ~= "string" or #subdomain > 63 or not subdomain:find("^[A-Za-z0-9][A-Za-z0-9-]*$") then
    wrong(where, "subdomain must be the first part of your OneLogin address alone (\"acme\" for acme.onelogin.com)")
  end
  return address(where, "subdomain", "https://" .. subdomain .. ".onelogin.com" .. ROUTE)
end

-- Never quoted in a message, whatever is wrong with it.
local function token_of(where, options)
  local token = options.session_token
  if type(token) ~= "string" or #token > LONGEST or not token:find("^[!-~]+$") then
    wrong(where, "session_token must be the text that ol.flows.login or login:create_session_token gave, ",
      type(token) == "string" and "without blanks and control characters" or "got a " .. type(token))
  end
  return token
end

local function nonce_of(where, options)
  local nonce = options.nonce
  if nonce == nil then return nil end
  if type(nonce) ~= "string" or #nonce < 16 or #nonce > 256 or not nonce:find("^[A-Za-z0-9+/_-]+=?=?$") then
    wrong(where, "nonce must be 16 or more random characters of base64 or hexadecimal, new for each page")
  end
  return nonce
end

------------------------------------------------------------------------------------------------

-- What goes with a page that holds a token.  The referrer keeps the origin, for a form without one has the Origin
-- "null", which a careful receiver refuses.
local function headers(policy)
  local all = { "default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'" }
  for _, part in ipairs(policy) do all[#all + 1] = part end
  return { ["Cache-Control"] = "no-store", ["Referrer-Policy"] = "strict-origin",
    ["X-Content-Type-Options"] = "nosniff", ["Content-Security-Policy"] = table.concat(all, "; ") }
end

local function called(build, options)
  local ok, text, more = pcall(build, options)
  if not ok then error(text, 3) end
  return text, more
end

local FORM_OPTIONS = { subdomain = true, action = true, session_token = true, nonce = true, auto = true, label = true,
  lang = true, target = true, fragment = true, return_to_url = true }

local function session_form(options)
  local where = "html.session_form"
  known(where, options, FORM_OPTIONS)
  local action, origin = target(where, options)
  local token, nonce = token_of(where, options), nonce_of(where, options)
  local auto, fragment = choice(where, options, "auto", "boolean", true),
    choice(where, options, "fragment", "boolean", false)
  local label, lang = choice(where, options, "label", "string", "Continue"),
    choice(where, options, "lang", "string", "en")
  local frame = choice(where, options, "target", "string", nil)
  if not lang:find("^%a[%w-]*$") then wrong(where, "lang must be a language such as \"en\" or \"pt-BR\"") end
  if frame and not frame:find("^[%w_-]+$") then
    wrong(where, "target must be the name of a window, or _top, _parent, _self or _blank")
  end
  if not label:find("[^%s]") then wrong(where, "label must be what the button says") end
  local allowed = origin
  if options.return_to_url ~= nil then
    local _, other = address(where, "return_to_url", options.return_to_url)
    if other ~= origin then allowed = allowed .. " " .. other end
  end

  local out = {}
  local function add(...)
    for _, part in ipairs { ... } do out[#out + 1] = part end
  end
  if not fragment then
    add('<!doctype html>\n<html lang="', escape(lang), '"><head><meta charset="utf-8">',
      '<meta name="viewport" content="width=device-width,initial-scale=1">\n<title>', escape(label),
      "</title></head><body>\n")
  end
  add('<form id="', FORM, '" method="post" action="', escape(action), '"')
  if frame then add(' target="', escape(frame), '"') end
  add(' autocomplete="off">\n<input type="hidden" name="session_token" value="', escape(token), '">\n')
  add('<button type="submit">', escape(label), "</button>\n</form>\n")
  local policy = { "form-action " .. allowed }
  if auto then
    add("<script", nonce and ' nonce="' .. escape(nonce) .. '"' or "", ">", SUBMIT, "</script>\n")
    policy[2] = "script-src '" .. (nonce and "nonce-" .. nonce or SUBMIT_HASH) .. "'"
  end
  if not fragment then add "</body></html>\n" end
  local with = headers(policy)
  if not fragment then with["Content-Type"] = "text/html; charset=utf-8" end
  return table.concat(out), with
end

--- A page (or, fragment = true, the part of one) that posts a session token to OneLogin → markup, headers to send.
-- options: session_token; subdomain, or action; return_to_url as it was given at the login; nonce of the page's policy;
-- auto = false: only on the press of the button; label, lang, target.
function html.session_form(options)
  local text, more = called(session_form, options) -- no tail call: an error names the caller's line
  return text, more
end

-- A string of JavaScript, also of JSON, that no HTML parser takes for the end of the script.
local function quoted(text)
  return '"' .. text:gsub("[^%w%-._~:/?#=,@!$]", function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

local FETCH_OPTIONS = { subdomain = true, action = true, session_token = true, nonce = true, next = true,
  failed = true }

local function session_fetch(options)
  local where = "html.session_fetch"
  known(where, options, FETCH_OPTIONS)
  local action, origin = target(where, options)
  local token, nonce = token_of(where, options), nonce_of(where, options)
  if not nonce then wrong(where, "nonce is needed: the script differs on each page") end
  local on, back = place(where, "next", options.next), place(where, "failed", options.failed)
  local text = table.concat { '<script nonce="', escape(nonce), '">fetch(', quoted(action),
    ',{method:"POST",credentials:"include",headers:{"Content-Type":"application/json"},body:',
    quoted('{"session_token":' .. quoted(token) .. "}"), "}).then(function(r){location.replace(r.ok?", quoted(on), ":",
    quoted(back), ")},function(){location.replace(", quoted(back), ")})</script>\n" }
  return text, headers { "connect-src " .. origin, "script-src 'nonce-" .. nonce .. "'" }
end

--- The same by CORS, from a page whose origin was announced at the login (`origin` of ol.flows.login) → a script
-- element, headers to send.  options: session_token; subdomain, or action; nonce; next, failed: where to go on.
function html.session_fetch(options)
  local text, more = called(session_fetch, options)
  return text, more
end

return html

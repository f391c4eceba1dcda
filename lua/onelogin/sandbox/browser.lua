-- What only a browser asks for, so that no operation is declared for it: the CORS preflight of the
-- session route, and the page at which somebody signed in arrives.
local html = require("onelogin.html")
local sessions = require("onelogin.sandbox.sessions")

local browser = {}

local SESSION_ROUTE = "/session_via_api_token"

--- A small HTML page; `text` is escaped here.  Returns body, headers.
function browser.page(text)
  text = html.escape(text)
  local body = ("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>%s</title>\n<p>%s</p>\n</html>\n")
    :format(text, text)
  return body, { ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store",
    ["content-security-policy"] = "default-src 'none'; frame-ancestors 'none'" }
end

--- The headers by which a browser lets a page of this origin see the answer.
function browser.cors(origin)
  return { ["access-control-allow-origin"] = origin, ["access-control-allow-credentials"] = "true", vary = "Origin" }
end

local function preflight(box, req)
  local origin = req.headers.origin
  if not origin or not sessions.is_announced(box, origin:lower()) then return 403, "", { vary = "Origin" } end
  local headers = browser.cors(origin)
  headers["access-control-allow-methods"] = "POST"
  headers["access-control-allow-headers"] = "Content-Type"
  return 204, nil, headers
end

local function portal(box, req)
  local user = sessions.user_of(box, req.headers.cookie)
  local body, headers = browser.page(user and ("Signed in as " .. (user.email or user.username or "somebody"))
    or "Not signed in")
  return user and 200 or 401, body, headers
end

--- Answers a request that is no operation's: status, body, headers; or nothing.
function browser.answer(box, req)
  if req.method == "OPTIONS" and req.path == SESSION_ROUTE then return preflight(box, req) end
  if req.method == "GET" and req.path == "/portal" then return portal(box, req) end
end

return browser

-- app.lua - what nginx.conf calls.  The client is made once a worker; its calls wait without stopping the worker.

local onelogin = require "onelogin"
local nginx = require "onelogin.nginx"

local app = {}

-- Tenant and credential come from the environment (nginx.conf names the variables); token and rate limit are shared
-- by all workers through the dictionary.
local ol = onelogin.new { store = nginx.store "onelogin" }
app.client = ol

-- A table such as { status = 404, error = "..." } as JSON.
function app.answer(status, value)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.say(require("cjson").encode(value))
end

-- content_by_lua: GET /user?id=88888888
function app.user()
  local id = tonumber(ngx.var.arg_id)
  if not id then return app.answer(400, { error = "which user? /user?id=88888888" }) end
  local user, err = ol.users:get(id)
  if not user then return app.answer(err.kind == "not_found" and 404 or 502, { error = err.kind }) end
  app.answer(200, { id = user.id, username = user.username, status = user.status })
end

-- access_by_lua: lets in whoever the header names, if that is an active person.  (The header must come from a proxy
-- you trust; this shows the phase, not how to sign people in.)
function app.only_active()
  local id = tonumber(ngx.var.http_x_user_id)
  if not id then return ngx.exit(401) end
  local user, err = ol.users:get(id)
  if user and user.status == 1 then return end
  if err and err.kind ~= "not_found" then
    ngx.log(ngx.ERR, "onelogin: ", tostring(err))
    return ngx.exit(503)
  end
  return ngx.exit(403)
end

-- Several calls at once: a light thread each.
function app.users()
  local threads, out = {}, {}
  for id in (ngx.var.arg_ids or ""):gmatch("%d+") do
    if #threads == 32 then break end
    threads[#threads + 1] = ngx.thread.spawn(function() return ol.users:get(tonumber(id)) end)
  end
  for i, thread in ipairs(threads) do
    local ok, user, err = ngx.thread.wait(thread)
    if not ok then return app.answer(500, { error = "see the log" }) end
    out[i] = user and user.username or err.kind
  end
  app.answer(200, out)
end

return app

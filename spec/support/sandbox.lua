-- Talking to a box with nothing of the client in between: plain requests through its transport, so
-- that the sandbox is judged by what it answers and not by what the client makes of it.
local json = require("onelogin.core").json

local sandbox = {}

sandbox.json = json

--- Percent-encodes a query value.
function sandbox.escape(text)
  return (tostring(text):gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- A caller on a box. `opts`: scope, owner_id, or config (what box:config returned).
-- api.call(method, path, body, headers) -> status, decoded body, headers, text; or nil, failure.
function sandbox.api(box, opts)
  opts = opts or {}
  local config = opts.config or box:config { scope = opts.scope, owner_id = opts.owner_id }
  local api = { config = config, box = box }

  --- Sends a request as it stands; `headers` are all it has.
  function api.send(method, path, body, headers)
    local response, failure = config.transport:send { method = method, url = config.base_url .. path,
      headers = headers or {}, body = body }
    if not response then return nil, failure end
    local value
    if (response.headers["content-type"] or ""):find("json", 1, true) then
      value = json.decode(response.body, { nulls = "sentinel" })
    end
    return response.status, value, response.headers, response.body
  end

  function api.pair()
    return ("client_id:%s, client_secret:%s"):format(config.client_id, config.client_secret)
  end

  --- The token object of the v2 route.
  function api.login()
    local status, value = api.send("POST", "/auth/oauth2/v2/token",
      '{"grant_type":"client_credentials"}',
      { Authorization = api.pair(), ["Content-Type"] = "application/json" })
    if status == 200 and value.access_token then api.token = value.access_token end
    return value, status
  end

  function api.call(method, path, body, headers)
    if not api.token then api.login() end
    local all = { Authorization = "Bearer " .. api.token }
    if type(body) == "table" then body = json.encode(body) end
    if body then all["Content-Type"] = "application/json" end
    for k, v in pairs(headers or {}) do all[k] = v or nil end
    return api.send(method, path, body, all)
  end

  for _, method in ipairs { "GET", "POST", "PUT", "DELETE" } do
    api[method:lower()] = function(path, body, headers)
      return api.call(method, path, body, headers)
    end
  end

  --- Walks a v2 list by After-Cursor; returns all rows.
  function api.walk_v2(path)
    local rows, cursor = {}, nil
    local sep = path:find("?", 1, true) and "&" or "?"
    repeat
      local at = cursor and path:gsub("([?&])limit=%d+&?", "%1") .. sep .. "cursor="
        .. sandbox.escape(cursor) or path
      local status, page, headers = api.get(at)
      assert(status == 200, "a page answered " .. tostring(status))
      for _, row in ipairs(page) do rows[#rows + 1] = row end
      cursor = headers["after-cursor"]
    until not cursor
    return rows
  end

  --- Walks a v1 list by after_cursor; returns all rows and the number of pages.
  function api.walk_v1(path)
    local rows, cursor, pages = {}, "", 0
    local sep = path:find("?", 1, true) and "&" or "?"
    repeat
      local status, page = api.get(path .. sep .. "after_cursor=" .. sandbox.escape(cursor))
      assert(status == 200, "a page answered " .. tostring(status))
      for _, row in ipairs(page.data) do rows[#rows + 1] = row end
      cursor = page.pagination.after_cursor
      pages = pages + 1
    until cursor == json.null
    return rows, pages
  end

  return api
end

return sandbox

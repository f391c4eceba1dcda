-- The apps of a user as XML. It says nothing about what went wrong: a bad token, an unknown address
-- and a user without apps all get the empty list.

local view = require("onelogin.sandbox.app_view")

local embed = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

-- XML has no way to write most control characters; a star stands for them.
local function escape(value)
  return (tostring(value):gsub("[%z\1-\8\11\12\14-\31]", "*"):gsub("\239\191[\190\191]", "*")
    :gsub('[&<>"]', ENTITIES):gsub("\r", "&#13;"))
end

local function element(name, value)
  return ("    <%s>%s</%s>\n"):format(name, escape(value), name)
end

local function xml(apps, row)
  if #apps == 0 then return "<apps />\n" end
  local out = { "<apps>\n" }
  for _, app in ipairs(apps) do
    local fields = { { "id", ("%d"):format(app.id) }, { "icon", view.connector(app).icon_url },
      { "name", app.name }, { "provisioned", 1 }, { "extension_required", false },
      { "personal", false }, { "login_id", ("%d"):format(400000000 + app.id % 1000 * 100000 + row.id % 100000) } }
    out[#out + 1] = "  <app>\n"
    for _, f in ipairs(fields) do out[#out + 1] = element(f[1], f[2]) end
    out[#out + 1] = "  </app>\n"
  end
  out[#out + 1] = "</apps>\n"
  return table.concat(out)
end

embed["embed_apps.list"] = function(box, req)
  local q, apps, row = req.query, {}, nil
  local id = q.email and q.email ~= "" and q.token == box:embedding_token()
    and box:people():lookup("email", q.email)
  if id then
    row = box:people():peek(id)
    for _, app in ipairs(row.status == 1 and box:apps_of(row) or {}) do
      if app.visible ~= false then apps[#apps + 1] = app end
    end
  end
  return 200, xml(apps, row), { ["content-type"] = "text/xml; charset=utf-8" }
end

return embed

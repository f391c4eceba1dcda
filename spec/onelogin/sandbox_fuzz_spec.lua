-- Whatever is sent to whatever operation, the sandbox answers: it never throws, never answers with
-- something that is no JSON, and never with a status of its own making.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local random = require "onelogin.sandbox.random"
local router = require "onelogin.sandbox.router"
local json = support.json

local KNOWN = { [200] = true, [201] = true, [202] = true, [204] = true, [400] = true, [401] = true,
  [403] = true, [404] = true, [406] = true, [409] = true, [422] = true, [429] = true }

local VALUES = { '""', '"x"', "0", "-1", "1.5", "1e300", "true", "false", "null", "[]", "{}", "[[]]",
  '[null]', '["a"]', "[1,2]", '{"a":{}}', '"%s%n"', '"\\u0000"', '"2026-01-01T00:00:00Z"', '"*"',
  "88000004", '"88000004"', "[88000004]", "9007199254740993" }
local QUERY = { "", "1", "-1", "0", "x", "*", "!", "%25", "a,b", "1,2", "+id", "-id", "true",
  "2026-01-01T00:00:00Z", "99999999999999999999", "%C3%28" }

describe("every operation of the sandbox", function()
  it("is declared, and every exposed one is answered", function()
    local routes = router.build()
    for op in pairs(routes.handlers) do assert.truthy(routes.entries[op], op .. " is not declared") end
    for _, resource in ipairs(require("onelogin.api").resources) do
      for name in pairs(require("onelogin.api." .. resource)) do
        local op = resource .. "." .. name
        assert.truthy(routes.handlers[op], op .. " has no answer")
      end
    end
  end)

  it("answers anything", function()
    local box = sandbox { users = 40, rate_limit = 1e9 }
    local api = support.api(box)
    local r = random.stream(20260302)
    local routes = router.build()
    local ops = {}
    for op, entry in pairs(routes.entries) do
      if routes.handlers[op] then ops[#ops + 1] = { op = op, entry = entry } end
    end
    table.sort(ops, function(a, b) return a.op < b.op end)
    assert.is_true(#ops > 40)
    local ids = { "0", "-5", "abc", "1.5", "%00", "%27", "99999999999999999999", "%C3%28" }
    local real = { user_id = "88000004", role_id = "410018", group_id = "417013" }
    local device = box:add_device(88000004, "totp")
    box:seed_examples()
    for name, id in pairs { auth_server_id = "1022697", scope_id = "31", claim_id = "320780",
      client_app_id = "1127385", brand_id = "5", template_id = "544880", message_id = "1",
      template_type = "sms_registration", locale = "en", report_id = "44", profile_id = "42",
      field_id = "7", event_id = "123456", rule_id = "9223372036854775999",
      privilege_id = "2c963197-bee2-4607-abc0-4786f1bfa55a" } do
      real[name] = id
    end
    local saved = box:snapshot()
    for _ = 1, 12 do
      for _, one in ipairs(ops) do
        local entry = one.entry
        local path = entry.path:gsub("{([^}]+)}", function(name)
          if r() < 0.2 then return ids[r(#ids)] end
          return real[name] or ("%d"):format(device.id)
        end)
        local query = {}
        for _, q in ipairs(entry.query or {}) do
          if r() < 0.2 then query[#query + 1] = q[1] .. "=" .. QUERY[r(#QUERY)] end
        end
        if #query > 0 then path = path .. "?" .. table.concat(query, "&") end
        local body
        if entry.body == "array" then
          body = VALUES[r(#VALUES)]
        elseif entry.body then
          local parts = {}
          for _, p in ipairs(entry.body) do
            if p.required or r() < 0.2 then
              parts[#parts + 1] = ('"%s":%s'):format(p[1], VALUES[r(#VALUES)])
            end
          end
          body = "{" .. table.concat(parts, ",") .. "}"
          if r() < 0.1 then body = VALUES[r(#VALUES)] end
        end
        local ok, status, value, _, text = pcall(api.call, entry.method, path, body)
        local what = one.op .. " " .. path .. " " .. tostring(body)
        assert.is_true(ok, what .. ": " .. tostring(status))
        assert.is_true(KNOWN[status] == true, what .. ": " .. tostring(status))
        if status ~= 204 and text ~= "" and not text:find("^<") and not (entry.format == "text" and text == "OK") then
          assert.is_true(value ~= nil and json.decode(text) ~= nil, what)
        end
        if status == 204 or r() < 0.05 then
          box:restore(saved)
          api.token = nil
        end
      end
    end
  end)
end)

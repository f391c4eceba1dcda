-- Every operation once more, now with libcurl over HTTPS against the served sandbox in a process of its own, whose
-- journal says what arrived.
local json = require("onelogin.core").json
local served = require "spec.support.sandbox_server"
local wire = require "spec.support.wire"

local MASK = "[redacted]"

-- What the journal shows of a body: the same, but for masked secrets.
local function alike(wanted, got, where)
  if got == MASK then return end
  if type(wanted) ~= "table" or wanted == json.null then
    assert.are.equal(wire.canonical(wanted), wire.canonical(got), where)
    return
  end
  assert.is_table(got, where)
  for key, value in pairs(wanted) do alike(value, got[key], where .. "." .. tostring(key)) end
  for key in pairs(got) do assert.is_true(wanted[key] ~= nil, where .. ": " .. tostring(key)) end
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

describe("over HTTPS", function()
  local server, ol, since
  local called = {}

  setup(function()
    server = served.start "--https --users 20"
    ol = require("onelogin.client").new({ base_url = server.https_url, client_id = server.client_id,
      client_secret = server.client_secret, ca_blob = server.certificate, attempts = 1, timeout = 60, deadline = 120 },
      function() end)
    since = 0
  end)

  teardown(function()
    if ol then ol:close() end
    if server then server.stop() end
  end)

  -- The lines of the journal since the last look that are about this operation.
  local function arrived(id)
    local status, lines = served.control(server, "GET", "journal?since=" .. since, nil, { nulls = "sentinel" })
    assert.are.equal(200, status)
    local found = {}
    for _, line in ipairs(lines) do
      since = line.n
      if line.operation == id then found[#found + 1] = line end
    end
    return found
  end

  for n, case in ipairs(wire.cases()) do
    local id = case[1]
    it(id .. " arrives (case " .. n .. ")", function()
      wire.call(ol, case)
      local lines = arrived(id)
      assert.is_true(#lines >= 1, "nothing arrived")
      local line = lines[#lines]
      local method, path, query = case[3]:gsub("%s*\n%s*", ""):match("^(%u+) ([^?]*)%??(.*)$")
      assert.are.equal(method, line.method)
      assert.are.equal(path, line.path)
      local wanted, count = {}, 0
      for name, value in query:gmatch("([^&=]+)=([^&]*)") do
        wanted[unescape(name)] = unescape(value)
        count = count + 1
      end
      for name, value in pairs(type(line.query) == "table" and line.query or {}) do
        count = count - 1
        assert.is_truthy(wanted[name], name)
        if value ~= MASK then assert.are.equal(wanted[name], value) end
      end
      assert.are.equal(0, count)
      if case[4] and line.body ~= nil then
        alike(wire.filled(json.decode(case[4], { nulls = "sentinel" })), line.body, "body")
      end
      assert.are_not.equal(501, line.status)
      called[id] = true
    end)
  end

  it("has been every operation", function()
    local n = 0
    for _ in pairs(called) do n = n + 1 end
    assert.are.equal(207, n)
  end)

end)

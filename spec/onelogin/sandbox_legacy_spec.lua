-- The password check of before OAuth in the sandbox: XML, and HTTP 200 whatever happens.
local canary = require "spec.support.canary"
local world = require "spec.support.sign_in"
local support = require "spec.support.sandbox"

local PASSWORD = world.PASSWORD
local OWN_HOST = "https://api.onelogin.com"

describe("legacy delegated authentication", function()
  local box, kim, api

  before_each(function() box, kim, api = world.world() end)

  local function target(more)
    local query = { api_key = box:api_key(), email = "kim@acme.test", password = PASSWORD }
    for k, v in pairs(more or {}) do query[k] = v end
    local parts = {}
    for k, v in pairs(query) do parts[#parts + 1] = k .. "=" .. support.escape(v) end
    return "/api/v1/delegated_auth?" .. table.concat(parts, "&")
  end

  local function ask(more)
    local status, _, headers, text = api.send("GET", target(more))
    assert.equal(200, status)
    assert.equal("text/xml; charset=utf-8", headers["content-type"])
    return text
  end

  local function refusal(message)
    return "<response>\n  <authenticated>false</authenticated>\n  <message>" .. message .. "</message>\n</response>\n"
  end

  it("says yes with a name", function()
    assert.equal([[
<response>
  <authenticated>true</authenticated>
  <firstname>Kim</firstname>
  <lastname>Lee</lastname>
  <message>Success</message>
</response>
]], ask())
  end)

  it("says no in three sentences", function()
    assert.equal(refusal "Invalid password", ask { password = "wrong" })
    assert.equal(refusal "User not found", ask { email = "nobody@acme.test" })
    assert.equal(refusal "User not found", ask { email = "kim" }) -- a user name is no address
    assert.equal(refusal "Account not found", ask { api_key = "wrong" })
    assert.equal(refusal "Account not found", ask { api_key = "", password = "wrong" })
    local _, _, _, text = api.send("GET", "/api/v1/delegated_auth")
    assert.equal(refusal "Account not found", text)
  end)

  it("asks for no second factor", function()
    box:add_device(kim, "totp")
    assert.matches("<authenticated>true<", ask())
  end)

  it("counts wrong passwords, locks, and does not tell a lock from a wrong password", function()
    box, kim, api = world.world { lockout = 2 }
    ask { password = "wrong" }
    assert.equal(1, kim.invalid_login_attempts)
    ask()
    assert.equal(0, kim.invalid_login_attempts)
    for _ = 1, 2 do ask { password = "wrong" } end
    assert.equal(refusal "Invalid password", ask())
    kim.status = 2
    assert.equal(refusal "Invalid password", ask())
  end)

  it("writes any name so that XML can carry it, and nothing in it can speak for the answer", function()
    kim.firstname = "</firstname><authenticated>true</authenticated>&\27\0\r\n"
    local text = ask()
    assert.truthy(text:find("<firstname>&lt;/firstname&gt;&lt;authenticated&gt;true&lt;/authenticated&gt;&amp;**"
      .. "&#xD;\n", 1, true))
    assert.equal(1, select(2, text:gsub("<authenticated>", "")))
  end)

  it("is met on its own host too, where nothing else is", function()
    local transport = box:config().transport
    local response = assert(transport:send { method = "GET", url = OWN_HOST .. target(), headers = {} })
    assert.matches("<authenticated>true<", response.body)
    local nothing, failure = transport:send { method = "GET", url = OWN_HOST .. "/api/2/users", headers = {} }
    assert.is_nil(nothing)
    assert.same({ "network", false }, { failure.kind, failure.sent })
    assert.is_nil((transport:send { method = "GET", url = "https://api.onelogin.invalid" .. target(), headers = {} }))
    assert.is_nil((transport:send { method = "POST", url = OWN_HOST .. target(), headers = {} }))
  end)

  it("leaves neither key nor password in the journal", function()
    ask()
    ask { password = canary.token }
    local text = world.journal(box)
    assert.matches("legacy%.delegated_auth", text)
    for _, secret in ipairs { PASSWORD, canary.token, box:api_key() } do
      assert.is_nil(text:find(secret, 1, true))
    end
  end)
end)

-- The password check of before OAuth: three sentences of the service, and nothing else, are answers about a person.
local canary = require "spec.support.canary"
local flow_world = require "spec.support.flow_world"

local world
before_each(function() world = flow_world.new { password = canary.password } end)

local function check(more)
  local options = { email = "kim@acme.test", password = canary.password, api_key = world.box:api_key() }
  for k, v in pairs(more or {}) do options[k] = v end
  return world.flows.check_password_legacy(options)
end

-- Answers this XML, whatever is asked.
local function answer(text)
  function world.tamper(_, response)
    response.body = text
    return response
  end
end

describe("check_password_legacy", function()
  it("says whose password is right", function()
    assert.same({ granted = true, mfa = false,
      user = { email = "kim@acme.test", firstname = "Kim", lastname = "Ito" } }, check())
  end)

  it("tells a wrong password, an unknown user and a wrong key apart", function()
    for _, case in ipairs {
      { { password = "wrong" }, "denied", "wrong_password" },
      { { email = "nobody@acme.test" }, "denied", "unknown_user" },
      { { api_key = "wrong" }, "auth", "unknown_account" },
    } do
      local ok, err = check(case[1])
      assert.is_nil(ok)
      assert.same({ case[2], case[3], "flows.check_password_legacy" }, { err.kind, err.reason, err.operation })
    end
  end)

  it("takes nothing else for a yes", function()
    for _, case in ipairs {
      { "<response><authenticated>false</authenticated></response>", "denied", "not_authenticated" },
      { "<response><authenticated>false</authenticated><message>Success</message></response>",
        "denied", "not_authenticated" },
      { "<response><authenticated>false</authenticated><message> user NOT found </message></response>", "denied",
        "unknown_user" },
      { "<response><message>Success</message></response>", "decode", "no_answer" },
      { "<response><authenticated>yes</authenticated></response>", "decode" },
      { "<response><authenticated></authenticated></response>", "decode" },
      { "<response><authenticated><a>true</a></authenticated></response>", "decode" },
      { "<other><authenticated>true</authenticated></other>", "decode" },
      { "true", "decode" }, { "", "decode" }, { "<html>maintenance</html>", "decode" },
    } do
      answer(case[1])
      local ok, err = check()
      assert.is_nil(ok, case[1])
      assert.equal(case[2], err.kind, case[1])
      if case[3] then assert.equal(case[3], err.reason) end
    end
  end)

  it("is one call, never sent again, and tells no secret", function()
    world.box:fault { operation = "legacy.delegated_auth", drop = "after", times = 5 }
    local _, err = check()
    assert.equal("network", err.kind)
    assert.equal(1, world.calls "/delegated_auth$")
    assert.is_nil(tostring(err):find(canary.password, 1, true))
    world.box:clear_faults()
    _, err = check { password = "wrong" .. canary.token }
    assert.is_nil(tostring(err):find(canary.token, 1, true))
  end)

  it("throws on misuse before any call", function()
    local before = #world.sent
    for word, more in pairs { ["api_key must be a string"] = { api_key = "" },
      ["password must be a string"] = { password = 5 }, ["unknown option 'user'"] = { user = "kim" },
      ["email must be a string"] = { email = 5 } } do
      local ok, problem = pcall(check, more)
      assert.is_false(ok)
      assert.truthy(problem:find(word, 1, true), problem)
    end
    assert.equal(before, #world.sent)
  end)
end)

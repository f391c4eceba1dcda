-- A second factor that nobody has answered yet is no success: not for the call, a prepared call, a batch, the command
-- line or the prompt.
local cli = require "spec.support.cli"
local describe_api = require "onelogin.describe"
local onelogin = require "onelogin"
local json = require("onelogin.core").json
local password_world = require "spec.support.password_world"
local session = require "onelogin.repl.session"

local PASSWORD = password_world.PASSWORD

-- Name of the operation -> begin(ol, user, device, app): the arguments of the call that checks the factor.
local CASES = {
  ["mfa_v1.verify_factor"] = function(ol, user, device)
    local open = assert(ol.mfa_v1:activate_factor(user.id, device.id))
    return { user.id, device.id, { state_token = open.state_token } }
  end,
  ["login.verify_factor"] = function(ol, _, device)
    local open = assert(ol.login:create_session_token { username_or_email = "kim", password = PASSWORD,
      subdomain = "acme" })
    return { { device_id = tostring(device.id), state_token = open.state_token } }
  end,
}
for _, resource in ipairs { "saml", "saml_v1" } do
  CASES[resource .. ".verify_factor"] = function(ol, _, device, app)
    local open = assert(ol[resource]:generate_assertion { username_or_email = "kim", password = PASSWORD,
      app_id = tostring(app.id), subdomain = "acme" })
    return { { device_id = tostring(device.id), state_token = open.state_token, app_id = tostring(app.id) } }
  end
end

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

for name, begin in pairs(CASES) do
  local resource, operation = name:match("^(.-)%.(.+)$")

  describe(name, function()
    local box, ol, op, arguments

    before_each(function()
      local world = password_world.new { scope = "Manage All" }
      box, ol = world.box, world.client
      local device = box:add_device(world.user, "protect")
      box:on_push(world.user, { "approve", after = 5 })
      op, arguments = ol[resource][operation], begin(ol, world.user, device, world.app)
    end)

    it("is false while the person has not answered, and no longer false afterwards", function()
      local value, info = op(ol[resource], unpack(arguments))
      assert.is_false(value)
      assert.equal("pending", info.status_type)
      assert.matches("[Pp]ending", info.status_message)
      arguments[#arguments].do_not_notify = resource ~= "mfa_v1" or nil
      box.clock.sleep(5)
      value = op(ol[resource], unpack(arguments))
      if resource == "mfa_v1" then
        assert.is_true(value)
      elseif resource == "login" then
        assert.matches("^%w+$", value.session_token)
      else
        assert.matches("^[%w+/=]+$", resource == "saml" and value.data or value)
      end
    end)

    it("is false as a prepared call and in a batch", function()
      local value, info = op:call(unpack(arguments)):run()
      assert.same({ false, "pending" }, { value, info.status_type })
      local seen = {}
      local results, errors = ol:batch({ { op, unpack(arguments) } }, { on_result = function(_, result, err)
        seen = { result, err }
      end })
      assert.same({ false }, results)
      assert.same({}, errors)
      assert.same({ false }, seen)
    end)

    it("is nothing that a script could take for success", function()
      local body = json.encode(arguments[#arguments])
      local words = { "--sandbox", resource, operation }
      for i = 1, #arguments - 1 do words[#words + 1] = ("%.0f"):format(arguments[i]) end
      words[#words + 1], words[#words + 2] = "--data", "-"
      local r = cli.run(words, { box = box, input = body })
      assert.equal(9, r.code)
      assert.equal("pending", json.decode(r.out).status_type)
      assert.matches("onelogin: nothing is decided yet: .*[Pp]ending", r.err)
      box.clock.sleep(5)
      r = cli.run(words, { box = box, input = body })
      assert.equal(0, r.code)
    end)

    it("says so at the prompt", function()
      local out = {}
      local s = session.new { client = ol, box = box, write = function(text) out[#out + 1] = text end,
        width = function() return 80 end }
      s.env.arguments, s.env.op, s.env.resource, s.env.unpack = arguments, op, ol[resource], unpack
      s:feed "op(resource, unpack(arguments))"
      assert.matches("^false  %(pending: .*[Pp]ending", table.concat(out))
    end)

    it("is described so", function()
      assert.matches("; false while nothing is decided, and the second value says why$",
        describe_api.answer(op.entry))
    end)
  end)
end

it("no other operation answers false for that", function()
  for _, facts in pairs(require("onelogin.api").resources) do
    for key, entry in pairs(require("onelogin.api." .. facts)) do
      if entry.pending then assert.is_function(CASES[facts .. "." .. key]) end
    end
  end
  local box = onelogin.sandbox { users = 2 }
  local ol = onelogin.new(box:config())
  assert.is_true((ol.users:log_out(88000004)))
end)

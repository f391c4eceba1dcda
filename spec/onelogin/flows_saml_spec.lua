-- What only the SAML flows have: an app, and an assertion at the end, in the words of both versions.
-- (flows_sign_in_spec.lua: the machine they share with login.)
local support = require "spec.support.password_world"

local PASSWORD = support.PASSWORD
local new_world, script, bodies = support.new, support.script, support.bodies

for _, F in ipairs { support.families[2], support.families[3] } do
  describe(F.name, function()
    it("answers an assertion about the person for the app, by password alone and with a second factor", function()
      for _, kind in ipairs { "none", "totp" } do
        local world = new_world()
        local device = kind ~= "none" and world.box:add_device(world.user, kind)
        local login = assert(F.run(world, { otp = function() return world.box:totp(device) end }))
        local read = assert(require("onelogin.saml").decode_unverified(login.assertion))
        assert.is_false(read.verified)
        assert.truthy(login.assertion:find("^[%w+/]+=*$"))
        assert.same({ F.version, device and "code" or "password" }, { login.version, login.method })
        if device then
          assert.equal(("onelogin.login %d (code)"):format(world.user.id), tostring(login))
          assert.equal(tostring(world.user.id), login.user.id)
        else -- here nothing but the assertion says who it is
          assert.equal("onelogin.login (password)", tostring(login))
          assert.same({ typed = "kim" }, login.user)
        end
      end
    end)

    it("keeps the assertion out of its state", function()
      local world = new_world()
      local flow = F.start(world)
      local assertion = flow:step().login.assertion
      assert.equal(assertion, flow:step().login.assertion)
      local _, err = world.flows.resume(flow:state()):step()
      assert.same({ "conflict", "done", "flows.saml" }, { err.kind, err.reason, err.operation })
    end)

    it("sends the app with both halves, as text, whatever type its number came in", function()
      local world = new_world()
      local device = world.box:add_device(world.user, "totp")
      local id = ("%.0f"):format(world.app.id)
      for _, app_id in ipairs { world.app.id, id } do
        world.box.clock.advance(30)
        local login = F.run(world, { app_id = app_id, ip_address = "192.0.2.7", otp = function()
          return world.box:totp(device)
        end })
        assert.is_true(login.granted)
      end
      for _, body in ipairs(bodies(world, F.AUTH)) do
        assert.same({ username_or_email = "kim", password = PASSWORD, subdomain = "acme", app_id = id,
          ip_address = "192.0.2.7" }, body)
      end
      for _, body in ipairs(bodies(world, F.VERIFY)) do
        assert.same({ id, tostring(device.id) }, { body.app_id, body.device_id })
      end
      assert.equal(0, world.calls(F.version == "v1" and "/api/2/" or "/api/1/"))
    end)

    it("does not find an app that is none, or not this person's: nobody's fault, and never the password's", function()
      local world = new_world()
      local other = world.box:add_app { name = "Payroll", connector_id = 110002 }
      for _, app_id in ipairs { 1, other.id } do
        local flow = F.start(world, { app_id = app_id })
        local _, err = flow:step()
        assert.same({ "not_found", 404, "App could not be found" }, { err.kind, err.status, err.message })
        assert.is_nil(err.reason)
        assert.equal("password", flow:step().need)
      end
      world.box:add_device(world.user, "totp")
      local flow = F.at(world, 1)
      script(world, F.VERIFY, { { 404, F.refused(404, "App could not be found") } })
      local _, err = flow:step { code = "123456" }
      assert.same({ "not_found", 404 }, { err.kind, err.status })
      assert.same({ "code", 3 }, { flow:step().need, flow:step().tries_left })
    end)

    it("keeps an answer that cannot be read out of its error: there may be an assertion in it", function()
      local given = assert(F.run(new_world())).assertion
      for _, body in ipairs { '{"data":["' .. given .. '"]', '{"data":"' .. given, "<p>" .. given .. "</p>" } do
        local world = new_world()
        world.box:fault { operation = F.version == "v1" and "saml_v1.generate_assertion" or "saml.generate_assertion",
          status = 200, body = body, times = 1 }
        local _, err = F.run(world)
        assert.equal("decode", err.kind)
        for _, value in pairs(err) do
          assert.is_nil(tostring(value):find(given:sub(1, 40), 1, true))
        end
      end
    end)

    it("passes on what the service says of an empty or wrong request", function()
      for _, message in ipairs { "bad request", "Invalid subdomain", "username is empty", "password is empty" } do
        local world = new_world()
        script(world, F.AUTH, { { 400, F.refused(400, message) } })
        local _, err = F.run(world)
        assert.same({ "invalid", 400, message }, { err.kind, err.status, err.message })
        assert.equal(1, F.passwords(world))
      end
    end)
  end)
end

describe("saml", function()
  it("is of version 2 unless version 1 is asked for", function()
    local world = new_world()
    local login = world.flows.saml { user = "kim", password = PASSWORD, app_id = world.app.id }
    assert.equal("v2", login.version)
    assert.equal(1, world.calls("/api/2/saml_assertion$"))
  end)
end)

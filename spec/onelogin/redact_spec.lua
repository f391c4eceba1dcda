local redact = require "onelogin.redact"
local onelogin = require "onelogin"
local canary = require "spec.support.canary"

describe("redaction", function()
  local function client()
    return onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = canary.secret,
      transport = { send = function(_, r)
        if r.operation == "oauth.generate_tokens" then
          return { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '"}' }
        end
        -- a server that echoes what it should not
        return { status = 400, headers = {}, body = '{"message":"bad header Bearer ' .. canary.token .. ' and '
          .. canary.secret .. '","name":"E","statusCode":400,"otp":"' .. canary.otp
          .. '","nested":{"password":"a\\"b"}}' }
      end } }
  end

  local function clean(text)
    for name, value in pairs(canary) do
      if name ~= "client_id" then assert.is_nil(text:find(value, 1, true), name) end
    end
  end

  it("masks live values, plain, URL-encoded and base64", function()
    local ol = client()
    ol.users:get(1)
    local mask = redact.masker(ol, nil, { password = canary.password })
    for _, value in ipairs { canary.secret, canary.token, canary.password } do
      assert.equal("a [masked] b", mask("a " .. value .. " b"))
    end
    assert.equal("q=[masked]", mask("q=Canary%2FPass%2Bword%3D73%2091%25%26"))
    assert.equal("x [masked]", mask("x Q2FuYXJ5L1Bhc3Mrd29yZD03MyA5MSUm"))
  end)

  it("masks by the name of the key, in JSON, forms and headers", function()
    local mask = redact.masker(nil, { "totp_url" })
    assert.equal('{"password": "[masked]", "x": 1}', mask('{"password": "abc", "x": 1}'))
    assert.equal('{"otp":"[masked]"}', mask('{"otp":123456}'))
    assert.equal('{"Password":"[masked]"}', mask('{"Password":"a\\"b\\\\"}'))
    assert.equal('{"totp_url":"[masked]"}', mask('{"totp_url":"otpauth://x"}'))
    assert.equal("client_id:a, client_secret:[masked]", mask("client_id:a, client_secret:hush"))
    assert.equal("otp_token=[masked]&a=1", mask("otp_token=12&a=1"))
    assert.equal("authorization: Bearer [masked]", mask("authorization: Bearer abc.def"))
    assert.equal("nothing to hide", mask("nothing to hide"))
    assert.is_nil(mask(nil))
    assert.equal("", mask(""))
  end)

  it("keeps errors clean that a server filled with secrets", function()
    local _, err = client().users:get(1)
    for k, v in pairs(err) do clean(tostring(k) .. tostring(v)) end
    clean(tostring(err))
    assert.matches("%[masked%]", err.body)
    assert.matches("bad header", err.message)
  end)

  it("keeps the password and code of a call out of its error", function()
    local ol = onelogin.new { base_url = "https://x.test", client_id = "id", client_secret = canary.secret,
      transport = { send = function(_, r)
        if r.operation == "oauth.generate_tokens" then
          return { status = 200, headers = {}, body = '{"access_token":"' .. canary.token .. '"}' }
        end
        return { status = 400, headers = {}, body = "you said " .. tostring(r.body) }
      end } }
    local _, err = ol.users:set_password_cleartext(5,
      { password = canary.password, password_confirmation = canary.password })
    for _, v in pairs(err) do clean(tostring(v)) end
    _, err = ol.mfa:verify_factor(5, "abc", { otp = canary.otp })
    for _, v in pairs(err) do clean(tostring(v)) end
    local ok, message = pcall(function()
      return ol.mfa:verify_factor(5, "abc", { otp = canary.otp, nonsense = canary.otp })
    end)
    assert.is_false(ok)
    clean(message)
  end)

  it("copies values for showing", function()
    local shown = redact.value({ id = 1, state_token = "x", list = { { password = "y", name = "z" } } }, { "name" })
    assert.same({ id = 1, state_token = redact.MASK, list = { { password = redact.MASK, name = redact.MASK } } }, shown)
  end)
end)

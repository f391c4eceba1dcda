-- onelogin.otpauth: the URI in the QR code of an authenticator, written and read.
local canary = require "spec.support.canary"
local otpauth = require "onelogin.otpauth"

local SECRET = "JBSWY3DPEHPK3PXP"

describe("otpauth.build", function()
  it("escapes label and issuer, and writes the secret plainly", function()
    assert.equal("otpauth://totp/kim@acme.test?secret=" .. SECRET,
      otpauth.build { secret = "jbsw y3dp-ehpk 3pxp==", account = "kim@acme.test" })
    assert.equal("otpauth://totp/Acme%20%26%20S%C3%B6hne:kim%2Fa%3Fb%23c?secret=" .. SECRET
      .. "&issuer=Acme%20%26%20S%C3%B6hne",
      otpauth.build { secret = SECRET, account = "kim/a?b#c", issuer = "Acme & S\195\182hne" })
    assert.equal("otpauth://totp/A:k?secret=" .. SECRET .. "&issuer=A&algorithm=SHA256&digits=8&period=60",
      otpauth.build { secret = SECRET, account = "k", issuer = "A", algorithm = "SHA256", digits = 8, period = 60 })
    assert.equal("otpauth://hotp/k?secret=" .. SECRET .. "&counter=0",
      otpauth.build { type = "hotp", secret = SECRET, account = "k", counter = 0, algorithm = "SHA1" })
  end)

  it("throws on what no authenticator takes, without the secret", function()
    for _, case in ipairs {
      { "expected a table", nil }, { "secret must be base 32", { account = "k" } },
      { "secret must be base 32", { account = "k", secret = "" } },
      { "secret must be base 32", { account = "k", secret = canary.otp .. "!" } },
      { "account must be given", { secret = SECRET } }, { "account must be given", { secret = SECRET, account = "" } },
      { "account may have no colon", { secret = SECRET, account = "a:b" } },
      { "issuer may have no colon", { secret = SECRET, account = "a", issuer = "b:c" } },
      { "type must be", { secret = SECRET, account = "a", type = "steam" } },
      { "algorithm must be", { secret = SECRET, account = "a", algorithm = "MD5" } },
      { "digits must be 6, 7 or 8", { secret = SECRET, account = "a", digits = 5 } },
      { "digits must be a number", { secret = SECRET, account = "a", digits = "6" } },
      { "period must be", { secret = SECRET, account = "a", period = 0 } },
      { "counter must be", { secret = SECRET, account = "a", counter = 1 } },
      { "counter must be", { secret = SECRET, account = "a", type = "hotp" } },
      { "counter must be", { secret = SECRET, account = "a", type = "hotp", counter = 0.5 } },
      { "unknown option 'isuer' (did you mean 'issuer'?)", { secret = SECRET, account = "a", isuer = "b" } },
    } do
      local ok, why = pcall(otpauth.build, case[2])
      assert.is_false(ok)
      assert.truthy(why:find(case[1], 1, true), why)
      assert.is_nil(why:find(SECRET, 1, true))
      assert.is_nil(why:find(canary.otp, 1, true))
    end
  end)
end)

describe("otpauth.parse", function()
  it("reads what build writes", function()
    for _, given in ipairs {
      { type = "totp", secret = SECRET, account = "kim@acme.test", issuer = "Acme & S\195\182hne", algorithm = "SHA1",
        digits = 6, period = 30 },
      { type = "totp", secret = SECRET, account = "k%41 +=&", algorithm = "SHA512", digits = 8, period = 60 },
      { type = "hotp", secret = SECRET, account = "k", algorithm = "SHA1", digits = 6, counter = 7 },
    } do
      assert.same(given, (otpauth.parse(otpauth.build(given))))
    end
  end)

  it("fills in what is usual and forgives what others write", function()
    assert.same({ type = "totp", secret = SECRET, account = "ashley", issuer = "acme", algorithm = "SHA1", digits = 6,
      period = 30 }, (otpauth.parse("OTPAUTH://TOTP/acme:ashley?secret=" .. SECRET:lower() .. "%3D%3D&issuer=acme")))
    local got = otpauth.parse("otpauth://totp/Old%3A%20kim?Secret=" .. SECRET .. "&issuer=New&algorithm=sha-256")
    assert.same({ "kim", "New", "SHA256" }, { got.account, got.issuer, got.algorithm })
    got = otpauth.parse("otpauth://totp/Old:kim?secret=" .. SECRET .. "&issuer=&image=x")
    assert.equal("Old", got.issuer)
    assert.is_nil(otpauth.parse("otpauth://totp/kim?secret=" .. SECRET).issuer)
  end)

  it("answers nil and why for anything else, and never the secret", function()
    local s = "secret=" .. SECRET
    for _, bad in ipairs {
      "", "x", "https://a.test/x?" .. s, "otpauth://totp/kim", "otpauth://steam/kim?" .. s, "otpauth://totp/?" .. "x=1",
      "otpauth://totp/kim?secret=", "otpauth://totp/kim?secret=1890", "otpauth://totp/kim?" .. s .. "&" .. s,
      "otpauth://totp/kim?" .. s .. "&digits=5", "otpauth://totp/kim?" .. s .. "&digits=6.5",
      "otpauth://totp/kim?" .. s .. "&period=0", "otpauth://totp/kim?" .. s .. "&period=99999",
      "otpauth://totp/kim?" .. s .. "&algorithm=MD5", "otpauth://totp/k%im?" .. s, "otpauth://totp/k%0Aim?" .. s,
      "otpauth://totp/kim?" .. s .. "&issuer=%zz", "otpauth://totp/kim?" .. s .. "&issuer=a%00b",
      "otpauth://totp/kim?" .. s .. "&lone", "otpauth://totp/" .. ("k"):rep(2048) .. "?" .. s,
      "otpauth://totp/kim?" .. s .. "#x",
    } do
      local got, why = otpauth.parse(bad)
      assert.is_nil(got, bad)
      assert.equal("string", type(why))
      assert.is_nil(why:find(SECRET, 1, true))
    end
    for _, bad in ipairs { 5, true, {} } do assert.is_nil(otpauth.parse(bad)) end
    assert.is_nil(otpauth.parse(nil))
  end)
end)

-- RSA signatures, certificates and sealed texts, held against published vectors and the openssl command.
local crypto = require "onelogin.crypto"
local canary = require "spec.support.canary"

local function bytes(hex)
  return (hex:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end))
end

local function thrown(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.is_string(err)
  return err
end

-- Making a key is what costs here: one serves all.
local KEY = crypto.rsa_generate(2048)
local FROM, TO = 1262304000, 2524607999 -- 2010 to 2049
local CERTIFICATE = crypto.certificate(KEY, "Sandbox of Zo\195\171", FROM, TO)

-- Files for the openssl command, gone after the test.
local folder

local function file(name, content)
  local path = folder .. "/" .. name
  if content then
    local f = assert(io.open(path, "wb"))
    f:write(content)
    f:close()
  end
  return path
end

local function openssl(arguments)
  local pipe = assert(io.popen("openssl " .. arguments .. " 2>&1"))
  local out = pipe:read("*a")
  pipe:close()
  return out
end

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -m 700 " .. folder))
end)

after_each(function() os.execute("rm -rf " .. folder) end)

describe("an RSA key", function()
  it("is an unencrypted PKCS #8 key of the length asked for, each time another", function()
    assert.matches("^%-%-%-%-%-BEGIN PRIVATE KEY%-%-%-%-%-\n", KEY)
    local said = openssl("pkey -noout -text -in " .. file("key", KEY))
    assert.matches("2048 bit", said)
    assert.not_equal(KEY, crypto.rsa_generate(2048))
  end)

  it("is not made too short, too long or of half a bit", function()
    for _, bits in ipairs { 0, 1024, 2047, 4097, 2048.5, -2048, 0 / 0 } do
      assert.matches("from 2048 to 4096", thrown(crypto.rsa_generate, bits))
    end
    thrown(crypto.rsa_generate)
    thrown(crypto.rsa_generate, "2048")
  end)
end)

describe("a signature", function()
  it("is what openssl accepts, and the same every time", function()
    local data = "a\0b" .. ("x"):rep(1000)
    local signature = crypto.rsa_sign(KEY, data)
    assert.equal(256, #signature)
    assert.equal(signature, crypto.rsa_sign(KEY, data))
    openssl(("pkey -in %s -pubout -out %s"):format(file("key", KEY), file "public"))
    local said = openssl(("dgst -sha256 -verify %s -signature %s %s"):format(file "public",
      file("signature", signature), file("data", data)))
    assert.matches("Verified OK", said)
    local public = assert(io.open(file "public")):read("*a")
    assert.is_true(crypto.rsa_verify(public, data, signature))
    assert.is_true(crypto.rsa_verify(CERTIFICATE, data, signature))
  end)

  it("made by openssl is accepted", function()
    openssl(("dgst -sha256 -sign %s -out %s %s"):format(file("key", KEY), file "signature", file("data", "hello")))
    local f = assert(io.open(file "signature", "rb"))
    local signature = f:read("*a")
    f:close()
    assert.is_true(crypto.rsa_verify(CERTIFICATE, "hello", signature))
  end)

  it("is refused for other data, another key, or with a byte changed or missing", function()
    local signature = crypto.rsa_sign(KEY, "hello")
    assert.is_false(crypto.rsa_verify(CERTIFICATE, "hellp", signature))
    assert.is_false(crypto.rsa_verify(CERTIFICATE, "", signature))
    for at = 1, #signature, 37 do
      local byte = string.char((signature:byte(at) + 1) % 256)
      local other = signature:sub(1, at - 1) .. byte .. signature:sub(at + 1)
      assert.is_false(crypto.rsa_verify(CERTIFICATE, "hello", other))
    end
    assert.is_false(crypto.rsa_verify(CERTIFICATE, "hello", ""))
    assert.is_false(crypto.rsa_verify(CERTIFICATE, "hello", signature:sub(2)))
    assert.is_false(crypto.rsa_verify(CERTIFICATE, "hello", signature .. "\0"))
    local other = crypto.rsa_generate(2048)
    assert.is_false(crypto.rsa_verify(crypto.certificate(other, "x", FROM, TO), "hello", signature))
    assert.is_true(crypto.rsa_verify(CERTIFICATE, "hello", signature))
  end)

  it("needs a key that is one, says so without showing it, and never asks for a password", function()
    assert.matches("private key", thrown(crypto.rsa_sign, CERTIFICATE, "x"))
    assert.matches("private key", thrown(crypto.rsa_sign, "", "x"))
    assert.matches("certificate or", thrown(crypto.rsa_verify, KEY, "x", "y"))
    assert.matches("certificate or", thrown(crypto.rsa_verify, "-----BEGIN CERTIFICATE-----\nAAAA\n", "x", "y"))
    local ec = openssl "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
    assert.matches("BEGIN PRIVATE KEY", ec)
    assert.matches("RSA", thrown(crypto.rsa_sign, ec, "x"))
    local locked = openssl(("pkcs8 -topk8 -in %s -passout file:%s"):format(file("key", KEY),
      file("word", canary.secret)))
    assert.matches("ENCRYPTED", locked)
    assert.matches("unencrypted", thrown(crypto.rsa_sign, locked, "x"))
    assert.is_nil(thrown(crypto.rsa_sign, KEY:sub(1, 900), "x"):find(KEY:sub(100, 140), 1, true))
    for _, call in ipairs { crypto.rsa_sign, crypto.rsa_verify, crypto.certificate } do
      thrown(call)
      thrown(call, KEY)
      thrown(call, KEY, 12)
    end
    thrown(crypto.rsa_verify, CERTIFICATE, "x")
  end)
end)

describe("a certificate", function()
  it("is self-signed, names its owner and holds from and to the times given", function()
    local path = file("certificate", CERTIFICATE)
    assert.matches("OK", openssl(("verify -CAfile %s %s"):format(path, path)))
    local said = openssl("x509 -noout -subject -issuer -dates -nameopt utf8 -in " .. path)
    assert.matches("subject=CN ?= ?Sandbox of Zo\195\171", said)
    assert.matches("issuer=CN ?= ?Sandbox of Zo\195\171", said)
    assert.matches("notBefore=Jan  1 00:00:00 2010 GMT", said)
    assert.matches("notAfter=Dec 31 23:59:59 2049 GMT", said)
  end)

  it("has a serial number of its own", function()
    assert.not_equal(CERTIFICATE, crypto.certificate(KEY, "Sandbox of Zo\195\171", FROM, TO))
  end)

  it("wants a name that fits and times in order", function()
    assert.matches("1 to 64", thrown(crypto.certificate, KEY, "", FROM, TO))
    assert.matches("1 to 64", thrown(crypto.certificate, KEY, ("x"):rep(65), FROM, TO))
    assert.matches("Unix seconds", thrown(crypto.certificate, KEY, "x", TO, FROM))
    assert.matches("Unix seconds", thrown(crypto.certificate, KEY, "x", FROM + 0.5, TO))
    assert.matches("Unix seconds", thrown(crypto.certificate, KEY, "x", FROM))
    assert.matches("refused", thrown(crypto.certificate, KEY, "\255\254", FROM, TO))
  end)
end)

describe("a sealed text", function()
  local key = ("k"):rep(31) .. "\0"

  it("opens where the published ones do (GCM specification, test cases 13 and 16)", function()
    assert.equal("", crypto.open(("\0"):rep(32), ("\0"):rep(12) .. bytes "530f8afbc74536b9a963b4f1c4cb738b"))
    local text = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
      .. "b16aedf5aa0de657ba637b39"
    local sealed = "cafebabefacedbaddecaf888"
      .. "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
      .. "c5f61e6393ba7a0abcc9f662" .. "76fc6ece0f4e1768cddf8853bb2d551b"
    local opened = crypto.open(bytes "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
      bytes(sealed), bytes "feedfacedeadbeeffeedfacedeadbeefabaddad2")
    assert.equal(text, crypto.hex(opened))
  end)

  it("comes back whole, whatever its length", function()
    for _, n in ipairs { 0, 1, 15, 16, 17, 1000, 100000 } do
      local text = crypto.random(n)
      local sealed = crypto.seal(key, text, "purpose")
      assert.equal(n + 28, #sealed)
      assert.is_true(text == crypto.open(key, sealed, "purpose"))
    end
  end)

  it("never looks the same twice, and shows nothing of the text", function()
    local seen = {}
    for _ = 1, 100 do
      local sealed = crypto.seal(key, canary.token)
      assert.is_nil(seen[sealed:sub(1, 12)])
      seen[sealed:sub(1, 12)] = true
      assert.is_nil(sealed:find(canary.token:sub(1, 8), 1, true))
    end
  end)

  it("is refused with any one bit changed, cut, under another key or context", function()
    local sealed = crypto.seal(key, "attack at dawn", "tenant 1")
    local function refused(k, text, context)
      local value, message = crypto.open(k, text, context)
      assert.is_nil(value)
      assert.equal("not sealed with this key and context", message)
    end
    for at = 1, #sealed do
      for bit = 0, 7 do
        local old = sealed:byte(at)
        local flipped = math.floor(old / 2 ^ bit) % 2 == 0 and old + 2 ^ bit or old - 2 ^ bit
        refused(key, sealed:sub(1, at - 1) .. string.char(flipped) .. sealed:sub(at + 1), "tenant 1")
      end
    end
    for n = 0, #sealed - 1 do refused(key, sealed:sub(1, n), "tenant 1") end
    refused(key, sealed .. "\0", "tenant 1")
    refused(("k"):rep(32), sealed, "tenant 1")
    refused(key, sealed, "tenant 2")
    refused(key, sealed)
    assert.equal("attack at dawn", crypto.open(key, sealed, "tenant 1"))
  end)

  it("takes no context for the empty one", function()
    assert.equal("x", crypto.open(key, crypto.seal(key, "x"), ""))
    assert.equal("x", crypto.open(key, crypto.seal(key, "x", "")))
  end)

  it("needs a key of 32 bytes", function()
    for _, call in ipairs { crypto.seal, crypto.open } do
      assert.matches("32 bytes", thrown(call, "short", "x"))
      assert.matches("32 bytes", thrown(call, ("k"):rep(33), "x"))
      thrown(call, nil, "x")
      thrown(call, key)
      thrown(call, key, "x", 12)
    end
  end)
end)

-- onelogin.crypto against published vectors, and against what it must refuse.
local crypto = require "onelogin.crypto"

local function bytes(hex)
  return (hex:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end))
end

-- The whole range of byte values, twice, at every length: what an encoder could get wrong.
local every = {}
for i = 0, 255 do every[#every + 1] = string.char(i) end
every = table.concat(every)
every = every .. every:reverse()

describe("hmac", function()
  -- RFC 2202 (sha1) and RFC 4231 (sha256, sha512): test cases 1, 2, 3 and 6 (a key longer than a block).
  local cases = {
    { "sha1", ("\11"):rep(20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00" },
    { "sha1", "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
    { "sha1", ("\170"):rep(80), "Test Using Larger Than Block-Size Key - Hash Key First",
      "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
    { "sha256", ("\11"):rep(20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "sha256", "Jefe", "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { "sha256", ("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { "sha512", "Jefe", "what do ya want for nothing?",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554" ..
      "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
  }
  for i, case in ipairs(cases) do
    it("matches published vector " .. i .. " (" .. case[1] .. ")", function()
      assert.equal(case[4], crypto.hex(crypto.hmac(case[1], case[2], case[3])))
    end)
  end

  it("gives the one-time passwords of RFC 6238", function()
    local counter = "\0\0\0\0\0\0\0\1" -- T = 59 s
    local mac = crypto.hmac("sha1", "12345678901234567890", counter)
    local at = mac:byte(20) % 16
    local n = ((mac:byte(at + 1) % 128 * 256 + mac:byte(at + 2)) * 256 + mac:byte(at + 3)) * 256
              + mac:byte(at + 4)
    assert.equal("94287082", ("%08d"):format(n % 100000000))
  end)

  it("takes empty keys and data, and NUL bytes", function()
    assert.equal("fbdb1d1b18aa6c08324b7d64b71fb76370690e1d", crypto.hex(crypto.hmac("sha1", "", "")))
    assert.not_equal(crypto.hmac("sha1", "a", "x\0y"), crypto.hmac("sha1", "a", "x\0z"))
  end)

  it("throws a string for an unknown algorithm or a value that is no string", function()
    for _, call in ipairs {
      function() crypto.hmac("md5", "k", "d") end,
      function() crypto.hmac(nil, "k", "d") end,
      function() crypto.hmac("sha1", nil, "d") end,
      function() crypto.hmac("sha1", "k", 12) end,
      function() crypto.digest("sha257", "d") end,
      function() crypto.digest("sha256") end,
    } do
      local ok, err = pcall(call)
      assert.is_false(ok)
      assert.is_string(err)
    end
    assert.matches("sha256", select(2, pcall(crypto.hmac, "md5", "k", "d")))
  end)
end)

describe("digest", function()
  it("matches FIPS 180 examples", function()
    assert.equal("a9993e364706816aba3e25717850c26c9cd0d89d", crypto.hex(crypto.digest("sha1", "abc")))
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      crypto.hex(crypto.digest("sha256", "abc")))
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      crypto.hex(crypto.digest("sha256", "")))
    assert.equal("ddaf35a193617abacc417349ae204131", crypto.hex(crypto.digest("sha512", "abc")):sub(1, 32))
  end)
end)

describe("random", function()
  it("gives as many bytes as asked for, never the same twice", function()
    assert.equal("", crypto.random(0))
    assert.equal(1, #crypto.random(1))
    assert.equal(1048576, #crypto.random(1048576))
    local seen = {}
    for _ = 1, 200 do
      local r = crypto.random(16)
      assert.equal(16, #r)
      assert.is_nil(seen[r])
      seen[r] = true
    end
  end)

  it("uses every byte value", function()
    local seen, n = {}, 0
    for c in crypto.random(16384):gmatch(".") do
      if not seen[c] then
        seen[c] = true
        n = n + 1
      end
    end
    -- One of the 256 is missing by chance with odds of about e^-58.
    assert.equal(256, n)
  end)

  it("throws for what is not a reasonable number", function()
    for _, n in ipairs { -1, 1.5, 1048577, "16", 0 / 0, 1 / 0 } do
      local ok, err = pcall(crypto.random, n)
      assert.is_false(ok)
      assert.matches("whole number", err)
    end
    assert.is_false((pcall(crypto.random)))
  end)
end)

describe("base64", function()
  it("matches RFC 4648", function()
    local vectors = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
      fooba = "Zm9vYmE=", foobar = "Zm9vYmFy" }
    for data, text in pairs(vectors) do
      assert.equal(text, crypto.base64_encode(data))
      assert.equal(data, crypto.base64_decode(text))
      local bare = text:gsub("=", "")
      assert.equal(bare, crypto.base64url_encode(data))
      assert.equal(data, crypto.base64url_decode(bare))
      assert.equal(data, crypto.base64url_decode(text))
    end
  end)

  it("has its own two characters in URLs", function()
    assert.equal("+/+/", crypto.base64_encode(bytes "fbffbf"))
    assert.equal("-_-_", crypto.base64url_encode(bytes "fbffbf"))
    assert.is_nil((crypto.base64_decode("-_-_")))
    assert.is_nil((crypto.base64url_decode("+/+/")))
  end)

  it("brings every byte back at every length", function()
    for n = 0, #every do
      local data = every:sub(1, n)
      assert.equal(data, crypto.base64_decode(crypto.base64_encode(data)))
      assert.equal(data, crypto.base64url_decode(crypto.base64url_encode(data)))
    end
  end)

  it("refuses what is not exactly one value's text", function()
    for _, text in ipairs {
      "Z", "Zg", "Zg=", "Zg===", "Z===", "=", "==", "====", "Zm9v=", "Zm9vYmFy\n", " Zm9v", "Zm 9",
      "Zh==", "Zm9=", "Z=g=", "Zm9v\0", "Zm9vY\0==", "Zm9\195", "Zm9v====",
    } do
      local data, message = crypto.base64_decode(text)
      assert.is_nil(data, "accepted: " .. ("%q"):format(text))
      assert.matches("not base64", message)
    end
    for _, text in ipairs { "Z", "Zh", "Zm9", "Zg=", "Zm9v=", "=", "Z+" } do
      assert.is_nil((crypto.base64url_decode(text)), "accepted: " .. text)
    end
  end)

  it("throws for what is no string", function()
    for _, name in ipairs { "base64_encode", "base64_decode", "base64url_encode", "base64url_decode", "hex" } do
      for _, value in ipairs { 12, true, {} } do
        assert.is_false((pcall(crypto[name], value)))
      end
      assert.is_false((pcall(crypto[name])))
    end
  end)
end)

describe("hex", function()
  it("writes two lower-case digits a byte", function()
    assert.equal("", crypto.hex(""))
    assert.equal("000f10ff", crypto.hex("\0\15\16\255"))
    assert.equal(every, bytes(crypto.hex(every)))
  end)
end)

describe("equal", function()
  it("compares content and length", function()
    assert.is_true(crypto.equal("", ""))
    assert.is_true(crypto.equal(every, every))
    assert.is_false(crypto.equal("a", ""))
    assert.is_false(crypto.equal("abc", "abd"))
    assert.is_false(crypto.equal("abc", "bbc"))
    assert.is_false(crypto.equal("abc", "abcd"))
    assert.is_false(crypto.equal("a\0b", "a\0c"))
  end)

  it("throws when a value is missing, rather than call it different", function()
    assert.is_false((pcall(crypto.equal, "a", nil)))
    assert.is_false((pcall(crypto.equal, nil, nil)))
    assert.is_false((pcall(crypto.equal, 1, 1)))
  end)
end)

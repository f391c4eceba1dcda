-- onelogin.qr: what a code is made of, how it is drawn, and what is refused.  (qr_read_spec.lua lets
-- another program read the drawings.)
local canary = require "spec.support.canary"
local qr = require "onelogin.qr"
local qrencode = require "onelogin.qrencode"

local URI = "otpauth://totp/Acme:kim@acme.test?secret=JBSWY3DPEHPK3PXP&issuer=Acme"

local function message(...)
  local ok, why = pcall(...)
  assert.is_false(ok)
  assert.equal("string", type(why))
  return why
end

describe("qr.matrix", function()
  it("has a finder in three corners and grows with its text", function()
    for bytes, size in pairs { [1] = 21, [14] = 21, [15] = 25, [100] = 41, [2331] = 177 } do
      local matrix = qr.matrix(("x"):rep(bytes))
      assert.equal(size, matrix.size)
      assert.equal(size, #matrix)
      for _, corner in ipairs { { 1, 1 }, { 1, size - 6 }, { size - 6, 1 } } do
        local seen = {}
        for y = 0, 6 do
          for x = 0, 6 do seen[#seen + 1] = matrix[corner[1] + y][corner[2] + x] and "#" or "." end
        end
        assert.equal("########.....##.###.##.###.##.###.##.....########", table.concat(seen))
      end
    end
  end)

  it("holds as much as each level can, and says how much that is", function()
    for level, most in pairs { L = 2953, M = 2331, Q = 1663, H = 1273 } do
      assert.equal(177, qr.matrix(("\0"):rep(most), { level = level }).size)
      local why = message(qr.matrix, ("\0"):rep(most + 1), { level = level })
      assert.equal(("qr.matrix: the text has %d bytes, and a QR code of level %s holds %d"):format(
        most + 1, level, most), why)
    end
    assert.truthy(message(qr.svg, ("x"):rep(100000)):find("100000 bytes", 1, true))
  end)

  it("takes a higher level as more modules, and the same text as the same code", function()
    local low, high = qr.matrix(URI, { level = "L" }), qr.matrix(URI, { level = "H" })
    assert.is_true(high.size > low.size)
    assert.same(low, qr.matrix(URI, { level = "L" }))
  end)
end)

describe("qr.terminal", function()
  it("draws two rows in a line, all equally long, with a margin", function()
    local size = qr.matrix(URI).size
    for quiet, all in pairs { [0] = size, [2] = size + 4, [5] = size + 10 } do
      local text = qr.terminal(URI, { quiet = quiet, ansi = false })
      local lines = 0
      for line in (text .. "\n"):gmatch "(.-)\n" do
        lines = lines + 1
        assert.equal(all, select(2, line:gsub("[^\128-\191]", "")))
      end
      assert.equal(math.ceil(all / 2), lines)
    end
    assert.equal(qr.terminal(URI, { quiet = 2 }), qr.terminal(URI))
  end)

  it("brings its colours, and takes them back at the end of each line", function()
    local text = qr.terminal(URI)
    for line in (text .. "\n"):gmatch "(.-)\n" do
      assert.truthy(line:find "^\27%[38;5;16;48;5;231m[^\27]+\27%[0m$")
    end
    assert.truthy(qr.terminal(URI, { invert = true }):find("\27[38;5;231;48;5;16m", 1, true))
    assert.is_nil(qr.terminal(URI, { ansi = false }):find("\27", 1, true))
  end)
end)

describe("qr.svg", function()
  it("is one dark path on a light ground, of the size that was asked for", function()
    local n = qr.matrix(URI).size + 8
    local svg = qr.svg(URI)
    assert.truthy(svg:find(('width="%d" height="%d" viewBox="0 0 %d %d"'):format(4 * n, 4 * n, n, n), 1, true))
    assert.equal(2, select(2, svg:gsub("<path ", "")))
    assert.truthy(qr.svg(URI, { size = 300, quiet = 0 }):find(
      ('width="300" height="300" viewBox="0 0 %d %d"'):format(n - 8, n - 8), 1, true))
    assert.truthy(svg:find("<title>QR code</title>", 1, true))
    assert.is_nil(svg:find("otpauth", 1, true))
  end)

  it("escapes its title", function()
    local svg = qr.svg(URI, { title = "</title><script>a('1') & \"b\"" })
    assert.truthy(svg:find("<title>&lt;/title&gt;&lt;script&gt;a(&#39;1&#39;) &amp; &quot;b&quot;</title>", 1, true))
    -- what XML may not hold: controls, broken UTF-8, U+FFFE
    svg = qr.svg(URI, { title = "a\1b\255c\239\191\190d\tM\195\188e%1" })
    local gone = "\239\191\189"
    assert.truthy(svg:find("<title>a" .. gone .. "b" .. gone .. "c" .. gone .. "d\tM\195\188e%1</title>", 1, true))
  end)
end)

describe("misuse", function()
  it("is told by name, without the text", function()
    local text = "otpauth://totp/x?secret=" .. canary.otp
    for _, case in ipairs {
      { "must be a string", nil }, { "must be a string", 12 }, { "not empty", "" },
      { "options must be a table", text, "L" },
      { "unknown option 'lvel' (did you mean 'level'?)", text, { lvel = "L" } },
      { 'level must be "L", "M", "Q" or "H"', text, { level = "X" } },
      { "level must be a string, not a number", text, { level = 1 } },
    } do
      for _, name in ipairs { "matrix", "svg", "terminal" } do
        local why = message(qr[name], case[2], case[3])
        assert.truthy(why:find("qr." .. name .. ": ", 1, true))
        assert.truthy(why:find(case[1], 1, true))
        assert.is_nil(why:find(canary.otp, 1, true))
      end
    end
    for _, value in ipairs { -1, 65, 1.5, 0 / 0, 1 / 0 } do
      assert.truthy(message(qr.svg, text, { quiet = value }):find("quiet must be a whole number from 0 to 64", 1, true))
      assert.truthy(message(qr.terminal, text, { quiet = value }):find("qr.terminal: quiet", 1, true))
    end
    for _, value in ipairs { 0, -5, 1e6, 2.5, 0 / 0 } do
      assert.truthy(message(qr.svg, text, { size = value }):find("size must be a whole number", 1, true))
    end
    assert.truthy(message(qr.svg, text, { invert = true }):find("unknown option 'invert'", 1, true))
    assert.truthy(message(qr.svg, text, { title = 5 }):find("title must be a string", 1, true))
    assert.truthy(message(qr.terminal, text, { ansi = 1 }):find("ansi must be a boolean", 1, true))
  end)

  it("does not get through to the library either", function()
    assert.truthy(message(qrencode.encode, nil, 0):find("must be a string", 1, true))
    assert.truthy(message(qrencode.encode, "", 0):find("empty", 1, true))
    for _, level in ipairs { -1, 4, 1.5, "L", false } do
      assert.truthy(message(qrencode.encode, "x", level):find("level must be", 1, true))
    end
    assert.same({ nil, "too long" }, { qrencode.encode(("x"):rep(2954), 0) })
    assert.same({ nil, "too long" }, { qrencode.encode(("x"):rep(2953), 1) })
    assert.truthy(message(qrencode.encode, "x"):find("level must be", 1, true))
  end)
end)

describe("without libqrencode", function()
  local function required(loader)
    local old, code, lib = package.preload["onelogin.qrencode"], package.loaded["onelogin.qr"],
      package.loaded["onelogin.qrencode"]
    package.preload["onelogin.qrencode"] = loader
    package.loaded["onelogin.qr"], package.loaded["onelogin.qrencode"] = nil, nil
    local path = package.cpath
    if not loader then package.cpath = "" end
    local ok, why = pcall(require, "onelogin.qr")
    package.cpath = path
    package.preload["onelogin.qrencode"] = old
    package.loaded["onelogin.qr"], package.loaded["onelogin.qrencode"] = code, lib
    assert.is_false(ok)
    return tostring(why)
  end

  it("the error of require names the package", function()
    local why = required(nil)
    assert.truthy(why:find("onelogin.qr needs libqrencode", 1, true))
    assert.truthy(why:find("Debian: libqrencode-dev", 1, true))
    assert.is_nil(why:find("no file", 1, true))
  end)

  it("a module that does not load says why", function()
    local why = required(function() error("libqrencode.so.4: cannot open shared object file") end)
    assert.truthy(why:find("the loader says: ", 1, true))
    assert.truthy(why:find("libqrencode.so.4", 1, true))
  end)
end)

-- What a person sees: nothing a terminal would obey, aligned columns, trees that tell null from "".
local onelogin = require "onelogin"
local show = require "onelogin.show"

describe("a line", function()
  for text, expected in pairs {
    ["plain"] = "plain", ["a\nb"] = "a\\nb", ["\27[31mred"] = "\\x1b[31mred", ["\127"] = "\\x7f",
    ["\0"] = "\\x00", ["\194\155m"] = "\\u{009B}m", ["\226\128\174evil"] = "\\u{202E}evil",
    ["\239\187\191bom"] = "\\u{FEFF}bom", ["\155m"] = "\\x9bm", ["\237\160\128"] = "\\xed\\xa0\\x80",
    ["\192\128"] = "\\xc0\\x80", ["Zo\195\171"] = "Zo\195\171", ["\240\159\152\128"] = "\240\159\152\128",
    ["\244\144\128\128"] = "\\xf4\\x90\\x80\\x80", ["\243\160\129\129"] = "\\u{E0041}", ["\226\128\168"] = "\\u{2028}",
    ["\226\130"] = "\\xe2\\x82",
  } do
    it("holds no control: " .. expected, function()
      assert.are.equal(expected, show.line(text))
    end)
  end

  it("is safe whatever the bytes", function()
    local seed = 1
    local function byte()
      seed = (seed * 16807) % 2147483647
      return string.char(seed % 256)
    end
    for _ = 1, 2000 do
      local parts = {}
      for i = 1, 8 do parts[i] = byte() end
      local text = show.line(table.concat(parts))
      assert.is_nil(text:find("%c"))
      local i = 1
      while i <= #text do
        local code, after = show.decode(text, i)
        assert.truthy(code)
        assert.is_false(show.unsafe(code))
        i = after
      end
    end
  end)

  it("knows how wide it is", function()
    assert.are.equal(3, show.width("Zo\195\171"))
    assert.are.equal(4, show.width("\230\188\162\229\173\151"))
    assert.are.equal(1, show.width("e\204\129"))
    assert.are.equal("\230\188\162...", show.cut("\230\188\162\229\173\151\230\188\162", 5))
    assert.are.equal("abcdef", show.cut("abcdef", 6))
    assert.are.equal("ab...", show.cut("abcdef", 5))
  end)
end)

describe("a table", function()
  it("aligns texts left and numbers right, ids first", function()
    assert.are.equal(table.concat({
      " id  name  zebra",
      "---  ----  -----",
      "  5  Kim   x",
      "123  Zo\195\171   yy",
    }, "\n"), (show.table { { name = "Kim", id = 5, zebra = "x" }, { id = 123, zebra = "yy", name = "Zo\195\171" } }))
  end)

  it("leaves out what is empty, cuts to the width and counts what is hidden", function()
    local rows = { { id = 1, name = ("n"):rep(70), note = onelogin.null, other = "x", third = "y" } }
    local text, about = show.table(rows, { width = 40 })
    for line in text:gmatch("[^\n]+") do assert.is_true(#line <= 40) end
    assert.are.equal(3, about.hidden)
    assert.is_nil(text:find("note", 1, true))
  end)

  it("takes named columns, nested too, and masks secrets", function()
    local rows = { { id = 1, a = { b = "x", password = "p" }, token = "t" } }
    local text = show.table(rows, { fields = { "a.b", "a.password", "token" },
      secret = show.secrets { "token" } })
    assert.matches("x    %[masked%]    %[masked%]", text)
  end)

  it("cuts long lists with a count", function()
    local rows = {}
    for i = 1, 50 do rows[i] = i end
    local text, about = show.table(rows, { max = 20 })
    assert.are.equal(22, select(2, text:gsub("[^\n]+", "")))
    assert.are.same({ shown = 20, rows = 50, hidden = 0 }, about)
  end)

  it("keeps hostile names on their line", function()
    local text = show.table { { id = 1, name = "a\n\27[2J\r\tb", ["k\27ey"] = "v" } }
    assert.is_nil(text:find("[%z\1-\9\11-\31\127]"))
    assert.are.equal(2, select(2, text:gsub("\n", "")))
  end)
end)

describe("a tree", function()
  it("shows nulls, empties and what looks like another type", function()
    local text = show.tree { id = 5, none = onelogin.null, blank = "", digits = "05", word = "null",
      list = onelogin.array {}, ids = { 1, 2 }, inner = { a = true, deep = { b = "x" } },
      rows = { { id = 1, name = "n" } }, ["secret"] = "s" }
    for _, line in ipairs { "id      5", "none    null", 'blank   ""', 'digits  "05"', 'word    "null"', "list    []",
      "ids     [1, 2]", "inner", "  a     true", "  deep", "    b  x", "  id  name", "   1  n" } do
      assert.truthy(("\n" .. text .. "\n"):find("\n" .. line .. "\n", 1, true), line .. "\nin\n" .. text)
    end
  end)

  it("masks secrets", function()
    local text = show.tree({ password = "x", inner = { otp = "1", password = onelogin.null } },
      { secret = show.secrets() })
    assert.are.equal("inner\n  otp       [masked]\n  password  null\npassword  [masked]", text)
  end)

  it("writes whole numbers plainly", function()
    assert.are.equal("n  88000004", show.tree { n = 88000004.0 })
    assert.are.equal("1,234,567", show.count(1234567))
    assert.are.equal("12", show.count(12))
  end)
end)

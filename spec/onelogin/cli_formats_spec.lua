-- Each format against what stands in directories: escapes, formulas, newlines, markup, broken bytes.
local onelogin = require "onelogin"
local cli = require "spec.support.cli"
local formats = require "onelogin.cli.formats"
local json = require("onelogin.core").json
local jsontext = require "onelogin.cli.jsontext"

local function written(name, rows, options)
  local out = {}
  options = options or {}
  options.write = function(text) out[#out + 1] = text end
  local w = formats.new(name, options)
  w:rows(rows)
  w:finish()
  return table.concat(out)
end

local hostile = {
  "\27[2J\27]0;title\7", "=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1",
  "a\r\nb", "<script>alert(1)</script>", "a,b;c\t\"d\"", "\226\128\174gpj.exe", "\194\155 31m", "'=1", "\194\160=1",
  "\239\188\157cmd", "caf\195\169", "\240\159\152\128", "", "null", "%s%n", "</table>",
}

describe("no format", function()
  for _, name in ipairs(formats.names) do
    it("lets through what a terminal obeys: " .. name, function()
      for _, value in ipairs(hostile) do
        for _, text in ipairs {
          written(name, { { id = 1, value = value, [value] = 1 } }), written(name, { value }),
          written(name, { { inner = { [value] = { value } } } }),
        } do
          local bare = text:gsub("\r?\n", "")
          assert.is_nil(bare:find("[%z\1-\31\127]"), name)
          assert.is_nil(bare:find("\226\128\174", 1, true))
          assert.is_nil(bare:find("\194\155", 1, true))
        end
      end
    end)
  end
end)

describe("JSON", function()
  it("says exactly what came, safely for a page", function()
    for _, value in ipairs(hostile) do
      for _, name in ipairs { "json", "jsonl" } do
        local text = written(name, { { value = value } })
        assert.is_nil(text:find("[<>]"))
        local back = json.decode(text)
        assert.are.equal(value, (name == "json" and back[1] or back).value)
      end
    end
  end)

  it("keeps types, nulls, order and large numbers", function()
    local big = json.decode("9007199254740993")
    local text = jsontext.writer()({ z = 1, id = big, a = onelogin.null, list = onelogin.array {}, obj = {}, f = 1.5,
      t = true, email = "e", n = -3 })
    assert.are.equal('{"id":9007199254740993,"email":"e","a":null,"f":1.5,"list":[],"n":-3,"obj":{},"t":true,"z":1}',
      text)
  end)

  it("replaces bytes that are no text", function()
    assert.are.equal('"a\\ufffdb"', jsontext.text("a\255b"))
    assert.are.equal('"\\udb40\\udc41"', jsontext.text("\243\160\129\129"))
  end)

  it("masks, and says so once", function()
    local told = 0
    local write = jsontext.writer(function(key) return key == "token" end, function() told = told + 1 end)
    assert.are.equal('{"a":{"token":"[masked]"},"order":1,"token":null}',
      write { token = onelogin.null, a = { token = "x" }, order = 1 })
    write { token = "y" }
    assert.are.equal(1, told)
  end)

  it("is one document, or a line a row", function()
    assert.are.same({ 1, 2 }, json.decode(written("json", { 1, 2 })))
    assert.are.equal("[]\n", written("json", {}))
    assert.are.equal("1\n2\n", written("jsonl", { 1, 2 }))
    assert.are.equal("", written("jsonl", {}))
  end)
end)

describe("CSV", function()
  it("has no cell that a spreadsheet would run", function()
    for _, value in ipairs(hostile) do
      local cell = formats.csv_text(value)
      local inner = cell:match('^"(.*)"$')
      assert.truthy(inner)
      local bare = inner:gsub('""', '"')
      assert.is_nil(bare:find("^%s*[=+%-@]"), bare)
      assert.is_nil(bare:find("^\239\188\157"))
      assert.is_nil(bare:gsub("\194\160", " "):find("^%s*="))
    end
    assert.are.equal('"a ""b"", c"', formats.csv_text('a "b", c'))
    assert.are.equal("\"'+155501001\"", formats.csv_text("+155501001"))
  end)

  it("quotes texts, leaves numbers, empties nulls, and keeps a row on its line", function()
    assert.are.equal('"id","email","food"\r\n-5,"a@b",""\r\n6,"x\\ny",\r\n',
      written("csv", { { id = -5, email = "a@b", c = { food = "" } }, { id = 6, email = "x\ny", c = onelogin.null } },
        { fields = { "id", "email", "c.food" } }):gsub("c%.food", "food"))
  end)

  it("says when a later row has more", function()
    local warned = {}
    local w = formats.new("csv", { write = function() end, warn = function(text) warned[#warned + 1] = text end })
    w:rows { { id = 1 } }
    w:rows { { id = 2, extra = "x" }, { id = 3, extra = "y" } }
    assert.are.equal(1, #warned)
    assert.matches("extra", warned[1])
  end)
end)

describe("the default", function()
  it("is a table on a terminal and lines elsewhere", function()
    local box = onelogin.sandbox { users = 5 }
    local r = cli.run({ "--sandbox", "users", "list", "--limit", "2" }, { box = box })
    assert.are.equal(88000004, json.decode(r.out:match("[^\n]+")).id)
    r = cli.run({ "--sandbox", "users", "list", "--limit", "2" }, { box = box, tty = true })
    assert.matches("^      id  username", r.out)
    assert.matches("2 rows of 5: %-%-all", r.err)
    r = cli.run({ "--sandbox", "users", "get", "88000004", "--fields", "email,custom_attributes.food" },
      { box = box, tty = true })
    assert.are.equal("email                   ashley@acme.test\ncustom_attributes.food  null\n", r.out)
  end)
end)

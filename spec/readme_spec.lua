-- Every block of the README runs, against a sandbox of its own: Lua, the command line, the prompt's transcript.

local onelogin = require "onelogin"

local function blocks(path, language)
  local found, current, line_no = {}, nil, 0
  for line in io.lines(path) do
    line_no = line_no + 1
    if line == "```" .. language then
      current = { line = line_no }
    elseif line == "```" and current then
      current.text = table.concat(current, "\n")
      found[#found + 1], current = current, nil
    elseif current then
      current[#current + 1] = line
    end
  end
  return found
end

local here = debug.getinfo(1, "S").source:match("^@(.*)spec/[^/]*$") or "./"

-- The block sees a module whose `new` talks to the sandbox, whatever tenant it names.
local function run(block)
  local box = onelogin.sandbox { users = 200 }
  local out = {}
  local module = setmetatable({
    new = function(options)
      local merged = {}
      for k, v in pairs(options) do merged[k] = v end
      if not merged.transport then
        for k, v in pairs(box:config()) do merged[k] = v end
        merged.subdomain = nil
      end
      return onelogin.new(merged)
    end,
  }, { __index = onelogin })
  local env = setmetatable({
    require = function(name) return name == "onelogin" and module or require(name) end,
    print = function(...)
      local parts = {}
      for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
      out[#out + 1] = table.concat(parts, "\t")
    end,
  }, { __index = _G })
  local name = "@README.md:" .. block.line
  local chunk
  if setfenv then
    chunk = assert(loadstring(block.text, name))
    setfenv(chunk, env)
  else
    chunk = assert(load(block.text, name, "t", env))
  end
  chunk()
  return table.concat(out, "\n")
end

describe("the README", function()
  local found = blocks(here .. "README.md", "lua")

  it("has blocks", function() assert.is_true(#found >= 7) end)

  for _, block in ipairs(found) do
    it("runs the block at line " .. block.line, function()
      local out = run(block)
      assert.is_true(#out > 0)
    end)
  end

  it("does what its first block says", function()
    local out = run(found[1])
    assert.matches("ashley@acme%.test", out)
    assert.matches("Chief of Everything", out)
  end)

  it("shows command lines that work", function()
    local cli, n = require "spec.support.cli", 0
    for _, block in ipairs(blocks(here .. "README.md", "console")) do
      for line in block.text:gmatch("[^\n]+") do
        local words = {}
        local rest = line:match("^%$ onelogin (.*)$")
        while rest ~= "" do
          local word, after = rest:match("^'([^']*)' *(.*)$")
          if not word then word, after = rest:match("^(%S+) *(.*)$") end
          words[#words + 1], rest = word, after
        end
        local r = cli.run(words, { box = onelogin.sandbox { users = 200 } })
        assert.equal(0, r.code, line .. ": " .. tostring(r.err))
        assert.is_true(#r.out > 0, line)
        n = n + 1
      end
    end
    assert.is_true(n >= 4)
  end)

  it("shows the prompt as it is", function()
    local block = assert(blocks(here .. "README.md", "repl")[1])
    local box, out = onelogin.sandbox { users = 200 }, {}
    local config = box:config()
    config.nulls = "sentinel"
    local session = require("onelogin.repl.session").new { client = onelogin.new(config), box = box,
      write = function(text) out[#out + 1] = text end, width = function() return 100 end }
    for line in block.text:gmatch("[^\n]+") do
      local typed = line:match("^sandbox> (.*)$")
      if typed then
        out[#out + 1] = line .. "\n"
        session:feed(typed)
      end
    end
    assert.equal(block.text, (table.concat(out):gsub("\n$", "")))
  end)
end)

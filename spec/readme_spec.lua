-- Every Lua block of the README runs, against a sandbox of its own.

local onelogin = require "onelogin"

local function blocks(path)
  local found, current, line_no = {}, nil, 0
  for line in io.lines(path) do
    line_no = line_no + 1
    if line == "```lua" then
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
  local found = blocks(here .. "README.md")

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
end)

-- The Lua blocks of a page of docs/: what each prints, beside what the comments behind its prints say.
local doc_blocks = {}

local function compile(code, name, env)
  if setfenv then return setfenv(assert(loadstring(code, name)), env) end -- luacheck: ignore 113
  return assert(load(code, name, "t", env))
end

--- The text of a file of this tree.
function doc_blocks.read(path)
  local here = debug.getinfo(1, "S").source:match("^@(.*)spec/support/[^/]*$") or "./"
  local file = assert(io.open(here .. path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- What a block prints → list of lines, and those that it says it prints.
local function run(code, name)
  local printed, told = {}, {}
  for said in code:gmatch("print%([^\n]*%)%s+%-%- ([^\n]*)") do told[#told + 1] = said end
  local env = setmetatable({ print = function(...)
    local words = { ... }
    for i = 1, select("#", ...) do words[i] = tostring(words[i]) end
    printed[#printed + 1] = table.concat(words, "\t")
  end }, { __index = _G })
  compile(code, name, env)()
  return printed, told
end

--- Each block of a page as a function → printed, told.
function doc_blocks.of(path)
  local list = {}
  for code in doc_blocks.read(path):gmatch("\n```lua\n(.-)\n```") do
    local name = "@" .. path .. ":" .. #list + 1
    list[#list + 1] = function() return run(code, name) end
  end
  return list
end

return doc_blocks

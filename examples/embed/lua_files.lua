-- Writes the library's Lua files as C: lua5.4 lua_files.lua ROOT FILE... >lua_files.h
local root = arg[1]

local function quoted(text)
  local out = {}
  for line in text:gmatch("[^\n]*\n?") do
    if line ~= "" then
      out[#out + 1] = "  \"" .. line:gsub('[\\"]', "\\%0"):gsub("\n", "\\n"):gsub("?", "\\?")
        :gsub("[^\32-\126]", function(c) return ("\\%03o"):format(c:byte()) end) .. "\""
    end
  end
  return table.concat(out, "\n")
end

print("/* Written by lua_files.lua. */")
print("typedef struct lua_file {\n    const char *name, *chunk, *text;\n    size_t length;\n} lua_file;\n")
print("static const lua_file lua_files[] = {")
for i = 2, #arg do
  local path = arg[i]
  assert(path:sub(1, #root) == root)
  local name = path:sub(#root + 1):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
  local file = assert(io.open(path, "rb"))
  local text = file:read("a"):gsub("^#![^\n]*", "")
  file:close()
  print(("{ %q, %q,\n%s, %d },"):format(name, "@" .. name, quoted(text), #text))
end
print("};")

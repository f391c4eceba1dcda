-- `make docs`: writes what is made from the table; `make docs` twice changes nothing.
package.path = "lua/?.lua;lua/?/init.lua;?.lua;?/init.lua;" .. package.path

local generate = require "spec.generate.files"

local files, changed, total = generate.files(""), 0, 0
os.execute("mkdir -p docs/api docs/stubs docs/completions")
for path, text in pairs(files) do
  total = total + 1
  if generate.read(path) ~= text then
    local file = assert(io.open(path, "wb"))
    assert(file:write(text))
    assert(file:close())
    changed = changed + 1
    print("written: " .. path)
  end
end
for _, path in ipairs(generate.stray("", files)) do
  os.remove(path)
  print("removed: " .. path)
end
print(("%d files, %d changed"):format(total, changed))

-- library.lua - loads onelogin inside a trusted mod.
--
-- Under mod security a Lua file that ie.require loads still runs in the mods' globals, where `require` throws, and
-- where every other mod could have replaced a function.  So the library's files are given the insecure globals as
-- their environment: what they require, now or later, is then found, and no mod can get in between.

return function(ie, path, cpath)
  local package, require = ie.package, ie.require
  package.path = path .. package.path
  package.cpath = cpath .. package.cpath

  local function search(name)
    if name ~= "onelogin" and not name:find("^onelogin%.") then return nil end
    local tried = {}
    for pattern in package.path:gmatch("[^;]+") do
      local file = pattern:gsub("%?", (name:gsub("%.", "/")))
      local chunk, problem = ie.loadfile(file)
      if chunk then return ie.setfenv(chunk, ie) end
      if not problem:find("^cannot open") then ie.error(problem, 0) end
      tried[#tried + 1] = "\n\tno file '" .. file .. "'"
    end
    return table.concat(tried)
  end
  table.insert(package.loaders, 2, search) -- behind package.preload

  -- The core looks for cjson among what is loaded, and would else ask the mods' require.
  require "cjson"
  return require
end

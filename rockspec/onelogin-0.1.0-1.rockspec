rockspec_format = "3.0"
package = "onelogin"
version = "0.1.0-1"

-- `luarocks make` in a checkout builds what lies there and does not read the source;
-- whoever publishes the rock names the repository it is published from.
source = {
  url = "git+https://onelogin.invalid/onelogin.git",
  tag = "v0.1.0",
}

description = {
  summary = "Client for the OneLogin API, with an emulator of it",
  detailed = [[
One call machine in C under a thin Lua layer: tokens, retries, pacing and paging for the OneLogin
API, and a sandbox that answers like it, in the same process and without a network.]],
  license = "MIT",
  labels = { "onelogin", "oauth", "identity", "http" },
}

dependencies = {
  "lua >= 5.1, ~= 5.2, < 5.5",
  "lua-cjson >= 2.1.0",
}

-- libcurl and libcrypto are not listed as external_dependencies: LuaRocks looks for their headers
-- in one folder and misses those of multiarch systems.  The Makefile asks pkg-config.
build = {
  type = "make",
  build_target = "rock",
  install = { bin = { onelogin = "lua/onelogin/cli/onelogin.lua" } },
  install_target = "rock-install",
  build_variables = {
    CFLAGS = "$(CFLAGS)",
    LUA_INCDIR = "$(LUA_INCDIR)",
  },
  install_variables = {
    LUA_INCDIR = "$(LUA_INCDIR)",
    LUADIR = "$(LUADIR)",
    LIBDIR = "$(LIBDIR)",
  },
}

-- One library for Lua 5.1 (and LuaJIT) to 5.4: only what all of them have, or tests for.
std = "max"
self = false
max_line_length = 120
cache = false
exclude_files = { "build/**" }
files["spec/**/*_spec.lua"] = { std = "max+busted" }
files["spec/helper.lua"] = { std = "max+busted" }
files["rockspec/**"] = { std = "+rockspec" }
files["examples/openresty/**"] = { std = "max+ngx_lua" }
files["examples/login-page/**"] = { std = "max+ngx_lua" }

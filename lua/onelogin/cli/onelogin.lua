#!/usr/bin/env lua5.4
-- onelogin.lua - the program `onelogin`; `make install` and LuaRocks put it where programs are.

-- Run from a checkout or a folder of its own, it finds the modules beside it; else Lua's path does.
local function find_modules()
  local abi = _VERSION:match("%d+%.%d+")
  local file = arg and arg[0] or ""
  local root = file:match("^(.*)lua/onelogin/cli/onelogin%.lua$")
  if root then
    package.path = root .. "lua/?.lua;" .. root .. "lua/?/init.lua;" .. package.path
    package.cpath = root .. "build/" .. abi .. "/?.so;" .. package.cpath
    return
  end
  root = file:match("^(.*/)lib/luarocks/rocks[^/]*/") or file:match("^(.*/)bin/[^/]+$")
  if root then
    local share = root .. "share/lua/" .. abi
    package.path = package.path .. ";" .. share .. "/?.lua;" .. share .. "/?/init.lua"
    package.cpath = package.cpath .. ";" .. root .. "lib/lua/" .. abi .. "/?.so"
  end
end

find_modules()
os.exit(require("onelogin.cli.main").run(arg or {}))

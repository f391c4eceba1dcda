-- run: lua5.4 plain
-- One version everywhere, and a rock and an installation that hold the whole library.  LuaRocks runs
-- for real, offline, into a tree of its own for two Luas.
local child = require "spec.support.child"
local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function shell(command)
  local pipe = assert(io.popen("{ " .. command .. "; } 2>&1; echo \"status $?\""))
  local text = pipe:read "*a"
  pipe:close()
  local output, status = text:match "^(.-)status (%d+)\n$"
  assert.are.equal("0", status, command .. "\n" .. output)
  return output
end

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    list[#list + 1] = line
  end
  table.sort(list)
  return list
end

local version = read("src/version.h"):match 'OL_VERSION "([%d.]+)"'
local rockspec = "rockspec/onelogin-" .. version .. "-1.rockspec"

-- A copy of what git knows, so that nothing lying about in this tree helps a build along.
local function checkout()
  local folder = child.folder()
  shell([[git ls-files -z --cached --others --exclude-standard |
    xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
    tar cf - --null -T - | tar xf - -C ]] .. folder)
  return folder
end

describe("the version", function()
  it("is the same for C, Lua, the rockspec and the changelog", function()
    local env = {}
    assert(loadfile(rockspec, "t", env))()
    assert.are.equal(version .. "-1", env.version)
    assert.are.equal("v" .. version, env.source.tag)
    assert.are.equal(version, require("onelogin.core").version)
    assert.are.equal(version, require("onelogin")._VERSION:match "[%d.]+$")
    assert.truthy(read("CHANGELOG.md"):find("## " .. version, 1, true))
  end)
end)

describe("the rock", function()
  local expected = lines(shell "git ls-files --cached --others --exclude-standard lua | sed 's,^lua/,,'")

  for _, lua in ipairs { "5.4", "5.1" } do
    it("builds offline for Lua " .. lua .. ", holds every file and loads from its tree", function()
      local folder = checkout()
      local tree = folder .. "/tree"
      -- with and without the optional module, as on a machine that has libqrencode and on one that has not
      local codes = lua == "5.4"
      shell(("cd %s && HOME=%s QRENCODE=%s luarocks --lua-version %s --tree %s make --deps-mode=none %s"):format(
        folder, folder, codes and "yes" or "no", lua, tree, rockspec))
      local share, lib = tree .. "/share/lua/" .. lua, tree .. "/lib/lua/" .. lua
      assert.are.same(expected, lines(shell(("cd %s && find . -name '*.lua' | sed 's,^\\./,,'"):format(share))))
      assert.are.same({ "core.so", "crypto.so", "curl.so", codes and "qrencode.so" or nil },
        lines(shell("ls " .. lib .. "/onelogin")))
      for _, interpreter in ipairs(lua == "5.1" and { "lua5.1", "luajit" } or { "lua5.4" }) do
        local said = shell(([[cd / && LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;' %s -e '
          local ol = require "onelogin"
          require "onelogin.curl" require "onelogin.crypto"
          assert(package.searchpath == nil or package.searchpath("onelogin.core", package.cpath):find("%s", 1, true))
          print(ol._VERSION, pcall(require, "onelogin.qr"))']]):format(share, share, lib, interpreter, tree))
        assert.truthy(said:find(version, 1, true))
        assert.truthy(said:find(codes and "\ttrue\ttable" or "\tfalse\tonelogin.qr needs libqrencode", 1, true), said)
      end
      assert.are.equal("onelogin " .. version .. "\n", shell("cd / && " .. tree .. "/bin/onelogin --version"))
      shell("rm -rf " .. folder)
    end)
  end

  it("passes LuaRocks' lint", function()
    local folder = child.folder()
    shell("HOME=" .. folder .. " luarocks lint " .. rockspec)
    shell("rm -rf " .. folder)
  end)
end)

describe("make install", function()
  for _, lua in ipairs { "5.4", "5.3", "5.1", "luajit" } do
    it("puts the library where " .. lua .. " looks, and uninstall takes it away", function()
      local root = child.folder()
      local abi = lua == "luajit" and "5.1" or lua
      shell(("make install SETUP=no PREFIX=/usr/local DESTDIR=%s LUA=%s"):format(root, lua))
      local share = root .. "/usr/local/share/lua/" .. abi
      local lib = root .. "/usr/local/lib/lua/" .. abi
      local said = shell(([[cd / && LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;' %s -e '
        print(require("onelogin")._VERSION)']]):format(share, share, lib, lua == "luajit" and lua or "lua" .. lua))
      assert.truthy(said:find(version, 1, true))
      -- the program, away from the tree and told nothing of paths, runs on the Lua it was installed for
      assert.are.equal("onelogin " .. version .. "\n", shell("cd / && PATH=" .. root .. "/usr/local/bin:$PATH "
        .. "onelogin --version"))
      assert.are.equal("#!/usr/bin/env " .. (lua == "luajit" and lua or "lua" .. lua) .. "\n",
        shell("head -n 1 " .. root .. "/usr/local/bin/onelogin"))
      shell(("make uninstall PREFIX=/usr/local DESTDIR=%s LUA=%s"):format(root, lua))
      assert.are.equal("", shell("find " .. root .. " -type f"))
      shell("rm -rf " .. root)
    end)
  end
end)

describe("a module", function()
  for _, abi in ipairs { "5.1", "5.3", "5.4" } do
    for _, name in ipairs { "core", "curl", "crypto", "qrencode" } do
      it(("onelogin.%s for %s shows its opener and nothing else, and links no Lua"):format(name, abi), function()
        local file = ("%s/%s/onelogin/%s.so"):format(os.getenv "OL_BUILD" or "build", abi, name)
        local shown = lines(shell("nm -D --defined-only " .. file .. " | sed 's/^.* //'"))
        assert.are.same({ "luaopen_onelogin_" .. name }, shown)
        local dynamic = shell("readelf -d " .. file)
        assert.falsy(dynamic:find "lib%a*lua")
        if name == "curl" then
          assert.truthy(dynamic:find "NODELETE")
          assert.truthy(dynamic:find "libcurl")
        else
          assert.falsy(dynamic:find "libcurl")
        end
        if name == "core" then
          assert.falsy(dynamic:find "libcrypto")
        end
      end)
    end
  end

  it("is made of every source file", function()
    local makefile = read "Makefile"
    local named = {}
    for list in makefile:gmatch "\n%l+_[CL]%s*:=([^\n]*)" do
      for word in list:gmatch "[%w_]+" do
        named[word] = true
      end
    end
    for _, file in ipairs(lines(shell "git ls-files --cached --others --exclude-standard src | grep '[.]c$'")) do
      assert.truthy(named[file:match "([^/]+)%.c$"], file .. " is in no module")
    end
  end)
end)

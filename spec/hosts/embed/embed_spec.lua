-- run: lua5.4 plain
-- The two C programs of examples/embed, built by their own Makefile and run against a served sandbox.
local child = require "spec.support.child"
local sandbox_server = require "spec.support.sandbox_server"

local q = child.quote

-- Output and status of a shell command, without what the runner preloads for Lua.
local function sh(command)
  local text = child.capture("{ " .. command .. "; } 2>&1; echo \"status $?\"")
  local output, status = text:match("^(.-)\n?status (%d+)$")
  return output, tonumber(status)
end

describe("embedding in C", function()
  local box, folder, installed

  local function built(command)
    local output, status = sh(command)
    assert.are.equal(0, status, output)
  end

  -- As the programs run for a user, but nothing leaves the machine.
  local function run(program, id, secret)
    return sh(("cd / && printf '%%s\\n' %s | env -i %s %s %s %s %s"):format(q(secret or box.client_secret),
      child.preload(), program, installed .. "/program.lua", box.http_url, id or box.client_id))
  end

  local EXPECTED = "^%d+\t%S+\n%d+\t%S+\n%d+\t%S+\n20 people\nnil\tnot_found$"

  setup(function()
    box = sandbox_server.start("--users 20")
    folder = child.folder()
    installed = folder .. "/away"
    built(("mkdir %s && cp examples/embed/program.lua %s"):format(installed, installed))
  end)

  teardown(function()
    if box then box.stop() end
    if folder then child.remove(folder) end
  end)

  it("uses the installed module", function()
    -- staged as a package builder does, then moved to where it belongs
    built(("make -s install SETUP=no B=%s PREFIX=%s/opt DESTDIR=%s/stage LUA=5.4"):format(
      q(os.getenv("OL_BUILD") or "build"), folder, folder))
    built(("mv %s/stage%s/opt %s/opt"):format(folder, folder, folder))
    built(("make -s -C examples/embed OUT=%s/out PREFIX=%s/opt installed"):format(folder, folder))
    local output, status = run(folder .. "/out/installed")
    assert.matches(EXPECTED, output)
    assert.are.equal(0, status)
  end)

  it("links everything into one program, which needs no Lua file and no Lua library", function()
    built(("make -s -C examples/embed OUT=%s/out static"):format(folder))
    local output, status = run(folder .. "/out/static")
    assert.matches(EXPECTED, output)
    assert.are.equal(0, status)
    local libraries = sh(("ldd %s/out/static"):format(folder))
    assert.is_nil(libraries:find("lua", 1, true), libraries)
    assert.is_truthy(libraries:find("libcurl", 1, true))
  end)

  it("fails with a message and a status, never with the secret", function()
    for _, name in ipairs { "installed", "static" } do
      local output, status = run(folder .. "/out/" .. name, "0", "an-unknown-secret-value")
      assert.are.equal(1, status)
      assert.matches("users.list: auth", output)
      assert.is_nil(output:find("an-unknown-secret-value", 1, true))
    end
  end)
end)

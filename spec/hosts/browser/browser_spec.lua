-- run: lua5.4 plain
-- The login page in a real browser.  run.js plays the scenarios, all in one Chromium; each is a test here.
-- OL_SCENARIO=part of a name runs only those (`busted` started by hand).
local child = require "spec.support.child"
local world = require "spec.hosts.browser.world"

local function there()
  for _, program in ipairs { "node", "chromium-headless-shell" } do
    assert(child.capture("command -v " .. program) ~= "", program .. " is not installed: make test would install it")
  end
  local build = os.getenv("OL_BUILD") or "build"
  local file = io.open(build .. "/browser/node_modules/playwright-core/package.json")
  assert(file, "playwright-core is not in " .. build .. "/browser: npm could not bring it; spec/setup test says why")
  file:close()
end

describe("the login page in Chromium", function()
  local w, results = nil, {}
  local wanted = os.getenv("OL_SCENARIO")

  it("has its driver", there)
  if not pcall(there) then return end -- the test above says what is missing, and fails

  local shots = (os.getenv("OL_BUILD") or "build") .. "/test/browser"
  if shots:sub(1, 1) ~= "/" then shots = child.capture("pwd") .. "/" .. shots end

  setup(function()
    w = world.start(shots)
    world.play(w, function(result) results[result.name] = result end)
  end)
  teardown(function()
    if w then w.stop() end
  end)

  for name in child.capture("node spec/hosts/browser/run.js --list"):gmatch("[^\n]+") do
    if not wanted or name:find(wanted, 1, true) then
      it(name, function()
        local result = results[name] or { error = "did not run: " .. w.driver_said }
        if result.error then error(result.error, 0) end
      end)
    end
  end

  -- Chromium asks its kernel which addresses it could reach, by sockets that send nothing.
  it("stays on this machine", function()
    local tried = {}
    for line in w.refused:gmatch("[^\n]+") do
      if not line:find(" port 53$") and line ~= "2001:4860:4860::8888 port 443" then tried[#tried + 1] = line end
    end
    assert.same({}, tried)
  end)
end)

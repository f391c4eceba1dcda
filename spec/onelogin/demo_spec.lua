-- examples/demo.lua as it runs for a user: everything it claims is checked by itself, so what is left
-- is that it says so, that trouble makes it fail, and that its live half cannot do harm.
local onelogin = require "onelogin"

local here = debug.getinfo(1, "S").source:match("^@(.*)spec/onelogin/demo_spec%.lua$") or ""

-- Runs the demo in this process.  options: arguments, answer (to its question), module (replaces
-- "onelogin").  Returns the exit code and what it printed.
local function run(options)
  local chunk = assert(loadfile((here == "" and "./" or here) .. "examples/demo.lua"))
  local out, code = {}, nil
  local write, read, exit, args, module = io.write, io.read, os.exit, _G.arg, package.loaded.onelogin
  local stop = {}
  io.write = function(...) -- luacheck: ignore 122
    for i = 1, select("#", ...) do out[#out + 1] = tostring((select(i, ...))) end
  end
  io.read = function() return options.answer end -- luacheck: ignore 122
  os.exit = function(n) -- luacheck: ignore 122
    code = n
    error(stop, 0)
  end
  _G.arg = options.arguments or {}
  package.loaded.onelogin = options.module or module
  local ok, problem = pcall(chunk)
  io.write, io.read, os.exit, _G.arg, package.loaded.onelogin = write, read, exit, args, module -- luacheck: ignore 122
  assert(ok or problem == stop, problem)
  return code, table.concat(out)
end

-- The library with another sandbox or another `new`.
local function changed(what)
  return setmetatable(what, { __index = onelogin })
end

describe("the demo", function()
  it("shows the main job and ends well", function()
    local code, text = run {}
    assert.equal(0, code, text)
    local titles = { "token", "walk", "find", "TOTP", "push", "create", "change", "delete", "503", "revoked" }
    for _, title in ipairs(titles) do
      assert.truthy(text:find("\n  ok    " .. title, 1, true), title)
    end
    assert.truthy(text:find("1,000 users, lazily, in 20 pages", 1, true))
    assert.is_nil(text:find("FAIL", 1, true))
  end)

  it("prints no control characters, hostile names or not", function()
    local _, text = run {}
    assert.truthy(text:find("Red Alert", 1, true))
    assert.is_nil(text:find("[%z\1-\9\11-\31\127]"))
    assert.is_nil(text:find("\226\128\174", 1, true))
  end)

  it("shows no secret, token or code", function()
    local made
    local _, text = run { module = changed { sandbox = function(o)
      made = onelogin.sandbox(o)
      return made
    end } }
    local secrets = { made:config().client_secret, made:totp(made:devices("ashley")[1]) }
    for token in pairs(made.store.tokens) do secrets[#secrets + 1] = token end
    assert.truthy(#secrets >= 3)
    for _, secret in ipairs(secrets) do
      assert.is_nil(text:find(secret, 1, true))
    end
  end)

  it("fails with exit code 1 and goes on when something is off", function()
    local code, text = run { module = changed { sandbox = function(o)
      local box = onelogin.sandbox(o)
      box:fault { operation = "users.update", status = 500, times = 99 }
      return box
    end } }
    assert.equal(1, code)
    assert.truthy(text:find("\n  FAIL  change", 1, true))
    assert.truthy(text:find("\n  ok    delete", 1, true))
    assert.truthy(text:find("1 of 10 steps failed", 1, true))
  end)

  it("notices a walk that lost someone", function()
    local code, text = run { module = changed { sandbox = function(o)
      local box = onelogin.sandbox(o)
      box.store.users[box:people():ids()[500]] = nil
      return box
    end } }
    assert.equal(1, code)
    assert.truthy(text:find("\n  FAIL  walk", 1, true))
    assert.truthy(text:find("not 999", 1, true))
  end)
end)

describe("the live demo", function()
  local function live(box, options)
    options.arguments = { "--live" }
    options.module = changed { new = function(given)
      assert.same({ allow = "read" }, given)
      local config = box:config { scope = "Read All" }
      config.allow = given.allow
      return onelogin.new(config)
    end }
    return run(options)
  end

  it("says which tenant, asks, and sends nothing without a yes", function()
    for _, answer in ipairs { "n", "", "no", "nay", false } do
      local box = onelogin.sandbox { users = 3 }
      local code, text = live(box, { answer = answer or nil })
      assert.equal(0, code)
      assert.truthy(text:find(box.base_url, 1, true))
      assert.truthy(text:find("Nothing was sent", 1, true))
      assert.equal(0, box:requests())
    end
  end)

  it("only reads, and prints nobody's name", function()
    local box = onelogin.sandbox { users = 120 }
    local code, text = live(box, { answer = "y" })
    assert.equal(0, code, text)
    assert.truthy(text:find("120 users", 1, true))
    for op in pairs(box.counts) do
      assert.truthy(op == "oauth.generate_tokens" or op == "users.list" or op == "roles.list", op)
    end
    for _, user in box:each_user() do
      assert.is_nil(text:find(user.email, 1, true))
    end
  end)

  it("stops a long walk at a thousand", function()
    local box = onelogin.sandbox { users = 1500 }
    local _, text = live(box, { answer = "yes" })
    assert.truthy(text:find("1,000 users, and stopped there", 1, true))
    assert.is_true(box:requests("users.list") < 26)
  end)

  it("says what is missing, and fails when the credential is refused", function()
    local code, text = run { arguments = { "--live" }, answer = "y" }
    assert.equal(2, code)
    assert.truthy(text:find("ONELOGIN_SUBDOMAIN", 1, true))
    local box = onelogin.sandbox { users = 3 }
    code, text = live(setmetatable({ config = function(_, o)
      local config = box:config(o)
      config.client_secret = "not the secret of anybody"
      return config
    end }, { __index = box }), { answer = "y" })
    assert.equal(1, code)
    assert.truthy(text:find("FAIL  token", 1, true))
    assert.is_nil(text:find("not the secret of anybody", 1, true))
  end)
end)

-- Where tenant and credential come from, and that a file of secrets is read only when it is private.
local onelogin = require "onelogin"
local canary = require "spec.support.canary"
local child = require "spec.support.child"
local cli = require "spec.support.cli"
local connect = require "onelogin.cli.connect"
local core = require "onelogin.core"

local folder

local function config(text, mode)
  os.execute("mkdir -p " .. folder .. "/onelogin")
  local path = folder .. "/onelogin/config"
  os.remove(path)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  os.execute("chmod " .. (mode or "600") .. " " .. path)
  return path
end

local function open(options, env, hidden)
  env = env or {}
  env.XDG_CONFIG_HOME = folder
  local asked
  local client, problem = connect.open {
    options = options, env = function(name) return env[name] end, say = function() end,
    streams = { err_tty = function() return hidden ~= nil end, input = { read = function() return canary.secret end },
      ask_hidden = function(prompt)
        asked = prompt
        return hidden
      end },
  }
  return client, problem, asked
end

local function secret_of(client)
  return (select(2, core.client.secrets(client)))
end

describe("a profile", function()
  before_each(function() folder = child.folder() end)
  after_each(function() child.remove(folder) end)

  local text = table.concat({
    "# a comment", "", "[default]", "subdomain = acme", "client_id = d", "client_secret = " .. canary.secret,
    "[ eu ]", "Base-URL = https://127.0.0.1:1", "client_id=e", 'client_secret = "' .. canary.token .. '"',
    "allow = read",
  }, "\n")

  it("names tenant and credential", function()
    config(text)
    local client = assert(open({ profile = "eu" }))
    assert.are.equal("https://127.0.0.1:1", client.base_url)
    assert.is_true(secret_of(client) == canary.token)
    assert.are.equal("read", core.client.state(client).host.allow)
    assert.are.equal("https://acme.onelogin.com", assert(open({})).base_url)
    assert.are.equal("https://127.0.0.1:1", assert(open({}, { ONELOGIN_PROFILE = "eu" })).base_url)
  end)

  it("wins over the environment when named, and is left alone when the environment has a credential", function()
    config(text)
    local env = { ONELOGIN_CLIENT_ID = "x", ONELOGIN_CLIENT_SECRET = canary.secret, ONELOGIN_REGION = "us" }
    assert.are.equal("https://api.us.onelogin.com", assert(open({}, env)).base_url)
    local client = assert(open({ profile = "eu" }, env))
    assert.are.equal("https://127.0.0.1:1", client.base_url)
    assert.is_true(secret_of(client) == canary.token)
    assert.are.equal("https://other.onelogin.com", assert(open({ profile = "eu", subdomain = "other" }, env)).base_url)
  end)

  for _, mode in ipairs { "640", "604", "660", "602", "644" } do
    it("is refused at mode " .. mode, function()
      local path = config(text, mode)
      local client, problem = open({ profile = "eu" })
      assert.is_nil(client)
      assert.matches("chmod 600", problem)
      assert.matches(path, problem, 1, true)
      assert.is_nil((select(1, open({}))))
    end)
  end

  it("is read at modes 600 and 400", function()
    config(text, "400")
    assert.truthy(open({ profile = "eu" }))
  end)

  it("that is wrong is told with its line", function()
    for bad, word in pairs {
      ["[a]\nsubdomian = x"] = "did you mean \"subdomain\"", ["x = 1"] = "before the first", ["[a]\nnonsense"] = ":2:",
    } do
      config(bad)
      local _, problem = open({ profile = "a" })
      assert.matches(word, problem, 1, true)
    end
    config(text)
    assert.matches("did you mean \"eu\"", (select(2, open({ profile = "ue" }))), 1, true)
    folder = folder .. "/none"
    assert.matches("no profile", (select(2, open({ profile = "eu" }))))
    folder = folder:gsub("/none$", "")
  end)
end)

describe("the secret", function()
  before_each(function() folder = child.folder() end)
  after_each(function() child.remove(folder) end)

  it("comes from a file or standard input", function()
    local path = folder .. "/secret"
    local file = assert(io.open(path, "w"))
    file:write(canary.token, "\n")
    file:close()
    local options = { subdomain = "acme", ["client-id"] = "x" }
    options["secret-file"] = path
    assert.is_true(secret_of(assert(open(options))) == canary.token)
    options["secret-file"] = "-"
    assert.is_true(secret_of(assert(open(options))) == canary.secret)
    options["secret-file"] = folder .. "/none"
    assert.matches("secret%-file", (select(2, open(options))))
  end)

  it("is asked for only when a request needs it", function()
    local client, _, asked = open({ subdomain = "acme", ["client-id"] = "x" }, nil, canary.secret)
    assert.truthy(client)
    assert.is_nil(asked)
    local without, problem = open({ subdomain = "acme", ["client-id"] = "x" })
    assert.is_nil(without)
    assert.matches("client_secret is missing", problem)
  end)

  it("that is not given ends the command", function()
    local r = cli.run({ "users", "list", "--base-url", "http://127.0.0.1:9", "--client-id", "x" }, { tty = true })
    assert.are.equal(3, r.code)
    assert.matches("no client secret was given", r.err)
    assert.matches("Client secret of x", r.asked[1])
  end)

  it("asked for is used", function()
    local box = onelogin.sandbox { users = 3 }
    local config_of = box:config()
    local given = config_of.client_secret
    config_of.client_secret = function() return given end
    box.config = function() return config_of end
    assert.are.equal(0, cli.run({ "--sandbox", "users", "list" }, { box = box }).code)
  end)
end)

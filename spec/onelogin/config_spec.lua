local config = require "onelogin.config"

local function merge(options, env)
  return config.merge(options, function(name) return env and env[name] end)
end

local function refused(options, pattern, env)
  local ok, message = pcall(merge, options, env)
  assert.is_false(ok)
  assert.is_string(message)
  assert.matches(pattern, message)
end

local pair = { client_id = "id", client_secret = "secret" }

local function with(more)
  local out = {}
  for k, v in pairs(pair) do out[k] = v end
  for k, v in pairs(more) do out[k] = v end
  return out
end

describe("the configuration", function()
  it("takes the host from subdomain, region or base_url", function()
    assert.equal("https://acme.onelogin.com", merge(with { subdomain = "acme" }).base_url)
    assert.equal("https://api.eu.onelogin.com", merge(with { region = "eu" }).base_url)
    assert.equal("https://acme.onelogin.com", merge(with { base_url = "https://acme.onelogin.com/" }).base_url)
    assert.equal("http://127.0.0.1:8080", merge(with { base_url = "http://127.0.0.1:8080" }).base_url)
    assert.equal("http://[::1]:8080", merge(with { base_url = "http://[::1]:8080//" }).base_url)
  end)

  it("merges options over the environment over defaults", function()
    local env = { ONELOGIN_SUBDOMAIN = "env", ONELOGIN_CLIENT_ID = "eid", ONELOGIN_CLIENT_SECRET = "es",
      ONELOGIN_REGION = "us" }
    local c = merge(nil, env)
    assert.equal("https://env.onelogin.com", c.base_url)
    assert.equal("eid", c.client_id)
    assert.equal("https://api.eu.onelogin.com", merge({ region = "eu" }, env).base_url)
    assert.equal("mine", merge({ client_id = "mine" }, env).client_id)
    assert.equal("nil", c.nulls)
    assert.equal("https://x.test", merge({ base_url = "https://x.test" }, env).base_url)
    refused({}, "client_id is missing", { ONELOGIN_SUBDOMAIN = "env", ONELOGIN_CLIENT_ID = "" })
  end)

  it("refuses what cannot work, with the remedy", function()
    refused({ subdomain = "acme" }, "client_id is missing: pass it, or set ONELOGIN_CLIENT_ID")
    refused({ subdomain = "acme", client_id = "x" }, "client_secret is missing")
    refused(pair, "which tenant%?")
    refused(with { region = "us", base_url = "https://x.test" }, "only one of base_url, subdomain and region")
    refused(with { region = "asia" }, "region must be")
    refused(with { subdomain = "acme/evil" }, "subdomain must be the first part")
    refused(with { subdomain = "acme.onelogin.com" }, "subdomain must be the first part")
    refused(with { subdomain = "" }, "subdomain")
    refused(with { base_url = "http://acme.onelogin.com" }, "must use https://")
    refused(with { base_url = "http://127.0.0.1.evil.com" }, "must use https://")
    refused(with { base_url = "ftp://acme" }, "must start with https://")
    refused(with { base_url = "https://user:pw@acme.test" }, "must not carry a user name or password")
    refused(with { base_url = "https://acme.test/api" }, "must be only a scheme and a host")
    refused(with { base_url = "https://acme.test?x" }, "must be only a scheme and a host")
    refused(with { subdomain = "a", transport = 3 }, "transport.*an object with a send method")
    refused(with { subdomain = "a", clock = {} }, "clock.*mono, wall, sleep")
    refused(with { subdomain = "a", ca_file = "/x", transport = { send = print } }, "belongs to the engine")
    refused(with { subdomain = "a", client_secret = "a\nb" }, "client_secret.*line break")
    refused(with { subdomain = "a", client_secret = 12 }, "client_secret.*must be")
    refused("acme", "expected a table of options, got string")
  end)

  it("names the nearest option for a misspelt one", function()
    refused(with { subdomian = "acme" }, 'unknown option "subdomian", did you mean "subdomain"%?')
    refused(with { subdomain = "a", time_out = 1 }, 'did you mean "timeout"')
    refused(with { subdomain = "a", 1 }, 'unknown option "1"')
  end)

  it("never shows the secret it refuses", function()
    local ok, message = pcall(merge, with { subdomain = "a", client_secret = "" })
    assert.is_false(ok)
    assert.is_nil(message:find("got \"", 1, true))
    ok, message = pcall(merge, with { base_url = "https://u:hunter2@h.test/x" })
    assert.is_false(ok)
    assert.is_nil(message:find("hunter2", 1, true))
  end)
end)

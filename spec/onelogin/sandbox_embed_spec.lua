-- The XML list of a user's apps in the sandbox.
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"

describe("embedded apps", function()
  local box, api

  before_each(function()
    box = sandbox { users = 5 }
    api = support.api(box)
  end)

  local function get(email, token)
    local status, _, headers, text = api.send("GET", ("/client/apps/embed2?token=%s&email=%s"):format(
      support.escape(token or box:embedding_token()), support.escape(email)))
    assert.equal(200, status)
    assert.equal("text/xml; charset=utf-8", headers["content-type"])
    return text
  end

  it("are the visible apps of an active user, without a bearer", function()
    local app = box:add_app { name = "NetFlix", connector_id = 22 }
    local hidden = box:add_app { name = "Hidden", visible = false }
    local user = box:add_user { email = "bob@acme.test", app_ids = { app.id, hidden.id } }
    assert.equal(([[
<apps>
  <app>
    <id>%d</id>
    <icon>https://cdn.onelogin.com/images/icons/square/bookmark/original.png</icon>
    <name>NetFlix</name>
    <provisioned>1</provisioned>
    <extension_required>false</extension_required>
    <personal>false</personal>
    <login_id>%d</login_id>
  </app>
</apps>
]]):format(app.id, 400000000 + app.id % 1000 * 100000 + user.id % 100000), get "BOB@acme.test")
    user.status = 2
    assert.equal("<apps />\n", get "bob@acme.test")
  end)

  it("write any name so that XML can carry it", function()
    local app = box:add_app { name = "<b>\"R&D\"</b>\27[2J\0\r\n\195\169" }
    box:add_user { email = "bob@acme.test", app_ids = { app.id } }
    assert.equal("&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt;*[2J*&#13;\n\195\169",
      get("bob@acme.test"):match "<name>(.-)</name>")
  end)

  it("do not tell a wrong token from an unknown address from nothing", function()
    assert.equal("<apps />\n", get("ashley@acme.test", "wrong"))
    assert.equal("<apps />\n", get "nobody@acme.test")
    assert.equal("<apps />\n", get "")
    box:add_user { email = "bob@acme.test" }
    assert.equal("<apps />\n", get "bob@acme.test")
    local _, _, _, text = api.send("GET", "/client/apps/embed2")
    assert.equal("<apps />\n", text)
  end)
end)

-- The hand-over of a session token to the browser: markup that says what it should and nothing else, the headers that
-- go with it, and no token in what is thrown.
local canary = require "spec.support.canary"
local onelogin = require "onelogin"
local world = require "spec.support.sign_in"

local html = onelogin.html

local TOKEN = canary.token
local NONCE = "r4nd0mr4nd0mr4nd0mr4n=="

local function form(more, without)
  local options = { subdomain = "acme", session_token = TOKEN }
  for k, v in pairs(more or {}) do options[k] = v end
  if without then options[without] = nil end
  local page, headers = html.session_form(options) -- no tail call: its line is named
  return page, headers
end

local function fetch(more, without)
  local options = { subdomain = "acme", session_token = TOKEN, nonce = NONCE, next = "/in", failed = "/out" }
  for k, v in pairs(more or {}) do options[k] = v end
  if without then options[without] = nil end
  local script, headers = html.session_fetch(options)
  return script, headers
end

local function has(text, what)
  assert.truthy(text:find(what, 1, true), "not in it: " .. what)
end

local function throws(what, fn, ...)
  local ok, why = pcall(fn, ...)
  assert.is_false(ok)
  assert.equal("string", type(why))
  has(why, what)
  assert.is_nil(why:find(TOKEN, 1, true))
  assert.matches("html_spec%.lua:%d+: html%.session_", why)
end

describe("html.escape", function()
  it("leaves no markup and no end of an attribute", function()
    assert.equal("&lt;a href=&quot;x&quot;&gt; &amp;amp; &#39;y&#39;", html.escape("<a href=\"x\"> &amp; 'y'"))
    assert.equal("", html.escape(nil))
    assert.equal("7", html.escape(7))
    assert.equal("\195\164 ok", html.escape("\195\164 ok"))
    assert.equal(1, select("#", html.escape "x"))
  end)
end)

describe("html.session_form", function()
  it("is a page with a form, a button that is seen, and a script that presses it", function()
    local page = form()
    assert.matches("^<!doctype html>\n<html lang=\"en\">", page)
    has(page, '<form id="onelogin-session" method="post" action="https://acme.onelogin.com/session_via_api_token" '
      .. 'autocomplete="off">')
    has(page, '<input type="hidden" name="session_token" value="' .. TOKEN .. '">')
    has(page, '<button type="submit">Continue</button>')
    has(page, '<script>document.getElementById("onelogin-session").submit()</script>')
    assert.equal(1, select(2, page:gsub(TOKEN, "")))
    -- a button of this name would stand in the way of the script
    assert.is_nil(page:find('name="submit"', 1, true))
    assert.is_nil(page:find(" on%a+="))
    local last = page:find("<script", 1, true)
    assert.is_true(last > page:find("</form>", 1, true))
  end)

  it("returns the headers that belong to it", function()
    local _, headers = form()
    assert.same({ "Cache-Control", "Content-Security-Policy", "Content-Type", "Referrer-Policy",
      "X-Content-Type-Options" }, (function()
        local names = {}
        for name in pairs(headers) do names[#names + 1] = name end
        table.sort(names)
        return names
      end)())
    assert.equal("no-store", headers["Cache-Control"])
    assert.equal("strict-origin", headers["Referrer-Policy"])
    assert.equal("text/html; charset=utf-8", headers["Content-Type"])
    local policy = headers["Content-Security-Policy"]
    for _, part in ipairs { "default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'" } do has(policy, part) end
    has(policy, "form-action https://acme.onelogin.com;")
    for _, header in pairs(headers) do assert.is_nil(header:find("[%c]")) end
  end)

  it("allows its script by the nonce, or else by the hash of just this script", function()
    local page, headers = form { nonce = NONCE }
    has(page, '<script nonce="' .. NONCE .. '">document')
    has(headers["Content-Security-Policy"], "script-src 'nonce-" .. NONCE .. "'")
    assert.is_nil(headers["Content-Security-Policy"]:find("sha256", 1, true))
    page, headers = form()
    local crypto = require "onelogin.crypto"
    local script = page:match("<script>(.-)</script>")
    assert.equal("sha256-" .. crypto.base64_encode(crypto.digest("sha256", script)),
      headers["Content-Security-Policy"]:match("script%-src '(.-)'"))
  end)

  it("waits for the button when it is told to, without any script", function()
    local page, headers = form { auto = false, nonce = NONCE }
    assert.is_nil(page:find("script", 1, true))
    assert.is_nil(headers["Content-Security-Policy"]:find("script", 1, true))
  end)

  it("is a part of a page when asked, with headers for the page", function()
    local part, headers = form { fragment = true, nonce = NONCE }
    assert.matches("^<form ", part)
    assert.matches("</script>\n$", part)
    assert.is_nil(part:find("<html", 1, true))
    assert.is_nil(headers["Content-Type"])
    assert.equal("no-store", headers["Cache-Control"])
  end)

  it("says things in another language, in another window", function()
    local page = form { label = "Weiter & <b>\"'", lang = "de-CH", target = "_top" }
    has(page, '<html lang="de-CH">')
    has(page, "<title>Weiter &amp; &lt;b&gt;&quot;&#39;</title>")
    has(page, '<button type="submit">Weiter &amp; &lt;b&gt;&quot;&#39;</button>')
    has(page, ' target="_top"')
  end)

  it("escapes whatever a token is", function()
    local page = form { session_token = "a\"><script>alert('1')</script>&" }
    has(page, 'value="a&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"')
    assert.equal(1, select(2, page:gsub("<script", "")))
  end)

  it("lets the browser be sent on where the login said", function()
    local _, headers = form { return_to_url = "https://App.acme.test:8443/a?b=c" }
    has(headers["Content-Security-Policy"], "form-action https://acme.onelogin.com https://app.acme.test:8443;")
    _, headers = form { return_to_url = "https://acme.onelogin.com/portal" }
    has(headers["Content-Security-Policy"], "form-action https://acme.onelogin.com;")
  end)

  it("posts to a whole address, by plain HTTP on this machine alone", function()
    local page, headers = form({ action = "https://id.acme.test:8443/session_via_api_token?a=1&b=2" }, "subdomain")
    has(page, 'action="https://id.acme.test:8443/session_via_api_token?a=1&amp;b=2"')
    has(headers["Content-Security-Policy"], "form-action https://id.acme.test:8443;")
    for _, here in ipairs { "http://127.0.0.1:8080/s", "http://localhost/s", "http://LOCALHOST:1/s" } do
      assert.is_string((form({ action = here }, "subdomain")))
    end
    for _, bad in ipairs { "http://acme.onelogin.com/s", "http://127.0.0.1.evil.test/s", "http://localhost.evil.test/",
      "javascript:alert(1)", "//evil.test/s", "/s", "https://", "https:///s", "https://a b/", "https://a\"/",
      "https://a'>/x<", "https://user@evil.test/", "https://a/#b", "https://a:/",
      "https://a/\n", "https://a;b/", "https://a,b/",
      "https://a\\b/", "https://\195\164.test/", "data:text/html,x", "ftp://a/", "", 7, {}, "https://[::1]/",
      "https://a/" .. ("x"):rep(5000) } do
      throws("action must be an address", form, { action = bad }, "subdomain")
    end
    for _, bad in ipairs { "http://app.test/", "x", 7 } do
      throws("return_to_url must be an address", form, { return_to_url = bad })
    end
  end)

  it("refuses what cannot be meant, and never tells the token", function()
    throws("subdomain must be the first part", form, { subdomain = "acme.onelogin.com" })
    for _, bad in ipairs { "", "a/b", "a.b", "-a", "a\n", "\"", 7, ("a"):rep(64) } do
      throws("subdomain must be", form, { subdomain = bad })
    end
    throws("not both", form, { action = "https://a/" })
    throws("not both", form, nil, "subdomain")
    for _, bad in ipairs { "", "a b", TOKEN .. "\n", "\r\nSet-Cookie: x", "a\0", "\127", "\195\164",
      ("a"):rep(5000) } do
      throws("session_token must be the text", form, { session_token = bad })
    end
    throws("session_token must be the text that ol.flows.login or login:create_session_token gave, got a nil", form,
      nil, "session_token")
    for _, bad in ipairs { "short", "has blank has blank has", "quote'quote'quote'quote", "a;b;c;d;e;f;g;h;i", 7 } do
      throws("nonce must be", form, { nonce = bad })
    end
    throws("lang must be", form, { lang = "\"" })
    throws("label must be", form, { label = " " })
    throws("label must be a string", form, { label = {} })
    throws("auto must be a boolean", form, { auto = "yes" })
    throws("target must be", form, { target = "a b" })
    throws('unknown option "sesion_token", did you mean "session_token"?', form, { sesion_token = TOKEN })
    for _, bad in ipairs { TOKEN, 7, false } do
      throws("expected a table of options, got a " .. type(bad), function()
        local page = html.session_form(bad)
        return page
      end)
    end
  end)

  it("is taken by the sandbox, once", function()
    local box, _, api = world.world()
    local _, answer = api.post("/api/1/login/auth",
      { username_or_email = "kim", password = world.PASSWORD, subdomain = "acme" })
    local page = html.session_form { action = box.base_url .. "/session_via_api_token",
      session_token = answer.data[1].session_token }
    local path = page:match('action="[^"]-(/session_via_api_token)"')
    local value = page:match('value="([^"]+)"')
    local sent = { ["Content-Type"] = "application/x-www-form-urlencoded" }
    local status, _, headers = api.send("POST", path, "session_token=" .. value, sent)
    assert.equal(302, status)
    assert.matches("^sub_session_onelogin%.com=", headers["set-cookie"])
    assert.equal(400, (api.send("POST", path, "session_token=" .. value, sent)))
  end)
end)

describe("html.session_fetch", function()
  it("is a script that sends the token with credentials, and goes on", function()
    local script, headers = fetch()
    assert.matches('^<script nonce="' .. NONCE .. '">fetch%(.*</script>\n$', script)
    has(script, '"https://acme.onelogin.com/session_via_api_token"')
    has(script, 'method:"POST",credentials:"include",headers:{"Content-Type":"application/json"}')
    has(script, 'location.replace(r.ok?"/in":"/out")')
    has(script, 'function(){location.replace("/out")}')
    assert.equal("no-store", headers["Cache-Control"])
    local policy = headers["Content-Security-Policy"]
    has(policy, "connect-src https://acme.onelogin.com;")
    has(policy, "script-src 'nonce-" .. NONCE .. "'")
  end)

  it("sends JSON, and nothing ends the script", function()
    local token = "</script><!--\"\\'&"
    local script = fetch { session_token = token }
    assert.equal(1, select(2, script:gsub("</", "")))
    assert.is_nil(script:find("<!--", 1, true))
    -- what a browser makes of the string, read by a parser of JSON, whose strings are JavaScript's
    local json = require("onelogin.core").json
    local body = json.decode(script:match('body:("[^"]*")'))
    assert.same({ session_token = token }, json.decode(body))
  end)

  it("goes on only to an address or a path of its own host", function()
    for _, good in ipairs { "/", "/a?b=c&d", "https://app.acme.test/x", "http://127.0.0.1:1/" } do
      assert.is_string((fetch { next = good }))
    end
    for _, bad in ipairs { "//evil.test", "/\\evil.test", "javascript:alert(1)", "a", "", "/a b", "/a\n", "/a\"", "/#x",
      "http://evil.test/", 7 } do
      throws("next must be an address", fetch, { next = bad })
      throws("failed must be an address", fetch, { failed = bad })
    end
    throws("next must be", fetch, nil, "next")
    throws("failed must be", fetch, nil, "failed")
  end)

  it("needs a nonce, and refuses what else cannot be meant", function()
    throws("nonce is needed", fetch, nil, "nonce")
    throws("session_token must be", fetch, { session_token = "a b" })
    throws('unknown option "auto"', fetch, { auto = true })
  end)

  it("is what the sandbox takes from an announced origin", function()
    local box, _, api = world.world()
    local json = require("onelogin.core").json
    local _, answer = api.post("/api/1/login/auth", { username_or_email = "kim", password = world.PASSWORD,
      subdomain = "acme" }, { ["Custom-Allowed-Origin-Header-1"] = "https://login.acme.test" })
    local script = fetch({ action = box.base_url .. "/session_via_api_token",
      session_token = answer.data[1].session_token }, "subdomain")
    local body = json.decode(script:match('body:("[^"]*")'))
    local sent = { ["Content-Type"] = "application/json", Origin = "https://evil.test" }
    assert.equal(403, (api.send("POST", "/session_via_api_token", body, sent)))
    sent.Origin = "https://login.acme.test"
    local status, _, headers = api.send("POST", "/session_via_api_token", body, sent)
    assert.equal(200, status)
    assert.matches("^sub_session_onelogin%.com=", headers["set-cookie"])
  end)
end)

describe("the guide", function()
  local doc_blocks = require "spec.support.doc_blocks"

  it("prints what it says", function()
    local lengths = {}
    for i, block in ipairs(doc_blocks.of "docs/sign-in-browser.md") do
      local printed, told = block()
      assert.same(told, printed)
      lengths[i] = #printed
    end
    assert.same({ 2, 2 }, lengths)
  end)

  it("names every option", function()
    local text = doc_blocks.read "docs/sign-in-browser.md"
    for _, name in ipairs { "session_token", "subdomain", "action", "return_to_url", "auto", "nonce", "label", "lang",
      "target", "fragment", "next", "failed" } do has(text, "`" .. name .. "`") end
  end)
end)

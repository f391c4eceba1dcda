-- run: lua5.4 plain
-- The pages of onelogin.html in a real browser, under the headers that they come with: what their policies let through.
local child = require "spec.support.child"
local onelogin = require "onelogin"
local sandbox_server = require "spec.support.sandbox_server"

local html = onelogin.html

local PASSWORD = "a password of this spec 1"
local NONCE = "abcdefghijklmnopqrstuv=="

describe("the hand-over in Chromium", function()
  local box, pages, port, folder, ol
  local preload = child.preload()

  setup(function()
    assert(child.capture("command -v chromium-headless-shell") ~= "", "chromium-headless-shell is not installed")
    folder = child.folder()
    box = sandbox_server.start "--users 3"
    pages = child.start("env -u LD_PRELOAD lua5.4 spec/support/page_server.lua " .. child.quote(folder))
    port = tonumber(pages.line())
    ol = onelogin.new { base_url = box.http_url, client_id = box.client_id, client_secret = box.client_secret }
    local kim = onelogin.check(ol.users:create { email = "kim@acme.test", username = "kim", password = PASSWORD,
      password_confirmation = PASSWORD, status = 1, state = 1 })
    assert(kim.id)
  end)

  teardown(function()
    if ol then ol:close() end
    if pages then pages.stop() end
    if box then box.stop() end
    child.remove(folder)
  end)

  local function put(name, text, headers)
    local lines = {}
    for key, value in pairs(headers) do lines[#lines + 1] = key .. ": " .. value .. "\r\n" end
    for kind, content in pairs { html = text, headers = table.concat(lines) } do
      local file = assert(io.open(folder .. "/" .. name .. "." .. kind, "wb"))
      file:write(content)
      file:close()
    end
  end

  local function token(more)
    local options = { user = "kim", password = PASSWORD, subdomain = "acme" }
    for k, v in pairs(more or {}) do options[k] = v end
    return onelogin.check(ol.flows.login(options)).session_token
  end

  -- What the browser shows in the end.  It knows no name but localhost, and the guard of the suite is with it.
  local function look(name)
    local command = ("HOME=%s %s timeout 60 chromium-headless-shell --no-sandbox --disable-gpu --user-data-dir=%s "
      .. "--disable-background-networking --disable-component-update --no-first-run "
      .. "--host-resolver-rules='MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' "
      .. "--virtual-time-budget=5000 --dump-dom http://127.0.0.1:%d/%s 2>/dev/null"):format(child.quote(folder),
      preload .. " OL_REFUSED=" .. child.quote(folder .. "/refused"), child.quote(folder .. "/profile"), port, name)
    return child.capture(command)
  end

  local function form(name, options)
    options.action = box.http_url .. "/session_via_api_token"
    options.session_token = options.session_token or token()
    put(name, html.session_form(options))
    return look(name)
  end

  local function has(text, what)
    assert.truthy(text:find(what, 1, true), what .. " is not in:\n" .. text)
  end

  it("posts by itself, allowed by the script's hash or by a nonce", function()
    has(form("hash", {}), "Signed in as kim@acme.test")
    has(form("nonce", { nonce = NONCE }), "Signed in as kim@acme.test")
  end)

  it("stays with its button where it is not to post, or its script is another", function()
    has(form("button", { auto = false }), '<button type="submit">Continue</button>')
    local page, headers = html.session_form { action = box.http_url .. "/session_via_api_token",
      session_token = token() }
    put("changed", page:gsub("%.submit%(%)", ".submit( )"), headers)
    has(look "changed", "<button")
  end)

  it("goes on where the login said", function()
    local there = ("http://localhost:%d/there"):format(port)
    local options = { return_to_url = there, session_token = token { return_to_url = there } }
    has(form("told", options), "arrived at /there")
  end)

  it("goes by script from an announced origin alone", function()
    local origin = ("http://127.0.0.1:%d"):format(port)
    for name, case in pairs { announced = { origin, "arrived at /welcome" },
      other = { "http://127.0.0.1:1", "arrived at /again" } } do
      local script, headers = html.session_fetch { action = box.http_url .. "/session_via_api_token", nonce = NONCE,
        session_token = token { origin = case[1] }, next = "/welcome", failed = "/again" }
      headers["Content-Type"] = "text/html; charset=utf-8"
      put(name, "<!doctype html><title>x</title>" .. script, headers)
      has(look(name), case[2])
    end
  end)

  -- Chromium asks its kernel which addresses it could reach, by sockets that send nothing.
  it("stays on this machine", function()
    local file = io.open(folder .. "/refused")
    local tried = {}
    for line in (file and file:read("*a") or ""):gmatch("[^\n]+") do
      if not line:find(" port 53$") and line ~= "2001:4860:4860::8888 port 443" then tried[#tried + 1] = line end
    end
    if file then file:close() end
    assert.same({}, tried)
  end)
end)

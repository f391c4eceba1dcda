-- run: lua5.4 plain
-- The login page as bytes: what only somebody sends who is no browser, outages, lapsed time.  `try` starts it, as
-- people do.  Browsers are in spec/hosts/browser.
local canary = require "spec.support.canary"
local child = require "spec.support.child"
local files = require "spec.support.files"
local sandbox_server = require "spec.support.sandbox_server"
local json = require("onelogin.core").json
local socket = require "socket"
local ssl = require "ssl"

local function start(options)
  local process = child.start(("env -u LD_PRELOAD LUA=%s OL_BUILD=%s examples/login-page/try --json "
    .. "--address-limit 9999 %s"):format(child.lua, child.build:gsub("/[^/]+$", ""), options or ""))
  local line = process.line()
  assert(line, "the login page did not start")
  local page = json.decode(line)
  page.stop, page.port = process.stop, tonumber(page.url:match(":(%d+)$"))
  return page
end

-- ---- somebody who sends bytes ----

local function raw(page, text)
  local sock = assert(socket.connect("127.0.0.1", page.port))
  sock:settimeout(20)
  sock = assert(ssl.wrap(sock, { mode = "client", protocol = "any", verify = "none", options = "all" }))
  sock:settimeout(20)
  assert(sock:dohandshake())
  sock:send(text)
  local all, _, partial = sock:receive("*a")
  sock:close()
  return all or partial
end

local walker = {}
walker.__index = walker

function walker:send(method, path, body, headers)
  local all = { Host = self.page.url:sub(9), Connection = "close", Cookie = self.cookie }
  if body then
    all["Content-Type"], all["Content-Length"] = "application/x-www-form-urlencoded", #body
    all.Origin = self.page.url
  end
  for name, value in pairs(headers or {}) do all[name] = value or nil end
  local lines = { method .. " " .. path .. " HTTP/1.1" }
  for name, value in pairs(all) do lines[#lines + 1] = name .. ": " .. value end
  local text = raw(self.page, table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or ""))
  local head
  head, self.body = text:match("^(.-\r\n)\r\n(.*)$")
  assert(head, "no answer to " .. method .. " " .. path:sub(1, 60))
  self.status = tonumber(head:match("^HTTP/1%.1 (%d+)"))
  self.headers = {}
  for name, value in head:gmatch("\r\n([^:\r\n]+): ([^\r\n]*)") do self.headers[name:lower()] = value end
  local set = self.headers["set-cookie"]
  if set then self.cookie = set:match("^[^;]+") end
  self.state = self.body:match('data%-state="(%w+)"')
  self.note = self.body:match('id="note"[^>]*>([^<]*)')
  return self.status
end

function walker:get(path)
  self:send("GET", path or "/")
  while self.status == 303 do
    self.at = self.headers.location
    self:send("GET", self.at)
  end
  return self.state
end

local function encoded(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end

function walker:form(fields)
  local out = { "csrf=" .. (self.body:match('name="csrf" value="([^"]+)"') or "") }
  local turn = self.body:match('name="turn" value="([^"]+)"')
  if turn then out[2] = "turn=" .. turn end
  for name, value in pairs(fields) do out[#out + 1] = name .. "=" .. encoded(value) end
  return table.concat(out, "&")
end

function walker:post(path, fields)
  self:send("POST", path, self:form(fields))
  assert.equal(303, self.status)
  return self:get(self.headers.location)
end

function walker:wait(...)
  for _ = 1, 400 do
    self:get("/sign-in")
    for _, state in ipairs { ... } do
      if self.state == state then return state end
    end
    socket.sleep(0.05)
  end
  error("still at the screen " .. tostring(self.state))
end

local function somebody(page) return setmetatable({ page = page }, walker) end

local function control(page, method, name, body)
  local status, value = sandbox_server.control(page.sandbox, method, name, body)
  assert.equal(200, status)
  return value
end

local function devices_of(page, name)
  for _, person in ipairs(page.people) do
    if person.username == name then
      local out = {}
      for _, device in ipairs(person.devices) do out[device.type] = ("%.0f"):format(device.id) end
      return out, person.password
    end
  end
end

local function code_of(page, device)
  return control(page, "GET", "code?device=" .. device).code
end

-- Neither page nor log tells what was typed.
local function is_silent(page, text)
  for _, where in ipairs { text, files.read(page.errors) } do
    for _, secret in ipairs { canary.password, canary.otp, encoded(canary.password) } do
      assert.is_nil(where:find(secret, 1, true))
    end
  end
end

-- ---- ----

describe("the login page, sent other things than forms", function()
  local page, w
  setup(function() page = start() end)
  teardown(function() page.stop() end)
  before_each(function()
    w = somebody(page)
    w:get("/")
  end)

  it("gives one cookie that only this site gets, and keeps none of its answers", function()
    w = somebody(page)
    assert.equal("password", w:get("/"))
    assert.truthy(w.headers["set-cookie"]:find("^__Host%-session=[%w_.-]+; Path=/; Secure; HttpOnly; SameSite=Lax$"))
    assert.equal("no-store", w.headers["cache-control"])
    assert.equal("same-origin", w.headers["referrer-policy"])
    assert.equal("nosniff", w.headers["x-content-type-options"])
    local policy = w.headers["content-security-policy"]
    for _, part in ipairs { "default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'",
      "frame-ancestors 'none'", "form-action 'self' " .. page.sandbox.https_url } do
      assert.truthy(policy:find(part, 1, true), part)
    end
    assert.is_nil(policy:find("unsafe", 1, true))
    assert.equal("password", w:get("/"))
    assert.is_nil(w.headers["set-cookie"])
  end)

  it("takes no id that it did not make", function()
    for _, planted in ipairs { "x", ("A"):rep(32) .. "." .. ("A"):rep(22), w.cookie:match("=(.*)%.") .. ".AAAA",
      w.cookie:match("=(.*)") .. "A" } do
      local other = somebody(page)
      other.cookie = "__Host-session=" .. planted
      other:get("/")
      assert.truthy(other.headers["set-cookie"])
    end
    local other = somebody(page)
    other.cookie = w.cookie:lower():gsub("=.*", "") .. w.cookie:match("=.*") -- another spelling is not protected
    other:get("/")
    assert.truthy(other.headers["set-cookie"])
  end)

  it("refuses other methods and addresses", function()
    for _, case in ipairs { { "PUT", "/", 405 }, { "DELETE", "/sign-in", 405 }, { "OPTIONS", "/", 405 },
      { "GET", "/sign-out", 405 }, { "POST", "/continue", 405 }, { "GET", "/nothing", 404 },
      { "GET", "/login.lua", 404 },
      { "GET", "/nginx.conf", 404 }, { "GET", "/style.css/x", 404 }, { "GET", "/%zz", 400 }, { "GET", "/%00", 400 },
      { "GET", "/" .. ("a"):rep(9000), 414 }, { "GET", "/?a=%zz&b=%&c", 200 } } do
      assert.equal(case[3], w:send(case[1], case[2]), case[1] .. " " .. case[2]:sub(1, 20))
      if case[3] ~= 200 then assert.equal("error", w.state) end
    end
    assert.equal("GET, HEAD, POST", (function() w:send("PUT", "/") return w.headers.allow end)())
    assert.equal(200, w:send("HEAD", "/"))
    assert.equal("", w.body)
  end)

  it("is there under its own name only", function()
    for _, host in ipairs { "evil.example", "evil.example:" .. page.port, page.url:sub(9) .. ".evil.example" } do
      assert.equal(421, w:send("GET", "/", nil, { Host = host }))
      assert.equal(421, w:send("GET", "/private/", nil, { Host = host }))
    end
  end)

  it("takes forms of its own only", function()
    local good = w:form { user = "ada", password = canary.password }
    for _, headers in ipairs { { Origin = "https://evil.example" }, { Origin = "null" },
      { Origin = page.url .. ".evil.example" }, { ["Sec-Fetch-Site"] = "cross-site" },
      { ["Sec-Fetch-Site"] = "same-site" } } do
      assert.equal(403, w:send("POST", "/", good, headers))
    end
    assert.equal(403, w:send("POST", "/", "user=ada&password=x"))
    assert.equal(403, w:send("POST", "/", (good:gsub("csrf=..", "csrf=AA"))))
    local other = somebody(page)
    other:get("/")
    assert.equal(403, other:send("POST", "/", good))
    assert.equal(403, w:send("POST", "/sign-out", "csrf="))
    for _, kind in ipairs { "application/json", "text/plain", "multipart/form-data; boundary=x" } do
      assert.equal(415, w:send("POST", "/", good, { ["Content-Type"] = kind }))
    end
    is_silent(page, w.body)
  end)

  it("takes no odd fields", function()
    local base = w:form {}
    for _, case in ipairs { { "user=%ff%fe", 400 }, { "user=%c0%af", 400 }, { "user=a&user=b", 400 },
      { "user=" .. ("a"):rep(1025), 400 }, { "user=" .. ("a"):rep(9000), 413 }, { ("x=1&"):rep(40), 400 },
      { "user=%zz%&password=%", 303 }, { "user&password", 303 } } do
      assert.equal(case[2], w:send("POST", "/", base .. "&" .. case[1]), case[1]:sub(1, 20))
    end
  end)

  it("sends nobody elsewhere", function()
    local _, password = devices_of(page, "linus")
    for _, to in ipairs { "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y", "javascript:1",
      "/<script>", "" } do
      local other = somebody(page)
      other:get("/?return_to=" .. encoded(to))
      assert.is_nil(other.body:find('name="return_to"', 1, true))
      other:send("POST", "/", other:form { user = "linus", password = password, return_to = to })
      assert.equal("/continue", other.headers.location)
      other:get("/continue")
      assert.equal("account", other:get("/sign-in"))
    end
    assert.equal("password", w:get("/private/a?b=c"))
    assert.truthy(w.body:find('name="return_to" value="/private/a?b=c"', 1, true))
  end)

  it("writes what was typed as text", function()
    local name = '"><script>alert(1)</script>&{csrf}{=body}'
    w:post("/", { user = name, password = canary.password })
    assert.equal("password", w.state)
    assert.truthy(w.body:find('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;{csrf}{=body}"', 1, true))
    is_silent(page, w.body)
  end)

  it("comes to the same limit for whoever is locked, unknown or wrong", function()
    for _, name in ipairs { "nobody", "lock", "linus" } do
      local screens = {}
      for i = 1, 5 do
        local someone = somebody(page)
        someone:get("/")
        screens[i] = someone:post("/", { user = name, password = canary.password })
      end
      assert.same({ "password", "password", "password", "limited", "limited" }, screens, name)
    end
  end)

  it("begins again when the state token has lapsed", function()
    local mine, password = devices_of(page, "ada")
    assert.equal("device", w:post("/", { user = "ada", password = password }))
    w:post("/sign-in", { device = mine.totp })
    control(page, "POST", "clock", { advance = 130 })
    assert.equal("expired", w:post("/sign-in", { code = code_of(page, mine.totp) }))
    w:get("/")
    assert.equal("device", w:post("/", { user = "ada", password = password }))
    assert.equal("wait", w:post("/sign-in", { device = mine.protect }))
    control(page, "POST", "clock", { advance = 130 })
    assert.equal("expired", w:wait("expired", "handover"))
  end)

  it("says that the service does not answer, and goes on when it does", function()
    local mine, password = devices_of(page, "ada")
    control(page, "POST", "faults", { operation = "login.create_session_token", status = 503, times = 100 })
    assert.equal("trouble", w:post("/", { user = "ada", password = password }))
    control(page, "DELETE", "faults")
    w:get("/")
    assert.equal("device", w:post("/", { user = "ada", password = password }))
    w:post("/sign-in", { device = mine.totp })
    control(page, "POST", "faults", { operation = "login.verify_factor", status = 503, times = 100 })
    assert.equal("code", w:post("/sign-in", { code = canary.otp }))
    assert.truthy(w.note:find("Try once more", 1, true))
    control(page, "DELETE", "faults")
    assert.equal("handover", w:post("/sign-in", { code = code_of(page, mine.totp) }))
    assert.truthy(files.read(page.errors):find("login.verify_factor server 503", 1, true))
    is_silent(page, w.body)
  end)
end)

describe("the login page without passwords, while the service fails", function()
  local page
  setup(function() page = start("--variant passwordless --name-limit 50 --push-seconds 5") end)
  teardown(function() page.stop() end)
  after_each(function() control(page, "DELETE", "faults") end)

  local function begin(name, way)
    local w = somebody(page)
    w:get("/")
    w:post("/", { user = name })
    w:post("/sign-in", { way = way })
    return w
  end

  -- The bytes of a page, but for what is new each time.
  local function plain(w, name)
    return (w.body:gsub(name, "NAME"):gsub('name="csrf" value="[^"]+"', ""):gsub('turn" value="%d+"', "")
      :gsub('data%-turn="%d+"', ""):gsub("%d+ tries", ""))
  end

  it("says so to everybody when nobody's name can be looked up", function()
    control(page, "POST", "faults", { operation = "users.list", status = 503, times = 1000 })
    for _, way in ipairs { "push", "text", "app" } do
      local known, unknown = begin("ada", way), begin("nobody", way)
      if way ~= "push" then
        known:post("/sign-in", { code = canary.otp })
        unknown:post("/sign-in", { code = canary.otp })
      end
      known:wait("trouble")
      unknown:wait("trouble")
      assert.equal(plain(known, "ada"), plain(unknown, "nobody"))
      is_silent(page, known.body)
    end
  end)

  for _, operation in ipairs { "mfa.list_devices", "mfa.activate_factor" } do
    it("says nothing of it when known names alone meet it: " .. operation, function()
      control(page, "POST", "faults", { operation = operation, status = 503, times = 1000 })
      local names = { "ada" .. "@login.test", "nobody" .. #operation }
      for _, way in ipairs { "app", "text" } do
        local seen = {}
        for i, name in ipairs(names) do
          local w = begin(name, way)
          assert.equal("checking", w:post("/sign-in", { code = "123456" }))
          w:wait("code", "trouble")
          seen[i] = plain(w, name)
        end
        assert.equal(seen[1], seen[2])
      end
    end)
  end

  it("lets a person in again once it answers", function()
    local w = begin("ada", "app")
    control(page, "POST", "faults", { operation = "mfa.activate_factor", status = 503, times = 1000 })
    w:post("/sign-in", { code = "123456" })
    w:wait("code")
    control(page, "DELETE", "faults")
    w:post("/sign-in", { code = code_of(page, devices_of(page, "ada").totp) })
    assert.equal("account", w:wait("account", "code"))
    assert.equal("account", w:get("/"))
  end)

  it("sends a request anew to whoever leaves it and comes back at once", function()
    local w = begin("sleepy", "push")
    assert.equal("way", w:post("/sign-in", { other = "1" }))
    assert.equal("wait", w:post("/sign-in", { way = "push" }))
    local answered
    for _ = 1, 100 do
      socket.sleep(0.05)
      w:get("/sign-in")
      answered = answered or control(page, "POST", "approve", { user = "sleepy" }).answered
      if w.state ~= "wait" then break end
    end
    assert.equal("account", w.state)
  end)
end)

describe("trying the login page", function()
  it("leaves nothing behind", function()
    local page = start()
    local folder = page.errors:match("^(.*)/")
    assert.equal("there", child.capture("test -d " .. folder .. " && echo there"))
    page.stop()
    assert.equal("gone", child.capture("test -d " .. folder .. " || echo gone"))
    assert.is_nil((socket.connect("127.0.0.1", page.port)))
  end)

  it("says what an option must be", function()
    local function said(options) return child.capture("examples/login-page/try " .. options .. " 2>&1") end
    assert.truthy(said("--nonsense"):find("unknown option --nonsense", 1, true))
    assert.truthy(said("--help"):find("Usage:", 1, true))
    assert.truthy(said("--variant other"):find("LOGIN_VARIANT must be one of password, passwordless", 1, true))
  end)
end)

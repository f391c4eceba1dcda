-- What the scenarios run against: a sandbox as the tenant, and the login page in an nginx of its own for each way it
-- can be set up.  Port, folders and certificate are put into the example's configuration; the rest is as it stands.
local child = require "spec.support.child"
local files = require "spec.support.files"
local nginx = require "spec.support.nginx"
local sandbox_server = require "spec.support.sandbox_server"
local json = require("onelogin.core").json

local world = {}

local example = nginx.root .. "/examples/login-page"

-- The names by which the browser knows the pages.  CORS has the tenant's own: it is the case that browsers which take
-- no cookies of other sites still allow.
local PAGES = {
  { name = "password", host = "login.acme.test", scope = "Authentication Only", settings = {} },
  { name = "cors", host = "127.0.0.1", scope = "Authentication Only", settings = { LOGIN_HANDOVER = "cors" } },
  { name = "passwordless", host = "login.acme.test", scope = "Manage All",
    settings = { LOGIN_VARIANT = "passwordless" } },
}

-- An nginx with the page, in `folder`.
local function start_page(w, page, folder)
  local port = nginx.free_port()
  assert(os.execute("mkdir " .. folder .. " && cp " .. w.folder .. "/*.pem " .. folder))
  local conf = nginx.conf(example, 2)
  conf = nginx.put(conf, "listen 127.0.0.1:8443 ssl;", ("listen 127.0.0.1:%d ssl;"):format(port))
  -- each scenario is an address of its own
  conf = nginx.put(conf, "# set_real_ip_from 10.0.0.0/8; real_ip_header",
    "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; #")
  conf = conf:gsub("root %.;", "root " .. example .. ";")
  local _, pair = sandbox_server.control(w.tenant, "POST", "credentials", { scope = page.scope })
  local environment = { ONELOGIN_SUBDOMAIN = "acme", ONELOGIN_BASE_URL = w.tenant.https_url,
    ONELOGIN_CLIENT_ID = pair.client_id, ONELOGIN_CLIENT_SECRET = pair.client_secret,
    ONELOGIN_CA_FILE = w.ca, LOGIN_ORIGIN = ("https://%s:%d"):format(page.host, port),
    LOGIN_HANDOVER_URL = w.tenant.https_url, LOGIN_PUSH_SECONDS = 10, LOGIN_TITLE = "Acme" }
  for name, value in pairs(page.settings) do environment[name] = value end
  w.stops[#w.stops + 1] = nginx.start(folder, conf, environment, port).stop
  w.pages[page.name] = { url = environment.LOGIN_ORIGIN, port = port, errors = folder .. "/errors",
    client_secret = pair.client_secret }
end

--- Starts all of it.  shots: the folder for screenshots.
function world.start(shots)
  local w = { folder = child.folder(), stops = {}, pages = {} }
  function w.stop()
    for i = #w.stops, 1, -1 do w.stops[i]() end
    child.remove(w.folder)
  end
  local ok, problem = pcall(function()
    local said = child.capture(("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
      .. "-keyout key.pem -out certificate.pem -days 2 -subj /CN=login.acme.test 2>&1 && echo made"):format(w.folder))
    assert(said:match("made$"), said)
    w.tenant = sandbox_server.start("--https --users 20")
    w.stops[1] = w.tenant.stop
    -- What the tenant does only for people whom it knows takes it a while, so that somebody who measures could tell.
    for _, operation in ipairs { "mfa.list_devices", "mfa.activate_factor", "mfa.verify_factor" } do
      sandbox_server.control(w.tenant, "POST", "faults", { operation = operation, latency = 0.25, times = 1000000 })
    end
    w.ca = w.folder .. "/tenant.crt"
    files.write(w.ca, w.tenant.certificate)
    for _, page in ipairs(PAGES) do start_page(w, page, w.folder .. "/" .. page.name) end
    assert(os.execute("mkdir -p " .. child.quote(shots) .. " && rm -f " .. child.quote(shots) .. "/*.png"))
    w.file = w.folder .. "/world.json"
    local build = nginx.absolute(child.build:gsub("/[^/]+$", ""))
    files.write(w.file, json.encode { pages = w.pages, shots = shots, modules = build .. "/browser/node_modules",
      chromium = child.capture("command -v chromium-headless-shell"), certificate = w.folder .. "/certificate.pem",
      key = w.folder .. "/key.pem", tenant = { http_url = w.tenant.http_url, https_url = w.tenant.https_url,
        client_id = w.tenant.client_id, client_secret = w.tenant.client_secret,
        control_token = w.tenant.control_token } })
  end)
  if not ok then
    w.stop()
    error(problem, 0)
  end
  return w
end

--- Runs the scenarios; gives each result (name, ms, error) as it comes.
function world.play(w, each)
  local errors, refused = w.folder .. "/driver", w.folder .. "/refused"
  local process = child.start(("env OL_REFUSED=%s node spec/hosts/browser/run.js %s %s"):format(refused, w.file,
    child.quote(os.getenv("OL_SCENARIO") or "")), errors)
  w.stops[#w.stops + 1] = process.stop
  for line in process.line do
    local result = json.decode(line)
    if os.getenv("OL_TIMES") then io.stderr:write(("%6d ms  %s\n"):format(result.ms, result.name)) end
    each(result)
  end
  w.driver_said = files.read(errors)
  local file = io.open(refused)
  w.refused = file and file:read("*a") or ""
  if file then file:close() end
end

return world

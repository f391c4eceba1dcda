-- setup.lua - the part of `try` that is easier said in Lua: people in the sandbox, nginx.conf with its ports and
-- folders, the environment, and what to tell whoever tries.

local http = require "socket.http"
local json = require("onelogin.core").json
local ltn12 = require "ltn12"
local socket = require "socket"

local HELP = [[
Usage: examples/login-page/try [options]   (or: make login-page ARGS="...")
  --variant NAME         password (default) or passwordless
  --handover HOW         form (default), cors or none: how the browser gets its OneLogin session
  --return-url URL       where OneLogin sends people afterwards
  --port N               the page's port (default: any free one)
  --title TEXT           whose page it is
  --push-seconds N       how long a request on the telephone is waited for (90)
  --name-limit N         wrong tries for one name (3)
  --address-limit N      sign-ins from one address (60)
  --window N             ... within so many seconds (900)
  --json                 one line of JSON instead of text
]]

local VARIABLES = { variant = "LOGIN_VARIANT", handover = "LOGIN_HANDOVER", return_url = "LOGIN_RETURN_URL",
  title = "LOGIN_TITLE", push_seconds = "LOGIN_PUSH_SECONDS", name_limit = "LOGIN_NAME_LIMIT",
  address_limit = "LOGIN_ADDRESS_LIMIT", window = "LOGIN_WINDOW" }

local PASSWORD = "correct horse 7"

-- Who there is: name, password, devices { type, options } and how telephones behave.
local PEOPLE = {
  { "ada", "everything: an authenticator, text messages, a telephone that says yes",
    { { "totp" }, { "sms", { phone = "+1 555 0100" } }, { "protect" } } },
  { "grace", "text messages only", { { "sms", { phone = "+1 555 0101" } } } },
  { "linus", "no second factor", {} },
  { "mallory", "a telephone that says no", { { "protect", { push = "deny" } } } },
  { "sleepy", "a telephone that nobody looks at", { { "protect", { push = "ignore" } } } },
  { "lock", "locked", { { "totp" } }, 3 },
}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function replaced(text, what, by)
  local from, to = text:find(what, 1, true)
  assert(from, "nginx.conf has no " .. what)
  return text:sub(1, from - 1) .. by .. text:sub(to + 1)
end

local function options_of(args)
  local o, i = {}, 1
  while args[i] do
    local name = (args[i]:match("^%-%-([%w-]+)$") or ""):gsub("-", "_")
    if name == "json" or name == "help" then
      o[name] = true
    elseif VARIABLES[name] or name == "port" then
      o[name] = args[i + 1] or error(args[i] .. " wants a value", 0)
      i = i + 1
    else
      error("unknown option " .. args[i], 0)
    end
    i = i + 1
  end
  return o
end

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return math.floor(tonumber(port))
end

local function control(box, method, name, body)
  local out, text = {}, body and json.encode(body) or ""
  local _, status = http.request { method = method, url = box.http_url .. "/sandbox/control/" .. name,
    headers = { ["X-Sandbox-Control"] = box.control_token, ["Content-Length"] = #text },
    source = ltn12.source.string(text), sink = ltn12.sink.table(out) }
  assert(status == 200, ("the sandbox answered %s to %s: %s"):format(tostring(status), name, table.concat(out)))
  return json.decode(table.concat(out))
end

local function make_people(box)
  local people = {}
  for i, row in ipairs(PEOPLE) do
    local name = row[1]
    local user = control(box, "POST", "users", { username = name, email = name .. "@login.test", password = PASSWORD,
      firstname = name:sub(1, 1):upper() .. name:sub(2), lastname = "Example", status = row[4] or 1 })
    local person = { username = name, email = name .. "@login.test", password = PASSWORD, what = row[2], id = user.id,
      devices = {} }
    for n, device in ipairs(row[3]) do
      local made = control(box, "POST", "devices", { user = name, type = device[1], options = device[2] })
      person.devices[n] = { id = made.id, type = made.type }
    end
    people[i] = person
  end
  return people
end

local function told(o, made)
  local out = { "", "  The page     " .. made.url, "  Variant      " .. (o.variant or "password")
    .. (o.variant == "passwordless" and "" or ", hand-over by " .. (o.handover or "form")), "",
    "  The certificate is of this start: the browser warns, and you may go on.", "" }
  if o.variant ~= "passwordless" then
    out[#out + 1] = "  Everybody's password is: " .. PASSWORD
    if o.handover == "cors" then
      out[#out + 1] = "  Visit " .. made.sandbox.https_url .. " once first, so that your browser takes its certificate."
    end
  end
  out[#out + 1] = "  Names:"
  for _, person in ipairs(made.people) do
    out[#out + 1] = ("    %-9s %s"):format(person.username, person.what)
  end
  local curl = ("curl -s -H 'X-Sandbox-Control: %s' '%s/sandbox/control/"):format(made.sandbox.control_token,
    made.sandbox.http_url)
  out[#out + 1] = "\n  Codes, from another terminal:"
  local ada = made.people[1].devices
  out[#out + 1] = ("    ada's authenticator:\n      %scode?device=%.0f'"):format(curl, ada[1].id)
  out[#out + 1] = ("    ada's OneLogin Protect:\n      %scode?device=%.0f'"):format(curl, ada[3].id)
  out[#out + 1] = "    text messages:\n      " .. curl .. "outbox'"
  out[#out + 1] = "\n  What goes wrong is in " .. made.errors .. "\n  Ctrl-C ends it all.\n"
  return table.concat(out, "\n")
end

local function prepare(folder, here, build, args)
  local ok, o = pcall(options_of, args)
  if not ok or o.help then
    io.stderr:write(ok and "" or o .. "\n", HELP)
    os.exit(ok and 0 or 2)
  end
  local box = json.decode(read(folder .. "/sandbox.json"))
  local ca = folder .. "/sandbox.pem"
  write(ca, box.certificate:find("BEGIN", 1, true) and box.certificate or read(box.certificate))
  local port = tonumber(o.port) or free_port()
  local passwordless = o.variant == "passwordless"
  local made = { url = ("https://127.0.0.1:%d"):format(port), people = make_people(box), errors = folder .. "/errors",
    certificate = folder .. "/certificate.pem", variant = o.variant or "password",
    sandbox = { http_url = box.http_url, https_url = box.https_url, control_token = box.control_token } }
  local pair = control(box, "POST", "credentials", { scope = passwordless and "Manage All" or "Authentication Only" })

  local pipe = io.popen("id -u")
  local root = pipe:read("*l") == "0"
  pipe:close()
  local conf = read(here .. "/nginx.conf")
  conf = replaced(conf, "worker_processes 2;", "worker_processes 2;" .. (root and " user root;" or ""))
  conf = replaced(conf, "error_log stderr warn;", "error_log errors warn;")
  conf = replaced(conf, "listen 127.0.0.1:8443 ssl;", ("listen 127.0.0.1:%d ssl;"):format(port))
  for _, what in ipairs { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" } do
    conf = replaced(conf, "access_log off;", ("access_log off; %s_temp_path temp_%s;"):format(what, what))
  end
  conf = conf:gsub("root %.;", function() return "root " .. here .. ";" end)
  conf = replaced(conf, "$prefix/../../build/5.1", build .. "/5.1"):gsub("%$prefix", function() return here end)
  write(folder .. "/nginx.conf", conf)

  local env = { ONELOGIN_SUBDOMAIN = "acme", ONELOGIN_BASE_URL = box.https_url, ONELOGIN_CLIENT_ID = pair.client_id,
    ONELOGIN_CLIENT_SECRET = pair.client_secret, ONELOGIN_CA_FILE = ca, LOGIN_ORIGIN = made.url,
    LOGIN_HANDOVER_URL = box.https_url }
  for name, variable in pairs(VARIABLES) do env[variable] = o[name] end
  local lines = {}
  for name, value in pairs(env) do
    lines[#lines + 1] = ("%s='%s'\n"):format(name, (value:gsub("'", "'\\''")))
  end
  write(folder .. "/environment", table.concat(lines))
  write(folder .. "/told", o.json and json.encode(made) or told(o, made))
  write(folder .. "/port", ("%d"):format(port))
end

-- Waits until nginx listens, then says so.
local function ready(folder, pid)
  local port = tonumber(read(folder .. "/port"))
  for _ = 1, 1000 do
    local sock = socket.connect("127.0.0.1", port)
    if sock then
      sock:close()
      print(read(folder .. "/told"))
      io.stdout:flush()
      return true
    end
    if not os.execute("kill -0 " .. pid .. " 2>/dev/null") then return false end
    socket.sleep(0.02)
  end
  return false
end

if arg[1] == "--ready" then
  os.exit(ready(arg[2], assert(tonumber(arg[3]))) and 0 or 1)
else
  local args = {}
  for i = 4, #arg do args[i - 3] = arg[i] end
  prepare(arg[1], arg[2], arg[3], args)
end

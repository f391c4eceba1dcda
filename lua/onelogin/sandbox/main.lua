-- `lua lua/onelogin/sandbox/main.lua` (`make sandbox`, `onelogin sandbox`): a sandbox for any program that
-- speaks HTTP. Prints where it listens, its credentials and lines to try.

local require = require

local HELP = [[
Usage: onelogin sandbox [options]   (in a checkout: make sandbox ARGS="...")
  --port N         HTTP port (default: any free one)
  --https          serve HTTPS too, with a certificate made for this start
  --https-port N   its port (default: any free one)
  --users N        people in the company (default 1000)
  --seed N         which company (default 1)
  --listen ADDR    address to bind (default 127.0.0.1: nobody else can reach it)
  --latency S      seconds every answer takes
  --lifetime S     end by itself after so many seconds
  --json           print one line of JSON instead of text
  --quiet          do not print requests
  --help           this text
]]

-- Run as a file, nothing has told Lua yet where the modules are.
local function find_modules()
  if pcall(require, "onelogin.sandbox.util") then return end
  local file = arg and arg[0] or ""
  local root = file:match("^(.*)lua/onelogin/sandbox/main%.lua$")
  if not root then return end
  package.path = root .. "lua/?.lua;" .. root .. "lua/?/init.lua;" .. package.path
  package.cpath = root .. "build/" .. _VERSION:match("%d%.%d") .. "/?.so;" .. package.cpath
end

local NUMBERS = { port = true, https_port = true, users = true, seed = true, latency = true,
  lifetime = true }
local TEXTS = { listen = true }
local FLAGS = { https = true, json = true, quiet = true, help = true }

local function parse(args)
  local o, i = {}, 1
  while args[i] do
    local name = args[i]:match("^%-%-([%w-]+)$")
    name = name and name:gsub("-", "_")
    if FLAGS[name] then
      o[name] = true
    elseif NUMBERS[name] or TEXTS[name] then
      i = i + 1
      local value = args[i]
      if NUMBERS[name] then value = tonumber(value) end
      if value == nil then return nil, args[i - 1] .. " wants a value" end
      o[name] = value
    else
      return nil, "unknown option " .. args[i]
    end
    i = i + 1
  end
  return o
end

local function banner(s, box, o)
  local url = s.https_url or s.http_url
  local out = { "OneLogin sandbox: " .. box:people().count .. " people, nothing real, all in memory.",
    "", "  base URL       " .. url }
  if s.https_url then out[#out + 1] = "  plain HTTP     " .. s.http_url end
  out[#out + 1] = "  client id      " .. s.client_id
  out[#out + 1] = "  client secret  " .. s.client_secret
  out[#out + 1] = "  control token  " .. s.control_token
  out[#out + 1] = ""
  local curl = "curl -s"
  if s.https_url then
    out[#out + 1] = "  curl -s " .. s.http_url .. "/sandbox/certificate.pem > sandbox.pem"
    curl = "curl -s --cacert sandbox.pem"
  end
  out[#out + 1] = ("  TOKEN=$(%s -u %s:%s -H 'Content-Type: application/json' \\"):format(curl,
    s.client_id, s.client_secret)
  out[#out + 1] = ("    -d '{\"grant_type\":\"client_credentials\"}' %s/auth/oauth2/v2/token |")
    :format(url)
  out[#out + 1] = "    sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')"
  out[#out + 1] = ("  %s -H \"Authorization: Bearer $TOKEN\" '%s/api/2/users?limit=3'"):format(curl, url)
  out[#out + 1] = ("  %s -H 'X-Sandbox-Control: %s' %s/sandbox/control/journal"):format(curl,
    s.control_token, url)
  out[#out + 1] = ""
  if o.listen and o.listen ~= "127.0.0.1" then
    out[#out + 1] = "  WARNING: listening on " .. o.listen .. ". Whoever can reach this machine can"
    out[#out + 1] = "  reach this sandbox. It keeps no real data and must never be given any."
    out[#out + 1] = ""
  end
  out[#out + 1] = "ready (Ctrl-C ends it)"
  return table.concat(out, "\n")
end

local function main(args)
  local o, problem = parse(args)
  if not o then
    io.stderr:write(problem, "\n", HELP)
    return 2
  end
  if o.help then
    io.write(HELP)
    return 0
  end
  find_modules()
  local server = require("onelogin.sandbox.server")
  local ok, socket = pcall(require, "socket")
  if not ok then
    io.stderr:write("The sandbox server needs the Lua module luasocket",
      " (on Debian: apt-get install lua-socket)\n")
    return 1
  end
  local clock = require("onelogin.sandbox.clock").real(socket.gettime, socket.sleep)
  local box = require("onelogin.sandbox").new { users = o.users or 1000, seed = o.seed or 1,
    latency = o.latency or 0, clock = clock, entropy = server.secret }
  local s
  ok, s = pcall(server.new, box, { port = o.port, https = o.https, https_port = o.https_port,
    listen = o.listen, lifetime = o.lifetime,
    log = not (o.quiet or o.json) and function(line) print(line) end or nil })
  if not ok then
    io.stderr:write(tostring(s), "\n")
    return 1
  end
  if o.json then
    local json = require("onelogin.core").json
    print(json.encode { http_url = s.http_url, https_url = s.https_url, client_id = s.client_id,
      client_secret = s.client_secret, control_token = s.control_token,
      certificate = s.certificate })
  else
    print(banner(s, box, o))
  end
  io.stdout:setvbuf("line")
  io.stdout:flush()
  s:run()
  return 0
end

-- Required by the command line (`onelogin sandbox`), it is a function.
if ... == "onelogin.sandbox.main" then return main end
os.exit(main(arg or {}))

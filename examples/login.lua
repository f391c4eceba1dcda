-- Signing a person in at the terminal: a menu of devices, a hidden code, a push that is waited for.
--   lua5.4 examples/login.lua [USER] [--v1] [--live]
-- USER defaults to ashley on the sandbox, which says what her devices show. `onelogin login` is the finished program.
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local files = require "onelogin.cli.files"
local say = start.say

local args = start.arguments("login.lua [USER] [--v1] [--live]", { v1 = "flag" })
local ol, box = start.client(args, { writes = true }) -- sending a code is a POST
local user = args[1] or (box and "ashley")
if not user then
  io.stderr:write("who signs in? Give a user name or an e-mail address\n")
  os.exit(2)
end

local status = os.execute("[ -t 0 ]")
local terminal = status == true or status == 0

-- A line that is not shown while it is typed.
local function ask_hidden()
  if not terminal then return io.read("*l") end
  local line = files.ask_hidden("Code (r sends a new one, Enter gives up): ")
  return line ~= "" and line or nil
end

-- Callbacks: each gets what the flow needs to have decided, and nil gives up.

local function choose(devices)
  for i, device in ipairs(devices) do
    say("  %d. %s (%s)%s", i, device.name, device.type, device.default and ", the default" or "")
  end
  io.write("Which device? [1] ")
  io.flush()
  local line = io.read("*l")
  return line and (tonumber(line) or 1)
end

local function otp(device, info)
  if info.note then say("That code is %s; %d tries left.", info.note, info.tries_left) end
  if box then
    local sent = box.outbox[#box.outbox]
    say("(the sandbox: %s shows %s)", device.name, device.needs_trigger and sent and sent.code or box:totp(device))
  end
  say("A code of %s is needed.", device.name)
  io.flush()
  local code = ask_hidden()
  if code == "r" then return nil, "resend" end
  return code
end

-- On a terminal the seconds run on one line.
local function on_wait(info)
  io.write(terminal and "\r" or "", ("Press Yes on %s: %.0f seconds left"):format(start.clean(info.device.name),
    info.remaining), terminal and "  " or "\n")
  io.flush()
end

local login, err = ol.flows.passwordless { user = user, version = args.v1 and "v1" or "v2", choose = choose, otp = otp,
  on_wait = on_wait }
if not login then
  -- Say less than this on a page: "locked" or "unknown" helps whoever guesses.
  io.stderr:write("\nnot signed in: ", start.clean(err.message), "\n")
  os.exit(1)
end
if terminal then io.write("\n") end
say("%s %s is signed in: %s, by %s", login.user.firstname, login.user.lastname, login.method, login.device.name)

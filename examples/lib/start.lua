-- What every example needs before its own few lines: the library, its arguments, a client, a harmless print.
--
--   lua5.4 examples/NAME.lua [ARGUMENTS]         on a sandbox in this process: no network, no account
--   lua5.4 examples/NAME.lua --live [ARGUMENTS]  on the tenant that ONELOGIN_* names; asks before it changes anything
local start = {}

-- Installed, or in this tree beside its examples.
local here = debug.getinfo(1, "S").source:match("^@(.*)lib/start%.lua$") or "examples/"
if not package.loaded.onelogin and not pcall(require, "onelogin") then
  package.path = here .. "../lua/?.lua;" .. here .. "../lua/?/init.lua;" .. package.path
  package.cpath = here .. "../build/" .. _VERSION:match("%d+%.%d+") .. "/?.so;" .. package.cpath
end
local onelogin = require "onelogin"

start.lib = here .. "lib/"

local function stop(text)
  io.stderr:write(text, "\n")
  os.exit(2)
end

--- Reads the command line.  flags: name → "value" or "flag"; returns name → value, and words by position.
function start.arguments(usage, flags)
  local out, words = {}, arg or {}
  flags.live, flags.help = "flag", "flag"
  local i = 1
  while i <= #words do
    local name = words[i]:match("^%-%-(.+)$")
    if not name then
      out[#out + 1] = words[i]
    elseif flags[name] == "flag" then
      out[name] = true
    elseif flags[name] then
      i = i + 1
      out[name] = words[i] or stop("--" .. name .. " needs a value")
    else
      stop(("unknown option %s\nusage: %s"):format(words[i], usage))
    end
    i = i + 1
  end
  if out.help then
    io.write("usage: ", usage, "\n")
    os.exit(0)
  end
  return out
end

--- A client: of a sandbox, or with --live of the real tenant, where it may only read unless `writes`.
-- Returns client, sandbox or nil.
function start.client(args, options)
  if not args.live then
    local box = onelogin.sandbox { users = options.users or 100 }
    return onelogin.new(box:config()), box
  end
  local ok, client = pcall(onelogin.new, { allow = not options.writes and "read" or nil,
    log = function(level, text) io.stderr:write(level, ": ", text, "\n") end })
  if not ok then
    stop(tostring(client) .. "\nSet ONELOGIN_SUBDOMAIN, ONELOGIN_CLIENT_ID and ONELOGIN_CLIENT_SECRET.")
  end
  return client
end

--- On a real tenant, asks; on a sandbox nothing can be broken.
function start.confirm(args, ol, question)
  if not args.live then return true end
  io.write(question, " on ", ol.base_url, "? [y/N] ")
  io.flush()
  local answer = io.read("*l")
  if answer and answer:lower():find("^%s*y") then return true end
  io.write("\nNothing was changed.\n")
  return false
end

--- A name in a directory may hold anything: nothing in it steers the terminal or turns the line round.
function start.clean(value)
  if value == nil or value == onelogin.null then return "" end
  local text = tostring(value):gsub("[%c\127]", "?"):gsub("\194[\128-\159]", "?")
  text = text:gsub("\226\128[\139-\143\168-\174]", "?"):gsub("\226\129[\160-\175]", "?")
  return text
end

--- A line, harmless.
function start.say(format, ...)
  local values = { ... }
  for i = 1, select("#", ...) do
    if type(values[i]) ~= "number" then values[i] = start.clean(values[i]) end
  end
  io.write(format:format((table.unpack or unpack)(values)), "\n") -- luacheck: ignore 113
end

--- Ends the program with what went wrong, in one line.
function start.need(value, err)
  if value == nil then
    io.stderr:write(start.clean(err), "\n")
    os.exit(1)
  end
  return value, err
end

start.statuses = { [0] = "unactivated", "active", "suspended", "locked", "password expired", "awaiting password reset",
  [7] = "password pending", [8] = "security questions required" }

return start

-- history.lua - the lines of earlier sessions, in a file that nobody else can read and that holds no secret.
--
-- A line that speaks of a secret is not kept, whatever it does with it: better one line too few.

local files = require "onelogin.cli.files"

local history = {}

history.KEEP = 1000 -- lines

local words = { "password", "passwd", "secret", "token", "otp", "salt", "api_key", "apikey", "authorization", "bearer",
  "credential", "state_token", "private_key", "pin%s*=" }

--- May this line be written down?  live: texts that are secret right now.
function history.harmless(line, live)
  local lower = line:lower()
  for i = 1, #words do
    if lower:find(words[i]) then return false end
  end
  for i = 1, #(live or {}) do
    if #live[i] >= 4 and line:find(live[i], 1, true) then return false end
  end
  return true
end

--- Where the history lies, or nil.
function history.path(env)
  local base = env("XDG_STATE_HOME")
  if not base or base:sub(1, 1) ~= "/" then
    local home = env("HOME")
    if not home or home == "" then return nil end
    base = home .. "/.local/state"
  end
  return base .. "/onelogin/history"
end

--- Makes the file if need be, for its owner alone.  Is it there?
function history.prepare(path)
  local folder, name = files.quote((path:gsub("/[^/]*$", ""))), files.quote(path)
  local command = "umask 077; mkdir -p -- %s 2>/dev/null && : >>%s && chmod 600 -- %s 2>/dev/null"
  local ok = os.execute(command:format(folder, name, name))
  return ok == true or ok == 0
end

--- The kept lines, the oldest first.
function history.load(path)
  local out = {}
  local file = io.open(path, "r")
  if not file then return out end
  for line in file:lines() do out[#out + 1] = line end
  file:close()
  if #out > history.KEEP then
    local kept = {}
    for i = #out - history.KEEP + 1, #out do kept[#kept + 1] = out[i] end
    out = kept
    file = io.open(path, "w") -- keeps its mode
    if file then
      file:write(table.concat(out, "\n"), "\n")
      file:close()
    end
  end
  return out
end

--- Adds one line at the end.
function history.add(path, line)
  local file = io.open(path, "a")
  if not file then return end
  file:write((line:gsub("[%c]", " ")), "\n")
  file:close()
end

return history

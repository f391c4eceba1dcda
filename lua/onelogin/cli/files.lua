-- files.lua - what plain Lua cannot ask of the system, asked of the shell: terminals, permissions, hidden input.
--
-- Everything here is POSIX sh, ls and stty; names travel quoted.

local files = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end
files.quote = quote

--- Is the file descriptor (0, 1, 2) a terminal?
function files.is_terminal(fd)
  local ok = os.execute("[ -t " .. fd .. " ]")
  return ok == true or ok == 0
end

local function output(command)
  local pipe = io.popen(command, "r")
  if not pipe then return "" end
  -- An interrupt is thrown out of reading; the shell is waited for all the same, since it puts the terminal right.
  local ok, text = pcall(function()
    local all = pipe:read("*a")
    return all
  end)
  pipe:close()
  if not ok then error(text, 0) end
  return text or ""
end

--- Columns of the terminal, or nil.
function files.columns()
  local columns = output("stty size </dev/tty 2>/dev/null"):match("^%d+ (%d+)")
  columns = tonumber(columns)
  return columns and columns > 0 and columns or nil
end

--- Can the group or others read or write the file?  nil when it cannot be told.
function files.is_open_to_others(path)
  local mode = output("ls -ldLn -- " .. quote(path) .. " 2>/dev/null"):match("^%-(%S+)")
  if not mode or #mode < 9 then return nil end
  return mode:sub(4, 9) ~= "------"
end

-- The shell reads the line, so that an interrupt meets its trap, and the terminal echoes again whatever happens.
local ASK = [[
saved=$(stty -g </dev/tty 2>/dev/null) || exit 1
trap 'stty "$saved" </dev/tty; echo >/dev/tty; exit 130' INT TERM HUP
stty ECHO </dev/tty
printf %s PROMPT >/dev/tty
IFS= read -r line </dev/tty
status=$?
stty "$saved" </dev/tty
[ $status = 0 ] && [ ECHO = echo ] || printf '\n' >/dev/tty
[ $status = 0 ] || exit 1
printf 'line:%s' "$line"]]

local function ask(prompt, echo)
  local text = output((ASK:gsub("%u+", { PROMPT = quote(prompt), ECHO = echo })))
  local line = text:match("^line:(.*)$") -- no tail call: an interrupt is thrown here
  return line
end

--- Asks on the terminal.  The line, or nil when there is no terminal or the person gave up.
function files.ask(prompt)
  local line = ask(prompt, "echo")
  return line
end

--- The same without echo.
function files.ask_hidden(prompt)
  local line = ask(prompt, "-echo")
  return line
end

-- Says a line each second, and what is typed meanwhile; nothing of that is shown.  When nobody listens any more, the
-- next line cannot be said, and the terminal is put right all the same.
local LISTEN = [[
saved=$(stty -g </dev/tty 2>/dev/null) || exit 1
over() { trap '' INT TERM HUP; stty "$saved" </dev/tty; kill "$ticks"; exit 0; }
trap over INT TERM HUP
trap '' PIPE
exec 2>/dev/null
stty -echo </dev/tty
echo $$
(while sleep 1 >&2 && echo tick; do :; done; kill $$) &
ticks=$!
while IFS= read -r line </dev/tty && printf 'line:%s\n' "$line"; do :; done
echo end
over]]

--- Listens to the terminal without holding up the caller for more than a second: listener, or nil without a terminal.
--   listener.next() -> "tick" after a second, "line" and the line that was typed, "end" when no more will come
--   listener.close()   the terminal echoes again
function files.listen()
  local pipe = io.popen(LISTEN, "r")
  local pid = pipe and pipe:read("*l")
  if not pid then
    if pipe then pipe:close() end
    return nil
  end
  local listener = {}
  function listener.next()
    local text = pipe:read("*l")
    if text == "tick" then return text end
    local line = text and text:match("^line:(.*)$")
    if line then return "line", line end
    return "end"
  end
  function listener.close()
    if not pipe then return end
    os.execute("kill " .. pid .. " 2>/dev/null")
    pipe:close()
    pipe = nil
  end
  return listener
end

--- Writes a file that its owner alone can read, in the place of one that may be there.  true | nil, complaint
function files.write_private(path, text)
  local new = path .. ".new"
  -- never through a name that somebody else has put there
  local name = quote(new)
  local made = os.execute(("{ umask 077; rm -f -- %s && set -C && : >%s; } 2>/dev/null"):format(name, name))
  local file = (made == true or made == 0) and io.open(new, "wb")
  local ok = file and file:write(text)
  if file then ok = file:close() and ok end
  ok = ok and os.rename(new, path)
  if ok then return true end
  os.remove(new)
  return nil, path .. " cannot be written"
end

--- The user's configuration file.
function files.config_path(env)
  local base = env("XDG_CONFIG_HOME")
  if base and base:sub(1, 1) == "/" then return base .. "/onelogin/config" end
  local home = env("HOME")
  return home and home ~= "" and home .. "/.config/onelogin/config" or nil
end

return files

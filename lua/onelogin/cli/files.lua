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
  local text = pipe:read("*a")
  pipe:close()
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
printf %s PROMPT >/dev/tty
stty -echo </dev/tty
IFS= read -r line </dev/tty
status=$?
stty "$saved" </dev/tty
printf '\n' >/dev/tty
[ $status = 0 ] || exit 1
printf 'line:%s' "$line"]]

--- Asks on the terminal without echo.  The line, or nil when there is no terminal or the person gave up.
function files.ask_hidden(prompt)
  local text = output((ASK:gsub("PROMPT", function() return quote(prompt) end)))
  local line = text:match("^line:(.*)$") -- no tail call: an interrupt is thrown here
  return line
end

--- The user's configuration file.
function files.config_path(env)
  local base = env("XDG_CONFIG_HOME")
  if base and base:sub(1, 1) == "/" then return base .. "/onelogin/config" end
  local home = env("HOME")
  return home and home ~= "" and home .. "/.config/onelogin/config" or nil
end

return files

-- streams.lua - where the command line reads and writes; specs give their own.
--
--   { out = , err = , input = ,                 write(text), flush(); read(what), lines()
--     out_tty = fn, err_tty = fn, in_tty = fn,  is it a terminal?  asked when needed, for each costs a process
--     width = fn,                               columns of the terminal | nil
--     question = fn(prompt) → line | nil,       asked on the terminal, whatever standard input is
--     ask_hidden = fn(prompt) → line | nil,
--     listen = fn() → what is typed while time passes, see files.listen | nil,
--     box = an emulator for --sandbox instead of a fresh one, or nil }

local files = require "onelogin.cli.files"

local streams = {}

local function once(fn)
  local known, value
  return function()
    if not known then known, value = true, fn() end
    return value
  end
end

--- The process's own.
function streams.standard()
  return {
    out = io.stdout, err = io.stderr, input = io.stdin,
    out_tty = once(function() return files.is_terminal(1) end),
    err_tty = once(function() return files.is_terminal(2) end),
    in_tty = once(function() return files.is_terminal(0) end),
    width = once(files.columns),
    question = files.ask,
    ask_hidden = files.ask_hidden,
    listen = files.listen,
  }
end

return streams

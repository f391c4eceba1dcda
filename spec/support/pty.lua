-- A program on a terminal of its own (script(1)), typed at and read from: what a person at it would see.
local child = require "spec.support.child"

local M = {}

local LIMIT = 60 -- seconds after which the program is ended: a spec never waits for ever

--- Starts a shell script on a new terminal.  environment: shell text such as "A=x".  The handle:
--   expect(text)  reads until the text was shown (plain); what was shown until then; fails when the program ends before
--   type(text)    types it, as it is: "\r" is Enter, "\3" Ctrl-C, "\4" Ctrl-D
--   rest()        all that is shown until the program ends
function M.start(script, environment)
  local folder = child.folder()
  local function file(name) return folder .. "/" .. name end
  local out = assert(io.open(file "script", "w"))
  out:write(script, "\n")
  out:close()
  assert(child.capture(("mkfifo %s %s && echo made"):format(file "in", file "out")) == "made")
  local pipe = assert(io.popen(("exec 2>/dev/null; env %s timeout -k 2 %d script --echo always -qefc 'sh %s' /dev/null "
    .. "<%s >%s"):format(environment or "", LIMIT, file "script", file "in", file "out"), "w"))
  local keys = assert(io.open(file "in", "w"))
  local shown = assert(io.open(file "out", "r"))
  local seen = {}
  local handle = {}

  function handle.expect(text)
    local got = ""
    while not got:find(text, 1, true) do
      local byte = shown:read(1)
      if not byte then error(("the program ended before it showed %q; it showed:\n%s"):format(text,
        table.concat(seen))) end
      got = got .. byte
      seen[#seen + 1] = byte
    end
    return got
  end

  function handle.type(text)
    keys:write(text)
    keys:flush()
  end

  function handle.rest()
    local text = shown:read("*a")
    seen[#seen + 1] = text
    keys:close()
    shown:close()
    pipe:close()
    child.remove(folder)
    return text
  end

  --- All that was shown so far.
  function handle.shown() return table.concat(seen) end

  return handle
end

return M

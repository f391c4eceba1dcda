-- Child processes of a spec: started with a pipe both ways, stopped by their own pid, and stopped
-- by themselves when the spec's process ends for whatever reason.
local child = {}

-- The output of a shell command.  What the runner preloads (the guard, sanitizers) is for Lua, not
-- for the tools that specs call.
local function capture(command)
  local pipe = assert(io.popen("unset LD_PRELOAD; " .. command, "r"))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("\n$", ""))
end
child.capture = capture

function child.quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

-- A new folder; remove it with child.remove.
function child.folder()
  local path = capture("mktemp -d")
  assert(path:match("^/."), "mktemp failed")
  return path
end

function child.remove(path)
  assert(path:match("^/[^/]+/."), "not a folder of ours")
  os.execute("rm -rf " .. child.quote(path))
end

-- The interpreter that runs this spec, and the folder that holds the modules built for it.
child.abi = _VERSION:match("%d+%.%d+")
child.lua = rawget(_G, "jit") and "luajit" or "lua" .. child.abi
child.build = (os.getenv("OL_BUILD") or "build") .. "/" .. child.abi

-- What a script of its own needs to find the modules under test.
function child.cpath()
  return "package.cpath = " .. ("%q"):format(child.build .. "/?.so;") .. " .. package.cpath\n"
end

-- Starts a shell command line (one simple command).  Returns a handle: pid, line() reads what the
-- command prints, stop() ends it and waits.  Reading is how a spec waits for readiness.
function child.start(command, errors)
  local folder = child.folder()
  local fifo = folder .. "/out"
  assert(capture("mkfifo " .. fifo .. " && echo made") == "made")
  -- The child says its pid itself, so that nothing it prints can come before.
  local control = assert(io.popen(("exec 2>/dev/null; sh -c %s >%s 2>%s & pid=$!; "
    .. "cat >/dev/null; kill $pid; wait $pid"):format(child.quote("echo $$; exec " .. command), fifo,
    errors or "/dev/null"), "w"))
  local out = assert(io.open(fifo, "r"))
  child.remove(folder)
  local handle = { pid = tonumber(out:read("*l")) }
  function handle.line()
    return out:read("*l")
  end
  function handle.stop()
    if control then
      control:close()
      out:close()
      control = nil
    end
  end
  return handle
end

-- Shell text that sets what the runner preloaded, and `more` (a path of one's own): before the guard,
-- whose functions it may replace, but behind a sanitizer, which has to be first.
function child.preload(more)
  local before, guard = (os.getenv("LD_PRELOAD") or ""):match("^(.-)(%S*loopback%.so)$")
  local list = { before or os.getenv("LD_PRELOAD") or "", more or "", guard or "" }
  return "LD_PRELOAD=" .. child.quote(table.concat(list, " "))
end

-- Runs a Lua program in a process of its own, in this interpreter; returns all it prints.
-- `environment` is shell text such as "A=x B=y".  Leaks are looked for in the spec's own process: a
-- program that forks abandons things on purpose.
function child.run(program, environment)
  local folder = child.folder()
  local path = folder .. "/program.lua"
  local file = assert(io.open(path, "w"))
  file:write(child.cpath(), program)
  file:close()
  local text = capture(("env ASAN_OPTIONS=detect_leaks=0 %s %s %s %s 2>&1"):format(child.preload(),
    environment or "", child.lua, path))
  child.remove(folder)
  return text
end

-- Compiles a shared library out of spec/support and returns its path below `folder`.  Lua's headers
-- come from pkg-config.
function child.compile(source, folder, lua_module)
  local path = folder .. "/" .. source:gsub("%.c$", "") .. ".so"
  local flags = lua_module and ("$(pkg-config --cflags lua" .. child.abi .. ")") or ""
  local said = capture(("${CC:-cc} -std=gnu11 -O1 -fPIC -shared %s -o %s "
    .. "spec/support/%s -ldl -lpthread 2>&1 && echo compiled"):format(flags, path, source))
  assert(said:match("compiled$"), said)
  return path
end

return child

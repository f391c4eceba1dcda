-- Times the program against a sandbox on this machine: milliseconds to the first byte of one GET, and the memory of
-- a walk that streams everything.  lua5.4 program.lua BUILD USERS INTERPRETER...; prints `NAME VALUE` lines.
local socket = require "socket"

local build, users = arg[1], arg[2]
local ROUNDS = 15

local function env(interpreter)
  local abi = interpreter == "luajit" and "5.1" or interpreter:match "%d%.%d"
  return ("env -i PATH='%s' LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/%s/?.so;;' "):format(os.getenv "PATH",
    build, abi)
end

local server = io.popen(("%s lua5.4 lua/onelogin/cli/onelogin.lua sandbox --json --quiet --users %s --lifetime 300 & "
  .. "echo $!; wait"):format(env "lua5.4", users))
local pid = server:read "l"
local facts = server:read "l"
local function fact(name)
  return facts:match('"' .. name .. '":"([^"]*)"')
end

local function program(interpreter, words)
  return ("%s ONELOGIN_BASE_URL=%s ONELOGIN_CLIENT_ID=%s ONELOGIN_CLIENT_SECRET=%s %s lua/onelogin/cli/onelogin.lua %s")
    :format(env(interpreter), fact "http_url", fact "client_id", fact "client_secret", interpreter, words)
end

for i = 3, #arg do
  local interpreter = arg[i]
  for _ = 1, ROUNDS do
    local began = socket.gettime()
    local pipe = io.popen(program(interpreter, "users get 88000004"))
    assert(pipe:read(1) == "{", "no answer")
    print(("program.%s.first_ms %.2f"):format(interpreter, (socket.gettime() - began) * 1000))
    pipe:read "a"
    pipe:close()
  end
  local watched = io.popen(program(interpreter, "users list --all --limit 1000 --format jsonl >/dev/null")
    .. [[ & p=$!; while grep VmHWM /proc/$p/status 2>/dev/null; do sleep 0.1; done | tail -n 1]])
  print(("program.%s.walk_kib %s"):format(interpreter, watched:read("a"):match "VmHWM:%s*(%d+)"))
  watched:close()
end
os.execute("kill " .. pid)
server:close()

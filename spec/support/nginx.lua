-- An nginx with the configuration of an example, in a folder of its own: what every spec has to put in, and how one is
-- started.
local child = require "spec.support.child"
local files = require "spec.support.files"
local socket = require "socket"

local nginx = {}

nginx.root = child.capture("pwd")

-- A path that holds wherever nginx is started.
function nginx.absolute(path)
  return path:sub(1, 1) == "/" and path or nginx.root .. "/" .. path
end

-- Below those that the kernel gives to connections and to who asks for any: nobody takes it before nginx does.
local FIRST, PORTS = 20000, 12000
local at = math.floor(socket.gettime() * 1000000) % PORTS

--- A port that is free just now, another one each time.
function nginx.free_port()
  for _ = 1, 1000 do
    at = (at + 1) % PORTS
    local listener = socket.bind("127.0.0.1", FIRST + at)
    if listener then
      listener:close()
      return FIRST + at
    end
  end
  error("no port is free")
end

--- The configuration with `by` where it has `what`.
function nginx.put(conf, what, by)
  local from, to = conf:find(what, 1, true)
  assert(from, "the example's nginx.conf has no " .. what)
  return conf:sub(1, from - 1) .. by .. conf:sub(to + 1)
end

--- The configuration of an example (its folder, absolute) with so many workers: errors and temporary files go into
-- nginx's new folder, modules and pages are where they were.
function nginx.conf(example, workers)
  local conf = files.read(example .. "/nginx.conf")
  conf = nginx.put(conf, "worker_processes 2;", ("worker_processes %d;%s"):format(workers,
    child.capture("id -u") == "0" and " user root;" or ""))
  conf = nginx.put(conf, "error_log stderr warn;", "error_log errors warn;")
  for _, what in ipairs { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" } do
    conf = nginx.put(conf, "access_log off;", ("access_log off; %s_temp_path temp_%s;"):format(what, what))
  end
  local build = nginx.absolute(child.build:gsub("[^/]+$", "5.1"))
  return (nginx.put(conf, "$prefix/../../build/5.1", build):gsub("%$prefix", example))
end

--- Starts nginx in `folder`, with a table of environment variables, and waits until it listens on `port`.  Returns the
-- process (child.lua).
function nginx.start(folder, conf, environment, port)
  files.write(folder .. "/nginx.conf", conf)
  local words = {}
  for name, value in pairs(environment) do words[#words + 1] = name .. "=" .. child.quote(value) end
  local process = child.start(("env -u LD_PRELOAD %s nginx -p %s/ -c nginx.conf -e errors"):format(
    table.concat(words, " "), folder))
  for _ = 1, 1000 do
    local sock = socket.connect("127.0.0.1", port)
    if sock then
      sock:close()
      if not files.read(folder .. "/errors"):find("[emerg]", 1, true) then return process end
      break -- somebody else listens there
    end
    socket.sleep(0.01)
  end
  process.stop()
  error("nginx does not listen: " .. files.read(folder .. "/errors"))
end

return nginx

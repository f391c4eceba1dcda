-- A real, headless Minetest server on a free port of 127.0.0.1, with the mod under test and a probe.
local child = require "spec.support.child"
local socket = require "socket"

local server = {}

local function write(path, content)
  local file = assert(io.open(path, "w"))
  file:write(content)
  file:close()
end

local function free_port()
  local sock = assert(socket.udp())
  assert(sock:setsockname("127.0.0.1", 0))
  local _, port = sock:getsockname()
  sock:close()
  return tonumber(port)
end

-- What the server says until it listens, or ends.
local function ready(process)
  local said = {}
  for line in process.line do
    said[#said + 1] = line
    if line:find("listening on", 1, true) then return true end
  end
  return nil, table.concat(said, "\n")
end

--- Starts one.  options: box (a served sandbox), trusted (default true), settings (more lines of minetest.conf).
-- Returns a handle, or nil and what the server said.
function server.start(options)
  local folder = child.folder()
  local here = child.capture("pwd")
  local world = folder .. "/world"
  os.execute(("mkdir -p %s/worldmods %s/mine"):format(world, folder))
  os.execute(("cp -r examples/minetest/onelogin_join spec/hosts/minetest/onelogin_probe %s/worldmods/"):format(world))
  write(world .. "/world.mt", "gameid = devtest\nbackend = sqlite3\nplayer_backend = sqlite3\n"
    .. "auth_backend = sqlite3\nmod_storage_backend = sqlite3\nworld_name = spec\n")
  write(folder .. "/credentials", ("base_url = %s\nclient_id = %s\nclient_secret = %s\n"):format(
    options.box.http_url, options.box.client_id, options.box.client_secret))
  local port = free_port()
  write(folder .. "/minetest.conf", table.concat({
    "secure.enable_security = true",
    options.trusted == false and "" or "secure.trusted_mods = onelogin_join",
    "bind_address = 127.0.0.1", "port = " .. port, "server_announce = false", "mg_name = singlenode",
    "dedicated_server_step = 0.05", "debug_log_level = action", "max_users = 40",
    "sqlite_synchronous = 0", -- the disk's pauses are not what is measured
    "onelogin_join.credentials = " .. folder .. "/credentials",
    ("onelogin_join.lua_path = %s/lua/?.lua;%s/lua/?/init.lua"):format(here, here),
    ("onelogin_join.lua_cpath = %s/%s/5.1/?.so"):format(here, os.getenv("OL_BUILD") or "build"),
    options.settings or "", "" }, "\n"))
  local process = child.start(("env HOME=%s/mine %s /usr/games/minetestserver --world %s --config %s/minetest.conf "
    .. "--logfile %s/mine/debug.txt --gameid devtest --color never 2>&1"):format(folder, child.preload(), world,
    folder, folder))
  local handle = { port = port, pid = process.pid }

  --- What the server wrote into its log.
  function handle.log()
    local file = io.open(folder .. "/mine/debug.txt")
    local text = file and file:read("*a") or ""
    if file then file:close() end
    return text
  end

  --- What the probe said: a list of lines, each a list of words.
  function handle.probe()
    local list = {}
    local file = io.open(world .. "/probe.txt")
    if not file then return list end
    for line in file:lines() do
      local words = {}
      for word in line:gmatch("%S+") do words[#words + 1] = word end
      list[#list + 1] = words
    end
    file:close()
    return list
  end

  function handle.remove()
    process.stop()
    child.remove(folder)
  end

  --- Asks the server to shut down and waits for its end.
  function handle.shut_down()
    write(world .. "/stop", "")
    local all = {}
    for line in process.line do all[#all + 1] = line end
    return table.concat(all, "\n")
  end

  local ok, said = ready(process)
  if not ok then
    said = said .. handle.log()
    handle.remove()
    return nil, said
  end
  return handle
end

return server

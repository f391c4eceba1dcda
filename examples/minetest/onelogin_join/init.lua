-- onelogin_join - a player must approve a push to join.
--
-- In minetest.conf: secure.trusted_mods = onelogin_join, and onelogin_join.credentials = /path/of/a/file (see
-- settingtypes.txt).  A player's name is the user name in OneLogin.
-- luacheck: globals minetest onelogin_join

local ie = minetest.request_insecure_environment()
if not ie then
  error("onelogin_join needs the network: add it to secure.trusted_mods in minetest.conf")
end

-- Nothing of the insecure environment is put where another mod could take it: this mod's other files run in it, and no
-- function that mods share is handed it.
local folder = ie.debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local function part(name)
  return ie.setfenv(ie.assert(ie.loadfile(folder .. "/" .. name)), ie)()
end

local settings = minetest.settings
local function setting(name) return settings:get("onelogin_join." .. name) end
local function log(level, text) minetest.log(level, "[onelogin_join] " .. text) end

local function extra(path) return path and path .. ";" or "" end
local require = part("library.lua")(ie, extra(setting("lua_path")), extra(setting("lua_cpath")))
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local core = require "onelogin.core"

local function credentials()
  local path = setting("credentials")
  if not path then error("onelogin_join: set onelogin_join.credentials in minetest.conf") end
  local found, known = {}, { subdomain = 1, region = 1, base_url = 1, client_id = 1, client_secret = 1, ca_file = 1 }
  local file, problem = ie.io.open(path, "r")
  if not file then error("onelogin_join: " .. problem) end
  for line in file:lines() do
    local name, value = line:match("^%s*([%w_]+)%s*=%s*(.-)%s*$")
    if name and not known[name] then error("onelogin_join: unknown name " .. name .. " in " .. path) end
    if name then found[name] = value end
  end
  file:close()
  return found
end

-- Each sign-in is a task.  Nothing in them blocks: calls and sleeps go on in a later step of the server.
local clock = { mono = core.clock.mono, wall = core.clock.wall, sleep = tasks.sleep }
local pool = tasks.pool { clock = clock, on_error = function(problem) log("error", tostring(problem)) end }

local options = credentials()
options.clock = clock
options.log = function(level, message) log(level == "warning" and "warning" or "info", message) end
local ol = onelogin.new(options)

local gate = part("gate.lua") {
  spawn = function(fn) pool:spawn(fn) end,
  pcall = tasks.pcall,
  now = clock.mono,
  log = function(text) log("action", text) end,
  grant_seconds = tonumber(setting("grant_seconds")) or 300,
  pause_seconds = tonumber(setting("pause_seconds")) or 60,
  most = 50,
  sign_in = function(name)
    return ol.flows.passwordless { user = name, by = "username", timeout = 90 }
  end,
}

minetest.register_globalstep(function() pool:tick() end)

minetest.register_on_prejoinplayer(function(name, ip) return gate.knock(name, ip) end)

minetest.register_on_authplayer(function(name, ip, is_success)
  if is_success then gate.authenticated(name, ip) end
end)

minetest.register_on_joinplayer(function(player)
  local name = player:get_player_name()
  local reason = gate.enter(name, minetest.get_player_ip(name))
  if reason then minetest.disconnect_player(name, reason) end
end)

minetest.register_on_shutdown(function()
  pool:close()
  ol:close()
end)

-- For other mods: how many players are being asked.
onelogin_join = { waiting = gate.waiting }

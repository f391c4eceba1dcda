-- An ordinary, untrusted mod beside the one under test: it says what happens, and tries what it must not be able to.
-- luacheck: globals minetest onelogin_join
local lines = assert(io.open(minetest.get_worldpath() .. "/probe.txt", "w"))
local function say(...)
  lines:write(table.concat({ ... }, " "), "\n")
  lines:flush()
end

say("insecure", tostring(minetest.request_insecure_environment() ~= nil))
say("require", tostring((pcall(require, "onelogin"))))
local fields = {}
for name in pairs(onelogin_join) do fields[#fields + 1] = name end
say("shared", table.concat(fields, ","))
local credentials = minetest.settings:get("onelogin_join.credentials")
local opened, file = pcall(io.open, credentials)
say("credentials", tostring(opened and file and true or false))

-- Each step: how long since the last one, how long the mod's part of it took (microseconds), and how many sign-ins are
-- open.  The mod was loaded before this one, so its part is the last one registered.
local steps = minetest.registered_globalsteps
local part, spent = steps[#steps], 0
steps[#steps] = function(...)
  local began = minetest.get_us_time()
  part(...)
  spent = minetest.get_us_time() - began
end
local last
minetest.register_globalstep(function()
  local now = minetest.get_us_time()
  if last then say("step", ("%d %d"):format(now - last, spent), onelogin_join.waiting()) end
  last = now
end)

-- Who is turned away at the door is gone by then.
minetest.register_on_joinplayer(function(player)
  local name = player:get_player_name()
  minetest.after(0.3, function()
    if minetest.get_player_by_name(name) then say("joined", name) end
  end)
end)

-- The spec's client can only register, so an account ends with each visit.
minetest.register_on_leaveplayer(function(player)
  say("left", player:get_player_name())
  minetest.get_auth_handler().delete_auth(player:get_player_name())
end)

-- Without privileges of our own over the process, the world's folder is where the spec can ask for the end.
minetest.register_globalstep(function()
  local stop = io.open(minetest.get_worldpath() .. "/stop")
  if stop then
    stop:close()
    minetest.request_shutdown("the spec is done", false, 0)
  end
end)

-- Twenty calls at once beside a copas server, which answers an echo client meanwhile.
-- Needs copas (lua-copas; Lua 5.1 or LuaJIT) and the ONELOGIN_ settings of a tenant, or of `onelogin sandbox`.
local copas = require "copas"
local socket = require "socket"
local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"

local ol = onelogin.new {}
local pool = tasks.pool()
local loop = require("onelogin.loops.copas")(pool, copas)

local server = assert(socket.bind("127.0.0.1", 0))
local _, port = server:getsockname()
copas.addserver(server, function(client)
  client = copas.wrap(client)
  while true do
    local line = client:receive()
    if not line then return end
    client:send(line .. "\n")
  end
end)

local beats, done = 0, false
copas.addthread(function()
  local raw = socket.tcp()
  assert(copas.connect(raw, "127.0.0.1", tonumber(port)))
  local client = copas.wrap(raw)
  while not done do
    client:send("beat\n")
    assert(client:receive() == "beat")
    beats = beats + 1
  end
end)

pool:spawn(function()
  local users = assert(ol.users:list { limit = 20 })
  local names = tasks.map(users, function(user) return assert(ol.users:get(user.id)).username end, { limit = 20 })
  print(#names .. " users, first " .. names[1] .. ", beats " .. beats)
  done = true
end)

loop.loop(function() return done end)

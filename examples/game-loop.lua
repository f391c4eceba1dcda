-- game-loop.lua - calls inside a game's update(dt): nothing waits, frames go on, answers arrive in a later frame.
--
--   eval "$(make -s env)"; lua5.4 examples/game-loop.lua [PLAYER]
--
-- On the tenant of ONELOGIN_* if there is one, else on a sandbox in this process, whose time is virtual.  PLAYER signs
-- in by a push while the names for a crew list are fetched.

local onelogin = require "onelogin"
local tasks = require "onelogin.tasks"
local core = require "onelogin.core"

local player = arg and arg[1] or "akua"
local options = {}
if not (os.getenv("ONELOGIN_BASE_URL") or os.getenv("ONELOGIN_SUBDOMAIN") or os.getenv("ONELOGIN_REGION")) then
  options = onelogin.sandbox({ users = 20 }):config()
end

-- One clock for all: its sleep lets a task wait and the frames go on.
local real = options.clock or core.clock
local clock = { mono = real.mono, wall = real.wall, sleep = tasks.sleep }
options.clock, options.allow = clock, { "users.*", "mfa.*" }
local ol = onelogin.new(options)

local game = { frame = 0, crew = {} }
local pool = tasks.pool {
  clock = clock,
  on_error = function(problem) game.message = "failed: " .. tostring(problem) end,
}

-- What an engine calls once, as love.load.
function game.load()
  pool:spawn(function()
    game.message = "approve the push on your telephone"
    local login, err = ol.flows.passwordless { user = player, by = "username", factors = { "protect" } }
    game.message = login and ("welcome, " .. login.user.firstname) or ("not signed in: " .. err.kind)
  end)
  pool:spawn(function()
    local users = onelogin.check(ol.users:list { limit = 8 })
    tasks.map(users, function(user, i)
      local whole = onelogin.check(ol.users:get(user.id))
      game.crew[i] = whole.username
    end, { limit = 4 })
    game.crew.complete = true
  end)
end

-- What an engine calls in every frame, as love.update: at most two milliseconds are spent here, mostly none.
function game.update()
  game.frame = game.frame + 1
  pool:tick(0.002)
end

-- love.draw; here a line when something has changed.
function game.draw()
  local shown = ("%s; crew of %d%s"):format(game.message or "...", #game.crew,
    game.crew.complete and ", complete" or "")
  if shown ~= game.shown then
    game.shown = shown
    print(("frame %4d: %s"):format(game.frame, shown))
  end
end

-- A stand-in for the engine: 60 frames a second.
game.load()
local last = clock.mono()
repeat
  real.sleep(1 / 60)
  local now = clock.mono()
  game.update(now - last)
  game.draw()
  last = now
until pool:running() == 0
print(("%d frames"):format(game.frame))
ol:close()

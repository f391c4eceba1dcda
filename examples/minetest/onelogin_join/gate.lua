-- gate.lua - who may join: asks for a push once the password was right, and remembers the answer for a while.
--
-- It knows nothing of Minetest.  `world`: sign_in(name) → login | nil, err (waits, so it is called by spawn),
-- spawn(fn), pcall, now(), log(text), and the numbers grant_seconds, pause_seconds, most.

local APPROVE = "A request was sent to your telephone. Approve it, then join again."
local REFUSED = "Your sign-in was not approved. Try again later, or ask the server's administrators."
local TROUBLE = "Sign-in does not work at the moment. Please try again later."

return function(world)
  local gate, known, waiting = {}, {}, 0 -- known: name → { ip, state = "waiting" | "granted" | "refused", till, says }

  local function entry(name)
    local one = known[name]
    if one and one.state ~= "waiting" and world.now() >= one.till then
      known[name], one = nil, nil
    end
    return one
  end

  local function forget_old()
    for name in pairs(known) do entry(name) end
  end

  local function settle(one, state, seconds, says)
    waiting = waiting - 1
    one.state, one.till, one.says = state, world.now() + seconds, says
  end

  -- Before the password: nil lets the client go on, a text turns it away.  Anybody can claim a name here, so
  -- nothing is started.
  function gate.knock(name, ip)
    local one = entry(name)
    if not one or (one.state == "granted" and one.ip == ip) then return nil end
    if one.state == "granted" then return REFUSED end -- approved for another address
    return one.state == "waiting" and APPROVE or one.says
  end

  -- The password was right: sends the push, unless an answer is known or awaited.
  function gate.authenticated(name, ip)
    if entry(name) then return end
    forget_old()
    if waiting >= world.most then return end -- `enter` says so
    local one = { ip = ip, state = "waiting" }
    known[name] = one
    waiting = waiting + 1
    world.spawn(function()
      local ok, login, err = world.pcall(world.sign_in, name)
      if not ok then login, err = nil, { kind = "bug", text = login } end
      if login then
        settle(one, "granted", world.grant_seconds)
        world.log(name .. " was approved by " .. login.method)
      else
        local person = err.kind == "denied" or err.kind == "timeout" and err.reason
        settle(one, "refused", world.pause_seconds, person and REFUSED or TROUBLE)
        world.log(name .. " was not let in: " .. tostring(err.text or err))
      end
    end)
  end

  -- At the door: nil, or the text to be turned away with.
  function gate.enter(name, ip)
    local one = entry(name)
    if not one then return TROUBLE end
    if one.state == "granted" and one.ip == ip then return nil end
    return one.state == "refused" and one.says or APPROVE
  end

  -- How many pushes are open.
  function gate.waiting() return waiting end

  return gate
end

-- drive.lua - the waiting loop: asks a call what it wants and does it.
--
-- The loop is Lua so that a transport or clock may yield on every Lua that can; there is no second one for the
-- asynchronous case, only other hosts.  host = { transport, clock, store, wire }; wire: the transport is our engine and
-- takes the call itself instead of a request table (wire.h).

local drive = {}

local pcall, error, running = pcall, error, coroutine.running

-- May a coroutine yield from inside pcall?  Not on plain Lua 5.1, where only the main thread is guarded below (and what
-- runs in tasks.pcall).  nginx's own coroutine table lacks the newer function.
local yields_in_pcall = coroutine.isyieldable ~= nil or type(rawget(_G, "jit")) == "table"
drive.yields_in_pcall = yields_in_pcall

-- For drivers: carries out a "store" want.
local stored

-- What a shared store is asked: its functions are get(key), set(key, value, seconds), add(key, value, seconds),
-- delete(key).
-- Tokens and pace are shared under keys that name the tenant and credential, never a secret.
function stored(host, operation, value, seconds)
  local store, prefix, wall = host.store, host.store_prefix, host.clock.wall
  if operation == "get_token" then
    local expires, token = tostring(store.get(prefix .. "token") or ""):match("^([%d%.]+) (.+)$")
    return token, tonumber(expires)
  elseif operation == "lock_token" then
    if not store.add then return nil, 1 end
    return nil, store.add(prefix .. "lock", value, seconds) and 1 or 0
  elseif operation == "unlock_token" then
    -- a store without delete lets it run out
    if store.delete and store.get(prefix .. "lock") == value then store.delete(prefix .. "lock") end
    return nil, 0
  elseif operation == "put_token" then
    local life = seconds - wall()
    if life > 0 then store.set(prefix .. "token", ("%.3f %s"):format(seconds, value), life) end
    return nil, 0
  elseif operation == "get_pace" then
    local till = tonumber(store.get(prefix .. "pace:" .. value) or nil)
    return nil, till and till - wall() or 0
  end
  local life = seconds - wall() -- put_pace
  if life > 0 then store.set(prefix .. "pace:" .. value, ("%.3f"):format(seconds), life) end
  return nil, 0
end

drive.stored = stored

-- Other ways of waiting, asked in turn: each answers a function(host, call, now, today) that runs the call to its end,
-- or nil when it is not its turn.  Added by what brings them (tasks, nginx) when that is loaded.
drive.finders = {}

-- Counts a call that has ended (client:stats) and passes its result on.
local function counted(host, call, value, info)
  local sends = call:attempts()
  host.calls = host.calls + 1
  host.requests = host.requests + sends
  if sends > 1 then host.retries = host.retries + sends - 1 end
  if value == nil then host.failed = host.failed + 1 end
  if host.hooks then host.hooks:ended(call) end
  return value, info
end

drive.counted = counted

-- What `run` answers.  Should it throw (a transport, a store), the call is cancelled: it may have been fetching the
-- token that others wait for.
local function ended(host, call, ok, ...)
  if ok then return counted(host, call, ...) end
  call:cancel()
  counted(host, call)
  if drive.stirred then drive.stirred(host) elseif drive.moved then drive.moved(host) end
  error(..., 0)
end

-- The same of one that nothing guards.  One that threw does not come here; drive.lost counts those.
local function landed(host, call, ...)
  host.begun, host.open[call] = host.begun - 1, nil
  return counted(host, call, ...)
end

-- How many unguarded calls have begun and neither landed nor are under way.  A finalised call answers nothing.
function drive.lost(host)
  local n = host.begun
  for call in pairs(host.open) do
    if pcall(call.attempts, call) and not pcall(call.result, call) then n = n - 1 end
  end
  return n
end

-- Runs a call to its end and returns what it results in.  now, today: mono and wall time, if they are at hand.
function drive.run(host, call, now, today)
  local run = host.driver
  if not run then
    local finders = drive.finders
    for i = 1, #finders do
      run = finders[i](host)
      if run then break end
    end
    run = run or drive.block
  end
  if yields_in_pcall or not running() then return ended(host, call, pcall(run, host, call, now, today)) end
  host.begun, host.open[call] = host.begun + 1, true
  return landed(host, call, run(host, call, now, today))
end

-- The blocking way.
function drive.block(host, call, now, today)
  local transport, clock = host.transport, host.clock
  local mono, wall, hooks = clock.mono, clock.wall, host.hooks
  now, today = now or mono(), today or wall()
  while true do
    local want, a, b, c = call:want(now, today, host.wire)
    if want == "send" then
      -- a response table, or nil and a failure; from the engine the parts as they came, unread
      if hooks then hooks:sent(call, a, now) end
      local response, more, body = transport:send(a)
      now, today = mono(), wall()
      local done = call:answer(now, today, response, more, body)
      if hooks then hooks:answered(call, a, now, response, more) end
      if done then return call:result() end
    elseif want == "done" then
      return call:result()
    elseif want == "wait" then
      if hooks then hooks:waits(call, a - now) end
      clock.sleep(a - now)
      now, today = mono(), wall()
    elseif want == "store" then
      local value, number = stored(host, a, b, c)
      now, today = mono(), wall()
      call:stored(now, today, value, number)
    else
      -- "join": in blocking code nobody else can finish that flight, so this call does.
      call:take()
    end
  end
end

return drive

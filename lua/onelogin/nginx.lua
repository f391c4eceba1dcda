--- Calls inside nginx (ngx_lua, OpenResty): a call that waits suspends its request, never the worker.
--
-- Loaded by the client where there is an `ngx`.  libcurl's sockets are nothing nginx can wait for, so one timer a
-- worker looks after the engine, as long as transfers run and no longer; every waiting call has a semaphore of its
-- own.  Made in the worker when first needed, after the fork.  docs/openresty.md says how it is used.

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"
local drive = require "onelogin.drive"
local hooking = require "onelogin.hooks"
local semaphore = require "ngx.semaphore"

local nginx = {}

local ngx = ngx -- luacheck: ignore 113
local stored = drive.stored
local mono = core.clock.mono
local pairs, pcall, error, next, setmetatable = pairs, pcall, error, next, setmetatable

local YIELDS = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true, ssl_cert = true,
  ssl_session_fetch = true, ssl_client_hello = true, preread = true }

local SHORTEST, LONGEST = 0.001, 0.010 -- pauses between two looks at the engine
local SHARE = 32 -- a pause is this part of the time since something happened: late by 3 % at most
local SWEEP = 0.05 -- so often is looked for calls whose request has gone
local GRACE = 0.05 -- a transfer whose time is up is reported by the engine, which knows whether a byte has left
local PATIENCE = 1 -- no wait of a call is longer: it may have been cancelled from elsewhere

-- Weak: a request that nginx ends leaves its coroutine to the collector, and its call with it.
local weak = { __mode = "k" }
local waiting = setmetatable({}, weak) -- each call that waits: { sem, host, call, transfer, told }
local joiners = setmetatable({}, weak) -- host → the calls that wait for another one's token
local engines = {} -- those with transfers → how many at the last look

local driving, resting = false, false -- is there a driver; is it in a long pause
local bell -- wakes it from that
local active_at = 0 -- when a transfer last began or ended
local counts = { drivers = 0, ticks = 0, swept = 0 }

local function cannot(phase, what)
  error(("onelogin: %s has to wait, which nginx does not allow in the phase \"%s\": call it in access_by_lua, "
    .. "rewrite_by_lua or content_by_lua, or hand the work to ngx.timer.at(0, function() ... end)")
    :format(what, phase), 0)
end

-- ---- waiting ----

-- Suspends the request until somebody tells `me`, at most for some seconds.
local function wait(me, seconds)
  waiting[me], me.told = true, nil
  if seconds < SHORTEST then seconds = SHORTEST end
  local ok, why = me.sem:wait(seconds)
  waiting[me] = nil
  if not ok and why ~= "timeout" then error("onelogin: nginx cannot wait: " .. tostring(why), 0) end
  return ok
end

local function tell(me)
  if not me.told then
    me.told = true
    me.sem:post(1)
  end
end

-- The flight that others of this client have joined may have moved.
local function tell_joiners(host)
  local those = joiners[host]
  if those then
    for me in pairs(those) do tell(me) end
  end
end

local function tell_finished()
  active_at = mono()
  for me in pairs(waiting) do
    if me.engine or me.transfer and me.transfer:done() then tell(me) end
  end
end

-- Ends the calls that nobody waits for any more: the client of the request has gone and nginx has ended it, or its
-- thread was killed.  A semaphore's count is what was posted less those who wait.
local function sweep()
  local gone
  for me in pairs(waiting) do
    if me.sem:count() == (me.told and 1 or 0) then
      gone = gone or {}
      gone[#gone + 1] = me
    end
  end
  for i = 1, gone and #gone or 0 do
    local me = gone[i]
    waiting[me] = nil
    counts.swept = counts.swept + 1
    if me.gone then
      me.gone()
    else
      if me.transfer then me.transfer:cancel() end
      me.call:cancel()
      drive.counted(me.host, me.call)
      tell_joiners(me.host)
    end
  end
end

-- ---- the driver ----

local function tick(engine)
  local ok, running, finished = pcall(engine.tick, engine, 0)
  if not ok then return 0, 1 end -- it was closed: its transfers are over
  if running > (engines[engine] or 0) then active_at = mono() end
  return running, finished
end

local function look()
  local busy, news = 0, 0
  for engine in pairs(engines) do
    local running, finished = tick(engine)
    busy, news = busy + running, news + finished
    engines[engine] = running > 0 and running or nil
  end
  counts.ticks = counts.ticks + 1
  if news > 0 then tell_finished() end
  return busy
end

local function drive_engines()
  local swept_at = mono()
  while look() > 0 do
    local now = mono()
    if now - swept_at > SWEEP then
      sweep()
      swept_at = now
    end
    local pause = (now - active_at) / SHARE
    if pause < SHORTEST then pause = SHORTEST elseif pause > LONGEST then pause = LONGEST end
    resting = pause > SHORTEST
    bell:wait(pause)
    resting = false
  end
end

-- The timer's function.  nginx calls it early, with premature = true, when the worker shuts down; the requests that
-- still wait are finished all the same.
local function drive_once()
  local ok, problem = pcall(drive_engines)
  driving, resting = false, false
  if not ok then ngx.log(ngx.ERR, "onelogin: the driver stopped: ", problem) end
  tell_finished()
end

-- Sees to it that there is a driver: true | nil, why
local function ensure_driver()
  if driving then return true end
  bell = bell or semaphore.new()
  local ok, why = ngx.timer.at(0, drive_once)
  if not ok then return nil, why end
  counts.drivers = counts.drivers + 1
  driving = true
  return true
end

local function start(me, engine, call)
  local ok, why = ensure_driver()
  if not ok then
    return { kind = "network", sent = false, message = "nginx gives no timer: " .. tostring(why) }
  end
  me.transfer = engine:start(call)
  active_at = mono()
  local running, finished = tick(engine) -- off it goes, rather than at the driver's next look
  engines[engine] = running
  if finished > 0 then tell_finished() end
  if resting then
    resting = false
    bell:post(1)
  end
end

-- ---- a call ----

local function pause(seconds)
  local phase = ngx.get_phase()
  if not YIELDS[phase] then cannot(phase, "a pause") end
  ngx.sleep(seconds > 0.001 and seconds or 0.001) -- nginx counts milliseconds, and 0 is none
end

-- Waits for the token that another call of the client fetches.
local function join(me, host, seconds)
  local those = joiners[host]
  if not those then
    those = setmetatable({}, weak)
    joiners[host] = those
  end
  those[me] = true
  local told = wait(me, seconds < 5 * SWEEP and seconds or 5 * SWEEP)
  those[me] = nil
  if not next(those) then joiners[host] = nil end
  if not told then sweep() end -- the one that fetches may have gone
end

-- One wait of a call: for its transfer, or for a moment.
local function rest(me, host, seconds)
  if me.transfer then
    if not me.transfer:done() then
      if not driving then ensure_driver() end
      seconds = seconds + GRACE
      wait(me, seconds < PATIENCE and seconds or PATIENCE)
    end
  elseif host.clock == core.clock then
    wait(me, seconds < PATIENCE and seconds or PATIENCE)
  else
    host.clock.sleep(seconds) -- a virtual clock
  end
end

-- As drive.block, with other ways of waiting.
local function work(host, call, me, now, today)
  local clock, hooks = host.clock, host.hooks
  local request, waits -- what is out; the wait that hooks were told of
  while true do
    local want, a, b, c = call:want(now, today, host.wire)
    if me.transfer and want ~= "wait" then
      me.transfer:cancel()
      me.transfer = nil
    end
    local response, more, body
    local answered = false
    if want == "send" then
      request = a
      if hooks then hooks:sent(call, a, now) end
      if host.engine then
        more = start(me, host.engine, a)
        answered = more ~= nil
      else
        response, more, body = host.transport:send(a) -- a transport of the user's suspends by itself
        answered = true
      end
    elseif want == "done" then
      tell_joiners(host)
      return call:result()
    elseif want == "wait" then
      if hooks and not me.transfer and waits ~= a then
        waits = a
        hooks:waits(call, a - now)
      end
      rest(me, host, a - now)
      if me.transfer and me.transfer:done() then
        response, more, body = me.transfer:result()
        me.transfer, answered = nil, true
      end
    elseif want == "join" then
      join(me, host, a - now)
    else
      local value, number = stored(host, a, b, c)
      call:stored(clock.mono(), clock.wall(), value, number)
      tell_joiners(host)
    end
    now, today = clock.mono(), clock.wall()
    if answered then
      call:answer(now, today, response, more, body)
      if hooks then hooks:answered(call, request, now, response, more) end
      tell_joiners(host)
    end
  end
end

local function run(host, call, now, today)
  if host.wake and not host.engine then host.wake() end
  local me = { host = host, call = call, sem = semaphore.new() }
  local ok, value, info = pcall(work, host, call, me, now or host.clock.mono(), today or host.clock.wall())
  if ok then return value, info end
  if me.transfer then me.transfer:cancel() end
  call:cancel()
  tell_joiners(host)
  error(value, 0)
end

local function in_task()
  local pool = package.loaded["onelogin.tasks.pool"]
  return pool and pool.here()
end

local function find(host)
  local phase = ngx.get_phase()
  if YIELDS[phase] then
    if in_task() then return nil end -- a task waits by its pool, and that by drive.rest
    return run
  end
  if host.engine or host.wake then cannot(phase, "a call") end
end

-- For a pool of tasks: suspends the request until a transfer of `engine` has ended (nil: until time has passed).
-- gone(): called when the request has ended meanwhile.
function drive.rest(engine, seconds, gone)
  local phase = ngx.get_phase()
  if not YIELDS[phase] then cannot(phase, "a task") end
  seconds = seconds or PATIENCE
  if engine then
    local running, finished = tick(engine)
    engines[engine] = running
    if finished > 0 then return tell_finished() end
    if not ensure_driver() then seconds = LONGEST end
    if resting then
      resting = false
      bell:post(1)
    end
  end
  wait({ sem = semaphore.new(), engine = engine, gone = gone }, seconds < PATIENCE and seconds or PATIENCE)
end

-- A pool says that a flight may have moved.
drive.moved = tell_joiners

-- A hook that waits all the same suspends its request and silences the hooks of that alone.  It has no coroutine of its
-- own: one that sleeps when nginx ends the request takes the worker along.  In a task it must have one.
function hooking.scope()
  if not YIELDS[ngx.get_phase()] then return hooking, pcall end
  return ngx.ctx, not in_task() and pcall or nil
end

-- What sleeps by the client's clock (flows, followers) must not stop the worker either.
core.clock.sleep = pause
drive.finders[#drive.finders + 1] = find

-- ---- what users call ----

--- The store of a `lua_shared_dict`: token and rate limit are then shared by all workers.  options.keep: a full one
-- refuses what is new, instead of pushing out what is old (flows: that would be somebody's count of failures).
function nginx.store(name, options)
  if type(name) ~= "string" then
    error("onelogin.nginx.store: expected the name of a lua_shared_dict, got " .. type(name), 2)
  end
  for option in pairs(options or {}) do
    if option ~= "keep" then error("onelogin.nginx.store: unknown option '" .. tostring(option) .. "'", 2) end
  end
  local dict = ngx.shared and ngx.shared[name]
  if not dict then
    error(("onelogin.nginx.store: there is no dictionary \"%s\": write lua_shared_dict %s 1m; into the http block")
      :format(name, name), 2)
  end
  local function life(seconds) -- 0 would mean for ever
    return seconds and (seconds > SHORTEST and seconds or SHORTEST) or 0
  end
  local keep = options and options.keep
  local set, add = keep and dict.safe_set or dict.set, keep and dict.safe_add or dict.add
  return {
    get = function(key) return (dict:get(key)) end,
    set = function(key, value, seconds) return set(dict, key, value, life(seconds)) end,
    add = function(key, value, seconds) return (add(dict, key, value, life(seconds))) end,
    delete = function(key) return dict:delete(key) end,
  }
end

--- What this worker's driver does: drivers (timers begun), ticks (looks at the engine), driving (is there one now),
-- waiting (calls), running (transfers), swept (calls ended because their request had gone).
function nginx.stats()
  local out = { driving = driving, waiting = 0, running = 0 }
  for name, n in pairs(counts) do out[name] = n end
  for _ in pairs(waiting) do out.waiting = out.waiting + 1 end
  for engine in pairs(engines) do out.running = out.running + engine:running() end
  return out
end

return nginx

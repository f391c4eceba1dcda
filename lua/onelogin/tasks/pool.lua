-- tasks/pool.lua - the scheduler of tasks: who may run, who waits for what, and how a task ends.
--
-- A task is a coroutine that waits for a transfer of the engine, a time, another task, or for the client's token to be
-- fetched by somebody else.  A pool never blocks by itself (step, tick); `drain` is the blocking loop around it.  It
-- keeps the host contract of the engine: fds, timeout, step, tick, running (docs/tasks.md).

local core = require "onelogin.core"
local drive = require "onelogin.drive"
local errors = require "onelogin.errors"

local pool = {}

local Pool = {}
Pool.__index = Pool
pool.methods = Pool

local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local running, isyieldable = coroutine.running, coroutine.isyieldable
local unpack = table.unpack or unpack -- luacheck: ignore 113
local max, floor = math.max, math.floor
local error, next, pairs, ipairs, setmetatable = error, next, pairs, ipairs, setmetatable
local pcall, xpcall = pcall, xpcall

pool.yields_in_pcall = drive.yields_in_pcall

-- What our tasks yield: anything else that arrives was meant for somebody else.
local WAIT = {}
pool.WAIT = WAIT

local CANNOT = "a task cannot be suspended inside a metamethod, an iterator of `for` or a C function on Lua 5.1: "
  .. "make the call outside of it"

local current -- the task that runs
local owners = setmetatable({}, { __mode = "kv" }) -- inside nginx: coroutine → its task
local joined = setmetatable({}, { __mode = "k" }) -- hosts whose token tasks wait for; which ones, their pools know
local attached = setmetatable({}, { __mode = "k" }) -- pools that a host's loop drives
local pools = setmetatable({}, { __mode = "k" }) -- all
local numbers = 0 -- given to transfers, so that an engine can say which have ended

local function pack(...)
  return { n = select("#", ...), ... }
end
pool.pack = pack

-- ---- who waits ----

-- Timers are an array in order of time; the latest added of the same moment comes last.
local function add_timer(self, entry)
  local timers = self.timers
  local low, high = 1, #timers + 1
  while low < high do
    local mid = floor((low + high) / 2)
    if timers[mid].at > entry.at then high = mid else low = mid + 1 end
  end
  table.insert(timers, low, entry)
end

local function drop_timer(self, entry)
  local timers = self.timers
  local low, high = 1, #timers + 1
  while low < high do
    local mid = floor((low + high) / 2)
    if timers[mid].at >= entry.at then high = mid else low = mid + 1 end
  end
  for i = low, #timers do
    if timers[i] == entry then
      table.remove(timers, i)
      return
    end
  end
end

local function remove(list, item)
  for i = 1, #list do
    if list[i] == item then
      list[i] = list[#list]
      list[#list] = nil
      return true
    end
  end
end

-- Takes a task out of whatever it waits in.
local function leave(task)
  local self = task.pool
  task.waiting = nil
  if task.timer then
    drop_timer(self, task.timer)
    task.timer = nil
  end
  if task.number then
    self.flying[task.number] = nil
    self.engines[task.engine] = self.engines[task.engine] - 1
    task.number = nil
  end
  if task.joins then
    remove(self.joiners[task.joins], task)
    self.joining = self.joining - 1
    task.joins = nil
  end
  if task.awaits then
    if not task.awaits.done then remove(task.awaits.waiters, task) end
    task.awaits = nil
  end
end

-- It runs in the next turn, if it waits.
local function wake(task)
  if not task.waiting then return end
  local self = task.pool
  leave(task)
  self.last = self.last + 1
  self.ready[self.last] = task
end

-- Wakes those whose transfers have ended; an engine may be another pool's, too, and says each once.
local function land(self)
  local flying = self.flying
  for engine, n in pairs(self.engines) do
    local number = n > 0 and engine:ended()
    while number do
      local task = flying[number]
      if task then
        wake(task)
      else
        for other in pairs(pools) do
          task = other.flying[number]
          if task then
            wake(task)
            other:changed()
          end
        end
      end
      number = engine:ended()
    end
  end
end

-- A flight may have moved: its joiners ask again.
local function wake_joiners(host)
  if drive.moved then drive.moved(host) end
  if not joined[host] then return end
  joined[host] = nil
  local those = {}
  for self in pairs(pools) do
    local list = self.joiners[host]
    if list then
      self.joiners[host] = nil
      for i = 1, #list do
        list[i].joins = nil
        wake(list[i])
      end
      self.joining = self.joining - #list
      those[#those + 1] = self
    end
  end
  for i = 1, #those do those[i]:changed() end
end

drive.stirred = wake_joiners -- a call was given up outside of run_call

local function release(task)
  local transfer, call, host = task.transfer, task.call, task.host
  task.transfer, task.call, task.host = nil, nil, nil
  if transfer then transfer:cancel() end
  if call then
    call:cancel()
    wake_joiners(host)
  end
end

-- A task that runs and yet waits: its yield threw (Lua 5.1 does not tell beforehand).  It is taken out of what it waits
-- in; the error, if this is it, is put into words.
local function recover(task, problem)
  if not task.waiting then return problem end
  leave(task)
  if task.transfer then
    task.transfer:cancel()
    task.transfer = nil
  end
  return type(problem) == "string" and problem:find("attempt to yield across", 1, true) and CANNOT or problem
end

-- After an error was caught: what was begun since `outer` was the task's call is given up.  Answers the error.
function pool.give_up(task, outer, host, problem)
  problem = recover(task, problem)
  if task.call ~= outer then
    release(task)
    task.call, task.host = outer, host
  end
  return problem
end

-- A task that was cancelled is told so once, by an error; one that goes on waiting after that is dropped.
local function tell(task)
  leave(task)
  if task.told then yield(WAIT, true) end
  task.told = true
  release(task)
  error(task.cancelled, 0)
end

-- Lets the others run until somebody wakes this task, or the clock says `till`.
local function suspend(task, till)
  if task.cancelled then tell(task) end
  task.waiting = true
  if till then
    task.timer = { at = till, task = task }
    add_timer(task.pool, task.timer)
  end
  yield(WAIT)
  if task.cancelled then tell(task) end
end

-- Lets everybody else who is ready go first.
local function pause(task)
  if task.cancelled then tell(task) end
  task.waiting = true
  yield(WAIT, false, true)
  if task.cancelled then tell(task) end
end

-- ---- the end of a task ----

local settle

-- The function has ended; the task has when its children have, too.
local function outcome(task, failed, results, problem)
  task.outcome = { failed, results, problem }
  if not next(task.children) then settle(task) end
end

function settle(task)
  local self, parent, waiters = task.pool, task.parent, task.waiters
  local failed, results, problem = task.outcome[1], task.outcome[2], task.outcome[3]
  if task.blow then -- what it had spawned failed
    failed, problem, task.traceback, task.cancelled = true, task.blow[1], task.blow[2], nil
  elseif task.cancelled and not failed then
    failed, problem = true, task.cancelled
  end
  task.done, task.failed, task.problem = true, failed, problem
  task.results = not failed and results or nil
  task.waiters, task.co = nil, nil
  self.alive = self.alive - 1
  self.finished = self.finished + 1
  for i = 1, #waiters do
    wake(waiters[i])
    if waiters[i].pool ~= self then waiters[i].pool:changed() end
  end
  self.roots[task] = nil
  if parent then
    parent.children[task] = nil
    if failed and not task.cancelled and task.spawned and not parent.blow then
      parent.blow = { problem, task.traceback }
      pool.cancel(parent, problem)
    end
    if parent.outcome and not parent.done and not next(parent.children) then settle(parent) end
  elseif failed and not task.cancelled and self.on_error and #waiters == 0 then
    self.on_error(problem, task.traceback)
  end
end

-- What a task has thrown, thrown on.  A text gets the place where it happened; an error table is passed on as it is.
function pool.rethrow(task)
  local problem = task.problem
  if type(problem) == "string" and task.traceback and not problem:find("\nstack traceback:", 1, true) then
    problem = problem .. "\n" .. task.traceback
  end
  error(problem, 0)
end

local function close_coroutine(co)
  if coroutine.close then coroutine.close(co) end -- runs what is to be closed, Lua 5.4
end

-- Asks a task to end: where it waits an error is thrown, its transfer is cancelled, its children with it.
function pool.cancel(task, reason)
  if task.done or task.cancelled then return end
  task.cancelled = reason or errors.new { kind = "cancelled", operation = "tasks", message = "the task was cancelled" }
  for _, child in ipairs(pool.children(task)) do pool.cancel(child, task.cancelled) end
  if not task.began then
    outcome(task, true, nil, task.cancelled)
  else
    wake(task)
  end
  task.pool:changed()
end

-- A list, because cancelling changes the set.
function pool.children(task)
  local list = {}
  for child in pairs(task.children) do list[#list + 1] = child end
  return list
end

local function run_task(task)
  local before, co = current, task.co
  current = task
  local ok, what, drop, again = resume(co)
  current = before
  if what == WAIT and ok and not drop then -- it waits
    if again then wake(task) end
    return
  end
  what = recover(task, what)
  if status(co) == "dead" then
    release(task)
    if ok then return outcome(task, false, what) end
    if not task.cancelled then task.traceback = debug.traceback(co) end
  else
    release(task)
    if what == WAIT then
      what = task.cancelled
    else
      task.traceback = debug.traceback(co)
      what = "onelogin.tasks: a task used coroutine.yield outside of a coroutine of its own; tasks wait by calls, "
        .. "tasks.sleep and task:join"
    end
    close_coroutine(co)
  end
  for _, child in ipairs(pool.children(task)) do pool.cancel(child, task.cancelled) end
  outcome(task, true, nil, what)
end

-- ---- a call inside a task ----

local function start(task, engine, request)
  local self, number = task.pool, numbers + 1
  numbers = number
  local transfer = engine:start(request, task.spare, number)
  task.spare, task.engine, task.transfer, task.number = nil, engine, transfer, number
  self.engines[engine] = (self.engines[engine] or 0) + 1
  self.flying[number] = task
  suspend(task)
  task.transfer, task.spare = nil, transfer
  return transfer:result()
end

local function run_call(host, call, now, today)
  local task = pool.current()
  local clock, hooks = host.clock, host.hooks
  local mono, wall = clock.mono, clock.wall
  local own = clock == task.pool.clock
  if not host.engine and host.wake then host.wake() end
  now, today = now or mono(), today or wall()
  local outer, before = task.call, task.host -- a call whose transport makes this one
  task.call, task.host = call, host
  while true do
    if task.cancelled then tell(task) end -- it sends nothing more
    local want, a, b, c = call:want(now, today, host.wire)
    if want == "send" then
      if hooks then
        hooks:sent(call, a, now)
        if task.cancelled then tell(task) end
      end
      local response, more, bytes
      if host.engine then
        response, more, bytes = start(task, host.engine, a)
      else
        response, more = host.transport:send(a)
        if task.cancelled then tell(task) end
      end
      now, today = mono(), wall()
      local done = call:answer(now, today, response, more, bytes)
      if hooks then hooks:answered(call, a, now, response, more) end
      if drive.moved or joined[host] then wake_joiners(host) end
      if not host.engine then pause(task) end
      if done then
        task.call, task.host = outer, before
        return call:result()
      end
    elseif want == "done" then
      task.call, task.host = outer, before
      wake_joiners(host)
      return call:result()
    elseif want == "wait" then
      if hooks then hooks:waits(call, a - now) end
      if own then
        suspend(task, a)
      else
        clock.sleep(a - now)
        pause(task)
      end
      now, today = mono(), wall()
    elseif want == "store" then
      local value, number = drive.stored(host, a, b, c)
      now, today = mono(), wall()
      call:stored(now, today, value, number)
    else -- "join"
      local self = task.pool
      local list = self.joiners[host] or {}
      self.joiners[host], joined[host] = list, true
      list[#list + 1] = task
      task.joins = host
      self.joining = self.joining + 1
      suspend(task, own and a or nil)
      now, today = mono(), wall()
    end
  end
end

-- Lua 5.1 cannot suspend through a C function, nor can LuaJIT but through pcall: says so by name, before Lua does so
-- cryptically.  What it cannot see is the business of recover.
local function obstacle()
  local level = 2
  while true do
    local info = debug.getinfo(level, "Snf")
    if not info then return end
    local caught = info.func == pcall or info.func == xpcall
    if info.name == "(for generator)" and not pool.yields_in_pcall then
      return "a `for` over an iterator that waits cannot be suspended in a task on Lua 5.1: "
        .. "use `local page = pager:next()` in a while loop, or pager:collect()"
    elseif info.what == "C" and not (caught and pool.yields_in_pcall) then
      return ("a task cannot be suspended inside %s%s: %s"):format(info.name or "a C function",
        pool.yields_in_pcall and "" or " on Lua 5.1", caught and "use tasks.pcall" or "make the call outside of it")
    end
    level = level + 1
  end
end
pool.obstacle = obstacle

-- The task that runs, whether or not it can be suspended here.  Inside nginx it may be suspended behind our back
-- (ngx.sleep, a socket) while others run, so there only its own coroutine tells.
function pool.current()
  if not drive.rest or current and current.co == running() then return current end
  return owners[running()]
end

-- The task in whose own coroutine this runs, if it can be suspended here.
function pool.here()
  local task = pool.current()
  if not task or running() ~= task.co then return nil end
  if isyieldable then
    if not isyieldable() then return nil end
  else
    local why = obstacle()
    if why then error(why, 0) end
    recover(task)
  end
  return task
end

drive.finders[#drive.finders + 1] = function()
  local task = pool.current()
  if task then
    if pool.here() then return run_call end
    if task.cancelled then error(task.cancelled, 0) end
  end
  -- A call that blocks: it may move a flight that tasks wait for, and the transfers of tasks too.
  for host in pairs(joined) do wake_joiners(host) end
  for self in pairs(attached) do self:changed() end
end

-- ---- waits of tasks.lua ----

-- Waits until another task has ended, or the clock says `till`.
function pool.await(task, other, till)
  if not other.done then
    other.waiters[#other.waiters + 1] = task
    task.awaits = other
    suspend(task, till)
  end
end

function pool.sleep(task, seconds)
  if seconds > 0 then
    suspend(task, task.pool.clock.mono() + seconds)
  else
    pause(task)
  end
end

-- ---- the pool ----

function pool.new(clock)
  local self = setmetatable({ clock = clock or core.clock, ready = {}, first = 1, last = 0, flying = {}, timers = {},
    roots = {}, engines = {}, joiners = {}, joining = 0, alive = 0, finished = 0 }, Pool)
  pools[self] = true
  return self
end

-- A task that will run fn(...).  Its parent ends after it, and cancelling goes down; spawned: its failure goes up.
function Pool:add(parent, spawned, fn, ...)
  if parent and parent.cancelled then error(parent.cancelled, 0) end
  local args = pack(...)
  local task = { pool = self, parent = parent, spawned = spawned, children = {}, waiters = {} }
  task.co = create(function()
    local a = args
    args = nil
    return pack(fn(unpack(a, 1, a.n)))
  end)
  if drive.rest then owners[task.co] = task end
  if parent then parent.children[task] = true else self.roots[task] = true end
  self.alive = self.alive + 1
  self.last = self.last + 1
  self.ready[self.last] = task
  self:changed()
  return task
end

-- The tasks that no other one has spawned.
function Pool:members()
  local list = {}
  for task in pairs(self.roots) do list[#list + 1] = task end
  return list
end

-- Tells the host's loop that step() is wanted soon.  Whose call this is has no part in an error of that loop.
function Pool:changed()
  if self.on_change and not self.turning then
    local ok, why = pcall(self.on_change)
    if not ok and self.on_error then pcall(self.on_error, why) end
  end
end

-- One turn: everybody who may run now does, once.  Answers how many did.
function Pool:turn()
  if self.turning then return 0 end -- called from inside a task
  self.turning = true
  local timers, ran = self.timers, 0
  land(self)
  if timers[1] then
    local now = self.clock.mono()
    while timers[1] and timers[1].at <= now do wake(timers[1].task) end
  end
  local last = self.last
  while self.first <= last do
    local task = self.ready[self.first]
    self.ready[self.first] = nil
    self.first = self.first + 1
    if not task.done then
      task.began = true
      ran = ran + 1
      task.waiting = nil
      local ok, why = pcall(run_task, task)
      if not ok then -- on_error of the pool
        self.turning = nil
        error(why, 0)
      end
    end
  end
  self.turning = nil
  if self.first > self.last then self.first, self.last = 1, 0 end
  return ran
end

-- Seconds until step() is due though no socket says so; nil: not by itself.
function Pool:timeout()
  land(self)
  if self.first <= self.last then return 0 end
  local least = self.timers[1] and max(0, self.timers[1].at - self.clock.mono())
  for engine, n in pairs(self.engines) do
    local s = n > 0 and engine:timeout()
    if s and (not least or s < least) then least = s end
  end
  return least
end

-- What has ended is landed before engines are asked: one that was closed has no transfers then.
function Pool:fds()
  local all = {}
  land(self)
  for engine, n in pairs(self.engines) do
    if n > 0 then
      for fd, events in pairs(engine:fds()) do all[fd] = events end
    end
  end
  return all
end

-- A socket has moved, or (nil) time has passed.  Answers how many tasks have ended.
function Pool:step(fd, events)
  local before = self.finished
  land(self)
  for engine, n in pairs(self.engines) do
    if n > 0 and (not fd or engine:fds()[fd]) then engine:step(fd, events) end
  end
  self:turn()
  return self.finished - before
end

-- The request that this pool ran for is over: what it has under way is dropped, without its tasks being asked.
local function abandon(self)
  for _, list in pairs(self.joiners) do
    for i = 1, #list do release(list[i]) end
  end
  for _, task in pairs(self.flying) do release(task) end
end

-- Engines do what they can now; in_request: drive.rest, where that suspends a request.
local function move(self, in_request)
  land(self)
  for engine, n in pairs(self.engines) do
    if n > 0 and in_request then
      in_request(engine, 0, function() abandon(self) end)
    elseif n > 0 then
      engine:tick(0)
    end
  end
end

-- For games and plain loops: does what can be done now, for at most `budget` seconds.  Answers how many tasks live, and
-- how many have ended.
function Pool:tick(budget)
  local before, stop = self.finished, budget and budget > 0 and core.clock.mono() + budget
  repeat
    move(self)
    local ran = self:turn()
  until ran == 0 or not stop or core.clock.mono() >= stop
  return self.alive, self.finished - before
end

function Pool:running() return self.alive end

-- Inside nginx, drive.rest suspends the request.
local function wait(self, engine, seconds)
  if not drive.rest then return engine:wait(nil, seconds) end
  land(self)
  if self.first <= self.last then return end
  if self.joining == 0 then return drive.rest(engine, seconds, function() abandon(self) end) end
  -- another request may be fetching the token
  drive.rest(engine, math.min(seconds or 1, 0.02), function() abandon(self) end)
  for _, list in pairs(self.joiners) do
    for i = #list, 1, -1 do wake(list[i]) end
  end
end

-- Blocks until something may have moved.
local function rest(self)
  local till = self.timers[1] and max(0, self.timers[1].at - self.clock.mono())
  local engine, many
  for e, n in pairs(self.engines) do
    if n > 0 then
      engine, many = e, engine
      if many then e:tick(0) end
    end
  end
  local timed = 0
  for i = 1, #self.timers do
    if self.timers[i].task.joins then timed = timed + 1 end
  end
  if engine and self.clock == core.clock then
    wait(self, engine, many and math.min(till or 1, 0.005) or till)
  elseif engine then
    wait(self, engine, 0.005)
  elseif drive.rest and self.joining > 0 then
    wait(self)
  elseif self.joining > 0 and #self.timers == timed then
    -- everybody waits for a token that a call outside of this pool is fetching, and cannot now
    for _, list in pairs(self.joiners) do
      if list[1] then
        list[1].call:take()
        return wake(list[1])
      end
    end
  elseif till then
    self.clock.sleep(till)
  else
    return true
  end
end

-- The blocking loop: until `task` has ended.
function Pool:drain(task)
  if self.turning then error("onelogin.tasks: this pool is running already, further up the stack", 2) end
  local busy = 0
  local ok, why = pcall(function()
    while not task.done do
      if self:turn() > 0 then
        busy = busy + 1
        if busy % 8 == 0 then move(self, drive.rest) end -- tasks that never rest must not keep transfers from it
      else
        busy = 0
        if rest(self) then error("onelogin.tasks: every task waits for another one", 0) end
      end
    end
  end)
  if not ok then
    self.turning = nil
    pool.cancel(task)
    for _ = 1, 3 do pcall(self.turn, self) end
    error(why, 0)
  end
end

-- For adapters: on_change is called when step() is wanted soon; nil takes the pool out of the loop.
function Pool:attach(on_change)
  self.on_change = on_change
  attached[self] = on_change and true or nil
end

return pool

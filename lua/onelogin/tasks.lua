-- tasks.lua - many calls at once in plain Lua: a call made inside a task lets the other tasks run while it waits.
--
--   tasks.run(fn, ...)            runs fn as a task and blocks until it and what it spawned have ended
--   tasks.spawn(fn, ...)          → task: task:join(), task:cancel(), task:status()
--   tasks.all({ fn, ... }, opts)  tasks.map(list, fn, opts): results in order
--   tasks.sleep(s) · tasks.deadline(s, fn, ...) · tasks.pcall(fn, ...) · tasks.pool(opts), for hosts with a loop
--
-- docs/tasks.md tells it with examples; who runs when is decided in tasks/pool.lua.

local core = require "onelogin.core"
local errors = require "onelogin.errors"
local pool = require "onelogin.tasks.pool"
local suggest = require "onelogin.suggest"

-- The machine's clock as it sleeps outside of tasks (inside nginx it suspends the request).
local sleep = core.clock.sleep

local tasks = {}

local unpack = table.unpack or unpack -- luacheck: ignore 113
local type, error, tostring = type, error, tostring

local function fail(level, name, ...)
  error("tasks." .. name .. ": " .. table.concat { ... }, level + 1)
end

local function check_fn(fn, name, level)
  if type(fn) ~= "function" then
    local mt = getmetatable(fn)
    if type(mt) ~= "table" or not mt.__call then
      fail(level + 1, name, "expected a function, got a ", type(fn))
    end
  end
end

local rethrow = pool.rethrow

local function answer(task)
  if task.failed then rethrow(task) end
  return unpack(task.results, 1, task.results.n)
end

-- ---- handles ----

-- What the user holds of a task.
local Task = {}
Task.__index = Task
Task.__name = "onelogin.task"

local inner = setmetatable({}, { __mode = "k" })

local function handle(task)
  local h = setmetatable({}, Task)
  inner[h] = task
  return h
end

--- Waits for the end: what its function returned; throws what it threw; nil, err when it was cancelled.
function Task:join()
  local task = inner[self]
  if not task.done then
    local here = pool.here()
    if here == task then error("task:join: a task cannot wait for itself", 2) end
    if here then
      pool.await(here, task)
    else
      task.pool:drain(task)
    end
  end
  if task.cancelled then return nil, task.problem end
  return answer(task)
end

--- Asks it to end: an error of kind "cancelled" is thrown where it waits.
function Task:cancel()
  pool.cancel(inner[self])
end

--- "waiting" | "done" | "failed" | "cancelled"
function Task:status()
  local task = inner[self]
  if not task.done then return "waiting" end
  return task.cancelled and "cancelled" or task.failed and "failed" or "done"
end

function Task:__tostring()
  return "onelogin.task (" .. self:status() .. ")"
end

-- ---- running ----

-- Runs fn(...) as a child of the task at hand, or in a pool of its own; gives back the ended task.
local function ended(fn, ...)
  local here = pool.here()
  local own = not here and pool.new()
  local task = (here and here.pool or own):add(here, false, fn, ...)
  if here then
    pool.await(here, task)
  else
    own:drain(task)
  end
  return task
end

--- Runs fn(...) and blocks until it and everything it spawned have ended; returns what it returned.
function tasks.run(fn, ...)
  check_fn(fn, "run", 2)
  return answer(ended(fn, ...))
end

--- A task beside this one.  The task that spawned it ends after it; an error in it ends both.
function tasks.spawn(fn, ...)
  check_fn(fn, "spawn", 2)
  local here = pool.current()
  if not here then
    fail(2, "spawn", "there is no task here: call it inside tasks.run, or use pool:spawn with a loop of your own")
  end
  return handle(here.pool:add(here, true, fn, ...))
end

--- Lets the others run for so many seconds.  Outside of tasks it just sleeps.
function tasks.sleep(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
    fail(2, "sleep", "expected a number of seconds, 0 or more, got ", tostring(seconds))
  end
  local here = pool.here()
  if here then return pool.sleep(here, seconds) end
  sleep(seconds)
end

-- What sleeps by a client's clock (flows, followers) lets the other tasks run, too.
function core.clock.sleep(seconds)
  local here = pool.here()
  if here and seconds > 0 then return pool.sleep(here, seconds) end
  sleep(seconds)
end

--- Runs fn(...) for at most so many seconds: what it returns, or nil, err of kind "timeout".
function tasks.deadline(seconds, fn, ...)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds <= 0 then
    fail(2, "deadline", "expected a number of seconds above 0, got ", tostring(seconds))
  end
  check_fn(fn, "deadline", 2)
  local here = pool.here()
  if not here then
    return tasks.run(tasks.deadline, seconds, fn, ...)
  end
  local late = errors.new { kind = "timeout", operation = "tasks", attempts = 0, retryable = false,
    message = ("the deadline of %g s passed"):format(seconds) }
  local task = here.pool:add(here, false, fn, ...)
  pool.await(here, task, here.pool.clock.mono() + seconds)
  if not task.done then
    pool.cancel(task, late)
    pool.await(here, task)
  end
  if task.cancelled then return nil, task.problem end
  return answer(task)
end

--- pcall that a task may wait in, on plain Lua 5.1 too.  It does not catch that the task is cancelled.
function tasks.pcall(fn, ...)
  local task = pool.current()
  if not task or coroutine.running() ~= task.co then return pcall(fn, ...) end
  local call, host = task.call, task.host
  local function told(ok, ...)
    if not ok then
      local problem = pool.give_up(task, call, host, (...))
      if task.cancelled then error(task.cancelled, 0) end
      return ok, problem
    end
    return ok, ...
  end
  -- Where it cannot be suspended itself, whatever waits in it says so.
  if pool.yields_in_pcall or pool.obstacle() then return told(pcall(fn, ...)) end
  local outer, co = task.co, coroutine.create(function(...) return fn(...) end)
  local function go(...)
    task.co = co
    local values = pool.pack(coroutine.resume(co, ...))
    task.co = outer
    return values
  end
  local values = go(...)
  while coroutine.status(co) ~= "dead" do
    values = go(coroutine.yield(unpack(values, 2, values.n)))
  end
  return told(unpack(values, 1, values.n))
end

-- ---- several ----

local known = { limit = true, on_error = true }

local function check_options(options, name, level)
  if options == nil then return {} end
  if type(options) ~= "table" then fail(level + 1, name, "the options must be a table, got a ", type(options)) end
  for key in pairs(options) do
    if not known[key] then
      local near = type(key) == "string" and suggest(key, known)
      fail(level + 1, name, "unknown option \"", tostring(key), "\"",
        near and (", did you mean \"" .. near .. "\"?") or "")
    end
  end
  local limit, policy = options.limit, options.on_error
  if limit ~= nil and (type(limit) ~= "number" or limit % 1 ~= 0 or limit < 1) then
    fail(level + 1, name, "limit must be a number of tasks at once, 1 or more")
  end
  if policy ~= nil and policy ~= "continue" and policy ~= "stop" then
    fail(level + 1, name, "on_error must be \"continue\" or \"stop\"")
  end
  return options
end

-- The limiter: one(i) for i = first .. last, at most `limit` of them at a time, begun in order.  one answers false to
-- begin no further; none is begun once they were cancelled.  What one throws cancels the others and is thrown.  Used by
-- batch too.
function tasks.each_of(first, last, limit, one)
  local at = first
  local function work()
    local here = pool.current()
    while at <= last and not here.cancelled do
      local i = at
      at = at + 1
      if one(i) == false then at = last + 1 end
    end
  end
  local function together()
    for _ = 1, math.min(limit, last - first + 1) do tasks.spawn(work) end
  end
  local task = ended(together)
  if task.failed then rethrow(task) end
end

local function several(n, run_one, options, policy)
  local results, problems, stopped = {}, {}, nil
  policy = options.on_error or policy
  local group
  local function one(i)
    local value, err = run_one(i)
    if value == nil then value = false end
    results[i] = value
    if not value and err ~= nil then
      problems[i] = err
      if policy == "stop" and not stopped then
        stopped = { err }
        pool.cancel(group)
      end
    end
  end
  local task = ended(function()
    group = pool.current()
    return tasks.each_of(1, n, options.limit or (policy == "stop" and n or 8), one)
  end)
  if stopped then return nil, stopped[1] end
  if task.failed then rethrow(task) end
  if policy == "stop" then return results end
  return results, problems
end

--- fn(item, i) for each item of a list, `limit` (8) at a time: results[i] is what it returned, or false; errors[i] says
--- why.  on_error = "stop": the first nil, err cancels the others and is what map returns.
function tasks.map(list, fn, options)
  if type(list) ~= "table" then fail(2, "map", "expected a list, got a ", type(list)) end
  check_fn(fn, "map", 2)
  options = check_options(options, "map", 2)
  return several(#list, function(i) return fn(list[i], i) end,
    { limit = options.limit or 8, on_error = options.on_error }, "continue")
end

--- All functions at once: their results in order, or nil and the first error, which cancels the others.
--- on_error = "continue": results, errors as map.
function tasks.all(list, options)
  if type(list) ~= "table" then fail(2, "all", "expected a list of functions, got a ", type(list)) end
  for i = 1, #list do check_fn(list[i], "all", 2) end
  options = check_options(options, "all", 2)
  return several(#list, function(i) return list[i]() end,
    { limit = options.limit or math.max(#list, 1), on_error = options.on_error }, "stop")
end

-- ---- hosts with a loop ----

local pool_options = { clock = true, on_error = true }

--- Tasks inside another program's loop (docs/tasks.md): pool:spawn(fn, ...), and the host contract fds, timeout, step,
--- tick, running.  on_error(problem, traceback): what a task threw; default: to standard error.
function tasks.pool(options)
  options = options or {}
  if type(options) ~= "table" then fail(2, "pool", "the options must be a table, got a ", type(options)) end
  for key in pairs(options) do
    if not pool_options[key] then fail(2, "pool", "unknown option \"", tostring(key), "\"") end
  end
  if options.clock ~= nil and (type(options.clock) ~= "table" or type(options.clock.mono) ~= "function") then
    fail(2, "pool", "clock must be a table { mono, wall, sleep } of functions")
  end
  local self = pool.new(options.clock)
  self.on_error = options.on_error or function(problem, traceback)
    io.stderr:write("onelogin.tasks: ", tostring(problem), "\n", traceback and traceback .. "\n" or "")
  end
  return self
end

function pool.methods:spawn(fn, ...)
  check_fn(fn, "pool:spawn", 2)
  return handle(self:add(nil, true, fn, ...))
end

--- Cancels every task and lets them end.
function pool.methods:close()
  for _, task in ipairs(self:members()) do pool.cancel(task) end
  self:turn()
  self:turn()
  self:attach(nil)
end

return tasks

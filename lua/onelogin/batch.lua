-- batch.lua - a list of calls: several at once where the transport can, one after the other where it cannot.
--
--   results, errors, from = client:batch({ { client.users.get, id }, ... }, { limit = 8 })
--
-- results[i] is what call i gave, or false; errors[i] says why; `from` is nil when all are done, else where to go on.
-- The engine moves the bytes of all calls in one thread; this loop only asks each call what it wants, as drive.lua does
-- for a single one.

local core = require "onelogin.core"
local check = require "onelogin.check"
local drive = require "onelogin.drive"
local operation = require "onelogin.operation"
local suggest = require "onelogin.suggest"

local batch = {}

local state_of = core.operation.state
local unpack = table.unpack or unpack -- luacheck: ignore 113

local known = { limit = true, from = true, on_result = true, on_error = true }

local function fail(level, ...)
  error("batch: " .. table.concat { ... }, level + 1)
end

local function whole(value, least)
  return type(value) == "number" and value % 1 == 0 and value >= least
end

local function check_options(options, count, level)
  if type(options) ~= "table" then fail(level + 1, "the options must be a table, got a ", type(options)) end
  for key in pairs(options) do
    if not known[key] then
      local near = type(key) == "string" and suggest(key, known)
      fail(level + 1, "unknown option \"", tostring(key), "\"", near and (", did you mean \"" .. near .. "\"?") or "")
    end
  end
  if options.limit ~= nil and not whole(options.limit, 1) then
    fail(level + 1, "limit must be a number of calls at once, 1 or more")
  end
  if options.from ~= nil and (not whole(options.from, 1) or options.from > count + 1) then
    fail(level + 1, "from must be the number of a call in the list")
  end
  if options.on_result ~= nil and type(options.on_result) ~= "function" then
    fail(level + 1, "on_result must be a function(i, value, err)")
  end
  local policy = options.on_error
  if policy ~= nil and policy ~= "continue" and policy ~= "stop" then
    fail(level + 1, "on_error must be \"continue\" or \"stop\"")
  end
end

-- The arguments of call `i`, which like a walk waits out a rate limit unless it says otherwise.
local function arguments(item, st)
  local last, n = 1, st.entry.ids and #st.entry.ids or 0
  for key in pairs(item) do
    if type(key) == "number" and key > last then last = key end
  end
  local args, opts = {}, {}
  for i = 2, last do args[i - 1] = item[i] end
  local given = args[n + 2]
  if given ~= nil and type(given) ~= "table" then return args, last - 1 end
  for k, v in pairs(given or {}) do opts[k] = v end
  if opts.wait_rate_limit == nil then opts.wait_rate_limit = true end
  args[n + 2] = opts
  return args, math.max(last - 1, n + 2)
end

-- Every call is held against the table before the first one leaves.
local function check_calls(calls, from, host, level)
  for i = from, #calls do
    local item = calls[i]
    local ok, st = pcall(function() return state_of(item[1]) end)
    if not ok or type(st) ~= "table" then
      fail(level + 1, "call ", i, " must be { operation, ids..., params, options }, such as { client.users.get, id }")
    end
    if st.host ~= host then fail(level + 1, "call ", i, " (", st.id, ") belongs to another client") end
    if st.custom then fail(level + 1, "call ", i, ": request has no place in a list, only operations have") end
    local args, n = arguments(item, st)
    local fine, call = pcall(item[1].call, item[1], unpack(args, 1, n))
    if not fine then
      fail(level + 1, "call ", i, ": ", (tostring(call):gsub("^[^\n]-:%d+: ", "")))
    end
    if type(call) == "userdata" then call:close() end
  end
end

-- ---- several at once ----

-- A call on its way: job.call, and what it waits for: job.transfer, job.till or another call's token (job.joins).
local function begin(item, i)
  local op = item[1]
  local st = state_of(op)
  local args, n = arguments(item, st)
  local ids, query, body, opts, retry, headers = check.try(st.entry, st.id, n, unpack(args, 1, n))
  local call, description = operation.prepare(op, st, ids, query, body, opts, retry == "never", 1, nil, headers)
  return { i = i, st = st, ids = ids, body = body, opts = opts, call = call, description = description }
end

-- Asks the call until it has to wait for something; true when it is done.
local function pump(job, host, engine)
  local clock, call = host.clock, job.call
  job.till, job.joins = nil, nil
  while true do
    local want, a, b, c = call:want(clock.mono(), clock.wall(), true)
    if want == "send" then
      job.transfer = engine:start(a)
      return false
    elseif want == "done" then
      return true
    elseif want == "wait" then
      job.till = a
      return false
    elseif want == "join" then
      job.joins = true
      return false
    end
    local value, number = drive.stored(host, a, b, c)
    call:stored(clock.mono(), clock.wall(), value, number)
  end
end

-- One look at a job: has what it waited for come?  Answers "done", "moved" or nothing.
local function look(job, host, engine)
  local clock = host.clock
  if job.transfer then
    if not job.transfer:done() then return nil end
    local response, more, body = job.transfer:result()
    job.transfer = nil
    job.call:answer(clock.mono(), clock.wall(), response, more, body)
  elseif job.till and job.till > clock.mono() then
    return nil
  elseif job.joins then
    return pump(job, host, engine) and "done" or (not job.joins and "moved" or nil)
  end
  return pump(job, host, engine) and "done" or "moved"
end

-- Nothing moved: sleeps until something may have.
local function rest(active, host, engine)
  local till, flying
  for _, job in ipairs(active) do
    if job.transfer then flying = true end
    if job.till and (not till or job.till < till) then till = job.till end
  end
  local now = host.clock.mono()
  if flying then
    engine:wait(nil, till and math.max(0, till - now))
  elseif till then
    host.clock.sleep(math.max(0, till - now))
  else
    active[1].call:take() -- all wait for a token that a call outside of this list is fetching, and cannot now
  end
end

local function give_up(active)
  for _, job in ipairs(active) do
    if job.transfer then job.transfer:cancel() end
    job.call:cancel()
  end
end

local function together(host, engine, limit, feed, settle)
  local active = {}
  local function work()
    while true do
      local moved
      while #active < limit do
        local job = feed()
        if not job then break end
        moved = true
        active[#active + 1] = job
      end
      if #active == 0 then return end
      local i = 1
      while i <= #active do
        local job = active[i]
        local news = look(job, host, engine)
        moved = moved or news
        if news == "done" then
          table.remove(active, i)
          local value, info = operation.settle(job.st, job.ids, job.body, job.opts, job.call:result())
          job.call:close()
          settle(job.i, value, info)
        else
          i = i + 1
        end
      end
      if not moved then rest(active, host, engine) end
    end
  end
  local ok, problem = pcall(work)
  if not ok then
    give_up(active)
    error(problem, 0)
  end
end

-- ---- the list ----

function batch.run(_, host, calls, options)
  if type(calls) ~= "table" then fail(2, "expected a list of calls, got a ", type(calls)) end
  options = options == nil and {} or options
  check_options(options, #calls, 2)
  local from = options.from or 1
  check_calls(calls, from, host, 2)

  local results, errors, stopped, at = {}, {}, false, from
  for i = 1, from - 1 do results[i] = false end
  local function settle(i, value, info)
    local err
    if value == nil then
      results[i], errors[i], err = false, info, info
    else
      results[i] = value
    end
    if err and options.on_error == "stop" then stopped = true end
    if options.on_result and options.on_result(i, value, err) == false then stopped = true end
  end

  local engine = host.wire and host.transport or (not host.wire and host.wake and host.wake()) or nil
  local limit = options.limit or 8
  if engine and limit > 1 then
    together(host, engine, limit, function()
      while at <= #calls and not stopped do
        local i = at
        at = at + 1
        local job = begin(calls[i], i)
        if job.call then return job end
        settle(i, job.description)
      end
    end, settle)
  else
    while at <= #calls and not stopped do
      local item, i = calls[at], at
      at = at + 1
      local st = state_of(item[1])
      local args, n = arguments(item, st)
      settle(i, item[1](st.resource, unpack(args, 1, n)))
    end
  end
  return results, errors, at <= #calls and at or nil
end

return batch

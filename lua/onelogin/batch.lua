-- batch.lua - a list of calls: several at once where the transport can, one after the other where it cannot.
--
--   results, errors, from = client:batch({ { client.users.get, id }, ... }, { limit = 8 })
--
-- results[i] is what call i gave, or false; errors[i] says why; `from` is nil when all are done, else where to go on.
-- Each lane is a task (tasks.lua) that takes the next call of the list; inside a task they are its children.

local core = require "onelogin.core"
local suggest = require "onelogin.suggest"
local tasks = require "onelogin.tasks"

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

  local engine = host.engine or (host.wake and host.wake())
  tasks.each_of(from, #calls, engine and options.limit or engine and 8 or 1, function(i)
    if stopped then return false end
    at = i + 1
    local item = calls[i]
    local st = state_of(item[1])
    local args, n = arguments(item, st)
    settle(i, item[1](st.resource, unpack(args, 1, n)))
  end)
  return results, errors, at <= #calls and at or nil
end

return batch

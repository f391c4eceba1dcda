-- pcall around what may wait: the callbacks of users, their backends, and whole steps.
local require = require

local M = {}

-- On plain Lua 5.1 nothing may wait inside pcall, so what is called in a coroutine other than a task of ours throws as
-- it likes there.
local yields_in_pcall = coroutine.isyieldable ~= nil

local function task_of(co)
  local pool = package.loaded["onelogin.tasks.pool"]
  local task = pool and pool.current()
  return task and task.co == co
end

--- Is what is called from here caught when it throws?
function M.catches()
  local co = not yields_in_pcall and coroutine.running()
  return not co or task_of(co) == true
end

--- As pcall.
function M.call(fn, ...)
  local co = not yields_in_pcall and coroutine.running()
  if not co then return pcall(fn, ...) end
  if task_of(co) then return require("onelogin.tasks").pcall(fn, ...) end
  return true, fn(...)
end

--- Can it be called?
function M.callable(value)
  return type(value) == "function" or type(value) == "table" and (getmetatable(value) or {}).__call ~= nil
end

return M

-- Smart Hooks, their variables and logs. Nothing is run: a hook is taken, built (which takes two
-- seconds of the box's clock) and kept. Errors of this service carry no statusCode.

local json = require("onelogin.core").json
local paging = require("onelogin.sandbox.paging")
local schema = require("onelogin.sandbox.hook_schema")
local util = require("onelogin.sandbox.util")

local hooks = {}

local MAX_PAGE = 1000
local QUEUED, RUNNING = 1, 2 -- seconds after a change until these end

-- They hold up what they hook into, so there is one of each at most.
local SYNCHRONOUS = { ["pre-authentication"] = true, ["user-migration"] = true,
  ["pre-user-create"] = true, ["pre-user-update"] = true }

local function fail(status, name, message)
  return status, { name = name, message = message }
end

local function not_found()
  return fail(404, "NotFoundError", "The resource with the given id could not be found")
end

local function unprocessable(message) return fail(422, "UnprocessableEntityError", message) end

local function uuid(box)
  local hex = box:token_hex(32)
  return ("%s-%s-4%s-a%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20),
    hex:sub(21, 32))
end

-- Keys of a kind by UUID, in the order in which they were made.
local function keys_of(kind)
  local keys = {}
  for key in pairs(kind) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    local x, y = kind[a].created_at, kind[b].created_at
    if x ~= y then return x < y end
    return kind[a].n < kind[b].n
  end)
  return keys
end

-- A hook must export a handler, or its build fails.
local function builds(hook)
  local code = util.unbase64(hook["function"])
  return code ~= nil and code:find("exports%s*%.%s*handler") ~= nil
end

local function status_of(box, hook)
  local age = box.clock.wall() - hook.built_at
  local verb = hook.verb or "create"
  if age < QUEUED then return verb .. "-queued" end
  if age < RUNNING then return verb .. "-running" end
  return builds(hook) and "ready" or verb .. "-failed"
end

local function row(box, hook)
  local out = { id = hook.id, type = hook.type, packages = util.copy(hook.packages),
    runtime = hook.runtime, context_version = hook.context_version or ">= 1.0.0",
    retries = hook.retries, timeout = hook.timeout, disabled = hook.disabled,
    status = status_of(box, hook), env_vars = json.array(util.copy(hook.env_vars)),
    options = { location_enabled = false, risk_enabled = false, mfa_device_info_enabled = false },
    created_at = util.iso(hook.created_at), updated_at = util.iso(hook.updated_at) }
  for k, v in pairs(hook.options or {}) do out.options[k] = v end
  if hook.conditions then out.conditions = json.array(util.copy(hook.conditions)) end
  return out
end

local function full(box, hook)
  local out = row(box, hook)
  out["function"] = hook["function"]
  return out
end

local function variable(env)
  return { id = env.id, name = env.name, created_at = util.iso(env.created_at),
    updated_at = util.iso(env.updated_at) }
end

-- Two rows made in the same millisecond still have an order.
local function number(box) return box:new_id("hook_rows") end

hooks["hooks.list"] = function(box, req)
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local kind = box.store.hooks
  return paging.v2(req, p, keys_of(kind), function(id) return row(box, kind[id]) end)
end

hooks["hooks.get"] = function(box, req)
  local hook = box.store.hooks[req.ids.hook_id]
  if not hook then return not_found() end
  return 200, full(box, hook)
end

-- Why a body cannot become (or replace `own`) a hook: status, body; or nothing.
local function refuse(box, b, own)
  local wrong = schema.hook(b)
  if wrong then return unprocessable(wrong) end
  if not SYNCHRONOUS[b.type] then return end
  for _, hook in pairs(box.store.hooks) do
    if hook ~= own and hook.type == b.type then
      return 409, { message = ("The '%s' hook is synchronous and can only have one defined function")
        :format(b.type) }
    end
  end
end

local function apply(box, hook, b, verb)
  for _, name in ipairs(schema.members()) do hook[name] = util.copy(b[name]) end
  hook.verb, hook.built_at, hook.updated_at = verb, box.clock.wall(), box.clock.wall()
end

hooks["hooks.create"] = function(box, req)
  local status, body = refuse(box, req.body)
  if status then return status, body end
  local hook = { id = uuid(box), n = number(box), created_at = box.clock.wall() }
  apply(box, hook, req.body, "create")
  box.store.hooks[hook.id] = hook
  return 201, full(box, hook)
end

-- Replaces: what is left out is as if it had never been set.
hooks["hooks.update"] = function(box, req)
  local hook = box.store.hooks[req.ids.hook_id]
  if not hook then return not_found() end
  local status, body = refuse(box, req.body, hook)
  if status then return status, body end
  apply(box, hook, req.body, "update")
  return 200, full(box, hook)
end

hooks["hooks.delete"] = function(box, req)
  if not box.store.hooks[req.ids.hook_id] then return not_found() end
  box.store.hooks[req.ids.hook_id] = nil
  box.store.hook_logs[req.ids.hook_id] = nil
  return 202
end

-- Newest first.
hooks["hooks.list_logs"] = function(box, req)
  if not box.store.hooks[req.ids.hook_id] then return not_found() end
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local logs, q = box.store.hook_logs[req.ids.hook_id] or {}, req.query
  local ids = {}
  for i = #logs, 1, -1 do
    local log = logs[i]
    if (not q.request_id or log.request_id == q.request_id)
      and (not q.correlation_id or log.correlation_id == q.correlation_id) then
      ids[#ids + 1] = i
    end
  end
  return paging.v2(req, p, ids, function(i)
    local log = logs[i]
    return { request_id = log.request_id, correlation_id = log.correlation_id,
      created_at = util.iso(log.created_at), events = json.array(util.copy(log.events)) }
  end)
end

hooks["hooks.list_envs"] = function(box, req)
  local p, status, body = paging.read_v2(box, req, MAX_PAGE)
  if not p then return status, body end
  local kind = box.store.hook_envs
  return paging.v2(req, p, keys_of(kind), function(id) return variable(kind[id]) end)
end

hooks["hooks.get_env"] = function(box, req)
  local env = box.store.hook_envs[req.ids.env_id]
  if not env then return not_found() end
  return 200, variable(env)
end

-- The value is kept apart from the row, where no view shows it, and known to the journal as secret.
local function set_value(box, env, value)
  box.store.hook_env_values[env.id] = { value = value }
  if value ~= "" then box.live[value] = true end
  env.updated_at = box.clock.wall()
end

hooks["hooks.create_env"] = function(box, req)
  local wrong = schema.new_variable(req.body)
  if wrong then return unprocessable(wrong) end
  for _, env in pairs(box.store.hook_envs) do
    if env.name == req.body.name then
      return unprocessable("Validation failed: Name has already been taken")
    end
  end
  local env = { id = uuid(box), n = number(box), name = req.body.name, created_at = box.clock.wall() }
  set_value(box, env, req.body.value)
  box.store.hook_envs[env.id] = env
  return 201, variable(env)
end

local function rebuild(box, name)
  for _, hook in pairs(box.store.hooks) do
    for _, used in ipairs(hook.env_vars) do
      if used == name then hook.verb, hook.built_at = "update", box.clock.wall() end
    end
  end
end

hooks["hooks.update_env"] = function(box, req)
  local env = box.store.hook_envs[req.ids.env_id]
  if not env then return fail(400, "BadRequestError", "Invalid env record ID") end
  local wrong = schema.variable(req.body)
  if wrong then return unprocessable(wrong) end
  set_value(box, env, req.body.value)
  rebuild(box, env.name)
  return 200, variable(env)
end

hooks["hooks.delete_env"] = function(box, req)
  local env = box.store.hook_envs[req.ids.env_id]
  if not env then return not_found() end
  box.store.hook_envs[env.id], box.store.hook_env_values[env.id] = nil, nil
  return 204
end

return setmetatable(hooks, { __index = {
  --- Adds a hook from Lua, unchecked and built: { id, type, function, ... }. Returns the row.
  add = function(box, fields)
    local now = box.clock.wall()
    local hook = { id = fields.id or uuid(box), n = number(box), type = "post-user-create",
      ["function"] = util.base64("exports.handler = async (context) => ({ user: context.user })\n"),
      disabled = false, runtime = "nodejs22.x", timeout = 1, retries = 0, env_vars = {},
      packages = {}, created_at = now, updated_at = now, built_at = now - RUNNING }
    for k, v in pairs(fields) do hook[k] = v end
    box.store.hooks[hook.id] = hook
    return hook
  end,

  --- Adds a variable from Lua: { id, name, value }. Returns the row.
  add_env = function(box, fields)
    local env = { id = fields.id or uuid(box), n = number(box), name = fields.name,
      created_at = box.clock.wall() }
    set_value(box, env, fields.value or "")
    box.store.hook_envs[env.id] = env
    return env
  end,

  --- Says that a hook ran: { request_id, correlation_id, events = { text, ... } }.
  log = function(box, hook_id, fields)
    local logs = box.store.hook_logs[hook_id] or {}
    box.store.hook_logs[hook_id] = logs
    logs[#logs + 1] = { request_id = fields.request_id or uuid(box),
      correlation_id = fields.correlation_id or uuid(box), events = fields.events or {},
      created_at = fields.created_at or box.clock.wall() }
  end,
} })

-- hooks.lua - tells a program's own functions what a client sends and gets: for metrics, logs and traces.
--
--   onelogin.new { on_request =, on_response =, on_retry =, on_token =, on_rate_limit = }
--
-- Each gets one table of plain facts (docs/tasks.md lists them), never a header, a body, a query or an id of a path.
-- A hook that throws breaks no call, nor one that would suspend whoever runs the call: the client's log is told once.
-- A call made inside a hook blocks and is not told to hooks.

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"

local hooks = {}

hooks.names = { "on_request", "on_response", "on_retry", "on_token", "on_rate_limit" }

local Hooks = {}
Hooks.__index = Hooks

local TOKEN = "oauth.generate_tokens"

local create, resume, status, close = coroutine.create, coroutine.resume, coroutine.status, coroutine.close

-- Runs fn(...) in a coroutine of its own, so that it cannot suspend the one of the call.  → true, value | false, why
local function alone(fn, ...)
  local co = create(function(...) return fn(...) end)
  local ok, value = resume(co, ...)
  if status(co) == "dead" then return ok, value end
  if close then close(co) end
  return false, "it may not wait: it used coroutine.yield, or something that does"
end

-- Whose hooks are silent while one of them runs; and pcall, where that will do instead.  Inside nginx other requests
-- may run meanwhile (nginx.lua).
function hooks.scope() return hooks end

local function report(self, name, why)
  local ok, text = pcall(tostring, why)
  self.host.log("warning", ("the hook %s failed: %s"):format(name, ok and self.mask(text) or "its error has no text"))
end

local function tell(self, name, event)
  local fn, busy = self.fns[name], self.busy
  if not fn then return end
  local scope, run = hooks.scope()
  if busy[scope] then return end
  busy[scope], run = true, run or alone
  local ok, why = run(fn, event)
  busy[scope] = nil
  if not ok and not self.told[name] then
    self.told[name] = true
    if self.host.log then run(report, self, name, why) end
  end
end

-- What is known of a call between its first request and its end, its own requests and the token's apart.
local function known(self, call, request)
  local state = self.calls[call]
  if not state then
    state = {}
    self.calls[call] = state
  end
  local op = call:operation()
  local token = request.operation == TOKEN and op.id ~= TOKEN
  local key = token and "token" or "own"
  local sent = state[key]
  if not sent then
    sent = { attempt = 0, token = token, operation = request.operation, method = request.method,
      path = token and "/auth/oauth2/v2/token" or op.entry.path }
    state[key] = sent
  end
  return sent
end

local function event(sent, request)
  return { operation = sent.operation, method = sent.method, path = sent.path, attempt = sent.attempt,
    bytes_sent = #(request.body or "") }
end

-- A request is about to leave.
function Hooks:sent(call, request, now)
  local sent = known(self, call, request)
  local before = sent.ended or sent.at -- an attempt that was given up has no answer
  sent.attempt, sent.at, sent.ended = sent.attempt + 1, now, nil
  if sent.attempt > 1 then
    local again = event(sent, request)
    again.status, again.error, again.wait = sent.status, sent.error, now - before
    again.bytes_sent = nil
    tell(self, "on_retry", again)
  end
  tell(self, "on_request", event(sent, request))
end

local function number(headers, name)
  return tonumber(headers[name] or nil)
end

-- A server's word for a request, if it is one: what it echoes might be anything.
function Hooks:shown(id)
  if type(id) ~= "string" then return nil end
  local token, secret = core.client.secrets(self.host.client)
  for _, value in ipairs { token or "", secret or "" } do
    if #value >= 4 and id:find(value, 1, true) then return "[masked]" end
  end
  return id:find("^[%w%-%._]+$") and id or self.mask(id)
end

-- Its answer, or its failure, has come.
function Hooks:answered(call, request, now, response, failure)
  local sent = known(self, call, request)
  local e = event(sent, request)
  e.seconds = now - (sent.at or now)
  sent.ended, sent.status, sent.error = now, nil, nil
  if type(response) == "table" then
    local function part(name) -- as the core reads it: without metamethods
      local value = rawget(response, name)
      return type(value) == "table" and value or {}
    end
    local headers, times = part "headers", part "times"
    local body = type(rawget(response, "body")) == "string" and response.body or ""
    e.status, e.request_id, e.bytes = rawget(response, "status"), self:shown(headers["x-request-id"]), #body
    e.reused, e.http_version = rawget(response, "reused"), rawget(response, "http_version")
    e.times = { dns = times.dns, connect = times.connect, tls = times.tls, first_byte = times.first_byte,
      total = times.total }
    sent.status = e.status
    tell(self, "on_response", e)
    if core.client.closed(self.host.client) then return end -- by the transport: there is nothing more to tell
    if sent.token and e.status == 200 then
      local told = core.client.inspect(self.host.client)
      tell(self, "on_token", { attempt = sent.attempt, seconds = e.seconds, expires = told.token_expires,
        generation = told.token_generation })
    elseif e.status == 429 or e.status == 400 and body:find("rate_limit_exceeded", 1, true) then
      tell(self, "on_rate_limit", { operation = e.operation, method = e.method, path = e.path, attempt = e.attempt,
        status = e.status, request_id = e.request_id, retry_after = number(headers, "retry-after"),
        limit = number(headers, "x-ratelimit-limit"), remaining = number(headers, "x-ratelimit-remaining"),
        reset = number(headers, "x-ratelimit-reset") })
    end
  else
    e.error = type(failure) == "table" and type(rawget(failure, "kind")) == "string"
      and rawget(failure, "kind") or "network"
    e.sent = not (type(failure) == "table" and rawget(failure, "sent") == false)
    sent.error = e.error
    tell(self, "on_response", e)
  end
end

-- A driver waits before it asks the call again; what for is told when the next request leaves.
function Hooks.waits() end

-- The call has ended: its object may serve another one.
function Hooks:ended(call)
  self.calls[call] = nil
end

-- The hooks among a client's options, or nil.
function hooks.new(options, host)
  local fns, any = {}, false
  for _, name in ipairs(hooks.names) do
    fns[name] = options[name]
    any = any or fns[name] ~= nil
  end
  if not any then return nil end
  local self = setmetatable({ fns = fns, host = host, told = {}, busy = setmetatable({}, { __mode = "k" }),
    calls = setmetatable({}, { __mode = "k" }) }, Hooks)
  function self.mask(text)
    return require("onelogin.redact").masker(host.client)(text)
  end
  return self
end

return hooks

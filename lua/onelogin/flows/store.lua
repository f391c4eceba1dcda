-- Keeps flows on the server between the requests of a browser, for any number of processes over one backend.  A page
-- holds an id and nothing else.  What holds however requests race, are repeated or die half-way:
--   one step of a flow at a time; a step's outcome counts only when it was the first to be written; a result is
--   handed out once; an input for a turn that is over does nothing; no password, code or result is ever written.
--
-- Keys (backend.lua), for a flow K = prefix .. hash of its id:
--   K          the number of its newest record, or an older one: a hint, from which newer ones are found
--   K:n        record n, made by `add`: that is the commit.  Older ones are overwritten with "-", never deleted: a
--              number is taken for good
--   K:n:claim  somebody makes the step that follows record n; it lapses, in case he dies
-- All of them end with the flow's life, which is counted from its beginning.
local core = require("onelogin.core")
local errors = require("onelogin.errors")
local backends = require("onelogin.flows.backend")
local fault = require("onelogin.flows.fault")
local guards = require("onelogin.flows.guard")
local memory = require("onelogin.flows.memory")
local settings = require("onelogin.flows.settings")
local engine = require("onelogin.flows.flow")

local M = {}

local json = core.json
local WHERE = "flows.store"
local RECORD = 1 -- version of a record
local ID_BYTES = 32
local MOST_STEPS = 300 -- of one flow; looking on is none
local PATIENCE, GLANCE = 5, 0.1 -- seconds that an input waits for the step of somebody else; how often it looks
local OVERWRITTEN = "-"

local OPTIONS = { backend = "table", life = "number", failures = "number", sends = "number", window = "number",
  lease = "number" }

local Store = {}
Store.__index = Store
Store.__name = "onelogin.flows.store"

-- The parts of a store are no fields of it, so that nothing shows them.
local parts = setmetatable({}, { __mode = "k" })

local trouble = fault.at(WHERE)

local function unknown()
  return trouble("not_found", "unknown_flow", "there is no such sign-in, or its time is over")
end

local function stale(seconds)
  return trouble("conflict", "stale", seconds and "another step of this sign-in is under way"
    or "the sign-in has moved on since this was sent", { retry_after = seconds })
end

local function whole(options, name, least, most)
  settings.bounded(options, name, least, most, WHERE)
  if options[name] and options[name] % 1 ~= 0 then
    error(("%s: %s must be a whole number"):format(WHERE, name), 0)
  end
end

--- host: of flows.lua; resume(host, state) -> flow, or throws.
function M.new(host, resume, options)
  options = options or {}
  settings.check(options, OPTIONS, WHERE, '{ backend = onelogin.nginx.store "flows" }')
  settings.bounded(options, "life", 60, 86400, WHERE)
  settings.bounded(options, "lease", 10, 900, WHERE)
  settings.bounded(options, "window", 1, 86400, WHERE)
  whole(options, "failures", 1, 100)
  whole(options, "sends", 1, 100)
  local crypto = backends.crypto(WHERE)
  local ngx = rawget(_G, "ngx")
  if not options.backend and ngx and ngx.worker and ngx.worker.count() ~= 1 then
    error(WHERE .. ": backend must be given, since nginx has several workers: onelogin.nginx.store(name)", 0)
  end
  local backend = backends.new(options.backend or memory.new { clock = host.clock }, WHERE)
  local guard = guards.new(backend, host.tenant, host.clock, options)
  local prefix = backends.prefix(host.tenant) .. "flow:"
  local store = setmetatable({}, Store)
  parts[store] = {
    backend = backend, guard = guard, clock = host.clock, resume = resume, tenant = host.tenant,
    life = options.life or 900, lease = options.lease or 90,
    host = setmetatable({ guard = guard, counts = true }, { __index = host }),
    random = function(n) return crypto.base64url_encode(crypto.random(n)) end,
    -- The key of an id; nil when it cannot be one of ours, which is found out without the backend.
    key = function(id)
      if type(id) ~= "string" or #id ~= 43 then return nil end
      local raw = crypto.base64url_decode(id)
      return raw and prefix .. crypto.base64url_encode(crypto.digest("sha256", raw))
    end,
  }
  return store
end

------------------------------------------------------------------------------------------------
-- Records

-- What is kept of a flow that has ended: that its result is out, or the failure that later steps repeat.
local function tombstone(self, want, err)
  if want then return { done = true } end
  return { operation = err.operation, state = err.state, kind = err.kind, reason = err.reason, message = err.message,
    field = err.field, user_id = err.user_id, again = err.retry_after and self.clock.wall() + err.retry_after }
end

local function epitaph(self, over)
  if over.gone then return unknown() end
  if over.done then
    return trouble("conflict", "done", "the result of this sign-in was handed out already")
  end
  return errors.new { operation = over.operation, state = over.state, kind = over.kind, reason = over.reason,
    message = over.message, field = over.field, user_id = over.user_id, retryable = false,
    retry_after = over.again and math.max(0, over.again - self.clock.wall()) or nil }
end

local function decode(self, text)
  local record = text and json.decode(text)
  if type(record) ~= "table" or record.v ~= RECORD or type(record.ends) ~= "number"
    or record.ends <= self.clock.wall() then
    return nil
  end
  return record
end

-- The newest record of a flow and its number; or nil and the backend's error, if it was that.
local function newest(self, key)
  local hint, broken = self.backend.get(key)
  local n = tonumber(hint)
  if not n then return nil, broken end
  local text, err = self.backend.get(("%s:%d"):format(key, n))
  for _ = 1, MOST_STEPS + 2 do
    if err then return nil, err end
    local after
    after, err = self.backend.get(("%s:%d"):format(key, n + 1))
    if not after then break end
    text, n = after, n + 1
  end
  if err then return nil, err end
  local record = decode(self, text)
  return record, record and n
end

-- Makes record n: true, or nil and why not.
local function commit(self, key, n, record)
  local backend, left = self.backend, record.ends - self.clock.wall()
  if left <= 0 then return nil, unknown() end
  local name = ("%s:%d"):format(key, n)
  local first, err = backend.add(name, json.encode(record), left)
  if err then return nil, err end
  if not first then
    if backend.get(name) then return nil, stale() end
    return nil, backends.broken("add")
  end
  -- From here on it has happened: what fails now only costs the next step some looking.
  backend.set(key, ("%d"):format(n), left)
  if n > 0 then backend.set(("%s:%d"):format(key, n - 1), OVERWRITTEN, left) end
  return true
end

-- Makes a step and writes down what became of it; the step counts only when that succeeds.
local function make(self, key, n, flow, ends, input)
  local exhausted = n >= MOST_STEPS
  local want, err = flow:step(exhausted and { cancel = true } or input)
  if exhausted then err = trouble("denied", "too_many_failures", "too many steps were made in this sign-in") end
  local record = { v = RECORD, ends = ends }
  if flow:ended() then
    record.over = tombstone(self, want, err)
  else
    record.state = flow:state()
  end
  local kept, problem = commit(self, key, n, record)
  if not kept then return nil, problem end
  return want, err
end

------------------------------------------------------------------------------------------------
-- What users call

--- Takes over a flow before its first step, and makes that.  Returns an id and what is needed; an id, nil and the error
-- when the step failed (the id is good: the step may be repeated, or repeats the flow's end); or nil and the error when
-- the flow could not be kept.
function Store:begin(flow, input)
  local self_ = parts[self]
  engine.check_fresh(flow, self_.host.client, WHERE .. ":begin", "store")
  engine.take_inputs(input)
  local id = self_.random(ID_BYTES)
  local key = self_.key(id)
  local ends = self_.clock.wall() + self_.life
  -- Room for it is taken before anything is sent.
  local first, err = self_.backend.add(key, "0", self_.life)
  if not first then return nil, err or backends.broken("add") end
  flow.begun, flow.host, flow.data.id = true, self_.host, self_.random(16)
  local want, problem = make(self_, key, 0, flow, ends, input)
  if not want and not self_.backend.get(("%s:0"):format(key)) then return nil, problem end
  return id, want, problem
end

-- Nothing is to be done: is it only a look?
local function idle(input)
  for _, value in pairs(input) do
    if value ~= false then return false end
  end
  return true
end

local function same_turn(turn, now)
  if turn == nil then return true end
  return (type(turn) == "number" or type(turn) == "string") and tonumber(turn) == now
end

-- What a flow shows without going on; nil when a step is due.
local function shown(flow)
  local want = flow:want()
  if want and want.after and want.after <= 0.001 then return nil, want end
  return want, want
end

--- Goes on with a flow.  turn: that of the want which the input answers; another one is refused.  Without an input, or
-- with an empty one, it is a look, which makes a call only when one is due.  Returns what is needed, or nil and the
-- error.
function Store:step(id, input, turn)
  local self_ = parts[self]
  local given = engine.take_inputs(input)
  local key = self_.key(id)
  if not key then return nil, unknown() end
  local look, waited = idle(given), 0
  while true do
    local record, n = newest(self_, key)
    if not record then return nil, n or unknown() end
    if record.over then return nil, epitaph(self_, record.over) end
    local ok, flow = pcall(self_.resume, self_.host, record.state)
    if not ok then return nil, unknown() end -- of another version of this library
    if not same_turn(turn, flow.data.turn) then return nil, stale() end
    local want, due
    if look then
      want, due = shown(flow)
      if want then return want end
    end
    local claimed, err = self_.backend.add(("%s:%d:claim"):format(key, n), "1", self_.lease)
    if err then return nil, err end
    if claimed then
      local after, broken = self_.backend.get(("%s:%d"):format(key, n + 1))
      if broken then return nil, broken end
      if not after then return make(self_, key, n + 1, flow, record.ends, given) end
    elseif due then
      due.after = 1
      return due -- somebody else asks just now
    elseif waited >= PATIENCE then
      return nil, stale(1)
    else
      self_.clock.sleep(GLANCE)
      waited = waited + GLANCE
    end
  end
end

--- Ends a flow, whatever it is doing: its id is unknown from now on.  True, or nil and the error.
function Store:drop(id)
  local self_ = parts[self]
  local key = self_.key(id)
  if not key then return true end
  while true do
    local record, n = newest(self_, key)
    if not record then
      if n then return nil, n end
      return true
    end
    if record.over and record.over.gone then return true end
    local ok, flow = pcall(self_.resume, self_.host, record.state)
    if ok then flow:step { cancel = true } end -- makes no call; its telephone is free again
    local kept, err = commit(self_, key, n + 1, { v = RECORD, ends = record.ends, over = { gone = true } })
    if kept then return true end
    if err.reason ~= "stale" then
      if err.reason == "unknown_flow" then return true end
      return nil, err
    end
  end
end

--- A limit of your own, such as for an address: true, at most `most` times in `window` seconds; else nil and the
-- seconds to wait.
function Store:limit(name, most, window)
  if type(name) ~= "string" then error(WHERE .. ":limit: expected a name, such as an address", 2) end
  if type(most) ~= "number" or type(window) ~= "number" or not (most >= 1 and most <= 1000 and window > 0) then
    error(WHERE .. ":limit: expected how often (1 to 1000) and within how many seconds", 2)
  end
  return parts[self].guard:limit(name, most, window)
end

--- What limits persons; for flows that are kept elsewhere.
function Store:guard()
  return parts[self].guard
end

function Store:__tostring()
  local self_ = parts[self]
  return ("onelogin.flows.store (%s, %d s)"):format(self_.tenant, self_.life)
end

return M

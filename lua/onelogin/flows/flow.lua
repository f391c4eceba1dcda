-- What all flows share: a state machine (machine.lua) whose functions walk it until something from outside is
-- needed.  `step` is one such walk, `run` asks callbacks for what is needed (run.lua), `state` is all that another
-- process needs to go on.  The state is plain data; passwords, and secrets among the results, are never in it.
-- Times in it are wall seconds; within a process they advance with the monotonic clock, and from one to the next they
-- never run back.
local fault = require("onelogin.flows.fault")
local guarded = require("onelogin.flows.guarded")
local redact = require("onelogin.redact")
local run = require("onelogin.flows.run")
local settings = require("onelogin.flows.settings")
local shape = require("onelogin.flows.shape")

local M = {}

local INPUTS = { password = "string", device = "any", factor = "any", code = "string", resend = "boolean",
  other = "boolean", cancel = "boolean" }
local MEANING = { code = "since a number loses its leading zeros" }

local POLL_LONGEST = 30 -- seconds of a poll with all its attempts

local Flow = {}
Flow.__index = Flow
Flow.__name = "onelogin.flow"

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for k, v in pairs(value) do out[k] = copy(v) end
  return out
end

M.copy = copy

-- Unique in this process; a store gives an id of its own, unique everywhere.
local made = 0
local function name_of(host)
  made = made + 1
  return ("%d.%.6f.%s"):format(made, host.clock.wall(), tostring(host):match("0x%x+") or "")
end

local function new(spec, host, data)
  return setmetatable({ spec = spec, host = host, data = data, client = host.client, secrets = {},
    api = spec.api and spec.api(data.options), wall0 = math.max(host.clock.wall(), data.at or 0),
    mono0 = host.clock.mono() }, Flow)
end

--- Wall seconds, advancing with the monotonic clock.
function Flow:now()
  return self.wall0 + (self.host.clock.mono() - self.mono0)
end

--- Takes the edge of an event.
function Flow:go(event)
  local data = self.data
  local from, to = data.state, self.spec.machine:next(data.state, event)
  data.state, self.moved = to, true
  if self.host.trace then self.host.trace(data.flow, from, event, to) end
end

-- Whom limits are about: a known user, and the name that was typed.
local function subjects(data)
  local out = {}
  if data.user and data.user.id then out[1] = "user:" .. data.user.id end
  if data.typed then out[#out + 1] = "name:" .. data.typed:gsub("^%s+", ""):gsub("%s+$", ""):lower() end
  return out
end

--- The one that counts now: the user once one is known.
function Flow:subject()
  return subjects(self.data)[1]
end

--- The telephone is free for another sign-in.
function Flow:hang_up()
  local data = self.data
  if data.ringing then
    self.host.guard:push_over(data.ringing, data.id)
    data.ringing = nil
  end
end

--- What was sent is of no use any more, whatever older text of the flow still holds it (sealer.lua).  False when that
-- could not be written down.
function Flow:drop_open()
  local data, open = self.data, self.data.open
  data.open, data.wait = nil, nil
  local life = self.host.life -- of the sealer's texts; only they are marked
  return not (life and open and open.mark) or self.host.guard:close(data.id, open.mark, life)
end

--- Nothing is open any more: no token, no push.
function Flow:close_open()
  -- While an older text may be granted by a press, the telephone rings for this flow.
  if self:drop_open() then self:hang_up() end
end

--- Ends the flow with a fault, which later steps repeat.
function Flow:finish(event, problem)
  self:go(event)
  self:close_open()
  local data = self.data
  data.token = nil
  data.failure = { kind = problem.kind, reason = problem.reason, message = problem.message, field = problem.field,
    user_id = problem.user_id, retry_after = problem.retry_after }
  return true
end

--- Ends the flow well.  result: what is kept and repeated; secrets: what is handed out by this process alone.
function Flow:succeed(event, result, secrets)
  local data = self.data
  self:go(event)
  self:close_open()
  data.note, data.token, data.login = nil, nil, result
  if secrets and next(secrets) ~= nil then
    data.once, self.handed = true, secrets
  end
  return true
end

--- An error of the world that is not about the person leaves the state as it is: the step may be repeated.  One
-- about a wrong identity ends the flow.
function Flow:world(err)
  if err.reason == "mismatch" then return self:finish("broken", err) end
  return nil, err
end

--- Takes one of the subject's chances before something is tried; nil when there is none left, and the flow is over.
-- A flow without a guard counts its own tries alone.
function Flow:reserve(subject)
  if not self.host.counts then return true end
  local slot, err = self.host.guard:reserve(subject)
  if slot then return slot end
  if err.kind ~= "denied" then
    self.trouble = err -- nothing is known about the limit: nothing is tried, and the step may be repeated
    return nil
  end
  self:finish("limited", err)
  return nil
end

-- Words of answers that leave a try used up.  Whoever is locked must not be told by a limit that never comes.
local COUNTS = { wrong = true, unknown = true, locked = true, rejected = true }

--- The try that the slot was taken for: given back when it was right, or was never judged.
function Flow:judge(slot, what)
  if slot ~= true and not COUNTS[what] then self.host.guard:release(slot) end
end

--- Options of a poll, which ends with the wait however often it is tried.
function Flow:while_waiting()
  return { deadline = math.min(POLL_LONGEST, math.max(1, self.data.wait.deadline - self:now())) }
end

--- May one more code or push be sent to this person: true; else false, and what the state's function returns.
function Flow:may_send()
  if not self.host.counts then return true end
  local ok, err = self.host.guard:send(self:subject())
  if ok then return true end
  if err.kind ~= "denied" then return false, nil, err end
  return false, self:finish("exhausted", err)
end

--- What a lost answer means: the try may have counted.
function M.outcome(what, err)
  if what == nil and err and (err.kind == "timeout" or err.kind == "network" or err.kind == "decode") then
    return "unknown"
  end
  return what
end

local SECRET = { __name = "onelogin.login", __tostring = function(login)
  local id = login.user and login.user.id
  return ("onelogin.login%s (%s)"):format(id and " " .. id or "", login.method or "")
end }

-- What is needed from outside now.
local function need(self)
  local data = self.data
  local want
  if data.login then
    local login = copy(data.login)
    if self.handed then
      for k, v in pairs(self.handed) do login[k] = v end
      setmetatable(login, SECRET)
    end
    want = { need = "nothing", login = login }
  else
    want = self.spec.need[data.state](self)
  end
  want.turn = data.turn
  return want
end

local function named(self, err)
  if type(err) == "table" and err.operation == "flows" then
    err.operation, err.state = "flows." .. self.data.flow, self.data.state
  end
  return nil, err
end

--- A copy of an input, checked: misuse throws.
local function take_inputs(input)
  if input ~= nil and type(input) ~= "table" then
    error("flow:step: expected a table such as { code = \"123456\" }, or nothing", 3)
  end
  local given = {}
  settings.check_names(input or {}, INPUTS, "flow:step", "input")
  for k, v in pairs(input or {}) do
    if INPUTS[k] ~= "any" and type(v) ~= INPUTS[k] then
      error(("flow:step: %s must be a %s%s"):format(k, INPUTS[k], MEANING[k] and ", " .. MEANING[k] or ""), 3)
    end
    if v ~= false then given[k] = v end
  end
  return given
end

M.take_inputs = take_inputs

local function size(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

-- Walks until input is needed, an error stops it or the machine has ended.
local function walk(self, given)
  local advance, data = self.spec.advance, self.data
  while advance[data.state] do
    local more, err = advance[data.state](self, given)
    if more == nil then return nil, err end
    if not more then break end
  end
  return true
end

-- An error of the service may repeat what it was sent, and a verification's id is a part of the path.
local function mask(err, token, open)
  if err.operation == "flows" or not token and not open then return err end
  return redact.error(err, redact.masker(nil, nil, { { "state_token", token }, { "state_token", open } }))
end

local function step(self, given)
  local data = self.data
  local token, open = data.token, data.open and data.open.token
  if data.once and data.login and not self.handed then
    return named(self, fault.new("conflict", "done", "the result of this flow was handed out already"))
  end
  local many = size(given)
  self.moved, self.trouble = false, nil
  if given.cancel and not self.spec.machine.final[data.state] then
    self:finish("cancel", fault.new("cancelled", "cancelled", "cancelled"))
    given.cancel = nil
  end
  local ok, err = walk(self, given)
  -- A poll does not raise the turn, so what a page shows stays good while it waits.
  if self.moved and size(given) < many then data.turn = data.turn + 1 end
  if not ok then return named(self, mask(err, token, open)) end
  if self.trouble and not self:ended() then return named(self, self.trouble) end
  if data.failure then
    local f = data.failure
    return named(self, fault.new(f.kind, f.reason, f.message,
      { field = f.field, user_id = f.user_id, retry_after = f.retry_after }))
  end
  return need(self)
end

local WEAK = { __mode = "v" } -- a coroutine that nobody will go on with holds up no flow

-- Is a step under way: one that waits in another coroutine, or that was called from within itself?  (Where a step that
-- throws is not caught the latter cannot be told from one that threw.)
local function busy(self)
  local co = self.stepping and self.stepping.co
  if type(co) ~= "thread" then return co ~= nil end
  return coroutine.status(co) ~= "dead" and (co ~= coroutine.running() or guarded.catches())
end

--- Goes on as far as possible.  input: nil or a table with device (id), code, password (strings), resend, other or
-- cancel (true).  Returns what is needed next: need = "device" | "code" | "wait" | "password" | "nothing" (then `login`
-- is there); or nil and the error.  After an error of the world the same step may be repeated.
function Flow:step(input)
  local given = take_inputs(input)
  if busy(self) then
    return named(self, fault.new("conflict", "stale", "another step of this flow is under way"))
  end
  self.stepping = setmetatable({ co = coroutine.running() or true }, WEAK)
  local ok, want, err = guarded.call(step, self, given)
  self.stepping = nil
  if not ok then error(want, 0) end
  return want, err
end

--- What is needed now, as the last step told it, without a call; nil where a step would go on by itself, and at the
-- end.
function Flow:want()
  local data = self.data
  if data.failure or data.login or not self.spec.need[data.state] then return nil end
  return need(self)
end

--- Everything another process needs to go on (ol.flows.resume): a plain table of this version.  It holds the token
-- of what is open, so it belongs on the server's side, never in a page.
function Flow:state()
  local state = copy(self.data)
  state.at = self:now()
  return state
end

--- Is it over, well or not?
function Flow:ended()
  return self.spec.machine.final[self.data.state] == true
end

function Flow:__tostring()
  local data = self.data
  return ("onelogin.flow %s%s (%s)"):format(data.flow, data.options.version and " " .. data.options.version or "",
    data.state)
end

--- Throws unless it is a flow of this client that has made no step: only such a one may be put under another host.
-- by: the function that takes it; whose: what that belongs to.
function M.check_fresh(flow, client, by, whose)
  if type(flow) ~= "table" or type(flow.data) ~= "table" or type(flow.step) ~= "function" then
    error(by .. ": expected a flow, such as ol.flows.login.start { user = typed } makes it", 3)
  end
  if flow.client ~= client then
    error(("%s: the flow is of another client than the %s"):format(by, whose), 3)
  end
  if flow.begun or flow.data.state ~= flow.spec.machine.first or flow.data.turn ~= 0 then
    error(by .. ": the flow has made a step already; hand it over before, so that the limits count it", 3)
  end
end

local CALLBACKS = { "choose", "otp", "on_wait", "show" }

--- Runs to the end with callbacks (flows/run.lua).  Returns the result, or nil and the error.
function Flow:run(ask)
  if ask ~= nil and type(ask) ~= "table" then error("flow:run: expected a table of callbacks, or nothing", 2) end
  ask = ask or {}
  for _, name in ipairs(CALLBACKS) do
    if ask[name] ~= nil and not guarded.callable(ask[name]) then
      error(("flow:run: %s must be a function"):format(name), 2)
    end
  end
  local kept = self.data.options
  if kept.fallback == nil then kept.fallback = ask.otp ~= nil end
  return run(self, self.host.clock, ask)
end

-- What every state holds, and what must be there in which.
local person = shape.record { id = shape.maybe(shape.text), typed = shape.maybe(shape.text) }
local FIELDS = {
  tenant = shape.text, id = shape.text, born = shape.number, at = shape.maybe(shape.number), tries = shape.count,
  sends = shape.count, turn = shape.count, typed = shape.maybe(shape.text), user = shape.maybe(person),
  note = shape.maybe(shape.text), once = shape.maybe(shape.flag), ringing = shape.maybe(shape.text),
  login = shape.maybe(shape.table),
  failure = shape.maybe(shape.record { kind = shape.text, message = shape.text,
    retry_after = shape.maybe(shape.number) }),
}

-- Is it a whole state of this flow, in every field that a step looks at?
local function is_whole(spec, data)
  local machine, form = spec.machine, spec.form
  if not shape.plain(data) or not machine.states[data.state] then return false end
  if not shape.record(form.options)(data.options) or not shape.record(FIELDS)(data)
    or not shape.record(form.fields)(data) then
    return false
  end
  for _, name in ipairs(form.needed[data.state] or {}) do
    if data[name] == nil then return false end
  end
  if (machine.final[data.state] == true) ~= (data.login ~= nil or data.failure ~= nil) then return false end
  return not form.whole or form.whole(data)
end

--- Makes a flow of its parts:
--   name, version, machine (of machine.lua);
--   check(options) -> the plain options that a state keeps; throws on the programmer's mistakes;
--   begin(data, options, host) -> secrets: fills in what is its own; secrets stay in this process;
--   form: what a state holds: options and fields (name -> test of shape.lua), needed (STATE -> names of fields), and
--     whole(data) -> is the rest as it must be (optional);
--   callable(data, client, where): throws when the client would not make the calls (optional);
--   api(kept) -> how it speaks to the service (optional);
--   advance[STATE](flow, input) -> true to go on, false for input, or nil and the error;
--   need[STATE](flow) -> what is wanted;   asks[NEED](flow, want, ask) -> input: more needs for `run` (optional).
function M.define(spec)
  local made_of = { machine = spec.machine }

  function made_of.start(host, options)
    local kept = spec.check(options)
    local data = { v = spec.machine.version, flow = spec.name, state = spec.machine.first, tenant = host.tenant,
      options = kept, tries = 0, sends = 0, turn = 0, born = host.clock.wall(), id = name_of(host) }
    local secrets = spec.begin(data, options, host)
    if spec.callable then spec.callable(data, host.client, "flows." .. spec.name) end
    local flow = new(spec, host, data)
    flow.secrets = secrets or {}
    return flow
  end

  function made_of.resume(host, data)
    if data.v ~= spec.machine.version then
      error("flows.resume: the state is of another version of this library; start again", 0)
    end
    if not is_whole(spec, data) then
      error(("flows.resume: this is not a whole state of the flow %s"):format(spec.name), 0)
    end
    if data.tenant ~= host.tenant then
      error("flows.resume: the state belongs to another tenant than this client", 0)
    end
    if spec.callable then spec.callable(data, host.client, "flows.resume") end
    return new(spec, host, copy(data))
  end

  return made_of
end

return M

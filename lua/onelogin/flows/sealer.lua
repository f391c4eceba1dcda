-- Flows that travel with the browser, where there is no place on the server to keep them: the state is encrypted and
-- bound to the tenant, the purpose and the session, and has an end.  What a browser holds it can send twice, so nothing
-- that counts is inside: wrong tries, codes sent, live pushes, what was given up and the one end of a flow are the
-- guard's (guard.lua), and an older text can do no more than the newest.
--
-- A text is base64url of: format (1 byte), length of the key's name (1 byte), the name, and what crypto.seal made.
local core = require("onelogin.core")
local backends = require("onelogin.flows.backend")
local engine = require("onelogin.flows.flow")
local fault = require("onelogin.flows.fault")
local guards = require("onelogin.flows.guard")
local settings = require("onelogin.flows.settings")

local M = {}

local json = core.json
local WHERE = "flows.sealer"
local FORMAT = "\1"
local KEY_LEN = 32
local OPENS, OPENS_IN = 20, 10 -- so often a flow may be opened in so many seconds

local OPTIONS = { keys = "table", current = "string", life = "number", purpose = "string", longest = "number",
  backend = "table", guard = "boolean or table", failures = "number", sends = "number", window = "number" }

local Sealer = {}
Sealer.__index = Sealer
Sealer.__name = "onelogin.flows.sealer"

-- Keys and all: no fields, so that nothing shows them.
local parts = setmetatable({}, { __mode = "k" })

local trouble = fault.at(WHERE)

-- One answer to whatever is wrong with a text: what it was helps only whoever made it.
local function forged()
  return trouble("invalid", "forged", "this is no sign-in of this session, or its time is over")
end

local function done()
  return trouble("conflict", "done", "this sign-in has come to its end already")
end

local function stale()
  return trouble("conflict", "stale", "what was sent for this step has been given up since")
end

local function keys_of(options)
  local keys, count, only = {}, 0, nil
  for name, key in pairs(options.keys or {}) do
    if type(name) ~= "string" or not name:find("^[%w_-]+$") or #name > 32 then
      error(WHERE .. ": the name of a key must be 1 to 32 letters, digits, _ or -", 0)
    end
    if type(key) ~= "string" or #key ~= KEY_LEN then
      error(("%s: the key '%s' must be %d random bytes, such as onelogin.crypto.random(%d) gives them")
        :format(WHERE, name, KEY_LEN, KEY_LEN), 0)
    end
    keys[name], count, only = key, count + 1, name
  end
  if count == 0 then error(WHERE .. ": keys must have a key, such as { k1 = 32 random bytes }", 0) end
  local current = options.current or count == 1 and only
  if not current then error(WHERE .. ": current must name the key that seals", 0) end
  if not keys[current] then error(WHERE .. ": current names no key", 0) end
  return keys, current
end

local function guard_of(options, host)
  local guard = options.guard
  if guard == true then guard = nil end
  if type(guard) == "table" and type(guard.reserve) ~= "function" then
    error(WHERE .. ": guard must be that of a store (store:guard()), or false", 0)
  end
  if guard == false and options.backend then
    error(WHERE .. ": backend is where the guard counts; without a guard there is none", 0)
  end
  if guard ~= nil then return guard end
  if not options.backend then
    error(WHERE .. ": backend must be given, since wrong tries are counted there; guard = false means that nobody "
      .. "counts them", 0)
  end
  return guards.new(backends.new(options.backend, WHERE), host.tenant, host.clock, options)
end

--- host: of flows.lua; resume(host, state) -> flow, or throws.
function M.new(host, resume, options)
  settings.check(options, OPTIONS, WHERE, '{ keys = { k1 = key }, backend = backend }')
  settings.bounded(options, "life", 60, 86400, WHERE)
  settings.bounded(options, "longest", 512, 1048576, WHERE)
  settings.bounded(options, "window", 1, 86400, WHERE)
  settings.bounded(options, "failures", 1, 100, WHERE)
  settings.bounded(options, "sends", 1, 100, WHERE)
  local crypto = backends.crypto(WHERE)
  local keys, current = keys_of(options)
  local guard = guard_of(options, host)
  local purpose = options.purpose or "flow"
  local sealer = setmetatable({}, Sealer)
  parts[sealer] = {
    crypto = crypto, keys = keys, current = current, guard = guard, life = options.life or 900, resume = resume,
    longest = options.longest or 16384, clock = host.clock, tenant = host.tenant,
    host = guard and setmetatable({ guard = guard, counts = true, paces = true, life = options.life or 900 },
      { __index = host }) or host,
    -- What a text is bound to; no part can run into the next.
    context = function(name, session)
      local all = { "onelogin.flow", FORMAT, name, purpose, host.tenant, session }
      for i = 1, #all do all[i] = #all[i] .. ":" .. all[i] end
      return table.concat(all)
    end,
  }
  return sealer
end

-- The one end of a flow, however many texts of it are about.
local function watch(sealer, flow)
  local guard, life = sealer.guard, sealer.life
  flow.begun = sealer
  if not guard then return flow end
  local step, told = flow.step, false
  function flow:step(input)
    local want, err = step(self, input)
    if told or not self:ended() then return want, err end
    local first, broken = guard:done(self.data.id, life)
    if broken then return nil, broken end
    if not first then return nil, done() end
    told = true
    return want, err
  end
  return flow
end

--- Puts a flow under the guard, before its first step.  Returns it.
function Sealer:begin(flow)
  local self_ = parts[self]
  engine.check_fresh(flow, self_.host.client, WHERE .. ":begin", "sealer")
  flow.host, flow.data.id = self_.host, self_.crypto.base64url_encode(self_.crypto.random(16))
  return watch(self_, flow)
end

local function session_of(options)
  local session = type(options) == "table" and options.session
  return type(session) == "string" and session ~= "" and session or nil
end

--- The text of a flow that waits for input.  options.session: what only this browser has, such as its session's id.
-- Nil and the error when the flow is over or too long.
function Sealer:seal(flow, options)
  local self_ = parts[self]
  if type(flow) ~= "table" or flow.begun ~= self_ then
    error(WHERE .. ":seal: expected a flow that begin or open of this sealer returned", 2)
  end
  local session = session_of(options)
  if not session then
    error(WHERE .. ":seal: session must be a string that only this browser has, such as the id of its session", 2)
  end
  if flow:ended() then return nil, done() end
  local crypto, name, open = self_.crypto, self_.current, flow.data.open
  if open and self_.guard then open.mark = open.mark or crypto.base64url_encode(crypto.random(9)) end
  local state = flow:state()
  state.tries, state.sends, state.refused = nil, nil, nil -- what is counted is counted by the guard
  local plain = json.encode { till = state.born + self_.life, state = state }
  local sealed = crypto.seal(self_.keys[name], plain, self_.context(name, session))
  local text = crypto.base64url_encode(FORMAT .. string.char(#name) .. name .. sealed)
  if #text > self_.longest then
    return nil, trouble("invalid", "too_long", "the state of this sign-in is too long for a sealed text")
  end
  return text
end

-- The state in a text, or nil.
local function unseal(self, text, session)
  if type(text) ~= "string" or #text > self.longest or not text:find("^[%w_-]+$") or not session then return nil end
  local raw = self.crypto.base64url_decode(text)
  if not raw or #raw < 3 or raw:sub(1, 1) ~= FORMAT then return nil end
  local last = 2 + raw:byte(2)
  local name = raw:sub(3, last)
  local key = self.keys[name]
  if not key then return nil end
  local plain = self.crypto.open(key, raw:sub(last + 1), self.context(name, session))
  local content = plain and json.decode(plain)
  if type(content) ~= "table" or type(content.till) ~= "number" or type(content.state) ~= "table"
    or content.till <= self.clock.wall() then
    return nil
  end
  local state = content.state
  state.tries, state.sends, state.refused = 0, 0, 0
  return state
end

--- The flow in a text that this browser sent; or nil and the error, which is one for whatever is wrong with the text.
function Sealer:open(text, options)
  local self_ = parts[self]
  local state = unseal(self_, text, session_of(options))
  if not state then return nil, forged() end
  local ok, flow = pcall(self_.resume, self_.host, state)
  if not ok then return nil, forged() end -- of another version of this library
  local guard = self_.guard
  if guard then
    local over, broken = guard:is_done(state.id)
    if broken then return nil, broken end
    if over then return nil, done() end
    local mark = type(state.open) == "table" and state.open.mark
    if mark then
      local closed, no = guard:is_closed(state.id, mark)
      if no then return nil, no end
      if closed then return nil, stale() end
    end
    local free, seconds, err = guard:limit("open:" .. state.id, OPENS, OPENS_IN)
    if not free then
      return nil, err or trouble("rate_limited", "too_often", "this sign-in is asked for too often",
        { retry_after = seconds })
    end
  end
  return watch(self_, flow)
end

function Sealer:__tostring()
  local self_ = parts[self]
  return ("onelogin.flows.sealer (%s, key %s, %d s)"):format(self_.tenant, self_.current, self_.life)
end

return M

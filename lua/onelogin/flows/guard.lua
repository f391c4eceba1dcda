-- Limits that outlive a flow: wrong tries of a person, codes and pushes sent to a person, one live push a person, what
-- a flow has given up, and its one end.  They are kept in a backend (backend.lua) that all processes share, so whoever
-- begins anew, replays an older state or asks ten servers at once gets no more of them.
--
-- What is counted is made of slots: what is allowed `most` times within `window` seconds has that many keys; `add`
-- takes the first free one or none, and each comes free by itself when its time is over.  No key tells a name, an id or
-- a code.
local fault = require("onelogin.flows.fault")
local backends = require("onelogin.flows.backend")

local M = {}

local DEFAULT = { failures = 3, sends = 10, window = 900 }

local Guard = {}
Guard.__index = Guard
Guard.__name = "onelogin.flows.guard"

--- backend: as backend.new makes it; tenant: a text that keys are told apart by; clock: { wall }; limits: failures,
-- sends and window (seconds).  Throws without onelogin.crypto.
function M.new(backend, tenant, clock, limits)
  local crypto, prefix = backends.crypto("flows.guard"), backends.prefix(tenant)
  return setmetatable({
    backend = backend, clock = clock, failures = limits.failures or DEFAULT.failures,
    sends = limits.sends or DEFAULT.sends, window = limits.window or DEFAULT.window,
    key = function(what, subject)
      return prefix .. what .. ":" .. crypto.base64url_encode(crypto.digest("sha256", prefix .. what .. ":" .. subject))
    end,
  }, Guard)
end

-- Takes a slot: its key; or nil and the seconds until one comes free; or nil, nil and the backend's error.
local function take(self, base, most, window)
  local backend, now = self.backend, self.clock.wall()
  local till = ("%.3f"):format(now + window)
  for i = 1, most do
    local key = base .. ":" .. i
    local taken, err = backend.add(key, till, window)
    if err then return nil, nil, err end
    if taken then return key end
  end
  local wait = window
  for i = 1, most do
    wait = math.min(wait, (tonumber((backend.get(base .. ":" .. i))) or now) - now)
  end
  return nil, math.max(1, math.ceil(wait))
end

--- One of the subject's tries, taken before it is made: its slot, or nil and the error.
function Guard:reserve(subject)
  local slot, wait, err = take(self, self.key("fail", subject), self.failures, self.window)
  if slot then return slot end
  return nil, err or fault.new("denied", "too_many_failures", "too many wrong tries; wait before the next one",
    { retry_after = wait })
end

--- Gives a try back: it was not wrong.
function Guard:release(slot)
  self.backend.delete(slot)
end

--- May one more code or push be sent to the subject: true, or nil and the error.
function Guard:send(subject)
  local slot, wait, err = take(self, self.key("send", subject), self.sends, self.window)
  if slot then return true end
  return nil, err or fault.new("denied", "too_many_sends", "too many codes or pushes were sent to this person",
    { retry_after = wait })
end

--- The telephone of the subject rings for this flow and, for so many seconds, for no other: true, or nil and the error.
function Guard:push(subject, flow_id, seconds)
  local backend, key, mine = self.backend, self.key("push", subject), self.key("flow", flow_id)
  local now = self.clock.wall()
  local value = ("%.3f %s"):format(now + seconds, mine)
  local first, err = backend.add(key, value, seconds)
  if first then return true end
  local held
  if not err then held, err = backend.get(key) end
  if err then return nil, err end
  local till, whose = (held or ""):match("^(%S+) (.+)$")
  if whose == mine then
    backend.set(key, value, seconds)
    return true
  end
  return nil, fault.new("denied", "push_open", "another sign-in waits for an answer on this person's device",
    { retry_after = math.max(1, math.ceil((tonumber(till) or now) - now)) })
end

--- Nothing rings for this flow any more.
function Guard:push_over(subject, flow_id)
  local key = self.key("push", subject)
  local held = self.backend.get(key)
  if held and held:match("^%S+ (.+)$") == self.key("flow", flow_id) then self.backend.delete(key) end
end

--- True for the first who asks about this flow, for so many seconds; else false, or nil and the error.
function Guard:done(flow_id, seconds)
  local first, err = self.backend.add(self.key("done", flow_id), "1", seconds)
  if err then return nil, err end
  return first
end

--- Has this flow come to its end; nil and the error when the backend does not tell.
function Guard:is_done(flow_id)
  local value, err = self.backend.get(self.key("done", flow_id))
  if err then return nil, err end
  return value ~= nil
end

--- What `mark` names in this flow is closed, for so many seconds: true, or false when that could not be kept.
function Guard:close(flow_id, mark, seconds)
  local _, err = self.backend.set(self.key("closed", flow_id .. ":" .. mark), "1", seconds)
  return not err
end

--- Is it closed; nil and the error when the backend does not tell.
function Guard:is_closed(flow_id, mark)
  local value, err = self.backend.get(self.key("closed", flow_id .. ":" .. mark))
  if err then return nil, err end
  return value ~= nil
end

--- At most `most` times in `window` seconds for this name (an address, a form): true, or nil and the seconds to wait,
-- and the error when it was the backend that refused.
function Guard:limit(name, most, window)
  local slot, wait, err = take(self, self.key("limit", name), most, window)
  if slot then return true end
  return nil, wait or 1, err
end

function Guard:__tostring()
  return ("onelogin.flows.guard (%d failures, %d sends in %d s)"):format(self.failures, self.sends, self.window)
end

return M

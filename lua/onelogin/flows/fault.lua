-- What a flow answers when it ends without a sign-in: the same kind of error table as the client's,
-- with `reason` for the finer word (locked, wrong_code, timeout ...).  It never holds a code or a token.
local M = {}

local Fault = {}
Fault.__index = Fault
Fault.__name = "onelogin.error"

function Fault:__tostring()
  return ("%s: %s"):format(self.kind, self.message)
end

-- kind: one of the closed list of the error contract.
function M.new(kind, reason, message, extra)
  local fault = { kind = kind, reason = reason, message = message, retryable = false }
  for k, v in pairs(extra or {}) do fault[k] = v end
  return setmetatable(fault, Fault)
end

return M

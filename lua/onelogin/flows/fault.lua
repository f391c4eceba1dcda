-- What a flow answers when it ends without success: the client's own error table, with `reason` for the finer word
-- (locked, wrong_code, timeout ...).  It never holds a code, a password or a token.
local errors = require("onelogin.errors")

local M = {}

-- kind: one of the closed list of the error contract.  The flow puts its name to it (operation).
function M.new(kind, reason, message, extra)
  local fields = { operation = "flows", kind = kind, reason = reason, message = message, retryable = false }
  for k, v in pairs(extra or {}) do fields[k] = v end
  return errors.new(fields)
end

--- The same for what is no flow itself: `where` is the operation.
function M.at(where)
  return function(kind, reason, message, extra)
    local err = M.new(kind, reason, message, extra)
    err.operation = where
    return err
  end
end

return M

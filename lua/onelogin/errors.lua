-- errors.lua - how a failure reads, and the assert that reads well everywhere.
--
-- The error table itself is made in C (response.c, lcall.c); its fields are listed in docs/design/errors.md.

local core = require "onelogin.core"

local errors = {}

local mt = core.meta.error

-- One useful line: what failed, how, the server's words, what to look at.
function mt.__tostring(err)
  local parts = { tostring(err.operation or "onelogin"), ": ", tostring(err.kind) }
  if err.status then parts[#parts + 1] = " (HTTP " .. tostring(err.status) .. ")" end
  parts[#parts + 1] = ": " .. tostring(err.message or "no message")
  if err.field then parts[#parts + 1] = " [field " .. tostring(err.field) .. "]" end
  if err.hint then parts[#parts + 1] = " (" .. tostring(err.hint) .. ")" end
  if type(err.attempts) == "number" and err.attempts > 1 then
    parts[#parts + 1] = (" after %d attempts"):format(err.attempts)
  end
  if err.request_id then parts[#parts + 1] = " [request " .. tostring(err.request_id) .. "]" end
  -- A server's text may not steer a terminal or break the line.
  return (table.concat(parts):gsub("[%c\127]", " "):gsub("\194[\128-\159]", " "))
end

mt.__name = "onelogin.error"

-- Makes an error of ours where no call was made or its answer was not what a walk needs.
function errors.new(fields)
  return setmetatable(fields, mt)
end

function errors.is(value)
  return type(value) == "table" and getmetatable(value) == mt
end

-- onelogin.check(...): passes its arguments through, or throws the error as a string, which every host can print.
function errors.check(value, err, ...)
  if value == nil or value == false and err ~= nil then
    error(tostring(err == nil and "onelogin: nothing was returned" or err), 2)
  end
  return value, err, ...
end

return errors

-- A box with somebody who can sign in, for the specs of the sign-in routes.
local canary = require "spec.support.canary"
local sandbox = require "onelogin.sandbox"
local support = require "spec.support.sandbox"
local totp = require "onelogin.sandbox.totp"

local sign_in = {}

sign_in.PASSWORD = canary.password

--- A box, its API by a credential of the least scope, and Kim, who has no device yet.
function sign_in.world(options)
  options = options or {}
  options.users = options.users or 0
  local box = sandbox(options)
  local kim = box:add_user { email = "kim@acme.test", username = "kim", firstname = "Kim", lastname = "Lee",
    phone = "+15550123", password = canary.password }
  return box, kim, support.api(box, { scope = "Authentication Only" })
end

--- A code that is right neither now nor in the steps around now.
function sign_in.wrong_code(box, device)
  local key, now, n = totp.unbase32(device.secret), box.clock.wall(), 0
  while totp.check(key, ("%06d"):format(n), now, -1) do n = n + 1 end
  return ("%06d"):format(n)
end

--- The codes and pushes sent so far, as a list of their kinds.
function sign_in.sent(box)
  local kinds = {}
  for i, message in ipairs(box.outbox) do kinds[i] = message.kind end
  return kinds
end

--- Everything that the journal shows, as one text.
function sign_in.journal(box)
  return support.json.encode(support.json.array(box.journal))
end

--- The types of the events of a box, in order.
function sign_in.events(box)
  local types = {}
  for i, event in ipairs(box.store.events) do types[i] = event.event_type_id end
  return types
end

return sign_in

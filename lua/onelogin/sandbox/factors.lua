-- What MFA v1, v2 and the sign-in routes share about a factor: what goes out when it is activated,
-- what a right and a wrong code do to the user, and the service's words for both.
local devices = require("onelogin.sandbox.devices")
local json = require("onelogin.core").json

local M = {}

M.LAPSED = "State token is invalid or expired"
M.WRONG = "Failed authentication with this factor"
M.NOT_FOUND = "Factor could not be found"
M.BLANK = "OTP token blank"

-- What v1 and the sign-in routes say while they wait for the person, by type.
M.SENT = {
  sms = "SMS token sent to your mobile device. Authentication pending.",
  voice = "Call placed to your phone. Authentication pending.",
  email = "Email token sent. Authentication pending.",
  protect = "Authentication pending on OL Protect",
  duo = "Authentication pending on Duo",
}

M.EVENTS = { registered = 22, removed = 24, locked = 19, failed = 527, verified = 528 }

local E = M.EVENTS
local LOCK_MINUTES = 30

--- An event about a user and perhaps a device.
function M.event(box, id, user, device)
  box:event(id, { user_id = user.id, otp_device_id = device and device.id, otp_device_name = device and device.name })
end

--- Counts a wrong code or password on the user; the option `lockout` says how many lock the user for
-- half an hour (0 = never).  The MFA routes look at that never, the sign-in routes always.
function M.count_failure(box, user)
  local limit = box.options.lockout
  user.invalid_login_attempts = (tonumber(user.invalid_login_attempts) or 0) + 1
  if limit > 0 and user.invalid_login_attempts >= limit and user.status == 1 then
    user.status = 3
    user.locked_until, user.lock_reason = box.clock.wall() + LOCK_MINUTES * 60, "attempts"
    M.event(box, E.locked, user)
  end
  box:touch(user)
end

--- A wrong code.
function M.wrong(box, user, device)
  M.event(box, E.failed, user, device)
  M.count_failure(box, user)
end

--- A right code or an accepted push.
function M.right(box, user, device)
  if user.invalid_login_attempts ~= 0 then
    user.invalid_login_attempts = 0
    box:touch(user)
  end
  M.event(box, E.verified, user, device)
end

--- A code as text, also when it came as a number.
function M.otp_text(value)
  if type(value) == "number" then return ("%.0f"):format(value) end
  return value
end

--- Whole seconds between the bounds, the default for none given, or nil.
function M.seconds(value, least, most, default)
  if value == nil or value == json.null then return default end
  local n = tonumber(value)
  if not n or n ~= math.floor(n) or n < least or n > most then return nil end
  return n
end

-- Fills the template of a message; nil when it comes out longer than one message.
local function message(template, code, life, placeholder, default)
  local text = type(template) == "string" and template or default
  local minutes = ("%d"):format(math.ceil(life / 60))
  text = text:gsub("{{otp_code}}", code):gsub("{{" .. placeholder .. "}}", minutes)
  return #text <= 160 and text or nil
end

--- Sends what the device wants sent.  `opts`: placeholder ("expiration", "otp_expiry"), template,
-- numeric, origin.  Returns options for devices.challenge, or nil when the text is too long.
function M.send(box, device, life, opts)
  local kind = devices.TYPES[device.type]
  local out = { life = life, answers = kind.answers and device.trigger }
  if kind.sends == "sms" or kind.sends == "voice" then
    out.code = devices.new_code(box, opts.numeric or kind.sends == "voice")
    local text = message(opts.template, out.code, life, opts.placeholder,
      "{{otp_code}} is your OneLogin code. It expires in {{" .. opts.placeholder .. "}} minutes.")
    if not text then return nil end
    devices.post(box, device, { kind = kind.sends, to = device.phone, code = out.code, text = text })
  elseif kind.sends == "email" then
    if device.link then
      out.link = ("%s/mfa/magic/%s"):format(opts.origin or "", box:token_hex(24))
      devices.post(box, device, { kind = "email", to = device.email, text = "Sign in: " .. out.link })
    else
      out.code = devices.new_code(box)
      devices.post(box, device, { kind = "email", to = device.email, code = out.code,
        text = "Your OneLogin code is " .. out.code })
    end
  elseif kind.answers and device.trigger then
    devices.post(box, device, { kind = "push", to = device.name, text = "Accept sign-in?" })
  end
  return out
end

return M

-- Is this the person, and may they come in?  The password half of every sign-in, with the lock after
-- too many wrong ones.
local require = require

local factors = require("onelogin.sandbox.factors")

local passwords = {}

local FAILED, UNLOCKED = 6, 12 -- event types

local function sha256(text)
  local ok, crypto = pcall(require, "onelogin.crypto")
  if not ok then error("sandbox: comparing an imported password hash needs the module onelogin.crypto", 0) end
  return crypto.hex(crypto.digest("sha256", text))
end

-- A hash nobody here can compute (bcrypt) fits no password.
local FITS = {
  ["salt+sha256"] = function(kept, given) return sha256((kept.salt or "") .. given) == kept.value:lower() end,
  ["sha256+salt"] = function(kept, given) return sha256(given .. (kept.salt or "")) == kept.value:lower() end,
  bcrypt = function() return false end,
}

--- Is it the password of this user?  Who has none of their own has the one of the option `password`.
function passwords.fits(box, user, given)
  local kept = box.store.passwords[user.id]
  if not kept then return box.options.password ~= false and given == box.options.password end
  if kept.salt == box.null then kept.salt = nil end
  local fits = FITS[kept.algorithm]
  if fits then return fits(kept, given) end
  return kept.value == given
end

--- May this user come in at all?  nil, or why not: "locked" (suspended too) or "barred".
function passwords.barred(box, user)
  if user.status == 2 or box:is_locked(user) then return "locked" end
  if user.status ~= 1 and user.status ~= 3 or user.state ~= 1 then return "barred" end
end

--- Tries a password; `keys` says by what the name may call someone ("email", "username").
-- Returns the user; or nil and "unknown", "wrong", "locked" or "barred".
function passwords.try(box, keys, name, given)
  local id
  for _, key in ipairs(keys) do id = id or box:people():lookup(key, name) end
  if not id then return nil, "unknown" end
  local user = box.store.users[id]
  if passwords.barred(box, user) == "locked" then
    box:event(FAILED, { user_id = user.id })
    return nil, "locked"
  end
  if not passwords.fits(box, user, given) then
    box:event(FAILED, { user_id = user.id })
    factors.count_failure(box, user)
    return nil, "wrong"
  end
  local why = passwords.barred(box, user)
  if why then return nil, why end
  if user.status == 3 then -- the lock is over
    user.status, user.locked_until, user.lock_reason, user.invalid_login_attempts = 1, nil, nil, 0
    box:touch(user)
    box:event(UNLOCKED, { user_id = user.id })
  end
  return user
end

--- The person is in: wrong tries are forgotten.
function passwords.forget_failures(box, user)
  if user.invalid_login_attempts ~= 0 then
    user.invalid_login_attempts = 0
    box:touch(user)
  end
end

return passwords

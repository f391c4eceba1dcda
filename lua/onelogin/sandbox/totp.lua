-- One-time codes as devices make them: HOTP and TOTP (RFC 4226, RFC 6238, SHA-1, six digits), the
-- base 32 that carries their secrets, and a YubiKey-like string for the devices that type one.
-- Pure functions; the only thing from outside is HMAC, which libcrypto computes.
local require = require

local M = { step = 30, digits = 6 }

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
local MODHEX = "cbdefghijklnrtuv"

local function hmac_sha1(key, text)
  return require("onelogin.crypto").hmac("sha1", key, text)
end

-- Bytes to base 32 without padding.
function M.base32(bytes)
  local out, value, bits = {}, 0, 0
  for i = 1, #bytes do
    value = value * 256 + bytes:byte(i)
    bits = bits + 8
    while bits >= 5 do
      local unit = 2 ^ (bits - 5)
      local digit = math.floor(value / unit)
      out[#out + 1] = ALPHABET:sub(digit + 1, digit + 1)
      value = value - digit * unit
      bits = bits - 5
    end
  end
  if bits > 0 then
    local digit = value * 2 ^ (5 - bits)
    out[#out + 1] = ALPHABET:sub(digit + 1, digit + 1)
  end
  return table.concat(out)
end

-- Base 32 to bytes; nil when the text is none. Blanks, padding and lower case are forgiven.
function M.unbase32(text)
  local out, value, bits = {}, 0, 0
  for c in text:upper():gsub("[%s=-]", ""):gmatch(".") do
    local digit = ALPHABET:find(c, 1, true)
    if not digit then
      return nil
    end
    value = value * 32 + digit - 1
    bits = bits + 5
    if bits >= 8 then
      local unit = 2 ^ (bits - 8)
      local byte = math.floor(value / unit)
      out[#out + 1] = string.char(byte)
      value = value - byte * unit
      bits = bits - 8
    end
  end
  return table.concat(out)
end

local function counter_bytes(counter)
  local bytes = {}
  for i = 8, 1, -1 do
    bytes[i] = string.char(counter % 256)
    counter = math.floor(counter / 256)
  end
  return table.concat(bytes)
end

-- key: raw bytes. The code of one counter, as a string with its leading zeros.
function M.hotp(key, counter, digits)
  local mac = hmac_sha1(key, counter_bytes(counter))
  local at = mac:byte(20) % 16 + 1
  local a, b, c, d = mac:byte(at, at + 3)
  local number = (a % 128) * 16777216 + b * 65536 + c * 256 + d
  digits = digits or M.digits
  return ("%0" .. digits .. ".0f"):format(number % 10 ^ digits)
end

function M.counter(now, step)
  return math.floor(now / (step or M.step))
end

function M.code(key, now, digits)
  return M.hotp(key, M.counter(now), digits)
end

-- The counter for which `code` is right: this step, the one before or the one after, and never one
-- at or before `last`, so that nothing works twice (RFC 6238, 5.2). nil when it is wrong.
function M.check(key, code, now, last)
  local current = M.counter(now)
  for counter = current - 1, current + 1 do
    if counter > (last or -1) and M.hotp(key, counter) == code then
      return counter
    end
  end
  return nil
end

-- What a phone's app reads from the QR code.
function M.uri(issuer, account, secret)
  local function escape(s)
    return (s:gsub("[^%w%-%._~@]", function(c) return ("%%%02X"):format(c:byte()) end))
  end
  return ("otpauth://totp/%s:%s?secret=%s&issuer=%s"):format(
    escape(issuer), escape(account), secret, escape(issuer))
end

local function modhex(bytes)
  return (bytes:gsub(".", function(c)
    local high, low = math.floor(c:byte() / 16) + 1, c:byte() % 16 + 1
    return MODHEX:sub(high, high) .. MODHEX:sub(low, low)
  end))
end

-- The string a YubiKey types: 12 characters that name the key, 32 that change with each press.
-- Not the real cipher: only its look, its length and that no press works twice.
function M.press(key, counter)
  return modhex(hmac_sha1(key, "name"):sub(1, 6)) .. modhex(hmac_sha1(key, counter_bytes(counter)):sub(1, 16))
end

-- The counter of a press that comes after `last`, within fifty lost ones; nil when it is none.
function M.check_press(key, text, last)
  for counter = last + 1, last + 50 do
    if M.press(key, counter) == text then
      return counter
    end
  end
  return nil
end

return M

-- What a person needs to set up a new device: the key of an authenticator as a URI (and as a QR code, drawn when
-- asked for), or the token that OneLogin Protect takes.  Both are secret: they print as nothing.
local require = require
local otpauth = require("onelogin.otpauth")

local M = {}

local Setup = {}

local function drawn(self, how, options)
  local text = self.totp_url or self.verification_token
  local ok, qr = pcall(require, "onelogin.qr")
  if not ok then return nil, tostring(qr) end
  return qr[how](text, options)
end

--- Lines for a terminal (onelogin.qr); nil and why where libqrencode is missing.
function Setup:qr(options) return drawn(self, "terminal", options) end

--- An SVG document; nil and why where libqrencode is missing.
function Setup:svg(options) return drawn(self, "svg", options) end

local META = { __index = Setup, __name = "onelogin.setup", __tostring = function(setup)
  return "onelogin.setup " .. (setup.totp_url and "totp_url" or "verification_token")
end }

local LONGEST = 2048

local function text(value)
  return type(value) == "string" and value ~= "" and #value <= LONGEST and not value:find("[%z\1-\31\127]") and value
    or nil
end

--- The part of an answer's factor_data that a state keeps while the enrolment is open; nil when it has none.
function M.take(factor_data)
  if type(factor_data) ~= "table" then return nil end
  local uri, token = text(factor_data.totp_url), text(factor_data.verification_token)
  if uri then return { totp_url = uri } end
  return token and { verification_token = token } or nil
end

--- What a caller sees of it: also the key, issuer and account alone, for who must type them.
function M.show(kept)
  if not kept then return nil end
  local setup = { totp_url = kept.totp_url, verification_token = kept.verification_token }
  local parts = kept.totp_url and otpauth.parse(kept.totp_url)
  if parts then setup.secret, setup.issuer, setup.account = parts.secret, parts.issuer, parts.account end
  return setmetatable(setup, META)
end

return M

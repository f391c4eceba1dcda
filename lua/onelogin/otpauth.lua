-- otpauth.lua - the URI that an authenticator takes from a QR code (otpauth://totp/Issuer:account?secret=...).
-- Pure functions; no error repeats the secret.
--
--   otpauth.build { secret=, account=, issuer= } -> uri
--   otpauth.parse(uri) -> { type=, secret=, account=, issuer=, algorithm=, digits=, period= } | nil, why
local suggest = require "onelogin.suggest"

local otpauth = {}

local KNOWN = { type = "string", secret = "string", account = "string", issuer = "string", algorithm = "string",
  digits = "number", period = "number", counter = "number" }
local ALGORITHMS = { SHA1 = true, SHA256 = true, SHA512 = true }
local LONGEST = 2048

local function escape(text)
  return (text:gsub("[^%w%-%._~@]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- nil for a "%" that begins no escape
local function unescape(text)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then return nil end
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- Base 32 as it goes into the URI: capitals, no blanks and no padding; nil when it is none.
local function base32(text)
  local plain = text:upper():gsub("[%s-]", ""):gsub("=+$", "")
  return plain ~= "" and not plain:find("[^A-Z2-7]") and plain or nil
end

local function whole(value, least, most)
  return type(value) == "number" and value >= least and value <= most and value == math.floor(value)
end

--- Throws when something is missing or impossible.  account is the name under which the authenticator lists the key,
-- issuer who gave it; neither may have a colon, which stands between the two.
function otpauth.build(o)
  if type(o) ~= "table" then
    error('otpauth.build: expected a table such as { secret = "...", account = "kim@acme.test", issuer = "Acme" }', 2)
  end
  for name, value in pairs(o) do
    if not KNOWN[name] then
      local near = suggest(name, KNOWN)
      error(("otpauth.build: unknown option '%s'%s"):format(tostring(name),
        near and (" (did you mean '" .. near .. "'?)") or ""), 2)
    elseif type(value) ~= KNOWN[name] then
      error(("otpauth.build: %s must be a %s, not a %s"):format(name, KNOWN[name], type(value)), 2)
    end
  end
  local kind = o.type or "totp"
  local secret = base32(o.secret or "")
  if not secret then error("otpauth.build: secret must be base 32 text", 2) end
  if not o.account or o.account == "" then
    error("otpauth.build: account must be given, such as an e-mail address", 2)
  end
  for _, name in ipairs { "account", "issuer" } do
    if o[name] and o[name]:find(":", 1, true) then
      error(("otpauth.build: %s may have no colon, which parts issuer and account"):format(name), 2)
    end
  end
  if kind ~= "totp" and kind ~= "hotp" then error('otpauth.build: type must be "totp" or "hotp"', 2) end
  if o.algorithm and not ALGORITHMS[o.algorithm] then
    error('otpauth.build: algorithm must be "SHA1", "SHA256" or "SHA512"', 2)
  end
  if o.digits and not whole(o.digits, 6, 8) then error("otpauth.build: digits must be 6, 7 or 8", 2) end
  if o.period and not whole(o.period, 1, 3600) then error("otpauth.build: period must be 1 to 3600 seconds", 2) end
  if (kind == "hotp") ~= (o.counter ~= nil) or o.counter and not whole(o.counter, 0, 2 ^ 53) then
    error("otpauth.build: counter must be a whole number, for hotp and only there", 2)
  end
  local label = escape(o.account)
  local query = { "secret=" .. secret }
  if o.issuer and o.issuer ~= "" then
    label = escape(o.issuer) .. ":" .. label
    query[#query + 1] = "issuer=" .. escape(o.issuer)
  end
  if o.algorithm and o.algorithm ~= "SHA1" then query[#query + 1] = "algorithm=" .. o.algorithm end
  for _, name in ipairs { "digits", "period", "counter" } do
    if o[name] then query[#query + 1] = ("%s=%.0f"):format(name, o[name]) end
  end
  return ("otpauth://%s/%s?%s"):format(kind, label, table.concat(query, "&"))
end

local function number(text, least, most, default)
  if text == nil then return default end
  local n = text:find("^%d%d?%d?%d?$") and tonumber(text)
  return n and whole(n, least, most) and n or nil
end

--- What stands in a URI of this kind; nil and why when it is none.  What it leaves out has its usual value: SHA1, six
-- digits, 30 seconds.
function otpauth.parse(uri)
  if type(uri) ~= "string" or #uri > LONGEST then return nil, "not a text, or too long" end
  local scheme, kind, label, query = uri:match("^(%a+)://(%a+)/([^?#]*)%?([^#]*)$")
  if not scheme or scheme:lower() ~= "otpauth" then return nil, "not an otpauth URI" end
  kind = kind:lower()
  if kind ~= "totp" and kind ~= "hotp" then return nil, "neither totp nor hotp" end
  local given = {}
  for pair in query:gmatch("[^&]+") do
    local name, value = pair:match("^([^=]+)=(.*)$")
    value = value and unescape(value)
    if not value or given[name:lower()] then return nil, "a parameter is broken or stands twice" end
    given[name:lower()] = value
  end
  local issuer, account
  label = unescape(label)
  if label then
    issuer, account = label:match("^([^:]*): *(.*)$")
    account = account or label
  end
  if not account or account:find("[%z\1-\31\127]") or (given.issuer or issuer or ""):find("[%z\1-\31\127]") then
    return nil, "the label is broken"
  end
  local secret = base32(given.secret or "")
  if not secret then return nil, "its secret is missing or no base 32" end
  local algorithm = (given.algorithm or "SHA1"):upper():gsub("^SHA%-", "SHA")
  local digits, period = number(given.digits, 6, 8, 6), number(given.period, 1, 3600, 30)
  if not ALGORITHMS[algorithm] or not digits or not period then
    return nil, "algorithm, digits or period are none that an authenticator knows"
  end
  issuer = given.issuer ~= "" and given.issuer or issuer
  return { type = kind, secret = secret, account = account, issuer = issuer ~= "" and issuer or nil,
    algorithm = algorithm, digits = digits, period = kind == "totp" and period or nil,
    counter = kind == "hotp" and (given.counter or ""):find("^%d+$") and tonumber(given.counter) or nil }
end

return otpauth

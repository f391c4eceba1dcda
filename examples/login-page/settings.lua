-- settings.lua - what the environment says, read once before the workers are forked.  What is wrong stops the start.

local function text(name, default)
  local value = os.getenv(name)
  if value == nil or value == "" then return default end
  return value
end

local function one_of(name, default, ...)
  local value = text(name, default)
  for _, known in ipairs { ... } do
    if value == known then return value end
  end
  error(("%s must be one of %s, not %q"):format(name, table.concat({ ... }, ", "), value), 0)
end

local function number(name, default, least, most)
  local value = tonumber(text(name, default))
  if not value or value < least or value > most then
    error(("%s must be a number from %d to %d"):format(name, least, most), 0)
  end
  return value
end

local function origin(name, default)
  local value = text(name, default)
  if not value or not value:find("^https://[%w%.%-%[%]:]+$") then
    error(name .. " must be an address such as https://login.example.com, without a path", 0)
  end
  return value:lower()
end

local function address(name)
  local value = text(name)
  if value and not value:find("^https://[%w%.%-%[%]:]+/?[%w%-%._~/%?&=%%%+,:@]*$") then
    error(name .. " must be an address that begins with https://", 0)
  end
  return value
end

local subdomain = text("ONELOGIN_SUBDOMAIN")

local settings = {
  variant = one_of("LOGIN_VARIANT", "password", "password", "passwordless"),
  origin = origin("LOGIN_ORIGIN"),
  title = text("LOGIN_TITLE", "Acme"),
  subdomain = subdomain,
  handover = one_of("LOGIN_HANDOVER", "form", "form", "cors", "none"),
  return_url = address("LOGIN_RETURN_URL"),
  push_seconds = number("LOGIN_PUSH_SECONDS", 90, 3, 120),
  window = number("LOGIN_WINDOW", 900, 10, 86400),
  name_limit = number("LOGIN_NAME_LIMIT", 3, 1, 100),
  address_limit = number("LOGIN_ADDRESS_LIMIT", 60, 1, 100000),
}

if settings.variant == "password" then
  if not subdomain then error("ONELOGIN_SUBDOMAIN must name the account", 0) end
  settings.handover_url = origin("LOGIN_HANDOVER_URL", "https://" .. subdomain .. ".onelogin.com")
else
  settings.handover = "none" -- a second factor alone gives no session token
end

return settings

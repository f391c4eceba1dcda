-- config.lua - merges and checks a client's options in one place: call > client > environment > defaults.
--
-- (The call's part is overlaid in C, lclient.c.)  Everything wrong here throws a string that names the option,
-- before any I/O.

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"
local suggest = require "onelogin.suggest"

local config = {}

local function is_string(v) return type(v) == "string" and v ~= "" end
local function is_table(v) return type(v) == "table" end
local function send_of(v) return v.send end

local is_hook = { function(v) return type(v) == "function" end, "a function(event)" }

-- name → { test, what it must be }
local known = {
  subdomain = { is_string, "a string such as \"acme\"" },
  region = { is_string, "\"us\" or \"eu\"" },
  base_url = { is_string, "a URL such as \"https://acme.onelogin.com\"" },
  client_id = { is_string, "a non-empty string" },
  client_secret = { function(v) return is_string(v) or type(v) == "function" end, "a non-empty string or a function" },
  auth_header = { function(v) return v == "client_id" or v == "basic" end, "\"client_id\" or \"basic\"" },
  transport = { function(v)
    if is_table(v) then return v.send ~= nil end
    local ok, method = pcall(send_of, v)
    return ok and method ~= nil and type(v) ~= "string"
  end, "an object with a send method" },
  clock = { function(v)
    return is_table(v) and type(v.mono) == "function" and type(v.wall) == "function" and type(v.sleep) == "function"
  end, "a table { mono, wall, sleep } of functions" },
  engine = { function(v) return type(v) == "userdata" end, "an engine made by require(\"onelogin.curl\").engine" },
  store = { function(v) return is_table(v) and type(v.get) == "function" and type(v.set) == "function" end,
    "a table with the functions get and set, and optionally add" },
  ca_file = { is_string, "a path" },
  ca_blob = { is_string, "PEM text" },
  pinned_key = { is_string, "\"sha256//...\"" },
  proxy = { is_string, "a URL" },
  user_agent = { function(v) return is_string(v) and not v:find("[%c]") end, "one line of text" },
  nulls = { function(v) return v == "nil" or v == "sentinel" end, "\"nil\" or \"sentinel\"" },
  allow = { function(v) return v == "read" or is_table(v) end, "\"read\" or a list of operations" },
  dry_run = { function(v) return type(v) == "boolean" end, "true or false" },
  log = { function(v) return type(v) == "function" end, "a function(level, message)" },
  on_request = is_hook, on_response = is_hook, on_retry = is_hook, on_token = is_hook, on_rate_limit = is_hook,
  -- checked where they are read (lclient.c)
  timeout = {}, connect_timeout = {}, deadline = {}, attempts = {}, retry = {}, wait_rate_limit = {},
  quota = {}, max_body = {}, seed = {},
}

local passed_on = { "timeout", "connect_timeout", "deadline", "attempts", "retry", "wait_rate_limit", "quota",
  "max_body", "seed", "nulls" }

config.known = known

local function fail(level, ...)
  error("onelogin.new: " .. table.concat({ ... }), level + 1)
end

local function check_names(options, level)
  for name, value in pairs(options) do
    local rule = type(name) == "string" and known[name]
    if not rule then
      local near = type(name) == "string" and suggest(name, known)
      fail(level + 1, "unknown option \"", tostring(name), "\"", near and (", did you mean \"" .. near .. "\"?") or "")
    end
    if rule[1] and not rule[1](value) then
      local secret = name == "client_secret"
      fail(level + 1, "option \"", name, "\" must be ", rule[2], ", got ",
        (type(value) == "string" and not secret) and ("%q"):format(value) or ("a " .. type(value)))
    end
  end
end

-- Exactly one of base_url, subdomain and region names the host.
local function host(options, env, level)
  local given, from = {}, options
  for _, name in ipairs { "base_url", "subdomain", "region" } do
    if options[name] ~= nil then given[#given + 1] = name end
  end
  if #given > 1 then
    fail(level + 1, "give only one of base_url, subdomain and region, not ", table.concat(given, " and "))
  end
  if #given == 0 then
    from = { base_url = env "ONELOGIN_BASE_URL", subdomain = env "ONELOGIN_SUBDOMAIN", region = env "ONELOGIN_REGION" }
    if from.base_url then from.subdomain, from.region = nil, nil elseif from.subdomain then from.region = nil end
  end
  if from.base_url then return from.base_url end
  if from.subdomain then
    local s = from.subdomain
    if #s > 63 or not s:find("^%w[%w%-]*$") then
      fail(level + 1, "subdomain must be the first part of your OneLogin address alone ",
        "(\"acme\" for acme.onelogin.com), got ", ("%q"):format(s))
    end
    return "https://" .. s .. ".onelogin.com"
  end
  if from.region then
    local r = from.region
    if r ~= "us" and r ~= "eu" then fail(level + 1, "region must be \"us\" or \"eu\", got ", ("%q"):format(r)) end
    return "https://api." .. r .. ".onelogin.com"
  end
  fail(level + 1, "which tenant? Give subdomain = \"acme\" (or base_url, or region), or set ONELOGIN_SUBDOMAIN")
end

-- A list that names nothing there is would forbid what was meant to be allowed.
local function check_allow(list, level)
  if type(list) ~= "table" then return end
  local api = require "onelogin.api"
  local resources = {}
  for _, name in ipairs(api.resources) do resources[name] = true end
  for i = 1, #list do
    local item = list[i]
    local function wrong(near)
      fail(level + 2, "option \"allow\" names ", type(item) == "string" and ("%q"):format(item) or ("a " .. type(item)),
        ", which is no operation", near and (", did you mean \"" .. near .. "\"?")
        or ": it takes names such as \"users.get\", \"users.*\" and \"request\"")
    end
    if item ~= "request" then
      local name, key = (type(item) == "string" and item or ""):match("^([%w_]+)%.([%w_%*]+)$")
      if not name then wrong() end
      if not resources[name] then
        local near = suggest(name, resources)
        wrong(near and near .. "." .. key)
      end
      local facts = require("onelogin.api." .. name)
      if key ~= "*" and not facts[key] then
        local near = suggest(key, facts)
        wrong(near and name .. "." .. near)
      end
    end
  end
end

local function one_line(name, value, level)
  if type(value) == "string" and value:find("[%c]") then
    fail(level + 1, "option \"", name, "\" contains a line break or control character")
  end
end

-- options → finished configuration.  getenv is a parameter so that specs need no environment.
function config.merge(options, getenv, level)
  level = (level or 1) + 1
  if options == nil then options = {} end
  if type(options) ~= "table" then fail(level, "expected a table of options, got ", type(options)) end
  getenv = getenv or os.getenv
  local function env(name)
    local value = getenv(name)
    if value ~= "" then return value end
  end
  check_names(options, level)

  local base = host(options, env, level)
  local len, why = core.url.check_base(base)
  if not len then fail(level, "base_url ", why, ", got ", ("%q"):format((base:gsub("//.*@", "//[masked]@")))) end

  local id = options.client_id or env "ONELOGIN_CLIENT_ID"
  local secret = options.client_secret or env "ONELOGIN_CLIENT_SECRET"
  if not id then fail(level, "client_id is missing: pass it, or set ONELOGIN_CLIENT_ID") end
  if not secret then fail(level, "client_secret is missing: pass it, or set ONELOGIN_CLIENT_SECRET") end
  one_line("client_id", id, level)
  one_line("client_secret", secret, level)
  check_allow(options.allow, level)
  if options.engine and options.transport then fail(level, "give only one of engine and transport") end
  for _, name in ipairs { "ca_file", "ca_blob", "pinned_key", "proxy" } do
    if options[name] and (options.engine or options.transport) then
      fail(level, "option \"", name, "\" belongs to the engine: it has no effect together with ",
        options.engine and "engine" or "transport")
    end
  end

  local lua = _VERSION .. (rawget(_G, "jit") and " LuaJIT" or "")
  local agent = ("onelogin-lua/%s (%s)"):format(core.version, lua)
  if options.user_agent then agent = options.user_agent .. " " .. agent end

  local merged = {
    base_url = base:sub(1, len),
    client_id = id,
    client_secret = secret,
    auth_header = options.auth_header or "client_id",
    transport = options.transport or options.engine,
    engine = options.engine ~= nil,
    clock = options.clock or core.clock,
    store = options.store,
    trust = { ca_file = options.ca_file or env "ONELOGIN_CA_FILE", ca_blob = options.ca_blob,
      pinned_key = options.pinned_key, proxy = options.proxy },
    nulls = options.nulls or "nil",
    allow = options.allow,
    dry_run = options.dry_run,
    log = options.log,
    hooks = options, -- hooks.lua takes its own
    limits = {},
    agent = agent,
  }
  for _, name in ipairs(passed_on) do merged.limits[name] = options[name] end
  return merged
end

return config

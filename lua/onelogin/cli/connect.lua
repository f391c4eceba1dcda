-- connect.lua - the client of a command: from options, a profile and the environment, or on an embedded sandbox.
--
-- Options win over the profile, a profile over the environment.  Secrets come from the environment, a file, a profile
-- or a hidden question, and are asked for only when a request needs them.

local require = require
local core = require "onelogin.core"
local files = require "onelogin.cli.files"
local values = require "onelogin.cli.values"

local connect = {}

local tenant_keys = { "subdomain", "region", "base_url" }

local function environment(env)
  return function(name)
    local value = env(name)
    if value ~= "" then return value end
  end
end

-- The profile to use: its table, or nothing | nil, complaint
local function chosen_profile(options, env)
  local name = options.profile or env("ONELOGIN_PROFILE")
  local explicit = name ~= nil
  if not name then
    if env("ONELOGIN_CLIENT_ID") or env("ONELOGIN_CLIENT_SECRET") or options["client-id"] then return nil end
    name = "default"
  end
  local profile = require "onelogin.cli.profile"
  local path = files.config_path(env)
  if not explicit then
    local all, problem = profile.load(path)
    if not all then return nil, problem end
    return all.default
  end
  return profile.get(name, path)
end

local function read_secret(path, ctx)
  local text, problem
  if path == "-" then
    text = ctx.streams.input:read("*l")
    problem = "standard input holds none"
  else
    text, problem = values.file_text(path)
  end
  text = text and text:gsub("[\r\n]+$", "")
  if not text or text == "" then return nil, "--secret-file: " .. tostring(problem or path .. " is empty") end
  return text
end

-- The options of onelogin.new, or nil and a complaint.
local function client_options(ctx)
  local options, env = ctx.options, environment(ctx.env)
  local out = {}
  local profile, problem = chosen_profile(options, env)
  if problem then return nil, problem end
  for key, value in pairs(profile or {}) do out[key] = value end
  if out.allow and out.allow ~= "read" then
    local list = {}
    for name in out.allow:gmatch("[^%s,]+") do list[#list + 1] = name end
    out.allow = list
  end
  if out.timeout then out.timeout = tonumber(out.timeout) or out.timeout end
  for _, key in ipairs(tenant_keys) do
    local given = options[(key:gsub("_", "-"))]
    if given then
      for _, other in ipairs(tenant_keys) do
        if not options[(other:gsub("_", "-"))] then out[other] = nil end
      end
      out[key] = given
    end
  end
  if options["client-id"] then
    if out.client_id ~= options["client-id"] then out.client_secret = nil end
    out.client_id = options["client-id"]
  end
  if options["ca-file"] then out.ca_file = options["ca-file"] end
  if options["secret-file"] then
    out.client_secret, problem = read_secret(options["secret-file"], ctx)
    if not out.client_secret then return nil, problem end
  end
  if not out.client_secret and not env("ONELOGIN_CLIENT_SECRET") and ctx.streams.err_tty() then
    local id = out.client_id or env("ONELOGIN_CLIENT_ID")
    if id then
      out.client_secret = function()
        -- what is thrown here is not told on, lest it be the secret: so it is kept aside
        local ok, line = pcall(ctx.streams.ask_hidden, ("Client secret of %s (not shown): "):format(id))
        if not ok then ctx.interrupted = true end
        if not ok or not line or line == "" then
          ctx.gave_up = "no client secret was given"
          error(ctx.gave_up, 0)
        end
        return line
      end
    end
  end
  return out
end

local function sandbox_options(ctx)
  local users = ctx.options.sandbox
  if users == true then users = nil end
  local n = users and tonumber(users)
  if users and not (n and n >= 0 and n % 1 == 0) then return nil, "--sandbox=N wants a number of people" end
  local box = ctx.streams.box or require("onelogin.sandbox").new { users = n or 100,
    password = ctx.sandbox_password }
  return box:config(), nil, box
end

-- Waiting is shown, whoever asked for it: a rate limit can last for minutes.
local function visible_clock(clock, ctx)
  return {
    mono = clock.mono, wall = clock.wall,
    sleep = function(s)
      if s >= 2 and not ctx.waits_unsaid then
        ctx.say(("waiting %.0f s before the next attempt (Ctrl-C stops)"):format(s))
      end
      return clock.sleep(s)
    end,
  }
end

--- ctx: { options, env, streams, say } → client, box | nil, complaint.  Nothing is sent.
function connect.open(ctx)
  local options, problem, box
  if ctx.options.sandbox then
    options, problem, box = sandbox_options(ctx)
  else
    options, problem = client_options(ctx)
  end
  if not options then return nil, problem end
  if ctx.options.timeout then
    local seconds = tonumber(ctx.options.timeout)
    if not seconds or seconds <= 0 then return nil, "--timeout wants a number of seconds above 0" end
    options.timeout = seconds
  end
  options.nulls = "sentinel"
  options.wait_rate_limit = true
  options.user_agent = "onelogin-cli"
  options.clock = visible_clock(options.clock or core.clock, ctx)
  options.log = function(level, message) ctx.say(level .. ": " .. message) end
  if ctx.allow then options.allow = ctx.allow end
  local ok, client = pcall(require("onelogin.client").new, options, ctx.env)
  if not ok then return nil, (tostring(client):gsub("^.-onelogin%.new: ", "")) end
  if ctx.options.verbose then
    require("onelogin.cli.trace").install(client, function(line) ctx.err_line(line) end)
  end
  return client, box
end

return connect

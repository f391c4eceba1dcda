-- init.lua - the prompt on a terminal or a pipe: with readline where it is installed, with io.read everywhere.
--
-- repl.run(ctx) is `onelogin repl`; ctx comes from the command line (cli/context.lua).

local require = require
local core = require "onelogin.core"
local exits = require "onelogin.cli.exits"
local history = require "onelogin.repl.history"
local session = require "onelogin.repl.session"
local show = require "onelogin.show"

local repl = {}

local tenant_variables = { "ONELOGIN_SUBDOMAIN", "ONELOGIN_REGION", "ONELOGIN_BASE_URL", "ONELOGIN_CLIENT_ID",
  "ONELOGIN_CLIENT_SECRET", "ONELOGIN_PROFILE" }
local tenant_options = { "subdomain", "region", "base-url", "client-id", "secret-file", "profile" }

-- Did anybody say which tenant?
local function is_configured(ctx)
  for _, name in ipairs(tenant_options) do
    if ctx.options[name] then return true end
  end
  for _, name in ipairs(tenant_variables) do
    local value = ctx.env(name)
    if value and value ~= "" then return true end
  end
  local path = require("onelogin.cli.files").config_path(ctx.env)
  local all, problem = require("onelogin.cli.profile").load(path)
  return problem ~= nil or all ~= nil and all.default ~= nil
end

-- Lines from readline: nil at the end.
local function with_readline(rl, s, kept)
  rl.set_options { histfile = "", auto_add = false, completion = true }
  if rl.set_readline_name then rl.set_readline_name("onelogin") end
  for _, line in ipairs(kept) do rl.add_history(line) end
  rl.set_complete_function(function(text, from, to)
    rl.set_completion_append_character("") -- readline forgets it each time
    local ok, list, word = pcall(s.complete, s, text:sub(1, to))
    if not ok then return {} end
    -- readline has cut off a shorter word than ours: give it the rest of each candidate
    local cut = #word - (to - from + 1)
    if cut <= 0 then return list end
    for i = 1, #list do list[i] = list[i]:sub(cut + 1) end
    return list
  end)
  -- No Lua may throw out of readline's frames, so an interrupt waits while it reads.
  return function(prompt)
    s.interrupt(false)
    local line = rl.readline(prompt)
    s.interrupt(true)
    return line
  end, rl.add_history
end

local function plain(ctx, terminal, s)
  return function(prompt)
    s.interrupt(true)
    if terminal then
      ctx.write(prompt)
      ctx.flush()
    end
    local line = ctx.streams.input:read("*l") -- no tail call: an interrupt is thrown here, not behind our back
    return line
  end, function() end
end

local function welcome(ctx, s)
  if s.box then
    ctx.write(("onelogin %s on a sandbox of its own: nothing is real.  :help says what there is.\n"):format(
      core.version))
  else
    ctx.write(("onelogin %s at %s%s.  :help says what there is.\n"):format(core.version, show.line(s.client.base_url),
      s.mode == "read" and ", read-only until :write" or ""))
  end
end

-- Everything that must not be written down.
local function live(client)
  local out = {}
  local token, secret = core.client.secrets(client)
  out[#out + 1] = token
  if secret then out[#out + 1] = secret end
  return out
end

--- `onelogin repl`
function repl.run(ctx)
  if ctx.words[1] then return ctx.usage("usage: onelogin repl [--sandbox[=N]] [--write] [OPTION]...") end
  if not ctx.options.sandbox and not is_configured(ctx) then ctx.options.sandbox = true end
  local client, problem = ctx.connect()
  if not client then return ctx.usage(problem) end
  local terminal = ctx.streams.in_tty() and ctx.streams.out_tty()
  local s = session.new {
    client = client, box = ctx.box, write = ctx.write,
    read_only = not ctx.box and not ctx.options.write,
    width = function() return terminal and (ctx.streams.width() or 80) or nil end,
  }

  -- only where a person sits is Ctrl-C taken over
  s.interrupt = terminal and core.interrupt() or function() end
  local path = terminal and history.path(ctx.env)
  if path and not history.prepare(path) then path = nil end
  local read, remember
  local ok, rl = false, nil
  if terminal and ctx.streams.input == io.stdin then ok, rl = pcall(require, "readline") end
  if ok and type(rl) == "table" and rl.set_complete_function then
    read, remember = with_readline(rl, s, path and history.load(path) or {})
  else
    read, remember = plain(ctx, terminal, s)
  end
  if terminal then welcome(ctx, s) end

  local last
  while not s.ended do
    local fine, line = pcall(read, s:prompt())
    if not fine then
      if type(line) ~= "string" or not line:find("interrupted!$") then error(line, 0) end
      s:forget()
      ctx.write("\n")
    elseif line == nil then
      if terminal then ctx.write("\n") end
      break
    else
      if terminal and line:find("%S") and line ~= last and history.harmless(line, live(client)) then
        remember(line)
        if path then history.add(path, line) end
        last = line
      end
      s:feed(line)
      ctx.flush()
    end
  end
  if s.pending then
    ctx.say("the input ended in the middle of a statement")
    return exits.usage
  end
  return exits.ok
end

return repl

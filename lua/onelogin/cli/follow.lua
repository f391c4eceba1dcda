-- follow.lua - `onelogin events follow`: events as they happen, a line each, at least once.

local require = require
local arguments = require "onelogin.cli.arguments"
local context = require "onelogin.cli.context"
local exits = require "onelogin.cli.exits"
local files = require "onelogin.cli.files"
local names = require "onelogin.cli.names"
local show = require "onelogin.show"
local values = require "onelogin.cli.values"

local follow = {}

follow.usage = "onelogin events follow [--since TIME] [--checkpoint FILE] [--once] [--FILTER VALUE]..."

-- The options of the follower, filters of events.list among them | nil, complaint
local function options_of(ctx, entry)
  local out = { since = ctx.options.since, checkpoint = ctx.options.checkpoint, once = ctx.options.once }
  for _, name in ipairs { "overlap", "interval" } do
    local text = ctx.options[name]
    if text then
      out[name] = tonumber(text)
      if not out[name] then return nil, ("--%s wants a number of seconds, got %s"):format(name, show.line(text)) end
    end
  end
  local given = {}
  for _, pair in ipairs(ctx.params) do given[#given + 1] = pair end
  for _, text in ipairs(ctx.options.param or {}) do
    local name, value = text:match("^([^=]+)=(.*)$")
    if not name then return nil, "--param wants NAME=VALUE, got " .. show.line(text) end
    given[#given + 1] = { name, value }
  end
  for _, pair in ipairs(given) do
    local param, place, name = names.param(entry, pair[1])
    if not param then return nil, arguments.unknown_option(pair[1]) end
    local value, problem = values.read(param, { pair[2] }, place)
    if value == nil then return nil, ("--%s %s"):format(name, show.line(problem)) end
    out[name] = value
  end
  return out
end

function follow.run(ctx)
  local function wrong(problem) return ctx.usage("events follow: " .. problem .. "\nusage: " .. follow.usage) end
  if ctx.words[1] then return wrong("one word too many: " .. show.line(ctx.words[1])) end
  local entry = require("onelogin.api.events").list
  local options, problem = options_of(ctx, entry)
  if not options then return wrong(problem) end
  ctx.options.format = ctx.options.format or "jsonl"
  ctx.secret_names = entry.secret
  ctx.waits_unsaid = true -- between two looks it waits as a matter of course

  local client, complaint = ctx.connect()
  if not client then return ctx.usage(complaint) end
  if ctx.box then options.once = true end -- nothing happens on a sandbox of one's own
  local ok, follower = pcall(client.events.follow, client.events, options)
  if not ok then
    if context.is_interrupt(follower) then return ctx.failed(follower) end
    return wrong((tostring(follower):gsub("^.-events%.[%w_]+: ", "")))
  end

  local writer = ctx.writer()
  while true do
    local fine, event, err = pcall(follower.next, follower)
    if not fine then
      if type(event) ~= "string" or context.is_interrupt(event) then error(event, 0) end
      ctx.say(show.line(event)) -- the checkpoint cannot be written
      return exits.output
    end
    if err then return ctx.failed(err) end
    if event == nil then break end
    writer:rows { event }
    -- out before the follower hears that it was handled
    ctx.flush()
    if options.checkpoint then
      ctx.go_on = "the same command goes on from its checkpoint"
    elseif type(event.created_at) == "string" then
      ctx.go_on = "go on with: onelogin events follow --since " .. files.quote(show.line(event.created_at))
    end
  end
  writer:finish()
  return exits.ok
end

return follow

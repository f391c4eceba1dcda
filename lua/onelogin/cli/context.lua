-- context.lua - what a running command shares: its options, its streams, its client and its one writer.

local require = require
local core = require "onelogin.core"
local args = require "onelogin.cli.args"
local exits = require "onelogin.cli.exits"
local show = require "onelogin.show"

local context = {}

-- Thrown when standard output takes no more; main turns it into an exit code.
local closed = {}
context.closed = closed

--- Is this Ctrl-C?  The lua program's handler throws it, at a place of its choosing: it may come as the reason of an
-- error that a library made of it.
function context.is_interrupt(problem)
  if type(problem) == "table" then problem = problem.message end
  return type(problem) == "string" and problem:find("interrupted!", 1, true) ~= nil
end

--- A context for parsed words.  known: names of all options, for suggestions.
function context.new(parsed, streams, env, known)
  local ctx = {
    words = parsed.words, options = parsed.options, params = parsed.params,
    streams = streams, env = env, known_options = known, tenant = "?",
  }

  --- A line on standard error, as it is.
  function ctx.err_line(text)
    streams.err:write(text, "\n")
  end

  --- What this program has to say: never more than one line a call, except usage.
  function ctx.say(text)
    if ctx.on_end then ctx.on_end() end
    ctx.err_line("onelogin: " .. text)
  end

  function ctx.usage(text)
    ctx.say(text)
    return exits.usage
  end

  --- Says what went wrong with a call, and how to go on; returns the exit code.
  function ctx.failed(err)
    local interrupted = ctx.interrupted or context.is_interrupt(err)
    ctx.say(interrupted and "interrupted" or ctx.gave_up or show.line(tostring(err)))
    ctx.how_to_go_on()
    return interrupted and exits.interrupted or exits.of(err)
  end

  --- Text for standard output.
  function ctx.write(text)
    local ok, why = streams.out:write(text)
    if not ok then error(setmetatable({ why = tostring(why) }, closed), 0) end
  end

  function ctx.flush()
    if not streams.out.flush then return end
    local ok, why = streams.out:flush()
    if not ok then error(setmetatable({ why = tostring(why) }, closed), 0) end
  end

  --- The format in use.
  function ctx.format()
    if ctx.options.format then return ctx.options.format end
    return streams.out_tty() and "table" or "jsonl"
  end

  local writer
  --- The writer of this command's answers; made when the first comes.
  function ctx.writer()
    if writer then return writer end
    ctx.started_writing = true
    local told
    local fields = ctx.options.fields
    writer = require("onelogin.cli.formats").new(ctx.format(), {
      write = ctx.write,
      fields = fields and args.names(fields),
      width = streams.out_tty() and (streams.width() or 80) or nil,
      secret = not ctx.options["show-secrets"] and show.secrets(ctx.secret_names) or nil,
      told = function()
        if not told then ctx.say("secrets are masked: --show-secrets shows them") end
        told = true
      end,
      warn = ctx.say,
      note = function(text) if streams.err_tty() then ctx.say(text) end end,
    })
    return writer
  end

  --- A progress bar on standard error if that is a terminal.
  function ctx.progress(name)
    local tty = streams.err_tty()
    return require("onelogin.cli.progress").new(name, tty and streams.err or nil, tty and streams.width() or nil,
      core.clock.mono)
  end

  --- The client: client | nil, complaint
  function ctx.connect()
    local client, box = require("onelogin.cli.connect").open(ctx)
    if not client then return nil, box end
    ctx.client, ctx.box = client, box
    ctx.tenant = show.line(client.base_url) .. (box and " (the sandbox)" or "")
    return client
  end

  -- The command line again, without its place, for a person to paste.
  local function command_line()
    local out, skip = { "onelogin" }, false
    for _, word in ipairs(ctx.argv or {}) do
      if skip then
        skip = false
      elseif word == "--cursor" then
        skip = true
      elseif not word:find("^%-%-cursor=") then
        out[#out + 1] = word:find("^[%w_%-%./:=@,+]+$") and word or require("onelogin.cli.files").quote(show.line(word))
      end
    end
    return table.concat(out, " ")
  end

  --- After an interruption or a failure: where to take it up again.
  function ctx.how_to_go_on()
    if ctx.go_on then
      ctx.say(ctx.go_on)
    elseif ctx.place and ctx.place ~= "" then
      ctx.say(("go on with: %s --cursor %s"):format(command_line(),
        require("onelogin.cli.files").quote(show.line(ctx.place))))
    elseif ctx.stopped_at then
      local at = ctx.stopped_at
      ctx.say(("%s of %s were done; the next is %s"):format(show.count(at.done), show.count(at.of),
        show.line(at.id)))
    end
  end

  return ctx
end

return context

-- main.lua - the command line: main.run(argv, streams, env) → exit code.
--
-- Runs in any process: streams (streams.lua) and env, a function from a variable's name to its value, are parameters.
-- docs/cli.md is its manual.

local require = require
local args = require "onelogin.cli.args"
local exits = require "onelogin.cli.exits"
local names = require "onelogin.cli.names"
local options = require "onelogin.cli.options"

local main = {}

local commands = {}
main.commands = commands

-- ---- commands ----

function commands.request(ctx)
  return require("onelogin.cli.request").run(ctx)
end

function commands.help(ctx)
  return require("onelogin.cli.help").run(ctx, ctx.words)
end

function commands.version(ctx)
  ctx.write("onelogin " .. require("onelogin.core").version .. "\n")
  return exits.ok
end

function commands.completion(ctx)
  local shell = ctx.words[1]
  local completion = require "onelogin.cli.completion"
  if shell ~= "bash" and shell ~= "zsh" and shell ~= "fish" or ctx.words[2] then
    return ctx.usage("usage: onelogin completion bash|zsh|fish")
  end
  ctx.write(completion[shell]())
  return exits.ok
end

function commands.login(ctx)
  return require("onelogin.cli.login").run(ctx)
end

function commands.repl(ctx)
  return require("onelogin.repl").run(ctx)
end

-- Its options are its own.
local function sandbox(argv)
  local rest = {}
  for i = 2, #argv do rest[#rest + 1] = argv[i] end
  return require("onelogin.sandbox.main")(rest)
end

local function follow(ctx)
  return require("onelogin.cli.follow").run(ctx)
end

-- ---- one run ----

-- The first two words; what follows an option of every command is its value.
local function first_words(argv)
  local words, i = {}, 1
  while argv[i] and #words < 2 do
    local word = argv[i]
    local option = options.by_name[word:match("^%-%-(.+)$")]
    if option and option[2] then
      i = i + 1
    elseif word:sub(1, 1) ~= "-" then
      words[#words + 1] = word:lower()
    end
    i = i + 1
  end
  return words
end

-- What kind of command this is decides which further options it has.
local function more_options(argv)
  local words = first_words(argv)
  if words[1] == "login" and names.calls_login(words[2]) then return nil end
  if words[1] == "request" or words[1] == "repl" or words[1] == "login" then return options[words[1]] end
  if words[1] == "events" and words[2] == "follow" then return options.follow end
end

local function dispatch(ctx)
  local word = ctx.words[1]
  if ctx.options.version then return commands.version(ctx) end
  if not word then
    local code = require("onelogin.cli.help").run(ctx, {})
    return ctx.options.help and code or exits.usage
  end
  if ctx.options.help and word ~= "help" then return require("onelogin.cli.help").run(ctx, ctx.words) end
  local format = ctx.options.format
  if format and not require("onelogin.cli.formats").known(format) then
    return ctx.usage("--format is table, json, jsonl or csv, got " .. require("onelogin.show").line(format))
  end
  local function shift() table.remove(ctx.words, 1) end
  if word == "events" and ctx.words[2] == "follow" then
    shift()
    shift()
    return follow(ctx)
  end
  local command = commands[word]
  if command and not (word == "login" and names.calls_login(ctx.words[2])) then
    if ctx.params[1] and word ~= "help" then
      return ctx.usage(require("onelogin.cli.arguments").unknown_option(ctx.params[1][1]))
    end
    shift()
    return command(ctx)
  end
  local resource, facts = names.resource(word, commands)
  if not resource then return ctx.usage(facts) end
  local second = ctx.words[2]
  if not second then
    return ctx.usage(("%s: which operation? onelogin help %s lists them"):format(resource, resource))
  end
  local operation, entry = names.operation(resource, facts, second)
  if not operation then return ctx.usage(entry) end
  shift()
  shift()
  return require("onelogin.cli.call").run(ctx, resource, operation, entry)
end

local function known_names(more)
  local known = {}
  for name in pairs(options.by_name) do known[name] = true end
  for _, option in ipairs(more or {}) do known[option[1]] = true end
  return known
end

local function ended(ctx, problem, context)
  if ctx.on_end then pcall(ctx.on_end) end
  if context.is_interrupt(problem) then
    if ctx.started_writing then
      pcall(function()
        ctx.writer():finish()
        ctx.flush()
      end)
    end
    return ctx.failed(problem)
  end
  if getmetatable(problem) == context.closed then
    if problem.why:find("[Bb]roken pipe") then return exits.closed_pipe end
    ctx.say("the output cannot be written: " .. problem.why)
    return exits.output
  end
  if type(problem) == "table" and problem.kind then return ctx.failed(problem) end
  ctx.say("internal error: " .. require("onelogin.show").line(problem))
  return exits.failed
end

--- argv: words; streams: see streams.lua; env: function.  Both default to the process's own.
function main.run(argv, streams, env)
  streams = streams or require("onelogin.cli.streams").standard()
  env = env or os.getenv
  if argv[1] == "sandbox" then return sandbox(argv) end
  local more = more_options(argv)
  local parsed, problem = args.parse(argv, more)
  if not parsed then
    streams.err:write("onelogin: ", problem, "\n")
    return exits.usage
  end
  local context = require "onelogin.cli.context"
  local ctx = context.new(parsed, streams, env, known_names(more))
  ctx.argv = argv
  local ok, code = pcall(dispatch, ctx)
  if ok then
    ok, problem = pcall(ctx.flush)
    if ok then return code end
    code = problem
  end
  return ended(ctx, code, context)
end

return main

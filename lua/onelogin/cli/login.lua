-- login.lua - `onelogin login USER`: signing a person in at the terminal.
--
-- Walks a flow step by step, so that something can be typed while a push is waited for.  On a terminal it asks and
-- counts down; elsewhere passwords and codes are lines of standard input and nobody is asked which device.

local require = require
local args = require "onelogin.cli.args"
local context = require "onelogin.cli.context"
local errors = require "onelogin.errors"
local exits = require "onelogin.cli.exits"
local files = require "onelogin.cli.files"
local show = require "onelogin.show"

local login = {}

login.usage = "onelogin login USER [--password | --saml APP_ID] [OPTION]..."

-- Options of every command that mean nothing here.
local FOREIGN = { "all", "cursor", "data", "param", "allow-unknown", "dry-run", "max-changes", "yes" }

-- Options of a flow -> what they are called here.
local CALLED = { timeout = "--wait", version = "--api", app_id = "--saml", email = "--email",
  subdomain = "--subdomain" }

-- What a person does with a device of a type.
local DOES = {
  protect = "press Yes, or type its code", sms = "a code by text message", voice = "a call", email = "a code by e-mail",
  authenticator = "the code that it shows", yubikey = "a touch of the key", duo = "the code that it shows",
  temporary = "a code that you were given", unknown = "a code",
}

-- ---- what is asked of whom ----

-- Flow and options | nil, complaint
local function request_of(ctx)
  local given = ctx.options
  for _, name in ipairs(FOREIGN) do
    if given[name] then return nil, "--" .. name .. " has no place here" end
  end
  local user = ctx.words[1]
  if not user then return nil, "USER is missing: a user name or an e-mail address" end
  -- not repeated: it may be a password
  if ctx.words[2] then return nil, "one word too many; a password is asked for, and never is an argument" end
  if given.password and given.saml then return nil, "--saml asks for the password anyway: leave --password out" end
  if given.saml and not given.saml:find("^%d+$") then
    return nil, "--saml wants the number of an app, got " .. show.line(given.saml)
  end
  local name = given.saml and "saml" or given.password and "login" or "passwordless"
  local options = { user = user, app_id = given.saml, email = given.email }
  if given.api then
    if name == "login" then return nil, "--api has no place with --password, which is version 1" end
    options.version = given.api
  end
  if name ~= "passwordless" then options.subdomain = given.subdomain end
  if given.factor then
    options.factors = {}
    for _, text in ipairs(given.factor) do
      for _, factor in ipairs(args.names(text)) do options.factors[#options.factors + 1] = factor end
    end
  end
  if given.wait then
    options.timeout = tonumber(given.wait)
    if not options.timeout then return nil, "--wait wants a number of seconds, got " .. show.line(given.wait) end
  end
  if given.out and name == "passwordless" then
    return nil, "--out is for --password and --saml: nothing else is issued"
  end
  return name, options
end

-- ---- the terminal ----

local function doing(device)
  return device.type == "email" and device.pushes and "a link by e-mail" or DOES[device.type] or ""
end

local function called(device)
  return show.cut(show.line(device.name or device.type), 40)
end

local function time_left(seconds)
  seconds = math.ceil(seconds)
  return ("%d:%02d"):format(math.floor(seconds / 60), seconds % 60)
end

local function note_of(want)
  local n = want.tries_left
  local left = n and (", %d %s left"):format(n, n == 1 and "try" or "tries") or ""
  if want.need == "password" then
    return want.note == "wrong" and "name or password are wrong" .. left
      or want.note == "expired" and "that took too long: the password is needed again" or nil
  end
  return ({ wrong = "that code is wrong" .. left, expired = "the code before has expired; a new one was sent",
    late = "nobody answered; the code that the device shows does as well" })[want.note]
end

-- a, false, b → "a, b"
local function joined(...)
  local list = {}
  for i = 1, select("#", ...) do
    local item = select(i, ...)
    if item then list[#list + 1] = item end
  end
  return table.concat(list, ", ")
end

-- A run: what the needs of a flow share.  live: there is somebody to talk to.
local function new_run(ctx)
  local streams = ctx.streams
  local run = { ctx = ctx, others = false, live = streams.in_tty() and streams.err_tty() }
  -- A line that stays the same line needs a terminal that can go back on it.
  local term = ctx.env "TERM"
  run.counts = run.live and term ~= nil and term ~= "" and term ~= "dumb"

  function run.clear()
    if not run.drawn then return end
    run.drawn = false
    streams.err:write("\r\27[K")
  end

  function run.draw(text)
    local line = show.cut(text, (streams.width() or 80) - 1)
    if run.drawn == line then return end
    streams.err:write("\r", line, "\27[K")
    if streams.err.flush then streams.err:flush() end
    run.drawn = line
  end

  -- The terminal echoes again.
  function run.quiet()
    run.clear()
    if run.listener then run.listener.close() end
    run.listener = nil
  end

  -- A line from the person; nil when they gave up.
  function run.ask(prompt, hidden)
    run.quiet()
    local line
    if not run.live then
      line = streams.input:read("*l")
      return line and (line:gsub("\r$", ""))
    end
    -- no tail call: an interrupt is thrown here
    if hidden then line = streams.ask_hidden(prompt) else line = streams.question(prompt) end
    return line
  end

  ctx.on_end = run.clear
  return run
end

-- ---- the emulator's telephones ----

-- In the sandbox nobody holds a device: what it would show is said instead.
local function code_shown(box, device)
  for i = #box.outbox, 1, -1 do
    local sent = box.outbox[i]
    if sent.code and tostring(sent.device_id) == device.id then return sent.code end
  end
  local ok, code = pcall(box.totp, box, device.id)
  return ok and code or nil
end

local function hint(run, text)
  if text then run.ctx.say("sandbox: " .. text) end
end

-- ---- needs ----

local needs = {}

-- The next line of a script may be anything: as a password it is not tried.
local SECOND = { wrong = { "denied", "wrong_password", "name or password are wrong" },
  expired = { "timeout", "expired", "that took too long, and the password would be needed again" } }

function needs.password(run, want)
  local ctx = run.ctx
  local note = note_of(want)
  local no = not run.live and SECOND[want.note]
  if no then return nil, errors.new { operation = "login", kind = no[1], reason = no[2], message = no[3] } end
  if note then ctx.say(note) end
  if ctx.box and ctx.box.options.password and not note then
    hint(run, "everybody's password is " .. ctx.box.options.password)
  end
  local password = run.ask(("Password of %s (not shown, empty = give up): "):format(show.line(run.user)), true)
  if not password or password == "" then return { cancel = true } end
  return { password = password }
end

function needs.device(run, want)
  local list = want.devices
  run.others = #list > 1
  local note = note_of(want)
  if note then run.ctx.say(note) end
  if #list == 1 or not run.live then return { device = list[1].id } end
  local widest = 0
  for _, device in ipairs(list) do widest = math.max(widest, show.width(called(device))) end
  local lines = {}
  for i, device in ipairs(list) do
    local name = called(device)
    lines[i] = ("%3d  %s%s  %s%s"):format(i, name, (" "):rep(widest - show.width(name)), doing(device),
      device.default and "  (default)" or "")
  end
  local prompt = table.concat(lines, "\n") .. "\nWhich one? [1] "
  while true do
    local line = run.ask(prompt)
    if not line then return { cancel = true } end
    line = line:gsub("%s", "")
    local device = list[line == "" and 1 or args.count(line) or 0]
    if device then return { device = device.id } end
    prompt = ("Which one, 1 to %d? [1] "):format(#list)
  end
end

-- What a typed line means: a code, or another way to go on.
local function meant(run, want, line)
  local word = line and line:gsub("%s", ""):lower()
  if not word or word == "" then return { cancel = true } end
  if word == "r" and want.device.needs_trigger then return { resend = true } end
  if word == "o" and run.others then return { other = true } end
  return { code = line }
end

function needs.code(run, want)
  local ctx, device = run.ctx, want.device
  local note = note_of(want)
  if note then ctx.say(note) end
  if ctx.box then
    local code = code_shown(ctx.box, device)
    hint(run, code and ("%s shows %s"):format(called(device), code))
  end
  local ways = joined("not shown", device.needs_trigger and "r = send a new one", run.others and "o = another device",
    "empty = give up")
  return meant(run, want, run.ask(("Code of %s (%s): "):format(called(device), ways), true))
end

function needs.wait(run, want)
  local ctx = run.ctx
  if run.counts and not run.listener then run.listener = ctx.streams.listen() end
  if run.told ~= want.turn then
    run.told = want.turn
    if note_of(want) then ctx.say(note_of(want)) end
    if ctx.box and want.device.type ~= "email" then
      local code = code_shown(ctx.box, want.device)
      hint(run, ("%s %sanswers by itself in a few seconds"):format(called(want.device),
        code and "shows " .. code .. " and " or ""))
    end
    ctx.say(("answer on %s within %s%s"):format(called(want.device), time_left(want.remaining), run.listener
      and " (" .. joined(want.types and "or type its code", "r = send it again", run.others and "o = another device",
        "Enter = give up") .. ")" or ""))
  end
  if not run.listener then
    ctx.waits_unsaid = true -- it waits as a matter of course
    ctx.client.clock.sleep(want.after)
    ctx.waits_unsaid = false
    return nil
  end
  run.draw(("%s  waiting for %s"):format(time_left(want.remaining), called(want.device)))
  local what, line = run.listener.next()
  if what == "tick" then
    -- time in the sandbox stands still unless it is told
    if ctx.box then ctx.box.clock.sleep(1) end
    return nil
  end
  run.clear()
  local input = meant(run, want, what == "line" and line or nil)
  if input.code and not want.types then
    ctx.say("there is no code to type: answer on " .. called(want.device))
    return nil
  end
  return input
end

-- ---- one run ----

-- Wrong input that the flow did not take, or a telephone that rings for another sign-in: the person may try again, a
-- script may not.
local AGAIN = { bad_code = true, unknown_device = true, push_open = true }

local function again(run, err)
  return run.live and AGAIN[err.reason] == true
end

local function walk(run, flow)
  local want, err = flow:step()
  while want and want.need ~= "nothing" do
    local input, no = needs[want.need](run, want)
    if no then return nil, no end
    local following, problem = flow:step(input)
    if following or not again(run, problem) then
      want, err = following, problem
    else
      run.ctx.say(show.line(problem.message))
    end
    if not want or want.need ~= "wait" then run.quiet() end
  end
  if not want then return nil, err end
  return want.login
end

-- What is written of a result.
local function answer_of(result)
  local out = {}
  for k, v in pairs(result) do out[k] = v end
  if type(out.device) == "table" then
    out.device = { id = out.device.id, type = out.device.type, name = out.device.name }
  end
  return out
end

-- Puts what was issued into the file of --out: true, or nil and an exit code.
local function keep(ctx, out)
  local path = ctx.options.out
  if not path then return true end
  local name = out.assertion and "assertion" or "session_token"
  local ok, problem = files.write_private(path, out[name])
  if not ok then
    ctx.say(show.line(problem))
    return nil, exits.output
  end
  out[name] = nil
  out.file = path
  return true
end

function login.run(ctx)
  local function wrong(problem) return ctx.usage("login: " .. problem .. "\nusage: " .. login.usage) end
  local name, options = request_of(ctx)
  if not name then return wrong(options) end
  if name ~= "passwordless" then ctx.sandbox_password = "open sesame" end
  ctx.secret_names = { "session_token", "assertion" }
  local client, complaint = ctx.connect()
  if not client then return ctx.usage(complaint) end
  local ok, flow = pcall(client.flows[name].start, options)
  if not ok then
    if context.is_interrupt(flow) then error(flow, 0) end
    return wrong((tostring(flow):gsub("^.-flows%.[%w_]+: ", ""):gsub("^[%w_]+", CALLED)))
  end
  local run = new_run(ctx)
  run.user = options.user
  local fine, result, err = pcall(walk, run, flow)
  run.quiet()
  if not fine then error(result, 0) end
  if not result then
    local code = ctx.failed(err)
    return err.reason == "bad_name" and exits.usage or code -- nothing was sent
  end
  local out = answer_of(result)
  local kept, code = keep(ctx, out)
  if not kept then return code end
  local writer = ctx.writer()
  if run.live then ctx.say(show.line(out.user.username or out.user.email or options.user) .. " is signed in") end
  writer:value(out)
  writer:finish()
  return exits.ok
end

return login

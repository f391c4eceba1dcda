-- call.lua - one operation from the command line: checked, confirmed, made, written.

local require = require
local check = require "onelogin.check"
local arguments = require "onelogin.cli.arguments"
local args = require "onelogin.cli.args"
local core = require "onelogin.core"
local exits = require "onelogin.cli.exits"
local names = require "onelogin.cli.names"
local show = require "onelogin.show"

local unpack = table.unpack or unpack

local call = {}

-- The words of check.lua are for Lua; what follows them here is how this program is called.
local function reworded(message)
  return (message:gsub("; call it as .*$", ""):gsub(" %(argument %d+%)", "")
    :gsub(" %(allow_unknown = true.*$", ""))
end

-- ids, params, options as the client wants them, with their number.
local function positional(ids, params, opts)
  local list, n = {}, #ids
  for i = 1, n do list[i] = ids[i] end
  list[n + 1], list[n + 2] = params, opts
  return list, n + 2
end

local function described(ctx, request)
  local text = ("would send %s %s"):format(request.method, show.line(request.url))
  if request.body and request.body ~= "" then text = text .. "\n" .. show.line(request.body) end
  ctx.write(text .. "\n")
end

-- ---- changes ----

-- The path of a call as it will be, ids in their places.
local function filled(path, ids)
  local i = 0
  return (path:gsub("{[%w_]+}", function()
    i = i + 1
    return show.line(core.url.encode(tostring(ids[i])))
  end))
end

--- Asks before `count` changes.  nil when they may be made, else an exit code.  several: more than one request would
-- leave, and that does not happen unasked in a script either.
function call.confirm(ctx, what, count, several)
  if count == 0 or ctx.options["dry-run"] then return nil end
  local most = ctx.options["max-changes"]
  if most then
    local n = args.count(most)
    if not n then return ctx.usage("--max-changes wants a whole number, got " .. show.line(most)) end
    if count > n then
      ctx.say(("nothing was sent: this would change %s things, and --max-changes is %s"):format(show.count(count),
        show.count(n)))
      return exits.declined
    end
  end
  if ctx.options.yes then return nil end
  if not ctx.streams.err_tty() then
    if several and not most then
      ctx.say(("nothing was sent: this would change %s things; --yes or --max-changes N allows that without a question")
        :format(show.count(count)))
      return exits.declined
    end
    return nil
  end
  local many = count > 1 and (" (%s changes)"):format(show.count(count)) or ""
  local answer = ctx.streams.question(("%s at %s%s. Go on? [y/N] "):format(what, ctx.tenant, many))
  if answer and (answer:lower() == "y" or answer:lower() == "yes") then return nil end
  ctx.say("nothing was sent")
  return exits.declined
end

-- ---- answers ----

local function write_answer(ctx, entry, value)
  if type(value) == "table" and (entry.result == "list" or show.is_list(value)) then
    ctx.writer():rows(value)
  else
    ctx.writer():value(value)
  end
end

local function more_hint(ctx, rows, info)
  if type(info) ~= "table" or not ctx.streams.err_tty() then return end
  if info.cursor and info.cursor ~= "" and rows > 0 then
    local total = info.total and " of " .. show.count(info.total) or ""
    ctx.say(("%s rows%s: --all shows every one, --cursor %s the next page"):format(show.count(rows), total,
      show.line(info.cursor)))
  end
end

-- Only where somebody is let in is `false` an answer: "not yet".  Nothing that a script could take for success.
local function undecided(ctx, info)
  info = type(info) == "table" and info or {}
  ctx.writer():value({ status_type = info.status_type, status_message = info.status_message })
  ctx.writer():finish()
  ctx.say("nothing is decided yet: " .. show.line(info.status_message or info.status_type))
  return exits.undecided
end

-- ---- one call, one walk, one for each line of standard input ----

local function single(ctx, op, resource, entry, request)
  local list, n = positional(request.ids, request.params, request.opts)
  local value, info = op(resource, unpack(list, 1, n))
  if value == nil then return ctx.failed(info) end
  if type(value) == "table" and value.dry_run == true then
    described(ctx, value)
    return exits.ok
  end
  if value == false and entry.pending then return undecided(ctx, info) end
  if value == true then
    if ctx.streams.err_tty() then ctx.say("done") end
    return exits.ok
  end
  write_answer(ctx, entry, value)
  ctx.writer():finish()
  if entry.paging and type(value) == "table" then more_hint(ctx, #value, info) end
  return exits.ok
end

--- Writes every page of a pager.  ctx.place is where a later run goes on.
function call.walk(ctx, pager, name)
  local bar = ctx.progress(name)
  local writer = ctx.writer()
  ctx.on_end = bar.clear
  while true do
    local items, err = pager:next()
    if err then
      bar.clear()
      writer:finish()
      return ctx.failed(err)
    end
    if not items then break end
    if ctx.streams.out_tty() then bar.clear() end
    writer:rows(items)
    ctx.place = pager.cursor
    bar.update(pager.seen or 0, pager.total)
  end
  bar.clear()
  writer:finish()
  ctx.place = nil
  return exits.ok
end

local function each_line(ctx, op, resource, entry, request, id)
  local ids, problem = arguments.read_ids(ctx.streams.input, entry.ids[request.each][1])
  if not ids then return ctx.usage(problem) end
  if #ids == 0 then
    ctx.say("standard input holds no id: nothing was sent")
    return exits.ok
  end
  -- all of them are checked before the first is sent
  for i = 1, #ids do
    request.ids[request.each] = ids[i]
    local list, n = positional(request.ids, request.params, request.opts)
    local fine, message = check.try(entry, id, n, unpack(list, 1, n))
    if not fine then return ctx.usage(("standard input, id %d: %s"):format(i, reworded(message))) end
  end
  local count = arguments.changes(entry, request.params) * #ids
  local code = call.confirm(ctx, ("%s %s for each of %s ids"):format(entry.method, entry.path, show.count(#ids)), count,
    #ids > 1)
  if code then return code end
  local bar = ctx.progress(id)
  ctx.on_end = bar.clear
  for i = 1, #ids do
    ctx.stopped_at = { done = i - 1, of = #ids, id = ids[i] }
    request.ids[request.each] = ids[i]
    local list, n = positional(request.ids, request.params, request.opts)
    local value, err = op(resource, unpack(list, 1, n))
    if value == nil then
      bar.clear()
      ctx.writer():finish()
      return ctx.failed(err)
    end
    if value == false and entry.pending then
      bar.clear()
      return undecided(ctx, err)
    end
    if type(value) == "table" and value.dry_run == true then
      described(ctx, value)
    elseif value ~= true then
      if ctx.streams.out_tty() then bar.clear() end
      ctx.writer():rows(show.is_list(value) and value or { value })
    end
    bar.update(i, #ids)
  end
  bar.clear()
  ctx.stopped_at = nil
  if ctx.started_writing then ctx.writer():finish() end
  if ctx.streams.err_tty() then ctx.say(show.count(#ids) .. " done") end
  return exits.ok
end

--- onelogin RESOURCE OPERATION ...
function call.run(ctx, resource_name, name, entry)
  local id = resource_name .. "." .. name
  local request, problem = arguments.build(ctx, id, entry)
  local usage = "\nusage: " .. names.usage(resource_name, name, entry)
  if not request then return ctx.usage(problem .. usage) end
  if ctx.options["dry-run"] or ctx.options["allow-unknown"] then
    request.opts = { dry_run = ctx.options["dry-run"], allow_unknown = ctx.options["allow-unknown"] }
  end
  if not request.each then
    local list, n = positional(request.ids, request.params, request.opts)
    local fine, message = check.try(entry, id, n, unpack(list, 1, n))
    if not fine then return ctx.usage(reworded(message) .. usage) end
  end
  if ctx.options.all and entry.method ~= "GET" then return ctx.usage(id .. ": --all is for lists" .. usage) end
  ctx.secret_names = entry.secret
  ctx.walk_name = id

  local client, wrong = ctx.connect()
  if not client then return ctx.usage(wrong) end
  local resource = client[resource_name]
  local op = resource[name]
  if request.each then return each_line(ctx, op, resource, entry, request, id) end
  local code = call.confirm(ctx, entry.method .. " " .. filled(entry.path, request.ids),
    arguments.changes(entry, request.params))
  if code then return code end
  if ctx.options.all and not ctx.options["dry-run"] then
    local list, n = positional(request.ids, request.params, request.opts)
    return call.walk(ctx, op:pages(unpack(list, 1, n)), id)
  end
  return single(ctx, op, resource, entry, request)
end

return call

-- help.lua - `onelogin help [RESOURCE [OPERATION]]`, from the table and its prose.

local require = require
local api = require "onelogin.api"
local exits = require "onelogin.cli.exits"
local names = require "onelogin.cli.names"
local options = require "onelogin.cli.options"
local show = require "onelogin.show"

local help = {}

-- Two columns; the second is wrapped at the width.
local function listed(rows, width, indent)
  local widest = 0
  for _, row in ipairs(rows) do
    if #row[1] > widest and #row[1] <= 30 then widest = #row[1] end
  end
  local out, margin = {}, (" "):rep(indent)
  local room = math.max(width - indent - widest - 2, 30)
  for _, row in ipairs(rows) do
    local line = ""
    local head = row[1] .. (" "):rep(math.max(widest - #row[1], 0)) .. "  "
    for word in tostring(row[2]):gmatch("%S+") do
      if #line > 0 and #line + 1 + #word > room then
        out[#out + 1] = margin .. head .. line
        head, line = (" "):rep(widest + 2), ""
      end
      line = line == "" and word or line .. " " .. word
    end
    out[#out + 1] = (margin .. head .. line):gsub("%s+$", "")
  end
  return table.concat(out, "\n")
end

local function option_rows(list)
  local rows = {}
  for _, option in ipairs(list) do
    local name = "--" .. option[1]
    if option.optional then name = name .. "[=" .. option.optional .. "]" end
    if option[2] then name = name .. " " .. option[2] end
    if option.short then name = "-" .. option.short .. ", " .. name end
    rows[#rows + 1] = { name, option[3] }
  end
  return rows
end

local command_rows = {
  { "RESOURCE OPERATION [ID]...", "any operation of the API: onelogin help lists resources" },
  { "request METHOD PATH", "any route of the API" },
  { "events follow", "events as they happen, a line each" },
  { "sandbox [OPTION]...", "serve the emulated API on this machine" },
  { "login USER", "sign a person in, as a page of yours would" },
  { "repl", "a Lua prompt with a client" },
  { "completion bash|zsh|fish", "a completion script" },
  { "help [RESOURCE [OPERATION]]", "this text, or that of a resource or an operation" },
}
help.commands = command_rows

local function overview(width)
  local rows = {}
  for _, name in ipairs(api.resources) do
    local facts = require("onelogin.api." .. name)
    local ops = names.operations(facts)
    local text = #ops > 6 and table.concat(ops, ", ", 1, 5) .. (", ... (%d)"):format(#ops) or table.concat(ops, ", ")
    rows[#rows + 1] = { name, text }
  end
  return table.concat({
    "usage: onelogin RESOURCE OPERATION [ID]... [--PARAMETER VALUE]... [OPTION]...", "",
    listed(command_rows, width, 2), "",
    "Resources", listed(rows, width, 2), "",
    "Options", listed(option_rows(options.list), width, 2), "",
    "Exit status", listed({
      { "0", "done" }, { "1", "the API refused or failed" }, { "2", "the command is wrong" },
      { "3", "credential, scope or person refused" }, { "4", "not found" }, { "5", "rate limited" },
      { "6", "no answer: network or timeout" }, { "7", "not confirmed, or more than --max-changes" },
      { "8", "the output cannot be written" }, { "9", "a second factor is not decided yet" }, { "130", "interrupted" },
    }, width, 2), "",
    "Secrets come from the environment, a file, a profile or a hidden question; never from arguments.", "",
  }, "\n")
end

local function resource_text(resource, facts, width)
  local ok, prose = pcall(require, "onelogin.prose." .. resource)
  local rows = {}
  for _, name in ipairs(names.operations(facts)) do
    local about = ok and prose[name] and prose[name].summary or facts[name].method .. " " .. facts[name].path
    local ids = {}
    for _, id in ipairs(facts[name].ids or {}) do ids[#ids + 1] = id[1]:upper() end
    local status = facts[name].status
    rows[#rows + 1] = { name .. (ids[1] and " " .. table.concat(ids, " ") or ""),
      about .. (status and " (" .. status:gsub("_", " ") .. ")" or "") }
  end
  return ("usage: onelogin %s OPERATION ...\n\n%s\n\nonelogin help %s OPERATION says more.\n"):format(resource,
    listed(rows, width, 2), resource)
end

local function param_text(param, place, text)
  local parts = { text or "" }
  if param.required then parts[#parts + 1] = "(required)" end
  if param.enum then
    local values = {}
    for i, value in ipairs(param.enum) do values[i] = show.scalar(value) end
    parts[#parts + 1] = "one of " .. table.concat(values, ", ")
  end
  if param.min or param.max then
    parts[#parts + 1] = ("%s to %s"):format(param.min and show.scalar(param.min) or "",
      param.max and show.scalar(param.max) or "any")
  end
  if param.default ~= nil then parts[#parts + 1] = "default " .. show.scalar(param.default) end
  if place == "header" then parts[#parts + 1] = "(a header)" end
  return (table.concat(parts, "; "):gsub("^; ", ""):gsub("; %(", " ("))
end

local function operation_text(resource, name, entry, width)
  local ok, all = pcall(require, "onelogin.prose." .. resource)
  local prose = ok and all[name] or {}
  local out = { "usage: " .. names.usage(resource, name, entry), "" }
  if prose.summary then out[#out + 1] = prose.summary .. "." end
  out[#out + 1] = ("%s %s%s"):format(entry.method, entry.path,
    entry.status and " (" .. entry.status:gsub("_", " ") .. ")" or "")
  if entry.scopes[1] then out[#out + 1] = "Scopes: " .. table.concat(entry.scopes, ", ") end
  local is_secret = show.secrets(entry.secret)
  local texts, rows = prose.params or {}, {}
  for _, id in ipairs(entry.ids or {}) do
    rows[#rows + 1] = { id[1]:upper() .. "  " .. id[2], (texts[id[1]] or "") .. " (- reads ids from standard input)" }
  end
  for _, item in ipairs(names.params(entry)) do
    local param = item[1]
    local text = param_text(param, item[2], texts[param[1]])
    if options.by_name[(param[1]:gsub("_", "-"))] then text = text .. "; as --param " .. param[1] .. "=..." end
    if is_secret(param[1]) then text = text .. "; a secret: @FILE, env:NAME, - or ask" end
    rows[#rows + 1] = { "--" .. param[1] .. "  " .. param[2], text }
  end
  if rows[1] then
    out[#out + 1] = ""
    out[#out + 1] = listed(rows, width, 2)
  end
  for i, note in ipairs(prose.notes or {}) do
    if i == 1 then out[#out + 1] = "" end
    out[#out + 1] = listed({ { "*", note } }, width, 0)
  end
  if entry.paging then
    out[#out + 1] = "\n--all fetches every page; an interrupted run says how to go on with --cursor."
  end
  if entry.doc then out[#out + 1] = "\n" .. entry.doc end
  return table.concat(out, "\n") .. "\n"
end

--- words: nothing, a command, a resource, or a resource and an operation.
function help.run(ctx, words)
  local width = ctx.streams.out_tty() and ctx.streams.width() or 100
  if width > 120 then width = 120 end
  local word = words[1]
  if not word then
    ctx.write(overview(width))
    return exits.ok
  end
  local commands = require("onelogin.cli.main").commands
  if word == "request" then
    ctx.write("usage: " .. require("onelogin.cli.request").usage .. "\n\n" .. listed(option_rows(options.request),
      width, 2) .. "\n")
    return exits.ok
  elseif word == "repl" then
    ctx.write("usage: onelogin repl [OPTION]...\n\n" .. listed(option_rows(options.repl), width, 2) .. "\n")
    return exits.ok
  elseif word == "login" and not names.calls_login(words[2]) then
    ctx.write(("usage: %s\n\n%s\n\nor a call of the API,\n%s"):format(require("onelogin.cli.login").usage,
      listed(option_rows(options.login), width, 2), resource_text("login", require("onelogin.api.login"), width)))
    return exits.ok
  elseif word == "events" and words[2] == "follow" then
    ctx.write(("usage: %s\n\n%s\n\nFilters are the parameters of events list.\n"):format(
      require("onelogin.cli.follow").usage, listed(option_rows(options.follow), width, 2)))
    return exits.ok
  end
  for _, row in ipairs(command_rows) do
    local name = row[1]:match("^%l+")
    if name == word and commands[word] and word ~= "login" then
      ctx.write(("usage: onelogin %s\n%s\n"):format(row[1], row[2]))
      return exits.ok
    end
  end
  if word == "sandbox" then
    ctx.write("usage: onelogin sandbox [OPTION]...; onelogin sandbox --help lists them\n")
    return exits.ok
  end
  local resource, facts = names.resource(word, commands)
  if not resource then return ctx.usage(facts) end
  if not words[2] then
    ctx.write(resource_text(resource, facts, width))
    return exits.ok
  end
  local name, entry = names.operation(resource, facts, words[2])
  if not name then return ctx.usage(entry) end
  ctx.write(operation_text(resource, name, entry, width))
  return exits.ok
end

return help

-- arguments.lua - the words behind `onelogin RESOURCE OPERATION` as the arguments of a call.
--
--   local call, problem = arguments.build(ctx, resource, name, entry)
--   call.ids, call.params   what the client is given; call.params may be nil
--   call.each               index of the id that is read from standard input, line by line (given as "-"), or nil

local core = require "onelogin.core"
local args = require "onelogin.cli.args"
local names = require "onelogin.cli.names"
local options = require "onelogin.cli.options"
local show = require "onelogin.show"
local suggest = require "onelogin.suggest"
local values = require "onelogin.cli.values"

local json = core.json

local arguments = {}

-- ---- secrets ----

local SECRET = "%s is a secret, and every process of this machine can read arguments: give --%s @FILE, env:NAME, "
  .. "- (a line of standard input) or ask"

local function one_line(text) return (text:gsub("\r?\n$", "")) end

local function read_secret(ctx, name, word)
  local text, problem
  if word == "-" then
    text = ctx.streams.input:read("*l")
    problem = "standard input holds none"
  elseif word == "ask" then
    text = ctx.streams.ask_hidden(name .. " (not shown): ")
    problem = "there is no terminal to ask on"
  elseif type(word) == "string" and word:find("^@.") then
    text, problem = values.file_text(word:sub(2))
  elseif type(word) == "string" and word:find("^env:.") then
    text = ctx.env(word:sub(5))
    problem = word:sub(5) .. " is not set"
  else
    return nil, SECRET:format(name, name)
  end
  if not text then return nil, name .. ": " .. tostring(problem) end
  return one_line(text)
end

-- The name of a secret member that JSON from the command line carries, or nil.
local function carried_secret(value, is_secret, depth)
  if type(value) ~= "table" or depth > 16 then return nil end
  for key, item in pairs(value) do
    if is_secret(key) and type(item) ~= "table" and item ~= json.null then return key end
    local found = carried_secret(item, is_secret, depth + 1)
    if found then return found end
  end
end

-- ---- the body ----

--- --data: JSON, @FILE or -.  The decoded value | nil, complaint
function arguments.data(ctx, is_secret)
  local word = ctx.options.data
  local text, problem
  if word == "-" then
    text = ctx.streams.input:read("*a") or ""
  elseif word:sub(1, 1) == "@" then
    text, problem = values.file_text(word:sub(2))
    if not text then return nil, "--data " .. problem end
  else
    text = word
  end
  local value
  value, problem = values.decode(text)
  if value == nil then return nil, "--data " .. problem end
  if text == word then
    local found = carried_secret(value, is_secret, 1)
    if found then
      return nil, ("%s is a secret, and every process of this machine can read arguments: give --data @FILE or -")
        :format(show.line(found))
    end
  end
  return value
end

-- ---- parameters ----

--- The complaint about an option that nobody knows.
function arguments.unknown_option(word)
  local plain = word:lower():gsub("_", "-")
  if options.refused[plain] then return args.refusal:format(plain) end
  local near = suggest(plain, options.by_name)
  return ("unknown option --%s%s"):format(show.line(word), near and ", did you mean --" .. near .. "?" or "")
end

local function unknown(ctx, id, word, entry)
  if options.refused[word:lower():gsub("_", "-")] then return arguments.unknown_option(word) end
  local known = {}
  for _, item in ipairs(names.params(entry)) do known[item[1][1]] = true end
  for name in pairs(ctx.known_options) do known[name] = true end
  local near = suggest(word, known)
  for _, field in ipairs(entry.read_only or {}) do
    if names.plain(word) == field then return ("%s: \"%s\" is read-only"):format(id, field) end
  end
  return ("%s: unknown parameter --%s%s"):format(id, word, near and ", did you mean --" .. near .. "?"
    or " (--allow-unknown --param sends it all the same)")
end

-- Words by exact name, repeated ones together: { { name, param, place, words }, ... }
local function gather(ctx, id, entry)
  local list, by_name = {}, {}
  local function add(word, value, undeclared)
    local param, place, name = names.param(entry, word)
    if not param then
      if not (undeclared and ctx.options["allow-unknown"]) then return unknown(ctx, id, word, entry) end
      param, place, name = { word, "any" }, entry.method == "GET" and "query" or "body", word
    end
    local item = by_name[name]
    if not item then
      item = { name = name, param = param, place = place, words = {} }
      by_name[name] = item
      list[#list + 1] = item
    end
    item.words[#item.words + 1] = value
  end
  for _, pair in ipairs(ctx.params) do
    local problem = add(pair[1], pair[2], ctx.options["allow-unknown"])
    if problem then return nil, problem end
  end
  for _, text in ipairs(ctx.options.param or {}) do
    local word, value = text:match("^([^=]+)=(.*)$")
    if not word then return nil, "--param wants NAME=VALUE, got " .. show.line(text) end
    local problem = add(word, value, true)
    if problem then return nil, problem end
  end
  return list
end

-- Items given as words: `onelogin roles add_users 143175 1 2 3`.
local function items_of(entry, words, first)
  local texts = {}
  for i = first, #words do texts[#texts + 1] = words[i] end
  return values.read({ "items", "array<" .. (entry.items or "any") .. ">" }, texts, "body")
end

--- ctx: { words (behind the operation), options, params, known_options, streams, env }
function arguments.build(ctx, id, entry)
  local call = { ids = {} }
  local ids, words = entry.ids or {}, ctx.words
  for i = 1, #ids do
    local word = words[i]
    if word == nil then return nil, ("%s: %s is missing"):format(id, ids[i][1]) end
    if word == "-" then
      if call.each then return nil, id .. ": only one id can come from standard input" end
      call.each = i
    end
    call.ids[i] = word
  end
  local is_secret = show.secrets(entry.secret)
  local params, problem

  if ctx.options.data then
    if entry.method == "GET" then return nil, id .. ": a GET has no body, so --data has no place" end
    if call.each and ctx.options.data == "-" then return nil, id .. ": standard input cannot be both ids and body" end
    params, problem = arguments.data(ctx, is_secret)
    if params == nil then return nil, problem end
    if type(entry.body) == "table" and (type(params) ~= "table" or json.is_array(params)) then
      return nil, id .. ": --data must be a JSON object"
    end
  end

  if entry.body == "array" and #words > #ids then
    if params then return nil, id .. ": give the items as words or with --data, not both" end
    params, problem = items_of(entry, words, #ids + 1)
    if params == nil then return nil, id .. ": the items: " .. problem end
  elseif #words > #ids then
    return nil, ("%s: one word too many: %s"):format(id, show.line(words[#ids + 1]))
  end

  local list
  list, problem = gather(ctx, id, entry)
  if not list then return nil, problem end
  if #list > 0 and (entry.body == "array" or entry.body == "any") then
    return nil, ("%s: its body is no object, so --%s has no place"):format(id, list[1].name)
  end
  for _, item in ipairs(list) do
    local value
    if is_secret(item.name) then
      if #item.words > 1 then return nil, id .. ": " .. item.name .. " is given twice" end
      value, problem = read_secret(ctx, item.name, item.words[1])
      if value == nil then return nil, id .. ": " .. problem end
    else
      value, problem = values.read(item.param, item.words, item.place)
      if value == nil then return nil, ("%s: --%s %s"):format(id, item.name, show.line(problem)) end
      local found = carried_secret(value, is_secret, 1)
      if found and not item.words[1]:find("^@") then
        return nil, id .. ": " .. SECRET:format(show.line(found), item.name):gsub(", env.*$", "")
      end
    end
    params = params or {}
    params[item.name] = value
  end

  if ctx.options.cursor then
    local name = names.cursor(entry)
    if not name then return nil, id .. ": --cursor has no place, this list has no pages" end
    params = params or {}
    params[name] = ctx.options.cursor
  end
  call.params = params
  return call
end

--- How many things a call changes: the items of a bare array, else one.
function arguments.changes(entry, params)
  if entry.method == "GET" or entry.method == "HEAD" then return 0 end
  if entry.body == "array" and type(params) == "table" then return math.max(#params, 1) end
  return 1
end

--- Ids from a stream: bare words, or JSON objects of which `id` (or the id's own name) is taken.
function arguments.read_ids(stream, name)
  local out = {}
  for line in stream:lines() do
    line = line:gsub("^%s+", ""):gsub("[%s\r]+$", "")
    if line:sub(1, 1) == "{" then
      local row, problem = values.decode(line)
      if type(row) ~= "table" then return nil, "standard input, line " .. #out + 1 .. " " .. tostring(problem) end
      local id = row[name]
      if id == nil then id = row.id end
      if id == nil or id == json.null then
        return nil, ("standard input, line %d has neither %s nor id"):format(#out + 1, name)
      end
      out[#out + 1] = show.scalar(id)
    elseif line ~= "" then
      out[#out + 1] = line
    end
  end
  return out
end

return arguments

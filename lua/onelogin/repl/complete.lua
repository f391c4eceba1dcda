-- complete.lua - what could stand next: resources, operations, parameters, names, commands.

local require = require
local core = require "onelogin.core"
local api = require "onelogin.api"
local helpers = require "onelogin.helpers"
local names = require "onelogin.cli.names"

local complete = {}

local keywords = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
  "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }

local commands = { ":help", ":more", ":quit", ":read", ":write" }

local members = { "clock", "close", "flows", "inspect", "request", "revoke" }

local function starting(list, with, prefix, suffix)
  local out, seen = {}, {}
  for _, name in ipairs(list) do
    if not seen[name] and name:sub(1, #with) == with then
      seen[name] = true
      out[#out + 1] = prefix .. name .. (suffix or "")
    end
  end
  table.sort(out)
  return out
end

-- Does this name hold a client?
local function is_client(env, name)
  local value = env[name]
  return type(value) == "userdata" and pcall(core.client.state, value)
end

local function facts_of(resource)
  for _, name in ipairs(api.resources) do
    if name == resource then return require("onelogin.api." .. name) end
  end
end

-- The innermost call that is still open before the word: resource and operation, or nil.
local function open_call(before)
  local depth, quote = 0, nil
  for i = #before, 1, -1 do
    local c = before:sub(i, i)
    if quote then
      if c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote = c
    elseif c == ")" or c == "}" then
      depth = depth + 1
    elseif c == "(" or c == "{" then
      if depth == 0 then
        local head = before:sub(1, i - 1)
        local resource, operation, walk = head:match("[%w_]+%.([%w_]+)%.([%w_]+):(%l+)%s*$")
        if walk == "each" or walk == "pages" or walk == "call" then return resource, operation end
        resource, operation = head:match("[%w_]+%.([%w_]+)[.:]([%w_]+)%s*$")
        if resource then return resource, operation end
        -- a table inside a call: ol.users:get(1, { ... goes on looking outwards
      else
        depth = depth - 1
      end
    end
  end
end

local function in_string(before)
  local quote
  for i = 1, #before do
    local c = before:sub(i, i)
    if quote then
      if c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote = c
    end
  end
  return quote ~= nil
end

local function enum_values(before)
  local name, part = before:match("([%w_]+)%s*=%s*\"([%w_+%-]*)$")
  if not name then return nil end
  local resource, operation = open_call(before:sub(1, #before - #part - 1))
  local facts = resource and facts_of(resource)
  local entry = facts and facts[operation == "each" and "list" or operation == "pages" and "list" or operation]
  local param = entry and names.param(entry, name)
  if not param or not param.enum then return nil end
  local values = {}
  for i, value in ipairs(param.enum) do values[i] = tostring(value) end
  return starting(values, part, "", '"'), part
end

local function params_of(before, word)
  local resource, operation = open_call(before)
  local facts = resource and facts_of(resource)
  if not facts then return {} end
  if operation == "each" or operation == "pages" then operation = "list" end
  local entry = facts[operation]
  local list = {}
  for _, item in ipairs(entry and names.params(entry) or {}) do
    if item[1][1]:find("^[%a_][%w_]*$") then list[#list + 1] = item[1][1] end
  end
  return starting(list, word, "", " = ")
end

local function keys_of(value)
  local list = {}
  if type(value) == "table" and getmetatable(value) ~= false then
    for key in pairs(value) do
      if type(key) == "string" and key:find("^[%a_][%w_]*$") then list[#list + 1] = key end
    end
  end
  return list
end

--- `before` is the line up to the place of completion → candidates for its last word, and that word.
function complete.candidates(before, env)
  if before:find("^%s*:%a*$") then
    local word = before:match(":%a*$")
    return starting(commands, word, ""), word
  end
  if in_string(before) then
    local values, part = enum_values(before)
    return values or {}, part or ""
  end
  local word = before:match("[%w_%.:]*$")
  local holder, resource, mark, part = word:match("^([%a_][%w_]*)%.([%w_]+)([.:])([%w_]*)$")
  if holder and is_client(env, holder) then
    local facts = facts_of(resource)
    local list = facts and names.operations(facts) or {}
    if facts then
      list[#list + 1] = "help"
      for name in pairs(helpers.names(resource, facts)) do list[#list + 1] = name end
    end
    if facts and facts.list then
      list[#list + 1] = "each"
      list[#list + 1] = "pages"
    end
    return starting(list, part, holder .. "." .. resource .. mark), word
  end
  local op
  holder, resource, op, part = word:match("^([%a_][%w_]*)%.([%w_]+)%.([%w_]+):([%w_]*)$")
  if holder and is_client(env, holder) then
    local prefix = holder .. "." .. resource .. "." .. op .. ":"
    return starting({ "call", "each", "help", "pages", "signature" }, part, prefix), word
  end
  holder, mark, part = word:match("^([%a_][%w_]*)([.:])([%w_]*)$")
  if holder then
    if is_client(env, holder) then
      local list = {}
      for _, name in ipairs(mark == "." and api.resources or {}) do list[#list + 1] = name end
      for _, name in ipairs(members) do list[#list + 1] = name end
      return starting(list, part, holder .. mark), word
    end
    return starting(keys_of(env[holder]), part, holder .. mark), word
  end
  local list = params_of(before:sub(1, #before - #word), word)
  if word ~= "" and not word:find("[.:]") then
    local known = {}
    for _, name in ipairs(keywords) do known[#known + 1] = name end
    for key in pairs(env) do
      if type(key) == "string" then known[#known + 1] = key end
    end
    for key in pairs(_G) do
      if type(key) == "string" then known[#known + 1] = key end
    end
    for _, name in ipairs(starting(known, word, "")) do list[#list + 1] = name end
  end
  return list, word
end

return complete

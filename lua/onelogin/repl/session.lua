-- session.lua - a prompt's memory: feeds on lines, evaluates them, shows what came.
--
--   local s = session.new { client = , box = , write = fn(text), width = fn, read_only = true }
--   s:feed(line)      a line of input; s.pending is true while a statement goes on
--   s:prompt()        what stands before the next line
--   s.ended           after :quit
--
-- Reads no terminal and opens no file: that is init.lua's part.

local require = require
local core = require "onelogin.core"
local between = require "onelogin.cli.between"
local context = require "onelogin.cli.context"
local complete = require "onelogin.repl.complete"
local display = require "onelogin.repl.display"
local errors = require "onelogin.errors"
local redact = require "onelogin.redact"
local show = require "onelogin.show"

local load, loadstring, setfenv = load, loadstring, setfenv -- luacheck: ignore 113
local pcall, select, type, tostring = pcall, select, type, tostring

local session = {}
session.__index = session

local ABOUT = [[
ol is the client: ol.users:list { limit = 3 }, ol.users:get(id), for user in ol.users:each() do ... end
An expression is shown, and kept in _ ; Tab completes; null is JSON's null.
  help(), help(ol.users), help(ol.users.list)    what there is
  :more    go on with a long list        :read    only reads may leave
  :quit    end (or Ctrl-D)               :write   changes may leave, too]]

-- ---- what is evaluated ----

local function compile(text, env)
  local chunk, problem
  if setfenv then -- 5.1 and LuaJIT
    chunk, problem = loadstring(text, "=input")
    if chunk then setfenv(chunk, env) end
  else
    chunk, problem = load(text, "=input", "t", env)
  end
  return chunk, problem
end

local function environment(self)
  local env = {
    ol = self.client, box = self.box, onelogin = require "onelogin", null = core.json.null,
  }
  env._G = env
  function env.print(...)
    local parts = {}
    for i = 1, select("#", ...) do
      -- line breaks and tabs are the user's own; what else is in a value stays text
      parts[i] = tostring((select(i, ...))):gsub("[^\n\t]+", show.line)
    end
    self:say(table.concat(parts, "\t"))
  end
  function env.help(...)
    self:help(...)
  end
  return setmetatable(env, { __index = _G })
end

-- ---- modes ----

local function tenant_of(client, box)
  if box then return "sandbox" end
  local host = tostring(client.base_url):match("^%a+://([^/]+)") or "?"
  return show.line(host:match("^([%w%-]+)%.onelogin%.com$") or host)
end

function session:set_mode(mode)
  core.client.state(self.client).host.allow = mode == "read" and "read" or nil
  self.mode = mode
end

--- "acme read> "; dots while a statement goes on.
function session:prompt()
  local text = self.tenant .. (self.box and self.mode == "write" and "" or " " .. self.mode)
  return self.pending and ("."):rep(#text) .. "> " or text .. "> "
end

-- ---- output ----

--- Text for the person; what is secret right now does not pass.
function session:say(text)
  self.write(self.mask(text) .. "\n")
end

-- One line of an error, without the place in the library that threw it.
local function useful(problem)
  if context.is_interrupt(problem) then return "interrupted" end
  if errors.is(problem) then return show.line(tostring(problem)) end
  local text = type(problem) == "table" and problem.kind and tostring(problem.message) or tostring(problem)
  text = text:gsub("\n.*", "")
  if not text:find("^input:%d+:") then text = text:gsub("^[^\n:]*%.lua:%d+: ", "") end
  return show.line((text:gsub("^input:1: ", "")))
end
session.useful = useful

function session:fail(problem)
  local text = useful(problem)
  if text:find('its option allow is "read"', 1, true) then
    text = text:gsub(": this client may not.*$", "") .. ": not while only reads may leave; :write lifts that"
  end
  self:say(text)
end

function session:options()
  return { width = self.width(), secret = show.secrets(self.secret_names) }
end

--- Shows what an evaluation gave.
function session:results(n, first, second)
  if n == 0 then return end
  self.env._ = first
  if first == nil and n >= 2 and second ~= nil then
    self:fail(second)
    return
  end
  local text, rest = display.value(first, second, self:options())
  self.rest = rest or self.rest
  self:say(text)
end

-- ---- commands ----

local commands = {}

function commands.quit(self) self.ended = true end
commands.q = commands.quit

function commands.help(self) self:say(ABOUT) end

function commands.more(self)
  if not self.rest then
    self:say("there is nothing more to show")
    return
  end
  local text, rest = display.more(self.rest, self:options())
  self.rest = rest
  self:say(text)
end

function commands.read(self)
  self:set_mode "read"
  self:say("only reads may leave; :write lifts that")
end

function commands.write(self)
  self:set_mode "write"
  self:say(self.box and "changes may leave, to the sandbox" or
    ("changes may leave now, to %s; :read forbids them again"):format(show.line(self.client.base_url)))
end

session.commands = commands

function session:help(x, ...)
  if x == nil and select("#", ...) == 0 then
    self:say(ABOUT)
    return
  end
  self:say((require("onelogin.help").text(x):gsub("\n$", "")))
end

-- ---- lines ----

local function incomplete(problem)
  return type(problem) == "string" and problem:find("<eof>", 1, true) ~= nil
end

local function pack(...) return { n = select("#", ...), ... } end

function session:evaluate(chunk)
  local got = pack(pcall(chunk))
  if not got[1] then
    self:fail(got[2])
    return
  end
  self:results(got.n - 1, got[2], got[3])
end

--- Takes one line.  Nothing is thrown but an interruption outside of an evaluation.
function session:feed(line)
  if not self.pending then
    local name = line:match("^%s*:(%a*)%s*$")
    if name then
      local command = commands[name]
      if command then
        command(self)
      else
        self:say("commands are :more, :read, :write, :help and :quit")
      end
      return
    end
    if not line:find("%S") then return end
    line = line:gsub("^%s*=", "return ", 1) -- as in older Luas
  end
  local text = self.pending and self.text .. "\n" .. line or line
  local chunk, expression = compile("return " .. text, self.env)
  local problem
  if not chunk then chunk, problem = compile(text, self.env) end
  if not chunk then
    if (incomplete(problem) or incomplete(expression)) and line ~= "" then
      self.pending, self.text = true, text
      return
    end
    self.pending, self.text = false, nil
    self:fail(problem)
    return
  end
  self.pending, self.text = false, nil
  self:evaluate(chunk)
end

--- Forgets a statement that was begun.
function session:forget()
  self.pending, self.text = false, nil
end

--- Candidates for the word that ends at the end of `before`.
function session:complete(before)
  return complete.candidates(before, self.env)
end

-- Notes which operations were called: what their entries call secret stays masked for the whole session.
local function watch(self)
  between(self.client, function(request, send)
    local resource, name = tostring(request.operation):match("^([%w_]+)%.([%w_]+)$")
    local facts = resource and package.loaded["onelogin.api." .. resource]
    local entry = type(facts) == "table" and facts[name]
    for _, secret in ipairs(entry and entry.secret or {}) do
      if not self.is_noted[secret] then
        self.is_noted[secret] = true
        self.secret_names[#self.secret_names + 1] = secret
      end
    end
    return send(request)
  end)
end

function session.new(options)
  local self = setmetatable({
    client = options.client, box = options.box, write = options.write, width = options.width or function() end,
    secret_names = {}, is_noted = {}, pending = false,
  }, session)
  self.mask = function(text) return redact.masker(options.client)(text) end
  self.tenant = tenant_of(self.client, self.box)
  self.env = environment(self)
  self:set_mode(options.read_only and "read" or "write")
  watch(self)
  return self
end

return session

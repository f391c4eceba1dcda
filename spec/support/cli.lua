-- The command line run in this process: words in, output and exit code out.
local main = require "onelogin.cli.main"

local cli = {}

local function sink(fails, on_write)
  local s = { parts = {} }
  function s.write(self, ...)
    if on_write then on_write() end
    if fails then return nil, fails, 32 end
    for i = 1, select("#", ...) do s.parts[#s.parts + 1] = (select(i, ...)) end
    return self
  end
  function s.flush(self)
    if fails then return nil, fails, 32 end
    return self
  end
  function s.text() return table.concat(s.parts) end
  return s
end

-- What io.open gives, over a string.
local function source(text)
  local s, rest = {}, text or ""
  function s.read(_, what)
    if what == "*a" then
      local all = rest
      rest = ""
      return all
    end
    if rest == "" then return nil end
    local line, after = rest:match("^([^\n]*)\n?(.*)$")
    rest = after
    return line
  end
  function s.lines(self)
    return function() return self:read("*l") end
  end
  return s
end

-- An answer: a text, or the next of a list, each perhaps a function of the prompt.
local function said(answer, prompt)
  if type(answer) == "table" then answer = table.remove(answer, 1) end
  if type(answer) == "function" then return answer(prompt) end
  return answer
end

-- Seconds that pass while somebody types now and then: typed is a list of "tick", "end", and what is typed, or a
-- function that may do something and gives one of these; after the last it goes on ticking.
local function listener(typed, asked)
  local l = {}
  function l.next()
    assert(not l.closed, "nobody listens any more")
    local item = table.remove(typed, 1) or "tick"
    if type(item) == "function" then item = item() end
    if item == "tick" or item == "end" then return item end
    return "line", item
  end
  function l.close()
    l.closed = true
    asked.closed = (asked.closed or 0) + 1
  end
  asked.opened = (asked.opened or 0) + 1
  return l
end

--- cli.run({ "users", "list" }, options) → { code, out, err, asked }.  options: input (text), tty (all three are
-- terminals), out_tty, err_tty, width, answer (to questions), hidden (to hidden ones), typed, box, env (a table), fails
-- (why standard output refuses), on_write (called before each piece of standard output).
function cli.run(argv, options)
  options = options or {}
  local out, err = sink(options.fails, options.on_write), sink()
  local asked = {}
  local tty = options.tty or false
  local function is(name)
    return function() if options[name] == nil then return tty end return options[name] end
  end
  local streams = {
    out = out, err = err, input = source(options.input), box = options.box,
    out_tty = is "out_tty", err_tty = is "err_tty", in_tty = is "in_tty",
    width = function() return options.width or 80 end,
    question = function(prompt)
      asked[#asked + 1] = prompt
      return said(options.answer, prompt)
    end,
    ask_hidden = function(prompt)
      asked[#asked + 1] = prompt
      return said(options.hidden, prompt)
    end,
    listen = options.typed and function() return listener(options.typed, asked) end or nil,
  }
  local env = options.env or {}
  local code = main.run(argv, streams, function(name) return env[name] end)
  return { code = code, out = out.text(), err = err.text(), asked = asked }
end

--- cli.words "users list --limit 3" → { "users", "list", "--limit", "3" }
function cli.words(text)
  local out = {}
  for word in text:gmatch("%S+") do out[#out + 1] = word end
  return out
end

return cli

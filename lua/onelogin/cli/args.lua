-- args.lua - words of a command line: options, parameters, positions.
--
--   local parsed, problem = args.parse(argv, more)
--   parsed.words     positions in order
--   parsed.options   name → text | true | list of texts (many)
--   parsed.params    { { NAME, VALUE | true }, ... } that are no options: parameters of an operation
--
-- `--name value` and `--name=value` mean the same; `--` ends the options.  Knows nothing of operations.

local options = require "onelogin.cli.options"

local args = {}

--- Why a secret is no argument.
args.refusal = "--%s is not taken from arguments, which every process of this machine can read: set "
  .. "ONELOGIN_CLIENT_SECRET, give --secret-file FILE or a profile, or be asked for it"

local function set(parsed, option, value)
  if option.many then
    local list = parsed.options[option[1]] or {}
    list[#list + 1] = value
    parsed.options[option[1]] = list
  else
    parsed.options[option[1]] = value
  end
end

--- more: a list of options that only this command has.  Answers nil and a sentence when something is wrong.
function args.parse(argv, more)
  local parsed = { words = {}, options = {}, params = {} }
  local own = {}
  for _, option in ipairs(more or {}) do own[option[1]] = option end
  local i, n = 1, #argv
  while i <= n do
    local word = argv[i]
    if word == "--" then
      for k = i + 1, n do parsed.words[#parsed.words + 1] = argv[k] end
      break
    end
    local name, value = word:match("^%-%-([^=]+)=(.*)$")
    name = name or word:match("^%-%-(.+)$")
    local letter = not name and word:match("^%-(%a)$")
    if name then
      local plain = name:lower():gsub("_", "-")
      local option = own[plain] or options.by_name[plain]
      if option and option[2] == nil then
        if value and not option.optional then return nil, "--" .. plain .. " takes no value" end
        set(parsed, option, value or true)
      elseif option then
        if value == nil then
          i = i + 1
          value = argv[i]
          if value == nil then return nil, ("--%s wants a value: %s"):format(plain, option[2]) end
        end
        set(parsed, option, value)
      else
        if value == nil and argv[i + 1] and not argv[i + 1]:find("^%-%-.") then
          i = i + 1
          value = argv[i]
        end
        parsed.params[#parsed.params + 1] = { name, value == nil and true or value }
      end
    elseif letter then
      local option = options.by_short[letter]
      if not option then return nil, "unknown option -" .. letter end
      set(parsed, option, true)
    else
      parsed.words[#parsed.words + 1] = word
    end
    i = i + 1
  end
  return parsed
end

--- "a,b" → { "a", "b" }
function args.names(text)
  local out = {}
  for name in text:gmatch("[^,]+") do out[#out + 1] = (name:gsub("^%s+", ""):gsub("%s+$", "")) end
  return out
end

--- A whole number from 0, or nil.
function args.count(text)
  local n = type(text) == "string" and text:find("^%d+$") and tonumber(text)
  return n and n < 1e15 and n or nil
end

return args

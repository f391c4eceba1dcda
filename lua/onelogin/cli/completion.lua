-- completion.lua - completion scripts for bash, zsh and fish, made from the table.
--
-- completion.bash(), .zsh(), .fish() → text.  The committed files are written from these; a stale one fails the suite.

local require = require
local api = require "onelogin.api"
local names = require "onelogin.cli.names"
local options = require "onelogin.cli.options"

local completion = {}

local HEAD = "completion for onelogin. Generated from the declared table: `onelogin completion %s`; do not edit."

local commands = { "completion", "help", "repl", "request", "sandbox", "version" }

local function joined(list) return table.concat(list, " ") end

local function option_names(list, valued)
  local out = {}
  for _, option in ipairs(list) do
    if not valued or option[2] then out[#out + 1] = "--" .. option[1] end
  end
  return out
end

-- What the scripts need: { { name, ops = { { name, params = { "--x" }, enums = { { "--x", "a b" } } } } } }
local function resources()
  local out = {}
  for _, resource in ipairs(api.resources) do
    local facts = require("onelogin.api." .. resource)
    local item = { name = resource, ops = {}, words = {} }
    for _, name in ipairs(names.operations(facts)) do
      local op = { name = name, params = {}, enums = {} }
      for _, entry in ipairs(names.params(facts[name])) do
        local param = entry[1]
        local flag = "--" .. param[1]:gsub("%*$", "")
        if not options.by_name[(param[1]:gsub("_", "-"))] then op.params[#op.params + 1] = flag end
        local values = {}
        for i, value in ipairs(param.enum or {}) do values[i] = tostring(value) end
        if param[2] == "boolean" then values = { "true", "false" } end
        local plain = #values > 0
        for _, value in ipairs(values) do plain = plain and value:find("^[%w_%-%.+:/]+$") ~= nil end
        if plain then op.enums[#op.enums + 1] = { flag, joined(values) } end
      end
      item.ops[#item.ops + 1] = op
      item.words[#item.words + 1] = name
    end
    if resource == "events" then
      item.words[#item.words + 1] = "follow"
      item.ops[#item.ops + 1] = { name = "follow", params = option_names(options.follow), enums = {} }
    end
    out[#out + 1] = item
  end
  return out
end

local function first_words()
  local out = {}
  for _, name in ipairs(api.resources) do out[#out + 1] = name end
  for _, name in ipairs(commands) do out[#out + 1] = name end
  return out
end

local function with_values()
  local list = {}
  for _, set in ipairs { options.list, options.request, options.follow, options.login } do
    for _, name in ipairs(option_names(set, true)) do list[#list + 1] = name end
  end
  return list
end

-- Names of files, and of profiles, are for options that say so.
local function of_kind(kind)
  local out = {}
  for _, set in ipairs { options.list, options.follow, options.login } do
    for _, option in ipairs(set) do
      if option.file == kind then out[#out + 1] = "--" .. option[1] end
    end
  end
  return out
end

local PROFILES = "sed -n 's/^\\[\\([A-Za-z0-9_.-]*\\)\\]$/\\1/p' "
  .. '"${XDG_CONFIG_HOME:-$HOME/.config}/onelogin/config" 2>/dev/null'

-- The cases shared by bash and zsh, as lines of `case` arms that print words.
local function arms(indent)
  local out, margin = {}, (" "):rep(indent)
  local function add(...) out[#out + 1] = margin .. table.concat { ... } end
  local all = resources()
  add("_onelogin_words() { # _onelogin_words RESOURCE OPERATION OPTION: what may come next")
  add("  case \"$1 $2 $3\" in")
  for _, item in ipairs(all) do
    for _, op in ipairs(item.ops) do
      for _, enum in ipairs(op.enums) do
        add("  '", item.name, " ", op.name, " ", enum[1], "') echo '", enum[2], "'; return ;;")
      end
    end
  end
  for _, set in ipairs { options.list, options.request, options.login } do
    for _, option in ipairs(set) do
      if option.values then add("  *' --", option[1], "') echo '", joined(option.values), "'; return ;;") end
    end
  end
  for _, name in ipairs(of_kind("profiles")) do add("  *' ", name, "') ", PROFILES, "; return ;;") end
  add("  esac")
  add("  case \"$1 $2\" in")
  add("  ' ') echo '", joined(first_words()), " ", joined(option_names(options.list)), "' ;;")
  for _, item in ipairs(all) do
    local own = item.name == "login" and " " .. joined(option_names(options.login)) or ""
    add("  '", item.name, " ') echo '", joined(item.words), own, " ", joined(option_names(options.list)), "' ;;")
    for _, op in ipairs(item.ops) do
      if #op.params > 0 then
        add("  '", item.name, " ", op.name, "') echo '", joined(op.params), " ", joined(option_names(options.list)),
          "' ;;")
      end
    end
  end
  add("  'completion '*) echo 'bash zsh fish' ;;")
  add("  'help ') echo '", joined(first_words()), "' ;;")
  add("  'request '*) echo 'GET POST PUT DELETE PATCH ", joined(option_names(options.request)), " ",
    joined(option_names(options.list)), "' ;;")
  add("  'login '*) echo '", joined(option_names(options.login)), " ", joined(option_names(options.list)), "' ;;")
  for _, item in ipairs(all) do add("  'help ", item.name, "') echo '", joined(item.words), "' ;;") end
  add("  *) echo '", joined(option_names(options.list)), "' ;;")
  add("  esac")
  add("}")
  return table.concat(out, "\n")
end

--- For ~/.local/share/bash-completion/completions/onelogin.
function completion.bash()
  return table.concat({
    "# bash " .. HEAD:format("bash"),
    arms(0),
    "",
    "_onelogin() {",
    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i w option= place=()",
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    "    w=${COMP_WORDS[i]}",
    "    case $w in",
    "    " .. table.concat(with_values(), " | ") .. ") i=$((i + 1)) ;;",
    "    -*) ;;",
    "    *) place+=(\"${w//-/_}\") ;;",
    "    esac",
    "  done",
    "  case $prev in --*) option=$prev ;; esac",
    "  COMPREPLY=()",
    "  case $prev in",
    "  " .. table.concat(of_kind(true), " | ") .. ") compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\")); "
      .. "return ;;",
    "  esac",
    "  [[ $prev == --data && $cur == @* ]] && { COMPREPLY=($(compgen -P @ -f -- \"${cur#@}\")); return; }",
    "  COMPREPLY=($(compgen -W \"$(_onelogin_words \"${place[0]-}\" \"${place[1]-}\" \"$option\")\" -- \"$cur\"))",
    "}",
    "complete -F _onelogin onelogin",
    "",
  }, "\n")
end

--- For a folder of $fpath, as _onelogin.
function completion.zsh()
  return table.concat({
    "#compdef onelogin",
    "# zsh " .. HEAD:format("zsh"),
    arms(0),
    "",
    "_onelogin() {",
    "  local w option= i",
    "  local -a place",
    "  for ((i = 2; i < CURRENT; i++)); do",
    "    w=${words[i]}",
    "    case $w in",
    "    " .. table.concat(with_values(), "|") .. ") i=$((i + 1)) ;;",
    "    -*) ;;",
    "    *) place+=(\"${w//-/_}\") ;;",
    "    esac",
    "  done",
    "  case ${words[CURRENT-1]} in",
    "  " .. table.concat(of_kind(true), "|") .. ") _files; return ;;",
    "  --*) option=${words[CURRENT-1]} ;;",
    "  esac",
    "  compadd -- ${=$(_onelogin_words \"${place[1]}\" \"${place[2]}\" \"$option\")}",
    "}",
    "if [ \"$funcstack[1]\" = _onelogin ]; then _onelogin \"$@\"; else compdef _onelogin onelogin; fi",
    "",
  }, "\n")
end

--- For ~/.config/fish/completions/onelogin.fish.
function completion.fish()
  local out = {}
  local function add(...) out[#out + 1] = table.concat { ... } end
  local function summary(resource, name)
    local ok, prose = pcall(require, "onelogin.prose." .. resource)
    local text = ok and prose[name] and prose[name].summary or ""
    return text:gsub("'", "\\'")
  end
  add("# fish ", HEAD:format("fish"))
  add("function __onelogin_at # __onelogin_at WORD...: are these the positions so far?")
  add("  set -l place")
  add("  set -l skip 0")
  add("  for w in (commandline -opc)[2..-1]")
  add("    if test $skip = 1")
  add("      set skip 0")
  add("      continue")
  add("    end")
  add("    switch $w")
  add("      case ", joined(with_values()))
  add("        set skip 1")
  add("      case '-*'")
  add("      case '*'")
  add("        set place $place (string replace -a -- - _ $w)")
  add("    end")
  add("  end")
  add("  set -l count (count $argv)")
  add("  test $count -eq 0; and test (count $place) -eq 0; and return 0")
  add("  test $count -gt 0; or return 1")
  add("  if test $argv[-1] = +")
  add("    set -e argv[-1]")
  add("    set -l n (count $argv)")
  add("    test (count $place) -ge $n; and test \"$place[1..$n]\" = \"$argv\"; and return 0")
  add("    return 1")
  add("  end")
  add("  test \"$place\" = \"$argv\"")
  add("end")
  add("complete -c onelogin -f")
  for _, name in ipairs(commands) do add("complete -c onelogin -n __onelogin_at -a ", name) end
  for _, option in ipairs(options.list) do
    local line = "complete -c onelogin -l " .. option[1]
    if option.short then line = line .. " -s " .. option.short end
    if option.file == true then line = line .. " -r -F" elseif option[2] then line = line .. " -x" end
    if option.values then line = line .. " -a '" .. joined(option.values) .. "'" end
    if option.file == "profiles" then
      line = line .. " -a '(sed -n \"s/^\\\\[\\\\(.*\\\\)\\\\]\\$/\\\\1/p\" ~/.config/onelogin/config 2>/dev/null)'"
    end
    add(line, " -d '", option[3]:gsub("'", "\\'"), "'")
  end
  for _, item in ipairs(resources()) do
    add("complete -c onelogin -n __onelogin_at -a ", item.name)
    add("complete -c onelogin -n '__onelogin_at help' -a ", item.name)
    for _, op in ipairs(item.ops) do
      add("complete -c onelogin -n '__onelogin_at ", item.name, "' -a ", op.name, " -d '",
        summary(item.name, op.name), "'")
      add("complete -c onelogin -n '__onelogin_at help ", item.name, "' -a ", op.name)
      local values = {}
      for _, enum in ipairs(op.enums) do values[enum[1]] = enum[2] end
      for _, flag in ipairs(op.params) do
        if flag:sub(-1) ~= "." then
          add("complete -c onelogin -n '__onelogin_at ", item.name, " ", op.name, " +' -l ", flag:sub(3),
            values[flag] and " -x -a '" .. values[flag] .. "'" or " -x")
        end
      end
    end
  end
  add("complete -c onelogin -n '__onelogin_at completion' -a 'bash zsh fish'")
  for _, command in ipairs { "request", "login" } do
    for _, option in ipairs(options[command]) do
      add("complete -c onelogin -n '__onelogin_at ", command, " +' -l ", option[1],
        option.file and " -r -F" or option[2] and " -x" or "",
        option.values and " -a '" .. joined(option.values) .. "'" or "", " -d '", option[3]:gsub("'", "\\'"), "'")
    end
  end
  add("")
  return table.concat(out, "\n")
end

return completion

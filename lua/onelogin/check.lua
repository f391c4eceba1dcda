-- check.lua - what can be known to be wrong with a call before anything is sent.
--
-- From the facts of an operation, once per operation, a plan is made; a call is then split by it into
-- path ids, query, body and options. The rules are never stricter than the server is known to be, and
-- exactly what the caller set is sent: the caller's tables are read, never changed, and what goes out is
-- a copy one level deep (deeper values are the caller's own, to be read only).
--
--   ids, query, body, opts, retry, headers = check.call(entry, "users.get", argc, ...)
--
--   ids    array of strings and numbers, one for each placeholder of the path
--   query  array of { name, value } (both strings) in declared order, or nil
--   body   the JSON body as a Lua value, or nil
--   opts   the options table as given, or nil
--   retry  "never" when a parameter makes this very call unrepeatable, else nil
--   headers  name -> value of the parameters that travel as headers, or nil
--
-- Misuse throws a string that names the argument and the remedy, placed at the caller of the function
-- that calls check.call. check.try does the same and returns nil, message instead.

local suggest = require "onelogin.suggest"
local json = require("onelogin.core").json

local check = {}

local floor, huge = math.floor, math.huge
local type, pairs, next, tostring, tonumber, select = type, pairs, next, tostring, tonumber, select
local concat, sort = table.concat, table.sort
local tointeger = math.tointeger -- nil before 5.3, where a float may be whole and an integer at once
local null, is_array, is_integer = json.null, json.is_array, json.is_integer

-- An integer that this Lua's numbers cannot hold, as the JSON mapping reads it.
local function is_boxed(value)
  return type(value) == "userdata" and not rawequal(value, null) and is_integer(value)
end

-- Options -----------------------------------------------------------------------------------------

local function seconds(value)
  if type(value) ~= "number" or value ~= value or value <= 0 then return "a number of seconds above 0" end
end

local function count(value)
  if type(value) ~= "number" or value < 1 or value % 1 ~= 0 then return "a whole number from 1" end
end

local function flag(value)
  if type(value) ~= "boolean" then return "true or false" end
end

local function anything() end

-- What a call can be told besides its parameters; each name has the rule that its value follows.
check.options = {
  timeout = seconds,         -- for each attempt
  connect_timeout = seconds,
  deadline = seconds,        -- for the call with all its attempts; in a walk, for each page
  attempts = count,
  retry = anything,
  nulls = function(value)
    if value ~= "nil" and value ~= "sentinel" then return '"nil" or "sentinel"' end
  end,
  allow_unknown = flag,      -- unknown parameters pass
  missing_ok = flag,         -- not found is nil, and no error
  dry_run = flag,
  snapshot = flag,           -- a walk collects the ids before it hands out the first item
  max_pages = count,
  wait_rate_limit = anything,
  fetch = flag,              -- read the whole object after an answer of { id }
  lanes = count,             -- a walk fetches so many pages at once
}

-- Telling what was given --------------------------------------------------------------------------

-- Words for a value in a message. hide is true for a secret: only the type is told. In operations that carry
-- secrets it is "strings": no string is ever shown, for one may have slipped into the wrong place.
local function shown(value, hide)
  local kind = type(value)
  if value == null then return "null" end
  if kind == "string" then
    if hide then return "a string" end
    local text = value:gsub("[%c\127]", "?")
    if #text > 40 then text = text:sub(1, 40):gsub("[\128-\255]+$", "") .. "..." end
    return '"' .. text .. '"'
  end
  if kind == "number" then
    if hide == true then return "a number" end
    if value ~= value then return "nan" end
    if value == floor(value) and value < huge and value > -huge then return ("%.0f"):format(value) end
    return tostring(value)
  end
  if kind == "boolean" or kind == "nil" then return tostring(value) end
  if is_boxed(value) then return hide == true and "a number" or tostring(value) end
  return "a " .. kind
end

local function article(kind)
  local item = kind:match("^array<(%l+)>$")
  if item then return "an array of " .. item .. "s" end
  if kind == "any" then return "a JSON value" end
  return (kind:find("^[aio]") and "an " or "a ") .. kind
end

-- Types -------------------------------------------------------------------------------------------
-- A test answers the value to send (not nil), or nil and, at times, what it should have been instead of
-- the type's own name.

-- A whole number: an integer, a whole float (made an integer where Lua has them), digits, a boxed integer.
local function whole(value)
  local kind = type(value)
  if kind == "number" then
    if value ~= floor(value) or value == huge or value == -huge then return nil end
    if tointeger then return tointeger(value) or value end
    return value
  end
  if kind == "string" then
    if value:find("^%-?%d+$") then return value end
    return nil
  end
  if is_boxed(value) then return value end
end

local function text(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then
    if value ~= value or value == huge or value == -huge then return nil end
    return value
  end
  if is_boxed(value) then return value end
end

local function number(value)
  if type(value) == "string" then
    if tonumber(value) and not value:find("[xXnN]") then return value end
    return nil
  end
  return text(value)
end

local function boolean(value)
  if type(value) == "boolean" then return value end
end

-- A table that JSON would write as an array, or that may be one because it is empty.
local function array(value)
  if type(value) ~= "table" then return nil end
  if next(value) == nil then
    if is_array(value) then return value end
    return json.array({})
  end
  if value[1] == nil and not is_array(value) then return nil end
  return value
end

local function object(value)
  if type(value) ~= "table" then return nil end
  if next(value) == nil then
    if is_array(value) then return value end -- read from the server as [], and goes back as []
    return {}
  end
  if value[1] ~= nil then return nil end
  return value
end

local function any(value)
  local kind = type(value)
  if kind == "function" or kind == "thread" then return nil end
  return value
end

local types = { string = text, integer = whole, number = number, boolean = boolean,
                array = array, object = object, any = any }

-- A number or a boxed integer as it is written in a URL.
local function plain(value)
  if type(value) == "number" then
    if value == floor(value) and value < 1e15 and value > -1e15 then return ("%.0f"):format(value) end
    local short = ("%.14g"):format(value)
    if tointeger and math.type(value) == "integer" then return ("%d"):format(value) end
    return tonumber(short) == value and short or ("%.17g"):format(value)
  end
  return tostring(value)
end

-- Plans -------------------------------------------------------------------------------------------

local function quoted(values)
  local out = {}
  for i = 1, #values do out[i] = shown(values[i]) end
  return concat(out, ", ")
end

local compile_param

local function compile_members(fields, secret)
  local members = {}
  for i = 1, #fields do
    members[i] = compile_param(fields[i], nil, secret)
    members[i].required = fields[i].required
  end
  return members
end

-- What is wrong with a member of an object ("address: must be a string, got 5"), or nil. Unknown ones pass.
local function wrong_member(members, value, hide)
  for i = 1, #members do
    local member = members[i]
    local given = value[member.name]
    if given == nil then
      if member.required then return "needs the member " .. member.name .. " (" .. member.kind .. ")" end
    elseif given ~= null then
      local sent, wrong = member.test(given, hide)
      if sent == nil then return "member " .. member.name .. " " .. wrong end
    end
  end
end

-- One parameter of a plan. test(value, hide) answers the value to send, or nil and the complaint
-- ("must be an integer, got true").
function compile_param(param, place, secret)
  local kind = param[2]
  local item = kind:match("^array<(%l+)>$")
  local base = types[item or kind]
  local enum, least, most = param.enum, param.min, param.max
  local allowed
  if enum then
    allowed = {}
    for i = 1, #enum do allowed[tostring(enum[i])] = true end
  end
  local always = secret[param[1]]
  local members = param.fields and compile_members(param.fields, secret)

  local function scalar(value, hide)
    hide = always or hide
    local sent = base(value)
    if sent == nil then return nil, "must be " .. article(item or kind) .. ", got " .. shown(value, hide) end
    if members then
      local wrong = wrong_member(members, sent, always or hide)
      if wrong then return nil, wrong end
    end
    if allowed and not allowed[plain(sent)] then
      return nil, "must be one of " .. quoted(enum) .. ", got " .. shown(value, hide)
    end
    if least or most then
      local size = tonumber(plain(sent))
      if least and size < least then
        return nil, "must be at least " .. plain(least) .. ", got " .. shown(value, hide)
      end
      if most and size > most then
        return nil, "must be at most " .. plain(most) .. ", got " .. shown(value, hide)
      end
    end
    return sent
  end

  local function items(value, hide)
    local sent = array(value)
    local named = not sent and type(value) == "table"
    for key in pairs(sent or {}) do
      named = named or type(key) ~= "number"
    end
    if not sent or named then
      local got = named and "a table with names instead of positions" or shown(value, always or hide)
      return nil, "must be " .. article(kind) .. ", got " .. got
    end
    local copy
    for i = 1, #sent do
      if sent[i] ~= null then
        local one, wrong = scalar(sent[i], hide)
        if one == nil then return nil, "item " .. i .. " " .. wrong end
        -- 8.0 goes out as 8, in a copy
        if one ~= sent[i] or (tointeger and math.type(one) ~= math.type(sent[i])) then
          if not copy then
            copy = is_array(sent) and json.array({}) or {}
            for j = 1, #sent do copy[j] = sent[j] end
          end
          copy[i] = one
        end
      end
    end
    return copy or sent
  end

  return {
    name = param[1],
    kind = kind,
    place = place,
    listed = item ~= nil or kind == "array",
    scalar = scalar,
    test = (item and items) or scalar,
  }
end

local function set_of(names)
  local set = {}
  for i = 1, #(names or {}) do set[names[i]] = true end
  return set
end

local function compile(entry, name)
  local ids = entry.ids or {}
  local secret = set_of(entry.secret)
  local body = entry.body
  local object_body = type(body) == "table"
  local plan = {
    name = name,
    n = #ids,
    id_names = {}, id_tests = {}, id_types = {},
    params = {},      -- name -> compiled parameter
    query = {},       -- in declared order
    prefixes = {},    -- parameters whose name is a beginning
    whole_body = not object_body and body or nil,
    rest = (object_body or (not body and entry.method ~= "GET")) and "body" or "query",
    has_body = body ~= nil,
    required = {},
    read_only = set_of(entry.read_only),
    secret = secret,
    hide = next(secret) ~= nil and "strings" or nil,
    never_with = entry.never_with,
    paging = entry.paging,
    wrap = entry.wrap,
  }
  for i = 1, #ids do
    plan.id_names[i], plan.id_types[i] = ids[i][1], ids[i][2]
    plan.id_tests[i] = types[ids[i][2]]
  end
  local function add(list, place)
    for i = 1, #list do
      local param = compile_param(list[i], place, secret)
      if param.name:sub(-2) == ".*" then
        param.prefix = param.name:sub(1, -2)
        plan.prefixes[#plan.prefixes + 1] = param
      else
        plan.params[param.name] = param
      end
      if place == "query" then plan.query[#plan.query + 1] = param end
      if list[i].required then plan.required[#plan.required + 1] = param end
    end
  end
  add(entry.query or {}, "query")
  add(entry.headers or {}, "header")
  if object_body then
    add(body, "body")
  elseif body == "array" then
    plan.array = compile_param({ "the array", "array<" .. (entry.items or "any") .. ">" }, "body", secret)
  end

  local words = {}
  for i = 1, #ids do words[i] = ids[i][1] end
  local params = body == "array" and "array" or (body == "any" and "value") or "params"
  local must = plan.whole_body or plan.required[1]
  if must then words[#words + 1] = params end
  local usage = concat(words, ", ")
  local tail = must and "[, opts]" or "[, params [, opts]]"
  if usage == "" then tail = "[params [, opts]]" end
  plan.usage = name:gsub("%.", ":", 1) .. "(" .. usage .. (usage == "" and "" or " ") .. tail .. ")"
  return plan
end

-- Facts stay pure data: what is made of them lives here, as long as they do.
local plans = setmetatable({}, { __mode = "k" })

-- Complaints --------------------------------------------------------------------------------------

local function complain(plan, complaint)
  return nil, plan.name .. ": " .. complaint
end

local function usage_hint(plan)
  return "; call it as " .. plan.usage
end

local function unknown_parameter(plan, key)
  if type(key) ~= "string" then
    return complain(plan, "parameters have names, but params holds the key " .. shown(key, plan.hide)
      .. usage_hint(plan))
  end
  if check.options[key] then
    return complain(plan, ('"%s" is an option, not a parameter: pass it as the next argument'):format(key))
  end
  if plan.read_only[key] then
    return complain(plan, ('"%s" is read-only'):format(key))
  end
  if key == plan.wrap then
    return complain(plan, ('"%s" is put around the body for you: give its members as parameters'):format(key))
  end
  local pass = " (allow_unknown = true in the options passes it through)"
  local near = suggest(key, plan.params)
  if near then
    return complain(plan, ("unknown parameter %s, did you mean \"%s\"?"):format(shown(key), near) .. pass)
  end
  for i = 1, plan.n do
    if plan.id_names[i] == key then
      return complain(plan, ('"%s" is argument %d, not a parameter'):format(key, i) .. usage_hint(plan))
    end
  end
  if next(plan.params) == nil and not plan.prefixes[1] then
    return complain(plan, ("takes no parameters, got %s"):format(shown(key)) .. pass)
  end
  return complain(plan, ("unknown parameter %s"):format(shown(key)) .. pass)
end

-- The parts of a call -----------------------------------------------------------------------------

local function check_opts(plan, opts)
  for key, value in pairs(opts) do
    local rule = check.options[key]
    if not rule then
      if plan.params[key] then
        return complain(plan, ('"%s" is a parameter, not an option: pass it in argument %d'):format(key, plan.n + 1))
      end
      local near = suggest(key, check.options)
      return complain(plan, "unknown option " .. shown(key)
        .. (near and (', did you mean "' .. near .. '"?') or ""))
    end
    local wrong = rule(value)
    if wrong then return complain(plan, ("option \"%s\" must be %s, got %s"):format(key, wrong, shown(value))) end
  end
  return true
end

-- The text of one query value, or nil and a complaint.
local function query_text(plan, param, value)
  if value == null then return nil, "cannot be null here; leave it out" end
  if type(value) ~= "table" then
    if param.listed and type(value) == "string" then -- already joined by the caller
      for part in value:gmatch("[^,]+") do
        local sent, wrong = param.scalar(part, plan.hide)
        if sent == nil then return nil, wrong end
      end
      return value
    end
    local sent, wrong = param.scalar(value, plan.hide)
    if sent == nil then return nil, wrong end
    return plain(sent)
  end
  if not param.listed then
    return nil, "must be " .. article(param.kind) .. ", got a table"
  end
  local sent, wrong = param.test(value, plan.hide)
  if not sent then return nil, wrong end
  local out = {}
  for i = 1, #sent do
    if sent[i] == null then return nil, "item " .. i .. " cannot be null here" end
    out[i] = plain(sent[i])
  end
  return concat(out, ",")
end

-- A value for which the table has no rule, as the text of a query.
local function unruled_text(value)
  if type(value) == "table" then
    local out = {}
    for i = 1, #value do out[i] = plain(value[i]) end
    return concat(out, ",")
  end
  return plain(value)
end

local function by_name(a, b) return a[1] < b[1] end

-- Puts the gathered texts (name -> text) into the declared order; then the ones nobody declared, sorted.
local function ordered(plan, texts, prefixed)
  local query = {}
  for i = 1, #plan.query do
    local param = plan.query[i]
    if param.prefix then
      local family = {}
      for key, owner in pairs(prefixed or {}) do
        if owner == param then family[#family + 1] = { key, texts[key] } end
      end
      sort(family, by_name)
      for j = 1, #family do
        query[#query + 1] = family[j]
        texts[family[j][1]] = nil
      end
    elseif texts[param.name] then
      query[#query + 1] = { param.name, texts[param.name] }
      texts[param.name] = nil
    end
  end
  local strays = {}
  for key, value in pairs(texts) do strays[#strays + 1] = { key, value } end
  sort(strays, by_name)
  for i = 1, #strays do query[#query + 1] = strays[i] end
  return query
end

-- The rule for a parameter of this name: its own, or that of a family ("custom_attributes.*").
local function rule_of(plan, key)
  local param = plan.params[key]
  if param then return param end
  for i = 1, #plan.prefixes do
    local family = plan.prefixes[i]
    if type(key) == "string" and #key > #family.prefix and key:sub(1, #family.prefix) == family.prefix then
      return family
    end
  end
end

local function split(plan, params, opts)
  local texts, body, prefixed, headers
  if plan.has_body then body = {} end
  for key, value in pairs(params) do
    local param = rule_of(plan, key)
    if not param then
      if not (opts and opts.allow_unknown and type(key) == "string") then return unknown_parameter(plan, key) end
      if plan.rest == "body" then
        body = body or {}
        body[key] = value
      else
        texts = texts or {}
        texts[key] = unruled_text(value)
      end
    elseif param.place == "query" then
      local sent, wrong = query_text(plan, param, value)
      if not sent then return complain(plan, key .. " " .. wrong) end
      texts = texts or {}
      texts[key] = sent
      if param.prefix then
        prefixed = prefixed or {}
        prefixed[key] = param
      end
    elseif param.place == "header" then
      local sent, wrong = query_text(plan, param, value)
      if not sent then return complain(plan, key .. " " .. wrong) end
      if sent:find("[%c\127]") then
        return complain(plan, key .. " must not hold control characters: it is a header")
      end
      headers = headers or {}
      headers[key] = sent
    elseif value == null then
      body[key] = value
    else
      local sent, wrong = param.test(value, plan.hide)
      if sent == nil then return complain(plan, key .. " " .. wrong) end
      body[key] = sent
    end
  end

  if plan.paging == "v2" and texts and texts.cursor then
    for _, other in ipairs { "limit", "page" } do
      if texts[other] then
        return complain(plan, ('"cursor" and "%s" exclude each other: the cursor already says it'):format(other))
      end
    end
  end
  if plan.wrap and body then body = { [plan.wrap] = body } end
  return true, texts and ordered(plan, texts, prefixed), body, headers
end

local function missing(plan, params)
  for i = 1, #plan.required do
    local param = plan.required[i]
    if params == nil or params[param.name] == nil then
      return complain(plan, ("%s is required (%s)"):format(param.name, param.kind) .. usage_hint(plan))
    end
  end
end

local function bad_id(plan, i, value)
  local complaint = ("%s (argument %d) must be %s, got %s"):format(
    plan.id_names[i], i, article(plan.id_types[i]), shown(value, plan.hide))
  return complain(plan, complaint .. usage_hint(plan))
end

local function check_ids(plan, ...)
  local ids = {}
  for i = 1, plan.n do
    local value = (select(i, ...))
    local sent = value ~= null and plan.id_tests[i](value) or nil
    if sent == nil then return bad_id(plan, i, value) end
    if type(sent) ~= "string" and type(sent) ~= "number" then sent = tostring(sent) end
    ids[i] = sent
  end
  return ids
end

local function never(plan, params)
  local names = plan.never_with
  for i = 1, names and #names or 0 do
    local value = params[names[i]]
    if value ~= nil and value ~= null then return "never" end
  end
end

local function body_argument(plan, params, argc)
  if params == nil then
    local what = plan.array and article(plan.array.kind) or "a value"
    return complain(plan, ("argument %d must be %s, got %s"):format(plan.n + 1, what,
      argc > plan.n and "nil" or "nothing") .. usage_hint(plan))
  end
  if not plan.array then return true, params end
  local sent, wrong = plan.array.test(params, plan.hide)
  if not sent then
    return complain(plan, ("argument %d %s"):format(plan.n + 1, wrong) .. usage_hint(plan))
  end
  return true, sent
end

-- Everything that the short way of check.try leaves open.
local function thorough(plan, argc, ...)
  local n = plan.n
  local ids, problem = check_ids(plan, ...)
  if not ids then return nil, problem end
  if argc > n + 2 then
    return complain(plan, ("takes at most %d arguments, got %d"):format(n + 2, argc) .. usage_hint(plan))
  end
  local params, opts = select(n + 1, ...)
  if argc <= n then params = nil end
  if argc <= n + 1 then opts = nil end

  if opts ~= nil then
    if type(opts) ~= "table" then
      return complain(plan, ("options (argument %d) must be a table, got %s"):format(n + 2, shown(opts, plan.hide))
        .. usage_hint(plan))
    end
    local fine
    fine, problem = check_opts(plan, opts)
    if not fine then return nil, problem end
  end

  local fine, query, body, headers
  if plan.whole_body then
    fine, body = body_argument(plan, params, argc)
    if not fine then return nil, body end
    return ids, nil, body, opts
  end
  if params ~= nil and type(params) ~= "table" then
    return complain(plan, ("params (argument %d) must be a table, got %s"):format(n + 1, shown(params, plan.hide))
      .. usage_hint(plan))
  end
  if params then
    fine, query, body, headers = split(plan, params, opts)
    if not fine then return nil, query end
  end
  if plan.required[1] then
    local _
    _, problem = missing(plan, params)
    if problem then return nil, problem end
  end
  return ids, query, body, opts, params and never(plan, params), headers
end

-- ids, query, body, opts, retry, headers; or nil and the message.
function check.try(entry, name, argc, ...)
  local plan = plans[entry]
  if not plan then
    plan = compile(entry, name)
    plans[entry] = plan
  end
  -- The short way: one id that is an integer, and nothing else.
  if argc == 1 and plan.n == 1 then
    local id = ...
    if type(id) == "number" and id % 1 == 0 and id ~= huge and id ~= -huge
       and not plan.required[1] and not plan.whole_body then
      if tointeger then id = tointeger(id) or id end
      return { id }
    end
  end
  return thorough(plan, argc, ...)
end

-- How a call of this operation is written: "users:get(user_id [, params [, opts]])".
function check.usage(entry, name)
  plans[entry] = plans[entry] or compile(entry, name)
  return plans[entry].usage
end

function check.call(entry, name, argc, ...)
  local ids, query, body, opts, retry, headers = check.try(entry, name, argc, ...)
  if not ids then error(query, 3) end
  return ids, query, body, opts, retry, headers
end

return check

-- schema.lua - the language in which the API is declared, and the check that a declaration keeps to it.
--
-- An operation is declared twice: its facts in api/RESOURCE.lua (what the client, the checks and the
-- sandbox need) and its prose in prose/RESOURCE.lua (what help and documentation need). Everything else
-- about an operation is derived. A way in which one operation differs from the rest is a named trait,
-- listed here and implemented once; a key that is not listed here is a mistake.
--
-- Used by specs and tools only: require "onelogin" does not load this file.

local schema = {}

-- Types of path ids, parameters and array items. "array<integer>" and so on name the type of the items.
-- "any" is whatever JSON can say.
schema.types = { string = true, integer = true, number = true, boolean = true,
                 array = true, object = true, any = true }

-- The documented scopes of a credential pair.
schema.scopes = { ["Authentication Only"] = true, ["Read Users"] = true, ["Manage Users"] = true,
                  ["Read All"] = true, ["Manage All"] = true }

-- Rules -------------------------------------------------------------------------------------------
-- A rule takes a value and answers nil when it is well, else what it should have been.

local function is(kind)
  return function(value)
    if type(value) ~= kind then return "a " .. kind end
  end
end

local function one_of(...)
  local allowed, names = {}, { ... }
  for i = 1, #names do allowed[names[i]] = true end
  return function(value)
    if not allowed[value] then return "one of " .. table.concat(names, ", ") end
  end
end

local function only_true(value)
  if value ~= true then return "true, or left out" end
end

-- An array (no holes, nothing beside the positions) whose members follow a rule.
local function list_of(rule, what)
  return function(value)
    if type(value) ~= "table" then return "a list of " .. what end
    local count = 0
    for key in pairs(value) do
      if type(key) ~= "number" then return "a list of " .. what end
      count = count + 1
    end
    if count ~= #value then return "a list of " .. what .. " without holes" end
    for i = 1, #value do
      local wrong = rule(value[i])
      if wrong then return "a list of " .. what .. " (member " .. i .. " should be " .. wrong .. ")" end
    end
  end
end

local function name(value)
  if type(value) ~= "string" or value == "" then return "a name" end
end

local function operation_id(value)
  if type(value) ~= "string" or not value:find("^[%l%d_]+%.[%l%d_]+$") then return "an id such as users.get" end
end

local function page(value)
  if type(value) ~= "string" or not value:find("^https://[%w%.%-]+/?%S*$") then return "an https address" end
end

local function status(value)
  if type(value) ~= "number" or value % 1 ~= 0 or value < 200 or value > 399 then return "a status from 200 to 399" end
end

local function scope(value)
  if not schema.scopes[value] then return "a documented scope" end
end

local function known_type(value)
  if type(value) ~= "string" then return "a type" end
  local item = value:match("^array<(%l+)>$")
  if not schema.types[item or value] or item == "array" then return "a known type" end
end

-- One parameter: { NAME, TYPE, key = value, ... }.
schema.param = {
  -- A body or query without it is refused before it is sent.
  required = only_true,
  -- The only values; for an array, the only items.
  enum = function(value)
    if type(value) ~= "table" or #value == 0 then return "a list of values" end
  end,
  -- Bounds that the server enforces; a value outside is refused before it is sent.
  min = is "number",
  max = is "number",
  -- A bound that the server does not enforce: beyond it one gets no more, but no error either.
  cap = is "number",
  -- What the server takes when it is left out. Never sent by us.
  default = function(value)
    if type(value) == "table" then return "a plain value" end
  end,
  -- "*" in the value is a wildcard to the server: typed names must not go here unexamined.
  wildcard = only_true,
}
-- A name that ends in ".*" stands for every name with that beginning ("custom_attributes.*").

local param_problem -- below; members of an object are parameters too

-- The known members of an object: told in the documentation, and refused when their type is wrong or a required
-- one is missing. Others pass.
schema.param.fields = function(value)
  for i = 1, type(value) == "table" and #value or 0 do
    local wrong = param_problem(value[i])
    if wrong then return wrong end
  end
  if type(value) ~= "table" or #value == 0 then return "a list of parameters" end
end
-- The server takes it and does nothing with it: what was read can be written back whole.
schema.param.ignored = only_true

function param_problem(param)
  if type(param) ~= "table" then return "a parameter table" end
  if type(param[1]) ~= "string" or not param[1]:find("^[%a_][%w_%-%[%]]*[%w_%-%.%[%]]*%*?$") then
    return "a parameter with a name"
  end
  local wrong = known_type(param[2])
  if wrong then return param[1] .. " with " .. wrong end
  for key, value in pairs(param) do
    if key ~= 1 and key ~= 2 then
      local rule = schema.param[key]
      if not rule then return param[1] .. " without the unknown key " .. tostring(key) end
      wrong = rule(value)
      if wrong then return param[1] .. "." .. key .. " as " .. wrong end
    end
  end
end

local params = list_of(param_problem, "parameters")

-- One operation -----------------------------------------------------------------------------------
schema.entry = {
  -- The request.
  method = one_of("GET", "POST", "PUT", "PATCH", "DELETE"),
  path = function(value) -- "/api/2/users/{user_id}"; each {name} is one of ids
    if type(value) ~= "string" or not value:find("^/[%w_%-%./{}]+$") then return "a path" end
  end,
  ids = list_of(function(id) -- { { "user_id", "integer" } }, in the order of the path
    if type(id) ~= "table" or type(id[1]) ~= "string" or id[3] ~= nil then return "{ NAME, TYPE }" end
    if id[2] ~= "integer" and id[2] ~= "string" then return "an integer or a string" end
  end, "path ids"),
  query = params,
  -- A list of parameters makes a JSON object; "array" is a bare JSON array of `items`, and then the params
  -- argument of a call is that array; "any" is any JSON value.
  body = function(value)
    if value ~= "array" and value ~= "any" then return params(value) end
  end,
  items = known_type,
  wrap = name, -- the object body is sent as the one member of this name: { user_field = { ... } }
  form = only_true, -- the body is sent as an HTML form and not as JSON
  headers = params, -- parameters that are sent as headers of these names
  host = page, -- the one place this goes to, whatever the client's base URL; never with a bearer

  -- Who asks. scopes = {} where no page names any.
  scopes = list_of(scope, "scopes"),
  -- "bearer" (default) the access token; "client" the credential pair; "none" nothing.
  auth = one_of("bearer", "client", "none"),

  -- The answer. Envelopes: "bare" (default) the body is the answer; "v1" { status, data, pagination },
  -- a 2xx whose status says error is an error; "token" bare, but an error may come in v1 form under
  -- HTTP 200.
  envelope = one_of("bare", "v1", "token"),
  -- "object" (default; an array of one is opened), "list", "none" (true; a bare body is not even looked at),
  -- "value" (whatever it is, a string or a boolean mostly; an array of one is opened).
  result = one_of("object", "list", "none", "value"),
  format = one_of("json", "xml", "text"), -- default json
  root = name, -- the root element an XML answer must have
  nested = only_true, -- the list may come wrapped once more: data: [[1, 2]], and [[]] when empty
  unwrap = name, -- the list or value is this member of an object
  -- Somebody is let in by this call, and a 2xx may mean "not yet": what does not say success is false, and the second
  -- value says why (status_type "pending" or "undecided").
  pending = only_true,
  -- "v1": cursors in the body's pagination; "v2": cursors and counts in the headers; "camel": total, afterCursor
  -- and beforeCursor beside the list in the body.
  paging = one_of("v1", "v2", "camel"),
  pin = name, -- the sort value that makes walks stable; only where sorting is documented
  success = list_of(status, "statuses"), -- documented codes, the likeliest first; default 200. Any 2xx is success.
  -- The answer is only { id }; this operation reads the rest when the caller wants it. Its path ids are those of this
  -- call, and the answer's id where it has one more.
  fetch = operation_id,

  -- Trouble. "safe": may be repeated at will (default for GET); "unsent": only when no byte of it left
  -- (default for the others); "never": carries a password or a code.
  retry = one_of("safe", "unsent", "never"),
  never_with = list_of(name, "parameter names"), -- one of these makes this call a "never"
  person = only_true, -- a 401 may be about the end user (wrong code or password): kind "denied"

  -- Care.
  secret = list_of(name, "names"), -- parameters and answer fields that are never shown
  read_only = list_of(name, "names"), -- fields of the answer that a body may not set

  -- Standing.
  status = one_of("deprecated", "early_preview"), -- absent: current
  replaced_by = operation_id,
  doc = page, -- absent only where no page exists, and then no scopes are documented either
}

local mandatory = { "method", "path", "scopes" }

-- What the parts of an entry must be to each other -------------------------------------------------

local function set_of(names)
  local set = {}
  for i = 1, #(names or {}) do set[names[i]] = true end
  return set
end

local function type_fits(kind, value)
  kind = kind:match("^array<(%l+)>$") or kind
  if kind == "integer" then return type(value) == "number" and value % 1 == 0 end
  if kind == "any" then return true end
  if kind == "array" or kind == "object" then return false end
  return type(value) == kind
end

local function check_param(param, say)
  local id, kind = param[1], param[2]
  for _, value in ipairs(param.enum or {}) do
    if not type_fits(kind, value) then say("%s: the enum value %s is no %s", id, tostring(value), kind) end
  end
  if param.default ~= nil then
    if not type_fits(kind, param.default) then say("%s: the default is no %s", id, kind) end
    if param.enum and not set_of(param.enum)[param.default] then say("%s: the default is not in the enum", id) end
    local size = tonumber(param.default)
    if size and param.min and size < param.min then say("%s: the default is below the minimum", id) end
    if size and param.max and size > param.max then say("%s: the default is above the maximum", id) end
  end
  if param.min and param.max and param.min > param.max then say("%s: min is above max", id) end
  local base = kind:match("^array<(%l+)>$") or kind
  if (param.min or param.max or param.cap) and base ~= "integer" and base ~= "number" then
    say("%s: bounds are for numbers", id)
  end
  if param.wildcard and kind ~= "string" then say("%s: wildcards are for strings", id) end
  if param.fields and kind ~= "object" and kind ~= "array<object>" then say("%s: fields are for objects", id) end
end

-- Names that smell of a secret must be marked as one; these only sound like it.
local harmless = { password_algorithm = true, numeric_sms_otp = true, token_endpoint_auth_method = true,
                   state_token_expires_in = true, otp_device_name = true }

local function smells(param_name, kind)
  if harmless[param_name] or (kind ~= "string" and kind ~= "any") then return false end
  for _, word in ipairs { "password", "otp", "token", "secret", "salt", "api_key" } do
    if param_name:find(word, 1, true) then return true end
  end
  return false
end

local function check_path(entry, say)
  local ids, seen = entry.ids or {}, 0
  for placeholder in entry.path:gmatch("{([^}]*)}") do
    seen = seen + 1
    if not ids[seen] or ids[seen][1] ~= placeholder then
      say("path has {%s} where ids has %s", placeholder, ids[seen] and ids[seen][1] or "nothing")
    end
  end
  if seen ~= #ids then say("ids has %d names and path %d", #ids, seen) end
end

local function check_paging(entry, declared, say)
  if not entry.paging then
    if entry.pin then say("pin without paging") end
    return
  end
  if entry.result ~= "list" then say("paging needs result = \"list\"") end
  local cursor = entry.paging == "v2" and "cursor" or "after_cursor"
  if not declared[cursor] then say("paging %s needs the parameter %s", entry.paging, cursor) end
  if entry.paging ~= "camel" and not declared.limit then say("paging needs the parameter limit") end
  if entry.pin and not declared.sort then say("pin needs the parameter sort") end
end

local function check_entry(entry, say)
  local declared, in_body = {}, {}
  local function gather(list, into)
    for _, param in ipairs(type(list) == "table" and list or {}) do
      if declared[param[1]] then say("%s is declared twice", param[1]) end
      declared[param[1]] = param
      if into then into[param[1]] = param end
      check_param(param, say)
    end
  end
  gather(entry.query)
  gather(entry.headers)
  gather(entry.body, in_body)
  check_path(entry, say)
  check_paging(entry, declared, say)

  local secret = set_of(entry.secret)
  for id, param in pairs(declared) do
    if smells(id, param[2]) and not secret[id] then say("%s looks secret and is not marked so", id) end
    if secret[id] and (id:find("password", 1, true) or id:find("otp", 1, true)) and entry.retry ~= "never"
       and not set_of(entry.never_with)[id] then
      say("%s calls for retry = \"never\" or never_with", id)
    end
  end
  for _, id in ipairs(entry.never_with or {}) do
    if not declared[id] then say("never_with names %s, which is no parameter", id) end
  end
  if entry.never_with and entry.retry == "never" then say("never_with beside retry = \"never\" says nothing") end
  for _, id in ipairs(entry.read_only or {}) do
    if in_body[id] then say("%s is read_only and a body parameter", id) end
  end
  if entry.read_only and not entry.body then say("read_only without a body") end

  if (entry.body == "array") ~= (entry.items ~= nil) then say("items belongs to body = \"array\"") end
  if type(entry.body) == "string" and entry.query then
    say("a body that is the whole params argument leaves no room for a query")
  end
  if entry.body and entry.method == "GET" then say("a GET has no body") end
  if entry.nested and entry.result ~= "list" then say("nested needs result = \"list\"") end
  if entry.unwrap and entry.result ~= "list" and entry.result ~= "value" then
    say("unwrap needs result = \"list\" or \"value\"")
  end
  if (entry.wrap or entry.form) and type(entry.body) ~= "table" then say("wrap and form need an object body") end
  if entry.host and entry.auth ~= "none" then say("host needs auth = \"none\"") end
  if entry.method ~= "GET" and entry.retry == "safe" and not entry.doc then say("retry = \"safe\" needs a source") end
  if not entry.doc and entry.scopes[1] then say("doc is missing") end
end

-- Prose -------------------------------------------------------------------------------------------
schema.prose = {
  summary = name, -- one line, no full stop
  params = function(value) -- NAME = text, for ids and parameters; ["OBJECT.MEMBER"] = text for members
    if type(value) ~= "table" then return "a table of texts" end
    for key, text in pairs(value) do
      if name(key) or name(text) then return "a table of texts" end
    end
  end,
  notes = list_of(name, "texts"), -- what surprises people, one thought a note
  -- { STATUS, MESSAGE or false, WHEN }: errors beyond those that every operation of the service has
  -- (prose/common.lua).
  errors = list_of(function(value)
    if type(value) ~= "table" or type(value[1]) ~= "number" or type(value[3]) ~= "string" or #value ~= 3
       or (type(value[2]) ~= "string" and value[2] ~= false) then
      return "{ STATUS, MESSAGE or false, WHEN }"
    end
  end, "errors"),
  -- call: a Lua expression with `ol` for the client. http: what it must send, written by hand:
  -- method, path (filled in, without the query), query (NAME = the text sent), headers, body (a Lua value).
  example = function(value)
    if type(value) ~= "table" then return "an example" end
    if type(value.call) ~= "string" or not value.call:find("^ol%.") then return "an example with a call on ol" end
    if type(value.http) ~= "table" then return "an example with its http" end
    for key in pairs(value) do
      if key ~= "call" and key ~= "http" then return "an example of call and http only" end
    end
    for key in pairs(value.http) do
      if key ~= "method" and key ~= "path" and key ~= "query" and key ~= "headers" and key ~= "body" then
        return "an http of method, path, query, headers and body only"
      end
    end
  end,
  -- What such a call returns, as the caller sees it (out of its envelope); unset fields are left out.
  sample = function() end,
}

local function check_prose(id, entry, words, say)
  for key, value in pairs(words) do
    local rule = schema.prose[key]
    if not rule then
      say("prose has the unknown key %s", tostring(key))
    else
      local wrong = rule(value)
      if wrong then say("prose.%s should be %s", key, wrong) end
    end
  end
  if not words.summary then say("prose has no summary") end
  if words.summary and (words.summary:find("\n", 1, true) or words.summary:find("%.$")) then
    say("the summary is one line without a full stop")
  end

  local known, texts = {}, type(words.params) == "table" and words.params or {}
  local wants
  function wants(list, prefix)
    for _, param in ipairs(list) do
      local full = prefix .. param[1]
      known[full] = true
      if not texts[full] and not param.ignored then say("prose does not explain %s", full) end
      wants(param.fields or {}, full .. ".")
    end
  end
  wants(entry.ids or {}, "")
  wants(entry.query or {}, "")
  wants(entry.headers or {}, "")
  wants(type(entry.body) == "table" and entry.body or {}, "")
  for param in pairs(texts) do
    if not known[param] then say("prose explains %s, which is no parameter", param) end
  end

  local http = words.example and words.example.http
  if not http then
    say("prose has no example")
    return
  end
  if http.method ~= entry.method then say("the example's method is not the declared one") end
  local pattern = "^" .. entry.path:gsub("[%-%.]", "%%%0"):gsub("{[^}]*}", "[^/]+") .. "$"
  if type(http.path) ~= "string" or not http.path:find(pattern) then
    say("the example's path is not the declared one")
  end
  if words.example.call:match("^ol%.([%l%d_]+:[%l%d_]+)%s*[({]") ~= id:gsub("%.", ":") then
    say("the example does not call %s", id)
  end
end

-- The check ---------------------------------------------------------------------------------------

-- schema.check(resource, facts[, prose]) -> a list of problems, each a line that names the operation;
-- empty when all is well. Without prose only the facts are looked at.
function schema.check(resource, facts, prose)
  local problems = {}
  local function sayer(id)
    return function(...)
      problems[#problems + 1] = id .. ": " .. string.format(...)
    end
  end
  if type(facts) ~= "table" then return { tostring(resource) .. ": facts should be a table" } end

  for op, entry in pairs(facts) do
    local id = resource .. "." .. tostring(op)
    local say = sayer(id)
    local sound = type(entry) == "table" and type(op) == "string" and op:find("^[%l][%l%d_]*$") ~= nil
    if not sound then
      say("an operation is a table under a lower-case name")
    else
      for key, value in pairs(entry) do
        local rule = schema.entry[key]
        if not rule then
          say("unknown key %s", tostring(key))
          sound = false
        else
          local wrong = rule(value)
          if wrong then
            say("%s should be %s", key, wrong)
            sound = false
          end
        end
      end
      for _, key in ipairs(mandatory) do
        if entry[key] == nil then
          say("%s is missing", key)
          sound = false
        end
      end
    end
    if sound then
      check_entry(entry, say)
      if prose then
        if type(prose[op]) ~= "table" then
          say("prose is missing")
        else
          check_prose(id, entry, prose[op], say)
        end
      end
    end
  end
  for op in pairs(prose or {}) do
    if facts[op] == nil then sayer(resource .. "." .. tostring(op))("prose without facts") end
  end
  table.sort(problems)
  return problems
end

return schema

-- Holds the body of a hook or of a variable against its schema, in the words of the validator that
-- the service uses: one sentence, about the first thing that is wrong.

local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local schema = {}

local TYPES = { "pre-authentication", "user-migration", "pre-user-create", "post-user-create",
  "pre-user-update", "post-user-update" }
local RUNTIMES = { "nodejs22.x", "nodejs24.x" }

local function is_object(v) return type(v) == "table" and not write.is_array(v) end

-- A JSON array: with something in it, or tagged; the mapping tags empty ones too.
local function is_array(v) return type(v) == "table" and write.is_array(v) end

local KINDS = {
  string = function(v) return type(v) == "string" end,
  boolean = function(v) return type(v) == "boolean" end,
  integer = util.is_integer,
  object = is_object,
  array = is_array,
}

local HOOK = {
  { "type", "string", required = true, enum = TYPES },
  { "function", "string", required = true, base64 = true },
  { "disabled", "boolean", required = true },
  { "runtime", "string", required = true, enum = RUNTIMES },
  { "timeout", "integer", required = true, min = 1 },
  { "retries", "integer", required = true, min = 0, max = 4 },
  { "env_vars", "array", required = true, items = "string" },
  { "packages", "object", required = true, items = "string" },
  { "context_version", "string" },
  { "options", "object", items = "boolean",
    known = { risk_enabled = true, location_enabled = true, mfa_device_info_enabled = true } },
  { "conditions", "array", items = "object" },
}
local NEW_VARIABLE = { { "name", "string", required = true }, { "value", "string", required = true } }
local VARIABLE = { { "value", "string", required = true } }

-- The first name, in order, that is not known.
local function strange(object, known)
  local names = {}
  for name in pairs(object) do
    if not known[name] then names[#names + 1] = tostring(name) end
  end
  table.sort(names)
  return names[1]
end

local function not_allowed(where, name)
  return ('%s additionalProperty "%s" exists in instance when not allowed'):format(where, name)
end

local function check_items(p, at, v)
  local fits = KINDS[p.items]
  for k, item in pairs(v) do
    if not fits(item) then
      local name = type(k) == "number" and ("[%d]"):format(k - 1) or "." .. tostring(k)
      return ("%s%s is not of a type(s) %s"):format(at, name, p.items)
    end
  end
  local name = p.known and strange(v, p.known)
  if name then return not_allowed(at, name) end
end

local function check_value(p, v)
  local at = "instance." .. p[1]
  if not KINDS[p[2]](v) then return ("%s is not of a type(s) %s"):format(at, p[2]) end
  if p.enum then
    local found = false
    for _, allowed in ipairs(p.enum) do found = found or v == allowed end
    if not found then return ("%s is not one of enum values: %s"):format(at, table.concat(p.enum, ",")) end
  end
  if p.min and v < p.min then return ("%s must be greater than or equal to %d"):format(at, p.min) end
  if p.max and v > p.max then return ("%s must be less than or equal to %d"):format(at, p.max) end
  if p.base64 and (v == "" or #v % 4 ~= 0 or not v:find("^[%w%+/]*=?=?$")) then
    return ('%s does not conform to the "base64" format'):format(at)
  end
  if p.items then return check_items(p, at, v) end
end

local function check(members, body)
  if not is_object(body) then return "instance is not of a type(s) object" end
  local known = {}
  for _, p in ipairs(members) do known[p[1]] = true end
  local name = strange(body, known)
  if name then return not_allowed("instance", name) end
  for _, p in ipairs(members) do
    local v = body[p[1]]
    if v == nil then
      if p.required then return ('instance requires property "%s"'):format(p[1]) end
    else
      local wrong = check_value(p, v)
      if wrong then return wrong end
    end
  end
end

--- What is wrong with the body of a hook; nil when nothing is.
function schema.hook(body) return check(HOOK, body) end

--- What is wrong with a new variable.
function schema.new_variable(body)
  local wrong = check(NEW_VARIABLE, body)
  if not wrong and body.name == "" then
    wrong = "instance.name does not meet minimum length of 1"
  end
  return wrong
end

--- What is wrong with the change of a variable.
function schema.variable(body) return check(VARIABLE, body) end

--- The members of a hook that a body sets.
function schema.members()
  local names = {}
  for i, p in ipairs(HOOK) do names[i] = p[1] end
  return names
end

return schema

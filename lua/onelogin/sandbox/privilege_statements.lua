-- What the statements of a privilege must be. One statement speaks of one class of things, and its
-- scope of the same class; roles alone may also bound what is done to users and apps.

local json = require("onelogin.core").json
local actions = require("onelogin.sandbox.privilege_actions")
local fail = require("onelogin.sandbox.fail")
local util = require("onelogin.sandbox.util")
local write = require("onelogin.sandbox.user_write")

local statements = {}

local VERSION = "2018-05-18"
local BY_ROLE = { users = true, apps = true }

local KNOWN = {}
for class, names in pairs(actions) do
  for _, name in ipairs(names) do KNOWN[class .. ":" .. name] = class end
end

local function filled_array(v)
  return write.is_array(v) and #v > 0
end

-- The class of an Action array ("*" for everything); or nil, status, body.
local function class_of(list)
  local class
  for _, action in ipairs(list) do
    if type(action) ~= "string" then return nil, fail.malformed("Statement required Action array") end
    local own = action == "*" and "*" or KNOWN[action]
    if not own then
      return nil, fail.malformed(("Operation '%s' does not exist"):format(action:match(":(.*)$") or action))
    end
    if class and class ~= own then
      return nil, fail.malformed("Actions of one statement must be of one class")
    end
    class = own
  end
  return class
end

local function scope_fits(scope, class)
  if scope == "*" then return true end
  local of = type(scope) == "string" and scope:match("^(%a+)/[^/]+$")
  if not of then return false end
  return class == "*" or of == class or of == "roles" and BY_ROLE[class] == true
end

--- Checks { Version, Statement }: what to keep of it; or nil, status, body.
function statements.read(given)
  if type(given) ~= "table" or write.is_array(given) or not filled_array(given.Statement) then
    return nil, fail.malformed("Statement required Action array")
  end
  if given.Version ~= nil and given.Version ~= VERSION then
    return nil, fail.malformed("Version must be '" .. VERSION .. "'")
  end
  local kept = {}
  for i, statement in ipairs(given.Statement) do
    if type(statement) ~= "table" or not filled_array(statement.Action) then
      return nil, fail.malformed("Statement required Action array")
    end
    if statement.Effect ~= "Allow" then
      return nil, fail.malformed("Effect is required and must be 'Allow'")
    end
    local class, status, body = class_of(statement.Action)
    if not class then return nil, status, body end
    if not filled_array(statement.Scope) then
      return nil, fail.malformed("Statement required Scope array")
    end
    for _, scope in ipairs(statement.Scope) do
      if not scope_fits(scope, class) then
        return nil, fail.malformed("Scope does not fit the Action")
      end
    end
    kept[i] = { Effect = "Allow", Action = util.copy(statement.Action), Scope = util.copy(statement.Scope) }
  end
  return kept
end

--- { Version, Statement } as it is answered: statements in any order, what is in them in its own.
function statements.view(box, kept)
  local out = {}
  for i, statement in ipairs(kept) do
    out[i] = { Effect = statement.Effect, Action = json.array(util.copy(statement.Action)),
      Scope = json.array(util.copy(statement.Scope)) }
  end
  for i = #out, 2, -1 do
    local k = box:random(i)
    out[i], out[k] = out[k], out[i]
  end
  return { Version = VERSION, Statement = json.array(out) }
end

return statements

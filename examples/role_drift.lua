-- Who should be in a role, and who is: drift is shown, --apply puts it right.
--   lua5.4 examples/role_drift.lua [FILE] [--apply] [--live]
-- FILE is a Lua table in a file: return { ["Night Watch"] = { "ann@acme.test", ... }, ... }.  Roles that it does not
-- name are none of its business.  Exit code: 0 as wanted, 1 drift, 2 trouble.
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local say = start.say

local args = start.arguments("role_drift.lua [FILE] [--apply] [--live]", { apply = "flag" })
local ol, box = start.client(args, { writes = args.apply, users = 30 })

local function stop(text)
  io.stderr:write(start.clean(text), "\n")
  os.exit(2)
end

local function need(value, err)
  if value == nil then stop(err) end
  return value, err
end

local wanted
if args[1] then
  local file = need(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  if text:byte(1) == 27 then stop("not a text: " .. args[1]) end
  -- Data, not a program: it sees nothing it could call.
  local chunk, why = (loadstring or load)(text, "=" .. args[1], "t", {}) -- luacheck: ignore 113
  if chunk and setfenv then setfenv(chunk, {}) end -- luacheck: ignore 113
  wanted = need(need(chunk, why)())
elseif box then
  box:add_role { name = "Night Watch", users = { ol.users:find_by_username("ashley").id } }
  wanted = { ["Night Watch"] = { "akua@acme.test", "gone@acme.test" } }
else
  stop("which roles should hold whom? Give a file")
end

local names = {}
for name in pairs(wanted) do names[#names + 1] = name end
table.sort(names)

local drift, trouble, calls, titles = 0, 0, {}, {}

for _, name in ipairs(names) do
  local role = ol.roles:find { name = name }
  if not role then
    trouble = trouble + 1
    say("%s: there is no such role", name)
  else
    local members, there, missing, extra = {}, {}, {}, {}
    for member in ol.roles.get_users:each(role.id) do
      members[#members + 1] = member
      there[(member.email or ""):lower()], there[(member.username or ""):lower()] = true, true
    end
    local should = {}
    for _, who in ipairs(wanted[name]) do
      should[who:lower()] = true
      if not there[who:lower()] then
        local user, err = ol.users:find(who:find("@", 1, true) and { email = who } or { username = who })
        if err then stop(err) end
        if user then
          missing[#missing + 1] = user
        else
          trouble = trouble + 1
          say("%s: ? %s is nobody's address", name, who)
        end
      end
    end
    for _, member in ipairs(members) do
      if not should[(member.email or ""):lower()] and not should[(member.username or ""):lower()] then
        extra[#extra + 1] = member
      end
    end
    local function change(list, sign, operation)
      local ids = {}
      for i, user in ipairs(list) do
        ids[i] = user.id
        say("%s: %s %s", name, sign, user.email or user.username)
      end
      if #ids > 0 then
        drift = drift + #ids
        calls[#calls + 1] = { operation, role.id, ids }
        titles[#calls] = ("%s: %s%d"):format(name, sign, #ids)
      end
    end
    change(missing, "+", ol.roles.add_users)
    change(extra, "-", ol.roles.remove_users)
  end
end

if drift == 0 then
  say("%d role(s) hold whom they should", #names - trouble)
  os.exit(trouble > 0 and 2 or 0)
end
if not args.apply then
  say("%d change(s) needed; --apply makes them", drift)
  os.exit(trouble > 0 and 2 or 1)
end
if not start.confirm(args, ol, ("Make %d change(s)"):format(drift)) then os.exit(1) end
local _, errors = ol:batch(calls, { limit = 2 })
for i, title in ipairs(titles) do say("%-4s %s%s", errors[i] and "FAIL" or "ok", title, errors[i] and ": "
  .. tostring(errors[i]) or "") end
os.exit((next(errors) or trouble > 0) and 2 or 0)

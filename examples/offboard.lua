-- A leaver: shut out, logged out, without roles and second factors.  Shows the plan; --apply carries it out.
--   lua5.4 examples/offboard.lua [E-MAIL] [--apply] [--keep-devices] [--live]
-- Running it again does what is left; it never deletes the user, so that it can be undone.
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local say, need = start.say, start.need

local SUSPENDED = 2

local args = start.arguments("offboard.lua [E-MAIL] [--apply] [--keep-devices] [--live]",
  { apply = "flag", ["keep-devices"] = "flag" })
local ol, box = start.client(args, { writes = args.apply })
local email = args[1] or (box and "akua@acme.test")
if not email then
  io.stderr:write("who leaves? Give the e-mail address\n")
  os.exit(2)
end

local user, err = ol.users:find_by_email(email)
if err then need(nil, err) end
if not user then
  say("nobody has the address %s", email)
  os.exit(1)
end
say("%s %s <%s>, id %s, is %s", user.firstname, user.lastname, user.email, user.id,
  start.statuses[user.status] or "status " .. tostring(user.status))

-- What there is to do, in the order in which it shuts doors: sign-in first, then sessions, then grants.
local plan = {}
local function todo(title, operation, ...)
  plan[#plan + 1] = { title = title, operation = operation, arguments = { ... } }
end

local roles = need(ol.users:roles(user.id))
local devices = args["keep-devices"] and {} or need(ol.mfa:list_devices(user.id))
if user.status ~= SUSPENDED then todo("suspend", ol.users.update, user.id, { status = SUSPENDED }) end
if user.status ~= SUSPENDED then todo("end all sessions", ol.users.log_out, user.id) end
if #roles > 0 then
  todo(("take away %d role(s)"):format(#roles), ol.users.remove_roles, user.id, { role_id_array = roles })
end
for _, device in ipairs(devices) do
  todo("remove second factor " .. start.clean(device.user_display_name or device.device_id), ol.mfa.remove_factor,
    user.id, device.device_id)
end

if #plan == 0 then
  say("nothing is left to do")
  os.exit(0)
end

-- A call with options { dry_run = true } gives the request instead of sending it.
local unpack = table.unpack or unpack -- luacheck: ignore 113
for i, step in ipairs(plan) do
  local call = { unpack(step.arguments) }
  local n = #step.operation.entry.ids
  call[n + 2] = { dry_run = true }
  local request = step.operation:call(unpack(call, 1, n + 2))
  say("  %d. %-40s %s %s", i, step.title, request.method, request.url:match("^%w+://[^/]+(.*)"))
end
if not args.apply then
  say("dry run: nothing was changed; --apply carries it out")
  os.exit(0)
end
if not start.confirm(args, ol, ("Carry out these %d steps"):format(#plan)) then os.exit(0) end

-- In order; the first failure stops it, so that nobody is half shut out unnoticed.
local calls = {}
for i, step in ipairs(plan) do calls[i] = { step.operation, unpack(step.arguments) } end
local _, errors, from = ol:batch(calls, { limit = 1, on_error = "stop", on_result = function(i, _, trouble)
  say("  %-4s %s%s", trouble and "FAIL" or "ok", plan[i].title, trouble and ": " .. tostring(trouble) or "")
end })
if from or next(errors) then
  say("not finished; running it again does what is left")
  os.exit(1)
end

-- Grants that come from a mapping or a directory stay, and come back: say so instead of claiming success.
user = need(ol.users:get(user.id))
local left = need(ol.users:roles(user.id))
say("%s is %s, with %d role(s) left", user.email, start.statuses[user.status], #left)
if #left > 0 then
  say("roles that a mapping or a directory grants cannot be taken away here")
  os.exit(1)
end

-- From a sign-in at OneLogin to a role of AWS: lists the roles that the SAML assertion offers and writes the request
-- for one of them, AssumeRoleWithSAML.  Nothing is sent to AWS.
--   lua5.4 examples/aws_assume_role.lua [--role NUMBER|NAME|ARN] [--duration SECONDS] [--out FILE]
--   lua5.4 examples/aws_assume_role.lua --live --user NAME --app ID [...]
-- The assertion is as good as a password for some minutes: it is written only to FILE, which only you may read.  AWS,
-- not this program, checks its signature.
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local onelogin = require "onelogin"
local files = require "onelogin.cli.files"
local say, need = start.say, start.need

local STS = "https://sts.amazonaws.com/"
local AWS = "https://aws.amazon.com/SAML/Attributes/"

local args = start.arguments("aws_assume_role.lua [--role NUMBER|NAME|ARN] [--duration SECONDS] [--out FILE] "
  .. "[--live --user NAME --app ID]", { role = "value", duration = "value", out = "value", user = "value",
  app = "value" })

local function stop(text)
  io.stderr:write(start.clean(text), "\n")
  os.exit(2)
end

if args.live and not (args.user and (args.app or ""):find("^%d+$")) then
  stop("--live needs --user NAME and --app ID, the number of the AWS app")
end
if args.duration and not (args.duration:find("^%d+$") and tonumber(args.duration) >= 900
  and tonumber(args.duration) <= 43200) then
  stop("--duration is seconds, from 900 to 43200")
end

-- Signing somebody in is a POST, so the client may do more than read.
local ol, box = start.client(args, { writes = true, users = 0 })
local options = { user = args.user, app_id = args.app }
if box then
  local app = box:add_app { name = "AWS", connector_id = 110006, parameters = { Role = { default_values =
    "arn:aws:iam::123456789012:role/Reader,arn:aws:iam::123456789012:saml-provider/OneLogin;"
    .. "arn:aws:iam::123456789012:role/team/Admin,arn:aws:iam::123456789012:saml-provider/OneLogin" } } }
  local kim = box:add_user { email = "kim@acme.test", username = "kim", password = "a sandbox's password",
    app_ids = { app.id } }
  local device = box:add_device(kim, "totp")
  options = { user = "kim@acme.test", app_id = app.id, password = "a sandbox's password",
    otp = function() return box:totp(device) end }
else
  options.password = function() return files.ask_hidden("Password: ") end
  options.otp = function(second) return files.ask_hidden(("Code (%s): "):format(start.clean(second.type))) end
end

local sign_in = need(ol.flows.saml(options))
local said = need(onelogin.saml.decode_unverified(sign_in.assertion))

-- "ROLE,PROVIDER", or the other way round; a role's name may hold a comma.
local roles = {}
for _, pair in ipairs(said.attributes[AWS .. "Role"] or {}) do
  local comma = pair:find(",arn:", 1, true)
  local role, provider = pair:sub(1, (comma or 1) - 1), pair:sub((comma or 0) + 1)
  if role:find(":saml-provider/", 1, true) then role, provider = provider, role end
  local account, path = role:match("^arn:aws:iam::(%d+):role/([%w+=,.@_/-]+)$")
  if comma and account and #account == 12 and provider:find("^arn:aws:iam::%d+:saml%-provider/[%w._-]+$") then
    roles[#roles + 1] = { arn = role, provider = provider, account = account, name = path:match("[^/]+$") or path }
  end
end
if #roles == 0 then stop("the assertion offers no role of AWS: is this the AWS app, and does it set its Role?") end

say("%s may take:", said.subject.name_id)
for i, role in ipairs(roles) do say("%3d. %s  %s  %s", i, role.account, role.name, role.arn) end

local chosen = {}
for i, role in ipairs(roles) do
  if not args.role or args.role == role.arn or args.role == role.name or args.role == tostring(i) then
    chosen[#chosen + 1] = role
  end
end
if #chosen ~= 1 then
  if args.role then stop(("--role %s is %s"):format(args.role, #chosen == 0 and "none of these" or "more than one")) end
  say("choose one with --role")
  os.exit(0)
end
local role = chosen[1]

local seconds = args.duration or (said.attributes[AWS .. "SessionDuration"] or {})[1] or "3600"
local function escape(text)
  return (tostring(text):gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end
local function body(assertion)
  return ("Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=%s&PrincipalArn=%s&SAMLAssertion=%s&DurationSeconds=%s")
    :format(escape(role.arn), escape(role.provider), assertion, escape(seconds))
end

local code = escape(sign_in.assertion)
if args.out then
  -- Made by the shell, which can say that it is new and nobody else's; plain Lua cannot.
  local made = os.execute("umask 077 && set -C && : 2>/dev/null >" .. files.quote(args.out))
  local file = (made == true or made == 0) and io.open(args.out, "wb")
  if not file then stop(args.out .. " cannot be made, or is there already") end
  need(file:write(body(code)))
  need(file:close())
end
say("\nPOST %s\nContent-Type: application/x-www-form-urlencoded\n\n%s\n", STS,
  body(("[%d characters, in %s]"):format(#code, args.out or "the file that --out names")))
if args.out then
  local till = said.conditions and said.conditions.not_on_or_after
  say("Only you can read %s.%s  To send it:\n  curl --data @%s %s", args.out, till
    and "  AWS takes it until " .. onelogin.time.format(till):sub(12, 19) .. " UTC." or "", args.out, STS)
end

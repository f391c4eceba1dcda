-- Who has access to what, for a nightly job: a CSV file of everybody and an HTML page of what deserves a look.
--   lua5.4 examples/access_report.lua [--out FOLDER] [--stale DAYS] [--live]
-- Writes access-report.csv and access-report.html; the page needs no script and nothing from elsewhere.
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local csv = dofile(start.lib .. "csv.lua")
local html = dofile(start.lib .. "html.lua")
local onelogin = require "onelogin"

local args = start.arguments("access_report.lua [--out FOLDER] [--stale DAYS] [--live]",
  { out = "value", stale = "value" })
local STALE = tonumber(args.stale or 90) or start.need(nil, "--stale takes a number of days")
local DAY = 86400
local ol = start.client(args, { users = 300 })
local now = ol.clock.wall()

-- ---- what there is ----

local people, roles, order = {}, {}, {}

local ok, problem = pcall(function()
  for user in ol.users:each() do
    local last = onelogin.time.parse(user.last_login)
    people[user.id] = { user = user, roles = {}, active = user.status == 1,
      days = last and math.max(0, math.floor((now - last) / DAY)) }
    order[#order + 1] = people[user.id]
  end
  for role in ol.roles:each() do
    local entry = { name = role.name, members = 0, idle = 0 }
    roles[#roles + 1] = entry
    for member in ol.roles.get_users:each(role.id) do
      entry.members = entry.members + 1
      local person = people[member.id]
      if person then
        person.roles[#person.roles + 1] = role.name
        if not person.active then entry.idle = entry.idle + 1 end
      end
    end
  end
end)
if not ok then start.need(nil, problem) end

local function name_of(user)
  local name = (tostring(user.firstname or "") .. " " .. tostring(user.lastname or "")):match("^%s*(.-)%s*$")
  return name ~= "" and name or user.username or user.email or tostring(user.id)
end

-- What deserves a look, in words.
local function finding(person)
  if person.active and not person.days then return "active, never signed in" end
  if person.active and person.days > STALE then return ("active, last signed in %d days ago"):format(person.days) end
  if not person.active and #person.roles > 0 then
    return (start.statuses[person.user.status] or "not active") .. ", still holds roles"
  end
end

local looks, active, never, stale, idle = {}, 0, 0, 0, 0
local spans = { { "a week", 7, 0 }, { "a month", 30, 0 }, { STALE .. " days", STALE, 0 }, { "a year", 365, 0 },
  { "longer", math.huge, 0 }, { "never", nil, 0 } }
if STALE <= 30 or STALE >= 365 then table.remove(spans, 3) end
for _, person in ipairs(order) do
  person.finding = finding(person)
  if person.finding then looks[#looks + 1] = person end
  if person.active then
    active = active + 1
    if not person.days then never = never + 1 elseif person.days > STALE then stale = stale + 1 end
    for _, span in ipairs(spans) do
      if (person.days and span[2] and person.days <= span[2]) or (not person.days and not span[2]) then
        span[3] = span[3] + 1
        break
      end
    end
  elseif #person.roles > 0 then
    idle = idle + 1
  end
end
table.sort(looks, function(a, b)
  if #a.roles ~= #b.roles then return #a.roles > #b.roles end
  return tostring(a.user.id) < tostring(b.user.id)
end)
table.sort(roles, function(a, b)
  if a.members ~= b.members then return a.members > b.members end
  return tostring(a.name) < tostring(b.name)
end)

-- ---- the files, replaced as a whole ----

local folder = (args.out or "."):gsub("/+$", "")
local function write(name, text)
  local path = folder .. "/" .. name
  local file = start.need(io.open(path .. ".part", "wb"))
  start.need(file:write(text))
  file:close()
  start.need(os.rename(path .. ".part", path))
  start.say("wrote %s", path)
end

local function last_login(person)
  return person.days and tostring(person.user.last_login):sub(1, 10) or "never"
end

local lines = { csv.line { "id", "name", "email", "username", "status", "last sign-in", "roles", "finding" } }
for _, person in ipairs(order) do
  local user = person.user
  lines[#lines + 1] = csv.line({ tostring(user.id), name_of(user), user.email, user.username,
    start.statuses[user.status] or tostring(user.status), last_login(person), table.concat(person.roles, "; "),
    person.finding }, 8)
end
write("access-report.csv", table.concat(lines))

local function tile(value, label, look)
  return ('<div class="tile%s"><b>%d</b><span>%s</span></div>'):format(look and value > 0 and " look" or "", value,
    html.text(label))
end

local function key(usual, look)
  return ('<div class="key"><span><i style="background:var(--bar)"></i>%s</span>'
    .. '<span><i style="background:var(--warn)"></i>%s</span></div>'):format(html.text(usual), html.text(look))
end

local bars, shown = {}, 12
for i = 1, math.min(shown, #roles) do bars[i] = { roles[i].name, roles[i].members, roles[i].idle } end
local columns = {}
for i, span in ipairs(spans) do
  columns[i] = { span[1], span[3], span[2] == nil or span[2] > STALE }
end
local rows, most = {}, 50
for i = 1, math.min(most, #looks) do
  local person = looks[i]
  rows[i] = { name_of(person.user), person.user.email or person.user.username, person.finding, #person.roles }
end

local when = onelogin.time.format(now)
write("access-report.html", html.page("Access report", table.concat({
  "<h1>Access report</h1>",
  ("<p>%s, %s %s UTC</p>"):format(html.text(ol.base_url:match("//(.*)")), when:sub(1, 10), when:sub(12, 16)),
  '<div class="tiles">', tile(#order, "people"), tile(active, "active"), tile(#roles, "roles"),
  tile(never, "active, never signed in", true), tile(stale, ("active, not for %d days"):format(STALE), true),
  tile(idle, "not active, with roles", true), "</div>",
  '<div class="pair"><section class="card"><h2>Members of roles</h2>', key("active", "not active"),
  html.bars("Members of roles", bars, "not active"),
  #roles > shown and ("<p>and %d smaller ones</p>"):format(#roles - shown) or "", "</section>",
  '<section class="card"><h2>Active people signed in within</h2>',
  key(("%d days"):format(STALE), "longer ago, or never"), html.columns("Last sign-in of active people", columns),
  "</section></div>",
  '<section class="card"><h2>Deserves a look</h2>',
  #rows > 0 and html.table({ { "name" }, { "address" }, { "finding" }, { "roles", number = true } }, rows)
    or "<p>nobody</p>",
  #looks > most and ("<p>and %d more, in access-report.csv</p>"):format(#looks - most) or "", "</section>",
}, "\n")))
start.say("%d people, %d roles, %d deserve a look", #order, #roles, #looks)

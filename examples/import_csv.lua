-- People from a CSV file: those who are missing are made, those who differ are changed, the rest is left alone.
--   lua5.4 examples/import_csv.lua [FILE] [--done FILE] [--apply] [--live]
-- The header names fields of a user (email is the key; custom_attributes.NAME for your own).  An empty field changes
-- nothing.  Finished rows are noted in FILE.done: an interrupted import goes on where it stood.
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local csv = dofile(start.lib .. "csv.lua")
local onelogin = require "onelogin"
local say = start.say

local SAMPLE = "email,username,firstname,lastname,title\r\n"
  .. 'kim@acme.test,kim,Kim,Ito,"Chief of ""Everything"", and more"\r\n'
  .. "zoe@acme.test,zoe,Zo\195\171,=HYPERLINK(1),First Mate\r\n"
  .. "ashley@acme.test,,,,Captain\r\n"

local args = start.arguments("import_csv.lua [FILE] [--done FILE] [--apply] [--live]",
  { apply = "flag", done = "value" })
local ol, box = start.client(args, { writes = true, users = 20 })
local apply = args.apply or box ~= nil and not args[1] -- the sample on the sandbox harms nobody

local function read(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text = file:read("*a")
  file:close()
  return text
end

local text = SAMPLE
if args[1] then text = start.need(read(args[1])) end

-- ---- the whole file is read and looked at before anything is sent ----

local known = {}
for _, param in ipairs(ol.users.create.entry.body) do known[param[1]] = true end
local secret = {}
for _, name in ipairs(ol.users.create.entry.secret) do secret[name] = true end

local rows, numbers = {}, { group_id = true, status = true, state = true, directory_id = true, trusted_idp_id = true,
  manager_user_id = true }
local ok, problem = pcall(function()
  local records, header = csv.rows(text)
  for _, name in ipairs(header) do
    local attribute = name:match("^custom_attributes%.(.+)$")
    if secret[name] or not attribute and (not known[name] or name == "custom_attributes" or name == "role_ids") then
      error(("line 1: a user has no field %q that could be imported"):format(name), 0)
    end
  end
  local first = {}
  for line, row in records do
    local values = {}
    for name, value in pairs(row) do
      local attribute = name:match("^custom_attributes%.(.+)$")
      if value ~= "" and attribute then
        values.custom_attributes = values.custom_attributes or {}
        values.custom_attributes[attribute] = value
      elseif value ~= "" then
        values[name] = numbers[name] and tonumber(value) or value
      end
    end
    if not values.email then error(("line %d: no email"):format(line), 0) end
    if not values.email:find("^[^%s*!@][^%s*@]*@[^%s*@]+$") then
      error(("line %d: %q is no e-mail address"):format(line, values.email), 0)
    end
    local key = values.email:lower()
    if first[key] then error(("line %d: the same email as line %d"):format(line, first[key]), 0) end
    first[key] = line
    rows[#rows + 1] = { line = line, values = values, key = key }
  end
end)
if not ok then
  io.stderr:write((args[1] or "sample"), ": ", start.clean(problem), "\n")
  os.exit(1)
end

-- ---- what an earlier run has finished ----

local done_path = args.done or args[1] and args[1] .. ".done"
local done = {}
for key in (done_path and read(done_path) or ""):gmatch("([^\n]*)\n") do done[key] = true end
local log
if done_path and apply then
  log = start.need(io.open(done_path, "ab"))
  log:setvbuf("line")
end

local left = 0
for _, row in ipairs(rows) do if not done[row.key] then left = left + 1 end end
say("%d row(s), %d of them done before", #rows, #rows - left)
if left > 0 and apply and not start.confirm(args, ol, ("Import %d row(s)"):format(left)) then os.exit(0) end

-- ---- row by row: a bad one does not stop the others ----

local counts = { created = 0, changed = 0, same = 0, failed = 0 }

local function import(values)
  if not apply then
    local user, err = ol.users:find_by_email(values.email)
    if err then return nil, err end
    if not user then return "created" end
    user, err = ol.users:get(user.id)
    if not user then return nil, err end
    return next(onelogin.changes(user, values, ol.users.update)) and "changed" or "same"
  end
  -- "unknown": the answer to the create was lost, and the user is there: ours, most likely.
  local user, created = ol.users:ensure("email", values)
  if not user then return nil, created end
  if created == true then return "created" end
  local whole, err = ol.users:get(user.id) -- a list may leave fields out
  if not whole then return nil, err end
  local update = onelogin.changes(whole, values, ol.users.update)
  if next(update) == nil then return created == "unknown" and "created" or "same" end
  local changed, trouble = ol.users:update(user.id, update)
  if not changed then return nil, trouble end
  return "changed"
end

for _, row in ipairs(rows) do
  if not done[row.key] then
    local outcome, err = import(row.values)
    if outcome then
      counts[outcome] = counts[outcome] + 1
      if log then log:write(row.key, "\n") end
    else
      counts.failed = counts.failed + 1
      say("line %d: %s: %s", row.line, row.values.email, err)
    end
  end
end
if log then log:close() end

say("%s%d created, %d changed, %d as they should be, %d failed", apply and "" or "dry run: would be ", counts.created,
  counts.changed, counts.same, counts.failed)
if not apply then say("nothing was changed; --apply carries it out") end
os.exit(counts.failed > 0 and 1 or 0)

-- Reads what spec/run left in a folder and says what it means: every failure in full, a table of
-- the runs, and the plain last line.  Lua 5.4.
--
-- A run that ended without its plan, counted wrongly, ran nothing or ended with a status of its own
-- is a failure; so is a canary in any output, or a connection that was refused.
local folder, mode, seconds = arg[1], arg[2], arg[3]

local function read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read "a"
  file:close()
  return text
end

local function indent(text)
  return "    " .. text:gsub("\n+$", ""):gsub("\n", "\n    ") .. "\n"
end

local names = {}
for path in io.popen("ls '" .. folder .. "'"):lines() do
  names[#names + 1] = path:match "^(.*)%.rc$"
end
table.sort(names)

local passed, failed = 0, 0
local groups, order = {}, {}

local function report(name, what, detail)
  failed = failed + 1
  io.write("FAILED ", mode, " ", name, ": ", what, "\n", detail and detail ~= "" and indent(detail) or "")
end

for _, name in ipairs(names) do
  local tap = read(folder .. "/" .. name .. ".tap") or ""
  local err = read(folder .. "/" .. name .. ".err") or ""
  local status, took = read(folder .. "/" .. name .. ".rc"):match "(%d+) (%d+)"
  local group = name:match "^[^-]+"
  if not groups[group] then
    groups[group] = { passed = 0, failed = 0, files = 0, seconds = 0 }
    order[#order + 1] = group
  end
  local before_passed, before_failed = passed, failed

  local plan, seen = nil, 0
  local lines, at = {}, 1
  for line in tap:gmatch "([^\n]*)\n?" do
    lines[#lines + 1] = line
  end
  while at <= #lines do
    local line = lines[at]
    local bad, text = line:match "^(not )ok%f[^%w](.*)"
    if not bad then
      text = line:match "^ok%f[^%w](.*)"
    end
    if text then
      -- number 0 is what the helper finds around the tests
      seen = seen + (text:match "^%s*0%f[^%d]" and 0 or 1)
      local skip = text:match "#%s*[Ss][Kk][Ii][Pp]" or text:match "#%s*[Tt][Oo][Dd][Oo]"
      if bad or skip then
        local detail = {}
        while lines[at + 1] and lines[at + 1]:match "^#" do
          at = at + 1
          detail[#detail + 1] = lines[at]:sub(3)
        end
        report(name, (skip and "skipped: " or "") .. text:gsub("^%s*%d*%s*%-?%s*", ""), table.concat(detail, "\n"))
      else
        passed = passed + 1
      end
    end
    plan = tonumber(line:match "^1%.%.(%d+)%s*$") or plan
    at = at + 1
  end

  local tail = (#err > 0 and err or tap):sub(-6000)
  if status == "124" or status == "137" then
    report(name, "took too long and was stopped after " .. took .. " s", tail)
  elseif status ~= "0" and failed == before_failed then
    report(name, "ended with status " .. status, tail)
  elseif not plan then
    report(name, "ended before its plan (status " .. status .. ")", tail)
  elseif plan ~= seen then
    report(name, ("planned %d tests, ran %d"):format(plan, seen), tail)
  elseif seen == 0 then
    report(name, "ran no test")
  elseif failed > before_failed and #err > 0 then
    io.write(indent("its stderr:\n" .. err:sub(-6000)))
  end

  local g = groups[group]
  g.files, g.seconds = g.files + 1, g.seconds + tonumber(took)
  g.passed, g.failed = g.passed + passed - before_passed, g.failed + failed - before_failed
end

if #names == 0 then
  report("suite", "ran nothing at all")
end

-- Canaries: in every form a leak could take.  The value itself is not printed here either.
local function base64(text)
  local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local out = {}
  for i = 1, #text - 2, 3 do
    local a, b, c = text:byte(i, i + 2)
    local n = a << 16 | b << 8 | c
    for shift = 18, 0, -6 do
      local d = (n >> shift & 63) + 1
      out[#out + 1] = digits:sub(d, d)
    end
  end
  return table.concat(out)
end

local function percent(text)
  return (text:gsub("[^%w%-._~]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

local canaries = {}
local chunk = loadfile "spec/support/canary.lua"
for what, value in pairs(chunk and chunk() or {}) do
  if what ~= "client_id" then
    local forms = { [value] = "plain", [percent(value)] = "percent-encoded" }
    forms[percent(value):gsub("%%20", "+")] = "form-encoded"
    -- base64 of a value inside something longer: any of the three alignments
    for skip = 0, 2 do
      local middle = base64(value:sub(skip + 1))
      if #middle >= 8 then
        forms[middle] = "base64"
      end
    end
    for form, how in pairs(forms) do
      canaries[#canaries + 1] = { form = form, text = what .. ", " .. how }
    end
  end
end
local outputs = 0
for path in io.popen("find '" .. folder .. "' -type f"):lines() do
  local text = read(path)
  outputs = outputs + 1
  for _, canary in ipairs(canaries) do
    if text and text:find(canary.form, 1, true) then
      report("canary", canary.text .. ", found in " .. path)
    end
  end
end
if #canaries > 0 and outputs > 0 then
  passed = passed + 1 -- the search itself is a test: it fails above, once for each find
end

local refused = read(folder .. "/refused")
if refused then
  report("network", "the suite tried to leave loopback", refused)
end

local slowest = {}
for _, name in ipairs(names) do
  slowest[#slowest + 1] = { name, tonumber(read(folder .. "/" .. name .. ".rc"):match " (%d+)") }
end
table.sort(slowest, function(a, b)
  return a[2] > b[2]
end)

for _, group in ipairs(order) do
  local g = groups[group]
  io.write(("%-9s %-8s %3d files  %5d passed  %3d failed  %4d s\n"):format(
    mode, group, g.files, g.passed, g.failed, g.seconds))
end
local slow = {}
for i = 1, math.min(3, #slowest) do
  if slowest[i][2] >= 5 then
    slow[#slow + 1] = slowest[i][1] .. " " .. slowest[i][2] .. " s"
  end
end
io.write(mode, ": ", seconds, " s", slow[1] and "; slowest: " .. table.concat(slow, ", ") or "", "\n")
io.write(passed, " passed, ", failed, " failed\n")
os.exit(failed == 0 and passed > 0)

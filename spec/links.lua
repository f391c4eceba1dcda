-- Every relative link in the documentation leads to a file, and to a heading when it names one.
-- Lua 5.4; prints what is broken.
local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "a"
  if file then
    file:close()
  end
  return text
end

local function anchors(text)
  local found = {}
  for heading in ("\n" .. text):gmatch "\n#+%s+([^\n]+)" do
    local anchor = heading:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-")
    found[anchor] = true
  end
  return found
end

local broken, checked = 0, 0
for path in io.popen("git ls-files --cached --others --exclude-standard '*.md'"):lines() do
  local text = read(path)
  if text then
    local prose = text:gsub("\n```.-\n```", "\n"):gsub("`[^`\n]*`", "")
    for target in prose:gmatch "%]%(([^)%s]+)%)" do
      if not target:match "^%a+:" then
        checked = checked + 1
        local file, anchor = target:match "^([^#]*)#?(.*)$"
        local there = file == "" and path or (path:match "^(.*/)" or "") .. file
        local other = read(there) or (os.rename(there, there) and "")
        if not other then
          broken = broken + 1
          print(("%s: %s leads nowhere"):format(path, target))
        elseif anchor ~= "" and not anchors(other)[anchor] then
          broken = broken + 1
          print(("%s: %s names no heading of it"):format(path, target))
        end
      end
    end
  end
end
print(("%d links checked, %d broken"):format(checked, broken))
os.exit(broken == 0)

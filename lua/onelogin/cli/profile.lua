-- profile.lua - tenants and credentials by name, from a file that nobody else can read.
--
--   # ~/.config/onelogin/config, mode 0600
--   [default]
--   subdomain = acme
--   client_id = ...
--   client_secret = ...
--   allow = read
--
-- The file holds secrets, so one that the group or others can read is refused.

local files = require "onelogin.cli.files"
local suggest = require "onelogin.suggest"

local profile = {}

local keys = { subdomain = true, region = true, base_url = true, client_id = true, client_secret = true,
  ca_file = true, pinned_key = true, proxy = true, auth_header = true, allow = true, timeout = true }
profile.keys = keys

--- The text of a configuration file → { NAME = { key = value } } | nil, complaint
function profile.parse(text, path)
  local out, section, line_no = {}, nil, 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    line_no = line_no + 1
    local name = line:match("^%s*%[%s*([^%]]-)%s*%]%s*$")
    local key, value = line:match("^%s*([%w_%-]+)%s*=%s*(.-)%s*$")
    if name then
      section = out[name] or {}
      out[name] = section
    elseif key then
      key = key:lower():gsub("-", "_")
      if not section then return nil, ("%s:%d: %s stands before the first [profile]"):format(path, line_no, key) end
      if not keys[key] then
        local near = suggest(key, keys)
        return nil, ("%s:%d: unknown key \"%s\"%s"):format(path, line_no, key,
          near and (", did you mean \"" .. near .. "\"?") or "")
      end
      section[key] = value:match('^"(.*)"$') or value
    elseif not line:find("^%s*[#;]") and line:find("%S") then
      return nil, ("%s:%d: neither [profile] nor key = value"):format(path, line_no)
    end
  end
  return out
end

--- Reads the file: profiles | nil when there is none | nil, complaint
function profile.load(path)
  local file = path and io.open(path, "rb")
  if not file then return nil end
  local open = files.is_open_to_others(path)
  if open ~= false then
    file:close()
    return nil, ("%s may hold secrets and %s: chmod 600 %s"):format(path,
      open and "others can read or change it" or "its permissions cannot be told", files.quote(path))
  end
  local text = file:read("*a")
  file:close()
  return profile.parse(text or "", path)
end

--- The profile of that name: table | nil, complaint
function profile.get(name, path)
  local all, problem = profile.load(path)
  if problem then return nil, problem end
  if not all then
    return nil, ("no profile \"%s\": there is no file %s"):format(name, path or "~/.config/onelogin/config")
  end
  if not all[name] then
    local near = suggest(name, all)
    return nil, ("no profile \"%s\" in %s%s"):format(name, path, near and (", did you mean \"" .. near .. "\"?") or "")
  end
  return all[name]
end

return profile

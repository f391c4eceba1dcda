-- A backend of the flow store for one process: what nginx's shared dictionary or a Redis is for several.  It is bounded
-- and refuses when it is full; it never drops what is still alive, since that may be somebody's count of failures.
local core = require("onelogin.core")

local M = {}

local MOST = 50000 -- entries
local FEWEST = 1000 -- below it nothing is swept
local PAUSE = 1 -- seconds between two sweeps of a full one

--- options.clock: { mono } (default the system's); options.most: entries.
function M.new(options)
  options = options or {}
  local mono, most = (options.clock or core.clock).mono, options.most or MOST
  local entries, count, sweep_at, swept = {}, 0, math.min(FEWEST, most), -math.huge

  local function live(key, now)
    local entry = entries[key]
    if entry and now < entry.till then return entry end
    if entry then
      entries[key] = nil
      count = count - 1
    end
  end

  -- Looks through all when they have doubled since the last time, so an entry costs the same however many there are.
  local function room(now)
    if count < sweep_at then return true end
    if count < most or now - swept >= PAUSE then
      swept = now
      for key in pairs(entries) do live(key, now) end
      sweep_at = math.min(most, math.max(FEWEST, 2 * count))
    end
    return count < most
  end

  local function put(key, value, seconds, now)
    if not entries[key] then
      if not room(now) then return nil, "full" end
      count = count + 1
    end
    entries[key] = { value = value, till = seconds and now + seconds or math.huge }
    return true
  end

  return {
    get = function(key)
      local entry = live(key, mono())
      return entry and entry.value
    end,
    set = function(key, value, seconds) return put(key, value, seconds, mono()) end,
    add = function(key, value, seconds)
      local now = mono()
      if live(key, now) then return false end
      return put(key, value, seconds, now)
    end,
    delete = function(key)
      if entries[key] then
        entries[key] = nil
        count = count - 1
      end
      return true
    end,
  }
end

return M

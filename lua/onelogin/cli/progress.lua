-- progress.lua - how far a long list is: a bar on a terminal, nothing anywhere else.

local core = require "onelogin.core"
local show = require "onelogin.show"

local progress = {}

local WIDTH = 24
local EVERY = 0.1 -- seconds between two pictures

local function span(s)
  s = math.floor(s + 0.5)
  if s < 60 then return ("%d s"):format(s) end
  if s < 3600 then return ("%d:%02d min"):format(math.floor(s / 60), s % 60) end
  return ("%d:%02d h"):format(math.floor(s / 3600), math.floor(s / 60) % 60)
end

--- The line of a moment: done of total (or nil) after so many seconds.
function progress.line(name, done, total, seconds)
  local rate = seconds > 0 and done / seconds or 0
  local text = ("%s  %s"):format(name, show.count(done))
  if total and total > 0 then
    local part = math.min(done / total, 1)
    local full = math.floor(part * WIDTH)
    text = ("%s  [%s%s] %s/%s %d%%"):format(name, ("#"):rep(full), ("."):rep(WIDTH - full), show.count(done),
      show.count(total), math.floor(part * 100))
  end
  text = text .. ("  %s/s"):format(show.count(math.floor(rate)))
  if total and rate > 0 and done < total then text = text .. "  " .. span((total - done) / rate) .. " left" end
  return text
end

local silent = { update = function() end, clear = function() end }

--- stream: standard error when it is a terminal, else nil.  p.update(done, total), p.clear().
function progress.new(name, stream, width, mono)
  if not stream then return silent end
  mono = mono or core.clock.mono
  local began, last, drawn = mono(), nil, false
  local p = {}
  function p.update(done, total)
    local now = mono()
    if last and now - last < EVERY then return end
    last = now
    stream:write("\r", show.cut(progress.line(name, done, total, now - began), (width or 80) - 1), "\27[K")
    stream:flush()
    drawn = true
  end
  -- Takes the bar away, so that other lines can be written.
  function p.clear()
    if not drawn then return end
    drawn, last = false, nil
    stream:write("\r\27[K")
    stream:flush()
  end
  return p
end

return progress

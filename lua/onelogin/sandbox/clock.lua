-- Time inside a box. A virtual clock starts at a fixed instant and moves only when told, so a
-- test of ten hours takes no time; the server uses the real one.

local clock = {}

local START = 1772442000 -- 2026-03-02T09:00:00Z

--- A clock that only moves by `sleep` and `advance`. `now`: Unix seconds it starts at.
function clock.virtual(now)
  local c = { offset = 0, start = now or START, virtual = true }
  function c.mono() return c.offset end
  function c.wall() return c.start + c.offset end
  function c.advance(seconds)
    if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
      error("clock.advance: expected seconds, zero or more", 2)
    end
    c.offset = c.offset + seconds
  end
  c.sleep = c.advance
  return c
end

--- The real clock of the server; `advance` still works (it shifts what the box takes for now).
-- `time`: function returning Unix seconds with a fraction; `sleep`: function of seconds.
function clock.real(time, sleep)
  local c = { offset = 0 }
  function c.mono() return time() + c.offset end
  c.wall = c.mono
  function c.advance(seconds)
    if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
      error("clock.advance: expected seconds, zero or more", 2)
    end
    c.offset = c.offset + seconds
  end
  c.sleep = sleep
  return c
end

return clock

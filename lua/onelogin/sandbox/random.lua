-- Seeded chance: the same seed gives the same company, tokens and faults on every Lua. Park and
-- Miller's generator, whose products stay below 2^53, so floats and integers agree.

local floor = math.floor

local random = {}

local M = 2147483647 -- 2^31 - 1

--- A whole number of 0 .. M-1 that depends on nothing but its arguments.
function random.hash(seed, index, salt)
  local x = (seed * 40692 + index * 48271 + salt * 69621 + 12345) % M
  x = (x * 48271 + salt) % M
  x = (x * 40014 + index) % M
  return (x * 48271 + 11) % M
end

--- A stream: r() gives a number in [0, 1), r(n) 1..n, r(m, n) m..n. `r.state` may be saved.
function random.stream(seed)
  local r = { state = (seed * 16807 + 1013904223) % (M - 1) + 1 }
  return setmetatable(r, { __call = function(self, m, n)
    self.state = self.state * 48271 % M
    local u = (self.state - 1) / (M - 1)
    if not m then return u end
    if not n then m, n = 1, m end
    return m + floor(u * (n - m + 1))
  end })
end

--- `n` hexadecimal digits out of stream `r`.
function random.hex(r, n)
  local out = {}
  for i = 1, n do out[i] = string.format("%x", r(0, 15)) end
  return table.concat(out)
end

return random

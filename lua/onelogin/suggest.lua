-- suggest.lua - the name that was probably meant.
--
--   suggest(name, names) -> nearest | nil
--
-- names is an array of strings or a table keyed by them. The distance is Damerau-Levenshtein with
-- adjacent swaps (optimal string alignment), bounded: a name a third of which is wrong has no neighbour.
-- Case, "-" and "_" do not count. Equal distances are settled by the alphabet, so that one question
-- has one answer.

local byte, floor, min = string.byte, math.floor, math.min

local LONGEST = 64 -- nobody misspells a name of this length by accident

local function plain(name)
  return (name:lower():gsub("-", "_"))
end

-- The distance of a and b, or nil when it is above bound. Three rows, no recursion.
local function distance(a, b, bound)
  local n, m = #a, #b
  if n - m > bound or m - n > bound then return nil end
  local before, last, row = {}, {}, {}
  for j = 0, m do last[j] = j end
  for i = 1, n do
    row[0] = i
    local best, ca = i, byte(a, i)
    for j = 1, m do
      local cb = byte(b, j)
      local d = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (ca == cb and 0 or 1))
      if i > 1 and j > 1 and ca == byte(b, j - 1) and byte(a, i - 1) == cb then
        d = min(d, before[j - 2] + 1)
      end
      row[j] = d
      if d < best then best = d end
    end
    if best > bound then return nil end
    before, last, row = last, row, before
  end
  if last[m] > bound then return nil end
  return last[m]
end

local function suggest(name, names)
  if type(name) ~= "string" or name == "" or #name > LONGEST then return nil end
  local wanted = plain(name)
  local bound = min(3, floor((#wanted + 2) / 3))
  local nearest, least
  local function consider(candidate)
    if type(candidate) ~= "string" then return end
    local d = distance(wanted, plain(candidate), bound)
    if d and (not least or d < least or (d == least and candidate < nearest)) then
      nearest, least = candidate, d
    end
  end
  if names[1] ~= nil then
    for i = 1, #names do consider(names[i]) end
  else
    for candidate in pairs(names) do consider(candidate) end
  end
  return nearest
end

return suggest

-- lanes.lua - the pages of a walk fetched before they are asked for: each(params, { lanes = 8 }).
--
-- Where the answers count the pages (v2), the next `lanes` of them are fetched at once by number and handed out in
-- order; else the one page whose cursor is known is fetched while the page at hand is read.  A total that changes on
-- the way means that rows have moved between pages: pages fetched ahead are dropped, the walk goes on by cursor, and
-- each change is told (the client's log, pager.changed).  No more than `lanes` pages are held at a time.

local core = require "onelogin.core"
local pool = require "onelogin.tasks.pool"

local lanes = {}

local ask_of = core.pager.ask

-- The walk's lanes; by_number: its query is known, so that a page can be asked for by number.
function lanes.new(most, by_number)
  return { most = most, by_number = by_number, ahead = {} }
end

-- Gives up what is under way.
function lanes.drop(l)
  for key, task in pairs(l.ahead) do
    l.ahead[key] = nil
    pool.cancel(task)
  end
  if l.own then l.own:turn() end
end

-- A page that is under way or has come.  One whose task was cancelled, with the task that asked for it, is neither.
local function held(l, key)
  local task = l.ahead[key]
  return task and not task.cancelled and task or nil
end

local function order(l, here, key, fetch, ask, value)
  if not held(l, key) then l.ahead[key] = (here and here.pool or l.own):add(here, false, fetch, ask, value) end
end

local function wait(l, here, key)
  local task = l.ahead[key]
  if here then pool.await(here, task) else l.own:drain(task) end
  if l.ahead[key] == task then l.ahead[key] = nil end
  if not task.failed then return task.results[1], task.results[2] end
  if task.cancelled then return nil, task.problem end -- not this task, or await had thrown
  pool.rethrow(task)
end

-- Compares the total with that of the page before.
local function compare(l, st, info)
  local from, to = l.total, info.total
  l.total = to
  if not from or not to or from == to then return end
  st.changed = { from = from, to = to }
  local host = st.op_state.host
  if host.log then
    host.log("warning", ("%s: the list changed during the walk, from %s rows to %s: the walk goes on by cursor, "
      .. "but rows may be missing"):format(st.op_state.id, tostring(from), tostring(to)))
  end
end

-- The page the walk asks for.  fetch(ask, value) → items | nil, info | err; left: how many pages it may still want.
function lanes.fetch(l, st, fetch, left, ask, value)
  local here = pool.here()
  if not here and not l.own then l.own = pool.new() end
  local by = here and here.pool or l.own
  if l.by ~= by then lanes.drop(l) end -- begun elsewhere: nobody there would finish it now
  l.by = by
  local items, info
  if l.by_number and l.page and l.pages and l.page < l.pages then
    local k = l.page + 1
    for j = k, math.min(k + l.most - 1, l.pages, k + left - 1) do order(l, here, j, fetch, "page", j) end
    items, info = wait(l, here, k)
    if items == nil or info.total == l.total and info.total_pages == l.pages then return items, info end
    lanes.drop(l)
    l.by_number = false
    compare(l, st, info)
  end
  local key = ask .. ":" .. tostring(value)
  if held(l, key) then items, info = wait(l, here, key) else items, info = fetch(ask, value) end
  if items ~= nil then compare(l, st, info) end
  return items, info
end

-- A page has come and the walk stands behind it.
function lanes.got(l, p, info, fetch, left)
  l.page, l.pages = info.page, info.total_pages
  if l.by_number and l.page and l.pages and l.total then return end
  local ask, value = ask_of(p)
  if not ask or left < 1 then return end
  order(l, pool.here(), ask .. ":" .. tostring(value), fetch, ask, value)
  if l.by == l.own then l.own:tick() end -- so that it is under way while the page at hand is read
end

return lanes

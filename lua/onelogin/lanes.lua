-- lanes.lua - the pages of a walk fetched before they are asked for: each(params, { lanes = 8 }).
--
-- Where the answers count the pages (v2), the next `lanes` of them are fetched at once by number and handed out in
-- order; else the one page whose cursor is known is fetched while the page at hand is read.  A total that changes on
-- the way means that rows have moved between pages: pages fetched ahead are dropped, the walk goes on by cursor, and
-- it is told (the client's log, pager.changed).  No more than `lanes` pages are held at a time.

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

local function order(l, here, key, fetch, ask, value)
  local task = l.ahead[key]
  if not task then
    task = (here and here.pool or l.own):add(here, false, fetch, ask, value)
    l.ahead[key] = task
  end
  return task
end

local function wait(l, here, key)
  local task = l.ahead[key]
  if here then pool.await(here, task) else l.own:drain(task) end
  l.ahead[key] = nil
  if task.failed then error(task.problem, 0) end
  return task.results[1], task.results[2]
end

-- The page the walk asks for.  fetch(ask, value) → items | nil, info | err; left: how many pages it may still want.
function lanes.fetch(l, st, fetch, left, ask, value)
  local here = pool.here()
  if not here and not l.own then l.own = pool.new() end
  local by = here and here.pool or l.own
  if l.by ~= by then lanes.drop(l) end -- begun elsewhere: nobody there would finish it now
  l.by = by
  if l.by_number and l.page and l.pages and l.page < l.pages then
    local k = l.page + 1
    for j = k, math.min(k + l.most - 1, l.pages, k + left - 1) do order(l, here, j, fetch, "page", j) end
    local items, info = wait(l, here, k)
    if items == nil or info.total == l.total and info.total_pages == l.pages then return items, info end
    lanes.drop(l)
    l.by_number = false
    st.changed = { from = l.total, to = info.total }
    local host = st.op_state.host
    if host.log then
      host.log("warning", ("%s: the list changed during the walk, from %s rows to %s: the walk goes on by cursor, "
        .. "but rows may be missing"):format(st.op_state.id, tostring(l.total), tostring(info.total)))
    end
  end
  local key = ask .. ":" .. tostring(value)
  if l.ahead[key] then return wait(l, here, key) end
  return fetch(ask, value)
end

-- A page has come and the walk stands behind it.
function lanes.got(l, p, info, fetch, left)
  l.page, l.pages, l.total = info.page, info.total_pages, info.total
  if l.by_number and l.page and l.pages and l.total then return end
  local ask, value = ask_of(p)
  if not ask or left < 1 then return end
  order(l, pool.here(), ask .. ":" .. tostring(value), fetch, ask, value)
  if l.by == l.own then l.own:tick() end -- so that it is under way while the page at hand is read
end

return lanes

-- The event log behind box:event: what happened, who did it with which credential pair, and the
-- names that things had then. The service names people by first and last name, or by e-mail
-- address; never by login.

local event_log = {}

local MAX_EVENTS = 20000 -- then the older half is forgotten
local ID_BASE = 5000000000 -- ids of events are beyond 2^32

--- First and last name of a user's row, else the e-mail address, else nil.
function event_log.name_of(row)
  if not row then return nil end
  local name = ((row.firstname or "") .. " " .. (row.lastname or "")):match("^%s*(.-)%s*$")
  if name ~= "" then return name end
  return row.email
end

-- Fills NAME out of NAME's id where the writer left it away.
local function fill_names(box, event)
  for _, prefix in ipairs { "user", "actor_user" } do
    local id = event[prefix .. "_id"]
    if id and not event[prefix .. "_name"] then
      event[prefix .. "_name"] = event_log.name_of(box:people():peek(id))
    end
  end
  for prefix, kind in pairs { role = "roles", app = "apps", group = "groups" } do
    local row = event[prefix .. "_id"] and box.store[kind][event[prefix .. "_id"]]
    if row and not event[prefix .. "_name"] then event[prefix .. "_name"] = row.name end
  end
end

--- Appends an event and returns it. `fields` are those of an event beside id, type and time; a
-- `created_at` in the past (Unix seconds) makes one that arrives late.
function event_log.append(box, type_id, fields)
  local events = box.store.events
  local event = { id = ID_BASE + box:new_id("event_rows"), event_type_id = type_id,
    created_at = box.clock.wall(), account_id = box.account_id }
  local acting = box.acting -- the credential whose request is being served
  if acting then event.client_id, event.actor_user_id = acting.client_id, acting.owner_id end
  for k, v in pairs(fields or {}) do event[k] = v end
  fill_names(box, event)
  if #events >= MAX_EVENTS then
    local keep = MAX_EVENTS / 2
    for i = 1, keep do events[i] = events[#events - keep + i] end
    for i = #events, keep + 1, -1 do events[i] = nil end
  end
  events[#events + 1] = event
  return event
end

return event_log

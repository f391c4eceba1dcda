-- Events as JSON lines, one each, as they happen: to a file, a pipe, a log shipper.
--   lua5.4 examples/follow_events.lua [--since TIME] [--checkpoint FILE] [--once] [--limit N] [--live]
-- With a checkpoint a restart goes on where the last run stood: each event at least once, none lost.
local start = dofile((arg and arg[0] or ""):gsub("[^/]*$", "") .. "lib/start.lua")
local json = require("onelogin.core").json

local args = start.arguments("follow_events.lua [--since TIME] [--checkpoint FILE] [--once] [--limit N] [--live]",
  { since = "value", checkpoint = "value", once = "flag", limit = "value" })
local ol, box = start.client(args, { users = 20 })

if box then -- something has to happen here
  args.since, args.once = args.since or ol.clock.wall(), true
  local ashley = start.need(ol.users:find_by_email("ashley@acme.test"))
  start.need(ol.users:update(ashley.id, { title = "Captain" }))
  start.need(ol.users:lock(ashley.id, { locked_until = 30 }))
  start.need(ol.roles:create { name = "Deckhands" })
end

local ok, follower = pcall(ol.events.follow, ol.events, {
  since = args.since, checkpoint = args.checkpoint, once = args.once, limit = tonumber(args.limit),
})
if not ok then
  io.stderr:write(start.clean(follower), "\n")
  os.exit(2)
end
local types = {}
for _, type in ipairs(start.need(ol.events:types())) do types[type.id] = type.name end

while true do
  local event, err = follower:next()
  if err then start.need(nil, err) end
  if not event then break end
  event.event_type = types[event.event_type_id]
  -- JSON escapes what could steer a terminal; one line is one event.
  if not io.write(json.encode(event), "\n") then break end
  io.flush()
end

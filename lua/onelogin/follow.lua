-- follow.lua - events as they happen, each at least once, none lost.
--
--   for event in client.events:follow { since = "2026-03-02T09:00:00Z", checkpoint = "events.checkpoint" } do ... end
--
-- Each look walks the list from `overlap` seconds before the newest event seen, because events show late and share
-- instants; ids tell which of them were handed out.  What is remembered is the ids of one such window and of the walk
-- under way, so memory is bounded by how many events happen in `overlap` seconds.  An event counts as handled when the
-- next one is asked for; what a checkpoint missed is handed out again.

local core = require "onelogin.core"
local suggest = require "onelogin.suggest"
local time = require "onelogin.time"

local follow = {}

local json = core.json
local null = json.null

local own = { since = true, overlap = true, checkpoint = true, interval = true, limit = true, once = true }
-- Filters that the follower sets itself, or that would end or cut what it follows.
local refused = { ["until"] = true, created_at = true, id = true, sort = true, after_cursor = true,
  before_cursor = true }

local PRUNE = 1024 -- ids gathered before the old ones are looked for
local SAVE = 1 -- seconds between two writings of a checkpoint while a walk goes on

local follower = {}

local function fail(level, ...)
  error("events.follow: " .. table.concat { ... }, level + 1)
end

-- ---- checkpoints ----

local function read_file(path)
  local file, why, code = io.open(path, "rb")
  if not file then
    if code == 2 then return nil end -- there is none yet
    error("events.follow: the checkpoint cannot be read: " .. tostring(why), 0)
  end
  local text, trouble = file:read("*a")
  file:close()
  if not text then error("events.follow: the checkpoint cannot be read: " .. tostring(trouble), 0) end
  return text
end

-- Beside it first: a crash in the middle leaves the old one.
local function write_file(path, text)
  local part = path .. ".part"
  local file, why = io.open(part, "wb")
  local ok = file ~= nil
  if ok then
    ok, why = file:write(text)
    local closed, more = file:close()
    if ok and not closed then ok, why = closed, more end
  end
  if ok then ok, why = os.rename(part, path) end
  if not ok then error("events.follow: the checkpoint cannot be written: " .. tostring(why), 0) end
end

local function checkpoint_of(value, level)
  if value == nil then return nil end
  if type(value) == "string" and value ~= "" then
    return { load = function() return read_file(value) end, save = function(text) write_file(value, text) end }
  end
  if type(value) == "table" and type(value.load) == "function" and type(value.save) == "function" then return value end
  fail(level + 1, "checkpoint must be a path, or { load = function() -> text | nil, save = function(text) }")
end

-- A set of id → second, as it was written.
local function ids_of(value)
  if value == nil then return {}, 0 end
  local out, n = {}, 0
  if type(value) ~= "table" then return nil end
  for id, at in pairs(value) do
    if type(at) ~= "number" then return nil end
    out[tostring(id)] = at
    n = n + 1
  end
  return out, n
end

local function load(self, level)
  local text = self.checkpoint.load()
  if text == nil or text == "" then return end
  local place = json.decode(text)
  local fine = type(place) == "table" and place.version == 1 and type(place.floor) == "number"
    and (place.mark == nil or type(place.mark) == "number") and (place.from == nil or type(place.from) == "number")
    and (place.cursor == nil or type(place.cursor) == "string")
    and (place.newest == nil or type(place.newest) == "number")
  if fine then
    self.before = ids_of(place.before)
    self.now, self.count = ids_of(place.now)
  end
  if not fine or not self.before or not self.now then
    fail(level + 1, "the checkpoint holds something else; to begin anew, put it away and say since")
  end
  self.floor, self.mark, self.from, self.place = place.floor, place.mark, place.from, place.cursor
  self.newest = place.newest
end

--- Says that everything handed out so far is handled.
function follower:save()
  if not self.checkpoint then return end
  local walking = self.pager ~= nil or self.place ~= nil
  self.checkpoint.save(json.encode {
    version = 1, floor = self.floor, mark = self.mark, newest = self.newest, before = self.before, now = self.now,
    from = walking and self.from or nil, cursor = walking and self.place or nil,
  })
  self.changed, self.saved = false, self.clock.mono()
end

-- ---- the walk ----

-- No mark stands later than this machine's clock: one event with a date in the future must not hide the rest.
local function mark_of(self)
  local mark = self.mark or self.floor
  if self.newest and self.newest > mark then mark = math.max(mark, math.min(self.newest, self.clock.wall())) end
  return mark
end

-- Where a look begins.  A second earlier than asked for, because a server may count in seconds.
local function start_of(self, mark)
  return math.floor(math.max(self.floor, mark - self.overlap)) - 1
end

local function open(self)
  if not self.from then self.from = start_of(self, mark_of(self)) end
  local params = { since = time.format(self.from + 0.999), after_cursor = self.place }
  for k, v in pairs(self.params) do params[k] = v end
  self.pager = self.list:pages(params, self.opts)
end

-- Forgets ids that no later look will meet.
local function prune(self)
  local first = start_of(self, mark_of(self))
  local kept, n = {}, 0
  for id, at in pairs(self.now) do
    if at >= first then
      kept[id] = at
      n = n + 1
    end
  end
  self.now, self.count, self.prune_at = kept, n, math.max(PRUNE, 2 * n)
end

-- The end of a walk: what it met is what the next one will meet again.
local function turn(self)
  prune(self)
  local mark = mark_of(self)
  if mark ~= self.mark then self.mark, self.changed = mark, true end
  self.before, self.now, self.count = self.now, {}, 0
  self.pager, self.place, self.from = nil, nil, nil
  if self.changed then self:save() end
end

local function key_of(id)
  if type(id) == "number" then return ("%.0f"):format(id) end
  return tostring(id)
end

-- Is this event to be handed out?  Notes that it was met.
local function fresh(self, event)
  if type(event) ~= "table" or event.id == nil or event.id == null then return type(event) == "table" end
  local at = time.parse(event.created_at)
  if at and at < self.floor then return false end
  if at and (not self.newest or at > self.newest) then self.newest = at end
  local id = key_of(event.id)
  local known = self.before[id] or self.now[id]
  if not self.now[id] then self.count = self.count + 1 end
  self.now[id] = at or mark_of(self)
  if known then return false end
  self.changed = true
  return true
end

-- The next page → true | false at the end of the walk | nil, err
local function fetch(self)
  if self.changed and self.clock.mono() - self.saved >= SAVE then self:save() end
  if self.count >= self.prune_at then prune(self) end
  if not self.pager then open(self) end
  local place = self.pager.cursor
  local rows, err = self.pager:next()
  if err then
    self.pager = nil -- to go on at self.place
    if err.kind == "invalid" and self.place then
      self.place = nil -- an old cursor that the server has forgotten: the walk begins again, the ids stay known
      return fetch(self)
    end
    return nil, err
  end
  self.place = place ~= "" and place or nil
  if not rows then
    turn(self)
    return false
  end
  self.rows, self.i = rows, 0
  return true
end

local function pause(self, seconds)
  self.clock.sleep(seconds)
end

--- The next event | nil at the end (limit, once) | nil, err.  After an error it may be asked again.
function follower:next()
  if self.finished then return nil end
  if self.limit and self.given >= self.limit then
    self.finished = true
    if self.changed then self:save() end
    return nil
  end
  while true do
    while self.i < #self.rows do
      self.i = self.i + 1
      local event = self.rows[self.i]
      if fresh(self, event) then
        self.given = self.given + 1
        return event
      end
    end
    self.rows, self.i = {}, 0
    local more, err = fetch(self)
    if err then
      if self.once or not err.retryable then return nil, err end
      self.wait = math.min(math.max(self.interval, self.wait * 2), 300)
      if self.log then self.log("warning", ("events.follow: %s; again in %g s"):format(tostring(err), self.wait)) end
      pause(self, self.wait)
    else
      self.wait = 0.5
      if more == false then
        if self.once then
          self.finished = true
          return nil
        end
        pause(self, self.interval)
      end
    end
  end
end

follower.__index = follower
follower.__call = function(self)
  local event, err = self:next()
  if err then error(err, 0) end
  return event
end
follower.__tostring = function(self)
  return ("onelogin.events follower: %d handed out"):format(self.given)
end

-- ---- opening ----

local function number(options, name, default, least, level)
  local value = options[name]
  if value == nil then return default end
  if type(value) ~= "number" or value ~= value or value < least or value == math.huge then
    fail(level + 1, name, " must be a number, ", tostring(least), " or more")
  end
  return value
end

local function instant(value, level)
  if type(value) == "number" and value == value then return value end
  local seconds = type(value) == "string" and time.parse(value)
  if not seconds then fail(level + 1, "since must be a date such as 2026-03-02T09:00:00Z, or seconds since 1970") end
  return seconds
end

--- events:follow(options, opts) → follower: a loop over it, or :next(), :save().
--   since       where to begin: a date or seconds; default now.  Not looked at when a checkpoint says where to go on
--   overlap     600    seconds that are looked at again for events which show late
--   checkpoint  a path, or { load =, save = }
--   interval    30     seconds between two looks
--   limit       end after so many events;  once = true: end when the events so far were handed out
--   anything else is a filter of events:list; opts are call options
function follow.follow(events, options, opts)
  local ok, list = pcall(function() return events.list end)
  if not ok or type(list) ~= "userdata" then fail(2, "call it with a colon") end
  options = options == nil and {} or options
  if type(options) ~= "table" then fail(2, "the options must be a table, got a ", type(options)) end
  local params, filters = {}, {}
  for _, param in ipairs(list.entry.query) do filters[param[1]] = true end
  for key, value in pairs(options) do
    if refused[key] then fail(2, "\"", key, "\" is set by the follower itself: leave it out") end
    if not own[key] then
      local near = type(key) == "string" and not filters[key] and suggest(key, own)
      if near then fail(2, "unknown option \"", key, "\", did you mean \"", near, "\"?") end
      params[key] = value
    end
  end
  if type(params.fields) == "table" then
    local fields = { "id", "created_at" }
    for _, name in ipairs(params.fields) do fields[#fields + 1] = name end
    params.fields = fields
  elseif type(params.fields) == "string" then
    params.fields = "id,created_at," .. params.fields
  end
  local host = core.operation.state(list).host
  local self = setmetatable({
    list = list, opts = opts, params = params, clock = host.clock, log = host.log,
    overlap = number(options, "overlap", 600, 0, 2), interval = number(options, "interval", 30, 0.1, 2),
    limit = options.limit and number(options, "limit", nil, 1, 2), once = options.once,
    checkpoint = checkpoint_of(options.checkpoint, 2),
    floor = instant(options.since == nil and host.clock.wall() or options.since, 2),
    before = {}, now = {}, count = 0, prune_at = PRUNE, rows = {}, i = 0, given = 0, wait = 0.5,
    saved = host.clock.mono(),
  }, follower)
  if self.checkpoint then load(self, 2) end
  local fine, problem = pcall(open, self) -- wrong filters are told here, before anything is sent
  if not fine then error((tostring(problem):gsub("^[^\n]-:%d+: ", "")), 2) end
  return self
end

return follow

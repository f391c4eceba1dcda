-- What a box remembers. Every kind is a plain table by numeric id; users alone are lazy: the
-- company of the generator is computed row by row when asked for, and only rows that somebody took
-- hold of (and so may change) are kept. A company of 100,000 costs next to nothing until used.

local util = require("onelogin.sandbox.util")

local store = {}

local PEOPLE = setmetatable({}, { __mode = "k" }) -- proxy of users -> its People

local People = {}
People.__index = People

--- A row for reading only: not kept, so a scan of everybody leaves no trace in memory.
function People:peek(id)
  local row = self.rows[id]
  if row then return row end
  if self.gone[id] then return nil end
  return self.company:user_by_id(id)
end

--- A row that may be changed: kept from now on.
function People:get(id)
  local row = self.rows[id]
  if row then return row end
  if type(id) ~= "number" or self.gone[id] then return nil end
  row = self.company:user_by_id(id)
  if row then self.rows[id] = row end
  return row
end

function People:index(row)
  if row.email then self.by_email[row.email:lower()] = row.id end
  if row.username then self.by_username[row.username:lower()] = row.id end
end

local function position(order, id)
  local low, high = 1, #order
  while low <= high do
    local mid = math.floor((low + high) / 2)
    local v = order[mid]
    if v == id then return mid, true end
    if v < id then low = mid + 1 else high = mid - 1 end
  end
  return low, false
end

function People:put(id, row)
  self.revision = self.revision + 1
  if row == nil then
    if self:peek(id) then
      self.rows[id], self.extra[id] = nil, nil
      self.gone[id] = true
      self.count = self.count - 1
      if self.order then
        local at, found = position(self.order, id)
        if found then table.remove(self.order, at) end
      end
    end
    return
  end
  local new = not self:peek(id)
  self.rows[id] = row
  self:index(row)
  if new then
    self.extra[id], self.gone[id] = true, nil
    self.count = self.count + 1
    if self.order then
      local at = position(self.order, id)
      table.insert(self.order, at, id)
    end
  end
end

--- Every id in ascending order. The list is the store's own: do not change it.
function People:ids()
  if self.order then return self.order end
  local order, n, gone = {}, 0, self.gone
  local company = self.company
  for index = 1, company.size do
    local id = company:user_id(index)
    if not gone[id] then
      n = n + 1
      order[n] = id
    end
  end
  local more
  for id in pairs(self.extra) do
    if not company:index_of(id) then
      n = n + 1
      order[n] = id
      more = true
    end
  end
  if more then table.sort(order) end
  self.order = order
  return order
end

--- The id of whoever has this e-mail or user name, letter case aside. `key`: "email", "username".
function People:lookup(key, value)
  local wanted = value:lower()
  local id = (key == "email" and self.by_email or self.by_username)[wanted]
  local row = id and self.rows[id]
  if row and row[key] and row[key]:lower() == wanted then return id end
  id = self.company:guess(key, wanted)
  row = id and self:peek(id)
  if row and row[key] and row[key]:lower() == wanted then return id end
end

local function new_people(company)
  return setmetatable({ company = company, rows = {}, gone = {}, extra = {}, by_email = {},
    by_username = {}, count = company.size, revision = 0 }, People)
end

local users_meta = {
  __index = function(proxy, id) return PEOPLE[proxy]:get(id) end,
  __newindex = function(proxy, id, row) PEOPLE[proxy]:put(id, row) end,
  -- For 5.3 and 5.4; on 5.1 use box:each_user().
  __pairs = function(proxy)
    local people, i = PEOPLE[proxy], 0
    local ids = people:ids()
    return function()
      i = i + 1
      local id = ids[i]
      if id then return id, people:get(id) end
    end
  end,
}

--- A store over a generated company.
function store.new(company)
  local self = {}
  local people = new_people(company)
  local users = setmetatable({}, users_meta)
  PEOPLE[users] = people
  self.users = users
  -- A kind nobody has used yet is an empty table.
  return setmetatable(self, { __index = function(t, name)
    local kind = {}
    rawset(t, name, kind)
    return kind
  end })
end

--- The People behind store.users.
function store.people(self)
  return PEOPLE[self.users]
end

local KEPT = { "rows", "gone", "extra", "by_email", "by_username" }

--- A copy of everything, for `load`.
function store.save(self)
  local people = PEOPLE[self.users]
  local saved = { kinds = {}, people = { count = people.count } }
  for name, kind in next, self do
    if name ~= "users" then saved.kinds[name] = util.copy(kind) end
  end
  for _, name in ipairs(KEPT) do saved.people[name] = util.copy(people[name]) end
  return saved
end

--- Puts back what `save` took; the same copy can be loaded again.
function store.load(self, saved)
  local people = PEOPLE[self.users]
  for name in next, self do
    if name ~= "users" then self[name] = nil end
  end
  for name, kind in pairs(saved.kinds) do rawset(self, name, util.copy(kind)) end
  for _, name in ipairs(KEPT) do people[name] = util.copy(saved.people[name]) end
  people.count = saved.people.count
  people.order = nil
  people.revision = people.revision + 1
end

return store

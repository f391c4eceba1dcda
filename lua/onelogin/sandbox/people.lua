-- What tests and the other parts of a box do with users from Lua: add, find, walk, ask.

local require = require

local mapping_run = require("onelogin.sandbox.mapping_run")
local store = require("onelogin.sandbox.store")
local util = require("onelogin.sandbox.util")

local people = {}

local TIMES = { "created_at", "updated_at", "activated_at", "last_login", "password_changed_at",
  "invitation_sent_at", "locked_until" }

--- Adds the methods below to a box.
function people.extend(Box)
  --- The lazy table behind box.store.users (peek, ids, lookup, count).
  function Box:people() return store.people(self.store) end

  --- Adds a user from Lua, unchecked. Unset fields get what a fresh active user has; times are
  -- Unix seconds or ISO text; `password` is what a login later compares with. Returns the row.
  function Box:add_user(fields)
    fields = fields or {}
    local now = self.clock.wall()
    local row = { id = fields.id or self:new_id("users"), status = 1, state = 1,
      role_ids = {}, invalid_login_attempts = 0, created_at = now, updated_at = now,
      activated_at = now }
    for k, v in pairs(fields) do
      if k ~= "password" then row[k] = v end
    end
    for _, name in ipairs(TIMES) do
      if type(row[name]) == "string" then row[name] = util.parse_iso(row[name]) end
    end
    if fields.password then self:set_password(row, fields.password) end
    self.store.users[row.id] = row
    return row
  end

  --- The row of a user by id, e-mail or user name (letter case aside); nil when there is none.
  function Box:find_user(who)
    if type(who) == "table" then who = who.id or who.email or who.username end
    if type(who) == "number" then return self.store.users[who] end
    if type(who) ~= "string" then return nil end
    local id = self:people():lookup("email", who) or self:people():lookup("username", who)
    return id and self.store.users[id]
  end

  --- Iterates id, row over everybody, in order of ids, on every Lua. Rows are for reading.
  function Box:each_user()
    local p, i = self:people(), 0
    local ids = p:ids()
    return function()
      i = i + 1
      local id = ids[i]
      if id then return id, p:peek(id) end
    end
  end

  --- Says that a row was changed from Lua: moves updated_at and makes lists look again.
  function Box:touch(row)
    row.updated_at = self.clock.wall()
    local p = self:people()
    p.revision = p.revision + 1
    p:index(row)
    return row
  end

  --- Keeps a password apart from the row, where no view and no print of a user shows it.
  function Box:set_password(row, password, algorithm, salt)
    self.store.passwords[row.id] = { value = password, algorithm = algorithm, salt = salt }
    row.password_changed_at = self.clock.wall()
    row.password_set = true
  end

  --- True while nobody may sign in as this user because of a lock.
  function Box:is_locked(row)
    if row.status ~= 3 then return false end
    return not row.locked_until or row.locked_until > self.clock.wall()
  end

  --- Runs the mappings over everybody ("Reapply all mappings"). Returns how many users changed.
  function Box:reapply_mappings()
    local n = mapping_run.everybody(self)
    self.version = self.version + 1
    return n
  end

  --- Adds what the documentation's examples speak of, under their ids: user 88888888, role 143175,
  -- app 1127385, group 417333, devices 525509 and 3920371 ... `op`: also what this operation's needs.
  function Box:seed_examples(op) require("onelogin.sandbox.examples").seed(self, op) end

  --- Adds a role from Lua: { id, name, apps, users, admins }. Returns the row.
  function Box:add_role(fields)
    local role = { id = fields.id or self:new_id("roles"), name = fields.name or "Role",
      apps = fields.apps or {}, admins = fields.admins or {}, added = {},
      created_at = self.clock.wall() }
    self.store.roles[role.id] = role
    for _, id in ipairs(fields.users or {}) do
      local row = self.store.users[id]
      if row then
        row.role_ids = row.role_ids or {}
        row.role_ids[#row.role_ids + 1] = role.id
      end
    end
    self.version = self.version + 1
    return role
  end

  --- Adds an app from Lua: { id, name, visible }. Returns the row.
  function Box:add_app(fields)
    local app = { visible = true, created_at = self.clock.wall(), updated_at = self.clock.wall() }
    for k, v in pairs(fields) do app[k] = v end
    app.id = app.id or self:new_id("apps")
    app.name = app.name or "App"
    self.store.apps[app.id] = app
    self.version = self.version + 1
    return app
  end

  --- The ids of the roles a user holds that still exist.
  function Box:role_ids(row)
    local out = {}
    for _, id in ipairs(row.role_ids or {}) do
      if self.store.roles[id] then out[#out + 1] = id end
    end
    return out
  end

  --- The apps a user has through roles (and rows' own app_ids), each once, ascending by id.
  function Box:apps_of(row)
    local seen, out = {}, {}
    local function take(list)
      for _, id in ipairs(list or {}) do
        if not seen[id] and self.store.apps[id] then
          seen[id] = true
          out[#out + 1] = self.store.apps[id]
        end
      end
    end
    for _, id in ipairs(row.role_ids or {}) do
      local role = self.store.roles[id]
      if role then take(role.apps) end
    end
    take(row.app_ids)
    table.sort(out, function(a, b) return a.id < b.id end)
    return out
  end
end

return people

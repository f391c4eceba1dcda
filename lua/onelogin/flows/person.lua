-- From a name somebody typed to the one user who may sign in.  A typed name is data, never a query:
-- what the API would read as a wildcard or a negation is refused before any call, and only a row that
-- carries exactly this name counts, whatever else the server sends along.
local answer = require("onelogin.flows.answer")
local fault = require("onelogin.flows.fault")
local json = require("onelogin.core").json

local M = {}

local LONGEST = 254 -- of an e-mail address

-- The edges of a flow's first states, START (a typed name) and PERSON (whose devices or factors are listed).
local EDGES = {
  { "START", "found", "PERSON" },
  { "START", "bad_name", "REFUSED" },
  { "START", "unknown", "REFUSED" },
  { "START", "ambiguous", "REFUSED" },
  { "START", "barred", "REFUSED" },
  { "START", "cancel", "CANCELLED" },
  { "PERSON", "listed", "CHOOSE" },
  { "PERSON", "none", "REFUSED" },
  { "PERSON", "cancel", "CANCELLED" },
}

--- These edges, and the flow's own.
function M.edges(own)
  local all = {}
  for _, edge in ipairs(EDGES) do all[#all + 1] = edge end
  for _, edge in ipairs(own) do all[#all + 1] = edge end
  return all
end

-- status of a user -> reason, and what to tell whoever runs the application.
local BARRED = {
  [0] = { "unactivated", "the user has not been activated" },
  [2] = { "suspended", "the user is suspended" },
  [3] = { "locked", "the user is locked" },
  [4] = { "password_expired", "the user's password has expired" },
  [5] = { "password_reset", "the user must reset the password first" },
  [7] = { "password_pending", "the user has no password yet" },
  [8] = { "security_questions", "the user must answer security questions first" },
}

--- Can it be sent at all?  Bytes that are no UTF-8 come from whoever tries what a page makes of them.
function M.is_text(typed)
  return (pcall(json.encode, typed))
end

--- A typed name as it may be sent, or nil and a fault.
function M.name(name)
  local why = name == "" and "no name was typed" or #name > LONGEST and "the typed name is too long"
    or name:find("[%z\1-\31\127]") and "the typed name has control characters"
    or not M.is_text(name) and "the typed name is no text (not UTF-8)"
  if why then return nil, fault.new("invalid", "bad_name", why, { field = "user" }) end
  return name
end

-- The same for a name that is searched for: it must not be a query.
local function sought(typed)
  local name, bad = M.name((typed:gsub("^[ \t]+", ""):gsub("[ \t]+$", "")))
  if name and (name:find("*", 1, true) or name:sub(1, 1) == "!") then
    return nil, fault.new("invalid", "bad_name",
      "the typed name has a character that searches instead of naming someone", { field = "user" })
  end
  return name, bad
end

local function holds(row, key, name)
  local value = type(row) == "table" and row[key]
  if type(value) ~= "string" then return false end
  if key == "email" then return value:lower() == name:lower() end
  return value == name
end

--- A person as a row of the service tells of them.
function M.told(row, id)
  local text = answer.text
  return { id = id, email = text(row.email), username = text(row.username), firstname = text(row.firstname),
    lastname = text(row.lastname) }
end

-- Asks by e-mail, by user name, or, for a name with "@" that may be either, by both, because two
-- people may answer to it.  Returns the row's plain essence, or nil and the error; the third value
-- names the event of the flow (unknown, ambiguous, barred) when it is the person's.
function M.find(list, name, by)
  local keys = by and { by } or name:find("@", 1, true) and { "email", "username" } or { "username" }
  local found, others = nil, false
  for _, key in ipairs(keys) do
    local rows, err = list { [key] = name }
    if not rows then return nil, err end
    for _, row in ipairs(rows) do
      local id = holds(row, key, name) and answer.number(row.id)
      if id and found and found.id ~= id then
        others = true
      elseif id and not found then
        found = M.told(row, id)
        found.status = tonumber(row.status)
      end
    end
  end
  if not found then
    return nil, fault.new("denied", "unknown_user", "no user has this name"), "unknown"
  elseif others then
    return nil, fault.new("denied", "ambiguous_user", "more than one user has this name"), "ambiguous"
  elseif found.status ~= 1 then
    local why = BARRED[found.status] or { "inactive", "the user is not active" }
    return nil, fault.new("denied", why[1], why[2], { user_id = found.id }), "barred"
  end
  return found
end

--- START of a flow that begins with a typed name: the user, or the flow's end.
function M.start(self)
  local data = self.data
  local name, bad = sought(data.typed)
  if not name then return self:finish("bad_name", bad) end
  local found, err, event = M.find(self.api.users(self.client), name, data.options.by)
  if found then
    data.user = found
    self:go("found")
    return true
  elseif event then
    return self:finish(event, err)
  end
  return nil, err
end

return M

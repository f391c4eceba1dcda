-- A company made out of a seed: every user is a function of (seed, number), so no row needs to
-- exist before somebody asks for it, and number 70,000 of 100,000 costs as much as number 1.
-- Among ordinary names sit hostile ones, because real directories have them too.

local random = require("onelogin.sandbox.random")

local hash = random.hash
local floor = math.floor

local generator = {}

local FIRST = { "Grace", "Alan", "Ada", "Kwame", "Ingrid", "Mateo", "Yuki", "Priya", "Omar", "Chloe",
  "Tomasz", "Nia", "Lars", "Mei", "Diego", "Fatima", "Sven", "Amara", "Jonas", "Leila", "Ruth",
  "Pavel", "Sofia", "Hassan", "Elin", "Marcus", "Anaïs", "Bruno", "Keiko", "Zoë", "Idris" }
local LAST = { "Hopper", "Turing", "Lovelace", "Mensah", "Larsen", "Garcia", "Tanaka", "Sharma",
  "Haddad", "Dubois", "Nowak", "Okafor", "Berg", "Chen", "Alvarez", "Rahman", "Lindqvist", "Diallo",
  "Weber", "Moradi", "Stone", "Novak", "Rossi", "Yilmaz", "Holm", "Müller", "O'Brien", "Kowalski",
  "Smith", "Jones", "van der Berg" }
local DEPARTMENTS = { "Engineering", "Finance", "Sales", "Support", "Legal", "People", "Research" }
local TITLES = { "Engineer", "Analyst", "Manager", "Director", "Specialist", "Assistant", "Captain" }
local ROLES = { "Employee", "Engineering", "Finance", "Sales", "Support", "Contractor", "Admin",
  "Auditor", "VPN", "On-call", "C-Executive", "=1+1 <b>Role</b>" }
local GROUPS = { "employees", "contractors", "admins", "interns" }
local APPS = { "Mail", "Wiki", "Payroll", "SAML Test Connector (Advanced)", "OIDC Basic",
  "Amazon Web Services (AWS) Multi Role" }

--- Names that break careless programs: terminal escapes, spreadsheet formulas, markup, line breaks,
-- format directives, quotes, bidirectional and non-BMP text.
local HOSTILE = {
  { "\27[2J\27[31mRed", "Alert\7" },
  { '=HYPERLINK("http://evil.test","click")', "Formula" },
  { "<script>alert(1)</script>", "Markup" },
  { "Two\nLines", "Carriage\r\nReturn" },
  { "%s%d%n 100%", "%20Percent%%" },
  { "\240\159\146\169\240\159\154\128", "\240\157\148\152\240\157\148\181" },
  { "\"Quo'te\\", "; DROP TABLE users; --" },
  { "\226\128\174desrever", "Zero\226\128\139Width" },
  { "  padded  ", "\tTab" },
  { "@SUM(A1)", "+1-1" },
}

local ID_BASE = 88000000
local TOTAL_ROLES = #ROLES

local function handle(text)
  return (text:gsub("[^%w]", ""):lower())
end

local FIRST_HANDLE, LAST_HANDLE = {}, {}
for i, name in ipairs(FIRST) do FIRST_HANDLE[i] = handle(name) end
for i, name in ipairs(LAST) do LAST_HANDLE[i] = handle(name) end

local Company = {}
Company.__index = Company

--- The id of user number `index`: ascending, with gaps, as real ids are.
function Company:user_id(index)
  return ID_BASE + index * 3 + hash(self.seed, index, 1) % 3
end

--- The number of the user with this id; nil when no generated user has it.
function Company:index_of(id)
  local index = floor((id - ID_BASE) / 3)
  if index < 1 or index > self.size or self:user_id(index) ~= id then return nil end
  return index
end

function Company:role_id(n) return 410000 + n * 17 + self.seed % 17 end
function Company:group_id(n) return 417000 + n * 13 end
function Company:app_id(n) return 1056000 + n * 31 end

-- Most are active; some of every other status.
local function status_of(h)
  h = h % 100
  if h < 86 then return 1 end
  if h < 89 then return 2 end
  if h < 91 then return 3 end
  if h < 93 then return 0 end
  if h < 95 then return 4 end
  if h < 96 then return 5 end
  if h < 99 then return 7 end
  return 8
end

local function known(self, index)
  local name = index == 1 and "ashley" or "akua"
  local created = self.now - (400 + index) * 86400
  return { id = self:user_id(index), email = name .. "@" .. self.domain, username = name,
    firstname = index == 1 and "Ashley" or "Akua", lastname = index == 1 and "Rivers" or "Mensah",
    status = 1, state = 1, title = "Engineer", department = "Engineering", company = "Acme",
    phone = "+15550100" .. index, group_id = self:group_id(1), openid_name = name,
    role_ids = { self:role_id(1), self:role_id(2) }, invalid_login_attempts = 0,
    custom_attributes = { employeenumber = "E" .. index }, created_at = created,
    updated_at = created + 86400, activated_at = created + 600, password_changed_at = created + 600,
    last_login = self.now - 3600 * index }
end

--- User number `index` as a new row. Times are Unix seconds; what is unset is absent.
function Company:user(index)
  if index <= 2 then return known(self, index) end
  local seed = self.seed
  local a, b = hash(seed, index, 2), hash(seed, index, 3)
  local f, l = a % #FIRST + 1, floor(a / 64) % #LAST + 1
  local status = status_of(floor(b / 256))
  local created = self.now - 86400 - floor(b / 2) % 63072000 - (index % 1000) / 1000
  local roles = {}
  for k = 1, b % 4 do
    local id = self:role_id((floor(a / 4096) + k * 5) % TOTAL_ROLES + 1)
    roles[k] = id
  end
  local row = { id = self:user_id(index), firstname = FIRST[f], lastname = LAST[l], status = status,
    state = 1, role_ids = roles, created_at = created, updated_at = created + b % 86400,
    email = FIRST_HANDLE[f] .. "." .. LAST_HANDLE[l] .. "." .. index .. "@" .. self.domain,
    department = DEPARTMENTS[a % #DEPARTMENTS + 1], title = TITLES[floor(a / 8) % #TITLES + 1],
    company = "Acme", invalid_login_attempts = 0,
    openid_name = FIRST_HANDLE[f] .. "." .. LAST_HANDLE[l] }
  if index % 11 ~= 0 then row.username = FIRST_HANDLE[f]:sub(1, 1) .. LAST_HANDLE[l] .. index end
  if a % 5 == 0 then row.group_id = self:group_id(a % #GROUPS + 1) end
  if a % 3 == 0 then row.phone = ("+1555%07d"):format(index % 10000000) end
  if a % 7 == 0 then row.custom_attributes = { employeenumber = "E" .. index } end
  if status ~= 0 and status ~= 7 then
    row.activated_at, row.password_changed_at = created + 900, created + 900
    if b % 9 ~= 0 then row.last_login = created + 43200 + b % 40000 end
  end
  if status == 3 then
    row.invalid_login_attempts = 5
    row.lock_reason = "attempts"
    row.locked_until = self.now + 1800
  end
  if index % 97 == 13 then
    local bad = HOSTILE[floor(index / 97) % #HOSTILE + 1]
    row.firstname, row.lastname = bad[1], bad[2]
    row.title, row.comment = bad[2], bad[1]
  end
  return row
end

function Company:user_by_id(id)
  local index = type(id) == "number" and self:index_of(id)
  if index then return self:user(index) end
end

--- The id of the one generated user who could have this (lower case) e-mail or user name.
function Company:guess(key, wanted)
  local name = wanted
  if key == "email" then
    name = wanted:match("^(.*)@" .. self.domain:gsub("%p", "%%%0") .. "$")
    if not name then return nil end
  end
  local index = name == "ashley" and 1 or name == "akua" and 2 or tonumber(name:match("(%d+)$"))
  if index and index >= 1 and index <= self.size then return self:user_id(index) end
end

--- Roles, groups, apps and custom fields go into the store at once: there are few.
function Company:fill(store)
  for n, name in ipairs(ROLES) do
    local id = self:role_id(n)
    store.roles[id] = { id = id, name = name, apps = { self:app_id(n % #APPS + 1) }, admins = {},
      added = {}, created_at = self.now - 500 * 86400 }
  end
  local all = store.roles[self:role_id(1)]
  all.apps = { self:app_id(1), self:app_id(2) }
  if self.size > 0 then all.admins = { self:user_id(1) } end
  for n, name in ipairs(GROUPS) do
    local id = self:group_id(n)
    store.groups[id] = { id = id, name = name }
  end
  for n, name in ipairs(APPS) do
    local id = self:app_id(n)
    store.apps[id] = { id = id, name = name, visible = n ~= 5, connector_id = 110000 + n,
      created_at = self.now - 500 * 86400, updated_at = self.now - 30 * 86400 }
  end
  for n, shortname in ipairs { "employeenumber", "food" } do
    store.custom_attributes[30 + n] = { id = 30 + n, shortname = shortname,
      name = n == 1 and "Employee number" or "Favourite food", position = n }
  end
end

--- A company. `options`: seed, size (users), subdomain, now (Unix seconds).
function generator.new(options)
  return setmetatable({ seed = floor(options.seed) % 1000003, size = floor(options.size),
    now = options.now, domain = options.subdomain .. ".test" }, Company)
end

generator.hostile = HOSTILE

return generator

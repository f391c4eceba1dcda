-- An emulator of the OneLogin API in memory. `require "onelogin.sandbox" { users = 1000 }` gives a
-- box; box:config() gives what a client needs to talk to it: an address, credentials and a
-- transport that never opens a socket. docs/design/sandbox.md says what it does not imitate.

local require = require

local json = require("onelogin.core").json
local browser = require("onelogin.sandbox.browser")
local clock = require("onelogin.sandbox.clock")
local devices = require("onelogin.sandbox.devices")
local event_log = require("onelogin.sandbox.event_log")
local fail = require("onelogin.sandbox.fail")
local faults = require("onelogin.sandbox.faults")
local gate = require("onelogin.sandbox.gate")
local generator = require("onelogin.sandbox.generator")
local journal = require("onelogin.sandbox.journal")
local oauth = require("onelogin.sandbox.oauth")
local people = require("onelogin.sandbox.people")
local random = require("onelogin.sandbox.random")
local router = require("onelogin.sandbox.router")
local store = require("onelogin.sandbox.store")
local transport = require("onelogin.sandbox.transport")
local util = require("onelogin.sandbox.util")

local Box = {}
Box.__index = Box

local DEFAULTS = {
  users = 100,                -- how many people the company has
  seed = 1,                   -- same seed, same company, tokens and chances
  subdomain = "acme",
  now = false,                -- Unix seconds the virtual clock starts at
  clock = false,              -- another clock (the server's); then `now` is its now
  base_url = false,           -- default https://<subdomain>.onelogin.test
  credentials = false,        -- list of { client_id, client_secret, scope, owner_id }
  entropy = false,            -- function(n) -> n secret hexadecimal digits (the server's)
  page_size = 50,             -- rows a page when the request does not say
  max_page_size = false,      -- ceiling of `limit`, below the service's own
  rate_limit = 5000,          -- v1 calls an hour
  rate_limit_status = 400,    -- 400 or 429 when they are used up
  rate_limit_headers = true,  -- whether that answer carries X-RateLimit-*
  token_ttl = 36000,
  token_errors_under_200 = false, -- the token routes' old habit
  strict_content_type = false,    -- refuse "application/json; charset=utf-8"
  v1_trailing_cursor = false, -- a last page that still names a cursor, with an empty page behind
  latency = 0,                -- seconds every answer takes
  reseller = false,           -- whether the account may use the routes of accounts
  mfa_array = false,          -- v2 MFA answers of one object come in an array of one
  verify_status = "word",     -- or "v1": a v2 verification answers in the envelope of v1
  lockout = 10,               -- wrong codes after which a user is locked; 0 = never
  mfa_required = "auto",      -- at sign-in: who has a device; true = everybody, false = nobody
  password = false,           -- of everybody for whom none was set
  other_region = false,       -- callback_url names a region that knows nothing of the sign-in
  push = false,               -- how people meet a push unless told: { "approve", after = 4 }
}

local SCOPES = { ["Authentication Only"] = true, ["Read Users"] = true, ["Manage Users"] = true,
  ["Read All"] = true, ["Manage All"] = true }

local NEW_ID_BASE = { devices = 525500, roles = 420000, groups = 420000,
  apps = 1060000, app_parameters = 450000, app_rules = 197000, mappings = 197000,
  custom_attributes = 87900, accounts = 560000 }

Box.fail = fail
Box.array = json.array
Box.null = json.null

local function check(options)
  for k, v in pairs(options) do
    local default = DEFAULTS[k]
    if type(default) == "number" then
      if type(v) ~= "number" or v ~= v or v < 0 or v == math.huge then
        error("sandbox: " .. k .. " must be a number, zero or more", 3)
      end
    end
  end
  if options.verify_status and options.verify_status ~= "word" and options.verify_status ~= "v1" then
    error('sandbox: verify_status must be "word" or "v1"', 3)
  end
  local must = options.mfa_required
  if must ~= nil and must ~= "auto" and type(must) ~= "boolean" then
    error('sandbox: mfa_required must be "auto", true or false', 3)
  end
  if options.password and type(options.password) ~= "string" then
    error("sandbox: password must be a string", 3)
  end
  if options.push then devices.behaviour(options.push, "sandbox: push") end
  if options.rate_limit_status and options.rate_limit_status ~= 400
    and options.rate_limit_status ~= 429 then
    error("sandbox: rate_limit_status must be 400 or 429", 3)
  end
  if options.subdomain and not tostring(options.subdomain):find("^%w[%w-]*$") then
    error("sandbox: subdomain must be a plain host label such as 'acme'", 3)
  end
end

local function check_scope(scope, level)
  if not SCOPES[scope] then
    local near = type(scope) == "string" and util.nearest(scope, SCOPES)
    error(("sandbox: unknown scope '%s'%s"):format(tostring(scope),
      near and (" (did you mean '" .. near .. "'?)") or ""), level + 1)
  end
end

local function new(options)
  options = options or {}
  if type(options) ~= "table" then error("sandbox: expected a table of options", 3) end
  util.check_names(options, DEFAULTS, "sandbox")
  check(options)
  local o = {}
  for k, v in pairs(DEFAULTS) do o[k] = v end
  for k, v in pairs(options) do o[k] = v end
  local box = setmetatable({ options = o, credentials = {}, live = {}, faults = {}, journal = {},
    counts = {}, request_count = 0, outbox = {}, subdomain = o.subdomain, account_id = 555555,
    next_ids = {} }, Box)
  box.clock = o.clock or clock.virtual(o.now or nil)
  box.started = box.clock.wall()
  box.stream = random.stream(math.floor(o.seed))
  box.id_stream = random.stream(math.floor(o.seed) + 7)
  box.entropy = o.entropy and function() return tonumber(o.entropy(1), 16) end or box.stream
  box.base_url = o.base_url or ("https://" .. o.subdomain .. ".onelogin.test")
  box.company = generator.new { seed = o.seed, size = o.users, subdomain = o.subdomain,
    now = math.floor(box.started) }
  box.store = store.new(box.company)
  box.company:fill(box.store)
  box.store.rate = { used = 0, since = box.started }
  box.version = 0
  box.routes = router.build()
  for _, c in ipairs(o.credentials or {}) do
    check_scope(c.scope or "Manage All", 3)
    oauth.add_credential(box, c)
  end
  box.transport = transport.new(box)
  box.initial = box:snapshot()
  return box
end

--- What onelogin.new wants. `opts`: scope (default "Manage All"), owner_id (a user whose deletion
-- kills the pair). Asking again for the same gives the same pair.
function Box:config(opts)
  opts = opts or {}
  util.check_names(opts, { scope = true, owner_id = true }, "config")
  local scope = opts.scope or "Manage All"
  check_scope(scope, 2)
  local found
  for _, c in pairs(self.credentials) do
    if c.scope == scope and c.owner_id == opts.owner_id and not c.owner_deleted then
      if not found or c.client_id < found.client_id then found = c end
    end
  end
  found = found or oauth.add_credential(self, { scope = scope, owner_id = opts.owner_id })
  return { base_url = self.base_url, client_id = found.client_id,
    client_secret = found.client_secret, transport = self.transport, clock = self.clock }
end

--- A seeded number: () in [0, 1), (n) 1..n, (m, n) m..n.
function Box:random(m, n) return self.stream(m, n) end

--- `n` hexadecimal digits for tokens and ids (seeded in process, secret in the server).
function Box:token_hex(n)
  if self.options.entropy then return self.options.entropy(n) end
  return random.hex(self.stream, n)
end

--- A fresh numeric id of a kind ("users", "roles", "devices", "events" ...).
function Box:new_id(kind)
  local id = self.next_ids[kind]
  if not id then
    id = kind == "users" and self.company:user_id(self.company.size + 1) or NEW_ID_BASE[kind]
      or 7000000
  end
  local taken = kind == "users" and self:people() or self.store[kind]
  local function used(n)
    if kind == "users" then return taken:peek(n) end
    return taken[n]
  end
  repeat id = id + 1 until not used(id)
  self.next_ids[kind] = id
  return id
end

--- Appends to the event log. `fields` are those of an event beside its id, type and time.
function Box:event(type_id, fields) return event_log.append(self, type_id, fields) end

--- The v1 envelope around data (nil for writes that answer nothing).
function Box:v1(data, pagination) -- luacheck: no self
  return fail.success(data, pagination)
end

--- The v1 hour: limit, calls left, seconds until it starts anew.
function Box:rate(now)
  local rate, limit = self.store.rate, self.options.rate_limit
  if now - rate.since >= 3600 then
    rate.since = rate.since + math.floor((now - rate.since) / 3600) * 3600
    rate.used = 0
  end
  return limit, math.max(0, limit - rate.used), math.max(0, math.ceil(rate.since + 3600 - now))
end

function Box:has_custom_attribute(shortname)
  for _, def in pairs(self.store.custom_attributes) do
    if def.shortname == shortname then return true end
  end
  return false
end

--- The definitions of custom fields in their order; those without a position come last.
function Box:custom_fields()
  local defs = {}
  for _, def in pairs(self.store.custom_attributes) do defs[#defs + 1] = def end
  table.sort(defs, function(a, b)
    local x, y = a.position or math.huge, b.position or math.huge
    if x ~= y then return x < y end
    return a.id < b.id
  end)
  return defs
end

--- The token that embedding wants, of the account's settings.
function Box:embedding_token()
  local embedding = self.store.embedding
  if not embedding.token then
    embedding.token = self:token_hex(32)
    self.live[embedding.token] = true
  end
  return embedding.token
end

--- The account's key of before OAuth, which the legacy route wants.
function Box:api_key()
  local legacy = self.store.legacy
  if not legacy.api_key then
    legacy.api_key = self:token_hex(40)
    self.live[legacy.api_key] = true
  end
  return legacy.api_key
end

--- The certificate (PEM) of what signs SAML responses here.
function Box:saml_certificate() -- luacheck: no self
  return require("onelogin.sandbox.saml_key").pair().certificate
end

--- Every live token stops working, unknown to the clients that hold one.
function Box:revoke_tokens()
  for value, token in pairs(self.store.tokens) do
    self.live[value], self.live[token.refresh_token] = nil, nil
  end
  self.store.tokens = {}
end

--- The same as if ten hours had passed for the tokens alone.
function Box:expire_tokens()
  for _, token in pairs(self.store.tokens) do
    token.created_at = token.created_at - self.options.token_ttl
  end
end

--- Spoils answers; see docs/design/sandbox.md for the options. Returns the rule (`hits` counts).
function Box:fault(options) return faults.add(self, options) end

--- Forgets every fault.
function Box:clear_faults() self.faults = {} end

--- How many requests reached an operation ("users.list"; nil = all; "unknown" = no route).
function Box:requests(op)
  if not op then return self.request_count end
  return self.counts[op] or 0
end

--- Everything a later `restore` puts back: data, clock, chance, outbox.
function Box:snapshot()
  return { store = store.save(self.store), offset = self.clock.offset, state = self.stream.state,
    outbox = util.copy(self.outbox), next_ids = util.copy(self.next_ids),
    live = util.copy(self.live) }
end

--- Back to a snapshot (which may be restored again). A real clock keeps its time.
function Box:restore(saved)
  if type(saved) ~= "table" or not saved.store then
    error("restore: expected what box:snapshot() returned", 2)
  end
  store.load(self.store, saved.store)
  if self.clock.virtual then self.clock.offset = saved.offset end
  self.stream.state = saved.state
  self.outbox = util.copy(saved.outbox)
  self.next_ids = util.copy(saved.next_ids)
  self.live = util.copy(saved.live)
  for _, c in pairs(self.credentials) do self.live[c.client_secret] = true end
  self.version = self.version + 1
end

--- Back to the first moment, with no journal and no faults. Credentials stay.
function Box:reset()
  self:restore(self.initial)
  self.journal, self.counts, self.request_count, self.faults = {}, {}, 0, {}
end

-- One request against the operation it names: status, body, headers.
local function serve(box, req, found)
  if not found then
    local status, body, headers = browser.answer(box, req)
    if status then return status, body, headers end
    return fail.no_route(req.v2)
  end
  local entry = found.entry
  local status, body
  if (entry.auth or "bearer") == "bearer" then
    status, body = gate.bearer(box, req, entry)
    if status then return status, body end
  end
  req.metered = req.path:find("^/api/1/") ~= nil
  if req.metered then
    status, body = gate.quota(box, req)
    if status then return status, body, nil, box.options.rate_limit_headers end
  end
  status, body = gate.body(box, req, entry)
  if not status then status, body = gate.arguments(box, req, entry) end
  if status then return status, body end
  local handler = box.routes.handlers[found.op]
  if not handler then
    return fail.v2(501, "NotImplemented", "the sandbox does not imitate " .. found.op .. " yet")
  end
  local headers
  box.acting = req.credential
  status, body, headers = handler(box, req)
  box.acting = nil
  if entry.method ~= "GET" and entry.auth ~= "client" then box.version = box.version + 1 end
  return status, body, headers, req.metered and status < 300
end

local function finish(box, req, status, body, headers, rated)
  local out = {}
  for k, v in pairs(headers or {}) do out[k:lower()] = v end
  out.date = util.http_date(req.now)
  out["x-request-id"] = random.hex(box.id_stream, 32)
  local text = ""
  if type(body) == "table" then
    text = json.encode(body)
    out["content-type"] = out["content-type"] or "application/json; charset=utf-8"
  elseif type(body) == "string" then
    text = body
    if text ~= "" then out["content-type"] = out["content-type"] or "text/plain" end
  end
  if rated then
    local limit, remaining, reset = box:rate(req.now)
    out["x-ratelimit-limit"] = tostring(limit)
    out["x-ratelimit-remaining"] = tostring(remaining)
    out["x-ratelimit-reset"] = tostring(reset)
  end
  return { status = status, headers = out, body = text, latency = box.options.latency }
end

--- Answers one request as the service would: the heart of both the transport and the server.
-- `raw`: { method, target = "/path?query", headers = lower-case map, body = text or nil }.
-- Returns { status, headers, body, latency, drop, truncate, close }.
function Box:handle(raw)
  local now = self.clock.wall()
  local path, query_text = raw.target:match("^([^?#]*)%??([^#]*)")
  local route_path = path:find("^/auth/") and path:gsub("/$", "") or path
  -- Who speaks in the words of v2: privileges do, under /api/1.
  local v2 = path:find("^/api/2/") ~= nil or path:find("^/api/1/privileges") ~= nil
  local query, names = util.parse_query(query_text)
  local plain_path = util.unescape(path)
  local found, ids = router.match(self.routes, raw.method, route_path)
  local req = { op = found and found.op, entry = found and found.entry, ids = ids, path = path,
    method = raw.method, query = query or {}, query_names = names or {}, query_text = query_text,
    headers = raw.headers, raw_body = raw.body, now = now, v2 = v2,
    origin = raw.origin or self.base_url }
  local rule = #self.faults > 0 and faults.pick(self, req.op) or nil
  local answer
  if rule and (rule.drop == "before" or rule.drop == "connect") then
    answer = { drop = rule.drop, headers = {}, body = "", latency = rule.latency or 0 }
  elseif rule and rule.status then
    local status, body, headers, edge = faults.answer(rule, v2)
    answer = finish(self, req, status, body, headers)
    if edge then answer.headers["x-request-id"], answer.close = nil, true end
  elseif not query or not plain_path or not util.is_utf8(plain_path) then
    -- The framework's own page, not the API's words.
    answer = finish(self, req, 400, fail.edge(400), { ["content-type"] = "text/html" })
  else
    answer = finish(self, req, serve(self, req, found))
  end
  if rule then faults.spoil(rule, answer) end
  journal.note(self, { at = now, method = raw.method, path = path, query = query,
    operation = req.op, status = answer.status, body = req.body, entry = req.entry,
    client_id = req.credential and req.credential.client_id, fault = rule and true or nil })
  return answer
end

people.extend(Box)
for name, method in pairs(devices.methods) do Box[name] = method end

return setmetatable({ new = new, Box = Box }, { __call = function(_, options)
  return new(options)
end })

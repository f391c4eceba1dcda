-- client.lua - one tenant: its resources, its escape hatch, its lifetime.

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"
local config = require "onelogin.config"
local drive = require "onelogin.drive"
local errors = require "onelogin.errors"
local helpers = require "onelogin.helpers"
local hooks = require "onelogin.hooks"
local operation = require "onelogin.operation"
local pager = require "onelogin.pager"
local suggest = require "onelogin.suggest"
local api = require "onelogin.api"

local client = {}

local mt = core.meta.client
local state_of = core.client.state

-- ---- resources ----

-- A resource is an empty table before its members, which are made when first asked for.

local function load_facts(name)
  return require("onelogin.api." .. name)
end

local function member_of(resource, st, key)
  local entry = st.facts[key]
  if not entry then
    if (key == "each" or key == "pages") and st.facts.list then
      local list = resource.list
      local walk = function(self, ...)
        if not rawequal(self, resource) then
          error(("%s.%s: call it with a colon, as %s:%s(...)"):format(st.name, key, st.name, key), 2)
        end
        local p = pager.open(list, core.operation.state(list), 2, select("#", ...), ...)
        if key == "each" then return pager.each(p) end
        return p
      end
      st.members[key] = walk
      return walk
    end
    if key == "help" then
      local tell = function() return require("onelogin.help").text(st.name) end
      st.members[key] = tell
      return tell
    end
    local helper = helpers.of(st.name, key, st.facts)
    if helper then
      st.members[key] = helper
      return helper
    end
    local near = type(key) == "string" and (suggest(key, st.facts) or suggest(key, helpers.names(st.name, st.facts)))
    error(("%s has no operation \"%s\"%s"):format(st.name, tostring(key),
      near and (", did you mean \"" .. near .. "\"?") or ""), 3)
  end
  local op = operation.new(st.client, st.host, resource, st.name .. "." .. key, entry)
  st.members[key] = op
  return op
end

local known = {}
for _, name in ipairs(api.resources) do known[name] = true end

local function resource(ud, client_state, name)
  local object = {}
  local st = { client = ud, host = client_state.host, name = name, facts = load_facts(name), members = {} }
  setmetatable(st.members, { __index = function(_, key) return member_of(object, st, key) end })
  return setmetatable(object, {
    __index = st.members,
    __newindex = function(_, key)
      error(("%s.%s cannot be set: resources are read-only"):format(name, tostring(key)), 2)
    end,
    __tostring = function()
      local names = {}
      for op in pairs(st.facts) do names[#names + 1] = op end
      table.sort(names)
      return ("onelogin.%s: %s"):format(name, table.concat(names, ", "))
    end,
    __metatable = false,
  })
end

-- ---- the escape hatch ----

local function one_of(...)
  local words, set = { ... }, {}
  for i = 1, #words do
    set[words[i]] = true
    words[i] = '"' .. words[i] .. '"'
  end
  local text = table.concat(words, ", "):gsub(", ([^,]*)$", " or %1")
  return function(v) if type(v) ~= "string" or not set[v] then return text end end
end

local function names_only(list)
  if type(list) ~= "table" then return "a list of names" end
  for i = 1, #list do
    if type(list[i]) ~= "string" then return "a list of names" end
  end
end

-- What a request may be told besides the options of every call; each rule answers what the value should have been.
local request_options = {
  query = function(v)
    if type(v) ~= "table" then return "a table of names and values" end
    for name in pairs(v) do
      if type(name) ~= "string" then return "a table of names and values" end
    end
  end,
  body = function() end,
  paging = one_of("v1", "v2"),
  envelope = one_of("bare", "v1", "token"),
  result = one_of("object", "list", "none", "value"),
  retry_trait = one_of("safe", "unsent", "never"),
  secret = names_only,
  person = function(v) if type(v) ~= "boolean" then return "true or false" end end,
}

-- ol:request(method, path, { query = , body = , ... call options })
local function request_parts(level, method, path, opts)
  local function fail(...) error("request: " .. table.concat { ... }, level + 2) end
  if type(method) ~= "string" or not method:find("^%u+$") then
    fail("method must be an upper-case HTTP method such as \"GET\", got ", tostring(method))
  end
  if type(path) ~= "string" then fail("path must be a string such as \"/api/2/users\", got ", type(path)) end
  local ok, why = core.url.check_path(path)
  if not ok then fail("path ", why) end
  if opts ~= nil and type(opts) ~= "table" then fail("the options must be a table, got ", type(opts)) end
  opts = opts or {}
  local call_opts = {}
  for k, v in pairs(opts) do
    local rule = request_options[k] or operation.options[k]
    if not rule then
      local near = type(k) == "string" and (suggest(k, request_options) or suggest(k, operation.options))
      fail("unknown option \"", tostring(k), "\"", near and (", did you mean \"" .. near .. "\"?") or "")
    end
    local wrong = rule(v)
    if wrong then fail("option \"", k, "\" must be ", wrong, ", got a ", type(v)) end
    if not request_options[k] then call_opts[k] = v end
  end
  local paging = opts.paging
  local query
  if opts.query then
    query = {}
    for k, v in pairs(opts.query) do query[#query + 1] = { k, v } end
    table.sort(query, function(a, b) return a[1] < b[1] end)
  end
  local envelope = opts.envelope or (path:find("^/api/1/") and "v1" or "bare")
  local entry = {
    method = method, path = path, paging = paging, envelope = envelope, retry = opts.retry_trait,
    result = opts.result or (paging and "list") or nil, secret = opts.secret, person = opts.person,
  }
  return entry, query, opts.body, call_opts
end

local function request_call(_, st, ud, method, path, opts)
  if not rawequal(ud, st.host.client) then
    error("request: call it with a colon, as client:request(method, path, options)", 3)
  end
  local entry, query, body, call_opts = request_parts(2, method, path, opts)
  local one = operation.new(ud, st.host, nil, "request", entry)
  return operation.perform(one, core.operation.state(one), {}, query, body, call_opts, false, 3)
end

local function request_pages(_, st, level, _, method, path, opts)
  local entry, query, body, call_opts = request_parts(level, method, path, opts)
  if not entry.paging then
    error("request: say paging = \"v1\" or \"v2\" to walk a list", level + 1)
  end
  local one = operation.new(st.host.client, st.host, nil, "request", entry)
  return pager.start(one, core.operation.state(one), {}, query, body, call_opts)
end

local request_entry = { method = "GET", path = "/", result = "list" }

local function request_handle(ud, st)
  local op = operation.new(ud, st.host, nil, "request", request_entry, request_call)
  core.operation.state(op).custom_pages = request_pages
  return op
end

-- ---- engines ----

-- One default engine per Lua state and trust setting: connections are pooled, never shared across trust.
local engines = {}

local function default_transport(trust)
  local key = table.concat({ trust.ca_file or "", trust.ca_blob or "", trust.pinned_key or "", trust.proxy or "" },
    "\0")
  local engine = engines[key]
  if not engine then
    engine = require("onelogin.curl").engine {
      ca_file = trust.ca_file, ca_blob = trust.ca_blob, pinned_key = trust.pinned_key, proxy = trust.proxy,
    }
    engines[key] = engine
  end
  return engine
end

-- libcurl is loaded when the first request is sent, not by require.
local function lazy_transport(host, trust)
  local waking = {}
  function waking.wake()
    local engine = default_transport(trust)
    host.transport, host.engine, host.wire = engine, engine, not host.hooks
    return engine
  end
  function waking.send(_, request) return waking.wake():send(request) end
  return waking
end

-- ---- the client ----

local methods = {}

-- How many tokens it has fetched; a closed one keeps none.
local function tokens(ud)
  local host = state_of(ud).host
  if not core.client.closed(ud) then host.tokens = core.client.inspect(ud).token_generation end
  return host.tokens
end

function methods.close(ud)
  tokens(ud)
  core.client.close(ud)
end

-- Ends the token's life on the server; never done by close.  true | nil, err
function methods.revoke(ud)
  local st = state_of(ud)
  local token = core.client.secrets(ud)
  if not core.client.inspect(ud).has_token then return true end
  local ok, err = ud.oauth:revoke_token({ access_token = token })
  if ok == nil then return nil, err end
  core.client.forget(ud)
  if st.host.store and st.host.store.delete then st.host.store.delete(st.host.store_prefix .. "token") end
  return true
end

-- Many calls, some at once: client:batch({ { client.users.get, id }, ... }, { limit = 8 }).
function methods.batch(ud, calls, options)
  return require("onelogin.batch").run(ud, state_of(ud).host, calls, options)
end

-- What the client has done: calls, those that failed, requests of theirs, tokens fetched, and its engine's count.
function methods.stats(ud)
  local host = state_of(ud).host
  local engine, lost = host.engine, drive.lost(host)
  return { calls = host.calls + lost, failed = host.failed + lost, requests = host.requests, retries = host.retries,
    tokens = tokens(ud), engine = engine and engine:stats() }
end

-- What may be shown of a client: no secret.
function methods.inspect(ud)
  local out = core.client.inspect(ud)
  out.base_url = state_of(ud).host.base_url
  return out
end

local lazy = {
  request = request_handle,
  flows = function(ud, st) return require("onelogin.flows").new(ud, { clock = st.host.clock }) end,
  clock = function(_, st) return st.host.clock end,
  base_url = function(_, st) return st.host.base_url end,
}

function mt.__index(ud, key)
  local st = state_of(ud)
  local member = st.members[key] or methods[key]
  if member ~= nil then return member end
  if core.client.closed(ud) then
    error("this client is closed: make a new one with onelogin.new", 2)
  end
  if lazy[key] then
    member = lazy[key](ud, st)
  elseif known[key] then
    member = resource(ud, st, key)
  else
    local near = type(key) == "string" and (suggest(key, known) or suggest(key, methods) or suggest(key, lazy))
    error(("a client has no member \"%s\"%s"):format(tostring(key),
      near and (", did you mean \"" .. near .. "\"?") or ""), 2)
  end
  st.members[key] = member
  return member
end

mt.__close = methods.close

function client.new(options, getenv)
  local cfg = config.merge(options, getenv, 2)
  local host = {
    clock = cfg.clock, store = cfg.store, allow = cfg.allow, dry_run = cfg.dry_run, log = cfg.log,
    base_url = cfg.base_url,
    store_prefix = ("onelogin:%s:%s:"):format(cfg.base_url, cfg.client_id),
  }
  host.transport = cfg.transport or lazy_transport(host, cfg.trust)
  host.engine = cfg.engine and cfg.transport or nil -- what tasks start transfers on
  host.hooks = hooks.new(cfg.hooks, host)
  host.wire = cfg.engine and not host.hooks -- hooks look at requests and answers, so these are made as tables
  host.spares = {}
  host.calls, host.failed, host.requests, host.retries, host.tokens = 0, 0, 0, 0, 0
  host.begun, host.open = 0, setmetatable({}, { __mode = "k" })
  host.wake = not cfg.transport and host.transport.wake or nil -- the engine, before a first request has asked for it
  local limits = cfg.limits
  limits.base_url, limits.client_id, limits.user_agent = cfg.base_url, cfg.client_id, cfg.agent
  limits.basic = cfg.auth_header == "basic"
  limits.store = cfg.store ~= nil
  local st = { host = host, members = {} }
  if type(cfg.client_secret) == "function" then
    st.client_secret = cfg.client_secret
  else
    limits.client_secret = cfg.client_secret
  end
  local ok, ud = pcall(core.client.new, limits, st)
  if not ok then error("onelogin.new: " .. tostring(ud), 3) end
  host.client = ud
  return ud
end

client.errors = errors

-- Inside nginx calls wait by its means.  (Its worker threads have an `ngx` that can do nothing, and they may block.)
local ngx = package.loaded.ngx
if type(ngx) == "table" and ngx.get_phase and ngx.timer then require "onelogin.nginx" end

return client

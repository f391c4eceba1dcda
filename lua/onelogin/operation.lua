-- operation.lua - an operation as a handle: callable, :each, :pages, :call, and it prints its signature.
--
-- The handle is a userdata of the core; its behaviour comes from one entry of the declared table.

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"
local check = require "onelogin.check"
local drive = require "onelogin.drive"
local redact = require "onelogin.redact"
local pager = require "onelogin.pager"

local operation = {}

local mt = core.meta.operation
local state_of = core.operation.state
local new_call = core.call
local select, type, error = select, type, error

local function permitted(host, id, entry)
  local allow = host.allow
  if allow == "read" then
    return entry.method == "GET" or entry.method == "HEAD"
  end
  for i = 1, #allow do
    local pattern = allow[i]
    if pattern == id then return true end
    if type(pattern) == "string" and pattern:sub(-2) == ".*" and id:sub(1, #pattern - 1) == pattern:sub(1, -2) then
      return true
    end
  end
  return false
end

-- The path template, query and body of a call that is not to be made.
local function described(st, call, query, body)
  local request = call:request(redact.MASK)
  call:close()
  local mask = redact.masker(st.host.client, st.entry.secret, { query or false, body or false })
  request.url = mask(request.url)
  request.body = mask(request.body)
  for name, value in pairs(request.headers) do request.headers[name] = mask(value) end
  request.dry_run = true
  return request
end

-- Makes the call object of an operation from checked parts, or returns nil and a description (dry run).
local function prepare(op, st, ids, query, body, opts, never, level, spare, headers)
  local host = st.host
  if host.allow and not permitted(host, st.id, st.entry) then
    error(("%s: this client may not call it: its option allow is %s"):format(st.id,
      host.allow == "read" and "\"read\"" or "a list without it"), level + 1)
  end
  if st.entry.status and not st.told then
    st.told = true
    if host.log then
      host.log("warning", st.id .. (st.entry.status == "deprecated" and " is deprecated" or " is an early preview")
        .. (st.entry.replaced_by and (": use " .. st.entry.replaced_by) or ""))
    end
  end
  if opts and opts.fetch then operation.reader(st, level + 1) end
  local clock = host.clock
  local now, today = clock.mono(), clock.wall()
  local ok, call = pcall(new_call, op, now, today, ids, query, body, opts, never, spare, headers)
  if not ok then
    local why = tostring(call)
    error(why:sub(1, #st.id) == st.id and why or st.id .. ": " .. why, level + 1)
  end
  local dry = opts and opts.dry_run
  if dry == nil and host.dry_run then dry = st.entry.method ~= "GET" end
  if dry then return nil, described(st, call, query, body) end
  return call, now, today
end

-- The operation that reads what this one's answer only names.  Throws where there is none, before anything is sent.
function operation.reader(st, level)
  local name = st.entry.fetch
  if not name then
    error(st.id .. ": \"fetch\" is for answers of only an id, and this one's says all there is: leave it out",
      level + 1)
  end
  local resource, key = name:match("^(.-)%.(.+)$")
  local reader = st.host.client[resource][key]
  local rst = state_of(reader)
  if st.host.allow and not permitted(st.host, name, rst.entry) then
    error(("%s: fetch = true calls %s, which this client's option allow leaves out"):format(st.id, name), level + 1)
  end
  return reader, rst
end

-- What the server gave as an id, if it can be one: it must not make a change that was done throw.
local function as_id(id)
  if type(id) == "number" then return id % 1 == 0 and id end
  if type(id) == "string" and #id <= 1024 and id:find("^[^/\\?%c]+$") and not id:find("^%.%.?$") then return id end
end

-- Reads the object that an answer of { id } names.  The change is done by now, so trouble in reading is no failure of
-- the call: the answer comes as it was, and its second value says why.
local function whole(st, ids, opts, value, info)
  local reader, rst = operation.reader(st, 1)
  local all, options = {}, {}
  for i = 1, #ids do all[i] = ids[i] end
  if #all < #rst.entry.ids then all[#all + 1] = type(value) == "table" and as_id(value.id) or nil end
  for k, v in pairs(opts) do options[k] = v end
  options.fetch, options.missing_ok, options.dry_run = nil, nil, false
  local got, err
  if #all == #rst.entry.ids then
    got, err = operation.perform(reader, rst, all, nil, nil, options, false, 1)
  end
  if got ~= nil then return got, err end
  return value, { request_id = info and info.request_id, fetch_error = err or "the answer names no id" }
end

-- Every failure passes here on its way out.
local function finish(st, params, opts, value, info)
  if value ~= nil then
    if st.entry.format ~= "xml" then return value, info end
    value, info = require("onelogin.xml").read(st.id, st.entry, value)
    if value then return value end
  end
  local err = info
  if err.kind == "decode" and err.body then -- what cannot be read cannot be masked by its names
    for _, name in ipairs(st.entry.secret or {}) do
      if name == "data" then err.body = redact.MASK end
    end
  end
  if opts and opts.missing_ok and err.kind == "not_found" then return nil end
  return nil, redact.error(err, redact.masker(st.host.client, st.entry.secret, params))
end

-- Used by the pager too: one request with finished parts.
function operation.perform(op, st, ids, query, body, opts, never, level, headers)
  local host = st.host
  local spares = host.spares -- ended calls to be used again: one, or where tasks run as many as they had at once
  local n = #spares
  local spare = spares[n]
  spares[n] = nil -- a call made by a transport or hook meanwhile must not take it too
  local call, now, today = prepare(op, st, ids, query, body, opts, never, (level or 1) + 1, spare, headers)
  if not call then return now end -- the request that would be sent
  local value, info = drive.run(host, call, now, today)
  call:rest()
  n = #spares
  if n < 64 then spares[n + 1] = call end
  if value == nil then return finish(st, { query or false, body or false }, opts, nil, info) end
  if opts and opts.fetch then return whole(st, ids, opts, value, info) end
  return finish(st, body, opts, value, info)
end

function operation.settle(st, ids, body, opts, value, info)
  if opts and opts.fetch and value ~= nil then return whole(st, ids, opts, value, info) end
  return finish(st, body, opts, value, info)
end

local function checked(st, resource, level, argc, ...)
  if not rawequal(resource, st.resource) then
    error(("%s: call it with a colon, as %s"):format(st.id, operation.signature(st)), level + 1)
  end
  return check.try(st.entry, st.id, argc, ...)
end

local function throw(st, message, level)
  error(tostring(message), level + 1)
  return st
end

-- client.users:get(id, params, opts)
function mt.__call(op, resource, ...)
  local st = state_of(op)
  if st.custom then return st.custom(op, st, resource, ...) end
  local ids, query, body, opts, retry, headers = checked(st, resource, 2, select("#", ...), ...)
  if not ids then throw(st, query, 2) end
  if opts and (opts.snapshot or opts.lanes) then
    throw(st, ("%s: \"%s\" is an option of each and pages"):format(st.id, opts.lanes and "lanes" or "snapshot"), 2)
  end
  return operation.perform(op, st, ids, query, body, opts, retry == "never", 2, headers)
end

local methods = {}

-- What an unsent call's options say about its result.
local pending = setmetatable({}, { __mode = "k" })

-- op:pages(ids..., params, opts) → pager
function methods.pages(op, ...)
  local st = state_of(op)
  return pager.open(op, st, 2, select("#", ...), ...)
end

-- for item in op:each(ids..., params, opts) do
function methods.each(op, ...)
  local st = state_of(op)
  return pager.each(pager.open(op, st, 2, select("#", ...), ...))
end

-- op:call(ids..., params, opts) → a call that has not been run: :run(), :cancel()
function methods.call(op, ...)
  local st = state_of(op)
  if st.custom then throw(st, st.id .. ": call it as " .. operation.signature(st), 2) end
  local ids, query, body, opts, retry, headers = check.try(st.entry, st.id, select("#", ...), ...)
  if not ids then throw(st, query, 2) end
  local call, request = prepare(op, st, ids, query, body, opts, retry == "never", 2, nil, headers)
  if not call then return request end
  if query or opts then pending[call] = { ids, opts, query } end
  return call
end

-- "users:get(user_id [, params [, opts]])", for humans.
function operation.signature(st)
  if st.custom then return "client:request(method, path, { query = , body = , paging = , ... })" end
  return check.usage(st.entry, st.id)
end

function methods.signature(op)
  return operation.signature(state_of(op))
end

--- All that is known of the operation, as text.
function methods.help(op)
  return require("onelogin.help").text(op)
end

function mt.__tostring(op)
  local st = state_of(op)
  return ("%s  -- %s %s"):format(operation.signature(st), st.entry.method, st.entry.path)
end

function mt.__index(op, key)
  local method = methods[key]
  if method then return method end
  local st = state_of(op)
  if key == "id" or key == "entry" then return st[key] end
  error(("%s has no member \"%s\": it can be called, or used with :each, :pages, :call, :help and :signature"):format(
    st.id, tostring(key)), 2)
end

-- The call userdata's own Lua method.
function core.meta.call.__index.run(call)
  local op, params = call:operation()
  local st = state_of(op)
  local known = pending[call]
  return operation.settle(st, known and known[1], known and { known[3] or false, params or false } or params,
    known and known[2], drive.run(st.host, call))
end

-- A handle for one entry.  `custom` replaces the argument handling (the escape hatch).
function operation.new(client, host, resource, id, entry, custom)
  return core.operation.new(client, id, entry,
    { id = id, entry = entry, host = host, resource = resource, custom = custom })
end

operation.options = check.options
pager.perform = operation.perform

return operation

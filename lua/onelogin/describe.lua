-- describe.lua - the words for what the facts of an operation say.
--
-- Help, the reference and the stubs are made of these, so that all of them say the same.

local require = require
local api = require "onelogin.api"
local check = require "onelogin.check"
local helpers = require "onelogin.helpers"

local describe = {}

local concat, sort = table.concat, table.sort

--- The prose of a resource: { OPERATION = words }.
function describe.prose(resource)
  return require("onelogin.prose." .. resource)
end

--- The facts of a resource: { OPERATION = entry }.
function describe.facts(resource)
  return require("onelogin.api." .. resource)
end

--- The names of a resource's operations, sorted.
function describe.names(resource)
  local names = {}
  for name in pairs(describe.facts(resource)) do names[#names + 1] = name end
  sort(names)
  return names
end

--- Every operation of these resources (default: those that a client has), sorted by id:
-- { { id, method, path, summary, scopes, status, replaced_by, doc }, ... }
function describe.operations(resources)
  local list = {}
  for _, resource in ipairs(resources or api.resources) do
    local prose = describe.prose(resource)
    for name, entry in pairs(describe.facts(resource)) do
      local scopes = {}
      for i, scope in ipairs(entry.scopes) do scopes[i] = scope end
      list[#list + 1] = {
        id = resource .. "." .. name, method = entry.method, path = entry.path, summary = prose[name].summary,
        scopes = scopes, status = entry.status, replaced_by = entry.replaced_by, doc = entry.doc,
      }
    end
  end
  sort(list, function(a, b) return a.id < b.id end)
  return list
end

-- Name → how it is called, what it does.
local helper_words = {
  find = { "find({ field = value } [, opts])", "the one object with these values, nil when there is none" },
  ensure = { "ensure(key, values [, opts])", "the object whose unique key is values[key]: found, or else created" },
  find_by_email = { "find_by_email(email [, opts])", "the one with exactly this address" },
  find_by_username = { "find_by_username(username [, opts])", "the one with exactly this name" },
  find_by_external_id = { "find_by_external_id(id [, opts])", "the one with exactly this id of another system" },
  refresh_mappings = { "refresh_mappings(user_id [, opts])", "has the mappings run for one user now" },
  follow = { "follow({ since =, checkpoint = } [, opts])", "a loop over events as they happen, none lost" },
}

--- What stands beside a resource's operations: { { name, call, text }, ... }, sorted by name.
function describe.helpers(resource)
  local list = {}
  for name in pairs(helpers.names(resource, describe.facts(resource))) do
    local words = helper_words[name] or { name .. "(...)", "a helper" }
    list[#list + 1] = { name, words[1], words[2] }
  end
  sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

--- "ol.users:get(user_id [, params [, opts]])"
function describe.signature(id, entry)
  return "ol." .. check.usage(entry, id)
end

local function shown(value)
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) == "number" and value % 1 == 0 then return ("%d"):format(value) end
  return tostring(value)
end
describe.shown = shown

--- "array<integer>" reads "array of integer".
function describe.type(kind)
  local item = kind:match("^array<(.*)>$")
  return item and "array of " .. item or kind
end

--- What is known of a parameter beside its type: { "required", "1 to 50", ... }
function describe.bounds(param)
  local out = {}
  if param.required then out[#out + 1] = "required" end
  if param.enum then
    local values = {}
    for i, value in ipairs(param.enum) do values[i] = shown(value) end
    out[#out + 1] = "one of " .. concat(values, ", ")
  end
  if param.min and param.max then
    out[#out + 1] = shown(param.min) .. " to " .. shown(param.max)
  elseif param.min then
    out[#out + 1] = "at least " .. shown(param.min)
  elseif param.max then
    out[#out + 1] = "at most " .. shown(param.max)
  end
  if param.cap then out[#out + 1] = "no more than " .. shown(param.cap) .. " are given" end
  if param.default ~= nil then out[#out + 1] = "default " .. shown(param.default) end
  if param.wildcard then out[#out + 1] = "* is a wildcard" end
  if param.ignored then out[#out + 1] = "taken and left alone by the server" end
  return out
end

--- Everything a call takes, in order: { { name =, type =, place =, bounds = { ... }, text = }, ... }
-- place is "path", "query", "header" or "body"; a member of an object has its full name ("user.id").
function describe.params(entry, words)
  local out, texts, secret = {}, words and words.params or {}, {}
  for _, name in ipairs(entry.secret or {}) do secret[name] = true end
  local function add(list, place, prefix)
    for _, param in ipairs(list) do
      local full = prefix .. param[1]
      local bounds = describe.bounds(param)
      if secret[param[1]] then bounds[#bounds + 1] = "secret" end
      out[#out + 1] = { name = full, type = describe.type(param[2]), place = place, bounds = bounds,
        text = texts[full], param = param }
      add(param.fields or {}, place, full .. ".")
    end
  end
  for _, id in ipairs(entry.ids or {}) do
    out[#out + 1] = { name = id[1], type = id[2], place = "path", bounds = {}, text = texts[id[1]], param = id }
  end
  add(entry.query or {}, "query", "")
  add(entry.headers or {}, "header", "")
  if type(entry.body) == "table" then add(entry.body, "body", "") end
  return out
end

--- The params argument where it is no table of names, or nil.
function describe.whole_body(entry)
  if entry.body == "array" then return "params is an array of " .. entry.items end
  if entry.body == "any" then return "params is any JSON value" end
end

local answers = {
  object = "a table", list = "an array", none = "true", value = "a value",
}

--- What a call returns, as a sentence's end: "an array, page by page".
function describe.answer(entry)
  local text = answers[entry.result or "object"]
  if entry.format == "xml" then text = text .. ", read from XML" end
  if entry.fetch then
    text = text .. "; the server answers only the id, fetch = true in the options reads the rest"
  end
  if entry.pending then text = text .. "; false while nothing is decided, and the second value says why" end
  return text
end

--- When the request is sent again after a failure.
function describe.repeated(entry)
  local retry = entry.retry or (entry.method == "GET" and "safe" or "unsent")
  if retry == "safe" then return "after any passing failure" end
  if retry == "never" then return "never" end
  local text = "only when nothing had left"
  if entry.never_with then text = text .. "; never with " .. concat(entry.never_with, ", ") end
  return text
end

--- "deprecated; use users.list" | nil
function describe.standing(entry)
  local status = entry.status and entry.status:gsub("_", " ")
  if entry.replaced_by then
    return (status and status .. "; use " or "version 1; the same in version 2: ") .. entry.replaced_by
  end
  return status or nil
end

--- Who asks: "the access token; scope Read Users, Manage Users, Read All or Manage All".
function describe.authority(entry)
  if entry.auth == "none" then return "nobody: neither token nor credential pair is sent" end
  local who = entry.auth == "client" and "the credential pair" or "the access token"
  local n = #entry.scopes
  if n == 0 then return who .. (entry.auth == "client" and "" or "; no page names a scope") end
  local list = n == 1 and entry.scopes[1] or concat(entry.scopes, ", ", 1, n - 1) .. " or " .. entry.scopes[n]
  return who .. "; scope " .. list
end

--- The errors of an operation, its own first: { { status, message or false, when }, ... }
function describe.errors(entry, words)
  local common, out = describe.prose "common", {}
  local function add(list)
    for _, item in ipairs(list or {}) do out[#out + 1] = item end
  end
  add(words and words.errors)
  if entry.auth == "none" or entry.auth == "client" then return out end
  local ids = entry.ids and entry.ids[1]
  if entry.path:find("^/api/2/") then
    if ids then add(common.v2_id) end
    if entry.paging == "v2" then add(common.v2_paged) end
    add(common.v2)
  elseif entry.path:find("^/api/1/") or entry.path:find("^/auth/") then -- get_rate_limit is v1 too
    if ids then add(common.v1_id) end
    add(common.v1)
  end
  return out
end

return describe

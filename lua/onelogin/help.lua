-- help.lua - what there is, for a person at a prompt: from the facts of the table and its prose.
--
--   print(onelogin.help())               the resources
--   print(onelogin.help "users")         a resource: its operations (also help(ol.users), ol.users:help())
--   print(onelogin.help "users.list")    an operation (also help(ol.users.list), ol.users.list:help())
--
-- Returns text and prints nothing: hosts have their own places to print to.

local require = require
local api = require "onelogin.api"
local core = require "onelogin.core"
local describe = require "onelogin.describe"
local suggest = require "onelogin.suggest"

local help = {}

local WIDTH = 100
local concat = table.concat

local known = {}
for _, name in ipairs(api.resources) do known[name] = true end

-- Lines of `text` that fit behind an indent of `margin`; the first follows `head`.
local function wrapped(head, margin, text)
  local out, line = {}, ""
  local room = math.max(WIDTH - margin, 30)
  for word in text:gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > room then
      out[#out + 1] = head .. line
      head, line = (" "):rep(margin), ""
    end
    line = line == "" and word or line .. " " .. word
  end
  out[#out + 1] = (head .. line):gsub("%s+$", "")
  return concat(out, "\n")
end

-- Two columns, the second wrapped.
local function listed(rows)
  local widest = 0
  for _, row in ipairs(rows) do
    if #row[1] > widest and #row[1] <= 40 then widest = #row[1] end
  end
  local out = {}
  for _, row in ipairs(rows) do
    local head = "  " .. row[1] .. (" "):rep(widest - #row[1]) .. "  "
    if #row[1] > widest then
      out[#out + 1] = "  " .. row[1]
      head = (" "):rep(widest + 4)
    end
    out[#out + 1] = wrapped(head, widest + 4, row[2])
  end
  return concat(out, "\n")
end

local function mark(entry)
  return entry.status and " (" .. entry.status:gsub("_", " ") .. ")" or ""
end

local function overview()
  local rows, total = {}, 0
  for _, resource in ipairs(api.resources) do
    local names = describe.names(resource)
    total = total + #names
    rows[#rows + 1] = { resource, concat(names, ", ") }
  end
  return ("ol = onelogin.new { ... } has %d resources with %d operations, called as ol.users:get(id):\n\n%s\n\n%s\n")
    :format(#rows, total, listed(rows),
      'onelogin.help "users" and onelogin.help "users.list" say more; onelogin.operations() lists them all.')
end

local function of_resource(resource)
  local facts, prose, rows = describe.facts(resource), describe.prose(resource), {}
  for _, name in ipairs(describe.names(resource)) do
    local ids = {}
    for i, id in ipairs(facts[name].ids or {}) do ids[i] = id[1] end
    rows[#rows + 1] = { name .. (ids[1] and "(" .. concat(ids, ", ") .. ")" or ""),
      prose[name].summary .. mark(facts[name]) }
  end
  for _, helper in ipairs(describe.helpers(resource)) do rows[#rows + 1] = { helper[2], "(helper) " .. helper[3] } end
  local walk = facts.list and facts.list.result == "list"
    and ("ol.%s:each{...} and :pages{...} walk the list. "):format(resource) or ""
  return ("ol.%s\n\n%s\n\n%sonelogin.help \"%s.%s\" says more.\n"):format(resource, listed(rows), walk, resource,
    describe.names(resource)[1])
end

local function of_operation(resource, name)
  local id = resource .. "." .. name
  local entry, words = describe.facts(resource)[name], describe.prose(resource)[name]
  local out = { describe.signature(id, entry), wrapped("", 0, words.summary .. ".") }
  local function add(text) out[#out + 1] = text end
  local standing = describe.standing(entry)
  if standing then add("Note: " .. standing .. ".") end
  add("")

  local facts = { { "request", entry.method .. " " .. (entry.host or "") .. entry.path },
    { "returns", describe.answer(entry) } }
  if entry.paging then
    facts[#facts + 1] = { "walk", ("for item in ol.%s:each(...) do; :pages(...) page by page"):format(id) }
  end
  facts[#facts + 1] = { "asks as", describe.authority(entry) }
  facts[#facts + 1] = { "sent again", describe.repeated(entry) }
  if entry.read_only then facts[#facts + 1] = { "read-only", concat(entry.read_only, ", ") } end
  if entry.doc then facts[#facts + 1] = { "source", entry.doc } end
  add(listed(facts))

  local rows = {}
  for _, param in ipairs(describe.params(entry, words)) do
    local told = { param.type }
    if param.place == "path" or param.place == "header" then told[1] = told[1] .. " (" .. param.place .. ")" end
    for _, bound in ipairs(param.bounds) do told[#told + 1] = bound end
    rows[#rows + 1] = { param.name, (param.text and param.text .. ". " or "") .. concat(told, "; ") }
  end
  local whole = describe.whole_body(entry)
  if rows[1] or whole then add("\nParameters") end
  if rows[1] then add(listed(rows)) end
  if whole then add("  " .. whole) end

  if words.notes then add("\nGood to know") end
  for _, note in ipairs(words.notes or {}) do add(wrapped("  - ", 4, note)) end

  local errors = {}
  for _, item in ipairs(describe.errors(entry, words)) do
    errors[#errors + 1] = { tostring(item[1]), (item[2] and item[2] .. ": " or "") .. item[3] }
  end
  if errors[1] then add("\nErrors\n" .. listed(errors)) end
  add("\nExample\n  " .. words.example.call)
  return concat(out, "\n") .. "\n"
end

local function fail(level, ...) error("onelogin.help: " .. concat { ... }, level + 1) end

local function near(word, names)
  local found = suggest(word, names)
  return found and (', did you mean "' .. found .. '"?') or ""
end

-- "users", "users.list", "users:list", "ol.users:list"
local function by_name(word, level)
  local resource, name = word:gsub("^ol%.", ""):match("^([%w_]+)[.:]?([%w_]*)$")
  if not resource then
    fail(level + 1, ("%q"):format(word), ' is no name such as "users" or "users.list"')
  end
  if not known[resource] then
    fail(level + 1, 'no resource "', resource, '"', near(resource, known))
  end
  if name == "" then return of_resource(resource) end
  local facts = describe.facts(resource)
  if facts[name] then return of_operation(resource, name) end
  if (name == "each" or name == "pages") and facts.list then return of_operation(resource, "list") end
  for _, helper in ipairs(describe.helpers(resource)) do
    if helper[1] == name then return ("ol.%s:%s\n%s.\n"):format(resource, helper[2], helper[3]) end
  end
  fail(level + 1, resource, ' has no operation "', name, '"', near(name, facts))
end

local REQUEST = [[
ol:request(method, path, { query = {}, body = , paging = "v1"|"v2", envelope = , result = , ... })
Any route of the API, with the same rules for tokens, retries and errors.

Example
  ol:request("GET", "/api/2/users", { query = { limit = 1 } })
]]

local function text_for(x, level)
  if x == nil then return overview() end
  if type(x) == "string" then return by_name(x, level + 1) end
  if type(x) == "userdata" then
    local meta = debug.getmetatable(x)
    if meta == core.meta.operation then
      if x.id == "request" then return REQUEST end
      return by_name(x.id, level + 1)
    end
    if meta == core.meta.client then return overview() end
  end
  -- A resource hides its metatable and knows its own name.
  if type(x) == "table" and getmetatable(x) == false then return x:help() end
  fail(level + 1, 'takes a name ("users", "users.list"), a resource, an operation or nothing, got a ', type(x))
end

--- help.text(x) → text; x is a name, a resource, an operation's handle, a client or nil.
function help.text(x) return text_for(x, 2) end

--- The operations that a client has, sorted by id: { { id =, method =, path =, summary =, ... }, ... }
function help.operations() return describe.operations() end

return setmetatable(help, { __call = function(_, x) return text_for(x, 2) end })

-- markdown.lua - the reference: a page a resource, and the index of the documentation.

local describe = require "onelogin.describe"
local text = require "spec.generate.text"

local markdown = {}

local concat, sort = table.concat, table.sort

local HEAD = "<!-- " .. text.MARK .. " -->\n"

-- Text inside a cell of a table.
local function cell(value)
  return (value:gsub("|", "\\|"):gsub("<", "&lt;"):gsub("\n", " "))
end

local function code(value) return "`" .. value .. "`" end

local function rows(list, head)
  local out = { "| " .. concat(head, " | ") .. " |", "|" .. (" --- |"):rep(#head) }
  for _, row in ipairs(list) do out[#out + 1] = "| " .. concat(row, " | ") .. " |" end
  return concat(out, "\n")
end

local function secrets(entry)
  local set, list = {}, {}
  for _, name in ipairs(entry.secret or {}) do
    set[name] = true
    list[#list + 1] = name
  end
  return set, list
end

local result_names = { object = "answer", list = "items", none = "ok", value = "value" }

--- The call of an example, with a variable in the place of each secret.
function markdown.example(entry, words)
  local call, from = words.example.call, {}
  local _, list = secrets(entry)
  for _, name in ipairs(list) do
    local found
    call, found = call:gsub("([{%s,])" .. name .. ' = "[^"]*"', "%1" .. name .. " = " .. name)
    if found > 0 then from[#from + 1] = ("local %s = os.getenv %q\n"):format(name, name:upper()) end
  end
  return ("%slocal %s, err = %s"):format(concat(from), result_names[entry.result or "object"], call)
end

-- The request of an example, as it travels.
local function request(entry, words)
  local http, secret = words.example.http, secrets(entry)
  local target, pairs_of = http.path, {}
  for _, name in ipairs(text.names(http.query or {})) do
    pairs_of[#pairs_of + 1] = text.escape(name) .. "="
      .. (secret[name] and "..." or text.escape(http.query[name]))
  end
  if pairs_of[1] then target = target .. "?" .. concat(pairs_of, "&") end
  local out = { http.method .. " " .. (entry.host or "") .. target }
  if entry.auth == "client" then
    out[#out + 1] = "Authorization: client_id:..., client_secret:..."
  elseif entry.auth ~= "none" then
    out[#out + 1] = "Authorization: Bearer ..."
  end
  for _, name in ipairs(text.names(http.headers or {})) do out[#out + 1] = name .. ": " .. http.headers[name] end
  if http.body ~= nil then
    local body = text.masked(http.body, secret, "...")
    out[#out + 1] = "Content-Type: " .. (entry.form and "application/x-www-form-urlencoded" or "application/json")
    out[#out + 1] = ""
    if entry.form then
      local fields = {}
      for _, name in ipairs(text.names(body)) do
        fields[#fields + 1] = text.escape(name) .. "=" .. (secret[name] and "..." or text.escape(body[name]))
      end
      out[#out + 1] = concat(fields, "&")
    else
      out[#out + 1] = text.json(body)
    end
  end
  return concat(out, "\n")
end

local function block(kind, body) return "```" .. kind .. "\n" .. body .. "\n```" end

local function operation(resource, name)
  local id = resource .. "." .. name
  local entry, words = describe.facts(resource)[name], describe.prose(resource)[name]
  local out = { "## " .. name }
  local function add(value) out[#out + 1] = value end
  local standing = describe.standing(entry)
  add(words.summary .. "." .. (standing and " **" .. standing:gsub("^%l", string.upper) .. ".**" or ""))
  add(block("lua", describe.signature(id, entry)))

  local facts = {
    { "request", code(entry.method .. " " .. (entry.host or "") .. entry.path) },
    { "returns", cell(describe.answer(entry)) },
  }
  if entry.paging then
    local args = entry.ids and entry.ids[1] and "(" .. entry.ids[1][1] .. ", { ... })" or " { ... }"
    facts[#facts + 1] = { "walk", code("for item in ol." .. id .. ":each" .. args) }
  end
  facts[#facts + 1] = { "asks as", cell(describe.authority(entry)) }
  facts[#facts + 1] = { "sent again", cell(describe.repeated(entry)) }
  if entry.read_only then facts[#facts + 1] = { "read-only", code(concat(entry.read_only, "`, `")) } end
  facts[#facts + 1] = { "source", entry.doc and ("[%s](%s)"):format(entry.doc:gsub("^https://", ""), entry.doc)
    or "none" }
  add(rows(facts, { "", "" }))

  local params = {}
  for _, param in ipairs(describe.params(entry, words)) do
    local told = { param.text }
    for _, bound in ipairs(param.bounds) do told[#told + 1] = bound end
    params[#params + 1] = { code(param.name), cell(param.type), param.place, cell(concat(told, "; ")) }
  end
  if params[1] then add(rows(params, { "parameter", "type", "in", "" })) end
  local whole = describe.whole_body(entry)
  if whole then add("`params`: " .. whole:gsub("^params is ", "") .. ".") end

  local notes = {}
  for i, note in ipairs(words.notes or {}) do notes[i] = "- " .. note:gsub("<", "&lt;") end
  if notes[1] then add(concat(notes, "\n")) end

  local errors = {}
  for _, item in ipairs(describe.errors(entry, words)) do
    errors[#errors + 1] = { tostring(item[1]), item[2] and code(cell(item[2])) or "", cell(item[3]) }
  end
  if errors[1] then add(rows(errors, { "status", "message", "when" })) end

  add(block("lua", markdown.example(entry, words)))
  add(block("http", request(entry, words)))
  if words.sample ~= nil then
    local secret = secrets(entry)
    add("Returns, for example:")
    add(block("lua", text.lua(text.masked(words.sample, secret, "..."))))
  end
  return concat(out, "\n\n")
end

--- The page of a resource.
function markdown.page(resource)
  local facts, prose, index = describe.facts(resource), describe.prose(resource), {}
  local names = describe.names(resource)
  for _, name in ipairs(names) do
    local mark = facts[name].status and " (" .. facts[name].status:gsub("_", " ") .. ")" or ""
    index[#index + 1] = { ("[%s](#%s)"):format(name, name), cell(prose[name].summary) .. mark,
      code(facts[name].method .. " " .. facts[name].path) }
  end
  local out = { HEAD, "# " .. resource .. "\n",
    "`ol` is a client: `onelogin.new { ... }`. [All resources](../README.md)\n",
    rows(index, { "operation", "", "request" }), "" }
  local beside = {}
  for i, helper in ipairs(describe.helpers(resource)) do
    beside[i] = { code("ol." .. resource .. ":" .. helper[2]), cell(helper[3]) }
  end
  if beside[1] then out[#out + 1] = rows(beside, { "helper", "" }) .. "\n" end
  for _, name in ipairs(names) do
    out[#out + 1] = operation(resource, name) .. "\n"
  end
  return concat(out, "\n")
end

-- The first line of a page of docs/design says what it is about.
local function title(path)
  local file = assert(io.open(path, "rb"))
  local line = file:read("*l")
  file:close()
  return (line:gsub("^#+%s*", ""))
end

--- The index; `pages` are paths below docs that are written by hand, sorted.
function markdown.index(resources, pages, root)
  local list, total = {}, 0
  for _, resource in ipairs(resources) do
    local names, links = describe.names(resource), {}
    total = total + #names
    for i, name in ipairs(names) do links[i] = ("[%s](api/%s.md#%s)"):format(name, resource, name) end
    list[#list + 1] = { ("[%s](api/%s.md)"):format(resource, resource), concat(links, ", ") }
  end
  local out = { HEAD, "# Documentation\n",
    "The [README](../README.md) shows the library at work. Every operation says the same about itself at a prompt: "
    .. "`print(onelogin.help \"users.list\")`.\n",
    "## Guides\n" }
  sort(pages)
  for _, page in ipairs(pages) do out[#out + 1] = ("- [%s](%s)"):format(title(root .. "docs/" .. page), page) end
  out[#out + 1] = "\n## Reference\n"
  out[#out + 1] = ("%d resources, %d operations.\n"):format(#resources, total)
  out[#out + 1] = rows(list, { "resource", "operations" })
  out[#out + 1] = "\n## For editors and shells\n"
  out[#out + 1] = "- [Stubs](stubs/onelogin.lua) for the Lua language server: add `docs/stubs` to `workspace.library`."
  out[#out + 1] = "- Completions for [bash](completions/onelogin.bash), [zsh](completions/onelogin.zsh) and "
    .. "[fish](completions/onelogin.fish); `onelogin completion bash` prints them too."
  return concat(out, "\n") .. "\n"
end

return markdown

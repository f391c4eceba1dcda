-- formats.lua - one writer a format: table, json, jsonl, csv.  Nothing else writes data to standard output.
--
--   local w = formats.new("csv", { write = function(text) ... end, fields = , width = , secret = , told = , warn = })
--   w:rows(items)    rows of a list, page after page
--   w:value(v)       the one answer that is no list
--   w:finish()       what closes the document; also after an interruption
--
-- Each keeps data data: a table is safe for a terminal, a CSV for a spreadsheet, JSON for a page (docs/cli.md).

local core = require "onelogin.core"
local jsontext = require "onelogin.cli.jsontext"
local show = require "onelogin.show"

local json = core.json
local null = json.null
local rawequal, type, tostring, next, concat = rawequal, type, tostring, next, table.concat

local formats = { names = { "table", "json", "jsonl", "csv" } }

local known = {}
for i = 1, #formats.names do known[formats.names[i]] = true end

--- Is this a format?
function formats.known(name) return known[name] == true end

-- What --fields leaves of a row: an object of these members alone.
local function picked(row, fields)
  if not fields or type(row) ~= "table" or show.is_list(row) then return row end
  local out = {}
  for i = 1, #fields do out[fields[i]] = show.field(row, fields[i]) end
  return out
end

-- ---- JSON ----

local function secret_field(o)
  local is_secret = o.secret
  return is_secret and function(name)
    return is_secret(name) or type(name) == "string" and show.secret_path(name, is_secret)
  end
end

local function jsonl(o)
  local encode = jsontext.writer(secret_field(o), o.told)
  local w = {}
  function w.rows(_, items)
    local out = {}
    for i = 1, #items do out[i] = encode(picked(items[i], o.fields)) end
    if #out > 0 then o.write(concat(out, "\n") .. "\n") end
  end
  function w.value(_, value) o.write(encode(picked(value, o.fields)) .. "\n") end
  function w.finish() end
  return w
end

local function whole_json(o)
  local encode = jsontext.writer(secret_field(o), o.told)
  local w, open, count = {}, false, 0
  function w.rows(_, items)
    local out = {}
    if not open then
      open = true
      o.write("[")
    end
    for i = 1, #items do
      count = count + 1
      out[#out + 1] = (count > 1 and ",\n  " or "\n  ") .. encode(picked(items[i], o.fields), 2)
    end
    if #out > 0 then o.write(concat(out)) end
  end
  function w.value(_, value) o.write(encode(picked(value, o.fields), 0) .. "\n") end
  function w.finish()
    if open then
      open = false
      o.write(count > 0 and "\n]\n" or "]\n")
    end
  end
  return w
end

-- ---- CSV ----

-- Excel, LibreOffice and Google Sheets run a cell that begins like this, also behind blanks and in full width.
local formula = { ["="] = true, ["+"] = true, ["-"] = true, ["@"] = true }
local wide_formula = { ["\239\188\157"] = true, ["\239\188\139"] = true, ["\239\188\141"] = true,
  ["\239\188\160"] = true }

--- A text as one CSV cell: always quoted, on one line, never a formula.
function formats.csv_text(text)
  local safe = show.line(text)
  local start = safe:match("^[%s'\"\194\160]*()") or 1
  local raw = text:match("^%s")
  if formula[safe:sub(start, start)] or wide_formula[safe:sub(start, start + 2)]
     or raw == "\t" or raw == "\r" or raw == "\n" then
    safe = "'" .. safe
  end
  return '"' .. safe:gsub('"', '""') .. '"'
end

local function csv(o)
  local is_secret = secret_field(o) or function() return false end
  local encode = jsontext.writer(is_secret, o.told)
  local w, columns, seen = {}, nil, nil

  local function cell(value, name)
    if value == nil or rawequal(value, null) then return "" end
    if is_secret(name) then
      if o.told then o.told() end
      return '"' .. show.MASK .. '"'
    end
    if type(value) == "table" then
      if next(value) == nil and not show.is_list(value) then return "" end
      return formats.csv_text(encode(value))
    end
    if type(value) == "string" then return formats.csv_text(value) end
    if type(value) == "number" or type(value) == "boolean" then return show.scalar(value) end
    return formats.csv_text(tostring(value)) -- a boxed integer: digits that a spreadsheet would round
  end

  local function head(rows)
    columns = o.fields
    if not columns then
      local set = {}
      for i = 1, #rows do
        if type(rows[i]) == "table" and not show.is_list(rows[i]) then
          for key in pairs(rows[i]) do set[tostring(key)] = true end
        else
          set.value = true
        end
      end
      columns = show.keys(set)
    end
    seen = {}
    local out = {}
    for i = 1, #columns do
      seen[columns[i]] = true
      out[i] = formats.csv_text(columns[i])
    end
    o.write(concat(out, ",") .. "\r\n")
  end

  function w.rows(_, items)
    if #items == 0 and not o.fields then return end
    if not columns then head(items) end
    local out = {}
    for i = 1, #items do
      local row, cells = items[i], {}
      local object = type(row) == "table" and not show.is_list(row)
      for k = 1, #columns do
        local value
        if object then value = show.field(row, columns[k]) elseif columns[k] == "value" then value = row end
        cells[k] = cell(value, columns[k])
      end
      if object and not o.fields and o.warn then
        for key in pairs(row) do
          if not seen[tostring(key)] then
            seen[tostring(key)] = true
            o.warn(("no column for \"%s\", which the first page did not have: name it with --fields"):format(
              show.line(key)))
          end
        end
      end
      out[i] = concat(cells, ",")
    end
    if #out > 0 then o.write(concat(out, "\r\n") .. "\r\n") end
  end
  function w.value(_, value) w.rows(w, { value }) end
  function w.finish() end
  return w
end

-- ---- table ----

-- The options, with a test of names that says so when one is a secret's.
local function telling(o)
  if not (o.secret and o.told) then return o end
  return setmetatable({ secret = function(name)
    local is = o.secret(name)
    if is then o.told() end
    return is
  end }, { __index = o })
end

local function aligned(o)
  local w, layout = {}, nil
  o = telling(o)
  function w.rows(_, items)
    if not layout then
      if #items == 0 then return end
      layout = show.layout(items, o)
      o.write(layout:head() .. "\n")
    end
    local out = {}
    for i = 1, #items do out[i] = layout:row(items[i]) end
    if #out > 0 then o.write(concat(out, "\n") .. "\n") end
  end
  function w.value(_, value)
    if type(value) == "table" and not show.is_list(value) then
      o.write(show.tree(picked(value, o.fields), { width = o.width, secret = o.secret, max = math.huge }) .. "\n")
    elseif type(value) == "table" then
      w.rows(w, value)
    else
      o.write(show.value(value) .. "\n")
    end
  end
  function w.finish()
    if layout and layout.hidden > 0 and o.note then
      o.note(("%d more columns are empty or found no room: --fields names columns, --format json shows all"):format(
        layout.hidden))
    end
  end
  return w
end

local makers = { table = aligned, json = whole_json, jsonl = jsonl, csv = csv }

--- A writer.  options: write(text), fields (list of names), width (columns of the terminal), secret (test of names),
-- told() (something was masked), warn(text), note(text).
function formats.new(name, options)
  return makers[name](options)
end

return formats

-- CSV as RFC 4180 has it, both ways; what is written is also safe to open in a spreadsheet.
local csv = {}

-- The records of a text → iterator of number of the line it begins on, fields.  Quoted fields may hold commas, quotes
-- and line breaks; lines end with CRLF, LF or CR; a byte order mark is skipped.
function csv.records(text)
  local at, line = text:sub(1, 3) == "\239\187\191" and 4 or 1, 1
  return function()
    if at > #text then return nil end
    local fields, began = {}, line
    while true do
      local field
      if text:sub(at, at) == '"' then
        local parts, from = {}, at + 1
        while true do
          local quote = text:find('"', from, true)
          if not quote then error(("line %d: a quoted field does not end"):format(began), 0) end
          parts[#parts + 1] = text:sub(from, quote - 1)
          if text:sub(quote + 1, quote + 1) ~= '"' then
            at = quote + 1
            break
          end
          parts[#parts + 1] = '"'
          from = quote + 2
        end
        field = table.concat(parts)
        local _, breaks = field:gsub("\r\n?", "\n"):gsub("\n", "")
        line = line + breaks
        if at <= #text and not text:find("^[,\r\n]", at) then
          error(("line %d: text behind a closing quote"):format(line), 0)
        end
      else
        field = text:match("^[^,\r\n]*", at)
        at = at + #field
        if field:find('"', 1, true) then error(("line %d: a quote inside an unquoted field"):format(line), 0) end
      end
      fields[#fields + 1] = field
      local mark = text:match("^\r\n", at) or text:sub(at, at)
      at = at + #mark
      if mark ~= "," then
        if mark ~= "" then line = line + 1 end
        return began, fields
      end
      if at > #text then -- a comma was the last byte: one more, empty field
        fields[#fields + 1] = ""
        return began, fields
      end
    end
  end
end

-- The records below a header → iterator of line, { column = value }.
function csv.rows(text)
  local next_record = csv.records(text)
  local _, header = next_record()
  if not header then error("line 1: there is no header", 0) end
  local seen = {}
  for i, name in ipairs(header) do
    header[i] = name:match("^%s*(.-)%s*$")
    if header[i] == "" or seen[header[i]] then error(("line 1: column %d has no name of its own"):format(i), 0) end
    seen[header[i]] = true
  end
  return function()
    while true do
      local line, fields = next_record()
      if not line then return nil end
      if #fields > 1 or fields[1] ~= "" then -- an empty line is no record
        if #fields ~= #header then
          error(("line %d: %d fields below %d columns"):format(line, #fields, #header), 0)
        end
        local row = {}
        for i, name in ipairs(header) do row[name] = fields[i] end
        return line, row
      end
    end
  end, header
end

-- One field.  A spreadsheet takes text that begins like a formula for one: an apostrophe in front keeps it text.
local function field(value)
  if value == nil then return "" end
  if type(value) == "number" then return ("%.14g"):format(value) end
  local text = tostring(value):gsub("%z", "")
  if text:find("^%s*[=+%-@\t\r]") then text = "'" .. text end
  if text:find('[",\r\n]') then text = '"' .. text:gsub('"', '""') .. '"' end
  return text
end

-- A record, with the line end of RFC 4180.
function csv.line(fields, n)
  local out = {}
  for i = 1, n or #fields do out[i] = field(fields[i]) end
  return table.concat(out, ",") .. "\r\n"
end

return csv

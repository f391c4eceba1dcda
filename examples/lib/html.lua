-- A small page without a script or anything from elsewhere: text that cannot be markup, and charts as inline SVG.
local escape = require("onelogin.html").escape

local html = {}

--- Text for an element or a quoted attribute.  Control characters and such as turn the line round are dropped.
function html.text(value)
  local text = tostring(value == nil and "" or value):gsub("[%c\127]", " ")
  text = text:gsub("\226\128[\142\143\168-\174]", ""):gsub("\226\129[\166-\169]", "")
  return escape(text)
end

local text = html.text

--- A table.  columns: { title, number = true }; rows: arrays of values.
function html.table(columns, rows)
  local out = { '<div class="scroll"><table><thead><tr>' }
  for _, column in ipairs(columns) do
    out[#out + 1] = ("<th%s>%s</th>"):format(column.number and ' class="n"' or "", text(column[1]))
  end
  out[#out + 1] = "</tr></thead><tbody>"
  for _, row in ipairs(rows) do
    out[#out + 1] = "<tr>"
    for i, column in ipairs(columns) do
      out[#out + 1] = ("<td%s><bdi>%s</bdi></td>"):format(column.number and ' class="n"' or "", text(row[i]))
    end
    out[#out + 1] = "</tr>\n"
  end
  out[#out + 1] = "</tbody></table></div>"
  return table.concat(out)
end

local function shortened(value, most)
  local clean = tostring(value)
  local at, n = 1, 0
  while at <= #clean do
    if n == most - 1 and #clean > at then
      local after = clean:match("^[%z\1-\127\194-\244][\128-\191]*()", at)
      if after and after <= #clean then return clean:sub(1, at - 1) .. "\226\128\166" end
    end
    at = clean:match("^[%z\1-\127\194-\244][\128-\191]*()", at) or at + 1
    n = n + 1
  end
  return clean
end

local function picture(width, height, title)
  return ('<svg viewBox="0 0 %d %d" role="img" aria-label="%s"><title>%s</title>'):format(width, height, text(title),
    text(title))
end

local function bar(x, y, width, height, class)
  return ('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3" class="%s"/>'):format(x, y, width, height, class)
end

--- Horizontal bars.  items: { { label, value, part } }, `part` of value in the warning colour; parts: what it means.
function html.bars(title, items, parts)
  local row, left, width, most = 26, 160, 480, 1
  for _, item in ipairs(items) do most = math.max(most, item[2]) end
  local out = { picture(width, #items * row + 6, title) }
  for i, item in ipairs(items) do
    local y, scale = (i - 1) * row + 4, (width - left - 46) / most
    local full, part = item[2] * scale, (item[3] or 0) * scale
    local more = part > 0 and (", %d %s"):format(item[3], parts) or ""
    out[#out + 1] = ("<g><title>%s: %d%s</title>"):format(text(item[1]), item[2], text(more))
    out[#out + 1] = ('<text x="%d" y="%d" class="label">%s</text>'):format(left - 10, y + 14,
      text(shortened(item[1], 21)))
    out[#out + 1] = bar(left, y, full, 18, "bar")
    if part > 0 then out[#out + 1] = bar(left + full - part, y, part, 18, "warn") end
    out[#out + 1] = ('<text x="%.1f" y="%d" class="value">%d</text></g>\n'):format(left + full + 8, y + 14, item[2])
  end
  out[#out + 1] = "</svg>"
  return table.concat(out)
end

--- Columns.  items: { { label, value, warn } }.
function html.columns(title, items)
  local width, height, most = 480, 320, 1
  for _, item in ipairs(items) do most = math.max(most, item[2]) end
  local step, floor = width / #items, height - 28
  local out = { picture(width, height, title) }
  out[#out + 1] = ('<line x1="0" y1="%d" x2="%d" y2="%d" class="axis"/>'):format(floor, width, floor)
  for i, item in ipairs(items) do
    local x, tall = (i - 1) * step, item[2] / most * (height - 60)
    out[#out + 1] = ("<g><title>%s: %d</title>"):format(text(item[1]), item[2])
    out[#out + 1] = bar(x + step * 0.18, floor - tall, step * 0.64, tall, item[3] and "warn" or "bar")
    out[#out + 1] = ('<text x="%.1f" y="%.1f" class="value middle">%d</text>'):format(x + step / 2, floor - 8 - tall,
      item[2])
    out[#out + 1] = ('<text x="%.1f" y="%d" class="middle">%s</text></g>\n'):format(x + step / 2, height - 8,
      text(item[1]))
  end
  out[#out + 1] = "</svg>"
  return table.concat(out)
end

local STYLE = [[
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6776;--paper:#f5f6f8;--card:#fff;--line:#dfe3e8;--bar:#2f6fb4;
--warn:#c9622b}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b3;--paper:#14181e;--card:#1d232b;--line:#323b46;
--bar:#6aa5e3;--warn:#e58a55}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 56px}
h1{font-size:26px;line-height:1.2;margin:0}h2{font-size:17px;margin:0 0 12px}
p{margin:4px 0 0;color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:12px;margin:24px 0}
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.tile b{display:block;font-size:26px;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:13px}.tile.look b{color:var(--warn)}
.card{margin:16px 0;padding:18px 20px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:16px}
.pair .card{margin:0}svg{width:100%;height:auto;display:block}
svg text{fill:var(--ink);font-size:13px}.label{text-anchor:end}.middle{text-anchor:middle}
svg .value{font-weight:600;font-variant-numeric:tabular-nums}
.bar{fill:var(--bar)}.warn{fill:var(--warn)}.axis{stroke:var(--line)}
.key i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.key{font-size:13px;margin-bottom:10px}.key span{margin-right:16px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;color:var(--soft);font-weight:600;font-size:13px}
th,td{padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th:first-child,td:first-child{padding-left:0}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
@media print{body{background:#fff}.card,.tile{break-inside:avoid}}
]]

--- The page around `body`, which is markup.
function html.page(title, body)
  return table.concat { "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n",
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>", text(title),
    "</title>\n<style>\n", STYLE, "</style></head>\n<body><main>\n", body, "\n</main></body></html>\n" }
end

return html

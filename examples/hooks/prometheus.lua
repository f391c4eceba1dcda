-- Metrics of a client as Prometheus reads them: counts, failures, seconds, bytes; by operation and status, no ids.
--
--   local metrics = dofile "examples/hooks/prometheus.lua"
--   local ol = onelogin.new { subdomain = "acme", on_response = metrics.on_response, on_retry = metrics.on_retry,
--     on_rate_limit = metrics.on_rate_limit }
--   ... metrics.text() is what /metrics answers.
local metrics = {}

local bounds = { 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 }
local counts, order = {}, {}

local function add(name, labels, n)
  local key = ("%s{%s}"):format(name, labels)
  if not counts[key] then
    counts[key] = 0
    order[#order + 1] = key
  end
  counts[key] = counts[key] + n
end

function metrics.on_response(e)
  local operation = ('operation="%s"'):format(e.operation)
  add("onelogin_requests_total", ('%s,status="%s"'):format(operation, e.status or e.error), 1)
  add("onelogin_bytes_received_total", operation, e.bytes or 0)
  if e.reused == false then add("onelogin_connections_total", operation, 1) end
  for _, bound in ipairs(bounds) do
    add("onelogin_seconds_bucket", ('%s,le="%g"'):format(operation, bound), e.seconds <= bound and 1 or 0)
  end
  add("onelogin_seconds_bucket", operation .. ',le="+Inf"', 1)
  add("onelogin_seconds_count", operation, 1)
  add("onelogin_seconds_sum", operation, e.seconds)
end

function metrics.on_retry(e)
  add("onelogin_retries_total", ('operation="%s",after="%s"'):format(e.operation, e.status or e.error), 1)
end

function metrics.on_rate_limit(e)
  add("onelogin_rate_limited_total", ('operation="%s"'):format(e.operation), 1)
end

function metrics.text()
  local lines, told = {}, {}
  table.sort(order)
  for _, key in ipairs(order) do
    local name = key:match("^[%w_]+")
    local family = name:gsub("_bucket$", ""):gsub("_count$", ""):gsub("_sum$", "")
    if not told[family] then
      told[family] = true
      lines[#lines + 1] = ("# TYPE %s %s"):format(family, name == family and "counter" or "histogram")
    end
    lines[#lines + 1] = ("%s %.14g"):format(key, counts[key])
  end
  return table.concat(lines, "\n") .. "\n"
end

return metrics

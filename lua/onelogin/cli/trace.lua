-- trace.lua - `--verbose`: every request and answer of a client on standard error, redacted.
--
-- Method, path template, names of the query, status, time and size; bodies of requests and of failures with their
-- secrets masked.  Headers are not shown: what is in them is the credential.

local require = require
local core = require "onelogin.core"
local between = require "onelogin.cli.between"
local redact = require "onelogin.redact"
local show = require "onelogin.show"

local trace = {}

local LONGEST = 2000 -- bytes of a body

local function entry_of(operation)
  local resource, name = tostring(operation):match("^([%w_]+)%.([%w_]+)$")
  if not resource then return nil end
  local ok, facts = pcall(require, "onelogin.api." .. resource)
  return ok and facts[name] or nil
end

local function place(request, entry)
  local path, query = request.url:match("^%a+://[^/?]*([^?]*)%??(.*)$")
  local names = {}
  for name in (query or ""):gmatch("([^=&]+)[^&]*") do names[#names + 1] = name .. "=..." end
  path = entry and entry.path or path or "/"
  return path .. (#names > 0 and "?" .. table.concat(names, "&") or "")
end

local function body_text(text, mask)
  text = show.line(mask(text))
  return #text > LONGEST and text:sub(1, LONGEST) .. "..." or text
end

--- Puts itself between a client and its transport.  say(line) shows.
function trace.install(client, say)
  between(client, function(request, send)
    local entry = entry_of(request.operation)
    local mask = redact.masker(client, entry and entry.secret)
    say(("> %s %s"):format(request.method, place(request, entry)))
    if request.body and #request.body > 0 then say("> " .. body_text(request.body, mask)) end
    local began = core.clock.mono()
    local response, failure = send(request)
    local ms = (core.clock.mono() - began) * 1000
    if response then
      local id = response.headers and response.headers["x-request-id"]
      say(("< %d in %.0f ms, %d bytes%s"):format(response.status, ms, #(response.body or ""),
        id and ", request " .. show.line(id) or ""))
      if response.status >= 400 and response.body and #response.body > 0 then
        say("< " .. body_text(response.body, mask))
      end
    else
      local why = type(failure) == "table" and (tostring(failure.kind) .. ": " .. tostring(failure.message)) or failure
      say(("< %s after %.0f ms"):format(show.line(mask(tostring(why))), ms))
    end
    return response, failure
  end)
end

return trace

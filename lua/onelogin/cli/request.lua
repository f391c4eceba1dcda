-- request.lua - `onelogin request METHOD PATH`: any route, by the rules of every call.

local core = require "onelogin.core"
local arguments = require "onelogin.cli.arguments"
local call = require "onelogin.cli.call"
local exits = require "onelogin.cli.exits"
local show = require "onelogin.show"

local request = {}

request.usage = "onelogin request METHOD PATH [--query NAME=VALUE]... [--data JSON|@FILE|-] [--all --paging v1|v2]"

function request.run(ctx)
  local method, path = ctx.words[1], ctx.words[2]
  local function wrong(problem) return ctx.usage("request: " .. problem .. "\nusage: " .. request.usage) end
  if not method or not path then return wrong("METHOD and PATH are needed") end
  if ctx.words[3] then return wrong("one word too many: " .. show.line(ctx.words[3])) end
  method = method:upper()
  if not method:find("^%u+$") then return wrong("METHOD is a word such as GET") end
  local fine, why = core.url.check_path(path)
  if not fine then return wrong("PATH " .. why) end
  local options = { dry_run = ctx.options["dry-run"], paging = ctx.options.paging }
  local problem
  if ctx.options.data then
    options.body, problem = arguments.data(ctx, show.secrets())
    if options.body == nil then return wrong(problem) end
  end
  for _, text in ipairs(ctx.options.query or {}) do
    local name, value = text:match("^([^=]+)=(.*)$")
    if not name then return wrong("--query wants NAME=VALUE") end
    if show.secrets()(name) then return wrong(name .. " is a secret: give it in --data @FILE or -") end
    options.query = options.query or {}
    options.query[name] = value
  end
  if options.paging and options.paging ~= "v1" and options.paging ~= "v2" then return wrong("--paging is v1 or v2") end
  if ctx.options.all and not options.paging then
    options.paging = path:find("^/api/1/") and "v1" or "v2"
  end
  if ctx.options.cursor then
    options.query = options.query or {}
    options.query[options.paging == "v1" and "after_cursor" or "cursor"] = ctx.options.cursor
  end
  ctx.walk_name = "request"

  local client, complaint = ctx.connect()
  if not client then return ctx.usage(complaint) end
  local reads = method == "GET" or method == "HEAD"
  local code = call.confirm(ctx, method .. " " .. show.line(path), reads and 0 or 1)
  if code then return code end
  if ctx.options.all and reads and not options.dry_run then
    return call.walk(ctx, client.request:pages(method, path, options), "request")
  end
  local value, info = client:request(method, path, options)
  if value == nil then return ctx.failed(info) end
  if type(value) == "table" and value.dry_run == true then
    ctx.write(("would send %s %s\n"):format(value.method, show.line(value.url)))
    if value.body and value.body ~= "" then ctx.write(show.line(value.body) .. "\n") end
    return exits.ok
  end
  if value ~= true then
    local writer = ctx.writer()
    if show.is_list(value) then writer:rows(value) else writer:value(value) end
    writer:finish()
  end
  return exits.ok
end

return request

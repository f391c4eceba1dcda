-- A sandbox with one person, a client of it whose answers can be changed on the way, and its flows:
-- what the specs of the flows share.
local onelogin = require "onelogin"
local json = require("onelogin.core").json
local flows_of = require "onelogin.flows"
local backends = require "onelogin.flows.backend"
local guards = require "onelogin.flows.guard"
local memory = require "onelogin.flows.memory"

local M = {}

-- Name of a flow -> "FROM event" -> how often it was walked, over a whole spec file.
M.walked = {}

function M.trace(flow, from, event)
  local edges, edge = M.walked[flow] or {}, from .. " " .. event
  M.walked[flow] = edges
  edges[edge] = (edges[edge] or 0) + 1
end

--- Prints how much of a machine was walked so far, and returns the edges that were not.
function M.unwalked(machine)
  local states, missing, walked = 0, {}, M.walked[machine.name] or {}
  for _ in pairs(machine.states) do states = states + 1 end
  for _, edge in ipairs(machine.edges) do
    if not walked[edge[1] .. " " .. edge[2]] then missing[#missing + 1] = table.concat(edge, " ") end
  end
  io.write(("# %s: %d states, %d of %d edges walked\n"):format(machine.name, states, #machine.edges - #missing,
    #machine.edges))
  return missing
end

--- Puts a flow under a guard that counts, as a store does.  limits: failures, sends, window.
function M.guarded(world, flow, limits)
  world.guard = world.guard or guards.new(backends.new(memory.new { clock = world.clock }, "spec"), "tenant",
    world.clock, limits)
  flow.host = setmetatable({ counts = true, guard = world.guard }, { __index = flow.host })
  return flow
end

-- A box with one user, a client of it and its flows.  world.tamper(request, response) may change or
-- replace any answer; world.sent holds every request.  options: scope, clock, password (Kim's), hooks and other options
-- of the client (client), options of the box (box, and mfa_array, verify_status).
function M.new(options)
  options = options or {}
  local of_box = { users = 0, mfa_array = options.mfa_array, verify_status = options.verify_status }
  for k, v in pairs(options.box or {}) do of_box[k] = v end
  local box = onelogin.sandbox(of_box)
  local user = box:add_user { email = "Kim@acme.test", username = "kim", firstname = "Kim", lastname = "Ito",
    phone = "+15550123", password = options.password }
  local world = { box = box, user = user, sent = {} }
  local config = box:config { scope = options.scope }
  local inner = config.transport
  config.transport = { send = function(_, request)
    world.sent[#world.sent + 1] = request
    if world.down and not request.url:find("/auth/", 1, true) then
      return nil, { kind = "network", message = "down", sent = false }
    end
    local response, failure = inner:send(request)
    if response and world.tamper and not request.url:find("/auth/", 1, true) then
      return world.tamper(request, response)
    end
    return response, failure
  end }
  world.clock = options.clock and options.clock(config.clock) or config.clock
  config.clock = world.clock
  for k, v in pairs(options.client or {}) do config[k] = v end
  world.config, world.client = config, onelogin.new(config)
  world.flows = flows_of.new(world.client, { clock = world.clock, trace = M.trace })
  function world.calls(path_end, method)
    local n = 0
    for _, r in ipairs(world.sent) do
      if r.url:gsub("%?.*", ""):find(path_end) and (not method or r.method == method) then n = n + 1 end
    end
    return n
  end
  return world
end

-- Changes the JSON of answers whose path ends in `pattern`.
function M.change(world, pattern, edit)
  function world.tamper(request, response)
    if not request.url:find(pattern) then return response end
    local body = json.decode(response.body)
    local new = edit(body, request)
    response.body = json.encode(new == nil and body or new)
    return response
  end
end

function M.replace(world, pattern, status, body)
  function world.tamper(request, response)
    if not request.url:find(pattern) then return response end
    return { status = status, headers = { ["content-type"] = "application/json", date = response.headers.date },
      body = json.encode(body) }
  end
end

function M.first(list) return type(list) == "table" and list[1] or list end

function M.newest_code(world) return world.box.outbox[#world.box.outbox].code end

-- The paths of one version, and its flow for the user kim unless told otherwise.
function M.of(version)
  local V = {
    ACTIVATE = version == "v1" and "/trigger$" or "/verifications$",
    CHECK = version == "v1" and "/verify$" or "/verifications",
    POLL = version == "v1" and "/verify$" or "/verifications/",
  }
  function V.login(world, options)
    options.version, options.user = version, options.user or "kim"
    return world.flows.passwordless(options)
  end
  function V.start(world, options)
    options = options or {}
    options.version, options.user = version, options.user or "kim"
    return world.flows.passwordless.start(options)
  end
  return V
end

return M

-- Several processes that share a backend, for the specs of what keeps flows: each is a client of its own, with flows
-- and a store of its own.
local onelogin = require "onelogin"
local canary = require "spec.support.canary"
local flows_of = require "onelogin.flows"
local flow_world = require "spec.support.flow_world"
local memory = require "onelogin.flows.memory"

local M = {}

--- A world (flow_world) with a backend that remembers what it was asked: world.asked (a list of "add KEY"),
-- world.kept (all keys and values ever written, as a list of texts).
function M.new(options)
  local world = flow_world.new(options)
  world.box.store.passwords[world.user.id] = { value = canary.password }
  local inner = memory.new { clock = world.clock }
  world.memory, world.asked, world.kept = inner, {}, {}
  world.backend = {}
  for _, name in ipairs { "get", "set", "add", "delete" } do
    world.backend[name] = function(key, value, seconds)
      world.asked[#world.asked + 1] = name .. " " .. key
      world.kept[#world.kept + 1] = key
      if value then world.kept[#world.kept + 1] = value end
      if world.trouble then
        local done, result = world.trouble(name, key, value, seconds)
        if done then return result end
      end
      return inner[name](key, value, seconds)
    end
  end
  return world
end

--- Another process: { flows, store }.  o.before(request): called before a request leaves; o.sleep: instead of the
-- clock's; o.store: options of the store.
function M.process(world, o)
  o = o or {}
  local config = {}
  for k, v in pairs(world.config) do config[k] = v end
  local clock = world.clock
  if o.sleep then clock = { mono = clock.mono, wall = clock.wall, sleep = o.sleep } end
  config.clock = clock
  if o.before then
    config.transport = { send = function(_, request)
      o.before(request)
      return world.config.transport:send(request)
    end }
  end
  local client = onelogin.new(config)
  local flows = flows_of.new(client, { clock = clock })
  local options = { backend = world.backend }
  for k, v in pairs(o.store or {}) do options[k] = v end
  return { client = client, flows = flows, store = flows.store(options) }
end

--- How many requests have left, tokens apart.
function M.sent(world)
  local n = 0
  for _, request in ipairs(world.sent) do
    if not request.url:find("/auth/oauth2/", 1, true) then n = n + 1 end
  end
  return n
end

--- Suspends the running coroutine in the first request whose path matches; later ones pass.
function M.pause_at(pattern)
  local paused = false
  return function(request)
    if not paused and request.url:find(pattern) then
      paused = true
      coroutine.yield("in the request")
    end
  end
end

--- Runs a function in a coroutine up to its first pause; resume() goes on and returns what the function returns.
function M.start(fn)
  local co = coroutine.create(fn)
  local function resume()
    local all = { coroutine.resume(co) }
    assert(all[1], all[2])
    return all[2], all[3], all[4]
  end
  return resume, resume()
end

--- Begins a passwordless flow of kim in the store of a process.
function M.begin(p, options)
  options = options or {}
  options.user = options.user or "kim"
  return p.store:begin(p.flows.passwordless.start(options))
end

--- A world where a code is to be typed: world, process, id, want, device.
function M.at_code(version)
  local world = M.new()
  local device = world.box:add_device(world.user, "totp")
  local p = M.process(world)
  local id, want = M.begin(p, { version = version })
  want = assert(p.store:step(id, { device = want.devices[1].id }, want.turn))
  assert(want.need == "code")
  return world, p, id, want, device
end

--- A wrong code of an authenticator, now and around now.
function M.wrong_code(world, device)
  return require("spec.support.sign_in").wrong_code(world.box, device)
end

return M

-- A sign-in whose every step is made by an operating system's process of its own, over a folder as backend, and the
-- same with a sealed text instead of a store.
local json = require("onelogin.core").json
local child = require "spec.support.child"
local server = require "spec.support.sandbox_server"

-- Reads what to do from its argument (JSON), prints what came of it.
local PROGRAM = [==[
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
local json = require("onelogin.core").json
local crypto = require "onelogin.crypto"
local job = assert(json.decode(os.getenv "JOB"))

local function path(key) return job.folder .. "/" .. crypto.hex(crypto.digest("sha256", key)) end
local backend = {}
function backend.get(key)
  local file = io.open(path(key))
  if not file then return nil end
  local till, value = file:read("*a"):match("^(%S+) (.*)$")
  file:close()
  return tonumber(till) > os.time() and value or nil
end
function backend.set(key, value, seconds)
  local file = assert(io.open(path(key), "w"))
  file:write(("%d %s"):format(os.time() + math.ceil(seconds), value))
  file:close()
end
function backend.add(key, value, seconds)
  if backend.get(key) then return false end
  backend.set(key, value, seconds)
  return true
end
function backend.delete(key) os.remove(path(key)) end

local ol = require("onelogin").new { base_url = job.url, client_id = job.client_id, client_secret = job.client_secret }
local key = crypto.digest("sha256", "a key for specs")
local function start() return ol.flows.passwordless.start { user = job.user, version = job.version } end
local out = {}
local want, err
if job.sealed then
  local sealer, flow = ol.flows.sealer { keys = { a = key }, backend = backend }, nil
  if job.text then flow, err = sealer:open(job.text, { session = "s" }) else flow = sealer:begin(start()) end
  if flow then
    want, err = flow:step(job.input)
    out.text = sealer:seal(flow, { session = "s" })
  end
else
  local store = ol.flows.store { backend = backend }
  if job.id then
    out.id, want, err = job.id, store:step(job.id, job.input, job.turn)
  else
    out.id, want, err = store:begin(start(), job.input)
  end
end
out.want = want
out.err = err and { kind = err.kind, reason = err.reason, message = tostring(err) }
print(json.encode(out))
]==]

describe("each step in a process of its own", function()
  local box, folder

  setup(function()
    box = server.start("--users 5")
    folder = child.folder()
  end)

  teardown(function()
    box.stop()
    child.remove(folder)
  end)

  local function run(job)
    job.folder, job.url, job.client_id, job.client_secret = folder, box.http_url, box.client_id, box.client_secret
    local text = child.run(PROGRAM, "JOB=" .. child.quote(json.encode(job)))
    local out = json.decode(text)
    assert(out, "the process said: " .. text)
    return out
  end

  local function person(name)
    local _, user = server.control(box, "POST", "users", { email = name .. "@acme.test", username = name })
    local _, device = server.control(box, "POST", "devices", { user = name, type = "totp" })
    return user, device
  end

  local function code_of(device)
    local status, answer = server.control(box, "GET", "code?device=" .. ("%d"):format(device.id))
    assert(status == 200, "no code")
    return answer.code
  end

  for _, version in ipairs { "v1", "v2" } do
    it("goes on by its id and ends once, on " .. version, function()
      local name = "kim" .. version
      local _, device = person(name)
      local at = run { user = name, version = version }
      assert.equal("device", at.want.need)
      local id, choice = at.id, { device = at.want.devices[1].id }
      at = run { id = id, input = choice, turn = at.want.turn }
      assert.equal("code", at.want.need)
      local turn = at.want.turn
      assert.equal("wrong", run { id = id, input = { code = "x1" }, turn = turn }.want.note)
      assert.equal("stale", run { id = id, input = { code = "x1" }, turn = turn }.err.reason)
      at = run { id = id }
      assert.equal(2, at.want.tries_left)
      local code = code_of(device)
      assert.is_true(run { id = id, input = { code = code }, turn = at.want.turn }.want.login.granted)
      assert.equal("done", run { id = id, input = { code = code } }.err.reason)
    end)

    it("goes on by a sealed text and ends once, on " .. version, function()
      local name = "lee" .. version
      local _, device = person(name)
      local at = run { sealed = true, user = name, version = version }
      at = run { sealed = true, text = at.text, input = { device = at.want.devices[1].id } }
      assert.equal("code", at.want.need)
      local wrong = run { sealed = true, text = at.text, input = { code = "x1" } }
      assert.equal("wrong", wrong.want.note)
      local code = code_of(device)
      local last = run { sealed = true, text = wrong.text, input = { code = code } }
      assert.is_true(last.want.login.granted)
      assert.is_nil(last.text)
      for _, text in ipairs { at.text, wrong.text } do
        assert.equal("done", run { sealed = true, text = text, input = { code = code } }.err.reason)
      end
    end)
  end
end)

-- `onelogin events follow`: a line an event, a checkpoint, and where to go on.
local onelogin = require "onelogin"
local child = require "spec.support.child"
local cli = require "spec.support.cli"
local json = require("onelogin.core").json

local EARLY = "--since 2020-01-01T00:00:00Z"

local function run(text, options)
  return cli.run(cli.words("--sandbox events follow " .. text), options)
end

local function ids(text)
  local out = {}
  for line in text:gmatch("[^\n]+") do out[#out + 1] = json.decode(line).id end
  return out
end

local function eventful(users)
  local box = onelogin.sandbox { users = users }
  local ol = onelogin.new(box:config())
  local function change(n)
    for i = 1, n do
      assert(ol.users:update(88000004, { title = "t" .. i }))
      box.clock.sleep(1)
    end
  end
  return box, change
end

describe("events follow", function()
  it("writes each event once, as a line of JSON", function()
    local box, change = eventful(3)
    change(70)
    local r = run(EARLY, { box = box })
    assert.are.equal(0, r.code)
    assert.are.equal("", r.err)
    local seen, n = {}, 0
    for _, id in ipairs(ids(r.out)) do
      assert.is_nil(seen[id])
      seen[id], n = true, n + 1
    end
    assert.is_true(n >= 70)
  end)

  it("goes on from its checkpoint", function()
    local box, change = eventful(3)
    local folder = child.folder()
    local words = EARLY .. " --checkpoint " .. folder .. "/place"
    change(3)
    local first = ids(run(words, { box = box }).out)
    assert.are.same({}, ids(run(words, { box = box }).out))
    change(2)
    local second = ids(run(words, { box = box }).out)
    assert.are.equal(2, #second)
    assert.are_not.equal(first[#first], second[1])
    child.remove(folder)
  end)

  it("filters, picks members and takes other formats", function()
    local box, change = eventful(3)
    change(2)
    local all = run(EARLY .. " --fields id,event_type_id --format csv", { box = box }).out
    assert.matches('^"id","event_type_id"\r\n%d+,%d+\r\n', all)
    assert.are.equal("", run(EARLY .. " --user-id 5", { box = box }).out)
  end)

  it("says where to go on when interrupted", function()
    local box, change = eventful(3)
    change(3)
    local written = 0
    local r = cli.run(cli.words("--sandbox events follow " .. EARLY), { box = box, on_write = function()
      written = written + 1
      if written == 2 then error("x.lua:1: interrupted!", 0) end
    end })
    assert.are.equal(130, r.code)
    assert.matches("interrupted\nonelogin: go on with: onelogin events follow %-%-since '%d[^']+Z'\n$", r.err)
  end)

  it("says what is wrong with its options, before anything is sent", function()
    for text, word in pairs {
      ["--since yesterday"] = "since must be a date", ["--overlap x"] = "number of seconds", ["--bogus 1"] = "bogus",
      ["--until 2020-01-01"] = "follower", ["more"] = "one word too many", ["--interval 0"] = "interval",
      ["--user-id x"] = "integer",
    } do
      local box = onelogin.sandbox { users = 3 }
      local r = run(text, { box = box })
      assert.are.equal(2, r.code, text)
      assert.matches(word, r.err)
      assert.are.equal(0, box:requests())
    end
  end)

  it("fails where its checkpoint cannot be written", function()
    local box, change = eventful(3)
    change(2)
    local r = run(EARLY .. " --checkpoint /dev/null/place", { box = box })
    assert.is_true(r.code == 2 or r.code == 8)
    assert.matches("checkpoint", r.err)
  end)
end)

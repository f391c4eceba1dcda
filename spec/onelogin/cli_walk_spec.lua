-- Long lists from the command line: all of them, in little memory, with a bar only on a terminal, resumable.
local onelogin = require "onelogin"
local cli = require "spec.support.cli"
local json = require("onelogin.core").json
local progress = require "onelogin.cli.progress"

local function run(text, options)
  return cli.run(cli.words("--sandbox " .. text), options)
end

local function lines(text)
  local out = {}
  for line in text:gmatch("[^\n]+") do out[#out + 1] = line end
  return out
end

describe("--all", function()
  it("writes every row once, in every format", function()
    local box = onelogin.sandbox { users = 130 }
    local r = run("users list --all --limit 50", { box = box })
    assert.are.equal(0, r.code)
    assert.are.equal("", r.err)
    local ids, n = {}, 0
    for _, line in ipairs(lines(r.out)) do
      local id = json.decode(line).id
      assert.is_nil(ids[id])
      ids[id], n = true, n + 1
    end
    assert.are.equal(130, n)
    assert.are.equal(130, #json.decode(run("users list --all --format json", { box = box }).out))
    assert.are.equal(131, #lines(run("users list --all --format csv", { box = box }).out))
    assert.are.equal(132, #lines(run("users list --all --format table", { box = box }).out))
    assert.are.equal(12, #json.decode(run("roles list --all --format json", { box = box }).out))
  end)

  it("walks lists without pages, v1 lists and bare requests", function()
    local box = onelogin.sandbox { users = 60 }
    assert.are.equal(60, #lines(run("users_v1 list --all", { box = box }).out))
    assert.are.equal(60, #lines(run("request GET /api/2/users --all", { box = box }).out))
    assert.are.equal(60, #lines(run("request GET /api/1/users --all", { box = box }).out))
    assert.are.equal(0, run("users get_apps 88000004 --all", { box = box }).code)
  end)

  it("shows a bar on a terminal, and takes it away", function()
    local box = onelogin.sandbox { users = 130 }
    local r = run("users list --all", { box = box, err_tty = true })
    assert.matches("users.list  %[#*%.*%] %d+/130 %d+%%", r.err)
    assert.matches("\r\27%[K$", r.err)
    assert.is_nil(r.out:find("\27", 1, true))
  end)

  it("says where to go on after a failure, and goes on there", function()
    local box = onelogin.sandbox { users = 130 }
    box:fault { operation = "users.list", status = 400, skip = 1, times = 1 }
    local first = run("users list --all --fields id", { box = box })
    assert.are.equal(1, first.code)
    assert.are.equal(50, #lines(first.out))
    local cursor = first.err:match(
      "go on with: onelogin %-%-sandbox users list %-%-all %-%-fields id %-%-cursor '(.-)'\n")
    assert.truthy(cursor)
    local second = run("users list --all --fields id --cursor " .. cursor, { box = box })
    assert.are.equal(0, second.code)
    assert.are.equal(80, #lines(second.out))
    assert.are.equal(run("users list --all --fields id", { box = box }).out, first.out .. second.out)
  end)

  it("closes the document and says where to go on when interrupted", function()
    local box = onelogin.sandbox { users = 130 }
    local handle, seen = box.handle, 0
    function box.handle(...)
      seen = seen + 1
      if seen == 4 then error("somewhere.lua:1: interrupted!", 0) end
      return handle(...)
    end
    local r = run("users list --all --format json --cursor=", { box = box })
    assert.are.equal(130, r.code)
    assert.are.equal(100, #json.decode(r.out))
    assert.matches("interrupted\nonelogin: go on with: onelogin --sandbox users list --all --format json --cursor '",
      r.err, 1, true)
  end)

  it("holds no more memory for many rows than for few", function()
    local function grown(users)
      local box = onelogin.sandbox { users = users }
      local main = require "onelogin.cli.main"
      local counted, most, base = 0, 0, nil
      local sink = {
        write = function(self, text)
          counted = counted + select(2, text:gsub("\n", ""))
          collectgarbage()
          collectgarbage()
          local now = collectgarbage("count")
          base = base or now
          most = math.max(most, now - base)
          return self
        end,
        flush = function(self) return self end,
      }
      local no = function() return false end
      box.journal = setmetatable({}, { __newindex = function() end }) -- the box's own memory is not the matter
      local code = main.run({ "--sandbox", "users", "list", "--all", "--limit", "100" },
        { out = sink, err = sink, box = box, out_tty = no, err_tty = no, in_tty = no }, function() end)
      assert.are.equal(0, code)
      assert.are.equal(users, counted)
      return most
    end
    local few, many = grown(500), grown(3000)
    -- kept rows would be megabytes; a compiler of traces takes some hundred KiB where it likes
    assert.is_true(many < few + 1000, ("%.0f KiB against %.0f KiB"):format(many, few))
  end)
end)

describe("the bar", function()
  it("tells count, share, rate and time left", function()
    assert.are.equal("users.list  [######..................] 250/1,000 25%  125/s  6 s left",
      progress.line("users.list", 250, 1000, 2))
    assert.are.equal("x  2,500  100/s", progress.line("x", 2500, nil, 25))
    assert.matches("1:40 min left", progress.line("x", 10, 1010, 1))
    assert.matches("2:46 h left", progress.line("x", 1, 10001, 1))
  end)

  it("is drawn ten times a second at most, and not at all without a terminal", function()
    local drawn, now = 0, 0
    local stream = { write = function() drawn = drawn + 1 end, flush = function() end }
    local bar = progress.new("x", stream, 80, function() return now end)
    for i = 1, 100 do
      now = i * 0.01
      bar.update(i, 100)
    end
    assert.is_true(drawn >= 9 and drawn <= 11)
    progress.new("x", nil).update(1, 2)
  end)
end)

-- The prompt, without a terminal: what lines do, how values look, what completes, what is remembered.
local onelogin = require "onelogin"
local canary = require "spec.support.canary"
local child = require "spec.support.child"
local cli = require "spec.support.cli"
local complete = require "onelogin.repl.complete"
local history = require "onelogin.repl.history"
local session = require "onelogin.repl.session"

local function new(options)
  options = options or {}
  local box = options.box or onelogin.sandbox { users = 60 }
  local config = box:config()
  config.nulls = "sentinel"
  local out = {}
  local s = session.new { client = onelogin.new(config), box = not options.tenant and box or nil,
    write = function(text) out[#out + 1] = text end, read_only = options.read_only,
    width = function() return options.width end }
  -- s.type(line, ...) → what they print
  function s.type(...)
    out = {}
    for _, line in ipairs { ... } do s:feed(line) end
    return (table.concat(out):gsub("\n$", ""))
  end
  return s, box
end

describe("a line", function()
  it("is an expression, a statement or several", function()
    local s = new()
    assert.are.equal("3", s.type "1 + 2")
    assert.are.equal("4", s.type "_ + 1")
    assert.are.equal("", s.type "x = 5")
    assert.are.equal("5", s.type "return x")
    assert.are.equal("5", s.type "= x")
    assert.are.equal("nil", s.type "nil")
    assert.are.equal("null", s.type "null")
    assert.are.equal("", s.type "   ")
    assert.matches("^function", s.type "print")
    assert.is_nil(rawget(_G, "x"))
  end)

  it("may go on over lines", function()
    local s = new()
    assert.are.equal("", s.type "for i = 1, 2 do")
    assert.is_true(s.pending)
    assert.matches("^%.+> $", s:prompt())
    assert.are.equal("1\n2", s.type("print(i)", "end"))
    assert.are.equal("6", s.type("1 +", "2 +", "3"))
    assert.matches("near", s.type("f(", ""))
    assert.is_false(s.pending)
    assert.are.equal("1", s.type "1")
  end)

  it("that fails is told on one line", function()
    local s = new()
    for line, word in pairs {
      ["error 'boo'"] = "^boo$", ["x.y"] = "^attempt to index", ["1 +* 2"] = "unexpected symbol",
      ["ol.users:get(5)"] = "^users%.get: not_found %(HTTP 404%)", ["ol.users:lst()"] = 'did you mean "list"',
      ["ol.users:list { emial = 1 }"] = 'did you mean "email"', ["error { kind = 'x', message = 'm' }"] = "^m$",
      ["for u in ol.users:each { cursor = 'x' } do end"] = "^users%.list: invalid", ["error()"] = "nil",
      ["error('a\\n\\27b')"] = "^a$",
    } do
      local text = s.type(line)
      assert.matches(word, text)
      assert.is_nil(text:find("\n", 1, true))
      assert.is_nil(text:find("%.lua:%d"))
    end
  end)
end)

describe("values", function()
  it("are tables, trees and lines", function()
    local s = new { width = 80 }
    local text = s.type "ol.users:list { limit = 2 }"
    assert.matches("^      id  username", text)
    assert.matches("%(2 rows; 60 in all; %d+ columns not shown; the next page: { cursor = \"", text)
    for line in text:gmatch("[^\n]+") do assert.is_true(#line <= 80 or line:sub(1, 1) == "(") end
    text = s.type "ol.users:get(88000004)"
    assert.matches("\nmanager_user_id +null\n", text)
    assert.matches("\ncustom_attributes\n  employeenumber  E1\n", text)
    assert.are.equal("(no rows)", s.type "ol.users:list { email = 'nobody' }")
    assert.are.equal('"a\\x1b[2J"', s.type "'a\\27[2J'")
    assert.matches("^onelogin%.users: ", s.type "ol.users")
    assert.matches("^users:get%(user_id", s.type "ol.users.get")
    assert.are.equal("true", s.type "ol.users:delete(88000006)")
  end)

  it("that are long are cut, counted and gone on with", function()
    local s = new()
    local text = s.type "list = ol.users:list() return list"
    assert.matches("%(rows 1 to 20 of 50; :more goes on", text)
    assert.matches("rows 21 to 40 of 50", s.type ":more")
    assert.matches("rows 41 to 50 of 50", s.type ":more")
    assert.are.equal("there is nothing more to show", s.type ":more")
  end)

  it("cannot steer the terminal through print", function()
    assert.are.equal("a\\x1b[2Jb\tc\nd", new().type "print('a\\27[2Jb', 'c\\nd')")
  end)

  it("show no secret, not even a live one", function()
    local s, box = new()
    local config = box:config()
    local text = s.type("t = ol.oauth:generate_tokens { grant_type = 'client_credentials' } return t", "print(t)",
      "= { password = 'x', deep = { otp = 5 } }")
    assert.matches("access_token +%[masked%]", text)
    assert.matches("password +%[masked%]", text)
    assert.matches("otp +%[masked%]", text)
    s.env.secret_text = config.client_secret
    assert.are.equal('"[masked]"', s.type "secret_text")
    assert.are.equal("[masked]", s.type "print(secret_text)")
  end)
end)

describe("the mode", function()
  it("is read-only at a real tenant until it is lifted", function()
    local s, box = new { tenant = true, read_only = true }
    assert.are.equal("acme.onelogin.test read> ", s:prompt())
    assert.are.equal("users.delete: not while only reads may leave; :write lifts that",
      s.type "ol.users:delete(88000006)")
    assert.are.equal(0, box:requests "users.delete")
    assert.matches("changes may leave now, to https://acme", s.type ":write")
    assert.are.equal("acme.onelogin.test write> ", s:prompt())
    assert.are.equal("true", s.type "ol.users:delete(88000006)")
    s.type ":read"
    assert.matches("only reads", s.type "ol.users:delete(88000010)")
  end)

  it("of a sandbox allows everything", function()
    local s = new()
    assert.are.equal("sandbox> ", s:prompt())
    assert.are.equal("true", s.type "ol.users:delete(88000006)")
  end)

  it("has few commands", function()
    local s = new()
    assert.matches(":more", s.type ":help")
    assert.matches(":more", s.type "help()")
    assert.matches("^ol%.users:list%(.*\nParameters\n", s.type "help(ol.users.list)")
    assert.matches("^ol%.users\n.*\n  get%(user_id%)", s.type "ol.users:help()")
    assert.matches('did you mean "users"', s.type "help 'usrs'")
    assert.matches("commands are", s.type ":nonsense")
    s.type ":quit"
    assert.is_true(s.ended)
  end)
end)

describe("completion", function()
  local s = new()
  for before, expected in pairs {
    ["ol.us"] = "ol.users ol.users_v1", ["ol.users:lo"] = "ol.users:lock ol.users:log_out",
    ["ol.users:find_by_e"] = "ol.users:find_by_email ol.users:find_by_external_id",
    ["ol.roles:ens"] = "ol.roles:ensure",
    ["x = ol.users:pag"] = "ol.users:pages", ["ol.users.get:si"] = "ol.users.get:signature",
    ["ol.users:list { ema"] = "email = ", ["ol.users:list { email = 'x', firstn"] = "firstname = ",
    ["ol.users:update(5, { departm"] = "department = ", ["for u in ol.users:each { samac"] = "samaccountname = ",
    ["for u in ol.roles.get_users:each(5, { na"] = "name = ",
    [":m"] = ":more", ["onelogin.sandb"] = "onelogin.sandbox", ["string.gm"] = "string.gmatch", ["retu"] = "return",
    ["ol.requ"] = "ol.request", ["help(ol.rol"] = "ol.roles ol.roles_v1", ["ol.nothing:x"] = "",
    ["x = 'ol.us"] = "", ['ol.users:create { password_algorithm = "sal'] = 'salt+sha256"',
  } do
    it("of " .. before, function()
      assert.are.equal(expected, table.concat((complete.candidates(before, s.env)), " "))
    end)
  end
end)

describe("the history", function()
  it("keeps no line that speaks of a secret", function()
    for _, line in ipairs { "ol.users:update(1, { password = 'x' })", "SECRET", "otp=1", "x = { api_key = 5 }",
      "ol:request('GET', '/', { headers = { Authorization = 1 } })", "access_token" } do
      assert.is_false(history.harmless(line))
    end
    assert.is_true(history.harmless("ol.users:list { email = 'a*' }"))
    assert.is_false(history.harmless("print '" .. canary.token .. "'", { canary.token }))
  end)

  it("is the owner's alone and keeps the last lines", function()
    local folder = child.folder()
    local path = folder .. "/a b/history"
    os.execute("mkdir '" .. folder .. "/a b'; umask 000; touch '" .. path .. "'")
    assert.is_true(history.prepare(path))
    assert.matches("^%-rw%-%-%-%-%-%-%-", child.capture("ls -l '" .. path .. "'"))
    for i = 1, history.KEEP + 5 do history.add(path, "line " .. i) end
    local lines = history.load(path)
    assert.are.equal(history.KEEP, #lines)
    assert.are.equal("line 6", lines[1])
    assert.are.equal(history.KEEP, #history.load(path))
    assert.matches("^%-rw%-%-%-%-%-%-%-", child.capture("ls -l '" .. path .. "'"))
    history.prepare(folder .. "/new/history")
    assert.matches("^drwx%-%-%-%-%-%-", child.capture("ls -ld '" .. folder .. "/new'"))
    child.remove(folder)
  end)

  it("has a place", function()
    assert.are.equal("/s/onelogin/history", history.path(function(name) return name == "XDG_STATE_HOME" and "/s" end))
    assert.are.equal("/h/.local/state/onelogin/history",
      history.path(function(name) return name == "HOME" and "/h" end))
    assert.is_nil(history.path(function() end))
  end)
end)

describe("onelogin repl", function()
  it("runs on a pipe, on a sandbox when nobody named a tenant", function()
    local r = cli.run({ "repl" }, { input = "1 + 1\nol.users:delete(88000004)\n:quit\n5\n" })
    assert.are.equal(0, r.code)
    assert.are.equal("2\ntrue\n", r.out)
  end)

  it("is read-only on a tenant unless --write is given", function()
    local env = { ONELOGIN_SUBDOMAIN = "acme", ONELOGIN_CLIENT_ID = "x", ONELOGIN_CLIENT_SECRET = canary.secret }
    local r = cli.run({ "repl" }, { input = "ol.users:delete(1)\n", env = env })
    assert.matches("not while only reads may leave", r.out)
    r = cli.run({ "repl", "--write" }, { input = "ol.users:delete(1, nil, { dry_run = true })\n", env = env })
    assert.matches("dry_run +true", r.out)
    r = cli.run({ "repl" }, { input = "print(1)\n", env = { ONELOGIN_SUBDOMAIN = "acme" } })
    assert.are.equal(2, r.code)
    assert.matches("client_id is missing", r.err)
  end)

  it("says when the input ends in a statement", function()
    local r = cli.run({ "repl" }, { input = "for i = 1, 2 do\n" })
    assert.are.equal(2, r.code)
  end)
end)

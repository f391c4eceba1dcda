-- The examples as a user runs them, each on a sandbox: what they show, what they change, how trouble ends.
local onelogin = require "onelogin"
local child = require "spec.support.child"

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/onelogin/examples_spec%.lua$") or ""
local csv = dofile(root .. "examples/lib/csv.lua")
local html = dofile(root .. "examples/lib/html.lua")

local folder
before_each(function() folder = child.folder() end)
after_each(function() child.remove(folder) end)

local function write(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Runs an example in this process.  box: the sandbox it gets; config: changes to its client's options;
-- answer: to its question.  Returns exit code, what it printed, and what it complained of.
local function run(name, arguments, options)
  options = options or {}
  local chunk = assert(loadfile(root .. "examples/" .. name))
  local out, complaints, code, stop = {}, {}, 0, {}
  local kept = { write = io.write, read = io.read, stderr = io.stderr, exit = os.exit, arg = _G.arg,
    module = package.loaded.onelogin }
  local box = options.box
  io.write = function(...) -- luacheck: ignore 122
    for i = 1, select("#", ...) do out[#out + 1] = tostring((select(i, ...))) end
    return io.stdout
  end
  io.read = function() return options.answer end -- luacheck: ignore 122
  local function complain(_, ...) complaints[#complaints + 1] = table.concat { ... } end
  io.stderr = { write = complain } -- luacheck: ignore 122
  os.exit = function(n) -- luacheck: ignore 122
    code = n
    error(stop, 0)
  end
  arguments[0] = root .. "examples/" .. name
  _G.arg = arguments
  package.loaded.onelogin = setmetatable({
    sandbox = function(o)
      box = box or onelogin.sandbox(o)
      return box
    end,
    new = function(given)
      local config = box:config()
      for k, v in pairs(given) do config[k] = v end
      if options.transport then config.transport = options.transport end
      return onelogin.new(config)
    end,
  }, { __index = onelogin })
  local ok, problem = pcall(chunk)
  io.write, io.read, io.stderr, os.exit = kept.write, kept.read, kept.stderr, kept.exit -- luacheck: ignore 122
  _G.arg, package.loaded.onelogin = kept.arg, kept.module
  assert(ok or problem == stop, problem)
  return code, table.concat(out), table.concat(complaints), box
end

local function has(text, what)
  assert.truthy(text:find(what, 1, true), ("%q is not in:\n%s"):format(what, text))
end

describe("every example", function()
  it("runs by itself, without a path set and from anywhere", function()
    for _, command in ipairs { "offboard.lua", "import_csv.lua", "follow_events.lua", "role_drift.lua --apply",
      "app_inventory.lua", "access_report.lua --out " .. folder, "aws_assume_role.lua --role 2" } do
      -- the modules under test may stand elsewhere than in build/
      local text = child.capture(("built=$(cd %s && pwd); cd %sexamples && env -u LUA_PATH LUA_CPATH=\"$built/?.so;;\" "
        .. "%s %s 2>&1; echo exit $?"):format(child.build, root, child.lua, command))
      assert.truthy(text:find("exit [02]$"), command .. ": " .. text)
      assert.is_nil(text:find("stack traceback", 1, true), text)
    end
  end)

  it("tells how it is used, and refuses what it does not know", function()
    for _, name in ipairs { "offboard.lua", "import_csv.lua", "follow_events.lua", "role_drift.lua",
      "app_inventory.lua", "access_report.lua", "login.lua" } do
      local code, text = run(name, { "--help" })
      assert.equal(0, code)
      has(text, "usage: " .. name)
      local _, problem
      code, _, problem = run(name, { "--frobnicate" })
      assert.equal(2, code)
      has(problem, "unknown option --frobnicate")
    end
  end)

  it("prints no byte that steers a terminal", function()
    for _, name in ipairs { "offboard.lua", "role_drift.lua", "import_csv.lua" } do
      local box = onelogin.sandbox { users = 60 }
      for _, row in box:each_user() do
        local user = box.store.users[row.id]
        user.firstname = "\27[31mRed\7"
        box:touch(user)
      end
      local _, text = run(name, {}, { box = box })
      assert.is_nil(text:find("[%z\1-\9\11-\31\127]"))
    end
  end)

  it("may only read a real tenant, unless it is to write and was told yes", function()
    local box = onelogin.sandbox { users = 20 }
    local code, text = run("offboard.lua", { "--live", "akua@acme.test", "--apply" }, { box = box, answer = "n" })
    assert.equal(0, code)
    has(text, "Nothing was changed")
    assert.equal(1, box:find_user("akua").status)
    code, text = run("import_csv.lua", { "--live", write("a.csv", "email\r\nnew@acme.test\r\n"), "--apply" },
      { box = box, answer = nil })
    assert.equal(0, code)
    has(text, "Import 1 row(s) on " .. box.base_url)
    assert.is_nil(box:find_user("new@acme.test"))
    box:add_role { name = "Night Watch", users = { box:find_user("ashley").id } }
    code = run("role_drift.lua", { "--live", write("w.lua", 'return { ["Night Watch"] = {} }'), "--apply" },
      { box = box, answer = "" })
    assert.equal(1, code)
    for op in pairs(box.counts) do
      local entry = op:match("^oauth%.") or onelogin.new(box:config())[op:match("^[^.]+")][op:match("[^.]+$")].entry
      assert.truthy(entry == "oauth." or entry.method == "GET", op)
    end
  end)
end)

describe("offboard.lua", function()
  it("shows the plan and changes nothing", function()
    local code, text, _, box = run("offboard.lua", {})
    assert.equal(0, code)
    for _, line in ipairs { "1. suspend", "2. end all sessions", "3. take away 2 role(s)", "remove second factor",
      "dry run: nothing was changed" } do has(text, line) end
    assert.equal(1, box:find_user("akua").status)
    assert.equal(2, #box:role_ids(box:find_user("akua")))
  end)

  it("carries it out, once", function()
    local box = onelogin.sandbox { users = 20 }
    local code, text = run("offboard.lua", { "akua@acme.test", "--apply" }, { box = box })
    assert.equal(0, code, text)
    has(text, "akua@acme.test is suspended, with 0 role(s) left")
    local akua = box:find_user("akua")
    assert.equal(2, akua.status)
    assert.same({}, box:role_ids(akua))
    assert.same({}, box:devices(akua.id))
    code, text = run("offboard.lua", { "akua@acme.test", "--apply" }, { box = box })
    assert.equal(0, code)
    has(text, "nothing is left to do")
  end)

  it("keeps devices when asked to", function()
    local box = onelogin.sandbox { users = 20 }
    run("offboard.lua", { "akua@acme.test", "--apply", "--keep-devices" }, { box = box })
    assert.is_true(#box:devices(box:find_user("akua").id) > 0)
  end)

  it("stops at the first failure and does the rest when run again", function()
    local box = onelogin.sandbox { users = 20 }
    box:fault { operation = "users.remove_roles", status = 400 }
    local code, text = run("offboard.lua", { "akua@acme.test", "--apply" }, { box = box })
    assert.equal(1, code)
    has(text, "FAIL take away 2 role(s)")
    has(text, "not finished")
    assert.equal(2, box:find_user("akua").status)
    assert.is_true(#box:devices(box:find_user("akua").id) > 0)
    code = run("offboard.lua", { "akua@acme.test", "--apply" }, { box = box })
    assert.equal(0, code)
    assert.same({}, box:devices(box:find_user("akua").id))
  end)

  it("knows when there is nobody", function()
    local code, text = run("offboard.lua", { "nobody@acme.test" })
    assert.equal(1, code)
    has(text, "nobody has the address")
  end)
end)

describe("aws_assume_role.lua", function()
  local ARN = "arn:aws:iam::123456789012:role/"

  it("lists the roles, and asks for one where there are more", function()
    local code, text = run("aws_assume_role.lua", {})
    assert.equal(0, code)
    has(text, "kim@acme.test may take:")
    has(text, "1. 123456789012  Reader  " .. ARN .. "Reader")
    has(text, "2. 123456789012  Admin  " .. ARN .. "team/Admin")
    has(text, "choose one with --role")
    assert.is_nil(text:find("POST", 1, true))
  end)

  it("shows the request without the assertion, and sends nothing", function()
    for _, role in ipairs { "2", "Admin", ARN .. "team/Admin" } do
      local code, text, _, box = run("aws_assume_role.lua", { "--role", role, "--duration", "900" })
      assert.equal(0, code)
      has(text, "POST https://sts.amazonaws.com/\nContent-Type: application/x-www-form-urlencoded\n\n"
        .. "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2F"
        .. "Admin&PrincipalArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Asaml-provider%2FOneLogin&SAMLAssertion=[")
      has(text, "]&DurationSeconds=900\n")
      assert.is_nil(text:find(("[%w%%]"):rep(100)))
      assert.equal(1, box:requests "saml.generate_assertion")
      assert.equal(1, box:requests "saml.verify_factor")
    end
  end)

  it("writes it whole into a file that is new and nobody else's", function()
    local path = folder .. "/it's a request"
    local code, text = run("aws_assume_role.lua", { "--role", "Reader", "--out", path })
    assert.equal(0, code)
    has(text, "AWS takes it until 09:03:00 UTC")
    assert.matches("^%-rw%-%-%-%-%-%-%-", child.capture("ls -l " .. child.quote(path)))
    local body = read(path)
    local coded = body:match("^Action=AssumeRoleWithSAML&Version=2011%-06%-15&RoleArn=[%w%%-]+&PrincipalArn=[%w%%-]+"
      .. "&SAMLAssertion=([%w%%-]+)&DurationSeconds=3600$")
    assert.is_string(coded)
    local assertion = coded:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    local said = assert(onelogin.saml.decode_unverified(assertion))
    assert.equal("kim@acme.test", said.subject.name_id)
    assert.is_nil(text:find(coded:sub(1, 60), 1, true))
    local again, _, complaint = run("aws_assume_role.lua", { "--role", "1", "--out", path })
    assert.equal(2, again)
    has(complaint, "is there already")
    assert.equal(body, read(path))
  end)

  it("refuses what it cannot mean", function()
    for _, case in ipairs { { "none of these", "--role", "Nobody" }, { "from 900 to 43200", "--duration", "899" },
      { "from 900 to 43200", "--duration", "1e4" }, { "from 900 to 43200", "--duration", "43201" },
      { "--live needs --user", "--live" }, { "--live needs --user", "--live", "--user", "kim", "--app", "AWS" },
      { "cannot be made", "--role", "1", "--out", "/nowhere/file" } } do
      local arguments = { (table.unpack or unpack)(case, 2) } -- luacheck: ignore 113
      local code, _, complaint, box = run("aws_assume_role.lua", arguments)
      assert.equal(2, code)
      has(complaint, case[1])
      if case[2] == "--live" or case[2] == "--duration" then assert.is_nil(box) end
    end
  end)

  it("signs in on a real tenant with what is typed, unseen", function()
    local files, typed = require "onelogin.cli.files", {}
    local box = onelogin.sandbox { users = 0 }
    local app = box:add_app { name = "AWS", connector_id = 110006 }
    local kim = box:add_user { email = "kim@acme.test", username = "kim", password = "a sandbox's password",
      app_ids = { app.id } }
    local device = box:add_device(kim, "totp")
    local kept = files.ask_hidden
    files.ask_hidden = function(prompt) -- luacheck: ignore 122
      typed[#typed + 1] = prompt
      return prompt:find("Password", 1, true) and "a sandbox's password" or box:totp(device)
    end
    local arguments = { "--live", "--user", "kim@acme.test", "--app", tostring(app.id) }
    local code, text = run("aws_assume_role.lua", arguments, { box = box })
    assert.equal(0, code)
    assert.same({ "Password: ", "Code (authenticator): " }, typed)
    has(text, "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FSandbox")
    box.clock.advance(60)
    app.parameters = { Role = { default_values = "nothing of AWS" } }
    local complaint
    code, text, complaint = run("aws_assume_role.lua", arguments, { box = box })
    assert.equal(2, code)
    assert.equal("", text)
    has(complaint, "offers no role of AWS")
    files.ask_hidden = function() return "wrong" end -- luacheck: ignore 122
    code, text, complaint = run("aws_assume_role.lua", arguments, { box = box })
    files.ask_hidden = kept -- luacheck: ignore 122
    assert.equal(1, code)
    assert.equal("", text)
    has(complaint, "denied")
  end)
end)

describe("import_csv.lua", function()
  it("imports its sample", function()
    local code, text, _, box = run("import_csv.lua", {})
    assert.equal(0, code)
    has(text, "2 created, 1 changed, 0 as they should be, 0 failed")
    assert.equal('Chief of "Everything", and more', box:find_user("kim").title)
    assert.equal("=HYPERLINK(1)", box:find_user("zoe").lastname)
    assert.equal("Captain", box:find_user("ashley").title)
    assert.equal("Ashley", box:find_user("ashley").firstname)
  end)

  it("only tells what it would do, unless --apply is there", function()
    local path = write("p.csv", "email,title\nashley@acme.test,Captain\nnew@acme.test,\n")
    local code, text, _, box = run("import_csv.lua", { path })
    assert.equal(0, code)
    has(text, "dry run: would be 1 created, 1 changed, 0 as they should be, 0 failed")
    assert.is_nil(box:find_user("new@acme.test"))
    assert.equal(0, box:requests "users.update" + box:requests "users.create")
  end)

  it("goes on where it was interrupted, and sends nothing for finished rows", function()
    local lines = { "email,username" }
    for i = 1, 30 do lines[#lines + 1] = ("p%d@acme.test,p%d"):format(i, i) end
    local path = write("p.csv", table.concat(lines, "\r\n"))
    local box = onelogin.sandbox { users = 20 }
    local creates = 0
    local interrupted = run("import_csv.lua", { path, "--apply" }, { box = box, transport = { send = function(_, r)
      if r.operation == "users.create" then
        creates = creates + 1
        if creates == 11 then os.exit(9) end -- the machine goes out
      end
      return box.transport:send(r)
    end } })
    assert.equal(9, interrupted)
    assert.is_nil(box:find_user("p30@acme.test"))
    local code, text = run("import_csv.lua", { path, "--apply" }, { box = box })
    assert.equal(0, code, text)
    has(text, "30 row(s), 10 of them done before")
    has(text, "20 created, 0 changed")
    local before = box:requests()
    code, text = run("import_csv.lua", { path, "--apply" }, { box = box })
    assert.equal(0, code)
    has(text, "30 of them done before")
    assert.equal(before, box:requests())
  end)

  it("goes on past a bad row, says which, and tries it again next time", function()
    local path = write("p.csv", "email,username\na@acme.test,taken\nb@acme.test,taken\nd@acme.test,d\n")
    local box = onelogin.sandbox { users = 20 }
    local code, text = run("import_csv.lua", { path, "--apply" }, { box = box })
    assert.equal(1, code)
    has(text, "line 3: b@acme.test: users.create: conflict")
    has(text, "2 created, 0 changed, 0 as they should be, 1 failed")
    assert.equal("a@acme.test\nd@acme.test\n", read(path .. ".done"))
  end)

  it("looks at the whole file before anything is sent", function()
    for text, content in pairs {
      ["line 1: a user has no field"] = "email,shoe\na@b.test,7\n",
      ["that could be imported"] = "email,password\na@b.test,x\n",
      ["line 3: no email"] = "email,username\na@b.test,a\n,b\n",
      ["line 2: \"a*@b.test\" is no e-mail address"] = "email\na*@b.test\n",
      ["line 3: the same email as line 2"] = "email\na@b.test\nA@b.test\n",
      ["line 2: 1 fields below 2 columns"] = "email,username\na@b.test\n",
      ["line 2: a quoted field does not end"] = 'email\n"a@b.test\n',
      ["line 1: there is no header"] = "",
    } do
      local path = write("bad.csv", content)
      local code, _, complaint, box = run("import_csv.lua", { path, "--apply" })
      assert.equal(1, code)
      has(complaint, text)
      assert.equal(0, box:requests())
    end
  end)

  it("adopts a user whose create was answered by nobody", function()
    local box = onelogin.sandbox { users = 20 }
    box:fault { operation = "users.create", drop = "after" }
    local path = write("p.csv", "email,username\nlost@acme.test,lost\n")
    local code, text = run("import_csv.lua", { path, "--apply" }, { box = box })
    assert.equal(0, code)
    has(text, "1 created, 0 changed, 0 as they should be, 0 failed")
    assert.equal(1, box:requests "users.create")
  end)
end)

describe("access_report.lua", function()
  it("writes both files, and counts right", function()
    local box = onelogin.sandbox { users = 80 }
    local code, text = run("access_report.lua", { "--out", folder }, { box = box })
    assert.equal(0, code)
    has(text, "80 people, ")
    local rows, active = 0, 0
    for _, row in csv.rows(read(folder .. "/access-report.csv")) do
      rows = rows + 1
      if row.status == "active" then active = active + 1 end
    end
    assert.equal(80, rows)
    local expected = 0
    for _, user in box:each_user() do if user.status == 1 then expected = expected + 1 end end
    assert.equal(expected, active)
    local page = read(folder .. "/access-report.html")
    has(page, "<b>80</b><span>people</span>")
    has(page, ("<b>%d</b><span>active</span>"):format(expected))
    has(page, "<svg ")
    assert.equal("access-report.csv\naccess-report.html", child.capture("ls " .. folder))
  end)

  it("lets no name become markup, a formula or a script, and needs nothing from elsewhere", function()
    local box = onelogin.sandbox { users = 20 }
    for _, row in box:each_user() do
      local user = box.store.users[row.id]
      user.firstname, user.lastname, user.status = "=cmd|'/c calc'!A1", "<script>alert(1)</script>\27[2J\r\n\"&", 2
      box:touch(user)
    end
    box:add_role { name = "<img src=x onerror=alert(1)>", users = { box:find_user("ashley").id } }
    run("access_report.lua", { "--out", folder }, { box = box })
    local page = read(folder .. "/access-report.html")
    has(page, "&lt;script&gt;")
    for _, wrong in ipairs { "<script", "<img", "\27", "\r" } do assert.is_nil(page:find(wrong, 1, true), wrong) end
    assert.is_nil(page:find("https?://"))
    has(page, "default-src 'none'")
    for line, row in csv.rows(read(folder .. "/access-report.csv")) do
      assert.is_nil(row.name:find("^%s*[=+%-@]"), line)
    end
    -- as many elements end as begin
    for _, tag in ipairs { "table", "tr", "td", "svg", "g", "text", "section", "div", "bdi", "title" } do
      local _, opened = page:gsub("<" .. tag .. "[ >]", "")
      local _, closed = page:gsub("</" .. tag .. ">", "")
      assert.equal(opened, closed, tag)
    end
  end)

  it("fails loudly when something cannot be read, and leaves the old files", function()
    local box = onelogin.sandbox { users = 20 }
    write("access-report.csv", "yesterday")
    box:fault { operation = "roles.get_users", status = 500, times = 99 }
    local code, _, complaint = run("access_report.lua", { "--out", folder }, { box = box })
    assert.equal(1, code)
    has(complaint, "roles.get_users: server (HTTP 500)")
    assert.equal("yesterday", read(folder .. "/access-report.csv"))
  end)
end)

describe("follow_events.lua", function()
  it("writes a JSON object a line", function()
    local code, text = run("follow_events.lua", {})
    assert.equal(0, code)
    local json, n = require("onelogin.core").json, 0
    for line in text:gmatch("([^\n]+)\n") do
      local event = assert(json.decode(line))
      assert.truthy(event.id and event.created_at)
      n = n + 1
    end
    assert.is_true(n > 0)
  end)

  it("goes on from its checkpoint", function()
    local box = onelogin.sandbox { users = 20 }
    local path = folder .. "/place"
    local function ids()
      local _, text = run("follow_events.lua", { "--checkpoint", path }, { box = box })
      local out = {}
      for id in text:gmatch('"id":(%d+)') do out[#out + 1] = id end
      return out
    end
    local seen = {}
    for _ = 1, 3 do
      for _, id in ipairs(ids()) do
        assert.is_nil(seen[id])
        seen[id] = true
      end
    end
    assert.is_truthy(next(seen))
  end)

  it("refuses a date that is none", function()
    local code, _, complaint = run("follow_events.lua", { "--since", "yesterday" })
    assert.equal(2, code)
    has(complaint, "since must be a date")
  end)
end)

describe("role_drift.lua", function()
  local function world()
    local box = onelogin.sandbox { users = 30 }
    box:add_role { id = 4711, name = "Night Watch", users = { box:find_user("ashley").id } }
    return box
  end

  it("shows drift with exit code 1, and makes none", function()
    local box = world()
    local code, text = run("role_drift.lua", { write("w.lua", 'return { ["Night Watch"] = { "akua@acme.test" } }') },
      { box = box })
    assert.equal(1, code)
    has(text, "Night Watch: + akua@acme.test")
    has(text, "Night Watch: - ashley@acme.test")
    assert.equal(0, box:requests "roles.add_users" + box:requests "roles.remove_users")
  end)

  it("puts it right, and finds nothing the next time", function()
    local box = world()
    local file = write("w.lua", 'return { ["Night Watch"] = { "akua" } }')
    assert.equal(0, (run("role_drift.lua", { file, "--apply" }, { box = box })))
    local code, text = run("role_drift.lua", { file }, { box = box })
    assert.equal(0, code, text)
    has(text, "1 role(s) hold whom they should")
  end)

  it("tells roles and people that do not exist", function()
    local code, text = run("role_drift.lua", { write("w.lua",
      'return { Nowhere = {}, ["Night Watch"] = { "ashley@acme.test", "gone@acme.test" } }') }, { box = world() })
    assert.equal(2, code)
    has(text, "Nowhere: there is no such role")
    has(text, "? gone@acme.test is nobody's address")
  end)

  it("reads its file as data", function()
    for _, text in ipairs { "os.exit(0)", "return require('os')", "return", "return 7 +", "\27Lua" } do
      local fine, code = pcall(run, "role_drift.lua", { write("w.lua", text) }, { box = world() })
      assert.is_true(not fine or code == 2, text)
    end
  end)
end)

describe("app_inventory.lua", function()
  it("lists every app once, safe for a spreadsheet", function()
    local box = onelogin.sandbox { users = 20 }
    box:add_app { name = "=1+1", connector_id = 22 }
    local code, text = run("app_inventory.lua", {}, { box = box })
    assert.equal(0, code)
    local n, names = 0, {}
    for _, row in csv.rows(text) do
      n = n + 1
      names[row.name] = row
      assert.truthy(row.id:find("^%d+$"))
    end
    local apps = 0
    for _ in pairs(box.store.apps) do apps = apps + 1 end
    assert.equal(apps, n)
    assert.equal("'=1+1", names["'=1+1"].name)
    assert.equal("Mail", names.Mail.connector)
    code = run("app_inventory.lua", { "--out", folder .. "/apps.csv" }, { box = box })
    assert.equal(0, code)
    assert.equal(text, read(folder .. "/apps.csv"))
  end)

  it("ends with the error when something cannot be read", function()
    local box = onelogin.sandbox { users = 20 }
    box:fault { operation = "apps.get", status = 403 }
    local code, _, complaint = run("app_inventory.lua", {}, { box = box })
    assert.equal(1, code)
    has(complaint, "apps.get: permission")
  end)
end)

describe("docs/helpers.md", function()
  -- Runs a block with a `new` that talks to a sandbox, whatever tenant the text names.
  local function execute(code, line)
    local out, box = {}, onelogin.sandbox { users = 60 }
    local env = setmetatable({
      require = function(name)
        if name ~= "onelogin" then return require(name) end
        return setmetatable({ new = function(given)
          return onelogin.new(given.transport and given or box:config())
        end }, { __index = onelogin })
      end,
      print = function(...)
        local parts = {}
        for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
        out[#out + 1] = table.concat(parts, " ")
      end,
    }, { __index = _G })
    box:event(5)
    local chunk
    if setfenv then -- luacheck: ignore 113
      chunk = setfenv(assert(loadstring(code, "@helpers.md:" .. line)), env) -- luacheck: ignore 113
    else
      chunk = assert(load(code, "@helpers.md:" .. line, "t", env))
    end
    chunk()
    return out
  end

  local text, expected = read(root .. "docs/helpers.md"), { "true", "2026-06-02T05:10:17.250Z", "nil", "{" }
  local n = 0
  for before, code in text:gmatch("(.-)```lua\n(.-)```\n") do
    n = n + 1
    local which = n
    it("runs block " .. n, function()
      local out = execute(code, select(2, before:gsub("\n", "")))
      has(table.concat(out, "\n"), expected[which])
      assert.is_true(#out >= 2)
    end)
  end
  it("has four", function() assert.equal(4, n) end)
end)

describe("the CSV reader", function()
  local function all(text)
    local out = {}
    for line, fields in csv.records(text) do out[#out + 1] = { line, fields } end
    return out
  end

  it("reads what RFC 4180 allows", function()
    assert.same({ { 1, { "a", "b" } }, { 2, { "1", "2" } } }, all "a,b\r\n1,2\r\n")
    assert.same({ { 1, { "a" } }, { 2, { "b" } } }, all "a\nb")
    assert.same({ { 1, { "a" } }, { 2, { "b" } } }, all "a\rb\r")
    assert.same({ { 1, { "", "", "" } } }, all ",,")
    assert.same({ { 1, { 'say "hi", then\r\ngo', "x" } }, { 3, { "y", "" } } },
      all '"say ""hi"", then\r\ngo",x\r\ny,""')
    assert.same({ { 1, { "a" } } }, all "\239\187\191a\r\n")
    assert.same({}, all "")
    assert.same({ { 1, { "" } }, { 2, { "a" } } }, all "\na")
  end)

  it("says on which line something is wrong", function()
    for text, wrong in pairs { ['a\n"b'] = "line 2: a quoted field", ['a\n"b"c'] = "line 2: text behind",
      ['a"b'] = "line 1: a quote inside" } do
      local ok, why = pcall(all, text)
      assert.is_false(ok)
      has(why, wrong)
    end
  end)

  it("reads back what the writer wrote", function()
    local fields = { "plain", 'quo"te', "com,ma", "li\r\nne", "", "\0x", 7 }
    local back = all(csv.line(fields))[1][2]
    assert.same({ "plain", 'quo"te', "com,ma", "li\r\nne", "", "x", "7" }, back)
  end)

  it("leaves no formula to a spreadsheet", function()
    for _, text in ipairs { "=1", "+1", "-1", "@x", "\t=1", " =1", "\r=1" } do
      local back = all(csv.line { text })[1][2][1]
      assert.equal("'" .. text, back)
    end
  end)
end)

describe("the page", function()
  it("turns text into text", function()
    assert.equal("&lt;a href=&quot;x&quot;&gt; &amp; &#39;y&#39;", html.text("<a href=\"x\">\n& 'y'"))
    assert.equal("ab", html.text("a\226\128\174b"))
    assert.equal("", html.text(nil))
  end)

  it("shortens long labels between characters", function()
    local page = html.bars("t", { { ("\195\164"):rep(40), 1 }, { "", 0 } }, "")
    has(page, ">" .. ("\195\164"):rep(20) .. "\226\128\166<")
  end)
end)

describe("login.lua", function()
  -- What it prints and its exit code, with lines for its standard input.
  local function sign_in(lines, words)
    return child.capture(("printf %s | LUA_CPATH=%s %s %sexamples/login.lua %s 2>&1; echo exit $?"):format(
      child.quote(lines), child.quote(child.build .. "/?.so;;"), child.lua, root, words or ""))
  end

  it("signs in by a push, and says how long it waits", function()
    local text = sign_in("3\\n")
    has(text, "  1. Authenticator (authenticator), the default\n")
    has(text, "Press Yes on OneLogin Protect: 120 seconds left")
    assert.truthy(text:find("Ashley Rivers is signed in: push, by OneLogin Protect\nexit 0$"), text)
    has(sign_in("1\\n", "akua --v1"), "Akua Mensah is signed in: push")
  end)

  it("takes the code that the sandbox shows", function()
    -- the sandbox is the same each time
    local code = sign_in("2\\n"):match("OneLogin SMS shows (%w+)")
    has(sign_in("2\\nr\\nxxxxxx\\n"), "That code is wrong; 2 tries left.")
    assert.truthy(sign_in("2\\n" .. code .. "\\n"):find("is signed in: code, by OneLogin SMS\nexit 0$"))
  end)

  it("says why not, and no more than that", function()
    for lines, words in pairs { [""] = "", ["1\\n\\n"] = "ashley", ["1\\n1\\n2\\n3\\n"] = "ashley",
      ["\\n"] = "nobody" } do
      local text = sign_in(lines, words)
      assert.truthy(text:find("\nnot signed in: [%w ]+\nexit 1$"), text)
    end
  end)
end)

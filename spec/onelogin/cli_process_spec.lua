-- run: plain
-- The program itself, as a process: its exit status, pipes, Ctrl-C, and the sandbox it serves.
local child = require "spec.support.child"
local json = require("onelogin.core").json

local program = child.lua .. " lua/onelogin/cli/onelogin.lua "

-- `script` in a shell, where $O is the program; what it prints, standard error included.
local function shell(script, environment)
  local paths = ("LUA_CPATH=%s OL_BUILD= "):format(child.quote(child.build .. "/?.so;;"))
  return child.capture(("env %s %s O=%s sh -c %s 2>&1"):format(paths, environment or "", child.quote(program),
    child.quote(script)))
end

describe("the program", function()
  it("exits with what happened", function()
    assert.matches("^onelogin %d", shell "$O --version")
    assert.matches("exit 0$", shell "$O --sandbox users list >/dev/null; echo exit $?")
    assert.matches("exit 2$", shell "$O users list --limit x; echo exit $?")
    assert.matches("exit 4$", shell "$O --sandbox users get 5; echo exit $?")
    assert.matches("exit 6$", shell("$O users list --timeout 1; echo exit $?", "ONELOGIN_BASE_URL=http://127.0.0.1:1 "
      .. "ONELOGIN_CLIENT_ID=x ONELOGIN_CLIENT_SECRET=y"))
  end)

  it("ends quietly when a pipe closes", function()
    local text = shell "$O --sandbox=2000 users list --all | head -n 1"
    assert.are.equal(1, select(2, (text .. "\n"):gsub("\n", "")))
    assert.are.equal(88000004, json.decode(text).id)
    text = shell "trap '' PIPE; { $O --sandbox=2000 users list --all; echo exit $? >&2; } | head -n 1"
    assert.matches("exit 141", text)
    assert.is_nil(text:find("onelogin:", 1, true))
  end)

  it("says so when the disk is full", function()
    assert.matches("cannot be written: .*exit 8$", shell "$O --sandbox users list >/dev/full; echo exit $?")
  end)

  it("reads standard input", function()
    assert.are.equal("0", shell [[$O --sandbox=9 users list --all --fields id |
      $O --sandbox=9 users delete - --max-changes 9; echo $?]])
  end)

  it("has a prompt on a pipe", function()
    assert.are.equal("3\n\"ashley@acme.test\"", shell
      "printf '1 + 2\\nol.users:list()[1].email\\n' | $O repl")
  end)

  it("does what its manual shows", function()
    local file = assert(io.open("docs/cli.md"))
    local block = file:read("*a"):match("```sh\n(.-)```")
    file:close()
    local folder = child.folder()
    local lines = 0
    for line in block:gmatch("[^\n]+") do
      line = line:gsub("> users.jsonl", "> " .. folder .. "/users.jsonl"):gsub("onelogin (%l)", "onelogin --sandbox %1")
      local said = shell("onelogin() { $O \"$@\"; }; " .. line .. " || echo went wrong")
      assert.is_nil(said:find("went wrong", 1, true), line .. "\n" .. said)
      lines = lines + 1
    end
    assert.are.equal(8, lines)
    child.remove(folder)
  end)

  it("writes completions that a shell takes", function()
    local text = shell [[$O completion bash >"$0.$$"; bash -c '. "$1"; t() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1));
      COMPREPLY=(); _onelogin; echo "${COMPREPLY[*]}"; }
      t onelogin us; t onelogin users loc; t onelogin --profile x users unl
      t onelogin users update 5 --password_al; t onelogin users update 5 --password_algorithm s
      t onelogin --format j; t onelogin help roles add_u' - "$0.$$"; rm -f "$0.$$"]]
    assert.are.equal("users users_v1\nlock\nunlock\n--password_algorithm\nsalt+sha256 sha256+salt\njson jsonl\n"
      .. "add_users", text)
  end)
end)

describe("a served sandbox and Ctrl-C", function()
  local server, facts

  setup(function()
    server = child.start(("env LUA_CPATH=%s %s sandbox --json --users 50 --latency 3 --lifetime 120"):format(
      child.quote(child.build .. "/?.so;;"), program))
    facts = json.decode(server.line())
  end)
  teardown(function() server.stop() end)

  it("stop at once, with status 130 and a way to go on", function()
    local env = ("ONELOGIN_BASE_URL=%s ONELOGIN_CLIENT_ID=%s ONELOGIN_CLIENT_SECRET=%s"):format(facts.http_url,
      facts.client_id, facts.client_secret)
    -- the token and the first page take 3 s each; at 7.5 s the second page is on its way
    local text = shell([[$O users list --all --limit 10 --fields id >"$0.$$" & p=$!
      sleep 7.5; kill -INT $p; wait $p; echo "exit $?"; wc -l <"$0.$$"; rm -f "$0.$$"]], env)
    assert.matches("onelogin: interrupted\n", text)
    assert.matches("go on with: onelogin users list %-%-all %-%-limit 10 %-%-fields id %-%-cursor '%S+'", text)
    assert.matches("exit 130\n%s*10$", text)
  end)
end)

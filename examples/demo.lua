-- The library at work, in one run: `make demo` on the sandbox (no network, no account), and
-- `make demo-live` for the half of it that only reads, on the tenant that ONELOGIN_* names.
-- Every line is checked, not only printed: anything that is off makes the exit code 1.
local onelogin = require "onelogin"

local live = arg and (arg[1] == "--live" or arg[1] == "live") or false

------------------------------------------------------------------------------------------------
-- Printing

-- Colours only where a person looks at them.
local function on_terminal()
  local term = os.getenv("TERM")
  if os.getenv("NO_COLOR") or not term or term == "dumb" then return false end
  local ok = os.execute("test -t 1")
  return ok == true or ok == 0
end

local paint = on_terminal()
local function colour(code, text)
  return paint and ("\27[%sm%s\27[0m"):format(code, text) or text
end

-- A name in a directory may hold anything: nothing in it steers the terminal or turns the line round.
local function clean(value)
  local text = tostring(value):gsub("[%c\127]", "?"):gsub("\194[\128-\159]", "?")
  text = text:gsub("\226\128[\139-\143\168-\174]", "?"):gsub("\226\129[\160-\175]", "?")
  return text
end

local function say(...)
  io.write(...)
  io.write("\n")
end

-- 1234567 -> "1,234,567"
local function count(n)
  local text = ("%.0f"):format(n):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return text
end

local failures, steps = 0, 0

-- One numbered line: what was done, what came of it.  `work` returns text and maybe more lines, or throws.
local function step(title, work)
  steps = steps + 1
  local began = os.clock()
  local ok, text, more = pcall(work)
  local took = ("%4.0f ms"):format((os.clock() - began) * 1000)
  if not ok then
    failures = failures + 1
    more = nil
  end
  say(("  %s  %-9s %s  %s"):format(ok and colour("32", "ok  ") or colour("31;1", "FAIL"), title, colour("2", took),
    clean(text)))
  for _, line in ipairs(more or {}) do
    say((" "):rep(27), colour("2", clean(line)))
  end
  return ok
end

-- Throws unless a condition of the demo holds.
local function hold(condition, message)
  if not condition then error("expected: " .. message, 0) end
end

local check = function(value, err)
  if value == nil then error(tostring(err), 0) end
  return value, err
end

local function finish()
  if failures > 0 then
    say("\n", colour("31;1", ("%d of %d steps failed"):format(failures, steps)))
  end
  os.exit(failures > 0 and 1 or 0)
end

------------------------------------------------------------------------------------------------
-- On the sandbox

local function on_sandbox()
  local PEOPLE = 1000
  local box = onelogin.sandbox { users = PEOPLE }
  local ol = onelogin.new(box:config())
  local ashley, akua, kim

  say(colour("1", "onelogin " .. onelogin._VERSION), " on ", _VERSION, rawget(_G, "jit") and " (LuaJIT)" or "",
    ": a company of ", count(PEOPLE), " people on the sandbox, no network\n")

  step("token", function()
    ashley = check(ol.users:list { email = "ashley@acme.test" })[1]
    local seen = ol:inspect()
    hold(seen.has_token and box:requests("oauth.generate_tokens") == 1, "one token call")
    return ("fetched by the first call, good for %.0f hours"):format((seen.token_expires - ol.clock.wall()) / 3600)
  end)

  step("walk", function()
    local n, last, hostile = 0, 0, nil
    local before = box:requests("users.list")
    for user in ol.users:each() do
      n = n + 1
      hold(user.id > last, "every user once, in order")
      last = user.id
      if tostring(user.firstname):find("%c") then hostile = hostile or user end
    end
    hold(n == PEOPLE, count(PEOPLE) .. " users, not " .. n)
    return ("%s users, lazily, in %d pages"):format(count(n), box:requests("users.list") - before),
      hostile and { ("among them %s %s: printed harmlessly"):format(hostile.firstname, hostile.lastname) }
  end)

  step("find", function()
    local found
    for user in ol.users:each { email = "ak*@acme.test" } do
      if user.email == "akua@acme.test" then found = user end
    end
    akua = found
    hold(akua and akua.status == 1, "an active user called Akua")
    return ("ak*@acme.test: %s %s, id %s"):format(akua.firstname, akua.lastname, tostring(akua.id))
  end)

  step("TOTP", function()
    local authenticator = box:devices(ashley.id)[1]
    local login = check(ol.flows.passwordless {
      user = "ashley",
      factors = { "authenticator" },
      otp = function() return box:totp(authenticator) end, -- what a person reads from the telephone
    })
    hold(login.granted and login.user.id == tostring(ashley.id), "Ashley to be signed in")
    return ("%s signed in with a code from %s"):format(login.user.email, login.device.name)
  end)

  step("push", function()
    local polls, began = 0, ol.clock.wall()
    local login = check(ol.flows.passwordless {
      user = "akua@acme.test",
      factors = { "protect" },
      on_wait = function() polls = polls + 1 end,
    })
    hold(login.granted and login.method == "push", "Akua to be signed in by a push")
    local took = ol.clock.wall() - began
    box:on_push(akua.id, "deny")
    local refused, err = ol.flows.passwordless { user = "akua", factors = { "protect" } }
    hold(not refused and err.reason == "rejected", "a refused push to be told apart")
    return ("%s signed in by pressing Yes, %d polls in %.1f s of the sandbox's clock"):format(login.user.email, polls,
      took), { "and not when No was pressed: " .. err.message }
  end)

  step("create", function()
    kim = check(ol.users:create { email = "kim@acme.test", username = "kim", firstname = "Kim", lastname = "Ito" })
    hold(check(ol.users:get(kim.id)).email == "kim@acme.test", "Kim to be there")
    local again, err = ol.users:create { email = "kim@acme.test" }
    hold(not again and err.status == 422, "a second Kim to be refused")
    return ("kim@acme.test, id %s"):format(tostring(kim.id)),
      { ("and not twice: %s: %s"):format(err.kind, err.message) }
  end)

  step("change", function()
    check(ol.users:update(kim.id, { title = "Chief of Everything" }))
    local user = check(ol.users:get(kim.id))
    hold(user.title == "Chief of Everything" and user.lastname == "Ito", "the title, and only it, to change")
    return ("title is now %q, the rest as it was"):format(user.title)
  end)

  step("delete", function()
    check(ol.users:delete(kim.id))
    local user, err = ol.users:get(kim.id)
    hold(not user and err.kind == "not_found", "Kim to be gone")
    return ("gone: %s (HTTP %d)"):format(err.kind, err.status)
  end)

  step("503", function()
    local rule = box:fault { operation = "users.get", status = 503 }
    local began = ol.clock.mono()
    check(ol.users:get(ashley.id))
    hold(rule.hits == 1, "one injected failure")
    return ("the server failed once; asked again after %.2f s, the caller saw nothing"):format(ol.clock.mono() - began)
  end)

  step("revoked", function()
    local before = box:requests("oauth.generate_tokens")
    box:revoke_tokens()
    check(ol.users:get(ashley.id))
    hold(box:requests("oauth.generate_tokens") == before + 1, "one more token call")
    return "the token was revoked behind our back; one new one, the call repeated once"
  end)

  ol:close()
  say(("\n%s requests, %.2f s of processor time. Next: README.md, or `make repl`."):format(count(box:requests()),
    os.clock()))
end

------------------------------------------------------------------------------------------------
-- On a real tenant: reads only, and the client refuses anything else

local ENOUGH = 1000

local function on_tenant()
  local ok, ol = pcall(onelogin.new, { allow = "read" })
  if not ok then
    say(clean(ol))
    say("Set ONELOGIN_SUBDOMAIN, ONELOGIN_CLIENT_ID and ONELOGIN_CLIENT_SECRET.")
    os.exit(2)
  end
  say("This reads users and roles of ", colour("1", clean(ol.base_url)), " and changes nothing.")
  io.write("Go on? [y/N] ")
  io.flush()
  local answer = io.read("*l")
  if not answer or not answer:lower():find("^%s*y") then
    say("\nNothing was sent.")
    os.exit(0)
  end
  say("")

  local sample
  local reached = step("token", function()
    local users, page = check(ol.users:list { limit = 1 })
    sample = users[1]
    return ("accepted; %s users"):format(page and page.total and count(page.total) or "an unknown number of")
  end)
  if reached then
    step("walk", function()
      local n = 0
      for user in ol.users:each() do
        hold(user.id ~= nil, "every user to have an id")
        n = n + 1
        if n == ENOUGH then break end
      end
      return ("%s users%s"):format(count(n), n == ENOUGH and ", and stopped there" or "")
    end)
    step("find", function()
      local email = sample and type(sample.email) == "string" and sample.email or ""
      if email == "" then return "the first user has no e-mail address to search by" end
      local wanted = email:sub(1, 1):lower()
      local users = check(ol.users:list { email = wanted .. "*" })
      hold(#users > 0, "at least the user whose initial it is")
      return ("%s*: %s on the first page"):format(wanted, count(#users))
    end)
    step("roles", function()
      local n = 0
      for _ in ol.roles:each() do n = n + 1 end
      return count(n) .. " roles"
    end)
  end
  ol:close()
end

if live then on_tenant() else on_sandbox() end
finish()

-- pages.lua - what people see.  Each screen is a function of plain values that returns markup; every value goes through
-- `fill`, which escapes it.  data-state on <main> names the screen (docs/login-page.md lists them).

local html = require "onelogin.html"
local settings = require "settings"

local pages = {}

-- {name} is escaped, {=name} is markup made here; what is missing is empty.
local function fill(template, values)
  return (template:gsub("{(=?)([%w_]+)}", function(raw, name)
    local value = values[name]
    if value == nil or value == false then return "" end
    if raw == "=" then return value end
    return html.escape(tostring(value))
  end))
end

local PAGE = [[
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{wrong}{title} · {site}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<script src="/page.js" defer></script>
{=head}</head>
<body>
<main data-state="{state}"{=data}>
<p class="site"><span class="mark" aria-hidden="true">{initial}</span>{site}</p>
<h1>{title}</h1>
{=body}</main>
<footer><p>{=foot}</p></footer>
</body>
</html>
]]

-- The first character, in UTF-8.
local INITIAL = settings.title:match("^[%z\1-\127\194-\244][\128-\191]*") or ""

local function is_wrong(o) return o and o.note and o.kind ~= "calm" end

-- o: state, title, body; refresh (seconds, for browsers without a script), watch ("any": the script looks for another
-- state, "done": for the end only), turn, expect (the state that the server has), said (what has note and kind).
local function page(o)
  local data = {}
  for _, name in ipairs { "turn", "watch", "expect" } do
    if o[name] then data[#data + 1] = fill(' data-{name}="{value}"', { name = name, value = o[name] }) end
  end
  local refresh = o.refresh
    and ('<noscript><meta http-equiv="refresh" content="%d"></noscript>\n'):format(o.refresh) or ""
  return fill(PAGE, { title = o.title, wrong = is_wrong(o.said) and "Error: ", site = settings.title, initial = INITIAL,
    state = o.state, data = table.concat(data), head = refresh, body = o.body,
    foot = o.foot or "Never type a code that somebody asks you for." })
end

-- Where to go after the sign-in, when somebody came from elsewhere.
local function back(o)
  return o.back and fill('<input type="hidden" name="return_to" value="{back}">\n', o) or ""
end

local function note(text, kind)
  if not text then return "" end
  return fill('<p class="note {kind}" id="note" role="{role}">{text}</p>\n', { text = text, kind = kind or "bad",
    role = kind == "calm" and "status" or "alert" })
end

-- A form of ours to `action`.
local FORM = [[
<form method="post" action="{action}"{=class}>
<input type="hidden" name="csrf" value="{csrf}">
{=turn}{=body}</form>
]]

local function form(action, o, body, class)
  return fill(FORM, { action = action, csrf = o.csrf, body = body,
    class = class and fill(' class="{c}"', { c = class }),
    turn = o.turn and fill('<input type="hidden" name="turn" value="{turn}">\n', o) })
end

local DESCRIBED = ' aria-describedby="note" aria-invalid="true"'

-- A form with nothing but a button that says what to do instead.
local function other_ways(o, list)
  local out = {}
  for _, way in ipairs(list) do
    if way then
      out[#out + 1] = fill('<button type="submit" class="quiet" name="{name}" value="1">{label}</button>\n',
        { name = way[1], label = way[2] })
    end
  end
  if #out == 0 then return "" end
  return form("/sign-in", o, table.concat(out), "others")
end

local function who(name)
  if not name or name == "" then return "" end
  return fill('<p class="who"><span>Signing in as</span> <bdi>{name}</bdi></p>\n', { name = name })
end

-- ---- beginning ----

local NAME = [[
<p class="field"><label for="user">Name or e-mail</label>
<input id="user" name="user" value="{user}" type="text" autocomplete="username" autocapitalize="none"
 spellcheck="false" maxlength="254" required{=autofocus}{=described}></p>
]]

local PASSWORD = [[
<p class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"
 maxlength="1024" required{=autofocus}{=described}></p>
]]

--- o: csrf, user (as typed before), note, kind
function pages.password(o)
  local again = o.user and o.user ~= ""
  local described = is_wrong(o) and DESCRIBED
  return page { state = "password", title = "Sign in", said = o, body = note(o.note, o.kind) .. form("/", o, back(o)
    .. fill(NAME, { user = o.user, autofocus = not again and " autofocus", described = described })
    .. fill(PASSWORD, { autofocus = again and " autofocus", described = described })
    .. '<p><button type="submit" id="go">Sign in</button></p>\n') }
end

function pages.name(o)
  return page { state = "name", title = "Sign in", said = o, body = note(o.note, o.kind) .. form("/", o, back(o)
    .. fill(NAME, { user = o.user, autofocus = " autofocus", described = is_wrong(o) and DESCRIBED })
    .. '<p><button type="submit" id="go">Continue</button></p>\n'),
    foot = "No password needed: your phone or your code app is enough." }
end

-- ---- which way ----

local ICONS = {
  protect = '<rect x="7" y="2.5" width="10" height="19" rx="2.5"/><path d="m9.8 11.6 1.7 1.7 3-3.2"/>',
  app = '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.2 2"/>',
  text = '<path d="M4 5.5h16v11H11l-4.5 3.5v-3.5H4z"/><path d="M8.5 11h.01M12 11h.01M15.5 11h.01"/>',
  voice = '<path d="M6 3.5h3.5l1.5 4.5-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4.5 1.5V18a2.5 2.5 0 0 1-2.7 2.5A16 16 0 0 1 '
    .. '3.5 6.2 2.5 2.5 0 0 1 6 3.5z"/>',
  email = '<rect x="3" y="5" width="18" height="14" rx="2.5"/><path d="m4 7 8 6 8-6"/>',
  key = '<circle cx="8" cy="15" r="4.5"/><path d="m11.5 11.5 8-8M16 7l3 3"/>',
}
local ICON_OF = { protect = "protect", sms = "text", voice = "voice", email = "email", authenticator = "app",
  yubikey = "key", duo = "protect", unknown = "key" }

local function icon(name)
  return '<svg viewBox="0 0 24 24" aria-hidden="true">' .. ICONS[name] .. "</svg>"
end

local CHOICE = [[
<li><button type="submit" class="choice" name="{name}" value="{value}">{=icon}
<span><b>{=label}</b><small>{hint}</small></span></button></li>
]]

local function choices(list)
  local out = {}
  for i, choice in ipairs(list) do out[i] = fill(CHOICE, choice) end
  return '<ul class="choices">\n' .. table.concat(out) .. "</ul>\n"
end

--- The same for everybody, whoever they are and whatever they have.
function pages.way(o)
  return page { state = "way", title = "How do you want to sign in?", said = o, turn = o.turn,
    body = who(o.user) .. note(o.note, o.kind) .. form("/sign-in", o, choices {
      { name = "way", value = "push", icon = icon "protect", label = "Approve on my phone",
        hint = "A request in OneLogin Protect" },
      { name = "way", value = "app", icon = icon "app", label = "Type a code from my app",
        hint = "OneLogin Protect or an authenticator" },
      { name = "way", value = "text", icon = icon "text", label = "Text me a code", hint = "To the number we know" },
    }) .. other_ways(o, { { "cancel", "Use another name" } }) }
end

local HINTS = {
  protect = "Approve a request on your phone", sms = "We text you a code", voice = "We call you",
  email = "We send you a code", authenticator = "Type the code it shows", yubikey = "Touch it to type a code",
  duo = "Type a passcode", unknown = "Type a code",
}

--- o.devices: { id, type, name }, which the right password has earned.
function pages.device(o)
  local list = {}
  for i, device in ipairs(o.devices) do
    list[i] = { name = "device", value = device.id, icon = icon(ICON_OF[device.type] or "key"),
      label = fill("<bdi>{name}</bdi>", device), hint = HINTS[device.type] or HINTS.unknown }
  end
  return page { state = "device", title = "Confirm that it is you", said = o, turn = o.turn, body = who(o.user)
    .. note(o.note, o.kind) .. form("/sign-in", o, choices(list)) .. other_ways(o, { { "cancel", "Start again" } }) }
end

-- ---- code ----

local CODE = [[
<p class="field"><label for="code">{label}</label>
<input id="code" name="code" type="text" class="code" inputmode="{inputmode}" autocomplete="one-time-code"
 autocapitalize="characters" autocorrect="off" spellcheck="false" maxlength="64" required autofocus{=described}></p>
<p><button type="submit" id="go">Continue</button></p>
]]

--- o: csrf, turn, user, lead (what to type), digits (is it one), resend, other (labels), watch
function pages.code(o)
  return page { state = "code", title = o.title or "Type your code", said = o, turn = o.turn, watch = o.watch,
    expect = o.expect,
    body = who(o.user) .. fill('<p class="lead">{lead}</p>\n', o) .. note(o.note, o.kind)
      .. form("/sign-in", o, fill(CODE, { label = "Code", inputmode = o.digits and "numeric" or "text",
        described = is_wrong(o) and DESCRIBED }))
      .. other_ways(o, { o.resend and { "resend", o.resend } or false, { "other", o.other },
        { "cancel", "Start again" } }) }
end

-- ---- waiting ----

local WAIT = [[
<div class="ring" aria-hidden="true">{=icon}</div>
<p class="lead">{lead}</p>
<p class="left"><progress id="left" max="{total}" value="{seconds}" aria-label="Time left"></progress>
<span><span id="seconds">{seconds}</span> seconds left</span></p>
<p class="live" id="live" role="status" aria-live="polite">This page goes on by itself.</p>
{=code}]]

local INSTEAD = [[
<p class="action"><a class="button second" id="type" href="/sign-in?type=code">Type a code instead</a></p>
]]

--- o: csrf, turn, user, lead, seconds, total, code (may one be typed instead), resend, other
function pages.wait(o)
  return page { state = "wait", title = o.title or "Approve on your phone", said = o, turn = o.turn, watch = "any",
    foot = "Approve only what you asked for yourself.",
    expect = "wait", refresh = 3, body = who(o.user) .. note(o.note, o.kind)
      .. fill(WAIT, { icon = icon(ICON_OF[o.type] or "protect"), lead = o.lead, total = math.ceil(o.total),
        seconds = math.ceil(o.seconds), code = o.code and INSTEAD })
      .. other_ways(o, { o.resend and { "resend", o.resend } or false, { "other", o.other },
        { "cancel", "Start again" } }) }
end

--- A typed code is being looked at.
function pages.checking(o)
  return page { state = "checking", title = "One moment", turn = o.turn, watch = "any", expect = "checking",
    refresh = 1, body = who(o.user) .. '<div class="ring busy" aria-hidden="true">' .. icon "app" .. "</div>\n"
      .. '<p class="live" id="live" role="status" aria-live="polite">Checking your code…</p>\n' }
end

-- ---- ends ----

local ENDING = [[
<p class="lead">{text}</p>
<p class="action"><a class="button" id="again" href="{path}">{label}</a></p>
]]

local function ending(state, title, text, label, path)
  return page { state = state, title = title,
    body = fill(ENDING, { text = text, label = label or "Start again", path = path or "/" }) }
end

local ENDS = {
  refused = { "You are not signed in",
    "The sign-in was not confirmed. If you did not ask for it, change your password and tell your help desk." },
  limited = { "Too many tries",
    "For your safety nothing more is checked for this name now. Try again in a quarter of an hour." },
  busy = { "Too many sign-ins",
    "There were too many sign-ins from where you are. Try again in a quarter of an hour." },
  expired = { "That took too long", "Nothing was signed in. Start again when you are ready." },
  trouble = { "This does not work right now",
    "It is not your fault: a service that we need does not answer. Try again in a few minutes." },
  setup = { "One step is missing",
    "Your account needs a second factor that can be used here and has none. Sign in to OneLogin itself once to set "
    .. "one up, then come back." },
}

--- name: refused, limited, busy, expired, trouble or setup.  path: where a next try is.
function pages.ending(name, path)
  return ending(name, ENDS[name][1], ENDS[name][2], path and "Try again", path)
end

local OURS = "Something went wrong on our side. Try again in a few minutes."
local ERRORS = {
  [400] = "Your browser sent something that could not be read.",
  [403] = "This form has lost its validity, perhaps because the page was open for long. Nothing was done.",
  [404] = "There is no such page.",
  [405] = "That cannot be done here.",
  [413] = "That is too much.",
  [415] = "Your browser sent something that could not be read.",
  [421] = "This page does not live under that name.",
}

function pages.error(status)
  local text = ERRORS[status] or status < 500 and ERRORS[400] or OURS
  return ending("error", status == 404 and "Not found" or "That did not work", text, "Go to the beginning")
end

-- ---- signed in ----

local function full_name(user)
  local name = ((user.firstname or "") .. " " .. (user.lastname or "")):match("^%s*(.-)%s*$")
  return name ~= "" and name or user.email or user.username or user.id
end

local ACCOUNT = [[
<dl>
<dt>Name</dt><dd id="name"><bdi>{name}</bdi></dd>
<dt>Account</dt><dd id="account"><bdi>{account}</bdi></dd>
<dt>Confirmed by</dt><dd id="method">{method}</dd>
</dl>
{=more}]]

local CONTINUE = '<p class="action"><a class="button" id="continue" href="/continue">Continue to OneLogin</a></p>\n'

local METHODS = { password = "Password alone", code = "A typed code", push = "A request on the phone" }

--- o: csrf, member, handover (may the browser still be sent to OneLogin)
function pages.account(o)
  local user = o.member.user
  local more = o.handover and CONTINUE
  return page { state = "account", title = "You are signed in", foot = "Sign out when others use this device, too.",
    body = fill(ACCOUNT, { name = full_name(user), account = user.email or user.username or user.id,
      method = METHODS[o.member.method] or o.member.method, more = more })
      .. form("/sign-out", o, '<p><button type="submit" id="out" class="second">Sign out</button></p>\n') }
end

function pages.private(o)
  return page { state = "private", title = "Private page",
    body = fill('<p class="lead">Only people who are signed in see this, such as <bdi>{name}</bdi>.</p>\n',
      { name = full_name(o.member.user) }) .. '<p class="action"><a class="button" href="/">Back</a></p>\n' }
end

-- ---- the session at OneLogin ----

local HANDOVER = [[
<p class="lead">One more step takes you to OneLogin and your apps.</p>
<div id="handover" data-mode="{mode}" data-auto="{auto}" data-seconds="{seconds}" data-url="{url}" data-next="{next}">
{=form}</div>
<p class="live" id="live" role="status" aria-live="polite"></p>
<p class="hint" id="late">OneLogin accepts this for two minutes. Later than that, <a href="/continue">look here
again</a>.</p>
<p class="others"><a class="quiet" id="stay" href="/">Stay here</a></p>
]]

--- o: form (markup of onelogin.html), mode (form, cors), auto, seconds (that the token is good for), target, return_url
function pages.handover(o)
  return page { state = "handover", title = "You are signed in", body = fill(HANDOVER, { mode = o.mode,
    auto = o.auto and "1" or "0", seconds = math.floor(o.seconds), url = o.url, next = o.next, form = o.form }) }
end

--- The two minutes are over.
function pages.late(o)
  return page { state = "late", title = "That took too long", body =
    '<p class="lead">You are signed in here, but OneLogin takes a sign-in over within two minutes only.</p>\n'
    .. form("/again", o, '<p><button type="submit" id="again">Sign in again</button></p>\n')
    .. '<p class="others"><a class="quiet" id="stay" href="/">Stay here</a></p>\n' }
end

return pages

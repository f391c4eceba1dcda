-- passwordless.lua - signing in with a second factor alone.
--
-- Nobody who asks may learn whether a name exists, which devices it has or what state it is in.  So what is shown
-- follows from what was sent and from the time alone: a form decides its next screen before anybody is asked, and the
-- answer leaves at once.  The calls are made behind it, in a timer, and can add one thing only: that the sign-in was
-- granted.  Whoever is unknown, locked, without such a device or refused keeps walking through the same screens.
--
-- What is counted is counted by the typed name (and by the library for the person once more, whatever name was typed).

local onelogin = require "onelogin"
local nginx = require "onelogin.nginx"
local core = require "onelogin.core"
local pages = require "pages"
local settings = require "settings"
local web = require "web"
local crypto = require "onelogin.crypto"

local json = core.json
local M = {}

local ol = onelogin.new { store = nginx.store "onelogin", timeout = 10 }
local LIFE = 270 -- seconds that an attempt lasts, a little less than the tokens that are asked for
-- A code typed for any app is tried on each, and each try counts.  What the page allows is fewer.
local store = ol.flows.store { backend = nginx.store("login_flows", { keep = true }), life = 900,
  window = settings.window, failures = math.min(100, 3 * settings.name_limit) }
local guests = ngx.shared.login_guests

local TOKEN_LIFE = 300
local SENDS = 3         -- codes and requests an attempt may send
local NAME_SENDS = 6    -- and a name within the window
local CLASS = 1.5       -- a typed code is answered after this, or after a half second more, and so on
local PATIENCE = 30     -- a job that has not told its end by then has died

local FACTORS = { push = { "protect" }, app = { "protect", "authenticator" }, text = { "sms" } }

-- ---- what jobs tell: keys of one attempt, each written once ----

local function key(attempt, name) return "attempt:" .. attempt.id .. ":" .. name end

local function publish(attempt, name, value)
  assert(guests:set(key(attempt, name), json.encode(value), 900))
end

local function published(attempt, name)
  local text = guests:get(key(attempt, name))
  return text and json.decode(text)
end

-- How long the latest real checks of a kind took; one that has nobody to ask takes as long as one of them.
local RING = 16
local function remember(kind, seconds)
  local n = guests:incr("took:" .. kind, 1, 0)
  if n then guests:set(("took:%s:%d"):format(kind, n % RING), seconds) end
end

local function as_others(kind)
  local n = guests:get("took:" .. kind)
  return n and guests:get(("took:%s:%d"):format(kind, (n - math.random(0, math.min(n, RING) - 1)) % RING))
end

-- ---- behind the page ----

-- Kinds of errors that are about the service, not about the person.
local TROUBLE = { network = true, auth = true, permission = true, rate_limited = true, server = true, decode = true }

-- Ends of a flow after which a typed code may still be right.  A request that was refused is none: somebody may have
-- said that it was not them.
local AGAIN = { timeout = true, push_open = true }

-- Where the flow of this way is kept.  `round` counts how often ways were chosen.
local function place(attempt, what) return key(attempt, ("%s:%s:%d"):format(what, attempt.way, attempt.round)) end

-- What a step has come to: granted (and publishes that), waiting, over, or trouble.
local function outcome_of(attempt, want, err, at)
  if want and want.need == "nothing" then
    publish(attempt, "granted", { user = want.login.user, method = want.login.method, at = at() })
    return "granted"
  elseif want or err.reason == "stale" then
    return "waiting"
  elseif TROUBLE[err.kind] or err.kind == "timeout" and not err.reason then
    web.log(err)
    return "trouble"
  elseif AGAIN[err.reason] then
    guests:delete(place(attempt, "flow"))
    return "waiting"
  end
  return "over"
end

-- Begins the flow of this way, with a code or without, and keeps its id.  The third value: nobody knows yet whose name
-- it is.
local function begin(attempt, code)
  local push = attempt.way == "push"
  local flow = ol.flows.passwordless.start { user = attempt.name, factors = FACTORS[attempt.way], max_tries = 10,
    expires_in = TOKEN_LIFE, timeout = push and settings.push_seconds or nil, try_every = code ~= nil or nil }
  local id, want, err = store:begin(flow, code and { code = code } or nil)
  if not id then want, err = nil, want end
  if id then guests:set(place(attempt, "flow"), id, 900) end
  return want, err, flow:state().state == "START"
end

local function flow_id(attempt) return guests:get(place(attempt, "flow")) end

local JOBS = {}

-- Sends the request or the message.  Another request begins anew: the last one may have been refused by mistake.
function JOBS.send(attempt)
  local id = flow_id(attempt)
  if id and attempt.way == "text" then return store:step(id, { resend = true }) end
  if id then store:drop(id) end
  return begin(attempt)
end

function JOBS.code(attempt, code)
  local id = flow_id(attempt)
  if id then return store:step(id, { code = code }) end
  return begin(attempt, code)
end

-- Looks whether the request was answered.  Before its time this makes no call.
function JOBS.look(attempt)
  local id = flow_id(attempt)
  if id then return store:step(id) end
  return { need = "wait" }
end

-- Ends what is open.
function JOBS.leave(attempt)
  local id = flow_id(attempt)
  if id then store:drop(id) end
  return { need = "wait" }
end

-- The first device of the wanted kind, which is the default if that is of the kind.
local function pick(want)
  if not want or want.need ~= "device" or want.note then return nil end
  return want.devices[1] and { device = want.devices[1].id }
end

-- Has it sent to a device.  A request of this name that was just left may take a moment to end.
local function send_to(attempt, device)
  local want, err
  for _ = 1, 8 do
    want, err = store:step(flow_id(attempt), device)
    if want or err.reason ~= "push_open" then break end
    ngx.sleep(0.5)
  end
  return want, err
end

local function work(name, attempt, given)
  local decoy = place(attempt, "decoy")
  -- The first code asks more than those after it.
  local kind = attempt.way .. ((guests:get(decoy) or flow_id(attempt)) and " later" or " first")
  local outcome
  local function at()
    local took = ngx.now() - attempt.posted
    if name == "code" then
      if outcome ~= "decoy" then remember(kind, took) else took = math.max(took, as_others(kind) or 2 * took) end
    end
    return attempt.posted + math.max(CLASS, math.ceil(took * 2) / 2)
  end
  if name == "send" and attempt.way == "push" then guests:delete(decoy) end
  if guests:get(decoy) then
    outcome = "decoy"
  else
    local want, err, nobody = JOBS[name](attempt, given)
    local device = name == "send" and pick(want)
    if device then want, err = send_to(attempt, device) end
    outcome = outcome_of(attempt, want, err, at)
    if outcome == "trouble" and nobody then
      publish(attempt, "trouble", { at = at() }) -- the same for every name
    elseif outcome == "over" then
      guests:set(decoy, true, 900)
      outcome = "decoy"
    end
  end
  if name == "code" and outcome ~= "granted" then publish(attempt, "ready:" .. attempt.turn, at()) end
end

-- The timer's function; `premature`, when nginx is told to go, is no reason to leave somebody waiting.
local function run(_, name, attempt, given)
  local ticket, served = attempt.ticket, key(attempt, "served")
  while ticket and (guests:get(served) or 0) < ticket - 1 and ngx.now() < attempt.posted + PATIENCE do
    ngx.sleep(0.02)
  end
  local ok, problem = pcall(work, name, attempt, given)
  if ticket then guests:set(served, ticket, 900) end
  if not ok then ngx.log(ngx.ERR, "sign-in: ", problem) end
end

-- The job gets the attempt as it is now, whatever becomes of it.  Jobs of one attempt wait for one another.
local function hand_over(name, attempt, given)
  local now = { id = attempt.id, name = attempt.name, way = attempt.way, round = attempt.round, turn = attempt.turn,
    posted = attempt.posted or ngx.now(), ticket = name ~= "look" and guests:incr(key(attempt, "tickets"), 1, 0, 900) }
  local ok, why = ngx.timer.at(0, run, name, now, given)
  if not ok then
    ngx.log(ngx.ERR, "sign-in: no timer: ", why)
    publish(attempt, "trouble", { at = 0 })
  end
end

-- ---- in front of it ----

local function name_of(attempt, what) return what .. ":" .. attempt.counted end

-- What the browser is to see of an attempt: the name of a screen and what goes with it.
local function screen(attempt)
  local now = ngx.now()
  local granted, trouble = published(attempt, "granted"), published(attempt, "trouble")
  if granted and now >= granted.at then return "done", granted end
  if trouble and now >= trouble.at then return "trouble" end
  if attempt.checked then
    local ready = published(attempt, "ready:" .. attempt.turn)
    if not ready and now < attempt.posted + PATIENCE or ready and now < ready then return "checking" end
  end
  if attempt.screen == "limited" then return "limited" end
  if now > attempt.born + LIFE then return "expired" end
  if attempt.screen == "wait" and now >= attempt.deadline then return "code", "late" end
  return attempt.screen
end

--- A typed name.  Nobody is asked anything about it yet.
function M.begin(session, form)
  local name = (form.user or ""):match("^%s*(.-)%s*$")
  if name == "" then return "/" end
  local old = session:kept("attempt")
  if old and old.screen == "wait" then M.let_go(old) end
  session:keep("attempt", { id = crypto.hex(crypto.random(16)), name = name, counted = web.name_key(name),
    turn = web.first_turn(), round = 1, sends = 0, screen = "way", born = ngx.now() })
  return "/sign-in"
end

-- Ends what is open behind the screen, so that a new request may be sent.
function M.let_go(attempt)
  local open = name_of(attempt, "open")
  if guests:get(open) == attempt.id then guests:delete(open) end
  if attempt.way then hand_over("leave", attempt) end
end

local function limited(attempt)
  attempt.screen, attempt.note = "limited", nil
end

-- One request or message goes out, if it may.  No call is waited for.
local function send(attempt, way)
  if attempt.sends >= SENDS or web.count(name_of(attempt, "sends")) > NAME_SENDS then
    attempt.note = "often"
    return
  end
  if way == "push" then
    local open = name_of(attempt, "open")
    if not guests:add(open, attempt.id, settings.push_seconds) and guests:get(open) ~= attempt.id then
      attempt.note = "open"
      return
    end
    attempt.deadline = ngx.now() + settings.push_seconds
  end
  attempt.way, attempt.sends, attempt.note = way, attempt.sends + 1, nil
  attempt.screen = way == "push" and "wait" or "code"
  hand_over("send", attempt)
end

local INPUTS = {}

function INPUTS.way(attempt, way)
  if attempt.screen ~= "way" or not FACTORS[way] then return end
  if way == "app" then
    attempt.way, attempt.screen, attempt.note = way, "code", nil
  else
    send(attempt, way)
  end
end

function INPUTS.code(attempt, code)
  code = code:gsub("%s", "")
  if not attempt.way or code == "" or #code > 64 or code:find("[^%w]") then
    attempt.note = "form"
    return
  end
  local tries = web.count(name_of(attempt, "tries"))
  if tries > settings.name_limit then return limited(attempt) end
  attempt.checked, attempt.left = true, settings.name_limit - tries
  attempt.note = "wrong"
  if attempt.screen ~= "wait" then attempt.screen = "code" end
  if attempt.left == 0 then limited(attempt) end
  hand_over("code", attempt, code)
end

function INPUTS.resend(attempt)
  if attempt.way == "push" or attempt.way == "text" then
    send(attempt, attempt.way)
    if not attempt.note then attempt.note = "sent" end
  end
end

function INPUTS.other(attempt)
  M.let_go(attempt)
  attempt.way, attempt.screen, attempt.note, attempt.round = nil, "way", nil, attempt.round + 1
end

--- A form of /sign-in.  An input counts for the turn that it was made for, and each turn takes one.
function M.input(session, form)
  local attempt = session:kept("attempt")
  if not attempt then return "/" end
  local state = screen(attempt)
  if form.cancel then
    M.let_go(attempt)
    session:keep("attempt", nil)
    return "/"
  end
  local takes = state == "way" or state == "code" or state == "wait"
  if not takes or form.turn ~= tostring(attempt.turn)
    or not guests:add(key(attempt, "turn:" .. attempt.turn), true, 900) then
    return "/sign-in"
  end
  attempt.turn, attempt.posted, attempt.checked = attempt.turn + 1, ngx.now(), nil
  for name, act in pairs(INPUTS) do
    if form[name] then
      act(attempt, form[name])
      break
    end
  end
  session:keep("attempt", attempt)
  return form.code and attempt.screen == "wait" and "/sign-in?type=code" or "/sign-in"
end

local NOTES = {
  wrong = "That code was not right.", form = "A code has only letters and digits.",
  often = "Enough was sent. Use what you have, or another way.", sent = "Sent once more, if it can be.",
  open = "A request for this name waits for an answer already. Answer it, or try again in a moment.",
  late = "The request was not answered. You can type the code that OneLogin Protect shows.",
}

local LEADS = {
  push = "Open OneLogin Protect and type the six digits it shows.",
  app = "Open OneLogin Protect or your authenticator app and type the code it shows.",
  text = "If a telephone number is known for this name, a code is on its way to it. It can take a minute.",
}

local function code_page(session, attempt, note, waits)
  local text = NOTES[note]
  if note == "wrong" then
    text = text .. (attempt.left == 1 and " One try is left." or (" %d tries are left."):format(attempt.left))
  end
  return pages.code { csrf = session:csrf(), turn = attempt.turn, user = attempt.name, lead = LEADS[attempt.way],
    note = text, kind = (note == "sent" or note == "late") and "calm" or nil, digits = attempt.way ~= "text",
    resend = attempt.way == "text" and attempt.sends < SENDS and "Send it again"
      or attempt.way == "push" and not waits and attempt.sends < SENDS and "Send another request" or nil,
    other = "Use another way", watch = waits and "done" or nil, expect = waits and "wait" or nil }
end

--- Looks at what is known: the state's name and the seconds that are left.  A push is looked after while somebody does.
function M.look(session)
  local attempt = session:kept("attempt")
  if not attempt then return { state = "gone" } end
  local state = screen(attempt)
  if state == "wait" then hand_over("look", attempt) end
  return { state = state, turn = attempt.turn,
    seconds = state == "wait" and math.ceil(attempt.deadline - ngx.now()) or nil }
end

--- The page of the current state: markup; or nil, and the member when it is done, or the path to go to.
function M.show(session, query)
  local attempt = session:kept("attempt")
  if not attempt then return nil, nil, "/" end
  local state, more = screen(attempt)
  if state == "done" then
    session:keep("attempt", nil)
    if not guests:add(key(attempt, "done"), true, 900) then return nil, nil, "/" end
    guests:delete(name_of(attempt, "open"))
    -- Only what this sign-in took itself: a limit that is lifted tells whoever guesses that somebody came in.
    web.uncount(name_of(attempt, "tries"), more.method == "code" and 1 or 0)
    web.uncount(name_of(attempt, "sends"), attempt.sends)
    return nil, { user = more.user, method = more.method }
  elseif state == "way" then
    return pages.way { csrf = session:csrf(), turn = attempt.turn, user = attempt.name, note = NOTES[attempt.note] }
  elseif state == "checking" then
    return pages.checking { turn = attempt.turn, user = attempt.name }
  elseif state == "wait" then
    hand_over("look", attempt)
    if query.type == "code" then
      return code_page(session, attempt, attempt.note ~= "sent" and attempt.note or nil, true)
    end
    return pages.wait { csrf = session:csrf(), turn = attempt.turn, user = attempt.name, type = "protect",
      lead = "If this name can be asked, there is a request on its phone now. Open OneLogin Protect and approve it.",
      seconds = attempt.deadline - ngx.now(), total = settings.push_seconds, code = true, note = NOTES[attempt.note],
      kind = attempt.note == "sent" and "calm" or nil, resend = attempt.sends < SENDS and "Send it again",
      other = "Use another way" }
  elseif state == "code" then
    return code_page(session, attempt, more or attempt.note)
  end
  return pages.ending(state)
end

return M

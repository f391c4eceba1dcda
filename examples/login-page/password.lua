-- password.lua - signing in with name, password and, where the policy wants one, a second factor; the browser then gets
-- its OneLogin session.  The credential of this variant needs Authentication Only.
--
-- Until the password is right, unknown, locked and wrong look the same and take the same time.  After that the page is
-- open about devices and refusals: whoever sees it has proven the password.

local onelogin = require "onelogin"
local nginx = require "onelogin.nginx"
local html = require "onelogin.html"
local pages = require "pages"
local settings = require "settings"
local web = require "web"

local M = {}

local ol = onelogin.new { store = nginx.store "onelogin", timeout = 10 }
local store = ol.flows.store { backend = nginx.store("login_flows", { keep = true }), life = 900,
  failures = settings.name_limit, window = settings.window }

local CLASS = 1.0 -- a refused password is answered after this, or after a half second more, and so on

-- Holds a refusal back until its time.
local function hold(began)
  local took = ngx.now() - began
  ngx.sleep(math.max(0.001, math.max(CLASS, math.ceil(took * 2) / 2) - took))
end

-- The end of an attempt → what the page is to say.
local ENDS = {
  wrong_code = "limited", too_many_sends = "limited", rejected = "refused", locked = "refused",
  no_devices = "setup", no_usable_device = "setup", mfa_setup = "setup", too_many_failures = "limited",
  timeout = "expired", expired = "expired", unknown_flow = "expired", done = "expired", cancelled = "expired",
}

local function ending_of(err)
  local name = ENDS[err.reason]
  if name then return name end
  web.log(err)
  return "trouble"
end

-- The turn as forms carry it: of this attempt and no other.
local function turn_of(attempt, want) return attempt.first + want.turn end

-- What becomes of an attempt after a step.  want, err: the library's.  Returns the member when it is signed in.
local function follow(session, attempt, want, err)
  attempt.note = nil
  if want and want.need == "device" and #want.devices == 1 and not attempt.alone then
    attempt.alone = true -- with one device there is nothing to choose
    want, err = store:step(attempt.flow, { device = want.devices[1].id }, want.turn)
  end
  if want and want.need == "nothing" then
    local login = want.login
    session:keep("attempt", nil)
    return { user = login.user, method = login.method, handover = settings.handover ~= "none"
      and { token = login.session_token, expires_at = login.expires_at } or nil }
  elseif want and want.need == "password" then
    store:drop(attempt.flow)
    attempt = { ended = "expired", name = attempt.name }
  elseif err and err.reason == "push_open" then
    attempt.note = "open"
  elseif err and (err.reason == "bad_code" or err.reason == "unknown_device") then
    attempt.note = "form"
  elseif err and err.reason ~= "stale" then
    local ended = ending_of(err)
    if ended == "trouble" then
      attempt.note = "trouble" -- the step may be repeated
    else
      store:drop(attempt.flow)
      attempt = { ended = ended, name = attempt.name }
    end
  end
  session:keep("attempt", attempt)
end

--- Name and password.  Returns where to go, and the member when it is signed in.
function M.begin(session, form)
  local began = ngx.now()
  local name, password = (form.user or ""):match("^%s*(.-)%s*$"), form.password or ""
  session:keep("entry", { user = name })
  if name == "" or password == "" then return "/" end
  local old = session:kept("attempt")
  if old and old.flow then store:drop(old.flow) end
  session:keep("attempt", nil)
  local flow = ol.flows.login.start { user = name, password = password, subdomain = settings.subdomain,
    return_to_url = settings.return_url, origin = settings.handover == "cors" and settings.origin or nil,
    timeout = settings.push_seconds, max_tries = settings.name_limit <= 10 and settings.name_limit or 10 }
  local id, want, err = store:begin(flow)
  if not id then want, err = nil, want end
  local refused = want and want.need == "password"
  if not refused and err then
    refused = err.reason == "wrong_password" or err.reason == "locked" or err.reason == "bad_name"
    if not refused then
      local ended = ending_of(err)
      hold(began)
      session:keep("attempt", { ended = ended, name = name })
      return "/sign-in"
    end
  end
  if refused then
    if id then store:drop(id) end
    hold(began)
    session:keep("entry", { user = name, note = "wrong" })
    return "/"
  end
  session:keep("entry", nil)
  local member = follow(session, { flow = id, name = name, first = web.first_turn() }, want)
  return "/sign-in", member
end

-- Goes on with what the form says.
function M.input(session, form)
  local attempt = session:kept("attempt")
  if not attempt then return "/" end
  if form.cancel or attempt.ended then
    if attempt.flow then store:drop(attempt.flow) end
    session:keep("attempt", nil)
    return "/"
  end
  local input = form.device and { device = form.device } or form.code and { code = form.code }
    or form.resend and { resend = true } or form.other and { other = true }
  if not input then return "/sign-in" end
  if input.other then attempt.alone = nil end
  local want, err = store:step(attempt.flow, input, (tonumber(form.turn) or 0) - attempt.first)
  if err and err.reason == "stale" then return "/sign-in" end
  local member = follow(session, attempt, want, err)
  if input.resend and want and (want.need == "code" or want.need == "wait") then
    attempt.note = "sent"
    session:keep("attempt", attempt)
  end
  return want and want.need == "wait" and form.code and "/sign-in?type=code" or "/sign-in", member
end

-- ---- showing ----

local NOTES = {
  wrong = "That code was not right.", sent = "Sent once more.",
  expired = "That code is too old. A new one is on its way.",
  late = "The request was not answered. Type the code that OneLogin Protect shows.",
  form = "A code has only letters and digits.", trouble = "That did not work just now. Try once more.",
  open = "Another sign-in of yours waits for an answer on your phone. Answer it, or try again in a moment.",
}

local LEADS = {
  protect = "Type the six digits that OneLogin Protect shows.", sms = "We sent you a text message with a code.",
  voice = "We are calling you. Type the code you hear.", email = "We sent you an e-mail with a code.",
  authenticator = "Type the code that your authenticator app shows.", yubikey = "Touch your YubiKey to type its code.",
  duo = "Type a passcode of Duo.", unknown = "Type the code of your device.",
}

local RESEND = { sms = "Send it again", email = "Send it again", voice = "Call again",
  protect = "Send a request instead" }

local function note_of(attempt, want)
  local name = attempt.note or want.note
  local text = NOTES[name]
  if name == "wrong" and want.tries_left then
    text = text .. (want.tries_left == 1 and " One try is left." or (" %d tries are left."):format(want.tries_left))
  end
  return text, (name == "late" or name == "sent") and "calm" or nil
end

local function code_page(session, attempt, want, waits)
  local device = want.device
  local text, kind = note_of(attempt, want)
  return pages.code { csrf = session:csrf(), turn = turn_of(attempt, want), user = attempt.name,
    lead = LEADS[device.type] or LEADS.unknown, note = text, kind = kind,
    digits = device.type == "protect" or device.type == "authenticator" or device.type == "duo",
    resend = device.needs_trigger and not waits and RESEND[device.type] or nil,
    other = "Use another way", watch = waits and "done" or nil, expect = waits and "wait" or nil }
end

-- The flow as it is now; a call is made when a push is due to be looked at.
local function look(session)
  local attempt = session:kept("attempt")
  if not attempt then return nil, nil end
  if attempt.ended then return attempt, nil end
  local want, err = store:step(attempt.flow)
  if want and want.need ~= "nothing" and want.need ~= "password" then return attempt, want end
  return attempt, want, err or {}, follow(session, attempt, want, err)
end

local STATES = { device = "device", code = "code", wait = "wait" }

--- For the script: the state's name, its turn, the seconds left.  Fourth way: a member who has just signed in.
function M.look(session)
  local attempt, want, err, member = look(session)
  if member then return { state = "done" }, member end
  if not attempt then return { state = "gone" } end
  if err then attempt = session:kept("attempt") or {} end
  if attempt.ended or not want then return { state = attempt.ended or "wait" } end
  return { state = STATES[want.need] or "gone", turn = turn_of(attempt, want),
    seconds = want.need == "wait" and math.ceil(want.remaining) or nil }
end

--- The page of the current state; or nil, the member when it is done, else the path to go to.
function M.show(session, query)
  local attempt, want, err, member = look(session)
  if member then return nil, member end
  if not attempt then return nil, nil, "/" end
  if err then attempt = session:kept("attempt") or { ended = "expired" } end
  if attempt.ended then return pages.ending(attempt.ended) end
  if not want then return pages.ending("trouble", "/sign-in") end
  if want.need == "device" then
    return pages.device { csrf = session:csrf(), turn = turn_of(attempt, want), user = attempt.name,
      devices = want.devices, note = note_of(attempt, want) }
  elseif want.need == "wait" then
    if query.type == "code" and want.types then return code_page(session, attempt, want, true) end
    local call = want.device.type == "voice"
    local text, kind = note_of(attempt, want)
    return pages.wait { csrf = session:csrf(), turn = turn_of(attempt, want), user = attempt.name,
      type = want.device.type, title = call and "Answer your phone" or nil, note = text, kind = kind, code = want.types,
      lead = call and "We are calling you. Do as the voice says."
        or "We sent a request to your phone. Open OneLogin Protect and approve it.",
      seconds = want.remaining, total = settings.push_seconds, resend = "Send it again", other = "Use another way" }
  end
  return code_page(session, attempt, want)
end

-- ---- the session at OneLogin ----

--- The page that hands the session token to the browser; or nil, where to go.
function M.handover(session)
  local member = session.member
  local kept = member.handover
  if not kept then return nil, "/" end
  local left = kept.expires_at - ngx.now()
  if left <= 1 then
    if kept.token then
      kept.token = nil
      session:save()
    end
    return pages.late { csrf = session:csrf() }
  end
  -- By itself only once: whoever comes back by the back button is asked.
  local auto = not kept.shown
  kept.shown = true
  session:save()
  local action = settings.handover_url .. "/session_via_api_token"
  local form = html.session_form { action = action, session_token = kept.token,
    return_to_url = settings.return_url, auto = false, fragment = true,
    label = "Continue to OneLogin" }
  return pages.handover { form = form, mode = settings.handover, auto = auto, seconds = left,
    url = action, next = settings.return_url or settings.handover_url .. "/portal" }
end

return M

-- Where to find what: each transition and each error that the service is known for, in words, and the spec that walks
-- it (its file without "_spec.lua", and how its name begins).  A row whose spec is gone or renamed fails here.

local PASSWORDLESS, TRUST, FACTORS = "flows_passwordless", "flows_trust", "flows_factors"
local SIGN_IN, ODD, LOGIN, SAML = "flows_sign_in", "flows_sign_in_trust", "flows_login", "flows_saml"
local RESUME, SECRETS, ENROLL = "flows_resume", "flows_secrets", "flows_enroll"
local ENROLL_TRUST, SMART_MFA, ATTACK = "flows_enroll_trust", "flows_smart_mfa", "flows_attack"

local RECORD = {
  ["What all flows meet"] = {
    { "v1 lists devices with unfinished ones, v2 without: neither is offered", PASSWORDLESS,
      "tells a person without devices" },
    { "device ids are numbers or texts, in answers and requests", PASSWORDLESS, "offers devices in one shape" },
    { "answers come as objects or as arrays of one: MFA v2", TRUST, "takes answers as objects and as arrays of one" },
    { "answers come as objects or as arrays of one: login, SAML", ODD, "takes answers as objects and as arrays" },
    { "each factor name of each family", FACTORS, "mean one type each" },
    { "display names are free text", FACTORS, "are the machine's own" },
    { "a factor that no name tells: triggered, then typed (MFA)", FACTORS, "is triggered, then typed" },
    { "a factor that no name tells: OTP token blank, then typed (login, SAML)", SIGN_IN,
      "belongs to a device of which nothing is known" },
    { "401 Authentication Failure, InvalidCredentials: the API token (login, SAML)", SIGN_IN,
      "is not blamed, nor sent again, when the credential" },
    { "401 Authentication Failure, InvalidCredentials: the API token (MFA)", TRUST, "does not blame the person" },
    { "401 Insufficient Permission", SIGN_IN, "is not blamed, nor sent again, when the credential" },
    { "400 Authorization Information is incorrect; 403 ForbiddenAction (MFA)", FACTORS,
      "is not the person's fault that the credential may not" },
    { "400 Authorization Information is incorrect; 403 ForbiddenAction (login, SAML)", SIGN_IN,
      "is not blamed, nor sent again, when the credential" },
    { "a 401 of the person fetches no token and sends no password again", SIGN_IN,
      "that is wrong as a string ends it, and is sent once" },
    { "a 401 of the API token at a code", SIGN_IN, "is not blamed when the credential is refused, and may" },
    { "callback_url names another region: never followed (login, SAML)", ODD, "calls its own host" },
    { "callback_url names another region: never followed (MFA)", TRUST, "never follows a callback_url" },
    { "the text of a refusal, in each place where it was seen", ATTACK, "is read wherever it stands" },
    { "the credential is refused at any call of any flow", ATTACK, "is nobody's mistake and ends nothing" },
    { "the service fails at any call of any flow", ATTACK, "has no password and no code twice" },
  },
  ["Passwordless, MFA v1"] = {
    { "an empty list of users: unknown", TRUST, "counts only a row that has exactly this name" },
    { "locked, suspended and other statuses, which only the user's row tells", TRUST, "lets only active users in" },
    { "no devices: 200 and an empty list", PASSWORDLESS, "tells a person without devices" },
    { "404 User for id ... was not found; 400 User does not exist", FACTORS, "tells a person who was deleted" },
    { "trigger, then the code with its state token", PASSWORDLESS, "signs in by SMS" },
    { "no trigger: the code alone, no state token", PASSWORDLESS, "signs in by TOTP" },
    { "a push: verify without a code until it is decided", PASSWORDLESS, "waits for the press" },
    { "400 lapsed state token: a new code", PASSWORDLESS, "starts over when the server forgot the token" },
    { "400 lapsed state token, by our own clock", PASSWORDLESS, "sends a new code when asked or when the old one" },
    { "400 lapsed state token while a push is open: the end", PASSWORDLESS, "stops when the server forgot the token" },
    { "401 wrong code: the same state", PASSWORDLESS, "asks again after a wrong code" },
    { "400 Factor could not be found", FACTORS, "tells a device that was removed" },
    { "state_token_expires_in, sms_message, numeric_sms_otp", PASSWORDLESS, "lives as long as asked" },
    { "a code for whatever device it fits: default first, 401 goes on, each counted", PASSWORDLESS, "tries it" },
    { "a code for whatever device it fits: 400, 404, 500 end it", FACTORS, "tries a code on no further device" },
    { "a temporary code: device 0", FACTORS, "lets in who has no device at all: device 0" },
  },
  ["Passwordless, MFA v2"] = {
    { "activate, then PUT the code: accepted", PASSWORDLESS, "signs in by SMS" },
    { "device and code in one call, without an activation", PASSWORDLESS, "signs in by TOTP" },
    { "200 pending after a code: wrong", TRUST, "takes no 200 for a success" },
    { "status as a word, or as an object in the clothes of v1", TRUST, "takes answers as objects and as arrays" },
    { "GET pending, accepted", PASSWORDLESS, "waits for the press" },
    { "GET rejected: refused, or keyed in wrongly on a call", FACTORS, "is polled on v2, where what was keyed in" },
    { "GET 404: lapsed", PASSWORDLESS, "stops when the server forgot the token" },
    { "after expires_at: our own clock ends it", PASSWORDLESS, "lets the token's end win" },
    { "rejected while a code is awaited", PASSWORDLESS, "refuses a verification that ends" },
    { "404 of an unknown device", FACTORS, "tells a device that was removed" },
    { "custom_message", PASSWORDLESS, "lives as long as asked" },
    { "a temporary code: the device_id that came with it", FACTORS, "lets in who has no device at all: the device" },
    { "user, device and verification ids of each answer", PASSWORDLESS, "refuses an answer about another user" },
  },
  ["Push, in all families"] = {
    { "deadline: least of the caller's, the token's and 120 s", PASSWORDLESS, "tells refused from unanswered" },
    { "polls after 2 s, slower up to 5 s", PASSWORDLESS, "waits for the press" },
    { "pending: status.type pending (v1, login, SAML v1), a message with the word (SAML v2)", SIGN_IN,
      "that is accepted signs in" },
    { "pending in any letter case, and data all the same: no sign-in", ODD, "takes no answer to a typed code" },
    { "accepted: 200 with a session token or an assertion", SIGN_IN, "that is accepted signs in" },
    { "rejected: 401 while waiting", SIGN_IN, "that is denied is the end" },
    { "timeout: 400 lapsed, back to the password", SIGN_IN, "that nobody answers lapses with the state token" },
    { "do_not_notify: false once, true on polls", SIGN_IN, "that is accepted signs in" },
    { "a Protect code typed while it waits, on the same token (MFA)", PASSWORDLESS, "takes a typed Protect code" },
    { "a Protect code typed while it waits, on the same token (login, SAML)", SIGN_IN, "gives way to a code typed" },
    { "a Protect code typed after the wait (MFA)", PASSWORDLESS, "falls back to the typed code" },
    { "a Protect code typed after the wait (login, SAML)", SIGN_IN, "may be waited for shorter" },
    { "a telephone that only types: listed twice, or so marked", FACTORS, "knows a telephone that is" },
    { "sending failed: again, or another device", PASSWORDLESS, "takes another device when sending" },
    { "a press that comes too late", SIGN_IN, "that comes too late does not count" },
    { "one live push for each person", SIGN_IN, "rings for one sign-in at a time" },
    { "an open push of another flow frees the telephone when it ends", PASSWORDLESS, "rings one telephone" },
  },
  ["SMS, e-mail, links, calls"] = {
    { "SMS: pending, then the code (login, SAML)", SIGN_IN, "comes by SMS" },
    { "resend: asked again without a code; v1 a new token, v2 a new id", PASSWORDLESS, "sends a new code when" },
    { "e-mail code", SIGN_IN, "comes by SMS" },
    { "magic link, v2: polled, with redirect_to", FACTORS, "is waited for as a push is" },
    { "magic link, login and SAML", SIGN_IN, "is a magic link in an e-mail" },
    { "a call: polled on v2, login and SAML", SIGN_IN, "that is accepted signs in" },
    { "a call: typed on v1", FACTORS, "is polled on v2, where what was keyed in" },
    { "codes are texts: letters, leading zeros", TRUST, "throws a clear string before any call" },
  },
  ["TOTP, YubiKey, Duo"] = {
    { "one call with the code", SIGN_IN, "of TOTP, YubiKey and Duo" },
    { "400 OTP token blank without a code: asked for", SIGN_IN, "is asked for at once of a telephone" },
    { "401 Failed authentication with this factor: again on the same state token", SIGN_IN,
      "that is wrong is asked for again on the same" },
    { "three wrong codes", SIGN_IN, "that is wrong three times" },
  },
  ["Login and SAML: the password"] = {
    { "no MFA: session token or assertion at once", SIGN_IN, "is enough where no second factor is due" },
    { "MFA: state token and devices under the same 200", SIGN_IN, "changes its mind, on one state token" },
    { "401 Authentication Failed: Invalid user credentials", SIGN_IN, "that is wrong is asked for again, at most" },
    { "401 User is locked. Access is unauthorized; locked and suspended people", SIGN_IN, "is of somebody locked" },
    { "other texts under 401", LOGIN, "takes a text that begins with MFA" },
    { "400 beginning with MFA: no factor yet", SIGN_IN, "is right, and a second factor due that is not there" },
    { "400 Input JSON is not valid; wrong content type", LOGIN, "passes on what the service says" },
    { "400 Invalid subdomain", SIGN_IN, "meets an account that the service does not know" },
    { "400 bad request, username is empty, password is empty (SAML)", SAML, "passes on what the service says" },
    { "404 App could not be found", SAML, "does not find an app" },
    { "ip_address", SAML, "sends the app with both halves" },
    { "neither token, both, or one of another type", ODD, "takes no answer to the password" },
  },
  ["Login and SAML: the second factor"] = {
    { "400 State token is invalid or expired, at a code: back to the password", SIGN_IN, "leads back to the password" },
    { "the same before anything was sent", SIGN_IN, "is told when the state token lapses before" },
    { "the same while a push is open", SIGN_IN, "ends when the service has forgotten the state token" },
    { "a password that is text is not asked for again: expired", SIGN_IN, "leads back to the password" },
    { "401 locked, at each step", SIGN_IN, "meets somebody locked, refused or let in" },
    { "400 Factor could not be found", SIGN_IN, "for a device that the service does not know" },
    { "404 at the second factor (SAML)", SAML, "does not find an app" },
    { "an answer about another person", SIGN_IN, "breaks it off, wherever it comes" },
    { "a device that was not listed", SIGN_IN, "takes only what was offered" },
    { "SAML v1: data is a text; or, as one library has it, a list of one", ODD, "takes answers as objects" },
  },
  ["The session token and its browser"] = {
    { "two minutes, once, by form", LOGIN, "answers who it is, how, and a token" },
    { "two minutes from before the call", LOGIN, "counts the two minutes" },
    { "Custom-Allowed-Origin-Header-1, with one or several origins", LOGIN, "announces no origin" },
    { "CORS from announced and other origins", "sandbox_login", "takes CORS from an announced origin" },
  },
  ["Delegated authentication"] = {
    { "session token: yes; nothing redeemed", LOGIN, "says yes in one call" },
    { "state token: right, and a second factor due", LOGIN, "says no to whoever has a second factor" },
    { "401 and 400: no, for each of its reasons", LOGIN, "tells wrong, locked, unready and unknown" },
    { "401 of the API credential: no verdict", LOGIN, "is no verdict about the person" },
    { "the route from before OAuth: XML, always 200", "flows_legacy", "tells a wrong password, an unknown user" },
  },
  ["Enrolment"] = {
    { "v1: verified, done at once", ENROLL, "needs no code for a number that is proven" },
    { "v1: a state token, the code, active", ENROLL, "enrols the telephone with the code" },
    { "v1: lapsed, triggered again", ENROLL, "sends a new code when asked, and when the old one" },
    { "v1: never confirmed, taken away", ENROLL, "goes back to them, leaving nothing behind" },
    { "v1: voice wants verified", ENROLL, "has no voice without a proven number" },
    { "v2: wrong code is pending", ENROLL, "asks again after a wrong code" },
    { "v2: calls, links and Protect are polled", ENROLL, "waits for the new telephone" },
    { "v2: refused", ENROLL, "is refused, gives up and is cancelled" },
    { "v2: the key of an authenticator, as URI and QR code", ENROLL_TRUST, "shows the key, once" },
    { "people that there are none of", ENROLL, "says when the user does not exist" },
    { "v1: what the user has already is not listed", ENROLL, "says when there is nothing to enrol with" },
    { "v1: a device that cannot be taken away", ENROLL, "says which device is left" },
    { "v2: answers as objects and as arrays of one", ENROLL_TRUST, "shows the key, once" },
    { "v2: a registration that is gone", ENROLL_TRUST, "starts over when a lost answer" },
  },
  ["Smart MFA"] = {
    { "no code sent: in", SMART_MFA, "that is low lets in without a code" },
    { "a code, right or wrong", SMART_MFA, "that is wrong may be typed again" },
    { "400 State token is invalid or expired", SMART_MFA, "that lapsed leads back to the risk" },
    { "401 The request requires user authentication", SMART_MFA, "that is refused because of the API token" },
    { "text OK, and nothing else", SMART_MFA, "is right when the service says OK" },
    { "risk events that teach", SMART_MFA, "tells the outcome once" },
    { "five codes at most", SMART_MFA, "is sent five times at most" },
  },
  ["What all flows keep"] = {
    { "interrupted after any step, goes on elsewhere", RESUME, "anywhere, ends as it would have" },
    { "interrupted, each step in a process of its own", RESUME, "ends in a session token" },
    { "interrupted, with a store or a sealed text", "flows_process", "goes on by its id" },
    { "older states", RESUME, "does no more than the newest could" },
    { "older states, under a guard", RESUME, "spends nobody's chances twice" },
    { "secrets: what goes well or wrong", SECRETS, "shows nothing of a sign-in" },
    { "secrets: what a service repeats", SECRETS, "shows nothing of what a service" },
    { "secrets: passwordless", SECRETS, "shows nothing, well or badly" },
    { "secrets: enrolment", ENROLL_TRUST, "is told by nothing but itself" },
    { "secrets: Smart MFA", SMART_MFA, "tells no secret" },
    { "states that were changed", ATTACK, "is refused, or behaves" },
    { "answers of any shape", ATTACK, "is taken or refused" },
    { "every edge: passwordless", PASSWORDLESS, "was walked along every edge" },
    { "every edge: login and SAML", SIGN_IN, "were walked along every edge" },
    { "every edge: enrolment", ENROLL, "was walked along every edge" },
    { "every edge: Smart MFA", SMART_MFA, "every edge of the machine was walked" },
  },
}

describe("the record of sign-in", function()
  local here = debug.getinfo(1, "S").source:match("^@(.*)flows_record_spec%.lua$") or "spec/onelogin/"
  local names = {} -- file -> list of what its specs are called

  local function specs_of(name)
    if names[name] then return names[name] end
    local file = assert(io.open(here .. name .. "_spec.lua"))
    local list = {}
    for text in file:read("*a"):gmatch("%f[%w]it%(\"([^\"]*)\"") do list[#list + 1] = text end
    file:close()
    names[name] = list
    return list
  end

  for section, rows in pairs(RECORD) do
    it("has a spec for each row: " .. section, function()
      for _, row in ipairs(rows) do
        local found = 0
        for _, name in ipairs(specs_of(row[2])) do
          if name:sub(1, #row[3]) == row[3] then found = found + 1 end
        end
        assert.is_true(found > 0, ("%s: %s has no spec that begins with '%s'"):format(row[1], row[2], row[3]))
      end
    end)
  end
end)

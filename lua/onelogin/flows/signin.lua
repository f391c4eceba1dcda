-- Signing a person in by password, and a second factor where the policy wants one: the machine behind the login and
-- SAML flows.  A password is sent once, by the step that was given it, and kept nowhere; when the state token lapses
-- the machine asks for it again.  What a family brings (api): begin, verify and what they need.
local answers = require("onelogin.flows.answer")
local devices = require("onelogin.flows.devices")
local factor = require("onelogin.flows.factor")
local fault = require("onelogin.flows.fault")
local flow = require("onelogin.flows.flow")
local person = require("onelogin.flows.person")
local settings = require("onelogin.flows.settings")
local shape = require("onelogin.flows.shape")

local M = {}

M.TOKEN_LIFE = 120 -- seconds of a session token; the state token's life is on no record and taken to be the same

M.OPTIONS = settings.extend(settings.FACTOR, {
  user = "string", password = "string or function", subdomain = "string", email = "string", ip_address = "string",
})

local EDGES = {
  { "PASSWORD", "accepted", "GRANTED" },
  { "PASSWORD", "factor", "CHOOSE" },
  { "PASSWORD", "wrong", "PASSWORD" },
  { "PASSWORD", "bad_name", "REFUSED" },
  { "PASSWORD", "exhausted", "REFUSED" },
  { "PASSWORD", "limited", "REFUSED" },
  { "PASSWORD", "locked", "REFUSED" },
  { "PASSWORD", "setup", "REFUSED" },
  { "PASSWORD", "none", "REFUSED" },
  { "PASSWORD", "broken", "BROKEN" },
  { "PASSWORD", "cancel", "CANCELLED" },
  { "TRIGGER", "accepted", "GRANTED" },
  { "TRIGGER", "rejected", "REFUSED" },
  { "TRIGGER", "locked", "REFUSED" },
  { "TRIGGER", "expired", "PASSWORD" },
  { "CODE", "expired", "PASSWORD" },
  { "WAIT", "expired", "PASSWORD" },
}

------------------------------------------------------------------------------------------------
-- What the service says

--- The person as an answer tells it; nil when it names nobody.
function M.person(row)
  local id = type(row) == "table" and answers.id(row.id)
  return id and person.told(row, id) or nil
end

--- Does an answer say that nothing is decided yet?  Such an answer grants nothing, whatever else is in it.
function M.waits(answer, info)
  if type(info) == "table" and (answers.lower(info.status_type) == "pending"
    or answers.lower(info.status_message):find("pending", 1, true)) then
    return true
  end
  return type(answer) == "table" and answers.lower(answer.message):find("pending", 1, true) ~= nil
end

--- nil; or the fault, when the answer to a second factor names somebody else than the one to the password.
function M.mismatch(data, answer)
  local user = type(answer) == "table" and M.person(answer.user)
  if user and data.user.id and user.id ~= data.user.id then
    return fault.new("decode", "mismatch", "the answer to the second factor is about someone else")
  end
end

--- What a refused password means: wrong, locked or setup; nil when it was not about the person.
function M.refusal(err)
  local said = answers.lower(err.message)
  if err.kind == "denied" then return said:find("locked", 1, true) and "locked" or "wrong" end
  if err.status == 400 and said:find("^mfa") then return "setup" end
end

--- What a refused second factor means.
function M.factor_refusal(err, code)
  local said = answers.lower(err.message)
  if err.kind == "denied" then
    if said:find("locked", 1, true) then return "locked" end
    return code and "wrong" or "rejected"
  end
  if err.status == 400 then
    if said:find("state token", 1, true) or said:find("expired", 1, true) then return "expired" end
    if not code and said:find("otp token blank", 1, true) then return "blank" end
  end
end

--- What is wrong with a typed password before it is sent; nil when nothing is.
function M.bad_password(password)
  local why = password == "" and "no password was typed"
    or not person.is_text(password) and "the typed password is no text (not UTF-8)"
  return why and fault.new("invalid", "bad_password", why, { field = "password" }) or nil
end

function M.setup_fault()
  return fault.new("denied", "mfa_setup",
    "a second factor is demanded and the user has none yet: it has to be set up in the browser first")
end

------------------------------------------------------------------------------------------------
-- The machine

local advance = {}

--- The name as it may be sent, or nil and a fault.
function M.clean(typed)
  return person.name((typed:gsub("^%s+", ""):gsub("%s+$", "")))
end

local function wrong_password(self)
  local data = self.data
  data.refused = data.refused + 1
  if data.refused >= data.options.max_tries then
    return self:finish("exhausted", fault.new("denied", "wrong_password", "name or password are wrong"))
  end
  data.note = "wrong"
  self:go("wrong")
  return false
end

local function in_by_password(self, answer)
  local data = self.data
  data.device = nil
  return factor.grant(self, "password", answer.extra)
end

local function second_factor(self, answer)
  local data = self.data
  local list, left_out = devices.list(answer.devices, { version = "login", allow = data.options.allow,
    email = data.options.email })
  if #list == 0 then
    if left_out == 0 then return self:finish("setup", M.setup_fault()) end
    return self:finish("none", fault.new("denied", "no_devices", "none of the user's devices is of an allowed type"))
  end
  data.devices, data.token, data.note = list, answer.token, nil
  self:go("factor")
  return true
end

-- The one place where a password is: it is forgotten with the answer, whatever that is.
function advance.PASSWORD(self, input)
  local data = self.data
  local name, bad = M.clean(data.typed)
  if not name then return self:finish("bad_name", bad) end
  local password = input.password or self.secrets.password
  self.secrets.spent = self.secrets.spent or self.secrets.password ~= nil
  input.password, self.secrets.password = nil, nil
  if password == nil then return false end
  bad = M.bad_password(password)
  if bad then return nil, bad end
  local slot = self:reserve("name:" .. name:lower())
  if not slot then return true end
  local began = self:now()
  local answer, err, word = self.api.begin(self, name, password)
  self:judge(slot, word or flow.outcome(answer and "right", err))
  if word == "wrong" then
    return wrong_password(self)
  elseif word == "locked" then
    return factor.locked(self)
  elseif word == "setup" then
    return self:finish("setup", M.setup_fault())
  elseif not answer then
    return self:world(err)
  end
  if data.user and data.user.id and answer.user and answer.user.id ~= data.user.id then
    return self:finish("broken", fault.new("decode", "mismatch", "the second answer is about someone else"))
  end
  data.user = answer.user or data.user or { typed = name }
  if answer.extra then return in_by_password(self, answer) end
  data.expires = began + M.TOKEN_LIFE
  return second_factor(self, answer)
end

local need = {}

function need.PASSWORD(self)
  return { need = "password", note = self.data.note, tries_left = self.data.options.max_tries - self.data.refused }
end

-- A lapsed state token leads back to the password.
local function lapsed(self)
  local data = self.data
  self:close_open()
  data.token, data.device, data.devices, data.note = nil, nil, nil, "expired"
  self:go("expired")
  return true
end

------------------------------------------------------------------------------------------------

-- How the shared states speak to a family: `verify(flow, code, quiet, options)` -> word, error, secrets.
local function factor_api(family)
  local api = { begin = family.begin, types_without_token = false }

  function api.open(self)
    local what, err, extra = family.verify(self, nil, false)
    if what == "pending" or what == "blank" then
      return { expires = self.data.expires, typed = what == "blank" or nil }
    end
    return nil, err, what, extra
  end

  function api.check(self, code)
    local what, err, extra = family.verify(self, code, true)
    if what == "pending" then what = "wrong" end -- a code was sent and nothing was granted
    return what, err, extra
  end

  function api.poll(self)
    return family.verify(self, nil, true, self:while_waiting())
  end

  return api
end

local function tenant_of(base_url)
  local host = base_url:match("^https?://([^/:]+)") or ""
  local first, rest = host:match("^([%w%-]+)%.(.+)$")
  if first and first ~= "api" and rest:find("%a") then return first end
end

--- The account's name: as given, else as the client's own address says it.
function M.subdomain(options, host, where)
  local name = options.subdomain or tenant_of(host.tenant)
  if not name then
    error(where .. ": subdomain must be given, such as \"acme\", since the client's address does not tell it", 0)
  end
  if #name > 63 or not name:find("^%w[%w%-]*$") then
    error(where .. ": subdomain must be the first part of your OneLogin address alone (\"acme\")", 0)
  end
  return name
end

--- Makes the flow of a family.
--   name;  options: names it knows beyond M.OPTIONS;  check(options, kept, where): its own checks;
--   family(kept) -> { begin(flow, name, password) -> answer { user, extra } or { user, token, devices };
--     or nil, err, word;
--     verify(flow, code, quiet) -> word, error, extra }
--   shape: tests of the options it keeps;
--   callable(kept, client, where): throws when the client would not make the calls
function M.define(o)
  local where = "flows." .. o.name
  local known = settings.extend(M.OPTIONS, o.options)
  local families = {}

  return flow.define {
    name = o.name,
    machine = factor.machine(o.name, 1, "PASSWORD", { PASSWORD = "a typed name, whose password is needed" }, EDGES),

    check = function(options)
      settings.check(options, known, where, o.example)
      settings.typed_name(options, where)
      local kept = settings.factor(options, where)
      kept.email = settings.one_of(options, "email", { "code", "link" }, where, "code")
      kept.ip_address = options.ip_address
      o.check(options, kept, where)
      return kept
    end,

    begin = function(data, options, host)
      data.options.subdomain = M.subdomain(options, host, where)
      data.typed, data.refused = options.user, 0
      return { password = type(options.password) == "string" and options.password or nil }
    end,

    form = factor.form {
      options = settings.extend(settings.extend(settings.FACTOR_SHAPE, o.shape), {
        subdomain = shape.text, email = shape.one_of("code", "link"), ip_address = shape.maybe(shape.text),
      }),
      fields = { typed = shape.text, refused = shape.count, token = shape.maybe(shape.text),
        expires = shape.maybe(shape.number) },
      whole = function(data)
        return data.state == "PASSWORD" or factor.FINAL[data.state] == true
          or data.token ~= nil and data.expires ~= nil
      end,
    },

    callable = function(data, client, place) o.callable(data.options, client, place) end,

    api = function(kept)
      local version = kept.version or o.name
      families[version] = families[version] or factor_api(o.family(kept))
      return families[version]
    end,

    advance = factor.advance(advance), need = factor.need(need),
    lapsed = lapsed, starts_over = true,
  }
end

return M

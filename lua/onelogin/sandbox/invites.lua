-- Invitations: links by which a user sets a password. E-mail addresses are compared to the letter,
-- capitals included, and somebody unknown is a 400.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")

local invites = {}

local INVITED, GOT_LINK = 115, 535 -- event types: user invited, got an invite link via API

local function is_address(text)
  return type(text) == "string" and text:find("^[^%s@]+@[^%s@]+$") ~= nil
end

-- Whom a body invites: row, body; or nil and the refusal.
local function invited(box, req)
  local b = type(req.body) == "table" and req.body or {}
  local email = b.email
  if email == nil or email == json.null or email == "" then
    return nil, fail.v1(400, nil, "Email Parameter is missing")
  end
  if not is_address(email) then
    return nil, fail.v1(400, nil, "Email Input is in incorrect format")
  end
  local people = box:people()
  local id = people:lookup("email", email)
  if not id or people:peek(id).email ~= email then
    return nil, fail.v1(400, nil, "No User exists for input email")
  end
  return box.store.users[id], b
end

-- A fresh link for somebody; who has it has the account.
local function link_for(box, row)
  local token = box:token_hex(40)
  box.store.invites[token] = { user_id = row.id, created_at = box.clock.wall() }
  return box.base_url .. "/password/reset?token=" .. token
end

invites["invites.generate_link"] = function(box, req)
  local row, status, body = invited(box, req)
  if not row then return status, body end
  box:event(GOT_LINK, { user_id = row.id })
  return 200, fail.success(json.array { link_for(box, row) })
end

invites["invites.send_link"] = function(box, req)
  local row, b, body = invited(box, req)
  if not row then return b, body end
  local to = b.personal_email
  if to == nil or to == json.null or to == "" then to = row.email end
  if not is_address(to) then return fail.v1(400, nil, "Email Input is in incorrect format") end
  row.invitation_sent_at = box.clock.wall()
  box:touch(row)
  local link = link_for(box, row)
  box.outbox[#box.outbox + 1] = { at = box.clock.wall(), user_id = row.id, kind = "email", to = to,
    text = "Set your password: " .. link, link = link }
  box:event(INVITED, { user_id = row.id })
  local answer = fail.success()
  answer.status.message = "Email sent successfully to " .. to
  return 200, answer
end

return invites

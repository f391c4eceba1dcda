-- Invitations: links by which a user sets a password. Version 1 only.

local DOCS = "https://developers.onelogin.com/api-docs/1/invite-links/"

return {
  -- The answer is the link, and whoever has the link has the account.
  generate_link = {
    method = "POST", path = "/api/1/invites/get_invite_link",
    body = {
      { "email", "string", required = true },
    },
    envelope = "v1", result = "value",
    secret = { "data" },
    scopes = { "Manage All" },
    doc = DOCS .. "generate-invite-link",
  },

  send_link = {
    method = "POST", path = "/api/1/invites/send_invite_link",
    body = {
      { "email", "string", required = true },
      { "personal_email", "string" },
    },
    envelope = "v1", result = "none",
    retry = "unsent", -- sends a mail
    scopes = { "Manage All" },
    doc = DOCS .. "send-invite-link",
  },
}

-- Prose of ../api/invites.lua.

local errors = {
  { 400, "No User exists for input email", "nobody has that address; upper and lower case count" },
  { 400, "Email Parameter is missing", "email is left out" },
  { 400, "Email Input is in incorrect format", "that is no address" },
}

return {
  generate_link = {
    summary = "Make a link by which a user can set a password",
    params = { email = "the user's address; upper and lower case count" },
    notes = {
      "No mail is sent. Whoever opens the link sets the password: treat it as one.",
    },
    errors = errors,
    example = {
      call = 'ol.invites:generate_link { email = "ashley@acme.com" }',
      http = { method = "POST", path = "/api/1/invites/get_invite_link", body = { email = "ashley@acme.com" } },
    },
    sample = "http://app.onelogin.com/password/reset?token=1111111cf892e56957e35c9c12f128483031dd11",
  },

  send_link = {
    summary = "Mail a user a link to set a password",
    params = {
      email = "the user's address; upper and lower case count",
      personal_email = "where to send it instead",
    },
    errors = errors,
    example = {
      call = 'ol.invites:send_link { email = "ashley@acme.com", personal_email = "ashley@mail.com" }',
      http = {
        method = "POST", path = "/api/1/invites/send_invite_link",
        body = { email = "ashley@acme.com", personal_email = "ashley@mail.com" },
      },
    },
    sample = true,
  },
}

-- Prose of ../api/email_settings.lua.

local updated = { message = "Settings Updated", statusCode = 200, name = "Success" }

return {
  get = {
    summary = "Read which mail server the account uses",
    notes = { "Either { mode }, or the settings of update." },
    example = {
      call = "ol.email_settings:get()",
      http = { method = "GET", path = "/api/2/branding/email_settings" },
    },
    sample = { address = "smtp.acme.com", use_tls = true, from = "it@acme.com", domain = "acme.com", port = 25,
               user_name = "mailer" },
  },

  update = {
    summary = "Let the account use a mail server of its own",
    params = {
      address = "host of the server",
      from = "sender",
      domain = "domain of the sender",
      use_tls = "over TLS",
      port = "port",
      user_name = "login at the server",
      password = "password at the server",
    },
    errors = { { 422, false, "validation failed" } },
    example = {
      call = 'ol.email_settings:update { address = "smtp.acme.com", from = "it@acme.com", domain = "acme.com" }',
      http = {
        method = "PUT", path = "/api/2/branding/email_settings",
        body = { address = "smtp.acme.com", from = "it@acme.com", domain = "acme.com" },
      },
    },
    sample = updated,
  },

  reset = {
    summary = "Go back to OneLogin's own mail server",
    example = {
      call = "ol.email_settings:reset()",
      http = { method = "DELETE", path = "/api/2/branding/email_settings" },
    },
    sample = updated,
  },
}

-- The apps of a user as XML, for a portal page of one's own.

return {
  list = {
    method = "GET", path = "/client/apps/embed2",
    query = {
      { "token", "string", required = true }, -- the embedding token of the settings, no OAuth token
      { "email", "string", required = true },
    },
    auth = "none",
    format = "xml", result = "list",
    secret = { "token" },
    scopes = {},
    doc = "https://developers.onelogin.com/api-docs/1/embed-apps/get-apps-to-embed-for-a-user",
  },
}

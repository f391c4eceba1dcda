-- What is older than OAuth here.

return {
  -- Every failure is HTTP 200; only authenticated = true says yes. The password is in the query: never shown.
  delegated_auth = {
    method = "GET", path = "/api/v1/delegated_auth",
    host = "https://api.onelogin.com",
    query = {
      { "api_key", "string", required = true },
      { "email", "string", required = true },
      { "password", "string", required = true },
    },
    auth = "none",
    format = "xml", root = "response",
    retry = "never",
    secret = { "api_key", "password" },
    scopes = {},
    status = "deprecated", replaced_by = "login.create_session_token",
    doc = "https://developers.onelogin.com/api-docs/1/users/delegate-authentication",
  },
}

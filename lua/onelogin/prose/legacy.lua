-- Prose of ../api/legacy.lua.

return {
  delegated_auth = {
    summary = "Check a password by API key, the old way",
    params = {
      api_key = "the account's old API key; no OAuth",
      email = "the user's address",
      password = "the password; travels in the query",
    },
    notes = {
      "Every failure is HTTP 200 with authenticated false and a message: Invalid password, Account not found, "
        .. "User not found.",
      "Goes to api.onelogin.com, whatever the tenant's address; a client pointed at a sandbox keeps to the sandbox. "
        .. "login.create_session_token is the way now.",
    },
    example = {
      call = 'ol.legacy:delegated_auth { api_key = "8f2e1c", email = "ashley@acme.com", password = "tide-7-swell" }',
      http = {
        method = "GET", path = "/api/v1/delegated_auth",
        query = { api_key = "8f2e1c", email = "ashley@acme.com", password = "tide-7-swell" },
      },
    },
    sample = { authenticated = true, firstname = "Ashley", lastname = "Akua" },
  },
}

-- Tokens and the hourly quota. The key to reading these files is lua/onelogin/schema.lua.

local DOCS = "https://developers.onelogin.com/api-docs/"

-- client_id and client_secret are not parameters here: the pair travels in the Authorization header.
local grant = {
  { "grant_type", "string", required = true, enum = { "client_credentials", "refresh_token" } },
  { "access_token", "string" },
  { "refresh_token", "string" },
}

local token_secrets = { "access_token", "refresh_token" }

return {
  -- The same pair is given the same token until it expires, but the refresh grant uses up
  -- the pair of tokens it is sent: hence "unsent" and not "safe".
  generate_tokens = {
    method = "POST", path = "/auth/oauth2/v2/token",
    body = grant,
    auth = "client", envelope = "token",
    retry = "unsent",
    secret = token_secrets,
    scopes = {},
    doc = DOCS .. "2/oauth20-tokens/generate-tokens-2",
  },

  generate_tokens_v1 = {
    method = "POST", path = "/auth/oauth2/token",
    body = grant,
    auth = "client", envelope = "v1",
    retry = "unsent", -- a new pair may void the one before it
    secret = token_secrets,
    scopes = {},
    status = "deprecated", replaced_by = "oauth.generate_tokens",
    doc = DOCS .. "1/oauth20-tokens/generate-tokens",
  },

  revoke_token = {
    method = "POST", path = "/auth/oauth2/revoke",
    body = {
      { "access_token", "string", required = true },
    },
    auth = "client", envelope = "v1", result = "none",
    secret = { "access_token" },
    scopes = {},
    doc = DOCS .. "2/oauth20-tokens/revoke-tokens",
  },

  get_rate_limit = {
    method = "GET", path = "/auth/rate_limit",
    envelope = "v1",
    scopes = { "Read Users", "Manage Users", "Read All", "Manage All" },
    doc = DOCS .. "2/oauth20-tokens/get-rate-limit",
  },
}

-- Prose of ../api/oauth.lua.

local pair_errors = {
  { 400, "grant_type is incorrect/absent", "grant_type is missing or none of the two" },
  { 400, "The authorization information is missing", "no Authorization header in either accepted form" },
  { 401, "Authentication Failure", "unknown client id or wrong secret" },
}

return {
  generate_tokens = {
    summary = "Exchange the credential pair for an access token",
    params = {
      grant_type = "client_credentials; refresh_token is an old grant that new accounts do without",
      access_token = "the token to replace (refresh_token grant only)",
      refresh_token = "the refresh token issued beside it (refresh_token grant only)",
    },
    notes = {
      "The client fetches and renews its token by itself; call this only to look at one.",
      "The same pair is given the same token until it expires or is revoked: its end is created_at + expires_in, "
        .. "and asking early changes nothing.",
      "An error may come in the v1 form, and has been seen under HTTP 200.",
      "The pair goes into the Authorization header, so client_id and client_secret are no parameters.",
    },
    errors = {
      pair_errors[1], pair_errors[2], pair_errors[3],
      { 429, false, "an HTML page of the edge, without Retry-After" },
      { 500, false, "the administrator who made the pair was deleted; a new pair is needed" },
    },
    example = {
      call = 'ol.oauth:generate_tokens { grant_type = "client_credentials" }',
      http = {
        method = "POST", path = "/auth/oauth2/v2/token",
        body = { grant_type = "client_credentials" },
      },
    },
    sample = {
      access_token = "xx508xx63817x752xx74004x30705xx92x58349x5x78f5xx34xxxxx51",
      created_at = "2026-03-11T03:36:18.714Z", expires_in = 36000, token_type = "bearer", account_id = 555555,
      refresh_token = "628x9x0xx447xx4x421x517x4x474x33x2065x4x1xx523xxxxx6x7x20",
    },
  },

  generate_tokens_v1 = {
    summary = "Exchange the credential pair for an access token, in the v1 envelope",
    params = {
      grant_type = "client_credentials, or refresh_token",
      access_token = "the token to replace (needed by the refresh_token grant)",
      refresh_token = "its refresh token (needed by the refresh_token grant)",
    },
    notes = {
      "A new pair of tokens may end the one before it at once.",
    },
    errors = pair_errors,
    example = {
      call = 'ol.oauth:generate_tokens_v1 { grant_type = "client_credentials" }',
      http = {
        method = "POST", path = "/auth/oauth2/token",
        body = { grant_type = "client_credentials" },
      },
    },
    sample = {
      access_token = "xx508xx63817x752xx74004x30705xx92x58349x5x78f5xx34xxxxx51",
      created_at = "2026-03-11T03:36:18.714Z", expires_in = 36000, token_type = "bearer", account_id = 555555,
      refresh_token = "628x9x0xx447xx4x421x517x4x474x33x2065x4x1xx523xxxxx6x7x20",
    },
  },

  revoke_token = {
    summary = "End an access token before its time",
    params = {
      access_token = "the token to end; it must have been made by this credential pair",
    },
    notes = {
      "Everyone who uses the same pair holds the same token, so this logs them all out.",
      "There is one revoke route for both versions. The next token call makes a fresh token.",
    },
    errors = {
      { 400, "Access Token Missing", "access_token is not in the body" },
      { 400, "The authorization information is missing", "no Authorization header in either accepted form" },
      { 401, "Authentication Failure", "unknown client id or wrong secret" },
    },
    example = {
      call = 'ol.oauth:revoke_token { access_token = "xx508xx63817x752xx74004x30705xx92" }',
      http = {
        method = "POST", path = "/auth/oauth2/revoke",
        body = { access_token = "xx508xx63817x752xx74004x30705xx92" },
      },
    },
    sample = true,
  },

  get_rate_limit = {
    summary = "Read the hourly quota: how many calls, how many left, seconds until it refills",
    notes = {
      "The quota is the account's, and version 1 calls count against it.",
      "The keys are spelled like the headers; X-RateLimit-Reset is seconds left, not an instant.",
    },
    example = {
      call = "ol.oauth:get_rate_limit()",
      http = { method = "GET", path = "/auth/rate_limit" },
    },
    sample = { ["X-RateLimit-Limit"] = 5000, ["X-RateLimit-Remaining"] = 4988, ["X-RateLimit-Reset"] = 832 },
  },
}

-- Errors that every operation of a kind can meet, so that the prose of each tells only its own.
-- The sentences are the server's.
return {
  -- Operations under /api/1 and /auth; the text is status.message of the v1 envelope.
  v1 = {
    { 400, "Authorization Information is incorrect", "the Authorization header cannot be read" },
    { 400, "Input JSON is not valid", "the body is no JSON, or a value has a type the route refuses" },
    { 400, "rate_limit_exceeded", "the hourly quota of the account is used up" },
    { 401, "Authentication Failure", "the access token is unknown, expired or revoked" },
    { 401, "Insufficient Permission", "the credential pair lacks a scope that this call accepts" },
    { 404, "No Route Exists", "the method does not fit the path" },
  },

  -- Operations under /api/1 with an id in the path.
  v1_id = {
    { 400, "ID is incorrect", "the id is no integer; the message is an object with attribute and description" },
  },

  -- Operations under /api/2.
  v2 = {
    { 401, "Unauthorized", "the access token is missing, expired or lacks the scope, or no such route exists" },
    { 429, false, "too many calls; an HTML page from the edge, without a hint when to come back" },
  },

  -- Operations under /api/2 with an id in the path.
  v2_id = {
    { 404, "The resource with the given id could not be found", "no record has that id" },
  },

  -- Lists under /api/2 that come in pages.
  v2_paged = {
    { 400, "Requests can only have cursor xor pagination arguments", "cursor was sent together with limit or page" },
    { 400, "Invalid pagination cursor", "cursor does not come from an answer's header" },
  },
}

-- What stands before every operation: the bearer token, the scope of its credential, the hourly
-- quota of v1, the content type and the JSON of the body. The order is the service's.

local json = require("onelogin.core").json
local util = require("onelogin.sandbox.util")
local fail = require("onelogin.sandbox.fail")

local gate = {}

local CONTENT_TYPE = "Content Type is not specified or specified incorrectly. " ..
  "Content-Type header must be set to application/json"

local READERS = { ["Read Users"] = true, ["Manage Users"] = true, ["Read All"] = true,
  ["Manage All"] = true }
local WRITERS = { ["Manage Users"] = true, ["Manage All"] = true }

-- Services that refuse a token in words of their own, by the beginning of the path.
local REFUSALS = {
  { "^/api/2/mfa/", function()
    return fail.v2(401, "InvalidCredentials", "Please provide valid credentials")
  end },
  { "^/api/2/saml_assertion", function()
    return fail.v2(401, "InvalidCredentials", "Please provide valid credentials")
  end },
  { "^/api/2/smart%-mfa", function() return fail.branding_token() end },
  { "^/api/2/risk/", function() return 401, "Invalid API Key" end }, -- plain text
  { "^/api/2/branding/brands", function() return fail.branding_token() end },
  { "^/api/2/branding/custom_error_message", function() return fail.branding_token() end },
  { "^/api/1/privileges", function() return fail.privileges_token() end },
}

local function unauthorised_v2(req)
  for _, own in ipairs(REFUSALS) do
    if req.path:find(own[1]) then return own[2]() end
  end
  return fail.v2(401, "UnauthorizedError", "Unauthorized")
end

-- Every spelling seen in working clients: "bearer:x", "bearer x", "Bearer x", any case.
local function bearer_of(header)
  return header and header:match("^%s*[Bb][Ee][Aa][Rr][Ee][Rr]%s*[:%s]%s*(%S+)%s*$")
end

--- Checks the bearer token and scope. Fills req.credential and req.token; or status, body.
function gate.bearer(box, req, entry)
  local value = bearer_of(req.headers.authorization)
  if not value and not req.v2 then
    return fail.v1(400, nil, "Authorization Information is incorrect")
  end
  local token = value and box.store.tokens[value]
  if not token or req.now >= token.created_at + box.options.token_ttl then
    if req.v2 then return unauthorised_v2(req) end
    return fail.v1(401, nil, "Authentication Failure")
  end
  local credential = box.credentials[token.client_id]
  req.credential, req.token = credential, token
  local scope = credential.scope
  local allowed = scope == "Manage All"
  if not allowed and #entry.scopes == 0 then
    allowed = (entry.method == "GET" and READERS or WRITERS)[scope]
  end
  for _, name in ipairs(entry.scopes) do allowed = allowed or name == scope end
  if not allowed then
    if req.path:find("^/api/1/privileges") then return fail.privileges_token() end
    if req.v2 then return fail.v2(401, "UnauthorizedError", "Unauthorized") end
    return fail.v1(401, nil, "Insufficient Permission")
  end
end

--- Counts a v1 resource call against the hour. Returns status, body when the hour is used up.
function gate.quota(box, req)
  local _, remaining = box:rate(req.now)
  if remaining <= 0 then
    if box.options.rate_limit_status == 429 then
      return fail.v1(429, nil, "rate_limit_exceeded")
    end
    return 400, { status = { code = 400, message = "rate_limit_exceeded" } }
  end
  box.store.rate.used = box.store.rate.used + 1
end

local function media_type(box, header)
  if not header then return nil end
  local kind, rest = header:match("^%s*([^;%s]+)%s*(.*)$")
  if not kind or (rest ~= "" and box.options.strict_content_type) then return nil end
  return kind:lower()
end

--- Decodes the body. Fills req.body and req.content_type; or status, body of the refusal.
function gate.body(box, req, entry)
  local text = req.raw_body or ""
  local client = entry.auth == "client"
  req.content_type = media_type(box, req.headers["content-type"])
  if not entry.body then return end
  local is_form = (client or entry.form) and req.content_type == "application/x-www-form-urlencoded"
  if req.content_type ~= "application/json" and not is_form then
    if text ~= "" or client then
      if req.path:find("^/api/1/privileges") then return fail.malformed() end
      if req.v2 then return fail.v2(400, "BadRequestError", CONTENT_TYPE) end
      return fail.v1(400, nil, CONTENT_TYPE)
    end
  end
  if is_form or text == "" then return end
  local value, problem = json.decode(text, { nulls = "sentinel" })
  if problem or type(value) ~= "table" then
    if req.path:find("^/api/1/privileges") then return fail.malformed() end
    if req.v2 then return fail.v2(400, "BadRequestError", "Input JSON is not valid") end
    return fail.v1(400, nil, "Input JSON is not valid")
  end
  req.body = value
end

--- Refuses what the declared table does not know: v2 query names; malformed v1 ids.
function gate.arguments(box, req, entry)
  if req.v2 and req.path:find("^/api/2/") then
    local known, strange = {}, {}
    for _, q in ipairs(entry.query or {}) do known[q[1]] = true end
    for _, name in ipairs(req.query_names) do
      local attribute = known["custom_attributes.*"] and name:match("^custom_attributes%.(.+)$")
      local fine = known[name] or (attribute and box:has_custom_attribute(attribute))
      if not fine then strange[#strange + 1] = name end
    end
    if #strange > 0 then
      local message = "query parameter(s) not allowed: " .. table.concat(strange, ", ")
      if req.op:find("^roles%.") then return fail.roles(400, "BadRequestError", message) end
      return fail.v2(400, "BadRequestError", message)
    end
  end
  for _, id in ipairs(entry.ids or {}) do
    if id[2] == "integer" and not util.to_integer(req.ids[id[1]]) then
      if req.path:find("^/api/1/privileges") then return fail.privileges_missing() end
      if req.v2 then return fail.not_found_v2() end
      return fail.v1(400, nil, "ID is incorrect", "id")
    end
  end
end

return gate

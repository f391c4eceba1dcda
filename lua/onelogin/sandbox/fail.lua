-- The error answers of the service, one function a shape; each returns status, body.

local json = require("onelogin.core").json

local fail = {}

local V1_TYPE = { [400] = "bad request", [401] = "Unauthorized", [403] = "forbidden",
  [404] = "not found", [429] = "too many requests", [500] = "internal server error" }

--- v1 status envelope. `kind` nil = the usual word of the status. With `attribute` the message is
-- the object form {description, attribute}.
function fail.v1(status, kind, message, attribute)
  if attribute then message = { description = message, attribute = attribute } end
  return status, { status = { error = true, code = status,
    type = kind or V1_TYPE[status] or "error", message = message } }
end

--- v2 {statusCode, name, message}, and `field` where the service names one.
function fail.v2(status, name, message, field)
  return status, { statusCode = status, name = name, message = message, field = field }
end

--- The roles and paging form {status, error, description}.
function fail.roles(status, name, description)
  return status, { status = status, error = name, description = description }
end

function fail.no_route(v2)
  if v2 then return fail.v2(401, "UnauthorizedError", "Unauthorized") end
  return fail.v1(404, nil, "No Route Exists")
end

function fail.not_found_v2()
  return fail.v2(404, "NotFoundError", "The resource with the given id could not be found")
end

local NEEDS_USER = "The request requires user authentication."

--- Branding refuses a token without a statusCode.
function fail.branding_token()
  return 401, { name = "UnauthorizedError", message = NEEDS_USER }
end

--- Privileges live under /api/1 and speak as v2 does, in sentences of their own.
function fail.privileges_token()
  return fail.v2(401, "UnauthorizedError", NEEDS_USER)
end

function fail.privileges_missing()
  return fail.v2(404, "NotFoundError",
    "The resource can't be found or the server has not found anything matching the Request-URI")
end

--- A privileges body that cannot be; `what` says why, where the service does.
function fail.malformed(what)
  return fail.v2(400, "BadRequestError",
    "The request could not be understood by the server due to malformed syntax" .. (what and ": " .. what or ""))
end

--- A 422 in the words most of v2 shares.
function fail.invalid(message)
  return fail.v2(422, "UnprocessableEntityError", "Validation failed: " .. message)
end

--- The v1 envelope of a success.
function fail.success(data, pagination)
  return { status = { error = false, code = 200, type = "success", message = "Success" },
    pagination = pagination, data = data }
end

local EDGE_TEXT = { [429] = "Too Many Requests", [502] = "Bad Gateway",
  [503] = "Service Temporarily Unavailable", [504] = "Gateway Time-out" }

--- What the proxy in front of the API answers by itself: a short HTML page.
function fail.edge(status)
  local text = status .. " " .. (EDGE_TEXT[status] or "Error")
  return "<html>\r\n<head><title>" .. text .. "</title></head>\r\n<body>\r\n<center><h1>" .. text ..
    "</h1></center>\r\n</body>\r\n</html>\r\n"
end

fail.null = json.null

return fail

-- What the smaller v2 services hold a body against, each answering status, body of the refusal, or
-- nothing when all is well.

local json = require("onelogin.core").json
local fail = require("onelogin.sandbox.fail")
local write = require("onelogin.sandbox.user_write")

local v2_body = {}

local function label(name)
  return name:sub(1, 1):upper() .. name:sub(2):gsub("_", " ")
end

--- True for what counts as left out.
function v2_body.blank(v)
  return v == nil or v == json.null or v == ""
end

--- An object, or the refusal after a nil.
function v2_body.object(value)
  if type(value) ~= "table" or write.is_array(value) then
    return nil, fail.v2(400, "BadRequestError", "Expected object in request")
  end
  return value
end

--- Members that the declared table does not list.
function v2_body.unknown(entry, body)
  local strange = write.unknown(entry, body)
  if strange then return fail.v2(400, "BadRequestError", "unknown attribute: " .. strange) end
end

--- Values of another type than declared, or outside their enum.
function v2_body.misfit(entry, body)
  local name = write.misfit(entry, body)
  if name then return fail.invalid(label(name) .. " is invalid") end
end

--- "Name can't be blank, Url can't be blank" for those of `names` that are.
function v2_body.blanks(body, names)
  local out = {}
  for _, name in ipairs(names) do
    if v2_body.blank(body[name]) then out[#out + 1] = label(name) .. " can't be blank" end
  end
  if #out > 0 then return fail.invalid(table.concat(out, ", ")) end
end

--- Members without which a request is refused before anything is validated.
function v2_body.missing(body, names)
  for _, name in ipairs(names) do
    if body[name] == nil then
      return fail.v2(400, "BadRequestError", "Missing required field: " .. name)
    end
  end
end

return v2_body

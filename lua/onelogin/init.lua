--- onelogin - a client for the OneLogin API.
-- local onelogin = require "onelogin"; local ol = onelogin.new { subdomain = "acme" }

local require = require -- kept: hosts that guard `require` swap it only while files load
local core = require "onelogin.core"
local client = require "onelogin.client"
local errors = require "onelogin.errors"

local onelogin = {
  _VERSION = core.version,
  --- The JSON null: what nulls = "sentinel" reads and what sending null takes.  Equal to cjson.null.
  null = core.json.null,
  --- array(t): marks a table as a JSON array, also when it is empty.
  array = core.json.array,
  check = errors.check,
}

--- A client for one tenant.  Options: docs/design/options or README; misuse throws a string.
function onelogin.new(options)
  return client.new(options)
end

--- An emulator of the API in this process.
function onelogin.sandbox(options)
  return require("onelogin.sandbox").new(options)
end

--- The least update that makes `before` into `after`; see docs/helpers.md.
function onelogin.changes(before, after, op)
  return require("onelogin.changes")(before, after, op)
end

--- Dates: time.parse(text) → seconds since 1970 | nil when it means "never"; time.format(seconds) → text.
onelogin.time = {
  parse = function(text) return require("onelogin.time").parse(text) end,
  format = function(seconds) return require("onelogin.time").format(seconds) end,
}

--- What there is: help(), help "users", help "users.list", help(ol.users.list).  Returns text.
function onelogin.help(x)
  return require("onelogin.help").text(x)
end

--- Every operation, sorted by id: { { id =, method =, path =, summary =, scopes =, status =, ... }, ... }
function onelogin.operations()
  return require("onelogin.help").operations()
end

-- Loaded when first used: many calls at once (docs/tasks.md), what a page of a sign-in needs (docs/sign-in-browser.md),
-- and what SAML says (docs/saml.md).
local LAZY = { tasks = true, html = true, saml = true }
return setmetatable(onelogin, { __index = function(self, key)
  if not LAZY[key] then return nil end
  local module = require("onelogin." .. key)
  rawset(self, key, module)
  return module
end })

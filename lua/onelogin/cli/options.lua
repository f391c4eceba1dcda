-- options.lua - the options of the command line: their names, values and words, in one list.
--
-- Parsing, help and completion read this list.  A parameter of an operation that shares its name with one of these is
-- reached with --param NAME=VALUE.

local require = require

local options = {}

-- { name, value (what stands for it in help; nil: a flag), text, many = may repeat, short = , values = list }
options.list = {
  { "format", "FORMAT", "table, json, jsonl or csv; default: table on a terminal, jsonl elsewhere",
    values = { "table", "json", "jsonl", "csv" } },
  { "fields", "A,B", "show these members only; a.b reaches inside" },
  { "all", nil, "every page of a list, not only the first" },
  { "cursor", "PLACE", "go on with a list from this place" },
  { "data", "JSON", "the body: JSON, @FILE, or - for standard input" },
  { "param", "NAME=VALUE", "a parameter whose name an option has; or an undeclared one, as JSON", many = true },
  { "allow-unknown", nil, "send parameters that are not declared" },
  { "dry-run", nil, "show the request instead of sending it" },
  { "yes", nil, "do not ask before a change", short = "y" },
  { "max-changes", "N", "refuse to change more than N things" },
  { "profile", "NAME", "tenant and credential from the configuration file; also ONELOGIN_PROFILE", file = "profiles" },
  { "subdomain", "NAME", "the tenant NAME.onelogin.com; also ONELOGIN_SUBDOMAIN" },
  { "region", "us|eu", "the API of a region; also ONELOGIN_REGION", values = { "us", "eu" } },
  { "base-url", "URL", "the API's address; also ONELOGIN_BASE_URL" },
  { "client-id", "ID", "the API credential; also ONELOGIN_CLIENT_ID" },
  { "secret-file", "FILE", "its secret from a file, - for standard input; also ONELOGIN_CLIENT_SECRET, or asked for",
    file = true },
  { "ca-file", "FILE", "trust these CAs; also ONELOGIN_CA_FILE", file = true },
  { "timeout", "S", "seconds for one attempt" },
  { "sandbox", nil, "run on a fresh emulator in this process; --sandbox=N people in it", optional = "N" },
  { "show-secrets", nil, "do not mask secret members of answers" },
  { "verbose", nil, "show requests and answers, redacted, on standard error", short = "v" },
  { "help", nil, "help for a resource or an operation", short = "h" },
  { "version", nil, "the version" },
}

-- Of single commands.
options.request = {
  { "query", "NAME=VALUE", "a query parameter", many = true },
  { "paging", "v1|v2", "the list's way of paging, for --all", values = { "v1", "v2" } },
}
options.follow = {
  { "since", "TIME", "where to begin, as 2026-01-31T00:00:00Z; default: now" },
  { "checkpoint", "FILE", "remember the place here, and go on from it" },
  { "overlap", "S", "seconds looked at again for late events; default 600" },
  { "interval", "S", "seconds between two looks; default 30" },
  { "once", nil, "end when the events so far are written" },
}
options.login = {
  { "password", nil, "with the password first; it is asked for, or a line of standard input" },
  { "saml", "APP_ID", "for a SAML assertion of this app; with the password first" },
  { "api", "v1|v2", "version of the API; default v2, which without --saml needs Manage All",
    values = { "v1", "v2" } },
  { "factor", "TYPE", "only with devices of this type: protect, sms, voice, email, authenticator, yubikey, duo",
    many = true, values = require("onelogin.flows.devices").TYPES },
  { "email", "code|link", "what an e-mail carries, which only the account knows; default code",
    values = { "code", "link" } },
  { "wait", "S", "seconds to wait for an answer on a device; default 120" },
  { "out", "FILE", "write the session token or the assertion here, for the owner of the file alone", file = true },
}
options.repl = {
  { "write", nil, "let changes leave from the start; otherwise a real tenant is read-only until :write" },
}

-- Given as arguments, these would be seen by every process of the machine.
options.refused = { ["client-secret"] = true, secret = true, token = true, ["access-token"] = true }

options.by_name, options.by_short = {}, {}
for _, option in ipairs(options.list) do
  options.by_name[option[1]] = option
  if option.short then options.by_short[option.short] = option end
end

return options

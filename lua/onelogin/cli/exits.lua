-- exits.lua - what the command line's exit status says.  Listed in docs/cli.md; scripts rely on it.

local exits = {
  ok = 0,
  failed = 1,      -- the API refused or failed: server, conflict, invalid, decode, cancelled
  usage = 2,       -- the command is wrong; nothing was sent
  auth = 3,        -- the credential, its scope, or the person was refused
  not_found = 4,
  rate_limited = 5,
  network = 6,     -- no answer: network or timeout
  declined = 7,    -- the question was answered with no, or --max-changes was exceeded
  output = 8,      -- the output could not be written
  undecided = 9,   -- a second factor was checked, and nobody has answered yet
  interrupted = 130,
  closed_pipe = 141, -- what a shell shows for a program that ends at a closed pipe
}

local of_kind = {
  auth = exits.auth, permission = exits.auth, denied = exits.auth,
  not_found = exits.not_found, rate_limited = exits.rate_limited,
  network = exits.network, timeout = exits.network,
}

--- The exit status of an error table.
function exits.of(err)
  return type(err) == "table" and of_kind[err.kind] or exits.failed
end

return exits

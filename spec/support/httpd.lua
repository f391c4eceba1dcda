-- Starts spec/support/httpd_main.lua: a small HTTP/1.1 server on a loopback port that behaves, and
-- misbehaves, as the path asks, and writes down what it saw.
local child = require "spec.support.child"
local socket = require "socket"

local httpd = {}

-- options: gzip = path of a file served by /gzip.  Returns a handle: port, url(path), journal(),
-- count(pattern), reset(), stop().
function httpd.start(options)
  options = options or {}
  local process = child.start("env -u LD_PRELOAD lua5.4 spec/support/httpd_main.lua "
    .. child.quote(options.gzip or ""), options.errors)
  local port = tonumber(process.line() or nil)
  assert(port, "the test server did not start")
  local server = { port = port, pid = process.pid, stop = process.stop }

  function server.url(path)
    return "http://127.0.0.1:" .. port .. path
  end

  local function ask(path)
    local c = assert(socket.connect("127.0.0.1", port))
    c:send("GET " .. path .. " HTTP/1.0\r\n\r\n")
    local text = c:receive("*a")
    c:close()
    return text:match("\r\n\r\n(.*)$")
  end

  -- Lines such as "open 1", "request 1 POST /x body", "closed 1"; the number names the connection.
  function server.journal()
    local lines = {}
    for line in ask("/_journal"):gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    return lines
  end

  function server.count(pattern)
    local n = 0
    for _, line in ipairs(server.journal()) do
      if line:find(pattern) then
        n = n + 1
      end
    end
    return n
  end

  -- Waits until the journal has a line: for what the server learns a moment later.
  function server.await(pattern)
    for _ = 1, 1000 do
      if server.count(pattern) > 0 then
        return true
      end
      socket.sleep(0.01)
    end
    return false
  end

  function server.reset()
    ask("/_reset")
  end

  return server
end

return httpd

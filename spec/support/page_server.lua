-- Serves pages of a folder to a browser: NAME.html with the header lines of NAME.headers.  Any other path says that
-- somebody arrived there.  Run by lua5.4; prints its port.
local socket = require "socket"

local folder = arg[1]
local server = assert(socket.bind("127.0.0.1", 0))
print((select(2, server:getsockname())))
io.stdout:flush()

local function read(name)
  local file = io.open(folder .. "/" .. name, "rb")
  local text = file and file:read("a")
  if file then file:close() end
  return text
end

local function answer(c)
  local path = (c:receive("*l") or ""):match("^%u+ (%S+)")
  repeat local line = c:receive("*l") until not line or line == ""
  if not path then return end
  local name = path:match("^/([%w_]+)$")
  local text, headers = name and read(name .. ".html"), name and read(name .. ".headers")
  text = text or "<p>arrived at " .. path:gsub("[<&]", "") .. "</p>"
  c:send(("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(
    headers or "Content-Type: text/html; charset=utf-8\r\n", #text, text))
end

-- A browser opens connections that it does not use yet: only those that say something are read.
local open = { server }
while true do
  for _, sock in ipairs(socket.select(open)) do
    if sock == server then
      local c = server:accept()
      c:settimeout(5)
      open[#open + 1] = c
    else
      answer(sock)
      sock:close()
      for i, other in ipairs(open) do
        if other == sock then
          table.remove(open, i)
          break
        end
      end
    end
  end
end

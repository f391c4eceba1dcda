-- As much of a Minetest client as joining takes (network protocol 41): connects over UDP, registers a new account,
-- says it is ready, and keeps the connection alive.  It knows no SRP, so it cannot log into an account that exists.
local socket = require "socket"

local client = { ALREADY_CONNECTED = "reason 8" }

local PROTOCOL = "\79\69\116\3" -- 0x4f457403
local TO = { INIT = 0x02, INIT2 = 0x11, READY = 0x43, FIRST_SRP = 0x50 }
local FROM = { HELLO = 0x02, AUTH_ACCEPT = 0x03, DENIED = 0x0A, DENIED_LEGACY = 0x35 }
local FIRST_SEQUENCE = 65500

local function u8(n) return string.char(n) end
local function u16(n) return string.char(math.floor(n / 256) % 256, n % 256) end
local function text(s) return u16(#s) .. s end
local function read16(s, at) return s:byte(at) * 256 + s:byte(at + 1) end

local Client = {}
Client.__index = Client

local function raw(self, channel, data)
  self.sock:send(PROTOCOL .. u16(self.id) .. u8(channel) .. data)
end

local function reliable(self, channel, data)
  local sequence = self.next[channel] or FIRST_SEQUENCE
  self.next[channel] = (sequence + 1) % 65536
  local packet = u8(3) .. u16(sequence) .. u8(1) .. data
  self.unacked[channel .. ":" .. sequence] = { channel, packet }
  raw(self, channel, packet)
end

local function command(self, code, body, plain)
  if plain then raw(self, 1, u8(1) .. u16(code) .. body) else reliable(self, 1, u16(code) .. body) end
end

function Client:init()
  -- serialisation 29, no compression, protocol 41
  command(self, TO.INIT, u8(29) .. u16(0) .. u16(37) .. u16(41) .. text(self.name), true)
end

local handlers = {}

handlers[FROM.HELLO] = function(self, body)
  if self.hello then return end
  self.hello = true
  local mechanisms = body:byte(9) -- the lowest byte of 32 bits; 4: a new account
  if mechanisms ~= 4 then
    self.denied = "this client can only register, and the account exists"
    return
  end
  command(self, TO.FIRST_SRP, text("salt") .. text(("v"):rep(256)) .. u8(0))
end

handlers[FROM.AUTH_ACCEPT] = function(self)
  self.accepted = true
  command(self, TO.INIT2, text("en"))
  command(self, TO.READY, u8(5) .. u8(6) .. u8(1) .. u8(0) .. text("spec") .. u16(4))
end

handlers[FROM.DENIED] = function(self, body)
  local length = #body >= 3 and read16(body, 2) or 0
  self.denied = length > 0 and body:sub(4, 3 + length) or ("reason " .. body:byte(1))
end

handlers[FROM.DENIED_LEGACY] = function(self, body)
  self.denied = body:sub(3):gsub("%z", "")
end

local function original(self, data)
  if #data < 2 then return end
  local handle = handlers[read16(data, 1)]
  if handle then handle(self, data:sub(3)) end
end

local function take(self, channel, data)
  local kind = data:byte(1)
  if kind == 3 then
    local sequence = read16(data, 2)
    raw(self, channel, u8(0) .. u8(0) .. u16(sequence))
    local key = channel .. ":" .. sequence
    if self.seen[key] then return end
    self.seen[key] = true
    take(self, channel, data:sub(4))
  elseif kind == 0 then
    local control = data:byte(2)
    if control == 0 then
      self.unacked[channel .. ":" .. read16(data, 3)] = nil
    elseif control == 1 then
      self.id = read16(data, 3)
      self:init()
    elseif control == 3 then
      self.denied = self.denied or "disconnected"
    end
  elseif kind == 1 then
    original(self, data:sub(2))
  end -- 2: parts of something long, which joining does not need
end

--- Connects to 127.0.0.1:port as `name`.  Fields: hello, accepted, denied (text).
function client.new(port, name)
  local self = setmetatable({ name = name, id = 0, next = {}, unacked = {}, seen = {}, again = 0 }, Client)
  self.sock = assert(socket.udp())
  assert(self.sock:setpeername("127.0.0.1", port))
  self.sock:settimeout(0)
  reliable(self, 0, u16(0))
  self.again = socket.gettime() + 0.5
  return self
end

-- Takes what has come, and repeats what was not confirmed.
function Client:look()
  for _ = 1, 200 do
    local data = self.sock:receive()
    if not data then break end
    if data:sub(1, 4) == PROTOCOL and #data > 7 then
      -- acknowledgement first: the new id comes inside a reliable packet
      take(self, data:byte(7), data:sub(8))
    end
  end
  local now = socket.gettime()
  if now >= self.again then
    self.again = now + 0.5
    if self.id ~= 0 and not self.hello and not self.denied then self:init() end
    for _, packet in pairs(self.unacked) do raw(self, packet[1], packet[2]) end
    if self.id ~= 0 then raw(self, 0, u8(0) .. u8(2)) end
  end
end

function Client:close()
  if self.id ~= 0 then raw(self, 0, u8(0) .. u8(3)) end
  self.sock:close()
end

--- Looks after all clients until `done()` is true; false when `seconds` have passed.
function client.until_true(clients, seconds, done)
  local till = socket.gettime() + seconds
  repeat
    local sockets = {}
    for i, one in ipairs(clients) do sockets[i] = one.sock end
    socket.select(sockets, nil, 0.05)
    for _, one in ipairs(clients) do one:look() end
    if done() then return true end
  until socket.gettime() >= till
  return false
end

return client

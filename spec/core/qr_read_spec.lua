-- run: lua5.4 lua5.3 lua5.1 luajit plain
-- What onelogin.qr draws is read back by zbarimg, which knows nothing of us: from the matrix, from the
-- SVG as librsvg paints it, and from the lines of a terminal.
local child = require "spec.support.child"
local qr = require "onelogin.qr"

local folder

local function write(name, data)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(data)
  file:close()
  return path
end

local function read(path)
  local pipe = assert(io.popen("zbarimg -q --raw --nodbus -Sdisable -Sqrcode.enable -Sbinary '" .. path
    .. "' 2>/dev/null", "r"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

-- dark(x, y), from 1; every module becomes 4 by 4 dots.
local function paint(width, height, dark, margin)
  local scale, lines = 4, {}
  local across, down = width + 2 * margin, height + 2 * margin
  for y = 1 - margin, height + margin do
    local dots = {}
    for x = 1 - margin, width + margin do
      local inside = x >= 1 and x <= width and y >= 1 and y <= height
      dots[#dots + 1] = (inside and dark(x, y) and "1" or "0"):rep(scale)
    end
    local line = table.concat(dots)
    for _ = 1, scale do lines[#lines + 1] = line end
  end
  return write("code.pbm", ("P1\n%d %d\n%s\n"):format(across * scale, down * scale, table.concat(lines, "\n")))
end

-- The dots that a terminal would show: "#" dark, "." light.  ground: the terminal's own colours, ink and paper.
local function seen(text, ground)
  local rows = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local ink, paper, upper, lower = ground.ink, ground.paper, {}, {}
    local i = 1
    while i <= #line do
      local fore, back = line:match("^\27%[38;5;(%d+);48;5;(%d+)m", i)
      local char = line:match("^[^\27\128-\191][\128-\191]*", i)
      if fore then
        ink, paper = fore == "16" and "#" or ".", back == "16" and "#" or "."
        i = line:find("m", i, true) + 1
      elseif char then
        upper[#upper + 1] = (char == "\226\150\128" or char == "\226\150\136") and ink or paper
        lower[#lower + 1] = (char == "\226\150\132" or char == "\226\150\136") and ink or paper
        i = i + #char
      else
        i = assert(select(2, line:find("^\27%[0m", i))) + 1
        ink, paper = ground.ink, ground.paper
      end
    end
    rows[#rows + 1], rows[#rows + 2] = upper, lower
  end
  return rows
end

local every = {}
for i = 0, 255 do every[#every + 1] = string.char(i) end
every = table.concat(every)

local TEXTS = {
  "otpauth://totp/Acme%20Ltd:kim@acme.test?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme%20Ltd",
  "1", "0123456789", "HELLO WORLD", "M\195\188ller \226\130\172", "a\0b\0", every,
}

describe("another reader", function()
  setup(function() folder = child.folder() end)
  teardown(function() os.execute("rm -rf " .. folder) end)

  it("reads the matrix, whatever bytes it holds", function()
    for i, text in ipairs(TEXTS) do
      local matrix = qr.matrix(text, { level = ({ "L", "M", "Q", "H" })[i % 4 + 1] })
      assert.equal(text, read(paint(matrix.size, matrix.size, function(x, y) return matrix[y][x] end, 4)))
    end
  end)

  it("reads a full code", function()
    local text = ("0123456789abcdef"):rep(200):sub(1, 2953)
    local matrix = qr.matrix(text, { level = "L" })
    assert.equal(text, read(paint(matrix.size, matrix.size, function(x, y) return matrix[y][x] end, 4)))
  end)

  it("reads the SVG", function()
    for i, text in ipairs { TEXTS[1], TEXTS[5], every } do
      local svg = write("code.svg", qr.svg(text, { title = "Kim's <code> & \1", size = i == 2 and 500 or nil }))
      local png = folder .. "/code.png"
      assert.equal("0", io.popen(("rsvg-convert -o '%s' '%s' 2>/dev/null; echo $?"):format(png, svg)):read "*l")
      assert.equal(text, read(png))
    end
  end)

  it("reads the terminal, dark and light", function()
    local dark, light = { ink = ".", paper = "#" }, { ink = "#", paper = "." }
    for _, case in ipairs {
      { {}, dark }, { {}, light }, { { quiet = 4 }, dark }, { { ansi = false }, dark },
      { { ansi = false, invert = true }, light }, { { ansi = false, quiet = 4 }, dark },
    } do
      for _, text in ipairs { TEXTS[1], TEXTS[2] } do
        local rows = seen(qr.terminal(text, case[1]), case[2])
        local path = paint(#rows[1], #rows, function(x, y) return rows[y][x] == "#" end, 2)
        assert.equal(text, read(path))
      end
    end
  end)
end)

-- onelogin.time: every recorded form of date, and the spellings of "never", whatever the machine's time zone.
local onelogin = require "onelogin"
local child = require "spec.support.child"
local time = onelogin.time

describe("time.parse", function()
  it("reads every form that the API is known to send", function()
    local forms = {
      ["2015-11-11T03:36:18.714Z"] = 1447212978.714,
      ["2015-11-11T03:36:18Z"] = 1447212978,
      ["2026/01/07 05:56:21 +0000"] = 1767765381,
      ["2020-04-15 22:51:24 UTC"] = 1586991084,
      ["2026-06-02 10:40:17+0530"] = 1780377017,
      ["2026-06-02T10:40:17+05:30"] = 1780377017,
      ["2026-06-02T05:10:17-0000"] = 1780377017,
      ["2026-06-01 22:10:17-07:00"] = 1780377017,
      ["Sun, 06 Nov 1994 08:49:37 GMT"] = 784111777,
      ["2024-02-29T23:59:59.999Z"] = 1709251199.999,
      ["1999-12-31"] = 946598400,
    }
    for text, seconds in pairs(forms) do
      local got, why = time.parse(text)
      assert.equal(nil, why)
      assert.is_true(math.abs(got - seconds) < 1e-6, text .. " is not " .. tostring(got))
    end
  end)

  it("gives whole seconds as whole numbers", function()
    assert.equal("1447212978", tostring(time.parse("2015-11-11T03:36:18.000Z")))
  end)

  it("reads the spellings of never as nil, without a complaint", function()
    local never = { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "0001-01-01 00:00:00 UTC",
      "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "1970/01/01 00:00:00 +0000",
      "1969-12-31T16:00:00-08:00", "2000-01-01T00:00:00.000Z",
      "2000-01-01 05:30:00+0530", "" }
    for _, text in ipairs(never) do assert.equal(0, select("#", time.parse(text)) - 1, text) end
    for _, text in ipairs(never) do assert.is_nil((time.parse(text)), text) end
    assert.same({}, { time.parse(nil) })
    assert.same({}, { time.parse(onelogin.null) })
  end)

  it("takes the seconds beside them for dates", function()
    assert.equal(1, time.parse("1970-01-01T00:00:01Z"))
    assert.equal(946684799, time.parse("1999-12-31T23:59:59Z"))
  end)

  it("says what is no date", function()
    for _, text in ipairs { "yesterday", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00Zulu", "12/31/2026",
      "2026-01/02", "\27[31m" } do
      local got, why = time.parse(text)
      assert.is_nil(got)
      assert.truthy(why:find("^no date: "), text)
      assert.is_nil(why:find("%c"))
    end
    assert.same({ nil, "a date is text, got a table" }, { time.parse({}) })
  end)
end)

describe("time.format", function()
  it("writes milliseconds and Z", function()
    assert.equal("2015-11-11T03:36:18.714Z", time.format(1447212978.714))
    assert.equal("1970-01-01T00:00:00.000Z", time.format(0))
    assert.equal("1969-12-31T23:59:59.999Z", time.format(-0.001))
    assert.equal("2024-02-29T23:59:59.000Z", time.format(1709251199))
    assert.equal("2025-01-01T00:00:00.000Z", time.format(1735689599.9996))
    assert.equal("0001-01-01T00:00:00.000Z", time.format(-62135596800))
    assert.equal("9999-12-31T23:59:59.000Z", time.format(253402300799))
  end)

  it("is the reverse of parse over four centuries", function()
    for day = -141427, 146097, 97 do
      local at = day * 86400 + 43201
      assert.equal(at, time.parse(time.format(at)))
    end
  end)

  it("refuses what is no instant", function()
    for _, wrong in ipairs { "now", 0 / 0, math.huge, -1e15, 1e15 } do
      assert.has_error(function() time.format(wrong) end)
    end
  end)
end)

describe("both", function()
  it("do not know the machine's time zone", function()
    local script = child.cpath() .. [[
      package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
      local time = require("onelogin").time
      io.write(tostring(time.parse("2020-04-15 22:51:24 UTC")), " ", time.format(1586991084))]]
    for _, zone in ipairs { "UTC", "Asia/Kolkata", "America/St_Johns", "XXX-13:45" } do
      assert.equal("1586991084 2020-04-15T22:51:24.000Z",
        child.capture(("%s TZ=%s %s -e %s"):format(child.preload(), zone, child.lua, child.quote(script))))
    end
  end)
end)

local cjson = require "cjson"
local json = require("onelogin.core").json
local mutate = require "spec.fuzz.mutate"

local FAITHFUL = { nulls = "sentinel" }
local integers = math.type ~= nil -- Lua 5.3 and later

local function decode(text, opts)
  local value, why = json.decode(text, opts or FAITHFUL)
  assert(why == nil, why)
  return value
end

local function round(text)
  return json.encode(decode(text))
end

local function refused(text)
  local value, why = json.decode(text, FAITHFUL)
  assert.is_nil(value)
  assert.is_string(why)
  return why
end

local function throws(value)
  local ok, why = pcall(json.encode, value)
  assert.is_false(ok)
  assert.is_string(why)
  return why
end

describe("json.decode", function()
  it("gives whole numbers that print plainly", function()
    for text, want in pairs {
      ["88888888"] = "88888888", ["1e5"] = "100000", ["1.0"] = "1", ["-7"] = "-7", ["4294967296"] = "4294967296",
      ["9007199254740992"] = "9007199254740992", ["100000000000000"] = "100000000000000",
    } do
      local v = decode("[" .. text .. "]")[1]
      assert.equal("number", type(v))
      assert.equal(integers and want or tostring(tonumber(want)), tostring(v))
      assert.equal(want, ("%.0f"):format(v))
      if integers then
        assert.equal("integer", math.type(v))
      end
    end
    assert.equal(1.5, decode "1.5")
    assert.equal(1e300, decode "1e300")
  end)

  it("keeps every digit of integers past 2^53", function()
    for _, text in ipairs {
      "9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
      "-9223372036854775809", "12345678901234567890", ("1234567890"):rep(30),
    } do
      local v = decode('{"a":[' .. text .. '],"b":' .. text .. "}")
      assert.equal(text, tostring(v.a[1]))
      assert.equal(text, tostring(v.b))
      assert.is_true(v.b == decode(text))
      assert.is_true(v.a[1] == v.b)
      assert.is_true(json.is_integer(v.b))
      assert.equal("[" .. text .. "]", json.encode(v.a))
      assert.equal("/users/" .. text .. "/x", "/users/" .. v.b .. "/x")
    end
    assert.equal("1000000000000000", ("%.0f"):format(decode "1000000000000000"))
    assert.equal(integers and "number" or "userdata", type(decode "9007199254740993"))
    assert.equal("number", type(decode "9007199254740992"))
  end)

  it("compares boxed integers by value and refuses arithmetic on them", function()
    local small, big = decode "12345678901234567890", decode "22345678901234567890"
    local negative, longer = decode "-12345678901234567890", decode "123456789012345678901"
    assert.is_true(small < big and small <= big and big < longer and negative < small and small ~= big)
    assert.is_true(decode "-22345678901234567890" < negative and small >= small)
    assert.is_false(pcall(function() return small + 1 end))
    assert.is_false(pcall(function() return small .. {} end))
    assert.is_false(getmetatable(small))
  end)

  it("tells [] from {} and keeps arrays arrays when emptied", function()
    local v = decode '{"a":[],"b":{},"c":[ \n\t],"d":[1],"e":[[],[[]],{}]}'
    assert.is_true(json.is_array(v.a) and json.is_array(v.c) and json.is_array(v.d) and json.is_array(v.e[2]))
    assert.is_false(json.is_array(v.b))
    assert.is_nil(next(v.a))
    v.d[1] = nil
    assert.equal("[]", json.encode(v.d))
    assert.equal("[[],[[]],{}]", json.encode(v.e))
  end)

  it("gives arrays that work as any table", function()
    local v = decode "[1,2]"
    table.insert(v, 3)
    assert.equal(3, #v)
    local seen = {}
    for i, item in ipairs(v) do
      seen[i] = item
    end
    for _ in pairs(v) do
      seen[#seen + 1] = "p"
    end
    assert.same({ 1, 2, 3, "p", "p", "p" }, seen)
    table.sort(v, function(a, b) return a > b end)
    assert.equal("[3,2,1]", json.encode(v))
  end)

  it("leaves null fields out by default and keeps positions of arrays", function()
    local v = json.decode '{"a":null,"b":[null,1,null],"c":{"d":null,"e":0}}'
    assert.is_nil(v.a)
    assert.is_nil(v.c.d)
    assert.equal(0, v.c.e)
    assert.equal(3, #v.b)
    assert.equal(json.null, v.b[1])
    assert.equal(json.null, v.b[3])
    v = decode '{"a":null}'
    assert.equal(json.null, v.a)
    assert.equal(cjson.null, json.null)
    assert.equal(json.null, decode "null")
    assert.equal(0, select("#", json.decode "null") - select("#", nil))
    assert.is_nil((json.decode "null"))
  end)

  it("forgives a server what leaves no doubt", function()
    assert.same({ 1 }, decode "\239\187\191[1]")
    assert.equal("\239\191\189x", decode '"\\ud800x"')
    assert.equal("\239\191\189\239\191\189", decode '"\\udc00\\uD800"')
    assert.equal("\239\191\189A", decode '"\\ud800\\u0041"')
    assert.equal("\240\159\152\128", decode '"\\ud83d\\ude00"')
    assert.equal("\255\254", decode '"\255\254"')
    assert.equal("tab\tline\n", decode '"tab\tline\n"')
    assert.equal("a\0b", decode '"a\0b"')
    assert.equal("a\0b", decode '"a\\u0000b"')
    assert.equal(2, decode('{"a":1,"a":2}').a)
  end)

  it("refuses what is not JSON, also what cjson takes", function()
    for _, text in ipairs {
      "", " ", "[", "]", "{", '{"a"}', '{"a":}', "[1,]", "[1 2]", "NaN", "[nan]", "Infinity", "-Infinity", "[-inf]",
      "0x10", "[01]", "[-01]", "[+1]", "[1.]",
      "[-.5]", "[.5]", "[1.e5]", "[1e]", "[1e+]", "[-]", "[--1]", "[1e400]",
      "[-1e400]",
      '{"a":1e999}', "1 x", "[1]\0", "\0", "nul", "tru", "True", "'a'",
      '"abc', '"\\x"', '"\\u12g4"', '"\\', "[1]]",
      "// c\n1", "{1:2}", "{[]:1}", "{12345678901234567890:1}", "[12345678901234567890x]",
      "[]12345678901234567890",
      '"a" 12345678901234567890', "[][]", "12345678901234567890.", "1e", "truefalse", "[1]\255",
    } do
      local why = refused(text)
      assert.is_truthy(why:find "JSON", text)
      assert.is_nil(why:find(("[%w_-]"):rep(16)), why) -- no trace of a mark
    end
  end)

  it("says where, in bytes of the text that came in", function()
    assert.is_truthy(refused("[1,tru]"):find("byte 4", 1, true))
    assert.is_truthy(refused("[[],[],[],12345678901234567890,}"):find("byte 32", 1, true))
    assert.is_truthy(refused("[[],1 2]"):find("byte 7", 1, true))
    assert.is_truthy(refused('\239\187\191["\\ud800",]'):find("byte 14", 1, true))
    assert.is_truthy(refused('["abc'):find("byte 6", 1, true))
  end)

  it("bounds the depth", function()
    for _, inner in ipairs { "1", "[]", "{}", "12345678901234567890" } do
      local at = (inner == "[]" or inner == "{}") and 99 or 100
      decode(("["):rep(at) .. inner .. ("]"):rep(at))
      assert.is_truthy(refused(("["):rep(at + 1) .. inner .. ("]"):rep(at + 1)):find "deeper than 100")
    end
    assert.is_truthy(refused(('{"a":'):rep(101) .. "1" .. ("}"):rep(101)):find "deeper")
    refused(("["):rep(1e6))
  end)

  it("cannot be talked into restoring what it has not marked", function()
    local rnd = mutate.random(3)
    local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for _ = 1, 2000 do
      local s = ""
      for _ = 1, 16 do
        local at = rnd(64)
        s = s .. letters:sub(at, at)
      end
      local v = decode('[[],["' .. s .. '"],["' .. s .. '12345678901234567"],{"' .. s .. '":["' .. s .. '"]}]')
      assert.equal(s, v[2][1])
      assert.equal(s .. "12345678901234567", v[3][1])
      assert.equal(s, v[4][s][1])
    end
  end)

  it("leaves the shared cjson as it was", function()
    assert.equal("[0.5]", cjson.encode { 0.5 })
    assert.is_true(pcall(cjson.decode, ("["):rep(300) .. ("]"):rep(300)))
    assert.is_true(pcall(cjson.decode, "[NaN]"))
  end)

  it("throws on misuse", function()
    assert.is_truthy(select(2, pcall(json.decode, nil)):find "text must be a string")
    assert.is_truthy(select(2, pcall(json.decode, "1", { nulls = "x" })):find "sentinel")
    assert.is_false(pcall(json.decode, "1", "x"))
  end)
end)

describe("json.encode", function()
  it("writes exactly what was set", function()
    assert.equal("{}", json.encode {})
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("[]", json.encode(json.array()))
    assert.equal("[1,2]", json.encode { 1, 2 })
    assert.equal('{"a":null}', json.encode { a = json.null })
    assert.equal("[null]", json.encode { json.null })
    assert.equal("[true,false,0,\"\"]", json.encode { true, false, 0, "" })
    assert.equal('{"1":true}', json.encode { ["1"] = true })
    assert.equal("null", json.encode(json.null))
    assert.equal('"x"', json.encode "x")
  end)

  it("writes integers exactly and floats so that they come back", function()
    assert.equal("[100000000000000,123456789012345,9007199254740991,-1]",
      json.encode { 100000000000000, 123456789012345, 9007199254740991, -1 })
    assert.equal("[0.1,0.5,1e+300]", json.encode { 0.1, 0.5, 1e300 })
    assert.equal("3", json.encode(3.0))
    if integers then
      assert.equal("[9223372036854775807,-9223372036854775808]", json.encode { math.maxinteger, math.mininteger })
    end
    local rnd = mutate.random(11)
    for _ = 1, 2000 do
      local x = (rnd(2147483646) / rnd(2147483646)) * 10 ^ (rnd(60) - 30)
      if integers or x < 2 ^ 53 or x > 1e17 then -- between, digits come back as a boxed integer
        assert.equal(x, decode(json.encode(x)))
      end
    end
  end)

  it("escapes what has to be, and no slash", function()
    assert.equal([["\"\\\b\f\n\r\t\u0000\u001f/]] .. "\127" .. [[\u2028\u2029"]],
      json.encode "\"\\\b\f\n\r\t\0\31/\127\226\128\168\226\128\169")
    assert.equal('"\226\128\167\226\130\172\240\159\152\128"', json.encode "\226\128\167\226\130\172\240\159\152\128")
  end)

  it("refuses invalid UTF-8 and names the path, not the value", function()
    for text, at in pairs {
      ["ab\255"] = 3, ["\192\128"] = 1, ["x\237\160\128"] = 2, ["\244\144\128\128"] = 1, ["\226\130"] = 1,
      ["\128"] = 1, ["\224\159\191"] = 1, ["\240\143\191\191"] = 1, ["ok\226\40\161"] = 3, ["\245\128\128\128"] = 1,
    } do
      local why = throws { custom_attributes = { food = text } }
      assert.is_truthy(why:find("custom_attributes.food: invalid UTF-8 at byte " .. at, 1, true), why)
    end
    assert.is_truthy(throws({ devices = { { id = 1 }, { id = "\255" } } }):find("devices[2].id:", 1, true))
    local why = throws { a = { ["k\255"] = 1 } }
    assert.is_truthy(why:find("a.k?: the key is invalid UTF-8 at byte 2", 1, true), why)
    assert.is_truthy(throws("\255"):find("json.encode: invalid UTF-8 at byte 1", 1, true))
    assert.is_true(#throws { [("k"):rep(5000)] = print } < 400)
  end)

  it("refuses tables that are neither array nor object", function()
    assert.is_truthy(throws({ a = { 1, 2, x = 3 } }):find "^json.encode: a: the table mixes")
    assert.is_truthy(throws({ [1] = 1, [3] = 3 }):find "holes")
    assert.is_truthy(throws({ [0] = 1 }):find "neither")
    assert.is_truthy(throws({ [1.5] = 1 }):find "neither")
    assert.is_truthy(throws({ [true] = 1 }):find "neither")
    assert.is_truthy(throws({ b = json.array { x = 1 } }):find "^json.encode: b: the array has named keys")
    assert.is_truthy(throws({ [2 ^ 40] = 1 }):find "holes")
  end)

  it("refuses what JSON cannot say", function()
    for name, v in pairs { NaN = 0 / 0, infinite = 1 / 0, infinite_too = -1 / 0, ["function"] = print } do
      assert.is_truthy(throws({ x = v }):find("^json.encode: x: .*" .. name:match "^%a+"))
    end
    assert.is_truthy(throws({ x = io.stdout }):find "userdata")
    assert.is_truthy(throws({ x = coroutine.create(function() end) }):find "thread")
    assert.is_truthy(throws(nil):find "null")
    assert.is_false(pcall(json.encode))
  end)

  it("bounds depth, cycles and size", function()
    local t = {}
    t.a = { t }
    assert.is_truthy(throws(t):find("a[1]: the table contains itself", 1, true))
    local deep = 1
    for _ = 1, 100 do
      deep = { deep }
    end
    assert.equal(("["):rep(100) .. "1" .. ("]"):rep(100), json.encode(deep))
    assert.is_truthy(throws({ deep }):find "deeper than 100")
    local shared = { 1 }
    assert.equal("[[1],[1]]", json.encode { shared, shared })
    local mb = ("x"):rep(2 ^ 20)
    local big = {}
    for i = 1, 33 do
      big[i] = mb
    end
    assert.is_truthy(throws(big):find "longer than 33554432 bytes")
  end)

  it("sees through the marks of the newer cjson where it is installed", function()
    if cjson.empty_array ~= nil then
      assert.equal("[[],[]]", json.encode { cjson.empty_array, setmetatable({}, cjson.empty_array_mt) })
    else
      assert.equal("[{}]", json.encode { setmetatable({}, {}) })
    end
  end)

  it("does not run the caller's metamethods", function()
    local t = setmetatable({ a = 1 }, { __index = error, __pairs = error, __len = error, __tostring = error })
    assert.equal('{"a":1}', json.encode(t))
  end)
end)

describe("json.array", function()
  it("tags the table it is given", function()
    local t = {}
    assert.equal(t, json.array(t))
    assert.is_true(json.is_array(t))
    assert.equal(t, json.array(t))
    assert.is_false(json.is_array {})
    assert.is_true(json.is_array { 1 })
    assert.is_false(json.is_array "x")
    assert.is_true(json.is_array(decode "[]"))
    assert.is_false(pcall(json.array, 1))
    assert.is_truthy(select(2, pcall(json.array, setmetatable({}, {}))):find "metatable of its own")
  end)

  it("knows whole numbers", function()
    assert.is_true(json.is_integer(3))
    assert.is_true(json.is_integer(3.0))
    assert.is_false(json.is_integer(3.5))
    assert.is_false(json.is_integer "3")
    assert.is_false(json.is_integer(1 / 0))
    assert.is_false(json.is_integer(0 / 0))
  end)
end)

describe("decoding and encoding", function()
  it("is exact for random values", function()
    local rnd = mutate.random(2026)
    for _ = 1, os.getenv "OL_MODE" == "plain" and 5000 or 500 do
      local v = mutate.value(rnd, json, 5)
      local text = json.encode(v)
      local back = decode(text)
      assert.is_true(mutate.same(v, back, json), text)
      assert.equal(#text, #json.encode(back))
    end
  end)

  it("keeps the text of scalars", function()
    for _, text in ipairs {
      "[]", "{}", "[[],{}]", '["\\u0000"]', "[9223372036854775807]", "[-12345678901234567890]", "[0.1]", "[null]",
      '{"a":[{"b":[]}]}', '"/"', "[1e+20]", "[123456789012345]",
    } do
      assert.equal(text, round(text))
    end
  end)

  it("survives damage to a text", function()
    local rnd = mutate.random(5)
    for _ = 1, os.getenv "OL_MODE" == "plain" and 10000 or 500 do
      local text = mutate.damage(rnd, mutate.bodies[rnd(#mutate.bodies)])
      local v, why = json.decode(text, FAITHFUL)
      assert.is_true(v ~= nil or type(why) == "string")
      v, why = json.decode(text)
      assert.is_true(v ~= nil or why == nil or type(why) == "string")
    end
  end)

  it("frees what it used", function()
    local text = "[" .. ('{"a":[],"b":12345678901234567890,"c":"\\ud800"},'):rep(2000) .. "1]"
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    for _ = 1, 10 do
      decode(text)
      json.encode(decode(text))
      json.decode(text .. "x")
    end
    collectgarbage()
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 200)
  end)
end)

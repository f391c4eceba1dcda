-- Every example of the documentation runs on a box as it stands, and gets the answer it promises.
local onelogin = require "onelogin"
local api = require "onelogin.api"

local load_text = loadstring or load -- luacheck: ignore 113

-- Runs `call` with `ol` (and what else an example may name) in sight.
local function run(call, ol)
  local chunk = assert(load_text("local ol, onelogin = ... return " .. call, "=example"))
  return chunk(ol, onelogin)
end

describe("the example of", function()
  for _, resource in ipairs(api.resources) do
    local entries, prose = require("onelogin.api." .. resource), require("onelogin.prose." .. resource)
    for name, entry in pairs(entries) do
      local op = resource .. "." .. name
      it(op .. " runs", function()
        local box = onelogin.sandbox { users = 20 }
        box:seed_examples(op)
        local ol = assert(onelogin.new(box:config()))
        local value, err = run(prose[name].example.call, ol)
        assert.is_nil(err and err.message)
        assert.equal(1, box:requests(op))
        if entry.result == "list" or entry.paging then
          assert.is_table(value)
        elseif entry.result == "none" then
          assert.is_true(value)
        else
          assert.truthy(value ~= nil)
        end
      end)
    end
  end
end)

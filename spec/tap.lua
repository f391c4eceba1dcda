-- TAP for busted.  The packaged handler dies on a file that does not load, hides tracebacks and
-- counts nothing that happens outside `it`; a test run must not lose any of these.
local pretty = require "pl.pretty"

return function()
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()
  local count = 0

  local function say(text)
    io.write(text, "\n")
    io.flush()
  end

  local function comment(text)
    say("# " .. tostring(text):gsub("^%s+", ""):gsub("\n", "\n# "))
  end

  local function failed(t)
    count = count + 1
    local message = t.message
    if type(message) ~= "string" then
      message = message == nil and "nil error" or pretty.write(message)
    end
    say(("not ok %d - %s"):format(count, tostring(t.name):gsub("\n", " ")))
    local where = t.element and t.element.trace
    if where and where.currentline then
      comment(("%s:%d"):format(where.short_src, where.currentline))
    end
    comment(message)
    if type(t.trace) == "table" and t.trace.traceback then
      comment(t.trace.traceback)
    end
  end

  local function last(list)
    return list[#list]
  end

  function handler.testEnd(_, _, status)
    if status == "success" then
      count = count + 1
      say(("ok %d - %s"):format(count, tostring(last(handler.successes).name):gsub("\n", " ")))
    elseif status == "pending" then
      local t = last(handler.pendings)
      failed { name = t.name, message = "skipped: a test that does not run does not pass", element = t.element }
    elseif status == "failure" then
      failed(last(handler.failures))
    else
      failed(last(handler.errors))
    end
    return nil, true
  end

  -- Failures in files, describe blocks and setups, which no test owns.
  function handler.error(element)
    if element.descriptor ~= "it" then
      failed(last(handler.errors))
    end
    return nil, true
  end

  function handler.suiteEnd()
    say("1.." .. count)
    return nil, true
  end

  busted.subscribe({ "suite", "end" }, handler.suiteEnd)
  busted.subscribe({ "test", "end" }, handler.testEnd, { predicate = handler.cancelOnPending })
  busted.subscribe({ "error" }, handler.error)
  return handler
end

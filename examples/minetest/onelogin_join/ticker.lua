-- ticker.lua - calls that wait without stopping the game: a coroutine for each piece of work, and one look at all of
-- them in every step of the server.
--
-- It stands on two of the library's options: a transport whose send waits by yielding, and a clock whose sleep does.

return function(engine, clock)
  local ticker, work = {}, {} -- work: a list of { thread, what it waits for }

  local function pause(ready)
    if not coroutine.running() then error("ticker: this waits, so it has to be called inside ticker.spawn", 3) end
    coroutine.yield(ready)
  end

  -- Options for onelogin.new.
  ticker.transport = {
    send = function(_, request)
      local transfer = engine:start(request)
      pause(function() return transfer:done() end)
      return transfer:result()
    end,
  }
  ticker.clock = {
    mono = clock.mono, wall = clock.wall,
    sleep = function(seconds)
      local till = clock.mono() + seconds
      pause(function() return clock.mono() >= till end)
    end,
  }

  local function go_on(item)
    local ok, ready = coroutine.resume(item[1])
    item[2] = ready
    if not ok then item[3](debug.traceback(item[1], tostring(ready))) end
    return coroutine.status(item[1]) == "suspended"
  end

  -- Runs `fn` until it waits, and goes on with it in later steps.  on_error is told what it throws.
  function ticker.spawn(fn, on_error)
    local item = { coroutine.create(fn), nil, on_error }
    if go_on(item) then work[#work + 1] = item end
  end

  -- One step: never blocks.  Returns how many pieces of work are left.
  function ticker.tick()
    if #work == 0 then return 0 end
    engine:tick(0)
    local old = work
    work = {}
    for i = 1, #old do
      local item = old[i]
      if not item[2]() or go_on(item) then work[#work + 1] = item end
    end
    return #work
  end

  return ticker
end

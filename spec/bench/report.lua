-- Medians and ratios of what spec/bench/run measured.
local values = {}
for line in io.lines(arg[1]) do
  local name, value = line:match "^(%S+) ([%d.]+)$"
  if name then
    values[name] = values[name] or {}
    table.insert(values[name], tonumber(value))
  end
end

local function median(name)
  local list = values[name]
  if not list then
    return 0 / 0
  end
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function say(format, ...)
  print(format:format(...))
end

say ""
say("GET of one user on a warm TLS connection     bare libcurl + cjson  %7.1f us", median "get.bare.us")
for _, lua in ipairs { "lua5.4", "luajit" } do
  local us = median("get." .. lua .. ".us")
  say("  %-8s %7.1f us   ratio %.3f   (goal 1.15)", lua, us, us / median "get.bare.us")
end
say("  connections opened by 1,000 sequential calls and their token: %.0f   (goal 1)", median "get.connections")
say("walk of %.0f users                            bare libcurl + cjson  %7.3f s", median "walk.bare.users",
  median "walk.bare.seconds")
for _, lua in ipairs { "lua5.4", "luajit" } do
  local seconds = median("walk." .. lua .. ".seconds")
  say("  %-8s %7.3f s    ratio %.3f   (goal 1.2)   peak %.1f MiB, after a tenth %.1f MiB (%.0f users)", lua, seconds,
    seconds / median "walk.bare.seconds", median("walk." .. lua .. ".peak_kib") / 1024,
    median("tenth." .. lua .. ".peak_kib") / 1024, median("tenth." .. lua .. ".users"))
end
say("decoding 1,000 users, and loading the library")
for _, lua in ipairs { "lua5.4", "lua5.3", "lua5.1", "luajit" } do
  local cjson, ours = median("decode." .. lua .. ".cjson_ms"), median("decode." .. lua .. ".ours_ms")
  say("  %-8s cjson %6.2f ms  ours %6.2f ms  ratio %.3f    require %.2f ms (goal 3), %.0f KiB (goal 250)%s", lua, cjson,
    ours, ours / cjson, median("require." .. lua .. ".ms"), median("require." .. lua .. ".kib"),
    median("require." .. lua .. ".curl_loaded") == 0 and "" or "  libcurl was loaded!")
end
say "the program: first byte of one GET on a sandbox, and all users as JSON lines"
for _, lua in ipairs { "lua5.4", "luajit" } do
  say("  %-8s %7.1f ms   (goal 40)   peak %.1f MiB", lua, median("program." .. lua .. ".first_ms"),
    median("program." .. lua .. ".walk_kib") / 1024)
end

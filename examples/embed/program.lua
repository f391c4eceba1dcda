-- What the C program runs: the credential comes from the program, not from the environment.
local onelogin, settings = require "onelogin", ...

local ol = onelogin.new {
  base_url = settings.base_url, client_id = settings.client_id, client_secret = settings.client_secret,
  allow = "read",
}
local users, page = onelogin.check(ol.users:list { limit = 3 })
for _, user in ipairs(users) do print(user.id, user.username) end
print(page.total .. " people")

local nobody, err = ol.users:get(404404)
print(nobody, err.kind)
ol:close()

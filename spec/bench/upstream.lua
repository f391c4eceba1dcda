-- Writes what nginx serves: pages of users as files, the cursors that lead from one to the next, a
-- token, one user.  lua5.4 upstream.lua FOLDER PORT PORT_OF_THE_TENTH USERS PER_PAGE
local folder, port, tenth_port = arg[1], arg[2], arg[3]
local users, per_page = tonumber(arg[4]), tonumber(arg[5])

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
end

-- About 1 KB, with what a real row has: nulls, dates, numbers, nested values.
local function user(id)
  local row = ([[{"id":%d,"username":"user%d","email":"user%d@example.com","firstname":"Ada","lastname":"Lovelace %d",]]
    .. [["title":null,"department":"Engineering","company":"Example","comment":null,"group_id":null,]]
    .. [["role_ids":[143175,143176],"phone":"+1 555 0100","state":1,"status":1,"directory_id":null,]]
    .. [["trusted_idp_id":null,]]
    .. [["manager_ad_id":null,"manager_user_id":null,"samaccountname":null,"member_of":null,"userprincipalname":null,]]
    .. [["distinguished_name":null,"external_id":"e-%d","activated_at":"2024-05-17T08:12:11.123Z",]]
    .. [["last_login":"2026-01-02T03:04:05.678Z","invalid_login_attempts":0,"locked_until":null,]]
    .. [["preferred_locale_code":null,"created_at":"2024-05-17T08:10:58.000Z","updated_at":"2026-01-02T03:04:05.678Z",]]
    .. [["password_changed_at":null,"invitation_sent_at":null,"custom_attributes":{"cost_centre":"%d","notes":"]])
    :format(id, id, id, id, id, id % 997)
  return row .. ("x"):rep(1021 - #row) .. '"}}'
end

local pages = math.ceil(users / per_page)
local maps = {}
for page = 1, pages do
  local rows = {}
  for id = (page - 1) * per_page + 1, math.min(page * per_page, users) do
    rows[#rows + 1] = user(id)
  end
  write(("page%d.json"):format(page), "[" .. table.concat(rows, ",") .. "]")
  maps[#maps + 1] = ("    c%d page%d.json;\n"):format(page, page)
end
write("pages.map", table.concat(maps))
-- The second server ends the same walk after a tenth.
local nexts = { '    "" c2;\n' }
for page = 2, pages - 1 do
  nexts[#nexts + 1] = ("    c%d c%d;\n"):format(page, page + 1)
end
write("next.map", table.concat(nexts))

local token = '{"access_token":"' .. ("b"):rep(64) .. '","created_at":"' .. os.date "!%Y-%m-%dT%H:%M:%S.000Z"
  .. '","expires_in":36000,"refresh_token":"' .. ("r"):rep(64) .. '","token_type":"bearer","account_id":1}'

write("nginx.conf", ([[
daemon off; worker_processes 1; pid nginx.pid; error_log error.log warn;
events { worker_connections 256; }
http {
  access_log off; keepalive_requests 10000000; keepalive_timeout 600s; sendfile on;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  map_hash_max_size 65536; map_hash_bucket_size 128;
  map $arg_cursor $page { "" page1.json; include pages.map; }
  map $arg_cursor $after { default ""; include next.map; }
  map $after $tenth { "c%d" ""; default $after; }
  ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.2 TLSv1.3;
  default_type "application/json; charset=utf-8";
  root .;
  server {
    listen 127.0.0.1:%d ssl http2;
    location = /auth/oauth2/v2/token { return 200 '%s'; }
    location = /api/2/users/1 { return 200 '%s'; }
    location = /api/2/users { add_header After-Cursor $after; try_files /$page =404; }
    location = /accepts { stub_status; }
  }
  server {
    listen 127.0.0.1:%d ssl http2;
    location = /auth/oauth2/v2/token { return 200 '%s'; }
    location = /api/2/users { add_header After-Cursor $tenth; try_files /$page =404; }
  }
}
]]):format(pages // 10 + 1, tonumber(port), token, user(1), tonumber(tenth_port), token))

-- A key and a certificate for one start of the server: made by openssl in a private folder, loaded,
-- and the key removed again before the first byte is served. Nothing is ever kept.

local require = require

local tls = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read(path)
  local f = io.open(path, "rb")
  if not f then return nil end
  local text = f:read("*a")
  f:close()
  return text
end

-- Lua 5.1 answers a number, later versions true.
local function run(command)
  local result = os.execute(command)
  return result == true or result == 0
end

--- A server context and its certificate as PEM text; nil and the reason when TLS is not to be had.
-- `hosts`: list of names and addresses the certificate is for.
function tls.context(hosts)
  local ok, ssl = pcall(require, "ssl")
  if not ok then
    return nil, "HTTPS needs the Lua module luasec (on Debian: apt-get install lua-sec)"
  end
  local pipe = io.popen("umask 077; mktemp -d 2>/dev/null", "r")
  local dir = pipe and pipe:read("*l")
  if pipe then pipe:close() end
  if not dir or dir == "" then return nil, "HTTPS needs a temporary folder (mktemp -d failed)" end
  local names = {}
  for _, host in ipairs(hosts) do
    local kind = (host:find("^[%d.]+$") or host:find(":", 1, true)) and "IP:" or "DNS:"
    names[#names + 1] = kind .. host
  end
  local key, certificate = dir .. "/key.pem", dir .. "/certificate.pem"
  local made = run("umask 077; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    .. " -nodes -days 30 -subj '/CN=onelogin sandbox' -addext "
    .. quote("subjectAltName=" .. table.concat(names, ","))
    .. " -keyout " .. quote(key) .. " -out " .. quote(certificate) .. " >/dev/null 2>&1 </dev/null")
  local context, problem, pem
  if made then
    context, problem = ssl.newcontext { mode = "server", protocol = "any", key = key,
      certificate = certificate, options = { "all", "no_sslv2", "no_sslv3", "no_tlsv1",
        "no_tlsv1_1" } }
    pem = read(certificate)
  end
  os.remove(key)
  os.remove(certificate)
  run("rmdir " .. quote(dir))
  if not made then return nil, "HTTPS needs the openssl command to make a certificate" end
  if not context then return nil, "TLS: " .. tostring(problem) end
  return { ssl = ssl, context = context, certificate = pem }
end

return tls

-- The key that signs SAML responses, and its certificate: made when first needed, for this process,
-- kept nowhere.
local require = require

local saml_key = {}

local FROM, TO = 1262304000, 2524607999 -- 2010 to 2049: good whatever a virtual clock says

local made

--- { key =, certificate = }, both PEM.  Throws when libcrypto is not at hand.
function saml_key.pair()
  if made then return made end
  local ok, crypto = pcall(require, "onelogin.crypto")
  if not ok then error("sandbox: signing SAML responses needs the module onelogin.crypto", 0) end
  local key = crypto.rsa_generate(2048)
  made = { key = key, certificate = crypto.certificate(key, "OneLogin sandbox", FROM, TO) }
  return made
end

--- The certificate in PEM; nil when libcrypto is not at hand.
function saml_key.certificate()
  local ok, pair = pcall(saml_key.pair)
  return ok and pair.certificate or nil
end

return saml_key

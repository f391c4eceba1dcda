-- A Prosody that runs mod_onelogin_demo and listens nowhere, in a folder of its own:
--
--   ONELOGIN_MODULES=$PWD/examples/loops/prosody ONELOGIN_DATA=/tmp/demo \
--     prosody -F --config $PWD/examples/loops/prosody/prosody.cfg.lua
--
-- Not as root; lua5.4 has to find the module onelogin (LUA_PATH and LUA_CPATH, absolute, or an installed one).
-- luacheck: ignore 111 112 113
daemonize = false
data_path = ENV_ONELOGIN_DATA
certificates = ENV_ONELOGIN_DATA -- none are needed
plugin_paths = { ENV_ONELOGIN_MODULES }
log = { info = "*console" }

modules_disabled = { "c2s", "s2s", "s2s_auth_certs" }

VirtualHost "localhost"
  modules_enabled = { "onelogin_demo" }

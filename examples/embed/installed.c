/* installed.c - the module as `make install` put it: nothing but where to look for it.
 *
 * For an installation in Lua's own folders even this is not needed. */
#include "host.h"

#include <lauxlib.h>

#ifndef MODULE_PATH
#define MODULE_PATH "/usr/local/share/lua/5.4/?.lua;/usr/local/share/lua/5.4/?/init.lua;"
#define MODULE_CPATH "/usr/local/lib/lua/5.4/?.so;"
#endif

/* package[field] = first .. package[field], with package on top */
static void put_first(lua_State *L, const char *field, const char *first)
{
    lua_pushstring(L, first);
    lua_getfield(L, -2, field);
    lua_concat(L, 2);
    lua_setfield(L, -2, field);
}

int host_open_modules(lua_State *L)
{
    lua_getglobal(L, "package");
    put_first(L, "path", MODULE_PATH);
    put_first(L, "cpath", MODULE_CPATH);
    lua_pop(L, 1);
    return 0;
}

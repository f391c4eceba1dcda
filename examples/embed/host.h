/* host.h - what the two programs share: a Lua state that can `require "onelogin"`, and one run of program.lua in it.
 *
 * The programs differ only in host_open_modules. */
#ifndef EXAMPLE_HOST_H
#define EXAMPLE_HOST_H

#include <lua.h>

/* Makes the modules known to a fresh state; returns 0, or -1 with a message on the stack. */
int host_open_modules(lua_State *L);

#endif

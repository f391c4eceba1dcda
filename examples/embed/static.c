/* static.c - everything inside the program: Lua, lua-cjson, the C modules and the library's Lua files.
 *
 * Openers go into package.preload, so `require` finds them and opens each when it is first asked for.  The Lua files
 * come from lua_files.h, which the Makefile writes: { name, text, length } of each. */
#include "host.h"

#include <lauxlib.h>
#include <string.h>

#include "lua_files.h"

int luaopen_cjson(lua_State *L);
int luaopen_onelogin_core(lua_State *L);
int luaopen_onelogin_curl(lua_State *L);
int luaopen_onelogin_crypto(lua_State *L);

/* package.preload's function for a Lua file: compiles and runs it.  Upvalue 1: its place in the list. */
static int load_file(lua_State *L)
{
    const lua_file *f = &lua_files[lua_tointeger(L, lua_upvalueindex(1))];
    int top = lua_gettop(L);
    if (luaL_loadbuffer(L, f->text, f->length, f->chunk) != LUA_OK) {
        return lua_error(L);
    }
    lua_insert(L, 1);
    lua_call(L, top, 1);
    return 1;
}

int host_open_modules(lua_State *L)
{
    static const luaL_Reg openers[] = {
        {"cjson", luaopen_cjson},
        {"onelogin.core", luaopen_onelogin_core},
        {"onelogin.curl", luaopen_onelogin_curl},
        {"onelogin.crypto", luaopen_onelogin_crypto},
        {NULL, NULL},
    };
    size_t i;

    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, openers, 0);
    for (i = 0; i < sizeof lua_files / sizeof lua_files[0]; i++) {
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, load_file, 1);
        lua_setfield(L, -2, lua_files[i].name);
    }
    lua_pop(L, 1);

    /* To show that nothing comes from the disk any more. */
    lua_getglobal(L, "package");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_pop(L, 1);
    return 0;
}

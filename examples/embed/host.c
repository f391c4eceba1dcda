/* host.c - a program with a Lua state of its own: runs program.lua with the settings of its command line.
 *
 *   host PROGRAM.lua BASE_URL CLIENT_ID    the secret comes on standard input: a command line is public */
#include "host.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

static void set(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

/* Errors are strings for misuse and tables with __tostring for the world's failures. */
static int with_traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

static int run(lua_State *L, const char *program, const char *base_url, const char *id)
{
    char secret[256];
    if (fgets(secret, sizeof secret, stdin) == NULL) {
        fputs("the client secret is expected on standard input\n", stderr);
        return -1;
    }
    secret[strcspn(secret, "\r\n")] = '\0';

    lua_pushcfunction(L, with_traceback);
    if (luaL_loadfile(L, program) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        return -1;
    }
    lua_newtable(L);
    set(L, "base_url", base_url);
    set(L, "client_id", id);
    set(L, "client_secret", secret);
    memset(secret, 0, sizeof secret); /* Lua's copy lives as long as the client */
    if (lua_pcall(L, 1, 0, -3) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    lua_State *L;
    int failed;

    if (argc != 4) {
        fprintf(stderr, "usage: %s PROGRAM.lua BASE_URL CLIENT_ID < SECRET\n", argv[0]);
        return 2;
    }
    L = luaL_newstate();
    if (L == NULL) {
        fputs("out of memory\n", stderr);
        return 1;
    }
    luaL_openlibs(L);
    failed = host_open_modules(L);
    if (failed) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
    } else {
        failed = run(L, argv[1], argv[2], argv[3]);
    }
    lua_close(L); /* ends transfers, closes connections, wipes what the C side kept */
    return failed ? 1 : 0;
}

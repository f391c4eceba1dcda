/* core.c - luaopen_onelogin_core: puts the parts on one table for the Lua layer.  Users require "onelogin". */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "types.h"
#include "url.h"
#include "version.h"
#include "when.h"

static double clock_now(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int f_mono(lua_State *L)
{
    lua_pushnumber(L, clock_now(CLOCK_MONOTONIC));
    return 1;
}

static int f_wall(lua_State *L)
{
    lua_pushnumber(L, clock_now(CLOCK_REALTIME));
    return 1;
}

static int f_sleep(lua_State *L)
{
    double s = luaL_checknumber(L, 1);
    struct timespec t;
    if (!(s > 0)) {
        return 0;
    }
    if (s > 1e6) {
        s = 1e6;
    }
    t.tv_sec = (time_t)s;
    t.tv_nsec = (long)((s - floor(s)) * 1e9);
    /* A signal ends the wait early; the call machine is simply asked again. */
    nanosleep(&t, NULL);
    return 0;
}

/* The function that interrupt() makes: f(true) puts Ctrl-C back to what it did then, f(false) has it ignored. */
static int f_set_interrupt(lua_State *L)
{
    struct sigaction ignored;
    if (lua_toboolean(L, 1)) {
        sigaction(SIGINT, lua_touserdata(L, lua_upvalueindex(1)), NULL);
        return 0;
    }
    memset(&ignored, 0, sizeof ignored);
    ignored.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignored, NULL);
    return 0;
}

/* interrupt() -> function(on).  The handler of the lua program works once and is gone, and on some Luas a read goes on
 * after it: a prompt needs it again and again, and its reads ended. */
static int f_interrupt(lua_State *L)
{
    struct sigaction *now = ol_newuserdata(L, sizeof *now);
    memset(now, 0, sizeof *now);
    sigaction(SIGINT, NULL, now);
    now->sa_flags &= ~SA_RESTART;
    lua_pushcclosure(L, f_set_interrupt, 1);
    return 1;
}

/* url.check_base(s) -> length without trailing slashes | nil, why */
static int f_check_base(lua_State *L)
{
    size_t n, len = 0;
    const char *s = luaL_checklstring(L, 1, &n);
    const char *why = ol_url_check_base(s, n, &len);
    if (why != NULL) {
        lua_pushnil(L);
        lua_pushstring(L, why);
        return 2;
    }
    ol_pushwhole(L, (long long)len);
    return 1;
}

/* url.check_path(s), url.check_id(s) -> true | nil, why */
static int told(lua_State *L, const char *why)
{
    if (why != NULL) {
        lua_pushnil(L);
        lua_pushstring(L, why);
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}

static int f_check_path(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    return told(L, ol_url_check_path(s, n));
}

static int f_encode(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    ol_buf *b = ol_json_pushbuf(L, 0);
    if (!ol_url_encode(b, s, n)) {
        return luaL_error(L, "not enough memory");
    }
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

/* time.iso(s), time.http(s) -> unix time | nil */
static int f_iso(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    double t;
    if (!ol_when_iso(s, n, &t)) {
        return 0;
    }
    lua_pushnumber(L, t);
    return 1;
}

static int f_http(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    double t;
    if (!ol_when_http(s, n, &t)) {
        return 0;
    }
    lua_pushnumber(L, t);
    return 1;
}

static void open_meta(lua_State *L, const char *field, const char *name)
{
    luaL_getmetatable(L, name);
    lua_setfield(L, -2, field);
}

static void open_table(lua_State *L, const char *name, const luaL_Reg *functions)
{
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
    lua_setfield(L, -2, name);
}

OL_EXPORT int luaopen_onelogin_core(lua_State *L);

OL_EXPORT int luaopen_onelogin_core(lua_State *L)
{
    static const luaL_Reg clock_functions[] = {{"mono", f_mono}, {"wall", f_wall}, {"sleep", f_sleep}, {NULL, NULL}};
    static const luaL_Reg url_functions[] = {
        {"check_base", f_check_base}, {"check_path", f_check_path}, {"encode", f_encode}, {NULL, NULL}};
    static const luaL_Reg time_functions[] = {{"iso", f_iso}, {"http", f_http}, {NULL, NULL}};

    lua_newtable(L);
    lua_pushliteral(L, OL_VERSION);
    lua_setfield(L, -2, "version");
    ol_json_open(L);
    lua_setfield(L, -2, "json");
    ol_response_open(L);
    lua_setfield(L, -2, "response");
    open_table(L, "clock", clock_functions);
    open_table(L, "url", url_functions);
    open_table(L, "time", time_functions);
    lua_pushcfunction(L, f_interrupt);
    lua_setfield(L, -2, "interrupt");
    ol_open_client(L);
    lua_setfield(L, -2, "client");
    ol_open_operation(L);
    lua_setfield(L, -2, "operation");
    ol_open_call(L);
    lua_setfield(L, -2, "call");
    ol_open_pager(L);
    lua_setfield(L, -2, "pager");

    luaL_newmetatable(L, OL_ERROR);
    lua_pop(L, 1);
    /* The Lua layer adds its methods to these; users never see them (__metatable = false). */
    lua_newtable(L);
    open_meta(L, "client", OL_CLIENT);
    open_meta(L, "operation", OL_OPERATION);
    open_meta(L, "call", OL_CALL);
    open_meta(L, "pager", OL_PAGER);
    open_meta(L, "error", OL_ERROR);
    lua_setfield(L, -2, "meta");
    return 1;
}

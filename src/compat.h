/* compat.h - the differences between Lua 5.1, LuaJIT, 5.3 and 5.4, and nothing else.
 *
 * The only file that looks at LUA_VERSION_NUM.  Names are our own: LuaJIT's lauxlib declares
 * luaL_setfuncs and friends, plain 5.1 does not, and one 5.1 binary has to load in both. */
#ifndef OL_COMPAT_H
#define OL_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>
#include <string.h>

#define OL_EXPORT __attribute__((visibility("default")))

#if LUA_VERSION_NUM >= 503
#define OL_HAS_INTEGERS 1
#else
#define OL_HAS_INTEGERS 0
#endif

/* Turns a possibly negative index into one that survives pushes. */
static inline int ol_absindex(lua_State *L, int idx)
{
    return (idx > 0 || idx <= LUA_REGISTRYINDEX) ? idx : lua_gettop(L) + idx + 1;
}

static inline size_t ol_rawlen(lua_State *L, int idx)
{
#if LUA_VERSION_NUM >= 502
    return (size_t)lua_rawlen(L, idx);
#else
    return lua_objlen(L, idx);
#endif
}

/* lua_rawgetp / lua_rawsetp for the registry; `key` is the address of a static char. */
static inline void ol_getreg(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)(size_t)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

/* Pops a value into the registry under `key`. */
static inline void ol_setreg(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)(size_t)key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* Adds the functions of `l` to the table below `nup` upvalues on top; pops the upvalues. */
static inline void ol_setfuncs(lua_State *L, const luaL_Reg *l, int nup)
{
    luaL_checkstack(L, nup + 1, "too many upvalues");
    for (; l->name != NULL; l++) {
        int i;
        for (i = 0; i < nup; i++) {
            lua_pushvalue(L, -nup);
        }
        lua_pushcclosure(L, l->func, nup);
        lua_setfield(L, -(nup + 2), l->name);
    }
    lua_pop(L, nup);
}

static inline void ol_setmetatable(lua_State *L, const char *tname)
{
    luaL_getmetatable(L, tname);
    lua_setmetatable(L, -2);
}

/* NULL when the value is not a userdata of type `tname`. */
static inline void *ol_testudata(lua_State *L, int idx, const char *tname)
{
    void *p = lua_touserdata(L, idx);
    if (p == NULL || lua_islightuserdata(L, idx) || !lua_getmetatable(L, idx)) {
        return NULL;
    }
    luaL_getmetatable(L, tname);
    if (!lua_rawequal(L, -1, -2)) {
        p = NULL;
    }
    lua_pop(L, 2);
    return p;
}

/* First in a userdata that is looked at on every call: it knows its own metatable, so that asking what it is takes no
 * search in the registry.  No userdata of anybody else begins with the address of its own metatable. */
typedef struct ol_head {
    const void *meta;
    const char *name; /* static; other modules have another copy */
} ol_head;

/* For the userdata on top, when it has its metatable. */
static inline void ol_head_set(lua_State *L, ol_head *head, const char *tname)
{
    head->name = tname;
    head->meta = lua_getmetatable(L, -1) ? lua_topointer(L, -1) : NULL;
    lua_pop(L, head->meta != NULL ? 1 : 0);
}

/* NULL when the value is no such userdata, of at least so many bytes. */
static inline void *ol_headed(lua_State *L, int idx, const char *tname, size_t least)
{
    ol_head *h;
    const void *meta;
    if (lua_type(L, idx) != LUA_TUSERDATA || ol_rawlen(L, idx) < least || !lua_getmetatable(L, idx)) {
        return NULL;
    }
    meta = lua_topointer(L, -1);
    lua_pop(L, 1);
    h = lua_touserdata(L, idx);
    return h->meta == meta && (h->name == tname || strcmp(h->name, tname) == 0) ? h : NULL;
}

/* Each userdata of ours carries one Lua table beside it: the uservalue, on 5.1 the environment. */
static inline void *ol_newuserdata(lua_State *L, size_t n)
{
#if LUA_VERSION_NUM >= 504
    return lua_newuserdatauv(L, n, 1);
#else
    return lua_newuserdata(L, n);
#endif
}

/* Pops a table and makes it the uservalue of the userdata at idx. */
static inline void ol_setuservalue(lua_State *L, int idx)
{
#if LUA_VERSION_NUM >= 504
    lua_setiuservalue(L, idx, 1);
#elif LUA_VERSION_NUM >= 502
    lua_setuservalue(L, idx);
#else
    lua_setfenv(L, idx);
#endif
}

/* Pushes the uservalue of the userdata at idx (on 5.1 the module's environment when none was set). */
static inline void ol_getuservalue(lua_State *L, int idx)
{
#if LUA_VERSION_NUM >= 504
    lua_getiuservalue(L, idx, 1);
#elif LUA_VERSION_NUM >= 502
    lua_getuservalue(L, idx);
#else
    lua_getfenv(L, idx);
#endif
}

/* True when the number at idx is whole and fits a double or lua_Integer exactly; stores it. */
static inline int ol_iswhole(lua_State *L, int idx, long long *out)
{
    lua_Number n;
    if (lua_type(L, idx) != LUA_TNUMBER) {
        return 0;
    }
#if OL_HAS_INTEGERS
    if (lua_isinteger(L, idx)) {
        *out = (long long)lua_tointeger(L, idx);
        return 1;
    }
#endif
    n = lua_tonumber(L, idx);
    if (!(n >= -9007199254740992.0 && n <= 9007199254740992.0) || n != (lua_Number)(long long)n) {
        return 0;
    }
    *out = (long long)n;
    return 1;
}

/* Pushes a whole number: an integer where Lua has them. */
static inline void ol_pushwhole(lua_State *L, long long n)
{
#if OL_HAS_INTEGERS
    lua_pushinteger(L, (lua_Integer)n);
#else
    lua_pushnumber(L, (lua_Number)n);
#endif
}

#endif

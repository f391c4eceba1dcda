/* The integers of json.h that this Lua's numbers cannot hold: a userdata that keeps the digits. */
#include "compat.h"
#include "json.h"

#define BOXED "onelogin.integer"
#define EXACT 9007199254740992.0 /* 2^53 */

typedef struct boxed {
    size_t len;
    char digits[]; /* NUL-terminated */
} boxed;

const char *ol_json_boxed(lua_State *L, int idx, size_t *len)
{
    const boxed *b = NULL;
    if (lua_type(L, idx) == LUA_TUSERDATA) {
        b = ol_testudata(L, idx, BOXED);
    }
    if (b == NULL) {
        return NULL;
    }
    if (len != NULL) {
        *len = b->len;
    }
    return b->digits;
}

static int boxed_tostring(lua_State *L)
{
    size_t n;
    const char *s = ol_json_boxed(L, 1, &n);
    if (s == NULL) {
        return luaL_error(L, "not a boxed integer");
    }
    lua_pushlstring(L, s, n);
    return 1;
}

/* Replaces the operand at idx by text. */
static void to_text(lua_State *L, int idx)
{
    size_t n;
    const char *s = ol_json_boxed(L, idx, &n);
    if (s != NULL) {
        lua_pushlstring(L, s, n);
        lua_replace(L, idx);
    } else if (!lua_isstring(L, idx)) {
        luaL_error(L, "attempt to concatenate a %s value", luaL_typename(L, idx));
    }
}

static int boxed_concat(lua_State *L)
{
    lua_settop(L, 2);
    to_text(L, 1);
    to_text(L, 2);
    lua_concat(L, 2);
    return 1;
}

/* <0, 0, >0 as in memcmp; throws unless both are boxed. */
static int compare(lua_State *L)
{
    size_t n, m;
    const char *a = ol_json_boxed(L, 1, &n);
    const char *b = ol_json_boxed(L, 2, &m);
    int sign = 1;
    if (a == NULL || b == NULL) {
        return luaL_error(L, "a boxed integer (too big for this Lua's numbers) compares only with "
                             "another; use tostring()");
    }
    if ((*a == '-') != (*b == '-')) {
        return *a == '-' ? -1 : 1;
    }
    sign = *a == '-' ? -1 : 1;
    if (n != m) {
        return n < m ? -sign : sign;
    }
    return sign * memcmp(a, b, n);
}

static int boxed_eq(lua_State *L)
{
    size_t n, m;
    const char *a = ol_json_boxed(L, 1, &n);
    const char *b = ol_json_boxed(L, 2, &m);
    lua_pushboolean(L, a != NULL && b != NULL && n == m && memcmp(a, b, n) == 0);
    return 1;
}

static int boxed_lt(lua_State *L)
{
    lua_pushboolean(L, compare(L) < 0);
    return 1;
}

static int boxed_le(lua_State *L)
{
    lua_pushboolean(L, compare(L) <= 0);
    return 1;
}

static const luaL_Reg boxed_meta[] = {
    {"__tostring", boxed_tostring}, {"__concat", boxed_concat}, {"__eq", boxed_eq},
    {"__lt", boxed_lt},             {"__le", boxed_le},         {NULL, NULL},
};

static void push_boxed(lua_State *L, const char *digits, size_t len)
{
    boxed *b = ol_newuserdata(L, sizeof *b + len + 1);
    b->len = len;
    memcpy(b->digits, digits, len);
    b->digits[len] = '\0';
    if (luaL_newmetatable(L, BOXED)) {
        ol_setfuncs(L, boxed_meta, 0);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
}

void ol_json_pushinteger(lua_State *L, const char *s, size_t n)
{
    size_t i = *s == '-';
    unsigned long long v = 0, limit;
    int fits = n - i <= 19;

    for (; fits && i < n; i++) {
        v = v * 10 + (unsigned long long)(s[i] - '0'); /* 19 digits fit 64 bits */
    }
#if OL_HAS_INTEGERS
    limit = (unsigned long long)LUA_MAXINTEGER + (*s == '-');
#else
    limit = (unsigned long long)EXACT;
#endif
    if (!fits || v > limit) {
        push_boxed(L, s, n);
        return;
    }
#if OL_HAS_INTEGERS
    lua_pushinteger(L, (lua_Integer)(*s == '-' ? 0 - v : v));
#else
    lua_pushnumber(L, *s == '-' ? -(lua_Number)v : (lua_Number)v);
#endif
}

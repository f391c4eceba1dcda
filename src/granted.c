#include "granted.h"

#include "compat.h"
#include "json.h"

#include <string.h>

static const char pending[] = "pending", undecided[] = "undecided";

/* Is field `key` of the value at idx a text that has `word` (lower case) in it, or is nothing else? */
static int field_says(lua_State *L, int idx, const char *key, const char *word, int whole)
{
    int says = 0;
    if (ol_json_field(L, idx, key) == LUA_TSTRING) {
        size_t len, i, k, n = strlen(word);
        const char *s = lua_tolstring(L, -1, &len);
        for (i = 0; !says && i + n <= len; i++) {
            for (k = 0; k < n && (s[i + k] | 0x20) == word[k]; k++) {
            }
            says = k == n && (!whole || n == len);
        }
    }
    lua_pop(L, 1);
    return says;
}

static int has_field(lua_State *L, int idx, const char *key)
{
    int has = ol_json_field(L, idx, key) != LUA_TNIL && !ol_json_is_null(L, -1);
    lua_pop(L, 1);
    return has;
}

/* Is the value at idx an object with something in it? */
static int is_object(lua_State *L, int idx)
{
    if (!lua_istable(L, idx) || ol_json_is_array(L, idx)) {
        return 0;
    }
    lua_pushnil(L);
    if (lua_next(L, idx) == 0) {
        return 0;
    }
    lua_pop(L, 2);
    return 1;
}

/* { status, data }: the status says success and nothing of waiting, and the token is there where there is one to be
 * had. */
static const char *wrapped(lua_State *L, const ol_shape *shape, int envelope, int result)
{
    if (field_says(L, envelope, "type", pending, 0) || field_says(L, envelope, "message", pending, 0)) {
        return pending;
    }
    if (shape->none) {
        return field_says(L, envelope, "type", "success", 1) ? NULL : undecided;
    }
    return lua_type(L, result) == LUA_TSTRING || is_object(L, result) ? NULL : undecided;
}

/* Bare: in version 2 what is granted is the member data; some v1 routes answer bare too. */
static const char *bare(lua_State *L, const ol_shape *shape, int result)
{
    if (shape->none || !is_object(L, result)) {
        return undecided;
    }
    if (has_field(L, result, "data")) {
        return NULL;
    }
    if (field_says(L, result, "message", pending, 0) || field_says(L, result, "status", pending, 0)) {
        return pending;
    }
    return shape->v1 ? NULL : undecided;
}

const char *ol_granted_not(lua_State *L, const ol_shape *shape, int envelope, int result)
{
    return envelope != 0 ? wrapped(L, shape, envelope, result) : bare(L, shape, result);
}

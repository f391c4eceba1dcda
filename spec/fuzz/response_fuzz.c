/* response_fuzz.c - any bytes as an answer: the first two choose status and shape, the rest is the body.
 * A result or an error table with a message, never a throw and never a crash. */
#include "json.h"
#include "response.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lua_State *L;

static void check(int is_error, const ol_facts *facts)
{
    if (lua_gettop(L) != 3 || is_error != (facts->kind != OL_KIND_NONE)) {
        abort();
    }
    if (is_error) {
        if (!lua_isnil(L, 2) || !lua_istable(L, 3)) {
            abort();
        }
        lua_getfield(L, 3, "message");
        if (lua_type(L, -1) != LUA_TSTRING) {
            abort();
        }
    }
    lua_settop(L, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503, 0, 401, 200};
    static unsigned runs;
    ol_shape shape = {0};
    ol_facts facts;
    ol_token_facts token;

    if (size < 2) {
        return 0;
    }
    if (L == NULL) {
        L = luaL_newstate();
        luaL_openlibs(L);
        ol_json_open(L);
    }
    lua_settop(L, 0);
    lua_newtable(L);
    lua_pushinteger(L, statuses[data[0] & 15]);
    lua_setfield(L, 1, "status");
    lua_pushlstring(L, (const char *)data + 2, size - 2);
    lua_setfield(L, 1, "body");
    lua_newtable(L);
    lua_pushlstring(L, (const char *)data + 2, size - 2 < 40 ? size - 2 : 40);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "Retry-After");
    lua_setfield(L, -2, data[0] & 16 ? "X-RateLimit-Reset" : "Date");
    lua_setfield(L, 1, "headers");

    shape.v1 = data[1] & 1;
    shape.list = (data[1] & 6) == 2;
    shape.none = (data[1] & 6) == 4;
    shape.value = (data[1] & 6) == 6;
    shape.nested = (data[1] & 8) != 0;
    shape.unwrap = data[1] & 16 ? "data" : NULL;
    shape.person = (data[1] & 32) != 0;
    shape.nulls_nil = (data[1] & 64) != 0;
    shape.paged = shape.list && data[1] & 128 ? 1 : 0;
    ol_response_map(L, &shape, 1, NULL, &facts);
    check(lua_isnil(L, 2), &facts);
    ol_response_token(L, 1, NULL, &facts, &token);
    check(token.access_token == NULL, &facts);
    if (++runs % 1000 == 0) {
        lua_gc(L, LUA_GCCOLLECT, 0);
    }
    return 0;
}

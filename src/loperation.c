/* loperation.c - the operation userdata: what the call machine and the mapping need to know of one entry of the
 * declared table, read once. */
#include <stdlib.h>

#include "buf.h"
#include "types.h"
#include "url.h"

/* A copy of the string field, or NULL when there is none. */
static char *may_string(lua_State *L, int idx, const char *name)
{
    char *copy = NULL;
    lua_getfield(L, idx, name);
    if (lua_type(L, -1) == LUA_TSTRING) {
        copy = ol_strdup(lua_tostring(L, -1), ol_rawlen(L, -1));
        if (copy == NULL) {
            luaL_error(L, "not enough memory");
        }
    }
    lua_pop(L, 1);
    return copy;
}

static char *need_string(lua_State *L, int idx, const char *name)
{
    char *copy = may_string(L, idx, name);
    if (copy == NULL) {
        luaL_error(L, "operation: \"%s\" must be a string", name);
    }
    return copy;
}

/* Is the optional string field equal to `want`? */
static int field_is(lua_State *L, int idx, const char *name, const char *want)
{
    int r;
    lua_getfield(L, idx, name);
    r = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), want) == 0;
    lua_pop(L, 1);
    return r;
}

static int field_true(lua_State *L, int idx, const char *name)
{
    int r;
    lua_getfield(L, idx, name);
    r = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return r;
}

/* core.operation(client, id, entry, uservalue) */
static int new_operation(lua_State *L)
{
    ol_lop *op;
    ol_check_client(L, 1);
    luaL_checktype(L, 3, LUA_TTABLE);
    luaL_checktype(L, 4, LUA_TTABLE);
    lua_settop(L, 4);
    op = ol_newuserdata(L, sizeof *op);
    memset(op, 0, sizeof *op);
    ol_setmetatable(L, OL_OPERATION);
    ol_head_set(L, &op->head, OL_OPERATION);
    lua_pushvalue(L, 1);
    lua_setfield(L, 4, "client");
    lua_pushvalue(L, 4);
    ol_setuservalue(L, 5);

    op->method = need_string(L, 3, "method");
    op->path = need_string(L, 3, "path");
    op->id = ol_strdup(luaL_checkstring(L, 2), strlen(luaL_checkstring(L, 2)));
    if (op->id == NULL) {
        return luaL_error(L, "not enough memory");
    }
    op->n_ids = ol_url_count(op->path);
    op->lane = strncmp(op->path, "/api/1/", 7) == 0 ? OL_LANE_V1 : OL_LANE_V2;
    op->auth = field_is(L, 3, "auth", "client")  ? OL_AUTH_CLIENT
               : field_is(L, 3, "auth", "none") ? OL_AUTH_NONE
                                                : OL_AUTH_BEARER;
    op->reads = strcmp(op->method, "GET") == 0 || strcmp(op->method, "HEAD") == 0;
    op->trait = field_is(L, 3, "retry", "never")    ? OL_NEVER
                : field_is(L, 3, "retry", "safe")   ? OL_SAFE
                : field_is(L, 3, "retry", "unsent") ? OL_UNSENT
                : op->reads                         ? OL_SAFE
                                                    : OL_UNSENT;
    op->shape.v1 = field_is(L, 3, "envelope", "v1");
    op->shape.list = field_is(L, 3, "result", "list");
    op->shape.none = field_is(L, 3, "result", "none");
    op->shape.value = field_is(L, 3, "result", "value");
    op->shape.nested = field_true(L, 3, "nested");
    op->shape.person = field_true(L, 3, "person");
    op->shape.pending = field_true(L, 3, "pending");
    op->shape.paged = field_is(L, 3, "paging", "v1") ? 1 : field_is(L, 3, "paging", "v2") ? 2 : 0;
    op->shape.token = op->auth == OL_AUTH_CLIENT || field_is(L, 3, "envelope", "token");
    op->shape.raw = field_is(L, 3, "format", "xml");
    op->form = field_true(L, 3, "form");
    op->unwrap = may_string(L, 3, "unwrap");
    op->shape.unwrap = op->unwrap;
    op->host = may_string(L, 3, "host");
    lua_getfield(L, 3, "success");
    if (lua_istable(L, -1)) {
        int i;
        for (i = 1; i <= (int)ol_rawlen(L, -1); i++) {
            lua_rawgeti(L, -1, i);
            if (lua_tointeger(L, -1) > 299) {
                op->shape.also = (int)lua_tointeger(L, -1);
            }
            lua_pop(L, 1);
        }
    }
    lua_settop(L, 5);
    return 1;
}

ol_lop *ol_check_op(lua_State *L, int idx)
{
    ol_lop *op = ol_headed(L, idx, OL_OPERATION, sizeof *op);
    if (op == NULL) {
        op = luaL_checkudata(L, idx, OL_OPERATION);
    }
    if (op->id == NULL) {
        luaL_error(L, "this operation was already finalised");
    }
    return op;
}

static int m_close(lua_State *L)
{
    ol_lop *op = luaL_checkudata(L, 1, OL_OPERATION);
    free(op->id);
    free(op->method);
    free(op->path);
    free(op->unwrap);
    free(op->host);
    memset(op, 0, sizeof *op);
    return 0;
}

static int m_tostring(lua_State *L)
{
    ol_lop *op = luaL_checkudata(L, 1, OL_OPERATION);
    lua_pushfstring(L, "onelogin.operation (%s)", op->id != NULL ? op->id : "finalised");
    return 1;
}

/* core.operation.state(op) -> the table given at creation. */
static int f_state(lua_State *L)
{
    if (ol_headed(L, 1, OL_OPERATION, sizeof(ol_lop)) == NULL) {
        luaL_checkudata(L, 1, OL_OPERATION);
    }
    ol_getuservalue(L, 1);
    return 1;
}

void ol_open_operation(lua_State *L)
{
    static const luaL_Reg methods[] = {{NULL, NULL}};
    static const luaL_Reg functions[] = {{"new", new_operation}, {"state", f_state}, {NULL, NULL}};
    ol_newtype(L, OL_OPERATION, methods, m_close, m_tostring);
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
}

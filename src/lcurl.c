/* lcurl.c - the Lua face of the engine: onelogin.curl.
 *
 * Checks every argument before anything is acquired.  A userdata holds one C object; what that
 * object needs it keeps alive itself, so finalisers may run in any order.  libcurl's callbacks
 * never come here: they end in engine.c and transfer.c. */
#include "compat.h"
#include "engine.h"
#include "lmessage.h"
#include "request.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ENGINE "onelogin.curl.engine"
#define TRANSFER "onelogin.curl.transfer"

OL_EXPORT int luaopen_onelogin_curl(lua_State *L);

typedef struct engine_box {
    ol_head head;
    ol_engine *engine; /* NULL until made */
} engine_box;

typedef struct transfer_box {
    ol_head head;
    ol_transfer *transfer; /* NULL before the start and once the result was taken */
    int raw;               /* it was asked for by a call, which takes the answer unread */
} transfer_box;

/* ---- arguments ---- */

static engine_box *engine_any(lua_State *L, int idx)
{
    engine_box *b = ol_headed(L, idx, ENGINE, sizeof *b);
    if (b == NULL || b->engine == NULL) {
        luaL_error(L, "an engine made by curl.engine() is needed here; call methods with a colon");
    }
    return b;
}

static ol_engine *engine_open(lua_State *L, int idx)
{
    engine_box *b = engine_any(L, idx);
    if (ol_engine_closed(b->engine)) {
        luaL_error(L, "this engine is closed; make another with curl.engine()");
    }
    return b->engine;
}

static transfer_box *transfer_any(lua_State *L, int idx)
{
    transfer_box *b = ol_headed(L, idx, TRANSFER, sizeof *b);
    if (b == NULL) {
        luaL_error(L, "a transfer made by engine:start() is needed here");
    }
    return b;
}

/* ---- transfers ---- */

static void release(transfer_box *b)
{
    if (b->transfer != NULL) {
        ol_transfer *t = b->transfer;
        b->transfer = NULL;
        ol_transfer_release(t);
    }
}

enum { OWN_BOX = -1 }; /* one is kept in the engine's table: a blocking send needs it no longer than itself */

/* Pushes an empty box: OWN_BOX, or the one at `spare` if it is such, or a new one. */
static transfer_box *empty_box(lua_State *L, int spare)
{
    transfer_box *b;
    if (spare > 0 && (b = ol_headed(L, spare, TRANSFER, sizeof *b)) != NULL && b->transfer == NULL) {
        lua_pushvalue(L, spare);
        return b;
    }
    if (spare == OWN_BOX) {
        ol_getuservalue(L, 1);
        lua_rawgeti(L, -1, 2);
        lua_remove(L, -2);
        b = lua_touserdata(L, -1);
        if (b != NULL && b->transfer == NULL) {
            return b;
        }
        lua_pop(L, 1);
    }
    b = ol_newuserdata(L, sizeof *b);
    b->transfer = NULL;
    ol_setmetatable(L, TRANSFER);
    ol_head_set(L, &b->head, TRANSFER);
    if (spare == OWN_BOX) {
        ol_getuservalue(L, 1);
        lua_pushvalue(L, -2);
        lua_rawseti(L, -2, 2);
        lua_pop(L, 1);
    }
    return b;
}

/* Pushes a started transfer.  The userdata comes first, so nothing is lost when memory ends. */
static transfer_box *start(lua_State *L, ol_engine *e, int spare, double number)
{
    ol_request r;
    transfer_box *b;
    int headers = 0;
    const ol_wire *wire = ol_wire_at(L, 2);

    if (wire != NULL) {
        ol_read_wire(L, wire, &r);
    } else {
        ol_read_request(L, 2, &r, &headers);
    }
    b = empty_box(L, spare);
    b->raw = wire != NULL;
    b->transfer = ol_transfer_new(e);
    if (b->transfer == NULL) {
        luaL_error(L, "out of memory, or a libcurl older than 7.87");
    }
    if (wire != NULL) {
        ol_add_wire_headers(L, wire, b->transfer);
    } else {
        ol_add_headers(L, headers, b->transfer);
    }
    ol_transfer_number(b->transfer, number);
    ol_transfer_start(b->transfer, &r);
    return b;
}

/* Pushes response (for a call: status, head, body), or nil and failure; gives the transfer back. */
static int push_result(lua_State *L, transfer_box *b)
{
    int n = b->raw ? ol_push_raw(L, b->transfer) : ol_push_result(L, b->transfer);
    release(b);
    return n;
}

static int l_transfer_done(lua_State *L)
{
    transfer_box *b = transfer_any(L, 1);
    lua_pushboolean(L, b->transfer == NULL || ol_transfer_done(b->transfer));
    return 1;
}

static int l_transfer_result(lua_State *L)
{
    transfer_box *b = transfer_any(L, 1);
    if (b->transfer == NULL) {
        return luaL_error(L, "this transfer's result was taken before; keep what result() returns");
    }
    if (!ol_transfer_done(b->transfer)) {
        return luaL_error(L, "this transfer is not done; use engine:wait(transfer) first");
    }
    return push_result(L, b);
}

static int l_transfer_cancel(lua_State *L)
{
    transfer_box *b = transfer_any(L, 1);
    if (b->transfer != NULL) {
        ol_transfer_cancel(b->transfer);
    }
    return 0;
}

static int l_transfer_gc(lua_State *L)
{
    transfer_box *b = ol_testudata(L, 1, TRANSFER);
    if (b != NULL) {
        release(b);
    }
    return 0;
}

static int l_transfer_tostring(lua_State *L)
{
    transfer_box *b = transfer_any(L, 1);
    lua_pushfstring(L, "onelogin.curl transfer (%s)",
                    b->transfer == NULL                ? "taken"
                    : ol_transfer_done(b->transfer) ? "done"
                                                    : "running");
    return 1;
}

/* ---- engines ---- */

/* Blocks until done.  Ctrl-C in an interpreter works by a hook, which runs only between Lua
 * instructions: when a signal has set one, stop waiting so that it can.  Returns as
 * ol_engine_wait. */
static int wait_done(lua_State *L, ol_engine *e, ol_transfer *t, double max)
{
    lua_Hook hook = lua_gethook(L);
    int r;
    while ((r = ol_engine_wait(e, t, max)) < 0) {
        if (lua_gethook(L) != hook) {
            return -1;
        }
    }
    return r;
}

static int l_engine_send(lua_State *L)
{
    ol_engine *e = engine_open(L, 1);
    transfer_box *b;
    lua_settop(L, 2);
    b = start(L, e, OWN_BOX, 0);
    if (wait_done(L, e, b->transfer, -1) < 0) {
        ol_transfer_cancel(b->transfer);
    }
    return push_result(L, b);
}

/* engine:start(request, spare, number): spare: a transfer whose result was taken and that nobody else holds, to be used
 * again; number: what engine:ended() says when it has ended. */
static int l_engine_start(lua_State *L)
{
    ol_engine *e = engine_open(L, 1);
    double number;
    lua_settop(L, 4);
    number = lua_isnil(L, 4) ? 0 : lua_tonumber(L, 4);
    if (!(number > 0) && !lua_isnil(L, 4)) {
        return luaL_error(L, "the number of a transfer must be above 0");
    }
    start(L, e, 3, number);
    /* The transfer keeps its engine: the engine's own table, which holds the engine. */
    ol_getuservalue(L, 1);
    ol_setuservalue(L, -2);
    return 1;
}

/* nil or a number of seconds; `fallback` for nil. */
static double seconds_arg(lua_State *L, int idx, const char *name, double fallback)
{
    double n;
    if (lua_isnoneornil(L, idx)) {
        return fallback;
    }
    n = lua_type(L, idx) == LUA_TNUMBER ? lua_tonumber(L, idx) : -1;
    if (!(n >= 0)) {
        luaL_error(L, "%s must be a number of seconds, 0 or more", name);
    }
    return n;
}

static int l_engine_wait(lua_State *L)
{
    engine_box *eb = engine_any(L, 1);
    ol_transfer *t = NULL;
    double max = seconds_arg(L, 3, "max_seconds", -1);
    if (!lua_isnoneornil(L, 2)) {
        transfer_box *b = transfer_any(L, 2);
        t = b->transfer;
        if (t == NULL || ol_transfer_done(t)) {
            lua_pushboolean(L, 1);
            return 1;
        }
        if (!ol_transfer_belongs(t, eb->engine)) {
            return luaL_error(L, "this transfer belongs to another engine");
        }
    }
    lua_pushboolean(L, wait_done(L, engine_open(L, 1), t, max) == 1);
    return 1;
}

static int l_engine_fds(lua_State *L)
{
    size_t i, n;
    const struct pollfd *p;
    engine_open(L, 1);
    /* All that may run a finaliser comes before asking: it could change the list. */
    lua_settop(L, 1);
    lua_pushliteral(L, "r");
    lua_pushliteral(L, "w");
    lua_pushliteral(L, "rw");
    lua_createtable(L, 0, 4);
    p = ol_engine_fds(engine_any(L, 1)->engine, &n);
    for (i = 0; i < n; i++) {
        int in = p[i].events & POLLIN, out = p[i].events & POLLOUT;
        lua_pushvalue(L, in && out ? 4 : out ? 3 : 2);
        lua_rawseti(L, 5, p[i].fd);
    }
    return 1;
}

static int l_engine_timeout(lua_State *L)
{
    double s = ol_engine_timeout(engine_open(L, 1));
    if (s < 0) {
        lua_pushnil(L);
    } else {
        lua_pushnumber(L, s);
    }
    return 1;
}

static int l_engine_step(lua_State *L)
{
    ol_engine *e = engine_open(L, 1);
    long long fd = -1;
    int events = 0;
    double before = ol_engine_finished(e);

    if (!lua_isnoneornil(L, 2)
        && (!ol_iswhole(L, 2, &fd) || fd < -1 || fd > INT_MAX)) {
        return luaL_error(L, "fd must be a number from engine:fds(), or nil for the timeout");
    }
    if (fd >= 0) {
        const char *p = lua_type(L, 3) == LUA_TSTRING ? lua_tostring(L, 3) : "?";
        for (; *p != '\0'; p++) {
            switch (*p) {
            case 'r': events |= POLLIN; break;
            case 'w': events |= POLLOUT; break;
            case 'e': events |= POLLERR; break;
            default: return luaL_error(L, "events must be \"r\", \"w\", \"rw\" or \"e\"");
            }
        }
    }
    ol_engine_step(e, (int)fd, events);
    ol_pushwhole(L, (long long)(ol_engine_finished(e) - before));
    return 1;
}

static int l_engine_tick(lua_State *L)
{
    ol_engine *e = engine_open(L, 1);
    double budget = seconds_arg(L, 2, "budget", 0);
    double before = ol_engine_finished(e);
    ol_engine_tick(e, budget);
    ol_pushwhole(L, ol_engine_running(e));
    ol_pushwhole(L, (long long)(ol_engine_finished(e) - before));
    return 2;
}

static int l_engine_running(lua_State *L)
{
    ol_pushwhole(L, ol_engine_running(engine_any(L, 1)->engine));
    return 1;
}

static void set_whole(lua_State *L, const char *name, double n)
{
    ol_pushwhole(L, (long long)n);
    lua_setfield(L, -2, name);
}

/* engine:ended() -> the number of a transfer that has ended, once for each; nil when there is no further one. */
static int l_engine_ended(lua_State *L)
{
    double number = ol_engine_ended(engine_any(L, 1)->engine);
    if (number > 0) {
        ol_pushwhole(L, (long long)number);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

static int l_engine_stats(lua_State *L)
{
    ol_stats s;
    ol_engine *e = engine_any(L, 1)->engine;
    ol_engine_stats(e, &s);
    lua_createtable(L, 0, 6);
    set_whole(L, "requests", s.requests);
    set_whole(L, "connections", s.connections);
    set_whole(L, "reused", s.reused);
    set_whole(L, "resends", s.resends);
    set_whole(L, "refused", s.refused);
    set_whole(L, "running", ol_engine_running(e));
    return 1;
}

static int l_engine_close(lua_State *L)
{
    ol_engine_close(engine_any(L, 1)->engine);
    return 0;
}

static int l_engine_gc(lua_State *L)
{
    engine_box *b = ol_testudata(L, 1, ENGINE);
    if (b != NULL && b->engine != NULL) {
        ol_engine *e = b->engine;
        b->engine = NULL;
        ol_engine_close(e);
        ol_engine_unref(e);
    }
    return 0;
}

static int l_engine_tostring(lua_State *L)
{
    engine_box *b = engine_any(L, 1);
    if (ol_engine_closed(b->engine)) {
        lua_pushliteral(L, "onelogin.curl engine (closed)");
    } else {
        lua_pushfstring(L, "onelogin.curl engine (%d running)", ol_engine_running(b->engine));
    }
    return 1;
}

/* ---- options ---- */

static const char *const option_names[] = {
    "ca_file",    "ca_blob",         "pinned_key",   "proxy",
    "user_agent", "max_connections", "http_version", NULL
};

/* The string at options[name], kept alive by the table; NULL when absent. */
static const char *option(lua_State *L, const char *name, size_t *len)
{
    const char *s = NULL;
    *len = 0;
    lua_pushstring(L, name);
    lua_rawget(L, 1);
    if (!lua_isnil(L, -1)) {
        if (lua_type(L, -1) != LUA_TSTRING) {
            luaL_error(L, "%s must be a string", name);
        }
        s = lua_tolstring(L, -1, len);
        if (*len == 0 || strlen(s) != *len) {
            luaL_error(L, "%s is empty or holds a NUL byte", name);
        }
    }
    lua_pop(L, 1);
    return s;
}

static void check_option_names(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        int i = 0;
        while (name != NULL && option_names[i] != NULL && strcmp(option_names[i], name) != 0) {
            i++;
        }
        if (name == NULL || option_names[i] == NULL) {
            luaL_error(L,
                       "unknown engine option '%s'; there are ca_file, ca_blob, pinned_key, "
                       "proxy, user_agent, max_connections and http_version",
                       name != NULL ? name : lua_typename(L, lua_type(L, -2)));
        }
        lua_pop(L, 1);
    }
}

static void read_options(lua_State *L, ol_engine_options *o)
{
    size_t len;
    const char *s, *wrong;

    check_option_names(L);
    o->ca_file = option(L, "ca_file", &len);
    o->ca_blob = option(L, "ca_blob", &o->ca_blob_len);
    if (o->ca_file != NULL && o->ca_blob != NULL) {
        luaL_error(L, "give ca_file or ca_blob, not both");
    }
    if (o->ca_file != NULL) {
        FILE *f = fopen(o->ca_file, "r");
        if (f == NULL) {
            luaL_error(L, "ca_file %s cannot be read", o->ca_file);
        } else {
            fclose(f);
        }
    }
    if (o->ca_blob != NULL && strstr(o->ca_blob, "-----BEGIN ") == NULL) {
        luaL_error(L, "ca_blob must be PEM text (\"-----BEGIN CERTIFICATE-----...\")");
    }
    o->pinned_key = option(L, "pinned_key", &len);
    if (o->pinned_key != NULL && strncmp(o->pinned_key, "sha256//", 8) != 0) {
        luaL_error(L, "pinned_key must be \"sha256//\" and the base64 digest of the public key");
    }
    o->proxy = option(L, "proxy", &len);
    wrong = o->proxy != NULL ? ol_check_proxy(o->proxy, len) : NULL;
    if (wrong != NULL) {
        luaL_error(L, "proxy %s", wrong);
    }
    o->user_agent = option(L, "user_agent", &len);
    if (o->user_agent != NULL
        && ol_check_header("User-Agent", 10, o->user_agent, len) != NULL) {
        luaL_error(L, "user_agent holds a control character");
    }
    s = option(L, "http_version", &len);
    if (s != NULL && strcmp(s, "1.1") != 0 && strcmp(s, "2") != 0) {
        luaL_error(L, "http_version must be \"1.1\" or \"2\" (2 is tried by default)");
    }
    o->http1 = s != NULL && s[0] == '1';
    lua_pushliteral(L, "max_connections");
    lua_rawget(L, 1);
    if (!lua_isnil(L, -1)) {
        long long n = 0;
        if (!ol_iswhole(L, -1, &n) || n < 1 || n > 10000) {
            luaL_error(L, "max_connections must be a whole number from 1 to 10000");
        }
        o->max_connections = (int)n;
    }
    lua_pop(L, 1);
}

static int l_engine(lua_State *L)
{
    ol_engine_options o;
    engine_box *b;

    memset(&o, 0, sizeof o);
    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        read_options(L, &o);
    }
    b = ol_newuserdata(L, sizeof *b);
    b->engine = NULL;
    ol_setmetatable(L, ENGINE);
    ol_head_set(L, &b->head, ENGINE);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, 1);
    ol_setuservalue(L, -2);
    b->engine = ol_engine_new(&o);
    if (b->engine == NULL) {
        return luaL_error(L, "out of memory");
    }
    return 1;
}

static void make_type(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *meta)
{
    luaL_newmetatable(L, name);
    ol_setfuncs(L, meta, 0);
    lua_newtable(L);
    ol_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "locked");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

int luaopen_onelogin_curl(lua_State *L)
{
    static const luaL_Reg engine_methods[] = {
        {"send", l_engine_send},       {"start", l_engine_start},     {"wait", l_engine_wait},
        {"fds", l_engine_fds},         {"timeout", l_engine_timeout}, {"step", l_engine_step},
        {"tick", l_engine_tick},       {"running", l_engine_running}, {"stats", l_engine_stats},
        {"ended", l_engine_ended},     {"close", l_engine_close},     {NULL, NULL}
    };
    static const luaL_Reg engine_meta[] = {
        {"__gc", l_engine_gc}, {"__close", l_engine_close}, {"__tostring", l_engine_tostring},
        {NULL, NULL}
    };
    static const luaL_Reg transfer_methods[] = {
        {"done", l_transfer_done}, {"result", l_transfer_result}, {"cancel", l_transfer_cancel},
        {NULL, NULL}
    };
    static const luaL_Reg transfer_meta[] = {
        {"__gc", l_transfer_gc}, {"__close", l_transfer_cancel},
        {"__tostring", l_transfer_tostring}, {NULL, NULL}
    };
    static const luaL_Reg functions[] = {{"engine", l_engine}, {NULL, NULL}};

    make_type(L, ENGINE, engine_methods, engine_meta);
    make_type(L, TRANSFER, transfer_methods, transfer_meta);
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
    /* Not curl_version(): that wakes libldap, which asks a name server for our own name. */
    lua_pushfstring(L, "libcurl/%s", curl_version_info(CURLVERSION_NOW)->version);
    lua_setfield(L, -2, "libcurl");
    return 1;
}

/* lclient.c - the client userdata: one tenant's origin, credential, token and limits. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "fork.h"
#include "json.h"
#include "types.h"
#include "url.h"

void ol_newtype(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close, lua_CFunction tostring)
{
    luaL_newmetatable(L, name);
    lua_newtable(L);
    ol_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

unsigned long long ol_seed(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return ((unsigned long long)t.tv_sec << 32) ^ (unsigned long long)t.tv_nsec ^
           ((unsigned long long)getpid() * 0x9e3779b97f4a7c15ULL);
}

/* Reads one number of the table at idx into *out; least says what is refused below it. */
static void read_number(lua_State *L, int idx, const char *name, double least, const char *what, double *out)
{
    lua_getfield(L, idx, name);
    if (!lua_isnil(L, -1)) {
        double v = lua_type(L, -1) == LUA_TNUMBER ? (double)lua_tonumber(L, -1) : -1;
        if (lua_type(L, -1) != LUA_TNUMBER || !(v >= least) || v > 1e9) {
            if (lua_type(L, -1) == LUA_TNUMBER) {
                lua_pushfstring(L, "%f", lua_tonumber(L, -1));
            } else {
                lua_pushstring(L, luaL_typename(L, -1));
            }
            luaL_error(L, "option \"%s\" must be %s, got %s", name, what, lua_tostring(L, -1));
        }
        *out = v;
    }
    lua_pop(L, 1);
}

void ol_limits_read(lua_State *L, int idx, ol_limits *limits)
{
    double attempts = limits->backoff.attempts, deadline = -1;
    static const char *const seconds = "a number of seconds above 0";
    static const char *const seconds0 = "a number of seconds, 0 or more";

    if (lua_isnoneornil(L, idx)) {
        return;
    }
    idx = ol_absindex(L, idx);
    read_number(L, idx, "timeout", 0.001, seconds, &limits->timeout);
    read_number(L, idx, "connect_timeout", 0.001, seconds, &limits->connect_timeout);
    read_number(L, idx, "deadline", 0.001, seconds, &deadline);
    if (deadline >= 0) {
        limits->deadline = deadline;
    } else if (limits->deadline < limits->timeout) {
        limits->deadline = limits->timeout; /* a longer attempt was asked for, so the call may last as long */
    }
    lua_getfield(L, idx, "retry");
    if (lua_isboolean(L, -1)) {
        if (!lua_toboolean(L, -1)) {
            attempts = 1;
        }
    } else if (lua_istable(L, -1)) {
        int t = lua_gettop(L);
        lua_pushnil(L);
        while (lua_next(L, t) != 0) {
            const char *k = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
            if (strcmp(k, "attempts") != 0 && strcmp(k, "base") != 0 && strcmp(k, "base_limited") != 0 &&
                strcmp(k, "cap") != 0) {
                luaL_error(L, "option \"retry\" knows attempts, base, base_limited and cap, not \"%s\"", k);
            }
            lua_pop(L, 1);
        }
        read_number(L, t, "attempts", 1, "a whole number, 1 or more", &attempts);
        read_number(L, t, "base", 0, seconds0, &limits->backoff.base);
        read_number(L, t, "base_limited", 0, seconds0, &limits->backoff.base_limited);
        read_number(L, t, "cap", 0, seconds0, &limits->backoff.cap);
    } else if (!lua_isnil(L, -1)) {
        luaL_error(L, "option \"retry\" must be false or a table { attempts, base, base_limited, cap }, got %s",
                   luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    read_number(L, idx, "attempts", 1, "a whole number, 1 or more", &attempts);
    if (attempts != floor(attempts) || attempts > 1000) {
        luaL_error(L, "option \"attempts\" must be a whole number from 1 to 1000");
    }
    limits->backoff.attempts = (int)attempts;
    lua_getfield(L, idx, "wait_rate_limit");
    if (lua_isboolean(L, -1)) {
        limits->patient = lua_toboolean(L, -1);
    } else if (!lua_isnil(L, -1)) {
        luaL_error(L, "option \"wait_rate_limit\" must be true or false, got %s", luaL_typename(L, -1));
    }
    lua_pop(L, 1);
}

ol_lclient *ol_check_client(lua_State *L, int idx)
{
    ol_lclient *c = ol_headed(L, idx, OL_CLIENT, sizeof *c);
    if (c == NULL) {
        c = luaL_checkudata(L, idx, OL_CLIENT);
    }
    if (c->client == NULL) {
        luaL_error(L, "this client is closed: make a new one with onelogin.new");
    }
    return c;
}

static char *copy_field(lua_State *L, int idx, const char *name)
{
    size_t n;
    const char *s;
    char *copy = NULL;
    lua_getfield(L, idx, name);
    if (lua_type(L, -1) == LUA_TSTRING) {
        s = lua_tolstring(L, -1, &n);
        copy = ol_strdup(s, n);
        if (copy == NULL) {
            luaL_error(L, "not enough memory");
        }
    }
    lua_pop(L, 1);
    return copy;
}

int ol_client_secret(lua_State *L, ol_lclient *client, int idx, int fresh)
{
    size_t n;
    const char *s;
    int status;
    if (client->secret != NULL && !fresh) {
        return 0;
    }
    idx = ol_absindex(L, idx);
    lua_getfield(L, idx, "client_secret");
    if (lua_type(L, -1) != LUA_TFUNCTION) {
        lua_pop(L, 1);
        return client->secret != NULL ? 0 : (lua_pushliteral(L, "client_secret is missing"), -1);
    }
    lua_pushboolean(L, fresh);
    status = lua_pcall(L, 1, 1, 0);
    if (status == LUA_ERRMEM) {
        lua_error(L);
    }
    if (status != 0) {
        /* Its own words could hold what it was reading. */
        lua_pop(L, 1);
        lua_pushliteral(L, "the client_secret function threw an error");
        return -1;
    }
    s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    if (s == NULL || n == 0 || memchr(s, '\0', n) != NULL || strpbrk(s, "\r\n") != NULL) {
        lua_pop(L, 1);
        lua_pushliteral(L, "the client_secret function must return a non-empty string of one line");
        return -1;
    }
    ol_strfree(client->secret);
    client->secret = client->client != NULL ? ol_strdup(s, n) : NULL; /* NULL: the function closed it */
    lua_pop(L, 1);
    if (client->client == NULL) {
        lua_pushliteral(L, "the client was closed");
        return -1;
    }
    if (client->secret == NULL) {
        lua_pushliteral(L, "not enough memory");
        return -1;
    }
    return 0;
}

/* core.client(config, state): config is checked and merged by the Lua layer; `state` becomes the uservalue. */
static int new_client(lua_State *L)
{
    ol_client_config cc;
    ol_lclient *c;
    ol_limits d;
    size_t len = 0;
    double quota = 500, seed = -1, max_body = 33554432.0;

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    memset(&d, 0, sizeof d);
    d.connect_timeout = 5;
    d.backoff.attempts = 4;
    d.backoff.base = 0.25;
    d.backoff.base_limited = 1;
    d.backoff.cap = 20;

    lua_settop(L, 2);
    c = ol_newuserdata(L, sizeof *c);
    memset(c, 0, sizeof *c);
    ol_setmetatable(L, OL_CLIENT);
    ol_head_set(L, &c->head, OL_CLIENT);
    lua_pushvalue(L, 2);
    ol_setuservalue(L, 3);

    c->reads = d;
    c->reads.timeout = 30;
    c->reads.deadline = 60;
    ol_limits_read(L, 1, &c->reads);
    c->writes = d;
    c->writes.timeout = 120;
    c->writes.deadline = 130;
    ol_limits_read(L, 1, &c->writes);

    read_number(L, 1, "quota", 0, "a number, 0 or more", &quota);
    read_number(L, 1, "max_body", 1, "a number of bytes, 1 or more", &max_body);
    read_number(L, 1, "seed", 0, "a number, 0 or more", &seed);
    memset(&cc, 0, sizeof cc);
    cc.quota = quota;
    cc.seed = seed >= 0 ? (unsigned long long)seed : ol_seed();
    lua_getfield(L, 1, "store");
    cc.shared_store = lua_toboolean(L, -1);
    lua_getfield(L, 2, "client_secret");
    cc.secret_rereadable = lua_type(L, -1) == LUA_TFUNCTION;
    lua_getfield(L, 1, "basic");
    c->basic = lua_toboolean(L, -1);
    lua_getfield(L, 1, "nulls");
    c->nulls_nil = lua_type(L, -1) != LUA_TSTRING || strcmp(lua_tostring(L, -1), "sentinel") != 0;
    lua_settop(L, 3);

    c->max_body = max_body;
    c->process = ol_fork_number();
    c->base = copy_field(L, 1, "base_url");
    c->id = copy_field(L, 1, "client_id");
    c->secret = copy_field(L, 1, "client_secret");
    c->agent = copy_field(L, 1, "user_agent");
    if (c->base == NULL || c->agent == NULL || ol_url_check_base(c->base, strlen(c->base), &len) != NULL) {
        return luaL_error(L, "core.client needs a checked base_url and a user_agent");
    }
    c->base[len] = '\0';
    c->official = len > 13 && strcmp(c->base + len - 13, ".onelogin.com") == 0;
    c->client = ol_client_new(&cc);
    if (c->client == NULL) {
        return luaL_error(L, "not enough memory");
    }
    return 1;
}

/* close(), __gc and __close: wipes the secrets; idempotent.  The rest stays till __gc: a finaliser may close the client
 * while a call that points to it is at work. */
static int m_close(lua_State *L)
{
    ol_lclient *c = luaL_checkudata(L, 1, OL_CLIENT);
    ol_client *client = c->client;
    c->client = NULL;
    ol_client_unref(client);
    ol_strfree(c->secret);
    c->secret = NULL;
    return 0;
}

static int m_tostring(lua_State *L)
{
    ol_lclient *c = luaL_checkudata(L, 1, OL_CLIENT);
    lua_pushfstring(L, "onelogin.client (%s%s)", c->base != NULL ? c->base : "?", c->client != NULL ? "" : ", closed");
    return 1;
}

static int m_gc(lua_State *L)
{
    ol_lclient *c = luaL_checkudata(L, 1, OL_CLIENT);
    m_close(L);
    free(c->base);
    c->base = NULL;
    free(c->id);
    c->id = NULL;
    free(c->agent);
    c->agent = NULL;
    return 0;
}

static int f_state(lua_State *L)
{
    if (ol_headed(L, 1, OL_CLIENT, sizeof(ol_lclient)) == NULL) {
        luaL_checkudata(L, 1, OL_CLIENT);
    }
    ol_getuservalue(L, 1);
    return 1;
}

static int f_closed(lua_State *L)
{
    ol_lclient *c = luaL_checkudata(L, 1, OL_CLIENT);
    lua_pushboolean(L, c->client == NULL);
    return 1;
}

/* What may be shown: no secret.  { token_generation, token_expires, quota, in_flight, limits seen } */
static int f_inspect(lua_State *L)
{
    ol_lclient *c = ol_check_client(L, 1);
    const ol_token *t = ol_client_token(c->client);
    const ol_pace *p = ol_client_pace(c->client);
    lua_newtable(L);
    lua_pushboolean(L, t->value != NULL && !t->dropped);
    lua_setfield(L, -2, "has_token");
    ol_pushwhole(L, (long long)t->generation);
    lua_setfield(L, -2, "token_generation");
    if (t->value != NULL) {
        lua_pushnumber(L, t->expires);
        lua_setfield(L, -2, "token_expires");
    }
    lua_pushnumber(L, ol_client_quota(c->client));
    lua_setfield(L, -2, "retry_quota");
    lua_pushboolean(L, ol_client_in_flight(c->client));
    lua_setfield(L, -2, "token_in_flight");
    if (p->limit[OL_LANE_V1] >= 0) {
        lua_pushnumber(L, p->limit[OL_LANE_V1]);
        lua_setfield(L, -2, "rate_limit");
    }
    if (p->remaining[OL_LANE_V1] >= 0) {
        lua_pushnumber(L, p->remaining[OL_LANE_V1]);
        lua_setfield(L, -2, "rate_remaining");
    }
    return 1;
}

/* The live secrets, for masking only: token, client_secret. */
static int f_secrets(lua_State *L)
{
    ol_lclient *c = luaL_checkudata(L, 1, OL_CLIENT);
    ol_buf *token = ol_json_pushbuf(L, 0), *secret = ol_json_pushbuf(L, 0);
    const ol_token *t = c->client != NULL ? ol_client_token(c->client) : NULL;
    /* Copied first: pushing may collect, and a finaliser may close the client or renew its token. */
    if ((t != NULL && t->value != NULL && !ol_buf_add(token, t->value, t->len)) ||
        (c->secret != NULL && !ol_buf_adds(secret, c->secret))) {
        return luaL_error(L, "not enough memory");
    }
    if (token->data != NULL) {
        lua_pushlstring(L, token->data, token->len);
    } else {
        lua_pushnil(L);
    }
    lua_pushstring(L, secret->data);
    ol_buf_free(token);
    ol_buf_free(secret);
    return 2;
}

static int f_forget(lua_State *L)
{
    ol_client_forget(ol_check_client(L, 1)->client);
    return 0;
}

void ol_open_client(lua_State *L)
{
    static const luaL_Reg methods[] = {{NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"state", f_state},     {"closed", f_closed}, {"inspect", f_inspect}, {"secrets", f_secrets},
        {"forget", f_forget},   {"close", m_close},   {NULL, NULL},
    };
    ol_newtype(L, OL_CLIENT, methods, m_close, m_tostring);
    luaL_getmetatable(L, OL_CLIENT);
    lua_pushcfunction(L, m_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
    lua_pushcfunction(L, new_client);
    lua_setfield(L, -2, "new");
}

/* lcall.c - the call userdata: one request with its state machine, as the drivers in Lua see it.
 *
 *   want, a, b, c = call:want(mono, wall)      "send", request | "wait", until | "join", until |
 *                                              "store", operation, value, seconds | "done"
 *   call:answer(mono, wall, response, failure)
 *   call:stored(mono, wall, value, number)
 *   value, info | nil, err = call:result()
 *
 * uservalue: [1] [2] the mapped answer, [3] token error, [4] failure, op, client. */
#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "fork.h"
#include "json.h"
#include "types.h"
#include "url.h"
#include "wire.h"

#define SLOT_VALUE 1
#define SLOT_INFO 2
#define SLOT_TOKEN_ERROR 3
#define SLOT_FAILURE 4

typedef struct ol_lcall {
    ol_wire wire;        /* first: the engine looks for it here */
    ol_call *call;       /* NULL = finalised */
    ol_lclient *client;  /* alive while the uservalue is */
    ol_lop *op;
    ol_shape shape;      /* the operation's, with this call's nulls */
    ol_buf url, body;
    ol_buf auth, token_url; /* of the request that is out */
    int has_body, has_headers;
    int out;             /* what was sent last: 0 nothing, 1 own request, 2 token request */
    int resting;         /* emptied, may serve another call */
    int busy;            /* its buffers are being read: Lua may collect meanwhile, and a finaliser close it */
    int no_secret;       /* ended because the secret could not be had; the token error says why */
} ol_lcall;

/* ---- building ---- */

int ol_totext(lua_State *L, int idx, const char **s, size_t *n)
{
    long long whole;
    idx = ol_absindex(L, idx);
    switch (lua_type(L, idx)) {
    case LUA_TSTRING:
        *s = lua_tolstring(L, idx, n);
        return 1;
    case LUA_TNUMBER:
        if (ol_iswhole(L, idx, &whole)) {
            char text[32];
            *n = (size_t)snprintf(text, sizeof text, "%lld", whole);
            lua_pushlstring(L, text, *n);
        } else {
            lua_Number v = lua_tonumber(L, idx);
            if (v != v || v - v != 0) {
                return 0;
            }
            lua_pushvalue(L, idx);
            lua_tostring(L, -1);
        }
        lua_replace(L, idx);
        *s = lua_tolstring(L, idx, n);
        return 1;
    case LUA_TBOOLEAN:
        *s = lua_toboolean(L, idx) ? "true" : "false";
        *n = strlen(*s);
        return 1;
    default:
        *s = ol_json_boxed(L, idx, n);
        return *s != NULL;
    }
}

static void add_ids(lua_State *L, ol_lcall *c, int idx)
{
    enum { MOST = 8 };
    ol_span ids[MOST] = {{NULL, 0}};
    int i, top = lua_gettop(L), n = c->op->n_ids;
    if (n > MOST) {
        luaL_error(L, "%s: too many path ids", c->op->id);
    }
    luaL_checkstack(L, 2 * n + 4, "too many path ids");
    for (i = 0; i < n; i++) {
        ol_span name = ol_url_name(c->op->path, i);
        const char *why;
        long long whole;
        lua_pushlstring(L, name.s, name.n);
        if (lua_istable(L, idx)) {
            lua_rawgeti(L, idx, i + 1);
        } else {
            lua_pushnil(L);
        }
        if (lua_type(L, -1) == LUA_TBOOLEAN || (lua_type(L, -1) == LUA_TNUMBER && !ol_iswhole(L, -1, &whole)) ||
            !ol_totext(L, -1, &ids[i].s, &ids[i].n)) {
            luaL_error(L, "%s: %s must be an id (a whole number or a string), got %s", c->op->id, lua_tostring(L, -2),
                       lua_type(L, -1) == LUA_TNUMBER ? "a number that is no id" : luaL_typename(L, -1));
        }
        why = ol_url_check_id(ids[i].s, ids[i].n);
        if (why != NULL) {
            luaL_error(L, "%s: %s %s, so it cannot be an id", c->op->id, lua_tostring(L, -2), why);
        }
    }
    if (!ol_url_path(&c->url, c->op->path, ids, n)) {
        luaL_error(L, "not enough memory");
    }
    lua_settop(L, top);
}

/* query: { { name, value }, ... } */
static void add_query(lua_State *L, ol_lcall *c, int idx)
{
    int i, n;
    if (!lua_istable(L, idx)) {
        return;
    }
    n = (int)ol_rawlen(L, idx);
    for (i = 1; i <= n; i++) {
        const char *k, *v = NULL;
        size_t kn, vn = 0;
        lua_rawgeti(L, idx, i);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        if (lua_type(L, -2) != LUA_TSTRING || !ol_totext(L, -1, &v, &vn)) {
            luaL_error(L, "%s: parameter \"%s\" cannot be sent in a query (%s)", c->op->id,
                       lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?", luaL_typename(L, -1));
        }
        k = lua_tolstring(L, -2, &kn);
        if (!ol_url_query(&c->url, i == 1, k, kn, v, vn)) {
            luaL_error(L, c->url.failed == 2 ? "not enough memory" : "%s: the request URL is longer than 64 KiB", c->op->id);
        }
        lua_pop(L, 3);
    }
}

static ol_time time_args(lua_State *L, int idx)
{
    ol_time t;
    t.mono = luaL_checknumber(L, idx);
    t.wall = luaL_checknumber(L, idx + 1);
    return t;
}

/* Pushes a call userdata with its uservalue table: the one at idx when it rests (m_rest), else a new one. */
static ol_lcall *blank_call(lua_State *L, int idx)
{
    ol_lcall *c = ol_testudata(L, idx, OL_CALL);
    if (c != NULL && c->resting) {
        lua_pushvalue(L, idx);
        ol_getuservalue(L, idx);
        c->resting = 0;
        return c;
    }
    c = ol_newuserdata(L, sizeof *c);
    memset(c, 0, sizeof *c);
    ol_buf_init(&c->url, 65536);
    ol_buf_init(&c->body, 33554432);
    c->wire.size = sizeof c->wire;
    ol_setmetatable(L, OL_CALL);
    lua_createtable(L, 4, 3);
    lua_pushvalue(L, -1);
    ol_setuservalue(L, -3);
    return c;
}

/* The body as an HTML form: a table of names and plain values. */
static void add_form(lua_State *L, ol_lcall *c, int idx)
{
    int first = 1;
    if (!lua_istable(L, idx)) {
        luaL_error(L, "%s: the body must be a table of names and values", c->op->id);
    }
    lua_pushnil(L);
    while (lua_next(L, idx) != 0) {
        const char *k, *v = NULL;
        size_t kn, vn = 0;
        if (lua_type(L, -2) != LUA_TSTRING || !ol_totext(L, -1, &v, &vn)) {
            luaL_error(L, "%s: a form takes names and plain values only", c->op->id);
        }
        k = lua_tolstring(L, -2, &kn);
        if (!(first || ol_buf_addc(&c->body, '&')) || !ol_url_encode(&c->body, k, kn) || !ol_buf_addc(&c->body, '=') ||
            !ol_url_encode(&c->body, v, vn)) {
            luaL_error(L, "not enough memory");
        }
        first = 0;
        lua_pop(L, 1);
    }
}

/* headers: name -> string; checked here because a line break in one would be another header. */
static void check_headers(lua_State *L, const ol_lcall *c, int idx)
{
    int n = 0;
    lua_pushnil(L);
    while (lua_next(L, idx) != 0) {
        size_t i, len;
        const char *v = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
        if (v == NULL || lua_type(L, -2) != LUA_TSTRING || ++n > OL_WIRE_HEADERS - 4) {
            luaL_error(L, "%s: header parameters must be a few strings", c->op->id);
            return;
        }
        for (i = 0; i < len; i++) {
            if ((unsigned char)v[i] < 0x20 || v[i] == 0x7f) {
                luaL_error(L, "%s: parameter \"%s\" contains a control character", c->op->id, lua_tostring(L, -2));
            }
        }
        lua_pop(L, 1);
    }
}

/* core.call(op, mono, wall, ids, query, body, opts, never, spare, headers): all from ids on may be nil.  never = true:
 * a parameter makes this very call unrepeatable.  spare: a call that rests, to be used again. */
static int new_call(lua_State *L)
{
    ol_lop *op = ol_check_op(L, 1);
    ol_time now = time_args(L, 2);
    ol_lclient *client;
    ol_lcall *c;
    ol_limits limits;
    enum ol_trait trait = op->trait;

    lua_settop(L, 10);
    if (lua_toboolean(L, 8)) {
        trait = OL_NEVER;
    }
    ol_getuservalue(L, 1);
    lua_getfield(L, 11, "client");
    lua_replace(L, 11);
    client = ol_check_client(L, 11);
    limits = op->reads ? client->reads : client->writes;
    if (!lua_isnil(L, 7)) {
        luaL_checktype(L, 7, LUA_TTABLE);
        ol_limits_read(L, 7, &limits);
    }

    c = blank_call(L, 9); /* 12, its uservalue 13 */
    lua_pushvalue(L, 1);
    lua_setfield(L, 13, "op");
    lua_pushvalue(L, 11);
    lua_setfield(L, 13, "client");
    lua_pushvalue(L, 6);
    lua_setfield(L, 13, "params");

    c->client = client;
    c->op = op;
    c->shape = op->shape;
    c->shape.nulls_nil = client->nulls_nil;
    if (!lua_isnil(L, 7)) {
        lua_getfield(L, 7, "nulls");
        if (!lua_isnil(L, -1)) {
            const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
            if (strcmp(s, "nil") != 0 && strcmp(s, "sentinel") != 0) {
                return luaL_error(L, "option \"nulls\" must be \"nil\" or \"sentinel\"");
            }
            c->shape.nulls_nil = strcmp(s, "nil") == 0;
        }
        lua_pop(L, 1);
    }
    if (!ol_buf_adds(&c->url, op->host != NULL ? op->host : client->base)) {
        return luaL_error(L, "not enough memory");
    }
    c->has_headers = lua_istable(L, 10);
    if (c->has_headers) {
        check_headers(L, c, 10);
        lua_pushvalue(L, 10);
        lua_setfield(L, 13, "headers");
    }
    add_ids(L, c, 4);
    add_query(L, c, 5);
    if (!lua_isnil(L, 6) && op->form) {
        add_form(L, c, 6);
        c->has_body = 1;
    } else if (!lua_isnil(L, 6)) {
        if (ol_json_encode(L, 6, &c->body) != 0) {
            return luaL_error(L, "%s: %s", op->id, lua_tostring(L, -1));
        }
        c->has_body = 1;
    }
    client = ol_check_client(L, 11); /* options may have a metatable, whose functions may have closed it */
    if (client->process != ol_fork_number()) {
        client->process = ol_fork_number();
        ol_client_forked(client->client, ol_seed());
    }
    c->call = ol_call_new(client->client, op->auth, trait, op->lane, &limits, now);
    if (c->call == NULL) {
        return luaL_error(L, "not enough memory");
    }
    lua_settop(L, 12);
    return 1;
}

static ol_lcall *check_call(lua_State *L)
{
    ol_lcall *c = luaL_checkudata(L, 1, OL_CALL);
    if (c->call == NULL || c->op->id == NULL) {
        luaL_error(L, "this call was already finalised");
    }
    return c;
}

/* ---- sending ---- */

static void set_pair(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

static const char *b64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int add_base64(ol_buf *out, const char *s, size_t n)
{
    size_t i;
    for (i = 0; i < n; i += 3) {
        unsigned long v = (unsigned long)(unsigned char)s[i] << 16;
        char e[4];
        if (i + 1 < n) {
            v |= (unsigned long)(unsigned char)s[i + 1] << 8;
        }
        if (i + 2 < n) {
            v |= (unsigned long)(unsigned char)s[i + 2];
        }
        e[0] = b64[v >> 18 & 63];
        e[1] = b64[v >> 12 & 63];
        e[2] = i + 1 < n ? b64[v >> 6 & 63] : '=';
        e[3] = i + 2 < n ? b64[v & 63] : '=';
        if (!ol_buf_add(out, e, 4)) {
            return 0;
        }
    }
    return 1;
}

/* Writes the value of the Authorization header into c->auth.  1, or 0 when out of memory. */
static int authorise(ol_lcall *c, int credential)
{
    const ol_lclient *client = c->client;
    ol_buf *b = &c->auth;
    ol_buf plain;
    int ok;

    ol_wipe(b->data, b->len);
    ol_buf_clear(b);
    if (!credential) {
        const ol_token *t = ol_client_token(client->client);
        return ol_buf_add(b, "Bearer ", 7) && ol_buf_add(b, t->value, t->len);
    }
    if (!client->basic) {
        return ol_buf_adds(b, "client_id:") && ol_buf_adds(b, client->id) && ol_buf_adds(b, ", client_secret:") &&
               ol_buf_adds(b, client->secret);
    }
    ol_buf_init(&plain, 0);
    ok = ol_buf_adds(&plain, client->id) && ol_buf_addc(&plain, ':') && ol_buf_adds(&plain, client->secret) &&
         ol_buf_adds(b, "Basic ") && add_base64(b, plain.data, plain.len);
    ol_buf_free(&plain);
    return ok;
}

static void add_header(ol_wire *w, const char *name, size_t name_len, const char *value, size_t value_len)
{
    ol_wire_header *h = &w->headers[w->n_headers++];
    h->name = name;
    h->name_len = name_len;
    h->value = value;
    h->value_len = value_len;
}

/* The parameters that travel as headers; their text is anchored in the uservalue.  Checked again: the table is the
 * caller's. */
static void add_own_headers(lua_State *L, const ol_lcall *c, ol_wire *w)
{
    ol_getuservalue(L, 1);
    lua_getfield(L, -1, "headers");
    check_headers(L, c, lua_gettop(L));
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        size_t name_len, value_len;
        const char *name = lua_tolstring(L, -2, &name_len), *value = lua_tolstring(L, -1, &value_len);
        add_header(w, name, name_len, value, value_len);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

/* Makes sure of the credential pair: 0, or -1 and pushes a message. */
static int need_pair(lua_State *L, ol_lcall *c, int fresh)
{
    int bad;
    ol_getuservalue(L, 1);
    lua_getfield(L, -1, "client");
    ol_getuservalue(L, -1);
    bad = ol_client_secret(L, c->client, -1, fresh);
    if (bad == 0 && c->client->id == NULL) {
        lua_pushliteral(L, "client_id is missing");
        bad = -1;
    }
    if (bad != 0) {
        lua_insert(L, -4);
    }
    lua_pop(L, 3);
    return bad;
}

/* Fills c->wire with the request to send; or returns -1 and pushes a message. */
static int fill_wire(lua_State *L, ol_lcall *c, const ol_send *send)
{
    static const char grant[] = "{\"grant_type\":\"client_credentials\"}";
    const ol_lclient *client = c->client;
    int credential = send->token || c->op->auth == OL_AUTH_CLIENT;
    ol_wire *w = &c->wire;

    if (credential && need_pair(L, c, send->fresh_secret) != 0) {
        return -1;
    }
    if (client->client == NULL) {
        lua_pushliteral(L, "the client was closed"); /* by the secret function */
        return -1;
    }
    w->n_headers = 0;
    add_header(w, "Accept", 6, "application/json", 16);
    add_header(w, "User-Agent", 10, client->agent, strlen(client->agent));
    if (!send->token && c->op->form) {
        add_header(w, "Content-Type", 12, "application/x-www-form-urlencoded", 33);
    } else if (send->token || (strcmp(c->op->method, "GET") != 0 && strcmp(c->op->method, "HEAD") != 0)) {
        add_header(w, "Content-Type", 12, "application/json", 16);
    }
    if (!send->token && c->has_headers) {
        add_own_headers(L, c, w);
    }
    if (credential || c->op->auth == OL_AUTH_BEARER) {
        if (!authorise(c, credential)) {
            luaL_error(L, "not enough memory");
        }
        add_header(w, "Authorization", 13, c->auth.data, c->auth.len);
    }
    if (send->token) {
        ol_buf_clear(&c->token_url);
        if (!ol_buf_adds(&c->token_url, client->base) || !ol_buf_adds(&c->token_url, "/auth/oauth2/v2/token")) {
            luaL_error(L, "not enough memory");
        }
        w->method = "POST";
        w->url = c->token_url.data;
        w->body = grant;
        w->body_len = sizeof grant - 1;
    } else {
        w->method = c->op->method;
        w->url = c->url.data;
        w->body = !c->has_body ? NULL : c->body.data != NULL ? c->body.data : "";
        w->body_len = c->body.len;
    }
    w->once = send->once;
    w->timeout = send->timeout;
    w->connect_timeout = send->connect_timeout;
    w->max_body = client->max_body;
    w->ready = 1;
    return 0;
}

/* Pushes the same as a table: the form of the transport contract. */
static void push_request(lua_State *L, const ol_lcall *c, int token)
{
    const ol_wire *w = &c->wire;
    int i;
    lua_createtable(L, 0, 9);
    lua_createtable(L, 0, OL_WIRE_HEADERS);
    for (i = 0; i < w->n_headers; i++) {
        lua_pushlstring(L, w->headers[i].name, w->headers[i].name_len);
        lua_pushlstring(L, w->headers[i].value, w->headers[i].value_len);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "headers");
    set_pair(L, "method", w->method);
    set_pair(L, "url", w->url);
    if (w->body != NULL) {
        lua_pushlstring(L, w->body, w->body_len);
        lua_setfield(L, -2, "body");
    }
    set_pair(L, "operation", token ? "oauth.generate_tokens" : c->op->id);
    if (w->once) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "once");
    }
    lua_pushnumber(L, w->timeout);
    lua_setfield(L, -2, "timeout");
    lua_pushnumber(L, w->connect_timeout);
    lua_setfield(L, -2, "connect_timeout");
    lua_pushnumber(L, w->max_body);
    lua_setfield(L, -2, "max_body");
}

/* Pops a value into a slot of the call's uservalue. */
static void set_slot(lua_State *L, int slot)
{
    ol_getuservalue(L, 1);
    lua_insert(L, -2);
    lua_rawseti(L, -2, slot);
    lua_pop(L, 1);
}

/* Keeps the error on top for this call and, on the client, for the calls that joined its flight. */
static void set_token_error(lua_State *L)
{
    ol_getuservalue(L, 1);
    lua_getfield(L, -1, "client");
    ol_getuservalue(L, -1);
    lua_pushvalue(L, -4);
    lua_setfield(L, -2, "flight_error");
    lua_pop(L, 3);
    set_slot(L, SLOT_TOKEN_ERROR);
}

/* Pushes { kind = , message = }. */
static void push_error(lua_State *L, const char *kind, const char *message)
{
    lua_createtable(L, 0, 8);
    set_pair(L, "kind", kind);
    set_pair(L, "message", message);
}

static void push_store(lua_State *L, const ol_lcall *c, const ol_want_info *info, ol_time now)
{
    static const char *const names[] = {"get_token", "lock_token", "put_token", "get_pace", "put_pace"};
    const ol_token *t = ol_client_token(c->client->client);
    lua_pushliteral(L, "store");
    lua_pushstring(L, names[info->store]);
    if (info->store == OL_STORE_PUT_TOKEN && t->value != NULL) {
        double expires = t->expires;
        lua_pushlstring(L, t->value, t->len);
        lua_pushnumber(L, expires);
    } else {
        lua_pushstring(L, c->op->lane == OL_LANE_V1 ? "v1" : "v2");
        /* What processes share is wall time. */
        lua_pushnumber(L, info->store == OL_STORE_PUT_PACE ? now.wall + info->store_seconds : info->store_seconds);
    }
}

static int want(lua_State *L, ol_lcall *c)
{
    ol_time now = time_args(L, 2);
    ol_want_info info;
    int wire = lua_toboolean(L, 4);

    c->wire.ready = 0;
    lua_settop(L, 1);

    if (c->client->client == NULL) {
        ol_call_cancel(c->call); /* the client was closed meanwhile */
    }
    switch (ol_call_want(c->call, now, &info)) {
    case OL_SEND:
        if (fill_wire(L, c, &info.send) != 0) {
            push_error(L, "auth", lua_tostring(L, -1));
            set_slot(L, SLOT_TOKEN_ERROR);
            c->no_secret = c->client->client != NULL;
            ol_call_cancel(c->call);
            lua_pushliteral(L, "done");
            return 1;
        }
        c->out = info.send.token ? 2 : 1;
        lua_pushliteral(L, "send");
        if (wire) {
            lua_pushvalue(L, 1);
        } else {
            push_request(L, c, info.send.token);
        }
        return 2;
    case OL_WAIT:
        lua_pushliteral(L, "wait");
        lua_pushnumber(L, info.until);
        return 2;
    case OL_JOIN:
        lua_pushliteral(L, "join");
        lua_pushnumber(L, info.until);
        return 2;
    case OL_STORE:
        push_store(L, c, &info, now);
        return 4;
    case OL_DONE:
        break;
    }
    lua_pushliteral(L, "done");
    return 1;
}

/* Runs one of the methods during which a finaliser of the user's, or the secret function, may close the call: its
 * buffers stay till it is over.  (When it throws they stay till the call is collected.) */
static int busily(lua_State *L, int (*method)(lua_State *, ol_lcall *))
{
    ol_lcall *c = check_call(L);
    int n;
    c->busy++;
    n = method(L, c);
    c->busy--;
    return n;
}

/* call:want(mono, wall, wire): wire = true hands out the call itself instead of a request table: for the engine. */
static int m_want(lua_State *L)
{
    return busily(L, want);
}

/* ---- hearing ---- */

static enum ol_failure failure_of(const char *kind)
{
    return strcmp(kind, "timeout") == 0     ? OL_FAIL_TIMEOUT
           : strcmp(kind, "cancelled") == 0 ? OL_FAIL_CANCELLED
           : strcmp(kind, "resent") == 0    ? OL_FAIL_RESENT
           : strcmp(kind, "network") == 0   ? OL_FAIL_NETWORK
                                            : OL_FAIL_PERMANENT;
}

/* The failure (5) as an error table on top; tells sent and the machine's kind. */
static enum ol_failure push_failure(lua_State *L, int *sent)
{
    enum ol_failure f = OL_FAIL_NETWORK;
    *sent = 1;
    if (lua_type(L, 5) == LUA_TSTRING) {
        push_error(L, "network", lua_tostring(L, 5));
    } else if (lua_istable(L, 5)) {
        const char *kind, *message;
        ol_json_field(L, 5, "kind"); /* without metamethods, like the response */
        kind = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "network";
        ol_json_field(L, 5, "message");
        message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "the transport failed without a message";
        ol_json_field(L, 5, "sent");
        *sent = lua_isnil(L, -1) || lua_toboolean(L, -1);
        f = failure_of(kind);
        push_error(L,
                   f == OL_FAIL_TIMEOUT     ? "timeout"
                   : f == OL_FAIL_CANCELLED ? "cancelled"
                   : strcmp(kind, "too_large") == 0 ? "decode"
                                                    : "network",
                   message);
    } else {
        f = OL_FAIL_PERMANENT;
        push_error(L, "network", "the transport's send must return a response table, or nil and a failure");
    }
    if (f == OL_FAIL_PERMANENT) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "retryable");
    }
    return f;
}

static int answered(lua_State *L, ol_lcall *c)
{
    ol_time now = time_args(L, 2);
    int out = c->out;
    ol_facts facts;
    ol_raw_answer raw, *answer = NULL;

    lua_settop(L, 6);
    c->out = 0;
    c->wire.ready = 0;
    if (out == 0) {
        lua_pushboolean(L, ol_call_done(c->call));
        return 1; /* nothing is under way: a late or doubled answer */
    }
    if (lua_type(L, 4) == LUA_TNUMBER && lua_type(L, 5) == LUA_TSTRING && lua_type(L, 6) == LUA_TSTRING) {
        raw.status = (int)lua_tointeger(L, 4);
        raw.head = lua_tolstring(L, 5, &raw.head_len);
        raw.body = lua_tolstring(L, 6, &raw.body_len);
        raw.body_at = 6;
        answer = &raw;
    } else if (!lua_istable(L, 4)) {
        int sent;
        enum ol_failure f = push_failure(L, &sent);
        if (out == 2) {
            set_token_error(L);
        } else {
            set_slot(L, SLOT_FAILURE);
        }
        ol_call_failed(c->call, now, f, sent);
        lua_pushboolean(L, ol_call_done(c->call));
        return 1;
    }
    if (out == 2) {
        ol_token_facts token;
        ol_response_token(L, 4, answer, &facts, &token);
        ol_call_token_answered(c->call, now, &facts, &token);
        if (token.access_token == NULL) {
            set_token_error(L);
        }
    } else {
        ol_response_map(L, &c->shape, 4, answer, &facts);
        set_slot(L, SLOT_INFO);
        set_slot(L, SLOT_VALUE);
        ol_call_answered(c->call, now, &facts);
    }
    lua_pushboolean(L, ol_call_done(c->call));
    return 1;
}

/* call:answer(mono, wall, response, failure) -> is it done?  Or what the engine's send gives for a call:
 * call:answer(mono, wall, status, head, body). */
static int m_answer(lua_State *L)
{
    return busily(L, answered);
}

/* call:stored(mono, wall, value, number) */
static int m_stored(lua_State *L)
{
    ol_lcall *c = check_call(L);
    ol_time now = time_args(L, 2);
    size_t n = 0, i;
    const char *s = lua_type(L, 4) == LUA_TSTRING ? lua_tolstring(L, 4, &n) : NULL;
    double number = lua_isboolean(L, 5) ? lua_toboolean(L, 5) : lua_tonumber(L, 5);
    for (i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x21 || (unsigned char)s[i] > 0x7e) {
            s = NULL; /* no token: it would end in a header */
            break;
        }
    }
    ol_call_stored(c->call, now, s, n, number);
    return 0;
}

static int m_cancel(lua_State *L)
{
    ol_lcall *c = luaL_checkudata(L, 1, OL_CALL);
    if (c->call != NULL) {
        ol_call_cancel(c->call);
        c->out = 0;
    }
    return 0;
}

static int m_take(lua_State *L)
{
    ol_call_take(check_call(L)->call);
    return 0;
}

/* ---- the result ---- */

/* Error table on top: adds what every error carries. */
static void decorate(lua_State *L, const ol_lcall *c, const ol_outcome *o, int token)
{
    const char *kind;
    set_pair(L, "operation", c->op->id);
    set_pair(L, "method", c->op->method);
    set_pair(L, "path", c->op->path);
    ol_pushwhole(L, token ? o->token_sends : o->sends);
    lua_setfield(L, -2, "attempts");
    lua_getfield(L, -1, "retry_after");
    if (lua_isnil(L, -1) && o->retry_after >= 0) {
        lua_pushnumber(L, o->retry_after);
        lua_setfield(L, -3, "retry_after");
    }
    lua_pop(L, 1);
    lua_getfield(L, -1, "retryable");
    if (lua_isnil(L, -1)) {
        lua_getfield(L, -2, "kind");
        kind = lua_tostring(L, -1);
        lua_pushboolean(L, kind != NULL && (strcmp(kind, "network") == 0 || strcmp(kind, "timeout") == 0 ||
                                            strcmp(kind, "rate_limited") == 0 || strcmp(kind, "server") == 0));
        lua_setfield(L, -4, "retryable");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    if (o->unchanged_token) {
        set_pair(L, "hint",
                 "the server re-issued the same token, so a new one would not help: the credential's scope may not cover "
                 "this call, the route may not exist for it, or access was withdrawn");
    }
    if (o->quota_spent) {
        set_pair(L, "hint", "not repeated: the client's retry quota is spent, too many calls have failed of late");
    }
    ol_setmetatable(L, OL_ERROR);
}

/* A copy of the table on top, so that calls which share a failure do not share the error. */
static void copy_top(lua_State *L)
{
    int from = lua_gettop(L);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, from) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, from + 1);
    }
    lua_remove(L, from);
}

static void push_cancelled(lua_State *L, const ol_lcall *c)
{
    push_error(L, "cancelled", c->client->client == NULL ? "the client was closed" : "the call was cancelled");
}

static int m_result(lua_State *L)
{
    ol_lcall *c = check_call(L);
    ol_outcome o = ol_call_outcome(c->call);
    int uv, token = 0, cancelled = o.result == OL_RESULT_CANCELLED;

    if (!ol_call_done(c->call)) {
        return luaL_error(L, "%s: this call has no result yet: it has to run to its end first", c->op->id);
    }
    lua_settop(L, 1);
    ol_getuservalue(L, 1);
    uv = lua_gettop(L);
    switch (o.result) {
    case OL_RESULT_ANSWER:
        lua_rawgeti(L, uv, SLOT_VALUE);
        lua_rawgeti(L, uv, SLOT_INFO);
        if (!lua_isnil(L, -2)) {
            return 2;
        }
        break;
    case OL_RESULT_FAILURE:
        lua_rawgeti(L, uv, SLOT_FAILURE);
        break;
    case OL_RESULT_TOKEN:
        token = 1;
        lua_rawgeti(L, uv, SLOT_TOKEN_ERROR);
        break;
    case OL_RESULT_JOINED:
        token = 1;
        lua_getfield(L, uv, "client");
        ol_getuservalue(L, -1);
        lua_getfield(L, -1, "flight_error");
        if (lua_isnil(L, -1)) {
            push_error(L, "auth", "fetching the token failed in another call");
        }
        break;
    case OL_RESULT_DEADLINE:
        push_error(L, "timeout", "the call's deadline passed");
        break;
    case OL_RESULT_HELD:
        push_error(L, "rate_limited", "not sent: the rate limit lasts longer than the call's deadline");
        break;
    case OL_RESULT_CANCELLED:
        if (c->no_secret) {
            lua_rawgeti(L, uv, SLOT_TOKEN_ERROR);
        } else {
            push_cancelled(L, c);
        }
        break;
    case OL_RESULT_MEMORY:
        return luaL_error(L, "not enough memory");
    }
    if (!lua_istable(L, -1)) {
        /* The machine itself ended an attempt nobody told the end of. */
        push_error(L, "timeout", "no answer within the time of one attempt");
    } else if (c->client->client == NULL && !cancelled) {
        push_cancelled(L, c); /* a closed client knows no secrets, so they could not be masked in the server's words */
    }
    copy_top(L);
    decorate(L, c, &o, token);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

static int described(lua_State *L, ol_lcall *c)
{
    const char *mask = luaL_checkstring(L, 2);
    lua_createtable(L, 0, 5);
    set_pair(L, "method", c->op->method);
    lua_pushlstring(L, c->url.data, c->url.len);
    lua_setfield(L, -2, "url");
    set_pair(L, "operation", c->op->id);
    lua_createtable(L, 0, 4);
    set_pair(L, "Accept", "application/json");
    set_pair(L, "User-Agent", c->client->agent);
    if (strcmp(c->op->method, "GET") != 0) {
        set_pair(L, "Content-Type", c->op->form ? "application/x-www-form-urlencoded" : "application/json");
    }
    if (c->op->auth != OL_AUTH_NONE) {
        lua_pushfstring(L, c->op->auth == OL_AUTH_BEARER ? "Bearer %s" : "%s", mask);
        lua_setfield(L, -2, "Authorization");
    }
    if (c->has_headers) {
        int headers = lua_gettop(L);
        ol_getuservalue(L, 1);
        lua_getfield(L, -1, "headers");
        lua_pushnil(L);
        while (lua_next(L, -2) != 0) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, headers);
        }
        lua_settop(L, headers);
    }
    lua_setfield(L, -2, "headers");
    if (c->has_body) {
        lua_pushlstring(L, c->body.data != NULL ? c->body.data : "", c->body.len);
        lua_setfield(L, -2, "body");
    }
    return 1;
}

/* call:request(mask) -> the request as it would be sent, with `mask` instead of what authorises it. */
static int m_request(lua_State *L)
{
    return busily(L, described);
}

static int m_attempts(lua_State *L)
{
    ol_pushwhole(L, ol_call_sends(check_call(L)->call));
    return 1;
}

/* call:operation() -> operation, body: for the Lua layer, which masks by them */
static int m_operation(lua_State *L)
{
    check_call(L);
    ol_getuservalue(L, 1);
    lua_getfield(L, -1, "op");
    lua_getfield(L, -2, "params");
    return 2;
}

static void tidy(ol_buf *b)
{
    if (b->cap > 4096) {
        ol_buf_free(b);
    } else {
        ol_wipe(b->data, b->len);
        ol_buf_clear(b);
    }
}

/* call:rest(): the caller has the result and promises that nobody else holds this call; it is emptied and may be given to
 * core.call as a spare, which saves making and collecting one for each request. */
static int m_rest(lua_State *L)
{
    static const char *const fields[] = {"op", "client", "params", "headers"};
    ol_lcall *c = check_call(L);
    ol_call *call = c->call;
    size_t i;

    if (c->busy > 0) {
        return luaL_error(L, "this call is in use");
    }
    c->call = NULL;
    ol_call_free(call);
    tidy(&c->url);
    tidy(&c->body);
    tidy(&c->auth);
    c->has_body = c->has_headers = c->out = c->wire.ready = c->no_secret = 0;
    ol_getuservalue(L, 1);
    for (i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, fields[i]);
    }
    for (i = SLOT_VALUE; i <= SLOT_FAILURE; i++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, (int)i);
    }
    c->resting = 1;
    return 0;
}

static int m_gc(lua_State *L)
{
    ol_lcall *c = luaL_checkudata(L, 1, OL_CALL);
    ol_call *call = c->call;
    c->resting = 0;
    c->call = NULL;
    ol_call_free(call);
    ol_buf_free(&c->url);
    ol_buf_free(&c->body);
    ol_buf_free(&c->auth);
    ol_buf_free(&c->token_url);
    c->wire.ready = 0;
    return 0;
}

/* close() and __close: idempotent. */
static int m_close(lua_State *L)
{
    ol_lcall *c = luaL_checkudata(L, 1, OL_CALL);
    return c->busy > 0 ? m_cancel(L) : m_gc(L);
}

static int m_tostring(lua_State *L)
{
    ol_lcall *c = luaL_checkudata(L, 1, OL_CALL);
    if (c->call == NULL) {
        lua_pushliteral(L, "onelogin.call (finalised)");
    } else {
        lua_pushfstring(L, "onelogin.call (%s)", c->op->id != NULL ? c->op->id : "?");
    }
    return 1;
}

void ol_open_call(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"want", m_want},       {"answer", m_answer},   {"stored", m_stored},     {"cancel", m_cancel}, {"take", m_take},
        {"result", m_result},   {"request", m_request}, {"attempts", m_attempts}, {"close", m_close},
        {"operation", m_operation}, {"rest", m_rest},   {NULL, NULL},
    };
    ol_newtype(L, OL_CALL, methods, m_close, m_tostring);
    luaL_getmetatable(L, OL_CALL);
    lua_pushcfunction(L, m_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    lua_pushcfunction(L, new_call);
}

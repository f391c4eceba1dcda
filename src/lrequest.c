/* lrequest.c - what a call puts on the wire: ids, query, body, headers, and who authorises it. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "lcall.h"
#include "url.h"

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

void ol_request_ids(lua_State *L, ol_lcall *c, int idx)
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
void ol_request_query(lua_State *L, ol_lcall *c, int idx)
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
            luaL_error(L, c->url.failed == 2 ? "not enough memory" : "%s: the request URL is longer than 64 KiB",
                       c->op->id);
        }
        lua_pop(L, 3);
    }
}

/* The body as an HTML form: a table of names and plain values. */
void ol_request_form(lua_State *L, ol_lcall *c, int idx)
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
void ol_request_check_headers(lua_State *L, const ol_lcall *c, int idx)
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
    lua_rawgeti(L, -1, OL_SLOT_HEADERS);
    ol_request_check_headers(L, c, lua_gettop(L));
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
    lua_rawgeti(L, -1, OL_SLOT_CLIENT);
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
int ol_request_fill(lua_State *L, ol_lcall *c, const ol_send *send)
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
void ol_request_push(lua_State *L, const ol_lcall *c, int token)
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
    ol_set_pair(L, "method", w->method);
    ol_set_pair(L, "url", w->url);
    if (w->body != NULL) {
        lua_pushlstring(L, w->body, w->body_len);
        lua_setfield(L, -2, "body");
    }
    ol_set_pair(L, "operation", token ? "oauth.generate_tokens" : c->op->id);
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

int ol_request_describe(lua_State *L, ol_lcall *c)
{
    const char *mask = luaL_checkstring(L, 2);
    lua_createtable(L, 0, 5);
    ol_set_pair(L, "method", c->op->method);
    lua_pushlstring(L, c->url.data, c->url.len);
    lua_setfield(L, -2, "url");
    ol_set_pair(L, "operation", c->op->id);
    lua_createtable(L, 0, 4);
    ol_set_pair(L, "Accept", "application/json");
    ol_set_pair(L, "User-Agent", c->client->agent);
    if (strcmp(c->op->method, "GET") != 0) {
        ol_set_pair(L, "Content-Type", c->op->form ? "application/x-www-form-urlencoded" : "application/json");
    }
    if (c->op->auth != OL_AUTH_NONE) {
        lua_pushfstring(L, c->op->auth == OL_AUTH_BEARER ? "Bearer %s" : "%s", mask);
        lua_setfield(L, -2, "Authorization");
    }
    if (c->has_headers) {
        int headers = lua_gettop(L);
        ol_getuservalue(L, 1);
        lua_rawgeti(L, -1, OL_SLOT_HEADERS);
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

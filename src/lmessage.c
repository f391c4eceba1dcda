#include "lmessage.h"

#include "compat.h"
#include "request.h"

#include <limits.h>

#define DEFAULT_MAX_BODY (32.0 * 1024 * 1024)
#define DEFAULT_TIMEOUT 30.0
#define DEFAULT_CONNECT_TIMEOUT 5.0

/* Seconds; fallback when nil. */
static double seconds_field(lua_State *L, int idx, const char *name, double fallback)
{
    double n = fallback;
    lua_pushstring(L, name);
    lua_rawget(L, idx);
    if (!lua_isnil(L, -1)) {
        n = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
        if (!(n > 0)) {
            luaL_error(L, "request.%s must be a number of seconds above 0", name);
        }
    }
    lua_pop(L, 1);
    return n;
}

/* A string that stays on the stack; NULL when nil and optional. */
static const char *string_field(lua_State *L, int idx, const char *name, size_t *len, int optional)
{
    lua_pushstring(L, name);
    lua_rawget(L, idx);
    if (lua_type(L, -1) != LUA_TSTRING) {
        if (!optional || !lua_isnil(L, -1)) {
            luaL_error(L, "request.%s must be a string", name);
        }
        *len = 0;
        return NULL;
    }
    return lua_tolstring(L, -1, len);
}

void ol_read_request(lua_State *L, int idx, ol_request *r, int *headers)
{
    size_t len;
    const char *wrong;

    if (lua_type(L, idx) != LUA_TTABLE) {
        luaL_error(L, "a request must be a table with method, url, headers and body");
    }
    luaL_checkstack(L, 12, "too many values");
    r->method = string_field(L, idx, "method", &len, 0);
    wrong = ol_check_method(r->method, len);
    if (wrong != NULL) {
        luaL_error(L, "request.method %s", wrong);
    }
    r->url = string_field(L, idx, "url", &len, 0);
    wrong = ol_check_url(r->url, len);
    if (wrong != NULL) {
        luaL_error(L, "request.url %s", wrong);
    }
    r->body = string_field(L, idx, "body", &r->body_len, 1);
    if (r->body != NULL && strcmp(r->method, "HEAD") == 0) {
        luaL_error(L, "request.body: a HEAD request cannot have one");
    }
    r->timeout = seconds_field(L, idx, "timeout", DEFAULT_TIMEOUT);
    r->connect_timeout = seconds_field(L, idx, "connect_timeout", DEFAULT_CONNECT_TIMEOUT);

    lua_pushliteral(L, "max_body");
    lua_rawget(L, idx);
    {
        double n = DEFAULT_MAX_BODY;
        if (!lua_isnil(L, -1)) {
            n = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
            if (!(n >= 1 && n <= (double)INT_MAX)) {
                luaL_error(L, "request.max_body must be a number of bytes from 1 to 2147483647");
            }
        }
        r->max_body = (size_t)n;
    }
    lua_pop(L, 1);

    lua_pushliteral(L, "once");
    lua_rawget(L, idx);
    r->once = lua_toboolean(L, -1);
    lua_pop(L, 1);

    lua_pushliteral(L, "headers");
    lua_rawget(L, idx);
    *headers = lua_gettop(L);
    if (lua_isnil(L, -1)) {
        return;
    }
    if (lua_type(L, -1) != LUA_TTABLE) {
        luaL_error(L, "request.headers must be a table of names and strings");
    }
    lua_pushnil(L);
    while (lua_next(L, *headers) != 0) {
        const char *name, *value;
        size_t name_len, value_len;
        if (lua_type(L, -2) != LUA_TSTRING) {
            luaL_error(L, "request.headers must be a table of names and strings");
        }
        name = lua_tolstring(L, -2, &name_len);
        if (lua_type(L, -1) != LUA_TSTRING) {
            luaL_error(L, "request.headers: the value of %s must be a string", name);
        }
        value = lua_tolstring(L, -1, &value_len);
        wrong = ol_check_header(name, name_len, value, value_len);
        if (wrong != NULL) {
            luaL_error(L, "request.headers: %s %s", name, wrong);
        }
        lua_pop(L, 1);
    }
}

void ol_add_headers(lua_State *L, int headers, ol_transfer *t)
{
    if (!lua_istable(L, headers)) {
        return;
    }
    lua_pushnil(L);
    while (lua_next(L, headers) != 0) {
        size_t name_len, value_len;
        const char *name = lua_tolstring(L, -2, &name_len);
        const char *value = lua_tolstring(L, -1, &value_len);
        if (!ol_transfer_header(t, name, name_len, value, value_len)) {
            luaL_error(L, "out of memory");
        }
        lua_pop(L, 1);
    }
}

/* Pushes the header table: lower-case names, repeated ones joined with ", ". */
static void push_headers(lua_State *L, char *p, size_t len)
{
    char *end = p + len;
    int first = 1;
    lua_createtable(L, 0, 12);
    while (p < end) {
        char *nl = memchr(p, '\n', (size_t)(end - p));
        char *stop = nl != NULL ? nl : end;
        char *next = nl != NULL ? nl + 1 : end;
        char *colon = memchr(p, ':', (size_t)(stop - p));
        if (!first && colon != NULL && colon > p && *p != ' ' && *p != '\t') {
            char *c, *value = colon + 1;
            for (c = p; c < colon; c++) {
                if (*c >= 'A' && *c <= 'Z') {
                    *c = (char)(*c | 32);
                }
            }
            /* A line that begins with a blank continues the one before. */
            while (next < end && (*next == ' ' || *next == '\t')) {
                next[-1] = ' ';
                if (next - 1 > value && next[-2] == '\r') {
                    next[-2] = ' ';
                }
                nl = memchr(next, '\n', (size_t)(end - next));
                stop = nl != NULL ? nl : end;
                next = nl != NULL ? nl + 1 : end;
            }
            while (value < stop && (*value == ' ' || *value == '\t')) {
                value++;
            }
            while (stop > value && (stop[-1] == '\r' || stop[-1] == ' ' || stop[-1] == '\t')) {
                stop--;
            }
            lua_pushlstring(L, p, (size_t)(colon - p));
            lua_pushvalue(L, -1);
            lua_rawget(L, -3);
            if (lua_isnil(L, -1)) {
                lua_pop(L, 1);
                lua_pushlstring(L, value, (size_t)(stop - value));
            } else {
                lua_pushliteral(L, ", ");
                lua_pushlstring(L, value, (size_t)(stop - value));
                lua_concat(L, 3);
            }
            lua_rawset(L, -3);
        }
        first = 0;
        p = next;
    }
}

static void set_number(lua_State *L, const char *name, double n)
{
    lua_pushnumber(L, n);
    lua_setfield(L, -2, name);
}

static int push_failure(lua_State *L, ol_transfer *t)
{
    lua_pushnil(L);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, ol_ending_name(ol_transfer_failure(t)));
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, ol_transfer_message(t));
    lua_setfield(L, -2, "message");
    lua_pushboolean(L, ol_transfer_sent(t));
    lua_setfield(L, -2, "sent");
    return 2;
}

const ol_wire *ol_wire_at(lua_State *L, int idx)
{
    const ol_wire *w = ol_headed(L, idx, OL_WIRE_TYPE, sizeof *w);
    if (w != NULL && (w->size != sizeof *w || !w->ready)) {
        luaL_error(L, "this call has no request to send: ask call:want first, and use modules of one build");
    }
    return w;
}

static void refuse(lua_State *L, const char *what, const char *wrong)
{
    if (wrong != NULL) {
        luaL_error(L, "request.%s %s", what, wrong);
    }
}

void ol_read_wire(lua_State *L, const ol_wire *wire, ol_request *r)
{
    int i;
    refuse(L, "method", ol_check_method(wire->method, strlen(wire->method)));
    refuse(L, "url", ol_check_url(wire->url, strlen(wire->url)));
    for (i = 0; i < wire->n_headers; i++) {
        const ol_wire_header *h = &wire->headers[i];
        refuse(L, h->name, ol_check_header(h->name, h->name_len, h->value, h->value_len));
    }
    r->method = wire->method;
    r->url = wire->url;
    r->body = wire->body;
    r->body_len = wire->body_len;
    r->timeout = wire->timeout;
    r->connect_timeout = wire->connect_timeout;
    r->max_body = !(wire->max_body >= 1)              ? (size_t)DEFAULT_MAX_BODY
                  : wire->max_body > (double)INT_MAX ? INT_MAX
                                                     : (size_t)wire->max_body;
    r->once = wire->once;
}

void ol_add_wire_headers(lua_State *L, const ol_wire *wire, ol_transfer *t)
{
    int i;
    for (i = 0; i < wire->n_headers; i++) {
        const ol_wire_header *h = &wire->headers[i];
        if (!ol_transfer_header(t, h->name, h->name_len, h->value, h->value_len)) {
            luaL_error(L, "out of memory");
        }
    }
}

int ol_push_raw(lua_State *L, ol_transfer *t)
{
    ol_answer a;
    if (ol_transfer_failure(t) != OL_END_ANSWERED) {
        return push_failure(L, t);
    }
    ol_transfer_answer(t, &a);
    ol_pushwhole(L, a.status);
    lua_pushlstring(L, a.headers, a.headers_len);
    lua_pushlstring(L, a.body, a.body_len);
    return 3;
}

int ol_push_result(lua_State *L, ol_transfer *t)
{
    ol_answer a;
    if (ol_transfer_failure(t) != OL_END_ANSWERED) {
        return push_failure(L, t);
    }
    ol_transfer_answer(t, &a);
    lua_createtable(L, 0, 6);
    ol_pushwhole(L, a.status);
    lua_setfield(L, -2, "status");
    push_headers(L, a.headers, a.headers_len);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, a.body, a.body_len);
    lua_setfield(L, -2, "body");
    lua_createtable(L, 0, 5);
    set_number(L, "dns", a.times.dns);
    set_number(L, "connect", a.times.connect);
    set_number(L, "tls", a.times.tls);
    set_number(L, "first_byte", a.times.first_byte);
    set_number(L, "total", a.times.total);
    lua_setfield(L, -2, "times");
    lua_pushboolean(L, a.reused);
    lua_setfield(L, -2, "reused");
    if (a.http_version != NULL) {
        lua_pushstring(L, a.http_version);
        lua_setfield(L, -2, "http_version");
    }
    return 1;
}

/* lcall.c - the call userdata: one request with its state machine, as the drivers in Lua see it.
 *
 *   want, a, b, c = call:want(mono, wall)      "send", request | "wait", until | "join", until |
 *                                              "store", operation, value, seconds | "done"
 *   call:answer(mono, wall, response, failure)
 *   call:stored(mono, wall, value, number)
 *   value, info | nil, err = call:result()
 *
 * What it keeps in its uservalue: lcall.h. */
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "fork.h"
#include "json.h"
#include "lcall.h"
#include "types.h"

/* ---- making ---- */

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
    ol_lcall *c = ol_headed(L, idx, OL_CALL, sizeof *c);
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
    ol_head_set(L, &c->wire.head, OL_CALL);
    lua_createtable(L, OL_SLOTS, 0);
    lua_pushvalue(L, -1);
    ol_setuservalue(L, -3);
    return c;
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
    lua_rawseti(L, 13, OL_SLOT_OP);
    lua_pushvalue(L, 11);
    lua_rawseti(L, 13, OL_SLOT_CLIENT);
    lua_pushvalue(L, 6);
    lua_rawseti(L, 13, OL_SLOT_PARAMS);

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
    if (!ol_buf_adds(&c->url, op->host != NULL && client->official ? op->host : client->base)) {
        return luaL_error(L, "not enough memory");
    }
    c->has_headers = lua_istable(L, 10);
    if (c->has_headers) {
        ol_request_check_headers(L, c, 10);
        lua_pushvalue(L, 10);
        lua_rawseti(L, 13, OL_SLOT_HEADERS);
    }
    ol_request_ids(L, c, 4);
    ol_request_query(L, c, 5);
    if (!lua_isnil(L, 6) && op->form) {
        ol_request_form(L, c, 6);
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
    ol_lcall *c = ol_headed(L, 1, OL_CALL, sizeof *c);
    if (c == NULL) {
        c = luaL_checkudata(L, 1, OL_CALL); /* says what it is instead */
    }
    if (c->call == NULL || c->op->id == NULL) {
        luaL_error(L, "this call was already finalised");
    }
    return c;
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
    lua_rawgeti(L, -1, OL_SLOT_CLIENT);
    ol_getuservalue(L, -1);
    lua_pushvalue(L, -4);
    lua_setfield(L, -2, "flight_error");
    lua_pop(L, 3);
    set_slot(L, OL_SLOT_TOKEN_ERROR);
}

/* Pushes { kind = , message = }. */
static void push_error(lua_State *L, const char *kind, const char *message)
{
    lua_createtable(L, 0, 8);
    ol_set_pair(L, "kind", kind);
    ol_set_pair(L, "message", message);
}

static void push_store(lua_State *L, const ol_lcall *c, const ol_want_info *info, ol_time now)
{
    static const char *const names[] = {"get_token", "lock_token", "unlock_token",
                                        "put_token", "get_pace",   "put_pace"};
    const ol_token *t = ol_client_token(c->client->client);
    lua_pushliteral(L, "store");
    lua_pushstring(L, names[info->store]);
    if (info->store == OL_STORE_PUT_TOKEN && t->value != NULL) {
        double expires = t->expires;
        lua_pushlstring(L, t->value, t->len);
        lua_pushnumber(L, expires);
    } else if (info->store == OL_STORE_LOCK_TOKEN || info->store == OL_STORE_UNLOCK_TOKEN) {
        char mark[24];
        snprintf(mark, sizeof mark, "%016llx", info->store_mark);
        lua_pushstring(L, mark);
        lua_pushnumber(L, info->store_seconds);
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
        if (ol_request_fill(L, c, &info.send) != 0) {
            push_error(L, "auth", lua_tostring(L, -1));
            set_slot(L, OL_SLOT_TOKEN_ERROR);
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
            ol_request_push(L, c, info.send.token);
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
            set_slot(L, OL_SLOT_FAILURE);
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
        set_slot(L, OL_SLOT_INFO);
        set_slot(L, OL_SLOT_VALUE);
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
    ol_set_pair(L, "operation", c->op->id);
    ol_set_pair(L, "method", c->op->method);
    ol_set_pair(L, "path", c->op->path);
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
        ol_set_pair(L, "hint",
                 "the server re-issued the same token, so a new one would not help: the credential's scope may not "
                 "cover this call, the route may not exist for it, or access was withdrawn");
    }
    if (o->quota_spent) {
        ol_set_pair(L, "hint", "not repeated: the client's retry quota is spent, too many calls have failed of late");
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
        lua_rawgeti(L, uv, OL_SLOT_VALUE);
        lua_rawgeti(L, uv, OL_SLOT_INFO);
        if (!lua_isnil(L, -2)) {
            return 2;
        }
        break;
    case OL_RESULT_FAILURE:
        lua_rawgeti(L, uv, OL_SLOT_FAILURE);
        break;
    case OL_RESULT_TOKEN:
        token = 1;
        lua_rawgeti(L, uv, OL_SLOT_TOKEN_ERROR);
        break;
    case OL_RESULT_JOINED:
        token = 1;
        lua_rawgeti(L, uv, OL_SLOT_CLIENT);
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
            lua_rawgeti(L, uv, OL_SLOT_TOKEN_ERROR);
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

/* call:request(mask) -> the request as it would be sent, with `mask` instead of what authorises it. */
static int m_request(lua_State *L)
{
    return busily(L, ol_request_describe);
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
    lua_rawgeti(L, -1, OL_SLOT_OP);
    lua_rawgeti(L, -2, OL_SLOT_PARAMS);
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

/* call:rest(): the caller has the result and promises that nobody else holds this call; it is emptied and may be
 * given to core.call as a spare, which saves making and collecting one for each request. */
static int m_rest(lua_State *L)
{
    ol_lcall *c = check_call(L);
    ol_call *call = c->call;
    int i;

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
    for (i = 1; i <= OL_SLOTS; i++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, i);
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
        {"want", m_want},     {"answer", m_answer},       {"stored", m_stored},       {"cancel", m_cancel},
        {"take", m_take},     {"result", m_result},       {"request", m_request},     {"attempts", m_attempts},
        {"close", m_close},   {"operation", m_operation}, {"rest", m_rest},           {NULL, NULL},
    };
    ol_newtype(L, OL_CALL, methods, m_close, m_tostring);
    luaL_getmetatable(L, OL_CALL);
    lua_pushcfunction(L, m_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    lua_pushcfunction(L, new_call);
}

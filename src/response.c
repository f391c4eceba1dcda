#include "response.h"

#include "compat.h"
#include "granted.h"
#include "headers.h"
#include "json.h"
#include "reason.h"
#include "when.h"

static const char no_status[] = "the transport gave an answer without an HTTP status";

/* ---- the answer ----------------------------------------------------------------------------- */

typedef struct reading {
    lua_State *L;
    const ol_shape *shape;
    ol_facts *facts;
    ol_answer a;
    ol_headers hs;
    int body_at;  /* stack index of the body as a Lua string; 0 = none is at hand */
    int envelope; /* stack index of the v1 status table; 0 = none */
    int info;     /* stack index of the info table; 0 = none yet */
} reading;

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Finds out what the body is; a JSON body is decoded and left on the stack.  Else pushes the
 * reason why it is none, or nil. */
static void read_body(reading *r)
{
    lua_State *L = r->L;
    const char *s = r->a.body, *end = s + r->a.len;

    if (end - s >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
        s += 3;
    }
    while (s < end && is_blank(*s)) {
        s++;
    }
    if (s == end || r->a.status == r->shape->also) { /* a redirect's page says nothing */
        r->a.form = OL_BODY_EMPTY;
        lua_pushnil(L);
        return;
    }
    if (*s == '<') {
        r->a.form = OL_BODY_MARKUP;
        lua_pushnil(L);
        return;
    }
    if ((r->body_at != 0 ? ol_json_decode_at(L, r->body_at, r->shape->nulls_nil)
                         : ol_json_decode(L, r->a.body, r->a.len, r->shape->nulls_nil)) == 0) {
        r->a.form = OL_BODY_JSON;
        r->a.value = lua_gettop(L);
        return;
    }
    r->a.form = *s == '{' || *s == '[' || *s == '"' ? OL_BODY_BROKEN : OL_BODY_TEXT;
}

/* Reads status, headers and body of the answer table; one value (see read_body) is left on the
 * stack. */
static void read_answer(reading *r, lua_State *L, const ol_shape *shape, int answer,
                        const ol_raw_answer *raw, ol_facts *facts)
{
    long long status = 0;

    memset(r, 0, sizeof *r);
    r->L = L;
    r->shape = shape;
    r->facts = facts;
    if (raw != NULL) {
        status = raw->status;
        ol_headers_scan(raw->head, raw->head_len, &r->hs);
    } else {
        ol_json_field(L, answer, "status");
        if (!ol_iswhole(L, -1, &status)) {
            status = 0;
        }
        lua_pop(L, 1);
        ol_headers_read(L, answer, &r->hs);
    }
    r->a.status = status < 100 || status > 999 ? 0 : (int)status;
    ol_headers_facts(&r->hs, r->a.status, facts);
    r->a.request_id = r->hs.value[OL_H_REQUEST_ID];
    r->a.request_id_len = r->hs.len[OL_H_REQUEST_ID];
    r->a.body = "";
    if (raw != NULL) {
        r->a.body = raw->body;
        r->a.len = raw->body_len;
        r->body_at = raw->body_at;
    } else {
        if (ol_json_field(L, answer, "body") == LUA_TSTRING) {
            r->a.body = lua_tolstring(L, -1, &r->a.len);
        }
        lua_pop(L, 1); /* the answer table keeps the string */
    }
    read_body(r);
}

/* True when the 2xx answer says by its envelope that it is an error. */
static int envelope_error(reading *r)
{
    lua_State *L = r->L;
    int bad = 0;
    if (r->a.form != OL_BODY_JSON || !(r->shape->v1 || r->shape->token)) {
        return 0;
    }
    if (ol_json_field(L, r->a.value, "status") == LUA_TTABLE) {
        r->envelope = lua_gettop(L);
        ol_json_field(L, -1, "error");
        bad = lua_type(L, -1) == LUA_TBOOLEAN && lua_toboolean(L, -1);
        lua_pop(L, 1);
        return bad;
    }
    lua_pop(L, 1);
    return 0;
}

/* ---- info: what stands beside a result
 * -------------------------------------------------------- */

static void need_info(reading *r)
{
    if (r->info == 0) {
        lua_newtable(r->L);
        r->info = lua_gettop(r->L);
    }
}

/* info[name] = the text of field `key` of the value at idx, when that is a text or a number. */
static void info_text(reading *r, const char *name, int idx, const char *key)
{
    lua_State *L = r->L;
    size_t n;
    int type = ol_json_field(L, idx, key);
    if (type == LUA_TNUMBER || (type == LUA_TSTRING && ol_rawlen(L, -1) > 0)) {
        (void)lua_tolstring(L, -1, &n); /* a cursor is text, whatever the server took it for */
        lua_setfield(L, r->info, name);
    } else {
        lua_pop(L, 1);
    }
}

static void info_header(reading *r, const char *name, int h)
{
    if (r->hs.value[h] != NULL) {
        lua_pushlstring(r->L, r->hs.value[h], r->hs.len[h]);
        lua_setfield(r->L, r->info, name);
    }
}

static void info_number(reading *r, const char *name, double v)
{
    if (v >= 0 && v <= 9007199254740992.0) {
        ol_pushwhole(r->L, (long long)v);
        lua_setfield(r->L, r->info, name);
    }
}

/* What lists tell about themselves. */
static void list_info(reading *r)
{
    lua_State *L = r->L;

    need_info(r);
    info_header(r, "request_id", OL_H_REQUEST_ID);
    if (r->envelope != 0 || r->shape->v1) {
        /* Also where the envelope's status is unusable: the end of a walk must not come from a field's type. */
        int paged = ol_json_field(L, r->a.value, "pagination") == LUA_TTABLE || r->envelope != 0;
        info_text(r, "cursor", -1, "after_cursor");
        info_text(r, "before", -1, "before_cursor");
        lua_pop(L, 1);
        if (paged) {
            return;
        }
    }
    info_header(r, "cursor", OL_H_AFTER);
    info_header(r, "before", OL_H_BEFORE);
    info_number(r, "total", ol_header_number(&r->hs, OL_H_TOTAL));
    info_number(r, "total_pages", ol_header_number(&r->hs, OL_H_PAGES));
    info_number(r, "page", ol_header_number(&r->hs, OL_H_PAGE));
    info_number(r, "limit", ol_header_number(&r->hs, OL_H_ITEMS));
    if (r->shape->unwrap != NULL) { /* privileges: { total, roles, afterCursor, ... } */
        info_text(r, "cursor", r->a.value, "afterCursor");
        info_text(r, "before", r->a.value, "beforeCursor");
        if (ol_json_field(L, r->a.value, "total") == LUA_TNUMBER) {
            lua_pushvalue(L, -1);
            lua_setfield(L, r->info, "total");
        }
        lua_pop(L, 1);
    }
}

/* status_type and status_message, when a v1 status says more than "Success". */
static void status_info(reading *r)
{
    static const char *const keys[2][3] = {{"type", "status_type", "success"},
                                           {"message", "status_message", "Success"}};
    lua_State *L = r->L;
    int i, news = 0;

    if (r->envelope == 0) {
        return;
    }
    for (i = 0; i < 2; i++) {
        news |= ol_json_field(L, r->envelope, keys[i][0]) == LUA_TSTRING &&
                strcmp(lua_tostring(L, -1), keys[i][2]) != 0;
        lua_pop(L, 1);
    }
    if (news) {
        need_info(r);
        for (i = 0; i < 2; i++) {
            info_text(r, keys[i][1], r->envelope, keys[i][0]);
        }
    }
}

/* ---- results -------------------------------------------------------------------------------- */

/* True when the value at idx is a decoded array; `{}` is none. */
static int is_array(lua_State *L, int idx)
{
    return lua_type(L, idx) == LUA_TTABLE && ol_json_is_array(L, idx);
}

static int is_nothing(lua_State *L, int idx)
{
    return lua_isnoneornil(L, idx) || ol_json_is_null(L, idx);
}

/* Replaces the array on top by one with the items of its inner arrays. */
static void flatten(lua_State *L)
{
    size_t n = ol_rawlen(L, -1), i, j, m;
    int out = 0, deep = 0;

    for (i = 1; i <= n && !deep; i++) {
        lua_rawgeti(L, -1, (int)i);
        deep = is_array(L, -1);
        lua_pop(L, 1);
    }
    if (!deep) {
        return;
    }
    lua_newtable(L);
    for (i = 1; i <= n; i++) {
        lua_rawgeti(L, -2, (int)i);
        if (is_array(L, -1)) {
            m = ol_rawlen(L, -1);
            for (j = 1; j <= m; j++) {
                lua_rawgeti(L, -1, (int)j);
                lua_rawseti(L, -3, ++out);
            }
            lua_pop(L, 1);
        } else {
            lua_rawseti(L, -2, ++out);
        }
    }
    ol_json_tag(L);
    lua_remove(L, -2);
}

/* Replaces an array of one on top by its item. */
static void only_item(lua_State *L, int any_type)
{
    if (is_array(L, -1) && ol_rawlen(L, -1) == 1) {
        lua_rawgeti(L, -1, 1);
        if (any_type || lua_type(L, -1) == LUA_TTABLE) {
            lua_remove(L, -2);
        } else {
            lua_pop(L, 1);
        }
    }
}

/* Replaces the value on top by what lies under the declared key, when it is there. */
static void unwrap(reading *r)
{
    lua_State *L = r->L;
    int inner;

    if (r->shape->unwrap == NULL || lua_type(L, -1) != LUA_TTABLE) {
        return;
    }
    lua_pushvalue(L, -1);
    only_item(L, 0);
    inner = ol_json_field(L, -1, r->shape->unwrap) != LUA_TNIL;
    lua_remove(L, -2);
    if (inner) {
        lua_remove(L, -2);
    } else {
        lua_pop(L, 1);
    }
}

/* Pushes the data of the decoded body: that of the v1 envelope, or the body. */
static void push_data(reading *r)
{
    lua_State *L = r->L;
    if (r->envelope != 0) {
        ol_json_field(L, r->a.value, "data");
    } else if (r->shape->v1 && ol_json_field(L, r->a.value, "data") != LUA_TNIL) {
        return; /* an envelope without its status */
    } else {
        if (r->shape->v1) {
            lua_pop(L, 1);
        }
        lua_pushvalue(L, r->a.value); /* some v1 routes answer bare */
    }
}

/* Pushes the result of a 2xx with a JSON body; 0 when there is none (nothing pushed). */
static int push_result(reading *r)
{
    lua_State *L = r->L;

    push_data(r);
    unwrap(r);
    if (r->shape->nested && is_array(L, -1)) {
        flatten(L);
    }
    if (r->shape->list || r->shape->paged != 0) {
        if (!is_array(L, -1)) {
            lua_pop(L, 1);
            return 0;
        }
        return 1;
    }
    if (!r->shape->nested) {
        only_item(L, r->shape->v1);
    }
    if (r->shape->none || is_nothing(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    return 1;
}

/* A 2xx body that is not JSON: pushes the result where the operation allows such a body. */
static int push_text(reading *r)
{
    const char *s = r->a.body, *end = s + r->a.len;

    if (r->shape->list || r->shape->paged != 0) {
        return 0;
    }
    if (r->a.form == OL_BODY_EMPTY) {
        lua_pushboolean(r->L, 1);
        return 1;
    }
    if (r->a.form != OL_BODY_TEXT) {
        return 0;
    }
    if (r->shape->value) {
        while (s < end && is_blank(*s)) {
            s++;
        }
        while (s < end && is_blank(end[-1])) {
            end--;
        }
        lua_pushlstring(r->L, s, (size_t)(end - s));
        return 1;
    }
    if (r->shape->none && r->a.len <= 64) { /* "OK" */
        lua_pushboolean(r->L, 1);
        return 1;
    }
    return 0;
}

/* Replaces a result that does not say success by false; the info table tells why. */
static void must_grant(reading *r, int result)
{
    const char *why = ol_granted_not(r->L, r->shape, r->envelope, result);
    int from = r->envelope != 0 ? r->envelope : result;

    if (why == NULL) {
        return;
    }
    need_info(r);
    lua_pushstring(r->L, why);
    lua_setfield(r->L, r->info, "status_type");
    info_text(r, "status_message", from, "message");
    lua_pushboolean(r->L, 0);
    lua_replace(r->L, result);
}

/* Leaves nil and the error table, which is on top, above `top`. */
static void finish_error(lua_State *L, int top)
{
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
    lua_pushnil(L);
    lua_insert(L, top + 1);
}

/* Pushes the error of a 2xx that is not usable.  The value read_body left is on top of the
 * stack. */
static void decode_error(reading *r, int why_at)
{
    lua_State *L = r->L;
    const char *why = lua_type(L, why_at) == LUA_TSTRING ? lua_tostring(L, why_at) : NULL;

    if (r->a.form == OL_BODY_JSON) {
        why = "the body holds no list where one was expected";
    } else if (r->a.form == OL_BODY_EMPTY) {
        why = "the body is empty where a list was expected";
    } else if (r->a.form == OL_BODY_MARKUP) {
        why = "the body is a page instead of JSON";
    } else {
        why = lua_pushfstring(L, "the body is unusable (%s)", why != NULL ? why : "not JSON");
    }
    ol_reason_decode(L, r->shape, &r->a, why, r->facts);
}

void ol_response_map(lua_State *L, const ol_shape *shape, int answer_idx, const ol_raw_answer *raw,
                     ol_facts *facts)
{
    int answer = ol_absindex(L, answer_idx);
    int top = lua_gettop(L), result;
    reading r;

    luaL_checkstack(L, 60, "mapping an answer");
    read_answer(&r, L, shape, answer, raw, facts);
    if (r.a.status == 0) {
        ol_reason_decode(L, shape, &r.a, no_status, facts);
        finish_error(L, top);
        return;
    }
    if ((r.a.status < 200 || r.a.status > 299) && r.a.status != shape->also) {
        ol_reason_push(L, shape, &r.a, facts);
        finish_error(L, top);
        return;
    }
    if (shape->raw) {
        lua_pushlstring(L, r.a.body, r.a.len);
        lua_insert(L, top + 1);
        lua_pushnil(L);
        lua_insert(L, top + 2);
        lua_settop(L, top + 2);
        return;
    }
    if (envelope_error(&r)) {
        ol_reason_push(L, shape, &r.a, facts);
        finish_error(L, top);
        return;
    }
    if (!(r.a.form == OL_BODY_JSON ? push_result(&r) : push_text(&r))) {
        decode_error(&r, top + 1);
        finish_error(L, top);
        return;
    }
    result = lua_gettop(L);
    if (shape->list || shape->paged != 0) {
        list_info(&r);
    }
    status_info(&r);
    if (shape->pending) {
        must_grant(&r, result);
    }
    lua_pushvalue(L, result);
    if (r.info != 0) {
        lua_pushvalue(L, r.info);
    } else {
        lua_pushnil(L);
    }
    lua_insert(L, top + 1);
    lua_insert(L, top + 1);
    lua_settop(L, top + 2);
}

/* ---- the token route ------------------------------------------------------------------------ */

/* A token that may stand in a header: visible ASCII, and not absurdly long. */
static int usable_token(const char *s, size_t n)
{
    size_t i;
    for (i = 0; i < n; i++) {
        if (s[i] < 0x21 || s[i] > 0x7e) {
            return 0;
        }
    }
    return n > 0 && n <= 16384;
}

/* A number, or a text that holds one, under `key` of the table on top; -1 when there is none. */
static double token_number(lua_State *L, const char *key)
{
    double v = -1;
    size_t n;
    const char *s;
    if (ol_json_field(L, -1, key) == LUA_TNUMBER) {
        v = lua_tonumber(L, -1);
    } else if (lua_type(L, -1) == LUA_TSTRING) {
        s = lua_tolstring(L, -1, &n);
        if (!ol_number_at(s, n, &v)) {
            v = -1;
        }
    }
    lua_pop(L, 1);
    return v >= 0 && v < 1e12 ? v : -1;
}

/* Reads the token facts of the table on top; 0 when it holds no usable token. */
static int token_facts(lua_State *L, ol_token_facts *t)
{
    size_t n;
    const char *s;

    if (ol_json_field(L, -1, "access_token") != LUA_TSTRING) {
        lua_pop(L, 1);
        return 0;
    }
    s = lua_tolstring(L, -1, &n);
    lua_pop(L, 1); /* the table keeps it */
    if (!usable_token(s, n)) {
        return 0;
    }
    t->access_token = s;
    t->token_len = (unsigned long)n;
    t->expires_in = token_number(L, "expires_in");
    if (ol_json_field(L, -1, "created_at") == LUA_TSTRING) {
        s = lua_tolstring(L, -1, &n);
        if (!ol_when_iso(s, n, &t->created_at)) {
            t->created_at = -1;
        }
        lua_pop(L, 1);
    } else {
        lua_pop(L, 1);
        t->created_at = token_number(L, "created_at");
    }
    return 1;
}

void ol_response_token(lua_State *L, int answer_idx, const ol_raw_answer *raw, ol_facts *facts,
                       ol_token_facts *t)
{
    static const ol_shape shape = {.token = 1, .nulls_nil = 1};
    int answer = ol_absindex(L, answer_idx);
    int top = lua_gettop(L);
    reading r;

    t->access_token = NULL;
    t->token_len = 0;
    t->created_at = t->expires_in = -1;
    luaL_checkstack(L, 60, "mapping an answer");
    read_answer(&r, L, &shape, answer, raw, facts);
    if (r.a.status != 0 && (r.a.status < 200 || r.a.status > 299 || envelope_error(&r))) {
        ol_reason_push(L, &shape, &r.a, facts);
        finish_error(L, top);
        return;
    }
    if (r.a.status != 0 && r.a.form == OL_BODY_JSON) {
        if (ol_json_field(L, r.a.value, "data") == LUA_TTABLE) { /* v1 route */
            only_item(L, 0);
        } else {
            lua_pop(L, 1);
            lua_pushvalue(L, r.a.value);
            only_item(L, 0);
        }
        if (lua_type(L, -1) == LUA_TTABLE && token_facts(L, t)) {
            lua_insert(L, top + 1);
            lua_settop(L, top + 1);
            lua_pushnil(L);
            return;
        }
    }
    ol_reason_decode(L, &shape, &r.a,
                     r.a.status == 0 ? no_status : "the body carries no usable access_token", facts);
    finish_error(L, top);
}

/* ---- for Lua -------------------------------------------------------------------------------- */

static int flag(lua_State *L, const char *name)
{
    int on;
    ol_json_field(L, 1, name);
    on = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return on;
}

static void push_number(lua_State *L, const char *name, double v)
{
    if (v >= 0) {
        lua_pushnumber(L, v);
        lua_setfield(L, -2, name);
    }
}

static void push_facts(lua_State *L, const ol_facts *f)
{
    lua_newtable(L);
    lua_pushinteger(L, f->status);
    lua_setfield(L, -2, "status");
    lua_pushstring(L, ol_kind_name(f->kind));
    lua_setfield(L, -2, "kind");
    lua_pushboolean(L, f->token_doubtful);
    lua_setfield(L, -2, "token_doubtful");
    push_number(L, "retry_after", f->retry_after);
    push_number(L, "limit", f->limit);
    push_number(L, "remaining", f->remaining);
    push_number(L, "reset", f->reset);
    push_number(L, "date", f->date);
}

/* map(shape, answer): shape has the names of the declared table: envelope, result, nested,
 * unwrap, paging, person, pending; and nulls = "nil" | "sentinel" */
static int l_map(lua_State *L)
{
    ol_shape shape = {0};
    ol_facts facts;
    const char *s;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    ol_json_field(L, 1, "envelope");
    s = lua_tostring(L, -1);
    shape.v1 = s != NULL && strcmp(s, "v1") == 0;
    ol_json_field(L, 1, "result");
    s = lua_tostring(L, -1);
    shape.list = s != NULL && strcmp(s, "list") == 0;
    shape.none = s != NULL && strcmp(s, "none") == 0;
    shape.value = s != NULL && strcmp(s, "value") == 0;
    ol_json_field(L, 1, "paging");
    s = lua_tostring(L, -1);
    shape.paged = s == NULL ? 0 : strcmp(s, "v1") == 0 ? 1 : 2;
    ol_json_field(L, 1, "nulls");
    s = lua_tostring(L, -1);
    shape.nulls_nil = s == NULL || strcmp(s, "sentinel") != 0;
    ol_json_field(L, 1, "unwrap");
    shape.unwrap = lua_tostring(L, -1);
    shape.nested = flag(L, "nested");
    shape.person = flag(L, "person");
    shape.pending = flag(L, "pending");
    ol_response_map(L, &shape, 2, NULL, &facts);
    push_facts(L, &facts);
    return 3;
}

/* token(answer) */
static int l_token(lua_State *L)
{
    ol_facts facts;
    ol_token_facts t;

    lua_settop(L, 1);
    ol_response_token(L, 1, NULL, &facts, &t);
    push_facts(L, &facts);
    if (t.access_token == NULL) {
        return 3;
    }
    lua_newtable(L);
    lua_pushlstring(L, t.access_token, t.token_len);
    lua_setfield(L, -2, "access_token");
    push_number(L, "created_at", t.created_at);
    push_number(L, "expires_in", t.expires_in);
    return 4;
}

int ol_response_open(lua_State *L)
{
    static const luaL_Reg functions[] = {{"map", l_map}, {"token", l_token}, {NULL, NULL}};
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
    return 1;
}

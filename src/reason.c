#include "reason.h"

#include "compat.h"
#include "json.h"

#include <stdio.h>

#define MESSAGE_MAX 1000
#define BODY_MAX 4096

/* ---- text ----------------------------------------------------------------------------------- */

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* n shortened so that no UTF-8 sequence of s is cut. */
static size_t whole_chars(const char *s, size_t n)
{
    size_t i = n;
    while (i > 0 && n - i < 3 && ((unsigned char)s[i] & 0xC0) == 0x80) {
        i--;
    }
    return ((unsigned char)s[i] & 0xC0) == 0x80 ? n : i;
}

/* Appends s as one line: control characters and runs of white space become one blank (a server
 * must not write escape sequences into a terminal or lines into a log). */
static void add_line(ol_buf *b, const char *s, size_t n)
{
    size_t i, start = b->len, room = start < MESSAGE_MAX ? MESSAGE_MAX - start : 0;
    int cut = n > room, blank = 1;
    if (cut) {
        n = whole_chars(s, room);
    }
    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c <= 0x20 || c == 0x7f) {
            if (!blank) {
                ol_buf_addc(b, ' ');
            }
            blank = 1;
        } else if (c == 0xC2 && i + 1 < n && (unsigned char)s[i + 1] >= 0x80 &&
                   (unsigned char)s[i + 1] < 0xA0) {
            i++; /* C1 controls */
        } else {
            ol_buf_addc(b, (char)c);
            blank = 0;
        }
    }
    while (b->len > start && b->data[b->len - 1] == ' ') {
        b->data[--b->len] = '\0';
    }
    if (cut && room > 0) {
        ol_buf_adds(b, "...");
    }
}

static int add_value(lua_State *L, int idx, ol_buf *b, int depth);

/* Appends sep and the text of the value at idx; nothing, and 0, when that has none. */
static int add_after(lua_State *L, int idx, ol_buf *b, const char *sep, int depth)
{
    size_t start = b->len, text;
    ol_buf_adds(b, sep);
    text = b->len;
    if (add_value(L, idx, b, depth) && b->len > text) {
        return 1;
    }
    if (b->data != NULL) {
        b->len = start;
        b->data[start] = '\0';
    }
    return 0;
}

/* Items joined by "; ". */
static int add_items(lua_State *L, int idx, ol_buf *b, int depth)
{
    size_t i, n = ol_rawlen(L, idx);
    int any = 0;
    for (i = 1; i <= n && i <= 20; i++) {
        lua_rawgeti(L, idx, (int)i);
        any |= add_after(L, lua_gettop(L), b, any ? "; " : "", depth);
        lua_pop(L, 1);
    }
    return any;
}

/* { email = {"must be unique"} }: "email: must be unique". */
static int add_fields(lua_State *L, int idx, ol_buf *b, int depth)
{
    int any = 0;
    size_t n;
    const char *s;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (lua_type(L, -2) == LUA_TSTRING && b->len < MESSAGE_MAX) {
            s = lua_tolstring(L, -2, &n);
            ol_buf_adds(b, any ? "; " : "");
            add_line(b, s, n);
            add_after(L, lua_gettop(L), b, ": ", depth);
            any = 1;
        }
        lua_pop(L, 1);
    }
    return any;
}

/* A list, { field, message }, { description, attribute } or { field = texts }. */
static int add_table(lua_State *L, int idx, ol_buf *b, int depth)
{
    static const char *const keys[] = {"description", "message", "messages",
                                       "error",       "detail",  "title"};
    size_t i;
    int any, label;

    if (ol_rawlen(L, idx) > 0) {
        return add_items(L, idx, b, depth);
    }
    ol_json_field(L, idx, "field");
    label = lua_type(L, -1) == LUA_TSTRING && add_after(L, lua_gettop(L), b, "", depth);
    lua_pop(L, 1);
    for (i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        ol_json_field(L, idx, keys[i]);
        any = add_after(L, lua_gettop(L), b, label ? ": " : "", depth);
        lua_pop(L, 1);
        if (any) {
            return 1;
        }
    }
    return label || add_fields(L, idx, b, depth);
}

static int add_value(lua_State *L, int idx, ol_buf *b, int depth)
{
    const char *s;
    size_t n;
    char tmp[40];
    long long whole;

    switch (lua_type(L, idx)) {
    case LUA_TSTRING:
        s = lua_tolstring(L, idx, &n);
        add_line(b, s, n);
        return n > 0;
    case LUA_TNUMBER:
        if (ol_iswhole(L, idx, &whole)) {
            snprintf(tmp, sizeof tmp, "%lld", whole);
        } else {
            snprintf(tmp, sizeof tmp, "%.14g", lua_tonumber(L, idx));
        }
        ol_buf_adds(b, tmp);
        return 1;
    case LUA_TTABLE:
        return depth < 4 && add_table(L, idx, b, depth + 1);
    default:
        return 0;
    }
}

/* ---- markup and plain text ------------------------------------------------------------------ */

/* The first place in [s, end) that reads as the lower-case word, in any case; NULL when none. */
static const char *find(const char *s, const char *end, const char *word)
{
    size_t n = strlen(word), i;
    for (; (size_t)(end - s) >= n; s++) {
        for (i = 0; i < n && lower((unsigned char)s[i]) == word[i]; i++) {
        }
        if (i == n) {
            return s;
        }
    }
    return NULL;
}

/* The character an entity at s stands for (its length to *len), or 0. */
static char entity(const char *s, const char *end, size_t *len)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''},
                 {"&apos;", '\''}, {"&nbsp;", ' '}};
    size_t i;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        *len = strlen(names[i].name);
        if ((size_t)(end - s) >= *len && memcmp(s, names[i].name, *len) == 0) {
            return names[i].c;
        }
    }
    return 0;
}

/* Appends the text of the first element `tag` of a page, without markup; true when there is
 * some. */
static int add_element(ol_buf *b, const char *s, size_t n, const char *tag)
{
    char open[16], close[16], text[300];
    const char *end = s + n, *stop;
    size_t used = 0, skip;
    char c;

    snprintf(open, sizeof open, "<%s", tag);
    snprintf(close, sizeof close, "</%s", tag);
    do {
        s = find(s, end, open);
        if (s == NULL) {
            return 0;
        }
        s += strlen(open);
    } while (s < end && *s != '>' && *s != ' ' && *s != '\t' && *s != '\n' && *s != '\r');
    while (s < end && *s != '>') {
        s++;
    }
    stop = s < end ? find(s, end, close) : NULL;
    if (stop == NULL) {
        stop = end;
    }
    s += s < stop;
    while (s < stop && used < sizeof text) {
        if (*s == '<') {
            while (s < stop && *s != '>') {
                s++;
            }
            s += s < stop;
            text[used++] = ' ';
        } else if (*s == '&' && (c = entity(s, stop, &skip)) != 0) {
            text[used++] = c;
            s += skip;
        } else {
            text[used++] = *s++;
        }
    }
    skip = b->len;
    add_line(b, text, used == sizeof text ? whole_chars(text, used - 1) : used);
    return b->len > skip;
}

static const char *phrase(int status)
{
    static const struct {
        int status;
        const char *text;
    } list[] = {{400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
                {405, "Method Not Allowed"}, {408, "Request Timeout"}, {409, "Conflict"},
                {413, "Content Too Large"}, {415, "Unsupported Media Type"},
                {422, "Unprocessable Content"}, {429, "Too Many Requests"},
                {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
                {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
    size_t i;
    for (i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (list[i].status == status) {
            return list[i].text;
        }
    }
    return "";
}

/* "HTTP 503 Service Unavailable" */
static void add_status(ol_buf *b, int status)
{
    char tmp[80];
    const char *text = phrase(status);
    snprintf(tmp, sizeof tmp, "HTTP %d%s%s", status, *text != '\0' ? " " : "", text);
    ol_buf_adds(b, tmp);
}

/* The message of an answer that is no JSON. */
static void add_raw(ol_buf *b, const ol_answer *a)
{
    static const char *const elements[] = {"message", "title", "h1", "h2", "p"};
    size_t i;
    switch (a->form) {
    case OL_BODY_EMPTY:
        add_status(b, a->status);
        ol_buf_adds(b, ", without a body");
        return;
    case OL_BODY_MARKUP:
        for (i = 0; i < sizeof elements / sizeof elements[0]; i++) {
            if (add_element(b, a->body, a->len, elements[i])) {
                return;
            }
        }
        add_status(b, a->status);
        ol_buf_adds(b, ", with a page instead of JSON");
        return;
    case OL_BODY_TEXT:
        add_line(b, a->body, a->len < 300 ? a->len : whole_chars(a->body, 300));
        if (b->len > 0) {
            return;
        }
        break;
    default:
        break;
    }
    add_status(b, a->status);
    ol_buf_adds(b, ", with a body that is not JSON");
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* Sets err[name] from field `key` of the value at idx, when that is a string or a number. */
static int keep(lua_State *L, int err, const char *name, int idx, const char *key)
{
    int type = ol_json_field(L, idx, key);
    if (type != LUA_TNUMBER && (type != LUA_TSTRING || ol_rawlen(L, -1) == 0)) {
        lua_pop(L, 1);
        return 0;
    }
    lua_setfield(L, err, name);
    return 1;
}

/* Appends the text of body[key] when the message is still empty. */
static void first(lua_State *L, int body, const char *key, ol_buf *b)
{
    if (b->len == 0) {
        ol_json_field(L, body, key);
        add_after(L, lua_gettop(L), b, "", 0);
        lua_pop(L, 1);
    }
}

/* Reads every known shape; the order of texts is that of flows 0.4.  Sets code, name and field
 * of the table at err, leaves the message in b. */
static void read_json(lua_State *L, int err, int body, ol_buf *b)
{
    int status, from_error;
    int top = lua_gettop(L);

    if (lua_type(L, body) == LUA_TTABLE && ol_rawlen(L, body) > 0) {
        lua_rawgeti(L, body, 1); /* some services wrap the error in a list */
        body = lua_gettop(L);
    }
    if (lua_type(L, body) != LUA_TTABLE) {
        add_value(L, body, b, 0);
        lua_settop(L, top);
        return;
    }
    status = ol_json_field(L, body, "status") == LUA_TTABLE ? lua_gettop(L) : 0;
    if (status != 0) {
        first(L, status, "message", b);
        first(L, status, "description", b);
        first(L, status, "type", b);
        ol_json_field(L, status, "message");
        (void)(keep(L, err, "field", -1, "attribute") || keep(L, err, "field", -1, "field"));
        lua_pop(L, 1);
        (void)keep(L, err, "name", status, "type");
    } else {
        first(L, body, "description", b);
    }
    first(L, body, "message", b);
    first(L, body, "messages", b);
    first(L, body, "error_description", b);
    first(L, body, "detail", b);
    ol_json_field(L, body, "errors");
    if (lua_type(L, -1) == LUA_TTABLE || lua_type(L, -1) == LUA_TSTRING) {
        add_after(L, lua_gettop(L), b, b->len > 0 ? ": " : "", 0);
        if (ol_rawlen(L, -1) > 0 && lua_type(L, -1) == LUA_TTABLE) {
            lua_rawgeti(L, -1, 1);
            (void)keep(L, err, "field", -1, "field");
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    from_error = b->len == 0;
    first(L, body, "error", b);
    first(L, body, "name", b);
    first(L, body, "title", b);

    ol_json_field(L, body, "error");
    from_error = from_error || lua_type(L, -1) != LUA_TSTRING;
    lua_pop(L, 1);
    if (!keep(L, err, "name", body, "name") && !from_error) {
        (void)keep(L, err, "name", body, "error");
    }
    (void)keep(L, err, "field", body, "field");
    (void)((status != 0 && keep(L, err, "code", status, "code")) ||
           keep(L, err, "code", body, "statusCode") || keep(L, err, "code", body, "code") ||
           keep(L, err, "code", body, "status"));
    lua_settop(L, top);
}

/* ---- what it means -------------------------------------------------------------------------- */

/* The lower-case message and name of an error, to look for known texts. */
typedef struct words {
    const char *text;
    size_t len;
    const char *name; /* lower case; "" when none */
} words;

static int says(const words *w, const char *phrase_)
{
    return find(w->text, w->text + w->len, phrase_) != NULL;
}

static int is(const words *w, const char *text)
{
    size_t n = strlen(text), len = w->len;
    while (len > 0 && (w->text[len - 1] == '.' || w->text[len - 1] == '!')) {
        len--;
    }
    return len == n && memcmp(w->text, text, n) == 0;
}

/* A 401 that speaks of the end user and not of the API credential. */
static int says_person(const words *w)
{
    static const char *const texts[] = {
        "authentication with this factor", "invalid user credentials", "user is locked",
        "account is locked",               "user is suspended",       "user is inactive",
        "user is not active",              "password",                "otp token",
        "access is unauthorized",          "account not found",
    };
    size_t i;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (says(w, texts[i])) {
            return 1;
        }
    }
    return 0;
}

/* A 401 that speaks of the API credential: what remains on person routes. */
static int says_credential(const words *w)
{
    return w->len == 0 || is(w, "authentication failure") || is(w, "unauthorized") ||
           says(w, "authorization information") || says(w, "provide valid credentials") ||
           says(w, "requires user authentication") || says(w, "access token") ||
           says(w, "bearer") || says(w, "invalid token") || says(w, "token expired") ||
           strcmp(w->name, "invalidcredentials") == 0;
}

static int says_taken(const words *w)
{
    return says(w, "already") || says(w, "must be unique") || says(w, "been taken") ||
           says(w, "is taken") || says(w, "not unique") || says(w, "duplicate");
}

static enum ol_kind classify(const ol_shape *shape, int status, enum ol_body_form form,
                             const words *w)
{
    int said = form == OL_BODY_JSON || form == OL_BODY_TEXT;

    switch (status) {
    case 400:
    case 422:
        if (says(w, "rate_limit_exceeded") || says(w, "rate limit exceeded")) {
            return OL_KIND_RATE_LIMITED;
        }
        if (status == 400 && says(w, "authorization information")) {
            return OL_KIND_AUTH;
        }
        return says_taken(w) ? OL_KIND_CONFLICT : OL_KIND_INVALID;
    case 401:
        if (says(w, "insufficient permission") || says(w, "insufficient privileges")) {
            return OL_KIND_PERMISSION;
        }
        if (shape->token || !said) {
            return OL_KIND_AUTH;
        }
        if (says_person(w) || (shape->person && !says_credential(w))) {
            return OL_KIND_DENIED;
        }
        return OL_KIND_AUTH;
    case 403:
        if (shape->token) {
            return OL_KIND_AUTH;
        }
        return shape->person && said && says_person(w) ? OL_KIND_DENIED : OL_KIND_PERMISSION;
    case 404:
    case 410:
        return OL_KIND_NOT_FOUND;
    case 408:
        return OL_KIND_TIMEOUT;
    case 409:
    case 412:
        return OL_KIND_CONFLICT;
    case 429:
        return OL_KIND_RATE_LIMITED;
    default:
        return status >= 400 && status < 500 ? OL_KIND_INVALID : OL_KIND_SERVER;
    }
}

/* What the caller may do about it, or NULL. */
static const char *hint_for(const ol_shape *shape, const ol_answer *a, int status,
                            enum ol_kind kind, const words *w)
{
    if (status == 429 && a->form == OL_BODY_MARKUP) {
        return "answered by the proxy in front of the API, which says nothing about how long to "
               "wait: call less often";
    }
    if (shape->token) {
        if (status == 500) {
            return "the token route answers 500 for good when the administrator who owns this "
                   "credential pair was deleted: create a new pair";
        }
        return kind == OL_KIND_AUTH
                   ? "check client_id and client_secret, and that the subdomain or region is theirs"
                   : NULL;
    }
    if (kind == OL_KIND_PERMISSION) {
        return status == 401
                   ? "the scope of the API credential is too small for this operation"
                   : "the object is out of this credential's reach, or its scope is too small";
    }
    if (kind == OL_KIND_AUTH && status == 401) {
        return shape->v1
                   ? "the API token was refused: expired, revoked, or of another subdomain or region"
                   : "the API token was refused: its scope may be too small, the route may not "
                     "exist in this version of the API, or the token was revoked";
    }
    if (kind == OL_KIND_AUTH) {
        return "the Authorization header was not understood: look for a proxy that changes it";
    }
    if (status == 404 && says(w, "no route exists")) {
        return "method and path do not belong together";
    }
    if (status >= 300 && status < 400) {
        return "check base_url or subdomain";
    }
    if (status >= 500 && a->form == OL_BODY_MARKUP) {
        return "answered by the proxy in front of the API, not by the API";
    }
    return NULL;
}

static int retryable(int status, enum ol_kind kind)
{
    return kind == OL_KIND_RATE_LIMITED || kind == OL_KIND_TIMEOUT ||
           (kind == OL_KIND_SERVER && status >= 500 && status != 501 && status != 505);
}

/* A lower-case copy of the string on top replaces it. */
static const char *lower_top(lua_State *L, size_t *len)
{
    size_t n, i;
    const char *s = lua_tolstring(L, -1, &n);
    char tmp[MESSAGE_MAX];
    if (n > sizeof tmp) {
        n = sizeof tmp;
    }
    for (i = 0; i < n; i++) {
        tmp[i] = (char)lower((unsigned char)s[i]);
    }
    lua_pushlstring(L, tmp, n);
    lua_replace(L, -2);
    return lua_tolstring(L, -1, len);
}

/* What every error table has: its kind, the answer's status, request id and first bytes. */
static void set_common(lua_State *L, int err, const ol_shape *shape, const ol_answer *a,
                       const ol_facts *facts)
{
    size_t n = a->len;
    lua_pushstring(L, ol_kind_name(facts->kind));
    lua_setfield(L, err, "kind");
    if (a->status != 0) {
        lua_pushinteger(L, a->status);
        lua_setfield(L, err, "status");
    }
    lua_pushboolean(L, retryable(a->status, facts->kind));
    lua_setfield(L, err, "retryable");
    if (facts->retry_after >= 0) {
        if (facts->retry_after == (double)(long long)facts->retry_after) {
            ol_pushwhole(L, (long long)facts->retry_after);
        } else {
            lua_pushnumber(L, facts->retry_after);
        }
        lua_setfield(L, err, "retry_after");
    }
    if (a->request_id != NULL) {
        lua_pushlstring(L, a->request_id, a->request_id_len);
        lua_setfield(L, err, "request_id");
    }
    if (n > 0 && shape->token && find(a->body, a->body + n, "_token") != NULL) {
        lua_pushliteral(L, "(withheld: it names a token)");
        lua_setfield(L, err, "body");
    } else if (n > 0) {
        lua_pushlstring(L, a->body, n > BODY_MAX ? whole_chars(a->body, BODY_MAX) : n);
        lua_setfield(L, err, "body");
    }
}

/* The status that counts: under a 2xx that of the envelope. */
static int effective(lua_State *L, int err, int status)
{
    long long code = 0;
    if (status < 200 || status > 299) {
        return status;
    }
    lua_getfield(L, err, "code");
    if (!ol_iswhole(L, -1, &code) || code < 300 || code > 599) {
        code = 400;
    }
    lua_pop(L, 1);
    return (int)code;
}

void ol_reason_push(lua_State *L, const ol_shape *shape, const ol_answer *a, ol_facts *facts)
{
    int err, status;
    ol_buf *b;
    words w;
    const char *hint;

    lua_newtable(L);
    err = lua_gettop(L);
    b = ol_json_pushbuf(L, 0);
    if (a->form == OL_BODY_JSON) {
        read_json(L, err, a->value, b);
        w.len = b->len;
        if (b->len == 0) {
            add_status(b, a->status);
            ol_buf_adds(b, ", and the body says nothing more");
        }
    } else {
        add_raw(b, a);
        w.len = b->len;
    }
    if (a->status >= 300 && a->status < 400) {
        ol_buf_clear(b);
        add_status(b, a->status);
        ol_buf_adds(b, ": redirects are not followed");
    }
    lua_pushlstring(L, b->data != NULL ? b->data : "", b->len);
    ol_buf_free(b);
    lua_pushvalue(L, -1);
    lua_setfield(L, err, "message");
    w.text = lower_top(L, w.len == 0 ? &(size_t){0} : &w.len);
    if (ol_json_field(L, err, "name") != LUA_TSTRING) {
        lua_pop(L, 1);
        lua_pushliteral(L, "");
    }
    w.name = lower_top(L, &(size_t){0});

    status = effective(L, err, a->status);
    facts->kind = classify(shape, status, a->form, &w);
    facts->token_doubtful = facts->kind == OL_KIND_AUTH && status == 401 && !shape->token;
    if (facts->kind == OL_KIND_RATE_LIMITED && facts->retry_after < 0) {
        facts->retry_after = facts->reset;
    }
    set_common(L, err, shape, a, facts);
    hint = hint_for(shape, a, status, facts->kind, &w);
    if (hint != NULL) {
        lua_pushstring(L, hint);
        lua_setfield(L, err, "hint");
    }
    lua_settop(L, err);
}

void ol_reason_decode(lua_State *L, const ol_shape *shape, const ol_answer *a, const char *why,
                      ol_facts *facts)
{
    int err;
    ol_buf *b;

    lua_newtable(L);
    err = lua_gettop(L);
    facts->kind = OL_KIND_DECODE;
    set_common(L, err, shape, a, facts);
    b = ol_json_pushbuf(L, 0);
    if (a->status != 0) {
        add_status(b, a->status);
        ol_buf_adds(b, ", but ");
    }
    ol_buf_adds(b, why);
    if (a->form == OL_BODY_MARKUP) {
        ol_buf_adds(b, ": a page titled ");
        if (!add_element(b, a->body, a->len, "title")) {
            ol_buf_adds(b, "(nothing)");
        }
    }
    lua_pushlstring(L, b->data != NULL ? b->data : "", b->len);
    ol_buf_free(b);
    lua_setfield(L, err, "message");
    lua_settop(L, err);
}

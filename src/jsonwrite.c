/* The encoder of json.h: what the caller set, exactly, or a message that names the key. */
#include "compat.h"
#include "json.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_MAX_LEN 200

/* One table on the way down; the chain of them is the path of an error. */
typedef struct level {
    const struct level *up;
    const void *table; /* to see a cycle */
    const char *key;   /* the key being written; NULL: the item `index` of an array */
    size_t keylen;
    size_t index;
    int entered;       /* key or index is set */
} level;

typedef struct writer {
    lua_State *L;
    ol_buf *out;
    const ol_json_known *known;
    char why[160]; /* message without the path */
} writer;

static int write_value(writer *w, level *up, int depth);

/* ---- messages ------------------------------------------------------------------------------- */

static void add_path(ol_buf *b, const level *l)
{
    char tmp[32];
    size_t i;
    if (l == NULL || !l->entered) {
        if (l != NULL) {
            add_path(b, l->up);
        }
        return;
    }
    add_path(b, l->up);
    if (l->key == NULL) {
        snprintf(tmp, sizeof tmp, "[%lu]", (unsigned long)l->index);
        ol_buf_adds(b, tmp);
        return;
    }
    if (b->len > 0) {
        ol_buf_addc(b, '.');
    }
    for (i = 0; i < l->keylen && i < 80; i++) {
        unsigned char c = (unsigned char)l->key[i];
        ol_buf_addc(b, c < 0x20 || c >= 0x7f ? '?' : (char)c);
    }
}

/* Pushes "path: why". */
static void push_message(writer *w, const level *l)
{
    ol_buf b;
    char path[PATH_MAX_LEN + 1];
    ol_buf_init(&b, PATH_MAX_LEN);
    add_path(&b, l);
    snprintf(path, sizeof path, "%s", b.data != NULL ? b.data : "");
    ol_buf_free(&b);
    lua_pushfstring(w->L, "%s%s%s", path, path[0] != '\0' ? ": " : "", w->why);
}

/* Fails with a message: pushes it, so that levels above only return. */
static int fail(writer *w, const level *l, const char *why)
{
    snprintf(w->why, sizeof w->why, "%s", why);
    push_message(w, l);
    return 0;
}

static int full(writer *w, const level *l)
{
    if (w->out->failed == 2) {
        return fail(w, l, "not enough memory");
    }
    snprintf(w->why, sizeof w->why, "the text would be longer than %lu bytes",
             (unsigned long)w->out->max);
    push_message(w, l);
    return 0;
}

static int put(writer *w, const level *l, const void *p, size_t n)
{
    return ol_buf_add(w->out, p, n) || full(w, l);
}

/* ---- scalars -------------------------------------------------------------------------------- */

/* The length of the UTF-8 sequence at s (at least one byte left), 0 when it is none. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
    unsigned char c = s[0];
    size_t len, i;
    unsigned char low = 0x80, high = 0xBF;

    if (c < 0xC2 || c > 0xF4) {
        return 0;
    }
    len = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (left < len) {
        return 0;
    }
    switch (c) { /* no overlong forms, no surrogates, nothing beyond U+10FFFF */
    case 0xE0: low = 0xA0; break;
    case 0xED: high = 0x9F; break;
    case 0xF0: low = 0x90; break;
    case 0xF4: high = 0x8F; break;
    default: break;
    }
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (i = 2; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return len;
}

/* Adds an escape for the control character, quote or backslash c. */
static int put_escape(writer *w, const level *l, unsigned char c)
{
    char tmp[8];
    const char *p = tmp;
    switch (c) {
    case '"': p = "\\\""; break;
    case '\\': p = "\\\\"; break;
    case '\b': p = "\\b"; break;
    case '\f': p = "\\f"; break;
    case '\n': p = "\\n"; break;
    case '\r': p = "\\r"; break;
    case '\t': p = "\\t"; break;
    default: snprintf(tmp, sizeof tmp, "\\u%04x", c); break;
    }
    return put(w, l, p, strlen(p));
}

static int write_string(writer *w, const level *l, const char *text, size_t n, int is_key)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0, from = 0, len;

    if (!put(w, l, "\"", 1)) {
        return 0;
    }
    while (i < n) {
        unsigned char c = s[i];
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            i++;
            continue;
        }
        if (c >= 0x80) {
            len = utf8_len(s + i, n - i);
            if (len == 0) {
                snprintf(w->why, sizeof w->why, "%sinvalid UTF-8 at byte %lu",
                         is_key ? "the key is " : "", (unsigned long)i + 1);
                push_message(w, l);
                return 0;
            }
            if (c != 0xE2 || s[i + 1] != 0x80 || (s[i + 2] & 0xFE) != 0xA8) {
                i += len;
                continue;
            }
            if (!put(w, l, text + from, i - from) ||
                !put(w, l, s[i + 2] == 0xA8 ? "\\u2028" : "\\u2029", 6)) {
                return 0;
            }
            i += len;
        } else {
            if (!put(w, l, text + from, i - from) || !put_escape(w, l, c)) {
                return 0;
            }
            i++;
        }
        from = i;
    }
    return put(w, l, text + from, n - from) && put(w, l, "\"", 1);
}

static int write_integer(writer *w, const level *l, long long v)
{
    char tmp[24];
    char *p = tmp + sizeof tmp;
    unsigned long long u = v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v;
    do {
        *--p = (char)('0' + u % 10);
        u /= 10;
    } while (u != 0);
    if (v < 0) {
        *--p = '-';
    }
    return put(w, l, p, (size_t)(tmp + sizeof tmp - p));
}

static int write_number(writer *w, const level *l)
{
    long long whole;
    lua_Number d;
    char tmp[64];
    char *sep;
    const char *point;
    size_t len;
    int digits;

    if (ol_iswhole(w->L, -1, &whole)) {
        return write_integer(w, l, whole);
    }
    d = lua_tonumber(w->L, -1);
    if (d - d != 0) {
        return fail(w, l, d != d ? "NaN cannot be written as JSON"
                                 : "an infinite number cannot be written as JSON");
    }
    for (digits = 15; digits <= 17; digits++) {
        snprintf(tmp, sizeof tmp, "%.*g", digits, d);
        if (strtod(tmp, NULL) == d) { /* the same locale as snprintf */
            break;
        }
    }
    point = localeconv()->decimal_point;
    len = strlen(point);
    if ((len != 1 || *point != '.') && len > 0 && (sep = strstr(tmp, point)) != NULL) {
        *sep = '.';
        memmove(sep + 1, sep + len, strlen(sep + len) + 1);
    }
    return put(w, l, tmp, strlen(tmp));
}

/* ---- tables --------------------------------------------------------------------------------- */

static int write_array(writer *w, level *l, size_t n, int depth)
{
    size_t i;
    if (!put(w, l, "[", 1)) {
        return 0;
    }
    l->entered = 1;
    l->key = NULL;
    for (i = 1; i <= n; i++) {
        l->index = i;
        if (i > 1 && !put(w, l, ",", 1)) {
            return 0;
        }
        lua_rawgeti(w->L, -1, (int)i);
        if (!write_value(w, l, depth)) {
            return 0;
        }
        lua_pop(w->L, 1);
    }
    l->entered = 0;
    return put(w, l, "]", 1);
}

static int write_object(writer *w, level *l, int depth)
{
    int first = 1;
    if (!put(w, l, "{", 1)) {
        return 0;
    }
    lua_pushnil(w->L);
    while (lua_next(w->L, -2)) {
        l->key = lua_tolstring(w->L, -2, &l->keylen); /* a string, as count_keys saw */
        l->entered = 1;
        if ((!first && !put(w, l, ",", 1)) || !write_string(w, l, l->key, l->keylen, 1) ||
            !put(w, l, ":", 1) || !write_value(w, l, depth)) {
            return 0;
        }
        first = 0;
        lua_pop(w->L, 1);
    }
    l->entered = 0;
    return put(w, l, "}", 1);
}

/* Looks at the keys of the table on top: counts strings, positions and others. */
static void count_keys(lua_State *L, size_t *strings, size_t *positions, size_t *others,
                       size_t *max)
{
    long long k;
    *strings = *positions = *others = *max = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            ++*strings;
        } else if (ol_iswhole(L, -1, &k) && k >= 1) {
            ++*positions;
            if ((unsigned long long)k > *max) {
                *max = (size_t)k;
            }
        } else {
            ++*others;
        }
    }
}

/* The table on top. */
static int write_table(writer *w, level *up, int depth)
{
    lua_State *L = w->L;
    level here = {0};
    const level *l;
    size_t strings, positions, others, max;
    int tagged;

    here.up = up;
    here.table = lua_topointer(L, -1);
    for (l = up; l != NULL; l = l->up) {
        if (l->table == here.table) {
            return fail(w, up, "the table contains itself");
        }
    }
    if (depth > OL_JSON_MAX_DEPTH) {
        return fail(w, up, "nested deeper than 100");
    }
    if (!lua_checkstack(L, 10)) {
        return fail(w, up, "not enough Lua stack");
    }
    tagged = ol_json_tagged(L, w->known, -1);
    count_keys(L, &strings, &positions, &others, &max);
    if (others > 0) {
        return fail(w, up, "a key is neither a string nor a position (1, 2, ...)");
    }
    if (positions > 0 && strings > 0) {
        return fail(w, up, "the table mixes positions and named keys");
    }
    if (max != positions) {
        return fail(w, up, "the array has holes (use onelogin.null, or text as keys)");
    }
    if (positions > 0 || (tagged && strings == 0)) {
        return write_array(w, &here, positions, depth);
    }
    if (tagged) {
        return fail(w, up, "the array has named keys");
    }
    return write_object(w, &here, depth);
}

/* The value on top; leaves it there.  0 = failed, message pushed. */
static int write_value(writer *w, level *up, int depth)
{
    lua_State *L = w->L;
    const char *s;
    size_t n;

    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        s = lua_tolstring(L, -1, &n);
        return write_string(w, up, s, n, 0);
    case LUA_TNUMBER:
        return write_number(w, up);
    case LUA_TBOOLEAN:
        return lua_toboolean(L, -1) ? put(w, up, "true", 4) : put(w, up, "false", 5);
    case LUA_TTABLE:
        return write_table(w, up, depth + 1);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, -1) == NULL) {
            return put(w, up, "null", 4);
        }
        if (lua_touserdata(L, -1) == w->known->empty) {
            return put(w, up, "[]", 2);
        }
        break;
    case LUA_TUSERDATA:
        s = ol_json_boxed(L, -1, &n);
        if (s != NULL) {
            return put(w, up, s, n);
        }
        break;
    case LUA_TNIL:
        return fail(w, up, "nil cannot be written as JSON (onelogin.null is JSON's null)");
    default:
        break;
    }
    snprintf(w->why, sizeof w->why, "a %s cannot be written as JSON", luaL_typename(L, -1));
    push_message(w, up);
    return 0;
}

int ol_json_encode(lua_State *L, int idx, ol_buf *out)
{
    writer w;
    int top = lua_gettop(L);

    memset(&w, 0, sizeof w);
    w.L = L;
    w.out = out;
    w.known = ol_json_get_known(L);
    if (out->max == 0) {
        out->max = OL_JSON_MAX_TEXT;
    }
    if (!lua_checkstack(L, 20)) {
        lua_pushliteral(L, "not enough Lua stack");
        return 1;
    }
    lua_pushvalue(L, idx);
    if (write_value(&w, NULL, 0)) {
        lua_settop(L, top);
        return 0;
    }
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
    return 1;
}

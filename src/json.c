#define _DEFAULT_SOURCE /* getrandom */

#include "json.h"

#include "compat.h"
#include "jsonmark.h"

#include <stdlib.h>
#include <sys/random.h>

#define BUFFER "onelogin.buffer"
#define EXACT 9007199254740992.0 /* 2^53 */
#define KEEP_SCRATCH (256u * 1024)

/* What ol_json_open prepared, one for each lua_State.  Its uservalue holds the Lua values. */
typedef struct json_state {
    char nonce[OL_NONCE_LEN];
    ol_json_known known;
    ol_buf scratch; /* for the text without nulls */
    int busy;       /* it is in use: a finaliser that decodes must not write over it */
} json_state;

enum { SLOT_DECODE = 1, SLOT_ARRAY = 2 };

static const char state_key = 0; /* its address is the registry key */
static const char table_key = 0;

/* Pushes nothing. */
static json_state *state(lua_State *L)
{
    json_state *st;
    ol_getreg(L, &state_key);
    st = lua_touserdata(L, -1);
    lua_pop(L, 1);
    if (st == NULL) {
        luaL_error(L, "onelogin: JSON is not set up in this Lua state");
        __builtin_unreachable();
    }
    return st;
}

static void push_slot(lua_State *L, int slot)
{
    ol_getreg(L, &state_key);
    ol_getuservalue(L, -1);
    lua_rawgeti(L, -1, slot);
    lua_insert(L, -3);
    lua_pop(L, 2);
}

int ol_json_is_null(lua_State *L, int idx)
{
    return lua_type(L, idx) == LUA_TLIGHTUSERDATA && lua_touserdata(L, idx) == NULL;
}

/* ---- a buffer that Lua frees ---------------------------------------------------------------- */

static int buffer_gc(lua_State *L)
{
    ol_buf *b = lua_touserdata(L, 1);
    if (b != NULL) {
        ol_buf_free(b);
    }
    return 0;
}

ol_buf *ol_json_pushbuf(lua_State *L, size_t max)
{
    ol_buf *b = ol_newuserdata(L, sizeof *b);
    ol_buf_init(b, max);
    if (luaL_newmetatable(L, BUFFER)) {
        lua_pushcfunction(L, buffer_gc);
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    return b;
}

/* ---- decoding ------------------------------------------------------------------------------- */

typedef struct walk {
    const json_state *st;
    int array; /* stack index of the array metatable */
    int marked;
    int huge;    /* an infinity may be among the numbers */
    int numbers; /* numbers have to be looked at */
    int nulls_nil;
    const char *why; /* set when the walk failed */
} walk;

/* True when the number on top has to become an integer, which goes to *out. */
static int to_integer(lua_State *L, walk *w, lua_Integer *out)
{
    lua_Number d = lua_tonumber(L, -1);
    if (OL_HAS_INTEGERS && d >= -EXACT && d <= EXACT) {
        *out = (lua_Integer)d;
        return (lua_Number)*out == d;
    }
    if (w->huge && d - d != 0) {
        w->why = "a number is beyond the range of a double";
    }
    return 0;
}

/* The table on top holds one item: a mark?  1: pushed the integer it stands for; 2: it was []
 * and is now; 0: neither. */
static int read_mark(lua_State *L, walk *w)
{
    size_t len;
    const char *s;

    lua_rawgeti(L, -1, 1);
    if (lua_type(L, -1) == LUA_TSTRING) {
        s = lua_tolstring(L, -1, &len);
        if (s != NULL && len > OL_NONCE_LEN && memcmp(s, w->st->nonce, OL_NONCE_LEN) == 0) {
            ol_json_pushinteger(L, s + OL_NONCE_LEN, len - OL_NONCE_LEN);
            lua_remove(L, -2);
            return 1;
        }
        if (s != NULL && len == OL_NONCE_LEN && memcmp(s, w->st->nonce, OL_NONCE_LEN) == 0) {
            lua_pop(L, 1);
            lua_pushnil(L);
            lua_rawseti(L, -2, 1);
            lua_pushvalue(L, w->array);
            lua_setmetatable(L, -2);
            return 2;
        }
    }
    lua_pop(L, 1);
    return 0;
}

static void walk_array(lua_State *L, walk *w, int n, int depth);
static void walk_object(lua_State *L, walk *w, int depth);

/* Makes the table on top exact; true when it was a marked integer, which is then pushed above
 * it. */
static int fix_table(lua_State *L, walk *w, int depth)
{
    size_t n = ol_rawlen(L, -1);
    int mark = n == 1 && w->marked ? read_mark(L, w) : 0;

    if (mark == 1) {
        return 1;
    }
    if (depth > OL_JSON_MAX_DEPTH) {
        w->why = "nested deeper than 100";
    } else if (!lua_checkstack(L, 10)) {
        w->why = "not enough Lua stack";
    } else if (mark == 0 && n > 0) {
        walk_array(L, w, (int)n, depth);
    } else if (mark == 0) {
        walk_object(L, w, depth);
    }
    return 0;
}

static void walk_array(lua_State *L, walk *w, int n, int depth)
{
    int i;
    lua_Integer integer;

    lua_pushvalue(L, w->array);
    lua_setmetatable(L, -2);
    for (i = 1; i <= n && w->why == NULL; i++) {
        lua_rawgeti(L, -1, i);
        switch (lua_type(L, -1)) {
        case LUA_TNUMBER:
            if (w->numbers && to_integer(L, w, &integer)) {
                lua_pushinteger(L, integer);
                lua_rawseti(L, -3, i);
            }
            break;
        case LUA_TTABLE:
            if (fix_table(L, w, depth + 1)) {
                lua_rawseti(L, -3, i);
            }
            break;
        default:
            break;
        }
        lua_pop(L, 1);
    }
}

static void walk_object(lua_State *L, walk *w, int depth)
{
    lua_Integer integer;

    lua_pushnil(L);
    while (lua_next(L, -2)) { /* table key value */
        switch (lua_type(L, -1)) {
        case LUA_TNUMBER:
            if (w->numbers && to_integer(L, w, &integer)) {
                lua_pushvalue(L, -2);
                lua_pushinteger(L, integer);
                lua_rawset(L, -5);
            }
            break;
        case LUA_TTABLE:
            if (fix_table(L, w, depth + 1)) {
                lua_pushvalue(L, -3);
                lua_insert(L, -2);
                lua_rawset(L, -5);
            }
            break;
        case LUA_TLIGHTUSERDATA: /* null */
            if (w->nulls_nil) {
                lua_pushvalue(L, -2);
                lua_pushnil(L);
                lua_rawset(L, -5);
            }
            break;
        default:
            break;
        }
        lua_pop(L, 1);
        if (w->why != NULL) {
            lua_pop(L, 1);
            return;
        }
    }
}

/* Makes the decoded value on top exact. */
static void walk_all(lua_State *L, walk *w)
{
    lua_Integer integer;
    if (lua_type(L, -1) == LUA_TNUMBER) {
        if (to_integer(L, w, &integer)) {
            lua_pushinteger(L, integer);
            lua_replace(L, -2);
        }
    } else if (lua_type(L, -1) == LUA_TTABLE && fix_table(L, w, 1)) {
        lua_replace(L, -2);
    }
}

/* Replaces cjson's message on top by ours, with the position in the text that came in. */
static void explain(lua_State *L, const json_state *st, int text, int marked)
{
    size_t n, at;
    const char *s = lua_tolstring(L, text, &n);
    const char *msg = lua_tostring(L, -1);
    const char *pos;

    if (msg == NULL || strstr(msg, "too many nested") != NULL) {
        lua_pushstring(L, msg == NULL ? "not JSON" : "not usable JSON: nested deeper than 100");
    } else if ((pos = strstr(msg, " at character ")) != NULL) {
        at = (size_t)strtoul(pos + 14, NULL, 10);
        if (marked) {
            at = ol_mark_source(s, n, st->nonce, at);
        }
        lua_pushliteral(L, "not JSON: ");
        lua_pushlstring(L, msg, (size_t)(pos - msg));
        lua_pushfstring(L, " at byte %d", (int)at);
        lua_concat(L, 3);
    } else {
        lua_pushfstring(L, "not JSON: %s", msg);
    }
    lua_remove(L, -2);
}

/* Decodes the string at `text` (absolute); see ol_json_decode_at. */
static int decode_text(lua_State *L, json_state *st, int text, int nulls_nil)
{
    int top = lua_gettop(L);
    size_t n;
    const char *s = lua_tolstring(L, text, &n);
    ol_marks m;
    walk w = {0};
    enum ol_mark_result r;
    int rc = 0;

    if (s == NULL) {
        lua_pushliteral(L, "not JSON: no text");
        return 1;
    }
    luaL_checkstack(L, 20, "decoding JSON");
    r = ol_mark(s, n, st->nonce, NULL, &m);
    if (r == OL_MARK_NEEDED) {
        ol_buf *b = ol_json_pushbuf(L, 0);
        r = ol_buf_reserve(b, n + n / 8) ? ol_mark(s, n, st->nonce, b, &m) : OL_MARK_MEMORY;
        if (r == OL_MARK_NEEDED) {
            w.marked = 1;
            lua_pushlstring(L, b->data, b->len);
        }
        ol_buf_free(b);
    }
    if (r == OL_MARK_MEMORY) {
        return luaL_error(L, "not enough memory to decode JSON"); /* nothing is said against the text */
    }
    if (r == OL_MARK_BAD) {
        lua_settop(L, top);
        lua_pushfstring(L, "not JSON: %s at byte %d", m.why, (int)m.at);
        return 1;
    }
    ol_getreg(L, &state_key);
    ol_getuservalue(L, -1);
    lua_replace(L, -2);
    w.array = lua_gettop(L);
    lua_rawgeti(L, w.array, SLOT_DECODE);
    lua_pushvalue(L, w.marked ? w.array - 1 : text);
    rc = lua_pcall(L, 1, 1, 0);
    if (rc == LUA_ERRMEM) {
        return lua_error(L); /* nothing is said against the text */
    }
    if (rc != 0) {
        explain(L, st, text, w.marked);
        rc = 1;
    } else {
        w.st = st;
        w.huge = m.huge;
        w.numbers = OL_HAS_INTEGERS || m.huge;
        w.nulls_nil = nulls_nil;
        lua_rawgeti(L, w.array, SLOT_ARRAY);
        lua_replace(L, w.array);
        walk_all(L, &w);
        if (w.why != NULL) {
            lua_pushfstring(L, "not usable JSON: %s", w.why);
            rc = 1;
        } else if (nulls_nil && ol_json_is_null(L, -1)) {
            lua_pushnil(L);
        }
    }
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
    return rc;
}

/* Pushes the string at `text` without its null members; 0 and nothing pushed when it has none to leave out. */
static int push_without_nulls(lua_State *L, json_state *st, int text)
{
    size_t n;
    const char *s = lua_tolstring(L, text, &n);
    int dropped;

    if (s == NULL || st->busy) {
        return 0;
    }
    ol_buf_clear(&st->scratch);
    dropped = ol_mark_drop_nulls(s, n, &st->scratch) == 1;
    if (dropped) {
        st->busy = 1;
        lua_pushlstring(L, st->scratch.data, st->scratch.len);
        st->busy = 0;
    }
    ol_wipe(st->scratch.data, st->scratch.len);
    if (st->scratch.cap > KEEP_SCRATCH) {
        ol_buf_free(&st->scratch);
    }
    return dropped;
}

int ol_json_decode_at(lua_State *L, int idx, int nulls_nil)
{
    json_state *st = state(L);
    int text = ol_absindex(L, idx);

    /* What would be thrown away after decoding is cheaper not to decode. */
    if (nulls_nil && push_without_nulls(L, st, text)) {
        int rc = decode_text(L, st, lua_gettop(L), nulls_nil);
        lua_remove(L, -2);
        if (rc == 0) {
            return 0;
        }
        lua_pop(L, 1); /* again, for a message about the text that came in */
    }
    return decode_text(L, st, text, nulls_nil);
}

int ol_json_decode(lua_State *L, const char *s, size_t n, int nulls_nil)
{
    int rc;
    lua_pushlstring(L, s, n);
    rc = ol_json_decode_at(L, -1, nulls_nil);
    lua_remove(L, -2);
    return rc;
}

void ol_json_tag(lua_State *L)
{
    push_slot(L, SLOT_ARRAY);
    lua_setmetatable(L, -2);
}

const ol_json_known *ol_json_get_known(lua_State *L)
{
    return &state(L)->known;
}

int ol_json_tagged(lua_State *L, const ol_json_known *known, int idx)
{
    const void *mt;
    if (!lua_getmetatable(L, idx)) {
        return 0;
    }
    mt = lua_topointer(L, -1);
    lua_pop(L, 1);
    return mt == known->array || mt == known->array_mt || mt == known->empty_mt;
}

int ol_json_is_array(lua_State *L, int idx)
{
    return lua_type(L, idx) == LUA_TTABLE &&
           (ol_json_tagged(L, ol_json_get_known(L), idx) || ol_rawlen(L, idx) > 0);
}

int ol_json_field(lua_State *L, int idx, const char *name)
{
    idx = ol_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TTABLE) {
        lua_pushnil(L);
    } else {
        lua_pushstring(L, name);
        lua_rawget(L, idx);
    }
    return lua_type(L, -1);
}

/* ---- the Lua table json --------------------------------------------------------------------- */

/* decode(text [, { nulls = "nil" | "sentinel" }]) -> value | nil, message */
static int l_decode(lua_State *L)
{
    int nulls_nil = 1;
    const char *nulls;

    if (lua_type(L, 1) != LUA_TSTRING) {
        return luaL_error(L, "json.decode: text must be a string, got %s", luaL_typename(L, 1));
    }
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        lua_getfield(L, 2, "nulls");
        nulls = lua_tostring(L, -1);
        if (nulls != NULL && strcmp(nulls, "sentinel") == 0) {
            nulls_nil = 0;
        } else if (!lua_isnil(L, -1) && (nulls == NULL || strcmp(nulls, "nil") != 0)) {
            return luaL_error(L, "json.decode: option nulls must be \"nil\" or \"sentinel\"");
        }
    }
    if (ol_json_decode_at(L, 1, nulls_nil) != 0) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    return 1;
}

/* encode(value) -> text; throws a string that names the key's path */
static int l_encode(lua_State *L)
{
    ol_buf *out;
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    out = ol_json_pushbuf(L, 0);
    if (ol_json_encode(L, 1, out) != 0) {
        ol_buf_free(out);
        return luaL_error(L, "json.encode: %s", lua_tostring(L, -1));
    }
    lua_pushlstring(L, out->data, out->len);
    ol_buf_free(out);
    return 1;
}

/* array([t]) -> t, tagged: it is written as [] even when empty */
static int l_array(lua_State *L)
{
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    } else if (lua_type(L, 1) != LUA_TTABLE) {
        return luaL_error(L, "json.array: a table is needed, got %s", luaL_typename(L, 1));
    } else if (lua_getmetatable(L, 1)) {
        lua_pop(L, 1);
        if (!ol_json_tagged(L, ol_json_get_known(L), 1)) {
            return luaL_error(L, "json.array: the table has a metatable of its own; copy its items "
                                 "into a plain table first");
        }
    }
    ol_json_tag(L);
    return 1;
}

static int l_is_array(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, ol_json_is_array(L, 1));
    return 1;
}

/* is_integer(v): a whole number, boxed ones included */
static int l_is_integer(lua_State *L)
{
    long long ignored;
    luaL_checkany(L, 1);
    lua_pushboolean(L, ol_iswhole(L, 1, &ignored) || ol_json_boxed(L, 1, NULL) != NULL);
    return 1;
}

static const luaL_Reg functions[] = {
    {"decode", l_decode},     {"encode", l_encode},         {"array", l_array},
    {"is_array", l_is_array}, {"is_integer", l_is_integer}, {NULL, NULL},
};

/* Pushes the module cjson, or throws what to do about its absence. */
static void push_cjson(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "cjson");
        lua_remove(L, -2);
    }
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        lua_getglobal(L, "require");
        lua_pushliteral(L, "cjson");
        if (lua_pcall(L, 1, 1, 0) != 0) {
            luaL_error(L, "onelogin needs lua-cjson (Debian: apt-get install lua-cjson; else: "
                          "luarocks install lua-cjson): %s",
                       lua_tostring(L, -1));
        }
    }
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "new");
        if (lua_isfunction(L, -1)) {
            lua_pop(L, 1);
            return;
        }
    }
    luaL_error(L, "the module cjson found is not lua-cjson 2.1 or later (it has no function new)");
}

/* Sets an option of the private instance (table on top) where this cjson has it. */
static void configure(lua_State *L, const char *name, int value, int is_bool)
{
    lua_getfield(L, -1, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (is_bool) {
        lua_pushboolean(L, value);
    } else {
        lua_pushinteger(L, value);
    }
    lua_call(L, 1, 0);
}

/* The address behind field `name` of the table on top, or `other`. */
static const void *address(lua_State *L, const char *name, const void *other)
{
    const void *p;
    lua_getfield(L, -1, name);
    p = lua_type(L, -1) == LUA_TLIGHTUSERDATA ? lua_touserdata(L, -1) : lua_topointer(L, -1);
    lua_pop(L, 1);
    return p != NULL ? p : other;
}

static void make_nonce(lua_State *L, char *nonce)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_";
    unsigned char raw[OL_NONCE_LEN];
    int i;
    if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw) {
        luaL_error(L, "onelogin: the system gives no random bytes");
    }
    for (i = 0; i < OL_NONCE_LEN; i++) {
        nonce[i] = alphabet[raw[i] & 63];
    }
}

static int state_gc(lua_State *L)
{
    json_state *st = lua_touserdata(L, 1);
    if (st != NULL) {
        st->busy = 1; /* a later finaliser that decodes goes without it */
        ol_buf_free(&st->scratch);
    }
    return 0;
}

/* Makes the state with our private cjson.  Leaves the stack as it was. */
static void set_up(lua_State *L)
{
    int top = lua_gettop(L);
    json_state *st;

    push_cjson(L);
    lua_getfield(L, -1, "new");
    lua_call(L, 0, 1);
    configure(L, "decode_max_depth", OL_JSON_MAX_DEPTH + 1, 0); /* a mark may lie one deeper */
    configure(L, "decode_invalid_numbers", 0, 1);
    configure(L, "decode_array_with_array_mt", 0, 1);
    configure(L, "decode_allow_comment", 0, 1);

    st = ol_newuserdata(L, sizeof *st);
    memset(st, 0, sizeof *st);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, state_gc);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    make_nonce(L, st->nonce);
    lua_newtable(L);
    lua_getfield(L, top + 2, "decode");
    lua_rawseti(L, -2, SLOT_DECODE);
    lua_newtable(L);
    lua_pushliteral(L, "onelogin.array");
    lua_setfield(L, -2, "__name");
    st->known.array = lua_topointer(L, -1);
    lua_rawseti(L, -2, SLOT_ARRAY);
    ol_setuservalue(L, -2);
    lua_pushvalue(L, top + 2);
    st->known.array_mt = address(L, "array_mt", st->known.array);
    st->known.empty_mt = address(L, "empty_array_mt", st->known.array);
    st->known.empty = address(L, "empty_array", NULL);
    lua_pop(L, 1);
    ol_setreg(L, &state_key);
    lua_settop(L, top);
}

void ol_json_open(lua_State *L)
{
    ol_getreg(L, &table_key);
    if (!lua_isnil(L, -1)) {
        return;
    }
    lua_pop(L, 1);
    set_up(L);
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_pushvalue(L, -1);
    ol_setreg(L, &table_key);
}

/* json.h - JSON that is exact on every Lua (rule 7).
 *
 * Decoding: lua-cjson works, what it would lose is marked before (jsonmark.h) and restored in
 * one walk after.  Encoding: our own, because cjson 2.1.0 can write neither [] nor integers from
 * 1e14. All functions belong to the thread of their lua_State. */
#ifndef OL_JSON_H
#define OL_JSON_H

#include "buf.h"

#include <lua.h>
#include <stddef.h>

#define OL_JSON_MAX_DEPTH 100
#define OL_JSON_MAX_TEXT (32u << 20) /* default ceiling of an encoded text */

/* Loads lua-cjson (throws a string that says how to install it), sets up what the other
 * functions need in this lua_State and pushes the table { decode, encode, null, array, is_array,
 * is_integer }. To be called before any other function here; a second call is harmless. */
void ol_json_open(lua_State *L);

/* Decodes s[0..n).  0 and one value pushed, or nonzero and a message pushed.  nulls_nil: fields of
 * objects (and a whole text) that are null vanish; null inside arrays stays the sentinel.
 * Throws only when memory ends; leaks nothing then. */
int ol_json_decode(lua_State *L, const char *s, size_t n, int nulls_nil);

/* The same for the string at idx, without copying it. */
int ol_json_decode_at(lua_State *L, int idx, int nulls_nil);

/* Appends the value at idx as JSON.  0, or nonzero and a message pushed that names the key's
 * path and never a value.  out->max = 0 is taken as OL_JSON_MAX_TEXT.  The buffer stays the
 * caller's, also when Lua throws for want of memory while a message is pushed: ol_json_pushbuf
 * makes one that takes care. */
int ol_json_encode(lua_State *L, int idx, ol_buf *out);

/* Pushes a userdata that owns an empty buffer with that ceiling, wiped and freed when collected (or
 * earlier by ol_buf_free, which is always allowed).  Never NULL. */
ol_buf *ol_json_pushbuf(lua_State *L, size_t max);

/* The digits of a boxed integer (maybe with a leading '-'), or NULL when the value is none.  The
 * text lives as long as the value. */
const char *ol_json_boxed(lua_State *L, int idx, size_t *len);

/* Pushes the integer that the n digits at s (maybe with a leading '-', no leading zeros) stand for: a
 * number where that holds it exactly, else a boxed integer. */
void ol_json_pushinteger(lua_State *L, const char *s, size_t n);

/* Makes the table on top of the stack an array ([] even when empty); leaves it there. */
void ol_json_tag(lua_State *L);

/* True when the table at idx is tagged as an array, or an untagged sequence that is not empty. */
int ol_json_is_array(lua_State *L, int idx);

/* What marks arrays in this lua_State; for the encoder.  Lives as long as the lua_State. */
typedef struct ol_json_known {
    const void *array;    /* our metatable of arrays */
    const void *array_mt; /* those of the newer cjson, or our own again */
    const void *empty_mt;
    const void *empty;    /* its light userdata that stands for [], or NULL */
} ol_json_known;

const ol_json_known *ol_json_get_known(lua_State *L);

/* True when the table at idx carries one of these metatables. */
int ol_json_tagged(lua_State *L, const ol_json_known *known, int idx);

/* Pushes field `name` of the table at idx without metamethods (nil when it is no table) and
 * returns the type of what it pushed. */
int ol_json_field(lua_State *L, int idx, const char *name);

/* True when the value at idx is the null sentinel. */
int ol_json_is_null(lua_State *L, int idx);

#endif

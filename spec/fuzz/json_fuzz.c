/* json_fuzz.c - any bytes as an answer's body: a value or a message, never a crash; and what was
 * decoded faithfully is encoded and decoded again to as long a text. */
#define _GNU_SOURCE /* memmem */

#include "json.h"
#include "jsonmark.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The fuzzer watches memcmp and so learns the mark's nonce, which no server can.  Here it is known, and what holds it
 * is no test; a crash shows again, too. */
static const char nonce[] = "AQgPFh0kKzI5QEdO";

ssize_t getrandom(void *bytes, size_t n, unsigned flags)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t i;
    (void)flags;
    for (i = 0; i < n; i++) {
        ((unsigned char *)bytes)[i] = (unsigned char)(strchr(alphabet, nonce[i % OL_NONCE_LEN]) - alphabet);
    }
    return (ssize_t)n;
}

static lua_State *L;

static int decode_and_encode(lua_State *l)
{
    size_t n, first;
    const char *s = lua_tolstring(l, 1, &n);
    ol_buf *out, *again;
    ol_marks marks;
    lua_settop(l, 1);
    if (ol_json_decode(l, s, n, 1) != 0 && lua_type(l, -1) != LUA_TSTRING) {
        abort();
    }
    lua_settop(l, 1);
    if (ol_json_decode(l, s, n, 0) != 0) {
        return 0;
    }
    out = ol_json_pushbuf(l, 0); /* the quick look may leave bad tokens to cjson, which must refuse them */
    if (ol_mark(s, n, "0123456789abcdef", out, &marks) == OL_MARK_BAD) {
        abort();
    }
    lua_settop(l, 2);
    out = ol_json_pushbuf(l, 0);
    if (ol_json_encode(l, 2, out) != 0) {
        return 0; /* invalid UTF-8, which is refused on the way out only */
    }
    first = out->len;
    if (ol_json_decode(l, out->data, out->len, 0) != 0) {
        abort();
    }
    again = ol_json_pushbuf(l, 0);
    if (ol_json_encode(l, -2, again) != 0 || again->len != first) {
        abort();
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned runs;
    if (memmem(data, size, nonce, OL_NONCE_LEN) != NULL) {
        return 0;
    }
    if (L == NULL) {
        L = luaL_newstate();
        luaL_openlibs(L);
        ol_json_open(L);
        lua_settop(L, 0);
    }
    lua_pushcfunction(L, decode_and_encode);
    lua_pushlstring(L, (const char *)data, size);
    if (lua_pcall(L, 1, 0, 0) != 0) {
        abort();
    }
    if (++runs % 512 == 0) {
        lua_gc(L, LUA_GCCOLLECT, 0);
    }
    return 0;
}

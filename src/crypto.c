/* crypto.c - onelogin.crypto: the few primitives of libcrypto the module needs.
 *
 * Loaded only when first needed, so that plain calls never pay for libcrypto.  Pure functions on
 * Lua strings: no state, no I/O.  Misuse throws; only what comes from outside (text to decode) may
 * fail with nil and a message.  Another primitive is a function and a line in the list below; those
 * that make a group of their own stand in sign.c and seal.c. */
#include "crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <limits.h>

OL_EXPORT int luaopen_onelogin_crypto(lua_State *L);

enum { RANDOM_MAX = 1024 * 1024 };

const char *ol_crypto_bytes(lua_State *L, int idx, const char *name, size_t *len)
{
    if (lua_type(L, idx) != LUA_TSTRING) {
        luaL_error(L, "%s must be a string, not %s", name, luaL_typename(L, idx));
    }
    return lua_tolstring(L, idx, len);
}

static const EVP_MD *algorithm_arg(lua_State *L, int idx)
{
    const char *name = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
    if (strcmp(name, "sha1") == 0) {
        return EVP_sha1();
    }
    if (strcmp(name, "sha256") == 0) {
        return EVP_sha256();
    }
    if (strcmp(name, "sha512") == 0) {
        return EVP_sha512();
    }
    luaL_error(L, "the algorithm must be \"sha1\", \"sha256\" or \"sha512\"");
    return NULL;
}

/* hmac(algorithm, key, data) -> raw bytes */
static int l_hmac(lua_State *L)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    size_t key_len, data_len;
    const EVP_MD *md = algorithm_arg(L, 1);
    const char *key = ol_crypto_bytes(L, 2, "the key", &key_len);
    const char *data = ol_crypto_bytes(L, 3, "the data", &data_len);

    if (key_len > INT_MAX
        || HMAC(md, key, (int)key_len, (const unsigned char *)data, data_len, out, &n) == NULL) {
        return luaL_error(L, "libcrypto refused to compute this HMAC");
    }
    lua_pushlstring(L, (const char *)out, n);
    OPENSSL_cleanse(out, sizeof out);
    return 1;
}

/* digest(algorithm, data) -> raw bytes */
static int l_digest(lua_State *L)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    size_t len;
    const EVP_MD *md = algorithm_arg(L, 1);
    const char *data = ol_crypto_bytes(L, 2, "the data", &len);

    if (EVP_Digest(data, len, out, &n, md, NULL) != 1) {
        return luaL_error(L, "libcrypto refused to compute this digest");
    }
    lua_pushlstring(L, (const char *)out, n);
    OPENSSL_cleanse(out, sizeof out);
    return 1;
}

/* random(n) -> n unpredictable bytes */
static int l_random(lua_State *L)
{
    long long n;
    unsigned char *out;
    if (!ol_iswhole(L, 1, &n) || n < 0 || n > RANDOM_MAX) {
        return luaL_error(L, "the number of random bytes must be a whole number from 0 to %d",
                          (int)RANDOM_MAX);
    }
    out = ol_newuserdata(L, (size_t)n + 1);
    if (n > 0 && RAND_bytes(out, (int)n) != 1) {
        return luaL_error(L, "the system has no randomness to give");
    }
    lua_pushlstring(L, (const char *)out, (size_t)n);
    OPENSSL_cleanse(out, (size_t)n);
    return 1;
}

/* equal(a, b) -> whether they are the same, in a time that does not depend on their content */
static int l_equal(lua_State *L)
{
    size_t a_len, b_len;
    const char *a = ol_crypto_bytes(L, 1, "the first value", &a_len);
    const char *b = ol_crypto_bytes(L, 2, "the second value", &b_len);
    lua_pushboolean(L, a_len == b_len && CRYPTO_memcmp(a, b, a_len) == 0);
    return 1;
}

/* ---- text forms ---- */

static const char plain_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int encode64(lua_State *L, const char *alphabet, int pad)
{
    size_t len, i, n = 0;
    const unsigned char *in = (const unsigned char *)ol_crypto_bytes(L, 1, "the data", &len);
    char *out;

    if (len > INT_MAX) {
        return luaL_error(L, "the data is too long");
    }
    out = ol_newuserdata(L, (len + 2) / 3 * 4 + 1);
    for (i = 0; i < len; i += 3) {
        unsigned int left = len - i > 2 ? 3 : (unsigned int)(len - i);
        unsigned int v = (unsigned int)in[i] << 16 | (left > 1 ? (unsigned int)in[i + 1] << 8 : 0)
                         | (left > 2 ? in[i + 2] : 0);
        out[n++] = alphabet[v >> 18];
        out[n++] = alphabet[v >> 12 & 63];
        if (left > 1) {
            out[n++] = alphabet[v >> 6 & 63];
        } else if (pad) {
            out[n++] = '=';
        }
        if (left > 2) {
            out[n++] = alphabet[v & 63];
        } else if (pad) {
            out[n++] = '=';
        }
    }
    lua_pushlstring(L, out, n);
    OPENSSL_cleanse(out, n);
    return 1;
}

static int value64(char c, const char *alphabet)
{
    const char *p = c == '\0' ? NULL : strchr(alphabet, c);
    return p == NULL ? -1 : (int)(p - alphabet);
}

/* Strict: one text for one value.  No blanks, no stray bits; padding as the variant says (the url
 * one may have it or not). */
static int decode64(lua_State *L, const char *alphabet, int pad)
{
    size_t len, body, i, n = 0;
    const char *in = ol_crypto_bytes(L, 1, "the text", &len);
    unsigned int v = 0, bits = 0;
    unsigned char *out;

    body = len;
    while (body > 0 && len - body < 2 && in[body - 1] == '=') {
        body--;
    }
    if (body % 4 == 1 || ((pad || body != len) && len % 4 != 0)) {
        lua_pushnil(L);
        lua_pushliteral(L, "not base64: the length is wrong");
        return 2;
    }
    out = ol_newuserdata(L, body / 4 * 3 + 4);
    for (i = 0; i < body; i++) {
        int x = value64(in[i], alphabet);
        if (x < 0) {
            lua_pushnil(L);
            lua_pushliteral(L, "not base64: a character that does not belong there");
            return 2;
        }
        v = (v << 6 | (unsigned int)x) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (unsigned char)(v >> bits);
        }
    }
    if ((v & ((1U << bits) - 1)) != 0) {
        lua_pushnil(L);
        lua_pushliteral(L, "not base64: the last character has bits too many");
        return 2;
    }
    lua_pushlstring(L, (const char *)out, n);
    OPENSSL_cleanse(out, n);
    return 1;
}

static int l_base64_encode(lua_State *L)
{
    return encode64(L, plain_alphabet, 1);
}

static int l_base64_decode(lua_State *L)
{
    return decode64(L, plain_alphabet, 1);
}

static int l_base64url_encode(lua_State *L)
{
    return encode64(L, url_alphabet, 0);
}

static int l_base64url_decode(lua_State *L)
{
    return decode64(L, url_alphabet, 0);
}

/* hex(data) -> lower-case hexadecimal digits */
static int l_hex(lua_State *L)
{
    static const char digits[] = "0123456789abcdef";
    size_t len, i;
    const unsigned char *in = (const unsigned char *)ol_crypto_bytes(L, 1, "the data", &len);
    char *out;

    if (len > INT_MAX) {
        return luaL_error(L, "the data is too long");
    }
    out = ol_newuserdata(L, len * 2 + 1);
    for (i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    lua_pushlstring(L, out, len * 2);
    OPENSSL_cleanse(out, len * 2);
    return 1;
}

int luaopen_onelogin_crypto(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"hmac", l_hmac},
        {"digest", l_digest},
        {"random", l_random},
        {"equal", l_equal},
        {"base64_encode", l_base64_encode},
        {"base64_decode", l_base64_decode},
        {"base64url_encode", l_base64url_encode},
        {"base64url_decode", l_base64url_decode},
        {"hex", l_hex},
        {NULL, NULL}
    };
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
    ol_setfuncs(L, ol_crypto_sign, 0);
    ol_setfuncs(L, ol_crypto_seal, 0);
    return 1;
}

/* seal.c - authenticated encryption (AES-256-GCM), for state that leaves the server and comes back.
 *
 * A sealed text is nonce (12 bytes), ciphertext, tag (16 bytes).  The nonce is drawn here, never
 * given, so that none can be used twice by mistake; one key is good for some 2^32 texts. */
#include "crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { KEY_LEN = 32, NONCE_LEN = 12, TAG_LEN = 16, EXTRA = NONCE_LEN + TAG_LEN };

static const unsigned char *key_arg(lua_State *L)
{
    size_t len;
    const char *key = ol_crypto_bytes(L, 1, "the key", &len);
    if (len != KEY_LEN) {
        luaL_error(L, "the key must be %d bytes", (int)KEY_LEN);
    }
    return (const unsigned char *)key;
}

/* What is bound to the text without being in it; none is the same as "". */
static const unsigned char *context_arg(lua_State *L, size_t *len)
{
    if (lua_isnoneornil(L, 3)) {
        *len = 0;
        return (const unsigned char *)"";
    }
    return (const unsigned char *)ol_crypto_bytes(L, 3, "the context", len);
}

/* seal(key, text [, context]) -> sealed text */
static int l_seal(lua_State *L)
{
    size_t len, context_len;
    const unsigned char *key = key_arg(L);
    const unsigned char *in = (const unsigned char *)ol_crypto_bytes(L, 2, "the text", &len);
    const unsigned char *context = context_arg(L, &context_len);
    unsigned char *out;
    EVP_CIPHER_CTX *ctx;
    int n = 0, last = 0, ok;

    if (len > INT_MAX - EXTRA || context_len > INT_MAX) {
        return luaL_error(L, "the text or the context is too long");
    }
    out = ol_newuserdata(L, len + EXTRA);
    ctx = EVP_CIPHER_CTX_new();
    ok = ctx != NULL && RAND_bytes(out, NONCE_LEN) == 1
         && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, out) == 1
         && EVP_EncryptUpdate(ctx, NULL, &n, context, (int)context_len) == 1
         && EVP_EncryptUpdate(ctx, out + NONCE_LEN, &n, in, (int)len) == 1
         && EVP_EncryptFinal_ex(ctx, out + NONCE_LEN + n, &last) == 1
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, out + NONCE_LEN + len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) {
        ERR_clear_error();
        return luaL_error(L, "libcrypto refused to seal");
    }
    lua_pushlstring(L, (const char *)out, len + EXTRA);
    return 1;
}

/* open(key, sealed [, context]) -> text; or nil and a message when a bit of it, the key or the
 * context is another */
static int l_open(lua_State *L)
{
    size_t len, context_len;
    const unsigned char *key = key_arg(L);
    const unsigned char *in = (const unsigned char *)ol_crypto_bytes(L, 2, "the sealed text", &len);
    const unsigned char *context = context_arg(L, &context_len);
    unsigned char *out, tag[TAG_LEN];
    EVP_CIPHER_CTX *ctx;
    int n = 0, last = 0, ok = 0;
    size_t text_len = len >= EXTRA ? len - EXTRA : 0;

    if (context_len > INT_MAX) {
        return luaL_error(L, "the context is too long");
    }
    out = ol_newuserdata(L, text_len + 1);
    if (len >= EXTRA && len <= INT_MAX) {
        memcpy(tag, in + NONCE_LEN + text_len, TAG_LEN);
        ctx = EVP_CIPHER_CTX_new();
        ok = ctx != NULL && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, in) == 1
             && EVP_DecryptUpdate(ctx, NULL, &n, context, (int)context_len) == 1
             && EVP_DecryptUpdate(ctx, out, &n, in + NONCE_LEN, (int)text_len) == 1
             && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1
             && EVP_DecryptFinal_ex(ctx, out + n, &last) == 1;
        EVP_CIPHER_CTX_free(ctx);
    }
    if (ok) {
        lua_pushlstring(L, (const char *)out, text_len);
    }
    OPENSSL_cleanse(out, text_len);
    if (ok) {
        return 1;
    }
    ERR_clear_error();
    lua_pushnil(L);
    lua_pushliteral(L, "not sealed with this key and context");
    return 2;
}

const luaL_Reg ol_crypto_seal[] = {
    {"seal", l_seal},
    {"open", l_open},
    {NULL, NULL}
};

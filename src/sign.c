/* sign.c - RSA signatures (PKCS #1 v1.5 with SHA-256) and the certificate that carries the key: what
 * the sandbox signs SAML responses with.
 *
 * Keys travel as PEM text and belong to nobody here: each call reads, uses and frees them.  libcurl
 * may share libcrypto's queue of errors with us, so nothing of ours is left in it. */
#include "crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { BITS_MIN = 2048, BITS_MAX = 4096, PEM_MAX = 8192, SIGNATURE_MAX = 2048, NAME_MAX_CHARS = 64 };

/* Without it libcrypto would ask the terminal for the password of an encrypted key. */
static int no_password(char *buf, int size, int writing, void *user)
{
    (void)buf, (void)size, (void)writing, (void)user;
    return -1;
}

/* Takes the text out of a memory BIO into `out`, frees the BIO; the length, or 0 when it does not fit. */
static size_t take_text(BIO *bio, char *out)
{
    size_t n = 0;
    int got = BIO_pending(bio) <= PEM_MAX ? BIO_read(bio, out, PEM_MAX) : 0;
    if (got > 0) {
        n = (size_t)got;
    }
    BIO_free(bio);
    return n;
}

/* rsa_generate(bits) -> private key, PKCS #8 in PEM */
static int l_rsa_generate(lua_State *L)
{
    long long bits;
    EVP_PKEY_CTX *ctx;
    EVP_PKEY *key = NULL;
    BIO *bio = NULL;
    char out[PEM_MAX];
    size_t n = 0;

    if (!ol_iswhole(L, 1, &bits) || bits < BITS_MIN || bits > BITS_MAX) {
        return luaL_error(L, "the number of bits must be a whole number from %d to %d", (int)BITS_MIN,
                          (int)BITS_MAX);
    }
    ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    if (ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1
        && EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) == 1 && EVP_PKEY_keygen(ctx, &key) == 1) {
        bio = BIO_new(BIO_s_secmem());
        if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
            n = take_text(bio, out);
        } else {
            BIO_free(bio);
        }
    }
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(ctx);
    if (n == 0) {
        ERR_clear_error();
        return luaL_error(L, "libcrypto could not make an RSA key");
    }
    lua_pushlstring(L, out, n);
    OPENSSL_cleanse(out, sizeof out);
    return 1;
}

static EVP_PKEY *only_rsa(EVP_PKEY *key)
{
    if (key != NULL && EVP_PKEY_base_id(key) != EVP_PKEY_RSA) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

/* The private key at idx; throws when the text is none.  The caller frees it. */
static EVP_PKEY *private_key(lua_State *L, int idx)
{
    size_t len;
    const char *text = ol_crypto_bytes(L, idx, "the key", &len);
    BIO *bio = len <= INT_MAX ? BIO_new_mem_buf(text, (int)len) : NULL;
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    key = only_rsa(key);
    if (key == NULL) {
        ERR_clear_error();
        luaL_error(L, "the key must be an unencrypted RSA private key in PEM");
    }
    return key;
}

/* The public key at idx, of a certificate or by itself; throws when the text is neither. */
static EVP_PKEY *public_key(lua_State *L, int idx)
{
    size_t len;
    const char *text = ol_crypto_bytes(L, idx, "the key", &len);
    BIO *bio = len <= INT_MAX ? BIO_new_mem_buf(text, (int)len) : NULL;
    EVP_PKEY *key = NULL;

    if (bio != NULL && strstr(text, "-----BEGIN CERTIFICATE-----") != NULL) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
        key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
        X509_free(certificate);
    } else if (bio != NULL) {
        key = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
    }
    BIO_free(bio);
    key = only_rsa(key);
    if (key == NULL) {
        ERR_clear_error();
        luaL_error(L, "the key must be a certificate or an RSA public key in PEM");
    }
    return key;
}

/* rsa_sign(private key, data) -> signature, raw bytes */
static int l_rsa_sign(lua_State *L)
{
    size_t len, n = SIGNATURE_MAX;
    const unsigned char *data = (const unsigned char *)ol_crypto_bytes(L, 2, "the data", &len);
    EVP_PKEY *key = private_key(L, 1);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char out[SIGNATURE_MAX];
    int ok = ctx != NULL && EVP_PKEY_size(key) <= SIGNATURE_MAX
             && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1
             && EVP_DigestSign(ctx, out, &n, data, len) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    if (!ok) {
        ERR_clear_error();
        return luaL_error(L, "libcrypto refused to sign with this key");
    }
    lua_pushlstring(L, (const char *)out, n);
    return 1;
}

/* rsa_verify(certificate or public key, data, signature) -> whether it is this key's for this data */
static int l_rsa_verify(lua_State *L)
{
    size_t len, signature_len;
    const unsigned char *data = (const unsigned char *)ol_crypto_bytes(L, 2, "the data", &len);
    const unsigned char *signature =
        (const unsigned char *)ol_crypto_bytes(L, 3, "the signature", &signature_len);
    EVP_PKEY *key = public_key(L, 1);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1
             && EVP_DigestVerify(ctx, signature, signature_len, data, len) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();
    lua_pushboolean(L, ok);
    return 1;
}

static int extend(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    int ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

/* Fills in and signs; 1 when all went well. */
static int compose(X509 *certificate, EVP_PKEY *key, const char *name, size_t name_len,
                   long long from, long long to)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    unsigned char serial[8];
    BIGNUM *number = NULL;
    int ok = RAND_bytes(serial, (int)sizeof serial) == 1;

    serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, and always eight bytes */
    number = ok ? BN_bin2bn(serial, (int)sizeof serial, NULL) : NULL;
    ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return ok && X509_set_version(certificate, 2) == 1
           && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name,
                                         (int)name_len, -1, 0) == 1
           && X509_set_issuer_name(certificate, subject) == 1
           && ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)from) != NULL
           && ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)to) != NULL
           && X509_set_pubkey(certificate, key) == 1
           && extend(certificate, NID_basic_constraints, "critical,CA:TRUE")
           && X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* certificate(private key, name, from, to) -> self-signed certificate, PEM; times in Unix seconds */
static int l_certificate(lua_State *L)
{
    size_t name_len, n = 0;
    long long from, to;
    const char *name = ol_crypto_bytes(L, 2, "the name", &name_len);
    char out[PEM_MAX];
    EVP_PKEY *key;
    X509 *certificate;

    if (name_len == 0 || name_len > NAME_MAX_CHARS) {
        return luaL_error(L, "the name must have 1 to %d characters", (int)NAME_MAX_CHARS);
    }
    if (!ol_iswhole(L, 3, &from) || !ol_iswhole(L, 4, &to) || from < 0 || to <= from) {
        return luaL_error(L, "the times must be whole Unix seconds, the second after the first");
    }
    key = private_key(L, 1);
    certificate = X509_new();
    if (certificate != NULL && compose(certificate, key, name, name_len, from, to)) {
        BIO *bio = BIO_new(BIO_s_mem());
        if (bio != NULL && PEM_write_bio_X509(bio, certificate) == 1) {
            n = take_text(bio, out);
        } else {
            BIO_free(bio);
        }
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (n == 0) {
        ERR_clear_error();
        return luaL_error(L, "libcrypto refused to make this certificate");
    }
    lua_pushlstring(L, out, n);
    return 1;
}

const luaL_Reg ol_crypto_sign[] = {
    {"rsa_generate", l_rsa_generate},
    {"rsa_sign", l_rsa_sign},
    {"rsa_verify", l_rsa_verify},
    {"certificate", l_certificate},
    {NULL, NULL}
};

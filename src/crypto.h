/* crypto.h - what the files of onelogin.crypto share: an argument that must be bytes, and the two
 * groups of functions that stand in files of their own.  No state; any thread with its own state
 * of Lua. */
#ifndef OL_CRYPTO_H
#define OL_CRYPTO_H

#include "compat.h"

/* The bytes at idx, which Lua keeps as long as the value stands there; `len` gets their number.
 * Throws, naming `name`, when it is no string; never NULL. */
const char *ol_crypto_bytes(lua_State *L, int idx, const char *name, size_t *len);

/* Lists to register, ended by a NULL name: RSA signatures and certificates (sign.c), authenticated
 * encryption (seal.c). */
extern const luaL_Reg ol_crypto_sign[];
extern const luaL_Reg ol_crypto_seal[];

#endif

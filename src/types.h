/* types.h - the four userdata that Lua code holds: client, operation, call, pager.
 *
 * Each file opens its type with one function that pushes the constructor.  A userdata holds one
 * reference to a C object that was allocated apart, and a uservalue table whose `client` or `op` entry keeps
 * its parent alive; finalisers may still run in any order, so none looks at a parent.  Lua's own methods are
 * added to the metatables' __index by the Lua layer.  One lua_State at a time. */
#ifndef OL_TYPES_H
#define OL_TYPES_H

#include "call.h"
#include "compat.h"
#include "page.h"
#include "response.h"

#define OL_CLIENT "onelogin.client"
#define OL_OPERATION "onelogin.operation"
#define OL_CALL "onelogin.call"
#define OL_PAGER "onelogin.pager"
#define OL_ERROR "onelogin.error"

typedef struct ol_lclient {
    ol_head head;
    ol_client *client; /* NULL = closed */
    char *base;        /* scheme and host, without a trailing slash */
    int official;      /* the base is OneLogin's own; elsewhere (a sandbox) an operation's own host is not used */
    char *id, *secret; /* secret NULL = not read yet (a function gives it) */
    char *agent;
    int basic;         /* Authorization form of the token route */
    ol_limits reads, writes;
    double max_body;
    int nulls_nil;
    unsigned process; /* fork.h */
} ol_lclient;

typedef struct ol_lop {
    ol_head head;
    char *id, *method, *path, *unwrap; /* NULL id = finalised */
    char *host;                        /* instead of the base URL of a client of OneLogin's own; NULL = none */
    int form;                          /* the body is an HTML form */
    int n_ids;
    enum ol_auth auth;
    enum ol_trait trait;
    enum ol_lane lane;
    int reads; /* takes the limits of reads */
    ol_shape shape;
} ol_lop;

/* Throws when the value is no such object or the client is closed. */
ol_lclient *ol_check_client(lua_State *L, int idx);
ol_lop *ol_check_op(lua_State *L, int idx);

/* Overlays the limits named in the table at idx (nil = none) on *limits; throws a string that names the option. */
void ol_limits_read(lua_State *L, int idx, ol_limits *limits);

/* Makes sure client->secret is set: asks the function in the client's uservalue (at idx) when there is none, or when
 * `fresh`.  0, or -1 and pushes a message. */
int ol_client_secret(lua_State *L, ol_lclient *client, int idx, int fresh);

/* The text of a string, number, boolean or boxed integer at idx, which must stay on the stack while *out is
 * used (a number is pushed as text in its place).  0 when it is none of these. */
int ol_totext(lua_State *L, int idx, const char **s, size_t *n);

/* Each pushes its constructor function and registers its metatable. */
void ol_open_client(lua_State *L);
void ol_open_operation(lua_State *L);
void ol_open_call(lua_State *L);
void ol_open_pager(lua_State *L);

/* A new metatable `name`: protected, with a fresh __index table of `methods`, and __gc/__close = close. */
void ol_newtype(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close, lua_CFunction tostring);

/* Entropy for jitter, never for secrets. */
unsigned long long ol_seed(void);

#endif

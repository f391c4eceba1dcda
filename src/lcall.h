/* lcall.h - what lcall.c (the call and its state machine) and lrequest.c (the request it sends) share.
 *
 * Internal to onelogin.core.  Everything belongs to the thread of the lua_State. */
#ifndef OL_LCALL_H
#define OL_LCALL_H

#include "buf.h"
#include "types.h"
#include "wire.h"

typedef struct ol_lcall {
    ol_wire wire;        /* first: the engine looks for it here, and ol_headed for its head */
    ol_call *call;       /* NULL = finalised */
    ol_lclient *client;  /* alive while the uservalue is */
    ol_lop *op;
    ol_shape shape;      /* the operation's, with this call's nulls */
    ol_buf url, body;
    ol_buf auth, token_url; /* of the request that is out */
    int has_body, has_headers;
    int out;             /* what was sent last: 0 nothing, 1 own request, 2 token request */
    int resting;         /* emptied, may serve another call */
    int busy;            /* its buffers are being read: Lua may collect meanwhile, and a finaliser close it */
    int no_secret;       /* ended because the secret could not be had; the token error says why */
} ol_lcall;

/* What the uservalue of a call holds. */
enum {
    OL_SLOT_VALUE = 1,   /* the mapped answer */
    OL_SLOT_INFO,
    OL_SLOT_TOKEN_ERROR,
    OL_SLOT_FAILURE,
    OL_SLOT_OP,
    OL_SLOT_CLIENT,
    OL_SLOT_PARAMS,
    OL_SLOT_HEADERS,
    OL_SLOTS = OL_SLOT_HEADERS
};

/* The parts of a request, from checked Lua values; each throws a string on what cannot be sent. */
void ol_request_ids(lua_State *L, ol_lcall *c, int idx);
void ol_request_query(lua_State *L, ol_lcall *c, int idx);
void ol_request_form(lua_State *L, ol_lcall *c, int idx);
void ol_request_check_headers(lua_State *L, const ol_lcall *c, int idx);

/* Fills c->wire with what is to be sent now: 0, or -1 and pushes a message.  The call is at index 1. */
int ol_request_fill(lua_State *L, ol_lcall *c, const ol_send *send);

/* Pushes c->wire as the table of the transport contract. */
void ol_request_push(lua_State *L, const ol_lcall *c, int token);

/* Pushes the request for showing; the mask (index 2) stands for what authorises it. */
int ol_request_describe(lua_State *L, ol_lcall *c);

/* Sets a string field of the table on top. */
static inline void ol_set_pair(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

#endif

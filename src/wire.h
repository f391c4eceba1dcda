/* wire.h - how a call hands its request to the engine, and gets the answer, without building Lua tables.
 *
 * Both live in modules of their own, so this struct is all they share: it stands at the head of the call
 * userdata.  Transports of users and the sandbox get the same request as a table (docs/design/drivers.md);
 * the engine takes either.  Filled by lcall.c, read by lcurl.c; valid until the call is asked what it wants again. */
#ifndef OL_WIRE_H
#define OL_WIRE_H

#include "compat.h"

#define OL_WIRE_TYPE "onelogin.call" /* the metatable's name */
#define OL_WIRE_HEADERS 8

typedef struct ol_wire_header {
    const char *name, *value; /* NUL-terminated */
    size_t name_len, value_len;
} ol_wire_header;

typedef struct ol_wire {
    ol_head head;
    size_t size;        /* sizeof(ol_wire) of who filled it: modules of different builds do not mix */
    int ready;          /* a request is out and not yet answered */
    const char *method;
    const char *url;
    const char *body;   /* NULL = none */
    size_t body_len;
    double timeout, connect_timeout;
    double max_body;
    int once;
    int n_headers;
    ol_wire_header headers[OL_WIRE_HEADERS];
} ol_wire;

#endif

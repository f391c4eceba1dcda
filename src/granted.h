/* granted.h - does an answer under 2xx let somebody in, or does it only say that one has to wait?
 *
 * Asked of the operations by which people are let in (trait `pending`): there what does not say success is
 * none, since a push that nobody has answered is HTTP 200 too.  Used by response.c only. */
#ifndef OL_GRANTED_H
#define OL_GRANTED_H

#include "response.h"

#include <lua.h>

/* NULL when the answer says success; else why not: "pending" (it says that it waits) or "undecided".  envelope: stack
 * index of the v1 status table, 0 = none; result: stack index of what the call would return.  The stack stays as it
 * is; the text is static. */
const char *ol_granted_not(lua_State *L, const ol_shape *shape, int envelope, int result);

#endif

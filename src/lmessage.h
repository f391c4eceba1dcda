/* lmessage.h - requests and answers as Lua tables, in the shape of the transport contract.
 *
 * Called from lcurl.c only.  Every function may throw (misuse, memory); none owns anything. */
#ifndef OL_LMESSAGE_H
#define OL_LMESSAGE_H

#include "engine.h"

#include <lua.h>

/* Checks the table at idx and fills r with pointers into its strings; throws a string on misuse.
 * Leaves values on the stack that keep them alive; *headers is the stack index of the headers
 * (a table or nil). */
void ol_read_request(lua_State *L, int idx, ol_request *r, int *headers);

/* Adds the headers checked by ol_read_request. */
void ol_add_headers(lua_State *L, int headers, ol_transfer *t);

/* Pushes the response, or nil and the failure, of a transfer that is done; how many values. */
int ol_push_result(lua_State *L, ol_transfer *t);

#endif

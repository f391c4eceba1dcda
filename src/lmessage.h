/* lmessage.h - requests and answers as Lua tables, in the shape of the transport contract.
 *
 * Called from lcurl.c only.  Every function may throw (misuse, memory); none owns anything. */
#ifndef OL_LMESSAGE_H
#define OL_LMESSAGE_H

#include "engine.h"
#include "wire.h"

#include <lua.h>

/* Checks the table at idx and fills r with pointers into its strings; throws a string on misuse.
 * Leaves values on the stack that keep them alive; *headers is the stack index of the headers
 * (a table or nil). */
void ol_read_request(lua_State *L, int idx, ol_request *r, int *headers);

/* Adds the headers checked by ol_read_request. */
void ol_add_headers(lua_State *L, int headers, ol_transfer *t);

/* The wire of the call userdata at idx, or NULL when the value is none; throws when it has no
 * request out. */
const ol_wire *ol_wire_at(lua_State *L, int idx);

/* The same as ol_read_request and ol_add_headers for a wire.  It is checked here again: part of it came
 * from a server (the token), and this is the last place before the network. */
void ol_read_wire(lua_State *L, const ol_wire *wire, ol_request *r);
void ol_add_wire_headers(lua_State *L, const ol_wire *wire, ol_transfer *t);

/* Pushes status, head and body of a transfer that is done, or nil and the failure; how many
 * values. */
int ol_push_raw(lua_State *L, ol_transfer *t);

/* Pushes the response, or nil and the failure, of a transfer that is done; how many values. */
int ol_push_result(lua_State *L, ol_transfer *t);

#endif

/* reason.h - reads out of an error answer why the call failed.
 *
 * The API has at least eleven error shapes, and which one comes depends on the service behind
 * the route: so all are tried on every answer (docs/design/errors.md).  Used by response.c only. */
#ifndef OL_REASON_H
#define OL_REASON_H

#include "response.h"

#include <lua.h>
#include <stddef.h>

/* What the body is, found out before. */
enum ol_body_form { OL_BODY_EMPTY, OL_BODY_JSON, OL_BODY_MARKUP, OL_BODY_TEXT, OL_BODY_BROKEN };

typedef struct ol_answer {
    int status;           /* HTTP status; 0 = the transport gave none */
    const char *body;     /* its bytes; "" when there are none.  Lives in the answer table */
    size_t len;
    enum ol_body_form form;
    int value;            /* stack index of the decoded body; 0 unless form is OL_BODY_JSON */
    const char *request_id; /* NULL = none */
    size_t request_id_len;
} ol_answer;

/* Pushes the error table of an answer that means failure, and fills kind, token_doubtful and
 * retry_after of *facts (the rest was filled from the headers). */
void ol_reason_push(lua_State *L, const ol_shape *shape, const ol_answer *a, ol_facts *facts);

/* Pushes a decode error: a 2xx whose body cannot be what was asked for; why ends a sentence. */
void ol_reason_decode(lua_State *L, const ol_shape *shape, const ol_answer *a, const char *why,
                      ol_facts *facts);

#endif

/* response.h - turns an answer of a transport into what the caller gets: a result, or an error
 * table.
 *
 * Every envelope and every error shape of the API is known here and nowhere else; what the
 * call machine needs to know goes into ol_facts.  Nothing here throws on what a server or a
 * transport sent (only when memory ends), and nothing keeps a pointer past its return.  All
 * belongs to the thread of the lua_State. */
#ifndef OL_RESPONSE_H
#define OL_RESPONSE_H

#include "facts.h"

#include <lua.h>
#include <stddef.h>

/* The traits of an operation that decide how its answer is read. All zero: a bare object. */
typedef struct ol_shape {
    int v1;             /* {"status": {...}, "data": ...} */
    int list;           /* the result is an array; an answer without one is a decode error */
    int none;           /* nothing to return: true */
    int value;          /* any JSON value, or plain text ("OK") */
    int raw;            /* the body as it is: another format, read elsewhere */
    int also;           /* a status that means success beside 2xx, 0 = none */
    int nested;         /* data: [[...]] */
    const char *unwrap; /* the result lies under this key of the data; NULL = it is the data */
    int paged;          /* 0, 1 = cursors in the v1 body, 2 = cursors in the headers */
    int person;         /* a 401 may mean the end user */
    int pending;        /* a 2xx may mean "not yet": then the result is false */
    int nulls_nil;      /* fields that are null are left out */
    int token;          /* the token route: its own envelope rule, and 401 is the pair's fault */
} ol_shape;

/* An answer as the engine gives it; the caller keeps the text alive. */
typedef struct ol_raw_answer {
    int status;
    const char *head; /* raw header lines, status line first */
    size_t head_len;
    const char *body;
    size_t body_len;
    int body_at;      /* absolute stack index of the string that body points into */
} ol_raw_answer;

/* Maps the answer: *raw, or when raw is NULL the table (as in the transport contract) at answer_idx.  Pushes exactly
 * two values:
 *   result, info       info is nil or a table: request_id, cursor, before, total, total_pages, page,
 *                      limit for lists; status_type, status_message when a v1 status says more
 *                      than "Success"
 *   false, info        of a shape that may be pending, while nothing is decided: status_type
 *                      "pending" or "undecided", and status_message
 *   nil, error table   kind, status, code, name, message, field, request_id, retry_after,
 *                      retryable, hint, body
 * and fills *facts. */
void ol_response_map(lua_State *L, const ol_shape *shape, int answer_idx, const ol_raw_answer *raw,
                     ol_facts *facts);

/* The same for the token routes (bare v2, wrapped v1, error bodies under HTTP 200).  Pushes the
 * decoded table or nil, then nil or the error table; t->access_token points into that table. */
void ol_response_token(lua_State *L, int answer_idx, const ol_raw_answer *raw, ol_facts *facts,
                       ol_token_facts *t);

/* Pushes { map = function(shape, answer) -> result, info, facts | nil, error, facts,
 *          token = function(answer) -> table, nil, facts, token facts | nil, error, facts }. */
int ol_response_open(lua_State *L);

#endif

/* headers.h - reads the few headers of an answer that mean something to us.
 *
 * * Names may come in any case and values as numbers: the transport contract says lower-case
 * text, but users write transports too.  Used by response.c only; all belongs to the thread of
 * the lua_State. */
#ifndef OL_HEADERS_H
#define OL_HEADERS_H

#include "facts.h"

#include <lua.h>
#include <stddef.h>

enum {
    OL_H_DATE,
    OL_H_RETRY_AFTER,
    OL_H_LIMIT,
    OL_H_REMAINING,
    OL_H_RESET,
    OL_H_REQUEST_ID,
    OL_H_AFTER,
    OL_H_BEFORE,
    OL_H_TOTAL,
    OL_H_PAGES,
    OL_H_PAGE,
    OL_H_ITEMS,
    OL_H_COUNT
};

/* Values live in the answer table (or in num), as long as nobody changes that. */
typedef struct ol_headers {
    const char *value[OL_H_COUNT]; /* NULL = absent or empty */
    size_t len[OL_H_COUNT];
    char num[OL_H_COUNT][32];
} ol_headers;

/* Reads the field `headers` of the answer table at idx; any of it may be missing or of another
 * type. */
void ol_headers_read(lua_State *L, int answer, ol_headers *hs);

/* The same from the raw header lines of an answer, status line first. */
void ol_headers_scan(const char *head, size_t n, ol_headers *hs);

/* Fills *f from status and headers; kind and token_doubtful become "success". */
void ol_headers_facts(const ol_headers *hs, int status, ol_facts *f);

/* Header h as a number, or -1 when it is absent, negative or none. */
double ol_header_number(const ol_headers *hs, int h);

/* The decimal number in front of s ("5000", "1.5", "10, 10") to *out; 0 when there is none.  Not
 * strtod: that takes "inf", hex and the locale's comma. */
int ol_number_at(const char *s, size_t n, double *out);

#endif

/* url.h - builds request URLs so that no id or value can reach another route or filter.
 *
 * Ids come from people, files and other systems.  An id fills exactly one path segment or is refused
 * before any I/O; query values are always encoded.  No Lua, no curl; safe in any thread. */
#ifndef OL_URL_H
#define OL_URL_H

#include <stddef.h>

#include "buf.h"

typedef struct ol_span {
    const char *s;
    size_t n;
} ol_span;

/* NULL when the base URL may be used: https, or http to a loopback host; no user info, query, fragment
 * or trailing path beyond "/".  Else a sentence that says what is wrong.  *len gets the length without
 * a trailing slash. */
const char *ol_url_check_base(const char *s, size_t n, size_t *len);

/* NULL when `id` may fill a path segment, else why not ("is empty", "contains a slash", ...). */
const char *ol_url_check_id(const char *id, size_t n);

/* Number of {placeholders} in a path template. */
int ol_url_count(const char *path);

/* Name of placeholder number i (from 0) of the template; {NULL, 0} when there is none. */
ol_span ol_url_name(const char *path, int i);

/* Appends the path with its placeholders filled from ids[0..n_ids), each percent-encoded.  The ids must
 * have passed ol_url_check_id and their number ol_url_count.  1, or 0 when the buffer failed. */
int ol_url_path(ol_buf *out, const char *path, const ol_span *ids, int n_ids);

/* Appends "?name=value" or "&name=value" (first says which), both encoded.  1 or 0. */
int ol_url_query(ol_buf *out, int first, const char *name, size_t name_n, const char *value, size_t value_n);

/* Appends s with everything but RFC 3986 unreserved characters percent-encoded.  1 or 0. */
int ol_url_encode(ol_buf *out, const char *s, size_t n);

/* NULL when s is a path that the escape hatch may send: starts with one slash, no "..", no control
 * characters, blanks, "?" or "#"; else why not. */
const char *ol_url_check_path(const char *s, size_t n);

#endif

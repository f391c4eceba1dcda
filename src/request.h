/* request.h - what may go on the wire.
 *
 * Checked before anything is opened: a line break in a header would be another header, and plain
 * http to a public host would show the bearer to everybody.  Pure functions, any thread.  Each
 * returns NULL when the value is acceptable, else what is wrong with it and the remedy: static text
 * that holds no part of the input.  Strings are NUL-terminated behind len. */
#ifndef OL_REQUEST_H
#define OL_REQUEST_H

#include <stddef.h>

const char *ol_check_method(const char *method, size_t len);

/* https to anywhere, http to loopback only. */
const char *ol_check_url(const char *url, size_t len);

const char *ol_check_header(const char *name, size_t name_len, const char *value, size_t value_len);

const char *ol_check_proxy(const char *proxy, size_t len);

#endif

/* buf.h - a growing byte buffer with a ceiling.
 *
 * Everything that takes bytes from outside has to be bounded, and what held a secret has to be
 * wiped; this is the one place that does both.  No Lua, no curl.  Not for use by two threads at once. */
#ifndef OL_BUF_H
#define OL_BUF_H

#include <stddef.h>

typedef struct ol_buf {
    char *data;  /* NULL while nothing was added; else NUL-terminated behind len */
    size_t len;
    size_t cap;
    size_t max;  /* most bytes it may hold; 0 = no ceiling */
    int failed;  /* sticky: 1 ceiling reached, 2 out of memory; the content is then incomplete */
} ol_buf;

/* Prepares an empty buffer.  Allocates nothing. */
void ol_buf_init(ol_buf *b, size_t max);

/* Appends; 1 on success, 0 when the ceiling or memory ended (b->failed says which).
 * After a failure every further append fails too. */
int ol_buf_add(ol_buf *b, const void *p, size_t n);
int ol_buf_adds(ol_buf *b, const char *s);
int ol_buf_addc(ol_buf *b, char c);

/* Makes room for n more bytes without adding them; 1 or 0 as above. */
int ol_buf_reserve(ol_buf *b, size_t n);

/* Empties it and keeps the memory. */
void ol_buf_clear(ol_buf *b);

/* Overwrites with zeros, frees, and leaves an empty buffer that may be used again. */
void ol_buf_free(ol_buf *b);

/* Overwrites n bytes in a way the compiler keeps.  p may be NULL when n is 0. */
void ol_wipe(void *p, size_t n);

/* A NUL-terminated copy the caller frees with ol_strfree; NULL when out of memory. */
char *ol_strdup(const char *s, size_t n);

/* Wipes and frees a string made by ol_strdup; NULL is ignored. */
void ol_strfree(char *s);

#endif

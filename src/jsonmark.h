/* jsonmark.h - finds in a JSON text what lua-cjson 2.1.0 would lose, accept wrongly or refuse, and
 * rewrites only that.
 *
 * cjson turns "[]" into {} and integers past 2^53 into other integers, takes `1.` and `01`, and
 * refuses a lone surrogate.  So one pass looks at the text first: usually it finds nothing and the
 * text goes to cjson as it is; else a copy is made in which
 *   []                          becomes  ["NONCE"]
 *   an integer of 16+ digits    becomes  ["NONCE12345678901234567"]
 *   a lone \ud800..\udfff       becomes  \ufffd
 *   a raw NUL within a string   becomes  \u0000
 *   a byte order mark in front  is left out
 * and the walk over the decoded value turns the marks back.  A mark is an array and no string, so
 * that what was no valid JSON (a number as a key) stays invalid.  NONCE is random and never leaves
 * the process: a server cannot write it.  No Lua.  Safe in any thread. */
#ifndef OL_JSONMARK_H
#define OL_JSONMARK_H

#include "buf.h"

#include <stddef.h>

#define OL_NONCE_LEN 16 /* bytes of printable text, 96 random bits */

enum ol_mark_result {
    OL_MARK_CLEAN,  /* nothing to mark (cjson refuses what else may be wrong) */
    OL_MARK_NEEDED, /* out was NULL: call again with a buffer; else out holds the marked text */
    OL_MARK_BAD,    /* no JSON: why and at say so */
    OL_MARK_MEMORY  /* out could not grow */
};

typedef struct ol_marks {
    const char *why; /* static text */
    size_t at;       /* byte, from 1 */
    int huge;        /* some literal may be beyond the range of a double: look for infinities */
} ol_marks;

/* Looks at s[0..n).  out may be NULL: then it stops at the first thing to mark.  nonce holds
 * OL_NONCE_LEN bytes that need no escaping.  Only tokens are checked; the grammar is cjson's
 * work. */
enum ol_mark_result ol_mark(const char *s, size_t n, const char *nonce, ol_buf *out, ol_marks *m);

/* Leaves out members of objects whose value is null, where they stand as servers write them: "name":null between
 * braces and commas, with no blanks, in a text without escapes.  Others stay for the walk.  It changes no other
 * value and makes no valid JSON of an invalid text; only where a name stands twice in one object does a null lose
 * its say.  1: out holds the shorter text; 0: nothing was left out, out is of no use; -1: out could not grow. */
int ol_mark_drop_nulls(const char *s, size_t n, ol_buf *out);

/* The byte of s (from 1) that byte `at` (from 1) of the marked text came from. */
size_t ol_mark_source(const char *s, size_t n, const char *nonce, size_t at);

#endif

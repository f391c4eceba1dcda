/* token.h - one access token and what is known of its life.
 *
 * The server re-issues the SAME token until it expires or is revoked, so asking early gains nothing and
 * expiry counts from created_at.  No I/O, no clock: time comes in.  One thread at a time. */
#ifndef OL_TOKEN_H
#define OL_TOKEN_H

#include <stddef.h>

/* mono: monotonic seconds, for waits and deadlines.  wall: unix time, for expiry and what is shared. */
typedef struct ol_time {
    double mono, wall;
} ol_time;

/* An expired token that the server has just confirmed is used this long before it is asked for again. */
#define OL_TOKEN_REST 10.0

typedef struct ol_token {
    char *value;              /* owned, wiped; NULL = none yet */
    size_t len;
    double expires;           /* local wall time */
    double fetched;           /* mono time of the last fetch, whether or not the value changed */
    unsigned long generation; /* grows when the value changes; 0 = none yet */
    int dropped;              /* refused by a 401 since it was fetched */
} ol_token;

void ol_token_init(ol_token *t);
/* Wipes; the generation goes on counting so that old requests are still told apart. */
void ol_token_free(ol_token *t);

/* May a request be sent with it now? */
int ol_token_usable(const ol_token *t, ol_time now);

/* Takes over a fetched token.  created_at, expires_in and date (the answer's Date header) may each be < 0 =
 * unknown.  Expiry is created_at + expires_in moved by the difference between the server's clock and ours.
 * 1 when the value is new, 0 when it is the same as before, -1 when out of memory (nothing changed then). */
int ol_token_set(ol_token *t, const char *value, size_t len, double created_at, double expires_in, double date,
                 ol_time now);

/* The same for a token another process shared: its expiry is already in wall time. */
int ol_token_adopt(ol_token *t, const char *value, size_t len, double expires, ol_time now);

/* A 401 met the token of that generation: it is not used again unless the server confirms it.  A newer
 * token is left alone. */
void ol_token_drop(ol_token *t, unsigned long generation);

#endif

/* retry.h - whether a request may be repeated, when, and whether the client can still afford it.
 *
 * Repetition follows the operation's declared trait, never the method alone.  Delays are full jitter;
 * the server's own word comes first.  A quota shared by all calls of a client keeps an outage from
 * multiplying traffic.  No clock, no random: both come in. */
#ifndef OL_RETRY_H
#define OL_RETRY_H

/* What may happen to an operation when its fate is unclear. */
enum ol_trait {
    OL_SAFE,   /* repeating does no harm */
    OL_UNSENT, /* only when the server surely did not act on it */
    OL_NEVER   /* only when no byte has left: it carries a password or a code */
};

/* What became of one attempt. */
enum ol_fate {
    OL_FATE_UNSENT,     /* failed before a byte left */
    OL_FATE_UNANSWERED, /* bytes left, no whole answer came */
    OL_FATE_REFUSED,    /* answered: not now (rate limit); the server did not act */
    OL_FATE_BROKEN,     /* answered 408 or 5xx: the server may have acted */
    OL_FATE_FINAL       /* answered for good, or failed in a way that a repetition cannot mend */
};

typedef struct ol_backoff {
    int attempts;        /* in all, >= 1 */
    double base;         /* seconds, first ceiling */
    double base_limited; /* the same after a rate limit */
    double cap;          /* highest ceiling */
} ol_backoff;

#define OL_QUOTA_RETRY 5.0
#define OL_QUOTA_TIMEOUT 10.0

typedef struct ol_quota {
    double left, capacity;
} ol_quota;

int ol_retry_allowed(enum ol_trait trait, enum ol_fate fate);

/* Seconds before retry number n (1 = first).  server < 0: the server said nothing; else its wish comes
 * first and jitter only spreads the herd after it.  random01 in [0, 1). */
double ol_retry_delay(const ol_backoff *b, int n, int limited, double server, double random01);

/* Is this HTTP status worth a repetition where the trait allows it? */
enum ol_fate ol_retry_status_fate(int status, int limited);

void ol_quota_init(ol_quota *q, double capacity);
/* Takes the cost; 0 and nothing taken when there is too little. */
int ol_quota_take(ol_quota *q, double cost);
/* Gives back after a success: the cost of the retry that led to it, or 1 for a first-time success. */
void ol_quota_refund(ol_quota *q, double cost);

#endif
